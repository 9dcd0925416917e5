"""What an inspector takes along: the own fields, what is open there, and how far the ground goes.

All of it as whoever acts may see it, names masked as everywhere.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from layers.declaring.people import Actor
from layers.declaring.words import Layer
from layers.reading.features import BBox
from layers.reading.past import rows_on
from layers.schema.submissions import SUBMISSIONS
from layers.thematic import divisions, grid_fields

_DECIMALS = 6  # a tenth of a metre: what is shown, not what is decided
MOST_FIELDS = 2000
MOST_OPEN = 500
_ZOOMS = range(12, 17)  # the maps draw what is finer from the last
_MOST_TILES = 800
_LIMIT_LAT = 85.05


@dataclass(frozen=True, slots=True)
class Pack:
    """Features are GeoJSON; `division` is what the own one is called, `tiles` are those over it."""

    division: str | None
    fields: Sequence[dict[str, Any]]
    waiting: Sequence[dict[str, Any]]
    tiles: Sequence[Mapping[str, Any]]


def pack(connection: Connection, actor: Actor, layers: Iterable[Layer]) -> Pack:
    """What whoever acts takes along, of these layers."""
    box = _bounds(connection, actor)
    return Pack(
        division=_division_name(connection, actor),
        fields=_fields(connection),
        waiting=list(_waiting(connection, layers)),
        tiles=[] if box is None else _tile_ranges(box),
    )


def _fields(connection: Connection) -> list[dict[str, Any]]:
    """The fields within reach as GeoJSON, with code, name and leader."""
    rows = rows_on(grid_fields.LAYER, None)
    shape = sa.func.st_asgeojson(rows.c.geom, _DECIMALS)
    statement = sa.select(rows.c.id, rows.c.code, rows.c.name, rows.c.leader, shape.label("shape"))
    found = connection.execute(statement.order_by(rows.c.code).limit(MOST_FIELDS))
    return [
        _feature(row.id, row.shape, code=row.code, name=row.name, leader=row.leader)
        for row in found
    ]


def _waiting(connection: Connection, layers: Iterable[Layer]) -> Iterator[dict[str, Any]]:
    """What was logged and is not done with, the newest of each layer first, as GeoJSON."""
    for layer in layers:
        if layer.logged and layer.logged.status:
            yield from _open(connection, layer)


def _open(connection: Connection, layer: Layer) -> Iterator[dict[str, Any]]:
    logged = layer.logged
    assert logged is not None  # noqa: S101  asked of no others
    assert logged.status is not None  # noqa: S101
    rows, came = rows_on(layer, None), SUBMISSIONS.c
    told = {"kind": logged.kind, "field": logged.field, "due": logged.due, "status": logged.status}
    columns = [rows.c[column].label(name) for name, column in told.items() if column]
    recorded = sa.func.coalesce(came.captured_at, sa.cast(rows.c[logged.day], sa.DateTime))
    title = rows.c[layer.title] if layer.title else sa.null()
    shape = sa.func.st_asgeojson(rows.c.geom, _DECIMALS)
    statement = (
        sa.select(rows.c.id, title.label("title"), *columns)
        .add_columns(recorded.label("recorded_at"), shape.label("shape"))
        .outerjoin_from(
            rows, SUBMISSIONS, sa.and_(came.layer == layer.name, came.feature == rows.c.id)
        )
        .where(rows.c[logged.status].not_in(logged.done))
        .order_by(rows.c.id.desc())
        .limit(MOST_OPEN)
    )
    for row in connection.execute(statement).mappings():
        values = {name: row.get(name) for name in ("id", "title", *told, "recorded_at")}
        yield _feature(row["id"], row["shape"], layer=layer.name, **values)


def _feature(feature: int, shape: str, **properties: object) -> dict[str, Any]:
    told = {name: _plain(value) for name, value in properties.items()}
    return {
        "type": "Feature",
        "id": feature,
        "geometry": json.loads(shape),
        "properties": told,
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _division_name(connection: Connection, actor: Actor) -> str | None:
    """What the own division is called, where it is stored."""
    rows = rows_on(divisions.LAYER, None)
    name: str | None = connection.scalar(
        sa.select(rows.c.name).where(rows.c.code == actor.division)
    )
    return name


def _bounds(connection: Connection, actor: Actor) -> BBox | None:
    """The box of the own division; of all fields within reach, where it is not stored."""
    ground = rows_on(divisions.LAYER, None)
    own = _box(connection, ground, ground.c.code == actor.division)
    return own or _box(connection, rows_on(grid_fields.LAYER, None), sa.true())


def _box(
    connection: Connection, rows: sa.FromClause, wanted: sa.ColumnElement[bool]
) -> BBox | None:
    extent = sa.func.st_extent(rows.c.geom)
    edges = (getattr(sa.func, f"st_{edge}")(extent) for edge in ("xmin", "ymin", "xmax", "ymax"))
    west, south, east, north = connection.execute(sa.select(*edges).where(wanted)).one()
    return None if west is None else (west, south, east, north)


def _tile_ranges(box: BBox) -> list[Mapping[str, Any]]:
    """The tiles over a box, zoom by zoom, both ends included; no more zooms than a phone should
    fetch."""
    west, south, east, north = box
    found: list[Mapping[str, Any]] = []
    count = 0
    for zoom in _ZOOMS:
        (x0, y0), (x1, y1) = _tile(zoom, west, north), _tile(zoom, east, south)
        count += (x1 - x0 + 1) * (y1 - y0 + 1)
        if count > _MOST_TILES:
            break
        found.append({"z": zoom, "x": [x0, x1], "y": [y0, y1]})
    return found


def _tile(zoom: int, lon: float, lat: float) -> tuple[int, int]:
    """Column and row of the tile with a point (WGS 84, degrees)."""
    kept = math.radians(max(-_LIMIT_LAT, min(_LIMIT_LAT, lat)))
    across, down = (lon + 180) / 360, (1 - math.asinh(math.tan(kept)) / math.pi) / 2
    side = 2**zoom
    x, y = (min(side - 1, max(0, math.floor(share * side))) for share in (across, down))
    return x, y
