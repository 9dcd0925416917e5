"""Where features are that people answer for: found by what they are called, or by who has them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from layers.declaring.duties import TARGETS
from layers.declaring.words import Layer, Type
from layers.ground.partition import label
from layers.registry import Registry
from layers.schema.tables import table

TEXT_LIMIT = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A feature and a point on it (WGS 84, degrees); `detail` is what else its key says."""

    layer: str
    feature: int
    title: str
    detail: str
    lon: float
    lat: float


def find(connection: Connection, registry: Registry, text: str, *, limit: int) -> list[Place]:
    """The features whose name or key has this text in it, those that begin with it first."""
    wanted = "".join(each for each in text if each.isprintable()).strip()
    if not wanted:
        return []
    found = sa.union_all(*(_named(layer, wanted, limit) for layer in _layers(registry))).subquery(
        "found"
    )
    closest = (found.c.at, sa.func.length(found.c.title), found.c.title, found.c.id)
    statement = sa.select(found).order_by(*closest).limit(limit)
    return [_place(row) for row in connection.execute(statement)]


def of(
    connection: Connection, registry: Registry, targets: Collection[tuple[str, int]]
) -> Mapping[tuple[str, int], Place]:
    """The places of these features, by layer and id, as far as they are there."""
    wanted: dict[str, list[int]] = defaultdict(list)
    for name, feature in targets:
        wanted[name].append(feature)
    found: dict[tuple[str, int], Place] = {}
    for name, ids in wanted.items():
        layer, rows = registry.layer(name), table(registry.layer(name))
        among = rows.c.id == sa.any_(sa.literal(ids, sa.ARRAY(sa.BigInteger)))
        for row in connection.execute(_described(layer).where(among)):
            found[name, row.id] = _place(row)
    return found


def _layers(registry: Registry) -> list[Layer]:
    return [registry.layers[name] for name in TARGETS if name in registry.layers]


def _named(layer: Layer, text: str, limit: int) -> sa.Select[tuple[object, ...]]:
    """Those of one layer; the database's own `strpos` knows no wildcard that would need a guard."""
    rows = table(layer)
    columns: list[ColumnElement[str]] = [rows.c[name] for name in _names(layer)]
    if text.lower() != text.upper():  # half of the time is spent on it, and Chinese has no case
        columns, text = [sa.func.lower(column) for column in columns], text.lower()
    places = [sa.func.nullif(sa.func.strpos(column, text), 0) for column in columns]
    at: ColumnElement[int] = sa.func.least(*places)
    narrowed = (
        sa.select(rows.c.id, at.label("at"))
        .where(at.is_not(None))
        .order_by(at, sa.func.length(rows.c[_names(layer)[0]]), rows.c.id)
        .limit(limit)
        .subquery("narrowed")
    )
    return _described(layer).add_columns(narrowed.c.at).join(narrowed, narrowed.c.id == rows.c.id)


def _described(layer: Layer) -> sa.Select[tuple[object, ...]]:
    rows = table(layer)
    point = sa.func.st_pointonsurface(rows.c.geom)
    rest = [sa.cast(rows.c[name], sa.Text) for name in layer.key if name != layer.title]
    return sa.select(
        sa.literal(layer.name, sa.Text).label("layer"),
        rows.c.id,
        label(layer, rows).label("title"),
        sa.func.concat_ws(" – ", None, *rest, type_=sa.Text).label("detail"),
        sa.func.st_x(point).label("lon"),
        sa.func.st_y(point).label("lat"),
    )


def _names(layer: Layer) -> Sequence[str]:
    """The fields by which people name a feature; who it belongs to is none of them."""
    named = dict.fromkeys(name for name in (layer.title, *layer.key) if name)
    fields = (layer.field(name) for name in named)
    return [x.name for x in fields if x.type is Type.TEXT and not x.personal]


def _place(row: sa.Row[tuple[object, ...]]) -> Place:
    return Place(
        layer=row.layer,
        feature=row.id,
        title=row.title,
        detail=row.detail,
        lon=row.lon,
        lat=row.lat,
    )
