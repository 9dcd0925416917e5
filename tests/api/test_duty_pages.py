"""Duties as pages: looked at by everybody, changed by plain forms, refused at the field."""

import io
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from html import unescape

import openpyxl
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from gis.postgis import Database
from layers.admission.sessions import Kind
from layers.declaring.people import Role
from layers.reading.past import today
from layers.registry import Registry
from tests.api.conftest import BASE
from tests.layers import duty_cases as cases
from tests.layers import fields
from tests.layers.fields import BLUE_SKY
from tests.people import account, bearer, secret

HTML = {"accept": "text/html"}
OTHER = "630102007004"

Open = Callable[..., TestClient]


@pytest.fixture
def app(settings: Settings, database: Database, registry: Registry) -> FastAPI:
    return create_app(settings, database=database, registry=registry)


@pytest.fixture
def browser(app: FastAPI, database: Database) -> Iterator[Open]:
    """A reader of pages in some role and division."""
    opened = []

    def enter(role: Role = Role.LEADER, division: str = BLUE_SKY) -> TestClient:
        headers = HTML | bearer(database, role, division)
        client = TestClient(app, BASE, headers=headers, follow_redirects=False)
        opened.append(client)
        return client

    yield enter
    for client in opened:
        client.close()


@pytest.fixture
def now(database: Database) -> date:
    with database.read() as connection:
        return today(connection)


@pytest.fixture
def field(database: Database, registry: Registry) -> int:
    with database.begin() as connection:
        return fields.field(connection, registry, 1, fields.plot(0, 0), leader=None)


@pytest.fixture
def duty(database: Database, registry: Registry, field: int) -> int:
    """祁生财 leads the field."""
    with database.begin() as connection:
        who = cases.person(connection, "祁生财", unit="蓝天社区", phone="13897001234")
        return cases.given(connection, registry, "grid_fields", field, who=who).id


def text(response: Response) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.text)))


def trouble(response: Response, name: str) -> str:
    """What stands at a field, whose value is kept beside it."""
    field = rf'name="{name}"[^>]*aria-invalid="true"[^>]*>'
    note = r'\s*<p class="[^"]*form-trouble"[^>]*>(.*?)</p>'
    found = re.search(field + note, response.text, re.DOTALL)
    assert found, f"nothing is said of {name}"
    return unescape(re.sub(r"<[^>]*>", "", found[1])).strip()


def value(response: Response, name: str) -> str:
    found = re.search(rf'name="{name}" type="\w+" value="([^"]*)"', response.text)
    assert found, name
    return unescape(found[1])


def leader_of(database: Database, registry: Registry, field: int) -> str | None:
    with database.read() as connection:
        return cases.column(connection, registry.layer("grid_fields"), field)


# --- looking --------------------------------------------------------------------------------------
def test_a_browser_reads_a_page_and_a_program_json_at_one_address(browser: Open, duty: int) -> None:
    client = browser()
    for path in ("/duties", f"/duties/{duty}", "/duties/coverage"):
        page = client.get(path)
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        for headers, query in (({"accept": "*/*"}, ""), (HTML, "?f=json")):
            data = client.get(path + query, headers=headers)
            assert data.headers["content-type"] == "application/json"
    # Their policy admits no script that stands in the page.
    assert "unsafe" not in page.headers["content-security-policy"]


def test_the_list_is_of_ones_own_division_and_day(
    *, browser: Open, database: Database, registry: Registry, duty: int, field: int, now: date
) -> None:
    with database.begin() as connection:
        elsewhere = fields.field(connection, registry, 2, fields.plot(9, 9), leader=None, of=OTHER)
        cases.given(
            connection,
            registry,
            "grid_fields",
            elsewhere,
            who=cases.person(connection, "外人"),
        )
        cases.given(
            connection,
            registry,
            "grid_fields",
            field,
            "grid_guide",
            who=cases.person(connection, "旧人"),
            until=-5,
        )
    client = browser()
    assert "祁生财" in text(client.get("/duties"))
    assert "外人" not in text(client.get("/duties"))
    assert "外人" not in text(client.get(f"/duties?division={OTHER}"))
    assert "旧人" not in text(client.get("/duties"))
    assert "旧人" in text(client.get("/duties?on="))
    assert "旧人" in text(client.get(f"/duties?on={now - timedelta(days=9)}"))
    assert "旧人" in text(client.get(f"/duties?layer=grid_fields&feature={field}"))
    assert "祁生财" not in text(client.get("/duties?role=grid_guide"))
    assert "祁生财" in text(client.get("/duties?name=生财"))
    assert "祁生财" not in text(client.get("/duties?name=旧"))
    assert client.get("/duties?role=king").status_code == 404
    assert client.get("/duties?on=tomorrow").status_code == 400


def test_pages_follow_one_another(
    browser: Open, database: Database, registry: Registry, field: int
) -> None:
    with database.begin() as connection:
        for n in range(51):
            who = cases.person(connection, f"网格{n:02}")
            cases.given(connection, registry, "grid_fields", field, "grid_member", who=who)
    client = browser()
    first = client.get("/duties?role=grid_member")
    following = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert following
    second = client.get(unescape(following[1]))
    assert "网格49" in text(first)
    assert "网格50" not in text(first)
    assert "网格50" in text(second)
    assert 'rel="next"' not in second.text


def test_who_may_not_know_names_reads_and_finds_none(browser: Open, duty: int) -> None:
    client = browser(Role.VIEWER)
    for path in ("/duties", f"/duties/{duty}", "/duties/coverage"):
        page = client.get(path)
        assert "祁生财" not in page.text
        assert "13897001234" not in page.text
        assert "<form" not in page.text.replace('<form class="panel filter"', "").replace(
            '<form class="filter"', ""
        ).replace('<form action="/auth/sign-out"', "")
    # Looking for a name would tell who is behind the mask.
    assert text(client.get("/duties?name=祁生财")) == text(client.get("/duties?name=王五"))
    assert 'name="name"' not in client.get("/duties").text


@pytest.mark.parametrize("role", [Role.VIEWER, Role.INSPECTOR, Role.OFFICER])
def test_who_may_not_appoint_is_offered_nothing_and_refused(
    browser: Open, duty: int, field: int, role: Role, now: date
) -> None:
    client = browser(role)
    assert f"/duties/{duty}/" not in client.get(f"/duties/{duty}").text
    assert "/duties/new" not in client.get(f"/collections/grid_fields/items/{field}").text
    assert client.get(f"/duties/new?layer=grid_fields&feature={field}").status_code == 403
    asked = {"person": "韩志强", "on": str(now)}
    for path in (
        "/duties/new",
        *(f"/duties/{duty}/{it}" for it in ("hand-over", "change", "close")),
    ):
        assert client.post(path, data=asked).status_code == 403


def test_another_division_has_no_such_duty(browser: Open, duty: int, now: date) -> None:
    client = browser(Role.LEADER, OTHER)
    assert client.get(f"/duties/{duty}").status_code == 404
    asked = {"person": "韩志强", "on": str(now)}
    for it in ("hand-over", "change", "close"):
        assert client.post(f"/duties/{duty}/{it}", data=asked).status_code == 404


# --- changing -------------------------------------------------------------------------------------
def test_a_field_leads_to_the_form_that_gives_it_a_leader(
    browser: Open, database: Database, registry: Registry, field: int, now: date
) -> None:
    client = browser()
    item = client.get(f"/collections/grid_fields/items/{field}")
    links = [unescape(x) for x in re.findall(r'href="(/duties/new[^"]+)"', item.text)]
    (form,) = [client.get(link) for link in links if link.endswith("role=grid_leader")]
    assert value(form, "on") == str(now)
    assert '<option value="grid_leader" selected>' in form.text
    asked = {
        "layer": "grid_fields",
        "feature": str(field),
        "role": "grid_leader",
        "person": "韩志强",
        "phone": "13897005678",
        "on": str(now),
        "document": "林办〔2026〕7号",
    }
    done = client.post("/duties/new", data=asked)
    assert done.status_code == 303
    assert leader_of(database, registry, field) == "韩志强"
    page = text(client.get(done.headers["location"]))
    assert "林办〔2026〕7号" in page
    assert "13897005678" in page
    again = client.post("/duties/new", data=asked | {"person": "马晓燕"})
    assert again.status_code == 409
    assert "此时是韩志强" in trouble(again, "on")
    assert (value(again, "person"), value(again, "document")) == ("马晓燕", "林办〔2026〕7号")


def test_a_hand_over_today_and_one_in_the_future(
    *, browser: Open, database: Database, registry: Registry, duty: int, field: int, now: date
) -> None:
    client = browser()
    done = client.post(f"/duties/{duty}/hand-over", data={"person": "韩志强", "on": str(now)})
    assert done.status_code == 303
    assert leader_of(database, registry, field) == "韩志强"
    begun = done.headers["location"]
    later = str(now + timedelta(days=30))
    planned = client.post(f"{begun}/hand-over", data={"person": "马晓燕", "on": later})
    assert planned.status_code == 303
    assert leader_of(database, registry, field) == "韩志强"
    page = client.get(planned.headers["location"])
    assert "待任" in text(page)
    # All three terms stand there, the latest first.
    names = re.findall(r"(祁生财|韩志强|马晓燕)", text(page).partition("前后任")[2])
    assert names == ["马晓燕", "韩志强", "祁生财"]


def test_a_plan_is_changed_and_withdrawn(
    *, browser: Open, database: Database, registry: Registry, duty: int, field: int, now: date
) -> None:
    client = browser()
    later, latest = (str(now + timedelta(days=n)) for n in (10, 20))
    plan = client.post(f"/duties/{duty}/hand-over", data={"person": "韩志强", "on": later})
    page = client.get(plan.headers["location"])
    assert (value(page, "person"), value(page, "on")) == ("韩志强", later)
    changed = client.post(
        f"{plan.headers['location']}/change", data={"person": "马晓燕", "on": latest}
    )
    page = client.get(changed.headers["location"])
    assert "马晓燕" in text(page)
    assert latest in text(page)
    gone = client.post(f"{changed.headers['location']}/close", data={"on": latest})
    assert gone.status_code == 303
    assert "马晓燕" not in text(client.get(gone.headers["location"]))
    assert "祁生财" in text(client.get(gone.headers["location"]))


def test_a_leader_ends_only_with_a_word_for_it(
    *, browser: Open, database: Database, registry: Registry, duty: int, field: int, now: date
) -> None:
    client = browser()
    asked = {"on": str(now), "reason": "", "vacant": ""}
    refused = client.post(f"/duties/{duty}/close", data=asked)
    assert refused.status_code == 409
    assert "会没有网格长" in text(refused)
    unreasoned = client.post(f"/duties/{duty}/close", data=asked | {"vacant": "true"})
    assert unreasoned.status_code == 422
    assert trouble(unreasoned, "reason") == "空缺须写明理由"
    assert 'name="vacant" value="true" checked' in unreasoned.text
    assert leader_of(database, registry, field) == "祁生财"
    ended = client.post(f"/duties/{duty}/close", data=asked | {"vacant": "true", "reason": "撤并"})
    assert ended.status_code == 303
    assert "撤并" in text(client.get(ended.headers["location"]))
    assert leader_of(database, registry, field) is None


@pytest.mark.parametrize(
    ("changed", "name", "said"),
    [
        ({"person": ""}, "person", "请填写"),
        ({"person": "祁生财"}, "person", "不能交接给本人"),
        ({"person": "马\x07"}, "person", "不能换行"),
        ({"person": "马" * 501}, "person", "最多 500 个字"),
        ({"on": ""}, "on", "请填写"),
        ({"on": "2026-02-30"}, "on", "不是日期"),
        ({"on": "9999-12-31"}, "on", "不是日期"),
        ({"on": "2001-01-01"}, "on", "不能在 2001-01-01 结束或交接"),
        ({"document": "一\n二"}, "document", "不能换行"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(
    *,
    browser: Open,
    database: Database,
    duty: int,
    now: date,
    changed: dict[str, str],
    name: str,
    said: str,
) -> None:
    asked = {"person": "韩志强", "on": str(now), "document": "林办〔2026〕7号"} | changed
    with database.read() as connection:
        before = cases.count(connection), connection.scalar(sa.text("SELECT count(*) FROM persons"))
    refused = browser().post(f"/duties/{duty}/hand-over", data=asked)
    assert refused.status_code in (409, 422)
    assert said in trouble(refused, name)
    assert '<details class="panel fold-panel" id="hand-over" open>' in refused.text
    for kept in {"person", "on", "document"} - {name}:
        assert value(refused, kept) == asked[kept]
    with database.read() as connection:
        # But for the account of who asked, nobody and nothing is new.
        after = cases.count(connection), connection.scalar(sa.text("SELECT count(*) FROM persons"))
    assert after == (before[0], before[1] + 1)


def test_of_several_of_a_name_one_is_chosen(
    *, browser: Open, database: Database, registry: Registry, duty: int, field: int, now: date
) -> None:
    with database.begin() as connection:
        ids = [cases.person(connection, "王伟", unit=unit) for unit in ("东院", "西院")]
        for who in ids:
            cases.given(connection, registry, "grid_fields", field, "grid_member", who=who)
        stranger = cases.person(connection, "王伟", unit="外地")
    client = browser()
    asked = {"person": "王伟", "on": str(now)}
    refused = client.post(f"/duties/{duty}/hand-over", data=asked)
    assert refused.status_code == 422
    assert "2 个人叫“王伟”" in trouble(refused, "person")
    assert "东院" in text(refused)
    assert "西院" in text(refused)
    assert "外地" not in text(refused)
    # Somebody of the name whom nobody here has seen is not to be had by a number.
    foreign = client.post(f"/duties/{duty}/hand-over", data=asked | {"person_id": str(stranger)})
    assert foreign.status_code == 422
    done = client.post(f"/duties/{duty}/hand-over", data=asked | {"person_id": str(ids[1])})
    assert done.status_code == 303
    assert "西院" in text(client.get(done.headers["location"]))


def test_hostile_words_come_back_as_text(browser: Open, duty: int, now: date) -> None:
    hostile = "<script>alert(1)</script>{{ 7 * 191 }}\"'"
    refused = browser().post(f"/duties/{duty}/hand-over", data={"person": hostile, "on": "x"})
    assert value(refused, "person") == hostile
    assert "<script>alert" not in refused.text
    done = browser().post(f"/duties/{duty}/hand-over", data={"person": hostile, "on": str(now)})
    page = browser().get(done.headers["location"])
    assert "<script>alert" not in page.text
    assert "1337" not in text(page)


def test_no_other_site_can_send_a_form(
    app: FastAPI, database: Database, duty: int, now: date
) -> None:
    held = account(database, Role.LEADER, BLUE_SKY)
    cookies = {"gridfield": secret(database, held.id, Kind.COOKIE)}
    asked = {"person": "韩志强", "on": str(now)}
    with TestClient(app, BASE, cookies=cookies, headers=HTML, follow_redirects=False) as client:
        path = f"/duties/{duty}/hand-over"
        for headers in ({}, {"origin": "http://elsewhere.example"}):
            assert client.post(path, data=asked, headers=headers).status_code == 403
        assert client.post(path, data=asked, headers={"origin": BASE}).status_code == 303


# --- coverage -------------------------------------------------------------------------------------
def test_the_coverage_page_has_every_figure_of_the_data_with_links(reader: TestClient) -> None:
    data = reader.get("/duties/coverage?division=630102007000").json()
    page = reader.get("/duties/coverage?division=630102007000", headers=HTML)
    for figure in data["figures"]:
        assert f"{round(figure['value']):,} {figure['unit']} {figure['label']}" in text(page)
        for number in figure["ids"]:
            if figure["layer"] != "persons":
                assert f"/collections/{figure['layer']}/items/{number}?f=html" in page.text
    for row in data["divisions"]:
        assert row["name"] in text(page)
        assert f"division={row['code']}" in page.text
    for address in ("/maps/liaison", "/maps/workload"):
        assert address in page.text


def test_limits_are_changed_in_the_form_and_go_into_the_workbook(reader: TestClient) -> None:
    query = "fields=2&households=700&metres=6000&least_units=2&most_units=3"
    page = reader.get(f"/duties/coverage?{query}", headers=HTML)
    assert "负责多于 2 块网格的人" in text(page)
    assert "联点单位少于 2 家的领导" in text(page)
    assert value(page, "households") == "700"
    link = re.search(r'href="(/duties/coverage\?[^"]*f=xlsx[^"]*)"', page.text)
    assert link
    answer = reader.get(unescape(link[1]), headers=HTML)
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    told = {row[0]: row[1] for row in book["概况"].iter_rows(values_only=True)}
    data = reader.get(f"/duties/coverage?{query}").json()
    for figure in data["figures"]:
        assert told[figure["label"]] == pytest.approx(figure["value"], abs=0.06)
    assert reader.get("/duties/coverage?fields=-1", headers=HTML).status_code == 400
    assert reader.get("/duties/coverage?division=6", headers=HTML).status_code == 404


# --- what somebody else has changed ---------------------------------------------------------------
def test_a_form_for_what_changed_meanwhile_shows_how_it_is_now(
    browser: Open, duty: int, now: date
) -> None:
    client, later = browser(), str(now + timedelta(days=40))
    seen = hidden(client.get(f"/duties/{duty}"))
    ends = {"on": later, "reason": "退休", "vacant": "1", "if_match": seen}
    assert client.post(f"/duties/{duty}/close", data=ends).status_code == 303
    asked = {"person": "韩志强", "on": str(now), "if_match": seen}
    late = client.post(f"/duties/{duty}/hand-over", data=asked)
    assert late.status_code == 412
    assert "已被别人改过" in text(late)
    assert value(late, "person") == "韩志强"
    again = client.post(f"/duties/{duty}/hand-over", data=asked | {"if_match": hidden(late)})
    assert again.status_code == 303


def test_what_is_no_longer_possible_is_said_above_the_duty(
    browser: Open, duty: int, now: date
) -> None:
    client = browser()
    asked = {"person": "韩志强", "on": str(now), "if_match": hidden(client.get(f"/duties/{duty}"))}
    assert client.post(f"/duties/{duty}/hand-over", data=asked).status_code == 303
    late = client.post(f"/duties/{duty}/hand-over", data=asked | {"person": "马晓燕"})
    assert late.status_code == 412
    assert late.text.count('role="alert"') == 1
    assert "已被别人改过" in text(late)


def hidden(response: Response) -> str:
    found = re.search(r'name="if_match" value="([^"]*)"', response.text)
    assert found
    return unescape(found[1])
