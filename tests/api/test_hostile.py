"""No input makes a 5xx: every operation of the API's own description, against hostile values."""

import itertools
import json
import random
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from gis.cluster import Cluster
from layers.registry import Registry
from tests.api.conftest import BASE, populated
from tests.api.test_editing import feature
from tests.people import bearer

CORPUS = (
    "",
    " ",
    "0",
    "-1",
    "1",
    "1.5",
    "1e999",
    "nan",
    "9" * 40,
    "9" * 5000,
    "true",
    "null",
    "grid_fields",
    "../../etc/passwd",
    "..%2f..%2fetc",
    "\0",
    "a\0b",
    "\r\nset-cookie: a=b",
    "'",
    "''",
    "'; DROP TABLE water; --",
    "1 OR 1=1",
    "%s%n%(x)s%",
    "{0}{x}",
    "{{7*7}}{% for %}",
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "${jndi:ldap://x}",
    "字" * 300,
    "\u202e\u2028\ufeff",
    "\U0010ffff",
    "٣",
    "[1,2]",
    "POINT(1 2)",
    "1,2,3,4",
    "180,90,-180,-90",
    "200,100,201,101",
    "2017-07-21/..",
    "S_INTERSECTS(geom,POINT(1 2))",
    "name LIKE '%'",
    "NOT " * 500,
    "html",
    "json",
)
BODIES = (
    b"",
    b"\0",
    b"{}",
    b"[]",
    b"null",
    b"{" * 50_000,
    b'"\\ud800"',
    b'{"type":"Feature"}',
    b'{"type":"FeatureCollection","features":[null]}',
    b'{"type":"Feature","geometry":{"type":"Point","coordinates":[[[]]]},"properties":{"name":{"a":[]}}}',
    b'{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[1e308,1e308],[-1e308,0],[0,0],[1e308,1e308]]]},"properties":{}}',
    b'{"type":"Feature","geometry":{"type":"GeometryCollection","geometries":'
    + b'[{"type":"GeometryCollection","geometries":' * 400,
)
KINDS = (
    "application/json",
    "application/geo+json",
    "multipart/form-data; boundary=b",
    "text/x",
    "",
)


@pytest.fixture(scope="module")
def victim(
    cluster: Cluster, template: str, settings: Settings, registry: Registry
) -> Iterator[TestClient]:
    with populated(cluster, template, settings, registry) as database:
        app = create_app(settings, database=database, registry=registry)
        # An exception reaches the client as it would a browser: as a 500 that we look for.
        with TestClient(app, BASE, raise_server_exceptions=False) as client:
            client.headers.update(bearer(database))
            yield client


def operations(client: TestClient) -> list[tuple[str, str, list[str]]]:
    paths = client.get("/openapi.json").json()["paths"]
    return [
        (method.upper(), path, [p["name"] for p in o.get("parameters", []) if p["in"] == "query"])
        for path, described in paths.items()
        for method, o in described.items()
    ]


def _readings(client: TestClient) -> list[tuple[str, list[str]]]:
    return [(path, names) for method, path, names in operations(client) if method == "GET"]


def _check(response: Any, *asked: object) -> None:
    assert response.status_code < 500, (asked, response.text)
    if response.status_code >= 400:
        kind = response.headers["content-type"]
        # OAuth 2.0 has a form of its own for what is refused (RFC 6749 §5.2).
        is_oauth = kind == "application/json" and "error" in response.json()
        told = kind == "application/problem+json" or (is_oauth and "/auth/token" in asked)
        assert told or kind.startswith("text/html"), asked
        assert "Traceback" not in response.text
    assert "set-cookie" not in response.headers or "a=b" not in response.headers["set-cookie"]


def _filled(path: str, value: str = "1") -> str:
    known = {"layer": "grid_fields", "theme": "fields", "slug": "internal", "feature_id": "1"}
    return re.sub(r"{(\w+)}", lambda m: known.get(m[1], quote(value, safe="")), path)


def test_hostile_parameters(victim: TestClient) -> None:
    readers = itertools.cycle(("*/*", "text/html"))
    for path, names in _readings(victim):
        for name, value in itertools.product([*names, "unheard"], CORPUS):
            headers = {"accept": next(readers)}
            response = victim.get(_filled(path), params={name: value}, headers=headers)
            _check(response, path, name, value)


def test_hostile_paths(victim: TestClient) -> None:
    for path, _ in _readings(victim):
        for name, value in itertools.product(re.findall(r"{(\w+)}", path), CORPUS):
            address = _filled(path.replace(f"{{{name}}}", quote(value, safe="")))
            _check(victim.get(address), path, name, value)


def test_hostile_bodies(victim: TestClient) -> None:
    for method, path, _ in operations(victim):
        if method == "GET" or path == "/auth/sign-out":  # which would end the visit
            continue
        for body, kind in itertools.product(BODIES, KINDS):
            # The demo is shared with other tests: what is addressed is not there.
            address = re.sub(r"(items|batches)/1\b", r"\1/999999999", _filled(path))
            response = victim.request(method, address, content=body, headers={"content-type": kind})
            _check(response, method, path, body[:50], kind)


def test_hostile_headers(victim: TestClient) -> None:
    names = (
        "accept",
        "accept-encoding",
        "accept-language",
        "authorization",
        "content-length",
        "content-type",
        "cookie",
        "host",
        "if-none-match",
        "origin",
        "range",
        "sec-fetch-site",
    )
    values = (
        "",
        ",",
        ";q=",
        "*/*;q=9e99",
        "text/html;q=nan",
        '"',
        "W/",
        "a" * 4000,
        "\xff",
        "1" * 40,
    )
    for name, value in itertools.product(names, values):
        for address in ("/", "/collections/water/items/1", "/maps/fields"):
            response = victim.get(address, headers={name: value.encode("latin-1")})  # type: ignore[dict-item]
            _check(response, name, value)


def test_hostile_properties(client: TestClient, registry: Registry) -> None:
    """Every field of every layer, with every value: stored as it is, or refused by its rule."""
    values = [*CORPUS, 0, -1, 1.5, 1e308, True, None, [], {}, [[1]], {"a": 1}, 10**400, "\ud800"]
    chooser = random.Random(20170721)
    for layer in registry.layers.values():
        whole = feature(layer)
        for field in layer.fields:
            for value in chooser.sample(values, 12):
                changed = {**whole, "properties": {**whole["properties"], field.name: value}}
                response = client.post(
                    f"/collections/{layer.name}/items",
                    content=json.dumps(changed),
                    headers={"content-type": "application/geo+json"},
                )
                _check(response, layer.name, field.name, value)
                assert response.status_code in (201, 422)
