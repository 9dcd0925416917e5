"""「刚上报」: what inspectors log shows on the leader's page by itself, and only there."""

import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from api import event_stream, streams
from gis.postgis import Database
from layers.admission import sessions
from layers.admission.sessions import Kind
from layers.declaring.people import Role
from layers.registry import Registry
from tests import logged, people, records
from tests.browser.axe import violations
from tests.browser.conftest import DESKTOP, PHONE, Site, Visitor, served
from tests.photographs import name_of, photograph

pytestmark = pytest.mark.browser

SMALL_PHONE = {"width": 360, "height": 740}
SOON_MS = 2000
HOSTILE = "<img src=x onerror=\"document.title='hit'\">'\"</script>{{7*7}}\u202e"


@pytest.fixture
def ground(database: Database, registry: Registry) -> Iterator[Site]:
    """Two communities with a field each, and nothing logged yet."""
    records.lay_ground(database, registry)
    with served(database, registry) as site:
        yield site


def _as(site: Site, role: Role, division: str) -> Site:
    account = people.account(site.database, role, division)
    return replace(site, cookie=people.secret(site.database, account.id, Kind.COOKIE))


def _put(
    site: Site,
    inspector: dict[str, str],
    lonlat: tuple[float, float],
    note: str,
    **more: Any,
) -> None:
    """An inspector's phone sends a record."""
    spot = {"type": "Point", "coordinates": list(lonlat)}
    sent = records.body(records.record(geometry=spot, properties={"note": note}, **more))
    path = f"/collections/sites/items/{uuid.uuid4()}"
    _send(site, inspector, path, sent, "application/geo+json")


def _send(
    site: Site, inspector: dict[str, str], path: str, content: bytes, media_type: str
) -> None:
    headers = {**inspector, "content-type": media_type}
    request = urllib.request.Request(  # noqa: S310  our own server
        site.address + path, content, headers, method="PUT"
    )
    with urllib.request.urlopen(request, timeout=20) as response:  # noqa: S310
        assert response.status == 201


def _state(page: Page, state: str) -> None:
    expect(page.locator(".logged-state")).to_have_attribute("data-state", state, timeout=10_000)


def _box(found: Locator) -> Mapping[str, float]:
    """Where it is on the page, in pixels."""
    box = found.bounding_box()
    assert box
    return {"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"]}


def _filled(site: Site, count: int, first: int = 0) -> None:
    """So many records of today, stored at once."""
    with site.database.begin() as connection:
        for n in range(first, first + count):
            lon = records.INSIDE[0] + 0.00003 * (n % 60)
            logged.site(
                connection,
                site.registry,
                lon,
                records.INSIDE[1] + 0.00003 * (n // 60),
                number=f"巡查-2026-{n:06}",
                note=f"第{n}处：垃圾桶满溢",
                field=records.FIELD,
            )


@pytest.mark.parametrize("path", ["/", "/logged"])
def test_a_site_that_an_inspector_logs_shows_within_two_seconds(
    ground: Site, visit: Visitor, path: str
) -> None:
    inspector = people.bearer(ground.database, Role.INSPECTOR, records.COMMUNITY)
    page = visit(_as(ground, Role.LEADER, records.COMMUNITY), path)
    expect(page.locator(".logged-none")).to_be_visible()
    _state(page, "live")
    for n in range(3):
        _put(ground, inspector, records.INSIDE, f"占道经营第{n}处")
        first = page.locator(".logged-one").first
        expect(first).to_contain_text(f"占道经营第{n}处", timeout=SOON_MS)
        expect(page.locator(".logged-count")).to_have_text(f"今天 {n + 1} 条")
    expect(page.locator(".logged-none")).to_be_hidden()
    expect(first).to_contain_text(records.LEADER)
    expect(first).to_contain_text("可能重复 2")
    expect(page.locator(".logged [role=status]")).to_contain_text("占道经营第2处")
    first.locator("a").click()
    expect(page.locator("h1")).to_be_visible()
    assert "/collections/sites/items/" in page.url
    assert visit.errors == []
    assert ground.outside == []


@pytest.mark.parametrize("size", [SMALL_PHONE, DESKTOP])
def test_a_leader_says_that_two_are_the_same_without_leaving_the_list(
    ground: Site, visit: Visitor, size: dict[str, int]
) -> None:
    inspector = people.bearer(ground.database, Role.INSPECTOR, records.COMMUNITY)
    page = visit(_as(ground, Role.LEADER, records.COMMUNITY), "/", size=size)
    _state(page, "live")
    for note in ("第一次", "又一次"):
        _put(ground, inspector, records.INSIDE, note)
        expect(page.locator(".logged-one").first).to_contain_text(note, timeout=SOON_MS)
    again, first = (page.locator(".logged-one").nth(n) for n in (0, 1))
    button = again.get_by_role("button", name="是同一问题")
    expect(button).to_be_visible()
    assert _box(button)["height"] >= 44
    page.wait_for_timeout(600)  # axe reads colours as they are, in the middle of an animation
    assert violations(page) == []
    page.evaluate("window.stays = true")
    button.click()
    expect(again.locator(".logged-main")).to_contain_text("同一问题：巡查")
    expect(first).to_contain_text("另有 1 次上报")
    expect(page.get_by_role("button", name="是同一问题")).to_have_count(0)
    assert page.evaluate("window.stays")
    assert again.evaluate("(one) => one.contains(document.activeElement)")
    again.locator(".logged-title a").click()
    expect(page.locator("#same")).to_have_text("同一问题")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_role("button", name="是同一问题")).to_be_visible()
    assert visit.errors == []


def test_two_communities_never_see_each_others(ground: Site, visit: Visitor) -> None:
    here = visit(_as(ground, Role.LEADER, records.COMMUNITY), "/")
    there = visit(_as(ground, Role.LEADER, records.NEIGHBOUR), "/")
    for page in (here, there):
        _state(page, "live")
    own = people.bearer(ground.database, Role.INSPECTOR, records.COMMUNITY)
    foreign = people.bearer(ground.database, Role.INSPECTOR, records.NEIGHBOUR)
    _put(ground, own, records.INSIDE, "蓝天的")
    _put(ground, foreign, records.ABROAD, "站西的")
    expect(here.locator(".logged-one")).to_contain_text("蓝天的", timeout=SOON_MS)
    expect(there.locator(".logged-one")).to_contain_text("站西的", timeout=SOON_MS)
    here.wait_for_timeout(1000)
    assert "站西的" not in here.content()
    assert "蓝天的" not in there.content()
    assert visit.errors == []


def test_what_is_typed_stays_text(ground: Site, visit: Visitor) -> None:
    inspector = people.bearer(ground.database, Role.INSPECTOR, records.COMMUNITY)
    page = visit(_as(ground, Role.LEADER, records.COMMUNITY), "/")
    title = page.title()
    _state(page, "live")
    _put(ground, inspector, records.INSIDE, HOSTILE)
    first = page.locator(".logged-one")
    expect(first.locator(".logged-title")).to_have_text(HOSTILE, timeout=SOON_MS)
    expect(page.locator(".logged [role=status]")).to_contain_text("<img src=x")
    page.reload()
    expect(first.locator(".logged-title")).to_have_text(HOSTILE)
    assert page.locator(".logged img").count() == 0
    assert page.title() == title
    assert visit.errors == []


def test_the_focus_stays_where_it_is(ground: Site, visit: Visitor) -> None:
    inspector = people.bearer(ground.database, Role.INSPECTOR, records.COMMUNITY)
    _filled(ground, 3)
    page = visit(_as(ground, Role.LEADER, records.COMMUNITY), "/")
    _state(page, "live")
    third = page.locator(".logged-one a").nth(2)
    third.focus()
    _put(ground, inspector, records.INSIDE, "新来的")
    expect(page.locator(".logged-one").first).to_contain_text("新来的", timeout=SOON_MS)
    assert page.evaluate("document.activeElement.textContent") == "第0处：垃圾桶满溢"
    assert page.locator(".logged-one").count() == 4


def test_hundreds_are_a_list_and_days_of_pages(ground: Site, visit: Visitor) -> None:
    inspector = people.bearer(ground.database, Role.INSPECTOR, records.COMMUNITY)
    _filled(ground, 250)
    leader = _as(ground, Role.LEADER, records.COMMUNITY)
    portal = visit(leader, "/")
    assert portal.locator(".logged-one").count() == 12
    expect(portal.locator(".logged-count")).to_have_text("今天 250 条")
    portal.get_by_role("link", name="看今天全部").click()
    _state(portal, "live")
    assert portal.locator(".logged-one").count() == 100
    _put(ground, inspector, records.INSIDE, "第二百五十一")
    expect(portal.locator(".logged-one").first).to_contain_text("第二百五十一", timeout=SOON_MS)
    assert portal.locator(".logged-one").count() == 100
    seen: list[list[int]] = [portal.locator(".logged-one").evaluate_all(NUMBERS)]
    for _ in range(2):
        portal.get_by_role("link", name="更早的").click()
        portal.wait_for_load_state()
        seen.append(portal.locator(".logged-one").evaluate_all(NUMBERS))
    assert [len(each) for each in seen] == [100, 100, 51]
    every = [number for page in seen for number in page]
    assert sorted(every, reverse=True) == every
    portal.get_by_role("link", name="前一天").click()
    expect(portal.locator(".logged-none")).to_have_text("这一天没有上报")
    assert visit.errors == []


NUMBERS = "all => all.map((one) => Number(one.dataset.number))"


def test_it_works_without_a_script(ground: Site, chromium: Browser) -> None:
    _filled(ground, 2)
    leader = _as(ground, Role.LEADER, records.COMMUNITY)
    context = chromium.new_context(java_script_enabled=False, viewport=PHONE, locale="zh-CN")
    context.add_cookies([{"name": "gridfield", "value": leader.cookie, "url": ground.address}])
    page = context.new_page()
    page.goto(ground.address)
    assert page.locator(".logged-one").count() == 2
    _filled(ground, 3, first=2)
    page.get_by_role("link", name="刷新看最新").click()
    assert page.locator(".logged-one").count() == 5
    context.close()


def test_without_a_network_the_list_says_so_and_comes_back(ground: Site, visit: Visitor) -> None:
    inspector = people.bearer(ground.database, Role.INSPECTOR, records.COMMUNITY)
    _filled(ground, 2)
    page = visit(_as(ground, Role.LEADER, records.COMMUNITY), "/")
    _state(page, "live")
    page.context.set_offline(True)
    _state(page, "away")
    expect(page.locator(".logged-state")).to_contain_text("连接断了，正在重连")
    _put(ground, inspector, records.INSIDE, "断网时来的")
    assert page.locator(".logged-one").count() == 2
    page.context.set_offline(False)
    _state(page, "live")
    expect(page.locator(".logged-one").first).to_contain_text("断网时来的")


def test_when_the_session_has_ended_it_says_so(
    ground: Site, visit: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "HEARTBEAT_S", 0.3)
    account = people.account(ground.database, Role.LEADER, records.COMMUNITY)
    cookie = people.secret(ground.database, account.id, Kind.COOKIE)
    page = visit(replace(ground, cookie=cookie), "/")
    _state(page, "live")
    with ground.database.begin() as connection:
        sessions.revoke_all(connection, account.id)
    _state(page, "out")
    link = page.locator(".logged-state").get_by_role("link", name="重新登录")
    assert link.get_attribute("href") == "/auth/sign-in?next=%2F"


def test_too_many_windows_are_told_and_renewed_all_the_same(
    ground: Site, visit: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MOST_EACH", 1)
    leader = _as(ground, Role.LEADER, records.COMMUNITY)
    first = visit(leader, "/")
    _state(first, "live")
    second = visit(leader, "/")
    _state(second, "full")
    _state(first, "live")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", [SMALL_PHONE, DESKTOP])
@pytest.mark.parametrize("path", ["/", "/logged", "/logged?on=2026-01-01"])
def test_the_lists_are_clean_and_fit(
    ground: Site, visit: Visitor, path: str, size: dict[str, int], *, dark: bool
) -> None:
    inspector = people.bearer(ground.database, Role.INSPECTOR, records.COMMUNITY)
    _filled(ground, 3)
    page = visit(_as(ground, Role.LEADER, records.COMMUNITY), path, size=size, dark=dark)
    if "on=" not in path:
        _state(page, "live")
        _put(ground, inspector, records.INSIDE, "很长的说明" * 60)
        expect(page.locator(".logged-new")).to_be_visible(timeout=SOON_MS)
        page.wait_for_timeout(600)  # axe reads colours as they are, in the middle of an animation
    assert violations(page) == []
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= size["width"]


def test_who_does_nothing_about_it_has_no_such_list(ground: Site, visit: Visitor) -> None:
    for role, shown in ((Role.VIEWER, 0), (Role.INSPECTOR, 0), (Role.OFFICER, 1)):
        page = visit(_as(ground, role, records.COMMUNITY), "/")
        assert page.locator(".logged").count() == shown


@pytest.mark.parametrize(("size", "dark"), [(SMALL_PHONE, False), (DESKTOP, True)])
def test_the_card_on_the_map_shows_small_photographs(
    ground: Site, visit: Visitor, size: dict[str, int], *, dark: bool
) -> None:
    numbers = range(10, 70, 10)
    content = [photograph(n) for n in numbers]
    inspector = people.bearer(ground.database, Role.INSPECTOR, records.COMMUNITY)
    lon, lat = records.INSIDE
    shots = [{"sha256": name_of(each), "role": "near"} for each in content]
    _put(ground, inspector, (lon, lat), "有照片", photos=shots)
    _put(
        ground, inspector, (lon + 0.002, lat), "还没传到", photos=[shots[0] | {"sha256": "0" * 64}]
    )
    for each in content:
        _send(ground, inspector, f"/photos/{name_of(each)}", each, "image/jpeg")
    page = visit(
        _as(ground, Role.LEADER, records.COMMUNITY),
        f"/maps/sites?#18/{lat}/{lon}",
        size=size,
        dark=dark,
    )
    _click_middle(page)
    pictures = page.locator(".gf-popup .gf-shots img")
    expect(pictures).to_have_count(4)
    first = pictures.first
    expect(first).to_have_attribute("src", f"/photos/{name_of(content[0])}?size=160")
    expect(first).to_have_attribute("loading", "lazy")
    alt = first.get_attribute("alt") or ""
    assert alt.startswith("巡查-")
    assert alt.endswith("近景照片，第 1 张")
    first.scroll_into_view_if_needed()
    expect(first).to_have_js_property("complete", value=True)
    assert first.evaluate("(one) => one.naturalWidth") > 0
    box = _box(first)
    assert min(box["width"], box["height"]) >= 44
    rest = page.locator(".gf-shots-rest")
    expect(rest).to_have_text("+2")
    assert (rest.get_attribute("href") or "").endswith("#photos")
    inside = _box(page.locator(".gf-popup"))
    assert 0 <= inside["x"] <= inside["x"] + inside["width"] <= size["width"]
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.goto(f"{ground.address}/maps/sites#18/{lat}/{lon + 0.002}")
    page.reload(wait_until="networkidle")
    _click_middle(page)
    expect(page.locator(".gf-popup")).to_contain_text("还没传到")
    assert page.locator(".gf-popup .gf-shots").count() == 0
    assert visit.errors == []
    assert ground.outside == []


def _click_middle(page: Page) -> None:
    """On what lies at the place in the address."""
    box = _box(page.locator(".leaflet-container"))
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector(".gf-popup dl dd", state="attached")
    page.wait_for_selector(".gf-busy", state="detached")


def test_the_page_of_a_record_shows_what_is_likely_the_same(ground: Site, visit: Visitor) -> None:
    near, far, other = (40, 120, 70)
    content = {n: photograph(n) for n in (near, far, other)}
    inspector = people.bearer(ground.database, Role.INSPECTOR, records.COMMUNITY)
    shots = {n: [{"sha256": name_of(content[n]), "role": "far"}] for n in content}
    for n, east in ((near, 0.0), (far, 0.0001), (other, 0.002)):
        _put(
            ground,
            inspector,
            (records.INSIDE[0] + east, records.INSIDE[1]),
            f"第{n}张",
            photos=shots[n],
        )
        _send(ground, inspector, f"/photos/{name_of(content[n])}", content[n], "image/jpeg")
    leader = _as(ground, Role.LEADER, records.COMMUNITY)
    for size, dark in ((SMALL_PHONE, False), (DESKTOP, True)):
        page = visit(leader, "/logged", size=size, dark=dark)
        page.get_by_role("link", name=f"第{near}张").click()
        section = page.get_by_role("region", name="可能是同一件事")
        expect(section.locator(".alike > li")).to_have_count(1)
        expect(section).to_contain_text("30 米")
        expect(section).to_contain_text("相距 9 米")
        picture = section.locator("img")
        assert name_of(content[far]) in (picture.get_attribute("src") or "")
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", value=True)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    section.get_by_role("link").first.click()
    expect(page.get_by_role("region", name="可能是同一件事")).to_contain_text("相距 9 米")
    assert visit.errors == []
