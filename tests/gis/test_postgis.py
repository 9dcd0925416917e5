"""Transactions leave all or nothing, and the driver's errors become Problems."""

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from gis.errors import Problem
from gis.postgis import Database, asked_again, copy_columns, copy_rows
from gis.refusals.database import DATABASE_BUSY, DATABASE_REFUSED, DATABASE_UNREACHABLE


def _count(database: Database, table: str) -> int:
    with database.read() as connection:
        return int(connection.scalar(sa.text(f"SELECT count(*) FROM {table}")) or 0)


@pytest.fixture
def notes(database: Database) -> Database:
    with database.begin() as connection:
        connection.execute(sa.text("CREATE TABLE notes (word text UNIQUE, n integer)"))
    return database


def test_what_a_cursor_of_the_drivers_writes_is_committed(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(sa.text("CREATE TABLE written (n integer)"))
    with database.begin() as connection:  # nothing else is asked in it
        copy_rows(connection, "written", ["n"], [(1,), (2,)])
    with database.read() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM written")) == 2


@pytest.mark.parametrize("own", [{}, {"options": "-c work_mem=9MB"}])
def test_a_day_begins_when_it_does_in_china(database: Database, own: dict[str, str]) -> None:
    # One database, two clocks: the server's own tells another day for eight hours of each.
    url = database.engine.url.update_query_dict(own)
    there = Database(url.render_as_string(hide_password=False))
    told = sa.text(
        "SELECT current_setting('TimeZone'), current_setting('work_mem'),"
        " '2026-11-22 16:00Z'::timestamptz::date::text"
    )
    try:
        with there.read() as connection:
            zone, memory, day = connection.execute(told).one()
    finally:
        there.close()
    assert (zone, day) == ("Asia/Shanghai", "2026-11-23")
    assert memory == ("9MB" if own else "16MB")


def test_a_block_that_raises_leaves_nothing(notes: Database) -> None:
    with pytest.raises(ZeroDivisionError), notes.begin() as connection:
        connection.execute(sa.text("INSERT INTO notes VALUES ('a')"))
        raise ZeroDivisionError
    assert _count(notes, "notes") == 0


def test_a_read_cannot_write(notes: Database) -> None:
    with pytest.raises(sa.exc.InternalError, match="read-only"), notes.read() as connection:
        connection.execute(sa.text("INSERT INTO notes VALUES ('a')"))


def test_nobody_there_is_said_without_the_password() -> None:
    absent = Database("postgresql+psycopg2://me:secret@127.0.0.1:1/none")
    with pytest.raises(Problem) as caught:
        absent.ping()
    assert caught.value.rule is DATABASE_UNREACHABLE
    assert "secret" not in str(caught.value)


def test_a_broken_rule_of_the_data_is_a_refusal(notes: Database) -> None:
    with pytest.raises(Problem) as caught, notes.begin() as connection:
        connection.execute(sa.text("INSERT INTO notes VALUES ('a'), ('a')"))
    assert caught.value.rule is DATABASE_REFUSED
    with pytest.raises(Problem) as caught, notes.begin() as connection:
        connection.execute(sa.text("INSERT INTO notes (n) VALUES (:n)"), {"n": 2**40})
    assert caught.value.rule is DATABASE_REFUSED


def test_a_cancelled_statement_is_busy_not_broken(notes: Database) -> None:
    with pytest.raises(Problem) as caught, notes.begin() as connection:
        connection.execute(sa.text("SET LOCAL statement_timeout = 50"))
        connection.execute(sa.text("SELECT pg_sleep(5)"))
    assert caught.value.rule is DATABASE_BUSY


@pytest.mark.parametrize("code", ["53100", "53200", "53300"])
def test_a_server_without_room_is_away(notes: Database, code: str) -> None:
    statement = f"DO $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '{code}'; END $$"
    with pytest.raises(Problem) as caught, notes.begin() as connection:
        connection.execute(sa.text(statement))
    assert caught.value.rule is DATABASE_UNREACHABLE


def test_an_error_of_ours_stays_an_error(notes: Database) -> None:
    with pytest.raises(sa.exc.ProgrammingError), notes.begin() as connection:
        connection.execute(sa.text("SELEKT"))


def test_a_killed_backend_leaves_nothing_and_the_next_transaction_works(notes: Database) -> None:
    with pytest.raises(Problem) as caught, notes.begin() as connection:
        connection.execute(sa.text("INSERT INTO notes VALUES ('a')"))
        pid = connection.scalar(sa.text("SELECT pg_backend_pid()"))
        with notes.begin() as other:
            other.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        connection.execute(sa.text("INSERT INTO notes VALUES ('b')"))
    assert caught.value.rule is DATABASE_UNREACHABLE
    assert _count(notes, "notes") == 0
    notes.ping()


def _shoot_all(database: Database) -> None:
    """As when the server starts anew: every connection to this database is dead, and none knows."""
    others = (
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    apart = Database(database.url)
    with apart.read() as connection:
        connection.execute(sa.text(others))
    apart.close()


def _warm(database: Database) -> None:
    """Several connections wait, and were in use a moment ago."""
    with database.read(), database.read(), database.read():
        pass


def test_after_a_restart_nothing_has_to_be_asked_twice(notes: Database) -> None:
    acting = notes.acting({"gridfield.note": "x"})
    for n in range(3):
        _warm(notes)
        _shoot_all(notes)
        with acting.begin() as connection:
            connection.execute(sa.text("INSERT INTO notes VALUES (:word)"), {"word": str(n)})
            told = connection.scalar(sa.text("SELECT current_setting('gridfield.note')"))
            assert told == "x"
        _warm(notes)
        _shoot_all(notes)
        assert _count(acting, "notes") == n + 1


def test_what_was_asked_of_a_server_that_went_is_not_asked_again(notes: Database) -> None:
    acting, asked = notes.acting({"gridfield.note": "x"}), 0
    with pytest.raises(Problem) as caught, acting.begin() as connection:
        _shoot_all(notes)
        asked += 1
        connection.execute(sa.text("INSERT INTO notes VALUES ('a')"))
    assert caught.value.rule is DATABASE_UNREACHABLE
    assert asked == 1
    assert _count(acting, "notes") == 0


def test_what_may_happen_twice_is_asked_once_more(notes: Database) -> None:
    asked: list[bool] = []

    def ask() -> object:
        asked.append(True)
        with notes.glance() as connection:
            return connection.scalar(sa.text("SELECT 7"))

    assert asked_again(ask) == 7
    _shoot_all(notes)
    assert (asked_again(ask), len(asked)) == (7, 3)

    def refuse() -> None:
        asked.append(True)
        raise Problem(DATABASE_BUSY)

    with pytest.raises(Problem):
        asked_again(refuse)
    assert len(asked) == 4


_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@pytest.mark.parametrize("by_columns", [False, True])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(st.tuples(st.none() | _TEXT, st.none() | st.integers(-(2**31), 2**31 - 1))))
def test_copy_brings_every_text_through(
    conn: Connection, rows: list[tuple[str | None, int | None]], by_columns: bool
) -> None:
    with conn.begin_nested() as savepoint:
        conn.execute(
            sa.text('CREATE TEMPORARY TABLE "odd ""name" (place serial, "a b" text, n int)')
        )
        if by_columns:
            chunks = [list(zip(*rows[n : n + 2], strict=True)) for n in range(0, len(rows), 2)]
            copy_columns(conn, 'odd "name', ["a b", "n"], chunks)
        else:
            copy_rows(conn, 'odd "name', ["a b", "n"], rows)
        found = conn.execute(sa.text('SELECT "a b", n FROM "odd ""name" ORDER BY place')).all()
        savepoint.rollback()
    assert [tuple(row) for row in found] == rows


def test_copy_of_more_than_one_piece_keeps_every_row(conn: Connection) -> None:
    conn.execute(sa.text("CREATE TEMPORARY TABLE many (word text)"))
    copy_rows(conn, "many", ["word"], ([f"网格 {n} " * 20] for n in range(30_000)))
    assert conn.scalar(sa.text("SELECT count(DISTINCT word) FROM many")) == 30_000


# --- in one message -------------------------------------------------------------------------------
def test_a_question_has_its_settings_and_leaves_none(database: Database) -> None:
    asking = database.acting({"gridfield.lo": "7%7"})
    told = "current_setting('gridfield.lo', true), current_setting('transaction_read_only')"
    for _ in range(2):
        assert tuple(asking.asked(f"SELECT {told}, 5 % 3")) == ("7%7", "on", 2)
        assert not database.asked(f"SELECT {told}")[0]
    with database.begin() as connection:
        connection.execute(sa.text("CREATE TEMPORARY TABLE mine (n int)"))


def test_a_question_cannot_write(notes: Database) -> None:
    with pytest.raises(sa.exc.InternalError, match="read-only transaction"):
        notes.asked("INSERT INTO notes VALUES (1) RETURNING 1")


def test_a_question_outlives_its_connection(notes: Database) -> None:
    (pid,) = notes.asked("SELECT pg_backend_pid()")
    with notes.begin() as connection:
        connection.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    assert notes.asked("SELECT pg_backend_pid()")[0] != pid
