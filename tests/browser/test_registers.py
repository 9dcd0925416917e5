"""Registers in a real Chromium: tables, forms, files in and out, what a decision becomes."""

import io
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from gis.postgis import Database
from layers.reading import features
from layers.registry import Registry, discover
from layers.schema.tables import table
from tests import records
from tests.browser.axe import darkened, sideways, violations
from tests.browser.conftest import DESKTOP, Site, Visitor, served
from tests.browser.test_dashboard import NARROW
from tests.factories import record

pytestmark = pytest.mark.browser

REGISTERS = [layer.name for layer in discover().registers]
SIZES = pytest.mark.parametrize("size", [DESKTOP, NARROW], ids=["desktop", "phone"])
MEETINGS = "/collections/meetings/items"
HOSTILE = "<img src=x onerror=\"document.title='hit'\">{{7*7}}'\""
TEAMS = f"""队伍名称,队伍类型,人数,队长,成立日期,所属区划代码
老党员护路队,党员志愿,12,宋建明,2016-03-05,{records.COMMUNITY}
"{HOSTILE.replace('"', '""')}",为老服务,8,马秀英,2016-04-05,{records.COMMUNITY}
"""


@pytest.fixture
def ground(database: Database, registry: Registry) -> Iterator[Site]:
    """Two communities, and nothing in any register yet."""
    records.lay_ground(database, registry)
    with served(database, registry) as site:
        yield site


@pytest.fixture
def quiet(ground: Site, visit: Visitor) -> Iterator[Visitor]:
    """Nobody outside is asked and nothing fails but what a test expects to be refused."""
    yield visit
    assert ground.outside == []
    assert [e for e in visit.errors if "status of 422" not in e] == []


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_load_state("networkidle")


def follow(page: Page, name: str) -> None:
    page.locator("main").get_by_role("link", name=name, exact=True).click()
    page.wait_for_load_state("networkidle")


def sound(page: Page) -> None:
    assert violations(page) == []
    assert sideways(page) <= 0


def stored(site: Site, layer: str) -> list[dict[str, object]]:
    rows = table(site.registry.layer(layer))
    with site.database.read() as connection:
        return [dict(row) for row in connection.execute(sa.select(rows)).mappings()]


# --- every register -------------------------------------------------------------------------------
@pytest.mark.parametrize("name", REGISTERS)
def test_its_pages_are_sound(demo: Site, visit: Visitor, name: str) -> None:
    ids = [row["id"] for row in stored(demo, name)]
    assert ids, "the demo tells of every register"
    items = f"/collections/{name}/items"
    for path in (f"{items}?f=html&limit=5", f"{items}/new"):
        page = visit(demo, path)
        sound(page)
        page.set_viewport_size(NARROW)
        sound(darkened(page))
    for path in (f"{items}/{ids[0]}?f=html", f"{items}/{ids[0]}/edit", f"/collections/{name}"):
        sound(visit(demo, path, size=NARROW))
    assert demo.outside == []
    assert visit.errors == []


@SIZES
def test_a_table_is_narrowed_down_and_sorted_by_hand(
    demo: Site, visit: Visitor, size: dict[str, int]
) -> None:
    page = visit(demo, f"{MEETINGS}?f=html", size=size)
    listed = page.locator("table.records tbody tr")
    everything = listed.count()
    chooser = page.get_by_label("会议类型")
    kind = chooser.locator("option").nth(1).inner_text()
    chooser.select_option(label=kind)
    page.get_by_label("排序", exact=True).select_option("-held_on")
    press(page, "筛选")
    assert 0 < listed.count() < everything
    assert set(page.locator("td[data-label=会议类型]").all_inner_texts()) == {kind}
    days = page.locator("td[data-label=召开日期]").all_inner_texts()
    assert days == sorted(days, reverse=True)
    sound(page)


# --- one record -----------------------------------------------------------------------------------
@SIZES
def test_a_meeting_is_written_down_put_right_and_taken_out(
    ground: Site, quiet: Visitor, size: dict[str, int]
) -> None:
    page = quiet(ground, f"{MEETINGS}?f=html", size=size)
    sound(page)
    follow(page, "新增一条")
    press(page, "保存")
    assert page.locator(".form-field-bad").count() > 1, "what is missing stands at its field"
    sound(page)
    page.get_by_label("会议编号").fill("会议-2017-900")
    page.get_by_label("会议类型").select_option(index=1)
    page.get_by_label("召开日期").fill("2017-06-30")
    page.get_by_label("地点").fill(HOSTILE)
    page.get_by_label("所属区划代码").select_option(records.COMMUNITY)
    press(page, "保存")
    (row,) = stored(ground, "meetings")
    assert (row["number"], row["venue"]) == ("会议-2017-900", HOSTILE)
    assert page.url == f"{ground.address}{MEETINGS}/{row['id']}?f=html"
    expect(page.locator("main")).to_contain_text(HOSTILE)
    sound(page)
    follow(page, "编辑")
    page.get_by_label("议题").fill("清理卫生死角")
    press(page, "保存")
    expect(page.locator("main")).to_contain_text("清理卫生死角")
    follow(page, "编辑")
    page.locator(".edit-delete > summary").click()
    sound(page)
    press(page, page.locator(".edit-delete button").inner_text())
    assert stored(ground, "meetings") == []
    assert page.title() != "hit"


@SIZES
def test_a_decision_becomes_a_case_by_its_form(
    ground: Site, quiet: Visitor, size: dict[str, int]
) -> None:
    layer = ground.registry.layer("decisions")
    given = record(layer, text="硬化巷道路面", division=records.COMMUNITY, case=None)
    with ground.database.begin() as connection:
        number = features.insert(connection, layer, given, None)
    page = quiet(ground, f"/collections/decisions/items/{number}?f=html", size=size)
    page.locator(f"a.button[href$='/items/{number}/become']").click()
    sound(page)
    page.locator("[name='field.matter']").select_option("06013")
    page.locator("main form button[type=submit]").click()
    page.wait_for_load_state("networkidle")
    (site,) = stored(ground, "sites")
    assert page.url == f"{ground.address}/collections/sites/items/{site['id']}?f=html"
    expect(page.locator("main")).to_contain_text("硬化巷道路面")
    sound(page)


# --- many records ---------------------------------------------------------------------------------
@SIZES
def test_a_table_comes_in_from_the_page_and_goes_out_again(
    ground: Site, quiet: Visitor, tmp_path: Path, size: dict[str, int]
) -> None:
    brought = tmp_path / "志愿服务队.csv"
    brought.write_text(TEAMS, encoding="gb18030")
    page = quiet(ground, "/collections/volunteer_teams/items?f=html", size=size)
    follow(page, "导入")
    assert page.locator("select[name=layer]").input_value() == "volunteer_teams"
    page.set_input_files("input[type=file]", brought)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_load_state("networkidle")
    sound(page)
    press(page, "全部导入")
    sound(page)
    names = {row["name"] for row in stored(ground, "volunteer_teams")}
    assert names == {"老党员护路队", HOSTILE}
    page = quiet(ground, "/collections/volunteer_teams/items?f=html", size=size)
    with page.expect_download() as sent:
        page.get_by_role("link", name="Excel").click()
    book = openpyxl.load_workbook(io.BytesIO(sent.value.path().read_bytes()), read_only=True)
    cells = {cell for row in book.worksheets[0].values for cell in row}
    assert {"队伍名称", "老党员护路队", HOSTILE} <= cells
    assert page.title() != "hit"
