"""Saying that records are the same: by programs, by forms, and within one's ground."""

import html
import re

import pytest
from starlette.testclient import TestClient

from gis.postgis import Database
from layers.declaring.people import Role
from layers.registry import Registry
from tests import people, records

HTML = {"accept": "text/html"}
SITES = "/collections/sites/items"


@pytest.fixture
def ground(client: TestClient, database: Database, registry: Registry) -> TestClient:
    records.lay_ground(database, registry)
    return client


@pytest.fixture
def leader(database: Database) -> dict[str, str]:
    return people.bearer(database, Role.LEADER, records.COMMUNITY)


def _put(client: TestClient, where: tuple[float, float] = records.INSIDE) -> int:
    spot = {"type": "Point", "coordinates": list(where)}
    sent = records.record(geometry=spot, properties={"note": "垃圾桶满溢"})
    headers = {"content-type": "application/geo+json"}
    answer = client.put(f"{SITES}/{records.name()}", content=records.body(sent), headers=headers)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def test_it_is_said_told_and_taken_back(ground: TestClient, leader: dict[str, str]) -> None:
    first, second = _put(ground), _put(ground)
    path = f"{SITES}/{second}/same"
    assert ground.get(path, headers=leader).json()["main"] is None
    said = ground.post(path, json={"main": first}, headers=leader)
    assert said.status_code == 201
    told = said.json()
    assert told["main"]["id"] == first
    assert told["main"]["by"] == "张三"
    assert told["same"] == []
    again = ground.post(path, json={"main": first}, headers=leader)
    assert (again.status_code, again.json()["main"]) == (200, told["main"])
    other = ground.get(f"{SITES}/{first}/same", headers=leader)
    assert [each["id"] for each in other.json()["same"]] == [second]
    same = ground.get(
        f"{SITES}/{first}/same", headers={**leader, "if-none-match": other.headers["etag"]}
    )
    assert same.status_code == 304
    undone = ground.delete(f"{path}/{first}", headers=leader)
    assert undone.status_code == 204
    assert ground.get(path, headers=leader).json()["main"] is None
    gone = ground.delete(f"{path}/{first}", headers=leader)
    assert (gone.status_code, gone.json()["type"]) == (409, "/problems/same-gone")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"{}", 400),
        (b'{"main": "1"}', 400),
        (b'{"main": true}', 400),
        (b'{"main": 1.5}', 400),
        (b'{"main": -1}', 400),
        (b'{"main": 99999999999999999999}', 400),
        (b'{"main": 1, "holds": false}', 400),
        (b'{"main": 999888}', 404),
        (b'{"main": 9223372036854775807}', 404),
    ],
)
def test_what_is_no_word_is_refused(
    ground: TestClient, leader: dict[str, str], body: bytes, status: int
) -> None:
    feature = _put(ground)
    headers = {**leader, "content-type": "application/json"}
    refused = ground.post(f"{SITES}/{feature}/same", content=body, headers=headers)
    assert refused.status_code == status, refused.text
    assert ground.get(f"{SITES}/{feature}/same", headers=leader).json()["main"] is None


def test_every_refusal_says_why(ground: TestClient, leader: dict[str, str]) -> None:
    a, b, c = (_put(ground) for _ in range(3))

    def refused(feature: int, main: int) -> tuple[int, str]:
        found = ground.post(f"{SITES}/{feature}/same", json={"main": main}, headers=leader)
        return found.status_code, found.json()["type"].removeprefix("/problems/")

    assert refused(a, a) == (422, "same-self")
    assert ground.post(f"{SITES}/{b}/same", json={"main": a}, headers=leader).status_code == 201
    assert refused(a, c) == (409, "same-main")
    assert refused(c, b) == (409, "same-chain")
    assert refused(b, c) == (409, "same-taken")
    fields = ground.post("/collections/grid_fields/items/1/same", json={"main": 2}, headers=leader)
    assert fields.json()["type"] == "/problems/layer-not-logged"
    for wrong in ("x", "+1", "1e3", "9" * 30):
        path = f"{SITES}/{b}/same/{wrong}"
        assert ground.delete(path, headers=leader).status_code == 404


def test_a_neighbour_is_told_nothing(
    ground: TestClient, database: Database, leader: dict[str, str]
) -> None:
    own, foreign = _put(ground), _put(ground, records.ABROAD)
    for feature, main in ((own, foreign), (foreign, own)):
        refused = ground.post(f"{SITES}/{feature}/same", json={"main": main}, headers=leader)
        never = ground.post(f"{SITES}/{own}/same", json={"main": 999_888}, headers=leader)
        assert refused.status_code == never.status_code == 404
        assert refused.json()["type"] == never.json()["type"]
    both = people.bearer(database, Role.LEADER, "630102007000")
    assert ground.post(f"{SITES}/{own}/same", json={"main": foreign}, headers=both).is_success
    told = ground.get(f"{SITES}/{own}/same", headers=leader).json()
    assert (told["main"], told["same"]) == (None, [])
    page = ground.get(f"{SITES}/{own}", headers={**leader, **HTML}).text
    assert "同一问题" not in page
    assert f"{SITES}/{foreign}" not in page


def test_who_may_only_look_is_offered_nothing(
    ground: TestClient, database: Database, leader: dict[str, str]
) -> None:
    first, second = _put(ground), _put(ground)
    for role in (Role.VIEWER, Role.INSPECTOR):
        who = people.bearer(database, role, records.COMMUNITY)
        page = ground.get(f"{SITES}/{second}", headers={**who, **HTML}).text
        assert "可能是同一件事" in page
        assert "same-form" not in page + ground.get("/logged", headers={**who, **HTML}).text
        refused = ground.post(f"{SITES}/{second}/same", json={"main": first}, headers=who)
        assert refused.status_code == 403
    ground.post(f"{SITES}/{second}/same", json={"main": first}, headers=leader)
    page = ground.get(f"{SITES}/{second}", headers={**who, **HTML}).text
    assert "同一问题" in page
    assert "张**" in page
    assert "same-form" not in page


def _form(page: str) -> tuple[str, dict[str, str]]:
    """Where the one form of a page goes, and with what."""
    ((path, main),) = re.findall(
        r'<form class="same-form" method="post" action="([^"]+)">'
        r'<input type="hidden" name="main" value="(\d+)">',
        page,
    )
    return html.unescape(path), {"main": main}


def test_the_pages_do_it_without_a_script(ground: TestClient, leader: dict[str, str]) -> None:
    first, second = _put(ground), _put(ground)
    who = {**leader, **HTML}
    for page in (f"{SITES}/{first}", f"{SITES}/{second}"):  # whichever is looked at
        path, data = _form(ground.get(page, headers=who).text)
        assert (path, data) == (f"{SITES}/{second}/same/mark", {"main": str(first)})
    listed = ground.get("/logged", headers=who).text
    assert listed.count(f'action="{SITES}/{second}/same/mark"') == 1
    done = ground.post(path, data=data, headers=who, follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, f"{SITES}/{second}")
    page = ground.get(f"{SITES}/{second}", headers=who).text
    assert f'<a href="{SITES}/{first}">' in page
    assert "可能是同一件事" not in page
    path, data = _form(page)
    assert path == f"{SITES}/{second}/same/undo"
    main = ground.get(f"{SITES}/{first}", headers=who).text
    assert "同一问题的其他上报" in main
    assert _form(main) == (path, data)
    listed = ground.get("/logged", headers=who).text
    assert "可能重复" not in listed
    assert "另有 1 次上报" in listed
    assert "同一问题：巡查" in listed
    assert ground.post(path, data=data, headers=who, follow_redirects=False).status_code == 303
    late = ground.post(path, data=data, headers=who, follow_redirects=False)
    assert late.status_code == 409
    assert "现在没有标为" in late.text
    wrong = ground.post(path, data={"main": "x"}, headers=who, follow_redirects=False)
    assert wrong.status_code == 404
    ground.post(path.replace("undo", "mark"), data=data, headers=who)
    english = ground.get("/logged?lang=en", headers=who).text
    assert "The same matter as" in english


def test_events_say_what_a_record_is_the_same_as(
    ground: TestClient, leader: dict[str, str]
) -> None:
    (mark,) = re.findall(r'data-mark="([0-9:,~]+)"', ground.get("/logged/latest").text)
    first, second = _put(ground), _put(ground)
    ground.post(f"{SITES}/{second}/same", json={"main": first}, headers=leader)
    told = ground.get(f"/events?since={mark}").text
    assert '"same_as": null' in told
    assert f'"same_as": {first}' in told


def test_all_of_one_matter_are_told_with_the_first(
    ground: TestClient, leader: dict[str, str]
) -> None:
    ids = [_put(ground) for _ in range(4)]
    listed = ground.get("/logged", headers={**leader, **HTML}).text
    offered = re.findall(r'action="[^"]+/(\d+)/same/mark"><input [^>]*value="(\d+)"', listed)
    assert offered == [(str(n), str(ids[0])) for n in reversed(ids[1:])]
    for feature, main in offered:
        path = f"{SITES}/{feature}/same"
        assert ground.post(path, json={"main": int(main)}, headers=leader).status_code == 201
    told = ground.get(f"{SITES}/{ids[0]}/same", headers=leader).json()
    assert {each["id"] for each in told["same"]} == set(ids[1:])
