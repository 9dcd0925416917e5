"""What a person does on the pages for editing and looking back, with mouse and finger."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import shapely
from playwright.sync_api import Page, expect

from gis.fault import Severity
from gis.postgis import Database
from layers.ground import topology
from layers.reading import features
from layers.registry import Registry
from tests import factories
from tests.browser.axe import violations
from tests.browser.conftest import DESKTOP, PHONE, Site, Visitor
from tests.layers.fields import division, field, plot

pytestmark = pytest.mark.browser

FIELDS = "/collections/grid_fields/items"
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
# The corner that the first two of the row have in common, and the middle of their border.
CORNER, MIDDLE = (101.801, 36.601), (101.801, 36.6005)
# Where that corner is put: both gain ground of their division that nobody has.
MOVED = (101.8012, 36.6011)


@pytest.fixture
def row(empty: Site) -> list[int]:
    """A division of three cells in a row, and the field of each."""
    registry = empty.registry
    with empty.database.begin() as connection:
        division(connection, registry, plot(0, 0, 3, 2))
        return [field(connection, registry, n + 1, plot(n, 0)) for n in range(3)]


@pytest.fixture
def quiet(empty: Site, visit: Visitor) -> Iterator[Visitor]:
    """Nobody outside is asked and nothing fails but what a test expects to be refused."""
    yield visit
    assert empty.outside == []
    assert [
        e for e in visit.errors if not any(f"status of {n}" in e for n in (410, 412, 422))
    ] == []


def ready(page: Page) -> Page:
    """The page when the neighbours are on the map."""
    page.wait_for_load_state("networkidle")
    expect(page.locator(".leaflet-gf-edit-pane path").first).to_be_attached()
    page.locator(".edit-map").scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    return page


def spot(page: Page, lon: float, lat: float) -> tuple[float, float]:
    """Where on the screen a place is."""
    x, y = page.evaluate(
        """([lon, lat]) => {
            const { x, y } = map_1.latLngToContainerPoint([lat, lon]);
            const box = map_1.getContainer().getBoundingClientRect();
            return [box.x + x, box.y + y];
        }""",
        [lon, lat],
    )
    return x, y


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    (x, y), (to_x, to_y) = spot(page, *start), spot(page, *end)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move((x + to_x) / 2, (y + to_y) / 2, steps=6)
    page.mouse.move(to_x, to_y, steps=6)
    page.wait_for_timeout(150)
    page.mouse.up()
    page.wait_for_timeout(150)


def press(page: Page, text: str) -> None:
    page.locator(f"button:text-is('{text}'):visible").click()
    page.wait_for_load_state("networkidle")


def ground(database: Database, registry: Registry, feature_id: int) -> Any:
    with database.read() as connection:
        text = features.item(connection, registry.layer("grid_fields"), feature_id)
    return shapely.geometry.shape(json.loads(text)["geometry"])


def faults(site: Site) -> int:
    with site.database.read() as connection:
        layer = site.registry.layer("grid_fields")
        found = topology.inspect(connection, site.registry, layer)
    # The division reaches further north than its fields, which nobody has promised yet.
    return sum(each.severity is Severity.ERROR and each.kind != "uncovered" for each in found.found)


@SIZES
def test_a_corner_that_two_fields_share_moves_for_both(
    empty: Site, quiet: Visitor, row: list[int], size: dict[str, int]
) -> None:
    page = ready(quiet(empty, f"{FIELDS}/{row[0]}/edit", size=size))
    drag(page, CORNER, MOVED)
    expect(page.locator("[data-status]")).to_contain_text("相邻的 1 块一起改")
    press(page, "保存")
    assert page.url.endswith(f"{FIELDS}/{row[0]}?f=html")
    first, second = (ground(empty.database, empty.registry, n) for n in row[:2])
    (corner,) = {*first.exterior.coords} - {*plot(0, 0).exterior.coords}
    assert corner == pytest.approx(MOVED, abs=2e-5)
    assert corner in second.exterior.coords
    assert shapely.coverage_is_valid([first, second])
    assert faults(empty) == 0


def test_a_corner_is_added_to_a_border_and_taken_out_again(
    empty: Site, quiet: Visitor, row: list[int]
) -> None:
    page = ready(quiet(empty, f"{FIELDS}/{row[0]}/edit"))
    drag(page, MIDDLE, (101.8013, 36.6005))
    press(page, "保存")
    first, second = (ground(empty.database, empty.registry, n) for n in row[:2])
    assert len(first.exterior.coords) == len(second.exterior.coords) == 6
    assert shapely.coverage_is_valid([first, second])
    page = ready(quiet(empty, f"{FIELDS}/{row[0]}/edit"))
    press(page, "删除顶点")
    page.mouse.click(*spot(page, *max(first.exterior.coords)))
    expect(page.locator("[data-status]")).to_contain_text("相邻的 1 块一起改")
    press(page, "保存")
    first, second = (ground(empty.database, empty.registry, n) for n in row[:2])
    assert len(first.exterior.coords) == len(second.exterior.coords) == 5
    assert faults(empty) == 0


def test_a_step_is_taken_back_and_all_is_reset(empty: Site, quiet: Visitor, row: list[int]) -> None:
    page = ready(quiet(empty, f"{FIELDS}/{row[1]}/edit"))
    shape, others = page.locator("[name=geometry]"), page.locator("[name=neighbours]")
    before = json.loads(shape.input_value())
    drag(page, CORNER, MOVED)
    one = shape.input_value()
    drag(page, (101.802, 36.601), (101.8022, 36.6011))
    assert len(json.loads(others.input_value())) == 2
    press(page, "撤销一步")
    assert json.loads(shape.input_value()) == json.loads(one)
    assert len(json.loads(others.input_value())) == 1
    press(page, "全部还原")
    assert json.loads(shape.input_value()) == before
    assert others.input_value() == ""
    expect(page.locator("[data-status]")).to_have_text("图形没有改动。")


def test_a_border_that_crosses_itself_is_put_back(
    empty: Site, quiet: Visitor, row: list[int]
) -> None:
    page = ready(quiet(empty, f"{FIELDS}/{row[0]}/edit"))
    before = json.loads(page.input_value("[name=geometry]"))
    drag(page, CORNER, (101.7995, 36.6005))
    expect(page.locator("[data-status]")).to_contain_text("自相交")
    assert json.loads(page.input_value("[name=geometry]")) == before
    assert page.input_value("[name=neighbours]") == ""


@SIZES
def test_a_gap_is_refused_and_drawn_and_the_work_goes_on(
    empty: Site, quiet: Visitor, row: list[int], size: dict[str, int]
) -> None:
    page = ready(quiet(empty, f"{FIELDS}/{row[0]}/edit", size=size))
    drag(page, (101.8, 36.6), (101.8004, 36.6004))  # a corner that nobody shares
    page.fill("[name='field.households']", "77")
    press(page, "保存")
    expect(page.locator("section[role=alert]")).to_contain_text("新的空隙或重叠")
    assert page.locator("section[role=alert] a[href='#id=1']").count() == 1
    assert page.input_value("[name='field.households']") == "77"
    ready(page)
    expect(page.locator(".legend")).to_contain_text("未覆盖")
    red = page.evaluate("""() => {
        const canvas = document.querySelector(".leaflet-gf-drawn-pane canvas");
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return data.some((value, at) => at % 4 === 3 && value > 200);
    }""")
    assert red
    assert violations(page) == []
    press(page, "全部还原")
    press(page, "保存")
    assert page.url.endswith(f"{FIELDS}/{row[0]}?f=html")
    assert faults(empty) == 0


def test_what_was_refused_is_taken_up_where_it_was_left(
    empty: Site, quiet: Visitor, row: list[int]
) -> None:
    page = ready(quiet(empty, f"{FIELDS}/{row[0]}/edit"))
    drag(page, CORNER, MOVED)
    page.fill("[name='field.name']", "")
    press(page, "保存")
    expect(page.locator("#f-name-errors")).to_be_visible()
    ready(page)
    expect(page.locator("[data-status]")).to_contain_text("相邻的 1 块一起改")
    page.fill("[name='field.name']", "改好了")
    press(page, "保存")
    assert page.url.endswith("?f=html")
    first, second = (ground(empty.database, empty.registry, n) for n in row[:2])
    assert shapely.coverage_is_valid([first, second])
    assert not first.equals(plot(0, 0))


@SIZES
def test_who_was_slower_sees_both_and_goes_on(
    empty: Site, quiet: Visitor, row: list[int], size: dict[str, int]
) -> None:
    address = f"{FIELDS}/{row[0]}/edit"
    mine, theirs = quiet(empty, address, size=size), quiet(empty, address, size=size)
    theirs.fill("[name='field.households']", "400")
    press(theirs, "保存")
    mine.fill("[name='field.households']", "401")
    mine.fill("[name='field.name']", "我的名")
    press(mine, "保存")
    told = mine.locator("section[role=alert]")
    expect(told).to_contain_text("别人改过")
    expect(told.locator("tbody tr")).to_have_text(["户数（户） 两边都改了401400"])
    assert violations(mine) == []
    wide = mine.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    press(mine, "保存")
    assert mine.url.endswith("?f=html")
    expect(mine.locator(".facts")).to_contain_text("401")


def test_a_field_is_split_by_a_line_and_merged_again(
    empty: Site, quiet: Visitor, row: list[int]
) -> None:
    page = ready(quiet(empty, f"{FIELDS}/{row[0]}/edit"))
    press(page, "画分割线")
    page.wait_for_timeout(300)
    for place in ((101.8004, 36.5998), (101.8004, 36.6012)):
        page.mouse.move(*spot(page, *place))
        page.mouse.click(*spot(page, *place))
    press(page, "画完了")
    assert json.loads(page.input_value("[name=line]"))["type"] == "LineString"
    press(page, "按这条线分割")
    assert "/edit?made=1" in page.url
    expect(page.locator(".notice")).to_contain_text("已分割")
    assert page.input_value("[name='field.code']").endswith("004")
    assert faults(empty) == 0
    page = ready(quiet(empty, f"{FIELDS}/{row[0]}/edit"))
    page.select_option("#other", label="网格001001（004）")
    press(page, "并入这一块")
    assert page.url.endswith(f"{FIELDS}/{row[0]}?f=html")
    assert ground(empty.database, empty.registry, row[0]).equals(plot(0, 0))
    assert faults(empty) == 0


@SIZES
def test_a_change_is_looked_at_and_undone(
    empty: Site, quiet: Visitor, row: list[int], size: dict[str, int]
) -> None:
    page = ready(quiet(empty, f"{FIELDS}/{row[0]}/edit", size=size))
    drag(page, MIDDLE, (101.8013, 36.6005))
    press(page, "保存")
    page.click("a:text-is('历史')")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(400)
    expect(page.locator(".step").first).to_contain_text("从 网格001002 划入")
    frame = page.frame_locator(".map-frame").first
    expect(frame.locator(".legend")).to_contain_text("变更前")
    assert violations(page) == []
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    page.click("summary:text-is('撤销这次修改')")
    press(page, "确认撤销")
    expect(page.locator(".step")).to_have_count(3)
    assert ground(empty.database, empty.registry, row[0]).equals(plot(0, 0))
    assert ground(empty.database, empty.registry, row[1]).equals(plot(1, 0))
    assert faults(empty) == 0


@SIZES
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_kind_of_shape_has_a_page_without_fault(
    empty: Site, quiet: Visitor, row: list[int], *, size: dict[str, int], dark: bool
) -> None:
    road = empty.registry.layer("road_segments")
    with empty.database.begin() as connection:
        made = features.insert(connection, road, factories.record(road), factories.geometry(road))
    for address in (
        "/collections/courtyards/items/new",
        f"/collections/road_segments/items/{made}/edit",
        f"{FIELDS}/{row[0]}/edit",
        f"{FIELDS}/{row[0]}/history",
    ):
        page = quiet(empty, address, size=size, dark=dark)
        page.wait_for_timeout(300)
        assert violations(page) == [], address
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, address


def test_a_place_is_tapped_and_a_new_one_is_there(empty: Site, quiet: Visitor) -> None:
    with empty.database.begin() as connection:
        division(connection, empty.registry, plot(0, 0, 3))
    page = quiet(empty, "/collections/courtyards/items/new#17/36.6005/101.8015", size=PHONE)
    page.locator(".edit-map").scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    page.touchscreen.tap(*spot(page, 101.8012, 36.6004))
    page.fill("[name='field.name']", "新院")
    page.select_option("[name='field.management']", index=1)
    press(page, "保存")
    assert page.url.endswith("?f=html")
    with empty.database.read() as connection:
        text = features.item(connection, empty.registry.layer("courtyards"), 1)
    spot_of = json.loads(text)["geometry"]["coordinates"]
    assert spot_of == pytest.approx([101.8012, 36.6004], abs=2e-5)


def test_the_card_on_the_map_leads_to_form_and_history(
    empty: Site, quiet: Visitor, row: list[int]
) -> None:
    page = quiet(empty, "/maps/fields#17/36.6005/101.8005")
    page.wait_for_timeout(500)
    page.mouse.click(*spot(page, 101.8005, 36.6005))
    card = page.locator(".gf-popup")
    expect(card.locator("a:text-is('编辑')")).to_have_attribute("href", f"{FIELDS}/{row[0]}/edit")
    card.locator("a:text-is('历史')").click()
    page.wait_for_load_state("networkidle")
    assert page.url.endswith(f"{FIELDS}/{row[0]}/history")
