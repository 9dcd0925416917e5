"""Where many points lie, in one statement: their fields, and what is nearest to them.

A batch is joined to each layer through its spatial index, point by point (LATERAL … OFFSET 0):
left to itself, the planner reads the whole layer instead as soon as a batch seems large to it.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import sqlalchemy as sa
from geoalchemy2 import Geography
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from gis.ground import Floats
from layers.here.spots import BORDER_M, Spots
from layers.here.whereabouts import division_at
from layers.reading.past import Day, stored_on
from layers.schema.tables import SRID
from layers.thematic import courtyards, divisions, grid_fields, road_segments, work_units

AT_HAND_M = 50.0
_METRES_PER_DEGREE = 110_574.0  # of latitude at the equator; nowhere is one shorter
# An edge is a line on the sphere for the exact test and a straight one for the quick test before
# it; at 12 km length they are 2 m apart.
_SURELY_M = BORDER_M + 2.0
_LEAST_COSINE = 0.01
# The nearest in degrees need not be the nearest in metres: east-west degrees are shorter. Of
# these many, those nearest on a plane with equal axes are measured on the ellipsoid.
_CANDIDATES, _MEASURED = 12, 3


def situate(connection: Connection, lonlats: Floats, on: date | None = None) -> Spots:
    """Where these WGS 84 points (degrees, shape (n, 2)) lie."""
    if not len(lonlats):
        return Spots.of([], 0)
    asked = {**arrays(lonlats), "on": on} if on else arrays(lonlats)
    found = connection.execute(_statement(in_past=on is not None), asked).all()
    return Spots.of(found, len(lonlats))


@cache  # to put it together takes longer than to run it
def _statement(*, in_past: bool) -> sa.CompoundSelect[Any]:
    """The points are bound as arrays, a day in the past as `on`."""
    points = (sa.bindparam(name, type_=sa.ARRAY(sa.Double)) for name in NAMES)
    return situated(points, sa.bindparam("on", type_=sa.Date) if in_past else None)


def situated(points: Iterable[ColumnElement[Any]], on: Day | None = None) -> sa.CompoundSelect[Any]:
    """Rows of point (from 1), kind, feature and metres; the points are arrays by NAMES."""
    asked = _asked(points)
    fields = stored_on(grid_fields.LAYER, on)
    touching = _touching(asked, fields).cte("touching").prefix_with("MATERIALIZED")
    lost = sa.select(asked).where(asked.c.n.not_in(sa.select(touching.c.n))).subquery("lost")
    place = division_at(asked.c.point, stored_on(divisions.LAYER, on))
    return sa.union_all(
        sa.select(asked.c.n, _text("place"), sa.func.coalesce(place, 0), sa.literal(0.0)),
        sa.select(touching.c.n, _text("field"), touching.c.id, touching.c.edge_m),
        _nearest("nearest", lost, fields),
        _nearest("road", asked, stored_on(road_segments.LAYER, on)),
        _nearest("courtyard", asked, stored_on(courtyards.LAYER, on), at_hand=True),
        _nearest("unit", asked, stored_on(work_units.LAYER, on), at_hand=True),
    )


def _text(kind: str) -> ColumnElement[str]:
    return sa.literal(kind, sa.Text)


NAMES = ("lon", "lat", "cosine", "reach")
"""What is told of points: degrees, the cosine of the latitude, degrees that are sure to reach over
a border."""


def arrays(places: Floats) -> Mapping[str, list[float]]:
    """The arrays of some points (degrees, shape (n, 2)) by NAMES."""
    cosines = np.maximum(np.cos(np.radians(places[:, 1])), _LEAST_COSINE)
    columns = (places[:, 0], places[:, 1], cosines, _SURELY_M / (_METRES_PER_DEGREE * cosines))
    return {name: column.tolist() for name, column in zip(NAMES, columns, strict=True)}


def _asked(given_as: Iterable[ColumnElement[Any]]) -> sa.CTE:
    """The points: `n` from 1, `point`, `cosine` of the latitude, `reach` of the quick test, whose
    box is `around`; `hand` is the box of what is at hand.

    The boxes are made here: where a feature's own condition made one, PostgreSQL would ask for the
    reader's rights first and not use the index (docs/decisions/0010-rights-in-the-database.md).
    """
    columns = [sa.column(name, sa.Double) for name in NAMES]
    given = sa.func.unnest(*given_as).table_valued(*columns, with_ordinality="n", name="given")
    given = given.render_derived()
    point = sa.func.st_setsrid(sa.func.st_point(given.c.lon, given.c.lat), SRID)
    at_hand = AT_HAND_M / (_METRES_PER_DEGREE * given.c.cosine)
    boxes = {"around": given.c.reach, "hand": at_hand}
    statement = sa.select(
        given.c.n,
        point.label("point"),
        given.c.cosine,
        given.c.reach,
        *(sa.func.st_expand(point, degrees).label(name) for name, degrees in boxes.items()),
    )
    return statement.cte("asked").prefix_with("MATERIALIZED")


def _touching(asked: sa.CTE, rows: sa.FromClause) -> sa.Select[Any]:
    """Fields within BORDER_M of a point, each with its own border's distance from it."""
    point = asked.c.point
    boundary = sa.func.st_boundary(rows.c.geom)
    # Where the border is farther than the quick test reaches, inside is deep inside.
    is_deep = sa.func.st_distance(boundary, point) > asked.c.reach
    on_earth = sa.cast(point, Geography)
    edge_m = sa.case(
        (is_deep, sa.cast(sa.literal("Infinity", sa.Text), sa.Double)),
        else_=sa.func.st_distance(sa.cast(boundary, Geography), on_earth),
    )
    near = sa.func.st_dwithin(rows.c.geom, point, asked.c.reach)
    touches = sa.case(
        (is_deep, sa.true()),
        else_=sa.func.st_dwithin(sa.cast(rows.c.geom, Geography), on_earth, BORDER_M),
    )
    found = (
        sa.select(rows.c.id, edge_m.label("edge_m"))
        .where(rows.c.geom.op("&&")(asked.c.around), near, touches)
        .offset(0)
        .lateral("found")
    )
    return sa.select(asked.c.n, found.c.id, found.c.edge_m).select_from(
        asked.join(found, sa.true())
    )


def _nearest(
    kind: str, asked: sa.FromClause, rows: sa.FromClause, *, at_hand: bool = False
) -> sa.Select[Any]:
    point = asked.c.point
    near = sa.select(rows.c.id, rows.c.geom).correlate(asked)
    if at_hand:
        near = near.where(rows.c.geom.op("&&")(asked.c.hand))
    candidates = near.order_by(rows.c.geom.op("<->")(point)).limit(_CANDIDATES).lateral("near")
    on_plane = sa.func.st_distance(
        sa.func.st_scale(candidates.c.geom, asked.c.cosine, 1.0),
        sa.func.st_scale(point, asked.c.cosine, 1.0),
    )
    best = (
        sa.select(candidates).correlate(asked).order_by(on_plane).limit(_MEASURED).lateral("best")
    )
    metres = sa.func.st_distance(sa.cast(best.c.geom, Geography), sa.cast(point, Geography))
    measured = sa.select(best.c.id, metres.label("metres")).correlate(asked).lateral("measured")
    found = sa.select(measured).order_by(measured.c.metres, measured.c.id).limit(1)
    if at_hand:
        found = found.where(measured.c.metres <= AT_HAND_M)
    one = found.lateral(kind)
    return sa.select(asked.c.n, _text(kind), one.c.id, one.c.metres).select_from(
        asked.join(one, sa.true())
    )
