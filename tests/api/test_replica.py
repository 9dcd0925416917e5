"""A real streaming replica behind the application: read where it is as new, missed by nobody."""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from starlette.testclient import TestClient

from api.app import connections, create_app
from api.context import context_of_app
from api.runtime import open_replica
from api.settings import Settings
from gis.cluster import DATABASE, Cluster
from gis.postgis import Database
from layers.declaring.people import Role
from layers.freshness.counting import State
from layers.freshness.replica import Replica, Standing
from layers.migrate import upgrade
from layers.reading import features
from layers.registry import Registry
from tests.api.event_client import served
from tests.api.own_writes import UNITS, asking, edited
from tests.api.test_editing import GEOJSON, feature
from tests.api.test_tiles import place
from tests.factories import LAT, geometry, record
from tests.layers.held.test_rights import EAST, SPOTS, STREET, WEST, put_divisions
from tests.people import bearer
from tests.private_clusters import passable_folder
from tests.standby import Standby, standing_by

SHOPS = "/collections/shops"
CLIENTS = 8
_LONG_S = 60.0


@pytest.fixture(scope="module")
def standby() -> Iterator[Standby]:
    """A primary that keeps what it commits, and a replica of it."""
    with passable_folder() as folder, Cluster(folder / "home").running() as primary:
        with closing(Database(primary.url())) as database:
            upgrade(database)
        with standing_by(primary, folder) as standby:
            yield standby


@pytest.fixture(scope="module")
def database(standby: Standby, registry: Registry) -> Iterator[Database]:
    database = Database(standby.cluster.url(), pool_size=16)
    put_divisions(database, registry)
    put(database, registry, "shops", 0, SPOTS[WEST])
    put(database, registry, "work_units", 0, SPOTS[WEST], name="西边的单位")
    put(database, registry, "work_units", 1, SPOTS[EAST], name="东边的单位")
    yield database
    database.close()


@pytest.fixture
def replica(standby: Standby, database: Database, settings: Settings) -> Iterator[Database]:
    """The replica, which has all that the tests before have written."""
    standby.catch_up()
    wanted = settings.model_copy(update={"read_url": standby.url(DATABASE)})
    with open_replica(wanted, connections=connections(settings)) as replica:
        assert replica is not None
        yield replica


@pytest.fixture
def program(
    settings: Settings, database: Database, registry: Registry, replica: Database
) -> Iterator[TestClient]:
    """A program that writes and reads in an admin's name."""
    app = create_app(settings, database=database, registry=registry, replica=replica)
    with TestClient(app, "http://127.0.0.1", headers=bearer(database)) as client:
        yield client


def put(
    database: Database, registry: Registry, layer_name: str, n: int, lon: float, **given: object
) -> None:
    layer = registry.layer(layer_name)
    with database.begin() as connection:
        shape = type(geometry(layer))(lon, LAT + 0.005)
        features.insert(connection, layer, record(layer, n, **given), shape)


def standing(client: TestClient) -> Standing:
    found = context_of_app(client.app).replica  # type: ignore[arg-type]  # ours
    assert found is not None
    return found.standing


def tile(layer: str = UNITS, z: int = 15, lon: float = SPOTS[WEST]) -> str:
    return f"{layer}/tiles/WebMercatorQuad/{place(z, lon, LAT + 0.005)}"


def names(client: TestClient, **headers: str) -> set[str]:
    found = client.get(f"{UNITS}/items?limit=1000", headers=headers)
    assert found.status_code == 200, found.text
    return {each["properties"]["name"] for each in found.json()["features"]}


def store(client: TestClient, registry: Registry, n: int, name: str) -> None:
    spot = {"type": "Point", "coordinates": [SPOTS[WEST], LAT + 0.005]}
    body = feature(registry.layer("work_units"), n, name=name) | {"geometry": spot}
    stored = client.post(f"{UNITS}/items", json=body, headers=GEOJSON)
    assert stored.status_code == 201, stored.text


def until_answered(client: TestClient, ask: Callable[[], object]) -> None:
    """Ask until the replica is the one that answers."""
    before, deadline = standing(client).answered, time.monotonic() + _LONG_S
    while standing(client).answered == before:
        assert time.monotonic() < deadline
        ask()


# --- as new as the primary ------------------------------------------------------------------------
def test_what_nobody_is_changing_is_read_from_the_replica(
    program: TestClient, database: Database
) -> None:
    assert names(program) >= {"西边的单位", "东边的单位"}
    assert standing(program).answered == 1
    body = program.get(tile())
    assert "西边的单位".encode() in body.content
    assert standing(program).answered == 2
    assert program.get(tile()).content == body.content
    assert standing(program).answered == 2, "kept, and known to hold without asking"
    told = program.get("/metrics").text
    assert 'gridfield_replica_questions_total{outcome="answered"} 2\n' in told
    assert 'gridfield_replica_questions_total{outcome="passed"} 0\n' in told


def test_the_replica_knows_whose_is_what(program: TestClient, database: Database) -> None:
    seen = {WEST: {"西边的单位"}, EAST: {"东边的单位"}, STREET: {"西边的单位", "东边的单位"}}
    for n, (code, wanted) in enumerate(seen.items(), start=1):
        reader = bearer(database, Role.VIEWER, code)
        assert names(program, **reader) & {"西边的单位", "东边的单位"} == wanted
        found = program.get(tile(z=12), headers=reader).content
        assert {name for name in seen[STREET] if name.encode() in found} == wanted
        assert standing(program).answered == 2 * n


def test_refusals_are_the_primarys(program: TestClient) -> None:
    for address in (f"{UNITS}/items?on=2999-01-01", f"{UNITS}/items?sortby=name&after=99999999"):
        assert program.get(address).status_code == 400
    names(program)
    assert standing(program).answered == 1, "a wrong question says nothing about the replica"


# --- behind it ------------------------------------------------------------------------------------
def test_nobody_misses_a_write_that_the_replica_has_not(
    program: TestClient, database: Database, registry: Registry, standby: Standby
) -> None:
    standby.pause()
    try:
        store(program, registry, 10, "刚写的单位")
        assert "刚写的单位" in names(program)
        assert "刚写的单位".encode() in program.get(tile()).content
        other = bearer(database, Role.VIEWER, STREET)
        assert "刚写的单位" in names(program, **other)
        assert "刚写的单位".encode() in program.get(tile(), headers=other).content
        assert standing(program).answered == 0
        # What has not changed since is read from it all the same.
        until_answered(program, lambda: program.get(f"{SHOPS}/items", headers=other))
        asked = standing(program).answered
        until_answered(program, lambda: program.get(tile(SHOPS), headers=other))
        assert standing(program).answered == asked + 1
    finally:
        standby.resume()
    until_answered(program, lambda: names(program))
    assert "刚写的单位" in names(program)


def test_under_load_nobody_misses_an_own_write(
    settings: Settings, database: Database, registry: Registry, replica: Database
) -> None:
    """Each writes through one server and looks through another, on the same two databases."""
    writers = [bearer(database, Role.LEADER, code) for code in (STREET, WEST)]
    with (
        served(settings, database, registry, replica) as one,
        served(settings, database, registry, replica) as two,
    ):

        def work(n: int) -> list[str]:
            links = [http.client.HTTPConnection(x.host, x.port, timeout=120) for x in (one, two)]
            with closing(links[0]), closing(links[1]):
                own, other = (asking(link, writers[n % 2]) for link in links)
                return [
                    fault
                    for turn in range(3)
                    for fault in edited(own, registry, n, turn, see=other)
                ]

        with ThreadPoolExecutor(CLIENTS) as threads:
            faults = [fault for found in threads.map(work, range(CLIENTS)) for fault in found]
    assert not faults


# --- away -----------------------------------------------------------------------------------------
def test_a_killed_replica_is_missed_by_nobody_and_comes_back(
    program: TestClient, registry: Registry, standby: Standby
) -> None:
    names(program)
    program.get(tile())
    assert standing(program).answered == 2
    standby.kill()
    store(program, registry, 20, "无副本时的单位")
    for _ in range(3):
        assert "无副本时的单位" in names(program)
        assert "无副本时的单位".encode() in program.get(tile()).content
    assert standing(program).answered == 2
    standby.start()
    until_answered(program, lambda: names(program))
    assert "无副本时的单位" in names(program)


def test_one_that_was_never_there_is_missed_by_nobody(
    settings: Settings, database: Database, registry: Registry
) -> None:
    wanted = settings.model_copy(update={"read_url": "postgresql://nobody@127.0.0.1:1/nothing"})
    with open_replica(wanted) as replica:
        app = create_app(settings, database=database, registry=registry, replica=replica)
        with TestClient(app, "http://127.0.0.1", headers=bearer(database)) as client:
            assert "西边的单位" in names(client)
            assert "西边的单位".encode() in client.get(tile()).content
            assert (standing(client).answered, standing(client).passed) == (0, 2)


def test_another_database_is_never_taken_for_the_replica(
    settings: Settings,
    database: Database,
    registry: Registry,
    cluster: Cluster,
    template: str,
) -> None:
    """An empty one of the same tables, named by mistake."""
    with closing(Database(cluster.url(template))) as wrong:
        app = create_app(settings, database=database, registry=registry, replica=wrong)
        with TestClient(app, "http://127.0.0.1", headers=bearer(database)) as client:
            assert "西边的单位" in names(client)
            assert client.get("/collections/markets/items").json()["numberMatched"] == 0
            assert standing(client).answered == 0


def test_without_a_replica_there_is_none(client: TestClient, settings: Settings) -> None:
    with open_replica(settings) as replica:
        assert replica is None
    assert "gridfield_replica" not in client.get("/metrics").text


# --- the standing ---------------------------------------------------------------------------------
def test_the_oftener_it_is_behind_the_longer_it_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("layers.freshness.replica.time.monotonic", lambda: now)
    standing, pauses = Standing(), []
    for _ in range(12):
        assert standing.worth_asking()
        standing.behind()
        begun = now
        while not standing.worth_asking():
            now += 0.001
        pauses.append(round(now - begun, 2))
        assert not standing.worth_asking(), "one alone tries"
        now += 2
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (0.01, 1.0)
    standing.served()
    assert all(standing.worth_asking() for _ in range(3))


def test_of_a_table_that_was_never_counted_nothing_is_known(database: Database) -> None:
    """Two that know nothing of a table need not be the same."""
    with database.read() as connection:
        day = connection.exec_driver_sql("SELECT current_date").scalar_one()
    state = State(day, 0, {"shops": "1.2"})
    replica = Replica(database)
    assert replica.told(("shops",), state, lambda _: (1, state)) == (1, state)
    assert replica.told(("markets",), state, lambda _: (1, state)) is None
    assert replica.told(None, state, lambda _: (1, state)) is None
    assert json.dumps(replica.standing.answered) == "1"
