"""Which columns of a table say where, and the many ways in which people write a coordinate."""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import shapely

from gis.errors import GEOMETRY_UNREADABLE, Finding
from gis.formats.rawtable import RawTable, unreadable
from gis.geometry import Findings, Geometries, parsed

LON, LAT, WKT = "lon", "lat", "wkt"

# In China's survey books 横坐标 is the easting and called Y, 纵坐标 the northing and called X, so
# that only the numbers tell which of X and Y is the easting.
_PAIRS = (
    (LON, LAT),
    ("经度", "纬度"),
    ("longitude", "latitude"),
    ("lng", "lat"),
    ("东经", "北纬"),
    ("经度坐标", "纬度坐标"),
    ("x", "y"),
    ("x坐标", "y坐标"),
    ("坐标x", "坐标y"),
    ("东坐标", "北坐标"),
    ("横坐标", "纵坐标"),
    ("easting", "northing"),
    ("point_x", "point_y"),
)
_TOGETHER = ("经纬度", "坐标", "经纬度坐标", "位置坐标", "coordinates")
_WKTS = (WKT, "geometry", "geom")

_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_DMS = re.compile(
    r"(?P<before>[EWNS东西北南])?[经纬]?\s*(?P<degrees>\d{1,3})\s*[°º˚度]\s*"
    r"((?P<minutes>\d{1,2}(\.\d+)?)\s*['’′分]\s*)?"
    r"((?P<seconds>\d{1,2}(\.\d+)?)\s*([\"”″秒]|['’′]{2})\s*)?(?P<after>[EWNS])?",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*[,;、]\s*|\s+")


class _Where(NamedTuple):
    columns: tuple[str, ...]
    kind: str  # "points", "together" or "wkt"


def located(columns: Mapping[str, Sequence[object]], name: str) -> RawTable:
    """The table with its coordinates made into geometries, first coordinate as x, in file units.

    Columns are known by heading: longitude and latitude, x and y, both in one, or WKT. A
    coordinate that is none is a finding of its row; Problem(FILE_UNREADABLE) without such columns.
    """
    where = _where(list(columns))
    if where is None:
        raise unreadable(
            name, "没有 lon 和 lat 列,也没有 wkt 列", "it has neither columns lon and lat nor wkt"
        )
    notes: Findings = ()
    if where.kind == "wkt":
        geometries, findings, notes = _wkts(columns, *where.columns)
    else:
        pair = where.columns if where.kind == "points" else where.columns * 2
        geometries, findings = _points(columns, pair, together=where.kind == "together")
    rest = {title: values for title, values in columns.items() if title not in where.columns}
    return RawTable(rest, geometries, findings=findings, notes=notes)


def says_where(heading: Sequence[str]) -> bool:
    """Whether `located` would find its columns in this heading."""
    return _where(heading) is not None


def coordinate(value: object) -> float | None:
    """A coordinate as people write it: a number, or degrees, minutes and seconds; None if neither.

    >>> coordinate("101.83"), coordinate("东经101°49′12″"), coordinate("36°37'12\\"N")
    (101.83, 101.82, 36.62)
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if abs(value) < 1e300 else None
    text = plain(str(value or "")).strip()
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if _DECIMAL.fullmatch(text):
        return float(text) if math.isfinite(float(text)) else None
    found = _DMS.fullmatch(text)
    return _from_dms(found) if found else None


def plain(text: str) -> str:
    """Full-width digits and signs as ordinary ones.

    >>> plain("101.83,36.62")
    '101.83,36.62'
    """
    return unicodedata.normalize("NFKC", text)


def _from_dms(found: re.Match[str]) -> float | None:
    minutes, seconds = float(found["minutes"] or 0), float(found["seconds"] or 0)
    if minutes >= 60 or seconds >= 60:
        return None
    degrees = round(int(found["degrees"]) + minutes / 60 + seconds / 3600, 12)
    side = (found["before"] or found["after"] or "").upper()
    return -degrees if side in {"W", "S", "西", "南"} else degrees


def _where(heading: Sequence[str]) -> _Where | None:
    by_name = {_bare(title): title for title in reversed(heading)}
    for family in _PAIRS:
        if all(column in by_name for column in family):
            return _Where(tuple(by_name[column] for column in family), "points")
    for kind, names in (("wkt", _WKTS), ("together", _TOGETHER)):
        for column in names:
            if column in by_name:
                return _Where((by_name[column],), kind)
    return None


def _bare(title: str) -> str:
    """A heading without its unit and spaces: 经度(°) is 经度."""
    text = plain(title).casefold()[:100]
    return re.sub(r"\([^()]*\)|\[[^\[\]]*\]|/.*|\s", "", text)


def _points(
    columns: Mapping[str, Sequence[object]], pair: Sequence[str], *, together: bool
) -> tuple[Geometries, Findings]:
    places = np.full((len(columns[pair[0]]), 2), np.nan)
    findings: list[Finding] = []
    for axis, column in enumerate(pair):
        for position, value in enumerate(columns[column]):
            number = coordinate(_half(value, axis) if together else value)
            if number is not None:
                places[position, axis] = number
            elif value is not None and not (together and axis):
                reason = {"reason": f"{str(value)[:40]!r} is no number"}
                findings.append(Finding(GEOMETRY_UNREADABLE, position + 1, column, reason))
    whole = ~np.isnan(places).any(axis=1)
    geometries = np.full(len(places), None, dtype=object)
    geometries[whole] = shapely.points(places[whole])
    return geometries, tuple(findings)


def _half(value: object, axis: int) -> str | None:
    """One of two coordinates in a cell: "101.83,36.62"."""
    halves = _BETWEEN.split(plain(str(value or ""))[:100].strip(" ()[]"))
    return halves[axis] if len(halves) == 2 else None


def _wkts(
    columns: Mapping[str, Sequence[object]], column: str
) -> tuple[Geometries, Findings, Findings]:
    texts = [None if value is None else str(value) for value in columns[column]]
    geometries, closed = parsed(shapely.from_wkt, np.array(texts, dtype=object))
    findings = [
        Finding(GEOMETRY_UNREADABLE, position + 1, column, {"reason": f"{text[:40]!r} is no WKT"})
        for position, text in enumerate(texts)
        if text is not None and geometries[position] is None
    ]
    return geometries, tuple(findings), closed
