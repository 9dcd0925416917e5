"""Records that come at the same moment are stored together: one statement, one wait for the disk.

Each is stored under its own actor and by itself: what is wrong with one is nothing to the others,
and undoing takes back one alone. Whatever keeps a record from being stored so, it is left to
`submissions.receive`, which stores it alone or says why not.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg2
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Problem
from gis.postgis import Database
from layers.alike.near import Reach
from layers.calendar.workdays import Calendar
from layers.declaring.people import Actor
from layers.declaring.rights import Right, allowed
from layers.held import policies
from layers.submissions import assigning, records, storing
from layers.submissions import receiving as submissions
from layers.submissions.receiving import Receipt, Sent
from layers.submissions.records import Record

MOST = 48
"""How many are stored in one transaction. Each is a transaction within it, of which PostgreSQL
keeps 64 at hand; with more, every reader would have to look the others up."""

_STORE = sa.text(
    "SELECT * FROM gridfield_log_together(CAST(:layers AS text[]), CAST(:actors AS jsonb[]),"
    " CAST(:records AS jsonb[]), CAST(:bodies AS bytea[]), CAST(:hashes AS bytea[]))"
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What somebody sent; `within` is what is likely the same there."""

    actor: Actor
    sent: Sent
    within: Reach


@dataclass(frozen=True, slots=True)
class _Ready:
    """An arrival that may be stored: the `n`-th, as it is told to the database."""

    n: int
    actor: Actor
    record: Record
    due: datetime | None
    told: str


def take_in(
    database: Database, arrivals: Sequence[Arrival], calendar: Calendar
) -> list[Receipt | None]:
    """The receipts of those that are stored, and on the disk; None for each that is not, or of
    which that is not known.

    Whoever has none goes on with `submissions.receive`, which knows what has been stored before.
    """
    found: list[Receipt | None] = [None] * len(arrivals)
    ready = list(_ready(arrivals, calendar))
    if not ready:
        return found
    receipts: list[tuple[int, Receipt]] = []
    own = database.acting(policies.SETTINGS, role=policies.ROLE)
    with suppress(Problem, sa.exc.DBAPIError, psycopg2.Error):
        with own.hurried() as connection:
            stored = [(ready[row.nth - 1], row) for row in _stored(connection, ready)]
        receipts = [
            (each.n, submissions.receipt(each.actor, each.record, row, each.due))
            for each, row in stored
        ]
    for n, receipt in receipts:
        found[n] = receipt
    return found


def _ready(arrivals: Iterable[Arrival], calendar: Calendar) -> Iterator[_Ready]:
    now = datetime.now(UTC)
    for n, each in enumerate(arrivals):
        if not (allowed(each.actor, Right.LOG) and storing.goes_together(each.sent.layer)):
            continue
        with suppress(Problem):
            record = records.parse(each.sent.layer, each.sent.uuid, each.sent.body)
            due = assigning.due(record, now, calendar)
            told = storing.values(record, due, assigning.day(record, now), each.within)
            yield _Ready(n, each.actor, record, due, storing.as_json(told))


def _stored(connection: Connection, ready: Sequence[_Ready]) -> Sequence[sa.Row[Any]]:
    sent = {
        "layers": [each.record.layer.name for each in ready],
        "actors": [json.dumps(dict(each.actor.settings())) for each in ready],
        "records": [each.told for each in ready],
        "bodies": [psycopg2.Binary(each.record.body) for each in ready],
        "hashes": [psycopg2.Binary(each.record.sha256) for each in ready],
    }
    return connection.execute(_STORE, sent).all()
