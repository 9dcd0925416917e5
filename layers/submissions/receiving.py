"""Records from phones are taken in: once each, whatever is sent again, and durably.

What is told has been committed; what is refused has left nothing.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

import psycopg2
import sqlalchemy as sa
from psycopg2.errors import InsufficientPrivilege, UniqueViolation
from sqlalchemy.engine import Connection

from gis.clock import local
from gis.errors import Finding, Problem
from gis.postgis import Database
from layers.alike.near import Reach
from layers.calendar import workdays
from layers.calendar.workdays import Calendar
from layers.declaring.people import Actor
from layers.declaring.rights import ROLE_LABELS, Right, allowed
from layers.declaring.words import Layer
from layers.held import policies
from layers.photos import bringing as photos
from layers.reading.masking import mask_name, may_know
from layers.refusals.people import FORBIDDEN
from layers.refusals.submissions import (
    RECORD_AGAIN,
    RECORD_ELSEWHERE,
    RECORD_MEMBER,
    RECORD_OTHER,
    RECORD_REFUSED,
)
from layers.schema.submissions import SUBMISSIONS
from layers.submissions import assigning, records, storing
from layers.submissions.records import Record

# As whoever owns the tables: what one has sent oneself is known wherever it has been moved since.
_BEFORE = sa.text("""
SELECT s.layer, s.feature, s.sha256, s.received_at, s.place, s.field AS code, s.due, s.near,
  s.body, (SELECT name FROM grid_fields g WHERE g.code = s.field) AS name,
  (SELECT name FROM persons p WHERE p.id = s.person) AS leader
FROM submissions s WHERE s.uuid = :uuid
""")


class _Taken(Exception):
    """Something was received under this name before, perhaps at this very moment."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What comes for a layer under a name of the sender's: bytes still to be understood."""

    layer: Layer
    uuid: UUID
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What whoever sent a record is told. `wanted` are the hashes of its photographs, `held` those
    whose bytes are here; `near` is what is likely the same."""

    uuid: UUID
    layer: str
    feature: int
    sha256: str
    received_at: datetime
    field: tuple[str, str | None] | None  # its code and its name
    leader: str | None
    due: datetime | None
    wanted: tuple[str, ...]
    held: frozenset[str]
    near: Sequence[dict[str, Any]]

    def members(self) -> dict[str, Any]:
        """For a program."""
        return {
            "uuid": str(self.uuid),
            "layer": self.layer,
            "id": self.feature,
            "sha256": self.sha256,
            "received_at": _told(self.received_at),
            "field": self.field and dict(zip(("code", "name"), self.field, strict=True)),
            "leader": self.leader,
            "due": self.due and _told(self.due),
            "photos": {
                "wanted": list(self.wanted),
                "held": [sha256 for sha256 in self.wanted if sha256 in self.held],
            },
            "near": list(self.near),
        }


def _told(moment: datetime) -> str:
    return local(moment).isoformat()


def receive(
    database: Database,
    actor: Actor,
    sent: Sent,
    *,
    within: Reach,
    calendar: Calendar | None = None,
) -> tuple[Receipt, bool]:
    """Take a record in for whoever acts in the database; whether it is new.

    The same bytes again change nothing, even where they would be refused by now. Without a
    `calendar` the database is asked for its own.
    Problem(FORBIDDEN), Problem(RECORD_OTHER) for other bytes under a name that is known,
    Problem(RECORD_ELSEWHERE) outside the own division, Problem(RECORD_REFUSED) for a field that is
    not there, and what `records.parse` refuses.
    """
    if not allowed(actor, Right.LOG):
        label = ROLE_LABELS[actor.role]
        raise Problem(FORBIDDEN, role=label.en, role_zh=label.zh)
    try:
        record = records.parse(sent.layer, sent.uuid, sent.body)
        with database.hurried() as connection:
            return store(connection, actor, record, within=within, calendar=calendar), True
    except (_Taken, Problem) as refused:
        with database.hurried() as connection:  # waits for the disk, as whoever stored it does
            before = again(connection, actor, sent)
        if before is not None:
            return before, False
        if isinstance(refused, _Taken):  # what was there has been rolled back meanwhile
            raise Problem(RECORD_AGAIN) from None
        raise


def store(
    connection: Connection,
    actor: Actor,
    record: Record,
    *,
    within: Reach,
    calendar: Calendar | None = None,
) -> Receipt:
    """Write a new record, its feature and what belongs to it, in the connection's transaction.

    Whoever calls rolls back when it raises.
    """
    now = datetime.now(UTC)
    due = assigning.due(record, now, calendar or workdays.calendar(connection))
    told = storing.values(record, due, assigning.day(record, now), within)
    return receipt(actor, record, _written(connection, record, told), due)


def receipt(actor: Actor, record: Record, row: sa.Row[Any], due: datetime | None) -> Receipt:
    """What is told of a record that has just been written; `row` is what the database said."""
    return Receipt(
        uuid=record.uuid,
        layer=record.layer.name,
        feature=row.feature,
        sha256=record.sha256.hex(),
        received_at=row.received_at,
        field=row.code and (row.code, row.name),
        leader=_shown(actor, row.place, row.leader),
        due=due,
        wanted=tuple(photo.sha256 for photo in record.photos),
        held=frozenset(row.held or ()),
        near=row.near,
    )


def again(connection: Connection, actor: Actor, sent: Sent) -> Receipt | None:
    """The receipt for what was received before under this name; None where nothing was.

    Problem(RECORD_OTHER) where that was something else.
    """
    with policies.unrestricted(connection):
        row = connection.execute(_BEFORE, {"uuid": str(sent.uuid)}).one_or_none()
    if row is None:
        return None
    sha256 = bytes(row.sha256)
    if sha256 != records.digest(sent.body) or row.layer != sent.layer.name:
        raise Problem(RECORD_OTHER, uuid=sent.uuid)
    return Receipt(
        uuid=sent.uuid,
        layer=row.layer,
        feature=row.feature,
        sha256=sha256.hex(),
        received_at=row.received_at,
        field=row.code and (row.code, row.name),
        leader=_shown(actor, row.place, row.leader),
        due=row.due,
        wanted=tuple(photo["sha256"] for photo in json.loads(sent.body).get("photos") or ()),
        held=photos.held(connection, sent.layer, row.feature),
        near=row.near,
    )


def feature_of(database: Database, layer: Layer, uuid: UUID) -> int | None:
    """The feature that came under this name, as far as whoever acts may see it."""
    came = SUBMISSIONS.c
    wanted = sa.select(came.feature).where(came.uuid == uuid, came.layer == layer.name)
    with database.read() as connection:
        found: int | None = connection.scalar(wanted)
    return found


def _shown(actor: Actor, place: int, name: str | None) -> str | None:
    if name is None or may_know(actor, place):
        return name
    return mask_name(name)


# --- what is written ------------------------------------------------------------------------------
def _written(connection: Connection, record: Record, told: dict[str, object]) -> sa.Row[Any]:
    statement = _storing(record.layer)
    sent = {
        "record": storing.as_json(told),
        "bytes": psycopg2.Binary(record.body),
        "hash": psycopg2.Binary(record.sha256),
    }
    try:
        row = connection.execute(statement, sent).one_or_none()
    except sa.exc.DBAPIError as error:
        problem = _refused(error.orig, record)
        if problem is None:
            raise
        raise problem from error
    if row is None:
        raise _no_field(record)
    if row.feature is None:
        raise _Taken
    return row


def _refused(error: BaseException | None, record: Record) -> Problem | None:
    if isinstance(error, InsufficientPrivilege):  # only whoever may log comes here
        lon, lat = record.lonlat or ("?", "?")
        return Problem(RECORD_ELSEWHERE, place=f"{lon}, {lat}")
    # A file may have brought the number that the feature was about to get; the next is another.
    return Problem(RECORD_AGAIN) if isinstance(error, UniqueViolation) else None


def _no_field(record: Record) -> Problem:
    code = record.captured.field
    told = {"reason": f"there is no field {code} of yours", "reason_zh": f"没有您的网格 {code}"}
    finding = Finding(RECORD_MEMBER, column="captured.field", values=told)
    return Problem(RECORD_REFUSED, findings=[finding], layer=record.layer.name, count=1)


@cache
def _storing(layer: Layer) -> sa.TextClause:
    called = storing.called(layer)
    return sa.text(f"SELECT * FROM {called}(CAST(:record AS jsonb), :bytes, :hash)")
