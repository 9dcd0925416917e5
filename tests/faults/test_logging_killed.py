"""Records while every process of PostgreSQL is killed: what was answered is there, once."""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from gis.cluster import Cluster
from gis.errors import Problem
from gis.postgis import Database
from gis.server import cluster_place, postmaster
from layers.alike import near
from layers.calendar.workdays import Calendar
from layers.declaring.people import Actor, Role
from layers.held import policies
from layers.migrate import upgrade
from layers.reading import verification
from layers.registry import Registry
from layers.submissions import intake
from layers.submissions import receiving as submissions
from layers.submissions.intake import Arrival
from layers.submissions.receiving import Sent
from tests import records
from tests.private_clusters import passable_folder

pytestmark = pytest.mark.fault

INSPECTOR = Actor(7, None, "网格员", Role.INSPECTOR, records.COMMUNITY, "test")
PHONES, ROUNDS = 4, 4


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """One that waits for the disk, as a real one does."""
    with passable_folder() as folder:
        cluster = Cluster(folder / "var")
        with cluster.running():
            yield cluster


@pytest.fixture(scope="module")
def database(cluster: Cluster, registry: Registry) -> Iterator[Database]:
    database = Database(cluster.url())
    upgrade(database)
    records.lay_ground(database, registry)
    yield database
    database.close()


class Phone(threading.Thread):
    """Sends so many records at a time; `sent` are all of them, `received` those answered."""

    def __init__(self, database: Database, registry: Registry, at_once: int) -> None:
        super().__init__()
        self.database, self.at_once = database, at_once
        self.own = policies.acting(database, INSPECTOR)
        self.layer = registry.layer("sites")
        self.sent: dict[UUID, Sent] = {}
        self.received: dict[UUID, int] = {}
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.is_set():
            names = [self.make() for _ in range(self.at_once)]
            left = names if self.at_once == 1 else self.send_together(names)
            for name in left:
                with suppress(Problem):  # the database is away
                    self.send(name)

    def make(self) -> UUID:
        name = records.name()
        body = records.body(records.record(properties={"note": str(name)}))
        self.sent[name] = Sent(self.layer, name, body)
        return name

    def send_together(self, names: Sequence[UUID]) -> list[UUID]:
        """Those of which nothing is known."""
        within = near.reach(self.layer)
        arrivals = [Arrival(INSPECTOR, self.sent[name], within) for name in names]
        told = intake.take_in(self.database, arrivals, Calendar())
        self.received |= {each.uuid: each.feature for each in told if each}
        return [name for name, each in zip(names, told, strict=True) if each is None]

    def send(self, name: UUID) -> bool:
        within = near.reach(self.layer)
        receipt, new = submissions.receive(self.own, INSPECTOR, self.sent[name], within=within)
        self.received[name] = receipt.feature
        return new


def kill_all(cluster: Cluster) -> None:
    """Every process of the server at once, so that what is in memory alone is gone."""
    postmaster.kill_workers(cluster_place.find(cluster.home).data)


@pytest.mark.parametrize("at_once", [1, 7])
@pytest.mark.parametrize("seed", range(ROUNDS))
def test_what_was_answered_outlives_the_death_of_every_server_process(
    cluster: Cluster, database: Database, registry: Registry, seed: int, at_once: int
) -> None:
    phones = [Phone(database, registry, at_once) for _ in range(PHONES)]
    for phone in phones:
        phone.start()
    wanted = random.Random(seed).randint(10, 60)
    while sum(len(phone.received) for phone in phones) < wanted:
        time.sleep(0.001)
    kill_all(cluster)
    for phone in phones:
        phone.ended.set()
    for phone in phones:
        phone.join()
    cluster.start()
    database.engine.dispose()  # what it kept are connections to servers that are dead
    stored = _stored(database)
    for phone in phones:
        for name, feature in phone.received.items():
            assert stored.get(name) == [feature], "a record was answered and is gone"
        for name in phone.sent:  # the phone tries again whatever it has no answer for
            before = phone.received.get(name)
            new = phone.send(name)
            assert new == (name not in stored)
            assert before in (None, phone.received[name])
    stored = _stored(database)
    for phone in phones:
        assert {name: [feature] for name, feature in phone.received.items()} == {
            name: stored[name] for name in phone.sent
        }
    with database.read() as connection:
        orphans = sa.text(
            "SELECT count(*) FROM sites s FULL JOIN submissions c ON c.feature = s.id"
            " WHERE s.id IS NULL OR c.uuid IS NULL"
        )
        assert connection.scalar(orphans) == 0
        assert verification.verify(connection, registry).faults == ()


def _stored(database: Database) -> dict[UUID, list[int]]:
    """The features by the name that stands in their note as well."""
    found: dict[UUID, list[int]] = {}
    with database.read() as connection:
        statement = sa.text(
            "SELECT c.uuid, s.id FROM submissions c JOIN sites s ON s.note = c.uuid::text"
        )
        rows: Any = connection.execute(statement)
        for uuid, feature in rows:
            found.setdefault(uuid, []).append(feature)
    return found
