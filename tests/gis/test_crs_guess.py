"""What we believe of coordinates that come without a CRS, and how the division settles it."""

import re
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Geod, Transformer

from gis import crs_guess, files
from gis.crs import parse
from gis.crs_guess import datum_candidates, guess
from gis.datum import Datum, convert
from gis.reproject import to_wgs84

DISTRICTS = (
    Path(__file__).parents[2].parent
    / "shared/data/boundaries/xining_7_districts_tianditu_cgcs2000.geojson"
)
XINING = shapely.box(101.775, 36.53, 101.915, 36.654)

THREE_WITH_PREFIX = {zone: 4513 + zone - 25 for zone in range(25, 46)}
THREE_PLAIN = {zone: 4534 + zone - 25 for zone in range(25, 46)}
SIX_WITH_PREFIX = {zone: 4491 + zone - 13 for zone in range(13, 24)}
SIX_PLAIN = {zone: 4502 + zone - 13 for zone in range(13, 24)}


@cache
def projection(code):
    return Transformer.from_crs(4326 if code == 3857 else 4490, code, always_xy=True)


def to_file(code, lon, lat):
    """Coordinates as a file in that CRS would hold them, easting first."""
    return projection(code).transform(lon, lat)


def around(lon, lat, reach=0.2):
    return shapely.box(lon - reach, lat - reach, lon + reach, lat + reach)


@pytest.fixture(scope="module")
def chengdong():
    if not DISTRICTS.exists():
        pytest.skip("the shared boundaries are not beside this repository")
    districts = files.read(DISTRICTS).frame
    return districts.loc[districts["name"] == "城东区", "geometry"].item()


# --- the codes themselves -----------------------------------------------------------------------


def form(code):
    (found,) = [f for f in crs_guess._CHINESE if f.crs == f"EPSG:{code}"]
    return found


@pytest.mark.parametrize(("zone", "code"), THREE_WITH_PREFIX.items())
def test_three_degree_zone_codes_are_those_of_epsg(zone, code):
    crs = CRS(code)
    assert crs.name == f"CGCS2000 / 3-degree Gauss-Kruger zone {zone}"
    assert central_meridian(crs) == 3 * zone
    assert names_of_lookalikes(code) == [
        f"Xian 1980 / 3-degree Gauss-Kruger zone {zone}",
        f"Beijing 1954 / 3-degree Gauss-Kruger zone {zone}",
    ]


@pytest.mark.parametrize(("zone", "code"), THREE_PLAIN.items())
def test_three_degree_codes_without_zone_are_those_of_epsg(zone, code):
    crs = CRS(code)
    assert crs.name == f"CGCS2000 / 3-degree Gauss-Kruger CM {3 * zone}E"
    assert central_meridian(crs) == 3 * zone
    assert names_of_lookalikes(code) == [
        f"Xian 1980 / 3-degree Gauss-Kruger CM {3 * zone}E",
        f"Beijing 1954 / 3-degree Gauss-Kruger CM {3 * zone}E",
    ]


@pytest.mark.parametrize(("zone", "code"), SIX_WITH_PREFIX.items())
def test_six_degree_zone_codes_are_those_of_epsg(zone, code):
    crs = CRS(code)
    assert crs.name == f"CGCS2000 / Gauss-Kruger zone {zone}"
    assert central_meridian(crs) == 6 * zone - 3
    assert names_of_lookalikes(code) == [
        f"Xian 1980 / Gauss-Kruger zone {zone}",
        f"Beijing 1954 / Gauss-Kruger zone {zone}",
    ]


@pytest.mark.parametrize(("zone", "code"), SIX_PLAIN.items())
def test_six_degree_codes_without_zone_are_a_three_degree_grid_and_named_beside_it(zone, code):
    crs = CRS(code)
    assert crs.name == f"CGCS2000 / Gauss-Kruger CM {6 * zone - 3}E"
    three = THREE_PLAIN[(6 * zone - 3) // 3]
    assert CRS(three) == crs
    assert f"EPSG:{code}" in form(three).zh
    assert f"EPSG:{code}" in form(three).en


def central_meridian(crs):
    return {p.name: p.value for p in crs.coordinate_operation.params}["Longitude of natural origin"]


def names_of_lookalikes(code):
    """The CRS that the reason names as indistinguishable, the same ones in both languages."""
    of_other_datums = [
        [int(n) for n in re.findall(r"(?:80|54|1980|1954) ?[（(]EPSG:(\d+)[)）]", text)]
        for text in (form(code).zh, form(code).en)
    ]
    assert of_other_datums[0] == of_other_datums[1]
    return [CRS(n).name for n in of_other_datums[0]]


def test_the_known_value_is_4522_and_back():
    assert to_file(4522, 101.83, 36.62) == pytest.approx((34484793.041, 4054354.279), abs=6e-4)
    (only,) = guess([34484793.041], [4054354.279])
    assert (only.crs, only.swapped) == ("EPSG:4522", False)
    lon, lat, _ = to_wgs84([34484793.041], [4054354.279], parse(only.crs))
    assert (lon[0], lat[0]) == pytest.approx((101.83, 36.62), abs=1e-8)


# --- by range alone -----------------------------------------------------------------------------


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("code", [4326, *THREE_WITH_PREFIX.values(), *SIX_WITH_PREFIX.values()])
def test_what_a_prefix_or_degrees_tell_needs_no_division(code, swapped):
    meridian = 101.83 if code == 4326 else central_meridian(CRS(code)) + 0.7
    x, y = to_file(code, meridian, 36.62)
    found = guess(*([y], [x]) if swapped else ([x], [y]))
    assert (f"EPSG:{code}", swapped) in [(g.crs, g.swapped) for g in found]
    if len(found) > 1:  # 6° zones 13 and 14 have the numbers of Web Mercator in the east
        assert {g.crs for g in found} == {f"EPSG:{code}", "EPSG:3857"}
        assert max(g.confidence for g in found) < 0.5
    else:
        assert found[0].confidence > 0.9


def test_six_digits_leave_every_central_meridian_open():
    found = guess([484793.0, 486000.0], [4054354.0, 4055000.0])
    assert {g.crs for g in found} == {f"EPSG:{code}" for code in THREE_PLAIN.values()}
    assert not any(g.swapped for g in found)
    assert max(g.confidence for g in found) < 0.1
    assert all("中央经线未知" in g.reason("zh") and "unknown" in g.reason("en") for g in found)


def test_far_from_a_three_degree_meridian_only_those_of_six_degrees_remain():
    found = guess([500_000.0 + 350_000], [4.4e6])
    assert {int(g.crs[5:]) for g in found} == {THREE_PLAIN[m // 3] for m in range(75, 136, 6)}


def test_nothing_is_believed_where_nothing_fits():
    assert guess([1e9], [1e9]) == ()
    assert guess([12_000.0], [8_000.0], XINING) == ()
    assert guess([], []) == ()
    assert guess([np.nan, np.inf], [36.0, 36.0]) == ()


def test_degrees_outside_china_are_believed_by_half():
    (only,) = guess([-0.1], [51.5])
    assert (only.crs, only.swapped, only.confidence) == ("EPSG:4326", False, 0.5)


def test_a_few_stray_points_do_not_hide_the_rest():
    x = [34484793.0] * 20 + [0.0, np.nan]
    y = [4054354.0] * 20 + [0.0, np.nan]
    assert guess(x, y)[0].crs == "EPSG:4522"
    assert 0.7 < guess(x, y, XINING)[0].confidence < 0.95


def test_reasons_name_the_datums_that_ranges_cannot_tell():
    (only,) = guess([34484793.0], [4054354.0])
    for word in ("西安 80", "EPSG:2358", "北京 54", "EPSG:2410"):
        assert word in only.reason("zh")
    for word in ("Xian 1980", "EPSG:2358", "Beijing 1954", "EPSG:2410"):
        assert word in only.reason("en")
    assert "GCJ-02" in guess([101.83], [36.62])[0].reason("zh")


# --- confirmed by the division ------------------------------------------------------------------

IN_CHINA = {"lon": st.floats(74, 134.5), "lat": st.floats(18.5, 53.5)}


def zones_near(lon):
    """Every way of writing Gauss-Krüger in which a survey there could come."""
    three, six = round(lon / 3), int(lon // 6) + 13 - 12
    codes = [THREE_WITH_PREFIX[three], THREE_PLAIN[three]]
    return [*codes, SIX_WITH_PREFIX[six], SIX_PLAIN[six]]


@settings(deadline=None, max_examples=50)
@given(**IN_CHINA, swapped=st.booleans())
def test_every_form_is_guessed_back_over_its_division(lon, lat, swapped):
    for code in [4326, 3857, *zones_near(lon)]:
        if swapped and code == 3857:
            continue
        x, y = to_file(code, [lon - 0.01, lon, lon + 0.01], [lat, lat + 0.01, lat])
        found = guess(*(y, x) if swapped else (x, y), around(lon, lat))
        assert found[0].swapped is swapped
        assert CRS(found[0].crs) == CRS(code)
        assert found[0].confidence > 0.9
        assert found[0].share_inside == 1


@settings(deadline=None, max_examples=30)
@given(**IN_CHINA)
def test_confidence_is_a_share_and_falls_down_the_list(lon, lat):
    for code in zones_near(lon):
        for division in (None, around(lon, lat), around(lon, lat, 8), around(10, 10)):
            found = guess(*to_file(code, [lon], [lat]), division)
            sure = [g.confidence for g in found]
            assert sure == sorted(sure, reverse=True)
            assert all(0 < c <= 0.95 for c in sure)
            assert sum(sure) <= 0.96


def test_a_division_as_wide_as_china_settles_nothing():
    found = guess(*to_file(4543, [101.83], [36.62]), shapely.box(73, 18, 135, 54))
    assert len(found) > 10
    assert found[0].confidence < 0.1


def test_points_in_no_reading_within_the_division_are_hardly_believed():
    (only,) = guess([34484793.0], [4054354.0], around(120, 30))
    assert only.share_inside == 0
    assert only.confidence < 0.1
    assert "0% 的点落在区划内" in only.reason("zh")


def test_axes_in_doubt_are_settled_by_the_division():
    # So far south that northings look like eastings.
    x, y = to_file(4548, [117.3], [5.0])
    assert {g.swapped for g in guess(x, y)} == {True, False}
    first, *rest = guess(y, x, around(117.3, 5.0, 0.05))
    assert (first.crs, first.swapped, rest) == ("EPSG:4548", True, [])


@pytest.mark.parametrize(
    ("code", "swapped"),
    [*product([4326, 4490, 4522, 4543, 4495, 4506], [False, True]), (3857, False)],
)
def test_the_real_district_is_recognised_by_its_own_vertices(chengdong, code, swapped):
    x, y = to_file(code, *shapely.get_coordinates(chengdong).T)
    first, *rest = guess(*(y, x) if swapped else (x, y), chengdong)
    assert CRS(first.crs) == CRS(4326 if code == 4490 else code)
    assert (first.swapped, first.share_inside, rest) == (swapped, 1, [])


@pytest.mark.parametrize("code", [4326, 4522, 4543, 3857])
def test_points_on_the_very_border_count_as_inside(code):
    found = guess(*to_file(code, *shapely.get_coordinates(XINING).T), XINING)
    assert [(CRS(g.crs), g.share_inside) for g in found] == [(CRS(code), 1)]
    border = shapely.get_coordinates(shapely.segmentize(XINING.exterior, 0.01)).T
    in_gcj02 = convert(*border, Datum.WGS84, Datum.GCJ02)
    assert datum_candidates(*in_gcj02, XINING)[1].share_inside == 1


def test_many_points_are_sampled_over_the_whole_file():
    rng = np.random.default_rng(5)
    x, y = to_file(4543, rng.uniform(101.78, 101.91, 300_000), rng.uniform(36.54, 36.65, 300_000))
    y[150_000:] = np.nan
    x[75_000:150_000] += 200_000  # another two degrees east, out of the division
    assert guess(x, y, XINING)[0].share_inside == pytest.approx(0.5, abs=0.01)


# --- datums -------------------------------------------------------------------------------------


def test_each_datum_is_shown_with_its_share_and_displacement_and_none_is_chosen(chengdong):
    rng = np.random.default_rng(3)
    west, south, east, north = chengdong.bounds
    lon, lat = rng.uniform(west, east, 3000), rng.uniform(south, north, 3000)
    inside = shapely.contains_xy(chengdong, lon, lat)
    lon, lat = lon[inside], lat[inside]
    for true in Datum:
        found = datum_candidates(*convert(lon, lat, Datum.WGS84, true), chengdong)
        assert [c.datum for c in found] == list(Datum)
        shares = {c.datum: c.share_inside for c in found}
        assert shares[true] == 1
        assert all(share > 0.8 for share in shares.values())  # plausible under all three
        wgs84, gcj02, bd09 = (c.displacement_m for c in found)
        assert wgs84 == 0
        assert 152 < gcj02 < 175
        assert bd09 == pytest.approx(981, rel=0.01)


def test_near_a_border_the_true_datum_fits_best():
    lon = np.full(200, 101.7755)  # 45 m inside; GCJ-02 moves east, so WGS 84 read as it falls out
    lat = np.linspace(36.55, 36.63, 200)
    wgs84, gcj02, bd09 = (c.share_inside for c in datum_candidates(lon, lat, XINING))
    assert wgs84 == 1
    assert gcj02 < 0.1
    assert bd09 < 0.1


def test_displacement_is_a_geodesic_mean():
    lon, lat = np.array([101.83, 104.06]), np.array([36.62, 30.66])
    true = convert(lon, lat, Datum.GCJ02, Datum.WGS84)
    wanted = Geod(ellps="WGS84").inv(lon, lat, *true)[2].mean()
    assert datum_candidates(lon, lat, XINING)[1].displacement_m == pytest.approx(wanted)


def test_without_points_there_is_nothing_to_say():
    found = datum_candidates([np.nan], [36.0], XINING)
    assert {(c.share_inside, c.displacement_m) for c in found} == {(0, 0)}
