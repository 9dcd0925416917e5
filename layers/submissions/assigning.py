"""To which field a new record goes, who leads that, and until when it is to be done.

Fragments of the function that stores a record (`layers.submissions.storing`).
`layers.here.responsibility` answers the same question of ground, and much more.
"""

from datetime import date, datetime

from gis.clock import day_of
from layers.calendar import deadlines
from layers.calendar.workdays import Calendar
from layers.here.spots import BORDER_M
from layers.submissions.records import Record

# Of latitude; where the border is that near, which side of it counts is anybody's guess.
BORDER_DEG = BORDER_M / 110_574.0
_FIELDS = """
    FROM grid_fields g
    LEFT JOIN duties d ON d.layer = 'grid_fields' AND d.feature = g.id AND d.role = 'grid_leader'
      AND d.valid_from <= current_date AND (d.valid_to IS NULL OR d.valid_to > current_date)
"""
AT_SPOT = f"""
    SELECT g.code, g.name, g.leader, d.person_id {_FIELDS}
    WHERE g.geom && box AND ST_DWithin(g.geom, spot, {BORDER_DEG})
    ORDER BY ST_Intersects(g.geom, spot) DESC, g.kind = 'special' DESC, g.code LIMIT 1
"""
"""The field of a record that lies at `spot`: its code, name, leader, and who that is. `box` is the
ground around it, known before: computed here it would have to wait behind the reader's rights."""
IN_FIELD = f"""
    SELECT g.code, g.name, g.leader, d.person_id, ST_PointOnSurface(g.geom) {_FIELDS}
    WHERE g.code = sent._field
"""
"""The field that a record names, as far as whoever acts may see it, and a point in it."""


def day(record: Record, now: datetime) -> date:
    """The day on which a record was captured; none to come, whatever the phone's clock said."""
    return day_of(min(record.captured.at, now))


def due(record: Record, now: datetime, calendar: Calendar) -> datetime | None:
    """Until when it is to be done, from its receipt on; None without a limit."""
    return deadlines.due(record.layer.name, record.kind, now, calendar)
