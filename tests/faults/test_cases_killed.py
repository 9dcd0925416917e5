"""Steps while every process of PostgreSQL is killed: each is there as a whole or not at all."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle

import pytest

from gis.cluster import Cluster
from gis.errors import Problem
from gis.postgis import Database
from gis.server import cluster_place, postmaster
from layers.calendar.workdays import Calendar
from layers.cases import applying as cases
from layers.cases.applying import Attempted
from layers.declaring.people import Actor, Role
from layers.held import policies
from layers.migrate import upgrade
from layers.reading import verification
from layers.registry import Registry
from tests.layers.casework import opened, somebody, stored
from tests.private_clusters import passable_folder

pytestmark = pytest.mark.fault

HANDLERS, ROUNDS = 4, 3
ROUND = (
    Attempted(transition="assign", values={"unit": "城管科", "handler": "李四"}),
    Attempted(transition="accept"),
    Attempted(transition="return", reason="不属于我单位"),
)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """One that waits for the disk, as a real one does."""
    with passable_folder() as folder:
        cluster = Cluster(folder / "var")
        with cluster.running():
            yield cluster


@pytest.fixture(scope="module")
def database(cluster: Cluster) -> Iterator[Database]:
    database = Database(cluster.url())
    upgrade(database)
    yield database
    database.close()


class Handler(threading.Thread):
    """Takes one step of a case of its own after the other; `taken` is how many were answered."""

    def __init__(self, database: Database, registry: Registry) -> None:
        super().__init__()
        self.registry, self.layer = registry, registry.layer("sites")
        with database.begin() as connection:
            self.actor: Actor = somebody(connection, Role.OFFICER)
            self.feature = opened(connection, self.layer, "registered")
        self.own = policies.acting(database, self.actor)
        self.taken = 0
        self.ended = threading.Event()

    def run(self) -> None:
        with suppress(Problem):  # the database is away
            for attempted in cycle(ROUND):
                if self.ended.is_set():
                    return
                self.take(attempted)

    def take(self, attempted: Attempted) -> None:
        with self.own.begin() as connection:
            cases.apply(
                connection,
                self.registry,
                self.actor,
                self.layer,
                self.feature,
                attempted,
                calendar=Calendar(),
            )
        self.taken += 1


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_no_step_is_half_taken(
    cluster: Cluster, database: Database, registry: Registry, seed: int
) -> None:
    handlers = [Handler(database, registry) for _ in range(HANDLERS)]
    for handler in handlers:
        handler.start()
    wanted = random.Random(seed).randint(5, 40)
    while sum(handler.taken for handler in handlers) < wanted:
        time.sleep(0.001)
    postmaster.kill_workers(cluster_place.find(cluster.home).data)
    for handler in handlers:
        handler.ended.set()
    for handler in handlers:
        handler.join()
    cluster.start()
    database.engine.dispose()  # what it kept are connections to servers that are dead
    for handler in handlers:
        with database.begin() as connection:
            found = stored(connection, handler.layer, handler.feature)
        assert len(found.steps) - handler.taken in (0, 1), "answered and gone, or taken twice"
        state = found.steps[-1]["target"] if found.steps else "registered"
        assert found.record["status"] == found.case["state"] == state
        handler.take(ROUND[len(found.steps) % len(ROUND)])
    with database.read() as connection:
        assert verification.verify(connection, registry).faults == ()
