"""A person narrows a map down: in the dialog, on the page without a script, by a shared address."""

from urllib.parse import parse_qsl, urlsplit

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from tests.browser.axe import violations
from tests.browser.conftest import DESKTOP, Site, Visitor

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}
MAP = "window[document.querySelector('.folium-map').id]"


def states(site: Site) -> tuple[str, int, str]:
    """The state of most structures, of how many, and that of the fewest."""
    counted = sa.text("SELECT status, count(*) FROM illegal_structures GROUP BY status ORDER BY 2")
    with site.database.read() as connection:
        found = connection.execute(counted).all()
    return found[-1][0], found[-1][1], found[0][0]


def total(page: Page) -> str:
    return page.inner_text("[data-layer=illegal_structures] h2 [data-count]")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_form_narrows_map_legend_and_list_down_and_shows_all_again(
    demo: Site, visit: Visitor, size: dict[str, int]
) -> None:
    state, wanted, other = states(demo)
    assert state != other
    page = visit(demo, "/maps/structures", size=size)
    page.evaluate(f"{MAP}.setZoom(16, {{animate: false}})")
    page.wait_for_load_state("networkidle")
    view = page.evaluate("location.hash")
    page.click("a.gf-filter")
    page.wait_for_selector("dialog.gf-narrowing[open]")
    page.select_option("[name='illegal_structures.status']", state)
    page.click(".gf-narrowing button[type=submit]")
    page.wait_for_selector(".gf-narrowed")
    page.wait_for_load_state("networkidle")
    address = urlsplit(page.url)
    assert parse_qsl(address.query) == [("illegal_structures.status", state)]
    assert f"#{address.fragment}" == view
    page.evaluate("document.querySelector('details.legend').open = true")
    assert total(page).endswith(str(wanted))
    left_out = page.locator(f"[data-layer=illegal_structures] [data-count-class={other}]")
    assert left_out.inner_text().endswith("0")
    page.evaluate("document.querySelector('details.legend').open = false")
    page.click(".gf-list-button")
    page.wait_for_selector(".gf-list tbody tr, .gf-list .gf-note:not(:empty)")
    page.keyboard.press("Escape")
    page.click(".gf-narrowed a[data-view]")
    page.wait_for_load_state("networkidle")
    assert page.query_selector(".gf-narrowed") is None
    assert urlsplit(page.url).query == ""
    assert page.evaluate("location.hash") == view
    assert visit.errors == []


def test_the_form_is_a_page_of_its_own_too(demo: Site, visit: Visitor) -> None:
    page = visit(demo, "/maps/structures/filter?lang=en", size=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert violations(page) == []
    page.fill("[name='illegal_structures.found_on.from']", "2017-01-01")
    page.click(".narrowing button[type=submit]")
    page.wait_for_url("**/maps/structures?*")
    assert parse_qsl(urlsplit(page.url).query) == [
        ("lang", "en"),
        ("illegal_structures.found_on.from", "2017-01-01"),
    ]
    assert "2017-01-01" in page.inner_text(".gf-narrowed")


def test_the_legend_tells_what_is_in_sight_and_what_there_is(demo: Site, visit: Visitor) -> None:
    page = visit(demo, "/maps/structures")
    whole = total(page)
    assert "/" not in whole
    page.evaluate(f"{MAP}.setZoom(18, {{animate: false}})")
    page.wait_for_selector(".legend-sight:not([hidden])")
    page.wait_for_load_state("networkidle")
    west, south, east, north = page.evaluate(f"{MAP}.getBounds().toBBoxString()").split(",")
    with demo.database.read() as connection:
        counted = sa.text(
            "SELECT count(*) FROM illegal_structures WHERE "
            "st_intersects(geom, st_makeenvelope(:west, :south, :east, :north, 4326))"
        )
        box = {"west": west, "south": south, "east": east, "north": north}
        wanted = connection.execute(counted, {k: float(v) for k, v in box.items()}).scalar_one()
    assert wanted < int(whole)
    assert total(page) == f"{wanted} / {whole}"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_search_by_keyboard_flies_to_what_it_finds(
    demo: Site, visit: Visitor, size: dict[str, int]
) -> None:
    with demo.database.read() as connection:
        named = sa.text("SELECT name FROM grid_fields ORDER BY id LIMIT 1")
        name = str(connection.execute(named).scalar_one())
    page = visit(demo, "/maps/fields", size=size)
    asked: list[str] = []
    page.on("request", lambda each: asked.append(each.url) if "/search?" in each.url else None)
    # While a text is being composed, nothing is asked and Enter is the input method's.
    page.focus(".gf-search-text")
    page.evaluate(
        """() => {
            const box = document.querySelector(".gf-search-text");
            box.value = "hu'zhu";
            box.dispatchEvent(new InputEvent("input", { isComposing: true }));
            box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", isComposing: true }));
        }"""
    )
    page.wait_for_timeout(400)
    assert asked == []
    page.fill(".gf-search-text", name)
    page.wait_for_selector(".gf-search [role=option]")
    assert page.get_attribute(".gf-search-text", "aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    marked = page.get_attribute(".gf-search-text", "aria-activedescendant")
    assert page.get_attribute(f"[id='{marked}']", "aria-selected") == "true"
    assert violations(page) == []
    page.keyboard.press("Enter")
    page.wait_for_selector(".gf-popup dl dd", state="attached")
    assert name in page.inner_text(".gf-popup")
    assert visit.errors == []
    page.fill(".gf-search-text", "没有这个地方")
    page.wait_for_selector(".gf-search .gf-note:not([hidden])")
    assert page.get_attribute(".gf-search-text", "aria-expanded") == "false"


def test_the_search_covers_no_control_on_a_phone(demo: Site, visit: Visitor) -> None:
    page = visit(demo, "/maps/structures", size=PHONE)
    box = page.locator(".gf-search-text").bounding_box()
    assert box is not None
    assert box["height"] >= 44
    for other in (".gf-list-bar", ".leaflet-control-zoom"):
        there = page.locator(other).bounding_box()
        assert there is not None
        apart = box["x"] + box["width"] <= there["x"] or there["x"] + there["width"] <= box["x"]
        assert apart, other
