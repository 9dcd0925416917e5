"""What was walked of each road, kept true as ways come and go: sums of days and weeks, of nobody.

Of a road counts what lies within 15 m of a way that was walked, measured on the ellipsoid. It is
gathered as ground, not as pieces of the road: grounds over one another are one, while pieces of a
line that were cut at different times hardly ever meet exactly and would count twice.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from gis.postgis import Database
from layers.held.policies import unrestricted
from layers.schema.patrols import PATROLS

BESIDE_M = 15
"""How near to a road somebody has to walk for it to count."""

# Of the ground only what is on the road: further off it would tell the way itself. Sixteen
# segments for a quarter of the circle around an end are wrong by 0.1 % of 15 m.
_PIECES = """
SELECT s.day, r.id AS road, r.place,
  ST_Intersection(
    ST_Union(ST_Buffer(s.geom::geography, :beside, 16)::geometry),
    ST_Buffer(r.geom::geography, 1, 'quad_segs=2')::geometry
  ) AS covered
FROM patrol_stretches s
JOIN patrols p ON p.uuid = s.patrol
JOIN road_segments r ON r.place BETWEEN p.place AND p.place_to
  -- a degree has 50 km at least below 63°, north of all that is ours
  AND r.geom && ST_Expand(s.geom, :beside / 50000.0)
  AND ST_DWithin(s.geom::geography, r.geom::geography, :beside)
WHERE s.kind = 'walked' AND {wanted}
GROUP BY s.day, r.id
ORDER BY s.day, r.id
"""
_OF_PATROL = "p.uuid = :patrol AND (CAST(:numbers AS int[]) IS NULL OR s.number = ANY (:numbers))"
_OF_DAYS = (
    "(s.day, r.id) IN (SELECT * FROM unnest(CAST(:days AS date[]), CAST(:roads AS bigint[])))"
)
# All writers hold the weeks first, in one order: who is second then sees the days of who was first.
_HOLD_WEEKS = """
INSERT INTO patrol_coverage (span, first, road, place)
SELECT DISTINCT 'week', date_trunc('week', day)::date, road, place
FROM unnest(CAST(:days AS date[]), CAST(:roads AS bigint[]), CAST(:places AS bigint[]))
  AS _(day, road, place)
ORDER BY 2, 3
ON CONFLICT (span, first, road) DO UPDATE SET place = EXCLUDED.place
"""
_ADD_DAYS = """
INSERT INTO patrol_coverage (span, first, road, place, covered)
SELECT 'day', day, road, place, covered
FROM unnest(CAST(:days AS date[]), CAST(:roads AS bigint[]), CAST(:places AS bigint[]),
  CAST(CAST(:covered AS text[]) AS geometry[])) AS _(day, road, place, covered)
ORDER BY day, road
ON CONFLICT (span, first, road) DO UPDATE SET place = EXCLUDED.place,
  covered = coalesce(ST_Union(patrol_coverage.covered, EXCLUDED.covered), EXCLUDED.covered)
"""
# Anew: as if these days had only what is known of them now. What is settled stays as it is.
_SET_DAYS = """
UPDATE patrol_coverage c SET covered = now.covered, metres = 0
FROM unnest(CAST(:days AS date[]), CAST(:roads AS bigint[])) AS was(day, road)
LEFT JOIN unnest(CAST(:now_days AS date[]), CAST(:now_roads AS bigint[]),
  CAST(CAST(:now_covered AS text[]) AS geometry[])) AS now(day, road, covered) USING (day, road)
WHERE c.span = 'day' AND c.first = was.day AND c.road = was.road AND NOT c.settled
"""
_SUM_DAYS = """
UPDATE patrol_coverage c SET metres = greatest(c.metres,
  ST_Length(ST_Intersection(r.geom, c.covered)::geography))
FROM road_segments r, unnest(CAST(:days AS date[]), CAST(:roads AS bigint[])) AS w(day, road)
WHERE c.span = 'day' AND c.first = w.day AND c.road = w.road AND r.id = c.road
"""
_SUM_WEEKS = """
UPDATE patrol_coverage c SET metres = greatest(CASE WHEN :only_more THEN c.metres ELSE 0 END,
  ST_Length(ST_Intersection(r.geom, whole.covered)::geography))
FROM road_segments r, (
  SELECT w.week, w.road, ST_Union(d.covered) AS covered
  FROM (SELECT DISTINCT date_trunc('week', day)::date AS week, road
        FROM unnest(CAST(:days AS date[]), CAST(:roads AS bigint[])) AS _(day, road)) w
  LEFT JOIN patrol_coverage d
    ON d.span = 'day' AND d.road = w.road AND d.first BETWEEN w.week AND w.week + 6
  GROUP BY w.week, w.road
) whole
WHERE c.span = 'week' AND c.first = whole.week AND c.road = whole.road AND r.id = c.road
"""
_CLEAR = "DELETE FROM patrol_coverage WHERE metres = 0 AND road = ANY (CAST(:roads AS bigint[]))"
# A way may end on the day after it began.
_SETTLE = """
UPDATE patrol_coverage SET settled = true
WHERE span = 'day' AND NOT settled
  AND (first = ANY (CAST(:days AS date[])) OR first - 1 = ANY (CAST(:days AS date[])))
"""
_FORGET = """
UPDATE patrol_coverage c SET covered = NULL
WHERE covered IS NOT NULL AND date_trunc('week', c.first)::date + 7 <= current_date
  AND NOT EXISTS (
    SELECT FROM patrols p WHERE p.started_at::date
      BETWEEN date_trunc('week', c.first)::date - 1 AND date_trunc('week', c.first)::date + 6
  )
"""
_Lists = dict[str, list[Any]]


def add(connection: Connection, patrol: Row[Any], numbers: Sequence[int]) -> None:
    """Count these stretches of a patrol for the roads beside them that whoever walked may see."""
    with unrestricted(connection):
        wanted = {"patrol": patrol.uuid, "numbers": list(numbers)}
        found = _pieces(connection, _OF_PATROL, wanted)
        if found["days"]:
            _run(connection, _HOLD_WEEKS, found, "days", "roads", "places")
            _run(connection, _ADD_DAYS, found, "days", "roads", "places", "covered")
            _run(connection, _SUM_DAYS, found, "days", "roads")
            _sum_weeks(connection, found, only_more=True)


def take_back(connection: Connection, patrol: Row[Any]) -> None:
    """Delete a patrol, and count the roads that it came by without it."""
    deletion = sa.delete(PATROLS).where(PATROLS.c.uuid == patrol.uuid)
    with unrestricted(connection):
        held = sa.select(PATROLS.c.uuid).where(PATROLS.c.uuid == patrol.uuid).with_for_update()
        connection.execute(held)
        was = _pieces(connection, _OF_PATROL, {"patrol": patrol.uuid, "numbers": None})
        _run(connection, _HOLD_WEEKS, was, "days", "roads", "places")
        connection.execute(deletion)
        now = _pieces(connection, _OF_DAYS, {"days": was["days"], "roads": was["roads"]})
        renamed = {f"now_{name}": values for name, values in now.items()}
        _run(connection, _SET_DAYS, was | renamed, "days", "roads", *_NOW)
        _run(connection, _SUM_DAYS, was, "days", "roads")
        _sum_weeks(connection, was, only_more=False)
        _run(connection, _CLEAR, was, "roads")


_NOW = ("now_days", "now_roads", "now_covered")


def sweep(database: Database, days: int | None) -> int:
    """Delete the ways that are no longer kept, and return how many; their sums stay.

    What was promised when a patrol began holds, also where patrols have been switched off since;
    where they are kept for fewer `days` now, they go earlier.
    """
    gone = PATROLS.c.kept_until <= sa.func.now()
    if days is not None:
        gone |= PATROLS.c.started_at <= sa.func.now() - timedelta(days=days)
    began = sa.cast(PATROLS.c.started_at, sa.Date)
    with database.begin() as connection:
        found = connection.scalars(sa.delete(PATROLS).where(gone).returning(began)).all()
        if found:
            connection.execute(sa.text(_SETTLE), {"days": sorted(set(found))})
            connection.execute(sa.text(_FORGET))
    return len(found)


def _pieces(connection: Connection, wanted: str, values: dict[str, Any]) -> _Lists:
    """The ground on each road beside some stretches, day by day, as lists of equal length."""
    statement = sa.text(_PIECES.format(wanted=wanted))
    rows = connection.execute(statement, {"beside": BESIDE_M, **values}).all()
    columns: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) or [(), (), (), ()]
    names = ("days", "roads", "places", "covered")
    return {name: list(column) for name, column in zip(names, columns, strict=True)}


def _run(connection: Connection, statement: str, lists: _Lists, *names: str) -> None:
    connection.execute(sa.text(statement), {name: lists[name] for name in names})


def _sum_weeks(connection: Connection, lists: _Lists, *, only_more: bool) -> None:
    values = {"days": lists["days"], "roads": lists["roads"], "only_more": only_more}
    connection.execute(sa.text(_SUM_WEEKS), values)
