"""OGC API – Features: what there is, and that every link leads somewhere."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from api.conformance import CLASSES
from api.links import QUERYABLES, VECTOR_TILES
from layers.registry import Registry


def test_the_landing_page_leads_to_everything(reader: TestClient) -> None:
    landing = reader.get("/", headers={"accept": "application/json"}).json()
    assert landing["title"] == "网格责任田"
    rels = {link["rel"] for link in landing["links"]}
    assert {"self", "alternate", "service-desc", "service-doc", "conformance", "data"} <= rels


def test_a_browser_gets_the_portal(reader: TestClient) -> None:
    page = reader.get("/", headers={"accept": "text/html"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "网格责任田" in page.text
    assert reader.get("/?from=singlemessage", headers={"accept": "text/html"}).status_code == 200


def test_conformance_is_listed_once_each(reader: TestClient) -> None:
    listed = reader.get("/conformance").json()["conformsTo"]
    assert listed == list(CLASSES)
    assert len(set(listed)) == len(listed)


def test_every_layer_is_a_collection(reader: TestClient, registry: Registry) -> None:
    found = {c["id"]: c for c in reader.get("/collections?lang=en").json()["collections"]}
    assert list(found) == list(registry.layers)
    for name, layer in registry.layers.items():
        assert found[name]["title"] == layer.label.en
        rels = {link["rel"] for link in found[name]["links"]}
        assert {"self", "items", QUERYABLES, "enclosure"} <= rels
        assert (VECTOR_TILES in rels) == layer.has_shape
        if not layer.has_shape:
            assert "extent" not in found[name]
            continue
        west, south, east, north = found[name]["extent"]["spatial"]["bbox"][0]
        assert 101 < west <= east < 103
        assert 36 < south <= north < 37


def test_an_empty_layer_has_no_extent(client: TestClient) -> None:
    assert "extent" not in client.get("/collections/water").json()


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_queryables_are_the_declared_fields(
    reader: TestClient, registry: Registry, accept: str
) -> None:
    for layer in registry.layers.values():
        address = f"/collections/{layer.name}/queryables"
        response = reader.get(address, headers={"accept": accept})
        assert response.status_code == 200
        if accept == "application/json":
            found = response.json()
            own = [name for name in found["properties"] if not name.startswith("case_")]
            assert own == [*layer.columns]
            assert found["$id"].endswith(address)


def test_a_schema_tells_types_limits_and_choices(reader: TestClient) -> None:
    found = reader.get("/collections/illegal_structures/schema?lang=en").json()
    assert found["required"] == ["number", "status"]
    properties = found["properties"]
    assert properties["storeys"] == {
        "title": "Storeys",
        "type": "integer",
        "minimum": 0,
        "maximum": 200,
        "x-ogc-unit": "storeys",
    }
    assert properties["found_on"]["format"] == "date"
    assert properties["status"]["enum"][0] == "registered"
    assert properties["status"]["x-choices"]["registered"] == "Registered"
    assert properties["geom"] == {"format": "geometry-point", "x-ogc-role": "primary-geometry"}


def test_every_link_leads_somewhere(reader: TestClient) -> None:
    seen: set[str] = set()
    waiting = ["/?f=json"]
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        response = reader.get(address)
        assert response.status_code in (200, 204), address
        if "json" in response.headers.get("content-type", "") and "export" not in address:
            waiting += [_local(link) for link in _links(response.json())]
    assert any("export?f=gpkg" in address for address in seen)
    assert any("items?" in address and "after=" in address for address in seen)


def _links(document: Any) -> list[dict[str, Any]]:
    if isinstance(document, list):
        return [link for part in document for link in _links(part)]
    if not isinstance(document, dict):
        return []
    own = document.get("links", [])
    inner = [link for key, part in document.items() if key != "links" for link in _links(part)]
    return [link for link in [*own, *inner] if not link.get("templated")]


def _local(link: dict[str, Any]) -> str:
    parts = urlsplit(link["href"])
    assert parts.netloc == "127.0.0.1"
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


@pytest.mark.parametrize(
    "address",
    [
        "/conformance",
        "/collections",
        "/collections/water",
        "/collections/water/queryables",
        "/collections/water/items",
        "/collections/water/items/1",
        "/collections/water/tiles",
        "/tiles/WebMercatorQuad",
    ],
)
def test_an_unknown_parameter_is_refused(reader: TestClient, address: str) -> None:
    response = reader.get(f"{address}?unheard=of")
    assert (response.status_code, response.json()["type"]) == (400, "/problems/bad-parameter")
    assert "unheard" in response.json()["detail"]


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/conformance",
        "/collections",
        "/collections/water",
        "/collections/water/items",
        "/collections/water/items/1",
    ],
)
def test_what_is_json_is_also_a_page(reader: TestClient, address: str) -> None:
    for way in ({"params": {"f": "html"}}, {"headers": {"accept": "text/html"}}):
        response = reader.get(address, **way)  # type: ignore[arg-type]
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/html; charset=utf-8"
    forced = reader.get(address, params={"f": "json"}, headers={"accept": "text/html"})
    assert "json" in forced.headers["content-type"]


def test_a_page_in_english_is_remembered(reader: TestClient) -> None:
    page = reader.get("/collections?f=html&lang=en")
    assert 'lang="en"' in page.text
    assert "lang=en" in page.headers["set-cookie"]
    assert "httponly" in page.headers["set-cookie"].lower()
    assert 'lang="en"' in reader.get("/collections?f=html").text
    reader.cookies.clear()
    assert 'lang="zh-CN"' in reader.get("/collections?f=html").text
