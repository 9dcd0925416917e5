"""Records and geometries for tests, made from the declarations so that no layer escapes."""

from collections.abc import Mapping
from datetime import date

import shapely
from shapely.geometry.base import BaseGeometry

from layers.declare import Field, Geometry, Label, Layer, Type

# 城东区, Xining, WGS 84 degrees.
LON, LAT = 101.82, 36.62

BENCHES = Layer(
    name="benches",
    label=Label("长椅", "Benches"),
    geometry=Geometry.POINT,
    fields=(Field(name="name", label=Label("名称", "Name"), required=True),),
)
"""A layer that only tests declare: everything must follow from these lines."""


def geometry(layer: Layer, n: int = 0) -> BaseGeometry:
    """The n-th geometry of a row of equal ones, each about 90 m wide, touching the next."""
    west, south = LON + 0.001 * n, LAT
    if layer.geometry is Geometry.POINT:
        return shapely.Point(west, south)
    if layer.geometry is Geometry.LINE:
        return shapely.LineString([(west, south), (west + 0.001, south)])
    return shapely.box(west, south, west + 0.001, south + 0.001)


def record(layer: Layer, n: int = 0, **given: object) -> Mapping[str, object]:
    """A valid record with every field filled, different for every n."""
    return {**{field.name: _value(field, n) for field in layer.fields}, **given}


def _value(field: Field, n: int) -> object:
    if field.choices:
        return field.choices[n % len(field.choices)].value
    if field.pattern:
        digits = 15 if "15" in field.pattern.regex else 12
        return f"{630102007000 + n:0{digits}d}"
    values: dict[Type, object] = {
        Type.TEXT: f"{field.label.zh} {n}",
        Type.INTEGER: int(field.minimum or 0) + n,
        Type.DECIMAL: (field.minimum or 0.0) + n + 0.5,
        Type.DATE: date(2017, 3, 1 + n % 28),
        Type.BOOLEAN: n % 2 == 0,
    }
    return values[field.type]
