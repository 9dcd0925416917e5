"""Health, the API's own description, and what the pages ask for."""

import itertools
import json
import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from layers.declaring.words import Role
from layers.registry import Registry
from maps.assets import url


def test_it_says_whether_it_lives_and_is_ready(reader: TestClient) -> None:
    assert reader.get("/healthz").text == "ok\n"
    assert reader.get("/readyz").text == "ready\n"


@pytest.fixture(scope="module")
def document(reader: TestClient) -> dict[str, Any]:
    response = reader.get("/openapi.json")
    assert response.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    found: dict[str, Any] = response.json()
    return found


def test_the_description_is_openapi_3_0_and_complete_in_itself(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.0.")
    text = json.dumps(document)
    assert '"null"' not in text
    assert '"const"' not in text
    assert not re.search(r'"exclusiveM(in|ax)imum": [\d-]', text)
    for pointer in re.findall(r'"\$ref": "([^"]+)"', text):
        target: Any = document
        assert pointer.startswith("#/")
        for part in pointer[2:].split("/"):
            target = target[part]
    assert set(re.findall(r"https?://[^/\"]+", text)) <= {"http://www.opengis.net"}


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    seen = set()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (method, path)
            assert operation["operationId"] not in seen
            seen.add(operation["operationId"])
            named = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", path)), path
    methods = set(document["paths"]["/collections/{layer}/items/{feature_id}"])
    assert methods == {"get", "put", "patch", "delete"}


def test_parameters_are_described_as_the_standard_wants(document: dict[str, Any]) -> None:
    parameters = {
        p["name"]: p for p in document["paths"]["/collections/{layer}/items"]["get"]["parameters"]
    }
    assert parameters["limit"]["schema"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 10_000,
        "default": 10,
    }
    assert parameters["bbox"]["schema"]["type"] == "array"
    assert parameters["bbox"]["explode"] is False
    assert {"datetime", "filter", "filter-lang", "crs", "bbox-crs", "after"} <= set(parameters)


def test_the_description_can_be_read_by_people(
    reader: TestClient, document: dict[str, Any]
) -> None:
    page = reader.get("/docs")
    assert page.status_code == 200
    for path in document["paths"]:
        assert path in page.text.replace("&#123;", "{").replace("&#125;", "}")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("address", ["/docs", "/problems", "/conformance", "/import", "/nope"])
def test_pages_name_no_outside_address(reader: TestClient, address: str, lang: str) -> None:
    page = reader.get(
        address, params={"lang": lang, "f": "html"} if address != "/docs" else {"lang": lang}
    )
    assert page.headers["content-type"].startswith("text/html")
    assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', page.text)
    assert "<script>" not in page.text
    assert " style=" not in page.text
    reader.cookies.clear()


def test_every_theme_is_a_page_with_figures(reader: TestClient, registry: Registry) -> None:
    for name, theme in registry.themes.items():
        for lang in ("zh", "en"):
            page = reader.get(f"/maps/{name}", params={"lang": lang})
            assert page.status_code == 200
            assert page.headers["content-type"] == "text/html; charset=utf-8"
            policy = page.headers["content-security-policy"]
            assert "'sha256-" in policy
            assert "unsafe" not in policy
            etag = page.headers["etag"]
            again = reader.get(
                f"/maps/{name}", params={"lang": lang}, headers={"if-none-match": etag}
            )
            assert (again.status_code, again.content) == (304, b"")
        figures = reader.get(f"/maps/{name}/summary").json()["layers"]
        assert set(figures) == {layer.name for layer in registry.drawn(theme)}
        for layer_name, found in figures.items():
            items = reader.get(f"/collections/{layer_name}/items?limit=1").json()
            assert found["count"] == items["numberMatched"]
    reader.cookies.clear()
    assert reader.get("/maps/nowhere").status_code == 404
    assert reader.get("/maps/nowhere/summary").status_code == 404
    assert reader.get("/maps/nowhere/fields").status_code == 404


def test_the_words_of_a_map_are_kept_under_the_address_that_its_page_names(
    reader: TestClient, registry: Registry
) -> None:
    for name, lang in itertools.product(registry.themes, ("zh", "en")):
        page = reader.get(f"/maps/{name}", params={"lang": lang}).text
        (written,) = re.findall(rf'"/maps/{name}/fields[^"]+"', page)
        address = json.loads(written)
        told = reader.get(address)
        assert told.headers["cache-control"] == "private, max-age=31536000, immutable"
        drawn = registry.drawn(registry.theme(name))
        assert [*told.json()["layers"]] == [x.name for x in drawn if x.role is Role.THEMATIC]
        again = reader.get(address, headers={"if-none-match": told.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    other = reader.get(f"/maps/{name}/fields?v=another&lang=en")
    assert other.headers["cache-control"] == "private, no-cache"
    assert other.json() == told.json()
    reader.cookies.clear()


def test_assets_are_kept_for_good_and_nothing_else_is_served(reader: TestClient) -> None:
    found = reader.get(url("leaflet.css"))
    assert found.status_code == 200
    assert found.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert found.headers["content-type"] == "text/css; charset=utf-8"
    version = url("leaflet.css").split("/")[2]
    for path in (
        "",
        "leaflet.css",
        "00000000/leaflet.css",
        f"{version}/",
        f"{version}/nope.js",
        f"{version}/../assets.py",
        f"{version}/%2e%2e/%2e%2e/assets.py",
        f"{version}/%00",
        "%2fetc%2fpasswd",
    ):
        assert reader.get(f"/assets/{path}").status_code == 404, path


def test_the_icon_that_browsers_ask_for_is_there(reader: TestClient) -> None:
    assert reader.get("/favicon.ico").headers["content-type"].startswith("image/")
