"""The ledger for people: what is listed to whom, steps taken by plain forms, and its workbook."""

import io
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from html import unescape

import openpyxl
import pytest
import shapely
import sqlalchemy as sa
from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from gis import files
from gis.clock import today
from gis.postgis import Database
from layers.arriving.importing import Options, load
from layers.cases import applying as cases
from layers.declaring.people import Role
from layers.declaring.words import Layer
from layers.duties.persons import Person
from layers.registry import Registry
from layers.schema.accounts import PERSONS
from tests.api.conftest import BASE
from tests.layers import casework, duty_cases, fields
from tests.layers.fields import BLUE_SKY
from tests.people import account, secret
from tests.photographs import photograph

HTML = {"accept": "text/html"}
OTHER = "630102007004"
TODAY = today()
MAY = date(2017, 5, 1)

Open = Callable[..., TestClient]


@pytest.fixture
def app(settings: Settings, database: Database, registry: Registry) -> FastAPI:
    return create_app(settings, database=database, registry=registry)


@pytest.fixture
def browser(app: FastAPI, database: Database) -> Iterator[Open]:
    """A reader of pages in some role and division."""
    opened = []

    def enter(role: Role = Role.LEADER, division: str = BLUE_SKY, name: str = "某人") -> TestClient:
        who = account(database, role, division, person=Person(name=name))
        headers = HTML | {"authorization": f"Bearer {secret(database, who.id)}"}
        client = TestClient(app, BASE, headers=headers, follow_redirects=False)
        opened.append(client)
        return client

    yield enter
    for client in opened:
        client.close()


@pytest.fixture
def sites(database: Database, registry: Registry) -> Layer:
    """The layer, with the ground that its records lie in."""
    with database.begin() as connection:
        fields.division(connection, registry, shapely.box(101.81, 36.61, 101.83, 36.63))
    return registry.layer("sites")


def opened(database: Database, layer: Layer, state: str, **given: object) -> int:
    with database.begin() as connection:
        return casework.opened(connection, layer, state, **given)


def text(response: Response) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.text)))


def tabs(response: Response) -> dict[str, int]:
    found = re.findall(r'tab=(\w+)[^"]*"[^>]*>[^<]*<b[^>]*>([0-9,]+)</b>', response.text)
    return {name: int(count) for name, count in found}


def etag(client: TestClient, layer: Layer, number: int) -> str:
    found = client.get(
        f"/collections/{layer.name}/items/{number}", headers={"accept": "application/geo+json"}
    )
    return str(found.headers["etag"])


# --- the list -------------------------------------------------------------------------------------
def test_a_leader_sees_what_is_theirs_what_waits_and_what_is_late(
    database: Database, sites: Layer, browser: Open
) -> None:
    late = TODAY - timedelta(days=30)
    opened(database, sites, "assigned", number="案一", handler="祁生财", due=late)
    opened(database, sites, "rectifying", number="案二", handler="祁生财")
    opened(database, sites, "assigned", number="案三", handler="别人")
    opened(database, sites, "cleared", number="案四", handler="祁生财")
    client = browser(name="祁生财")
    page = client.get("/ledger")
    assert tabs(page) == {"mine": 2, "sign": 1, "late": 1, "all": 3}
    assert "案一" in text(page)
    assert "案三" not in text(page)
    sign = client.get("/ledger?tab=sign")
    assert [name for name in ("案一", "案二", "案三") if name in text(sign)] == ["案一"]
    assert "约谈" in text(client.get("/ledger?tab=late"))
    everything = text(client.get("/ledger?tab=all&state=*"))
    assert all(name in everything for name in ("案一", "案二", "案三", "案四"))


def test_structures_are_listed_in_every_state_and_none_is_one_tap(
    database: Database, registry: Registry, sites: Layer, browser: Open
) -> None:
    """Their steps have papers and photographs: the list leads to them, and signs nothing."""
    layer = registry.layer("illegal_structures")
    flow = layer.workflow
    assert flow is not None
    waiting = sorted(flow.states - set(flow.closed))
    for n, state in enumerate(sorted(flow.states)):
        opened(database, layer, state, number=f"违建{n:02}", officers="祁生财")
    client = browser(name="祁生财")
    page = client.get("/ledger?layer=illegal_structures")
    assert tabs(page) == {"mine": len(waiting), "sign": 0, "late": 0, "all": len(waiting)}
    names = [f"违建{n:02}" for n, state in enumerate(sorted(flow.states)) if state in waiting]
    assert [name for name in names if name not in text(page)] == []
    assert 'action="/ledger/illegal_structures/' not in page.text
    number = opened(database, sites, "assigned", number="案一", handler="祁生财")
    assert f'action="/ledger/sites/{number}/accept"' in client.get("/ledger").text


def test_a_field_of_ones_own_makes_its_cases_ones_own(
    database: Database, registry: Registry, sites: Layer, browser: Open
) -> None:
    client = browser(name="祁生财")
    with database.begin() as connection:
        own = fields.field(connection, registry, 1, fields.plot(0, 0), leader=None)
        who = connection.scalar(sa.select(PERSONS.c.id).where(PERSONS.c.name == "祁生财"))
        duty_cases.given(connection, registry, "grid_fields", own, who=who)
    opened(database, sites, "rectifying", number="案一", field=f"{BLUE_SKY}001", leader=None)
    opened(database, sites, "rectifying", number="案二", field=f"{BLUE_SKY}002", leader=None)
    assert tabs(client.get("/ledger"))["mine"] == 1


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("state=sites:assigned", {"案一"}),
        ("state=*", {"案一", "案二", "案三"}),
        ("kind=06010", {"案二"}),
        ("unit=城管中队", {"案二"}),
        ("leader=李建军", {"案一"}),
        ("level=interview", {"案一"}),
        ("since=2017-06-01", {"案二"}),
        ("until=2017-05-31", {"案一"}),
        (f"division={OTHER}", set()),
        ("leader=nobody%25", set()),
        ("kind=' OR 1=1 --", set()),
    ],
)
def test_the_list_is_narrowed_down(
    database: Database, sites: Layer, browser: Open, asked: str, found: set[str]
) -> None:
    given = {"matter": "06001", "found_on": MAY, "leader": "李建军", "due": date(2017, 5, 9)}
    opened(database, sites, "assigned", number="案一", **given)
    given = {"matter": "06010", "found_on": date(2017, 6, 1), "unit": "城管中队"}
    opened(database, sites, "rectifying", number="案二", **given)
    opened(database, sites, "cleared", number="案三", cleared_on=date(2017, 5, 3))
    shown = text(browser().get(f"/ledger?tab=all&{asked}"))
    assert {name for name in ("案一", "案二", "案三") if name in shown} == found


def test_pages_follow_one_another_and_miss_nothing(
    database: Database, sites: Layer, browser: Open
) -> None:
    with database.begin() as connection:
        for n in range(120):
            due = None if n % 3 else date(2017, 1, 1) + timedelta(days=n // 6)
            casework.opened(connection, sites, "rectifying", number=f"案{n:03d}。", due=due)
    client, address, seen = browser(), "/ledger?tab=all", []
    while address:
        page = client.get(address)
        seen += re.findall(r"<bdi>(案\d{3})。", page.text)
        following = re.search(r'rel="next" href="([^"]+)"', page.text)
        address = unescape(following[1]) if following else ""
    assert len(seen) == 120
    assert sorted(seen) == [f"案{n:03d}" for n in range(120)]
    assert {int(name[1:]) % 3 for name in seen[:40]} == {0}


@pytest.mark.parametrize(
    "query",
    ["after=x", "after=99999999999999999999~sites~1", "tab=none", "state=sites:none", "level=x",
     "division=abc", "done=sites:999999", "done=x", "since=", "after=1~' OR 1=1~2"],
)  # fmt: skip
def test_nonsense_is_an_ordinary_page(sites: Layer, browser: Open, query: str) -> None:
    assert browser().get(f"/ledger?{query}").status_code == 200


def test_what_is_no_day_or_no_layer_is_refused(sites: Layer, browser: Open) -> None:
    assert browser().get("/ledger?since=2017-02-30").status_code == 400
    assert browser().get("/ledger?state=nothing:open").status_code == 404


def test_who_may_not_know_names_is_told_none_and_finds_none(
    database: Database, sites: Layer, browser: Open
) -> None:
    opened(database, sites, "assigned", number="案一", leader="李建军", handler="王小明")
    page = text(browser(Role.VIEWER).get("/ledger?tab=all&leader=李建军"))
    assert "李建军" not in page
    assert "王小明" not in page
    assert "王**" in page
    assert "案一" in page
    assert "案一" in text(browser(Role.VIEWER).get("/ledger?tab=all&leader=别人"))


def test_other_ground_is_neither_listed_nor_counted(
    database: Database, sites: Layer, browser: Open
) -> None:
    opened(database, sites, "assigned", number="案一", handler="某人")
    page = browser(division=OTHER).get("/ledger")
    assert tabs(page) == {"mine": 0, "sign": 0, "late": 0, "all": 0}


# --- one tap --------------------------------------------------------------------------------------
def test_a_case_is_signed_with_one_tap(database: Database, sites: Layer, browser: Open) -> None:
    number = opened(database, sites, "assigned", number="案一", handler="祁生财")
    client = browser(name="祁生财")
    page = client.get("/ledger?tab=sign")
    form = re.search(r'action="(/ledger/sites/\d+/accept)" method="post"', page.text)
    assert form is not None
    seen = re.search(r'name="if_match" value="([^"]+)"', page.text)
    assert seen is not None
    sent = {"if_match": unescape(seen[1]), "next": "/ledger?tab=sign"}
    done = client.post(form[1], data=sent)
    assert done.status_code == 303
    assert done.headers["location"] == f"/ledger?tab=sign&done=sites%3A{number}"
    after = text(client.get(done.headers["location"]))
    assert "案一，现在是“已签收”" in after
    assert "没有等您签收的案件" in after


def test_a_return_needs_its_reason(database: Database, sites: Layer, browser: Open) -> None:
    number = opened(database, sites, "assigned", number="案一", handler="祁生财")
    client = browser(name="祁生财")
    refused = client.post(f"/ledger/sites/{number}/return", data={"reason": " "})
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    done = client.post(f"/ledger/sites/{number}/return", data={"reason": "不归本社区"})
    assert done.status_code == 303
    assert done.headers["location"] == f"/collections/sites/items/{number}?f=html&done=return"
    page = text(client.get(done.headers["location"]))
    assert "不归本社区" in page
    assert "已办理：案一，现在是“已退回”" in page


def test_a_record_s_page_says_nothing_done_but_a_step(
    database: Database, sites: Layer, browser: Open
) -> None:
    number = opened(database, sites, "assigned", number="案一", handler="祁生财")
    client, page = browser(name="祁生财"), f"/collections/sites/items/{number}?f=html"
    for told in ("", "&done=", "&done=nothing", "&done=%3Cb%3E已付款", "&done=sites:1"):
        shown = client.get(f"{page}{told}")
        assert shown.status_code == 200
        assert 'role="status"' not in shown.text
        assert "已付款" not in shown.text
    assert client.get(f"{page}&done={'x' * 41}").status_code == 400


def test_a_case_that_changed_meanwhile_is_shown_anew(
    database: Database, sites: Layer, browser: Open
) -> None:
    number = opened(database, sites, "assigned", number="案一", handler="祁生财")
    client = browser(name="祁生财")
    seen = etag(client, sites, number)
    assert client.post(f"/ledger/sites/{number}/accept", data={"if_match": seen}).status_code == 303
    again = client.post(f"/ledger/sites/{number}/accept", data={"if_match": seen})
    assert again.status_code == 412
    assert "刚才有人改了这一件" in text(again)
    moved = client.post(f"/ledger/sites/{number}/accept", data={})
    assert moved.status_code == 409
    assert "刚才有人改了这一件" in text(moved)


@pytest.mark.parametrize(
    "then", ["//evil.test/x", "https://evil.test/", "/accounts", "javascript:1"]
)
def test_a_form_leads_back_to_the_ledger_alone(
    database: Database, sites: Layer, browser: Open, then: str
) -> None:
    number = opened(database, sites, "assigned", number="案一")
    done = browser().post(f"/ledger/sites/{number}/accept", data={"next": then})
    assert done.headers["location"] == f"/collections/sites/items/{number}?f=html&done=accept"


def test_viewers_and_other_ground_take_no_step(
    database: Database, sites: Layer, browser: Open
) -> None:
    number = opened(database, sites, "assigned", number="案一")
    assert browser(Role.VIEWER).post(f"/ledger/sites/{number}/accept").status_code == 403
    assert browser(division=OTHER).post(f"/ledger/sites/{number}/accept").status_code == 404
    assert browser().post(f"/ledger/sites/{number}/nothing").status_code == 404
    assert browser().post("/ledger/water/1/accept").status_code == 404
    with database.read() as connection:
        assert cases.case(connection, sites, number).state == "assigned"


# --- the case on its page -------------------------------------------------------------------------
def test_clearance_is_asked_for_with_photographs(
    database: Database, sites: Layer, browser: Open
) -> None:
    number = opened(database, sites, "rectifying", number="案一", handler="祁生财")
    client = browser(name="祁生财")
    page = client.get(f"/collections/sites/items/{number}?f=html")
    assert 'name="photo-before"' in page.text
    refused = client.post(f"/ledger/sites/{number}/request_clearance", data={"progress": "已清"})
    assert refused.status_code == 422
    assert "已清" in refused.text
    files_ = [
        ("photo-before", ("a.jpg", photograph(1), "image/jpeg")),
        ("photo-after", ("b.jpg", photograph(2), "image/jpeg")),
    ]
    path = f"/ledger/sites/{number}/request_clearance"
    done = client.post(path, data={"progress": "已清运"}, files=files_)
    assert done.status_code == 303, text(done)
    page = client.get(f"/collections/sites/items/{number}?f=html")
    assert "申请销号" in text(page)
    assert page.text.count("<figure>") == 2
    assert "已清运" in text(page)
    # Whoever handled it is told why they do not verify it.
    assert "还缺" in text(page)
    assert f"/ledger/sites/{number}/verify" not in page.text
    page = browser(name="别人").get(f"/collections/sites/items/{number}?f=html")
    assert f"/ledger/sites/{number}/verify" in page.text


def test_what_is_no_photograph_is_said_and_nothing_is_done(
    database: Database, sites: Layer, browser: Open
) -> None:
    number = opened(database, sites, "rectifying", number="案一")
    files_ = [("photo-before", ("a.jpg", b"no photograph", "image/jpeg"))]
    refused = browser().post(f"/ledger/sites/{number}/request_clearance", files=files_)
    assert refused.status_code >= 400
    assert refused.status_code < 500
    with database.read() as connection:
        assert cases.case(connection, sites, number).state == "rectifying"


def test_the_time_line_tells_who_when_and_what_became_of_the_limit(
    database: Database, registry: Registry, sites: Layer, browser: Open
) -> None:
    number = opened(database, sites, "registered", number="案一")
    client = browser(name="祁生财")
    given = {"unit": "城管中队", "handler": "王小明", "due": str(TODAY + timedelta(days=9))}
    assert client.post(f"/ledger/sites/{number}/assign", data=given).status_code == 303
    page = text(client.get(f"/collections/sites/items/{number}?f=html"))
    assert f"期限定为 {TODAY + timedelta(days=9)}" in page
    assert "祁生财" in page
    assert "责任人： 王小明" in page
    viewer = text(browser(Role.VIEWER).get(f"/collections/sites/items/{number}?f=html"))
    assert "王小明" not in viewer


def test_hostile_texts_stay_texts(database: Database, sites: Layer, browser: Open) -> None:
    hostile = "<script>alert(1)</script>{{ 7*7 }}"
    number = opened(database, sites, "assigned", number=hostile, note=hostile, unit=hostile)
    client = browser()
    client.post(f"/ledger/sites/{number}/return", data={"reason": hostile})
    for address in ("/ledger?tab=all&state=*", f"/collections/sites/items/{number}?f=html"):
        page = client.get(address).text
        assert "<script>alert" not in page
        assert "49" not in re.findall(r"alert\(1\)[^<]{0,40}", unescape(page))


# --- the workbook ---------------------------------------------------------------------------------
def test_the_ledger_leaves_as_a_workbook_and_comes_back_unchanged(
    database: Database, registry: Registry, sites: Layer, browser: Open
) -> None:
    for n in range(5):
        given = {"unit": f"单位{n % 2}", "note": f"说明 {n}", "handler": "王小明"}
        opened(database, sites, "rectifying", number=f"案{n}", **given)
    opened(database, sites, "cleared", number="案九", cleared_on=date(2017, 5, 3))
    client = browser(Role.ADMIN)
    answer = client.get("/ledger/workbook?tab=all&state=*")
    assert answer.status_code == 200
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert "共 6 件" in sheet["A2"].value
    assert sheet["B5"].hyperlink.target.startswith(f"{BASE}/collections/sites/items/")
    source = files.read(io.BytesIO(answer.content), name="台账.xlsx")
    report = load(database, registry, sites, source, Options(on_conflict="update"))
    assert (report.unchanged, report.new, report.updated) == (6, 0, 0)
    narrow = client.get("/ledger/workbook?tab=all&unit=单位0")
    assert "共 3 件" in openpyxl.load_workbook(io.BytesIO(narrow.content)).active["A2"].value
