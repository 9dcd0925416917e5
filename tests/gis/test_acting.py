"""A database that acts for somebody: settings and role hold for one transaction and no longer."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.cluster import Cluster
from gis.errors import Problem
from gis.postgis import Database
from gis.refusals.database import DATABASE_REFUSED

ASKED = sa.text(
    "SELECT current_setting('gridfield.lo', true) AS lo, current_setting('gridfield.role', true)"
    " AS role, current_user::text AS who, pg_backend_pid() AS pid"
)


@pytest.fixture
def single(database: Database, cluster: Cluster) -> Iterator[Database]:
    """One connection, so that everybody gets the one that somebody else has had."""
    one = Database(database.url, pool_size=1)
    with one.begin() as connection:
        made = connection.scalar(sa.text("SELECT 1 FROM pg_roles WHERE rolname = 'acting_test'"))
        if made is None:
            connection.execute(sa.text("CREATE ROLE acting_test NOLOGIN"))
    yield one
    one.close()


def _asked(connection: Connection) -> tuple[str, str, str]:
    row = connection.execute(ASKED).one()
    return row.lo or "", row.role or "", row.who


def test_settings_and_role_end_with_the_transaction(single: Database) -> None:
    with single.read() as connection:
        plain = _asked(connection)
    assert plain[:2] == ("", "")
    acting = single.acting({"gridfield.lo": "7", "gridfield.role": "leader"}, role="acting_test")
    for way in (acting.begin, acting.read):
        with way() as connection:
            assert _asked(connection) == ("7", "leader", "acting_test")
        with single.begin() as connection:
            assert _asked(connection) == plain
    with pytest.raises(ZeroDivisionError), acting.begin() as connection:
        raise ZeroDivisionError
    with single.read() as connection:
        assert _asked(connection) == plain


def test_a_read_is_still_read_only_on_one_snapshot(single: Database) -> None:
    acting = single.acting({"gridfield.lo": "7"})
    with pytest.raises(sa.exc.InternalError, match="read-only"), acting.read() as connection:
        assert connection.scalar(sa.text("SHOW transaction_isolation")) == "repeatable read"
        connection.execute(sa.text("CREATE TABLE left_behind (n integer)"))


def test_values_are_bound_and_never_read_as_sql(single: Database) -> None:
    evil = "7', true); DROP TABLE water; --"
    with single.acting({"gridfield.lo": evil}).begin() as connection:
        assert _asked(connection)[0] == evil
        assert connection.scalar(sa.text("SELECT count(*) FROM water")) == 0


def test_it_shares_the_pool(single: Database) -> None:
    acting = single.acting({"gridfield.lo": "7"})
    assert acting.engine is single.engine
    with single.begin() as connection:
        first = connection.execute(ASKED).one().pid
    with acting.begin() as connection:
        assert connection.execute(ASKED).one().pid == first


def test_a_role_that_is_not_there_lets_nobody_in(single: Database) -> None:
    with pytest.raises(Problem) as refused, single.acting({}, role="nobody_at_all").begin():
        raise AssertionError
    assert refused.value.rule is DATABASE_REFUSED
