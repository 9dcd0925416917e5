"""A change is taken back as a new one: all of its transaction, through the gate, duties too."""

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis import files
from gis.errors import Problem
from gis.postgis import Database
from gis.refusals.database import NOT_PERMITTED
from layers.arriving import importing
from layers.changing import editing, undoing
from layers.changing.editing import Changes, Put
from layers.declaring.people import Actor, Role
from layers.declaring.words import Layer
from layers.held.policies import acting
from layers.reading import features
from layers.reading.verification import verify
from layers.refusals.ground import COVERAGE_OPENED
from layers.refusals.history import CHANGED_SINCE, UNDO_OF_BATCH, UNKNOWN_CHANGE
from layers.registry import Registry
from layers.schema.duties import DUTIES
from layers.schema.tables import table
from layers.schema.versions import CHANGES
from tests.factories import geometry, record
from tests.layers.fields import BLUE_SKY, WEST_STATION, division, plot, values


def undo(connection: Connection, registry: Registry, layer: Layer, number: int) -> int:
    return undoing.undo(connection, registry, layer, number, tolerance_m2=0.5)


def state(database: Database, registry: Registry, name: str) -> list[Any]:
    layer = registry.layer(name)
    with database.read() as connection:
        return [json.loads(text) for text in connection.scalars(features.leaving(layer))]


def last_change(database: Database, layer: Layer) -> int:
    """Of the layer: what follows for duties has numbers of its own."""
    last = sa.select(sa.func.max(CHANGES.c.number)).where(CHANGES.c.layer == layer.name)
    with database.read() as connection:
        return int(connection.scalar(last) or 0)


def test_each_kind_of_change_is_undone_and_redone(database: Database, registry: Registry) -> None:
    for layer in registry.layers.values():
        with database.begin() as connection:
            kept = features.insert(connection, layer, record(layer, 7), geometry(layer, 7))
            features.replace(connection, layer, kept, record(layer, 8), geometry(layer, 8))
        stages = [state(database, registry, layer.name)]
        with database.begin() as connection:
            made = features.insert(connection, layer, record(layer), geometry(layer))
        inserted = last_change(database, layer)
        stages.append(state(database, registry, layer.name))
        for number, expected in ((inserted, stages[0]), (None, stages[1])):
            with database.begin() as connection:
                assert (
                    undo(connection, registry, layer, number or last_change(database, layer)) == 1
                )
            assert state(database, registry, layer.name) == expected
        with database.begin() as connection:
            features.replace(connection, layer, made, record(layer, 3), geometry(layer, 3))
        with database.begin() as connection:
            undo(connection, registry, layer, last_change(database, layer))
        assert state(database, registry, layer.name) == stages[1]
    with database.read() as connection:
        assert verify(connection, registry).whole


def test_what_has_changed_since_is_not_undone(database: Database, registry: Registry) -> None:
    layer = registry.layer("work_units")
    with database.begin() as connection:
        rows = [record(layer, n) for n in range(3)]
        connection.execute(
            sa.insert(table(layer)), [{**row, "geom": "SRID=4326;POINT(1 1)"} for row in rows]
        )
    number = last_change(database, layer)
    with database.begin() as connection:
        made = connection.scalar(sa.select(sa.func.min(table(layer).c.id)))
        features.replace(connection, layer, int(made or 0), record(layer, 9), geometry(layer))
    before = state(database, registry, "work_units")
    for unknown, rule in ((number, CHANGED_SINCE), (10**9, UNKNOWN_CHANGE)):
        with pytest.raises(Problem) as caught, database.begin() as connection:
            undo(connection, registry, layer, unknown)
        assert caught.value.rule is rule
    assert state(database, registry, "work_units") == before


# --- what covers ground ---------------------------------------------------------------------------
@pytest.fixture
def row(database: Database, registry: Registry) -> list[int]:
    """Three fields in a row, each with its leader, put there through the gate."""
    with database.begin() as connection:
        division(connection, registry, plot(0, 0, 3))
        puts = [Put(None, values(n + 1), plot(n, 0)) for n in range(3)]
        return list(put(connection, registry, *puts))


def put(
    connection: Connection, registry: Registry, *puts: Put, deletes: tuple[int, ...] = ()
) -> Any:
    layer = registry.layer("grid_fields")
    changes = Changes(puts, deletes)
    return editing.apply(connection, registry, layer, changes, tolerance_m2=0.5)


def leaders(database: Database) -> list[tuple[int, str, bool]]:
    """Who is leader of which field, and whether still."""
    with database.read() as connection:
        rows = connection.execute(
            sa.text("""
                SELECT d.feature, p.name, d.valid_to IS NULL FROM duties d
                JOIN persons p ON p.id = d.person_id
                WHERE d.role = 'grid_leader' ORDER BY d.feature, d.id
            """)
        )
        return [(row[0], row[1], row[2]) for row in rows]


def test_a_border_goes_back_for_both_of_its_fields(
    database: Database, registry: Registry, row: list[int]
) -> None:
    layer = registry.layer("grid_fields")
    before = state(database, registry, layer.name)
    moved = [
        Put(row[0], values(1), plot(0, 0, 1.5)),
        Put(row[1], values(2), plot(1.5, 0, 0.5)),
    ]
    with database.begin() as connection:
        put(connection, registry, *moved)
    with database.begin() as connection:
        assert undo(connection, registry, layer, last_change(database, layer)) == 2
    assert state(database, registry, layer.name) == before
    with database.read() as connection:
        assert verify(connection, registry).whole


@pytest.mark.parametrize("other", [False, True], ids=["split", "merge"])
def test_what_was_split_or_merged_is_as_before_with_its_duties(
    database: Database, registry: Registry, row: list[int], *, other: bool
) -> None:
    layer = registry.layer("grid_fields")
    before, had = state(database, registry, layer.name), leaders(database)
    with database.begin() as connection:
        if other:
            put(connection, registry, Put(row[0], values(1), plot(0, 0, 2)), deletes=(row[1],))
        else:
            halves = (
                Put(row[0], values(1), plot(0, 0, 0.5)),
                Put(None, values(4), plot(0.5, 0, 0.5)),
            )
            put(connection, registry, *halves)
    assert state(database, registry, layer.name) != before
    with database.begin() as connection:
        undo(connection, registry, layer, last_change(database, layer))
    assert state(database, registry, layer.name) == before
    now = leaders(database)
    assert {entry[:2] for entry in now if entry[2]} == {entry[:2] for entry in had}


def test_two_that_exchanged_their_codes_have_their_own_again(
    database: Database, registry: Registry, row: list[int]
) -> None:
    layer = registry.layer("grid_fields")
    before = state(database, registry, layer.name)
    swapped = Put(row[0], values(2), plot(0, 0)), Put(row[1], values(1), plot(1, 0))
    with database.begin() as connection:
        put(connection, registry, *swapped)
    with database.begin() as connection:
        assert undo(connection, registry, layer, last_change(database, layer)) == 2
    assert state(database, registry, layer.name) == before


def test_an_undo_that_would_open_a_gap_is_refused(
    database: Database, registry: Registry, row: list[int]
) -> None:
    """The first field was added where there was none; by now its neighbour relies on it."""
    layer = registry.layer("grid_fields")
    added = last_change(database, layer)
    with database.begin() as connection:
        division(connection, registry, plot(5, 0, 2), WEST_STATION)
        (lone,) = put(connection, registry, Put(None, values(1, WEST_STATION), plot(5, 0)))
    alone = last_change(database, layer)
    assert alone > added
    with database.begin() as connection:
        put(connection, registry, Put(None, values(2, WEST_STATION), plot(6, 0)))
    before = state(database, registry, layer.name)
    with pytest.raises(Problem) as caught, database.begin() as connection:
        undo(connection, registry, layer, alone)
    assert caught.value.rule is COVERAGE_OPENED
    (finding,) = caught.value.findings
    assert finding.geometry is not None
    assert state(database, registry, layer.name) == before
    assert lone


def test_a_name_that_comes_back_has_its_duty_again(
    database: Database, registry: Registry, row: list[int]
) -> None:
    layer = registry.layer("grid_fields")
    with database.begin() as connection:
        put(connection, registry, Put(row[0], values(1, leader="新人"), plot(0, 0)))
    assert [n for i, n, still in leaders(database) if i == row[0] and still] == ["新人"]
    with database.begin() as connection:
        undo(connection, registry, layer, last_change(database, layer))
    assert [n for i, n, still in leaders(database) if i == row[0] and still] == ["网格长1"]
    with database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(DUTIES))


def test_a_leader_undoes_at_home_and_nowhere_else(
    database: Database, registry: Registry, row: list[int]
) -> None:
    layer = registry.layer("grid_fields")
    with database.begin() as connection:
        put(connection, registry, Put(row[0], values(1, households=9), plot(0, 0)))
    number = last_change(database, layer)
    for role, home, rule in (
        (Role.LEADER, WEST_STATION, UNKNOWN_CHANGE),
        (Role.INSPECTOR, BLUE_SKY, NOT_PERMITTED),
        (Role.LEADER, BLUE_SKY, None),
    ):
        mine = acting(database, Actor(None, None, "甲", role, home, "test"))
        if rule is None:
            with mine.begin() as connection:
                assert undo(connection, registry, layer, number) == 1
            continue
        with pytest.raises(Problem) as caught, mine.begin() as connection:
            undo(connection, registry, layer, number)
        assert caught.value.rule is rule


def test_an_import_is_undone_as_a_whole(
    database: Database, registry: Registry, tmp_path: Path
) -> None:
    layer = registry.layer("work_units")
    path = tmp_path / "units.csv"
    path.write_text("单位名称,单位类型,lon,lat\n甲厂,其他,101.8,36.6\n", encoding="utf-8")
    importing.load(database, registry, layer, files.read(path))
    with pytest.raises(Problem) as caught, database.begin() as connection:
        undo(connection, registry, layer, last_change(database, layer))
    assert caught.value.rule is UNDO_OF_BATCH
    assert caught.value.values["batch"] == 1


def test_a_key_that_was_given_away_does_not_come_back(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("work_units")
    with database.begin() as connection:
        made = features.insert(connection, layer, record(layer), geometry(layer))
    with database.begin() as connection:
        features.delete(connection, layer, made)
    gone = last_change(database, layer)
    with database.begin() as connection:
        features.insert(connection, layer, record(layer), geometry(layer))
    with pytest.raises(Problem) as caught, database.begin() as connection:
        undo(connection, registry, layer, gone)
    assert caught.value.rule is CHANGED_SINCE
