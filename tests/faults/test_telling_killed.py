"""What is told while servers are killed: nothing is lost, and no page says it twice."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.worker import working
from gis.cluster import Cluster
from gis.postgis import Database
from gis.server import cluster_place, postmaster
from layers.migrate import upgrade
from layers.registry import Registry
from layers.schema.notices import NOTICE_EVENTS, NOTICES
from tests import telling
from tests.private_clusters import passable_folder
from tests.receivers import mailbox, receiving, status

pytestmark = pytest.mark.fault

_PROGRAM = Path(__file__).parents[2]


def until(wanted: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


@contextmanager
def serving(database: Database, home: Path, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """`gridfield serve` over this database; killed when the block ends."""
    url = database.engine.url.render_as_string(hide_password=False)
    given = {
        "DATABASE_URL": url,
        "HOME": str(home),
        "WEBHOOK_NETWORKS": '["127.0.0.0/8"]',
        "WEBHOOK_RETRY_S": "0.2",
        "WEBHOOK_TIMEOUT_S": "30",
        **settings,
    }
    environment = {**os.environ, **{f"GRIDFIELD_{name}": value for name, value in given.items()}}
    process = subprocess.Popen(
        [sys.executable, "-c", "from api.cli import main; main()", "serve", "--port", "0"],
        cwd=_PROGRAM,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def told_twice(database: Database) -> int:
    """How many events or notices there are more than cases that were assigned."""
    with database.read() as connection:
        counted = sa.select(sa.func.count(), sa.func.count(sa.distinct(NOTICE_EVENTS.c.feature)))
        row = connection.execute(counted.select_from(NOTICE_EVENTS)).one()
        notices = connection.scalar(sa.select(sa.func.count()).select_from(NOTICES)) or 0
        return int(row[0] - row[1]) + abs(int(notices - row[0]))


def test_a_server_that_is_killed_in_mid_delivery(
    database: Database, registry: Registry, tmp_path: Path
) -> None:
    people, let_go = telling.cast(database), threading.Event()

    def hang(_: BaseHTTPRequestHandler) -> None:
        let_go.wait(120)

    with receiving(hang) as receiver:
        telling.hook(database, people.head, receiver.url)
        telling.assign(database, registry, people)
        with serving(database, tmp_path) as first:
            receiver.wait(1, 60)
            first.send_signal(signal.SIGKILL)
            first.wait()
        assert telling.states(database) == ["waiting"]
        telling.assign(database, registry, people)  # while nobody works
        receiver.answer = status(204)
        let_go.set()
        with serving(database, tmp_path):
            until(lambda: telling.states(database) == ["done"] * 2)
    ids = [each.headers["webhook-id"] for each in receiver.got]
    assert len(set(ids)) == 2
    assert ids.count(ids[0]) >= 2
    assert telling.counts(database)["notices"] == 2
    assert told_twice(database) == 0


def test_of_two_servers_the_second_goes_on_when_the_first_is_killed(
    database: Database, registry: Registry, tmp_path: Path
) -> None:
    people = telling.cast(database)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with receiving() as receiver:
        telling.hook(database, people.head, receiver.url)
        with serving(database, tmp_path / "a") as first, serving(database, tmp_path / "b"):
            telling.assign(database, registry, people, 3)
            receiver.wait(3, 60)
            first.send_signal(signal.SIGKILL)
            first.wait()
            telling.assign(database, registry, people, 3)
            until(lambda: telling.states(database) == ["done"] * 6)
    assert len({each.headers["webhook-id"] for each in receiver.got}) == 6
    assert told_twice(database) == 0


@pytest.fixture
def durable(registry: Registry) -> Iterator[tuple[Cluster, Database]]:
    """A cluster that waits for the disk, as a real one does."""
    with passable_folder() as folder:
        cluster = Cluster(folder / "var")
        with cluster.running():
            database = Database(cluster.url())
            upgrade(database)
            yield cluster, database
            database.close()


def test_postgresql_is_killed_and_comes_back(
    durable: tuple[Cluster, Database], registry: Registry
) -> None:
    cluster, database = durable
    people = telling.cast(database)
    with receiving() as receiver, mailbox() as box:
        house = telling.house(database, registry, office=telling.office(box.port))
        telling.hook(database, people.head, receiver.url)
        with working(house):
            for round_ in range(1, 4):
                telling.assign(database, registry, people, 4)
                postmaster.kill_workers(cluster_place.find(cluster.home).data)
                cluster.start()
                database.engine.dispose()
                until(lambda: telling.states(database) == ["done"] * 4 * round_)  # noqa: B023
            box.wait(1)
    assert len({each.headers["webhook-id"] for each in receiver.got}) == 12
    assert telling.counts(database)["notices"] == 12
    assert told_twice(database) == 0
