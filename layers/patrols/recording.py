"""Patrols as they come from a phone: begun, ended, their positions batch by batch, and taken back.

Whatever comes twice is stored once: a beginning, an end or a batch is known by its bytes. Batches
may come in any order; a way leads from one position to the next only where all between have come.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection, Row

from gis.errors import Problem
from layers.declaring.people import Actor
from layers.patrols import walked
from layers.patrols import ways as patrol_ways
from layers.refusals.patrols import (
    PATROL_AHEAD,
    PATROL_DIFFERS,
    PATROL_FULL,
    PATROL_OLD,
    UNKNOWN_PATROL,
)
from layers.schema.patrols import PATROL_POINTS, PATROLS
from layers.walking import Fault, Fix, Rules, faults

MOST_BATCHES = 5000
_AHEAD = timedelta(minutes=5)
_OWN = PATROLS.c.account == sa.text(
    "nullif(current_setting('gridfield.account', true), '')::bigint"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a phone says of a patrol, by the server's clock; `digest` is that of the bytes.

    `batches` is how many there are when it has ended.
    """

    started_at: datetime
    stopped_at: datetime | None = None
    batches: int | None = None
    device: str | None = None
    app: str | None = None
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Positions in the order in which the phone took them, by the server's clock.

    `resumed`: the phone was not looking before the first of them.
    """

    seq: int
    fixes: Sequence[Fix]
    datum: str = "wgs84"
    resumed: bool = False
    clock_offset_s: float = 0.0
    digest: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch: how many positions were kept, and why others were left out."""

    points: int
    inaccurate: int
    clock: int
    close: int


# --- beginning and ending -------------------------------------------------------------------------
def tell(connection: Connection, actor: Actor, uuid: UUID, told: Told, *, days: int) -> bool:
    """Store that a patrol has begun or ended, and say whether it is new.

    Problem(PATROL_DIFFERS), Problem(PATROL_OLD), Problem(PATROL_AHEAD).
    """
    found = _held(connection, uuid)
    if found is None and _begin(connection, actor, uuid, told, days=days):
        return True
    found = found or _held(connection, uuid)
    if found is None:  # somebody else's
        raise Problem(PATROL_DIFFERS, id=uuid)
    if told.digest in (found.start_sha256, found.stop_sha256):
        return False
    if found.stop_sha256 is not None or told.stopped_at is None:
        raise Problem(PATROL_DIFFERS, id=uuid)
    _end(connection, found, told)
    return False


def _begin(connection: Connection, actor: Actor, uuid: UUID, told: Told, *, days: int) -> bool:
    now = _now(connection)
    if told.started_at > now + _AHEAD:
        raise Problem(PATROL_AHEAD, at=told.started_at.isoformat(timespec="seconds"))
    kept_until = told.started_at + timedelta(days=days)
    if kept_until <= now:
        at = told.started_at.isoformat(timespec="seconds")
        raise Problem(PATROL_OLD, at=at, days=days)
    values: dict[str, object] = {
        "uuid": uuid,
        "person": actor.person_id,
        "started_at": told.started_at,
        "stopped_at": _stopped(told, told.started_at, now),
        "kept_until": kept_until,
        "announced": told.batches,
        "start_sha256": told.digest,
        "stop_sha256": told.digest if told.stopped_at else None,
        "device": told.device,
        "app": told.app,
    }
    stored = insert(PATROLS).values(**values).on_conflict_do_nothing()
    return connection.execute(stored).rowcount == 1


def _end(connection: Connection, found: Row[Any], told: Told) -> None:
    connection.execute(
        sa.update(PATROLS)
        .where(PATROLS.c.uuid == found.uuid)
        .values(
            stopped_at=_stopped(told, found.started_at, _now(connection)),
            announced=told.batches,
            stop_sha256=told.digest,
        )
    )


def _stopped(told: Told, started_at: datetime, now: datetime) -> datetime | None:
    """The end within what can be: a clock may have been changed in between."""
    if told.stopped_at is None:
        return None
    return max(started_at, min(told.stopped_at, now))


def _held(connection: Connection, uuid: UUID) -> Row[Any] | None:
    """One's own patrol, which nobody else changes until the transaction ends."""
    mine = sa.select(PATROLS).where(PATROLS.c.uuid == uuid, _OWN).with_for_update()
    return connection.execute(mine).one_or_none()


def _now(connection: Connection) -> datetime:
    now: datetime = connection.scalars(sa.select(sa.func.now())).one()
    return now.astimezone(UTC)


# --- positions ------------------------------------------------------------------------------------
def add(connection: Connection, uuid: UUID, batch: Batch, rules: Rules) -> tuple[Taken, bool]:
    """Store a batch with the ways that it makes known; what became of it, and whether it is new.

    Problem(UNKNOWN_PATROL), Problem(PATROL_DIFFERS), Problem(PATROL_FULL).
    """
    patrol = _held(connection, uuid)
    if patrol is None:
        raise Problem(UNKNOWN_PATROL, id=uuid)
    earlier = _stored(connection, uuid, batch)
    if earlier is not None:
        return earlier, False
    if patrol.batches >= MOST_BATCHES or batch.seq > MOST_BATCHES:
        raise Problem(PATROL_FULL, limit=MOST_BATCHES)
    began, now = patrol.started_at.timestamp(), _now(connection).timestamp()
    found = faults(batch.fixes, rules, began, now)
    kept = [fix for fix, fault in zip(batch.fixes, found, strict=True) if fault is None]
    taken = Taken(len(kept), *(found.count(fault) for fault in Fault))
    _store(connection, uuid, batch, kept, taken)
    way = patrol_ways.add(connection, uuid, batch.seq, kept, rules, resumed=batch.resumed)
    _sum_up(connection, uuid, taken, way)
    if way.walked:
        walked.add(connection, patrol, way.walked)
    return taken, True


def _stored(connection: Connection, uuid: UUID, batch: Batch) -> Taken | None:
    rows = PATROL_POINTS.c
    columns = (rows.sha256, rows.points, rows.inaccurate, rows.clock, rows.close)
    wanted = sa.select(*columns).where(rows.patrol == uuid, rows.seq == batch.seq)
    found = connection.execute(wanted).one_or_none()
    if found is None:
        return None
    if found.sha256 != batch.digest:
        raise Problem(PATROL_DIFFERS, id=f"{uuid}/{batch.seq}")
    return Taken(*found[1:])


def _store(
    connection: Connection, uuid: UUID, batch: Batch, kept: Sequence[Fix], taken: Taken
) -> None:
    columns = ("at", "lon", "lat", "accuracy_m")
    connection.execute(
        sa.insert(PATROL_POINTS).values(
            patrol=uuid,
            seq=batch.seq,
            sha256=batch.digest,
            datum=batch.datum,
            resumed=batch.resumed,
            clock_offset_s=batch.clock_offset_s,
            points=taken.points,
            inaccurate=taken.inaccurate,
            clock=taken.clock,
            close=taken.close,
            **{name: [getattr(fix, name) for fix in kept] for name in columns},
        )
    )


def _sum_up(connection: Connection, uuid: UUID, taken: Taken, way: patrol_ways.Way) -> None:
    rows = PATROLS.c
    left_out = taken.inaccurate + taken.clock + taken.close
    more = {
        "batches": 1,
        "points": taken.points,
        "left_out": left_out,
        "gaps": way.gaps,
        "walked_m": way.walked_m,
        "ridden_m": way.ridden_m,
    }
    added = {name: rows[name] + amount for name, amount in more.items()}
    connection.execute(sa.update(PATROLS).where(rows.uuid == uuid).values(**added))


# --- taking back ----------------------------------------------------------------------------------
def delete(connection: Connection, uuid: UUID) -> None:
    """Delete one's own patrol; what it alone had walked is walked no more. UNKNOWN_PATROL."""
    mine = PATROLS.c.uuid == uuid, _OWN
    # Not held: who may no longer log may still take back what is their own.
    found = connection.execute(sa.select(PATROLS).where(*mine)).one_or_none()
    if found is None:
        raise Problem(UNKNOWN_PATROL, id=uuid)
    walked.take_back(connection, found)
