"""The rows that were left out, as a file to be mended and brought again."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gis.errors import Finding, Lang, Problem
from gis.formats import csvfile
from gis.formats.rawtable import distinct
from gis.refusals.files import FILE_FORMAT
from layers.arriving.examination import Examination, State
from layers.declaring.words import Geometry, Label
from layers.leaving import workbook
from layers.leaving.workbook import Sheet
from layers.refusals.imports import REST_TOO_LONG

REASONS = Label("问题（未导入的原因）", "Problems (why it was not loaded)")
"""The heading over the reasons; no field has this name, so the column is passed over."""

# Headings that name their datum leave nothing to ask when the file comes back.
_LON, _LAT, _WKT = "lon_wgs84", "lat_wgs84", "wkt_wgs84"


def write(examination: Examination, ending: str, lang: Lang) -> bytes:
    """The refused rows with the file's own columns, what is wrong with each, and where it lies.

    `ending` is one of ENDINGS. Places are longitudes and latitudes of WGS 84, however the file had
    them. Problems: FILE_FORMAT; REST_TOO_LONG for a geometry that no cell of a workbook holds.
    """
    if ending not in _WRITERS:
        raise Problem(FILE_FORMAT, name=ending[-40:], allowed=" ".join(ENDINGS))
    return _WRITERS[ending](examination, lang)


def _rows(examination: Examination) -> list[int]:
    states = enumerate(examination.states, start=1)
    return [row for row, state in states if state is State.REFUSED]


def _columns(examination: Examination) -> list[str]:
    """The file's own columns, without the reasons of an earlier time."""
    earlier = {REASONS.zh, REASONS.en}
    return [column for column in examination.source.columns if column not in earlier]


def _reasons(examination: Examination, lang: Lang) -> Mapping[int, str]:
    found: dict[int, list[str]] = {}
    for finding in examination.faults:
        if finding.row is not None:
            found.setdefault(finding.row, []).append(_reason(finding, lang))
    between = "；" if lang == "zh" else "; "
    return {row: between.join(dict.fromkeys(reasons)) for row, reasons in found.items()}


def _reason(finding: Finding, lang: Lang) -> str:
    between = "：" if lang == "zh" else ": "
    said = f"{finding.column}{between}" if finding.column else ""
    hint = finding.suggestion(lang)
    suggested = f"（{hint}）" if lang == "zh" else f" ({hint})"
    return f"{said}{finding.sentence(lang)}{suggested if hint else ''}"


# --- tables -----------------------------------------------------------------------------------
def _table(examination: Examination, lang: Lang) -> tuple[list[str], Iterator[list[object]]]:
    places, place = _PLACES.get(examination.layer.geometry, ((_WKT,), _wkt))
    own = _columns(examination)
    # The reasons last: a first cell such as “备注：…” looks like the end of a ledger.
    names = distinct([*places, REASONS.of(lang), *own])
    heading = [*names[len(places) + 1 :], *names[: len(places) + 1]]
    return heading, (
        [*(_plain(cell) for cell in cells), *place(geometry), reason]
        for reason, geometry, cells in _records(examination, lang)
    )


def _records(
    examination: Examination, lang: Lang
) -> Iterator[tuple[str, BaseGeometry | None, list[object]]]:
    """The reason, the geometry and the cells of each row, in the order of the file."""
    reasons = _reasons(examination, lang)
    frame = examination.source.frame
    geometries = frame.geometry.to_numpy()
    columns = [frame[column].to_numpy(dtype=object) for column in _columns(examination)]
    for row in _rows(examination):
        cells = [column[row - 1] for column in columns]
        yield reasons.get(row, ""), geometries[row - 1], cells


def _lonlat(geometry: BaseGeometry | None) -> Sequence[object]:
    if not isinstance(geometry, shapely.Point) or geometry.is_empty:
        return None, None
    return geometry.x, geometry.y


def _wkt(geometry: BaseGeometry | None) -> Sequence[object]:
    # As many digits as tell the double again.
    return (None if geometry is None else shapely.to_wkt(geometry, rounding_precision=-1),)


def _nowhere(_: BaseGeometry | None) -> Sequence[object]:
    return ()


_PLACES: Mapping[
    Geometry, tuple[Sequence[str], Callable[[BaseGeometry | None], Sequence[object]]]
] = {
    Geometry.POINT: ((_LON, _LAT), _lonlat),
    Geometry.NONE: ((), _nowhere),
}


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value != value:  # noqa: PLR0124  NaN and NaT are not themselves
        return None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return value


def _csv(examination: Examination, lang: Lang) -> bytes:
    heading, rows = _table(examination, lang)
    return b"".join(csvfile.write(heading, [rows]))


def _xlsx(examination: Examination, lang: Lang) -> bytes:
    heading, rows = _table(examination, lang)
    title = "待修改" if lang == "zh" else "To be mended"
    return workbook.write([Sheet(title, heading, _fitting(rows))])


def _fitting(rows: Iterator[list[object]]) -> Iterator[list[object]]:
    for row in rows:
        place = row[-2] if len(row) > 1 else None
        if isinstance(place, str) and len(place) > workbook.CELL_LIMIT:
            raise Problem(REST_TOO_LONG, limit=workbook.CELL_LIMIT)
        yield row


# --- GeoJSON ----------------------------------------------------------------------------------
def _geojson(examination: Examination, lang: Lang) -> bytes:
    names = distinct([REASONS.of(lang), *_columns(examination)])
    features = [
        {
            "type": "Feature",
            "geometry": _shape(geometry),
            "properties": dict(zip(names, [reason, *(_json(cell) for cell in cells)], strict=True)),
        }
        for reason, geometry, cells in _records(examination, lang)
    ]
    whole = {"type": "FeatureCollection", "features": features}
    # Half a surrogate pair may have come in from JSON; it has no UTF-8, but it has an escape.
    return json.dumps(whole, ensure_ascii=True, allow_nan=False).encode()


def _shape(geometry: BaseGeometry | None) -> object:
    # Not by RFC 7946's seven decimals: what is mended elsewhere must not move.
    if geometry is None or not np.isfinite(shapely.get_coordinates(geometry)).all():
        return None
    return json.loads(shapely.to_geojson(geometry))


def _json(value: object) -> object:
    plain = value if isinstance(value, list | dict) else _plain(value)
    return str(plain) if isinstance(plain, float) and not np.isfinite(plain) else plain


_WRITERS: Mapping[str, Callable[[Examination, Lang], bytes]] = {
    ".xlsx": _xlsx,
    ".csv": _csv,
    ".geojson": _geojson,
}
ENDINGS = tuple(_WRITERS)
