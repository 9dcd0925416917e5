"""Sessions: a secret that only its holder has, and what the database remembers of it."""

import hashlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import psycopg2
import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from gis.errors import Problem
from layers.declaring.people import Actor, Role
from layers.held.wiring import lookup, type_of, written
from layers.refusals.people import UNKNOWN_SESSION
from layers.schema.accounts import ACCOUNTS, PERSONS, SESSIONS, TEXT_LIMIT


class Kind(StrEnum):
    """How the secret travels."""

    COOKIE = "cookie"
    BEARER = "bearer"


@dataclass(frozen=True, slots=True)
class Lifetime:
    """A session ends after `idle` without a request, and after `whole` whatever happens."""

    idle: timedelta
    whole: timedelta


LIFETIMES: Mapping[Kind, Lifetime] = {
    Kind.COOKIE: Lifetime(timedelta(hours=12), timedelta(days=7)),
    Kind.BEARER: Lifetime(timedelta(days=7), timedelta(days=30)),
}
# How long a dead session is still listed to its owner's admin.
_KEPT = timedelta(days=30)
# Often enough for people and for the idle end, seldom enough that a map's tiles write nothing.
_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Device:
    """What a request tells of where it comes from; shown to the owner, never trusted."""

    agent: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A session that holds right now, and who it lets act."""

    id: int
    kind: Kind
    actor: Actor
    login: str
    must_change: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """One open session as its owner sees it."""

    id: int
    kind: Kind
    agent: str | None
    address: str | None
    created_at: datetime
    last_seen_at: datetime


def statements() -> Iterator[str]:
    """The function that every request asks first: one that keeps its plan, since to make it takes
    longer than to find a session. For the owner: nobody else may read the tables."""
    columns = ", ".join(f"{each.name} {type_of(each)}" for each in _HOLDING.selected_columns)
    found = f"#variable_conflict use_column\nBEGIN RETURN QUERY {written(_HOLDING)}; END"
    yield lookup("gridfield_session", "wanted bytea", f"TABLE ({columns})", found)


def digest_of(secret: str) -> bytes:
    """What is stored of a secret; 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode(errors="replace")).digest()


def issue(connection: Connection, account_id: int, kind: Kind, device: Device | None = None) -> str:
    """A new session of the account; the secret is returned and nowhere kept."""
    secret = secrets.token_urlsafe(32)
    device = device or Device()
    dead = SESSIONS.c.expires_at < sa.func.now() - _KEPT
    connection.execute(sa.delete(SESSIONS).where(SESSIONS.c.account_id == account_id, dead))
    connection.execute(
        sa.insert(SESSIONS).values(
            digest=digest_of(secret),
            account_id=account_id,
            kind=kind.value,
            agent=_plain(device.agent),
            address=_plain(device.address),
            expires_at=sa.func.now() + LIFETIMES[kind].whole,
        )
    )
    return secret


def find(connection: Connection, secret: str) -> Session | None:
    """The session behind a secret, if it holds; that it was seen is noted once a minute."""
    return find_all(connection, [secret])[0]


def find_all(connection: Connection, secrets: Sequence[str]) -> list[Session | None]:
    """The same for several, in one statement."""
    digests = [psycopg2.Binary(digest_of(secret)) for secret in secrets]
    found: list[Session | None] = [None] * len(secrets)
    stale = set()
    for row in connection.execute(_FIND, {"digests": digests}):
        found[row.n - 1] = _session(row)
        if row.stale:
            stale.add(row.id)
    if stale:
        connection.execute(_SEEN, {"sessions": sorted(stale)})
    return found


def _session(row: sa.Row[Any]) -> Session:
    actor = Actor(row.account_id, row.person_id, row.name, Role(row.role), row.division, row.kind)
    return Session(row.id, Kind(row.kind), actor, row.login, row.must_change)


def holds(connection: Connection, session: Session) -> bool:
    """Whether a session that was found before still lets the same actor act.

    Asking this is no sign of life: a page that only listens does not keep its session open.
    """
    actor = session.actor
    same = (ACCOUNTS.c.role == actor.role.value, ACCOUNTS.c.division == actor.division)
    found = (
        sa.select(SESSIONS.c.id)
        .join(ACCOUNTS, SESSIONS.c.account_id == ACCOUNTS.c.id)
        .where(SESSIONS.c.id == session.id, ACCOUNTS.c.disabled_at.is_(None), _open(), *same)
    )
    return connection.scalar(found) is not None


def listed(connection: Connection, account_id: int) -> Sequence[Listed]:
    """The open sessions of an account, the most recently seen first."""
    kept = SESSIONS.c
    rows = connection.execute(
        sa.select(kept.id, kept.kind, kept.agent, kept.address, kept.created_at, kept.last_seen_at)
        .where(kept.account_id == account_id, _open())
        .order_by(kept.last_seen_at.desc(), kept.id.desc())
    )
    return [
        Listed(row.id, Kind(row.kind), row.agent, row.address, row.created_at, row.last_seen_at)
        for row in rows
    ]


def last_seen(account_id: ColumnElement[int]) -> sa.ScalarSelect[datetime | None]:
    """When an account was last used, for a list of accounts."""
    latest = sa.select(sa.func.max(SESSIONS.c.last_seen_at))
    return latest.where(SESSIONS.c.account_id == account_id).scalar_subquery()


def revoke(connection: Connection, account_id: int, session_id: int) -> None:
    """End one session of the account; Problem(UNKNOWN_SESSION) when it has no such open one."""
    ended = _revoke(connection, SESSIONS.c.account_id == account_id, SESSIONS.c.id == session_id)
    if not ended:
        raise Problem(UNKNOWN_SESSION)


def end(connection: Connection, session_id: int) -> None:
    """End a session; one that has ended stays so."""
    _revoke(connection, SESSIONS.c.id == session_id)


def revoke_all(connection: Connection, account_id: int, *, keep: int | None = None) -> int:
    """End every session of the account but one; how many that were."""
    others = SESSIONS.c.id.is_distinct_from(keep)
    return _revoke(connection, SESSIONS.c.account_id == account_id, others)


def _revoke(connection: Connection, *which: ColumnElement[bool]) -> int:
    statement = sa.update(SESSIONS).where(*which, SESSIONS.c.revoked_at.is_(None))
    return connection.execute(statement.values(revoked_at=sa.func.now())).rowcount


def _open() -> ColumnElement[bool]:
    now = sa.func.now()
    idle = sa.case(
        *((SESSIONS.c.kind == kind.value, life.idle) for kind, life in LIFETIMES.items())
    )
    return sa.and_(
        SESSIONS.c.revoked_at.is_(None),
        SESSIONS.c.expires_at > now,
        SESSIONS.c.last_seen_at > now - idle,
    )


def _plain(text: str | None) -> str | None:
    return "".join(filter(str.isprintable, text))[:TEXT_LIMIT] if text else None


_HOLDING = (
    sa.select(
        SESSIONS.c.id,
        SESSIONS.c.kind,
        SESSIONS.c.account_id,
        ACCOUNTS.c.person_id,
        ACCOUNTS.c.login,
        ACCOUNTS.c.role,
        ACCOUNTS.c.division,
        ACCOUNTS.c.must_change,
        PERSONS.c.name,
        (SESSIONS.c.last_seen_at < sa.func.now() - _SEEN_EVERY).label("stale"),
    )
    .join_from(SESSIONS, ACCOUNTS, SESSIONS.c.account_id == ACCOUNTS.c.id)
    .join(PERSONS, ACCOUNTS.c.person_id == PERSONS.c.id)
    .where(
        SESSIONS.c.digest == sa.literal_column("wanted"), ACCOUNTS.c.disabled_at.is_(None), _open()
    )
)
_FIND = sa.text(
    "SELECT asked.n, found.* FROM unnest(CAST(:digests AS bytea[])) WITH ORDINALITY"
    " AS asked (digest, n), gridfield_session(asked.digest) AS found"
)
_SEEN = (
    sa.update(SESSIONS)
    .where(SESSIONS.c.id == sa.any_(sa.bindparam("sessions", type_=sa.ARRAY(sa.BigInteger))))
    .values(last_seen_at=sa.func.now())
)
