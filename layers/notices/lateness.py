"""Cases that come to another level of lateness: told once for each limit and level.

Levels are computed and never stored, so there is nothing that could tell of them: what is late is
looked for again and again, and the events' keys say what has been told.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from layers.calendar import workdays
from layers.declaring.escalation import Scale, level_sql, scale
from layers.notices import declared
from layers.notices.audience import About
from layers.notices.telling import Happening, tell
from layers.schema.cases import CASES
from layers.schema.notices import NOTICE_EVENTS

_AT_ONCE = 200
_CASE = CASES.c


def tell_late(connection: Connection, *, mails: bool, now: datetime | None = None) -> int:
    """Tell of the next cases at a level that has not been told of; how many. For the owner."""
    moment = now or datetime.now(UTC)
    known = scale(moment, workdays.calendar(connection))
    rows = connection.execute(_untold(known).limit(_AT_ONCE)).all()
    for row in rows:
        tell(connection, _happening(row, moment), mails=mails)
    return len(rows)


def _happening(row: sa.Row[Any], now: datetime) -> Happening:
    names = ("layer", "feature", "place", "handler", "handler_name", "leader", "field")
    return Happening(
        telling=declared.LEVELS[row.level],
        about=About(**{name: getattr(row, name) for name in names}),
        at=now,
        key=row.key,
        told={"level": row.level, "state": row.state, "due": row.due_at.isoformat()},
    )


def _untold(known: Scale) -> sa.Select[Any]:
    level = level_sql(known, CASES)
    key = sa.func.concat_ws(
        ":",
        "level",
        _CASE.layer,
        _CASE.feature,
        sa.cast(sa.extract("epoch", _CASE.due_at), sa.BigInteger),
        level,
    )
    told = sa.select(NOTICE_EVENTS.c.number).where(NOTICE_EVENTS.c.key == key).exists()
    open_ones = (_CASE.is_open, _CASE.due_at.is_not(None))
    return (
        sa.select(CASES, level.label("level"), key.label("key"))
        .where(*open_ones, level.in_(sorted(declared.LEVELS)), sa.not_(told))
        .order_by(_CASE.due_at)
    )
