"""Exports over a real connection: who hangs up ends the work, and half a file never looks whole."""

import http.client
import json
import socket
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.app import connections
from api.settings import Settings
from gis.cluster import Cluster
from gis.postgis import Database
from layers.registry import Registry
from tests.api.event_client import Served, served
from tests.cloning import clone
from tests.people import bearer

pytestmark = pytest.mark.fault

ROWS = 60_000
GIVEN_UP_S = 30.0
LAYER = "work_units"
# As one statement and without the triggers, which are not what is tested here.
_FILLED = f"""
ALTER TABLE {LAYER} DISABLE TRIGGER USER;
INSERT INTO {LAYER} (name, kind, source, place, geom)
SELECT 'unit ' || n, 'school', repeat('x', 180), 0, ST_SetSRID(ST_Point(101.8, 36.6), 4326)
FROM generate_series(1, {ROWS}) AS n;
ALTER TABLE {LAYER} ENABLE TRIGGER USER;
"""


@pytest.fixture(scope="module")
def full(cluster: Cluster, template: str) -> Iterator[Database]:
    """A layer of some 20 MB: more than the sockets between a server and a client hold."""
    clone(cluster, "exports", template)
    database = Database(cluster.url("exports"), pool_size=connections(Settings()))
    with database.begin() as connection:
        connection.execute(sa.text(_FILLED))
    yield database
    database.close()


@pytest.fixture
def running(full: Database, registry: Registry, tmp_path: Path) -> Iterator[Served]:
    with served(Settings(home=tmp_path), full, registry) as running:
        yield running


def asked(running: Served, database: Database, form: str, **more: str) -> socket.socket:
    """A connection on which an export has been asked for; it takes little at a time."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 14)
    line.settimeout(GIVEN_UP_S)
    line.connect((running.host, running.port))
    headers = {"host": "127.0.0.1", **bearer(database), **more}
    said = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    path = f"/collections/{LAYER}/export?f={form}"
    line.sendall(f"GET {path} HTTP/1.1\r\n{said}\r\n".encode())
    return line


def answered(line: socket.socket) -> http.client.HTTPResponse:
    response = http.client.HTTPResponse(line, method="GET")
    response.begin()
    assert response.status == 200
    return response


def backends(database: Database) -> list[int]:
    """The processes of PostgreSQL that make an export here."""
    statement = sa.text(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        " AND state <> 'idle' AND pid <> pg_backend_pid()"
        f" AND (query LIKE 'COPY %{LAYER}%' OR query LIKE 'FETCH%' OR query LIKE 'DECLARE%')"
    )
    with database.read() as connection:
        return list(connection.scalars(statement))


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + GIVEN_UP_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def in_the_making() -> list[Path]:
    return list(Path(tempfile.gettempdir()).glob("gridfield-aside-*"))


@pytest.mark.parametrize("form", ["geojson", "geojsonl", "csv"])
def test_who_hangs_up_ends_the_databases_work(
    running: Served,
    full: Database,
    form: str,
) -> None:
    line = asked(running, full, form)
    answered(line).read(1000)
    assert len(backends(full)) == 1
    line.close()
    until(lambda: not backends(full))
    until(lambda: full.engine.pool.checkedout() == 0)  # type: ignore[attr-defined]


@pytest.mark.parametrize("form", ["gpkg", "fgb", "shp", "kml", "xlsx"])
def test_who_hangs_up_while_a_file_is_made_ends_that_too(
    running: Served,
    full: Database,
    form: str,
    elsewhere: None,
) -> None:
    line = asked(running, full, form)
    until(lambda: bool(in_the_making() and backends(full)))
    line.close()
    until(lambda: not backends(full))
    until(lambda: not in_the_making())
    until(lambda: full.engine.pool.checkedout() == 0)  # type: ignore[attr-defined]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("form", ["geojson", "geojsonl", "csv"])
def test_a_client_sees_that_the_rest_is_missing(
    running: Served, full: Database, form: str, *, packed: bool
) -> None:
    more = {"accept-encoding": "gzip"} if packed else {}
    with closing(asked(running, full, form, **more)) as line:
        response = answered(line)
        assert response.getheader("transfer-encoding") == "chunked"
        begun = response.read(1000)
        (pid,) = backends(full)
        with full.begin() as connection:
            connection.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        with pytest.raises(http.client.IncompleteRead) as caught:
            while piece := response.read(1 << 16):
                begun += piece
        begun += caught.value.partial
    if packed:
        begun = zlib.decompressobj(wbits=31).decompress(begun)
    assert 0 < begun.count(b"unit ") < ROWS
    if form == "geojson":
        with pytest.raises(json.JSONDecodeError):
            json.loads(begun)
    full.ping()


def test_a_made_file_says_how_long_it_is(running: Served, full: Database) -> None:
    with closing(asked(running, full, "gpkg")) as line:
        response = answered(line)
        length = int(response.getheader("content-length") or 0)
        content = response.read()
    assert len(content) == length > 1 << 20
    assert content.startswith(b"SQLite format 3\0")


def test_a_whole_file_ends_as_one(running: Served, full: Database) -> None:
    with closing(asked(running, full, "geojson")) as line:
        features = json.loads(answered(line).read())["features"]
    assert len({feature["id"] for feature in features}) == len(features) == ROWS
