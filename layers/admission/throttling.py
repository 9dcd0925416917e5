"""How often somebody may try to sign in: counted in the database, where all processes meet.

A try is counted before the password is looked at and given back when it was the right one, so
that tries at the same time cannot slip through together.
"""

import hashlib
import ipaddress
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from gis.errors import Problem
from layers.refusals.people import SIGN_IN_LOCKED
from layers.schema.accounts import SIGN_IN_ATTEMPTS

WINDOW = timedelta(minutes=15)
LOGIN_TRIES = 10
# A whole office may stand behind one address.
ADDRESS_TRIES = 50
_KEPT = timedelta(days=1)
_HELD = SIGN_IN_ATTEMPTS.c


def take(connection: Connection, login: str, address: str | None) -> None:
    """Count one try; Problem(SIGN_IN_LOCKED) when there have been too many within the window.

    A try beyond the limit is not counted, so that the lock ends a window after the last that was.
    The address goes first: whoever has used it up cannot fill the table with invented logins.
    """
    _take(connection, _address_key(address), ADDRESS_TRIES)
    _take(connection, _login_key(login), LOGIN_TRIES)


def give_back(connection: Connection, login: str, address: str | None) -> None:
    """Forget the tries for a login after the right password, and one try of the address.

    Not all of the address: whoever has an account could otherwise guess at others without end.
    """
    key = _HELD.digest == _address_key(address)
    connection.execute(
        sa.update(SIGN_IN_ATTEMPTS).where(key).values(tries=sa.func.greatest(_HELD.tries - 1, 0))
    )
    connection.execute(sa.delete(SIGN_IN_ATTEMPTS).where(_HELD.digest == _login_key(login)))
    connection.execute(sa.delete(SIGN_IN_ATTEMPTS).where(_HELD.last_at < sa.func.now() - _KEPT))


def _take(connection: Connection, digest: bytes, limit: int) -> None:
    now = sa.func.now()
    over = _HELD.last_at <= now - WINDOW
    locked = sa.and_(sa.not_(over), _HELD.tries >= limit)
    statement = insert(SIGN_IN_ATTEMPTS).values(digest=digest, tries=1, last_at=now)
    counted = statement.on_conflict_do_update(
        index_elements=[_HELD.digest],
        set_={
            "tries": sa.case((over, 1), (locked, limit + 1), else_=_HELD.tries + 1),
            "last_at": sa.case((locked, _HELD.last_at), else_=now),
        },
    ).returning(_HELD.tries, (_HELD.last_at + WINDOW - now).label("rest"))
    row = connection.execute(counted).one()
    if row.tries > limit:
        minutes = max(1, -(-int(row.rest.total_seconds()) // 60))
        raise Problem(SIGN_IN_LOCKED, minutes=minutes)


def _login_key(login: str) -> bytes:
    return _key("login", login)


def _address_key(address: str | None) -> bytes:
    return _key("address", _network(address or ""))


def _network(address: str) -> str:
    """The address as one counts it: an IPv6 subscriber has all of a /64."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    prefix = 64 if found.version == 6 else 32
    return str(ipaddress.ip_network((found, prefix), strict=False))


def _key(kind: str, value: str) -> bytes:
    return hashlib.sha256(f"{kind}:{value}".encode(errors="replace")).digest()
