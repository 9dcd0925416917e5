"""Where the parts are put together: the one place that turns settings into a database."""

from collections.abc import Iterator
from contextlib import contextmanager

from api.settings import Settings
from gis.cluster import Cluster
from gis.postgis import Database
from layers.declaring.people import SYSTEM
from layers.duties.columns import settle_today
from layers.migrate import upgrade
from layers.registry import discover

# The primary could have answered meanwhile.
_REPLICA_S = 2


@contextmanager
def open_database(settings: Settings, *, connections: int = 4) -> Iterator[Database]:
    """The migrated database of these settings: the server they name, else the private cluster.

    It acts as SYSTEM: whoever runs a command here has the machine. Its columns name who has the
    duties today.

    The cluster stops again with the last process that uses it. Problems: what `gis.cluster` and
    `layers.migrate` refuse, and DATABASE_UNREACHABLE.
    """
    with _address(settings) as url:
        direct = settings.lasting_url if settings.direct_url else None
        database = Database(url, pool_size=connections, direct=direct).acting(SYSTEM.settings())
        try:
            upgrade(database)
            settle_today(database, discover())
            yield database
        finally:
            database.close()


@contextmanager
def open_replica(settings: Settings, *, connections: int = 4) -> Iterator[Database | None]:
    """The replica that these settings name, if any: it need not be there, now or later."""
    if settings.replica_url is None:
        yield None
        return
    replica = Database(settings.replica_url, pool_size=connections, patience_s=_REPLICA_S)
    try:
        yield replica
    finally:
        replica.close()


@contextmanager
def _address(settings: Settings) -> Iterator[str]:
    if settings.sqlalchemy_url is not None:
        yield settings.sqlalchemy_url
        return
    with Cluster(settings.home).running() as cluster:
        yield cluster.url()
