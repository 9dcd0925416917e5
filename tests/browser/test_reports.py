"""The report of a period in a real Chromium: sound in every look, charts drawn from its tables."""

import pytest

from tests.browser.axe import looks, sideways, violations
from tests.browser.conftest import DESKTOP, PHONE, Site, Visitor

REPORT = "/reports/2017-01-01/2017-07-20"
PAGES = ["/reports", REPORT, "/reports/2017-Q2?lang=en", "/reports/1950-01"]
_DRAWN = """() => [...document.querySelectorAll("figure[data-chart] canvas")].map((canvas) => {
  const shown = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return shown.some((value) => value !== 0);
})"""


@pytest.mark.browser
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_sound_in_every_look(demo: Site, visit: Visitor, path: str) -> None:
    for page in looks(visit, demo, path):
        assert violations(page) == []
        assert sideways(page) <= 0
    assert demo.outside == []
    assert visit.errors == []


@pytest.mark.browser
def test_every_chart_is_drawn_beside_its_table(demo: Site, visit: Visitor) -> None:
    page = visit(demo, REPORT, size=DESKTOP)
    page.wait_for_selector("figure[data-chart] canvas")
    drawn = page.evaluate(_DRAWN)
    assert len(drawn) == page.locator("figure[data-chart]").count() > 5
    assert all(drawn)
    assert page.locator("figure[data-chart] table").count() == len(drawn)
    assert visit.errors == []


@pytest.mark.browser
def test_a_figure_leads_to_its_records(demo: Site, visit: Visitor) -> None:
    page = visit(demo, f"{REPORT}?lang=zh", size=PHONE)
    row = page.locator("tr", has=page.locator("th", has_text="清运垃圾")).first
    row.locator("a").first.click()
    page.wait_for_url("**/collections/courtyard_works/items**")
    assert page.locator("main").inner_text().count("粮站家属院")
    assert visit.errors == []


@pytest.mark.browser
def test_period_and_division_are_chosen_by_form(demo: Site, visit: Visitor) -> None:
    page = visit(demo, "/reports?lang=zh", size=PHONE)
    page.fill("#period-year", "2017")
    page.select_option("#period-part", "07")
    page.click("form[action='/reports'] button >> nth=0")
    page.wait_for_url("**/reports/2017-07?**")
    assert "2017年7月" in page.locator("h1").inner_text()
    assert visit.errors == []


@pytest.mark.browser
def test_what_is_printed_is_the_report(demo: Site, visit: Visitor) -> None:
    page = visit(demo, REPORT, size=DESKTOP)
    page.emulate_media(media="print")
    assert not page.locator(".not-printed").first.is_visible()
    assert not page.locator(".top").is_visible()
    assert page.locator("figure[data-chart] table").first.is_visible()
