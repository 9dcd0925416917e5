"""Who answers for a point: its field, the 网格长, and the nearest road segment."""

from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from geoalchemy2 import Geography
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from layers.declare import Layer
from layers.tables import SRID, table
from layers.thematic import grid_fields, road_segments

Status = Literal["inside", "border", "overlap", "outside"]

# A phone cannot tell these apart: within half a metre of a border both neighbours are named.
BORDER_M = 0.5
# Degrees that surely hold BORDER_M up to 89° of latitude; the exact test is geodesic.
_BORDER_REACH_DEG = 0.0006
# The nearest road in degrees need not be the nearest in metres: east-west degrees are shorter.
_CANDIDATES = 12


@dataclass(frozen=True, slots=True)
class Answer:
    """`fields` holds one field when inside, several on a border or overlap, none outside; each is
    its properties with `id`. `nearest` and `road` carry `distance_m` (geodesic metres)."""

    status: Status
    fields: tuple[dict[str, Any], ...]
    nearest: dict[str, Any] | None
    road: dict[str, Any] | None


def at(connection: Connection, lon: float, lat: float) -> Answer:
    """The answer for a WGS 84 point in degrees."""
    point = sa.func.st_setsrid(sa.func.st_point(lon, lat), SRID)
    touching = _touching(connection, point)
    deep = [field for field, edge_m in touching if edge_m > BORDER_M]
    return Answer(
        status=_status(len(touching), len(deep)),
        fields=tuple(field for field, _ in touching),
        nearest=None if touching else _nearest(connection, grid_fields.LAYER, point),
        road=_nearest(connection, road_segments.LAYER, point),
    )


def _status(touching: int, deep: int) -> Status:
    if touching == 0:
        return "outside"
    if deep > 1:
        return "overlap"
    return "inside" if touching == deep == 1 else "border"


def _touching(
    connection: Connection, point: ColumnElement[object]
) -> list[tuple[dict[str, Any], float]]:
    """Fields within BORDER_M of the point, each with its own border's distance from it."""
    rows = table(grid_fields.LAYER)
    edge_m = sa.func.st_distance(
        sa.cast(sa.func.st_boundary(rows.c.geom), Geography), sa.cast(point, Geography)
    )
    statement = (
        sa.select(*_properties(grid_fields.LAYER, rows), edge_m.label("edge_m"))
        .where(
            rows.c.geom.op("&&")(sa.func.st_expand(point, _BORDER_REACH_DEG)),
            sa.func.st_dwithin(
                sa.cast(rows.c.geom, Geography), sa.cast(point, Geography), BORDER_M
            ),
        )
        .order_by(rows.c.code)
    )
    found = [dict(row) for row in connection.execute(statement).mappings()]
    return [(row, float(row.pop("edge_m"))) for row in found]


def _nearest(
    connection: Connection, layer: Layer, point: ColumnElement[object]
) -> dict[str, Any] | None:
    rows = table(layer)
    near = (
        sa.select(rows)
        .order_by(rows.c.geom.op("<->")(point))  # by index, in degrees
        .limit(_CANDIDATES)
        .subquery("near")
    )
    metres = sa.func.st_distance(sa.cast(near.c.geom, Geography), sa.cast(point, Geography))
    statement = (
        sa.select(*_properties(layer, near), metres.label("distance_m")).order_by(metres).limit(1)
    )
    row = connection.execute(statement).mappings().first()
    return None if row is None else {**row, "distance_m": round(row["distance_m"], 2)}


def _properties(layer: Layer, rows: sa.FromClause) -> list[ColumnElement[Any]]:
    return [rows.c.id, *(rows.c[field.name] for field in layer.fields)]
