"""Every change of a duty is a version and a link of the chain; what is altered is found."""

from collections.abc import Mapping

import pytest
import sqlalchemy as sa

from gis.errors import Problem, Rule
from gis.postgis import Database
from layers import guards
from layers.declaring.people import Actor, Role
from layers.duties import giving as duties
from layers.duties import history as duty_history
from layers.reading import features
from layers.reading.verification import Verification, verify
from layers.refusals.duties import UNKNOWN_DUTY
from layers.refusals.history import HISTORY_ALTERED, HISTORY_CHAIN, HISTORY_ROWS, HISTORY_UNRECORDED
from layers.registry import Registry
from layers.schema.duties import DUTIES_VERSIONS
from layers.schema.tables import table
from layers.schema.versions import CHANGES
from tests.layers import duty_cases as cases
from tests.layers import fields
from tests.layers.duty_cases import day, person

FIELDS = "grid_fields"


@pytest.fixture
def handed_over(database: Database, registry: Registry) -> int:
    """A duty that was given by nobody in particular, and handed over by account 7."""
    with database.begin() as connection:
        fields.division(connection, registry, fields.plot(0, 0, 4, 4))
        field = fields.field(connection, registry, 1, fields.plot(0, 0), leader=None)
        duty = cases.given(connection, registry, FIELDS, field, who=person(connection, "祁生财"))
    leader = Actor(7, None, "李芳", Role.LEADER, fields.BLUE_SKY, "phone")
    with database.acting(leader.settings()).begin() as connection:
        other, on = person(connection, "韩志强"), day(connection)
        duties.hand_over(connection, registry, duty.id, person=other, on=on)
    return duty.id


def verified(database: Database, registry: Registry) -> Verification:
    with database.read() as connection:
        return verify(connection, registry)


def test_the_changes_of_a_duty_are_told_in_order(
    database: Database, registry: Registry, handed_over: int
) -> None:
    with database.read() as connection:
        came, ended = duty_history.of_duty(connection, registry, handed_over)
        (begun,) = duty_history.of_duty(connection, registry, handed_over + 1)
        today = day(connection)
    assert (came.operation, came.version, came.before, came.fields) == ("insert", 1, None, ())
    assert (ended.operation, ended.version, ended.fields) == ("update", 2, ("valid_to",))
    assert ended.before == came.after
    assert ended.after is not None
    assert (ended.after.valid_to, ended.after.person.name) == (today, "祁生财")
    assert (came.account, came.source) == (None, "owner")
    assert (ended.account, ended.source) == (begun.account, begun.source) == (7, "phone")
    assert begun.after is not None
    assert begun.after.person.name == "韩志强"
    assert verified(database, registry).whole


def test_what_was_withdrawn_has_a_history_and_what_never_was_has_none(
    database: Database, registry: Registry, handed_over: int
) -> None:
    with database.begin() as connection:
        duties.end(connection, registry, handed_over + 1, on=day(connection))
        gone = duty_history.of_duty(connection, registry, handed_over + 1)
        assert [change.operation for change in gone] == ["insert", "delete"]
        assert gone[-1].after is None
        with pytest.raises(Problem) as caught:
            duty_history.of_duty(connection, registry, handed_over + 9)
    assert caught.value.rule is UNKNOWN_DUTY
    assert verified(database, registry).whole


TAMPERED: Mapping[str, tuple[str, Rule, Mapping[str, object]]] = {
    "when it ended": (
        "UPDATE duties_versions SET valid_to = valid_to + 1 WHERE id = 1 AND _number = 2",
        HISTORY_ALTERED,
        {"layer": "duties", "feature": 1, "number": 2},
    ),
    "who had it": (
        "UPDATE duties_versions SET person_id = 2 WHERE id = 1 AND _number = 1",
        HISTORY_ALTERED,
        {"layer": "duties", "feature": 1, "number": 1},
    ),
    "a removed row": (
        "DELETE FROM duties_versions WHERE id = 2",
        HISTORY_ROWS,
        {"layer": "duties", "rows": 1, "found": 0},
    ),
    "who did it": (
        "UPDATE changes SET account = 8 WHERE operation = 'update' AND layer = 'duties'",
        HISTORY_CHAIN,
        {"layer": "duties"},
    ),
    "the duty itself": (
        "UPDATE duties SET person_id = 2 WHERE id = 1",
        HISTORY_UNRECORDED,
        {"layer": "duties", "feature": 1},
    ),
}


@pytest.mark.parametrize("kind", TAMPERED)
def test_what_was_tampered_with_is_found_and_located(
    database: Database, registry: Registry, handed_over: int, kind: str
) -> None:
    statement, rule, place = TAMPERED[kind]
    with database.begin() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        assert connection.execute(sa.text(statement)).rowcount == 1
    faults = verified(database, registry).faults
    told = [fault.values for fault in faults if fault.rule is rule]
    assert any(place.items() <= values.items() for values in told), faults


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE duties_versions SET valid_to = valid_to + 1",
        "DELETE FROM duties_versions",
        "TRUNCATE duties_versions",
        "TRUNCATE duties",
        "UPDATE duties SET id = id + 10",
    ],
)
def test_not_even_the_owner_alters_it_by_the_way(
    database: Database, registry: Registry, handed_over: int, statement: str
) -> None:
    with pytest.raises(Problem), database.begin() as connection:
        connection.execute(sa.text(statement))
    assert verified(database, registry).whole


# --- where a duty lies ----------------------------------------------------------------------------
def places(database: Database) -> tuple[set[int], set[int], set[int]]:
    """Where the duties, their versions and their changes are seen."""
    with database.read() as connection:
        of_duties = set(connection.scalars(sa.text("SELECT place FROM duties")))
        of_versions = set(connection.scalars(sa.select(DUTIES_VERSIONS.c.place)))
        lists = connection.scalars(sa.select(CHANGES.c.places).where(CHANGES.c.layer == "duties"))
        return of_duties, of_versions, {place for each in lists for place in each}


def test_duties_and_all_that_they_were_go_where_their_target_goes(
    database: Database, registry: Registry, handed_over: int
) -> None:
    here, there = {int(fields.BLUE_SKY)}, {int(fields.WEST_STATION)}
    assert places(database) == (here, here, here)
    before = verified(database, registry)
    rows = table(registry.layer(FIELDS))
    with database.begin() as connection:
        connection.execute(sa.update(rows).values(division=fields.WEST_STATION))
    assert places(database) == (there, there, there)
    after = verified(database, registry)
    assert after.whole
    assert after.versions == before.versions + 1  # of the field: to lie elsewhere is no change


def test_a_target_that_leaves_and_comes_back_takes_its_duties_along(
    database: Database, registry: Registry, handed_over: int
) -> None:
    layer = registry.layer(FIELDS)
    there = {int(fields.WEST_STATION)}
    with database.begin() as connection:
        field = connection.scalar(sa.select(table(layer).c.id))
        assert field is not None
        features.delete(connection, layer, field)
        values = fields.values(1, fields.WEST_STATION, leader=None)
        features.insert(connection, layer, values, fields.plot(0, 0), feature_id=field)
    assert places(database) == (there, there, there)
    assert verified(database, registry).whole


def test_a_duty_elsewhere_than_its_target_is_refused(
    database: Database, registry: Registry, handed_over: int
) -> None:
    astray = (
        "INSERT INTO duties (person_id, role, layer, feature, place, valid_from)"
        " SELECT person_id, 'grid_guide', layer, feature, 630103001001, valid_from FROM duties"
        " LIMIT 1"
    )
    with pytest.raises(Problem), database.begin() as connection:
        connection.execute(sa.text(astray))


def test_two_who_move_a_field_and_give_it_a_duty_agree_on_its_place(
    database: Database, registry: Registry, handed_over: int
) -> None:
    """A duty that waited for the move lies where the field has gone."""
    rows = table(registry.layer(FIELDS))
    guide = (
        "INSERT INTO duties (person_id, role, layer, feature, place, valid_from)"
        " SELECT person_id, 'grid_guide', layer, feature, place, current_date FROM duties LIMIT 1"
    )
    with database.begin() as moving:
        moving.execute(sa.update(rows).values(division=fields.WEST_STATION))
        with pytest.raises(Problem), database.begin() as giving:
            giving.execute(sa.text("SET LOCAL lock_timeout = '200ms'"))
            giving.execute(sa.text(guide))
    there = {int(fields.WEST_STATION)}
    assert places(database) == (there, there, there)


def test_duties_older_than_their_history_get_a_first_version(
    database: Database, registry: Registry, handed_over: int
) -> None:
    with database.begin() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        connection.execute(sa.delete(DUTIES_VERSIONS))
        connection.execute(sa.text("DELETE FROM changes WHERE layer = 'duties'"))
        connection.execute(
            sa.text("UPDATE changes SET link = NULL, previous = NULL, digest = NULL")
        )
    with database.begin() as connection:
        guards.remove(connection)
        guards.install(connection, registry)
    with database.read() as connection:
        (only,) = duty_history.of_duty(connection, registry, handed_over)
    assert (only.operation, only.version) == ("insert", 1)
    faults = verified(database, registry).faults
    assert {fault.column for fault in faults} <= {FIELDS, "divisions"}  # whose chain we cut
