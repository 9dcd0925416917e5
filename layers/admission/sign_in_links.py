"""Links that sign somebody in once: for a first sign-in, a lost password, the demo."""

import secrets
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from gis.errors import Problem
from layers.admission.sessions import digest_of
from layers.refusals.people import LINK_SPENT
from layers.schema.accounts import ACCOUNTS, SIGN_IN_LINKS

LIFETIME = timedelta(hours=24)
_KEPT = timedelta(days=30)


def make(connection: Connection, account_id: int, lifetime: timedelta = LIFETIME) -> str:
    """The secret of a new link of the account; nowhere kept."""
    secret = secrets.token_urlsafe(32)
    now = sa.func.now()
    connection.execute(sa.delete(SIGN_IN_LINKS).where(SIGN_IN_LINKS.c.expires_at < now - _KEPT))
    connection.execute(
        sa.insert(SIGN_IN_LINKS).values(
            digest=digest_of(secret), account_id=account_id, expires_at=now + lifetime
        )
    )
    return secret


def check(connection: Connection, secret: str) -> None:
    """Problem(LINK_SPENT) unless the link could be used now; looking uses nothing up."""
    found = sa.select(SIGN_IN_LINKS.c.id).where(*_usable(secret))
    if connection.scalar(found) is None:
        raise Problem(LINK_SPENT)


def use(connection: Connection, secret: str) -> int:
    """The account of the link, which is used up; Problem(LINK_SPENT) for everybody but the first.

    Two at once wait for one another at the row, and the second no longer finds it unused.
    """
    statement = sa.update(SIGN_IN_LINKS).where(*_usable(secret)).values(used_at=sa.func.now())
    account_id = connection.scalar(statement.returning(SIGN_IN_LINKS.c.account_id))
    if account_id is None:
        raise Problem(LINK_SPENT)
    return int(account_id)


def withdraw(connection: Connection, account_id: int) -> None:
    """Use up every link of the account."""
    open_links = sa.and_(
        SIGN_IN_LINKS.c.account_id == account_id, SIGN_IN_LINKS.c.used_at.is_(None)
    )
    connection.execute(sa.update(SIGN_IN_LINKS).where(open_links).values(used_at=sa.func.now()))


def _usable(secret: str) -> tuple[ColumnElement[bool], ...]:
    enabled = (
        sa.select(ACCOUNTS.c.id)
        .where(ACCOUNTS.c.id == SIGN_IN_LINKS.c.account_id, ACCOUNTS.c.disabled_at.is_(None))
        .exists()
    )
    return (
        SIGN_IN_LINKS.c.digest == digest_of(secret),
        SIGN_IN_LINKS.c.used_at.is_(None),
        SIGN_IN_LINKS.c.expires_at > sa.func.now(),
        enabled,
    )
