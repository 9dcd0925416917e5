"""What the database itself lets whom see and change of patrols: SQL for `layers.guards`.

A patrol belongs to the account that walked it and lies where that account was of; its way is seen
by the account and by those who oversee that ground. What was walked of a road tells of nobody and
is seen with the road.
"""

from collections.abc import Iterator

from layers.declaring.rights import Right
from layers.held.policies import ROLE, may, readable, within, writable
from layers.held.wiring import quoted
from layers.schema.patrols import PATROL_COVERAGE, PATROL_POINTS, PATROL_STRETCHES, PATROLS

_ADDED = ("uuid", "person", "started_at", "stopped_at", "kept_until", "start_sha256")
_CHANGED = ("stopped_at", "stop_sha256", "announced", "batches", "points", "left_out", "gaps")
_SUMS = ("walked_m", "ridden_m")
_OWN = "account = nullif(current_setting('gridfield.account', true), '')::bigint"
# As far as the policy of the patrols themselves shows them.
_SHOWN = "patrol IN (SELECT uuid FROM patrols)"
_MINE = f"{_SHOWN[:-1]} WHERE {_OWN})"


def statements() -> Iterator[str]:
    """Grants and policies of the tables: SQL for `layers.guards`."""
    name = PATROLS.name
    yield from readable(name, f"{_OWN} OR ({within('place')} AND {may(Right.OVERSEE)})")
    added = ", ".join((*_ADDED, "stop_sha256", "announced", "device", "app"))
    changed = ", ".join((*_CHANGED, *_SUMS))
    yield f"GRANT INSERT ({added}), UPDATE ({changed}) ON {quoted(name)} TO {ROLE}"
    yield writable(name, "INSERT", f"{_OWN} AND {may(Right.LOG)}")
    yield writable(name, "UPDATE", f"{_OWN} AND {may(Right.LOG)}")
    for rows in (PATROL_POINTS.name, PATROL_STRETCHES.name):
        yield from readable(rows, _SHOWN)
        yield f"GRANT INSERT ON {quoted(rows)} TO {ROLE}"
        yield writable(rows, "INSERT", _MINE)
    shown = [c.name for c in PATROL_COVERAGE.columns if c.name not in ("covered", "settled")]
    yield from readable(PATROL_COVERAGE.name, within("place"), shown)
