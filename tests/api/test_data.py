"""Whole layers over HTTP: out in every format, and back again."""

from typing import Any
from urllib.parse import unquote

import pytest
from starlette.testclient import TestClient

from api.app import export_places
from api.settings import Settings
from gis.postgis import Database
from layers.leaving.exporting import FORMATS, formats
from layers.registry import Registry


@pytest.mark.parametrize("form", FORMATS)
def test_every_layer_leaves_in_every_format(
    reader: TestClient, registry: Registry, form: str
) -> None:
    for layer in registry.layers.values():
        response = reader.get(f"/collections/{layer.name}/export?f={form}&lang=zh")
        if form not in formats(layer):
            assert response.status_code == 400
            assert response.json()["type"] == "/problems/format-needs-places"
            continue
        assert response.status_code == 200
        assert response.headers["content-type"] == FORMATS[form].media_type
        assert len(response.content) > 200
        named = response.headers["content-disposition"]
        ending = FORMATS[form].ending
        assert f'attachment; filename="{layer.name}{ending}"' in named
        assert unquote(named.split("UTF-8''")[1]) == f"{layer.label.zh}{ending}"


def test_what_left_comes_back_the_same(
    reader: TestClient, client: TestClient, registry: Registry
) -> None:
    # What belongs to others comes after them.
    for layer in sorted(registry.layers.values(), key=lambda layer: layer.parent is not None):
        left = reader.get(f"/collections/{layer.name}/export?f=geojson")
        loaded = client.post(
            f"/collections/{layer.name}/import", files={"file": ("a.geojson", left.content)}
        )
        assert loaded.status_code == 200, loaded.text
        again = client.get(f"/collections/{layer.name}/export?f=geojson").json()
        assert [_without_id(f) for f in again["features"]] == [
            _without_id(f) for f in left.json()["features"]
        ]
        report = loaded.json()
        assert report["rows"] == report["new"] == len(again["features"])


def _without_id(feature: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in feature.items() if key != "id"}


def test_an_export_may_be_cut_to_a_box(reader: TestClient) -> None:
    box = "101.82,36.61,101.83,36.62"
    some = reader.get(f"/collections/buildings/export?bbox={box}").json()["features"]
    listed = reader.get(f"/collections/buildings/items?limit=10000&bbox={box}").json()
    assert [f["id"] for f in some] == [f["id"] for f in listed["features"]]
    assert 0 < len(some) < reader.get("/collections/buildings/items").json()["numberMatched"]


@pytest.mark.parametrize("query", ["f=exe", "f=", "bbox=1", "where=1", "f=csv&f=exe"])
def test_an_export_that_is_none_is_refused(reader: TestClient, query: str) -> None:
    response = reader.get(f"/collections/water/export?{query}")
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"


def test_exports_hold_no_connection_when_they_are_done_or_given_up(
    reader: TestClient, district: Database, settings: Settings
) -> None:
    for _ in range(3 * export_places(settings)):
        with reader.stream("GET", "/collections/buildings/export?f=geojsonl") as response:
            assert response.status_code == 200
        assert reader.head("/collections/buildings/export?f=geojsonl").status_code == 200
    assert district.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert reader.get("/collections/buildings/export?f=csv").status_code == 200


def test_exports_beyond_their_places_are_told_to_wait(
    reader: TestClient, settings: Settings
) -> None:
    exports = reader.app.state.context.exports  # type: ignore[attr-defined]
    for _ in range(export_places(settings)):
        exports.acquire()
    try:
        response = reader.get("/collections/water/export")
        assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    finally:
        for _ in range(export_places(settings)):
            exports.release()
    assert reader.get("/collections/water/export").status_code == 200
