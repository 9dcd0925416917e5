"""The 4 and 7 parameters by which survey offices lead from one datum or grid to another.

No public source has them: they come from a person or a configuration, in words that name units.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from gis.crs import parse
from gis.errors import Problem
from gis.refusals.values import BAD_PARAMETER


class Rotation(StrEnum):
    """The two conventions for the signs of the rotations; they must not be mixed up.

    The Bursa-Wolf formula of Chinese textbooks (布尔沙) is COORDINATE_FRAME.
    """

    POSITION_VECTOR = "position-vector"  # EPSG method 9606
    COORDINATE_FRAME = "coordinate-frame"  # EPSG method 9607


@dataclass(frozen=True, slots=True)
class SevenParameters:
    """From the datum of a CRS to CGCS2000 or WGS 84, between geocentric axes.

    Shifts in metres, rotations in seconds of arc, scale difference in millionths (1 ppm makes a
    kilometre 1 mm longer). With zero rotations and scale these are the three parameters.
    """

    dx_m: float
    dy_m: float
    dz_m: float
    rx_arcsec: float
    ry_arcsec: float
    rz_arcsec: float
    scale_ppm: float
    rotation: Rotation


@dataclass(frozen=True, slots=True)
class FourParameters:
    """From one plane grid to another, `target`, a projected CRS of CGCS2000 or WGS 84.

    As Chinese survey sheets write it, with x = north, y = east and k = 1 + scale_ppm/1e6:
    x' = north_m + k (x cos α − y sin α), y' = east_m + k (x sin α + y cos α), so that the angle α,
    in seconds of arc, is positive from north to east.
    """

    north_m: float
    east_m: float
    angle_arcsec: float
    scale_ppm: float
    target: str  # as `crs.parse` reads it: "EPSG:4543"


HelmertParameters = SevenParameters | FourParameters


def parameters(given: str | Mapping[str, object]) -> HelmertParameters:
    """The 4 or 7 parameters that a person or a configuration gives, by the names of their fields.

    A text holds them as "name=value" with commas between. Units are in the names: metres, seconds
    of arc, millionths. Problem(BAD_PARAMETER) names the one that is missing, unknown, given twice
    or of no use.

    >>> parameters("north_m=1, east_m=2, angle_arcsec=0, scale_ppm=0, target=EPSG:4543").target
    'EPSG:4543'
    """
    pairs = _pairs(given) if isinstance(given, str) else list(given.items())
    values = dict(pairs)
    is_plane = values.keys() & {"north_m", "east_m", "angle_arcsec", "target"}
    kind = FourParameters if is_plane else SevenParameters
    wanted = [field.name for field in fields(kind)]
    _check_names([name for name, _ in pairs], wanted)
    return kind(**{name: _READERS.get(name, _number)(name, values[name]) for name in wanted})


def _pairs(text: str) -> list[tuple[str, object]]:
    plain = unicodedata.normalize("NFKC", text)
    parts = (part.partition("=") for part in re.split(r"[,;\n]", plain) if part.strip())
    return [(name.strip(), value.strip()) for name, _, value in parts]


def _check_names(names: list[str], wanted: list[str]) -> None:
    for name in names:
        if name not in wanted:
            raise _unfit(name, f"不在 {'、'.join(wanted)} 之内", f"is none of {', '.join(wanted)}")
        if names.count(name) > 1:
            raise _unfit(name, "给了两次", "is given twice")
    for name in wanted:
        if name not in names:
            raise _unfit(name, "没有给出", "is missing")


def _number(name: str, value: object) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(str(value))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise _unfit(name, f"“{value}”不是数", f"is {value!r}, which is no number")
    return number


def _rotation(name: str, value: object) -> Rotation:
    try:
        return Rotation(str(value))
    except ValueError:
        allowed = " / ".join(Rotation)
        raise _unfit(name, f"“{value}”不是 {allowed}", f"is {value!r} and not {allowed}") from None


def _target(name: str, value: object) -> str:
    code = str(value)
    try:
        parse(code)
    except Problem:
        raise _unfit(name, f"“{code}”不是坐标系", f"is {code!r}, which is no CRS") from None
    return code


_READERS: Mapping[str, Callable[[str, object], Any]] = {
    "rotation": _rotation,
    "target": _target,
}


def _unfit(name: str, reason_zh: str, reason: str) -> Problem:
    return Problem(
        BAD_PARAMETER,
        name="transform",
        reason_zh=f"{name} {reason_zh}",
        reason=f"{name} {reason}",
    )
