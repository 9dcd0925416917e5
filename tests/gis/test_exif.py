"""Position and time of photographs, whatever the bytes say."""

import io
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image

from gis import exif
from gis.exif import Taken

GPS, BASE = ExifTags.GPS, ExifTags.Base


def photograph(
    gps: dict[int, Any] | None = None, more: dict[int, Any] | None = None, turn: int | None = None
) -> Image.Image:
    image, out, tags = Image.new("RGB", (8, 6)), io.BytesIO(), Image.Exif()
    if gps:
        tags.get_ifd(ExifTags.IFD.GPSInfo).update(gps)
    if more:
        tags.get_ifd(ExifTags.IFD.Exif).update(more)
    if turn is not None:
        tags[BASE.Orientation] = turn
    image.save(out, "JPEG", exif=tags)
    return Image.open(io.BytesIO(out.getvalue()))


HERE = {
    GPS.GPSLongitudeRef: "E",
    GPS.GPSLongitude: (101.0, 49.0, 12.0),
    GPS.GPSLatitudeRef: "N",
    GPS.GPSLatitude: (36.0, 37.0, 12.0),
}


def test_a_photograph_says_where_and_when() -> None:
    when = {BASE.DateTimeOriginal: "2017:07:21 09:30:00", BASE.OffsetTimeOriginal: "+08:00"}
    taken = exif.read(photograph({**HERE, GPS.GPSMapDatum: "WGS-84"}, when, turn=6))
    assert taken.lon == pytest.approx(101.82)
    assert taken.lat == pytest.approx(36.62)
    assert (taken.datum, taken.orientation) == ("WGS-84", 6)
    zone = timezone(timedelta(hours=8))
    assert taken.at == datetime(2017, 7, 21, 9, 30, tzinfo=zone)


def test_the_western_and_southern_sides_are_negative() -> None:
    taken = exif.read(photograph({**HERE, GPS.GPSLongitudeRef: "W", GPS.GPSLatitudeRef: "S"}))
    assert (taken.lon, taken.lat) == (pytest.approx(-101.82), pytest.approx(-36.62))


def test_a_clock_without_a_zone_has_none() -> None:
    taken = exif.read(photograph(None, {BASE.DateTimeOriginal: "2017:07:21 09:30:00"}))
    assert taken.at == datetime(2017, 7, 21, 9, 30)  # noqa: DTZ001


@pytest.mark.parametrize(
    "gps",
    [
        {},
        {GPS.GPSLongitude: (101.0, 49.0, 12.0), GPS.GPSLongitudeRef: "E"},
        {**HERE, GPS.GPSLongitudeRef: "X"},
        {**HERE, GPS.GPSLatitude: (96.0, 0.0, 0.0)},
        {**HERE, GPS.GPSLongitude: (0.0, 0.0, 0.0), GPS.GPSLatitude: (0.0, 0.0, 0.0)},
    ],
)
def test_a_position_that_cannot_be_is_none(gps: dict[int, Any]) -> None:
    taken = exif.read(photograph(gps))
    assert (taken.lon, taken.lat) == (None, None)


@pytest.mark.parametrize("text", ["2017-07-21 09:30:00", "0000:00:00 00:00:00", "", "nonsense"])
def test_a_time_that_cannot_be_is_none(text: str) -> None:
    assert exif.read(photograph(None, {BASE.DateTimeOriginal: text})).at is None


@pytest.mark.parametrize("zone", ["+99:00", "08:00", "+8:00", "+08:77", "Z"])
def test_a_zone_that_cannot_be_is_none(zone: str) -> None:
    when = {BASE.DateTimeOriginal: "2017:07:21 09:30:00", BASE.OffsetTimeOriginal: zone}
    taken = exif.read(photograph(None, when))
    assert taken.at is not None
    assert taken.at.tzinfo is None


@given(st.binary(max_size=400))
def test_hostile_exif_tells_nothing_or_something_that_can_be(content: bytes) -> None:
    out = io.BytesIO()
    Image.new("RGB", (8, 6)).save(out, "JPEG", exif=b"Exif\0\0" + content)
    taken = exif.read(Image.open(io.BytesIO(out.getvalue())))
    assert isinstance(taken, Taken)
    assert taken.lon is None or -180 <= taken.lon <= 180
    assert taken.orientation in range(1, 9)
