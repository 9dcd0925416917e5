"""Where and when a photograph says that it was taken (Exif 3.0, GPS and Exif IFDs)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from PIL import ExifTags, Image

_ZERO_ISLAND_DEG = 1e-6  # cameras without a fix write 0, 0
_FORMAT = "%Y:%m:%d %H:%M:%S"
_MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Taken:
    """What a photograph tells of itself; None where it tells nothing that can be.

    `lon` and `lat` are degrees of the datum that the camera names (`datum`, "WGS-84" mostly; phones
    in China may mean GCJ-02 and not say so). `at` has an offset only where the camera wrote one:
    a camera's clock says what time it is where it stands. `orientation` is Exif's, 1 to 8.
    """

    lon: float | None = None
    lat: float | None = None
    datum: str | None = None
    at: datetime | None = None
    orientation: int = 1


def read(image: Image.Image) -> Taken:
    """The position and the time in an image's Exif; whatever is no Exif tells nothing."""
    try:
        exif = image.getexif()
        gps, more = (exif.get_ifd(ifd) for ifd in (ExifTags.IFD.GPSInfo, ExifTags.IFD.Exif))
    except Exception:
        return Taken()
    lon, lat = _position(gps)
    return Taken(lon, lat, _text(gps.get(ExifTags.GPS.GPSMapDatum)), _time(more), _turn(exif))


def _position(gps: Mapping[int, Any]) -> tuple[float | None, float | None]:
    lon = _degrees(gps, ExifTags.GPS.GPSLongitude, ExifTags.GPS.GPSLongitudeRef, "EW", 180)
    lat = _degrees(gps, ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLatitudeRef, "NS", 90)
    if lon is None or lat is None or math.hypot(lon, lat) < _ZERO_ISLAND_DEG:
        return None, None
    return lon, lat


def _degrees(
    gps: Mapping[int, Any], tag: int, reference: int, sides: str, limit: int
) -> float | None:
    side = (_text(gps.get(reference)) or "").upper()
    try:
        degrees, minutes, seconds = (float(part) for part in gps[tag])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if side not in tuple(sides) or not 0 <= value <= limit:  # not a number is not there either
        return None
    return -value if side == sides[1] else value


def _time(exif: Mapping[int, Any]) -> datetime | None:
    text = _text(exif.get(ExifTags.Base.DateTimeOriginal))
    try:
        at = datetime.strptime(text or "", _FORMAT)  # noqa: DTZ007  a camera may not know its zone
    except ValueError:
        return None
    return at.replace(tzinfo=_zone(_text(exif.get(ExifTags.Base.OffsetTimeOriginal))))


def _zone(text: str | None) -> timezone | None:
    """`+08:00` as a time zone."""
    if text is None or len(text) != len("+08:00") or text[0] not in "+-":
        return None
    hours, minutes = text[1:3], text[4:]
    if not (hours.isdecimal() and minutes.isdecimal() and int(minutes) < _MINUTE_S):
        return None
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if text[0] == "-" else offset) if offset < timedelta(days=1) else None


def _turn(exif: Mapping[int, Any]) -> int:
    found = exif.get(ExifTags.Base.Orientation)
    return found if isinstance(found, int) and found in range(1, 9) else 1


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    if not isinstance(value, str):
        return None
    text = value.strip("\0 ")
    return text if text and text.isprintable() else None
