"""Features over HTTP: RFC 7946 to the letter, pages without gaps, filters that hold."""

import json
import re
from itertools import pairwise
from typing import Any

import pytest
import shapely
from starlette.testclient import TestClient

from api.parameters import CRS84
from layers.registry import Registry

FIELDS = "/collections/grid_fields/items"


def test_features_are_rfc_7946(reader: TestClient, registry: Registry) -> None:
    for layer in registry.layers.values():
        response = reader.get(f"/collections/{layer.name}/items?limit=10000")
        assert response.headers["content-type"] == "application/geo+json"
        assert response.headers["content-crs"] == f"<{CRS84}>"
        found = response.json()
        assert found["type"] == "FeatureCollection"
        assert "crs" not in found
        assert found["numberMatched"] == found["numberReturned"] == len(found["features"]) > 0
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found["timeStamp"])
        for feature in found["features"]:
            assert list(feature) == ["type", "id", "geometry", "properties"]
            assert list(feature["properties"]) == [field.name for field in layer.fields]
            assert (feature["geometry"] is not None) == layer.has_shape
            if layer.has_shape:
                _check_geometry(feature["geometry"])
        assert not re.search(r"\d\.\d{8,}", _coordinates(response.text))


def _coordinates(text: str) -> str:
    return " ".join(re.findall(r'"coordinates":([\[\]\d.,-]+)', text))


def _check_geometry(geometry: dict[str, Any]) -> None:
    assert set(geometry) == {"type", "coordinates"}
    for polygon in shapely.get_parts(shapely.from_geojson(json.dumps(geometry))):
        if isinstance(polygon, shapely.Polygon):
            assert polygon.exterior.is_ccw
            assert not any(ring.is_ccw for ring in polygon.interiors)


def test_pages_follow_one_another_without_gap_or_repetition(reader: TestClient) -> None:
    whole = reader.get(f"{FIELDS}?limit=10000").json()
    address, ids, pages = f"{FIELDS}?limit=7&kind=general", [], 0
    wanted = [f["id"] for f in whole["features"] if f["properties"]["kind"] == "general"]
    while address:
        page = reader.get(address).json()
        assert page["numberMatched"] == len(wanted)
        ids += [feature["id"] for feature in page["features"]]
        address = next((x["href"] for x in page["links"] if x["rel"] == "next"), "")
        pages += 1
    assert ids == wanted
    assert pages == -(-len(wanted) // 7)
    assert all(a < b for a, b in pairwise(ids))


def test_a_limit_beyond_the_largest_is_cut_and_ten_is_the_default(reader: TestClient) -> None:
    assert reader.get("/collections/buildings/items").json()["numberReturned"] == 10
    assert reader.get("/collections/buildings/items?limit=99999999").status_code == 200


@pytest.mark.parametrize("limit", ["0", "-1", "ten", "1.5", "", "9" * 5000])
def test_a_limit_that_is_none_is_refused(reader: TestClient, limit: str) -> None:
    assert reader.get(FIELDS, params={"limit": limit}).status_code == 400


def test_a_box_finds_what_meets_it(reader: TestClient) -> None:
    whole = reader.get(f"{FIELDS}?limit=10000").json()["features"]
    first = shapely.from_geojson(json.dumps(whole[0]["geometry"]))
    box = shapely.box(*first.bounds)
    wanted = {
        f["id"] for f in whole if shapely.from_geojson(json.dumps(f["geometry"])).intersects(box)
    }
    text = ",".join(map(str, first.bounds))
    found = reader.get(f"{FIELDS}?limit=10000&bbox={text}").json()
    assert {feature["id"] for feature in found["features"]} == wanted
    with_heights = ",".join(map(str, (*first.bounds[:2], 0, *first.bounds[2:], 9000)))
    assert reader.get(f"{FIELDS}?bbox={with_heights}").json()["numberMatched"] == len(wanted)


def test_a_box_across_the_antimeridian_is_a_box(reader: TestClient) -> None:
    assert reader.get(f"{FIELDS}?bbox=170,-10,-170,10").json()["numberMatched"] == 0
    assert reader.get(f"{FIELDS}?bbox=100,30,-170,40").json()["numberMatched"] > 0


@pytest.mark.parametrize(
    "box",
    [
        "",
        "1",
        "1,2,3",
        "1,2,3,4,5",
        "1,2,3,x",
        "0,10,10,0",
        "0,0,181,1",
        "nan,0,1,1",
        "0,0,inf,1",
        "1,2,3,4,5,6,7",
    ],
)
def test_a_box_that_is_none_is_refused(reader: TestClient, box: str) -> None:
    response = reader.get(FIELDS, params={"bbox": box})
    assert (response.status_code, response.json()["type"]) == (400, "/problems/bad-parameter")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("2017-07-21", 200),
        ("2017-07-21T00:00:00Z", 200),
        ("2017-07-21T00:00:00.5+08:00/..", 200),
        ("../2017-07-21", 200),
        ("/2017-07-21T00:00:00Z", 200),
        ("..", 400),
        ("../..", 400),
        ("yesterday", 400),
        ("2017", 400),
        ("", 400),
    ],
)
def test_a_time_is_understood_and_matches_features_without_one(
    reader: TestClient, asked: str, status: int
) -> None:
    response = reader.get(FIELDS, params={"datetime": asked})
    assert response.status_code == status
    if status == 200:
        assert response.json()["numberMatched"] == reader.get(FIELDS).json()["numberMatched"]


def test_a_crs_other_than_ours_is_refused(reader: TestClient) -> None:
    assert reader.get(FIELDS, params={"crs": CRS84, "bbox-crs": CRS84}).status_code == 200
    other = "http://www.opengis.net/def/crs/EPSG/0/4326"
    assert reader.get(FIELDS, params={"crs": other}).status_code == 400
    assert reader.get(FIELDS, params={"bbox-crs": other}).status_code == 400


@pytest.mark.parametrize(
    ("layer", "name", "value"),
    [
        ("illegal_structures", "status", "demolished"),
        ("illegal_structures", "status", "已拆除"),
        ("illegal_structures", "storeys", "1"),
        ("grid_fields", "kind", "general"),
        ("road_segments", "liaison_leader", ""),
    ],
)
def test_a_field_is_a_filter(reader: TestClient, layer: str, name: str, value: str) -> None:
    address = f"/collections/{layer}/items"
    whole = reader.get(f"{address}?limit=10000").json()["features"]
    meant = {"已拆除": "demolished", "1": 1, "": None}.get(value, value)
    wanted = [f["id"] for f in whole if f["properties"][name] == meant]
    found = reader.get(address, params={name: value, "limit": 10000})
    assert [f["id"] for f in found.json()["features"]] == wanted


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kind", "unheard-of"),
        ("households", "many"),
        ("households", "1e999"),
        ("name", "a\0b"),
        ("nofield", "1"),
        ("id", "1"),
        ("geom", "POINT(1 2)"),
        ("tint", "1"),
    ],
)
def test_a_field_that_cannot_have_the_value_is_refused(
    reader: TestClient, name: str, value: str
) -> None:
    response = reader.get(FIELDS, params={name: value, "lang": "en"})
    assert (response.status_code, response.json()["type"]) == (400, "/problems/bad-parameter")
    assert name in response.json()["detail"]


def test_one_feature_has_a_validator(reader: TestClient) -> None:
    listed = reader.get(FIELDS).json()["features"][3]
    address = f"{FIELDS}/{listed['id']}"
    response = reader.get(address)
    found = response.json()
    links = found.pop("links")
    assert found == listed
    assert {link["rel"] for link in links} == {"self", "alternate", "collection", "photos"}
    etag = response.headers["etag"]
    assert re.fullmatch(r'"[0-9a-f]+"', etag)
    for known in (etag, f'W/{etag}, "x"', "*"):
        again = reader.get(address, headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
    assert reader.get(address, headers={"if-none-match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    "feature_id", ["0", "999999999", "-1", "x", "1.0", "%00", "9" * 30, "٣", "1%27--"]
)
def test_what_is_no_feature_is_404(reader: TestClient, feature_id: str) -> None:
    response = reader.get(f"{FIELDS}/{feature_id}")
    assert (response.status_code, response.json()["type"]) == (404, "/problems/unknown-feature")
