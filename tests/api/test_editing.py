"""Create, replace, update, delete: checked, never lost, never half done."""

import json
import threading
from typing import Any

import pytest
import shapely
import sqlalchemy as sa
from starlette.testclient import TestClient

from gis.postgis import Database
from layers.declaring.words import Geometry, Layer
from layers.reading import features
from layers.registry import Registry
from tests import factories

ITEMS = "/collections/illegal_structures/items"
CHANGES = "/collections/illegal_structures/changes"
GEOJSON = {"content-type": "application/geo+json"}


def feature(layer: Layer, n: int = 0, **given: object) -> dict[str, Any]:
    shape = factories.geometry(layer, n)
    return {
        "type": "Feature",
        "geometry": json.loads(shapely.to_geojson(shape)) if layer.has_shape else None,
        "properties": json.loads(json.dumps(factories.record(layer, n, **given), default=str)),
    }


@pytest.fixture
def structure(registry: Registry) -> dict[str, Any]:
    return feature(registry.layer("illegal_structures"))


def test_every_layer_takes_gives_changes_and_loses_a_feature(
    client: TestClient, registry: Registry
) -> None:
    for layer in registry.layers.values():
        items = f"/collections/{layer.name}/items"
        made = client.post(items, json=feature(layer), headers=GEOJSON)
        assert made.status_code == 201, made.text
        address, etag = made.headers["location"], made.headers["etag"]
        assert address == f"http://127.0.0.1{items}/{made.json()['id']}"
        got = client.get(address)
        assert got.json() == made.json()
        assert got.headers["etag"] == etag
        assert got.json()["properties"] == feature(layer)["properties"]

        put = client.put(address, json=feature(layer, 1), headers=GEOJSON | {"if-match": etag})
        assert put.status_code == 200, put.text
        wanted = feature(layer, 1)["properties"]
        if layer.logged and layer.logged.placed_by:
            wanted[layer.logged.placed_by] = None  # whoever moves it has said where it is
        assert put.json()["properties"] == wanted
        assert put.json()["id"] == made.json()["id"]
        assert put.headers["etag"] != etag
        assert client.get(address).json() == put.json()

        assert client.delete(address, headers={"if-match": etag}).status_code == 412
        gone = client.delete(address, headers={"if-match": put.headers["etag"]})
        assert (gone.status_code, gone.content) == (204, b"")
        assert client.get(address).status_code == 404
        assert client.delete(address).status_code == 404
        assert client.put(address, json=feature(layer), headers=GEOJSON).status_code == 404


def test_every_edit_of_a_state_that_is_no_more_is_refused(
    client: TestClient, registry: Registry, structure: dict[str, Any]
) -> None:
    made = client.post(ITEMS, json=structure, headers=GEOJSON)
    address, old = made.headers["location"], {"if-match": made.headers["etag"]}
    layer = registry.layer("illegal_structures")
    newest = client.put(address, json=feature(layer, 1), headers=GEOJSON)
    body = {"type": "FeatureCollection", "features": []}
    number, etag = made.json()["id"], made.headers["etag"]
    changed = {**feature(layer, 2), "id": number, "ifMatch": etag}
    answers = [
        client.put(address, json=feature(layer, 2), headers=GEOJSON | old),
        client.patch(address, json={"properties": {"status": "closed"}}, headers=GEOJSON | old),
        client.delete(address, headers=old),
        client.post(CHANGES, json=body | {"features": [changed]}, headers=GEOJSON),
        client.post(
            CHANGES, json=body | {"delete": [{"id": number, "ifMatch": etag}]}, headers=GEOJSON
        ),
    ]
    for answer in answers:
        assert answer.status_code == 412, answer.text
        assert answer.json()["type"] == "/problems/changed-meanwhile"
    assert client.get(address).json() == newest.json()


def test_a_patch_changes_what_it_names(client: TestClient, structure: dict[str, Any]) -> None:
    address = client.post(ITEMS, json=structure, headers=GEOJSON).headers["location"]
    patch = {"properties": {"address": "别处", "storeys": None}}
    headers = {"content-type": "application/merge-patch+json"}
    found = client.patch(address, json=patch, headers=headers)
    assert found.status_code == 200, found.text
    assert found.json()["properties"] == structure["properties"] | patch["properties"]
    assert found.json()["geometry"] == structure["geometry"]
    moved = {"geometry": {"coordinates": [101.9, 36.6]}}
    assert client.patch(address, json=moved, headers=headers).json()["geometry"] == {
        "type": "Point",
        "coordinates": [101.9, 36.6],
    }
    assert client.patch(address, json={"properties": None}, headers=headers).status_code == 422
    assert client.patch(address, json=[], headers=headers).status_code == 400


def test_a_refusal_names_every_place_and_stores_nothing(
    client: TestClient, structure: dict[str, Any]
) -> None:
    structure["properties"] |= {"storeys": "many", "status": "vanished", "unheard": 1, "number": ""}
    structure["geometry"] = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [0, 0]]]}
    refused = client.post(ITEMS, json=structure, headers=GEOJSON)
    assert refused.status_code == 422
    found = refused.json()
    assert found["type"] == "/problems/feature-refused"
    assert {(f["column"], f["rule"]) for f in found["findings"]} == {
        ("storeys", "value-type"),
        ("status", "value-choice"),
        ("unheard", "property-unknown"),
        ("number", "value-missing"),
        ("geometry", "geometry-type"),
    }
    assert client.get(ITEMS).json()["numberMatched"] == 0


@pytest.mark.parametrize(
    ("geometry", "rule"),
    [
        (None, "geometry-missing"),
        ({}, "geometry-unreadable"),
        ("POINT(1 2)", "geometry-unreadable"),
        ({"type": "Point"}, "geometry-unreadable"),
        ({"type": "Point", "coordinates": []}, "geometry-missing"),
        ({"type": "Point", "coordinates": ["a", "b"]}, "geometry-unreadable"),
        ({"type": "Point", "coordinates": [36.6, 101.8]}, "geometry-outside"),
        ({"type": "Point", "coordinates": {"x": 1}}, "geometry-unreadable"),
        ({"type": "GeometryCollection", "geometries": []}, "geometry-missing"),
    ],
)
def test_a_geometry_that_is_none_is_refused(
    client: TestClient, structure: dict[str, Any], geometry: object, rule: str
) -> None:
    refused = client.post(ITEMS, json=structure | {"geometry": geometry}, headers=GEOJSON)
    assert refused.status_code == 422, refused.text
    assert [f["rule"] for f in refused.json()["findings"]] == [rule]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"\xff\xfe",
        b'{"type":"Feature","properties":[]}',
        b'{"type":"Feature","properties":1}',
        b'{"type":"FeatureCollection","features":[]}',
        b'{"type":"Feature","geometry":{"type":"Point","coordinates":[NaN,0]}}',
        b'{"type":"Feature","crs":{"type":"name"},"properties":{}}',
        b"[" * 100_000,
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b'{"type":"Feature","id":' + b"9" * 5000 + b"}",
    ],
)
def test_a_body_that_is_no_feature_is_refused(client: TestClient, body: bytes) -> None:
    for method in ("POST", "PUT", "PATCH"):
        address = ITEMS if method == "POST" else f"{ITEMS}/1"
        response = client.request(method, address, content=body, headers=GEOJSON)
        assert response.status_code in ({400, 422} if method == "POST" else {400, 404, 422})
        assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "x"])
def test_only_json_is_taken(client: TestClient, structure: dict[str, Any], kind: str) -> None:
    body = json.dumps(structure)
    response = client.post(ITEMS, content=body, headers={"content-type": kind})
    assert (response.status_code, response.json()["type"]) == (415, "/problems/body-type")


@pytest.mark.parametrize(
    "text",
    [
        "</script><script>alert(1)</script>",
        "{{7*7}}{% raw %}",
        "%s%n%(a)s",
        "'; DROP TABLE water; --",
        '"\\',
        "\u202eRTL\u2028.",
        "字" * 10_000,
        "😀\U0010ffff",
    ],
)
def test_hostile_text_comes_back_as_it_went_in(
    client: TestClient, structure: dict[str, Any], text: str
) -> None:
    structure["properties"]["address"] = text
    made = client.post(ITEMS, json=structure, headers=GEOJSON)
    assert made.status_code == 201, made.text
    assert client.get(made.headers["location"]).json()["properties"]["address"] == text


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "字" * 10_001, "\x1b[2J"])
def test_text_that_cannot_be_stored_is_refused(
    client: TestClient, structure: dict[str, Any], text: str
) -> None:
    structure["properties"]["address"] = text
    body = json.dumps(structure)  # lone surrogates survive as escapes
    refused = client.post(ITEMS, content=body, headers=GEOJSON)
    assert refused.status_code == 422
    assert refused.json()["findings"][0]["column"] == "address"


def test_a_key_that_is_taken_is_named(client: TestClient, structure: dict[str, Any]) -> None:
    client.post(ITEMS, json=structure, headers=GEOJSON)
    again = client.post(ITEMS, json=structure, headers=GEOJSON)
    assert again.status_code == 422
    (finding,) = again.json()["findings"]
    assert (finding["column"], finding["rule"]) == ("number", "value-exists")
    assert structure["properties"]["number"] in finding["sentence"]
    assert client.get(ITEMS).json()["numberMatched"] == 1


def test_a_commit_that_fails_does_not_answer_as_if_it_had_not(
    client: TestClient, database: Database, structure: dict[str, Any]
) -> None:
    with database.begin() as connection:
        connection.execute(
            sa.text("""
                CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION USING ERRCODE = '23514', MESSAGE = 'not at commit'; END $$
            """)
        )
        connection.execute(
            sa.text("""
                CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT OR UPDATE OR DELETE
                ON illegal_structures DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION never()
            """)
        )
    refused = client.post(ITEMS, json=structure, headers=GEOJSON)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/database-refused")
    assert client.get(ITEMS).json()["numberMatched"] == 0


def test_of_two_changes_to_one_state_only_one_succeeds(
    client: TestClient, registry: Registry, structure: dict[str, Any]
) -> None:
    layer = registry.layer("illegal_structures")
    made = client.post(ITEMS, json=structure, headers=GEOJSON)
    address, etag = made.headers["location"], made.headers["etag"]
    start, answers = threading.Barrier(6), []

    def change(n: int) -> None:
        start.wait()
        changed = client.put(address, json=feature(layer, n), headers=GEOJSON | {"if-match": etag})
        answers.append(changed.status_code)

    threads = [threading.Thread(target=change, args=(n,)) for n in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 412, 412, 412, 412, 412]


def test_many_changes_at_once_wait_for_no_connection_of_each_other(
    client: TestClient, registry: Registry
) -> None:
    """More requests than threads and connections: none may starve another."""
    layer = registry.layer("illegal_structures")
    answers: list[int] = []

    def add(n: int) -> None:
        answers.append(client.post(ITEMS, json=feature(layer, n), headers=GEOJSON).status_code)

    threads = [threading.Thread(target=add, args=(n,)) for n in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [201] * 60


def test_a_stored_feature_is_what_the_layer_allows(
    client: TestClient, database: Database, registry: Registry
) -> None:
    layer = registry.layer("grid_fields")
    assert layer.geometry is Geometry.POLYGON
    clockwise = feature(layer)
    clockwise["geometry"]["coordinates"][0].reverse()
    made = client.post("/collections/grid_fields/items", json=clockwise, headers=GEOJSON).json()
    assert shapely.from_geojson(json.dumps(made["geometry"])).exterior.is_ccw
    with database.read() as connection:
        assert json.loads(features.item(connection, layer, made["id"]))["id"] == made["id"]
