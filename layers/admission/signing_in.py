"""Coming in: by password, by a link, by an identity that a provider vouches for.

Every way ends in a new secret. A password is looked at between two transactions, because the slow
hash must hold no connection; what may have changed meanwhile is looked at again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Problem
from gis.postgis import Database
from layers.admission import accounts, passwords, sessions, sign_in_links, throttling
from layers.admission.sessions import Device, Kind, Session
from layers.refusals.people import IDENTITY_UNLINKED, SIGN_IN_FAILED
from layers.schema.accounts import ACCOUNTS, PERSONS

_SEPARATORS = re.compile(r"[\s()-]")
_CHINA = re.compile(r"^(?:\+|00)?86(?=1\d{10}$)")

Match = Literal["phone", "email"]


@dataclass(frozen=True, slots=True)
class _Held:
    account_id: int
    password_hash: str | None


def by_password(database: Database, login: str, password: str, kind: Kind, device: Device) -> str:
    """The secret of a new session.

    Problem(SIGN_IN_FAILED) says neither what was wrong nor whether there is such a login;
    Problem(SIGN_IN_LOCKED) comes before any password is looked at.
    """
    name = accounts.normal(login)
    held = _verified(database, name, password, device.address)
    fresh = None
    if held.password_hash and passwords.outdated(held.password_hash):
        fresh = passwords.hashed(password)
    with database.begin() as connection:
        _still(connection, held)
        throttling.give_back(connection, name, device.address)
        if fresh is not None:
            statement = sa.update(ACCOUNTS).where(ACCOUNTS.c.id == held.account_id)
            connection.execute(statement.values(password_hash=fresh))
        return sessions.issue(connection, held.account_id, kind, device)


def by_link(database: Database, secret: str, device: Device) -> str:
    """The secret of a new session; Problem(LINK_SPENT) when somebody was quicker."""
    with database.begin() as connection:
        account_id = sign_in_links.use(connection, secret)
        return sessions.issue(connection, account_id, Kind.COOKIE, device)


def by_identity(
    database: Database, claims: Mapping[str, Any], match: Match | None, device: Device
) -> str:
    """The secret of a new session for the account that these verified claims are linked to.

    With `match`, an identity that nobody linked is linked to the one account whose person has the
    phone number or the address that the provider has verified. Problem(IDENTITY_UNLINKED).
    """
    issuer, subject = str(claims["iss"]), str(claims["sub"])
    with database.begin() as connection:
        account_id = accounts.by_identity(connection, issuer, subject)
        if account_id is None and match is not None:
            account_id = _matched(connection, claims, match)
            if account_id is not None:
                accounts.link_identity(connection, account_id, issuer, subject)
        if account_id is None or not accounts.is_enabled(connection, account_id):
            raise Problem(IDENTITY_UNLINKED)
        return sessions.issue(connection, account_id, Kind.COOKIE, device)


def change_password(
    database: Database, session: Session, current: str, new: str, device: Device
) -> None:
    """Replace the own password and end all other sessions.

    Problems: SIGN_IN_FAILED and SIGN_IN_LOCKED as for signing in, PASSWORD_REFUSED. Who has no
    password yet (a link let them in) needs none.
    """
    login = session.login
    with database.read() as connection:
        account = accounts.get(connection, login)
    passwords.check(new, login, former=current)
    held = None
    if account.has_password:
        held = _verified(database, login, current, device.address)
    with database.begin() as connection:
        if held is not None:
            _still(connection, held)
            throttling.give_back(connection, login, device.address)
        accounts.set_password(connection, account, new, keep=session.id)


def _verified(database: Database, login: str, password: str, address: str | None) -> _Held:
    with database.begin() as connection:
        throttling.take(connection, login, address)
        account = accounts.find(connection, login)
        held = None if account is None else _held(connection, account.id)
    # Looked at whoever asks: an unknown login costs what a known one does.
    right = passwords.matches(held.password_hash if held else None, password)
    if held is None or not right:
        raise Problem(SIGN_IN_FAILED)
    return held


def _held(connection: Connection, account_id: int, *, lock: bool = False) -> _Held | None:
    statement = sa.select(ACCOUNTS.c.id, ACCOUNTS.c.password_hash).where(
        ACCOUNTS.c.id == account_id, ACCOUNTS.c.disabled_at.is_(None)
    )
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    return None if row is None else _Held(row.id, row.password_hash)


def _still(connection: Connection, held: _Held) -> None:
    if _held(connection, held.account_id, lock=True) != held:
        raise Problem(SIGN_IN_FAILED)


def _matched(connection: Connection, claims: Mapping[str, Any], match: Match) -> int | None:
    claim = {"phone": "phone_number", "email": "email"}[match]
    value = claims.get(claim)
    if not isinstance(value, str) or claims.get(f"{claim}_verified") is not True:
        return None
    wanted = _comparable(match, value)
    column = PERSONS.c[match]
    rows = connection.execute(
        sa.select(ACCOUNTS.c.id, column.label("value"))
        .join_from(ACCOUNTS, PERSONS, ACCOUNTS.c.person_id == PERSONS.c.id)
        .where(ACCOUNTS.c.disabled_at.is_(None), column.is_not(None))
    )
    found = [row.id for row in rows if _comparable(match, row.value) == wanted]
    # Two who share a number are nobody in particular.
    return found[0] if wanted and len(found) == 1 else None


def _comparable(match: Match, value: str) -> str:
    if match == "email":
        return value.strip().casefold()
    return _CHINA.sub("", _SEPARATORS.sub("", value))
