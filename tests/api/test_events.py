"""Live events over real connections: in time, within rights, resumed, and ended in order."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from api import event_stream
from api.settings import Settings
from api.streams import MOST_EACH
from gis.cluster import Cluster
from gis.postgis import Database
from layers.admission import sessions
from layers.declaring.people import Role
from layers.migrate import upgrade
from layers.registry import Registry
from layers.schema.accounts import ACCOUNTS, SESSIONS
from tests import people
from tests.api.event_client import Served, listening, served
from tests.factories import LAT, LON
from tests.layers.fields import BLUE_SKY, WEST_STATION, division, plot
from tests.logged import site
from tests.private_clusters import passable_folder

SOON_S = 2.0
HOSTILE = "</script><img src=x onerror=alert(1)>\r\n\r\nevent: logged\ndata: {}\u2028\u0085\x0b"


@pytest.fixture
def server(settings: Settings, database: Database, registry: Registry) -> Iterator[Served]:
    with served(settings, database, registry) as running:
        yield running


@pytest.fixture
def admin(database: Database) -> dict[str, str]:
    return people.bearer(database)


def _log(database: Database, registry: Registry, n: int = 0, **given: Any) -> int:
    with database.begin() as connection:
        return site(connection, registry, LON + 0.01 * n, LAT, **given)


def _ids(found: list[Mapping[str, Any]]) -> list[int]:
    return [each["id"] for each in found]


# --- what comes -----------------------------------------------------------------------------------
def test_a_record_is_told_within_two_seconds_of_its_commit(
    server: Served, database: Database, registry: Registry, admin: dict[str, str]
) -> None:
    with listening(server, admin) as stream:
        assert stream.response.getheader("content-type") == "text/event-stream; charset=utf-8"
        assert stream.response.getheader("cache-control") == "no-store"
        for n in range(3):
            feature = _log(database, registry, n, number=f"巡查-{n}", note="积存垃圾")
            begin = time.monotonic()
            told = stream.next()
            assert time.monotonic() - begin < SOON_S
            assert told is not None
            assert (told["layer"], told["id"], told["title"]) == ("sites", feature, f"巡查-{n}")
            assert told["received_at"].endswith(("Z", "+00:00", "+08:00"))


def test_whoever_comes_back_gets_what_was_missed_once(
    server: Served, database: Database, registry: Registry, admin: dict[str, str]
) -> None:
    with listening(server, admin) as stream:
        first = _log(database, registry)
        assert (stream.next() or {})["id"] == first
        mark = stream.id
    missed = [_log(database, registry, n) for n in range(1, 5)]
    for _ in range(2):  # the same mark says the same again
        with listening(server, admin, seen=mark, query="?seconds=0") as stream:
            assert _ids(stream.rest()) == missed
            last = stream.id
    with listening(server, admin, seen=last, query="?seconds=0") as stream:
        assert stream.rest() == []
    # The header goes before the address, in which a page says where it began.
    with listening(server, admin, seen=last, query=f"?seconds=0&since={mark}") as stream:
        assert stream.rest() == []
    with listening(server, admin, query=f"?seconds=0&since={mark}") as stream:
        assert _ids(stream.rest()) == missed


def test_a_stream_that_breaks_between_two_events_of_one_burst_doubles_none(
    server: Served, database: Database, registry: Registry, admin: dict[str, str]
) -> None:
    with listening(server, admin, query="?seconds=0") as stream:
        assert stream.rest() == []
        begin = stream.id
    with database.begin() as connection:
        ids = [site(connection, registry, LON + 0.01 * n, LAT) for n in range(6)]
    seen: list[int] = []
    mark = begin
    while len(seen) < len(ids):
        with listening(server, admin, seen=mark) as stream:
            told = stream.next()
            assert told is not None
            seen.append(told["id"])
            mark = stream.id
    assert seen == ids


def test_two_workers_tell_the_same(
    settings: Settings, database: Database, registry: Registry, admin: dict[str, str]
) -> None:
    with (
        served(settings, database, registry) as one,
        served(settings, database, registry) as other,
        listening(one, admin) as here,
        listening(other, admin) as there,
    ):
        feature = _log(database, registry)
        for stream in (here, there):
            assert (stream.next() or {})["id"] == feature
        mark = here.id
        missed = _log(database, registry, 1)
        # Whoever comes back may meet the other worker.
        with listening(other, admin, seen=mark, query="?seconds=0") as again:
            assert _ids(again.rest()) == [missed]


def test_a_burst_of_many_writers_arrives_whole(
    server: Served, database: Database, registry: Registry, admin: dict[str, str]
) -> None:
    stored, lock = list[int](), threading.Lock()

    def write(first: int) -> None:
        for n in range(15):
            feature = _log(database, registry, first + n)
            with lock:
                stored.append(feature)

    with listening(server, admin) as stream:
        threads = [threading.Thread(target=write, args=(20 * n,)) for n in range(6)]
        for thread in threads:
            thread.start()
        told = [(stream.next() or {})["id"] for _ in range(90)]
        for thread in threads:
            thread.join()
        assert sorted(told) == sorted(stored)
        assert stream.silent(0.6)


def test_hostile_texts_stay_within_their_event(
    server: Served, database: Database, registry: Registry, admin: dict[str, str]
) -> None:
    with listening(server, admin) as stream:
        hostile = _log(database, registry, number=HOSTILE[:60])
        after = _log(database, registry, 1)
        told = stream.next()
        assert told is not None
        assert (told["id"], told["title"]) == (hostile, HOSTILE[:60])
        assert (stream.next() or {})["id"] == after


# --- who hears ------------------------------------------------------------------------------------
def test_two_communities_never_hear_of_each_other(
    server: Served, database: Database, registry: Registry
) -> None:
    with database.begin() as connection:
        division(connection, registry, plot(0, 0), BLUE_SKY)
        division(connection, registry, plot(1, 0), WEST_STATION)
    border = plot(0, 0).bounds[2]
    blue = people.bearer(database, Role.LEADER, BLUE_SKY)
    west = people.bearer(database, Role.LEADER, WEST_STATION)
    with listening(server, blue) as here, listening(server, west) as there:
        with database.begin() as connection:
            mine = [site(connection, registry, border - 1e-5, 36.6005) for _ in range(3)]
        assert [(here.next() or {})["id"] for _ in mine] == mine
        assert there.silent(0.8)
    with listening(server, west, seen="1:1:", query="?seconds=0") as stream:
        assert stream.rest() == []


@pytest.mark.parametrize("role", list(Role))
def test_names_are_for_whoever_may_know_them(
    server: Served, database: Database, registry: Registry, role: Role
) -> None:
    with database.begin() as connection:
        division(connection, registry, plot(0, 0), BLUE_SKY)
        connection.execute(
            sa.text(
                "INSERT INTO grid_fields (code, name, kind, division, leader, geom) VALUES"
                " (:code, '一网格', 'basic', :division, '欧阳海', st_geomfromtext(:geom, 4326))"
            ),
            {"code": BLUE_SKY + "001", "division": BLUE_SKY, "geom": plot(0, 0).wkt},
        )
        site(connection, registry, 101.8005, 36.6005, field=BLUE_SKY + "001")
    account = people.account(database, role, BLUE_SKY)
    headers = {"authorization": f"Bearer {people.secret(database, account.id)}"}
    with listening(server, headers, seen="1:1:", query="?seconds=0") as stream:
        (told,) = stream.rest()
    knows = role in {Role.LEADER, Role.OFFICER, Role.ADMIN}
    assert told["leader"] == ("欧阳海" if knows else "欧**")
    noted = sa.text("SELECT count(*) FROM personal_reads WHERE way = 'events'")
    with database.read() as connection:
        assert connection.scalar(noted) == int(knows)


def test_nobody_unknown_listens(server: Served, database: Database, admin: dict[str, str]) -> None:
    for headers in ({}, {"authorization": "Bearer nobody"}):
        with listening(server, headers) as stream:
            assert stream.status == 401
    with listening(server, admin, query="?seconds=0") as stream:
        assert stream.status == 200


def test_a_stream_ends_when_its_session_is_ended(
    server: Served, database: Database, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "HEARTBEAT_S", 0.3)
    account = people.account(database)
    headers = {"authorization": f"Bearer {people.secret(database, account.id)}"}
    with listening(server, headers) as stream:
        with database.begin() as connection:
            sessions.revoke_all(connection, account.id)
        _log(database, registry)
        assert stream.next() is None  # not even what came in right after
    with listening(server, headers) as stream:
        assert stream.status == 401


@pytest.mark.parametrize(
    "change",
    [
        sa.update(ACCOUNTS).values(disabled_at=sa.func.now()),
        sa.update(ACCOUNTS).values(role="viewer"),
        sa.update(ACCOUNTS).values(division=WEST_STATION),
        sa.update(SESSIONS).values(expires_at=sa.func.now()),
        sa.update(SESSIONS).values(last_seen_at=sa.func.now() - sa.text("interval '8 days'")),
    ],
)
def test_a_stream_ends_when_its_reader_is_another_now(
    server: Served,
    database: Database,
    admin: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    change: sa.Update,
) -> None:
    monkeypatch.setattr(event_stream, "HEARTBEAT_S", 0.2)
    with listening(server, admin) as stream:
        with database.begin() as connection:
            connection.execute(change)
        assert stream.next() is None


def test_listening_keeps_no_session_open(
    server: Served, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "HEARTBEAT_S", 0.05)
    account = people.account(database)
    headers = {"authorization": f"Bearer {people.secret(database, account.id)}"}
    seen = sa.select(SESSIONS.c.last_seen_at).where(SESSIONS.c.account_id == account.id)
    old = sa.func.now() - sa.text("interval '5 minutes'")
    with listening(server, headers) as stream:
        with database.begin() as connection:
            connection.execute(sa.update(SESSIONS).values(last_seen_at=old))
            before = connection.scalar(seen)
        assert stream.silent(0.5)
        with database.read() as connection:
            assert connection.scalar(seen) == before


def test_before_the_first_account_the_machine_itself_listens_and_not_after(
    server: Served, database: Database, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "HEARTBEAT_S", 0.2)
    with listening(server, {}) as stream:
        feature = _log(database, registry)
        assert (stream.next() or {})["id"] == feature
        people.account(database)
        assert stream.next() is None


def test_an_account_has_so_many_streams_and_each_gives_its_place_back(
    server: Served, database: Database, registry: Registry, admin: dict[str, str]
) -> None:
    for _ in range(2):
        with _as_many(server, admin, MOST_EACH):
            with listening(server, admin) as refused:
                assert refused.status == 429
                assert refused.response.getheader("retry-after") == "60"
                assert refused.problem()["type"] == "/problems/too-many-streams"
            with listening(server, people.bearer(database), query="?seconds=0") as stream:
                assert stream.status == 200


@contextmanager
def _as_many(server: Served, headers: Mapping[str, str], count: int) -> Iterator[None]:
    """So many streams of one account; places that were just left are waited for."""
    begin = time.monotonic()
    with ExitStack() as stack:
        while count:
            assert time.monotonic() - begin < 10
            count -= stack.enter_context(listening(server, headers)).status == 200
        yield


# --- what it is asked with ------------------------------------------------------------------------
@pytest.mark.parametrize(
    "query",
    [
        "since=x",
        "since=1:0:",
        "seconds=-1",
        "seconds=nan",
        "seconds=inf",
        "seconds=x",
        "from=1:1:",
        "since=1:5:9",
    ],
)
def test_a_wrong_question_is_refused(client: TestClient, query: str) -> None:
    refused = client.get(f"/events?{query}")
    assert refused.status_code == 400
    assert refused.json()["type"] == "/problems/bad-parameter"


def test_head_tells_nothing_and_ends(client: TestClient) -> None:
    found = client.head("/events")
    assert (found.status_code, found.content) == (200, b"")
    assert found.headers["content-type"].startswith("text/event-stream")


def test_seconds_end_it(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "HEARTBEAT_S", 0.1)
    text = client.get("/events?seconds=0.35").text
    assert text.startswith("retry: 2000\n\n")
    marks = [line for line in text.splitlines() if line.startswith("id: ")]
    assert len(marks) >= 3  # each a heartbeat


# --- the end, and PostgreSQL away -----------------------------------------------------------------
def test_the_server_does_not_wait_for_its_listeners(
    settings: Settings, database: Database, registry: Registry, admin: dict[str, str]
) -> None:
    with served(settings, database, registry) as running, listening(running, admin) as stream:
        took = running.end()
        assert stream.next() is None
    assert took < 3
    left = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
        " AND datname = current_database()"
    )
    with database.engine.connect() as connection:
        assert connection.scalar(left) == 0


def test_one_connection_listens_for_all(
    server: Served, database: Database, admin: dict[str, str]
) -> None:
    left = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
        " AND datname = current_database()"
    )
    other = people.bearer(database)
    with (
        listening(server, admin),
        listening(server, admin),
        listening(server, other),
        database.engine.connect() as connection,
    ):
        assert connection.scalar(left) == 1


@pytest.mark.fault
def test_a_stream_outlives_postgresql(settings: Settings, registry: Registry) -> None:
    """Killed and started again: the stream stays, and tells what came in afterwards."""
    with passable_folder() as home:
        cluster = Cluster(home, durable=False)
        with cluster.running():
            database = Database(cluster.url())
            upgrade(database)
            admin = people.bearer(database)
            with served(settings, database, registry) as running, listening(running, admin) as one:
                before = _log(database, registry)
                assert (one.next() or {})["id"] == before
                mark = one.id
                cluster.stop(force=True)
                with listening(running, admin) as refused:
                    assert refused.status == 503
                cluster.start()
                database.engine.dispose()  # what it kept are connections to servers that are dead
                after = _log(database, registry, 1)
                assert (one.next() or {})["id"] == after
                with listening(running, admin, seen=mark, query="?seconds=0") as again:
                    assert _ids(again.rest()) == [after]
            database.close()
            cluster.stop()
