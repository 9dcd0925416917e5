"""COPY out of PostgreSQL: whole or an error, never more than a few pieces ahead, ended at once."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from queue import Full

import psycopg2
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis import copying
from gis.errors import Problem
from gis.postgis import Database
from gis.refusals.database import DATABASE_BUSY, DATABASE_UNREACHABLE
from gis.stopping import Interrupted, Switch

# A long wait, so that a slow machine fails no test; what is not ended works for a minute.
GIVEN_UP_S = 30.0


LONG = "x" * 200


def numbers(count: int, text: str = "") -> sa.Select[tuple[str]]:
    n = sa.func.generate_series(1, count).column_valued("n")
    return sa.select(sa.cast(n, sa.Text) + sa.literal(text))


def asleep() -> sa.Select[tuple[object]]:
    return sa.select(sa.func.pg_sleep(60))


def taken(connection: Connection, statement: sa.Select[tuple[str]]) -> list[bytes]:
    return list(copying.copied(connection, statement, copying.PLAIN, b",", Switch()))


def working(database: Database, and_: str = "true") -> int:
    """How many backends copy in this database."""
    asked = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        f" AND query LIKE 'COPY %' AND state = 'active' AND {and_}"
    )
    with database.read() as connection:
        return int(connection.scalar(sa.text(asked)) or 0)


def waiting_to_write(database: Database) -> int:
    """How many of them cannot go on since nobody takes what they write."""
    return working(database, "wait_event = 'ClientWrite'")


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + GIVEN_UP_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.read() as connection:
        yield connection


# --- what comes -----------------------------------------------------------------------------------
@pytest.mark.parametrize("count", [0, 1, 2, 1000, 100_000])
def test_every_row_comes_once_and_in_order(connection: Connection, count: int) -> None:
    pieces = taken(connection, numbers(count))
    rows = b",".join(pieces).split(b",") if pieces else []
    assert [int(row) for row in rows] == list(range(1, count + 1))
    assert len(pieces) < 20


@pytest.mark.parametrize("text", ["100 %", "%s %(a)s %%", "'; DROP TABLE x; --", "a\\b", "网格 𠀀"])
def test_values_are_the_drivers_to_write(connection: Connection, text: str) -> None:
    assert taken(connection, numbers(2, text)) == [f"1{text},2{text}".encode()]
    plain = sa.select(sa.literal_column("'7 % of it'"))
    assert taken(connection, plain) == [b"7 % of it"]


def test_the_connection_goes_on_after_a_whole_copy(connection: Connection) -> None:
    taken(connection, numbers(10))
    assert connection.scalar(sa.text("SELECT 1")) == 1


def test_the_first_piece_does_not_wait_for_the_others(connection: Connection) -> None:
    n = sa.func.generate_series(1, 10_000).column_valued("n")
    waits = sa.case((n > 5000, sa.func.pg_sleep(60)), else_=None)
    statement = sa.select(sa.cast(n, sa.Text), sa.cast(waits, sa.Text))
    pieces = copying.copied(connection, statement, copying.PLAIN, b",", Switch())
    with closing(pieces):
        assert next(pieces).startswith(b"1\x02")


def test_no_more_is_read_than_is_taken(database: Database) -> None:
    with database.read() as connection:
        pieces = copying.copied(connection, numbers(300_000, LONG), copying.PLAIN, b",", Switch())
        with closing(pieces):
            next(pieces)
            until(lambda: waiting_to_write(database) == 1)
            assert working(database) == 1


# --- what goes wrong ------------------------------------------------------------------------------
def test_what_fails_under_way_is_an_error_after_the_pieces(database: Database) -> None:
    n = sa.func.generate_series(1, 300_000).column_valued("n")
    statement = sa.select(sa.cast(1 / (250_000 - n), sa.Text))
    got = []
    with pytest.raises(Problem), database.read() as connection:
        got += [len(p) for p in copying.copied(connection, statement, copying.CSV, b",", Switch())]


def test_a_backend_that_is_killed_is_an_error(database: Database) -> None:
    with pytest.raises(Problem) as caught, database.read() as connection:
        pid = connection.scalar(sa.text("SELECT pg_backend_pid()"))
        with closing(
            copying.copied(connection, numbers(300_000, LONG), copying.PLAIN, b",", Switch())
        ) as pieces:
            next(pieces)
            with database.begin() as other:
                other.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            for _ in pieces:
                pass
    assert caught.value.rule is DATABASE_UNREACHABLE
    database.ping()


def test_who_takes_nothing_for_long_is_given_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "_FORGOTTEN_S", 0.05)
    with database.read() as connection:
        pieces = copying.copied(connection, numbers(300_000, LONG), copying.PLAIN, b",", Switch())
        with closing(pieces):
            next(pieces)
            until(lambda: working(database) == 0)
            with pytest.raises(Full):
                for _ in pieces:
                    pass


# --- ending it ------------------------------------------------------------------------------------
def test_closing_ends_the_servers_work_and_the_connection(database: Database) -> None:
    with database.read() as connection:
        pieces = copying.copied(connection, numbers(300_000, LONG), copying.PLAIN, b",", Switch())
        next(pieces)
        assert working(database) == 1
        pieces.close()
        until(lambda: working(database) == 0)
        assert connection.invalidated
    database.ping()


def test_the_switch_ends_what_is_only_waited_for(database: Database) -> None:
    switch = Switch()

    def throw() -> None:
        until(lambda: working(database) == 1)
        switch.throw()

    other = threading.Thread(target=throw)
    other.start()
    with pytest.raises((Problem, Interrupted)) as caught, database.read() as connection:
        list(copying.copied(connection, asleep(), copying.PLAIN, b",", switch))
    other.join()
    assert not isinstance(caught.value, Problem) or caught.value.rule is DATABASE_BUSY
    assert working(database) == 0
    assert not [t for t in threading.enumerate() if t.name == "copy"]


def test_a_switch_that_is_thrown_lets_nothing_begin(connection: Connection) -> None:
    switch = Switch()
    switch.throw()
    with pytest.raises(Interrupted):
        list(copying.copied(connection, numbers(1), copying.PLAIN, b",", switch))


def test_a_statement_within_a_stoppable_block_ends_with_the_switch(database: Database) -> None:
    switch = Switch()
    begun = threading.Event()

    def throw() -> None:
        begun.wait()
        time.sleep(0.1)
        switch.throw()

    other = threading.Thread(target=throw)
    other.start()
    with pytest.raises(Problem) as caught, database.read() as connection:  # noqa: SIM117
        with copying.stoppable(connection, switch):
            begun.set()
            connection.execute(sa.text("SELECT pg_sleep(60)"))
    other.join()
    assert caught.value.rule is DATABASE_BUSY
    assert isinstance(caught.value.__cause__, sa.exc.DBAPIError | psycopg2.Error)
