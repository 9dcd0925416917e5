"""Vector tiles: PostGIS makes the bytes, several layers travel in one tile."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from gis.postgis import Database
from layers.cases import days as case_days
from layers.declaring.words import Geometry, Layer, Type
from layers.freshness import counting
from layers.freshness.counting import State
from layers.held.levels import is_counted
from layers.held.united import is_united
from layers.held.wiring import written
from layers.reading.conditions import Conditions
from layers.schema.tables import SRID
from layers.serving import levels
from layers.serving.computed import drawn_rows

EXTENT = 4096
MAX_ZOOM = 22
_WORLD_M = 40_075_016.6855785  # side of WebMercatorQuad's one tile at zoom 0
# How far beyond its edge a tile carries geometry, in tile units (4096 over 256 px): the widest
# road needs 8 px, a point's largest symbol 16 px, else they are cut at the seams.
_BUFFER = {Geometry.POLYGON: 64, Geometry.LINE: 128, Geometry.POINT: 256}

# Heat reaches this far beyond what makes it, 32 px, and is told in cells of 4 px.
_HEAT_BUFFER, _HEAT_CELL = 512, 64
# From here on a tile has a small part of a layer, which is best found by the index: one plan is
# good for all of them, and to make it took longer than to carry it out.
_KEPT_FROM = 12
_FUNCTION = "gridfield_tile_"
_NOTHING = sa.literal_column("''::bytea", sa.LargeBinary)


@dataclass(frozen=True, slots=True)
class Question:
    """Which tile is asked for. With `on`, all is as at the end of that day, with `within` only what
    lies in a division or below it, with `at` only the cases that waited on that day, with `filters`
    only what fulfils them."""

    layers: tuple[Layer, ...]
    z: int
    x: int
    y: int
    on: date | None = None
    within: str | None = None
    at: date | None = None
    filters: Conditions = ()


@dataclass(frozen=True, slots=True)
class _Frame:
    """The ground of a tile as SQL: its bounds, and what its features have to meet (WGS 84)."""

    envelope: ColumnElement[Any]
    reach: ColumnElement[Any]


def made(
    database: Database, question: Question, declared: Mapping[str, Layer]
) -> tuple[bytes, State]:
    """The tile as whoever acts may see it, and how far its sources had come in the same snapshot.

    `declared` are the layers as the database's own functions know them.
    """
    shown = _shown(question.layers, question.z)
    if _is_plain(question, shown, declared):
        parts = " || ".join(_asked(question, layer, declared) for layer in shown) or "''::bytea"
        body, told = database.asked(f"SELECT {parts}, {counting.TOLD}")
        if body is not None:
            return bytes(body), counting.read(told)
    with database.read() as connection:
        return _body(connection, question, declared), counting.state(connection)


def sources(question: Question, declared: Mapping[str, Layer]) -> tuple[str, ...] | None:
    """The counted tables that a tile is made of; None where it depends on something else as well,
    as urgency does on the time of day."""
    narrowed = {"on": question.on, "within": question.within, "at": question.at}
    return read_for(question.layers, declared, filters=question.filters, **narrowed)


def read_for(
    layers: tuple[Layer, ...],
    declared: Mapping[str, Layer],
    *,
    filters: Conditions = (),
    **narrowed: object,
) -> tuple[str, ...] | None:
    """The same of whatever is told of the layers as a map draws them, `narrowed` as a tile is."""
    asked = tuple(narrowed[name] is not None for name in ("on", "within", "at"))
    return _sources(layers, asked, frozenset(declared), filters)


@lru_cache(maxsize=1024)
def _sources(
    layers: tuple[Layer, ...],
    asked: tuple[bool, ...],
    declared: Collection[str],
    filters: Conditions,
) -> tuple[str, ...] | None:
    past, narrowed, waiting = asked
    day = date(2000, 1, 1)  # any makes the same statement
    on, within, at = past and day, narrowed and "000000000000", waiting and day
    read = (
        sa.select(drawn_rows(layer, on or None, within or None, at or None, filters=filters).c.id)
        for layer in layers
    )
    return counting.sources(sa.union_all(*read), {*declared, *counting.BESIDE})


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
    filters: Conditions = (),
) -> bytes:
    """The Mapbox vector tile (MVT 2.1, WebMercatorQuad) of these layers; empty when all are.

    Each MVT layer is named after its layer, feature ids sit in the id slot, and properties are
    the fields that style, label and tooltip read. Of a layer drawn as heat there are cells with
    how many features lie in each.
    """
    return _body(connection, Question(tuple(layers), z, x, y, on, within, at, filters), {})


def _body(connection: Connection, asked: Question, declared: Mapping[str, Layer]) -> bytes:
    shown = _shown(asked.layers, asked.z)
    if not shown:
        return b""
    calendar = case_days.calendar(connection, shown)
    ground = _ground(asked.z, asked.x, asked.y)
    parts = []
    for layer in shown:
        rows = drawn_rows(layer, asked.on, asked.within, asked.at, calendar, filters=asked.filters)
        frame = _Frame(ground, _reach(ground, _buffer(layer), 2**asked.z))
        part = _part(layer, rows, frame)
        if _by_level(asked, layer, declared):
            cells = levels.asked(layer, asked.z, asked.x, asked.y)
            part = sa.func.coalesce(cells, part, type_=sa.LargeBinary)
        parts.append(part)
    whole = parts[0]
    for part in parts[1:]:
        # Layers of an MVT are repeated fields of one message, so tiles are joined by their bytes.
        whole = whole.op("||")(part)
    return bytes(connection.scalar(sa.select(whole)) or b"")


def _shown(layers: Iterable[Layer], z: int) -> list[Layer]:
    return [layer for layer in layers if z >= layer.style.min_zoom]


def _is_plain(question: Question, shown: Sequence[Layer], declared: Mapping[str, Layer]) -> bool:
    """Whether functions of the database make it: of what is drawn as declared, of the present and
    of all ground, each feature from near by and cells from afar."""
    if question.z < _KEPT_FROM:
        return all(_by_level(question, layer, declared) for layer in shown)
    return not _is_narrowed(question) and all(_is_own(layer, declared) for layer in shown)


def _is_own(layer: Layer, declared: Mapping[str, Layer]) -> bool:
    return layer is declared.get(layer.name)


def _is_narrowed(question: Question) -> bool:
    return bool(question.on or question.within or question.at or question.filters)


def _by_level(question: Question, layer: Layer, declared: Mapping[str, Layer]) -> bool:
    """Whether the layer may be drawn by its level: from afar, and where what the database keeps is
    just what is asked for."""
    own = _is_own(layer, declared) and not _is_narrowed(question)
    return own and levels.reaches(layer, question.z)


def _asked(question: Question, layer: Layer, declared: Mapping[str, Layer]) -> str:
    """What makes the tile of a layer: NULL from afar where its points are to be drawn singly, for
    which one plan is not good for all."""
    spot = question.z, question.x, question.y
    each = f"{_FUNCTION}{layer.name}{spot}"
    if not _by_level(question, layer, declared):
        return each
    cells = levels.told(layer, *spot)
    return cells if question.z < _KEPT_FROM else f"coalesce({cells}, {each})"


def statements(layers: Iterable[Layer]) -> Iterator[str]:
    """A function for the tiles of each layer that has places, which keeps its plan: SQL for
    `layers.guards`. It runs with the rights of whoever calls it."""
    for layer in layers:
        if layer.has_shape:
            yield _function(layer)
        if is_counted(layer) or is_united(layer):
            rows = drawn_rows(layer)
            yield levels.function(layer, rows, _columns(layer, rows))


def _function(layer: Layer) -> str:
    ground = _ground(*map(sa.literal_column, ("tile_z", "tile_x", "tile_y")))
    size = sa.func.power(sa.literal_column("2.0"), sa.literal_column("tile_z"), type_=sa.Double)
    reach = _reach(sa.literal_column("ground"), _buffer(layer), size)
    frame = _Frame(sa.literal_column("ground"), sa.literal_column("reach"))
    made = written(sa.select(_part(layer, drawn_rows(layer), frame)))
    return f"""
CREATE FUNCTION {_FUNCTION}{layer.name}(tile_z integer, tile_x integer, tile_y integer)
RETURNS bytea LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET jit = off AS $body$
#variable_conflict use_column
DECLARE
  ground CONSTANT geometry := ({written(sa.select(ground))});
  reach CONSTANT geometry := ({written(sa.select(reach))});
BEGIN RETURN ({made}); END $body$"""


def _buffer(layer: Layer) -> int:
    return _HEAT_BUFFER if layer.style.heat else _BUFFER[layer.geometry]


def _part(layer: Layer, rows: sa.FromClause, frame: _Frame) -> ColumnElement[bytes]:
    shape = sa.func.st_asmvtgeom(
        sa.func.st_transform(rows.c.geom, 3857),
        frame.envelope,
        EXTENT,
        _buffer(layer),
        type_=sa.LargeBinary,
    )
    drawn = (
        sa.select(rows.c.id, *_columns(layer, rows), shape.label("shape"))
        .where(rows.c.geom.op("&&")(frame.reach))
        .order_by(rows.c.id)  # equal input gives equal bytes, so an ETag holds
        .subquery("drawn")
    )
    if layer.style.heat:
        drawn = _cells(drawn)
    made = sa.select(
        sa.func.st_asmvt(sa.text("drawn"), layer.name, EXTENT, "shape", "id", type_=sa.LargeBinary)
    ).select_from(drawn)
    return sa.func.coalesce(made.scalar_subquery(), _NOTHING, type_=sa.LargeBinary)


def _cells(points: sa.Subquery) -> sa.Subquery:
    """How many points lie in each cell; cells of neighbouring tiles are the same ones."""
    corner = sa.func.st_snaptogrid(
        points.c.shape, _HEAT_CELL / 2, _HEAT_CELL / 2, _HEAT_CELL, _HEAT_CELL, type_=sa.LargeBinary
    ).label("shape")
    number, weight = sa.func.min(points.c.id).label("id"), sa.func.count().label(levels.WEIGHT)
    held = sa.select(number, weight, corner).where(points.c.shape.is_not(None))
    return held.group_by(corner).order_by(number).subquery("drawn")


def _ground(*place: int | ColumnElement[int]) -> ColumnElement[Any]:
    """The bounds of a tile (Web Mercator)."""
    return sa.func.st_tileenvelope(*place, type_=sa.LargeBinary)


def _reach(
    ground: ColumnElement[Any], buffer: int, size: int | ColumnElement[float]
) -> ColumnElement[Any]:
    """The tile and its margin (WGS 84), within the world: beyond 180° a transformation would wrap
    around. `size` is how many tiles there are from west to east."""
    world = _ground(0, 0, 0)
    wide = sa.func.st_expand(ground, sa.literal(buffer / EXTENT * _WORLD_M, sa.Double) / size)
    within = sa.func.st_intersection(wide, world, type_=sa.LargeBinary)
    return sa.func.st_transform(within, SRID, type_=sa.LargeBinary)


def _columns(layer: Layer, rows: sa.FromClause) -> list[ColumnElement[Any]]:
    columns: list[ColumnElement[Any]] = []
    for name in () if layer.style.heat else layer.tile_fields:
        column: ColumnElement[Any] = rows.c[name]
        if layer.field(name).type is Type.DATE:  # MVT has no dates
            column = sa.cast(column, sa.Text).label(name)
        columns.append(column)
    return [*columns, rows.c.tint] if layer.style.tints else columns
