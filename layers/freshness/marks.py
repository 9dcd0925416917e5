"""How far a reader has come among what is stored, exactly, in whatever order commits come.

Numbers are given out before transactions commit, so that a lower one may become visible after a
higher one. A mark therefore holds what the reader's snapshot saw: what comes next is whatever is
visible now and was not visible then.
"""

import re
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from gis.errors import Problem
from gis.postgis import Database
from gis.refusals.values import BAD_PARAMETER

_APART = "~"
_SNAPSHOT = r"\d{1,18}:\d{1,18}:(?:\d{1,18}(?:,\d{1,18})*)?"
_TEXT = re.compile(rf"({_SNAPSHOT})(?:{_APART}({_SNAPSHOT}){_APART}(\d{{1,18}}))?", re.ASCII)
# Of a snapshot with a thousand transactions under way, twice.
_LONGEST = 40_000
_LOG_END = sa.text("SELECT pg_current_wal_insert_lsn()")
_IS_KEPT = sa.text("SELECT pg_current_wal_flush_lsn() >= CAST(:end AS pg_lsn)")
_A_WORD = sa.text(
    "SET LOCAL synchronous_commit = on; SELECT pg_logical_emit_message(true, 'gridfield', '')"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """All that `seen` saw has been read; of what `current` sees beyond it, up to `number`.

    Both are snapshots as PostgreSQL writes them (pg_snapshot); without `current` there is no more.
    """

    seen: str
    current: str | None = None
    number: int = 0

    def __str__(self) -> str:
        if self.current is None:
            return self.seen
        return _APART.join((self.seen, self.current, str(self.number)))

    def ahead(
        self, transaction: ColumnElement[int], number: ColumnElement[int]
    ) -> ColumnElement[bool]:
        """Whether a row, by its transaction and number, is still to be read, and can be now."""
        until = sa.literal(self.current) if self.current else CURRENT
        oldest = int(self.seen.partition(":")[0])
        return sa.and_(
            transaction >= oldest,  # the index's word: all that is older was seen
            sa.not_(_visible(transaction, sa.literal(self.seen))),
            _visible(transaction, until),
            number > self.number,
        )


CURRENT: ColumnElement[str] = sa.cast(sa.func.pg_current_snapshot(), sa.Text)
"""The snapshot of the running transaction: the mark of whoever has read all that it sees."""


def log_end(connection: Connection) -> str:
    """How far the server's log reaches by now: all that this transaction sees stands before it."""
    return str(connection.scalar(_LOG_END))


def await_disk(database: Database, end: str) -> None:
    """Come back when the disk has the log up to there.

    Others see a commit before the disk has it (`Database.hurried`). What a crash takes back was
    never told by us; and its transactions' numbers, which are given away again, are in no mark.
    """
    with database.glance() as connection:
        if connection.scalar(_IS_KEPT, {"end": end}):
            return
    with database.begin() as connection:  # a commit waits for all that stands before it
        connection.execute(_A_WORD)


def read(text: str, name: str) -> Mark:
    """The mark that a reader brings back; Problem(BAD_PARAMETER) for `name` when it is none."""
    found = _TEXT.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None or not all(map(_holds, filter(None, found.groups()[:2]))):
        reason, reason_zh = "it is no mark of ours", "不是本系统给出的位置"
        raise Problem(BAD_PARAMETER, name=name, reason=reason, reason_zh=reason_zh)
    seen, current, number = found.groups()
    return Mark(seen, current, int(number or 0))


def _holds(snapshot: str) -> bool:
    """Whether PostgreSQL reads it: those under way lie within, in their order."""
    low, high, between = snapshot.split(":")
    under_way = [int(each) for each in between.split(",") if each]
    return (
        1 <= int(low) <= int(high)
        and under_way == sorted(set(under_way))
        and all(int(low) <= each < int(high) for each in under_way)
    )


def _visible(transaction: ColumnElement[int], snapshot: ColumnElement[str]) -> ColumnElement[bool]:
    seen: ColumnElement[bool] = sa.func.pg_visible_in_snapshot(
        _cast(sa.cast(transaction, sa.Text), "xid8"),
        _cast(snapshot, "pg_snapshot"),
        type_=sa.Boolean,
    )
    return seen


def _cast(value: ColumnElement[str], name: str) -> ColumnElement[str]:
    return sa.cast(value, _Named(name))


class _Named(sa.types.UserDefinedType[str]):
    """A type of PostgreSQL's that SQLAlchemy does not know."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        return self.name
