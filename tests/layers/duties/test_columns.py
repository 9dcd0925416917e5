"""The names in the columns and the duties say the same, whichever of the two is changed."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.demo import loading as demo
from gis.errors import Problem
from gis.postgis import Database
from layers.arriving import batches, importing
from layers.arriving.examination import Options
from layers.changing import editing
from layers.changing.editing import Changes, Put
from layers.declaring.duties import ROLES
from layers.declaring.people import Role
from layers.duties import columns as duty_columns
from layers.duties import giving as duties
from layers.duties import persons
from layers.duties.columns import follow, settle, show
from layers.duties.giving import Assignment
from layers.duties.records import Query, listing
from layers.reading.past import today
from layers.refusals.asking import FEATURE_REFUSED
from layers.refusals.duties import DUTY_LEFT_VACANT, DUTY_ONE_NAME, PERSON_AMBIGUOUS, PERSON_NAME
from layers.registry import Registry
from layers.schema.accounts import ACCOUNTS, PERSONS
from layers.schema.duties import DUTIES, DUTIES_SETTLED
from tests.factories import geometry, record
from tests.layers import duty_cases as cases
from tests.layers import fields
from tests.layers.duty_cases import column, day, names, person, terms
from tests.layers.incoming import source

FIELDS = "grid_fields"
NOBODY = dict.fromkeys(("leader", "deputy", "people_lead", "area_lead", "task_lead"))


def put(
    conn: Connection, registry: Registry, feature: int | None, n: int = 1, **given: object
) -> int:
    """A field as an edit leaves it."""
    values = fields.values(n, **(NOBODY | given))
    change = Put(feature, values, fields.plot(n, 0))
    layer = registry.layer(FIELDS)
    (stored,) = editing.apply(conn, registry, layer, Changes([change]), tolerance_m2=0.5)
    return stored


# --- an edit --------------------------------------------------------------------------------------
def test_names_in_a_new_feature_become_duties_from_today(
    conn: Connection, registry: Registry
) -> None:
    field = put(conn, registry, None, leader="祁生财", deputy="马俊、李建军", area_lead="祁生财")
    found = terms(conn, registry, FIELDS, field)
    assert names(found) == [
        ("area_lead", "祁生财"),
        ("grid_leader", "祁生财"),
        ("grid_member", "李建军"),
        ("grid_member", "马俊"),
    ]
    assert len({duty.person.id for duty in found}) == 3  # one name in one division is one person
    assert {(duty.valid_from, duty.valid_to) for duty in found} == {(day(conn), None)}
    assert {duty.place for duty in found} == {int(fields.BLUE_SKY)}


def test_a_changed_name_ends_one_duty_and_begins_another(
    conn: Connection, registry: Registry
) -> None:
    field = put(conn, registry, None)
    cases.given(conn, registry, FIELDS, field, who=person(conn, "祁生财"))
    untouched = cases.given(conn, registry, FIELDS, field, "grid_member", who=person(conn, "马俊"))
    put(conn, registry, field, leader="韩志强", deputy="马俊")
    by_name = {duty.person.name: duty for duty in terms(conn, registry, FIELDS, field)}
    assert by_name["祁生财"].valid_to == by_name["韩志强"].valid_from == day(conn)
    assert by_name["祁生财"].ended_reason
    assert by_name["马俊"] == untouched


def test_what_is_planned_stays_when_the_column_changes(
    conn: Connection, registry: Registry
) -> None:
    field = put(conn, registry, None)
    duty = cases.given(conn, registry, FIELDS, field, who=person(conn, "祁生财"))
    duties.hand_over(conn, registry, duty.id, person=person(conn, "马晓燕"), on=day(conn, 30))
    put(conn, registry, field, leader="韩志强")
    found = {
        d.person.name: (d.valid_from, d.valid_to) for d in terms(conn, registry, FIELDS, field)
    }
    assert found["韩志强"] == (day(conn), day(conn, 30))
    assert found["马晓燕"] == (day(conn, 30), None)


def test_an_emptied_column_ends_the_duty_and_coming_back_the_same_day_is_no_break(
    conn: Connection, registry: Registry
) -> None:
    field = put(conn, registry, None)
    duty = cases.given(conn, registry, FIELDS, field, who=person(conn, "祁生财"))
    put(conn, registry, field)
    (ended,) = terms(conn, registry, FIELDS, field)
    assert ended.valid_to == day(conn)
    put(conn, registry, field, leader="祁生财")
    assert terms(conn, registry, FIELDS, field) == [duty]


def test_whoever_was_named_by_mistake_for_less_than_a_day_never_was(
    conn: Connection, registry: Registry
) -> None:
    field = put(conn, registry, None, leader="祁生材")
    put(conn, registry, field, leader="祁生财")
    assert names(terms(conn, registry, FIELDS, field)) == [("grid_leader", "祁生财")]


def test_an_edit_of_something_else_leaves_duties_that_began_unshown(
    conn: Connection, registry: Registry
) -> None:
    """The column still says who it was yesterday: writing that again is no appointment."""
    field = put(conn, registry, None)
    duty = cases.given(conn, registry, FIELDS, field, who=person(conn, "祁生财"))
    duties.hand_over(conn, registry, duty.id, person=person(conn, "韩志强"), on=day(conn))
    layer = registry.layer(FIELDS)
    conn.execute(sa.text("UPDATE grid_fields SET leader = '祁生财'"))
    before = listing(conn, registry, Query())
    put(conn, registry, field, leader="祁生财", households=5)
    assert listing(conn, registry, Query()) == before
    assert show(conn, layer, [field], day(conn)) == 1
    assert column(conn, layer, field) == "韩志强"


@pytest.mark.parametrize("text", ["祁生财、韩志强", "祁生财,韩志强", "祁生财 / 韩志强"])
def test_two_names_for_what_one_person_does_are_refused(
    conn: Connection, registry: Registry, text: str
) -> None:
    with pytest.raises(Problem) as caught:
        put(conn, registry, None, leader=text)
    assert caught.value.rule is FEATURE_REFUSED
    (finding,) = caught.value.findings
    assert (finding.rule, finding.column) == (DUTY_ONE_NAME, "leader")


def test_what_is_no_name_is_refused(conn: Connection, registry: Registry) -> None:
    with pytest.raises(Problem) as caught:
        put(conn, registry, None, deputy="马俊、" + "长" * 300)
    assert [finding.rule for finding in caught.value.findings] == [PERSON_NAME]


# --- whom a name means ----------------------------------------------------------------------------
def test_a_name_is_one_person_within_a_division_and_another_elsewhere(
    conn: Connection, registry: Registry
) -> None:
    ids = [
        fields.field(conn, registry, n, fields.plot(n, 0), of, leader="马俊", deputy=None)
        for n, of in enumerate((fields.BLUE_SKY, fields.BLUE_SKY, fields.WEST_STATION), start=1)
    ]
    follow(conn, registry.layer(FIELDS), {}, ids)
    who = [terms(conn, registry, FIELDS, field)[0].person.id for field in ids]
    assert who[0] == who[1] != who[2]


def test_a_leader_of_the_street_is_one_person_in_all_its_communities(
    conn: Connection, registry: Registry
) -> None:
    for n, code in enumerate((fields.BLUE_SKY, fields.WEST_STATION)):
        fields.division(conn, registry, fields.plot(n * 5, 0, 5, 5), code)
    layer = registry.layer("work_units")
    changes = Changes(
        [
            Put(None, record(layer, n, liaison_leader="才让多杰"), shapely.Point(lon, 36.601))
            for n, lon in enumerate((101.801, 101.806))
        ]
    )
    ids = editing.apply(conn, registry, layer, changes, tolerance_m2=0.5)
    found = [terms(conn, registry, "work_units", unit)[0] for unit in ids]
    assert [duty.place for duty in found] == [int(fields.BLUE_SKY), int(fields.WEST_STATION)]
    assert found[0].person == found[1].person


def test_whoever_has_an_account_in_the_division_is_known_there(
    conn: Connection, registry: Registry
) -> None:
    who = person(conn, "祁生财", phone="13800000001")
    account = {"person_id": who, "login": "qisc", "role": Role.LEADER, "division": fields.BLUE_SKY}
    conn.execute(sa.insert(ACCOUNTS).values(**account))
    field = put(conn, registry, None, leader="祁生财")
    assert terms(conn, registry, FIELDS, field)[0].person.id == who
    assert persons.known(conn, "祁生财", ROLES["grid_leader"], int(fields.BLUE_SKY)) == who
    assert persons.known(conn, "祁生财", ROLES["grid_leader"], int(fields.WEST_STATION)) is None


def two_of_one_name(conn: Connection, registry: Registry) -> tuple[int, list[int]]:
    """A field led by 祁生财, in whose division there are two called 王伟."""
    field = put(conn, registry, None, leader="祁生财")
    who = [person(conn, "王伟") for _ in range(2)]
    for n, each in enumerate(who):
        other = fields.field(conn, registry, 8 + n, fields.plot(8 + n, 0), leader=None)
        cases.given(conn, registry, FIELDS, other, "grid_guide", who=each)
    return field, who


def test_a_name_of_two_people_is_refused_and_not_guessed(
    conn: Connection, registry: Registry
) -> None:
    field, who = two_of_one_name(conn, registry)
    before = listing(conn, registry, Query())
    with pytest.raises(Problem) as caught, conn.begin_nested():
        put(conn, registry, field, leader="王伟")
    (finding,) = caught.value.findings
    assert finding.rule is PERSON_AMBIGUOUS
    assert finding.values["ids"] == ", ".join(map(str, who))
    assert listing(conn, registry, Query()) == before
    with pytest.raises(Problem):
        persons.known(conn, "王伟", ROLES["grid_leader"], int(fields.BLUE_SKY))


def test_whoever_had_the_duty_is_meant_where_two_have_the_name(
    conn: Connection, registry: Registry
) -> None:
    field, who = two_of_one_name(conn, registry)
    cases.given(conn, registry, FIELDS, field, who=who[1], since=-50, until=-20, vacant="病休")
    put(conn, registry, field, leader="王伟")
    assert [d.person.id for d in listing(conn, registry, Query(feature=field, on=day(conn)))] == [
        who[1]
    ]


# --- an import ------------------------------------------------------------------------------------
def load(
    database: Database, registry: Registry, *leaders: str | None, **options: object
) -> importing.Report:
    """Fields in a row with these leaders."""
    rows = [
        fields.values(n, **NOBODY | {"leader": leader}) for n, leader in enumerate(leaders, start=1)
    ]
    shapes = [fields.plot(n, 0) for n in range(1, len(leaders) + 1)]
    file = source(rows, shapes)
    asked = Options(**{"on_conflict": "update", **options})
    return importing.load(database, registry, registry.layer(FIELDS), file, asked)


def led(database: Database, registry: Registry) -> Mapping[str, str | None]:
    """Who leads each field today."""
    with database.read() as connection:
        query = Query(role="grid_leader", on=today(connection), limit=1000)
        found = {d.title: d.person.name for d in listing(connection, registry, query)}
        shown = connection.execute(sa.text("SELECT name, leader FROM grid_fields ORDER BY id"))
        assert {name: leader for name, leader in shown if leader} == found
        return found


def test_an_import_appoints_and_a_later_one_hands_over(
    database: Database, registry: Registry
) -> None:
    load(database, registry, "祁生财", "韩志强", None)
    assert list(led(database, registry).values()) == ["祁生财", "韩志强"]
    report = load(database, registry, "祁生财", "马晓燕", "马晓燕")
    assert report.updated == 2
    assert list(led(database, registry).values()) == ["祁生财", "马晓燕", "马晓燕"]
    with database.read() as connection:
        assert cases.count(connection) == 3  # 韩志强 was it for less than a day


def test_a_leader_missing_in_the_file_is_noted(database: Database, registry: Registry) -> None:
    load(database, registry, "祁生财", "韩志强")
    report = load(database, registry, "祁生财", None)
    (note,) = [note for note in report.notes if note.rule is DUTY_LEFT_VACANT]
    assert (note.row, note.column) == (2, "leader")
    assert "韩志强" in note.sentence("zh")
    assert list(led(database, registry).values()) == ["祁生财"]


def test_an_ambiguous_name_in_a_file_is_noted_and_changes_nothing(
    database: Database, registry: Registry
) -> None:
    with database.begin() as connection:
        two_of_one_name(connection, registry)
    report = load(database, registry, "王伟")
    (note,) = [note for note in report.notes if note.rule is PERSON_AMBIGUOUS]
    assert (note.row, note.column) == (1, "leader")
    assert list(led(database, registry).values()) == ["祁生财"]


def test_undoing_an_import_brings_the_duties_back(database: Database, registry: Registry) -> None:
    load(database, registry, "祁生财", "韩志强")
    with database.begin() as connection:
        connection.execute(sa.update(DUTIES).values(valid_from=today(connection) - timedelta(9)))
        before = listing(connection, registry, Query())
    second = load(database, registry, "马晓燕", "韩志强", "马晓燕")
    assert second.batch is not None
    batches.undo(database, registry, second.batch)
    assert list(led(database, registry).values()) == ["祁生财", "韩志强"]
    with database.read() as connection:
        assert listing(connection, registry, Query()) == before


def test_what_a_file_lacks_ends_and_comes_back_with_the_undoing(
    database: Database, registry: Registry
) -> None:
    load(database, registry, "祁生财", "韩志强")
    gone = load(database, registry, "祁生财", gone="delete", accept_valid=True)
    assert gone.deleted == 1
    assert gone.batch is not None
    assert list(led(database, registry).values()) == ["祁生财"]
    batches.undo(database, registry, gone.batch)
    assert list(led(database, registry).values()) == ["祁生财", "韩志强"]


def test_a_rehearsal_leaves_no_duties_and_no_people(database: Database, registry: Registry) -> None:
    load(database, registry, "祁生财", dry_run=True)
    with database.read() as connection:
        assert cases.count(connection) == 0
        assert connection.scalar(sa.select(sa.func.count()).select_from(PERSONS)) == 0


# --- as the days go by ----------------------------------------------------------------------------
def test_a_duty_that_begins_later_is_shown_when_its_day_has_come(
    conn: Connection, registry: Registry
) -> None:
    layer = registry.layer(FIELDS)
    settle(conn, registry)
    field = put(conn, registry, None, leader="祁生财")
    duty = terms(conn, registry, FIELDS, field)[0]
    duties.hand_over(conn, registry, duty.id, person=person(conn, "韩志强"), on=day(conn, 3))
    guide = {"role": "grid_member", "layer": FIELDS, "feature": field}
    term = {"valid_from": day(conn, 1), "valid_to": day(conn, 5)}
    duties.assign(conn, registry, Assignment(person=person(conn, "马俊"), **guide, **term))
    shown = []
    for offset in (0, 1, 2, 3, 4, 5, 6):
        settle(conn, registry, day(conn, offset))
        shown.append((column(conn, layer, field), column(conn, layer, field, "deputy")))
    assert shown == [
        ("祁生财", None),
        ("祁生财", "马俊"),
        ("祁生财", "马俊"),
        ("韩志强", "马俊"),
        ("韩志强", "马俊"),
        ("韩志强", None),
        ("韩志强", None),
    ]
    assert conn.scalars(sa.select(DUTIES_SETTLED.c.day)).all() == [day(conn, 6)]
    assert settle(conn, registry, day(conn, 6)) == settle(conn, registry, day(conn)) == 0


def test_days_without_a_server_are_caught_up_with(conn: Connection, registry: Registry) -> None:
    settle(conn, registry)
    field = put(conn, registry, None, leader="祁生财")
    duty = terms(conn, registry, FIELDS, field)[0]
    duties.hand_over(conn, registry, duty.id, person=person(conn, "韩志强"), on=day(conn, 3))
    assert settle(conn, registry, day(conn, 60)) == 1
    assert column(conn, registry.layer(FIELDS), field) == "韩志强"


def test_names_from_before_there_were_duties_are_adopted_once(
    conn: Connection, registry: Registry
) -> None:
    old = fields.field(conn, registry, 1, fields.plot(1, 0), leader="祁生财")
    known = put(conn, registry, None, 2, leader="韩志强")
    planned = terms(conn, registry, FIELDS, known)[0]
    duties.hand_over(conn, registry, planned.id, person=person(conn, "马晓燕"), on=day(conn, 3))
    settle(conn, registry, day(conn, 5))
    assert names(terms(conn, registry, FIELDS, old)) == [("grid_leader", "祁生财")]
    assert column(conn, registry.layer(FIELDS), known) == "马晓燕"
    later = fields.field(conn, registry, 3, fields.plot(3, 0), leader="李芳")
    settle(conn, registry, day(conn, 6))
    assert terms(conn, registry, FIELDS, later) == []


def test_a_change_of_a_leader_tints_the_fields_anew(conn: Connection, registry: Registry) -> None:
    ids = [put(conn, registry, None, n, leader=f"甲{n}") for n in (1, 2)]
    duty = terms(conn, registry, FIELDS, ids[0])[0]
    conn.execute(sa.update(DUTIES).values(valid_from=day(conn, -9)))
    other = terms(conn, registry, FIELDS, ids[1])[0].person.id
    duties.hand_over(conn, registry, duty.id, person=other, on=day(conn))
    tints = conn.scalars(sa.text("SELECT DISTINCT tint FROM grid_fields")).all()
    assert len(tints) == 1


# --- the demo -------------------------------------------------------------------------------------
def test_the_people_of_the_demo_come_out_as_duties(database: Database, registry: Registry) -> None:
    demo.load(database, registry)
    with database.read() as connection:
        found = listing(connection, registry, Query(limit=10_000))
        uncovered = connection.scalar(
            sa.text(
                "SELECT count(*) FROM road_segments r WHERE NOT EXISTS (SELECT FROM duties d"
                " WHERE d.layer = 'road_segments' AND d.feature = r.id)"
            )
        )
    leaders = [duty.feature for duty in found if duty.role.name == "grid_leader"]
    assert len(leaders) == len(set(leaders)) == 44
    liaison = {duty.person.id for duty in found if duty.role.name == "liaison_leader"}
    assert len(liaison) == 4
    assert uncovered == 6
    # Who works in two communities is two people until somebody says that it is one.
    in_communities = {(duty.person.name, duty.place) for duty in found if duty.layer == FIELDS}
    people = {duty.person.id for duty in found if duty.layer == FIELDS}
    assert len(people) == len(in_communities)


def test_an_unchanged_file_changes_no_duty(database: Database, registry: Registry) -> None:
    layer = registry.layer("road_segments")
    rows = [record(layer, n) for n in range(3)]
    file = source(rows, [geometry(layer, n) for n in range(3)])
    importing.load(database, registry, layer, file)
    with database.read() as connection:
        before = listing(connection, registry, Query())
    assert len(before) == 3
    importing.load(database, registry, layer, file, Options(on_conflict="update"))
    with database.read() as connection:
        assert listing(connection, registry, Query()) == before


def test_layers_without_duties_are_left_alone(conn: Connection, registry: Registry) -> None:
    layer = registry.layer("buildings")
    assert duty_columns.remember(conn, layer, [1]) == {}
    assert follow(conn, layer, {}, [1]).all == []
    assert show(conn, layer, [1], day(conn)) == 0
