"""The columns of a table that say where as geometries, however people write a coordinate."""

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np
import shapely

from gis.datum import Datum
from gis.errors import Finding
from gis.formats.headings import plain, where
from gis.formats.rawtable import RawTable, unreadable
from gis.geometry import Findings, Geometries, parsed
from gis.refusals.values import GEOMETRY_UNREADABLE

_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_DMS = re.compile(
    r"(?P<before>[EWNS东西北南])?[经纬]?\s*(?P<degrees>\d{1,3})\s*[°º˚度]\s*"
    r"((?P<minutes>\d{1,2}(\.\d+)?)\s*['’′分]\s*)?"
    r"((?P<seconds>\d{1,2}(\.\d+)?)\s*([\"”″秒]|['’′]{2})\s*)?(?P<after>[EWNS])?",
    re.IGNORECASE,
)
_DEGREES = re.compile(
    r"(?P<before>[EWNS东西北南])?[经纬]?\s*(?P<degrees>\d{1,3}(\.\d+)?)\s*[°º˚度]?\s*(?P<after>[EWNS])?",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*[,;、]\s*|\s+")


def located(
    columns: Mapping[str, Sequence[object]],
    name: str,
    preferred: Datum | None = None,
    *,
    asked: bool = True,
    required: bool = True,
) -> RawTable:
    """The table with its coordinates made into geometries, first coordinate as x, in file units.

    Columns are known by heading (`gis.formats.headings`), those of the `preferred` datum first:
    longitude and latitude, x and y, both in one, or WKT. A coordinate that is none is a finding
    of its row. Without such columns: Problem(FILE_UNREADABLE), or where no place is `required` or
    `asked` for, all columns as they are and geometries of None.
    """
    found = where(list(columns), preferred) if asked else None
    if found is None and not (asked and required):
        rows = max(map(len, columns.values()), default=0)
        return RawTable(columns, np.full(rows, None, dtype=object))
    if found is None:
        raise unreadable(
            name, "没有 lon 和 lat 列，也没有 wkt 列", "it has neither columns lon and lat nor wkt"
        )
    notes: Findings = ()
    if found.kind == "wkt":
        geometries, findings, notes = _wkts(columns, *found.columns)
    else:
        pair = found.columns if found.kind == "points" else found.columns * 2
        geometries, findings = _points(columns, pair, together=found.kind == "together")
    rest = {title: values for title, values in columns.items() if title not in found.columns}
    return RawTable(rest, geometries, found.crs, findings=findings, notes=notes, datum=found.datum)


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
    found = _DMS.fullmatch(text) or _DEGREES.fullmatch(text)
    return _from_degrees(found) if found else None


def _from_degrees(found: re.Match[str]) -> float | None:
    parts = found.groupdict()
    minutes, seconds = float(parts.get("minutes") or 0), float(parts.get("seconds") or 0)
    if minutes >= 60 or seconds >= 60:
        return None
    degrees = round(float(parts["degrees"]) + minutes / 60 + seconds / 3600, 12)
    side = (parts["before"] or parts["after"] or "").upper()
    return -degrees if side in {"W", "S", "西", "南"} else degrees


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
                said = _said(str(value), "坐标", "coordinate")
                findings.append(Finding(GEOMETRY_UNREADABLE, position + 1, column, said))
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
        Finding(GEOMETRY_UNREADABLE, position + 1, column, _said(text, "WKT", "WKT"))
        for position, text in enumerate(texts)
        if text is not None and geometries[position] is None
    ]
    return geometries, tuple(findings), closed


def _said(text: str, wanted_zh: str, wanted: str) -> Mapping[str, object]:
    short = text[:40]
    return {
        "value": short,
        "reason_zh": f"“{short}”不是{' ' * wanted_zh.isascii()}{wanted_zh}",
        "reason": f"{short!r} is no {wanted}",
    }
