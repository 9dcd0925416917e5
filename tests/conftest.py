"""One private cluster for the run, one migrated template, a clone for every test that commits.

`conn` rolls back and is the rule; `database` is a clone of its own for what must commit (HTTP,
imports, crashes).
"""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.cluster import Cluster
from gis.postgis import Database
from layers.migrate import upgrade
from layers.registry import Registry, discover
from tests.cloning import clone

_TEMPLATE = "gridfield_template"


@pytest.fixture(scope="session")
def registry() -> Registry:
    return discover()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A cluster of this run alone; in memory where the machine has a /dev/shm."""
    memory = Path("/dev/shm")
    where = memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())
    home = Path(tempfile.mkdtemp(prefix="gridfield-test-", dir=where))
    home.chmod(0o755)  # the server's own user must reach its folder when root runs the tests
    cluster = Cluster(home, durable=False)
    try:
        with cluster.running():
            yield cluster
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """The name of a migrated database that nobody is connected to."""
    _administer(cluster, f"CREATE DATABASE {_TEMPLATE}")
    database = Database(cluster.url(_TEMPLATE))
    upgrade(database)
    database.close()
    return _TEMPLATE


@pytest.fixture
def database(cluster: Cluster, template: str) -> Iterator[Database]:
    """A database of its own: what the test commits is gone with it."""
    name = f"t{uuid.uuid4().hex}"
    clone(cluster, name, template)
    database = Database(cluster.url(name))
    yield database
    database.close()
    _administer(cluster, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def _shared(cluster: Cluster, template: str) -> Iterator[Database]:
    clone(cluster, "gridfield_shared", template)
    database = Database(cluster.url("gridfield_shared"))
    yield database
    database.close()


@pytest.fixture
def conn(_shared: Database) -> Iterator[Connection]:
    """A connection whose transaction is rolled back when the test ends."""
    with _shared.engine.connect() as connection:
        transaction = connection.begin()
        yield connection
        transaction.rollback()


def _administer(cluster: Cluster, statement: str) -> None:
    engine = sa.create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()
