"""Accounts for tests: somebody of a role, and the headers or the cookie that let them in."""

import uuid

from gis.postgis import Database
from layers.admission import accounts, sessions
from layers.admission.accounts import Account
from layers.admission.sessions import Kind
from layers.declaring.people import EVERYWHERE, Role
from layers.duties.persons import Person

PASSWORD = "the fields of 林家崖"  # noqa: S105  of invented people


def account(
    database: Database,
    role: Role = Role.ADMIN,
    division: str = EVERYWHERE,
    *,
    login: str | None = None,
    password: str | None = None,
    person: Person | None = None,
) -> Account:
    """A new account; a password costs a slow hash, so it has none unless asked."""
    login = login or f"{role}-{uuid.uuid4().hex[:8]}"
    with database.begin() as connection:
        made = accounts.create(connection, person or Person(name="张三"), login, role, division)
        if password is not None:
            accounts.set_password(connection, made, password)
        return accounts.get(connection, login)


def secret(database: Database, account_id: int, kind: Kind = Kind.BEARER) -> str:
    """The secret of a new session."""
    with database.begin() as connection:
        return sessions.issue(connection, account_id, kind)


def bearer(
    database: Database, role: Role = Role.ADMIN, division: str = EVERYWHERE
) -> dict[str, str]:
    """The header of a program that acts for a new account of this role."""
    return {"authorization": f"Bearer {secret(database, account(database, role, division).id)}"}
