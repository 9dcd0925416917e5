"""Faults of a coverage: found where they were planted and nowhere else, gone once mended."""

import json
from contextlib import suppress
from itertools import combinations

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from gis.coverage import check
from gis.errors import Problem
from gis.fault import Action, Kind, Severity, Suggestion
from gis.geometry import Geometries
from gis.mend import mend
from gis.refusals.coverage import COVERAGE_TOO_MANY, COVERAGE_UNFIT
from tests.gis.partitions import (
    EAST,
    FRAME,
    METRE,
    NORTH,
    SOUTH,
    STREETS,
    UNTIMED,
    WEST,
    Planted,
    all_mended,
    area_m2,
    array,
    assert_exactly,
    borders,
    only,
    partitions,
    plant,
    square,
    voronoi,
)


# --- a real partition -------------------------------------------------------------------------
@pytest.fixture(scope="module")
def streets() -> Geometries:
    if not STREETS.exists():
        pytest.skip("the 331 streets of ../shared/data are not at hand")
    features = json.loads(STREETS.read_text(encoding="utf-8"))["features"]
    return array(*(shapely.geometry.shape(feature["geometry"]) for feature in features))


def test_a_real_partition_has_no_fault(streets: Geometries) -> None:
    assert check(streets) == ()
    assert check(streets, within=shapely.coverage_union_all(streets)) == ()


def test_ten_planted_faults_are_found_and_mended(streets: Geometries) -> None:
    polygons, frame = streets.copy(), shapely.coverage_union_all(streets)
    planted: list[Planted] = []
    wanted = [
        (Kind.GAP, 15), (Kind.GAP, 80), (Kind.OVERLAP, 10), (Kind.OVERLAP, 60),
        (Kind.SLIVER_GAP, 0.4), (Kind.SLIVER_GAP, 0.1), (Kind.SLIVER_OVERLAP, 0.4),
        (Kind.SLIVER_OVERLAP, 0.2), (Kind.OUTSIDE, 40), (Kind.UNCOVERED, 40),
    ]  # fmt: skip
    used: list[BaseGeometry] = []
    for border in borders(streets, frame):
        kinds = [
            w for w in wanted if (border.other < 0) == (w[0] in {Kind.OUTSIDE, Kind.UNCOVERED})
        ]
        near = any(place.dwithin(border.line, 0.01) for place in used)
        if near or not kinds or border.line.length < 600 * METRE:
            continue
        if (found := plant(polygons, frame, border, *kinds[0])) is not None:
            planted.append(found)
            used.append(border.line)
            wanted.remove(kinds[0])
    assert wanted == []
    faults = check(polygons, within=frame)
    assert_exactly(faults, planted)
    assert check(all_mended(polygons, faults), within=frame) == ()


# --- random partitions ------------------------------------------------------------------------
@UNTIMED
@given(partitions())
def test_a_clean_partition_has_no_fault_also_when_rounded(cells: Geometries) -> None:
    assert check(cells) == ()
    assert check(cells, within=FRAME) == ()


@UNTIMED
@given(partitions(), st.data())
def test_a_planted_fault_is_found_and_mended(cells: Geometries, data: st.DataObject) -> None:
    lines = [border for border in borders(cells, FRAME) if border.line.length > 60 * METRE]
    assume(lines)
    border = data.draw(st.sampled_from(lines))
    if border.other < 0:
        kind = data.draw(st.sampled_from([Kind.OUTSIDE, Kind.UNCOVERED]))
    else:
        kind = data.draw(st.sampled_from([Kind.GAP, Kind.OVERLAP, Kind.SLIVER_GAP]))
    metres = data.draw(st.floats(0.1, 0.4) if kind is Kind.SLIVER_GAP else st.floats(3, 25))
    planted = plant(cells, FRAME, border, kind, metres)
    assume(planted is not None)
    faults = check(cells, within=FRAME)
    assert_exactly(faults, [planted])
    assert check(all_mended(cells, faults), within=FRAME) == ()


@UNTIMED
@given(st.integers(0, 2**32))
def test_random_heaps_agree_with_the_overlay_of_all_pairs(seed: int) -> None:
    random = np.random.default_rng(seed)
    corners = random.integers(0, 12, (random.integers(2, 10), 4, 2)) * 0.001 + (WEST, SOUTH)
    hulls = shapely.convex_hull(shapely.multipoints(corners))
    heap = hulls[shapely.get_type_id(hulls) == shapely.GeometryType.POLYGON]
    assume(len(heap) > 0 and len(np.unique(shapely.to_wkb(shapely.normalize(heap)))) == len(heap))
    faults = check(heap, tolerance_m2=0.01, noise_width_m=0)
    pairs: dict[tuple[int, ...], float] = {}
    for fault in faults:
        if fault.kind not in {Kind.GAP, Kind.SLIVER_GAP}:
            pairs[fault.polygons] = pairs.get(fault.polygons, 0) + fault.area_m2
    expected = {
        (i, j): area
        for i, j in combinations(range(len(heap)), 2)
        if (area := area_m2(heap[i].intersection(heap[j]))) > 0.1
    }
    assert {k: v for k, v in pairs.items() if v > 0.1} == pytest.approx(expected, rel=1e-5)
    gaps = sum(f.area_m2 for f in faults if f.kind in {Kind.GAP, Kind.SLIVER_GAP})
    union = shapely.union_all(heap)
    solid = shapely.union_all([shapely.Polygon(p.exterior) for p in shapely.get_parts(union)])
    assert gaps == pytest.approx(area_m2(solid) - area_m2(union), rel=1e-5, abs=0.1)


# --- each kind --------------------------------------------------------------------------------
def test_the_same_ground_twice_is_one_duplicate_of_all_its_copies() -> None:
    twice = square(0, 0)
    elsewhere_begun = shapely.Polygon([*list(twice.exterior.coords)[2:], twice.exterior.coords[1]])
    fault = only(check([square(1, 0), twice, elsewhere_begun.reverse(), twice]))
    assert (fault.kind, fault.polygons) == (Kind.DUPLICATE, (1, 2, 3))
    assert fault.suggestion == Suggestion(Action.NONE)
    assert fault.area_m2 == pytest.approx(area_m2(twice))


def test_the_same_ground_with_one_vertex_more_is_a_duplicate() -> None:
    fault = only(check([square(0, 0), square(0, 0).segmentize(0.0005)]))
    assert (fault.kind, fault.polygons) == (Kind.DUPLICATE, (0, 1))


def test_a_polygon_within_another_is_cut_out_of_the_outer_one() -> None:
    for order in ([square(0, 0, 3, 3), square(1, 1)], [square(1, 1), square(0, 0, 3, 3)]):
        fault = only(check(order))
        outer = int(np.argmax(shapely.area(order)))
        assert fault.kind is Kind.OVERLAP
        assert fault.suggestion == Suggestion(Action.CUT, loses=outer)
        assert check(all_mended(array(*order), (fault,))) == ()


def test_an_overlap_is_cut_from_the_later_unless_that_would_split_it() -> None:
    across = square(0.4, -1, 0.2, 3)
    assert only(check([square(0, 0), square(0.9, 0)])).suggestion.loses == 1
    assert only(check([across, square(0, 0)])).suggestion.action is Action.NONE
    across_the_edge = square(0.9, -1, 0.1, 3)
    assert only(check([square(0, 0), across_the_edge])).suggestion.loses == 0


def test_a_gap_goes_to_the_neighbour_with_the_longest_common_border() -> None:
    ring = [square(0, 0, 3, 1), square(0, 1, 1, 1), square(1.2, 1, 1.8, 1), square(0, 2, 3, 1)]
    fault = only(check(ring))
    assert fault.kind is Kind.GAP
    assert fault.polygons[:2] == (1, 2)
    assert set(fault.polygons) == {0, 1, 2, 3}
    assert fault.suggestion == Suggestion(Action.FILL, receives=1)
    after = all_mended(array(*ring), (fault,))
    assert check(after) == ()
    assert after[0] is not ring[1]
    assert [a is b for a, b in zip(after, ring, strict=True)] == [True, False, True, True]


def test_a_gap_as_large_as_a_polygon_is_left_to_people() -> None:
    ring = [square(0, 0, 5, 1), square(0, 1, 1, 3), square(4, 1, 1, 3), square(0, 4, 5, 1)]
    assert only(check(ring)).suggestion == Suggestion(Action.NONE)


def test_a_gap_around_an_island_is_measured_without_it() -> None:
    lake = square(0, 0, 6, 6).difference(square(2, 2, 2, 2))
    island = square(2.5, 2.5)
    fault = only(check([lake, island]))
    assert fault.area_m2 == pytest.approx(area_m2(square(2, 2, 2, 2)) - area_m2(island), rel=1e-6)
    assert fault.polygons == (0, 1)


def test_a_gap_open_to_the_outside_is_known_only_within_a_frame() -> None:
    row = [square(0, 0), square(1.1, 0)]
    assert check(row) == ()
    fault = only(check(row, within=square(0, 0, 2.1, 1)))
    assert fault.kind is Kind.UNCOVERED
    assert fault.area_m2 == pytest.approx(area_m2(square(1, 0, 0.1, 1)), rel=1e-6)


def test_holes_of_the_frame_are_no_gaps() -> None:
    pond = square(1, 1)
    ring = [square(0, 0, 3, 1), square(0, 1), square(2, 1), square(0, 2, 3, 1)]
    assert check(ring, within=square(0, 0, 3, 3).difference(pond)) == ()
    assert only(check(ring, within=square(0, 0, 3, 3))).kind is Kind.GAP


def test_ground_outside_the_frame_is_cut_and_a_polygon_far_off_is_left_to_people() -> None:
    row = array(square(0, 0), square(1, 0, 1.2, 1), square(7, 7))
    far, over = check(row, within=square(0, 0, 2, 1))
    assert (far.kind, far.polygons, far.suggestion.action) == (Kind.OUTSIDE, (2,), Action.NONE)
    assert (over.kind, over.suggestion) == (Kind.OUTSIDE, Suggestion(Action.CUT, loses=1))
    assert over.area_m2 == pytest.approx(area_m2(square(2, 0, 0.2, 1)), rel=1e-6)
    assert check(mend(row, over, over.suggestion), within=square(0, 0, 2, 1)) == (far,)


def test_no_polygons_leave_the_frame_uncovered() -> None:
    assert check([]) == ()
    fault = only(check([], within=FRAME))
    assert (fault.kind, fault.polygons) == (Kind.UNCOVERED, ())
    assert fault.area_m2 == pytest.approx(area_m2(FRAME), rel=1e-6)


def test_a_border_that_ends_in_the_middle_of_an_edge_is_no_fault() -> None:
    assert check([square(0, 0, 2, 1), square(0, 1), square(1, 1)]) == ()


def test_rounding_is_no_fault_and_a_strip_wider_than_it_is_a_sliver() -> None:
    long, step = shapely.box(WEST, SOUTH, EAST, SOUTH + 0.001), 1e-7
    for steps, kinds in ((0, []), (1, []), (5, [Kind.SLIVER_OVERLAP]), (-5, [Kind.UNCOVERED])):
        upper = shapely.box(WEST, SOUTH + 0.001 - steps * step, EAST, SOUTH + 0.002)
        faults = check([long, upper], within=shapely.box(WEST, SOUTH, EAST, SOUTH + 0.002))
        assert [fault.kind for fault in faults] == kinds
        assert all(fault.severity is not Severity.ERROR for fault in faults)


def test_the_width_for_slivers_decides_the_kind() -> None:
    row = [square(0, 0), square(0.98, 0)]
    fault = only(check(row))
    assert (fault.kind, fault.severity) == (Kind.OVERLAP, Severity.ERROR)
    assert fault.width_m == pytest.approx(1.8, abs=0.1)
    fault = only(check(row, sliver_width_m=3))
    assert (fault.kind, fault.severity) == (Kind.SLIVER_OVERLAP, Severity.WARNING)
    assert fault.suggestion.action is Action.SNAP


def test_what_is_within_the_tolerance_is_passed_over() -> None:
    row = [square(0, 0), square(0.98, 0)]
    area = only(check(row)).area_m2
    assert check(row, tolerance_m2=area + 1) == ()


def test_cracks_between_all_polygons_are_divided_among_them() -> None:
    cells = voronoi(np.random.default_rng(7), 40)
    shrunk = shapely.buffer(cells, -0.05 * METRE, join_style="mitre")
    faults = check(shrunk, within=FRAME)
    assert len(faults) > 20
    assert {fault.suggestion.action for fault in faults} == {Action.SNAP}
    missing = area_m2(FRAME) - sum(area_m2(cell) for cell in shrunk)
    assert sum(fault.area_m2 for fault in faults) == pytest.approx(missing, rel=0.01)
    assert check(all_mended(shrunk, faults), within=FRAME) == ()


def test_a_gap_among_cracks_of_rounding_is_found_by_itself() -> None:
    cells = voronoi(np.random.default_rng(7), 40)
    cracked = shapely.buffer(cells, -0.003 * METRE, join_style="mitre")
    border = max((b for b in borders(cells, FRAME) if b.other >= 0), key=lambda b: b.line.length)
    hole = border.line.interpolate(0.5, normalized=True).buffer(5 * METRE)
    cracked[border.one] = cracked[border.one].difference(hole)
    fault = only(check(cracked, within=FRAME))
    assert fault.kind is Kind.GAP
    assert fault.polygons == (border.one, border.other)
    assert fault.area_m2 == pytest.approx(area_m2(hole.intersection(cells[border.one])), rel=0.01)


def test_polygons_drawn_one_by_one_come_to_fit_and_stay_in_one_piece() -> None:
    random = np.random.default_rng(7)
    cells = voronoi(random, 40).copy()
    for k, cell in enumerate(cells):
        ring = shapely.get_coordinates(cell.segmentize(30 * METRE))[:-1]
        cells[k] = shapely.Polygon(ring + random.uniform(-0.3, 0.3, ring.shape) * METRE)
    assert len(check(cells, within=FRAME)) > 100
    for _ in range(3):
        for fault in check(cells, within=FRAME):
            with suppress(Problem):  # an earlier mend may have settled it
                cells = mend(cells, fault, fault.suggestion)
    assert check(cells, within=FRAME) == ()
    assert set(shapely.get_type_id(cells)) == {shapely.GeometryType.POLYGON}


def test_without_any_limit_the_smallest_faults_are_found() -> None:
    row = [square(0, 0), square(1 - 1e-6, 0), square(2, 0)]
    fault = only(check(row, tolerance_m2=0, noise_width_m=0))
    assert fault.area_m2 == pytest.approx(area_m2(square(1 - 1e-6, 0, 1e-6, 1)), rel=0.01)


# --- refusals ---------------------------------------------------------------------------------
def test_geometries_that_cannot_be_checked_are_named_by_row() -> None:
    bow_tie = shapely.Polygon([(101.8, 36.6), (101.81, 36.61), (101.81, 36.6), (101.8, 36.61)])
    metres = shapely.box(500_000, 4_054_000, 500_100, 4_054_100)
    broken = [square(0, 0), bow_tie, None, shapely.Point(101.8, 36.6), shapely.Polygon(), metres]
    with pytest.raises(Problem) as refused:
        check(broken)
    assert refused.value.rule is COVERAGE_UNFIT
    assert [(finding.row, finding.rule.slug) for finding in refused.value.findings] == [
        (2, "geometry-invalid"),
        (3, "geometry-missing"),
        (4, "geometry-type"),
        (5, "geometry-missing"),
        (6, "geometry-outside"),
    ]
    with pytest.raises(Problem):
        check([square(0, 0)], within=bow_tie)


def test_polygons_that_pile_up_are_refused_instead_of_filling_the_memory() -> None:
    heap = shapely.box(WEST, SOUTH, EAST + 1e-6 * np.arange(400), NORTH)
    with pytest.raises(Problem) as refused:
        check(heap)
    assert refused.value.rule is COVERAGE_TOO_MANY
    with pytest.raises(Problem):
        check(heap[:150])
