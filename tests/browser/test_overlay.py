"""What a person does with drawn sets: see, point, list, follow a link; in pages and in files.

The browser asks nobody but this test: pages and features are ours, tiles are empty.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import shapely
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from shapely.geometry import mapping

from gis.errors import Finding
from gis.fault import Action, Severity
from gis.refusals.coverage import COVERAGE_GAP, COVERAGE_OVERLAP
from layers.declaring.words import Geometry, Paint, Shape
from layers.ground.topology import Feature, Found, Inspection, Suggested
from layers.registry import Registry, discover
from maps import assets, faults, overlay, preview, report_file
from maps.document import RenderedPage
from maps.drawing import Drawn, DrawnClass
from maps.page import policy
from maps.pages import beside as pages
from maps.pages import topology as topology_page
from tests.browser.axe import violations
from tests.browser.conftest import DESKTOP, PHONE, Site, Visitor

pytestmark = pytest.mark.browser

SITE = "http://gridfield.test"
EMPTY = {"type": "FeatureCollection", "features": []}
HOSTILE = "<img src=x onerror=window.hit=1>{{7*7}}"
SIZES = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
COLOURED = """([r, g, b]) => {
    const canvas = document.querySelector(".leaflet-gf-drawn-pane canvas");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const near = (at) => data[at + 3] > 200 && Math.abs(data[at] - r) < 30
        && Math.abs(data[at + 1] - g) < 30 && Math.abs(data[at + 2] - b) < 30;
    let [left, right, count] = [Infinity, -Infinity, 0];
    for (let at = 0; at < data.length; at += 4) {
        if (!near(at)) continue;
        const x = (at / 4) % canvas.width;
        [left, right, count] = [Math.min(left, x), Math.max(right, x), count + 1];
    }
    return { count, width: count ? (right - left + 1) / devicePixelRatio : 0 };
}"""
RED, TEAL = (0xD1, 0x3B, 0x4A), (0x1F, 0x8F, 0x78)


class Desk:
    """A browser whose every request is answered here, or kept as one to somebody else."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.answers: dict[str, str | RenderedPage | int] = {}
        self.outside: list[str] = []
        self.errors: list[str] = []

    def open(self, address: str, size: Mapping[str, int] = DESKTOP, *, dark: bool = False) -> Page:
        context = self._browser.new_context(
            viewport=dict(size),
            color_scheme="dark" if dark else "light",
            has_touch=size is PHONE,
            is_mobile=size is PHONE,
            device_scale_factor=2 if size is PHONE else 1,
            reduced_motion="reduce",
            locale="zh-CN",
        )
        self._contexts.append(context)
        context.route("**/*", self._answer)
        page = context.new_page()
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(address if "://" in address else SITE + address, wait_until="networkidle")
        page.wait_for_timeout(200)
        return page

    def _answer(self, route: Route) -> None:
        address = route.request.url
        if address.startswith("file:"):
            route.continue_()
            return
        path = address.removeprefix(SITE).partition("?")[0]
        if path.startswith(assets.PREFIX):
            found = assets.find(path.removeprefix(assets.PREFIX))
            assert found
            route.fulfill(body=found.body, content_type=found.media_type)
        elif path.startswith("/tiles/"):
            route.fulfill(status=204)
        elif path in self.answers:
            self._fulfil(route, self.answers[path])
        else:
            self.outside.append(address)
            route.abort()

    @staticmethod
    def _fulfil(route: Route, answer: str | RenderedPage | int) -> None:
        if isinstance(answer, int):
            route.fulfill(status=answer)
        elif isinstance(answer, RenderedPage):
            headers = {"content-security-policy": policy(answer.script_hashes)}
            route.fulfill(body=answer.html, content_type="text/html", headers=headers)
        else:
            kind = "text/html" if answer.startswith("<") else "application/geo+json"
            headers = {"content-security-policy": policy()}
            route.fulfill(body=answer, content_type=kind, headers=headers)

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@pytest.fixture
def desk(chromium: Browser) -> Iterator[Desk]:
    desk = Desk(chromium)
    summary = {"count": 44, "classes": {}, "alerts": 0, "bounds": [101.79, 36.6, 101.83, 36.63]}
    layers = {"grid_fields": {**summary, "measures": {}, "sources": ["普查"]}}
    desk.answers["/maps/overview/summary"] = json.dumps({"layers": layers})
    desk.answers["/maps/overview/in-sight"] = json.dumps({"layers": {"grid_fields": summary}})
    desk.answers["/maps/overview/fields"] = json.dumps({"layers": {}})
    yield desk
    desk.close()
    assert desk.outside == []


def square(n: int, side: float = 0.004) -> shapely.Polygon:
    west = 101.79 + 0.005 * n
    return shapely.box(west, 36.61, west + side, 36.61 + side)


def rows(*states: str, title: str = "网格") -> str:
    features = [
        {
            "type": "Feature",
            "geometry": mapping(square(n)),
            "properties": {"class": state, "title": f"{title} {n}", "text": title, "row": n},
        }
        for n, state in enumerate(states, start=1)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def draft(registry: Registry) -> RenderedPage:
    drawn = preview.rows(registry.layer("grid_fields"), "zh", "/features")
    return overlay.render(registry, "zh", [drawn], title="网格.shp", embedded=True)


def finding(rule: object, ground: shapely.Polygon, text: str = "甲", row: int = 1) -> Finding:
    names = ("polygons", "area", "lon", "lat", "mend", "mend_zh")
    return Finding(rule, row, None, dict.fromkeys(names, text), ground)


def inspection(text: str = "甲") -> Inspection:
    feature = Feature(1, text)
    found = (
        Found("gap-1a", "gap", Severity.ERROR, finding(COVERAGE_GAP, square(1), text), 9.0, 1.0,
              (feature,), Suggested(Action.FILL, feature)),
        Found("overlap-2b", "overlap", Severity.ERROR, finding(COVERAGE_OVERLAP, square(4), text),
              5.0, 1.0, (feature,), None),
    )  # fmt: skip
    return Inspection(discover().layer("grid_fields"), None, 44, found)


def popup(page: Page) -> str:
    page.wait_for_selector(".gf-popup h2")
    return page.inner_text(".gf-popup")


# --- seeing ---------------------------------------------------------------------------------------
@SIZES
def test_features_are_drawn_and_counted_in_the_legend(
    desk: Desk, registry: Registry, size: dict[str, int]
) -> None:
    desk.answers |= {"/map": draft(registry), "/features": rows("new", "new", "refused")}
    page = desk.open("/map", size)
    counted = page.locator("[data-layer=rows] .legend-count")
    assert counted.all_text_contents() == ["3", "2", "0", "0", "0", "1"]
    assert page.locator(".legend [data-layer=grid_fields] h2 [data-count]").text_content() == "44"
    assert page.evaluate(COLOURED, RED)["count"] > 50
    assert page.evaluate(COLOURED, TEAL)["count"] > 50
    # The first view is what is drawn: three squares fill most of the width.
    assert page.evaluate(COLOURED, TEAL)["width"] > size["width"] / 5
    assert desk.errors == []


@SIZES
def test_what_is_too_small_to_see_is_marked(
    desk: Desk, registry: Registry, size: dict[str, int]
) -> None:
    places = [finding(COVERAGE_GAP, square(n, side=1e-6)) for n in (1, 8)]
    made = overlay.render(registry, "zh", [faults.drawn(places, "zh")], title="缝")
    desk.answers["/map"] = made
    page = desk.open("/map", size)
    page.evaluate("window[document.querySelector('.folium-map').id].setZoom(10)")
    page.wait_for_timeout(300)
    assert page.evaluate(COLOURED, RED)["width"] >= 12
    assert desk.errors == []


def test_points_and_lines_are_drawn_too(desk: Desk) -> None:
    shapes = [shapely.Point(101.8, 36.6), shapely.LineString([(101.81, 36.6), (101.82, 36.61)])]
    features = [
        {"type": "Feature", "geometry": mapping(shape), "properties": {"class": "a", "title": "t"}}
        for shape in shapes
    ]
    entry = DrawnClass("a", "甲", Paint("#D13B4A", Shape.DIAMOND))
    data = {"type": "FeatureCollection", "features": features}
    drawn = Drawn("points", "点", [entry], data=data, geometry=Geometry.POINT)
    desk.answers["/map"] = overlay.render(None, "zh", [drawn], title="点")
    page = desk.open("/map")
    assert page.evaluate(COLOURED, RED)["count"] > 200
    assert desk.errors == []


def test_a_set_can_be_switched_off_with_its_card(desk: Desk, registry: Registry) -> None:
    desk.answers |= {"/map": draft(registry), "/features": rows("refused")}
    page = desk.open("/map#row=1")
    popup(page)
    page.hover(".leaflet-control-layers")
    page.wait_for_timeout(50)  # a click that comes with the pointer only opens the control
    page.locator(".leaflet-control-layers-overlays input").first.click()
    expect(page.locator(".gf-popup")).to_have_count(0)
    # The canvas is painted anew with the browser's next frame, whenever that is.
    for _ in range(100):
        if page.evaluate(COLOURED, RED)["count"] == 0:
            break
        page.wait_for_timeout(50)
    assert page.evaluate(COLOURED, RED)["count"] == 0


# --- pointing, listing, following -----------------------------------------------------------------
@SIZES
def test_pointing_at_a_feature_tells_of_it_and_not_of_the_ground(
    desk: Desk, registry: Registry, size: dict[str, int]
) -> None:
    desk.answers |= {"/map": draft(registry), "/features": rows("new", title=HOSTILE)}
    page = desk.open("/map", size)
    box = page.locator(".folium-map").bounding_box()
    assert box
    place = page.evaluate(
        "() => { const map = window[document.querySelector('.folium-map').id];"
        " return map.latLngToContainerPoint([36.612, 101.797]); }"
    )
    page.mouse.click(box["x"] + place["x"], box["y"] + place["y"])
    assert f"{HOSTILE} 1" in popup(page)
    assert page.evaluate("window.hit") is None
    assert page.locator(".gf-popup img").count() == 0
    assert desk.errors == []


@SIZES
def test_the_list_leads_to_every_feature_by_keyboard(
    desk: Desk, registry: Registry, size: dict[str, int]
) -> None:
    desk.answers |= {"/map": draft(registry), "/features": rows("new", "refused", title=HOSTILE)}
    page = desk.open("/map", size)
    page.focus(".gf-list-button")
    page.keyboard.press("Enter")
    expect(page.locator(".gf-row")).to_have_count(2)
    assert "有错误" in page.inner_text(".gf-list table")
    page.locator(".gf-row").nth(1).focus()
    page.keyboard.press("Enter")
    assert f"{HOSTILE} 2" in popup(page)
    page.keyboard.press("Escape")
    expect(page.locator(".gf-popup")).to_have_count(0)
    assert page.evaluate("document.activeElement.matches('.gf-row, .gf-list-button')")
    assert page.evaluate("window.hit") is None
    assert desk.errors == []


@SIZES
def test_an_address_names_a_row(desk: Desk, registry: Registry, size: dict[str, int]) -> None:
    desk.answers |= {"/map": draft(registry), "/features": rows("new", "new", "refused")}
    page = desk.open("/map#row=3", size)
    assert "网格 3" in popup(page)
    page.evaluate("location.hash = '#row=1'")
    expect(page.locator(".gf-popup h2")).to_have_text("网格 1")
    page.evaluate("location.hash = '#row=99'")
    page.wait_for_timeout(200)
    assert desk.errors == []


# --- states ---------------------------------------------------------------------------------------
def test_features_that_did_not_come_can_be_asked_for_again(desk: Desk, registry: Registry) -> None:
    desk.answers |= {"/map": draft(registry), "/features": 503}
    page = desk.open("/map", PHONE)
    expect(page.locator(".gf-banner")).to_be_visible()
    desk.answers["/features"] = rows("refused")
    page.click(".gf-banner button")
    expect(page.locator(".gf-banner")).to_be_hidden()
    assert page.evaluate(COLOURED, RED)["count"] > 50


def test_an_empty_set_says_so_over_the_ground(desk: Desk, registry: Registry) -> None:
    desk.answers |= {"/map": draft(registry), "/features": json.dumps(EMPTY)}
    page = desk.open("/map")
    expect(page.locator(".gf-empty")).to_have_text("这里没有要标出的内容")
    zoom = page.evaluate("window[document.querySelector('.folium-map').id].getZoom()")
    assert zoom > 12  # what is stored is in view, not all of China
    assert desk.errors == []


# --- pages around the map -------------------------------------------------------------------------
@SIZES
def test_the_topology_report_leads_from_its_list_to_the_map(
    desk: Desk, registry: Registry, size: dict[str, int]
) -> None:
    layer, found = registry.layer("grid_fields"), inspection(HOSTILE)
    desk.answers |= {
        "/report": topology_page.topology(layer, "zh", found, map_src="/report/map"),
        "/report/map": topology_page.topology_map(registry, layer, "zh", found),
    }
    page = desk.open("/report", size)
    page.get_by_role("link", name="在图上看").nth(1).click()
    frame = page.frame("faults-map")
    assert frame
    frame.wait_for_selector(".gf-popup h2")
    assert "重叠" in frame.inner_text(".gf-popup")
    assert frame.evaluate("window.hit") is None
    assert page.locator("iframe").evaluate("f => f.getBoundingClientRect().top < innerHeight")
    assert page.locator("[name=fix]").count() == 1
    assert desk.errors == []


@SIZES
def test_a_refusal_shows_its_places_in_the_same_page(
    desk: Desk, registry: Registry, size: dict[str, int]
) -> None:
    places = [finding(COVERAGE_GAP, square(1)), finding(COVERAGE_OVERLAP, square(3), HOSTILE)]
    refusal = pages.Refusal(422, HOSTILE, places)
    desk.answers["/refused"] = pages.problem("zh", refusal, registry)
    page = desk.open("/refused", size)
    page.locator("a[href='#id=2']").click()
    assert HOSTILE in popup(page)
    assert page.evaluate("window.hit") is None
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert desk.errors == []


@SIZES
def test_a_report_from_disk_asks_for_nothing(
    desk: Desk, tmp_path: Path, size: dict[str, int]
) -> None:
    path = tmp_path / "报告.html"
    path.write_text(report_file.topology_report(inspection(HOSTILE), "zh"), encoding="utf-8")
    page = desk.open(path.as_uri(), size)
    asked = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert asked == []
    assert page.evaluate(COLOURED, RED)["count"] > 50
    page.locator("a[href='#id=overlap-2b']").click()
    assert "重叠" in popup(page)
    page.keyboard.press("Escape")
    page.locator("a[href='#id=overlap-2b']").click()  # the same place once more
    assert "重叠" in popup(page)
    assert page.evaluate("window.hit") is None
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert desk.errors == []


@SIZES
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_no_violation(
    desk: Desk, registry: Registry, tmp_path: Path, size: dict[str, int], dark: bool
) -> None:
    layer, found = registry.layer("grid_fields"), inspection()
    path = tmp_path / "report.html"
    path.write_text(report_file.topology_report(found, "zh"), encoding="utf-8")
    drawn = preview.rows(layer, "zh", "/features")
    desk.answers |= {
        "/map": overlay.render(registry, "zh", [drawn], title="网格.shp"),
        "/embedded": draft(registry),
        "/features": rows("new", "refused"),
        "/report": topology_page.topology(layer, "zh", found, map_src="/embedded"),
        "/refused": pages.problem(
            "zh", pages.Refusal(422, "x", [finding(COVERAGE_GAP, square(1))])
        ),
    }
    for address in ("/map", "/embedded#row=1", "/report", "/refused", path.as_uri()):
        page = desk.open(address, size, dark=dark)
        assert violations(page) == [], address


def test_the_check_of_the_demo_opens_with_its_map(demo: Site, visit: Visitor) -> None:
    page = visit(demo, "/check/grid_fields", size=PHONE)
    frame = page.frame("faults-map")
    assert frame
    expect(frame.locator(".folium-map")).to_be_visible()
    assert frame.locator("[data-layer=grid_fields] [data-count]").first.text_content() != ""
    assert (visit.errors, demo.outside) == ([], [])
