"""What came in: told once and to the last record, in whatever order transactions commit."""

import random
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from gis.clock import today
from gis.errors import Problem
from gis.listening import Listener
from gis.postgis import Database
from gis.refusals.values import BAD_PARAMETER
from layers.alike import near
from layers.declaring.people import Actor, Role
from layers.freshness import marks
from layers.freshness.marks import Mark
from layers.held import policies
from layers.registry import Registry
from layers.schema.submissions import SUBMISSIONS
from layers.submissions import news
from layers.submissions.announcing import CHANNEL
from tests.factories import LAT, LON
from tests.layers.fields import BLUE_SKY, STREET, WEST_STATION, division, plot
from tests.logged import site

NOW = datetime.now(UTC)


def _since(database: Database, registry: Registry, mark: Mark | None) -> news.Batch:
    with database.read() as connection:
        return news.since(connection, registry, mark, {})


def _begin(database: Database, registry: Registry) -> Mark:
    return _since(database, registry, None).mark


def _ids(batch: news.Batch) -> list[int]:
    return [each.id for _, each in batch.news]


@contextmanager
def _open(database: Database, registry: Registry, n: int = 0) -> Iterator[tuple[int, Connection]]:
    """A record that is stored but not committed before the block ends."""
    with database.begin() as connection:
        yield site(connection, registry, LON + 0.01 * n, LAT), connection


# --- marks ----------------------------------------------------------------------------------------
def test_a_lower_number_that_commits_later_is_told_later(
    database: Database, registry: Registry
) -> None:
    begin = _begin(database, registry)
    with ExitStack() as stack:
        first, _ = stack.enter_context(_open(database, registry))
        with _open(database, registry, 1) as (second, _):
            pass
        told = _since(database, registry, begin)
        assert _ids(told) == [second]
        assert _ids(_since(database, registry, told.mark)) == []
    with database.read() as connection:
        numbers = dict(
            connection.execute(sa.select(SUBMISSIONS.c.feature, SUBMISSIONS.c.number)).all()
        )
    assert numbers[first] < numbers[second]
    late = _since(database, registry, told.mark)
    assert _ids(late) == [first]
    assert _ids(_since(database, registry, late.mark)) == []
    assert _ids(_since(database, registry, begin)) == [first, second]


def test_what_is_rolled_back_is_never_told(database: Database, registry: Registry) -> None:
    begin = _begin(database, registry)
    with pytest.raises(ZeroDivisionError), _open(database, registry):
        raise ZeroDivisionError
    assert _ids(_since(database, registry, begin)) == []


def test_a_savepoint_is_told_as_its_transaction(database: Database, registry: Registry) -> None:
    begin = _begin(database, registry)
    with database.begin() as connection:
        with connection.begin_nested():
            kept = site(connection, registry, LON, LAT)
        with pytest.raises(ZeroDivisionError), connection.begin_nested():
            site(connection, registry, LON, LAT)
            raise ZeroDivisionError
        assert _ids(_since(database, registry, begin)) == []
    assert _ids(_since(database, registry, begin)) == [kept]


def test_every_mark_within_a_batch_goes_on_right_behind_it(
    database: Database, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "_AT_ONCE", 3)
    begin = _begin(database, registry)
    with ExitStack() as stack:
        early, _ = stack.enter_context(_open(database, registry))
        with database.begin() as connection:
            ids = [site(connection, registry, LON + 0.01 * n, LAT) for n in range(8)]
        seen = list(_walk(database, registry, begin))
        assert [each.id for _, each in seen] == ids
    # The early one has become visible behind all of them.
    for at, (mark, _) in enumerate(seen):
        rest = [each.id for _, each in _walk(database, registry, marks.read(str(mark), "since"))]
        assert rest == [*ids[at + 1 :], early]


def _walk(database: Database, registry: Registry, mark: Mark) -> Iterator[tuple[Mark, news.News]]:
    more = True
    while more:
        batch = _since(database, registry, mark)
        yield from batch.news
        mark, more = batch.mark, batch.more


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_writers_that_race_lose_and_double_nothing(
    database: Database, registry: Registry, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(news, "_AT_ONCE", 7)
    mark, told, drawn = _begin(database, registry), list[int](), random.Random(seed)
    stored, lock = list[int](), threading.Lock()

    def write(pauses: list[float]) -> None:
        for n, pause in enumerate(pauses):
            with _open(database, registry, n) as (feature, connection):
                connection.execute(sa.text("SELECT pg_sleep(:s)"), {"s": pause})
            with lock:
                stored.append(feature)

    threads = [
        threading.Thread(target=write, args=([drawn.uniform(0, 0.02) for _ in range(20)],))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    while True:
        alive = any(thread.is_alive() for thread in threads)
        for at, each in _walk(database, registry, mark):
            told.append(each.id)
            # Cut off now and then: who comes back goes on from the last mark that arrived.
            mark = marks.read(str(at), "since")
            if drawn.random() < 0.1:
                break
        else:
            if not alive:
                break
    assert len(stored) == 100
    assert sorted(told) == sorted(stored)


def test_older_than_a_day_is_for_the_lists_of_days(database: Database, registry: Registry) -> None:
    with database.begin() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        old = site(connection, registry, LON, LAT)
        connection.execute(sa.update(SUBMISSIONS).values(received_at=NOW - timedelta(hours=25)))
    assert _ids(_since(database, registry, Mark("1:1:"))) == []
    with database.begin() as connection:
        new = site(connection, registry, LON, LAT)
    assert _ids(_since(database, registry, Mark("1:1:"))) == [new]
    assert old != new


def test_the_numbers_of_another_life_are_no_news(database: Database, registry: Registry) -> None:
    """A restored backup brings transactions that this server has not had yet."""
    with database.begin() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        site(connection, registry, LON, LAT)
        connection.execute(sa.update(SUBMISSIONS).values(transaction=10**12))
    begin = _begin(database, registry)
    for _ in range(2):
        assert _ids(_since(database, registry, begin)) == []


SNAPSHOTS = st.builds(
    lambda low, gaps, past: (
        f"{low}:{max([low, *_steps(low, gaps)]) + past}:{','.join(map(str, _steps(low, gaps)))}"
    ),
    st.integers(1, 10**17),
    st.lists(st.integers(1, 50), max_size=6),
    st.integers(1, 9),
)


def _steps(low: int, gaps: list[int]) -> list[int]:
    return [low + sum(gaps[: n + 1]) - 1 for n in range(len(gaps))]


@given(SNAPSHOTS, SNAPSHOTS, st.integers(0, 10**18 - 1))
def test_a_mark_is_read_as_it_was_written(seen: str, current: str, number: int) -> None:
    for mark in (Mark(seen), Mark(seen, current, number)):
        assert marks.read(str(mark), "since") == mark


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1:2",
        "0:1:",
        "2:1:",
        "1:5:5",
        "1:5:0",
        "1:5:3,2",
        "1:5:2,2",
        "1:5:2,",
        "1:5:~1:5:",
        "1:5:~1:5:~",
        "1:5:~5:1:~3",
        "1:5:~1:5:~-3",
        "1:5:\n",
        "１:5:",
        "1:99999999999999999999:",
        "1:5:'; DROP TABLE submissions",
        "1:5:" + ",".join(["2"] * 30_000),
        "\x00",
    ],
)
def test_what_is_no_mark_is_refused(text: str) -> None:
    with pytest.raises(Problem) as refused:
        marks.read(text, "since")
    assert refused.value.rule is BAD_PARAMETER


@given(SNAPSHOTS)
def test_postgresql_reads_every_snapshot_that_we_do(seen: str) -> None:
    assert marks.read(seen, "since") == Mark(seen)


def test_postgresql_takes_the_longest_that_we_take(database: Database, registry: Registry) -> None:
    under_way = ",".join(str(n) for n in range(10, 3000, 3))
    assert _ids(_since(database, registry, marks.read(f"2:9000:{under_way}", "since"))) == []


# --- what is told ---------------------------------------------------------------------------------
def test_the_news_say_what_it_is_and_who_answers(database: Database, registry: Registry) -> None:
    begin = _begin(database, registry)
    fields = registry.layer("grid_fields")
    with database.begin() as connection:
        division(connection, registry, plot(0, 0), BLUE_SKY)
        connection.execute(
            sa.text(
                "INSERT INTO grid_fields (code, name, kind, division, leader, geom) VALUES"
                " (:code, '蓝天一网格', 'basic', :division, '张三', st_geomfromtext(:geom, 4326))"
            ),
            {"code": BLUE_SKY + "001", "division": BLUE_SKY, "geom": plot(0, 0).wkt},
        )
        kind, _ = (choice.value for choice in registry.layer("sites").field("matter").choices[:2])
        where = {"field": BLUE_SKY + "001", "matter": kind, "at": NOW - timedelta(hours=2)}
        other = site(connection, registry, 101.8005, 36.6005, **where)
        new = site(connection, registry, 101.8005, 36.6005, number="巡查-1", note="占道", **where)
    assert fields.field("leader").personal
    told = {each.id: each for _, each in _since(database, registry, begin).news}[new]
    assert (told.title, told.detail, told.kind) == ("巡查-1", "占道", kind)
    assert (told.field, told.leader) == ("蓝天一网格", "张三")
    assert [each.near.id for each in told.near] == [other]
    members = told.members()
    assert (members["near"], members["id"], members["layer"]) == (1, new, "sites")
    inspector = Actor(None, None, "查", Role.INSPECTOR, BLUE_SKY, "test")
    with policies.acting(database, inspector).read() as connection:
        masked = news.since(connection, registry, begin, {}).news[-1][1]
    assert masked.leader == "张**"


def test_each_sees_the_own_ground_alone(database: Database, registry: Registry) -> None:
    begin = _begin(database, registry)
    with database.begin() as connection:
        division(connection, registry, plot(0, 0), BLUE_SKY)
        division(connection, registry, plot(1, 0), WEST_STATION)
        border = plot(0, 0).bounds[2]
        here = site(connection, registry, border - 1e-5, 36.6005)
        there = site(connection, registry, border + 1e-5, 36.6005)
    seen = {BLUE_SKY: [here], WEST_STATION: [there], STREET: [here, there]}
    for code, ids in seen.items():
        actor = Actor(None, None, "长", Role.LEADER, code, "test")
        with policies.acting(database, actor).read() as connection:
            told = [each for _, each in news.since(connection, registry, begin, {}).news]
            assert [each.id for each in told] == ids
            assert [len(each.near) for each in told] == [len(ids) - 1] * len(ids)
            day = news.of_day(connection, registry, today(), {}, limit=9)
            assert ([each.id for each in day.news], day.count) == (ids[::-1], len(ids))


def test_what_has_been_deleted_since_is_left_out(database: Database, registry: Registry) -> None:
    begin = _begin(database, registry)
    with database.begin() as connection:
        gone, kept = (site(connection, registry, LON + n, LAT) for n in range(2))
        connection.execute(sa.text("DELETE FROM sites WHERE id = :id"), {"id": gone})
    assert _ids(_since(database, registry, begin)) == [kept]


def test_a_day_is_read_page_by_page_from_the_newest(conn: Connection, registry: Registry) -> None:
    ids = [site(conn, registry, LON + n / 100, LAT) for n in range(7)]
    found: list[int] = []
    before = None
    for _ in range(4):
        page = news.of_day(conn, registry, today(), {}, limit=2, before=before)
        assert page.count == 7
        found += [each.id for each in page.news]
        before = page.news[-1].number
    assert found == ids[::-1]
    day = today() - timedelta(days=1)
    assert news.of_day(conn, registry, day, {}, limit=2).count == 0


def test_the_mark_of_a_day_goes_on_right_behind_it(database: Database, registry: Registry) -> None:
    with ExitStack() as stack:
        early, _ = stack.enter_context(_open(database, registry))
        with _open(database, registry, 1) as (second, _):
            pass
        with database.read() as connection:
            day = news.of_day(connection, registry, today(), {}, limit=9)
        assert [each.id for each in day.news] == [second]
    assert _ids(_since(database, registry, day.mark)) == [early]


def test_reaches_as_they_are_configured(database: Database, registry: Registry) -> None:
    begin = _begin(database, registry)
    with database.begin() as connection:
        for n in range(2):
            site(connection, registry, LON + 1e-3 * n, LAT)
    with database.read() as connection:
        wide = news.since(connection, registry, begin, {"sites": near.Reach(500, 1)})
    assert [len(each.near) for _, each in wide.news] == [1, 1]
    assert [len(each.near) for _, each in _since(database, registry, begin).news] == [0, 0]


# --- hearing of it --------------------------------------------------------------------------------
def test_a_commit_is_heard_once_and_a_rollback_never(
    database: Database, registry: Registry
) -> None:
    heard = threading.Semaphore(0)
    listener = Listener(database.engine, CHANNEL, heard.release)
    listener.start()
    assert heard.acquire(timeout=10)  # it listens
    with pytest.raises(ZeroDivisionError), _open(database, registry):
        raise ZeroDivisionError
    with database.begin() as connection:
        for n in range(3):
            site(connection, registry, LON + n, LAT)
        assert not heard.acquire(timeout=0.2)
    assert heard.acquire(timeout=10)
    assert not heard.acquire(timeout=0.2)
    listener.stop()


def test_a_listener_comes_back_when_its_connection_is_cut(
    database: Database, registry: Registry
) -> None:
    heard = threading.Semaphore(0)
    listener = Listener(database.engine, CHANNEL, heard.release)
    listener.start()
    assert heard.acquire(timeout=10)
    cut = sa.text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE query LIKE 'LISTEN%' AND datname = current_database()"
    )
    with database.engine.connect() as connection:
        assert connection.scalar(cut) == 1
    assert heard.acquire(timeout=10)  # what was said meanwhile has to be looked for
    with _open(database, registry):
        pass
    assert heard.acquire(timeout=10)
    listener.stop()
    with database.engine.connect() as connection:
        assert connection.scalar(cut) == 0
