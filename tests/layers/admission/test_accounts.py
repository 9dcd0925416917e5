"""Accounts, passwords, sessions and links: what lets somebody in, and what no longer does."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from sqlalchemy.engine import Connection

from gis.errors import Problem, Rule
from gis.postgis import Database, raw_cursor
from layers.admission import accounts, passwords, sessions, sign_in_links, signing_in, throttling
from layers.admission.accounts import Account
from layers.admission.sessions import LIFETIMES, Device, Kind, Session
from layers.declaring.people import EVERYWHERE, Role
from layers.duties.persons import Person
from layers.refusals.people import (
    ACCOUNT_REFUSED,
    IDENTITY_TAKEN,
    IDENTITY_UNLINKED,
    LINK_SPENT,
    PASSWORD_REFUSED,
    SIGN_IN_FAILED,
    SIGN_IN_LOCKED,
    UNKNOWN_ACCOUNT,
    UNKNOWN_SESSION,
)
from layers.registry import Registry
from layers.schema.accounts import ACCOUNTS, PERSONS, SESSIONS, SIGN_IN_ATTEMPTS, SIGN_IN_LINKS
from tests.layers import duty_cases, fields
from tests.people import PASSWORD, account, secret

HERE = Device(agent="a browser", address="192.0.2.7")
WRONG = "not the password"


class Counting(PasswordHasher):
    """A quick hasher that counts how often it works."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)

    looked: int = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002  its name
        Counting.looked += 1
        return super().verify(hash, password)


@pytest.fixture(autouse=True)
def hasher(monkeypatch: pytest.MonkeyPatch) -> type[Counting]:
    Counting.looked = 0
    monkeypatch.setattr(passwords, "HASHER", Counting())
    return Counting


@pytest.fixture
def zhang(database: Database) -> Account:
    return account(database, Role.LEADER, "630102007001", login="zhang", password=PASSWORD)


def sign_in(
    database: Database, login: str = "zhang", password: str = PASSWORD, device: Device = HERE
) -> str:
    return signing_in.by_password(database, login, password, Kind.COOKIE, device)


def refused(rule: Rule, action: Callable[[], object]) -> Problem:
    with pytest.raises(Problem) as caught:
        action()
    assert caught.value.rule is rule
    return caught.value


def found(database: Database, token: str) -> Session | None:
    with database.begin() as connection:
        return sessions.find(connection, token)


def shift(database: Database, column: sa.Column[object], by: timedelta) -> None:
    """Let time pass by moving what is written of it."""
    with database.begin() as connection:
        connection.execute(sa.update(column.table).values({column.name: column - by}))


def test_a_login_is_one_however_it_is_typed(database: Database, zhang: Account) -> None:
    assert zhang.login == "zhang"
    for typed in ("Zhang", " ZHANG ", "ｚｈａｎｇ"):
        assert found(database, sign_in(database, typed)) is not None
    with database.begin() as connection:
        refused(
            ACCOUNT_REFUSED,
            lambda: accounts.create(
                connection, Person(name="李"), "ZHANG", Role.VIEWER, EVERYWHERE
            ),
        )
        # The refusal left nothing half-made: the transaction goes on.
        accounts.create(connection, Person(name="李"), "李四", Role.VIEWER, EVERYWHERE)
        assert [found.login for found in accounts.listed(connection)] == ["zhang", "李四"]


@pytest.mark.parametrize(
    ("login", "name", "division"),
    [
        ("x", "张三", EVERYWHERE),
        ("a b", "张三", EVERYWHERE),
        ("a\0b", "张三", EVERYWHERE),
        ("x" * 65, "张三", EVERYWHERE),
        ("zhang", " ", EVERYWHERE),
        ("zhang", "张\0三", EVERYWHERE),
        ("zhang", "张" * 201, EVERYWHERE),
        ("zhang", "张三", "6301"),
        ("zhang", "张三", "６３０１０２００７００１"),
    ],
)
def test_what_is_no_account_is_refused(
    database: Database, login: str, name: str, division: str
) -> None:
    with database.begin() as connection:
        refused(
            ACCOUNT_REFUSED,
            lambda: accounts.create(connection, Person(name=name), login, Role.VIEWER, division),
        )
        assert accounts.listed(connection) == []
        refused(UNKNOWN_ACCOUNT, lambda: accounts.get(connection, login))


@pytest.mark.parametrize(
    "password", ["", "short", "网格责任田", "1234567890", "QWERTYUIOP", "zhang.sanli", "a" * 12]
)
def test_passwords_that_others_would_guess_are_refused(password: str) -> None:
    refused(PASSWORD_REFUSED, lambda: passwords.check(password, "zhang.sanli"))


@pytest.mark.parametrize(
    "password", ["abcdefghij!", "correct horse", "我们的网格责任田真好", " " * 9 + "x"]
)
def test_no_composition_is_asked_of_a_password(password: str) -> None:
    passwords.check(password, "zhang")


def test_the_right_password_lets_in_as_who_one_is(database: Database, zhang: Account) -> None:
    session = found(database, sign_in(database))
    assert session is not None
    actor = session.actor
    assert (actor.account_id, actor.name) == (zhang.id, "张三")
    assert (actor.role, actor.division, actor.source) == (Role.LEADER, "630102007001", "cookie")


def test_only_hashes_are_stored(database: Database, zhang: Account) -> None:
    token = sign_in(database)
    with database.begin() as connection:
        link = sign_in_links.make(connection, zhang.id)
        everything = "\n".join(
            row
            for table in (ACCOUNTS, SESSIONS, SIGN_IN_LINKS, SIGN_IN_ATTEMPTS)
            for row in connection.scalars(sa.text(f"SELECT t::text FROM {table.name} AS t"))
        )
        held = connection.scalar(sa.select(ACCOUNTS.c.password_hash))
        digest = connection.scalar(sa.select(SESSIONS.c.digest))
    for hidden in (token, link, PASSWORD):
        assert hidden not in everything
    assert held is not None
    assert held.startswith("$argon2id$")
    # Who has read the table has nothing to come in with.
    for stolen in (digest.hex(), "\\x" + digest.hex(), digest.decode("latin-1")):
        assert found(database, stolen) is None


def test_a_refusal_says_nothing_and_costs_the_same(
    database: Database, zhang: Account, hasher: type[Counting]
) -> None:
    account(database, login="linked-only")
    gone = account(database, login="gone", password=PASSWORD)
    with database.begin() as connection:
        accounts.disable(connection, gone.id)
    said = set()
    tries = (
        ("zhang", WRONG),
        ("nobody", PASSWORD),
        ("gone", PASSWORD),
        ("linked-only", PASSWORD),
        ("no\0body", PASSWORD),
        ("' OR 1=1", PASSWORD),
    )
    for login, password in tries:
        before = hasher.looked
        said.add(refused(SIGN_IN_FAILED, lambda: sign_in(database, login, password)).sentence())  # noqa: B023  called at once
        assert hasher.looked == before + 1
    assert len(said) == 1
    before = hasher.looked
    sign_in(database)
    assert hasher.looked == before + 1


def test_nobodys_hash_costs_what_a_real_one_does(hasher: type[Counting]) -> None:
    assert not passwords.outdated(passwords._nobodys())
    assert passwords._nobodys() != passwords._nobodys()
    assert not passwords.matches(None, PASSWORD)


def test_a_hash_of_older_parameters_is_made_anew(database: Database, zhang: Account) -> None:
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    with database.begin() as connection:
        connection.execute(sa.update(ACCOUNTS).values(password_hash=old))
    sign_in(database)
    with database.read() as connection:
        fresh = connection.scalar(sa.select(ACCOUNTS.c.password_hash))
    assert fresh is not None
    assert fresh != old
    assert not passwords.outdated(fresh)
    assert sign_in(database)


def test_too_many_tries_lock_a_login_and_the_lock_ends(
    database: Database, zhang: Account, hasher: type[Counting]
) -> None:
    for _ in range(throttling.LOGIN_TRIES):
        refused(SIGN_IN_FAILED, lambda: sign_in(database, password=WRONG))
    looked = hasher.looked
    problem = refused(SIGN_IN_LOCKED, lambda: sign_in(database))
    assert problem.values["minutes"] == 15
    # From elsewhere too, and unknown logins lock just so: a lock says nothing of an account.
    elsewhere = Device(address="198.51.100.1")
    refused(SIGN_IN_LOCKED, lambda: sign_in(database, device=elsewhere))
    assert hasher.looked == looked, "no password is looked at behind a lock"
    for _ in range(throttling.LOGIN_TRIES):
        refused(SIGN_IN_FAILED, lambda: sign_in(database, "nobody"))
    refused(SIGN_IN_LOCKED, lambda: sign_in(database, "nobody"))

    shift(database, SIGN_IN_ATTEMPTS.c.last_at, throttling.WINDOW - timedelta(minutes=1))
    assert refused(SIGN_IN_LOCKED, lambda: sign_in(database)).values["minutes"] == 1
    shift(database, SIGN_IN_ATTEMPTS.c.last_at, timedelta(minutes=1))
    assert sign_in(database)


def test_trying_on_does_not_lengthen_a_lock(database: Database, zhang: Account) -> None:
    for _ in range(throttling.LOGIN_TRIES):
        refused(SIGN_IN_FAILED, lambda: sign_in(database, password=WRONG))
    shift(database, SIGN_IN_ATTEMPTS.c.last_at, timedelta(minutes=10))
    for _ in range(3):
        refused(SIGN_IN_LOCKED, lambda: sign_in(database))
    shift(database, SIGN_IN_ATTEMPTS.c.last_at, timedelta(minutes=5))
    assert sign_in(database)


def test_an_address_that_tries_many_logins_is_locked(database: Database, zhang: Account) -> None:
    for n in range(throttling.ADDRESS_TRIES):
        refused(SIGN_IN_FAILED, lambda: sign_in(database, f"somebody{n}"))  # noqa: B023  called at once
    refused(SIGN_IN_LOCKED, lambda: sign_in(database, "another"))
    refused(SIGN_IN_LOCKED, lambda: sign_in(database))
    assert sign_in(database, device=Device(address="198.51.100.1"))
    with database.read() as connection:
        held = connection.scalar(sa.select(sa.func.count()).select_from(SIGN_IN_ATTEMPTS))
    # A locked address adds no rows, whatever logins it invents.
    assert held == throttling.ADDRESS_TRIES + 2


def test_an_ipv6_subscriber_is_one_address(database: Database) -> None:
    for n in range(throttling.ADDRESS_TRIES):
        device = Device(address=f"2001:db8:1:2::{n:x}")
        refused(SIGN_IN_FAILED, lambda: sign_in(database, f"somebody{n}", device=device))  # noqa: B023  called at once
    same, other = Device(address="2001:db8:1:2:ffff::1"), Device(address="2001:db8:1:3::1")
    refused(SIGN_IN_LOCKED, lambda: sign_in(database, "another", device=same))
    refused(SIGN_IN_FAILED, lambda: sign_in(database, "another", device=other))


def test_the_right_password_gives_the_tries_back(database: Database, zhang: Account) -> None:
    for _ in range(throttling.ADDRESS_TRIES + 10):  # an office comes to work
        sign_in(database)
    for _ in range(2):
        for _ in range(throttling.LOGIN_TRIES - 1):
            refused(SIGN_IN_FAILED, lambda: sign_in(database, password=WRONG))
        sign_in(database)
    # Yet what the address tried in vain stays counted, or one account would open the way to others.
    for n in range(throttling.ADDRESS_TRIES - 2 * (throttling.LOGIN_TRIES - 1)):
        refused(SIGN_IN_FAILED, lambda: sign_in(database, f"somebody{n}"))  # noqa: B023  called at once
    refused(SIGN_IN_LOCKED, lambda: sign_in(database))


def test_tries_at_the_same_time_do_not_slip_through_together(
    database: Database, zhang: Account
) -> None:
    wide = Database(database.url, pool_size=16)
    start = threading.Barrier(16)

    def once(n: int) -> Rule:
        start.wait()
        with pytest.raises(Problem) as caught:
            sign_in(wide, password=f"{WRONG} {n}", device=Device(address=f"192.0.2.{n}"))
        return caught.value.rule

    with ThreadPoolExecutor(16) as threads:
        rules = list(threads.map(once, range(16)))
    wide.close()
    assert rules.count(SIGN_IN_FAILED) == throttling.LOGIN_TRIES
    assert rules.count(SIGN_IN_LOCKED) == 16 - throttling.LOGIN_TRIES


@pytest.mark.parametrize("kind", list(Kind))
def test_a_session_ends_when_idle_and_for_good(database: Database, kind: Kind) -> None:
    somebody = account(database)
    life, minute = LIFETIMES[kind], timedelta(minutes=1)
    idle, old = (secret(database, somebody.id, kind) for _ in range(2))
    shift(database, SESSIONS.c.last_seen_at, life.idle - minute)
    assert found(database, old) is not None  # which counts as seen
    shift(database, SESSIONS.c.last_seen_at, 2 * minute)
    assert found(database, idle) is None
    assert found(database, old) is not None
    shift(database, SESSIONS.c.expires_at, life.whole - minute)
    assert found(database, old) is not None
    shift(database, SESSIONS.c.expires_at, 2 * minute)
    assert found(database, old) is None
    with database.read() as connection:
        assert sessions.listed(connection, somebody.id) == []


def test_being_seen_is_written_once_a_minute(database: Database) -> None:
    token = secret(database, account(database).id)

    def seen() -> object:
        assert found(database, token) is not None
        with database.read() as connection:
            return connection.scalar(sa.select(SESSIONS.c.last_seen_at))

    first = seen()
    assert seen() == first
    shift(database, SESSIONS.c.last_seen_at, timedelta(seconds=61))
    assert seen() > first  # type: ignore[operator]  # times


def test_a_look_up_is_one_statement_that_goes_by_the_index(database: Database) -> None:
    token = secret(database, account(database).id)
    ran: list[tuple[str, dict[str, object]]] = []

    def noting(*details: Any) -> None:
        ran.append(details[2:4])

    with database.begin() as connection:
        sa.event.listen(connection, "before_cursor_execute", noting)
        assert sessions.find(connection, token) is not None
        sa.event.remove(connection, "before_cursor_execute", noting)
    ((statement, values),) = ran
    with database.begin() as connection, raw_cursor(connection) as cursor:
        cursor.execute(
            "LOAD 'auto_explain'; SET LOCAL auto_explain.log_min_duration = 0;"
            "SET LOCAL auto_explain.log_nested_statements = on;"
            "SET LOCAL client_min_messages = log; SET LOCAL enable_seqscan = off"  # a tiny table
        )
        cursor.execute(statement, values)
        plan = "".join(cursor.connection.notices)
    assert "sessions_digest_key" in plan
    assert "Seq Scan" not in plan


def test_sessions_end_one_by_one_or_all_at_once(database: Database) -> None:
    mine, other = account(database), account(database)
    first, second, third = (secret(database, mine.id) for _ in range(3))
    foreign = secret(database, other.id)
    with database.begin() as connection:
        held = sessions.find(connection, first)
        theirs = sessions.find(connection, foreign)
        assert held is not None
        assert theirs is not None
        sessions.revoke(connection, mine.id, held.id)
        assert sessions.find(connection, first) is None
        refused(UNKNOWN_SESSION, lambda: sessions.revoke(connection, mine.id, held.id))
        refused(UNKNOWN_SESSION, lambda: sessions.revoke(connection, mine.id, theirs.id))
        kept = sessions.find(connection, second)
        assert kept is not None
        assert sessions.revoke_all(connection, mine.id, keep=kept.id) == 1
    assert found(database, second) is not None
    assert found(database, third) is None
    assert found(database, foreign) is not None


def test_disabling_ends_everything_at_once_and_enabling_revives_nothing(
    database: Database, zhang: Account
) -> None:
    tokens = [sign_in(database), secret(database, zhang.id)]
    with database.begin() as connection:
        link = sign_in_links.make(connection, zhang.id)
        accounts.link_identity(connection, zhang.id, "https://id.example", "7")
        accounts.disable(connection, zhang.id)
    claims = {"iss": "https://id.example", "sub": "7"}
    for _ in range(2):
        assert [found(database, token) for token in tokens] == [None, None]
        refused(LINK_SPENT, lambda: signing_in.by_link(database, link, HERE))
    refused(SIGN_IN_FAILED, lambda: sign_in(database))
    refused(IDENTITY_UNLINKED, lambda: signing_in.by_identity(database, claims, None, HERE))
    with database.begin() as connection:
        accounts.enable(connection, zhang.id)
    assert [found(database, token) for token in tokens] == [None, None]
    refused(LINK_SPENT, lambda: signing_in.by_link(database, link, HERE))
    assert found(database, sign_in(database)) is not None
    assert signing_in.by_identity(database, claims, None, HERE)


def test_changing_the_password_ends_all_other_sessions(database: Database, zhang: Account) -> None:
    here, there = sign_in(database), sign_in(database)
    session = found(database, here)
    assert session is not None
    new = "a longer one, 更长"

    def change(current: str, wanted: str) -> None:
        signing_in.change_password(database, session, current, wanted, HERE)

    refused(SIGN_IN_FAILED, lambda: change(WRONG, new))
    refused(PASSWORD_REFUSED, lambda: change(PASSWORD, "short"))
    refused(PASSWORD_REFUSED, lambda: change(PASSWORD, PASSWORD))
    assert found(database, there) is not None
    change(PASSWORD, new)
    assert found(database, here) is not None
    assert found(database, there) is None
    refused(SIGN_IN_FAILED, lambda: sign_in(database))
    assert sign_in(database, password=new)


def test_guessing_the_present_password_is_throttled_like_signing_in(
    database: Database, zhang: Account
) -> None:
    session = found(database, sign_in(database))
    assert session is not None
    for _ in range(throttling.LOGIN_TRIES):
        refused(
            SIGN_IN_FAILED,
            lambda: signing_in.change_password(database, session, WRONG, "another one", HERE),
        )
    refused(
        SIGN_IN_LOCKED,
        lambda: signing_in.change_password(database, session, PASSWORD, "another one", HERE),
    )


def test_a_password_that_changes_meanwhile_lets_nobody_in(
    database: Database, zhang: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = passwords.matches

    def slow(held: str | None, password: str) -> bool:
        right = really(held, password)
        with database.begin() as connection:
            accounts.set_password(connection, zhang, "changed by an admin")
        return right

    monkeypatch.setattr(passwords, "matches", slow)
    refused(SIGN_IN_FAILED, lambda: sign_in(database))
    with database.read() as connection:
        assert sessions.listed(connection, zhang.id) == []


def test_a_link_opens_once(database: Database) -> None:
    somebody = account(database)
    with database.begin() as connection:
        link = sign_in_links.make(connection, somebody.id)
        sign_in_links.check(connection, link)
        sign_in_links.check(connection, link)  # looking uses nothing up
    assert found(database, signing_in.by_link(database, link, HERE)) is not None
    refused(LINK_SPENT, lambda: signing_in.by_link(database, link, HERE))
    with database.read() as connection:
        refused(LINK_SPENT, lambda: sign_in_links.check(connection, link))


def test_a_link_expires_and_can_be_withdrawn(database: Database) -> None:
    somebody = account(database)
    with database.begin() as connection:
        short = sign_in_links.make(connection, somebody.id, timedelta(hours=1))
        long = sign_in_links.make(connection, somebody.id)
    shift(database, SIGN_IN_LINKS.c.expires_at, timedelta(minutes=61))
    refused(LINK_SPENT, lambda: signing_in.by_link(database, short, HERE))
    with database.begin() as connection:
        sign_in_links.check(connection, long)
        sign_in_links.withdraw(connection, somebody.id)
    refused(LINK_SPENT, lambda: signing_in.by_link(database, long, HERE))


def test_of_many_who_use_a_link_at_once_exactly_one_comes_in(database: Database) -> None:
    somebody = account(database)
    wide = Database(database.url, pool_size=12)
    start = threading.Barrier(12)
    with database.begin() as connection:
        link = sign_in_links.make(connection, somebody.id)

    def use(_: int) -> str | None:
        start.wait()
        try:
            return signing_in.by_link(wide, link, HERE)
        except Problem as problem:
            return None if problem.rule is LINK_SPENT else problem.rule.slug

    with ThreadPoolExecutor(12) as threads:
        came_in = [token for token in threads.map(use, range(12)) if token]
    wide.close()
    assert len(came_in) == 1
    assert found(database, came_in[0]) is not None
    with database.read() as connection:
        assert len(sessions.listed(connection, somebody.id)) == 1


def test_an_identity_opens_one_account(database: Database) -> None:
    mine, other = account(database), account(database)
    issuer = "https://id.example"
    with database.begin() as connection:
        accounts.link_identity(connection, mine.id, issuer, "7")
        accounts.link_identity(connection, mine.id, issuer, "7")  # twice is once
        refused(IDENTITY_TAKEN, lambda: accounts.link_identity(connection, other.id, issuer, "7"))
        for text in ("", "x" * 256, "a\0b"):
            refused(
                ACCOUNT_REFUSED,
                lambda: accounts.link_identity(connection, mine.id, issuer, text),  # noqa: B023  called at once
            )
    session = found(
        database, signing_in.by_identity(database, {"iss": issuer, "sub": "7"}, None, HERE)
    )
    assert session is not None
    assert session.actor.account_id == mine.id
    for foreign in ({"iss": issuer, "sub": "8"}, {"iss": "https://else.example", "sub": "7"}):
        refused(
            IDENTITY_UNLINKED,
            lambda: signing_in.by_identity(database, foreign, None, HERE),  # noqa: B023  called at once
        )


def test_a_verified_number_links_only_where_it_is_one_persons(database: Database) -> None:
    person = Person(name="张三", phone="138 0000-0001", email="Zhang@Grid.example")
    mine = account(database, person=person)
    twice = Person(name="李四", phone="13800000002")
    account(database, person=twice)
    account(database, person=twice)

    def by(sub: str, match: signing_in.Match | None, **claims: object) -> str:
        given = {"iss": "https://id.example", "sub": sub, **claims}
        return signing_in.by_identity(database, given, match, HERE)

    verified = {"phone_number": "+8613800000001", "phone_number_verified": True}
    for match, claims in (
        (None, verified),
        ("email", verified),
        ("phone", {**verified, "phone_number_verified": False}),
        ("phone", {**verified, "phone_number_verified": "true"}),
        ("phone", {**verified, "phone_number": "13800000002"}),
        ("phone", {**verified, "phone_number": "13800000009"}),
        ("phone", {**verified, "phone_number": ""}),
        ("email", {"email": "zhang@gridexample", "email_verified": True}),
    ):
        refused(IDENTITY_UNLINKED, lambda: by("1", match, **claims))  # type: ignore[arg-type]  # noqa: B023  called at once
    token = by("1", "phone", **verified)
    session = found(database, token)
    assert session is not None
    assert session.actor.account_id == mine.id
    assert by("1", None), "once linked, the subject alone is asked"
    assert by("2", "email", email="zhang@grid.example", email_verified=True)


def test_an_admin_is_somebody_who_can_sign_in(database: Database) -> None:
    def has_admin() -> bool:
        with database.read() as connection:
            return accounts.has_admin(connection)

    assert not has_admin()
    account(database, Role.LEADER)
    assert not has_admin()
    admin = account(database)
    assert has_admin()
    with database.begin() as connection:
        accounts.disable(connection, admin.id)
    assert not has_admin()


def test_what_a_device_tells_is_kept_short_and_plain(database: Database) -> None:
    somebody = account(database)
    with database.begin() as connection:
        device = Device(agent="Moz\0illa\r\n" + "x" * 500, address=None)
        sessions.issue(connection, somebody.id, Kind.COOKIE, device)
        (listed,) = sessions.listed(connection, somebody.id)
    assert listed.agent is not None
    assert listed.agent.startswith("Mozillaxxx")
    assert len(listed.agent) == 200


# --- whose account it is --------------------------------------------------------------------------
@pytest.fixture
def leader(conn: Connection, registry: Registry) -> int:
    """张三, who answers for a field of a community."""
    fields.division(conn, registry, fields.plot(0, 0, 4, 4))
    field = fields.field(conn, registry, 1, fields.plot(0, 0), leader=None)
    found = duty_cases.person(conn, post="网格长")
    duty_cases.given(conn, registry, "grid_fields", field, who=found)
    return found


def whose(conn: Connection, made: Account) -> int | None:
    found: int | None = conn.scalar(sa.select(ACCOUNTS.c.person_id).where(ACCOUNTS.c.id == made.id))
    return found


def test_an_account_is_that_of_the_one_who_answers_there(conn: Connection, leader: int) -> None:
    told = Person(name="张三", phone="13800000001")
    made = accounts.create(conn, told, "zhang", Role.LEADER, fields.BLUE_SKY)
    assert whose(conn, made) == leader
    row = conn.execute(sa.select(PERSONS).where(PERSONS.c.id == leader)).one()
    assert (row.post, row.phone) == ("网格长", "13800000001")
    second = accounts.create(conn, told, "zhang2", Role.LEADER, fields.BLUE_SKY)
    assert whose(conn, second) != leader


@pytest.mark.parametrize(
    ("name", "division"),
    [("李四", fields.BLUE_SKY), ("张三", fields.WEST_STATION), ("张三", EVERYWHERE)],
)
def test_an_account_of_somebody_else_is_not(
    conn: Connection, leader: int, name: str, division: str
) -> None:
    made = accounts.create(conn, Person(name=name), "zhang", Role.LEADER, division)
    assert whose(conn, made) != leader


def test_which_of_two_of_one_name_is_not_guessed(
    conn: Connection, registry: Registry, leader: int
) -> None:
    field = fields.field(conn, registry, 2, fields.plot(1, 0), leader=None)
    other = duty_cases.person(conn)
    duty_cases.given(conn, registry, "grid_fields", field, who=other)
    made = accounts.create(conn, Person(name="张三"), "zhang", Role.LEADER, fields.BLUE_SKY)
    assert whose(conn, made) not in {leader, other}
