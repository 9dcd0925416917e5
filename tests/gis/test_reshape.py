"""Polygons are cut and joined without a hair between them; corners that did not move stay."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from gis.errors import Problem
from gis.refusals.coverage import JOIN_REFUSED, SPLIT_REFUSED
from gis.reshape import cut, joined, settled

UNIT = shapely.box(101.80, 36.60, 101.81, 36.61)


def holes(ground: BaseGeometry) -> int:
    return int(shapely.get_num_interior_rings(ground))


def line(*corners: tuple[float, float]) -> shapely.LineString:
    """In thousandths of a degree from the corner of UNIT."""
    return shapely.LineString([(101.80 + x / 1000, 36.60 + y / 1000) for x, y in corners])


def test_both_parts_have_the_same_corners_along_the_cut() -> None:
    larger, smaller = cut(UNIT, line((3, -1), (3.3, 4), (3, 11)))
    assert larger.area > smaller.area
    assert shapely.coverage_is_valid([larger, smaller])
    assert shapely.union(larger, smaller).equals(UNIT)


@pytest.mark.parametrize("short", [0.0, 0.004, -0.004])
def test_a_line_that_ends_on_the_border_or_a_little_short_of_it_cuts(short: float) -> None:
    larger, smaller = cut(UNIT, line((3, short), (3, 10 - short)))
    assert shapely.coverage_is_valid([larger, smaller])
    assert smaller.area == pytest.approx(0.3 * UNIT.area)


@pytest.mark.parametrize(
    ("drawn", "parts"),
    [
        (line((3, 3), (4, 4)), 1),
        (line((-3, -3), (-4, -4)), 1),
        (line((3, 3), (3, 3)), 1),
        (line((3, -1), (3, 11), (6, 11), (6, -1)), 3),
    ],
)
def test_a_line_that_does_not_make_two_is_refused(drawn: shapely.LineString, parts: int) -> None:
    with pytest.raises(Problem) as caught:
        cut(UNIT, drawn)
    assert caught.value.rule is SPLIT_REFUSED
    assert caught.value.values == {"parts": parts}


def test_a_hole_stays_a_hole_and_can_be_cut_through() -> None:
    holed = UNIT - shapely.box(101.804, 36.604, 101.806, 36.606)
    beside = cut(holed, line((2, -1), (2, 11)))
    assert [holes(part) for part in beside] == [1, 0]
    through = cut(holed, line((5, -1), (5, 11)))
    assert [holes(part) for part in through] == [0, 0]
    for parts in (beside, through):
        assert shapely.union_all(parts).equals(holed)


def test_parts_that_are_not_met_stay_with_the_larger_one() -> None:
    far = shapely.box(101.83, 36.60, 101.831, 36.601)
    larger, smaller = cut(shapely.MultiPolygon([UNIT, far]), line((3, -1), (3, 11)))
    assert shapely.get_num_geometries(larger) == 2
    assert shapely.contains(larger, far)
    assert smaller.geom_type == "Polygon"


@given(st.floats(0.5, 9.5), st.floats(0.5, 9.5))
def test_what_is_cut_and_joined_again_is_what_it_was(south: float, north: float) -> None:
    joint = joined(cut(UNIT, line((south, -1), (north, 11))))
    assert joint.geom_type == "Polygon"
    assert joint.symmetric_difference(UNIT).area < 1e-14


def test_what_only_touches_at_a_corner_is_not_joined() -> None:
    for other in (shapely.box(101.81, 36.61, 101.82, 36.62), shapely.box(101.9, 36, 102, 36.1)):
        with pytest.raises(Problem) as caught:
            joined([UNIT, other])
        assert caught.value.rule is JOIN_REFUSED


def test_no_hair_is_left_where_a_border_was_rounded() -> None:
    other = shapely.Polygon(
        [(101.81, 36.60), (101.82, 36.60), (101.82, 36.61), (101.81, 36.61), (101.8100001, 36.605)]
    )
    joint = joined([UNIT, other])
    assert joint.geom_type == "Polygon"
    assert holes(joint) == 0


def test_corners_that_came_back_as_they_were_sent_are_the_stored_ones() -> None:
    stored = shapely.Polygon(
        [(101.80000001234, 36.6), (101.81, 36.60000004321), (101.81, 36.61), (101.8, 36.61)]
    )
    sent = shapely.set_precision(stored, 1e-7)
    corners = shapely.get_coordinates(sent)
    assert not np.array_equal(corners, shapely.get_coordinates(stored.normalize()))
    (back,) = settled(np.array([sent]), np.array([stored]))
    assert back.equals(stored)
    moved = shapely.transform(sent, lambda xy: np.where(xy == 36.61, 36.62, xy))
    (drawn,) = settled(np.array([moved]), np.array([stored]))
    assert drawn.bounds == (101.8, 36.6, 101.81, 36.62)
    assert 101.80000001234 in shapely.get_coordinates(drawn)
