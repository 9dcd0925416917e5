"""Accounts: who may come in, with what role, and within which division."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa
from psycopg2.errors import UniqueViolation
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from gis.errors import Problem
from layers.admission import passwords, sessions, sign_in_links
from layers.declaring.people import Role, subtree
from layers.duties.persons import Person
from layers.refusals.people import ACCOUNT_REFUSED, IDENTITY_TAKEN, UNKNOWN_ACCOUNT
from layers.schema.accounts import ACCOUNTS, IDENTITIES, PERSONS, TEXT_LIMIT
from layers.schema.duties import DUTIES

_LOGIN = re.compile(r"[\w.@+-]{2,64}")
_DIVISION = re.compile(r"[0-9]{12}")
_IDENTITY_LIMIT = 255
# In a whole county several people have the same name.
_ABOVE_STREETS = "000000"


@dataclass(frozen=True, slots=True)
class Account:
    """One account as the list shows it."""

    id: int
    login: str
    name: str
    role: Role
    division: str
    has_password: bool
    must_change: bool
    disabled_at: datetime | None
    last_seen_at: datetime | None


def normal(login: str) -> str:
    """The one form of a login: however it is typed, it is the same account."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", login).casefold()).strip()


def create(
    connection: Connection, person: Person, login: str, role: Role, division: str
) -> Account:
    """A new account, which nothing opens yet; Problem(ACCOUNT_REFUSED).

    It is that of the one who is known by the name and answers for something in the division, where
    there is exactly one without an account, else that of somebody new.
    """
    name = normal(login)
    _check(person, name, division)
    person_id = _known(connection, person, division) or connection.scalar(
        sa.insert(PERSONS).values(**asdict(person)).returning(PERSONS.c.id)
    )
    values = {"person_id": person_id, "login": name, "role": role.value, "division": division}
    try:
        with connection.begin_nested():
            connection.execute(sa.insert(ACCOUNTS).values(values))
    except IntegrityError as error:
        if not isinstance(error.orig, UniqueViolation):
            raise
        raise _refused(f"the login {name} is taken", f"账号 {name} 已有人使用") from error
    return get(connection, name)


def _known(connection: Connection, person: Person, division: str) -> int | None:
    """Whom of those with a duty the name means; what is told of them now is remembered."""
    if division.endswith(_ABOVE_STREETS):
        return None
    answering = sa.select(DUTIES.c.person_id).where(DUTIES.c.place.between(*subtree(division)))
    statement = sa.select(PERSONS.c.id).where(
        PERSONS.c.name == person.name,
        PERSONS.c.id.in_(answering),
        PERSONS.c.id.not_in(sa.select(ACCOUNTS.c.person_id)),
    )
    found = list(connection.scalars(statement.limit(2)))
    if len(found) != 1:
        return None
    told = {name: value for name, value in asdict(person).items() if value is not None}
    connection.execute(sa.update(PERSONS).where(PERSONS.c.id == found[0]).values(**told))
    return int(found[0])


def listed(connection: Connection) -> Sequence[Account]:
    """Every account by login."""
    return [_account(row) for row in connection.execute(_SELECT.order_by(ACCOUNTS.c.login))]


def get(connection: Connection, login: str) -> Account:
    """The account of a login; Problem(UNKNOWN_ACCOUNT) when there is none."""
    found = find(connection, login)
    if found is None:
        raise Problem(UNKNOWN_ACCOUNT, login=login)
    return found


def find(connection: Connection, login: str) -> Account | None:
    """The account of a login, if there is one."""
    name = normal(login)
    if not _LOGIN.fullmatch(name):
        return None
    row = connection.execute(_SELECT.where(ACCOUNTS.c.login == name)).one_or_none()
    return None if row is None else _account(row)


def disable(connection: Connection, account_id: int) -> None:
    """Let nobody in by this account any more, and end what is open, at once."""
    _set(
        connection, account_id, disabled_at=sa.func.coalesce(ACCOUNTS.c.disabled_at, sa.func.now())
    )
    sessions.revoke_all(connection, account_id)
    sign_in_links.withdraw(connection, account_id)


def enable(connection: Connection, account_id: int) -> None:
    """Let the account be used again; what was ended stays ended."""
    _set(connection, account_id, disabled_at=None)


def set_password(
    connection: Connection,
    account: Account,
    password: str,
    *,
    must_change: bool = False,
    keep: int | None = None,
) -> None:
    """Give the account a password and end its sessions but one.

    Problem(PASSWORD_REFUSED) for one that is easily guessed.
    """
    passwords.check(password, account.login)
    _set(
        connection,
        account.id,
        password_hash=passwords.hashed(password),
        must_change=must_change,
    )
    sessions.revoke_all(connection, account.id, keep=keep)
    sign_in_links.withdraw(connection, account.id)


def link_identity(connection: Connection, account_id: int, issuer: str, subject: str) -> None:
    """Let an identity of a provider open the account; Problem(IDENTITY_TAKEN) by another one."""
    if not all(
        0 < len(text) <= _IDENTITY_LIMIT and text.isprintable() for text in (issuer, subject)
    ):
        raise _refused(
            f"issuer and subject have 1 to {_IDENTITY_LIMIT} characters",
            f"颁发者和标识应为 1–{_IDENTITY_LIMIT} 个字符",
        )
    values = {"issuer": issuer, "subject": subject, "account_id": account_id}
    try:
        with connection.begin_nested():
            connection.execute(sa.insert(IDENTITIES).values(values))
    except IntegrityError as error:
        if by_identity(connection, issuer, subject) != account_id:
            raise Problem(IDENTITY_TAKEN) from error


def by_identity(connection: Connection, issuer: str, subject: str) -> int | None:
    """The enabled or disabled account that an identity is linked to."""
    held = IDENTITIES.c
    found = sa.select(held.account_id).where(held.issuer == issuer, held.subject == subject)
    account_id: int | None = connection.scalar(found)
    return account_id


def is_enabled(connection: Connection, account_id: int) -> bool:
    """Whether the account may be used, kept from being disabled until the transaction ends."""
    held = sa.select(ACCOUNTS.c.id).where(
        ACCOUNTS.c.id == account_id, ACCOUNTS.c.disabled_at.is_(None)
    )
    return connection.scalar(held.with_for_update(read=True)) is not None


def has_any(connection: Connection) -> bool:
    """Whether anybody has an account, be it a disabled one."""
    return bool(connection.scalar(sa.select(sa.select(ACCOUNTS.c.id).exists())))


def has_admin(connection: Connection) -> bool:
    """Whether there is an admin who can sign in."""
    admins = sa.select(ACCOUNTS.c.id).where(
        ACCOUNTS.c.role == Role.ADMIN.value, ACCOUNTS.c.disabled_at.is_(None)
    )
    return bool(connection.scalar(sa.select(admins.exists())))


def _check(person: Person, login: str, division: str) -> None:
    if not _LOGIN.fullmatch(login):
        raise _refused(
            "a login has 2 to 64 letters, digits or . @ + - _",
            "账号为 2–64 个字母、数字、汉字或 . @ + - _",
        )
    if not _DIVISION.fullmatch(division):
        raise _refused("a division code has twelve digits", "区划代码为 12 位数字")
    texts = [text for text in asdict(person).values() if text is not None]
    if not person.name.strip() or any(len(t) > TEXT_LIMIT or not t.isprintable() for t in texts):
        raise _refused(
            f"the person needs a name, and texts of at most {TEXT_LIMIT} characters",
            f"需要姓名；各项不超过 {TEXT_LIMIT} 个字符",
        )


def _refused(reason: str, reason_zh: str) -> Problem:
    return Problem(ACCOUNT_REFUSED, reason=reason, reason_zh=reason_zh)


def _set(connection: Connection, account_id: int, **values: object) -> None:
    connection.execute(sa.update(ACCOUNTS).where(ACCOUNTS.c.id == account_id).values(**values))


def _account(row: sa.Row[tuple[object, ...]]) -> Account:
    found = row._asdict()
    return Account(**{**found, "role": Role(found["role"])})


_SELECT = sa.select(
    ACCOUNTS.c.id,
    ACCOUNTS.c.login,
    PERSONS.c.name,
    ACCOUNTS.c.role,
    ACCOUNTS.c.division,
    ACCOUNTS.c.password_hash.is_not(None).label("has_password"),
    ACCOUNTS.c.must_change,
    ACCOUNTS.c.disabled_at,
    sessions.last_seen(ACCOUNTS.c.id).label("last_seen_at"),
).join_from(ACCOUNTS, PERSONS, ACCOUNTS.c.person_id == PERSONS.c.id)
