"""What texts name which CRS, and which of them are one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from gis.crs import equivalent, on_wgs84, parse
from gis.errors import Problem
from gis.refusals.coordinates import CRS_UNKNOWN

GEOGRAPHIC = (
    'GEOGCS["{name}",DATUM["{datum}",SPHEROID["{spheroid}",{axis},{flattening}]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
GAUSS_KRUGER = (
    'PROJCS["{name}",{base},PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",{easting}],'
    'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",102.0],'
    'PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)


def geographic(name, datum, spheroid="CGCS2000", axis=6378137.0, flattening=298.257222101):
    return GEOGRAPHIC.format(
        name=name, datum=datum, spheroid=spheroid, axis=axis, flattening=flattening
    )


ESRI_4490 = geographic("GCS_China_Geodetic_Coordinate_System_2000", "D_China_2000")
ESRI_4326 = geographic("GCS_WGS_1984", "D_WGS_1984", "WGS_1984", flattening=298.257223563)
ESRI_4610 = geographic("GCS_Xian_1980", "D_Xian_1980", "Xian_1980", 6378140.0, 298.257)
ESRI_4522 = GAUSS_KRUGER.format(
    name="CGCS2000_3_Degree_GK_Zone_34", base=ESRI_4490, easting=34500000.0
)
ESRI_2358 = GAUSS_KRUGER.format(
    name="Xian_1980_3_Degree_GK_Zone_34", base=ESRI_4610, easting=34500000.0
)


@pytest.mark.parametrize(
    ("text", "epsg"),
    [
        ("EPSG:4522", 4522),
        ("epsg::4490", 4490),
        (" 4543\n", 4543),
        ("urn:ogc:def:crs:EPSG::4490", 4490),
        ("urn:ogc:def:crs:EPSG:9.9.1:4490", 4490),
        ("http://www.opengis.net/def/crs/EPSG/0/4490", 4490),
        (CRS(4543).to_wkt(), 4543),
        (ESRI_4326, 4326),
        (ESRI_4490, 4490),
        (ESRI_4522, 4522),
        (ESRI_2358, 2358),
        ("\ufeff" + ESRI_4522 + "\r\n\0", 4522),
    ],
)
def test_codes_urns_wkt_and_esri_prj_are_read(text, epsg):
    assert parse(text).to_epsg() == epsg


@pytest.mark.parametrize("text", ["OGC:CRS84", "urn:ogc:def:crs:OGC:1.3:CRS84", "ogc:crs84"])
def test_lon_lat_of_geojson_is_read(text):
    assert equivalent(parse(text), CRS(4326))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "GCJ-02",
        "EPSG:999999",
        "EPSG:",
        "+proj=longlat +datum=WGS84",
        "+init=epsg:4326",
        "/etc/hostname",
        "WGS 84",
        "GEOGCS[",
        "[" * 50_000,
        CRS(4490).to_wkt() + " " * 200_000 + "x",
        ESRI_4490[:-1] + ',EXTENSION["PROJ4","+proj=longlat +nadgrids=/etc/passwd"]]',
        ESRI_4490[:-1] + ',EXTENSION["PROJ4","+proj=longlat +nadgrids=@null,/etc/passwd"]]',
    ],
)
def test_anything_else_is_refused_and_opens_no_file(text):
    with pytest.raises(Problem) as refused:
        parse(text)
    assert refused.value.rule is CRS_UNKNOWN
    assert len(refused.value.sentence("zh")) < 250


def test_web_mercator_with_gdals_null_grid_is_read():
    text = CRS(3857).to_wkt("WKT1_GDAL")
    assert "+nadgrids=@null" in text
    assert equivalent(parse(text), CRS(3857))


@given(st.text(max_size=200))
def test_no_text_ends_in_another_error(text):
    try:
        read, rule = parse(text), None
    except Problem as refused:
        read, rule = None, refused.rule
    assert isinstance(read, CRS) or rule is CRS_UNKNOWN


SAME = ["EPSG:4326", "EPSG:4490", "EPSG:4979", "EPSG:4480", "OGC:CRS84", ESRI_4326, ESRI_4490]
NAMES_OF_CGCS2000 = ["D_CGCS_2000", "CGCS2000", "China_Geodetic_Coordinate_System_2000"]
SAME += [geographic("x", name) for name in NAMES_OF_CGCS2000]


@pytest.mark.parametrize("a", SAME)
@pytest.mark.parametrize("b", SAME)
def test_the_declared_policy_takes_cgcs2000_for_wgs84(a, b):
    assert equivalent(parse(a), parse(b))


@pytest.mark.parametrize(
    "other",
    [
        "EPSG:4610",
        "EPSG:4214",
        "EPSG:4555",
        "EPSG:4978",
        "EPSG:4479",
        "EPSG:4522",
        "EPSG:3857",
        ESRI_4610,
        geographic("unknown", "D_unknown"),
        geographic("unknown", "Unknown based on WGS84 ellipsoid", flattening=298.257223563),
        geographic("mine", "local"),
        geographic("CGCS2000", "CGCS2000", axis=6378245.0, flattening=298.3),
        'LOCAL_CS["xining",UNIT["metre",1]]',
        "EPSG:5773",
    ],
)
def test_nothing_else_is_taken_for_wgs84(other):
    assert not equivalent(parse(other), CRS(4326))
    assert not equivalent(CRS(4490), parse(other))


def test_projected_crs_are_one_in_any_spelling_and_with_heights():
    assert equivalent(parse(ESRI_4522), CRS(4522))
    assert equivalent(parse(CRS(4543).to_wkt("WKT1_GDAL")), CRS(4543))
    assert equivalent(CRS("EPSG:4522+5737"), CRS(4522))
    assert equivalent(CRS(4534), CRS(4502))  # 75° E as the middle of a 3° and of a 6° zone
    assert equivalent(parse(ESRI_4522.replace("102.0", "105.0")), CRS(4522)) is False
    assert not equivalent(CRS(4522), CRS(4543))
    assert not equivalent(CRS(4522), CRS(2358))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("EPSG:4543", True),
        (ESRI_4522, True),
        ("EPSG:3857", True),
        ("EPSG:32647", True),
        (ESRI_2358, False),
        ("EPSG:2326", False),
        ('LOCAL_CS["xining",UNIT["metre",1]]', False),
    ],
)
def test_the_datum_of_projected_crs_is_known(text, expected):
    assert on_wgs84(parse(text)) is expected
