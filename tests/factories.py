"""Records and geometries for tests, made from the declarations so that no layer escapes."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import shapely

from layers.declaring import codes
from layers.declaring.dividing import Level
from layers.declaring.words import Code, Field, Geometry, Label, Layer, Type

# 城东区, Xining, WGS 84 degrees.
LON, LAT = 101.82, 36.62

BENCHES = Layer(
    name="benches",
    label=Label("长椅", "Benches"),
    geometry=Geometry.POINT,
    fields=(Field(name="name", label=Label("名称", "Name"), required=True),),
)
"""A layer that only tests declare: everything must follow from these lines."""


def geometry(layer: Layer, n: int = 0) -> Any:
    """The n-th geometry of a row of equal ones, each about 90 m wide, touching the next; None for
    a register, and a shape to whoever asks about a layer that has places."""
    if not layer.has_shape:
        return None
    west, south = LON + 0.001 * n, LAT
    if layer.geometry is Geometry.POINT:
        return shapely.Point(west, south)
    if layer.geometry is Geometry.LINE:
        return shapely.LineString([(west, south), (west + 0.001, south)])
    return shapely.box(west, south, west + 0.001, south + 0.001)


def record(layer: Layer, n: int = 0, **given: object) -> Mapping[str, object]:
    """A valid record with every field filled, different for every n; it belongs to no other.

    Codes agree with one another: where one of them is given, the others follow it. What changes by
    the steps of a case alone is the same for every n.
    """
    kept = layer.workflow.guarded if layer.workflow else ()
    filled = {f.name: _kept(f) if f.name in kept else _value(f, n) for f in layer.fields}
    values = {**filled, **_orphaned(layer), **given}
    return {**values, **_levels(layer, n, values), **_fields(layer, n, given), **given}


def _kept(field: Field) -> object:
    """The same always; a day is none before any other of a record."""
    return _value(field, 27 if field.type is Type.DATE else 0)


def _orphaned(layer: Layer) -> Mapping[str, object]:
    return {layer.parent.field: None} if layer.parent else {}


def division_code(n: int, level: Level = Level.COMMUNITY) -> str:
    """The n-th code of a level, from 630102007001 (630102007200 for villages) on.

    There are 9,700 districts to be had, and so 190 million communities.
    """
    if level is Level.DISTRICT:
        high, county = divmod(n + 1, 99)
        return f"{6301 + high}{county + 1:02d}000000"
    if level is Level.STREET:
        high, street = divmod(n + 6, 999)
        return f"{division_code(high, Level.DISTRICT)[:6]}{street + 1:03d}000"
    high, place = divmod(n, 199)
    first = 1 if level is Level.COMMUNITY else 200
    return f"{division_code(high, Level.STREET)[:9]}{first + place:03d}"


def grid_code(n: int) -> str:
    """The n-th grid code: 999 in each community, the first of them 630102007001001."""
    high, number = divmod(n, 999)
    return f"{division_code(high)}{number + 1:03d}"


def _levels(layer: Layer, n: int, values: Mapping[str, object]) -> Mapping[str, object]:
    """The code of a division of that level, and of the one above it."""
    tree = layer.hierarchy
    if tree is None:
        return {}
    level = values[tree.level]
    code = division_code(n, Level(str(level)) if level in set(Level) else Level.COMMUNITY)
    return {tree.code: code, tree.parent: codes.parents(code)[0]}


def _fields(layer: Layer, n: int, given: Mapping[str, object]) -> Mapping[str, object]:
    """The grid code of a field, and the division in which it lies."""
    name = codes.numbered(layer)
    if name is None or layer.partition is None:
        return {}
    code, division = str(given.get(name)), given.get(layer.partition.field)
    if codes.check(Code.GRID, code) is not None:
        code = f"{division}{n % 999 + 1:03d}" if division else grid_code(n)
    return {name: code, layer.partition.field: code[:12]}


def _value(field: Field, n: int) -> object:
    if field.choices:
        return field.choices[n % len(field.choices)].value
    if field.code:
        return grid_code(n) if field.code is Code.GRID else division_code(n)
    if field.pattern:  # codes are told above: what is left is a time of day
        return f"{n % 24:02d}:{n % 60:02d}"
    values: dict[Type, object] = {
        Type.TEXT: f"{field.label.zh} {n}",
        Type.INTEGER: _whole(field, n),
        Type.DECIMAL: (field.minimum or 0.0) + n + 0.5,
        Type.DATE: date(2017, 3, 1 + n % 28),
        Type.BOOLEAN: n % 2 == 0,
    }
    return values[field.type]


def _whole(field: Field, n: int) -> int:
    """The n-th whole number that is allowed; after the greatest the least comes again."""
    low = int(field.minimum or 0)
    return low + (n if field.maximum is None else n % (int(field.maximum) - low + 1))
