"""The dashboard in a real Chromium: charts from the tables beside them, sound in every look."""

import pytest

from tests.browser.axe import looks, sideways, violations
from tests.browser.conftest import PHONE, Site, Visitor

NARROW = {"width": 360, "height": 740}


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/dashboard", "/dashboard?lang=en"])
def test_it_is_sound_in_every_look(demo: Site, visit: Visitor, path: str) -> None:
    for page in looks(visit, demo, path):
        assert violations(page) == []
        assert sideways(page) <= 0
    assert sideways(visit(demo, path, size=NARROW)) <= 0
    assert demo.outside == []
    assert visit.errors == []


@pytest.mark.browser
def test_each_table_is_drawn_and_stays(demo: Site, visit: Visitor) -> None:
    page = visit(demo, "/dashboard")
    charts = page.locator("figure.chart")
    assert charts.count() == 6
    for number in range(charts.count()):
        chart = charts.nth(number)
        assert chart.locator("canvas[role=img]").count() == 1
        assert chart.locator("tbody tr").first.is_visible()


@pytest.mark.browser
def test_a_leader_comes_from_the_portal_to_what_is_late(demo: Site, visit: Visitor) -> None:
    page = visit(demo, "/", size=PHONE)
    page.locator("main a[href='/dashboard']").first.click()
    page.locator(".board-tiles .tally-refused a").click()
    assert page.url.startswith(f"{demo.address}/ledger?tab=late")
