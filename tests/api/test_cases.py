"""Cases over HTTP: what may be done, doing it once, and what was done."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from gis.clock import today
from gis.postgis import Database
from layers.declaring.people import EVERYWHERE, Role
from layers.declaring.words import Layer
from layers.reading.verification import verify
from layers.registry import Registry
from tests import records
from tests.layers.casework import opened, stored
from tests.people import bearer

CLIENTS = 50


@pytest.fixture
def sites(registry: Registry) -> Layer:
    return registry.layer("sites")


@pytest.fixture
def feature(database: Database, sites: Layer) -> int:
    with database.begin() as connection:
        return opened(connection, sites, "assigned", handler="李四", unit="城管科")


def address(feature: object, what: str = "transitions") -> str:
    return f"/collections/sites/items/{feature}/{what}"


def take(client: TestClient, feature: object, name: str, **more: Any) -> httpx2.Response:
    headers = more.pop("headers", {})
    return client.post(address(feature), json={"transition": name, **more}, headers=headers)


def rules(response: httpx2.Response) -> list[str]:
    return [finding["rule"] for finding in response.json()["findings"]]


# --- asking ---------------------------------------------------------------------------------------
def test_it_is_told_what_i_may_do_and_what_is_missing(
    client: TestClient, database: Database, sites: Layer
) -> None:
    with database.begin() as connection:
        number = opened(connection, sites, "rectifying", due=today())
    found = client.get(address(number), headers={"accept-language": "en"}).json()
    assert found["state"] == {"name": "rectifying", "label": "Being put right"}
    assert (found["open"], found["cycle"], found["level"]) == (True, 1, found["level"])
    steps = {step["name"]: step for step in found["transitions"]}
    assert set(steps) == {"report", "request_extension", "hang", "request_clearance"}
    asked = steps["hang"]["asks"]
    assert [(each["name"], each["type"], each["required"]) for each in asked] == [
        ("review_on", "date", True)
    ]
    assert steps["hang"]["reason"] is True
    assert [each["rule"] for each in steps["request_clearance"]["missing"]] == ["case-photo"] * 2
    assert steps["report"]["missing"] == []
    item = client.get(f"/collections/sites/items/{number}")
    assert client.get(address(number)).headers["etag"] == item.headers["etag"]


def test_what_has_no_workflow_has_no_steps(client: TestClient, feature: int) -> None:
    for what in ("transitions", "steps"):
        assert client.get(f"/collections/streets/items/1/{what}").status_code == 404
        assert client.get(address(feature + 1, what)).status_code == 404
        assert client.get(address("x", what)).status_code == 404
    assert take(client, feature, "nothing").json()["type"] == "/problems/unknown-transition"


# --- doing ----------------------------------------------------------------------------------------
def test_a_step_is_taken_and_told(client: TestClient, feature: int) -> None:
    before = client.get(address(feature))
    done = take(client, feature, "accept", headers={"if-match": before.headers["etag"]})
    assert done.status_code == 200, done.text
    told = done.json()
    assert told["feature"]["properties"]["status"] == "accepted"
    assert told["created"] is None
    item = client.get(f"/collections/sites/items/{feature}")
    assert item.headers["etag"] == done.headers["etag"] != before.headers["etag"]
    (step,) = client.get(address(feature, "steps")).json()["steps"]
    assert step == told["step"]
    assert (step["ordinal"], step["source"]["name"], step["target"]["name"]) == (
        1,
        "assigned",
        "accepted",
    )
    assert step["person"]["name"]


def test_a_step_that_cannot_be_taken_changes_nothing(
    client: TestClient, database: Database, sites: Layer, feature: int
) -> None:
    with database.begin() as connection:
        before = stored(connection, sites, feature)
    stale = {"if-match": '"0123456789abcdef01234567"'}
    viewer = bearer(database, Role.VIEWER)
    inspector = bearer(database, Role.INSPECTOR)
    photo = {"sha256": "0" * 64, "role": "sideways"}
    for status, refused in (
        (409, take(client, feature, "clear")),
        (412, take(client, feature, "accept", headers=stale)),
        (403, take(client, feature, "accept", headers=viewer)),
        (403, take(client, feature, "hang", headers=inspector)),
        (400, take(client, feature, "accept", photos=[photo])),
        (400, take(client, feature, "accept", photos=["x"])),
        (400, take(client, feature, "accept", reason="长" * 2001)),
        (400, take(client, feature, "accept", nothing=1)),
        (400, client.post(address(feature), json=[])),
        (415, client.post(address(feature), content=b"{}")),
    ):
        assert refused.status_code == status, refused.text
    missing = take(client, feature, "hang", values={"status": "cleared", "review_on": "x"})
    assert missing.status_code == 422
    assert rules(missing) == ["case-field", "value-type", "case-reason"]
    with database.begin() as connection:
        assert stored(connection, sites, feature) == before


def test_a_record_from_a_phone_goes_on_under_its_name(
    client: TestClient, database: Database, registry: Registry
) -> None:
    records.lay_ground(database, registry)
    name = records.name()
    body = records.body(records.record())
    path = f"/collections/sites/items/{name}"
    headers = {"content-type": "application/geo+json"}
    receipt = client.put(path, content=body, headers=headers).json()
    found = client.get(address(name)).json()
    assert (found["state"]["name"], found["due"]) == ("registered", receipt["due"])
    done = take(client, name, "assign", values={"unit": "城管科", "handler": "李四"})
    assert done.status_code == 200, done.text
    assert client.get(address(name)).json()["due"] == receipt["due"], "the limit runs on"


def test_names_are_masked_for_who_may_not_have_them(
    client: TestClient, database: Database, feature: int
) -> None:
    take(client, feature, "return", reason="不属于我单位")
    assert take(
        client, feature, "assign", values={"unit": "城管科", "handler": "李四光"}
    ).is_success
    known = client.get(address(feature, "steps")).json()["steps"][-1]
    assert known["given"] == {"unit": "城管科", "handler": "李四光"}
    veiled = client.get(address(feature, "steps"), headers=bearer(database, Role.VIEWER)).json()
    assert veiled["steps"][-1]["given"] == {"unit": "城管科", "handler": "李**"}
    assert "**" in veiled["steps"][-1]["person"]["name"]
    inspector = bearer(database, Role.INSPECTOR)
    asked = client.get(address(feature), headers=inspector).text
    assert "李四光" not in asked


def test_what_came_back_is_told_where_it_is(
    client: TestClient, database: Database, sites: Layer
) -> None:
    with database.begin() as connection:
        number = opened(connection, sites, "cleared")
    done = take(client, number, "recur", reason="又堆满了").json()
    created = client.get(f"/collections/sites/items/{done['created']}").json()
    assert created["properties"]["previous"] == done["feature"]["properties"]["number"]
    assert any(link["href"].endswith(f"/items/{done['created']}") for link in done["links"])
    assert client.get(address(number)).json()["transitions"] == []


# --- many at once ---------------------------------------------------------------------------------
@pytest.mark.parametrize("asked_as_seen", [True, False])
def test_of_fifty_who_take_the_same_step_one_does(
    client: TestClient,
    database: Database,
    registry: Registry,
    feature: int,
    asked_as_seen: bool,
) -> None:
    etag = client.get(address(feature)).headers["etag"]
    people = [bearer(database, Role.ADMIN) for _ in range(CLIENTS)]

    def run(who: dict[str, str]) -> int:
        headers = {**who, **({"if-match": etag} if asked_as_seen else {})}
        return take(client, feature, "accept", headers=headers).status_code

    with ThreadPoolExecutor(CLIENTS) as pool:
        statuses = sorted(pool.map(run, people))
    assert statuses == [200, *[412 if asked_as_seen else 409] * (CLIENTS - 1)]
    (step,) = client.get(address(feature, "steps")).json()["steps"]
    assert step["transition"]["name"] == "accept"
    with database.read() as connection:
        assert verify(connection, registry).whole


def test_many_people_on_one_case_leave_one_chain(
    client: TestClient, database: Database, registry: Registry, sites: Layer, feature: int
) -> None:
    """Accepting, returning and assigning at once: whatever won, each step goes on from the last."""
    people = [bearer(database, Role.ADMIN, EVERYWHERE) for _ in range(CLIENTS)]
    tries = (
        ("accept", {}),
        ("return", {}),
        ("assign", {"unit": "城管科", "handler": "李四"}),
        ("start", {}),
    )

    def run(n: int) -> int:
        name, values = tries[n % len(tries)]
        found = take(client, feature, name, values=values, reason="理由", headers=people[n])
        return found.status_code

    with ThreadPoolExecutor(CLIENTS) as pool:
        statuses = list(pool.map(run, range(CLIENTS)))
    assert set(statuses) <= {200, 409}
    steps = client.get(address(feature, "steps")).json()["steps"]
    assert len(steps) == statuses.count(200) >= 1
    state = "assigned"
    for n, step in enumerate(steps, 1):
        assert (step["ordinal"], step["source"]["name"]) == (n, state)
        state = step["target"]["name"]
    with database.begin() as connection:
        found = stored(connection, sites, feature)
    assert found.record["status"] == found.case["state"] == state
    with database.read() as connection:
        assert verify(connection, registry).whole
