"""Who answers for this ground, in JSON and in a sentence."""

import json
from typing import Any

import pytest
import shapely
from starlette.testclient import TestClient

from gis.datum import Datum, convert
from tests.api.test_editing import GEOJSON


@pytest.fixture(scope="module")
def fields(reader: TestClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = reader.get("/collections/grid_fields/items?limit=10000").json()[
        "features"
    ]
    return found


def inner_point(feature: dict[str, Any]) -> tuple[float, float]:
    point = shapely.from_geojson(json.dumps(feature["geometry"])).representative_point()
    return point.x, point.y


def test_every_field_answers_for_its_own_ground(
    reader: TestClient, fields: list[dict[str, Any]]
) -> None:
    for feature in fields:
        lon, lat = inner_point(feature)
        found = reader.get("/responsible", params={"lon": lon, "lat": lat}).json()
        assert found["status"] == "inside"
        assert found["fields"] == [{"id": feature["id"], **feature["properties"]}]
        assert found["road"]["distance_m"] >= 0
        assert feature["properties"]["name"] in found["message"]
        assert (feature["properties"]["leader"] or "无") in found["message"]


def test_a_border_names_all_neighbours(reader: TestClient, fields: list[dict[str, Any]]) -> None:
    lon, lat = fields[0]["geometry"]["coordinates"][0][0]
    found = reader.get("/responsible", params={"lon": lon, "lat": lat, "lang": "en"}).json()
    assert found["status"] == "border"
    assert found["message"].startswith("On the border of ")
    for field in found["fields"]:
        assert field["name"] in found["message"]


def test_outside_is_said_and_the_nearest_is_named(reader: TestClient) -> None:
    found = reader.get("/responsible?lon=101.7&lat=36.62&lang=en").json()
    assert found["status"] == "outside"
    assert found["fields"] == []
    assert found["nearest"]["distance_m"] > 1000
    assert found["message"].startswith("In no field; the nearest is ")


def test_where_nothing_is_recorded_nobody_answers(client: TestClient) -> None:
    found = client.get("/responsible?lon=101.7&lat=36.62").json()
    assert (found["status"], found["nearest"], found["road"]) == ("outside", None, None)
    assert found["message"] == "不在任何网格内。"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "lon=1",
        "lon=x&lat=1",
        "lon=181&lat=1",
        "lon=1&lat=91",
        "lon=nan&lat=1",
        "lon=inf&lat=1",
        "lon=1e999&lat=1",
        "lon=1&lat=1&datum=utm",
        "lon=1&lat=1&on=yesterday",
        "lon=1&lat=1&on=0",
        "lon=1&lat=1&on=9999-12-31",
        "lon=1&lat=%00",
    ],
)
def test_a_place_that_is_none_is_refused(reader: TestClient, query: str) -> None:
    response = reader.get(f"/responsible?{query}")
    assert (response.status_code, response.json()["type"]) == (400, "/problems/bad-parameter")


def test_many_points_are_answered_like_each_alone(
    reader: TestClient, fields: list[dict[str, Any]]
) -> None:
    places = [*(inner_point(feature) for feature in fields[:20]), (101.7, 36.6)]
    asked = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": n,
                "geometry": {"type": "Point", "coordinates": place},
                "properties": {"a": 1},
            }
            for n, place in enumerate(places)
        ],
    }
    response = reader.post("/responsible", json=asked, headers=GEOJSON)
    assert response.headers["content-type"] == "application/geo+json"
    for (lon, lat), answered in zip(places, response.json()["features"], strict=True):
        alone = reader.get("/responsible", params={"lon": lon, "lat": lat}).json()
        del alone["lon"], alone["lat"]
        assert answered["properties"] == alone
        assert answered["geometry"] == {"type": "Point", "coordinates": [lon, lat]}
    assert [f["id"] for f in response.json()["features"]] == list(range(len(places)))


def test_people_come_with_the_answer_and_doubts_in_the_readers_language(
    reader: TestClient, fields: list[dict[str, Any]]
) -> None:
    lon, lat = inner_point(fields[0])
    found = reader.get("/responsible", params={"lon": lon, "lat": lat, "lang": "en"}).json()
    by_role = {duty["role"]: duty for duty in found["duties"]}
    assert by_role["grid_leader"]["person"]["name"] == fields[0]["properties"]["leader"]
    assert by_role["grid_leader"]["label"] == "grid leader"
    assert {"grid_member", "people_lead", "area_lead", "task_lead"} <= by_role.keys()
    assert found["division"]["code"] == fields[0]["properties"]["division"]
    away = reader.get("/responsible?lon=101.7&lat=36.62&lang=en").json()
    assert away["doubts"][0] == {
        "type": "doubt-outside",
        "message": "This lies in no field and no division",
    }


def test_before_there_was_a_record_nobody_answered(
    reader: TestClient, fields: list[dict[str, Any]]
) -> None:
    lon, lat = inner_point(fields[0])
    found = reader.get("/responsible", params={"lon": lon, "lat": lat, "on": "2001-01-01"}).json()
    assert (found["on"], found["duties"], found["fields"]) == ("2001-01-01", [], [])
    assert [doubt["type"] for doubt in found["doubts"]] == ["doubt-outside"]


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_coordinates_of_other_datums_find_the_same_ground(
    reader: TestClient, fields: list[dict[str, Any]], datum: str
) -> None:
    lon, lat = inner_point(fields[0])
    (x,), (y,) = convert([lon], [lat], Datum.WGS84, Datum(datum))
    alone = reader.get("/responsible", params={"lon": x, "lat": y, "datum": datum}).json()
    assert [field["id"] for field in alone["fields"]] == [fields[0]["id"]]
    asked = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [x, y]}}
    many = reader.post(
        f"/responsible?datum={datum}",
        json={"type": "FeatureCollection", "features": [asked]},
        headers=GEOJSON,
    ).json()
    del alone["lon"], alone["lat"]
    assert many["features"][0]["properties"] == alone


@pytest.mark.parametrize(
    "features",
    [
        None,
        {},
        "x",
        [1],
        [{"type": "Feature"}],
        [{"type": "Feature", "geometry": {"type": "Point", "coordinates": []}}],
        [{"type": "Feature", "geometry": {"type": "Point", "coordinates": ["1", "2"]}}],
        [{"type": "Feature", "geometry": {"type": "Point", "coordinates": [181, 2]}}],
        [{"type": "Feature", "geometry": {"type": "Point", "coordinates": [1e400, 2]}}],
        [{"type": "Feature", "geometry": {"type": "LineString", "coordinates": [[1, 2]]}}],
        [{"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}}] * 10_001,
    ],
)
def test_points_that_are_none_are_refused(reader: TestClient, features: object) -> None:
    body = json.dumps({"type": "FeatureCollection", "features": features}).replace(
        "Infinity", "1e400"
    )
    response = reader.post("/responsible", content=body, headers=GEOJSON)
    assert (response.status_code, response.json()["type"]) == (400, "/problems/body-unreadable")
