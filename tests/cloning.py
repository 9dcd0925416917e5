"""Databases for tests: each a copy of the migrated template."""

import sqlalchemy as sa

from gis.cluster import Cluster

# Since this version the usual way goes through the write-ahead log, at three times the cost.
_CHOOSES_STRATEGY = 150_000


def clone(cluster: Cluster, name: str, template: str) -> None:
    """Copy a database that nobody is connected to."""
    engine = sa.create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        version = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one())
        how = " STRATEGY FILE_COPY" if version >= _CHOOSES_STRATEGY else ""
        connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE {template}{how}"))
    engine.dispose()
