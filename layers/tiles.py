"""Vector tiles: PostGIS makes the bytes, several layers travel in one tile."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from layers import case_days
from layers.computed import drawn_rows
from layers.declare import Geometry, Layer, Type
from layers.tables import SRID

EXTENT = 4096
MAX_ZOOM = 22
_WORLD_M = 40_075_016.6855785  # side of WebMercatorQuad's one tile at zoom 0
# How far beyond its edge a tile carries geometry, in tile units (4096 over 256 px): the widest
# road needs 8 px, a point's largest symbol 16 px, else they are cut at the seams.
_BUFFER = {Geometry.POLYGON: 64, Geometry.LINE: 128, Geometry.POINT: 256}

# Heat reaches this far beyond what makes it, 32 px, and is told in cells of 4 px.
_HEAT_BUFFER, _HEAT_CELL = 512, 64
WEIGHT = "weight"
"""The property of a cell that says how many features lie in it."""


def tile(  # noqa: PLR0913 (a tile's three numbers)
    connection: Connection,
    layers: Sequence[Layer],
    z: int,
    x: int,
    y: int,
    *,
    on: date | None = None,
    within: str | None = None,
    at: date | None = None,
) -> bytes:
    """The Mapbox vector tile (MVT 2.1, WebMercatorQuad) of these layers; empty when all are.

    Each MVT layer is named after its layer, feature ids sit in the id slot, and properties are
    the fields that style, label and tooltip read. With `on`, all is as at the end of that day,
    with `within` only what lies in a division or below it, with `at` only the cases that waited
    on that day. Of a layer drawn as heat there are cells with how many features lie in each.
    """
    calendar = case_days.calendar(connection, layers)
    parts = [
        _part(layer, drawn_rows(layer, on, within, at, calendar), z, x, y)
        for layer in layers
        if z >= layer.style.min_zoom
    ]
    if not parts:
        return b""
    whole = parts[0]
    for part in parts[1:]:
        # Layers of an MVT are repeated fields of one message, so tiles are joined by their bytes.
        whole = whole.op("||")(part)
    return bytes(connection.scalar(sa.select(whole)) or b"")


def _part(layer: Layer, rows: sa.FromClause, z: int, x: int, y: int) -> ColumnElement[bytes]:
    buffer = _HEAT_BUFFER if layer.style.heat else _BUFFER[layer.geometry]
    envelope = sa.func.st_tileenvelope(z, x, y)
    reach = sa.func.st_transform(_reach(z, x, y, buffer / EXTENT), SRID)
    shape = sa.func.st_asmvtgeom(
        sa.func.st_transform(rows.c.geom, 3857), envelope, EXTENT, buffer, type_=sa.LargeBinary
    )
    drawn = (
        sa.select(rows.c.id, *_columns(layer, rows), shape.label("shape"))
        .where(rows.c.geom.op("&&")(reach))
        .order_by(rows.c.id)  # equal input gives equal bytes, so an ETag holds
        .subquery("drawn")
    )
    if layer.style.heat:
        drawn = _cells(drawn)
    made = sa.select(
        sa.func.st_asmvt(sa.text("drawn"), layer.name, EXTENT, "shape", "id", type_=sa.LargeBinary)
    ).select_from(drawn)
    return sa.func.coalesce(made.scalar_subquery(), sa.literal(b""), type_=sa.LargeBinary)


def _cells(points: sa.Subquery) -> sa.Subquery:
    """How many points lie in each cell; cells of neighbouring tiles are the same ones."""
    corner = sa.func.st_snaptogrid(
        points.c.shape, _HEAT_CELL / 2, _HEAT_CELL / 2, _HEAT_CELL, _HEAT_CELL, type_=sa.LargeBinary
    ).label("shape")
    number, weight = sa.func.min(points.c.id).label("id"), sa.func.count().label(WEIGHT)
    held = sa.select(number, weight, corner).where(points.c.shape.is_not(None))
    return held.group_by(corner).order_by(number).subquery("drawn")


def _reach(z: int, x: int, y: int, margin: float) -> ColumnElement[Any]:
    """The tile and its margin, within the world: beyond 180° a transformation would wrap around."""
    world = sa.func.st_tileenvelope(0, 0, 0)
    wide = sa.func.st_expand(sa.func.st_tileenvelope(z, x, y), margin * _WORLD_M / 2**z)
    return sa.func.st_intersection(wide, world, type_=sa.LargeBinary)


def _columns(layer: Layer, rows: sa.FromClause) -> list[ColumnElement[Any]]:
    columns: list[ColumnElement[Any]] = []
    for name in () if layer.style.heat else layer.tile_fields:
        column: ColumnElement[Any] = rows.c[name]
        if layer.field(name).type is Type.DATE:  # MVT has no dates
            column = sa.cast(column, sa.Text).label(name)
        columns.append(column)
    return [*columns, rows.c.tint] if layer.style.tints else columns
