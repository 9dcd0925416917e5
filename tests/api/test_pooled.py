"""Through pgbouncer in transaction mode, one connection for all: nobody is given another's."""

import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
import sqlalchemy as sa
from sqlalchemy import make_url
from starlette.testclient import TestClient

from api.app import connections, create_app
from api.settings import Settings
from gis.cluster import Cluster
from gis.postgis import Database
from layers.declaring.people import Role
from layers.migrate import upgrade
from layers.reading import features
from layers.registry import Registry
from tests.api.event_client import listening, served
from tests.api.own_writes import UNITS, asking, edited
from tests.api.test_tiles import place
from tests.factories import LAT, LON, geometry, record
from tests.layers.held.test_rights import EAST, SPOTS, STREET, WEST, put_divisions
from tests.logged import site
from tests.people import bearer
from tests.pooler import pooled
from tests.private_clusters import passable_folder

SEEN = {WEST: {"西边的单位"}, EAST: {"东边的单位"}, STREET: {"西边的单位", "东边的单位"}}
READERS, TURNS = 6, 20
LEFT = sa.text("""
SELECT current_setting('role'), coalesce(current_setting('gridfield.lo', true), ''),
  coalesce(current_setting('gridfield.account', true), ''),
  current_setting('max_parallel_workers_per_gather'), current_setting('transaction_read_only')
""")


@pytest.fixture
def through(cluster: Cluster, database: Database, settings: Settings) -> Iterator[Database]:
    """The same database through the pool, and the way past it."""
    name = make_url(database.url).database
    assert name is not None
    with passable_folder() as folder, pooled(cluster, name, folder) as url:
        size = connections(settings)
        with closing(Database(url, pool_size=size, direct=database.url)) as through:
            yield through


def test_nobody_sees_what_another_may(
    through: Database, database: Database, settings: Settings, registry: Registry
) -> None:
    put_divisions(database, registry)
    units = registry.layer("work_units")
    with through.begin() as connection:
        left = connection.execute(LEFT).one()
        for n, code in enumerate((WEST, EAST)):
            (own,) = SEEN[code]
            shape = type(geometry(units))(SPOTS[code], LAT + 0.005)
            features.insert(connection, units, record(units, n, name=own), shape)
    readers = {code: bearer(database, Role.VIEWER, code) for code in SEEN}
    app = create_app(settings, database=through, registry=registry)
    with TestClient(app, "http://127.0.0.1") as client:

        def work(n: int) -> int:
            return sum(
                _looked(client, readers, list(SEEN)[(n + turn) % 3]) for turn in range(TURNS)
            )

        with ThreadPoolExecutor(READERS) as threads:
            assert sum(threads.map(work, range(READERS))) == READERS * TURNS
    with through.glance() as connection:
        assert connection.execute(LEFT).one() == left


def _looked(client: TestClient, readers: dict[str, dict[str, str]], code: str) -> bool:
    """Whether list and tile have what the reader may see and nothing else."""
    listed = client.get(f"{UNITS}/items", headers=readers[code]).json()["features"]
    address = f"{UNITS}/tiles/WebMercatorQuad/{place(12, SPOTS[WEST], LAT + 0.005)}"
    tile = client.get(address, headers=readers[code]).content
    drawn = {name for name in SEEN[STREET] if name.encode() in tile}
    return {each["properties"]["name"] for each in listed} == SEEN[code] == drawn


def test_what_is_written_through_it_is_read_at_once_and_told(
    through: Database, database: Database, settings: Settings, registry: Registry
) -> None:
    upgrade(through)
    put_divisions(database, registry)
    reader, writer = bearer(database), bearer(database, Role.LEADER, STREET)
    with served(settings, through, registry) as server, listening(server, reader) as stream:
        with closing(http.client.HTTPConnection(server.host, server.port, timeout=60)) as link:
            assert not edited(asking(link, writer), registry, 0, 0)
        with through.begin() as connection:
            logged = site(connection, registry, LON, LAT)
        assert (stream.next() or {})["id"] == logged
    with through.read() as connection:
        assert connection.exec_driver_sql("SHOW timezone").scalar_one() == "Asia/Shanghai"
