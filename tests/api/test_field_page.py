"""The inspectors' app as it is served: who gets it, what it may load, what makes it installable."""

import json
import re
import struct
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from gis.postgis import Database
from layers.declaring.people import Role
from layers.declaring.rights import RIGHTS, Right
from layers.registry import Registry
from maps.pages import field
from tests.api.conftest import BASE
from tests.people import bearer

PAGE = {"accept": "text/html"}


@pytest.fixture(scope="module")
def nobody(settings: Settings, district: Database, registry: Registry) -> Iterator[TestClient]:
    app = create_app(settings, database=district, registry=registry)
    with TestClient(app, BASE, follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="module")
def manifest(nobody: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = nobody.get(field.MANIFEST).json()
    return found


def _kept(nobody: TestClient) -> list[dict[str, str | None]]:
    """What the worker keeps."""
    found = re.search(r'\[\{"url".*?\]', nobody.get(field.WORKER).text)
    assert found
    kept: list[dict[str, str | None]] = json.loads(found[0])
    return kept


@pytest.mark.parametrize("role", list(Role))
def test_the_app_is_for_those_who_log(nobody: TestClient, district: Database, role: Role) -> None:
    answer = nobody.get("/field", headers={**bearer(district, role), **PAGE})
    assert answer.status_code == (200 if Right.LOG in RIGHTS[role] else 403)


def test_whoever_is_not_signed_in_is_led_to_the_door_and_back(nobody: TestClient) -> None:
    answer = nobody.get("/field", headers=PAGE)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/auth/sign-in?next=%2Ffield"


def test_the_shell_is_the_same_for_everybody_and_says_nothing_of_the_district(
    nobody: TestClient, district: Database
) -> None:
    shells = {
        nobody.get(address, headers={**bearer(district, role, division), **PAGE}).content
        for role, division in ((Role.INSPECTOR, "630102007001"), (Role.ADMIN, "630102000000"))
        for address in ("/field", "/field?lang=en", "/field?utm_source=x")
    }
    assert len(shells) == 1
    (shell,) = shells
    assert "蓝天社区" not in shell.decode()


def test_the_policy_of_the_shell_admits_nothing_but_itself(reader: TestClient) -> None:
    answer = reader.get("/field", headers=PAGE)
    policy = dict(
        part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; ")
    )
    assert policy["default-src"] == "'none'"
    for source in ("script", "style", "connect", "worker", "manifest"):
        assert policy[f"{source}-src"] == "'self'"
    assert policy["img-src"] == "'self' blob: data:"
    assert policy["frame-ancestors"] == "'none'"
    assert " style=" not in answer.text
    assert "<style" not in answer.text
    assert re.findall(r"<script(?! src=| type=\"application/json\")", answer.text) == []
    assert "//" not in re.sub(r"<script type.*?</script>", "", answer.text)


def test_every_file_of_the_shell_is_there(reader: TestClient) -> None:
    text = reader.get("/field", headers=PAGE).text
    found = re.findall(r'(?:src|href)="(/[^"]+)"', text)
    config = json.loads(re.findall(r'id="field-config">(.*?)</script>', text)[0])
    addresses = [*found, *config["scripts"], *config["styles"], config["worker"]]
    assert len(addresses) >= 9
    for address in addresses:
        assert reader.get(address).status_code == 200, address


def test_the_worker_reaches_the_app_and_is_asked_for_each_time(nobody: TestClient) -> None:
    answer = nobody.get(field.WORKER)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["service-worker-allowed"] == field.ADDRESS
    assert "no-cache" in answer.headers["cache-control"]
    # It obeys the policy of its own answer.
    assert "connect-src 'self'" in answer.headers["content-security-policy"]
    again = nobody.get(field.WORKER, headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


def test_the_worker_keeps_the_shell_by_its_content_and_files_that_are_there(
    nobody: TestClient, reader: TestClient
) -> None:
    shell, *files = _kept(nobody)
    assert shell["url"] == field.ADDRESS
    assert shell["revision"] == reader.get("/field", headers=PAGE).headers["etag"]
    assert {"field.js", "field.css", "leaflet.js", "field-map.js"} <= {
        str(each["url"]).rsplit("/", 1)[1] for each in files
    }
    for each in files:
        answer = nobody.get(str(each["url"]))
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]


def test_another_shell_makes_another_worker(
    district: Database, registry: Registry, settings: Settings, nobody: TestClient
) -> None:
    approved = settings.model_copy(update={"map_approval": "GS(2026)1号"})
    with TestClient(create_app(approved, database=district, registry=registry), BASE) as client:
        assert client.get(field.WORKER).text != nobody.get(field.WORKER).text


def test_the_manifest_is_what_a_browser_wants_of_it(manifest: dict[str, Any]) -> None:
    assert manifest["id"] == manifest["start_url"] == manifest["scope"] == "/field"
    assert manifest["display"] == "standalone"
    assert manifest["lang"] == "zh-CN"
    assert len(manifest["short_name"]) <= 12
    assert {"any", "maskable"} == {icon["purpose"] for icon in manifest["icons"]}
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
    for colour in (manifest["theme_color"], manifest["background_color"]):
        assert re.fullmatch(r"#[0-9a-f]{6}", colour)


def test_the_manifest_is_open_and_of_its_own_type(nobody: TestClient) -> None:
    answer = nobody.get(field.MANIFEST)
    assert answer.headers["content-type"] == "application/manifest+json"
    assert "no-cache" in answer.headers["cache-control"]


def test_every_icon_is_a_picture_of_the_size_that_is_said(
    nobody: TestClient, manifest: dict[str, Any]
) -> None:
    for icon in manifest["icons"]:
        answer = nobody.get(icon["src"])
        assert answer.headers["content-type"] == icon["type"]
        if icon["type"] != "image/png":
            continue
        width, height = struct.unpack(">II", answer.content[16:24])
        assert icon["sizes"] == f"{width}x{height}"


def test_the_portal_leads_there_whoever_may_log(nobody: TestClient, district: Database) -> None:
    for role in Role:
        page = nobody.get("/", headers={**bearer(district, role), **PAGE}).text
        assert ('href="/field"' in page) == (Right.LOG in RIGHTS[role])
