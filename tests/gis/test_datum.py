"""GCJ-02 and BD-09 against two published libraries and a plain reading of the formulas."""

import math
from itertools import permutations

import geocoordinates_ffi as geocoordinates
import geopandas as gpd
import numpy as np
import prcoords
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod

from gis import datum
from gis.datum import Datum, convert, convert_frame, convert_geometries
from gis.errors import Problem
from gis.refusals.coordinates import DATUM_NEEDS_LONLAT

WGS84, GCJ02, BD09 = Datum
WEST, SOUTH, EAST, NORTH = 72.004, 0.8293, 137.8347, 55.8271
DIRECTIONS = list(permutations(Datum, 2))
PLACES = {
    "Chengdu": (104.0657, 30.6595),
    "Xining": (101.83, 36.62),
    "Sansha": (112.3386, 16.8310),
    "Zengmu": (112.28, 3.97),
    "Mohe": (122.3386, 53.4887),
    "Kashgar": (75.98, 39.47),
    "Fuyuan": (134.77, 48.36),
}
GEOD = Geod(ellps="WGS84")

box_lon = st.floats(WEST, EAST)
box_lat = st.floats(SOUTH, NORTH)


def metres(a, b):
    """The longest geodesic distance between points of two arrays."""
    lon_a, lat_a, lon_b, lat_b = np.broadcast_arrays(*map(np.atleast_1d, (*a, *b)))
    return float(GEOD.inv(lon_a, lat_a, lon_b, lat_b)[2].max())


def random_points(count, seed=20170721):
    rng = np.random.default_rng(seed)
    return rng.uniform(73.5, 135.1, count), rng.uniform(3.4, 53.6, count)


def plain_gcj02(lon, lat):
    """The published formula, written down term by term."""
    x, y, pi, sin = lon - 105, lat - 35, math.pi, math.sin
    s = 2 / 3 * (20 * sin(6 * pi * x) + 20 * sin(2 * pi * x))
    dlat = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + s
    dlat += 2 / 3 * (20 * sin(pi * y) + 40 * sin(pi * y / 3))
    dlat += 2 / 3 * (160 * sin(pi * y / 12) + 320 * sin(pi * y / 30))
    dlon = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + s
    dlon += 2 / 3 * (20 * sin(pi * x) + 40 * sin(pi * x / 3))
    dlon += 2 / 3 * (150 * sin(pi * x / 12) + 300 * sin(pi * x / 30))
    a, ee, phi = 6378245.0, 0.006693421622965943, math.radians(lat)
    m = 1 - ee * sin(phi) ** 2
    dlat = 180 * dlat / (pi * a * (1 - ee) / m**1.5)
    dlon = 180 * dlon / (pi * a * math.cos(phi) / math.sqrt(m))
    return lon + dlon, lat + dlat


def plain_bd09(lon, lat):
    k = 3000 * math.pi / 180
    z = math.hypot(lon, lat) + 2e-5 * math.sin(lat * k)
    theta = math.atan2(lat, lon) + 3e-6 * math.cos(lon * k)
    return z * math.cos(theta) + 0.0065, z * math.sin(theta) + 0.006


@given(box_lon, box_lat)
def test_forward_is_the_published_formula(lon, lat):
    gcj02 = plain_gcj02(lon, lat)
    assert metres(convert(lon, lat, WGS84, GCJ02), gcj02) <= 2e-8
    assert metres(convert(lon, lat, WGS84, BD09), plain_bd09(*gcj02)) <= 2e-8


@pytest.mark.parametrize(
    ("source", "target", "wanted"),
    [
        (WGS84, GCJ02, (101.831815853998, 36.619837911019)),
        (GCJ02, BD09, (101.836611439849, 36.625741299029)),
        (WGS84, BD09, (101.838421568611, 36.625594872278)),
        (GCJ02, WGS84, (101.828179334328, 36.620158579130)),
    ],
)
def test_known_pairs_at_xining(source, target, wanted):
    assert metres(convert(101.83, 36.62, source, target), wanted) <= 1e-6


# Each library's forward direction is exact; its inverse is as near as its own stopping rule allows.
ORACLES = [
    (WGS84, GCJ02, "prcoords", prcoords.wgs_gcj, 1e-7),
    (GCJ02, BD09, "prcoords", prcoords.gcj_bd, 1e-7),
    (WGS84, BD09, "prcoords", prcoords.wgs_bd, 1e-7),
    (GCJ02, WGS84, "prcoords", prcoords.gcj_wgs_bored, 0.03),
    (BD09, GCJ02, "prcoords", prcoords.bd_gcj_bored, 0.03),
    (BD09, WGS84, "prcoords", prcoords.bd_wgs_bored, 0.05),
    (WGS84, GCJ02, "geocoordinates", geocoordinates.wgs84_to_gcj02, 1e-7),
    (GCJ02, BD09, "geocoordinates", geocoordinates.gcj02_to_bd09, 1e-7),
    (WGS84, BD09, "geocoordinates", geocoordinates.wgs84_to_bd09, 1e-7),
    (GCJ02, WGS84, "geocoordinates", geocoordinates.gcj02_to_wgs84_refined, 1e-5),
    (BD09, GCJ02, "geocoordinates", geocoordinates.bd09_to_gcj02_refined, 1e-5),
    (BD09, WGS84, "geocoordinates", geocoordinates.bd09_to_wgs84_refined, 1e-5),
]
RECORDS = {
    WGS84: geocoordinates.Wgs84,
    GCJ02: geocoordinates.Gcj02,
    BD09: geocoordinates.Bd09,
}


def oracle_point(library, function, source, lon, lat):
    if library == "prcoords":
        found_lat, found_lon = function((lat, lon))
        return found_lon, found_lat
    found = function(RECORDS[source](lat=lat, lon=lon))
    return found.lon, found.lat


@pytest.mark.parametrize(("source", "target", "library", "function", "its_error_m"), ORACLES)
def test_agrees_with_independent_libraries(source, target, library, function, its_error_m):
    lon, lat = convert(*random_points(1500), WGS84, source)
    theirs = [
        oracle_point(library, function, source, *point)
        for point in zip(lon.tolist(), lat.tolist(), strict=True)
    ]
    assert metres(convert(lon, lat, source, target), np.transpose(theirs)) <= its_error_m


@pytest.mark.parametrize(("source", "target"), DIRECTIONS)
@given(lon=box_lon, lat=box_lat)
def test_there_and_back_is_exact_on_all_shifted_ground(source, target, lon, lat):
    start = convert(lon, lat, WGS84, source)
    assert metres(convert(*convert(*start, source, target), target, source), start) <= 1e-6


@pytest.mark.parametrize(("source", "target"), DIRECTIONS)
def test_there_and_back_at_places_edges_and_corners(source, target):
    edge = np.linspace(0, 1, 500)
    along_lon, along_lat = WEST + edge * (EAST - WEST), SOUTH + edge * (NORTH - SOUTH)
    lon, lat = np.array(list(PLACES.values())).T
    lon = [*lon, *along_lon, *along_lon, *np.full(500, WEST), *np.full(500, EAST)]
    lat = [*lat, *np.full(500, SOUTH), *np.full(500, NORTH), *along_lat, *along_lat]
    start = convert(np.clip(lon, WEST, EAST), np.clip(lat, SOUTH, NORTH), WGS84, source)
    back = convert(*convert(*start, source, target), target, source)
    assert metres(back, start) <= 1e-7


@pytest.mark.parametrize("target", [GCJ02, BD09])
def test_there_and_back_beside_105_east_where_the_formula_has_a_cusp(target):
    steps = np.geomspace(1e-14, 1e-2, 20_000)
    lon = 105 + np.concatenate([[0], steps, -steps])
    lat = np.random.default_rng(1).uniform(3, 54, lon.size)
    there = convert(lon, lat, WGS84, target)
    assert metres(convert(*there, target, WGS84), (lon, lat)) <= 1e-6
    beside = convert(np.full(lon.size, 105.0), lat, WGS84, target)[0] + (lon - 105)
    back = convert(*convert(beside, lat, target, WGS84), WGS84, target)
    assert metres(back, (beside, lat)) <= 1e-6


def test_the_way_through_gcj02_is_the_direct_way():
    points = random_points(5000)
    through = convert(*convert(*points, WGS84, GCJ02), GCJ02, BD09)
    np.testing.assert_array_equal(through, convert(*points, WGS84, BD09))


@pytest.mark.parametrize(("source", "target"), DIRECTIONS)
@given(
    lon=st.floats(-360, WEST - 0.05) | st.floats(EAST + 0.05, 360),
    lat=st.floats(-90, SOUTH - 0.05) | st.floats(NORTH + 0.05, 90),
)
def test_nothing_moves_outside(source, target, lon, lat):
    for point in ((lon, lat), (lon, 36.62), (101.83, lat)):
        assert convert(*point, source, target) == point


@given(lon=box_lon, outside=st.floats(1e-9, 0.05))
def test_ground_beyond_the_edge_does_not_move_however_near(lon, outside):
    assert convert(lon, NORTH + outside, WGS84, BD09) == (lon, NORTH + outside)


def test_coordinates_that_no_ground_has_stay():
    # The shift at the western edge is eastward, so it leaves a gap there.
    gap = (WEST + 1e-4, 36.0)
    assert convert(*gap, GCJ02, WGS84) == gap
    assert convert(*gap, BD09, WGS84) == gap


@pytest.mark.parametrize("edge_lon", [WEST, EAST])
def test_no_shift_at_the_edge_reaches_beyond_the_rim_that_is_looked_at(edge_lon):
    lat = np.linspace(SOUTH, NORTH, 5000)
    lon = np.linspace(WEST, EAST, 5000)
    for ground in ((np.full(5000, edge_lon), lat), (lon, np.full(5000, SOUTH))):
        moved = convert(*ground, WGS84, BD09)
        assert np.abs(np.subtract(moved, ground)).max() < datum._REACH_DEG / 2


@pytest.mark.parametrize(("source", "target"), DIRECTIONS)
def test_nan_and_infinity_stay_beside_points_that_move(source, target):
    lon = [np.nan, np.inf, -np.inf, 101.83, 101.83, 101.83]
    lat = [36.62, 36.62, 36.62, np.nan, np.inf, 36.62]
    new_lon, new_lat = convert(lon, lat, source, target)
    np.testing.assert_array_equal(new_lon[:5], lon[:5])
    np.testing.assert_array_equal(new_lat[:5], lat[:5])
    assert (new_lon[5], new_lat[5]) == convert(101.83, 36.62, source, target)


def test_displacement_in_the_district_is_plausible_on_screen_yet_wrong():
    lon, lat = np.meshgrid(np.linspace(101.775, 101.915, 15), np.linspace(36.53, 36.65, 13))
    moved = {name: convert(lon, lat, WGS84, name) for name in (GCJ02, BD09)}
    gcj02 = GEOD.inv(lon, lat, *moved[GCJ02])[2]
    bd09 = GEOD.inv(lon, lat, *moved[BD09])[2]
    assert gcj02.min() > 152
    assert gcj02.max() < 175
    assert bd09.mean() == pytest.approx(981, rel=0.01)


def test_many_points_give_what_each_gives_alone():
    lon, lat = random_points(3 * datum._BLOCK + 7)
    lon[::5], lat[::7] = -0.1, np.nan
    whole = convert(lon, lat, BD09, WGS84)
    for i in range(0, lon.size, 997):
        np.testing.assert_allclose(
            np.array(convert(lon[i], lat[i], BD09, WGS84)), [a[i] for a in whole], atol=1e-12
        )


def test_shapes_broadcast_and_inputs_stay():
    lon = np.array([[101.0], [102.0]])
    lat = np.array([36, 37, 38], dtype=np.int32)
    new_lon, new_lat = convert(lon, lat, GCJ02, WGS84)
    assert new_lon.shape == new_lat.shape == (2, 3)
    assert new_lon.dtype == new_lat.dtype == np.float64
    assert lon.tolist() == [[101], [102]]
    assert lat.tolist() == [36, 37, 38]
    assert convert([], [], GCJ02, BD09)[0].shape == (0,)


def test_the_same_datum_gives_copies():
    lon = np.array([101.83])
    same, _ = convert(lon, 36.62, GCJ02, GCJ02)
    assert same == lon
    assert not np.shares_memory(same, lon)


def test_every_other_column_of_an_array_can_be_converted():
    table = np.column_stack([*random_points(100), np.zeros(100)])
    strided = convert(table[::2, 0], table[::2, 1], WGS84, GCJ02)
    packed = convert(*np.ascontiguousarray(table[::2, :2].T), WGS84, GCJ02)
    np.testing.assert_array_equal(strided, packed)


def test_an_inverse_that_does_not_settle_is_not_returned():
    def overshooting(x, y):
        return 0.9 - 2 * x, -2 * y

    with pytest.raises(ArithmeticError, match="still moves"):
        datum._remove(overshooting, np.array([105.5]), np.array([35.0]))


def test_geometries_keep_type_heights_and_gaps():
    given_ = np.array(
        [
            shapely.Polygon([(101, 36), (102, 36), (102, 37)]),
            shapely.Point(101.83, 36.62, 2261),
            None,
            shapely.LineString(),
            shapely.from_wkt("POINT ZM (101.83 36.62 2261 7)"),
        ]
    )
    polygon, point, nothing, empty, measured = convert_geometries(given_, WGS84, GCJ02)
    lon, lat = convert(101.83, 36.62, WGS84, GCJ02)
    assert polygon.geom_type == "Polygon"
    assert polygon.exterior.coords[0] == convert(101, 36, WGS84, GCJ02)
    assert (point.x, point.y, point.z) == (lon, lat, 2261)
    assert nothing is None
    assert empty.is_empty
    assert shapely.equals_identical(measured, shapely.Point(lon, lat))
    assert given_[1].x == 101.83


def test_a_single_geometry_and_a_list_are_taken_too():
    point = shapely.Point(101.83, 36.62)
    alone = convert_geometries(point, WGS84, BD09)
    assert isinstance(alone, shapely.Point)
    assert list(convert_geometries([point, point], WGS84, BD09)) == [alone, alone]


@pytest.mark.parametrize("label", [None, 4326, 4490, "OGC:CRS84"])
def test_a_frame_comes_back_with_the_label_that_is_true(label):
    frame = gpd.GeoDataFrame(
        {"name": ["a"], "place": [shapely.Point(101.83, 36.62)]},
        geometry="place",
        crs=label,
        index=[7],
    )
    there = convert_frame(frame, WGS84, GCJ02)
    back = convert_frame(there, GCJ02, WGS84)
    assert there.crs is None
    assert back.crs == CRS(4326)
    assert list(back.columns) == ["name", "place"]
    assert list(back.index) == [7]
    assert metres((back.place.x, back.place.y), (101.83, 36.62)) <= 1e-6
    assert there.place.x[7] == convert(101.83, 36.62, WGS84, GCJ02)[0]
    assert frame.place.x[7] == 101.83


def test_a_series_keeps_index_and_name():
    series = gpd.GeoSeries.from_xy([101.83], [36.62], index=[3]).rename("spot")
    moved = convert_frame(series, BD09, WGS84)
    assert (moved.name, list(moved.index), moved.crs) == ("spot", [3], CRS(4326))


@pytest.mark.parametrize("crs", [4522, 3857, 4610])
def test_a_frame_in_another_crs_is_refused(crs):
    with pytest.raises(Problem) as refused:
        convert_frame(gpd.GeoSeries.from_xy([101.83], [36.62], crs=crs), GCJ02, WGS84)
    assert refused.value.rule is DATUM_NEEDS_LONLAT
    assert str(crs) in refused.value.sentence("zh")
