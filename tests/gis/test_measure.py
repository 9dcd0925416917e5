"""Areas and lengths against pyproj's Geod, which computes each geometry exactly on its own."""

import json
from collections.abc import Callable

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from gis.measure import Floats, areas_m2, drawn_areas_m2, lengths_m, metres_per_degree
from tests.gis.partitions import GEOD, STREETS, UNTIMED

# What Geod itself loses to rounding on a polygon of a few edges.
GEOD_NOISE_M2 = 0.001


def exact_area_m2(geometry: BaseGeometry) -> float:
    polygons = shapely.orient_polygons(shapely.get_parts(geometry))
    return sum(abs(GEOD.geometry_area_perimeter(polygon)[0]) for polygon in polygons)


@st.composite
def rings(draw: st.DrawFn, largest_deg: float = 0.5) -> shapely.Polygon:
    """A ring around a centre, of a few metres up to `largest_deg`."""
    lon, lat = draw(st.floats(-170, 170)), draw(st.floats(-75, 75))
    size = 10 ** draw(st.floats(-4, np.log10(largest_deg)))
    count = draw(st.integers(3, 12))
    reach = draw(st.lists(st.floats(0.3, 1), min_size=count, max_size=count))
    turn = 2 * np.pi * np.arange(count) / count
    east, north = np.cos(turn) * reach, np.sin(turn) * reach
    return shapely.Polygon(np.stack([lon + size * east, lat + size * north], axis=1))


@UNTIMED
@given(st.lists(rings(), max_size=5))
def test_areas_are_those_of_geodesic_edges(polygons: list[shapely.Polygon]) -> None:
    exact = [exact_area_m2(polygon) for polygon in polygons]
    assert areas_m2(polygons) == pytest.approx(exact, rel=1e-9, abs=GEOD_NOISE_M2)


@UNTIMED
@given(rings(largest_deg=0.2))
def test_drawn_areas_are_those_of_many_short_edges(polygon: shapely.Polygon) -> None:
    dense = shapely.segmentize(polygon, 1e-4)
    assert drawn_areas_m2([polygon])[0] == pytest.approx(
        exact_area_m2(dense), rel=1e-6, abs=GEOD_NOISE_M2
    )


@UNTIMED
@given(rings(largest_deg=0.2), st.floats(0.1, 0.9))
def test_drawn_areas_of_the_parts_add_up_to_the_whole(polygon: shapely.Polygon, at: float) -> None:
    west, south, east, north = polygon.bounds
    middle = west + at * (east - west)
    parts = [
        polygon.intersection(shapely.box(west, south, middle, north)),
        polygon.intersection(shapely.box(middle, south, east, north)),
    ]
    whole = drawn_areas_m2([polygon])[0]
    assert drawn_areas_m2(parts).sum() == pytest.approx(whole, rel=1e-10, abs=1e-4)


def test_areas_of_real_streets_are_exact() -> None:
    if not STREETS.exists():
        pytest.skip("the 331 streets of ../shared/data are not at hand")
    features = json.loads(STREETS.read_text(encoding="utf-8"))["features"]
    streets = [shapely.geometry.shape(feature["geometry"]) for feature in features]
    exact = [exact_area_m2(street) for street in streets]
    assert areas_m2(streets) == pytest.approx(exact, rel=1e-9)


def test_long_edges_and_the_far_north_are_exact_too() -> None:
    polygons = [
        shapely.box(0, 0, 50, 50),
        shapely.box(100, 82, 101, 85),
        shapely.Polygon([(179.5, 10), (-179.5, 10), (-179.5, 11), (179.5, 11)]),
    ]
    exact = [exact_area_m2(polygon) for polygon in polygons]
    assert areas_m2(polygons) == pytest.approx(exact, rel=1e-12)


def test_a_thin_strip_keeps_its_relative_exactness() -> None:
    strip = shapely.Polygon([(101.8, 36.6), (101.82, 36.605), (101.81, 36.6025001)])
    assert areas_m2([strip])[0] == pytest.approx(exact_area_m2(strip), rel=1e-4)
    # As drawn it is a triangle of 2.2 km and a height of 1 cm; geodesics bend further than that.
    assert drawn_areas_m2([strip])[0] == pytest.approx(9.93, rel=0.01)


def test_holes_count_off_whichever_way_rings_turn() -> None:
    shell, hole = shapely.box(101.8, 36.6, 101.9, 36.7), shapely.box(101.84, 36.64, 101.86, 36.66)
    expected = exact_area_m2(shell) - exact_area_m2(hole)
    for outer in (shell.exterior, shell.exterior.reverse()):
        for inner in (hole.exterior, hole.exterior.reverse()):
            polygon = shapely.Polygon(outer, [inner])
            assert areas_m2([polygon])[0] == pytest.approx(expected, rel=1e-9)


def test_collections_add_up_and_what_has_no_area_has_none() -> None:
    square = shapely.box(101.8, 36.6, 101.81, 36.61)
    line = shapely.LineString([(101.8, 36.6), (101.81, 36.6)])
    collection = shapely.GeometryCollection([shapely.MultiPolygon([square]), line])
    geometries = [None, shapely.Point(1, 2), shapely.Polygon(), line, square, collection]
    area, length = exact_area_m2(square), GEOD.geometry_length(line)
    assert areas_m2(geometries) == pytest.approx([0, 0, 0, 0, area, area])
    perimeter = GEOD.geometry_length(square.exterior)
    assert lengths_m(geometries) == pytest.approx([0, 0, 0, length, perimeter, perimeter + length])


@pytest.mark.parametrize("measure", [areas_m2, drawn_areas_m2, lengths_m])
def test_nothing_measures_nothing(measure: Callable[[list[None]], Floats]) -> None:
    assert measure([]).shape == (0,)
    assert measure([None]).dtype == np.float64


def test_lengths_include_holes() -> None:
    polygon = shapely.box(101.8, 36.6, 101.9, 36.7).difference(
        shapely.box(101.84, 36.64, 101.86, 36.66)
    )
    exact = sum(GEOD.geometry_length(ring) for ring in (polygon.exterior, *polygon.interiors))
    assert lengths_m([polygon])[0] == pytest.approx(exact, rel=1e-12)


def test_metres_per_degree_agree_with_short_geodesics() -> None:
    latitudes = np.array([0.0, 36.62, -60.0])
    step = 1e-4
    east = GEOD.inv(np.zeros(3), latitudes, np.full(3, step), latitudes)[2] / step
    north = GEOD.inv(np.zeros(3), latitudes - step / 2, np.zeros(3), latitudes + step / 2)[2] / step
    assert metres_per_degree(latitudes) == pytest.approx(np.stack([east, north], axis=1), rel=1e-6)
