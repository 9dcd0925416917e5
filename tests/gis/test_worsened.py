"""A change is held against what was there: only what it makes worse counts."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from gis.fault import Fault, Kind
from gis.measure import drawn_areas_m2
from gis.worsened import Change, Ground, worsened
from tests.gis.partitions import FRAME, UNTIMED, array, only, partitions, square

NOTHING = array()


def kinds(faults: tuple[Fault, ...]) -> list[Kind]:
    return [fault.kind for fault in faults]


def same(found: BaseGeometry, expected: BaseGeometry) -> bool:
    return bool(drawn_areas_m2([found.symmetric_difference(expected)])[0] < 0.01)


def test_indices_count_what_stays_and_then_what_comes_which_is_to_give_way() -> None:
    change = Change(array(square(5, 5), square(1, 0)), array(square(0, 0)), array(square(0.3, 0)))
    fault = only(worsened(change))
    assert (fault.kind, fault.polygons) == (Kind.OVERLAP, (1, 2))
    assert same(fault.geometry, square(1, 0, 0.3).intersection(square(0.3, 0)))
    assert fault.suggestion.loses == 2
    inside = Change(array(square(1, 0)), NOTHING, array(square(1.2, 0.2, 0.5)))
    assert only(worsened(inside)).suggestion.loses == 0


def test_owned_ground_that_was_covered_must_stay_so() -> None:
    change = Change(array(square(1, 0)), array(square(0, 0)), array(square(0.4, 0, 0.6)))
    assert worsened(change) == ()
    fault = only(worsened(change, Ground(owned=square(0, 0, 2))))
    assert (fault.kind, fault.polygons) == (Kind.UNCOVERED, (1,))
    assert same(fault.geometry, square(0, 0, 0.4))
    half = only(worsened(change, Ground(owned=square(0.2, 0, 2))))
    assert same(half.geometry, square(0.2, 0, 0.2))
    free = Ground(owned=square(0, 0, 2), free=square(-1, 0, 1.4))
    assert worsened(change, free) == ()


def test_a_gap_that_grows_is_told_with_what_it_has_grown_by() -> None:
    ring = array(*(square(c, r) for r in range(3) for c in range(3) if (c, r) != (1, 1)))
    inner = ring[3]
    smaller = Change(np.delete(ring, 3), array(inner), array(square(0, 1, 0.5)))
    fault = only(worsened(smaller))
    assert fault.kind is Kind.GAP
    assert same(fault.geometry, square(0.5, 1, 0.5))


def test_ground_wrong_twice_counts_twice() -> None:
    """Two shared it; now three do, and the one that came was no part of it."""
    third = Change(array(square(0, 0), square(0.5, 0)), NOTHING, array(square(0.5, 0, 0.4)))
    assert kinds(worsened(third)) == [Kind.OVERLAP, Kind.OVERLAP]


def test_who_takes_the_place_of_another_in_an_overlap_makes_nothing_worse() -> None:
    change = Change(
        array(square(0.5, 0)), array(square(0, 0)), array(square(0, 0, 0.6), square(0.6, 0, 0.4))
    )
    assert worsened(change) == ()


@pytest.mark.parametrize("tolerance_m2", [0.5, 50.0])
def test_the_limits_are_those_of_the_check(tolerance_m2: float) -> None:
    wide = square(0, 0, 1.001)  # about 10 m²
    change = Change(array(square(1, 0)), array(square(0, 0)), array(wide))
    assert len(worsened(change, tolerance_m2=tolerance_m2)) == (tolerance_m2 < 10)
    noise = Change(array(square(1, 0)), array(square(0, 0)), array(square(0, 0, 1.0001)))
    assert worsened(noise, tolerance_m2=0) == ()


@UNTIMED
@given(partitions(), st.data())
def test_taking_away_is_a_loss_and_putting_back_is_none(cells: object, data: st.DataObject) -> None:
    polygons = np.asarray(cells)
    n = data.draw(st.integers(0, len(polygons) - 1))
    kept, one = np.delete(polygons, n), polygons[n : n + 1]
    ground = Ground(owned=FRAME)
    assert worsened(Change(kept, one, one), ground) == ()
    assert worsened(Change(kept, NOTHING, one), ground) == ()
    lost = worsened(Change(kept, one, NOTHING), ground)
    area_m2 = float(drawn_areas_m2(one)[0])
    if area_m2 > 100:
        assert sum(fault.area_m2 for fault in lost) == pytest.approx(area_m2, rel=0.01)
        twice = worsened(Change(polygons, NOTHING, one), ground)
        assert kinds(twice) == [Kind.DUPLICATE]


@UNTIMED
@given(partitions(), st.data())
def test_merging_two_neighbours_opens_nothing(cells: object, data: st.DataObject) -> None:
    polygons = np.asarray(cells)
    n = data.draw(st.integers(0, len(polygons) - 1))
    others = [k for k in range(len(polygons)) if k != n and polygons[k].touches(polygons[n])]
    k = data.draw(st.sampled_from(others or [n]))
    pair = polygons[[n, k]] if k != n else polygons[[n]]
    kept = np.delete(polygons, [n, k])
    merged = array(shapely.union_all(pair))
    assert worsened(Change(kept, pair, merged), Ground(owned=FRAME)) == ()
