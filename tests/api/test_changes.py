"""Several features change in one request, or none of them; what opens a gap is refused."""

import json
from typing import Any

import pytest
import shapely
from shapely.geometry.base import BaseGeometry
from starlette.testclient import TestClient

from gis.postgis import Database
from layers.registry import Registry
from tests.layers.fields import division, field, plot, same_ground, values

CHANGES = "/collections/grid_fields/changes"
ITEMS = "/collections/grid_fields/items"
GEOJSON = {"content-type": "application/geo+json"}


def feature(n: int, ground: BaseGeometry, **members: object) -> dict[str, Any]:
    geometry = json.loads(shapely.to_geojson(ground))
    return {"type": "Feature", "geometry": geometry, "properties": values(n), **members}


def send(client: TestClient, *features: Any, **members: Any) -> Any:
    body = {"type": "FeatureCollection", "features": list(features), **members}
    return client.post(CHANGES, json=body, headers=GEOJSON)


@pytest.fixture
def row(database: Database, registry: Registry) -> list[int]:
    """A division of three cells in a row, and the field of each."""
    with database.begin() as connection:
        division(connection, registry, plot(0, 0, 3))
        return [field(connection, registry, n + 1, plot(n, 0)) for n in range(3)]


def test_a_border_moves_between_two_fields(client: TestClient, row: list[int]) -> None:
    one = feature(1, plot(0, 0, 1.5), id=row[0])
    two = feature(2, plot(1.5, 0, 0.5), id=row[1])
    alone = client.put(f"{ITEMS}/{row[0]}", json=one, headers=GEOJSON)
    assert (alone.status_code, alone.json()["type"]) == (422, "/problems/coverage-opened")
    done = send(client, one, two)
    assert done.status_code == 200, done.text
    assert done.headers["content-type"] == "application/geo+json"
    found = done.json()
    assert [f["id"] for f in found["features"]] == row[:2]
    assert found["deleted"] == []
    for stored, etag in zip(found["features"], found["etags"], strict=True):
        got = client.get(f"{ITEMS}/{stored['id']}")
        assert got.headers["etag"] == etag
        assert got.json()["geometry"] == stored["geometry"]


def test_a_field_is_split_and_merged(client: TestClient, row: list[int]) -> None:
    half = feature(4, plot(0.5, 0, 0.5))
    split = send(client, feature(1, plot(0, 0, 0.5), id=row[0]), half)
    assert split.status_code == 200, split.text
    made = split.json()["features"][1]["id"]
    merged = send(client, feature(1, plot(0, 0), id=row[0]), delete=[made])
    assert merged.status_code == 200, merged.text
    assert merged.json()["deleted"] == [made]
    assert client.get(f"{ITEMS}/{made}").status_code == 404


def test_every_single_edit_passes_the_gate(client: TestClient, row: list[int]) -> None:
    overlapping = feature(4, plot(0.5, 0))
    smaller = {"geometry": feature(1, plot(0, 0, 0.5))["geometry"]}
    answers = [
        client.post(ITEMS, json=overlapping, headers=GEOJSON),
        client.put(f"{ITEMS}/{row[0]}", json=feature(1, plot(0, 0, 0.5)), headers=GEOJSON),
        client.patch(
            f"{ITEMS}/{row[0]}",
            json=smaller,
            headers={"content-type": "application/merge-patch+json"},
        ),
        client.delete(f"{ITEMS}/{row[1]}"),
    ]
    for answer in answers:
        assert answer.status_code == 422, answer.text
        assert answer.json()["type"] == "/problems/coverage-opened"
    assert client.get(ITEMS).json()["numberMatched"] == 3


def test_a_refusal_carries_the_ground_of_each_finding(client: TestClient, row: list[int]) -> None:
    refused = send(
        client, feature(2, plot(1, 0), id=row[1]), feature(1, plot(0, 0, 1.5), id=row[0])
    )
    assert refused.status_code == 422
    (finding,) = refused.json()["findings"]
    assert finding["row"] == 2
    assert finding["rule"] == "coverage-overlap"
    assert finding["suggestion"]
    assert finding["area_m2"] == pytest.approx(4964, abs=2)
    ground = shapely.geometry.shape(finding["geometry"])
    assert same_ground(ground, plot(1, 0, 0.5))
    page = client.post(
        CHANGES,
        json={"type": "FeatureCollection", "features": [feature(4, plot(0.5, 0))]},
        headers=GEOJSON | {"accept": "text/html"},
    )
    assert page.status_code == 422


def test_a_feature_that_has_changed_since_is_not_overwritten(
    client: TestClient, row: list[int]
) -> None:
    etag = client.get(f"{ITEMS}/{row[0]}").headers["etag"]
    renamed = feature(1, plot(0, 0), id=row[0], ifMatch=etag)
    renamed["properties"]["name"] = "新名"
    other = feature(2, plot(1, 0), id=row[1])
    assert send(client, renamed).status_code == 200
    renamed["properties"]["name"] = "又一个名"
    again = send(client, other, renamed)
    assert (again.status_code, again.json()["type"]) == (412, "/problems/changed-meanwhile")
    assert str(row[0]) in again.json()["detail"]
    assert client.get(f"{ITEMS}/{row[0]}").json()["properties"]["name"] == "新名"


def test_what_has_changed_since_is_not_deleted(client: TestClient, row: list[int]) -> None:
    seen = {n: client.get(f"{ITEMS}/{n}").headers["etag"] for n in row}
    whole = feature(1, plot(0, 0, 2), id=row[0])
    assert send(client, feature(2, plot(1, 0), id=row[1], ifMatch=seen[row[1]])).status_code == 200
    renamed = feature(2, plot(1, 0), id=row[1])
    renamed["properties"]["name"] = "新名"
    assert send(client, renamed).status_code == 200
    again = send(client, whole, delete=[{"id": row[1], "ifMatch": seen[row[1]]}])
    assert (again.status_code, again.json()["type"]) == (412, "/problems/changed-meanwhile")
    newest = client.get(f"{ITEMS}/{row[1]}").headers["etag"]
    done = send(client, whole, delete=[{"id": row[1], "ifMatch": newest}])
    assert done.json()["deleted"] == [row[1]]


def test_refusals_name_the_place_of_the_feature(client: TestClient, row: list[int]) -> None:
    wrong, lost = feature(1, plot(0, 0), id=row[0]), feature(5, plot(9, 0))
    wrong["properties"]["kind"] = "vanished"
    lost["geometry"] = None
    refused = send(client, feature(3, plot(2, 0), id=row[2]), wrong, lost)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/feature-refused")
    assert [(f["row"], f["column"], f["rule"]) for f in refused.json()["findings"]] == [
        (2, "kind", "value-choice"),
        (3, "geometry", "geometry-missing"),
    ]
    taken = send(client, feature(2, plot(9, 0)))
    assert [(f["row"], f["rule"]) for f in taken.json()["findings"]] == [(1, "value-exists")]


@pytest.mark.parametrize(
    ("members", "place"),
    [
        ({"features": {}}, "features"),
        ({"features": [1]}, "1"),
        ({"features": [{"type": "Point"}]}, "1"),
        ({"features": [feature(1, plot(0, 0), id="a")]}, "1"),
        ({"features": [feature(1, plot(0, 0), id=True)]}, "1"),
        ({"features": [feature(1, plot(0, 0), id=-1)]}, "1"),
        ({"features": [feature(1, plot(0, 0), id=2**63)]}, "1"),
        ({"features": [feature(1, plot(0, 0), ifMatch="x")]}, "1"),
        ({"features": [feature(1, plot(0, 0), id=1, ifMatch=1)]}, "1"),
        ({"features": [], "delete": 1}, "delete"),
        ({"features": [], "delete": ["1"]}, "delete"),
        ({"features": [], "delete": [{}]}, "delete"),
        ({"features": [], "delete": [{"id": 1, "ifMatch": 2}]}, "delete"),
        ({"features": [], "delete": [1, 1]}, "1"),
        ({"features": [feature(1, plot(0, 0), id=7)], "delete": [7]}, "7"),
        ({"features": [], "crs": {}}, "crs"),
    ],
)
def test_a_body_that_is_no_change_is_refused_with_its_place(
    client: TestClient, members: dict[str, Any], place: str
) -> None:
    body = {"type": "FeatureCollection", **members}
    refused = client.post(CHANGES, json=body, headers=GEOJSON)
    assert (refused.status_code, refused.json()["type"]) == (400, "/problems/body-unreadable")
    assert place in refused.json()["detail"]


def test_what_is_not_there_is_not_found(client: TestClient, row: list[int]) -> None:
    for answer in (send(client, feature(9, plot(9, 0), id=99)), send(client, delete=[99])):
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/unknown-feature")


def test_nothing_to_do_is_done(client: TestClient) -> None:
    done = send(client)
    assert (done.status_code, done.json()["features"]) == (200, [])


def test_a_layer_without_a_partition_takes_several_too(client: TestClient) -> None:
    body = {"type": "FeatureCollection", "features": []}
    for n in range(3):
        point = {"type": "Point", "coordinates": [101.8 + n / 1000, 36.6]}
        properties = {"name": f"院{n}", "management": "none"}
        body["features"].append({"type": "Feature", "geometry": point, "properties": properties})
    done = client.post("/collections/courtyards/changes", json=body, headers=GEOJSON)
    assert done.status_code == 200, done.text
    assert client.get("/collections/courtyards/items").json()["numberMatched"] == 3
