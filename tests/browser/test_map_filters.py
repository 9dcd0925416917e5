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
