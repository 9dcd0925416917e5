"""GeoJSON as RFC 7946 has it, and hostile JSON that is only ever a clear refusal."""

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis import geojson
from gis.errors import Problem, Rule
from gis.formats.rawtable import RawTable
from gis.limits import Limits
from gis.refusals.coverage import REPAIR_CLOSED
from gis.refusals.files import FILE_TOO_LARGE, FILE_UNREADABLE
from gis.refusals.values import GEOMETRY_UNREADABLE

POINT = {"type": "Point", "coordinates": [101.82, 36.62]}


def read(content: object, *, lines: bool = False, rows: int = 1000) -> RawTable:
    encoded = content if isinstance(content, bytes) else json.dumps(content).encode()
    return geojson.read(
        encoded, name="x.geojson", lines=lines, encoding=None, limits=Limits(rows=rows)
    )


def feature(geometry: object = POINT, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def refusal(content: object, *, lines: bool = False) -> Problem:
    with pytest.raises(Problem) as caught:
        read(content, lines=lines)
    return caught.value


@contextmanager
def nothing_worse_than(rule: Rule) -> Iterator[None]:
    try:
        yield
    except Problem as problem:
        if problem.rule is not rule:
            raise


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 2500])
def test_framing_gives_every_feature_once_in_chunks(count: int) -> None:
    features = [json.dumps(feature(n=n)) for n in range(count)]
    pieces = list(geojson.collection(features))
    assert len(pieces) == 2 + math.ceil(count / 1000)
    document = json.loads(b"".join(pieces))
    assert document["type"] == "FeatureCollection"
    assert [each["properties"]["n"] for each in document["features"]] == list(range(count))


def test_outer_rings_turn_left_holes_right_and_coordinates_have_seven_decimals() -> None:
    outer = [(0, 0), (0, 1), (1, 1), (1, 0)]
    hole = [(0.2, 0.2), (0.4, 0.2), (0.4, 0.4), (0.2, 0.412345678912)]
    made = geojson.to_rfc7946(shapely.Polygon(outer, [hole]))
    rings = made["coordinates"]
    assert isinstance(rings, tuple)
    assert shapely.LinearRing(rings[0]).is_ccw
    assert not shapely.LinearRing(rings[1]).is_ccw
    assert (0.2, 0.4123457) in rings[1]
    assert "-0.0" not in json.dumps(geojson.to_rfc7946(shapely.Point(-1e-9, 5, 7)))
    assert geojson.to_rfc7946(shapely.Point(1, 2, 3)) == {"type": "Point", "coordinates": (1, 2)}


coordinate = st.floats(-90, 90).map(lambda x: round(x, 7))


@given(st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=20))
def test_a_geometry_comes_back_from_its_json(points: list[tuple[float, float]]) -> None:
    for geometry in (shapely.Point(points[0]), shapely.LineString(points)):
        text = json.dumps(geojson.to_rfc7946(geometry))
        assert geojson.parse_geometry(json.loads(text)).equals_exact(geometry, 1e-9)


@pytest.mark.parametrize(
    "value",
    [
        None,
        5,
        "POINT (1 2)",
        [],
        {},
        {"type": "Point"},
        {"type": "Point", "coordinates": None},
        {"type": "Point", "coordinates": [1]},
        {"type": "Point", "coordinates": ["1", "2"]},
        {"type": "Point", "coordinates": [True, False]},
        {"type": "Point", "coordinates": [[1, 2]]},
        {"type": "Point", "coordinates": [math.nan, 2]},
        {"type": "LineString", "coordinates": [[1, 2]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1]]]},
        {"type": "MultiPoint", "coordinates": [[1, 2], None]},
        {"type": "GeometryCollection", "geometries": [{}]},
        {"type": "GeometryCollection", "coordinates": []},
        {"type": "Circle", "coordinates": [1, 2]},
        {"type": ["Point"], "coordinates": [1, 2]},
        {"type": "Feature", "geometry": POINT, "properties": {}},
    ],
    ids=repr,
)
def test_what_is_no_geometry_is_refused_with_a_reason(value: object) -> None:
    with pytest.raises(Problem) as caught:
        geojson.parse_geometry(value)
    assert caught.value.rule is GEOMETRY_UNREADABLE
    assert caught.value.values["reason"]


json_value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "coordinates", "geometries", "features", "geometry"]), inner
        )
    ),
    max_leaves=20,
)


@given(json_value, st.sampled_from(["Point", "Polygon", "MultiPolygon", "GeometryCollection"]))
def test_any_json_is_a_geometry_or_a_refusal(value: object, kind: str) -> None:
    for candidate in (value, {"type": kind, "coordinates": value, "geometries": value}):
        with nothing_worse_than(GEOMETRY_UNREADABLE):
            geojson.parse_geometry(candidate)


@given(st.binary(max_size=200) | json_value.map(lambda v: json.dumps(v).encode()))
def test_any_bytes_are_a_table_or_a_refusal(content: bytes) -> None:
    for lines in (False, True):
        with nothing_worse_than(FILE_UNREADABLE):
            read(content, lines=lines)


def test_properties_stay_what_json_has_them() -> None:
    values = {"a": 2**60 + 1, "b": 0.1, "c": True, "d": "", "e": None, "f": "2017-03-05"}
    table = read({"type": "FeatureCollection", "features": [feature(**values), feature(z="x")]})
    assert {name: column[0] for name, column in table.columns.items()} == {**values, "z": None}
    assert table.columns["z"] == [None, "x"]
    assert type(table.columns["c"][0]) is bool
    assert table.crs == "EPSG:4326"


def test_a_feature_and_a_bare_geometry_are_files_too() -> None:
    assert read(feature(name="x")).columns == {"name": ["x"]}
    assert shapely.equals(read(POINT).geometries[0], shapely.Point(101.82, 36.62))


def test_lines_may_hold_line_separators_and_record_separators() -> None:
    texts = [json.dumps(feature(name=f"a\u2028{n}"), ensure_ascii=False) for n in range(3)]
    content = "\ufeff\x1e" + "\n\n\x1e".join(texts) + "\r\n"
    table = read(content.encode(), lines=True)
    assert table.columns["name"] == ["a\u20280", "a\u20281", "a\u20282"]


def test_an_unreadable_geometry_is_a_finding_of_its_row() -> None:
    broken = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [2, 2]]]}
    table = read({"type": "FeatureCollection", "features": [feature(), feature(broken)]})
    assert [finding.row for finding in table.findings] == [2]
    assert "closed" in table.findings[0].sentence("en")
    assert np.array_equal(shapely.is_missing(table.geometries), [False, True])
    missing = read({"type": "FeatureCollection", "features": [feature(None)]})
    assert missing.findings == ()


def test_a_ring_left_open_is_closed_and_told() -> None:
    ring = [[0, 0], [1, 1], [1, 0]]
    for kind, coordinates in (("Polygon", [ring]), ("MultiPolygon", [[ring]])):
        table = read(feature({"type": kind, "coordinates": coordinates}))
        assert [(note.rule, note.row) for note in table.notes] == [(REPAIR_CLOSED, 1)]
        assert table.findings == ()
        assert table.geometries[0].area == 0.5


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1 is not JSON"),
        (b'{"type":"FeatureCollection",\n\n"features":[}', "line 3 is not JSON"),
        (b"\xff\xff{}", "byte 0 is not utf-8"),
        (b"[" * 100_000, "nesting"),
        (b'{"type":"Point","coordinates":[NaN,1]}', "number"),
        (b'{"type":"Point","coordinates":[' + b"9" * 5000 + b",1]}", "number"),
        ({"type": "Topology", "objects": {}}, "no GeoJSON FeatureCollection"),
        ({"features": [5]}, "entry 1 is not a Feature"),
        ({"features": [{"type": "Feature", "properties": [1]}]}, "entry 1 is not a Feature"),
        ({**feature(), "crs": {"type": "name", "properties": {"name": "urn:x"}}}, "crs member"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_geojson_is_refused_and_says_why(content: object, said: str) -> None:
    problem = refusal(content)
    assert problem.rule is FILE_UNREADABLE
    assert said in problem.sentence("en")
    assert problem.sentence("zh")


def test_a_bad_line_is_named() -> None:
    content = b'{"type":"Feature","geometry":null,"properties":{}}\n{"type":\n'
    assert "line 2" in refusal(content, lines=True).sentence("en")


@pytest.mark.parametrize(
    ("name", "crs"),
    [
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"),
        ("urn:ogc:def:crs:EPSG::4490", "EPSG:4490"),
        ("EPSG:4522", "EPSG:4522"),
    ],
)
def test_the_old_crs_member_is_understood(name: str, crs: str) -> None:
    document = {"features": [feature()], "crs": {"type": "name", "properties": {"name": name}}}
    assert read(document).crs == crs


def test_more_rows_than_allowed_are_refused() -> None:
    with pytest.raises(Problem) as caught:
        read({"features": [feature()] * 6}, rows=5)
    assert caught.value.rule is FILE_TOO_LARGE
    wide = {"features": [feature(**{f"p{n}": n for n in range(1001)})]}
    assert "1,000 columns" in refusal(wide).sentence("en")
