"""A backup brings history and rights along, also to a server that never saw them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from gis import backup
from gis.cluster import Cluster
from gis.errors import Problem
from gis.postgis import Database
from gis.refusals.database import NOT_PERMITTED
from layers.declaring.people import Actor, Role
from layers.held import policies
from layers.held.policies import ROLE, acting
from layers.migrate import upgrade
from layers.reading import features
from layers.reading import past as history
from layers.reading.verification import verify
from layers.registry import Registry
from layers.schema.tables import table
from tests.factories import geometry, record
from tests.private_clusters import passable_folder

COMMUNITY = "630102007001"
LEADER = Actor(7, None, "somebody", Role.LEADER, COMMUNITY, "test")


@pytest.fixture
def elsewhere() -> Iterator[Cluster]:
    """Another server."""
    with passable_folder() as home, Cluster(home, durable=False).running() as cluster:
        yield cluster


def test_history_and_rights_come_back_on_another_server(
    database: Database, registry: Registry, elsewhere: Cluster, tmp_path: Path
) -> None:
    divisions, fields = registry.layer("divisions"), registry.layer("grid_fields")
    with database.begin() as connection:
        features.insert(
            connection, divisions, record(divisions, code=COMMUNITY), geometry(divisions)
        )
    with acting(database, LEADER).begin() as connection:
        values = record(fields, division=COMMUNITY)
        made = features.insert(connection, fields, values, geometry(fields))
    with database.begin() as connection:
        values = record(fields, 1, division=None)
        features.insert(connection, fields, values, geometry(fields, 5))

    file = tmp_path / "saved.dump"
    backup.write(database.engine.url.render_as_string(hide_password=False), file)
    backup.restore(elsewhere.url(), file)
    restored = Database(elsewhere.url())
    try:
        check(restored, registry, made)
        upgrade(restored)
        with restored.read() as connection:
            assert policies.missing_promotion(connection) is None
            assert connection.scalar(
                sa.text("SELECT count(*) FROM pg_auth_members WHERE roleid = :r ::regrole"),
                {"r": ROLE},
            )
        check(restored, registry, made)
    finally:
        restored.close()


def check(restored: Database, registry: Registry, made: int) -> None:
    """The chain is whole and goes on, and the reader sees and changes own ground only."""
    fields, units = registry.layer("grid_fields"), registry.layer("work_units")
    theirs = acting(restored, LEADER)
    with restored.read() as connection:
        before = verify(connection, registry)
    assert before.whole, before.faults
    with theirs.begin() as connection:
        assert list(connection.scalars(sa.select(table(fields).c.id))) == [made]
        features.replace(
            connection,
            fields,
            made,
            record(fields, before.links + 10, division=COMMUNITY),
            geometry(fields),
        )
    with theirs.read() as connection:
        assert history.of_feature(connection, fields, made)[-1].account == 7
    with pytest.raises(Problem) as caught, theirs.begin() as connection:
        features.insert(connection, units, record(units), geometry(units, 40))
    assert caught.value.rule is NOT_PERMITTED
    with pytest.raises(Problem), restored.begin() as connection:
        connection.execute(sa.text("DELETE FROM changes"))
    with restored.read() as connection:
        after = verify(connection, registry)
    assert after.whole, after.faults
    assert after.links == before.links + 1
