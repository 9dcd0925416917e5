"""To which field a new record goes, who leads that, and until when it is to be done.

Fragments of the one statement that stores a record (`layers.submissions`). `layers.responsibility`
answers the same question of ground, and much more.
"""

from collections.abc import Mapping
from datetime import date, datetime

from layers import deadlines
from layers.deadlines import BEIJING
from layers.records import Record
from layers.spots import BORDER_M
from layers.workdays import Calendar

# Of latitude; where the border is that near, which side of it counts is anybody's guess.
_BORDER_DEG = BORDER_M / 110_574.0
_FIELDS = """
SELECT g.id, g.code, g.name, g.leader, g.geom, d.person_id
FROM grid_fields g
LEFT JOIN duties d ON d.layer = 'grid_fields' AND d.feature = g.id AND d.role = 'grid_leader'
  AND d.valid_from <= current_date AND (d.valid_to IS NULL OR d.valid_to > current_date)
"""
# Constants to the planner, or the index would have to wait behind the reader's rights.
_POINT = "ST_SetSRID(ST_Point(:led_lon, :led_lat), 4326)"
# What is changed afterwards in the transaction is labelled with the record's name.
_TOLD = """
SELECT f.code, f.name, f.leader, f.person_id,
  set_config('gridfield.label', :led_label, true) AS label
"""
_AT_POINT = f"""{_TOLD}, {_POINT} AS spot
FROM (SELECT) asked LEFT JOIN LATERAL (
  {_FIELDS}
  WHERE g.geom && ST_Expand({_POINT}, :led_border) AND ST_DWithin(g.geom, {_POINT}, :led_border)
  ORDER BY ST_Intersects(g.geom, {_POINT}) DESC, g.kind = 'special' DESC, g.code LIMIT 1
) f ON true"""
_IN_FIELD = f"""{_TOLD}, ST_PointOnSurface(f.geom) AS spot
FROM ({_FIELDS} WHERE g.code = :led_code) f"""


def leading(*, at_point: bool) -> str:
    """SQL for the field of a record, as far as whoever acts may see it: `code`, `name`, `leader`,
    `person_id`, and `spot`, where the record lies. No row for a field that is not there."""
    return _AT_POINT if at_point else _IN_FIELD


def values(record: Record) -> Mapping[str, object]:
    """What `leading` is bound to."""
    told: dict[str, object] = {"led_label": f"record {record.uuid}"}
    if record.lonlat is None:
        return {**told, "led_code": record.captured.field}
    lon, lat = record.lonlat
    return {**told, "led_lon": lon, "led_lat": lat, "led_border": _BORDER_DEG}


def day(record: Record, now: datetime) -> date:
    """The day on which a record was captured; none to come, whatever the phone's clock said."""
    return min(record.captured.at, now).astimezone(BEIJING).date()


def due(record: Record, now: datetime, calendar: Calendar) -> datetime | None:
    """Until when it is to be done, from its receipt on; None without a limit."""
    return deadlines.due(record.layer.name, record.kind, now, calendar)
