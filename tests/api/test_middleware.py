"""What every request passes: names, origins, bounds, headers, compression."""

import gzip
from collections.abc import AsyncIterator, Iterator

import anyio
import httpx2
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from gis.postgis import Database
from layers.registry import Registry
from tests.api.conftest import BASE
from tests.loops import run
from tests.people import bearer

POINT = '{"type":"FeatureCollection","features":[]}'
GEOJSON = {"content-type": "application/geo+json"}


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1:8000",
        "localhost",
        "LOCALHOST:80",
        "[::1]",
        "[::1]:8000",
        "127.8.8.8",
    ],
)
def test_it_answers_to_names_of_this_machine(reader: TestClient, host: str) -> None:
    assert reader.get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "10.0.0.1",
        "localhost:x",
        "[::1",
        "a@localhost",
        "localhost,evil.example",
    ],
)
def test_it_does_not_answer_to_other_names(reader: TestClient, host: str) -> None:
    response = reader.get("/healthz", headers={"host": host})
    assert (response.status_code, response.json()["type"]) == (421, "/problems/foreign-host")


def test_it_answers_to_a_name_of_the_settings(
    settings: Settings, district: Database, registry: Registry
) -> None:
    named = settings.model_copy(update={"hosts": ("Grid.example",)})
    with TestClient(create_app(named, database=district, registry=registry), BASE) as client:
        assert client.get("/healthz", headers={"host": "grid.example:443"}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": BASE}, 200),
        ({"sec-fetch-site": "same-origin", "origin": BASE}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:8001"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site", "origin": BASE}, 403),
    ],
)
def test_changes_come_from_our_own_pages_or_from_programs(
    reader: TestClient, headers: dict[str, str], status: int
) -> None:
    response = reader.post("/responsible", content=POINT, headers=GEOJSON | headers)
    assert response.status_code == status


def test_another_site_may_link_to_us(reader: TestClient) -> None:
    assert reader.get("/healthz", headers={"sec-fetch-site": "cross-site"}).status_code == 200


def test_a_declared_size_beyond_the_limit_is_refused_unread(reader: TestClient) -> None:
    headers = GEOJSON | {"content-length": "99999999999"}
    response = reader.post("/responsible", content=b"", headers=headers)
    assert (response.status_code, response.json()["type"]) == (413, "/problems/body-too-large")


def test_a_body_that_grows_beyond_the_limit_is_refused(reader: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(100):
            yield b" " * 100_000

    form = {"content-type": "multipart/form-data; boundary=b"}
    for address, headers in (("/responsible", GEOJSON), ("/collections/water/import", form)):
        response = reader.post(address, content=endless(), headers=headers)
        assert (response.status_code, response.json()["type"]) == (413, "/problems/body-too-large")


def test_an_upload_has_the_limit_of_the_settings(reader: TestClient) -> None:
    content = {"file": ("big.csv", b"x" * 3_100_000)}
    response = reader.post("/collections/grid_fields/import", files=content)
    assert (response.status_code, response.json()["type"]) == (413, "/problems/body-too-large")
    assert "3 MB" in response.json()["detail"]


def test_a_body_that_does_not_arrive_is_given_up(
    settings: Settings, district: Database, registry: Registry
) -> None:
    hasty = create_app(
        settings.model_copy(update={"upload_timeout_s": 1}), database=district, registry=registry
    )

    async def trickle() -> AsyncIterator[bytes]:
        yield b"{"
        await anyio.sleep(30)
        yield b"}"

    async def ask() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=hasty)
        async with httpx2.AsyncClient(transport=transport, base_url=BASE) as client:
            headers = GEOJSON | bearer(district)
            return await client.post("/responsible", content=trickle(), headers=headers)

    response = run(ask)
    assert (response.status_code, response.json()["type"]) == (408, "/problems/body-too-slow")


@pytest.mark.parametrize(
    "address", ["/", "/maps/fields", "/collections", "/docs", "/nope", "/healthz", "/openapi.json"]
)
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_every_answer_is_hardened(reader: TestClient, address: str, accept: str) -> None:
    headers = reader.get(address, headers={"accept": accept}).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "geolocation=(self)" in headers["permissions-policy"]
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors" in policy
    assert "unsafe" not in policy


def test_large_answers_are_packed_and_small_ones_are_not(reader: TestClient) -> None:
    with reader.stream("GET", "/collections/grid_fields/items?limit=50") as response:
        packed = b"".join(response.iter_raw())
    assert response.headers["content-encoding"] == "gzip"
    assert b"FeatureCollection" in gzip.decompress(packed)
    assert "content-encoding" not in reader.get("/healthz").headers


def test_head_is_answered_like_get_without_a_body(reader: TestClient) -> None:
    for address in ("/collections", "/collections/grid_fields/export?f=csv", "/healthz"):
        response = reader.head(address)
        assert (response.status_code, response.content) == (200, b"")
        assert response.headers["content-type"] == reader.get(address).headers["content-type"]


def test_metrics_count_by_route_and_not_by_address(reader: TestClient) -> None:
    for name in ("a", "b", "c"):
        reader.get(f"/collections/{name}")
    reader.request("BREW", "/collections")
    text = reader.get("/metrics").text
    assert 'route="/collections/{layer}",status="404"} ' in text
    assert 'method="OTHER"' in text
    assert "/collections/a" not in text
    assert "gridfield_database_connections 0" in text
