"""`gridfield user`, and what `serve` makes of accounts."""

import io
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from api import cli, ending
from api.commands import serve as cli_serve
from api.demo import accounts as demo_accounts
from api.settings import Settings
from gis.postgis import Database
from layers.admission import accounts, sessions, sign_in_links, signing_in
from layers.admission.sessions import Device, Kind
from layers.declaring.people import Role
from layers.reading import reading_log
from layers.reading.reading_log import Reading
from layers.schema.accounts import ACCOUNTS, PERSONS
from tests.people import PASSWORD, account, secret


@dataclass(frozen=True)
class Ended:
    """What a command printed and how it ended."""

    returncode: int
    stdout: str
    stderr: str


User = Callable[..., Ended]


@pytest.fixture
def user(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> User:
    """Runs a command of `gridfield` in this process, with what somebody types."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRIDFIELD_DATABASE_URL", database.url.replace("+psycopg2", ""))
    monkeypatch.setenv("GRIDFIELD_LANG", "en")
    monkeypatch.setattr(ending, "watch", lambda: None)  # Ctrl-C stays pytest's

    def run(*arguments: str, typed: str = "") -> Ended:
        monkeypatch.setattr(sys, "argv", ["gridfield", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        code = ended.value.code
        return Ended(code if isinstance(code, int) else 0, out, err)

    return run


def test_the_first_admin_is_made_at_the_machine(user: User, database: Database) -> None:
    made = user(
        "user", "add", "Zhang", "--name", "张三", "--role", "admin", "--phone", "13800000001",
        typed=PASSWORD + "\n",
    )  # fmt: skip
    assert (made.returncode, made.stdout) == (0, "made the account zhang\n"), made.stderr
    signing_in.by_password(database, "zhang", PASSWORD, Kind.COOKIE, Device())
    shown = user("user", "list").stdout.split("\t")
    assert shown[:4] == ["zhang", "张三", "admin", "000000000000"]
    again = user("user", "add", "zhang", "--name", "李四", "--role", "viewer", typed=PASSWORD)
    assert (again.returncode, again.stdout) == (1, "")
    assert "the login zhang is taken" in again.stderr
    with database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(PERSONS)) == 1


def test_a_password_comes_by_no_argument_and_is_held_to_the_rules(
    user: User, database: Database
) -> None:
    for typed in ("", "\n", "short\n", "1234567890\n"):
        refused = user("user", "add", "li", "--name", "李四", "--role", "viewer", typed=typed)
        assert refused.returncode == 1
        assert refused.stderr.startswith("The password cannot be used")
    with database.read() as connection:
        assert accounts.listed(connection) == [], "nothing is half-made"
    told = user("user", "add", "li", "--name", "李四", "--role", "viewer", "--password", PASSWORD)
    assert told.returncode == 2


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["add", "li", "--name", "李四", "--role", "king"], 2, "--role"),
        (["add", "li", "--role", "viewer"], 2, "--name"),
        (["add", "li", "--name", "李", "--role", "viewer", "--division", "6"], 1, "twelve digits"),
        (["disable", "nobody"], 2, "There is no account nobody"),
        (["link", "nobody"], 2, "There is no account nobody"),
        (["password", "nobody"], 2, "There is no account nobody"),
        (["sessions", "nobody"], 2, "There is no account nobody"),
        (["link-identity", "nobody", "https://id.example", "7"], 2, "There is no account nobody"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    user: User, arguments: list[str], code: int, said: str
) -> None:
    ended = user("user", *arguments, typed=PASSWORD)
    assert ended.returncode == code
    assert said in ended.stderr


def test_an_account_through_its_life(user: User, database: Database) -> None:
    somebody = account(database, Role.LEADER, login="zhang")
    token = secret(database, somebody.id)

    def holds() -> bool:
        with database.begin() as connection:
            return sessions.find(connection, token) is not None

    listed = user("user", "sessions", "zhang").stdout.split("\t")
    assert listed[1] == "bearer"
    assert user("user", "sessions", "zhang", "--end", listed[0]).stdout == ""
    assert not holds()
    assert user("user", "sessions", "zhang", "--end", listed[0]).returncode == 2

    token = secret(database, somebody.id)
    assert user("user", "password", "ZHANG", "--temporary", typed=PASSWORD).returncode == 0
    assert not holds()
    with database.read() as connection:
        assert accounts.get(connection, "zhang").must_change
    assert "password due" in user("user", "list").stdout

    token = secret(database, somebody.id)
    assert user("user", "disable", "zhang").stdout == "disabled zhang\n"
    assert not holds()
    assert "disabled" in user("user", "list").stdout
    assert user("user", "enable", "zhang").returncode == 0
    assert "disabled" not in user("user", "list").stdout

    token = secret(database, somebody.id)
    assert user("user", "sessions", "zhang", "--end-all").stdout == ""
    assert not holds()

    linked = user("user", "link-identity", "zhang", "https://id.example", "7")
    assert linked.returncode == 0
    with database.read() as connection:
        assert accounts.by_identity(connection, "https://id.example", "7") == somebody.id


def test_a_link_is_printed_and_opens_once(user: User, database: Database) -> None:
    account(database, login="zhang")
    shown = user("user", "link", "zhang", "--hours", "2", "--address", "https://grid.example/")
    found = re.fullmatch(r"https://grid\.example/auth/links/([\w-]{43})\n", shown.stdout)
    assert found
    assert signing_in.by_link(database, found[1], Device())


def test_the_demo_has_one_account_for_each_role(database: Database) -> None:
    first = demo_accounts.open_links(database)
    assert {entry.role for entry in first} == set(Role)
    second = demo_accounts.open_links(database)
    with database.begin() as connection:
        held = accounts.listed(connection)
        assert {(each.login, each.role) for each in held} == {
            (entry.part.login, entry.role) for entry in first
        }
        assert not any(each.has_password for each in held)
        for entry in second:
            sign_in_links.check(connection, entry.secret)
        spent = sa.select(sa.func.count()).select_from(sign_in_links.SIGN_IN_LINKS)
        used = spent.where(sign_in_links.SIGN_IN_LINKS.c.used_at.is_not(None))
        assert connection.scalar(used) == len(first), "the links of the first start are withdrawn"
        for entry in second:
            token = sessions.find(
                connection, sessions.issue(connection, _id(database, entry.part.login), Kind.COOKIE)
            )
            assert token is not None
            assert token.actor.role is entry.role


def _id(database: Database, login: str) -> int:
    with database.read() as connection:
        return accounts.get(connection, login).id


def test_the_demo_opens_no_door_where_real_people_have_accounts(database: Database) -> None:
    demo_accounts.open_links(database)
    account(database, login="zhang")
    assert demo_accounts.open_links(database) == ()


def test_others_are_served_once_an_admin_has_an_account(
    user: User, database: Database, settings: Settings
) -> None:
    refused = user("serve", "--host", "192.0.2.1")
    assert refused.returncode == 2
    assert "There is no admin account yet" in refused.stderr
    named = settings.model_copy(update={"database_url": database.url.replace("+psycopg2", "")})
    account(database, Role.LEADER)
    assert not cli_serve._beyond(named, "192.0.2.1")
    admin = account(database)
    assert cli_serve._beyond(named, "192.0.2.1")
    assert not cli_serve._beyond(named, "127.0.0.1"), "which needs no look at the accounts"
    # An address that is not this machine's: past the question of accounts, and on to the socket.
    tried = user("serve", "--host", "192.0.2.1")
    assert tried.returncode == 1
    assert "cannot be used" in tried.stderr
    with database.begin() as connection:
        connection.execute(sa.update(ACCOUNTS).values(disabled_at=sa.func.now()))
        assert not accounts.has_admin(connection), admin.login


def test_the_address_that_is_served_is_a_name_that_is_answered_to(settings: Settings) -> None:
    assert cli_serve._named(settings, "192.0.2.1").hosts == ("192.0.2.1",)
    assert cli_serve._named(settings, "127.0.0.1").hosts == ()


def test_the_log_of_what_was_told_unmasked_is_listed(user: User, database: Database) -> None:
    made = account(database, login="zhang")
    own = {"gridfield.account": str(made.id), "gridfield.role": "admin"}
    theirs = database.acting(own, role="gridfield_app")
    reading_log.note(theirs, [Reading("items", "grid_fields", 20, "html")])
    reading_log.note(database, [Reading("gridfield export", "work_units", 3, "csv")])
    found = user("user", "reads").stdout
    assert found.index("gridfield export") < found.index("items")  # the newest first
    mine = user("user", "reads", "zhang").stdout
    assert "grid_fields" in mine
    assert "work_units" not in mine
    assert "grid_fields" not in user("user", "reads", "--limit", "1").stdout
    assert user("user", "reads", "nobody").returncode == 2
