"""The import dialogue in a real Chromium, from upload to undo, on a phone and on a desktop."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from tests.browser.axe import violations
from tests.browser.conftest import DESKTOP, PHONE, Site, Visitor

SIZES = [PHONE, DESKTOP]
PHONE_POINTS = """编号,地址,状态,经度,纬度
T-1,站西社区,已拆除,101.8192,36.6215
T-2,蓝天社区,线索登记,101.8211,36.6231
"""
FAULTY = """编号,地址,状态,lon_wgs84,lat_wgs84
T-3,<img src=x onerror=alert(1)>,已拆除,101.8192,36.6215
T-4,"{{7*7}}",不知道,101.8211,36.6231
"""
GAUSS_KRUGER = """number,status,X,Y
T-5,demolished,34484793.041,4054354.279
"""

# The tool waits for pages that come, and sees nothing of the one that is still there.
STOPPER = """() => {
  const course = document.getElementById("course"), at = (each) => course.querySelector(each);
  const look = setInterval(() => {
    const text = at("[role=status]").textContent;
    if (course.hidden || !text.includes("送入")) return;
    clearInterval(look);
    sessionStorage.seen = `${at("progress").value} ${text.split("，").slice(0, 2).join("，")}`;
    at("button").click();
  }, 20);
}"""


@pytest.fixture
def brought(tmp_path: Path, empty: Site, visit: Visitor) -> Iterator["Brought"]:
    yield Brought(tmp_path, empty, visit)
    assert empty.outside == []
    assert visit.errors == []


class Brought:
    """Uploads a text as a person does, and leaves the page that follows."""

    def __init__(self, folder: Path, site: Site, visit: Visitor) -> None:
        self._folder, self._site, self._visit = folder, site, visit

    def __call__(self, name: str, content: str, size: dict[str, int], dark: bool = False) -> Page:
        path = self._folder / name
        path.write_text(content, encoding="gb18030")
        page = self._visit(self._site, "/import", size=size, dark=dark)
        page.select_option("select[name=layer]", "illegal_structures")
        page.set_input_files("input[type=file]", path)
        press(page, page.locator("main button[type=submit]"))
        return page


def press(page: Page, button: object) -> None:
    button.click()  # type: ignore[attr-defined]
    page.wait_for_load_state("networkidle")


def check(page: Page) -> None:
    press(page, page.get_by_role("button", name="重新检查").first)


def sideways(page: Page) -> int:
    found: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return found


@pytest.mark.browser
@pytest.mark.parametrize("size", SIZES)
def test_a_person_says_where_the_points_come_from_loads_and_undoes(
    brought: Brought, size: dict[str, int]
) -> None:
    page = brought("手机采集.csv", PHONE_POINTS, size)
    assert page.get_by_role("button", name="全部导入").is_disabled()
    legend = page.frame_locator("iframe").locator("details").first
    for name in ("WGS 84", "GCJ-02", "BD-09"):
        assert name in (legend.text_content() or "")
    page.get_by_label("GCJ-02").check()
    check(page)
    assert page.get_by_label("GCJ-02").is_checked()
    press(page, page.get_by_role("button", name="全部导入"))
    assert "第 1 批" in page.inner_text("h1")
    page.locator(".confirm summary").click()
    press(page, page.get_by_role("button", name="确认撤销"))
    assert "已撤销" in page.inner_text("h1")
    assert sideways(page) <= 0


@pytest.mark.browser
@pytest.mark.parametrize("size", SIZES)
def test_a_load_says_how_far_it_is_and_can_be_stopped(
    brought: Brought, empty: Site, size: dict[str, int]
) -> None:
    page = brought("测绘.csv", PHONE_POINTS.replace("经度,纬度", "lon_wgs84,lat_wgs84"), size)
    assert not page.locator("#course").is_visible()
    page.evaluate(STOPPER)
    with empty.database.engine.connect() as connection:
        # Whoever loads waits for the table in the database, and would for ten seconds.
        lock = "LOCK TABLE illegal_structures IN SHARE ROW EXCLUSIVE MODE"
        connection.execute(sa.text(lock))
        press(page, page.get_by_role("button", name="全部导入"))
        connection.rollback()
    assert "第 1 批" not in page.inner_text("h1")
    assert page.evaluate("sessionStorage.seen") == "0.5 正在送入数据库，50%"
    press(page, page.get_by_role("button", name="全部导入"))
    assert "第 1 批" in page.inner_text("h1")


@pytest.mark.browser
@pytest.mark.parametrize("size", SIZES)
def test_coordinates_without_a_name_are_chosen_from_guesses(
    brought: Brought, size: dict[str, int]
) -> None:
    page = brought("测绘.csv", GAUSS_KRUGER, size)
    page.locator("input[name=crs][value='EPSG:4522']").check()
    check(page)
    assert page.frame_locator("iframe").locator("canvas").first.is_visible()
    assert sideways(page) <= 0
    press(page, page.get_by_role("button", name="全部导入"))
    assert "第 1 批" in page.inner_text("h1")


@pytest.mark.browser
@pytest.mark.parametrize("size", SIZES)
def test_faulty_rows_are_shown_as_text_and_left_out(brought: Brought, size: dict[str, int]) -> None:
    page = brought("排查.csv", FAULTY, size)
    read = page.inner_text("main")
    assert "<img src=x onerror=alert(1)>" in read
    assert "{{7*7}}" in read
    assert page.locator("main img").count() == 0
    page.get_by_role("link", name="第 2 行").click()
    card = page.frame_locator("iframe").get_by_text("T-4")
    card.first.wait_for()
    page.wait_for_function(
        "(r => r.top < innerHeight && r.bottom > 0)"
        "(document.querySelector('iframe').getBoundingClientRect())"
    )
    press(page, page.get_by_role("button", name="其余的退给我"))
    with page.expect_download() as download:
        page.get_by_role("link", name="xlsx").click()
    assert download.value.suggested_filename.endswith(".xlsx")


@pytest.mark.browser
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_every_step_is_accessible_and_fits(
    brought: Brought, size: dict[str, int], dark: bool
) -> None:
    asked = brought("测绘.csv", GAUSS_KRUGER, size, dark)
    doubted = brought("手机采集.csv", PHONE_POINTS, size, dark)
    faulty = brought("排查.csv", FAULTY, size, dark)
    faulty.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")
    for page in (asked, doubted, faulty):
        assert violations(page, exclude=["iframe"]) == []
        assert sideways(page) <= 0
        small = page.evaluate(
            """[...document.querySelectorAll("main :is(button, select, summary, .option, .chip)")]
               .filter(e => e.offsetHeight && e.offsetHeight < 44).map(e => e.outerHTML)"""
        )
        assert small == []
    press(faulty, faulty.get_by_role("button", name="其余的退给我"))
    assert violations(faulty, exclude=["iframe"]) == []


@pytest.mark.browser
def test_the_dialogue_is_led_by_keyboard(brought: Brought) -> None:
    page = brought("手机采集.csv", PHONE_POINTS, DESKTOP)
    page.get_by_label("WGS 84（").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")
    button = page.get_by_role("button", name="全部导入")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")
    assert "第 1 批" in page.inner_text("h1")
