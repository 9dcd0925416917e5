"""One point now, by the function that keeps its plans, is answered as each point of a batch."""

from collections.abc import Sequence

import numpy as np
import pytest
import shapely
import sqlalchemy as sa

from gis.postgis import Database
from layers.declaring.people import SYSTEM, Actor, Role
from layers.duties import giving as duties
from layers.held.policies import acting
from layers.here.responsibility import Answer, at, at_each, at_once
from layers.here.situating import situate
from layers.reading import features
from layers.registry import Registry
from layers.schema.tables import table
from tests.factories import record
from tests.layers import duty_cases as cases
from tests.layers.duty_cases import day, person
from tests.layers.here.test_surveying import SOUTH, WEST, build, places

LonLats = Sequence[tuple[float, float]]
STREET, DISTRICT, ELSEWHERE = "630102007000", "630102000000", "110101000000"


def spots() -> LonLats:
    """Within fields, in a gap, over borders and corners, around them and far away."""
    lonlats = places(60)
    corners = [(WEST + n * 0.003, SOUTH + m * 0.003) for n in range(3) for m in range(3)]
    over_two = (WEST + 0.0069, SOUTH + 0.00895)
    near = [(lon, lat) for lon, lat in lonlats.tolist()]
    return [*near, *corners, over_two, (0.0, -89.9), (180.0, 0.0)]


def reader(role: Role, division: str) -> Actor:
    return Actor(None, None, "x", role, division, "test")


@pytest.fixture
def town(database: Database, registry: Registry) -> Database:
    """Fields with terms that hold, end and begin soon; roads, courtyards and units beside them."""
    with database.begin() as connection:
        build(connection, registry)
        found = list(situate(connection, np.array(spots())))
        for n, field in enumerate(sorted({each for spot in found for each in spot.fields})):
            role = ("grid_leader", "grid_guide")[n % 2]
            who = person(connection, f"祁生{n}", phone=f"1389700{n:04}")
            given = cases.given(connection, registry, "grid_fields", field, role, who=who)
            if n % 3 == 0:
                after = person(connection, "韩志强")
                duties.hand_over(
                    connection, registry, given.id, person=after, on=day(connection, n)
                )
    return database


def assert_same(database: Database, actor: Actor) -> list[Answer]:
    """What the database says of all of them together, point by point."""
    own, asked = acting(database, actor), spots()
    with own.read() as connection:
        together = list(at_each(connection, asked, actor=actor))
        assert [at(connection, *spot, actor=actor) for spot in asked] == together
    assert [at_once(own, *spot, actor=actor) for spot in asked] == together
    return together


@pytest.mark.parametrize("division", [STREET, DISTRICT, ELSEWHERE])
@pytest.mark.parametrize("role", [Role.LEADER, Role.VIEWER])
def test_a_reader_is_told_what_a_batch_tells(town: Database, role: Role, division: str) -> None:
    found = assert_same(town, reader(role, division))
    told = {term.person.masked for answer in found for term in answer.duties}
    sees = division != ELSEWHERE
    assert told == ({role is Role.VIEWER} if sees else set())
    assert {answer.status for answer in found} == (
        {"inside", "border", "overlap", "outside"} if sees else {"outside"}
    )


def test_every_change_is_seen_at_once(town: Database, registry: Registry) -> None:
    """By whoever makes it before it is committed, by all others afterwards."""
    layer, inside = registry.layer("grid_fields"), (WEST + 0.0015, SOUTH + 0.0015)
    before = at_once(town, *inside, actor=SYSTEM)
    (field,) = (each["id"] for each in before.fields)
    with town.begin() as connection:
        features.redraw(connection, layer, field, shapely.box(101.7, 36.5, 101.701, 36.501))
        assert at(connection, *inside, actor=SYSTEM).status == "outside"
        assert at_once(town, *inside, actor=SYSTEM) == before
    assert at_once(town, *inside, actor=SYSTEM).status == "outside"
    with town.begin() as connection:
        made = features.insert(
            connection,
            layer,
            record(layer, 77, name="新网格"),
            shapely.box(WEST + 0.001, SOUTH + 0.001, WEST + 0.002, SOUTH + 0.002),
        )
        who = person(connection, "新网格长")
        cases.given(connection, registry, "grid_fields", made, who=who)
    after = at_once(town, *inside, actor=SYSTEM)
    assert [each["name"] for each in after.fields] == ["新网格"]
    assert [term.person.name for term in after.duties if term.layer == "grid_fields"] == [
        "新网格长"
    ]
    assert_same(town, SYSTEM)
    with town.begin() as connection:
        rows = table(layer)
        connection.execute(sa.delete(rows).where(rows.c.id == made))
    assert at_once(town, *inside, actor=SYSTEM).status == "outside"


def test_another_day_is_answered_as_ever(town: Database) -> None:
    with town.read() as connection:
        soon = day(connection, 5)
        asked = spots()[:20]
        expected = list(at_each(connection, asked, on=soon, actor=SYSTEM))
    assert [at_once(town, *spot, on=soon, actor=SYSTEM) for spot in asked] == expected
    assert {answer.on for answer in expected} == {soon}
