"""Duties and people within a reader's ground, and who may change them: held by the database."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Problem, Rule
from gis.postgis import Database
from gis.refusals.database import NOT_PERMITTED
from layers.admission import accounts
from layers.changing import editing
from layers.changing.editing import Changes, Put
from layers.declaring.people import EVERYWHERE, Actor, Role
from layers.duties import coverage as duty_coverage
from layers.duties import giving as duties
from layers.duties import history as duty_history
from layers.duties import persons
from layers.duties.giving import Assignment, Target
from layers.duties.persons import Person
from layers.duties.records import Query, get, listing
from layers.held.policies import acting
from layers.here import responsibility
from layers.reading.verification import verify
from layers.refusals.asking import UNKNOWN_FEATURE
from layers.refusals.duties import UNKNOWN_DUTY, UNKNOWN_PERSON
from layers.registry import Registry
from tests.layers import duty_cases as cases
from tests.layers import fields
from tests.layers.duty_cases import day, person

FIELDS = "grid_fields"
GUIDE = (
    "INSERT INTO duties (person_id, role, layer, feature, place, valid_from)"
    " SELECT person_id, 'grid_guide', layer, feature, place, valid_from FROM duties"
)
HERE, THERE = (101.8005, 36.6005), (101.8055, 36.6005)


@dataclass(frozen=True)
class Ground:
    """A field, its duty and its leader, here (蓝天) and there (站西); somebody with an account here
    and no duty, and somebody without either."""

    field: int
    other_field: int
    duty: int
    other_duty: int
    leader: int
    other_leader: int
    clerk: int
    stranger: int


@pytest.fixture
def ground(database: Database, registry: Registry) -> Ground:
    with database.begin() as connection:
        fields.division(connection, registry, fields.plot(0, 0, 5, 5))
        fields.division(connection, registry, fields.plot(5, 0, 5, 5), fields.WEST_STATION)
        made = [
            fields.field(connection, registry, n, fields.plot(5 * n - 5, 0), of, leader=None)
            for n, of in ((1, fields.BLUE_SKY), (2, fields.WEST_STATION))
        ]
        people = [person(connection, name, phone=p) for name, p in
                  (("祁生财", "13897001234"), ("马晓燕", "13897005678"))]  # fmt: skip
        terms = [
            cases.given(connection, registry, FIELDS, feature, who=who)
            for feature, who in zip(made, people, strict=True)
        ]
        accounts.create(connection, Person(name="李芳"), "lifang", Role.VIEWER, fields.BLUE_SKY)
        clerk = connection.scalar(sa.text("SELECT person_id FROM accounts WHERE login = 'lifang'"))
        stranger = person(connection, "王伟")
    return Ground(*made, terms[0].id, terms[1].id, *people, int(clerk or 0), stranger)


def as_(database: Database, role: Role, division: str = fields.BLUE_SKY) -> Database:
    return acting(database, Actor(1, None, "李芳", role, division, "test"))


def refused(rule: Rule, change: Callable[[], object]) -> None:
    with pytest.raises(Problem) as caught:
        change()
    assert caught.value.rule is rule


# --- reading --------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", list(Role))
def test_a_reader_sees_the_duties_of_the_own_ground_alone(
    database: Database, registry: Registry, ground: Ground, role: Role
) -> None:
    with as_(database, role).read() as connection:
        assert [d.id for d in listing(connection, registry, Query())] == [ground.duty]
        assert get(connection, registry, ground.duty).person.id == ground.leader
        refused(UNKNOWN_DUTY, lambda: get(connection, registry, ground.other_duty))
        assert duty_history.of_duty(connection, registry, ground.duty)
        refused(UNKNOWN_DUTY, lambda: duty_history.of_duty(connection, registry, ground.other_duty))
        for person_id in (ground.leader, ground.clerk):
            assert persons.get(connection, person_id)
        for person_id in (ground.other_leader, ground.stranger):
            refused(UNKNOWN_PERSON, lambda n=person_id: persons.get(connection, n))  # type: ignore[misc]
        found = duty_coverage.coverage(connection)
        assert [load.person.id for load in found.loads] == [ground.leader]
        assert found.figures[0].total == 1


def test_who_sees_everything_sees_everybody(
    database: Database, registry: Registry, ground: Ground
) -> None:
    with as_(database, Role.VIEWER, EVERYWHERE).read() as connection:
        assert len(listing(connection, registry, Query())) == 2
        assert persons.get(connection, ground.stranger).name == "王伟"
    with as_(database, Role.VIEWER, fields.STREET).read() as connection:
        assert len(listing(connection, registry, Query())) == 2
        refused(UNKNOWN_PERSON, lambda: persons.get(connection, ground.stranger))


def test_nobody_answers_for_ground_that_is_not_the_readers(
    database: Database, ground: Ground
) -> None:
    actor = Actor(1, None, "李芳", Role.LEADER, fields.BLUE_SKY, "test")
    with acting(database, actor).read() as connection:
        own = responsibility.at(connection, *HERE, actor=actor)
        assert [term.person.phone for term in own.duties] == ["13897001234"]
        foreign = responsibility.at(connection, *THERE, actor=actor)
        assert (foreign.status, foreign.duties, foreign.division) == ("outside", (), None)
        assert "马晓燕" not in repr(foreign)


@pytest.mark.parametrize(
    "statement",
    [
        GUIDE,
        "UPDATE duties SET valid_to = current_date",
        "DELETE FROM duties",
        "DELETE FROM duties_versions",
        "UPDATE persons SET phone = '1'",
        "INSERT INTO persons (name) VALUES ('甲')",
        "SELECT email FROM persons",
        "SELECT login FROM accounts",
        "UPDATE duties_settled SET day = current_date",
    ],
)
@pytest.mark.parametrize("role", [Role.ADMIN, Role.VIEWER])
def test_the_role_for_people_writes_none_of_it(
    database: Database, ground: Ground, role: Role, statement: str
) -> None:
    def write() -> None:
        with as_(database, role, EVERYWHERE).begin() as connection:
            connection.execute(sa.text(statement))

    refused(NOT_PERMITTED, write)


# --- changing -------------------------------------------------------------------------------------
def changes(
    connection: Connection, registry: Registry, ground: Ground
) -> dict[str, Callable[[], object]]:
    """Every kind of change of what is here."""
    on = day(connection)

    def planned() -> int:
        return max(d.id for d in listing(connection, registry, Query(role="grid_leader")))

    return {
        "assign": lambda: duties.assign(
            connection,
            registry,
            Assignment(
                role="grid_guide",
                layer=FIELDS,
                feature=ground.field,
                person=ground.leader,
                valid_from=on,
            ),
        ),
        "someone": lambda: duties.someone(
            connection,
            registry,
            Target(role="grid_guide", layer=FIELDS, feature=ground.field),
            Person(name="赵敏"),
        ),
        "hand_over": lambda: duties.hand_over(
            connection, registry, ground.duty, person=ground.clerk, on=day(connection, 9)
        ),
        "replace": lambda: duties.replace_planned(
            connection, registry, planned(), on=day(connection, 12)
        ),
        "end": lambda: duties.end(
            connection, registry, planned(), on=day(connection, 90), vacant=True, reason="撤并"
        ),
    }


@pytest.mark.parametrize(
    ("role", "division"),
    [(Role.LEADER, fields.BLUE_SKY), (Role.ADMIN, fields.STREET), (Role.ADMIN, EVERYWHERE)],
)
def test_leaders_and_admins_change_the_duties_of_their_ground(
    database: Database, registry: Registry, ground: Ground, role: Role, division: str
) -> None:
    with as_(database, role, division).begin() as connection:
        for change in changes(connection, registry, ground).values():
            assert change() is not None
    with database.read() as connection:
        assert verify(connection, registry).whole
        changed = connection.execute(
            sa.text("SELECT DISTINCT account, source FROM changes WHERE layer = 'duties'")
        ).all()
        assert set(changed) == {(None, "owner"), (1, "test")}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.INSPECTOR, Role.OFFICER])
def test_others_change_none(
    database: Database, registry: Registry, ground: Ground, role: Role
) -> None:
    for kind in ("assign", "someone", "hand_over"):
        with as_(database, role).begin() as connection:
            refused(NOT_PERMITTED, changes(connection, registry, ground)[kind])


def test_what_is_not_the_readers_is_not_there_to_be_changed(
    database: Database, registry: Registry, ground: Ground
) -> None:
    with as_(database, Role.LEADER).begin() as connection:
        on = day(connection, 5)
        target = Target(role="grid_guide", layer=FIELDS, feature=ground.other_field)
        given = Assignment(
            role="grid_guide",
            layer=FIELDS,
            valid_from=on,
            feature=ground.other_field,
            person=ground.leader,
        )
        other, who = ground.other_duty, ground.leader
        for rule, change in (
            (UNKNOWN_FEATURE, lambda: duties.assign(connection, registry, given)),
            (
                UNKNOWN_FEATURE,
                lambda: duties.someone(connection, registry, target, Person(name="马晓燕")),
            ),
            (
                UNKNOWN_DUTY,
                lambda: duties.hand_over(connection, registry, other, person=who, on=on),
            ),
            (UNKNOWN_DUTY, lambda: duties.end(connection, registry, other, on=on)),
            (UNKNOWN_DUTY, lambda: duties.replace_planned(connection, registry, other, on=on)),
        ):
            refused(rule, change)


@pytest.mark.parametrize(("role", "may"), [(Role.LEADER, True), (Role.OFFICER, False)])
def test_a_name_in_a_column_is_an_appointment_too(
    database: Database, registry: Registry, ground: Ground, role: Role, may: bool
) -> None:
    """An officer edits the field; who leads it stays for leaders and admins to say."""
    layer = registry.layer(FIELDS)

    def put(**values: object) -> None:
        whole = fields.values(1, **{"leader": "祁生财", "deputy": None} | values)
        change = Put(ground.field, whole, fields.plot(0, 0))
        with as_(database, role).begin() as connection:
            editing.apply(connection, registry, layer, Changes([change]), tolerance_m2=0.5)

    put(households=7)
    if may:
        put(leader="赵敏")
    else:
        refused(NOT_PERMITTED, lambda: put(leader="赵敏"))
    with database.read() as connection:
        current = listing(connection, registry, Query(feature=ground.field, on=day(connection)))
        assert [d.person.name for d in current] == (["赵敏"] if may else ["祁生财"])
        assert cases.column(connection, layer, ground.field) == current[0].person.name
