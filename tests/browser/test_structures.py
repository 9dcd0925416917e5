"""Illegal structures and markets in a real Chromium: pages, papers, steps and inspections."""

from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from tests.browser.axe import looks, sideways, violations
from tests.browser.conftest import DESKTOP, PHONE, Site, Visitor
from tests.browser.test_dashboard import NARROW

pytestmark = pytest.mark.browser

SIZES = pytest.mark.parametrize("size", [DESKTOP, NARROW], ids=["desktop", "phone"])
RECORDS = "/collections/illegal_structures/items"
INSPECTIONS = "/collections/market_inspections/items"
_STANDING = """
SELECT s.id FROM illegal_structures s JOIN structure_documents d ON d.structure = s.number
WHERE d.kind = 'announcement' ORDER BY s.id DESC LIMIT 1
"""
_DECIDED = """
SELECT s.id, s.number, d.division FROM illegal_structures s
JOIN structure_documents d ON d.structure = s.number AND d.kind = 'decision'
WHERE s.status = 'decided' ORDER BY s.id LIMIT 1
"""


def found(demo: Site, statement: str, **given: object) -> Any:
    with demo.database.read() as connection:
        return connection.execute(sa.text(statement), given).one()


def announced(demo: Site) -> int:
    """A structure whose demolition was announced."""
    return int(found(demo, _STANDING).id)


def sound(page: Page) -> None:
    assert violations(page) == []
    assert sideways(page) <= 0


def quiet(demo: Site, visit: Visitor) -> None:
    assert demo.outside == []
    assert visit.errors == []


# --- the stock and the law ------------------------------------------------------------------------
def test_the_pages_are_sound_in_every_look(demo: Site, visit: Visitor) -> None:
    law = f"/structures/{announced(demo)}"
    for path in (
        "/structures?period=2017",
        "/structures/stock/demolished?period=2017",
        law,
        f"{law}?lang=en&policy=being_built",
    ):
        for page in looks(visit, demo, path):
            sound(page)
        assert sideways(visit(demo, path, size=NARROW)) <= 0
    quiet(demo, visit)


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_the_record_leads_to_the_law_and_back(
    demo: Site, visit: Visitor, size: dict[str, int]
) -> None:
    record = f"{RECORDS}/{announced(demo)}"
    page = visit(demo, record, size=size)
    page.locator(f"a.chip[href='/structures/{announced(demo)}']").click()
    assert page.locator("#terms").is_visible()
    page.locator(f"p.actions a[href^='{record}']").click()
    assert page.url.startswith(demo.address + record)


# --- a case and its papers ------------------------------------------------------------------------
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_case_is_sound_with_all_its_steps_open(demo: Site, visit: Visitor, lang: str) -> None:
    record = found(demo, _DECIDED)
    for size, dark in [(DESKTOP, False), (NARROW, False), (NARROW, True)]:
        page = visit(demo, f"{RECORDS}/{record.id}?lang={lang}", size=size, dark=dark)
        folded = page.locator("details.act:not([open]) > summary")
        while folded.count():
            folded.first.click()
        sound(page)
    quiet(demo, visit)


def test_a_step_waits_for_its_paper_and_is_taken_with_it(demo: Site, visit: Visitor) -> None:
    record = found(demo, _DECIDED)
    page = visit(demo, f"{RECORDS}/{record.id}", size=NARROW)
    step = page.locator("details.act", has=page.locator("summary", has_text="中止"))
    step.locator("summary").click()
    expect(step.locator(".missing")).to_contain_text("中止执行决定")
    page.locator("nav.chips").get_by_role("link", name="违建文书").click()
    page.get_by_role("link", name="新增一条").click()
    assert page.get_by_label("违建编号").input_value() == record.number
    sound(page)
    page.get_by_label("文书编号").fill("林综执中止字〔2026〕901号")
    page.get_by_label("文书种类").select_option("suspension")
    page.get_by_label("文书日期").fill("2026-11-20")
    page.get_by_label("所属区划代码").select_option(record.division)
    page.get_by_role("button", name="保存", exact=True).click()
    page.locator("nav.chips").get_by_role("link", name=record.number).click()
    page.locator("table.records th[scope=row] a").first.click()
    step.locator("summary").click()
    step.locator("input[type=date]").fill("2026-12-20")
    step.locator("textarea").fill("当事人申请行政复议")
    sound(page)
    step.locator("button[type=submit]").click()
    expect(page.locator(".case-state")).to_have_text("已中止")
    assert found(demo, "SELECT status FROM illegal_structures WHERE id = :id", id=record.id) == (
        "suspended",
    )
    sound(page)
    quiet(demo, visit)


# --- a market and its inspections -----------------------------------------------------------------
@SIZES
def test_an_inspection_of_a_market_reads_well(
    demo: Site, visit: Visitor, size: dict[str, int]
) -> None:
    inspection = found(demo, "SELECT id, market FROM market_inspections ORDER BY id LIMIT 1")
    for path in (f"{INSPECTIONS}?f=html&limit=5", f"{INSPECTIONS}/{inspection.id}?f=html"):
        page = visit(demo, path, size=size)
        sound(page)
    expect(page.locator("main")).to_contain_text(inspection.market)
    market = found(demo, "SELECT id FROM markets ORDER BY id LIMIT 1")
    sound(visit(demo, f"/collections/markets/items/{market.id}?f=html", size=size))
    quiet(demo, visit)


def test_a_card_on_the_map_of_markets_leads_on(demo: Site, visit: Visitor) -> None:
    page = visit(demo, "/maps/markets", size=NARROW)
    page.locator(".gf-list-button").click()
    page.locator(".gf-list tbody button.gf-row").first.click()
    expect(page.locator(".gf-popup dl dt").first).to_be_visible()
    assert sideways(page) <= 0
    quiet(demo, visit)
