"""Who answers for a point, and how plainly doubt is said."""

from functools import partial

import numpy as np
import pyproj
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from layers.declaring.people import SYSTEM, Actor, Role
from layers.duties import giving as duties
from layers.duties.columns import follow
from layers.here import responsibility
from layers.here.responsibility import Answer, at_each
from layers.here.situating import situate
from layers.here.spots import Spot
from layers.reading import features
from layers.reading.masking import mask_name, mask_phone, may_know, names_in
from layers.registry import Registry
from layers.schema.tables import table
from tests.factories import LAT, LON, geometry, record
from tests.layers import duty_cases as cases
from tests.layers import fields as plots
from tests.layers.duty_cases import day, person

at = partial(responsibility.at, actor=SYSTEM)

MIDDLE = (LON + 0.0005, LAT + 0.0005)
METRE_LON = 1 / 89_500  # at this latitude


@pytest.fixture
def two_fields(conn: Connection, registry: Registry) -> Connection:
    fields, roads = registry.layer("grid_fields"), registry.layer("road_segments")
    for n in range(2):
        features.insert(conn, fields, record(fields, n, leader=f"网格长{n}"), geometry(fields, n))
        features.insert(conn, roads, record(roads, n), geometry(roads, n))
    return conn


def test_inside_a_field_its_leader_answers(two_fields: Connection) -> None:
    answer = at(two_fields, *MIDDLE)
    assert answer.status == "inside"
    assert [field["leader"] for field in answer.fields] == ["网格长0"]
    assert answer.nearest is None


@pytest.mark.parametrize("metres", [0, 0.3, -0.3])
def test_on_a_border_both_neighbours_are_named(two_fields: Connection, metres: float) -> None:
    answer = at(two_fields, LON + 0.001 + metres * METRE_LON, LAT + 0.0005)
    assert answer.status == "border"
    assert [field["leader"] for field in answer.fields] == ["网格长0", "网格长1"]


@pytest.mark.parametrize("metres", [2, -2])
def test_two_metres_from_a_border_is_inside(two_fields: Connection, metres: float) -> None:
    assert at(two_fields, LON + 0.001 + metres * METRE_LON, LAT + 0.0005).status == "inside"


def test_the_outer_edge_is_a_border_too(two_fields: Connection) -> None:
    answer = at(two_fields, LON, LAT + 0.0005)
    assert (answer.status, len(answer.fields)) == ("border", 1)


def test_outside_every_field_the_nearest_is_named_with_its_distance(
    two_fields: Connection,
) -> None:
    answer = at(two_fields, LON - 0.01, LAT + 0.0005)
    assert (answer.status, answer.fields) == ("outside", ())
    _, _, metres = pyproj.Geod(ellps="WGS84").inv(LON - 0.01, LAT + 0.0005, LON, LAT + 0.0005)
    assert answer.nearest is not None
    assert answer.nearest["leader"] == "网格长0"
    assert answer.nearest["distance_m"] == pytest.approx(metres, abs=0.02)


def test_two_fields_over_one_point_are_an_overlap(
    two_fields: Connection, registry: Registry
) -> None:
    fields = registry.layer("grid_fields")
    shape = shapely.box(LON, LAT, LON + 0.002, LAT + 0.002)
    features.insert(two_fields, fields, record(fields, 7), shape)
    answer = at(two_fields, *MIDDLE)
    assert (answer.status, len(answer.fields)) == ("overlap", 2)


def test_the_nearest_road_is_nearest_in_metres_not_in_degrees(
    conn: Connection, registry: Registry
) -> None:
    roads = registry.layer("road_segments")
    north, east = 0.00100, 0.00115  # 111 m and 103 m: degrees and metres disagree
    for n, point in enumerate([(LON, LAT + north), (LON + east, LAT)]):
        line = shapely.LineString([point, (point[0] + 1e-6, point[1] + 1e-6)])
        features.insert(conn, roads, record(roads, n, name=f"路{n}"), line)
    road = at(conn, LON, LAT).road
    assert road is not None
    assert road["name"] == "路1"


def test_an_empty_district_is_said_plainly(conn: Connection) -> None:
    answer = at(conn, *MIDDLE)
    assert (answer.status, answer.fields, answer.nearest, answer.road) == (
        "outside",
        (),
        None,
        None,
    )


# --- the people -----------------------------------------------------------------------------------
@pytest.fixture
def field(conn: Connection, registry: Registry) -> int:
    """A field of 蓝天社区 with a leader and a guide."""
    plots.division(conn, registry, plots.plot(0, 0, 4, 4))
    made = plots.field(conn, registry, 1, plots.plot(0, 0), leader=None)
    leader = person(conn, "祁生财", unit="蓝天社区居委会", post="网格长", phone="13897001234")
    cases.given(conn, registry, "grid_fields", made, who=leader)
    cases.given(conn, registry, "grid_fields", made, "grid_guide", who=person(conn, "张海英"))
    return made


HERE = (101.8005, 36.6005)


def people(answer: Answer) -> list[tuple[str, str]]:
    return [(each.role.name, each.person.name) for each in answer.duties]


def doubts(answer: Answer) -> list[str]:
    return [doubt.rule.slug for doubt in answer.doubts]


def test_everybody_of_the_field_is_named_with_post_unit_and_phone(
    conn: Connection, field: int
) -> None:
    answer = at(conn, *HERE)
    assert people(answer) == [("grid_leader", "祁生财"), ("grid_guide", "张海英")]
    leader = answer.duties[0]
    assert (leader.person.post, leader.person.unit) == ("网格长", "蓝天社区居委会")
    assert leader.person.phone == "13897001234"
    assert (leader.title, leader.since) == ("网格001001", day(conn, -100))
    assert answer.division == {"code": plots.BLUE_SKY, "name": "区划001"}
    assert (answer.fields[0]["leader"], answer.on) == ("祁生财", day(conn))
    assert doubts(answer) == []


def actor(role: Role, division: str) -> Actor:
    return Actor(
        account_id=1, person_id=None, name="李芳", role=role, division=division, source="test"
    )


@pytest.mark.parametrize(
    ("role", "division", "known"),
    [
        (Role.LEADER, plots.BLUE_SKY, True),
        (Role.OFFICER, plots.STREET, True),
        (Role.ADMIN, "000000000000", True),
        (Role.LEADER, plots.WEST_STATION, False),
        (Role.ADMIN, "630103000000", False),
        (Role.VIEWER, "000000000000", False),
        (Role.INSPECTOR, plots.BLUE_SKY, False),
    ],
)
def test_names_and_numbers_are_for_those_of_the_ground(
    conn: Connection, field: int, role: Role, division: str, known: bool
) -> None:
    answer = responsibility.at(conn, *HERE, actor=actor(role, division))
    person = answer.duties[0].person
    assert person.masked is not known
    assert person.name == ("祁生财" if known else "祁**")
    assert person.phone == ("13897001234" if known else "138****1234")
    assert answer.fields[0]["leader"] == ("祁生财" if known else "祁**")
    assert person.post == "网格长"


def test_nobody_known_sees_no_name(conn: Connection, field: int) -> None:
    answer = responsibility.at(conn, *HERE)
    assert "祁生财" not in repr(answer)
    assert "13897001234" not in repr(answer)


def test_masks_show_as_little_of_a_short_name_as_of_a_long_one() -> None:
    assert [mask_name(name) for name in ("张三", "欧阳海", "张", "")] == [
        "张**",
        "欧**",
        "张**",
        "",
    ]
    assert mask_name("张三、李四") == "张**、李**"
    assert [mask_phone(number) for number in ("13800000001", "+86 138-0000-0001")] == [
        "138****0001",
        "138****0001",
    ]
    assert [mask_phone(number) for number in ("0971-8123456", "110", "")] == [
        "****56",
        "****",
        "****",
    ]
    assert names_in(" 张三 ， 李四;张三、 ") == ["张三", "李四"]
    assert not may_know(None, 0)


def test_past_days_are_answered_by_the_duties_of_that_day(
    conn: Connection, registry: Registry, field: int
) -> None:
    cases.backdate(conn, 200, "grid_fields", "divisions")
    duty = cases.terms(conn, registry, "grid_fields", field)[0]
    duties.hand_over(conn, registry, duty.id, person=person(conn, "韩志强"), on=day(conn, -10))
    for offset, name in ((-100, "祁生财"), (-11, "祁生财"), (-10, "韩志强"), (0, "韩志强")):
        answer = at(conn, *HERE, on=day(conn, offset))
        assert people(answer)[-1 if name == "韩志强" else 0] == ("grid_leader", name)
        assert answer.fields[0]["leader"] == name
    before = at(conn, *HERE, on=day(conn, -101))
    assert people(before) == []
    assert before.fields[0]["leader"] is None
    assert doubts(before) == ["doubt-no-holder", "doubt-change", "doubt-change"]


# --- doubts ---------------------------------------------------------------------------------------
def test_a_planned_change_is_told_a_month_ahead(
    conn: Connection, registry: Registry, field: int
) -> None:
    duty = cases.terms(conn, registry, "grid_fields", field)[0]
    planned = duties.hand_over(
        conn, registry, duty.id, person=person(conn, "韩志强"), on=day(conn, 31)
    )
    assert doubts(at(conn, *HERE)) == []
    duties.replace_planned(conn, registry, planned.id, on=day(conn, 30))
    answer = at(conn, *HERE)
    (doubt,) = answer.doubts
    assert doubt.rule.slug == "doubt-change"
    assert doubt.sentence("zh") == f"“网格001001”的网格长将于 {day(conn, 30)} 变更为韩志强"
    assert people(answer)[0] == ("grid_leader", "祁生财")
    masked = responsibility.at(conn, *HERE)
    assert "韩志强" not in masked.doubts[0].sentence("zh")


def test_a_vacancy_to_come_is_told(conn: Connection, registry: Registry, field: int) -> None:
    duty = cases.terms(conn, registry, "grid_fields", field)[0]
    duties.end(conn, registry, duty.id, on=day(conn, 3), vacant=True, reason="撤并")
    (doubt,) = at(conn, *HERE).doubts
    assert "变更为无人" in doubt.sentence("zh")
    assert "changes to nobody" in doubt.sentence("en")


def test_every_other_doubt_is_told(conn: Connection, registry: Registry, field: int) -> None:
    other = plots.field(conn, registry, 2, plots.plot(1, 0), leader=None)
    assert doubts(at(conn, 101.8015, 36.6005)) == ["doubt-no-holder"]
    on_border = at(conn, 101.801, 36.6005)
    assert doubts(on_border) == ["doubt-border", "doubt-no-holder"]
    assert on_border.doubts[0].sentence("zh") == "在 网格001001、网格001002 的边界上，相距不到半米"
    plots.field(conn, registry, 3, plots.plot(1, 0), leader=None)
    assert doubts(at(conn, 101.8015, 36.6005))[0] == "doubt-overlap"
    gap = at(conn, 101.8035, 36.6035)
    assert (gap.status, doubts(gap)) == ("outside", ["doubt-gap"])
    assert "区划001" in gap.doubts[0].sentence("zh")
    away = at(conn, 101.9, 36.6005)
    assert (away.division, doubts(away)) == (None, ["doubt-outside"])
    assert other


def test_the_nearest_road_and_what_is_at_hand_come_with_their_people(
    conn: Connection, registry: Registry, field: int
) -> None:
    road, yard, unit = (registry.layer(n) for n in ("road_segments", "courtyards", "work_units"))
    line = shapely.LineString([(101.80, 36.5995), (101.81, 36.5995)])
    near, far = shapely.Point(101.8005, 36.6009), shapely.Point(101.8005, 36.6010)
    ids = {
        "road_segments": features.insert(conn, road, record(road), line),
        "courtyards": features.insert(conn, yard, record(yard), near),
        "work_units": features.insert(conn, unit, record(unit), far),
    }
    for layer, role in (("road_segments", "liaison_leader"), ("courtyards", "courtyard_head")):
        cases.given(conn, registry, layer, ids[layer], role, who=person(conn, f"{role[:4]}甲"))
    answer = at(conn, *HERE)
    assert answer.road is not None
    assert answer.courtyard is not None
    assert answer.road["distance_m"] == pytest.approx(111, abs=1)
    assert answer.courtyard["distance_m"] == pytest.approx(44.4, abs=0.5)
    assert answer.unit is None  # 55 m away
    assert people(answer)[-2:] == [("liaison_leader", "liai甲"), ("courtyard_head", "cour甲")]
    closer = at(conn, 101.8005, 36.6006)
    assert closer.unit is not None
    assert doubts(closer) == ["doubt-no-holder"]
    assert "联点领导" in closer.doubts[0].sentence("zh")


# --- many points ----------------------------------------------------------------------------------
def test_many_points_are_answered_as_each_alone(
    conn: Connection, registry: Registry, field: int
) -> None:
    for n in range(2, 6):
        plots.field(conn, registry, n, plots.plot(n % 3, n // 3), leader=None)
    rng = np.random.default_rng(7)
    places = [
        (float(101.7995 + 0.005 * x), float(36.5995 + 0.003 * y)) for x, y in rng.random((60, 2))
    ]
    places += [(101.801, 36.6005), (101.8, 36.6), (101.9, 36.9)]
    assert list(at_each(conn, places, actor=SYSTEM)) == [at(conn, *place) for place in places]
    assert list(at_each(conn, [])) == []


def test_a_border_is_exact_for_every_point_of_a_batch(conn: Connection, registry: Registry) -> None:
    """Against geodesic distances one by one, around slanting borders within centimetres."""
    layer = registry.layer("grid_fields")
    slanted = [
        shapely.Polygon([(101.80, 36.60), (101.83, 36.61), (101.82, 36.62)]),
        shapely.Polygon([(101.80, 36.60), (101.83, 36.61), (101.84, 36.59)]),
    ]
    for n, shape in enumerate(slanted, start=1):
        features.insert(conn, layer, plots.values(n), shape)
    rng = np.random.default_rng(11)
    along, off_m = rng.random(400), rng.uniform(-1.5, 1.5, 400)
    places = [
        (float(101.80 + 0.03 * s), float(36.60 + 0.01 * s + d / 111_000))
        for s, d in zip(along, off_m, strict=True)
    ]
    rows = table(layer)
    edge = "ST_Distance(ST_Boundary(geom)::geography, ST_SetSRID(ST_Point(:x,:y),4326)::geography)"
    within = "ST_DWithin(geom::geography, ST_SetSRID(ST_Point(:x,:y),4326)::geography, 0.5)"
    exact = sa.text(f"SELECT id, {edge} > 0.5 FROM {rows.name} WHERE {within}")
    spots = list(situate(conn, np.array(places)))
    for (x, y), spot in zip(places, spots, strict=True):
        expected = dict(conn.execute(exact, {"x": x, "y": y}).all())
        assert {n: edge_m > 0.5 for n, edge_m in spot.fields.items()} == expected
    assert {len(spot.fields) for spot in spots} == {1, 2}
    (far,) = situate(conn, np.array([(0.0, 89.9)]))
    assert far == Spot(nearest=far.nearest)


def test_names_from_files_answer_too(two_fields: Connection, registry: Registry) -> None:
    layer = registry.layer("grid_fields")
    follow(two_fields, layer, {}, list(two_fields.scalars(sa.select(table(layer).c.id))))
    assert ("grid_leader", "网格长0") in people(at(two_fields, *MIDDLE))
