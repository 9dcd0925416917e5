"""Records that belong to others: never to what is not there, where that lies, adding up in it."""

from collections.abc import Mapping
from datetime import date
from threading import Barrier, Thread
from typing import Any

import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Finding, Problem
from gis.postgis import Database
from gis.refusals.database import DATABASE_REFUSED
from layers.changing import editing
from layers.changing.editing import Changes, Put
from layers.declaring.people import Actor, Role
from layers.declaring.values import check
from layers.declaring.words import Layer
from layers.held import policies
from layers.reading import features
from layers.refusals.asking import FEATURE_REFUSED
from layers.refusals.structures import DATES_ORDER, PARENT_ELSEWHERE, PARENT_UNKNOWN
from layers.registry import Registry
from layers.schema.tables import table
from tests.factories import record
from tests.records import ABROAD, COMMUNITY, INSIDE, NEIGHBOUR, lay_ground

CHILDREN = ("demolitions", "structure_documents")


@pytest.fixture
def ground(database: Database, registry: Registry) -> Database:
    """Two communities, each with a structure: 违建-1 in the first, 违建-2 in the second."""
    lay_ground(database, registry)
    layer = registry.layer("illegal_structures")
    with database.begin() as connection:
        for n, spot in enumerate((INSIDE, ABROAD), start=1):
            values = {
                "number": f"违建-{n}",
                "status": "decided",
                "area_measured_m2": 100.0,
                "found_on": date(2017, 3, 1),
            }
            features.insert(connection, layer, values, shapely.Point(spot))
    return database


def child(layer: Layer, structure: str | None = "违建-1", n: int = 0, **given: object) -> Any:
    """A record that belongs to a structure, in the division where that lies."""
    division = NEIGHBOUR if structure == "违建-2" else COMMUNITY
    told = {"way": "self", "area_m2": 10.0, "kind": "other", "accepted_on": None, "deadline": None}
    own = {name: value for name, value in told.items() if name in {f.name for f in layer.fields}}
    return record(layer, n, **{"structure": structure, "division": division, **own, **given})


def put(
    database: Database, registry: Registry, layer: Layer, *values: Mapping[str, object]
) -> tuple[int, ...]:
    puts = [Put(None, each, None, row) for row, each in enumerate(values, start=1)]
    with database.begin() as connection:
        return editing.apply(connection, registry, layer, Changes(puts), tolerance_m2=1.0)


def refused(caught: pytest.ExceptionInfo[Problem]) -> Finding:
    assert caught.value.rule is FEATURE_REFUSED
    (found,) = caught.value.findings
    return found


def area(database: Database, number: str = "违建-1") -> float | None:
    wanted = sa.text("SELECT demolished_area_m2 FROM illegal_structures WHERE number = :number")
    with database.begin() as connection:
        found: float | None = connection.scalar(wanted, {"number": number})
    return found


def actor(division: str) -> Actor:
    return Actor(
        account_id=None, person_id=None, name="x", role=Role.ADMIN, division=division, source="test"
    )


@pytest.mark.parametrize("name", CHILDREN)
def test_nothing_belongs_to_what_is_not_there(
    ground: Database, registry: Registry, name: str
) -> None:
    layer = registry.layer(name)
    with pytest.raises(Problem) as caught:
        put(ground, registry, layer, child(layer), child(layer, "违建-9", 1))
    found = refused(caught)
    assert (found.rule, found.row, found.column) == (PARENT_UNKNOWN, 2, "structure")
    assert "违建-9" in found.sentence()
    with pytest.raises(Problem) as held, ground.begin() as connection:  # past every check of ours
        features.insert(connection, layer, child(layer, "违建-9"), None)
    assert held.value.rule is DATABASE_REFUSED
    assert put(ground, registry, layer, child(layer, None))  # of no structure on record yet


@pytest.mark.parametrize("name", CHILDREN)
def test_it_lies_where_its_parent_lies(ground: Database, registry: Registry, name: str) -> None:
    layer = registry.layer(name)
    with pytest.raises(Problem) as caught:
        put(ground, registry, layer, child(layer, division=NEIGHBOUR))
    found = refused(caught)
    assert (found.rule, found.column) == (PARENT_ELSEWHERE, "division")
    assert COMMUNITY in found.sentence()
    with pytest.raises(Problem) as held, ground.begin() as connection:
        features.insert(connection, layer, child(layer, division=NEIGHBOUR), None)
    assert held.value.rule is DATABASE_REFUSED


@pytest.mark.parametrize("name", CHILDREN)
def test_it_goes_where_its_parent_goes(ground: Database, registry: Registry, name: str) -> None:
    layer, structures = registry.layer(name), registry.layer("illegal_structures")
    (made,) = put(ground, registry, layer, child(layer))
    with ground.begin() as connection:
        found = connection.scalar(
            sa.text("SELECT id FROM illegal_structures WHERE number='违建-1'")
        )
        features.redraw(connection, structures, found, shapely.Point(ABROAD))
    rows = table(layer)
    wanted = sa.select(rows.c.division, rows.c.place).where(rows.c.id == made)
    with ground.begin() as connection:
        assert tuple(connection.execute(wanted).one()) == (NEIGHBOUR, int(NEIGHBOUR))


def test_another_divisions_parent_is_told_like_none(ground: Database, registry: Registry) -> None:
    layer = registry.layer("demolitions")
    mine = policies.acting(ground, actor(COMMUNITY))
    said = []
    for number in ("违建-2", "违建-9"):
        with pytest.raises(Problem) as caught:
            put(mine, registry, layer, child(layer, number, division=COMMUNITY))
        said.append(refused(caught).sentence().replace(number, "…"))
        with pytest.raises(Problem) as held, mine.begin() as connection:
            features.insert(connection, layer, child(layer, number, division=COMMUNITY), None)
        said.append(str(held.value).replace(number, "…"))
    assert said[:2] == said[2:]
    assert put(mine, registry, layer, child(layer))


def test_what_has_records_stays_and_keeps_its_number(ground: Database, registry: Registry) -> None:
    layer, structures = registry.layer("demolitions"), registry.layer("illegal_structures")
    put(ground, registry, layer, child(layer))
    for change in (
        "DELETE FROM illegal_structures WHERE number = '违建-1'",
        "UPDATE illegal_structures SET number = '违建-7' WHERE number = '违建-1'",
        "UPDATE illegal_structures SET number = '违建-' || (3 - right(number, 1)::int) || 'x'",
    ):
        with pytest.raises(Problem) as caught, ground.begin() as connection:
            connection.execute(sa.text(change))
        assert caught.value.rule is DATABASE_REFUSED
    with ground.begin() as connection:  # what nobody belongs to may go
        connection.execute(sa.text("DELETE FROM illegal_structures WHERE number = '违建-2'"))
    with ground.begin() as connection:  # both at once, too
        connection.execute(sa.delete(table(layer)))
        connection.execute(sa.delete(table(structures)))


def test_parents_may_come_after_in_the_same_transaction(
    ground: Database, registry: Registry
) -> None:
    layer, structures = registry.layer("demolitions"), registry.layer("illegal_structures")
    with ground.begin() as connection:
        features.insert(connection, layer, child(layer, "违建-3"), None)
        values = {"number": "违建-3", "status": "decided"}
        features.insert(connection, structures, values, shapely.Point(INSIDE))
    assert area(ground, "违建-3") == 10.0


# --- sums -----------------------------------------------------------------------------------------
def test_what_was_pulled_down_adds_up(ground: Database, registry: Registry) -> None:
    layer = registry.layer("demolitions")
    areas = (0.1, 0.2, 31.7)
    made = put(
        ground,
        registry,
        layer,
        *(child(layer, n=n, area_m2=each) for n, each in enumerate(areas)),
    )
    assert area(ground) == 32.0  # not 32.000000000000004
    with ground.begin() as connection:
        features.replace(connection, layer, made[2], child(layer, n=2, area_m2=41.7), None)
    assert area(ground) == 42.0
    with ground.begin() as connection:  # it was the other structure's
        moved = child(layer, "违建-2", 2, area_m2=41.7)
        features.replace(connection, layer, made[2], moved, None)
    assert (area(ground), area(ground, "违建-2")) == (0.3, 41.7)
    with ground.begin() as connection:
        for each in made:
            features.delete(connection, layer, each)
    assert (area(ground), area(ground, "违建-2")) == (None, None)


def test_nobody_writes_another_sum_over_it(ground: Database, registry: Registry) -> None:
    layer = registry.layer("demolitions")
    said = "UPDATE illegal_structures SET demolished_area_m2 = 99"
    with ground.begin() as connection:  # of an old ledger that has no more than the figure
        connection.execute(sa.text(said))
    assert area(ground) == 99.0
    put(ground, registry, layer, child(layer, area_m2=25.5))
    assert area(ground) == 25.5
    with ground.begin() as connection:
        connection.execute(sa.text(said))
    assert (area(ground), area(ground, "违建-2")) == (25.5, 99.0)


def test_two_at_the_same_time_add_up(ground: Database, registry: Registry) -> None:
    layer = registry.layer("demolitions")
    together, wrong = Barrier(4), []

    def record_one(n: int) -> None:
        try:
            with ground.begin() as connection:
                together.wait()
                features.insert(connection, layer, child(layer, n=n, area_m2=2.5), None)
        except Problem as problem:
            wrong.append(problem)

    threads = [Thread(target=record_one, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert area(ground) == 10.0


def test_the_sum_is_part_of_the_history(ground: Database, registry: Registry) -> None:
    layer = registry.layer("demolitions")
    put(ground, registry, layer, child(layer, area_m2=12.5))
    wanted = sa.text("""SELECT demolished_area_m2 FROM illegal_structures_versions
        WHERE number = '违建-1' ORDER BY _number""")
    with ground.begin() as connection:
        assert connection.scalars(wanted).all() == [None, 12.5]


# --- days in order --------------------------------------------------------------------------------
def test_days_do_not_go_backwards(conn: Connection, registry: Registry) -> None:
    layer = registry.layer("structure_documents")
    backwards = child(
        layer, None, dated_on=date(2017, 4, 2), served_on=None, deadline=date(2017, 4, 1)
    )
    found = check(layer, {k: str(v) if v is not None else None for k, v in backwards.items()})
    assert [(each.rule, each.column) for each in found.findings] == [(DATES_ORDER, "deadline")]
    assert found.findings[0].sentence() == "2017-04-01 早于文书日期（2017-04-02）"
    with pytest.raises(sa.exc.IntegrityError), conn.begin_nested():
        features.insert(conn, layer, backwards, None)


def test_what_is_declared_of_parents_is_there(registry: Registry) -> None:
    for layer in registry.layers.values():
        if layer.parent:
            parent = registry.layer(layer.parent.layer)
            assert parent.key == (layer.parent.key,), layer.name
            for own, theirs in layer.parent.adds:
                assert layer.field(own).type is parent.field(theirs).type
