"""Accounts in an admin's hands: within the own ground, and no ground without an admin.

The tables of accounts are nobody's but the owner's, so what an admin may do is held here.
"""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Problem
from layers.admission import accounts, passwords, sessions, sign_in_links
from layers.admission.accounts import Account
from layers.declaring.people import EVERYWHERE, Actor, Role, reaches
from layers.duties.persons import Person
from layers.refusals.people import ACCOUNT_OUTSIDE, LAST_ADMIN, UNKNOWN_ACCOUNT
from layers.schema.accounts import ACCOUNTS

LINK_LIFETIME = timedelta(hours=24)


def listed(connection: Connection, actor: Actor) -> Sequence[Account]:
    """The accounts within the actor's ground, by login."""
    return [each for each in accounts.listed(connection) if reaches(actor.division, each.division)]


def get(connection: Connection, actor: Actor, account_id: int) -> Account:
    """One of them; Problem(UNKNOWN_ACCOUNT) also for one that is outside."""
    for account in listed(connection, actor):
        if account.id == account_id:
            return account
    raise Problem(UNKNOWN_ACCOUNT, login=account_id)


def add(  # noqa: PLR0913  who makes which account for whom
    connection: Connection,
    actor: Actor,
    person: Person,
    login: str,
    *,
    role: Role,
    division: str,
) -> Account:
    """A new account, which nothing opens yet. Problems: ACCOUNT_OUTSIDE, ACCOUNT_REFUSED."""
    _own(actor, division)
    return accounts.create(connection, person, login, role, division)


def change(
    connection: Connection, actor: Actor, account_id: int, *, role: Role, division: str
) -> None:
    """Give an account another role or division. Problems: UNKNOWN_ACCOUNT, ACCOUNT_OUTSIDE,
    LAST_ADMIN where ground would be left without an admin."""
    account = _held(connection, actor, account_id)
    _own(actor, division)
    values = {"role": role.value, "division": division}
    connection.execute(sa.update(ACCOUNTS).where(ACCOUNTS.c.id == account.id).values(**values))
    _administered(connection, account)


def disable(connection: Connection, actor: Actor, account_id: int) -> None:
    """Let nobody in by it any more, at once. Problems: UNKNOWN_ACCOUNT, LAST_ADMIN."""
    account = _held(connection, actor, account_id)
    accounts.disable(connection, account.id)
    _administered(connection, account)


def enable(connection: Connection, actor: Actor, account_id: int) -> None:
    """Let it be used again; Problem(UNKNOWN_ACCOUNT)."""
    accounts.enable(connection, get(connection, actor, account_id).id)


def link(connection: Connection, actor: Actor, account_id: int) -> str:
    """The secret of a new link that signs in once; earlier ones are withdrawn."""
    account = get(connection, actor, account_id)
    sign_in_links.withdraw(connection, account.id)
    return sign_in_links.make(connection, account.id, LINK_LIFETIME)


def first_password(connection: Connection, actor: Actor, account_id: int) -> str:
    """A new password, to be changed at the first sign-in; nowhere kept as it is."""
    account = get(connection, actor, account_id)
    password = passwords.invented()
    accounts.set_password(connection, account, password, must_change=True)
    return password


def end_sessions(connection: Connection, actor: Actor, account_id: int) -> int:
    """End everything that is open; how many sessions that were. Problem(UNKNOWN_ACCOUNT)."""
    return sessions.revoke_all(connection, get(connection, actor, account_id).id)


def _own(actor: Actor, division: str) -> None:
    is_code = division.isascii() and division.isdigit() and len(division) == len(EVERYWHERE)
    if not (is_code and reaches(actor.division, division)):
        raise Problem(ACCOUNT_OUTSIDE, division=division)


def _held(connection: Connection, actor: Actor, account_id: int) -> Account:
    """The account, after waiting for whoever else changes an admin: each of two who disable one
    another would find the other one still there."""
    admins = sa.select(ACCOUNTS.c.id).where(ACCOUNTS.c.role == Role.ADMIN.value)
    connection.execute(admins.order_by(ACCOUNTS.c.id).with_for_update())
    return get(connection, actor, account_id)


def _administered(connection: Connection, before: Account) -> None:
    """Problem(LAST_ADMIN) unless what an admin reached over is still reached over by one."""
    if before.role is not Role.ADMIN or before.disabled_at is not None:
        return
    left = (
        account.division
        for account in accounts.listed(connection)
        if account.role is Role.ADMIN and account.disabled_at is None
    )
    if not any(reaches(division, before.division) for division in left):
        raise Problem(LAST_ADMIN, login=before.login, division=before.division)
