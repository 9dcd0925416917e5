"""Who answered on a past day: by the ground and the duties of that day."""

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.postgis import raw_cursor
from layers.changing import editing
from layers.changing.editing import Changes, Put
from layers.declaring.people import SYSTEM
from layers.duties import giving as duties
from layers.here import responsibility
from layers.here.responsibility import Answer
from layers.here.situating import _statement, arrays
from layers.reading import features
from layers.registry import Registry
from tests.factories import record
from tests.layers import duty_cases as cases
from tests.layers import fields
from tests.layers.duty_cases import day, person

EAST = (101.8008, 36.6005)
NOBODY = dict.fromkeys(("leader", "deputy", "people_lead", "area_lead", "task_lead"))
MONTH = 30


def at(conn: Connection, offset: int, place: tuple[float, float] = EAST) -> Answer:
    return responsibility.at(conn, *place, on=day(conn, offset), actor=SYSTEM)


def leaders(answer: Answer) -> list[str]:
    return [each.person.name for each in answer.duties if each.role.name == "grid_leader"]


@pytest.fixture
def whole(conn: Connection, registry: Registry) -> int:
    """A field that was recorded 200 days ago and has had a leader for 100."""
    fields.division(conn, registry, fields.plot(0, 0, 4, 4))
    made = fields.field(conn, registry, 1, fields.plot(0, 0), **NOBODY)
    cases.given(conn, registry, "grid_fields", made, who=person(conn, "祁生财"))
    cases.backdate(conn, 200 - MONTH, "grid_fields", "divisions")
    return made


@pytest.fixture
def half(conn: Connection, registry: Registry, whole: int) -> int:
    """Its eastern half, split off a month ago and led by somebody else since."""
    layer = registry.layer("grid_fields")
    stays, goes = fields.plot(0, 0, 0.5), fields.plot(0.5, 0, 0.5)
    puts = [
        Put(whole, fields.values(1, **NOBODY | {"leader": "祁生财"}), stays),
        Put(None, fields.values(2, **NOBODY), goes),
    ]
    _, made = editing.apply(conn, registry, layer, Changes(puts), tolerance_m2=0.5)
    cases.given(conn, registry, "grid_fields", made, who=person(conn, "马晓燕"), since=-MONTH)
    cases.backdate(conn, MONTH, "grid_fields", "divisions")
    return made


def test_a_split_field_answers_for_the_part_from_that_day_on(
    conn: Connection, whole: int, half: int
) -> None:
    for offset, feature, leader in (
        (-99, whole, "祁生财"),
        (-MONTH - 1, whole, "祁生财"),
        (-MONTH, half, "马晓燕"),
        (-1, half, "马晓燕"),
        (0, half, "马晓燕"),
        (5, half, "马晓燕"),
    ):
        answer = at(conn, offset)
        assert [field["id"] for field in answer.fields] == [feature], offset
        assert leaders(answer) == [leader]
        assert answer.fields[0]["leader"] == leader
    assert at(conn, -150).duties == ()  # there was the field, and nobody had it
    assert [field["id"] for field in at(conn, -150).fields] == [whole]
    assert at(conn, -201).status == "outside"
    assert at(conn, -201).division is None


def test_a_border_is_that_of_the_day(conn: Connection, whole: int, half: int) -> None:
    middle = (101.8005, 36.6005)
    assert at(conn, -MONTH - 1, middle).status == "inside"
    assert at(conn, -MONTH, middle).status == "border"
    assert at(conn, 0, middle).status == "border"


def test_a_deleted_field_answers_until_its_day(
    conn: Connection, registry: Registry, whole: int
) -> None:
    features.delete(conn, registry.layer("grid_fields"), whole)
    cases.backdate(conn, 3, "grid_fields")
    assert at(conn, -4).status == "inside"
    assert at(conn, -3).status == "outside"
    assert leaders(at(conn, -4)) == ["祁生财"]


def test_a_hand_over_is_dated_whenever_it_was_recorded(
    conn: Connection, registry: Registry, whole: int
) -> None:
    (duty,) = cases.terms(conn, registry, "grid_fields", whole)
    duties.hand_over(conn, registry, duty.id, person=person(conn, "韩志强"), on=day(conn, -40))
    assert [leaders(at(conn, offset)) for offset in (-41, -40)] == [["祁生财"], ["韩志强"]]
    assert at(conn, -41).fields[0]["leader"] == "祁生财"


def test_a_road_that_moved_was_near_before(conn: Connection, registry: Registry) -> None:
    layer = registry.layer("road_segments")
    near, far = (shapely.LineString([(101.80, lat), (101.81, lat)]) for lat in (36.5995, 36.5985))
    made = features.insert(conn, layer, record(layer, liaison_leader=None), near)
    features.insert(conn, layer, record(layer, 1, liaison_leader=None), far)
    cases.given(conn, registry, layer.name, made, "liaison_leader", who=person(conn, "才让多杰"))
    cases.backdate(conn, 50, layer.name)
    away = shapely.LineString([(101.80, 36.59), (101.81, 36.59)])
    features.redraw(conn, layer, made, away)
    cases.backdate(conn, 10, layer.name)
    before, after = at(conn, -11).road, at(conn, -10).road
    assert before is not None
    assert after is not None
    assert (before["id"], before["distance_m"]) == (made, pytest.approx(111, abs=1))
    assert before["liaison_leader"] == "才让多杰"
    assert (after["id"], after["distance_m"]) == (made + 1, pytest.approx(222, abs=1))


def test_many_points_of_a_past_day_are_answered_as_each_alone(
    conn: Connection, whole: int, half: int
) -> None:
    places = [EAST, (101.8002, 36.6005), (101.8005, 36.6005), (101.9, 36.9)]
    for offset in (-MONTH - 1, -1):
        on = day(conn, offset)
        together = list(responsibility.at_each(conn, places, on=on, actor=SYSTEM))
        assert together == [at(conn, offset, place) for place in places]


def test_the_past_is_read_through_the_spatial_index(conn: Connection) -> None:
    conn.execute(sa.text("SET LOCAL session_replication_role = replica"))
    conn.execute(
        sa.text(
            "INSERT INTO grid_fields_versions (id, _number, code, name, kind, geom, place,"
            " _operation, _from, _change, _digest)"
            " SELECT n, 1, n, n, 'basic', ST_MakeEnvelope(100 + n * 1e-4, 30, 100 + (n + 1) * 1e-4,"
            " 30.0001, 4326), 0, 'insert', now() - interval '9 days', 0, ''"
            " FROM generate_series(1000, 21000) n"
        )
    )
    conn.execute(sa.text("ANALYZE grid_fields_versions"))
    asked = _statement(in_past=True).compile(dialect=conn.dialect)
    with raw_cursor(conn) as cursor:
        cursor.execute(
            f"EXPLAIN {asked}",
            asked.construct_params({**arrays(np.array([EAST])), "on": day(conn, -1)}),
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert plan.count("grid_fields_versions_geom") == 2  # inside, and the nearest
    assert "Seq Scan on grid_fields_versions" not in plan
