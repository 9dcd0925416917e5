"""The ledger in a real Chromium: signed on a phone, cleared with photographs, and its map."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import shapely
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from gis.postgis import Database
from layers.admission.sessions import Kind
from layers.declaring.people import Role
from layers.duties.persons import Person
from layers.registry import Registry
from tests import people
from tests.browser.axe import looks, sideways, violations
from tests.browser.conftest import DESKTOP, PHONE, Site, Visitor, served
from tests.layers import casework, fields
from tests.photographs import photograph

PAGES = ["/ledger?tab=all", "/ledger?tab=all&state=*&level=none", "/ledger?tab=late&lang=en"]
MAPS = ["/maps/ledger", "/maps/ledger?by=level&waiting=2017-05-01", "/maps/ledger?by=heat"]
# How many pixels of the points' canvases are red rather than blue.
_WARM = """() => {
  let sum = 0;
  for (const sheet of document.querySelectorAll(".leaflet-gf-points-pane canvas")) {
    const { data } = sheet.getContext("2d").getImageData(0, 0, sheet.width, sheet.height);
    for (let p = 0; p < data.length; p += 4)
      if (data[p + 3] > 60 && data[p] > data[p + 2] + 40) sum++;
  }
  return sum;
}"""
_NARROW = {"width": 360, "height": 740}


@pytest.mark.browser
@pytest.mark.parametrize("path", [*PAGES, *MAPS])
def test_a_page_is_sound_in_every_look(demo: Site, visit: Visitor, path: str) -> None:
    for page in looks(visit, demo, path, (DESKTOP, PHONE, _NARROW)):
        folded = page.locator("main details:not([open]) > summary")
        while folded.count() and not path.startswith("/maps"):
            folded.first.click()
        assert violations(page) == []
        assert sideways(page) <= 0
    assert demo.outside == []
    assert visit.errors == []


@pytest.mark.browser
def test_every_case_of_the_demo_has_a_sound_page(demo: Site, visit: Visitor) -> None:
    """One of each state, with its forms unfolded."""
    with demo.database.read() as connection:
        found = connection.execute(
            sa.text("SELECT layer, state, min(feature) FROM cases GROUP BY layer, state")
        ).all()
    assert len(found) > 8
    for layer, _, feature in found:
        page = visit(demo, f"/collections/{layer}/items/{feature}?f=html", size=PHONE)
        folded = page.locator(".act:not([open]) > summary")
        while folded.count():
            folded.first.click()
        assert violations(page) == [], (layer, feature)
        assert sideways(page) <= 0
    assert visit.errors == []


# --- what changes something -----------------------------------------------------------------------
@pytest.fixture
def site(database: Database, registry: Registry) -> Iterator[Site]:
    """A leader with a case that waits for a signature and one that is worked at."""
    ground = shapely.box(101.81, 36.61, 101.83, 36.63)
    with database.begin() as connection:
        fields.division(connection, registry, ground)
        for number, state in (("案一", "assigned"), ("案二", "rectifying")):
            given = {"number": number, "handler": "祁生财", "note": "门前堆物"}
            casework.opened(connection, registry.layer("sites"), state, **given)
    with served(database, registry) as found:
        who = people.account(database, Role.LEADER, fields.BLUE_SKY, person=Person(name="祁生财"))
        found.cookie = people.secret(database, who.id, Kind.COOKIE)
        yield found


def state_of(site: Site, number: str) -> str:
    with site.database.read() as connection:
        return str(
            connection.scalar(
                sa.text("SELECT state FROM cases WHERE title = :title"), {"title": number}
            )
        )


def large(page: Page, selector: str) -> bool:
    boxes = [each.bounding_box() for each in page.locator(selector).all() if each.is_visible()]
    return bool(boxes) and all(box is not None and box["height"] >= 44 for box in boxes)


@pytest.mark.browser
def test_a_leader_signs_on_a_phone_with_one_tap(site: Site, visit: Visitor) -> None:
    page = visit(site, "/ledger", size=PHONE)
    page.get_by_role("link", name="待我签收").click()
    assert large(page, ".case-acts .button")
    assert large(page, ".tab")
    page.get_by_role("button", name="签收").tap()
    expect(page.get_by_role("status")).to_contain_text("案一，现在是“已签收”")
    expect(page.get_by_text("没有等您签收的案件")).to_be_visible()
    assert state_of(site, "案一") == "accepted"
    assert visit.errors == []


@pytest.mark.browser
def test_a_case_is_returned_with_its_reason(site: Site, visit: Visitor) -> None:
    page = visit(site, "/ledger?tab=sign", size=PHONE)
    page.locator("summary", has_text="退回").tap()
    page.get_by_label("理由").fill("不归本社区")
    page.get_by_role("button", name="确定退回").tap()
    expect(page.get_by_role("status")).to_contain_text("已退回")
    assert state_of(site, "案一") == "returned"
    assert visit.errors == []


@pytest.mark.browser
def test_clearance_goes_with_photographs_and_they_stand_side_by_side(
    site: Site, visit: Visitor, tmp_path: Path
) -> None:
    for n, name in enumerate(("before.jpg", "after.jpg")):
        (tmp_path / name).write_bytes(photograph(n))
    with site.database.read() as connection:
        number = connection.scalar(sa.text("SELECT feature FROM cases WHERE title = '案二'"))
    page = visit(site, f"/collections/sites/items/{number}?f=html", size=PHONE)
    page.locator("summary", has_text="申请销号").tap()
    form = page.locator("form[action$=request_clearance]")
    form.get_by_label("整改前").set_input_files(tmp_path / "before.jpg")
    form.get_by_label("整改后").set_input_files(tmp_path / "after.jpg")
    form.get_by_role("button", name="确定申请销号").tap()
    expect(page.locator(".case-state")).to_have_text("申请销号")
    expect(page.get_by_role("status")).to_contain_text("案二，现在是“申请销号”")
    assert violations(page) == []
    left, right = (each.bounding_box() for each in page.locator(".compare img").all())
    assert left is not None
    assert right is not None
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] <= right["x"]
    assert page.locator(".timeline li").count() == 1
    assert visit.errors == []


@pytest.mark.browser
def test_without_a_script_a_case_is_signed_too(site: Site, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="zh-CN")
    context.add_cookies([{"name": "gridfield", "value": site.cookie, "url": site.address}])
    page = context.new_page()
    page.goto(f"{site.address}/ledger?tab=sign")
    page.get_by_role("button", name="签收").click()
    assert "已签收" in page.inner_text("[role=status]")
    context.close()
    assert state_of(site, "案一") == "accepted"


# --- the map --------------------------------------------------------------------------------------
@pytest.mark.browser
def test_the_days_of_the_ledger_are_gone_through(demo: Site, visit: Visitor) -> None:
    page = visit(demo, "/maps/ledger", size=DESKTOP)
    slider = page.get_by_role("slider")
    expect(slider).to_be_visible()
    everything = page.locator(".legend h2 .legend-count").first.inner_text()
    slider.focus()
    with page.expect_response(lambda r: "summary" in r.url and "waiting=" in r.url) as answer:
        slider.press("Home")
    found = answer.value.json()["layers"]["sites"]
    day = page.locator(".gf-days-said")
    expect(day).to_contain_text(f"未结 {found['count']} 件")
    with demo.database.read() as connection:
        first = connection.scalar(sa.text("SELECT min(found_on) FROM sites"))
        counted = connection.scalar(
            sa.text(
                "SELECT count(*) FROM sites WHERE found_on <= :day AND (status <> 'cleared'"
                " OR cleared_on > :day)"
            ),
            {"day": first},
        )
    assert str(first) in day.inner_text()
    assert found["count"] == counted
    assert f"waiting={first}" in page.url
    page.get_by_role("button", name="全部").click()
    expect(page.locator(".legend h2 .legend-count").first).to_have_text(everything)
    assert "waiting" not in page.url
    assert visit.errors == []


@pytest.mark.browser
def test_heat_colours_the_map_and_lets_clicks_through(demo: Site, visit: Visitor) -> None:
    page = visit(demo, "/maps/ledger?by=heat", size=DESKTOP)
    page.wait_for_timeout(500)
    warm = page.evaluate(_WARM)
    assert warm > 1000
    page.mouse.click(400, 400)  # a cell of heat is no feature: the field under it answers
    expect(page.locator(".gf-popup h2")).not_to_contain_text("巡查")
    assert visit.errors == []
