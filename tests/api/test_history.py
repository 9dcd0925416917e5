"""GET …/items/{id}/history: what a feature was, in JSON."""

from starlette.testclient import TestClient

from layers.registry import Registry
from tests.api.test_editing import GEOJSON, feature


def test_a_feature_tells_its_history_also_after_it_is_gone(
    client: TestClient, registry: Registry
) -> None:
    layer = registry.layer("courtyards")
    items = f"/collections/{layer.name}/items"
    made = client.post(items, json=feature(layer), headers=GEOJSON).json()["id"]
    client.put(f"{items}/{made}", json=feature(layer, 0, households=99), headers=GEOJSON)
    client.delete(f"{items}/{made}")
    answer = client.get(f"{items}/{made}/history")
    assert answer.status_code == 200
    came, changed, went = answer.json()["changes"]
    assert [change["operation"] for change in (came, changed, went)] == [
        "insert",
        "update",
        "delete",
    ]
    assert came["before"] is None
    assert changed["fields"] == ["households"]
    assert changed["before"] == came["after"]
    assert changed["after"]["properties"]["households"] == 99
    assert changed["after"]["geometry"]["type"] == "Point"
    assert went["after"] is None
    assert came["number"] < changed["number"] < went["number"]


def test_what_never_was_is_not_found(client: TestClient) -> None:
    for address in ("water/items/1", "water/items/x", "nothing/items/1"):
        answer = client.get(f"/collections/{address}/history")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
