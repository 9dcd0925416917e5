"""Where the parts are put together: the one place that turns settings into a database."""

from collections.abc import Iterator
from contextlib import contextmanager

from api.settings import Settings
from gis.cluster import Cluster
from gis.postgis import Database
from layers.migrate import upgrade


@contextmanager
def open_database(settings: Settings, *, connections: int = 4) -> Iterator[Database]:
    """The migrated database of these settings: the server they name, else the private cluster.

    The cluster stops again with the last process that uses it. Problems: what `gis.cluster` and
    `layers.migrate` refuse, and DATABASE_UNREACHABLE.
    """
    with _address(settings) as url:
        database = Database(url, pool_size=connections)
        try:
            upgrade(database)
            yield database
        finally:
            database.close()


@contextmanager
def _address(settings: Settings) -> Iterator[str]:
    if settings.sqlalchemy_url is not None:
        yield settings.sqlalchemy_url
        return
    with Cluster(settings.home).running() as cluster:
        yield cluster.url()
