"""The roads to WGS 84: what is known, what is refused, what given parameters do."""

import json
import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer

from gis.crs import parse
from gis.errors import Problem
from gis.refusals.coordinates import CRS_NEEDS_PARAMETERS, CRS_PARAMETERS
from gis.refusals.files import CRS_UNUSABLE
from gis.reproject import (
    FourParameters,
    Rotation,
    SevenParameters,
    find_road,
    frame_to_wgs84,
    geometries_to_wgs84,
    to_wgs84,
)
from tests.gis.test_crs import ESRI_2358, ESRI_4490, ESRI_4522, geographic

LON, LAT = 101.83, 36.62
EAST, NORTH = 34484793.041, 4054354.279  # of 4522, as DOMAIN.md has measured it
SEVEN = SevenParameters(-12.5, 105.2, 38.9, 1.1, -0.6, 2.3, -4.2, Rotation.COORDINATE_FRAME)
ENGINEERING = (
    'ENGCRS["site",EDATUM["site"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],'
    'LENGTHUNIT["metre",1]]'
)
LOCAL = 'LOCAL_CS["xining",UNIT["metre",1]]'


def refusal(*arguments):
    with pytest.raises(Problem) as refused:
        to_wgs84(*arguments)
    return refused.value


@pytest.mark.parametrize(
    ("crs", "x", "y"),
    [
        ("EPSG:4522", EAST, NORTH),
        (ESRI_4522, EAST, NORTH),
        ("EPSG:4543", EAST - 34e6, NORTH),
        ("EPSG:4490", LON, LAT),
        (ESRI_4490, LON, LAT),
        ("EPSG:4480", LON, LAT),
        ("EPSG:4326", LON, LAT),
        (geographic("x", "CGCS2000"), LON, LAT),
    ],
)
def test_known_crs_reach_the_known_point(crs, x, y):
    lon, lat, applied = to_wgs84([x], [y], parse(crs))
    assert (lon[0], lat[0]) == pytest.approx((LON, LAT), abs=1e-8)
    assert applied.accuracy_m <= 1
    assert applied.parameters is None


def test_the_check_value_holds_forward_too():
    east, north = Transformer.from_crs(4490, 4522, always_xy=True).transform(LON, LAT)
    assert (east, north) == pytest.approx((EAST, NORTH), abs=6e-4)


def test_cgcs2000_is_not_moved_at_all():
    lon = np.array([LON, np.nan])
    moved, _, applied = to_wgs84(lon, [LAT, LAT], CRS(4490))
    np.testing.assert_array_equal(moved, lon)
    assert not np.shares_memory(moved, lon)
    assert "declared policy" in applied.operation


@pytest.mark.parametrize("crs", ["EPSG:2326", "EPSG:4611"])
def test_a_published_transformation_is_used_where_it_holds(crs):
    parsed = parse(crs)
    x, y = (836694.05, 819069.80) if parsed.is_projected else (114.176, 22.31)
    lon, lat, applied = to_wgs84([x], [y], parsed)
    assert (lon[0], lat[0]) == pytest.approx((114.18, 22.31), abs=0.01)
    assert applied.accuracy_m == 1
    assert "Hong Kong 1980 to WGS 84" in applied.operation


XIAN_80 = [4610, *range(2327, 2391)]
BEIJING_54 = [4214, *range(2401, 2443), *range(21413, 21424), *range(21453, 21464)]


@pytest.mark.parametrize("code", [*XIAN_80, *BEIJING_54, 4555])
def test_xian_80_and_beijing_54_are_refused_in_all_their_zones(code):
    crs = CRS(code)
    assert any(name in crs.name for name in ("Xian 1980", "Beijing"))
    base = Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)
    problem = refusal(*(np.atleast_1d(v) for v in base.transform(LON, LAT)), crs)
    assert problem.rule is CRS_NEEDS_PARAMETERS
    assert str(code) in problem.sentence("zh")


@pytest.mark.parametrize(
    "text",
    [
        ESRI_2358,
        LOCAL,
        ENGINEERING,
        geographic("mine", "local", "Xian_1980", 6378140.0, 298.257),
        geographic("unknown", "D_unknown"),
        geographic("unknown", "D_unknown", flattening=298.257223563),
    ],
)
def test_esri_spellings_local_grids_and_unknown_datums_are_refused(text):
    assert refusal([EAST], [NORTH], parse(text)).rule is CRS_NEEDS_PARAMETERS


def test_an_unnamed_local_grid_is_refused():
    assert refusal([1000.0], [2000.0], None).rule is CRS_NEEDS_PARAMETERS


def test_proj_alone_would_have_equated_xian_80_silently():
    silent = Transformer.from_crs(4610, 4326, always_xy=True).transform(LON, LAT)
    assert silent == pytest.approx((LON, LAT), abs=1e-12)


@pytest.mark.parametrize(
    ("lon", "lat"), [(101.83, 36.62), (116.4, 39.9), (114.17, 22.3), (float("nan"), 36.0)]
)
def test_a_transformation_of_another_place_is_not_borrowed(lon, lat):
    """EPSG has some of Beijing 1954 for basins; PROJ applies one of them anywhere when asked."""
    assert refusal([lon], [lat], CRS(4214)).rule is CRS_NEEDS_PARAMETERS
    assert refusal([108.0, lon], [37.0, lat], CRS(4611)).rule is CRS_NEEDS_PARAMETERS


@pytest.mark.parametrize("code", [4978, 4479, 5773])
def test_what_has_no_x_and_y_on_the_ground_is_refused(code):
    assert refusal([LON], [LAT], CRS(code)).rule is CRS_UNUSABLE


@pytest.mark.parametrize(
    ("crs", "x", "y"),
    [
        ("EPSG:4543", EAST, NORTH),
        ("EPSG:4522", EAST - 34e6, NORTH),
        ("EPSG:4522", NORTH, EAST),
        ("EPSG:4543", NORTH, EAST),
        ("EPSG:3857", EAST, NORTH),
        ("EPSG:4543", math.inf, NORTH),
    ],
)
def test_coordinates_that_the_crs_cannot_have_become_infinite_beside_good_ones(crs, x, y):
    good = Transformer.from_crs(4490, 4543, always_xy=True).transform(LON, LAT)
    lon, lat, _ = to_wgs84([x, good[0], np.nan], [y, good[1], NORTH], parse(crs))
    assert math.isinf(lon[0])
    assert math.isinf(lat[0])
    assert not math.isfinite(lon[2])


def with_towgs84(*numbers):
    shift = ",".join(map(str, numbers))
    plain, code = CRS(4610).to_wkt("WKT1_GDAL"), ',AUTHORITY["EPSG","6610"]]'
    assert code in plain
    return plain.replace(code, f",TOWGS84[{shift}]{code}")


def test_parameters_in_the_file_count_but_not_when_they_are_zeros():
    assert refusal([LON], [LAT], parse(with_towgs84(*[0] * 7))).rule is CRS_NEEDS_PARAMETERS
    lon, _, applied = to_wgs84([LON], [LAT], parse(with_towgs84(-24, -123, -94, 0, 0, 0, 0)))
    assert abs(lon[0] - LON) > 1e-5
    assert "TOWGS84[-24" in applied.operation


# --- seven parameters ---------------------------------------------------------------------------


def geocentric(lon, lat, a, inverse_flattening):
    e2 = (2 - 1 / inverse_flattening) / inverse_flattening
    phi, lam = math.radians(lat), math.radians(lon)
    n = a / math.sqrt(1 - e2 * math.sin(phi) ** 2)
    return np.array(
        [
            n * math.cos(phi) * math.cos(lam),
            n * math.cos(phi) * math.sin(lam),
            n * (1 - e2) * math.sin(phi),
        ]
    )


def geodetic(xyz, a=6378137.0, inverse_flattening=298.257223563):
    e2 = (2 - 1 / inverse_flattening) / inverse_flattening
    x, y, z = xyz
    phi = math.atan2(z, math.hypot(x, y) * (1 - e2))
    for _ in range(20):
        n = a / math.sqrt(1 - e2 * math.sin(phi) ** 2)
        phi = math.atan2(z + e2 * n * math.sin(phi), math.hypot(x, y))
    return math.degrees(math.atan2(y, x)), math.degrees(phi)


def bursa_wolf(xyz, given):
    """Position vector, as EPSG guidance note 7-2 prints method 1033; the other turns back."""
    sign = 1 if given.rotation is Rotation.POSITION_VECTOR else -1
    turns = np.radians(np.array([given.rx_arcsec, given.ry_arcsec, given.rz_arcsec]) / 3600)
    rx, ry, rz = sign * turns
    matrix = np.array([[1, -rz, ry], [rz, 1, -rx], [-ry, rx, 1]])
    shift = np.array([given.dx_m, given.dy_m, given.dz_m])
    return shift + (1 + given.scale_ppm * 1e-6) * matrix @ xyz


@pytest.mark.parametrize("rotation", list(Rotation))
@pytest.mark.parametrize(
    ("geographic_code", "projected_code", "a", "inverse_flattening"),
    [(4610, 2358, 6378140.0, 298.257), (4214, 2410, 6378245.0, 298.3)],
)
def test_seven_parameters_are_applied_between_geocentric_axes(
    geographic_code, projected_code, a, inverse_flattening, rotation
):
    given = SevenParameters(-12.5, 105.2, 38.9, 1.1, -0.6, 2.3, -4.2, rotation)
    wanted = geodetic(bursa_wolf(geocentric(LON, LAT, a, inverse_flattening), given))
    lon, lat, applied = to_wgs84([LON], [LAT], CRS(geographic_code), given)
    assert (lon[0], lat[0]) == pytest.approx(wanted, abs=2e-9)
    assert applied.parameters == given

    plane = Transformer.from_crs(geographic_code, projected_code, always_xy=True)
    east, north = plane.transform(LON, LAT)
    lon, lat, _ = to_wgs84([east], [north], CRS(projected_code), given)
    assert (lon[0], lat[0]) == pytest.approx(wanted, abs=2e-9)


def test_the_two_conventions_differ():
    other = SevenParameters(-12.5, 105.2, 38.9, 1.1, -0.6, 2.3, -4.2, Rotation.POSITION_VECTOR)
    assert (
        to_wgs84([LON], [LAT], CRS(4610), SEVEN)[0] != to_wgs84([LON], [LAT], CRS(4610), other)[0]
    )


def test_given_parameters_replace_those_of_the_file():
    crs = parse(with_towgs84(-24, -123, -94, 0, 0, 0, 0))
    assert to_wgs84([LON], [LAT], crs, SEVEN)[0] == to_wgs84([LON], [LAT], CRS(4610), SEVEN)[0]


@pytest.mark.parametrize("crs", [CRS(4522), CRS(4326), CRS(3857), parse(LOCAL), None])
def test_seven_parameters_are_refused_where_they_make_no_sense(crs):
    assert refusal([EAST], [NORTH], crs, SEVEN).rule is CRS_PARAMETERS


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_parameters_that_are_no_numbers_are_refused(wrong):
    seven = SevenParameters(wrong, 0, 0, 0, 0, 0, 0, Rotation.POSITION_VECTOR)
    assert refusal([LON], [LAT], CRS(4610), seven).rule is CRS_PARAMETERS
    four = FourParameters(0, wrong, 0, 0, "EPSG:4543")
    assert refusal([EAST], [NORTH], None, four).rule is CRS_PARAMETERS


# --- four parameters ----------------------------------------------------------------------------


@pytest.mark.parametrize("crs", [None, LOCAL, "EPSG:2379", "EPSG:2431"])
def test_four_parameters_bring_a_plane_grid_onto_cgcs2000(crs):
    """Two known points of a local grid, turned 30° from north to east, with another origin."""
    angle, k = math.radians(30), 1 + 12e-6
    given = FourParameters(4050000, 480000, 30 * 3600, 12, "EPSG:4543")
    local = np.array([[0.0, 0.0], [1000.0, 500.0]])  # north, east
    north = 4050000 + k * (local[:, 0] * math.cos(angle) - local[:, 1] * math.sin(angle))
    east = 480000 + k * (local[:, 0] * math.sin(angle) + local[:, 1] * math.cos(angle))
    wanted = Transformer.from_crs(4543, 4490, always_xy=True).transform(east, north)
    lon, lat, applied = to_wgs84(local[:, 1], local[:, 0], crs and parse(crs), given)
    np.testing.assert_allclose([lon, lat], wanted, atol=1e-10)
    assert applied.parameters == given
    assert "EPSG:4543" in applied.operation


@pytest.mark.parametrize("target", ["EPSG:4490", "EPSG:2379", "EPSG:2326", LOCAL])
def test_four_parameters_need_a_target_in_the_plane_of_cgcs2000(target):
    four = FourParameters(0, 0, 0, 0, target)
    assert refusal([EAST], [NORTH], None, four).rule is CRS_PARAMETERS


@pytest.mark.parametrize("code", [4610, 4326, 2225])
def test_four_parameters_need_a_plane_in_metres(code):
    four = FourParameters(0, 0, 0, 0, "EPSG:4543")
    assert refusal([LON], [LAT], CRS(code), four).rule is CRS_PARAMETERS


def test_what_was_done_can_be_recorded():
    for parameters in (SEVEN, None):
        crs = CRS(4610 if parameters else 4522)
        record = find_road(crs, (LON, LAT, LON, LAT), parameters).applied.record()
        assert json.loads(json.dumps(record)) == record


# --- geometries and frames ----------------------------------------------------------------------


def test_geometries_come_with_their_heights_and_gaps():
    point = shapely.Point(EAST, NORTH, 2261)
    line = shapely.LineString([(EAST, NORTH), (EAST + 10, NORTH)])
    moved, _ = geometries_to_wgs84(np.array([point, None, line]), CRS(4522))
    assert moved[0].z == 2261
    assert moved[1] is None
    assert not moved[2].has_z
    assert (moved[0].x, moved[0].y) == pytest.approx((LON, LAT), abs=1e-8)
    assert point.x == EAST


def test_a_frame_says_wgs84_afterwards():
    frame = gpd.GeoDataFrame(
        {"name": ["a"]}, geometry=[shapely.Point(EAST, NORTH)], crs=4522, index=[9]
    )
    moved, applied = frame_to_wgs84(frame)
    assert moved.crs == CRS(4326)
    assert moved.geometry.x[9] == pytest.approx(LON, abs=1e-8)
    assert list(moved.name) == ["a"]
    assert frame.crs == CRS(4522)
    assert applied.source == "EPSG:4522"


def test_what_one_knows_better_overrides_what_a_frame_says():
    mislabelled = gpd.GeoSeries.from_xy([EAST], [NORTH], crs=4326)
    moved, applied = frame_to_wgs84(mislabelled, CRS(4522))
    assert moved.x[0] == pytest.approx(LON, abs=1e-8)
    assert applied.source == "EPSG:4522"


@pytest.mark.parametrize("geometries", [[], [None], [shapely.Point()]])
def test_nothing_to_move_is_no_error(geometries):
    moved, _ = frame_to_wgs84(gpd.GeoSeries(geometries, crs=4522))
    assert len(moved) == len(geometries)
