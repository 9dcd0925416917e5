"""Notices and webhooks over HTTP: one's own alone, the page and the program alike."""

import base64
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from gis.postgis import Database
from layers.admission.sessions import Kind as SessionKind
from layers.declaring.people import Actor, Role
from layers.notices import deliveries, telling, webhooks
from layers.registry import Registry
from layers.schema.notices import DELIVERIES
from tests import telling as stage
from tests.api.conftest import BASE
from tests.layers.casework import somebody
from tests.people import secret

HTML = {"accept": "text/html", "origin": BASE}
HERE, ELSEWHERE = "630102007001", "630102007002"
KINDS = ["case.assigned", "case.cleared"]


@pytest.fixture
def app_of(settings: Settings, database: Database, registry: Registry) -> Iterator[Any]:
    """A client in which somebody has signed in, as a program or as a browser."""
    configured = settings.model_copy(update={"webhook_networks": ()})
    opened: list[TestClient] = []

    def entered(who: Actor, *, browser: bool = False) -> TestClient:
        app = create_app(configured, database=database, registry=registry)
        kind = SessionKind.COOKIE if browser else SessionKind.BEARER
        key = secret(database, who.account_id or 0, kind)
        client = TestClient(app, BASE, follow_redirects=False)
        if browser:
            client.headers.update(HTML)
            client.cookies.set("gridfield", key)
        else:
            client.headers["authorization"] = f"Bearer {key}"
        client.__enter__()
        opened.append(client)
        return client

    yield entered
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture
def people(database: Database, registry: Registry) -> stage.Cast:
    """Two people, of whom one has been told of three cases."""
    found = stage.cast(database)
    stage.assign(database, registry, found, 3)
    with database.begin() as connection:
        telling.tell_waiting(connection, mails=False)
    return found


def test_a_program_reads_its_own_notices_and_marks_them(app_of: Any, people: stage.Cast) -> None:
    client = app_of(people.hand)
    told = client.get("/notices").json()["notices"]
    assert [each["kind"] for each in told] == ["case.assigned"] * 3
    assert all(each["read"] is None and each["collection"] == "sites" for each in told)
    numbers = [told[0]["number"]]
    assert client.patch("/notices", json={"numbers": numbers}).json() == {"read": 1}
    assert client.patch("/notices", json={"numbers": numbers}).json() == {"read": 0}
    unread = client.get("/notices?unread=true").json()["notices"]
    assert [each["number"] for each in unread] == [each["number"] for each in told[1:]]
    assert client.patch("/notices", json={}).json() == {"read": 2}
    assert client.get("/notices?unread=true").json()["notices"] == []
    assert app_of(people.head).get("/notices").json()["notices"] == []


@pytest.mark.parametrize(
    "body",
    [{"numbers": ["x"]}, {"numbers": [-1]}, {"numbers": [10**30]}, {"all": True}, [], "x"],
)
def test_a_mark_that_is_none_is_refused(app_of: Any, people: stage.Cast, body: object) -> None:
    answer = app_of(people.hand).patch("/notices", json=body)
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/body-unreadable"


def test_the_page_and_its_badge(app_of: Any, people: stage.Cast) -> None:
    client = app_of(people.hand, browser=True)
    page = client.get("/notices?lang=zh")
    assert page.status_code == 200
    assert badge(page.text) == "3"
    assert badge(client.get("/?lang=zh").text) == "3"
    assert badge(client.get("/collections?lang=zh").text) == "3"
    assert page.text.count("交办给您") == 3
    number = re.findall(r'name="number" value="(\d+)"', page.text)[0]
    moved = client.post("/notices", data={"number": number})
    assert (moved.status_code, moved.headers["location"]) == (303, "/notices")
    assert badge(client.get("/notices").text) == "2"
    assert client.post("/notices", data={"number": "x"}).status_code == 400
    empty = {"content-type": "application/x-www-form-urlencoded"}  # as a browser sends it
    assert client.post("/notices", headers=empty).status_code == 303
    assert badge(client.get("/notices").text) is None
    assert "没有未读" in client.get("/notices?unread=true&lang=zh").text
    assert badge(app_of(people.head, browser=True).get("/notices").text) is None


def badge(page: str) -> str | None:
    found = re.search(r'class="badge"><span aria-hidden="true">([^<]+)<', page)
    return found[1] if found else None


def test_a_hostile_number_is_text_on_the_page(
    app_of: Any, database: Database, registry: Registry
) -> None:
    hostile = "<img src=x onerror=alert(1)>{{7*7}}"
    cast = stage.cast(database)
    stage.assign(database, registry, cast, number=hostile)
    with database.begin() as connection:
        telling.tell_waiting(connection, mails=False)
    page = app_of(cast.hand, browser=True).get("/notices").text
    assert hostile not in page
    assert hostile in unescape(page)


def test_what_one_wants_to_be_told(app_of: Any, people: stage.Cast) -> None:
    client = app_of(people.hand)
    found = client.get("/notices/choices").json()
    assert found["pace"] == "soon"
    wanted = {"pace": "daily", "lang": "en", "unmailed": ["case.hung"], "address": "a@b.example"}
    assert client.put("/notices/choices", json=wanted).status_code == 200
    assert client.get("/notices/choices").json() == {**wanted, "unlisted": []}
    for wrong in ({"pace": "x"}, {"unlisted": ["x"]}, {"address": "a\r\nb@c.d"}):
        answer = client.put("/notices/choices", json={**wanted, **wrong})
        assert answer.status_code == 400, wrong
        assert answer.json()["type"] == "/problems/notice-choice"
    browser = app_of(people.hand, browser=True)
    saved = browser.post(
        "/notices/choices?lang=zh",
        data={"pace": "off", "lang": "zh", "address": "", "list:case.assigned": "true"},
    )
    assert saved.status_code == 200
    assert "已保存" in saved.text
    after = client.get("/notices/choices").json()
    assert (after["pace"], after["address"]) == ("off", None)
    assert "case.assigned" not in after["unlisted"]
    assert "case.cleared" in after["unlisted"]
    assert "case.assigned" in after["unmailed"]


# --- webhooks -------------------------------------------------------------------------------------
HOOK = {"name": "数字城管", "url": "https://8.8.8.8/in", "kinds": KINDS}


@pytest.fixture
def admin(database: Database) -> Actor:
    with database.begin() as connection:
        return somebody(connection, Role.ADMIN, HERE, name="演示管理员")


def test_a_secret_is_told_once(app_of: Any, admin: Actor, database: Database) -> None:
    client = app_of(admin)
    made = client.post("/webhooks", json={**HOOK, "division": HERE})
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    told = made.json()
    key = base64.b64decode(told["secret"].removeprefix("whsec_"))
    assert len(key) == 32
    address = f"/webhooks/{told['id']}"
    assert made.headers["location"] == address
    for path in ("/webhooks", address):
        for accept in ("application/json", "text/html"):
            assert told["secret"] not in client.get(path, headers={"accept": accept}).text
    [listed] = client.get("/webhooks").json()["webhooks"]
    assert (listed["name"], listed["division"], listed["kinds"]) == (HOOK["name"], HERE, KINDS)
    renewed = client.post(f"{address}/secret").json()["secret"]
    assert renewed != told["secret"]
    client.post(f"{address}/probe")
    with database.begin() as connection:
        parcel = deliveries.take(connection, (), stage.house(database, None).patience)  # type: ignore[arg-type]  # no layer is read
    assert parcel is not None
    assert parcel.keys == (base64.b64decode(renewed.removeprefix("whsec_")), key)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"url": "https://127.0.0.1/"}, "webhook-target"),
        ({"url": "https://169.254.169.254/latest/meta-data"}, "webhook-target"),
        ({"url": "https://[::ffff:10.0.0.1]/"}, "webhook-target"),
        ({"url": "http://8.8.8.8/"}, "webhook-target"),
        ({"url": "ftp://8.8.8.8/"}, "webhook-url"),
        ({"url": "https://u:p@8.8.8.8/"}, "webhook-url"),
        ({"name": " "}, "webhook-refused"),
        ({"kinds": []}, "webhook-refused"),
        ({"kinds": ["everything"]}, "webhook-refused"),
        ({"division": ELSEWHERE}, "webhook-refused"),
        ({"division": "630102000000"}, "webhook-refused"),
        ({"division": "x"}, "webhook-refused"),
        ({"division": None}, "body-unreadable"),
        ({"more": 1}, "body-unreadable"),
    ],
)
def test_what_is_no_webhook_is_refused(
    app_of: Any, admin: Actor, change: dict[str, Any], problem: str
) -> None:
    client = app_of(admin)
    answer = client.post("/webhooks", json={**HOOK, "division": HERE, **change})
    assert answer.status_code in (400, 422)
    assert answer.json()["type"] == f"/problems/{problem}"
    assert client.get("/webhooks").json()["webhooks"] == []


def test_a_webhook_is_changed_paused_and_removed(app_of: Any, admin: Actor) -> None:
    client = app_of(admin)
    number = client.post("/webhooks", json={**HOOK, "division": HERE}).json()["id"]
    path = f"/webhooks/{number}"
    changed = client.put(path, json={**HOOK, "name": "别的"})
    assert changed.json()["name"] == "别的"
    assert client.put(path, json={**HOOK, "division": HERE}).status_code == 400
    assert client.post(f"{path}/pause").json()["paused_at"] is not None
    assert client.post(f"{path}/resume").json()["paused_at"] is None
    assert client.post(f"{path}/probe").json()["waiting"] == 1
    [delivery] = client.get(path).json()["deliveries"]
    assert (delivery["kind"], delivery["state"]) == ("webhook.probe", "waiting")
    assert client.post(f"{path}/deliveries/{delivery['number']}").status_code == 200
    assert client.post(f"{path}/deliveries/999").status_code == 404
    assert client.post(f"{path}/again_all").status_code == 200
    assert client.post(f"{path}/nothing").status_code in (400, 404, 422)
    assert client.delete(path).status_code == 204
    for method in ("get", "delete"):
        assert getattr(client, method)(path).status_code == 404
    assert client.get("/webhooks/x").status_code == 404
    assert client.get("/webhooks/" + "9" * 30).status_code == 404


def test_by_the_page(app_of: Any, admin: Actor, database: Database) -> None:
    client = app_of(admin, browser=True)
    form = {"name": "<b>名</b>", "url": "https://8.8.8.8/in", "division": HERE}
    refused = client.post("/webhooks?lang=zh", data={**form, "url": "https://10.0.0.1/"})
    assert refused.status_code == 422
    typed = {**form, "kind:case.assigned": "true"}
    refused = client.post("/webhooks?lang=zh", data={**typed, "url": "https://10.0.0.1/"})
    assert "不能推送到 10.0.0.1" in unescape(refused.text).replace("\u2060", "")
    made = client.post("/webhooks?lang=zh", data=typed)
    assert made.status_code == 200
    assert "whsec_" in made.text
    assert made.headers["cache-control"] == "no-store"
    page = client.get("/webhooks?lang=zh").text
    assert "<b>名</b>" not in page
    number = re.search(r'href="/webhooks/(\d+)"', page)
    assert number is not None
    path = f"/webhooks/{number[1]}"
    assert client.post(f"{path}/probe").status_code == 303
    with database.begin() as connection:
        house = stage.house(database, None)  # type: ignore[arg-type]  # no layer is read
        parcel = deliveries.take(connection, (), house.patience)
        assert parcel is not None
        error = "<script>x</script>"
        deliveries.failed(connection, parcel, status=500, error=error, last=True)
        assert webhooks.get(connection, int(number[1])).dead == 1
    page = client.get(f"{path}?lang=zh").text
    assert "<script>x" not in page
    assert "失败 1" in page
    again = re.search(rf'action="({path}/deliveries/\d+)"', page)
    assert again is not None
    assert client.post(again[1]).status_code == 303
    with database.read() as connection:
        [state] = connection.scalars(DELIVERIES.select().with_only_columns(DELIVERIES.c.state))
    assert state == "waiting"
    changed = {name: text for name, text in typed.items() if name != "division"}
    assert client.post(path, data={**changed, "name": "新名"}).status_code == 303
    assert "新名" in client.get(path).text
    assert client.post(f"{path}/delete").headers["location"] == "/webhooks"
    assert client.get(path).status_code == 404


def test_only_admins_have_any(app_of: Any, database: Database) -> None:
    with database.begin() as connection:
        leader = somebody(connection, Role.LEADER, HERE)
    assert app_of(leader).get("/webhooks").status_code == 403
    assert "/webhooks" not in app_of(leader, browser=True).get("/").text
