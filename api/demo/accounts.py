"""One account for each role of the demo, opened by links that are printed and work once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from gis.postgis import Database
from layers.admission import accounts, sign_in_links
from layers.admission.accounts import Account
from layers.declaring.people import Role
from layers.declaring.words import Label
from layers.duties.persons import Person


@dataclass(frozen=True, slots=True)
class Part:
    """Somebody invented, and what they can show."""

    login: str
    person: Person
    division: str
    meaning: Label


@dataclass(frozen=True, slots=True)
class Entry:
    """A role's part and the secret of its link."""

    role: Role
    part: Part
    secret: str


_STREET, _COMMUNITY = "630102007000", "630102007001"

PARTS: Mapping[Role, Part] = {
    Role.ADMIN: Part(
        "demo-admin",
        Person(name="演示管理员", unit="林家崖街道", post="信息管理"),
        _STREET,
        Label("管账号、导入和全街道的数据", "accounts, imports, all data of the street"),
    ),
    Role.OFFICER: Part(
        "demo-officer",
        Person(name="演示执法员", unit="林家崖街道", post="综合执法"),
        _STREET,
        Label("办违法建设和执法", "illegal structures, enforcement"),
    ),
    Role.LEADER: Part(
        "demo-leader",
        Person(name="祁生财"),  # who answers for fields in the demo's files
        _COMMUNITY,
        Label("管蓝天社区的责任田", "the fields of one community"),
    ),
    Role.INSPECTOR: Part(
        "demo-inspector",
        Person(name="张海英"),
        _COMMUNITY,
        Label("在蓝天社区巡查登记", "logs what is found in one community"),
    ),
    Role.VIEWER: Part(
        "demo-viewer",
        Person(name="演示查看员", unit="林家崖街道"),
        _STREET,
        Label("只看，不改", "looks and changes nothing"),
    ),
}


def open_links(database: Database) -> tuple[Entry, ...]:
    """A fresh link for every role; none where anybody real has an account.

    Links of an earlier start that nobody used are withdrawn.
    """
    with database.begin() as connection:
        found = {account.login: account for account in accounts.listed(connection)}
        if found.keys() - {part.login for part in PARTS.values()}:
            return ()
        return tuple(_entries(connection, found))


def _entries(connection: Connection, found: Mapping[str, Account]) -> Iterator[Entry]:
    for role, part in PARTS.items():
        account = found.get(part.login) or accounts.create(
            connection, part.person, part.login, role, part.division
        )
        sign_in_links.withdraw(connection, account.id)
        yield Entry(role, part, sign_in_links.make(connection, account.id))
