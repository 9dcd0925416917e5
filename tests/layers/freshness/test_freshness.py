"""The counter of changes: exact under every order of commits, folding and crashes."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from threading import Thread

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.postgis import Database
from layers.declaring.people import EVERYWHERE, Actor, Role
from layers.freshness import counting
from layers.freshness.counting import State
from layers.ground.tinting import retint
from layers.held.policies import acting
from layers.reading import features
from layers.registry import Registry
from layers.schema.moves import MOVES
from layers.schema.tables import table
from layers.serving import tiles
from layers.serving.tiles import Question
from tests.factories import LAT, LON, geometry, record
from tests.layers.serving.test_tiles import _address


def now(database: Database) -> State:
    with database.glance() as connection:
        return counting.state(connection)


def moved(before: State, after: State) -> set[str]:
    """The sources that differ."""
    names = before.sources.keys() | after.sources.keys()
    return {name for name in names if before.of([name]) != after.of([name])}


def touch(connection: Connection, name: str) -> None:
    """A statement that changes a table, whatever it has."""
    connection.execute(sa.text(f'UPDATE "{name}" SET place = place WHERE false'))


def test_every_change_of_a_layer_moves_its_own_version(
    conn: Connection, registry: Registry
) -> None:
    for layer in registry.layers.values():
        before = counting.state(conn)
        made = features.insert(conn, layer, record(layer), geometry(layer))
        inserted = counting.state(conn)
        assert layer.name in moved(before, inserted)
        conn.execute(sa.update(table(layer)).where(table(layer).c.id == made).values(place=1))
        updated = counting.state(conn)
        assert layer.name in moved(inserted, updated)
        conn.execute(sa.delete(table(layer)).where(table(layer).c.id == made))
        assert layer.name in moved(updated, counting.state(conn))


def test_a_change_of_one_layer_leaves_the_others(database: Database, registry: Registry) -> None:
    before = now(database)
    units = registry.layer("work_units")
    with database.begin() as connection:
        features.insert(connection, units, record(units), geometry(units))
    assert moved(before, now(database)) == {"work_units"}


def test_a_new_map_of_divisions_moves_whatever_it_places(
    database: Database, registry: Registry
) -> None:
    divisions = registry.layer("divisions")
    before = now(database)
    with database.begin() as connection:
        features.insert(connection, divisions, record(divisions), geometry(divisions))
    assert {layer.name for layer in registry.mapped} <= moved(before, now(database))


def test_tints_alone_move_a_layer(database: Database, registry: Registry) -> None:
    fields = registry.layer("grid_fields")
    with database.begin() as connection:
        for n in range(3):
            features.insert(connection, fields, record(fields, n), geometry(fields, n))
    before = now(database)
    with database.begin() as connection:
        connection.execute(sa.update(table(fields)).values(tint=None))
        retint(connection, fields)
    assert "grid_fields" in moved(before, now(database))


@contextmanager
def open_change(database: Database, name: str) -> Iterator[Connection]:
    """A transaction that has changed a table and not committed yet."""
    with database.engine.connect() as connection:
        touch(connection, name)
        yield connection


def test_whoever_began_first_and_committed_last_is_not_missed(database: Database) -> None:
    """The case that the largest number of a sequence gets wrong."""
    with open_change(database, "sites") as early:
        with open_change(database, "sites") as late:
            late.commit()
        between = now(database)
        early.commit()
    assert moved(between, now(database)) == {"sites"}


def test_what_is_rolled_back_moves_nothing(database: Database) -> None:
    before = now(database)
    with open_change(database, "sites") as connection:
        connection.rollback()
    assert now(database) == before


def test_a_snapshot_keeps_its_state(database: Database) -> None:
    with database.read() as reading:
        before = counting.state(reading)
        with database.begin() as connection:
            touch(connection, "sites")
        assert counting.state(reading) == before
    assert moved(before, now(database)) == {"sites"}


def test_equal_counts_of_other_histories_differ(database: Database) -> None:
    """A crash may take what was committed without waiting for the disk: then the count is reached
    again by other changes."""
    states = []
    for _ in range(2):
        with database.engine.connect() as connection:
            touch(connection, "sites")
            states.append(counting.state(connection))
            connection.rollback()
    assert moved(*states) == {"sites"}


def test_folding_changes_no_state(database: Database) -> None:
    for name in ("sites", "work_units", "sites", "duties"):
        with database.begin() as connection:
            touch(connection, name)
    before = now(database)
    with open_change(database, "sites") as waiting:
        for _ in range(2):
            with database.begin() as connection:
                counting.fold(connection)
        after = now(database)
        assert after.sources == before.sources
        assert after.rows == 3 < before.rows
        waiting.commit()
    assert moved(after, now(database)) == {"sites"}


def test_many_writers_and_folders_lose_no_count(database: Database) -> None:
    writers, each = 6, 20
    started = _counted(database)

    def write(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(each):
            with database.begin() as connection:
                touch(connection, chance.choice(("sites", "work_units")))
            if chance.random() < 0.3:
                with database.begin() as connection:
                    counting.fold(connection)

    threads = [Thread(target=write, args=(n,)) for n in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _counted(database) - started == writers * each


def _counted(database: Database) -> int:
    with database.read() as connection:
        return int(connection.scalar(sa.select(sa.func.sum(MOVES.c.moves))) or 0)


def test_the_applications_role_may_not_read_how_much_others_change(database: Database) -> None:
    viewer = Actor(None, None, "v", Role.VIEWER, EVERYWHERE, "test")
    with (
        acting(database, viewer).read() as connection,
        pytest.raises(sa.exc.ProgrammingError, match="permission denied"),
    ):
        connection.execute(sa.select(MOVES))


# --- what a tile is made of -----------------------------------------------------------------------
def test_a_tile_is_made_of_its_layer(registry: Registry) -> None:
    for layer in registry.mapped:
        assert tiles.sources(Question((layer,), 14, 0, 0), registry.layers) == (layer.name,)


def test_what_a_view_computes_is_counted_too(registry: Registry) -> None:
    drawn = registry.drawn(registry.theme("workload", "cases"))
    found = tiles.sources(Question(drawn, 14, 0, 0), registry.layers)
    assert found is not None
    assert {"duties", "grid_fields", "road_segments", "sites", "same_as"} <= set(found)


def test_what_goes_by_the_time_of_day_has_no_version(registry: Registry) -> None:
    drawn = registry.drawn(registry.theme("ledger", "level"))
    assert tiles.sources(Question(drawn, 14, 0, 0), registry.layers) is None


def test_cases_of_a_past_day_are_made_of_steps(registry: Registry) -> None:
    question = Question((registry.layer("sites"),), 14, 0, 0, at=date(2026, 1, 1))
    assert tiles.sources(question, registry.layers) == ("sites", "steps")


def test_another_day_is_another_version(database: Database) -> None:
    state = now(database)
    assert state.of(["sites"]) != State(date(2000, 1, 1), 0, state.sources).of(["sites"])


# --- tiles by the database's own functions --------------------------------------------------------
@pytest.mark.parametrize("role", [Role.VIEWER, Role.ADMIN])
def test_a_kept_plan_makes_the_same_tile(
    database: Database, registry: Registry, role: Role
) -> None:
    layers = registry.mapped
    with database.begin() as connection:
        for layer in layers:
            for n in range(3):
                features.insert(connection, layer, record(layer, n), geometry(layer, n))
            retint(connection, layer)
    own = acting(database, Actor(None, None, "x", role, EVERYWHERE, "test"))
    for z in (12, 15, 18, 22):
        question = Question(layers, z, *_address(z, LON, LAT))
        made, state = tiles.made(own, question, registry.layers)
        with own.read() as connection:
            assert made == tiles.tile(connection, layers, z, question.x, question.y)
        assert made
        assert state == now(database)
