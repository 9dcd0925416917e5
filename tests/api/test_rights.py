"""Every route asks who is there, and every role does what the table says, no route excepted."""

import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.app import create_app
from api.deps import Ctx
from api.settings import Settings
from gis.postgis import Database
from layers.declaring.people import Role
from layers.declaring.rights import RIGHTS, Right
from layers.registry import Registry
from tests.api import routing
from tests.api.conftest import BASE
from tests.people import account, bearer, secret

# What somebody unknown may ask for: of the district, it says nothing.
OPEN = {
    ("GET", "/"),  # as JSON; the portal of the same address is closed
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/assets/{path:path}"),
    ("GET", "/favicon.ico"),
    ("GET", "/field/manifest.webmanifest"),
    ("GET", "/field/worker.js"),
    ("GET", "/openapi.json"),
    ("GET", "/docs"),
    ("GET", "/conformance"),
    ("GET", "/problems"),
    ("GET", "/problems/{slug}"),
    ("GET", "/auth/sign-in"),
    ("POST", "/auth/sign-in"),
    ("POST", "/auth/token"),
    ("POST", "/auth/sign-out"),
    ("GET", "/auth/links/{secret}"),
    ("POST", "/auth/links/{secret}"),
    ("GET", "/auth/oidc"),
    ("GET", "/auth/oidc/callback"),
}
# What is more than reading.
WANTED = {
    ("GET", "/field"): Right.LOG,
    ("GET", "/field/pack"): Right.LOG,
    ("PUT", "/collections/{layer}/items/{uuid:record}"): Right.LOG,
    ("POST", "/collections/{layer}/items"): Right.EDIT,
    ("PUT", "/collections/{layer}/items/{feature_id}"): Right.EDIT,
    ("PATCH", "/collections/{layer}/items/{feature_id}"): Right.EDIT,
    ("DELETE", "/collections/{layer}/items/{feature_id}"): Right.EDIT,
    ("POST", "/collections/{layer}/items/{feature_id}/same"): Right.EDIT,
    ("DELETE", "/collections/{layer}/items/{feature_id}/same/{main}"): Right.EDIT,
    ("POST", "/collections/{layer}/items/{feature_id}/same/mark"): Right.EDIT,
    ("POST", "/collections/{layer}/items/{feature_id}/same/undo"): Right.EDIT,
    ("POST", "/collections/{layer}/import"): Right.IMPORT,
    ("GET", "/import"): Right.IMPORT,
    ("POST", "/import"): Right.IMPORT,
    ("POST", "/collections/{layer}/changes"): Right.EDIT,
    ("GET", "/collections/{layer}/items/new"): Right.EDIT,
    ("POST", "/collections/{layer}/items/new"): Right.EDIT,
    ("GET", "/collections/{layer}/items/{feature_id}/edit"): Right.EDIT,
    ("GET", "/collections/{layer}/items/{feature_id}/become"): Right.EDIT,
    ("POST", "/collections/{layer}/items/{feature_id}/become"): Right.EDIT,
    ("POST", "/collections/{layer}/items/{feature_id}/turn"): Right.EDIT,
    ("POST", "/collections/{layer}/items/{feature_id}/edit"): Right.EDIT,
    ("POST", "/collections/{layer}/items/{feature_id}/split"): Right.EDIT,
    ("POST", "/collections/{layer}/items/{feature_id}/merge"): Right.EDIT,
    ("POST", "/collections/{layer}/items/{feature_id}/delete"): Right.EDIT,
    ("POST", "/collections/{layer}/items/{feature_id}/history/{change}/undo"): Right.EDIT,
    ("POST", "/collections/{layer}/items/{feature_id}/transitions"): Right.LOG,
    ("POST", "/duties"): Right.APPOINT,
    ("POST", "/duties/hand-over"): Right.APPOINT,
    ("GET", "/duties/new"): Right.APPOINT,
    ("POST", "/duties/new"): Right.APPOINT,
    ("POST", "/duties/{duty_id}/hand-over"): Right.APPOINT,
    ("POST", "/duties/{duty_id}/change"): Right.APPOINT,
    ("POST", "/duties/{duty_id}/close"): Right.APPOINT,
    ("POST", "/duties/{duty_id}/replace"): Right.APPOINT,
    ("POST", "/duties/{duty_id}/end"): Right.APPOINT,
    ("GET", "/people"): Right.APPOINT,
    ("POST", "/people/import"): Right.APPOINT,
    ("GET", "/people/{person_id}"): Right.APPOINT,
    ("PATCH", "/people/{person_id}"): Right.APPOINT,
    ("POST", "/people/{person_id}"): Right.APPOINT,
    ("GET", "/accounts"): Right.ADMIN,
    ("POST", "/accounts"): Right.ADMIN,
    ("GET", "/accounts/{account_id}"): Right.ADMIN,
    ("POST", "/accounts/{account_id}"): Right.ADMIN,
    ("POST", "/accounts/{account_id}/disable"): Right.ADMIN,
    ("POST", "/accounts/{account_id}/enable"): Right.ADMIN,
    ("POST", "/accounts/{account_id}/revoke"): Right.ADMIN,
    ("POST", "/accounts/{account_id}/{way}"): Right.ADMIN,
    ("POST", "/check/{layer}"): Right.IMPORT,
    ("GET", "/import/drafts/{token}"): Right.IMPORT,
    ("POST", "/import/drafts/{token}"): Right.IMPORT,
    ("POST", "/import/drafts/{token}/discard"): Right.IMPORT,
    ("GET", "/import/drafts/{token}/progress"): Right.IMPORT,
    ("POST", "/import/drafts/{token}/cancel"): Right.IMPORT,
    ("GET", "/import/drafts/{token}/map"): Right.IMPORT,
    ("GET", "/import/drafts/{token}/features"): Right.IMPORT,
    ("GET", "/import/drafts/{token}/report"): Right.IMPORT,
    ("GET", "/import/drafts/{token}/rest"): Right.IMPORT,
    ("GET", "/import/batches"): Right.IMPORT,
    ("GET", "/import/batches/{number}"): Right.IMPORT,
    ("POST", "/import/batches/{number}/undo"): Right.IMPORT,
    ("PUT", "/patrols/{patrol}"): Right.LOG,
    ("PUT", "/patrols/{patrol}/points/{seq}"): Right.LOG,
    ("PUT", "/photos/{sha256}"): Right.LOG,
    ("GET", "/webhooks"): Right.ADMIN,
    ("POST", "/webhooks"): Right.ADMIN,
    ("GET", "/webhooks/{webhook}"): Right.ADMIN,
    ("PUT", "/webhooks/{webhook}"): Right.ADMIN,
    ("POST", "/webhooks/{webhook}"): Right.ADMIN,
    ("DELETE", "/webhooks/{webhook}"): Right.ADMIN,
    ("POST", "/webhooks/{webhook}/{action}"): Right.ADMIN,
    ("POST", "/webhooks/{webhook}/deliveries/{delivery}"): Right.ADMIN,
    ("POST", "/ledger/{layer}/{feature_id}/{transition}"): Right.LOG,
}
# Questions whose text is too long for an address, and what everybody does with their own account.
READ_BY_POST = {
    ("POST", "/responsible"),
    ("POST", "/auth/password"),
    ("POST", "/auth/sessions/revoke"),
    ("POST", "/auth/sessions/{session_id}/revoke"),
    ("DELETE", "/patrols/{patrol}"),
    ("POST", "/patrols/{patrol}/delete"),
    ("POST", "/notices"),
    ("PATCH", "/notices"),
    ("POST", "/notices/choices"),
    ("PUT", "/notices/choices"),
}
VALUES = {
    "layer": "water",
    "named": "2017-07",
    "theme": "fields",
    "z": "0",
    "row": "0",
    "col": "0",
    "slug": "internal",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "session_id": "0",  # which nobody has
    "account_id": "0",
    "webhook": "0",
    "action": "pause",
    "delivery": "0",
    "number": "0",  # the first batch would be undone
}


@pytest.fixture(scope="module")
def app(settings: Settings, district: Database, registry: Registry) -> FastAPI:
    return create_app(settings, database=district, registry=registry)


@pytest.fixture(scope="module")
def nobody(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, BASE, follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="module")
def operations(app: FastAPI) -> list[tuple[str, str]]:
    return list(routing.operations(app.routes))


def _address(path: str) -> str:
    return re.sub(r"{(\w+)(?::\w+)?}", lambda found: VALUES.get(found[1], "1"), path)


def test_the_walk_sees_every_operation(
    nobody: TestClient, operations: list[tuple[str, str]]
) -> None:
    described = {
        (method.upper(), path)
        for path, found in nobody.get("/openapi.json").json()["paths"].items()
        for method in found
    }
    shown = {(method, re.sub(r":\w+}", "}", path)) for method, path in operations}
    assert described <= shown
    assert set(WANTED) | OPEN | READ_BY_POST <= set(operations)
    assert len(operations) > 40


def test_nobody_unknown_comes_past_the_door(
    nobody: TestClient, operations: list[tuple[str, str]]
) -> None:
    for method, path in operations:
        refused = nobody.request(method, _address(path))
        if (method, path) in OPEN:
            unlocked = refused.headers.get("content-type") != "application/problem+json"
            assert unlocked or refused.json()["type"] != "/problems/sign-in-needed", path
            continue
        assert refused.status_code == 401, (method, path)
        assert refused.json()["type"] == "/problems/sign-in-needed"
        page = nobody.request(method, _address(path), headers={"accept": "text/html"})
        assert page.status_code == (303 if method == "GET" else 401), (method, path)


@pytest.mark.parametrize(
    "path",
    [
        "/healthz/",
        "/healthz/../collections",
        "/assets",
        "/docs/x",
        "/problems/a/b",
        "/auth",
        "/authx",
        "/Healthz",
        "/healthz%0a",
        "/%2e%2e/collections",
        "/collections%2f",
        "/nothing",
    ],
)
def test_what_is_not_named_open_is_closed(nobody: TestClient, path: str) -> None:
    assert nobody.get(path).status_code == 401


def test_a_new_route_is_closed_until_it_is_named(
    settings: Settings, district: Database, registry: Registry
) -> None:
    fresh = create_app(settings, database=district, registry=registry)

    @fresh.get("/forgotten")
    def _forgotten() -> str:
        return "everything"

    with TestClient(fresh, BASE) as client:
        assert client.get("/forgotten").status_code == 401
        assert client.get("/forgotten", headers=bearer(district)).json() == "everything"


@pytest.mark.parametrize("role", list(Role))
def test_a_role_does_what_the_table_says_and_no_more(
    nobody: TestClient, district: Database, operations: list[tuple[str, str]], role: Role
) -> None:
    headers = bearer(district, role)
    for method, path in operations:
        if (method, path) in OPEN | {("POST", "/auth/sessions/revoke")}:
            continue
        wanted = WANTED.get((method, path), Right.READ)
        if wanted is Right.READ:
            assert method == "GET" or (method, path) in READ_BY_POST, "a change needs a right"
        # What cannot succeed: the right is asked for before anything else of the request.
        answer = nobody.request(
            method, _address(path).replace("items/1", "items/0"), headers=headers
        )
        told = answer.headers.get("content-type") == "application/problem+json"
        forbidden = told and answer.json()["type"] == "/problems/forbidden"
        assert forbidden == (wanted not in RIGHTS[role]), (method, path)
        assert (answer.status_code == 403) == forbidden, (method, path)


def test_a_route_gets_a_database_that_acts_for_who_asks(
    settings: Settings, district: Database, registry: Registry
) -> None:
    fresh = create_app(settings, database=district, registry=registry)
    names = ("lo", "hi", "role", "account", "source")
    asked = ", ".join(f"current_setting('gridfield.{name}', true)" for name in names)

    @fresh.get("/told")
    def _told(context: Ctx) -> list[str | None]:
        with context.database.read() as connection:
            return list(connection.execute(sa.text(f"SELECT {asked}")).one())

    leader = account(district, Role.LEADER, "630102007000")
    headers = {"authorization": f"Bearer {secret(district, leader.id)}"}
    with TestClient(fresh, BASE, headers=headers) as client:
        told = client.get("/told").json()
    assert told == ["630102007000", "630102007999", "leader", str(leader.id), "bearer"]


def test_a_refusal_names_the_role(nobody: TestClient, district: Database) -> None:
    headers = bearer(district, Role.VIEWER)
    refused = nobody.delete("/collections/water/items/1", headers=headers)
    assert refused.json()["detail"] == "查看员不能做这一步"
    english = nobody.delete(
        "/collections/water/items/1", headers=headers | {"accept-language": "en"}
    )
    assert english.json()["detail"] == "This is not for the role of viewer"
