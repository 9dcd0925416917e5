"""Who changed a feature, from where, and where its ground went, as far as a reader may know."""

import pytest
from sqlalchemy.engine import Connection

from gis.errors import Problem
from gis.postgis import Database
from layers.changing import editing, reshaping
from layers.changing.editing import Changes, Put
from layers.declaring.people import SYSTEM, Actor, Role
from layers.declaring.words import Layer
from layers.duties.persons import Person
from layers.held.policies import acting
from layers.reading import chronicle
from layers.reading.chronicle import Passage
from layers.refusals.asking import UNKNOWN_FEATURE
from layers.registry import Registry
from tests import people
from tests.layers.changing.test_reshaping import across
from tests.layers.fields import BLUE_SKY, STREET, division, field, plot, values


@pytest.fixture
def layer(registry: Registry) -> Layer:
    return registry.layer("grid_fields")


@pytest.fixture
def row(database: Database, registry: Registry) -> list[int]:
    with database.begin() as connection:
        division(connection, registry, plot(0, 0, 3))
        return [field(connection, registry, n + 1, plot(n, 0)) for n in range(3)]


def apply(connection: Connection, registry: Registry, *puts: Put) -> None:
    layer = registry.layer("grid_fields")
    editing.apply(connection, registry, layer, Changes(puts), tolerance_m2=0.5)


def passages(database: Database, layer: Layer, feature_id: int) -> list[list[tuple[Passage, int]]]:
    with database.read() as connection:
        told = chronicle.of_feature(connection, layer, feature_id, SYSTEM)
    return [[(flow.passage, flow.other) for flow in entry.flows] for entry in told]


def test_ground_that_passed_is_told_on_both_sides(
    database: Database, registry: Registry, layer: Layer, row: list[int]
) -> None:
    with database.begin() as connection:
        wider = Put(row[0], values(1), plot(0, 0, 1.5))
        apply(connection, registry, wider, Put(row[1], values(2), plot(1.5, 0, 0.5)))
    with database.begin() as connection:
        done = reshaping.split(connection, registry, layer, row[0], across(0.3), tolerance_m2=0.5)
    with database.begin() as connection:
        reshaping.merge(connection, registry, layer, row[0], done.made, tolerance_m2=0.5)
    made = done.made
    assert passages(database, layer, row[0]) == [
        [(Passage.TOOK_IN, made)],
        [(Passage.SPLIT_OFF, made)],
        [(Passage.GAINED, row[1])],
        [],
    ]
    assert passages(database, layer, row[1]) == [[(Passage.GAVE, row[0])], []]
    assert passages(database, layer, made) == [
        [(Passage.MERGED_INTO, row[0])],
        [(Passage.SPLIT_FROM, row[0])],
    ]


def test_only_the_last_change_can_be_undone(
    database: Database, registry: Registry, layer: Layer, row: list[int]
) -> None:
    with database.begin() as connection:
        apply(connection, registry, Put(row[0], values(1, households=3), plot(0, 0)))
    with database.read() as connection:
        told = chronicle.of_feature(connection, layer, row[0], SYSTEM)
        assert chronicle.version(connection, layer, row[0]) == 2
        assert chronicle.version(connection, layer, 10**6) == 0
    assert [entry.can_be_undone for entry in told] == [True, False]
    assert [entry.change.version for entry in told] == [2, 1]


def test_a_name_is_whole_for_those_above_and_oneself(
    database: Database, registry: Registry, layer: Layer, row: list[int]
) -> None:
    made = people.account(database, Role.ADMIN, STREET, person=Person(name="欧阳海"))
    author = Actor(made.id, None, "欧阳海", Role.ADMIN, STREET, "cookie")
    with acting(database, author).begin() as connection:
        apply(connection, registry, Put(row[0], values(1, households=3), plot(0, 0)))
    for role, home, name in (
        (Role.ADMIN, STREET, "欧阳海"),
        (Role.LEADER, BLUE_SKY, "欧**"),
        (Role.VIEWER, STREET, "欧**"),
    ):
        reader = Actor(None, None, "乙", role, home, "cookie")
        with acting(database, reader).read() as connection:
            told = chronicle.of_feature(connection, layer, row[0], reader)
        assert told[0].author == name, role
        assert told[0].change.source == "cookie"
        assert told[1].author is None


def test_what_never_was_has_no_chronicle(database: Database, layer: Layer) -> None:
    with database.read() as connection:
        with pytest.raises(Problem) as caught:
            chronicle.of_feature(connection, layer, 1, SYSTEM)
        assert caught.value.rule is UNKNOWN_FEATURE
        with pytest.raises(Problem) as caught:
            chronicle.numbers(connection, layer, 1)
        assert caught.value.rule is UNKNOWN_FEATURE
