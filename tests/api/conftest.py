"""The real application over a real PostGIS: once with the demo loaded, once empty and writable."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from api import demo
from api.app import connections, create_app
from api.settings import Settings
from gis.cluster import Cluster
from gis.postgis import Database
from layers.registry import Registry

BASE = "http://127.0.0.1"


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(home=tmp_path_factory.mktemp("home"), upload_limit_mb=3)


@pytest.fixture(scope="session")
def district(
    cluster: Cluster, template: str, settings: Settings, registry: Registry
) -> Iterator[Database]:
    """A database with the demo in it, for tests that only read."""
    name = f"district{uuid.uuid4().hex}"
    engine = sa.create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    engine.dispose()
    database = Database(cluster.url(name), pool_size=connections(settings))
    demo.load(database, registry)
    yield database
    database.close()


@pytest.fixture(scope="session")
def reader(settings: Settings, district: Database, registry: Registry) -> Iterator[TestClient]:
    """A program that reads the demo."""
    with TestClient(create_app(settings, database=district, registry=registry), BASE) as client:
        yield client


@pytest.fixture
def client(settings: Settings, database: Database, registry: Registry) -> Iterator[TestClient]:
    """A program before empty layers that it may write to."""
    with TestClient(create_app(settings, database=database, registry=registry), BASE) as client:
        yield client


@pytest.fixture
def shapes() -> Path:
    return demo.FOLDER
