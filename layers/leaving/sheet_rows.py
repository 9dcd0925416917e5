"""Features as rows of a sheet, in the words that an import reads back as the same values."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

import shapely

from gis.errors import Problem
from layers.declaring.values import Refused, parse
from layers.declaring.words import Field, Geometry, Layer
from layers.leaving.workbook import CELL_LIMIT, ROW_LIMIT
from layers.refusals.reports import SHEET_FULL

LON, LAT, WKT = "经度", "纬度", "WKT"
_WORDS = {True: "是", False: "否"}


def place_heading(layer: Layer) -> tuple[str, ...]:
    """The columns that say where."""
    if not layer.has_shape:
        return ()
    return (LON, LAT) if layer.geometry is Geometry.POINT else (WKT,)


def heading(layer: Layer) -> list[str]:
    """The fields by their Chinese labels, and where."""
    return [*(field.label.zh for field in layer.fields), *place_heading(layer)]


def cell(field: Field, value: object) -> object:
    """A value as a person reads it, and `layers.declaring.values.parse` again as what it was."""
    match value:
        case bool():
            return _WORDS[value]
        case str() if field.choices:
            return _choices(field).get(value, value)
        case datetime():
            return value.isoformat()
        case str() | int() | float() | date() | None:
            return value
        case _:
            return str(value)


def place(layer: Layer, geometry: Any) -> tuple[object, ...]:
    """Where, in the cells of `place_heading`; Problem(SHEET_FULL) for more than a cell holds."""
    if geometry is None:
        return ()
    if layer.geometry is Geometry.POINT:
        return (geometry.x, geometry.y)
    # 17 digits are a double to its last bit, so that what is read back is what was stored.
    text = shapely.to_wkt(geometry, rounding_precision=17)
    if len(text) > CELL_LIMIT:
        raise Problem(SHEET_FULL, layer=layer.name)
    return (text,)


def rows(layer: Layer, found: Iterable[Sequence[Any]]) -> Iterator[Sequence[object]]:
    """Each feature's cells; `found` has its fields in declared order and its geometry as WKB."""
    for number, row in enumerate(found, start=1):
        if number >= ROW_LIMIT:
            raise Problem(SHEET_FULL, layer=layer.name)
        shape = shapely.from_wkb(bytes(row[-1])) if layer.has_shape else None
        yield [*map(cell, layer.fields, row), *place(layer, shape)]


@cache
def _choices(field: Field) -> Mapping[str, str]:
    """The label of each choice that an import takes for that choice, and for no other."""
    return {c.value: c.label.zh for c in field.choices if _read(field, c.label.zh) == c.value}


def _read(field: Field, text: str) -> object:
    try:
        return parse(field, text)
    except Refused:
        return None
