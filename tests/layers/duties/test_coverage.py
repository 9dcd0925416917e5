"""Where duties are missing and who has too much, each figure with what it sums."""

import io
from datetime import timedelta

import openpyxl
import pyproj
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.demo import loading as demo
from gis.errors import Problem
from gis.postgis import Database
from layers.declaring.limits import Limits
from layers.declaring.people import SYSTEM
from layers.duties import giving as duties
from layers.duties import workbook as duty_workbook
from layers.duties.coverage import Coverage, Figure, coverage
from layers.reading import features
from layers.refusals.ground import UNKNOWN_DIVISION
from layers.registry import Registry
from tests.factories import geometry, record
from tests.layers import duty_cases as cases
from tests.layers import fields
from tests.layers.duty_cases import day, person


def figure(found: Coverage, name: str) -> Figure:
    (one,) = (each for each in found.figures if each.name == name)
    return one


def ids(found: Coverage, name: str) -> list[int]:
    return [item.id for item in figure(found, name).items]


@pytest.fixture
def street(conn: Connection, registry: Registry) -> dict[str, int]:
    """Two communities: one field led and one not in the first, one led in the second; a road
    without a leader in the first and one with in the second."""
    fields.division(conn, registry, fields.plot(0, 0, 10, 10), fields.STREET)
    fields.division(conn, registry, fields.plot(0, 0, 5, 10), fields.BLUE_SKY)
    fields.division(conn, registry, fields.plot(5, 0, 5, 10), fields.WEST_STATION)
    made = {
        "led": fields.field(conn, registry, 1, fields.plot(0, 0), leader=None, households=800),
        "bare": fields.field(conn, registry, 2, fields.plot(1, 0), leader=None, households=10),
        "west": fields.field(
            conn, registry, 3, fields.plot(6, 0), fields.WEST_STATION, leader=None, households=900
        ),
    }
    layer = registry.layer("road_segments")
    for name, column in (("road", 1), ("west_road", 7)):
        ground = fields.plot(column, 2).exterior
        line = shapely.LineString([ground.coords[0], ground.coords[1]])
        made[name] = features.insert(conn, layer, record(layer, column), line)
    return made


@pytest.fixture
def people(conn: Connection, registry: Registry, street: dict[str, int]) -> dict[str, int]:
    """祁生财 leads two fields, 才让多杰 is liaison leader of a road and of no unit."""
    who = {"leader": person(conn, "祁生财"), "liaison": person(conn, "才让多杰")}
    for name in ("led", "west"):
        cases.given(conn, registry, "grid_fields", street[name], who=who["leader"])
    cases.given(
        conn,
        registry,
        "road_segments",
        street["west_road"],
        "liaison_leader",
        who=who["liaison"],
    )
    return who


def test_each_figure_comes_with_what_it_sums(
    conn: Connection, registry: Registry, street: dict[str, int], people: dict[str, int]
) -> None:
    found = coverage(conn, division=fields.STREET, actor=SYSTEM)
    assert ids(found, "fields") == [street["bare"]]
    assert (figure(found, "fields").value, figure(found, "fields").total) == (1, 3)
    assert ids(found, "roads") == [street["road"]]
    line = fields.plot(1, 2).exterior.coords
    metres = pyproj.Geod(ellps="WGS84").line_length(*zip(line[0], line[1], strict=True))
    assert figure(found, "roads").value == pytest.approx(metres, abs=0.01)
    assert figure(found, "roads").share == pytest.approx(0.5, abs=0.001)
    assert ids(found, "few_units") == [people["liaison"]]
    assert ids(found, "many_units") == ids(found, "many_fields") == []
    for each in found.figures:
        assert each.value == sum(item.amount for item in each.items)


def test_a_division_counts_its_own_and_all_below(
    conn: Connection, registry: Registry, street: dict[str, int], people: dict[str, int]
) -> None:
    west = coverage(conn, division=fields.WEST_STATION, actor=SYSTEM)
    assert (figure(west, "fields").value, figure(west, "fields").total) == (0, 1)
    assert figure(west, "roads").value == 0
    whole = coverage(conn, actor=SYSTEM)
    rows = {row.code: row.figures["fields"] for row in whole.rows}
    assert rows == {
        fields.STREET: (1, 3),
        fields.BLUE_SKY: (1, 2),
        fields.WEST_STATION: (0, 1),
    }
    for name in ("fields", "roads", "units", "courtyards"):
        parts = [row.figures[name] for row in whole.rows if row.code != fields.STREET]
        summed = [sum(part[n] for part in parts) for n in (0, 1)]
        total = figure(whole, name)
        assert summed == pytest.approx([total.value, total.total])
    with pytest.raises(Problem) as caught:
        coverage(conn, division="630102007999")
    assert caught.value.rule is UNKNOWN_DIVISION


def test_what_a_person_has_elsewhere_weighs_too(
    conn: Connection, registry: Registry, street: dict[str, int], people: dict[str, int]
) -> None:
    """The leader's load is that of both communities, whichever one is looked at."""
    limits = Limits(fields=1, households=1600, metres=10)
    for division in (fields.STREET, fields.BLUE_SKY):
        found = coverage(conn, division=division, limits=limits, actor=SYSTEM)
        (load,) = (each for each in found.loads if each.person.id == people["leader"])
        assert (load.fields, load.households) == (2, 1700)
        assert load.excess == ("fields", "households")
        assert ids(found, "many_fields") == ids(found, "many_households") == [people["leader"]]
    assert ids(coverage(conn, limits=limits, actor=SYSTEM), "many_metres") == [people["liaison"]]


def test_too_many_units_are_told(
    conn: Connection, registry: Registry, street: dict[str, int], people: dict[str, int]
) -> None:
    layer = registry.layer("work_units")
    for n in range(3):
        unit = features.insert(conn, layer, record(layer, n), fields.plot(n, 5).centroid)
        cases.given(conn, registry, "work_units", unit, "liaison_leader", who=people["liaison"])
        found = coverage(conn, actor=SYSTEM)
        assert ids(found, "few_units") == []
        assert ids(found, "many_units") == ([people["liaison"]] if n == 2 else [])
        assert figure(found, "units").value == 0


def test_another_day_has_other_gaps(
    conn: Connection, registry: Registry, street: dict[str, int], people: dict[str, int]
) -> None:
    assert figure(coverage(conn, on=day(conn, -101)), "fields").value == 3
    (duty,) = cases.terms(conn, registry, "grid_fields", street["west"])
    duties.end(conn, registry, duty.id, on=day(conn, 3), vacant=True, reason="撤并")
    assert figure(coverage(conn, on=day(conn, 2)), "fields").value == 1
    assert figure(coverage(conn, on=day(conn, 3)), "fields").value == 2


def test_people_are_masked_for_whoever_may_not_know_them(
    conn: Connection, registry: Registry, street: dict[str, int], people: dict[str, int]
) -> None:
    assert "祁生财" not in repr(coverage(conn, limits=Limits(fields=0)))


def test_the_demo_lacks_six_segments_and_its_courtyards(
    database: Database, registry: Registry
) -> None:
    demo.load(database, registry)
    with database.read() as connection:
        found = coverage(connection, actor=SYSTEM)
        street = coverage(connection, division="630102007000", actor=SYSTEM)
    assert (figure(found, "fields").value, figure(found, "fields").total) == (0, 44)
    assert len(ids(found, "roads")) == 6
    assert figure(found, "units").value == 0
    assert figure(found, "courtyards").value == 5
    assert ids(found, "few_units") == ids(found, "many_units") == []
    assert len([load for load in found.loads if load.is_liaison]) == 4
    for name in ("fields", "roads", "units", "courtyards"):
        assert ids(found, name) == ids(street, name)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_workbook_has_the_figures_and_what_they_sum(
    conn: Connection, registry: Registry, street: dict[str, int], people: dict[str, int], lang: str
) -> None:
    found = coverage(conn, actor=SYSTEM)
    book = openpyxl.load_workbook(io.BytesIO(duty_workbook.write(found, lang)))
    summary, divisions, staff, details = book.worksheets
    values = [row[1] for row in summary.iter_rows(min_row=2, values_only=True)]
    assert values == [round(each.value, 1) for each in found.figures]
    assert divisions.max_row == 4
    assert [row[0] for row in staff.iter_rows(min_row=2, values_only=True)] == [
        "才让多杰",
        "祁生财",
    ]
    assert details.max_row - 1 == sum(len(each.items) for each in found.figures)


def test_open_cases_of_the_fields_that_one_leads_are_a_load(
    conn: Connection, registry: Registry
) -> None:
    layer, now = registry.layer("sites"), day(conn)
    made = [fields.field(conn, registry, n, fields.plot(n, 0), leader=None) for n in (1, 2, 3)]
    leader, other = person(conn, "祁生财"), person(conn, "韩志强")
    for feature, who in zip(made, (leader, leader, other), strict=True):
        cases.given(conn, registry, "grid_fields", feature, who=who)
    codes = [conn.scalar(sa.text(f"SELECT code FROM grid_fields WHERE id = {n}")) for n in made]
    wanted = [
        (codes[0], "registered", now),
        (codes[0], "verifying", now - timedelta(days=3)),
        (codes[0], "cleared", now),
        (codes[1], "assigned", now),
        (codes[1], "assigned", now + timedelta(days=1)),  # found later
        (codes[2], "rectifying", now),
        (None, "registered", now),
    ]
    for n, (code, status, found_on) in enumerate(wanted):
        values = record(layer, n, field=code, status=status, found_on=found_on)
        features.insert(conn, layer, values, geometry(layer, n))
    found = coverage(conn, limits=Limits(cases=2), actor=SYSTEM)
    loads = {load.person.name: (load.cases, load.excess) for load in found.loads}
    assert loads == {"祁生财": (3, ("cases",)), "韩志强": (1, ())}
    assert ids(found, "many_cases") == [leader]
