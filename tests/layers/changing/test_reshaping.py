"""Fields are split, merged and redrawn as one change, with no gap, no overlap and no lost code."""

from dataclasses import replace

import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Problem
from gis.refusals.coverage import JOIN_REFUSED, SPLIT_REFUSED
from layers.changing import editing, reshaping
from layers.changing.editing import Changes, Put
from layers.declaring.words import Layer
from layers.ground import topology
from layers.refusals.asking import UNKNOWN_FEATURE
from layers.refusals.ground import COVERAGE_OPENED, UNKNOWN_PARTITION
from layers.registry import Registry
from tests.layers.fields import WEST_STATION, division, field, plot, same_ground, values


@pytest.fixture
def layer(registry: Registry) -> Layer:
    return registry.layer("grid_fields")


@pytest.fixture
def row(conn: Connection, registry: Registry) -> list[int]:
    division(conn, registry, plot(0, 0, 3))
    return [
        field(conn, registry, n + 1, plot(n, 0), households=10 * (n + 1), population=30)
        for n in range(3)
    ]


def across(column: float) -> shapely.LineString:
    """A line from south to north through the row of fields."""
    west, south, east, north = plot(column, -0.1, 0, 1.2).bounds
    return shapely.LineString([(west, south), (east, north)])


def stored(conn: Connection, layer: Layer, feature_id: int) -> Put:
    ground = reshaping._stored(conn, layer, feature_id)
    return Put(ground.id, ground.values, ground.geometry)


def faults(conn: Connection, registry: Registry, layer: Layer) -> int:
    return topology.inspect(conn, registry, layer).errors


def test_a_field_is_split_and_the_new_part_has_the_first_free_code(
    conn: Connection, registry: Registry, layer: Layer, row: list[int]
) -> None:
    line = across(0.3)
    done = reshaping.split(conn, registry, layer, row[0], line, tolerance_m2=0.5)
    assert done.kept == row[0]
    kept, made = stored(conn, layer, done.kept), stored(conn, layer, done.made)
    assert same_ground(kept.geometry, plot(0.3, 0, 0.7))
    assert same_ground(made.geometry, plot(0, 0, 0.3))
    assert kept.values["code"] == values(1)["code"]
    assert kept.values["households"] == 10
    assert made.values["code"] == values(4)["code"]
    assert made.values["name"] == f"{kept.values['name']}（004）"
    assert made.values["leader"] == kept.values["leader"]
    assert made.values["households"] is made.values["population"] is None
    assert faults(conn, registry, layer) == 0


def test_the_parts_of_a_split_have_the_duties_of_the_whole(
    conn: Connection, registry: Registry, layer: Layer, row: list[int]
) -> None:
    done = reshaping.split(conn, registry, layer, row[0], across(0.3), tolerance_m2=0.5)
    names = conn.execute(
        sa.text("""
            SELECT p.name FROM duties d JOIN persons p ON p.id = d.person_id
            WHERE d.layer = 'grid_fields' AND d.feature = :made AND d.role = 'grid_leader'
        """),
        {"made": done.made},
    )
    assert [name for (name,) in names] == ["网格长1"]


def test_a_line_that_does_not_cut_changes_nothing(
    conn: Connection, registry: Registry, layer: Layer, row: list[int]
) -> None:
    with pytest.raises(Problem) as caught:
        reshaping.split(conn, registry, layer, row[0], across(2.5), tolerance_m2=0.5)
    assert caught.value.rule is SPLIT_REFUSED
    assert same_ground(stored(conn, layer, row[0]).geometry, plot(0, 0))


def test_a_neighbour_is_taken_in_and_what_both_count_is_added_up(
    conn: Connection, registry: Registry, layer: Layer, row: list[int]
) -> None:
    reshaping.merge(conn, registry, layer, row[1], row[0], tolerance_m2=0.5)
    whole = stored(conn, layer, row[1])
    assert same_ground(whole.geometry, plot(0, 0, 2))
    assert whole.values == values(2, households=30, population=60) | dict.fromkeys(
        ("deputy", "people_lead", "area_lead", "task_lead", "source")
    )
    with pytest.raises(Problem) as caught:
        stored(conn, layer, row[0])
    assert caught.value.rule is UNKNOWN_FEATURE
    assert faults(conn, registry, layer) == 0


def test_only_neighbours_of_the_same_division_are_merged(
    conn: Connection, registry: Registry, layer: Layer, row: list[int]
) -> None:
    division(conn, registry, plot(3, 0), WEST_STATION)
    abroad = field(conn, registry, 1, plot(3, 0), WEST_STATION)
    assert [part.id for part in reshaping.neighbours(conn, registry, layer, row[1])] == [
        row[0],
        row[2],
    ]
    assert [part.id for part in reshaping.neighbours(conn, registry, layer, row[2])] == [row[1]]
    for one, other in ((row[0], row[2]), (row[2], abroad), (row[0], row[0])):
        with pytest.raises(Problem) as caught:
            reshaping.merge(conn, registry, layer, one, other, tolerance_m2=0.5)
        assert caught.value.rule is JOIN_REFUSED


def test_a_common_border_moves_for_both_or_not_at_all(
    conn: Connection, registry: Registry, layer: Layer, row: list[int]
) -> None:
    first, second = (stored(conn, layer, each) for each in row[:2])
    both = [
        replace(first, geometry=plot(0, 0, 1.4)),
        reshaping.moved(conn, layer, row[1], plot(1.4, 0, 0.6)),
    ]
    assert both[1].values == second.values
    for alone in both:
        savepoint = conn.begin_nested()
        with pytest.raises(Problem) as caught:
            editing.apply(conn, registry, layer, Changes([alone]), tolerance_m2=0.5)
        assert caught.value.rule is COVERAGE_OPENED
        savepoint.rollback()
    editing.apply(conn, registry, layer, Changes(both), tolerance_m2=0.5)
    assert faults(conn, registry, layer) == 0


def test_what_comes_back_from_a_map_unmoved_has_not_changed(
    conn: Connection, registry: Registry, layer: Layer
) -> None:
    fine = shapely.transform(plot(0, 0), lambda xy: xy + 3.3e-9)
    division(conn, registry, fine)
    made = field(conn, registry, 1, fine)
    was = stored(conn, layer, made)
    drawn = replace(was, geometry=shapely.set_precision(was.geometry, 1e-7))
    assert not drawn.geometry.equals(was.geometry)
    assert reshaping.redrawn(conn, layer, drawn).geometry.equals(was.geometry)


def test_a_corner_put_on_a_neighbours_is_exactly_there(
    conn: Connection, registry: Registry, layer: Layer
) -> None:
    fine = shapely.transform(plot(1, 0), lambda xy: xy + 3.3e-9)
    field(conn, registry, 1, fine)
    new = Put(None, values(2), shapely.set_precision(plot(0, 0), 1e-7))
    beside = reshaping.redrawn(conn, layer, new).geometry
    assert shapely.coverage_is_valid([beside, fine])


def test_only_what_covers_ground_is_split_and_merged(conn: Connection, registry: Registry) -> None:
    yards = registry.layer("courtyards")
    assert not reshaping.can_split(yards)
    for refused in (
        lambda: reshaping.split(conn, registry, yards, 1, across(0.3), tolerance_m2=0.5),
        lambda: reshaping.merge(conn, registry, yards, 1, 2, tolerance_m2=0.5),
    ):
        with pytest.raises(Problem) as caught:
            refused()
        assert caught.value.rule is UNKNOWN_PARTITION
