"""Polygons drawn or written wrongly: mended where only one ground can be meant, else refused."""

from itertools import product

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from gis.errors import Problem, Rule
from gis.measure import areas_m2, drawn_areas_m2
from gis.refusals.coverage import GEOMETRY_AMBIGUOUS
from gis.repair import Step, repair, repair_rings
from tests.gis.partitions import UNTIMED

Points = list[tuple[float, float]]

FIELD = [(101.80, 36.60), (101.81, 36.60), (101.81, 36.61), (101.80, 36.61), (101.80, 36.60)]
POND = [
    (101.802, 36.602),
    (101.806, 36.602),
    (101.806, 36.606),
    (101.802, 36.606),
    (101.802, 36.602),
]
ISLE = [
    (101.803, 36.603),
    (101.804, 36.603),
    (101.804, 36.604),
    (101.803, 36.604),
    (101.803, 36.603),
]
WITH_POND = shapely.Polygon(FIELD, [POND])


def area_m2(geometry: BaseGeometry) -> float:
    return float(areas_m2([geometry])[0])


def same_ground(one: BaseGeometry, other: BaseGeometry) -> bool:
    return area_m2(shapely.symmetric_difference(one, other)) < 0.01


def test_a_hole_read_as_a_part_is_a_hole_again_where_make_valid_fills_it() -> None:
    read = shapely.MultiPolygon([shapely.Polygon(FIELD), shapely.Polygon(POND)])
    filled = shapely.make_valid(read, method="structure", keep_collapsed=False)
    assert area_m2(filled) == pytest.approx(area_m2(shapely.Polygon(FIELD)))
    mended = repair(read)
    assert mended.geometry.equals(WITH_POND)
    assert mended.steps == (Step.TURNED, Step.REBUILT)
    assert mended.area_after_m2 == pytest.approx(area_m2(WITH_POND))
    assert mended.area_before_m2 == pytest.approx(area_m2(filled) + area_m2(shapely.Polygon(POND)))


@pytest.mark.parametrize("turns", list(product((1, -1), repeat=3)))
@pytest.mark.parametrize("closed", [True, False])
def test_bare_rings_mean_the_same_ground_however_they_turn(
    turns: tuple[int, ...], *, closed: bool
) -> None:
    given = [ring[:: turns[k]] for k, ring in enumerate((POND, FIELD, ISLE))]
    mended = repair_rings(ring if closed else ring[:-1] for ring in given)
    expected = WITH_POND.union(shapely.Polygon(ISLE))
    assert mended.geometry.equals(expected)
    assert mended.area_after_m2 == pytest.approx(area_m2(expected))
    assert (Step.CLOSED in mended.steps) is not closed
    assert (Step.TURNED in mended.steps) is (turns[0] == turns[1])
    assert Step.REBUILT not in mended.steps


def test_a_hole_grouped_with_the_wrong_part_goes_to_its_own() -> None:
    far = [(lon + 0.02, lat) for lon, lat in FIELD]
    wrong = shapely.MultiPolygon([shapely.Polygon(far, [POND]), shapely.Polygon(FIELD)])
    mended = repair(wrong)
    assert mended.geometry.equals(WITH_POND.union(shapely.Polygon(far)))
    assert Step.REBUILT in mended.steps


def test_an_island_given_as_a_second_hole_is_ground() -> None:
    mended = repair(shapely.Polygon(FIELD, [POND, ISLE]))
    assert mended.geometry.equals(WITH_POND.union(shapely.Polygon(ISLE)))


def test_parts_that_share_an_edge_become_one() -> None:
    east = shapely.box(101.81, 36.60, 101.82, 36.61)
    mended = repair(shapely.MultiPolygon([shapely.Polygon(FIELD), east]))
    assert mended.geometry.equals(shapely.box(101.80, 36.60, 101.82, 36.61))
    assert mended.steps == (Step.REBUILT,)


def test_a_hole_that_shares_an_edge_with_its_outer_ring_opens_it() -> None:
    bay = shapely.box(101.80, 36.603, 101.805, 36.606)
    mended = repair(shapely.Polygon(FIELD, [bay.exterior]))
    assert mended.geometry.equals(shapely.Polygon(FIELD).difference(bay))


def test_a_ring_that_touches_itself_becomes_an_outer_ring_and_a_hole() -> None:
    inward = [(101.80, 36.60), (101.803, 36.603), (101.803, 36.606), (101.806, 36.603)]
    ring = [(101.80, 36.60), (101.81, 36.60), (101.81, 36.61), (101.80, 36.61), *inward]
    mended = repair(shapely.Polygon(ring))
    assert mended.steps == (Step.REBUILT,)
    assert mended.geometry.equals(shapely.Polygon(FIELD).difference(shapely.Polygon(inward)))


def test_a_spike_is_no_ground() -> None:
    spiked = [*FIELD[:2], (101.83, 36.60), *FIELD[1:]]
    mended = repair(shapely.Polygon(spiked))
    assert mended.geometry.equals(shapely.Polygon(FIELD))
    assert mended.area_after_m2 == pytest.approx(mended.area_before_m2)


def test_repeated_points_and_rings_without_area_are_dropped() -> None:
    twice = [point for point in FIELD for _ in range(2)]
    assert repair(shapely.Polygon(twice)).steps == (Step.POINTS,)
    assert len(repair(shapely.Polygon(twice)).geometry.exterior.coords) == 5
    mended = repair_rings(
        [twice, [(101.802, 36.602)] * 4, [(101.803, 36.603), (101.804, 36.604)], []]
    )
    assert mended.geometry.equals(shapely.Polygon(FIELD))
    assert mended.steps == (Step.POINTS, Step.RINGS)


def test_a_loop_of_some_centimetres_is_no_dispute() -> None:
    cm = 1e-7
    overshot = [*FIELD[:3], (101.80 - cm, 36.61), (101.80, 36.61 + cm)]
    assert not shapely.Polygon(overshot).is_valid
    mended = repair(shapely.Polygon(overshot))
    assert same_ground(mended.geometry, shapely.Polygon(FIELD))
    with pytest.raises(Problem, match="geometry-ambiguous"):
        repair(
            shapely.Polygon([*FIELD[:3], (101.80 - 100 * cm, 36.61), (101.80, 36.61 + 100 * cm)])
        )


def test_a_valid_polygon_is_left_as_it_is_but_for_its_turning() -> None:
    mended = repair(WITH_POND)
    assert (mended.geometry, mended.steps) == (shapely.orient_polygons(WITH_POND), (Step.TURNED,))
    proper = shapely.orient_polygons(WITH_POND)
    assert repair(proper).steps == ()
    assert repair(shapely.orient_polygons(WITH_POND, exterior_cw=True)).steps == ()
    assert mended.geometry.exterior.is_ccw


SW, SE, NE, NW = FIELD[:4]
MIDDLE = (101.805, 36.605)
BOW_TIE = [SW, NE, SE, NW]
BOW_TIE_WITH_NODE = [SW, MIDDLE, NE, SE, MIDDLE, NW]
TWICE_AROUND = [SW, SE, NE, NW, SW, SE, NE, NW]
LOOP_INSIDE = [SW, SE, NE, (101.804, 36.604), (101.804, 36.608), (101.81, 36.602), NW]


@pytest.mark.parametrize("ring", [BOW_TIE, BOW_TIE_WITH_NODE, TWICE_AROUND, LOOP_INSIDE])
def test_a_ring_that_may_mean_two_grounds_is_refused_with_its_place(ring: Points) -> None:
    for attempt in (lambda: repair(shapely.Polygon(ring)), lambda: repair_rings([ring])):
        with pytest.raises(Problem) as refused:
            attempt()
        assert refused.value.rule is GEOMETRY_AMBIGUOUS
        assert 101.80 <= float(str(refused.value.values["lon"])) <= 101.81
        assert 36.60 <= float(str(refused.value.values["lat"])) <= 36.61


def test_rings_that_cross_or_repeat_are_refused_with_their_place() -> None:
    moved = [(lon + 0.005, lat + 0.005) for lon, lat in FIELD]
    for rings, reason in (([FIELD, moved], "cross"), ([FIELD, POND, POND], "twice")):
        with pytest.raises(Problem) as refused:
            repair(shapely.MultiPolygon([shapely.Polygon(ring) for ring in rings]))
        assert refused.value.rule is GEOMETRY_AMBIGUOUS
        assert reason in refused.value.sentence("en")
        assert "101.80" in refused.value.sentence("zh")


@pytest.mark.parametrize(
    ("rings", "slug"),
    [
        ([], "geometry-ambiguous"),
        ([[]], "geometry-ambiguous"),
        ([[(101.8, 36.6), (101.9, 36.7)]], "geometry-ambiguous"),
        ([[(101.8, 36.6), (101.9, 36.7), (102.0, 36.8)]], "geometry-ambiguous"),
        ([FIELD] * 1001, "geometry-ambiguous"),
        ([[(np.nan, 36.6), *FIELD]], "geometry-outside"),
        ([[(np.inf, 36.6), *FIELD]], "geometry-outside"),
        ([[(500_000, 4_054_000), *FIELD]], "geometry-outside"),
    ],
)
def test_rings_without_ground_are_refused(rings: list[Points], slug: str) -> None:
    with pytest.raises(Problem, match=slug):
        repair_rings(rings)


@pytest.mark.parametrize(
    ("geometry", "slug"),
    [
        (None, "geometry-missing"),
        (shapely.Polygon(), "geometry-missing"),
        (shapely.Point(101.8, 36.6), "geometry-type"),
        (shapely.box(500_000, 4_054_000, 500_100, 4_054_100), "geometry-outside"),
    ],
)
def test_what_is_no_polygon_is_refused_as_by_the_check(
    geometry: BaseGeometry | None, slug: str
) -> None:
    with pytest.raises(Problem, match=slug):
        repair(geometry)


def test_a_repair_says_what_was_done() -> None:
    mended = repair(shapely.MultiPolygon([shapely.Polygon(FIELD), shapely.Polygon(POND)]))
    areas = f"{mended.area_before_m2:.2f} → {mended.area_after_m2:.2f} m²"
    assert mended.sentence("zh") == f"洞与外环同向，已改正；按奇偶规则重新组合了环：{areas}"
    assert mended.sentence("en").endswith(f"by the even-odd rule: {areas}")


def star(lon: float, lat: float, reach: list[float]) -> shapely.Polygon:
    turn = 2 * np.pi * np.arange(len(reach)) / len(reach)
    east, north = np.cos(turn) * reach, np.sin(turn) * reach
    return shapely.Polygon(np.stack([lon + east, lat + north], axis=1))


@st.composite
def nested(draw: st.DrawFn) -> list[shapely.Polygon]:
    """Grounds side by side, each with rings within rings; even-odd from the outside in."""
    grounds = []
    for column in range(draw(st.integers(1, 3))):
        size = 0.01
        for _ in range(draw(st.integers(1, 4))):
            reach = draw(st.lists(st.floats(0.7, 1), min_size=8, max_size=12))
            grounds.append(star(101.8 + column * 0.03, 36.6, [size * far for far in reach]))
            size *= 0.4
    return grounds


@UNTIMED
@given(nested(), st.data())
def test_scrambled_rings_give_the_ground_back(
    grounds: list[shapely.Polygon], data: st.DataObject
) -> None:
    expected = grounds[0]
    for ground in grounds[1:]:
        expected = expected.symmetric_difference(ground)
    rings = []
    for ground in data.draw(st.permutations(grounds)):
        points = list(ground.exterior.coords)[:-1]
        begin = data.draw(st.integers(0, len(points) - 1))
        points = [*points[begin:], *points[:begin]][:: data.draw(st.sampled_from([1, -1]))]
        rings.append([*points, points[0]] if data.draw(st.booleans()) else points)
    assert same_ground(repair_rings(rings).geometry, expected)
    as_parts = shapely.MultiPolygon([shapely.Polygon(ring) for ring in rings])
    assert same_ground(repair(as_parts).geometry, expected)
    as_holes = shapely.Polygon(rings[0], rings[1:])
    assert same_ground(repair(as_holes).geometry, expected)


def rule_or_ground(ring: Points) -> Rule | BaseGeometry:
    try:
        return repair_rings([ring]).geometry
    except Problem as refused:
        return refused.rule


@UNTIMED
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=9))
def test_any_ring_is_repaired_to_valid_ground_or_refused(corners: list[tuple[int, int]]) -> None:
    ring = [(101.8 + x * 0.001, 36.6 + y * 0.001) for x, y in corners]
    found = rule_or_ground(ring)
    if isinstance(found, Rule):
        assert found is GEOMETRY_AMBIGUOUS
    else:
        assert found.is_valid
        inside, around = drawn_areas_m2([found, shapely.Polygon(ring)])
        assert inside == pytest.approx(around, abs=0.02)
