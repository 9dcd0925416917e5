"""「谁负责」 as people use it: a tap, a position, a name or a day, and who answers."""

import random
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from layers.admission import sessions
from layers.admission.sessions import Kind
from layers.declaring.people import Role
from layers.schema.accounts import PERSONS, SESSIONS
from tests import people
from tests.browser.axe import looks, sideways, violations
from tests.browser.conftest import DESKTOP, PHONE, Site, Visitor
from tests.browser.test_maps import _look_at, _rows, _screen

pytestmark = pytest.mark.browser

DISTRICT = "630102000000"
SMALL_PHONE = {"width": 360, "height": 740}
NAMES = ".gf-ground:not(.gf-ground-beside, .gf-doubts) h2"


def _as(site: Site, role: Role, division: str = DISTRICT) -> Site:
    """The same site for a new account of this role."""
    account = people.account(site.database, role, division)
    return replace(site, cookie=people.secret(site.database, account.id, Kind.COOKIE))


def _fields_at(site: Site, lon: float, lat: float, margin_m: float) -> list[str]:
    """Names of the fields within a distance of a point."""
    return [
        name
        for (name,) in _rows(
            site,
            "SELECT name FROM grid_fields WHERE st_dwithin(geom::geography, "
            f"st_setsrid(st_point({lon}, {lat}), 4326)::geography, {margin_m}) ORDER BY name",
        )
    ]


@pytest.fixture(scope="module", autouse=True)
def _numbers(demo: Site) -> None:
    """Everybody can be called."""
    with demo.database.begin() as connection:
        number = sa.func.concat("1600000", sa.func.lpad(sa.cast(PERSONS.c.id, sa.Text), 4, "0"))
        connection.execute(sa.update(PERSONS).values(phone=number))


def _inside(site: Site, where: str = "leader IS NOT NULL") -> Mapping[str, Any]:
    """A field and a point in it."""
    name, leader, lon, lat = _rows(
        site,
        "SELECT name, leader, st_x(p), st_y(p) FROM grid_fields, st_pointonsurface(geom) p "
        f"WHERE {where} ORDER BY code LIMIT 1",
    )[0]
    return {"name": name, "leader": leader, "lon": lon, "lat": lat}


def _tap(page: Page, lon: float, lat: float, zoom: int = 16) -> None:
    _look_at(page, lon, lat, zoom)
    place = _screen(page, lon, lat)
    with page.expect_response(re.compile("/here/answer")):
        page.mouse.click(place["x"], place["y"])
    page.wait_for_selector(".gf-answer:not([aria-busy])")


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_a_tap_is_answered_as_postgis_does(
    demo: Site, visit: Visitor, size: dict[str, int]
) -> None:
    page = visit(demo, "/here", size=size)
    drawn = random.Random(2017)
    west, south, east, north = _rows(
        demo,
        "SELECT st_xmin(b), st_ymin(b), st_xmax(b), st_ymax(b) "
        "FROM (SELECT st_extent(geom) b FROM grid_fields) e",
    )[0]
    checked = 0
    while checked < 8:
        lon, lat = drawn.uniform(west, east), drawn.uniform(south, north)
        names = _fields_at(demo, lon, lat, 4)
        if len(names) != 1:  # a tap is on whole pixels, some metres wide
            continue
        _tap(page, lon, lat)
        assert page.locator(NAMES).all_inner_texts() == names
        (leader,) = _rows(demo, f"SELECT leader FROM grid_fields WHERE name = '{names[0]}'")[0]
        chief = page.locator(".gf-chief").first
        assert (leader or "尚未落实") in chief.inner_text()
        checked += 1
    assert visit.errors == []
    assert demo.outside == []


def test_the_pin_stays_in_sight_when_the_sheet_comes_up(demo: Site, visit: Visitor) -> None:
    page = visit(demo, "/here", size=PHONE)
    field = _inside(demo)
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    low = box["height"] * 0.9  # where the sheet will be
    with page.expect_response(re.compile("/here/answer")):
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + low)
    page.wait_for_timeout(500)
    pin, room = page.locator(".gf-pin").bounding_box(), page.locator(".folium-map").bounding_box()
    assert pin is not None
    assert room is not None
    assert room["height"] < box["height"]
    assert room["y"] <= pin["y"]
    assert pin["y"] + pin["height"] <= room["y"] + room["height"]
    page.click(".gf-handle")
    assert page.locator(".gf-handle").get_attribute("aria-expanded") == "false"
    folded = page.locator(".folium-map").bounding_box()
    assert folded is not None
    assert folded["height"] > room["height"]
    assert field["name"]


def test_the_address_can_be_passed_on_and_keeps_its_language(demo: Site, visit: Visitor) -> None:
    field = _inside(demo)
    page = visit(demo, "/here", size=PHONE)
    _tap(page, field["lon"], field["lat"])
    address = page.evaluate("location.pathname + location.search")
    assert re.fullmatch(r"/here\?lon=[\d.]+&lat=[\d.]+", address)
    other = visit(demo, address)
    assert field["name"] in other.locator(NAMES).inner_text()
    assert other.locator(".gf-pin").is_visible()
    page.click(".gf-nav a[hreflang]")
    page.wait_for_load_state("networkidle")
    assert field["name"] in page.locator(NAMES).inner_text()
    assert "grid leader" in page.locator(".gf-chief").first.inner_text()


def test_a_viewer_reads_masks_and_a_leader_may_call(demo: Site, visit: Visitor) -> None:
    field = _inside(demo)
    path = f"/here?lon={field['lon']}&lat={field['lat']}"
    page = visit(_as(demo, Role.VIEWER), path, size=PHONE)
    text = page.inner_text("#here-answer")
    assert field["leader"] not in text
    assert f"{field['leader'][0]}**" in text
    assert page.locator("a[href^='tel:']").count() == 0
    assert re.search(r"\d{3}\*{4}\d{4}", text)
    page = visit(_as(demo, Role.LEADER), path, size=PHONE)
    call = page.locator(".gf-chief a[href^='tel:']").first
    assert field["leader"] in page.inner_text("#here-answer")
    assert field["leader"] in (call.text_content() or "")
    box = call.bounding_box()
    assert box is not None
    assert min(box["height"], box["width"]) >= 44
    assert visit.errors == []


def test_another_day_can_be_asked_for(demo: Site, visit: Visitor) -> None:
    field = _inside(demo)
    page = visit(demo, f"/here?lon={field['lon']}&lat={field['lat']}")
    page.fill("#here-on", "2001-01-01")
    page.click(".gf-day button")
    expect(page.locator(".gf-as-of")).to_contain_text("2001-01-01")
    assert "on=2001-01-01" in page.url
    assert field["leader"] not in page.inner_text("#here-answer")
    page.click(".gf-as-of a")
    expect(page.locator(".gf-chief").first).to_contain_text(field["leader"])
    assert "&on=" not in page.url


def test_a_name_leads_to_the_place(demo: Site, visit: Visitor) -> None:
    field = _inside(demo)
    page = visit(demo, "/here", size=PHONE)
    page.fill("#here-q", field["name"][:4])
    page.keyboard.press("Enter")
    page.wait_for_selector(".gf-places a")
    page.locator(".gf-places a", has_text=field["name"]).first.click()
    expect(page.locator(NAMES)).to_have_text(field["name"])
    page.wait_for_timeout(600)
    assert page.locator(".gf-pin").is_visible()
    page.fill("#here-q", "没有这个地方")
    page.click("#here-ask button[type=submit]")
    expect(page.locator("#here-answer")).to_contain_text("没有找到“没有这个地方”")
    assert page.locator(".gf-pin").count() == 0


def test_by_keyboard_the_middle_of_the_map_is_asked_for(demo: Site, visit: Visitor) -> None:
    field = _inside(demo)
    page = visit(demo, "/here")
    _look_at(page, field["lon"], field["lat"], 17)
    page.focus(".folium-map")
    page.keyboard.press("Enter")
    expect(page.locator(NAMES)).to_have_text(field["name"])
    assert page.locator(".gf-cross").is_visible()
    expect(page.locator("#here-answer > [role=status]").first).to_contain_text(field["leader"])


def test_where_one_stands_is_asked_for_with_its_accuracy(demo: Site, visit: Visitor) -> None:
    field = _inside(demo)
    page = visit(demo, "/here", size=PHONE)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation(
        {"longitude": field["lon"], "latitude": field["lat"], "accuracy": 65}
    )
    page.click("[data-locate]")
    expect(page.locator(NAMES)).to_have_text(field["name"])
    expect(page.locator(".gf-answer-note")).to_contain_text("65 米")
    assert page.locator("path.gf-accuracy").count() == 1
    page.context.clear_permissions()
    page.click("[data-locate]")
    expect(page.locator(".gf-answer-note[role=alert]")).to_contain_text("没有给出位置")
    assert field["name"] in page.inner_text("#here-answer"), "the answer stays"


def test_without_the_network_the_answer_stays_and_is_asked_again(
    demo: Site, visit: Visitor
) -> None:
    first, second = _inside(demo), _inside(demo, "code > '630102007001006'")
    page = visit(demo, "/here", size=PHONE)
    _tap(page, first["lon"], first["lat"])
    _look_at(page, second["lon"], second["lat"], 16)
    place = _screen(page, second["lon"], second["lat"])
    page.context.set_offline(True)
    page.mouse.click(place["x"], place["y"])
    expect(page.locator(".gf-answer-note[role=alert]")).to_contain_text("仍是刚才的答复")
    assert page.locator(NAMES).inner_text() == first["name"]
    page.context.set_offline(False)
    expect(page.locator(NAMES)).to_have_text(second["name"])
    assert page.locator(".gf-answer-note").is_hidden()


def test_without_a_script_the_form_answers(demo: Site, chromium: Browser) -> None:
    field = _inside(demo)
    context = chromium.new_context(java_script_enabled=False, locale="zh-CN")
    try:
        context.add_cookies([{"name": "gridfield", "value": demo.cookie, "url": demo.address}])
        plain = context.new_page()
        plain.goto(f"{demo.address}/here")
        plain.fill("#here-q", f"{field['lon']}, {field['lat']}")
        plain.click("#here-ask button[type=submit]")
        assert field["name"] in plain.inner_text("#here-answer")
        plain.fill("#here-on", "2001-01-01")
        plain.click(".gf-day button")
        assert "2001-01-01 的情况" in plain.inner_text("#here-answer")
    finally:
        context.close()


def _revoke(site: Site) -> None:
    with site.database.begin() as connection:
        session = sessions.find(connection, site.cookie)
        assert session is not None
        connection.execute(sa.delete(SESSIONS).where(SESSIONS.c.id == session.id))


def _way_in(page: Page, selector: str) -> str:
    """Where the link to sign in again leads from, decoded."""
    link = page.locator(f"{selector} a.gf-button", has_text="重新登录").first
    link.wait_for()
    link.hover()
    return str(link.evaluate("link => new URL(link.href).searchParams.get('next')"))


def test_when_the_session_has_ended_the_page_says_so_and_leads_back(
    demo: Site, visit: Visitor
) -> None:
    field = _inside(demo)
    own = _as(demo, Role.LEADER)
    page = visit(own, f"/here?lon={field['lon']}&lat={field['lat']}", size=PHONE)
    _revoke(own)
    _look_at(page, field["lon"], field["lat"], 17)
    place = _screen(page, field["lon"], field["lat"])
    page.mouse.click(place["x"] + 8, place["y"])
    expect(page.locator(".gf-answer-note[role=alert]")).to_contain_text("登录已过期，请重新登录")
    assert page.locator(NAMES).inner_text() == field["name"], "the answer stays"
    back = _way_in(page, ".gf-answer-note")
    assert back == page.evaluate("location.pathname + location.search + location.hash")
    page.locator(".gf-answer-note a.gf-button").click()
    page.wait_for_url(re.compile("/auth/sign-in"))


@pytest.mark.parametrize("part", ["tiles", "list", "popup"])
def test_a_map_whose_session_has_ended_says_so_and_leads_back(
    demo: Site, visit: Visitor, part: str
) -> None:
    field = _inside(demo)
    own = _as(demo, Role.LEADER)
    page = visit(own, "/maps/fields")
    here = _look_at(page, field["lon"], field["lat"], 17)
    _revoke(own)
    where = {"tiles": ".gf-banner", "list": ".gf-list > .gf-note", "popup": ".gf-failed"}[part]
    if part == "tiles":
        page.evaluate("window[document.querySelector('.folium-map').id].panBy([900, 0])")
    elif part == "list":
        page.click(".gf-list-button")
    else:
        page.mouse.click(here["x"], here["y"])
    expect(page.locator(where).first).to_contain_text("登录已过期，请重新登录")
    back = _way_in(page, where)
    assert back == page.evaluate("location.pathname + location.search + location.hash")
    assert back.startswith("/maps/fields#17/")
    if part == "tiles":
        assert page.locator(".gf-banner button").is_hidden()
        assert page.locator(".gf-loading").is_hidden()


def test_the_card_of_a_field_leads_to_who_answers_there(demo: Site, visit: Visitor) -> None:
    field = _inside(demo)
    page = visit(demo, "/maps/fields")
    here = _look_at(page, field["lon"], field["lat"], 17)
    page.mouse.click(here["x"], here["y"])
    # What no tile has in it: the whole record has come.
    expect(page.locator(".gf-card dl")).to_contain_text("数据来源")
    assert page.locator(".gf-failed").count() == 0
    page.click(".gf-further a")
    page.wait_for_url(re.compile(r"/here\?lon="))
    assert page.locator(NAMES).inner_text() == field["name"]


@pytest.mark.parametrize("size", [PHONE, SMALL_PHONE, DESKTOP])
def test_axe_finds_no_violation_in_an_answer(
    demo: Site, visit: Visitor, size: dict[str, int]
) -> None:
    field = _inside(demo)
    query = f"lon={field['lon']}&lat={field['lat']}"
    for site, path in (
        (demo, "/here"),
        (demo, f"/here?{query}"),
        (_as(demo, Role.VIEWER), f"/here?{query}&on=2001-01-01"),
        (demo, "/here?q=路"),
        (demo, "/here?lon=101.7&lat=36.6&lang=en"),
    ):
        for page in looks(visit, site, path, [size]):
            assert violations(page) == [], path
            assert sideways(page) <= 0
    assert visit.errors == []
    assert demo.outside == []
