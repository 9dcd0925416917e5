"""What is likely the same: records of one kind, close to each other and in time.

Asked under the rights of whoever acts: nothing foreign is ever likely.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from geoalchemy2 import Geography
from sqlalchemy import ColumnElement
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.engine import Connection

from layers.declaring.words import Layer
from layers.held.wiring import written
from layers.reading.masking import shown
from layers.schema.submissions import SUBMISSIONS
from layers.schema.tables import SRID, table

SHOWN = 5
# Of a degree of latitude at the equator, where it is shortest: boxes are rather too large.
_METRES_PER_DEGREE = 110_574.0
_LEAST_COSINE = 0.01
_OF_A_SPOT = ("spot", "box", "kind", "since", "until", "but")


@dataclass(frozen=True, slots=True)
class Reach:
    """Within how many metres and days two records are likely the same."""

    metres: float
    days: float


@dataclass(frozen=True, slots=True)
class Spot:
    """What may be the same as something else: where (WGS 84, degrees), when, of which kind.

    `feature` is its id, once it has one. Without a `kind` everything in the layer is of one.
    """

    lon: float
    lat: float
    at: datetime
    kind: str | None = None
    feature: int | None = None


@dataclass(frozen=True, slots=True)
class Near:
    """A record that is likely the same; `distance_m` is geodesic."""

    layer: str
    id: int
    title: str
    distance_m: float
    recorded_at: datetime

    def members(self) -> dict[str, Any]:
        """For a program."""
        return {
            "layer": self.layer,
            "id": self.id,
            "title": self.title,
            "distance_m": round(self.distance_m, 1),
            "recorded_at": self.recorded_at.isoformat(),
        }


def reach(
    layer: Layer,
    metres: Mapping[str, float] | None = None,
    days: Mapping[str, float] | None = None,
) -> Reach:
    """What a layer declares, or what is configured for it."""
    declared = layer.logged
    if declared is None:
        raise ValueError(f"{layer.name} is not logged on the spot")
    return Reach(
        (metres or {}).get(layer.name, declared.near_m),
        (days or {}).get(layer.name, declared.near_days),
    )


def likely(connection: Connection, layer: Layer, spot: Spot, within: Reach) -> list[Near]:
    """What is likely the same as a record, nearest first, at most `SHOWN`."""
    return likely_each(connection, layer, [spot], within)[0]


def likely_each(
    connection: Connection, layer: Layer, spots: Sequence[Spot], within: Reach
) -> list[list[Near]]:
    """The same for many records of one layer, in their order, in one statement."""
    if not spots:
        return []
    found: dict[int, list[Near]] = defaultdict(list)
    for row in connection.execute(_likely(layer), _values(spots, within)):
        title = row.title or f"#{row.id}"
        found[row.n].append(Near(layer.name, row.id, title, row.distance_m, row.recorded_at))
    return [found[n] for n in range(len(spots))]


def of_features(
    connection: Connection, layer: Layer, features: Sequence[int], within: Reach
) -> dict[int, list[Near]]:
    """What is likely the same as each of these features, as far as they are seen."""
    spots = [
        _spot(row) for row in connection.execute(_spots_of(layer), {"features": list(features)})
    ]
    found = likely_each(connection, layer, spots, within)
    return {spot.feature: near for spot, near in zip(spots, found, strict=True) if spot.feature}


def _spot(row: sa.Row[Any]) -> Spot:
    return Spot(lon=row.lon, lat=row.lat, at=row.at, kind=row.kind, feature=row.id)


def _values(spots: Sequence[Spot], within: Reach) -> dict[str, Any]:
    asked = [window(spot, within) for spot in spots]
    alike = {name: [each[name] for each in asked] for name in ("east", "kind", "since", "until")}
    return {
        "metres": within.metres,
        "north": within.metres / _METRES_PER_DEGREE,
        "lon": [spot.lon for spot in spots],
        "lat": [spot.lat for spot in spots],
        "but": [spot.feature or 0 for spot in spots],
        **alike,
    }


def window(spot: Spot, within: Reach) -> dict[str, Any]:
    """What a spot is compared by: half a box in degrees (`east`, `north`) around what may lie
    within `metres`, its `kind`, and the moments `since` and `until`."""
    days = timedelta(days=within.days)
    return {
        "metres": within.metres,
        "east": within.metres / _degree_m(spot.lat),
        "north": within.metres / _METRES_PER_DEGREE,
        "kind": spot.kind,
        "since": spot.at - days,
        "until": spot.at + days,
    }


def _degree_m(lat: float) -> float:
    """How long a degree of longitude is at least."""
    return _METRES_PER_DEGREE * max(_LEAST_COSINE, math.cos(math.radians(lat)) * 0.99)


def _arrays() -> sa.FromClause:
    """The spots as rows, with the box that the spatial index is asked with.

    Made before the join: within its condition it would wait behind the reader's rights.
    """
    number, text = sa.ARRAY(sa.Double), sa.ARRAY(sa.Text)
    moment, whole = sa.ARRAY(sa.DateTime(timezone=True)), sa.ARRAY(sa.BigInteger)
    given = (
        sa.func.unnest(
            *(sa.bindparam(name, type_=number) for name in ("lon", "lat", "east")),
            sa.bindparam("kind", type_=text),
            *(sa.bindparam(name, type_=moment) for name in ("since", "until")),
            sa.bindparam("but", type_=whole),
        )
        .table_valued(
            "lon", "lat", "east", "kind", "since", "until", "but", with_ordinality="n", name="given"
        )
        .render_derived()
    )
    north = sa.bindparam("north", type_=sa.Double)
    at, c = sa.func.st_setsrid(sa.func.st_point(given.c.lon, given.c.lat), SRID), given.c
    box = sa.func.st_makeenvelope(
        c.lon - c.east, c.lat - north, c.lon + c.east, c.lat + north, SRID
    )
    named = (c.n - 1).label("n"), at.label("spot"), box.label("box")
    asked = sa.select(*named, c.kind, c.since, c.until, c.but)
    return asked.cte("spots").prefix_with("MATERIALIZED")


def _when(layer: Layer, rows: sa.FromClause) -> ColumnElement[datetime]:
    """When a feature was captured: on that day at least, where it was not logged on the spot."""
    day = rows.c[layer.logged.day] if layer.logged else sa.null()
    captured: ColumnElement[datetime] = sa.func.coalesce(
        SUBMISSIONS.c.captured_at, sa.cast(day, sa.DateTime(timezone=True))
    )
    return captured


def _measured() -> ColumnElement[bool]:
    """What was logged without a position lies on its field's: as far from anything as you like."""
    return SUBMISSIONS.c.position.is_distinct_from("field")


def _logged_as(layer: Layer, rows: sa.FromClause) -> ColumnElement[bool]:
    return sa.and_(SUBMISSIONS.c.layer == layer.name, SUBMISSIONS.c.feature == rows.c.id)


def _kind(layer: Layer, rows: sa.FromClause) -> ColumnElement[str]:
    kind = layer.logged.kind if layer.logged else None
    return sa.cast(rows.c[kind] if kind else sa.null(), sa.Text)


@cache
def _likely(layer: Layer) -> sa.Select[Any]:
    spots = _arrays()
    ranked = _ranked(layer, spots, sa.bindparam("metres", type_=sa.Double))
    found = sa.select(spots.c.n, ranked).select_from(spots.join(ranked, sa.true()))
    return found.order_by(spots.c.n, ranked.c.distance_m, ranked.c.id)


def members_sql(layer: Layer, given: Mapping[str, str]) -> str:
    """SQL for the members of what is likely the same as one spot, as a JSON array.

    `given` are the names of values of a function in the database: `spot`, `box`, `kind`, `since`,
    `until`, `metres`.
    """
    own = {**given, "but": "0"}
    columns: list[ColumnElement[Any]] = [
        sa.literal_column(own[name]).label(name) for name in _OF_A_SPOT
    ]
    spots = sa.select(*columns).subquery("spots")
    ranked = _ranked(layer, spots, sa.literal_column(given["metres"], sa.Double))
    told = sa.func.jsonb_build_object(
        "layer", layer.name, "id", ranked.c.id,
        "title", sa.func.coalesce(ranked.c.title, sa.func.concat("#", ranked.c.id)),
        "distance_m", sa.func.round(sa.cast(ranked.c.distance_m, sa.Numeric), 1),
        "recorded_at", ranked.c.recorded_at,
    )  # fmt: skip
    inner = sa.select(told.label("told"), ranked.c.distance_m, ranked.c.id)
    inner = inner.select_from(spots.join(ranked, sa.true()))
    listed = inner.subquery("listed")
    whole = sa.func.jsonb_agg(aggregate_order_by(listed.c.told, listed.c.distance_m, listed.c.id))
    return written(sa.select(sa.func.coalesce(whole, sa.literal_column("'[]'::jsonb"))))


def _ranked(layer: Layer, spots: sa.FromClause, metres: ColumnElement[float]) -> sa.FromClause:
    """What is likely the same as a spot, nearest first."""
    rows = shown(layer, table(layer))
    geography = Geography(srid=SRID)
    apart = sa.func.st_distance(
        sa.cast(rows.c.geom, geography), sa.cast(spots.c.spot, geography), type_=sa.Double
    )
    title = rows.c[layer.title] if layer.title else sa.null()
    kind = _kind(layer, rows)
    same_kind = [kind == spots.c.kind] if layer.logged and layer.logged.kind else []
    met = (
        sa.select(
            rows.c.id,
            sa.cast(title, sa.Text).label("title"),
            apart.label("distance_m"),
            _when(layer, rows).label("recorded_at"),
        )
        .select_from(rows.outerjoin(SUBMISSIONS, _logged_as(layer, rows)))
        .where(rows.c.geom.op("&&")(spots.c.box), rows.c.id != spots.c.but)
        .where(_measured(), *same_kind)
        .correlate(spots)
        .offset(0)  # the index first, and each distance once
        .lateral("met")
    )
    return (
        sa.select(met)
        .where(
            met.c.distance_m <= metres,
            met.c.recorded_at.between(spots.c.since, spots.c.until),
        )
        .order_by(met.c.distance_m, met.c.id)
        .correlate(spots)
        .limit(SHOWN)
        .lateral("ranked")
    )


@cache
def _spots_of(layer: Layer) -> sa.Select[Any]:
    rows = table(layer)
    lon, lat = sa.func.st_x(rows.c.geom), sa.func.st_y(rows.c.geom)
    ids = sa.bindparam("features", type_=sa.ARRAY(sa.BigInteger))
    at = _when(layer, rows)
    return (
        sa.select(rows.c.id, lon.label("lon"), lat.label("lat"), at.label("at"))
        .add_columns(_kind(layer, rows).label("kind"))
        .select_from(rows.outerjoin(SUBMISSIONS, _logged_as(layer, rows)))
        .where(rows.c.id == sa.any_(ids), at.is_not(None), _measured())
    )
