"""Features of a layer: the statements that read and write them, from named fragments.

Who writes with them goes through `layers.changing.editing`, which keeps tints and partitions right.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from geoalchemy2.shape import from_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from gis.errors import Problem
from gis.geojson import DECIMALS
from gis.refusals.database import NOT_PERMITTED
from layers.declaring import publishing
from layers.declaring.words import Geometry, Layer
from layers.freshness import counting
from layers.reading import ordering
from layers.reading.ordering import Sort
from layers.reading.past import asked_of, rows_on
from layers.refusals.asking import UNKNOWN_FEATURE
from layers.schema.tables import SRID, table

BBox = tuple[float, float, float, float]

# So many ids are gathered and sorted in some milliseconds.
_SORTED_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Query:
    """What a page of features must match. `bbox` is west, south, east, north in degrees (WGS 84);
    `after` is the id of the last feature of the page before, `within` a division's code, `text`
    what one of its texts must have in it. Without a `sort` they come in the order of their ids."""

    bbox: BBox | None = None
    limit: int = 10
    after: int | None = None
    where: ColumnElement[bool] | None = None
    within: str | None = None
    text: str | None = None
    sort: Sort | None = None


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Which part of a layer leaves as a file: what meets a box, fulfils a condition about its
    table, lies in a division or below (`within`), was there at the end of the day `on`.

    With `public` only what anybody may have (`layers.declaring.publishing`); a condition is about
    the table of the published layer then.
    """

    bbox: BBox | None = None
    where: ColumnElement[bool] | None = None
    within: str | None = None
    on: date | None = None
    public: bool = False

    def of(self, layer: Layer) -> tuple[Layer, sa.FromClause, list[ColumnElement[bool]]]:
        """The layer as it leaves, its rows, and what they must be like."""
        rows = rows_on(layer, self.on, self.within)
        if self.public:
            layer, rows = publishing.published(layer), publishing.rows(layer, rows)
        return layer, rows, _matching(layer, rows, self.bbox, self.where)


WHOLE = Excerpt()


@dataclass(frozen=True, slots=True)
class Page:
    """Features as RFC 7946 JSON texts, how many match in all, and where the next page begins."""

    features: tuple[str, ...]
    matched: int
    next_after: int | None


def page(connection: Connection, layer: Layer, query: Query, *, on: date | None = None) -> Page:
    """One page of features in their order; with `on`, as at the end of that day."""
    rows = rows_on(layer, on, query.within)
    wanted = _matching(layer, rows, query.bbox, query.where)
    if query.text:
        wanted.append(ordering.holding(layer, rows, query.text))
    matched = connection.scalar(sa.select(sa.func.count()).select_from(rows).where(*wanted))
    if query.after is not None:
        wanted.append(ordering.beyond(connection, layer, rows, query.sort, query.after))
    order = ordering.columns(layer, rows, query.sort)
    # One row more than asked for tells whether there is a next page.
    gathers = query.sort is None and (matched or 0) <= _SORTED_ROWS
    ids = _first_ids(rows, wanted, order, query.limit + 1, gathers=gathers)
    statement = sa.select(rows.c.id, feature_json(layer, rows)).where(rows.c.id.in_(ids))
    found = connection.execute(statement.order_by(*order)).all()
    shown = found[: query.limit]
    more = len(found) > len(shown)
    return Page(
        features=tuple(text for _, text in shown),
        matched=matched or 0,
        next_after=shown[-1][0] if more and shown else None,
    )


def read_for(query: Query, layer: Layer, on: date | None) -> tuple[str, ...] | None:
    """The counted tables that such a page reads; None where it reads others as well."""
    rows = rows_on(layer, on, query.within)
    return counting.sources(sa.select(rows.c.id), {layer.name, *counting.BESIDE})


def _first_ids(
    rows: sa.FromClause,
    wanted: list[ColumnElement[bool]],
    order: Sequence[ColumnElement[Any]],
    limit: int,
    *,
    gathers: bool,
) -> sa.Select[tuple[int]]:
    """The first matching ids in this order; where it is their own, perhaps by gathering all.

    Otherwise the planner may walk along the ids and meet the few that match at their very end: it
    cannot know that the features of one division were stored together.
    """
    ids = sa.select(rows.c.id).where(*wanted)
    if gathers:
        gathered = ids.cte("gathered").prefix_with("MATERIALIZED")
        return sa.select(gathered.c.id).order_by(gathered.c.id).limit(limit)
    return ids.order_by(*order).limit(limit)


def item(connection: Connection, layer: Layer, feature_id: int, *, on: date | None = None) -> str:
    """One feature as RFC 7946 JSON text; Problem(UNKNOWN_FEATURE) when there is none."""
    rows = rows_on(layer, on)
    text: str | None = connection.scalar(
        sa.select(feature_json(layer, rows)).where(rows.c.id == feature_id)
    )
    if text is None:
        raise Problem(UNKNOWN_FEATURE, layer=layer.name, id=feature_id)
    return text


def leaving(layer: Layer, excerpt: Excerpt = WHOLE) -> sa.Select[str]:
    """Every matching feature as RFC 7946 JSON text, in the order of their ids."""
    left, rows, wanted = excerpt.of(layer)
    return sa.select(feature_json(left, rows)).where(*wanted).order_by(rows.c.id)


def insert(
    connection: Connection,
    layer: Layer,
    values: Mapping[str, object],
    geometry: BaseGeometry | None,
    *,
    feature_id: int | None = None,
) -> int:
    """Store a checked record (`layers.declaring.values.check`), as a new feature or under an id
    that has just become free, and return its id."""
    rows = table(layer)
    numbered = {} if feature_id is None else {"id": feature_id}
    statement = sa.insert(rows).values(**numbered, **values, **_drawn(geometry))
    return int(connection.scalar(statement.returning(rows.c.id)) or 0)


def replace(
    connection: Connection,
    layer: Layer,
    feature_id: int,
    values: Mapping[str, object],
    geometry: BaseGeometry | None,
) -> None:
    """Overwrite every field and the geometry of one feature with a checked record."""
    rows = table(layer)
    whole: dict[str, object] = dict.fromkeys(field.name for field in layer.fields)
    whole.update(values)
    statement = sa.update(rows).values(**whole, **_drawn(geometry))
    if connection.execute(statement.where(rows.c.id == feature_id)).rowcount == 0:
        raise Problem(UNKNOWN_FEATURE, layer=layer.name, id=feature_id)


def amend(
    connection: Connection, layer: Layer, feature_id: int, values: Mapping[str, object]
) -> None:
    """Overwrite some fields of one feature; Problem(UNKNOWN_FEATURE) when there is none."""
    rows = table(layer)
    statement = sa.update(rows).values(**values).where(rows.c.id == feature_id)
    if connection.execute(statement).rowcount == 0:
        raise Problem(UNKNOWN_FEATURE, layer=layer.name, id=feature_id)


def _drawn(geometry: BaseGeometry | None) -> Mapping[str, object]:
    return {} if geometry is None else {"geom": from_shape(geometry, srid=SRID)}


def keys(
    connection: Connection, layer: Layer, ids: Collection[int]
) -> Mapping[int, tuple[object, ...]]:
    """The key of each of these features that is there."""
    rows = table(layer)
    wanted = rows.c.id == sa.any_(sa.literal(list(ids), sa.ARRAY(sa.BigInteger)))
    found = connection.execute(
        sa.select(rows.c.id, *(rows.c[name] for name in layer.key)).where(wanted)
    )
    return {row[0]: tuple(row[1:]) for row in found}


def redraw(connection: Connection, layer: Layer, feature_id: int, geometry: BaseGeometry) -> None:
    """Overwrite the geometry of one feature and leave its fields."""
    rows = table(layer)
    statement = sa.update(rows).values(geom=from_shape(geometry, srid=SRID))
    if connection.execute(statement.where(rows.c.id == feature_id)).rowcount == 0:
        raise Problem(UNKNOWN_FEATURE, layer=layer.name, id=feature_id)


def delete(connection: Connection, layer: Layer, feature_id: int) -> None:
    """Remove one feature; Problem(UNKNOWN_FEATURE) when there is none."""
    rows = table(layer)
    if connection.execute(sa.delete(rows).where(rows.c.id == feature_id)).rowcount == 0:
        raise Problem(UNKNOWN_FEATURE, layer=layer.name, id=feature_id)


def feature_json(layer: Layer, rows: sa.FromClause) -> ColumnElement[str]:
    """A feature's JSON as PostgreSQL writes it: the fastest maker of GeoJSON that we have.

    RFC 7946: outer rings counter-clockwise, seven decimals, no `crs`.
    """
    fields = sa.select(*(rows.c[field.name] for field in layer.fields)).correlate(rows)
    properties = sa.select(sa.func.row_to_json(sa.text("f"))).select_from(
        fields.subquery("f")  # one composite row keeps the declared order and escapes every value
    )
    return sa.func.concat(
        '{"type":"Feature","id":',
        rows.c.id,
        ',"geometry":',
        _geometry_json(layer, rows),
        ',"properties":',
        sa.cast(properties.scalar_subquery(), sa.Text),
        "}",
        type_=sa.Text,
    )


def _geometry_json(layer: Layer, rows: sa.FromClause) -> ColumnElement[Any]:
    if not layer.has_shape:
        return sa.literal_column("'null'")
    shape: ColumnElement[Any] = rows.c.geom
    if layer.geometry is Geometry.POLYGON:  # PostGIS would turn a line around as well
        shape = sa.func.st_forcepolygonccw(shape)
    return sa.func.st_asgeojson(shape, DECIMALS)


def intersects(rows: sa.FromClause, bbox: BBox) -> ColumnElement[bool]:
    """Features that meet the box; a box without area is an exact question about a point or line."""
    west, south, east, north = bbox
    if west > east:  # RFC 7946 §5.2: the box crosses the antimeridian
        return sa.or_(
            intersects(rows, (west, south, 180.0, north)),
            intersects(rows, (-180.0, south, east, north)),
        )
    corners = sa.func.st_makeline(sa.func.st_point(west, south), sa.func.st_point(east, north))
    # ST_Envelope shrinks to a line or a point where ST_MakeEnvelope makes an invalid polygon.
    box = sa.func.st_setsrid(sa.func.st_envelope(corners), SRID)
    # && is the index's word: ST_Intersects would say it too, but not before a reader's rights.
    return rows.c.geom.op("&&")(box) & sa.func.st_intersects(rows.c.geom, box, type_=sa.Boolean)


def _matching(
    layer: Layer, rows: sa.FromClause, bbox: BBox | None, where: ColumnElement[bool] | None
) -> list[ColumnElement[bool]]:
    """What rows of the layer must be like: they meet the box, and the condition about its table.

    What lies nowhere is in every box (OGC API – Features, part 1, /req/core/fc-bbox-response, C).
    """
    conditions = [] if where is None else [asked_of(where, layer, rows)]
    if bbox is None or not layer.has_shape:
        return conditions
    return [*conditions, intersects(rows, bbox)]


def hold(connection: Connection, layer: Layer, feature_id: int) -> str:
    """As `item`, and no other transaction changes the feature until this one has ended.

    Problem(NOT_PERMITTED) for one that whoever acts may see but not change.
    """
    rows = table(layer)
    held = sa.select(rows.c.id).where(rows.c.id == feature_id).with_for_update()
    found = connection.execute(held).first()
    text = item(connection, layer, feature_id)
    if found is None:
        raise Problem(NOT_PERMITTED)
    return text
