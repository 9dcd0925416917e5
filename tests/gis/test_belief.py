"""What is believed of a file: its CRS, its datum, its parts, each with the reason."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import prcoords
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from gis.belief import Basis
from gis.datum import Datum
from gis.errors import Problem
from gis.files import Source
from gis.formats.headings import where
from gis.refusals.coordinates import (
    CRS_MISFIT,
    CRS_NEEDS_PARAMETERS,
    CRS_PARAMETERS,
    DATUM_CONVERTED,
    DATUM_NEEDS_LONLAT,
    DATUM_OVERRIDDEN,
)
from gis.refusals.files import CRS_GUESSED, FILE_CRS
from gis.refusals.values import BAD_PARAMETER
from gis.reproject import FourParameters, Rotation, SevenParameters, parameters
from tests import shapefile_traps, table_traps
from tests.gis.reading import at_place, read, refusal, rules
from tests.raw_files import PLACE, PLACE_4522, PLACE_4543, PLACE_BD09, PLACE_GCJ02

# A millionth of a metre on the ground, in degrees.
MICROMETRE_DEG = 9e-12
GROUND = shapely.box(101.7, 36.5, 102.0, 36.8)
SEVEN = "dx_m=10,dy_m=-20,dz_m=30,rx_arcsec=1,ry_arcsec=0,rz_arcsec=0,scale_ppm=0.5,rotation={}"
FOUR = "north_m=4000000,east_m=400000,angle_arcsec=0,scale_ppm=0,target=EPSG:4543"


def points(*places: tuple[float, float], heading: str = "lon,lat") -> bytes:
    rows = "".join(f"{x!r},{y!r}\n" for x, y in places)
    return f"{heading}\n{rows}".encode()


def basis(source: Source) -> tuple[Basis, Datum, Basis]:
    belief = source.belief
    return belief.crs_basis, belief.datum, belief.datum_basis


# --- the datum ----------------------------------------------------------------------------------
def test_a_label_of_wgs84_over_gcj02_leaves_it_in_doubt_and_a_word_settles_it(
    tmp_path: Path,
) -> None:
    shp = shapefile_traps.wgs84_label_over_gcj02(tmp_path)
    believed = read(shp)
    assert basis(believed) == (Basis.STATED, Datum.WGS84, Basis.LABELLED)
    assert believed.belief.datum_in_doubt
    told = read(shp, datum=Datum.GCJ02)
    assert basis(told) == (Basis.STATED, Datum.GCJ02, Basis.TOLD)
    assert not told.belief.datum_in_doubt
    assert at_place(told, MICROMETRE_DEG)
    assert DATUM_CONVERTED.slug in rules(told)
    assert told.belief.operation is not None
    assert "GCJ-02" in told.belief.operation["operation"]


@given(
    st.lists(st.tuples(st.floats(101.7, 102.0), st.floats(36.5, 36.8)), min_size=1, max_size=5),
    st.sampled_from([(Datum.GCJ02, prcoords.wgs_gcj), (Datum.BD09, prcoords.wgs_bd)]),
)
@settings(max_examples=30, deadline=None)
def test_a_file_told_to_be_shifted_lands_where_another_program_had_it(
    truth: list[tuple[float, float]], shift: tuple[Datum, Callable[..., Any]]
) -> None:
    datum, shifted = shift
    there = [shifted(prcoords.Coords(lat, lon), False) for lon, lat in truth]
    source = read(points(*[(c.lon, c.lat) for c in there]), "a.csv", datum=datum)
    for (lon, lat), found in zip(truth, source.frame.geometry, strict=True):
        assert abs(found.x - lon) < MICROMETRE_DEG * 1.3
        assert abs(found.y - lat) < MICROMETRE_DEG


def test_nothing_said_is_assumed_and_only_where_it_matters() -> None:
    source = read(points(PLACE), "a.csv")
    assert basis(source) == (Basis.ASSUMED, Datum.WGS84, Basis.ASSUMED)
    assert source.belief.operation is None
    far = read(points((2.35, 48.85), (-70.0, -33.0)), "a.csv")
    assert basis(far) == (Basis.ASSUMED, Datum.WGS84, Basis.STATED)
    both = read(points((2.35, 48.85), PLACE), "a.csv")
    assert both.belief.datum_in_doubt


def test_a_label_of_any_format_leaves_the_datum_in_doubt(tmp_path: Path) -> None:
    assert basis(read(table_traps.kml(tmp_path)))[2] is Basis.LABELLED
    assert basis(read(table_traps.geojson_mixed(tmp_path)))[2] is Basis.LABELLED
    # Told by a person, EPSG:4326 is the same label.
    told = read(points(PLACE), "a.csv", crs="EPSG:4490")
    assert basis(told) == (Basis.TOLD, Datum.WGS84, Basis.LABELLED)


def test_a_projection_is_certain_and_goes_with_no_other_datum() -> None:
    file = points(PLACE_4522)
    assert basis(read(file, "a.csv", crs="4522")) == (Basis.TOLD, Datum.WGS84, Basis.STATED)
    assert basis(read(file, "a.csv", crs="4522", datum=Datum.WGS84))[2] is Basis.TOLD
    for datum in (Datum.GCJ02, Datum.BD09):
        assert refusal(file, "a.csv", crs="4522", datum=datum).rule is DATUM_NEEDS_LONLAT


def test_web_mercator_may_have_been_drawn_on_any_map() -> None:
    x, y = Transformer.from_crs(4326, 3857, always_xy=True).transform(*PLACE_GCJ02)
    assert read(points((x, y)), "a.csv", crs="EPSG:3857").belief.datum_in_doubt
    assert at_place(read(points((x, y)), "a.csv", crs="EPSG:3857", datum=Datum.GCJ02), 1e-9)


# --- headings that name a datum -----------------------------------------------------------------
@pytest.mark.parametrize(
    ("heading", "datum"),
    [
        ("lon_gcj02,lat_gcj02", Datum.GCJ02),
        ("gcj02_lng,gcj02_lat", Datum.GCJ02),
        ("经度(GCJ-02),纬度(GCJ-02)", Datum.GCJ02),
        ("经度\uff08GCJ02\uff09,纬度\uff08GCJ02\uff09", Datum.GCJ02),
        ("高德经度,高德纬度", Datum.GCJ02),
        ("高德地图经度,高德地图纬度", Datum.GCJ02),
        ("火星坐标系经度,火星坐标系纬度", Datum.GCJ02),
        ("百度经度,百度纬度", Datum.BD09),
        ("bd09_lng,bd09_lat", Datum.BD09),
        ("BD09LL_X,BD09LL_Y", Datum.BD09),
        ("百度坐标x,百度坐标y", Datum.BD09),
        ("lon_wgs84,lat_wgs84", Datum.WGS84),
        ("经度(WGS-84),纬度(WGS-84)", Datum.WGS84),
        ("CGCS2000经度,CGCS2000纬度", Datum.WGS84),
    ],
)
def test_a_heading_that_names_its_datum_is_believed(heading: str, datum: Datum) -> None:
    place = {Datum.WGS84: PLACE, Datum.GCJ02: PLACE_GCJ02, Datum.BD09: PLACE_BD09}[datum]
    source = read(points(place, heading=heading), "a.csv")
    assert basis(source) == (Basis.STATED, datum, Basis.STATED)
    assert at_place(source, 1e-9)


def test_excel_headings_name_datums_as_well(tmp_path: Path) -> None:
    source = read(table_traps.ledger_of_phone_points(tmp_path))
    assert basis(source) == (Basis.STATED, Datum.GCJ02, Basis.STATED)
    assert at_place(source, MICROMETRE_DEG)
    assert at_place(read(table_traps.csv_in_bd09(tmp_path)), MICROMETRE_DEG)


def test_what_goes_out_for_mending_comes_back_as_wgs84() -> None:
    text = "名称,问题,wkt_wgs84\n甲,缺编码,POINT (101.83 36.62)\n"
    source = read(text.encode(), "a.csv")
    assert source.columns == ("名称", "问题")
    assert basis(source) == (Basis.STATED, Datum.WGS84, Basis.STATED)
    assert at_place(source)


def test_a_person_overrules_a_heading_and_is_told() -> None:
    file = points(PLACE_BD09, heading="高德经度,高德纬度")
    source = read(file, "a.csv", datum=Datum.BD09)
    assert at_place(source, 1e-9)
    assert {DATUM_OVERRIDDEN.slug, DATUM_CONVERTED.slug} <= rules(source)
    agreed = read(file, "a.csv", datum=Datum.GCJ02)
    assert DATUM_OVERRIDDEN.slug not in rules(agreed)
    assert agreed.belief.datum_basis is Basis.TOLD


@pytest.mark.parametrize(
    ("heading", "preferred", "columns"),
    [
        (["lon", "lat", "lon_gcj02", "lat_gcj02"], None, ("lon_gcj02", "lat_gcj02")),
        (["高德经度", "高德纬度", "lon_wgs84", "lat_wgs84"], None, ("lon_wgs84", "lat_wgs84")),
        (["高德经度", "高德纬度", "lon_wgs84", "lat_wgs84"], Datum.GCJ02, ("高德经度", "高德纬度")),
        (["lon", "lat", "wkt_wgs84"], Datum.GCJ02, ("lon", "lat")),
        (["点位经度", "点位纬度"], None, ("点位经度", "点位纬度")),
        (["起点经度", "起点纬度", "终点经度", "终点纬度"], None, None),
        (["高德经度", "百度纬度"], None, None),
        (["经度", "面积"], None, None),
    ],
)
def test_of_several_columns_that_say_where_the_surest_are_taken(
    heading: Sequence[str], preferred: Datum | None, columns: tuple[str, ...] | None
) -> None:
    found = where(heading, preferred)
    assert (found.columns if found else None) == columns


def test_a_heading_that_names_an_old_datum_is_not_taken_for_wgs84() -> None:
    for heading in ("经度(西安80),纬度(西安80)", "lon_beijing54,lat_beijing54"):
        assert refusal(points(PLACE, heading=heading), "a.csv").rule is CRS_NEEDS_PARAMETERS


# --- guesses ------------------------------------------------------------------------------------
def test_a_guess_is_a_finding_with_values() -> None:
    north_first = points(PLACE_4522[::-1], heading="x,y")
    problem = refusal(north_first, "a.csv", within=GROUND)
    assert problem.rule is FILE_CRS
    (finding,) = problem.findings
    assert finding.rule is CRS_GUESSED
    assert finding.values["crs"] == "EPSG:4522"
    assert finding.values["swapped"] is True
    assert finding.values["share_inside"] == 1.0
    assert finding.values["confidence"] > 0.9
    assert "95%" in finding.sentence()


def test_the_ground_decides_between_central_meridians() -> None:
    file = points(PLACE_4543, heading="x,y")
    assert len(refusal(file, "a.csv").findings) == 5
    (finding,) = refusal(file, "a.csv", within=GROUND).findings
    assert finding.values["crs"] == "EPSG:4543"


def test_a_told_crs_that_the_numbers_cannot_be_of_is_refused_with_what_fits() -> None:
    for code in ("EPSG:4543", "EPSG:4326"):
        problem = refusal(points(PLACE_4522, heading="x,y"), "a.csv", crs=code)
        assert problem.rule is CRS_MISFIT
        assert [f.values["crs"] for f in problem.findings] == ["EPSG:4522"]


# --- parameters ---------------------------------------------------------------------------------
def test_seven_parameters_open_an_old_datum_and_are_recorded(tmp_path: Path) -> None:
    shp = shapefile_traps.prj_of_xian_1980(tmp_path)
    given_seven = parameters(SEVEN.format("position-vector"))
    source = read(shp, parameters=given_seven)
    assert source.belief.datum_basis is Basis.STATED
    record = json.loads(json.dumps(source.belief.record()))
    assert record["operation"]["parameters"]["dx_m"] == 10
    assert record["operation"]["parameters"]["rotation"] == "position-vector"
    other = read(shp, parameters=parameters(SEVEN.format("coordinate-frame")))
    apart = source.frame.geometry[0].distance(other.frame.geometry[0])
    assert 1e-5 < apart < 1e-3  # two seconds of arc


def test_north_first_of_an_old_datum_is_swapped() -> None:
    zeros = SevenParameters(0, 0, 0, 0, 0, 0, 0, Rotation.POSITION_VECTOR)
    file = points(PLACE_4522[::-1], heading="x,y")
    source = read(file, "a.csv", crs="EPSG:2358", parameters=zeros)
    assert shapely.dwithin(source.frame.geometry[0], shapely.Point(PLACE), 0.01)


def test_a_local_grid_is_read_with_four_parameters() -> None:
    east, north = PLACE_4543[0] - 400_000, PLACE_4543[1] - 4_000_000
    four = parameters(FOUR)
    source = read(points((east, north), heading="x,y"), "a.csv", parameters=four)
    assert at_place(source)
    assert source.crs_found is None
    assert source.belief.crs_basis is Basis.TOLD
    assert source.belief.operation is not None
    assert source.belief.operation["parameters"]["target"] == "EPSG:4543"
    swapped = points((north, east), heading="x,y")
    assert at_place(read(swapped, "a.csv", parameters=four, within=GROUND))


def test_parameters_that_do_not_go_with_the_file_are_refused() -> None:
    assert refusal(points(PLACE), "a.csv", parameters=parameters(FOUR)).rule is CRS_PARAMETERS
    seven = parameters(SEVEN.format("position-vector"))
    assert refusal(points(PLACE), "a.csv", parameters=seven).rule is CRS_PARAMETERS
    assert refusal(points((1e5, 1e5)), "a.csv", parameters=seven).rule is FILE_CRS


def test_parameters_are_read_from_a_text_and_from_a_mapping() -> None:
    four = FourParameters(4_000_000, 400_000, 0, 0, "EPSG:4543")
    assert parameters(FOUR) == four
    assert parameters(FOUR.replace(",", "\uff0c ").replace("=", " = ")) == four
    mapping = dict(part.split("=") for part in FOUR.split(","))
    assert parameters(mapping) == four
    seven = parameters(SEVEN.format("coordinate-frame"))
    assert isinstance(seven, SevenParameters)
    assert (seven.scale_ppm, seven.rotation) == (0.5, Rotation.COORDINATE_FRAME)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "dx_m is missing"),
        (FOUR.replace("east_m=400000,", ""), "east_m is missing"),
        (FOUR + ",dx_m=1", "dx_m is none of"),
        (FOUR + ",north_m=1", "north_m is given twice"),
        (FOUR.replace("4000000", "north"), "north_m is 'north', which is no number"),
        (FOUR.replace("4000000", "nan"), "north_m is 'nan', which is no number"),
        (FOUR.replace("EPSG:4543", "here"), "target is 'here', which is no CRS"),
        (SEVEN.format("left"), "rotation is 'left' and not position-vector / coordinate-frame"),
        (SEVEN.format("position-vector").replace("dz_m=30,", ""), "dz_m is missing"),
    ],
)
def test_wrong_parameters_are_named(text: str, said: str) -> None:
    with pytest.raises(Problem) as caught:
        parameters(text)
    assert caught.value.rule is BAD_PARAMETER
    assert said in caught.value.sentence("en")
