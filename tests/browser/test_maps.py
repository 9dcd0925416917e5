"""What a person does with a map: look, point, tap, switch, list, read by keyboard."""

import random
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from gis.postgis import Database
from layers import guards
from layers.reading import features
from layers.registry import build, discover
from layers.schema.tables import metadata
from tests.browser.conftest import DESKTOP, PHONE, Site, Visitor, served
from tests.factories import BENCHES, geometry, record

pytestmark = pytest.mark.browser

MAP = "window[document.querySelector('.folium-map').id]"


def _look_at(page: Page, lon: float, lat: float, zoom: int) -> dict[str, float]:
    """Move the map there at once, wait for its tiles, and answer where the point is on screen."""
    page.evaluate(
        f"([lat, lon, zoom]) => {MAP}.setView([lat, lon], zoom, {{animate: false}})",
        [lat, lon, zoom],
    )
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(250)
    return _screen(page, lon, lat)


def _screen(page: Page, lon: float, lat: float) -> dict[str, float]:
    place: dict[str, float] = page.evaluate(
        f"""([lat, lon]) => {{
            const map = {MAP}, box = map.getContainer().getBoundingClientRect();
            const point = map.latLngToContainerPoint([lat, lon]);
            return {{x: point.x + box.x, y: point.y + box.y}};
        }}""",
        [lat, lon],
    )
    return place


def _opened(page: Page) -> None:
    """Wait until a popup shows the whole record."""
    page.wait_for_selector(".gf-popup dl dd", state="attached")
    page.wait_for_selector(".gf-busy", state="detached")


def _rows(site: Site, statement: str) -> list[Any]:
    with site.database.read() as connection:
        return list(connection.execute(sa.text(statement)))


def test_a_click_names_the_very_field_that_postgis_names(demo: Site, visit: Visitor) -> None:
    page = visit(demo, "/maps/fields")
    drawn = random.Random(2017)
    west, south, east, north = _rows(
        demo,
        "SELECT st_xmin(b), st_ymin(b), st_xmax(b), st_ymax(b) "
        "FROM (SELECT st_extent(geom) b FROM grid_fields) e",
    )[0]
    checked = 0
    while checked < 15:
        lon, lat = drawn.uniform(west, east), drawn.uniform(south, north)
        names = [
            row[0]
            for row in _rows(
                demo,
                "SELECT name FROM grid_fields WHERE st_intersects(geom, "
                f"st_setsrid(st_point({lon}, {lat}), 4326))",
            )
        ]
        if len(names) != 1:
            continue
        _look_at(page, lon, lat, drawn.choice([14, 15, 16]))
        here = _screen(page, lon, lat)
        page.mouse.click(here["x"], here["y"])
        _opened(page)
        # A click is on whole pixels: near a border the neighbour may rightly answer too.
        assert names[0] in page.inner_text(".gf-popup")
        page.keyboard.press("Escape")
        checked += 1
    assert visit.errors == []


def test_a_popup_shows_labels_units_and_choices_in_the_pages_language(
    demo: Site, visit: Visitor
) -> None:
    first = "SELECT st_x(geom), st_y(geom), status FROM illegal_structures ORDER BY number LIMIT 1"
    ((lon, lat, status),) = _rows(demo, first)
    choices = demo.registry.layer("illegal_structures").field("status").choices
    (state,) = (choice.label for choice in choices if choice.value == status)
    for lang, expected in (
        ("zh", [state.zh, "实测面积", "㎡"]),
        ("en", [state.en, "Measured area", "m²"]),
    ):
        page = visit(demo, f"/maps/structures?lang={lang}")
        here = _look_at(page, lon, lat, 17)
        page.mouse.click(here["x"], here["y"])
        _opened(page)
        text = page.inner_text(".gf-popup")
        for word in expected:
            assert word in text


def test_the_legend_counts_what_the_database_holds(demo: Site, visit: Visitor) -> None:
    page = visit(demo, "/maps/structures")
    counts = _rows(demo, "SELECT status, count(*) FROM illegal_structures GROUP BY status")
    assert len(counts) > 1
    for status, count in counts:
        counted = page.locator(f"[data-layer=illegal_structures] [data-count-class={status}]")
        assert counted.inner_text() == str(count)


def test_switching_a_layer_fetches_nothing(demo: Site, visit: Visitor) -> None:
    page = visit(demo, "/maps/overview")
    tiles: list[str] = []
    page.on("request", lambda r: tiles.append(r.url) if "/tiles/" in r.url else None)
    page.hover(".leaflet-control-layers")
    boxes = page.locator(".leaflet-control-layers-overlays input[type=checkbox]")
    assert boxes.count() >= 6
    boxes.nth(2).uncheck()
    boxes.nth(2).check()
    page.wait_for_timeout(300)
    assert tiles == []


def test_the_list_is_reached_by_keyboard_and_flies_to_a_feature(demo: Site, visit: Visitor) -> None:
    page = visit(demo, "/maps/structures")
    page.focus(".gf-list-button")
    page.keyboard.press("Enter")
    page.wait_for_selector(".gf-list tbody tr")
    (known,) = _rows(demo, "SELECT count(*) FROM illegal_structures")
    assert page.locator(".gf-list tbody tr").count() == known[0]
    row = page.locator(".gf-list tbody button").first
    name = row.inner_text()
    row.press("Enter")
    page.wait_for_selector(".gf-popup")
    assert name in page.inner_text(".gf-popup")


def test_on_a_phone_the_legend_is_closed_and_nothing_is_too_small_to_tap(
    demo: Site, visit: Visitor
) -> None:
    page = visit(demo, "/maps/overview", size=PHONE)
    assert page.locator("details.legend").get_attribute("open") is None
    small = page.evaluate(
        """() => [...document.querySelectorAll('.leaflet-bar a, .leaflet-bar button, '
            + '.gf-header a, summary, .leaflet-control-layers-toggle')]
            .filter(e => e.offsetParent && !e.closest('[hidden]'))
            .map(e => [e.className, e.getBoundingClientRect()])
            .filter(([, b]) => b.width < 44 || b.height < 44)
            .map(([n, b]) => [n, b.width, b.height])"""
    )
    assert small == []


def test_the_scale_the_legend_and_the_attribution_do_not_cover_each_other(
    demo: Site, visit: Visitor
) -> None:
    for size in (PHONE, DESKTOP):
        page = visit(demo, "/maps/overview", size=size)
        boxes = page.evaluate(
            """() => [
                '.leaflet-control-scale-line', 'details.legend', '.leaflet-control-attribution'
            ]
                .map(s => document.querySelector(s).getBoundingClientRect())
                .map(b => [b.left, b.top, b.right, b.bottom])"""
        )
        for i, one in enumerate(boxes):
            for other in boxes[i + 1 :]:
                apart = (
                    one[2] <= other[0]
                    or other[2] <= one[0]
                    or one[3] <= other[1]
                    or other[3] <= one[1]
                )
                assert apart, (size, one, other)


def test_dark_mode_is_dark_and_follows_the_system(demo: Site, visit: Visitor) -> None:
    page = visit(demo, "/maps/fields", dark=True)
    luminance = """() => {
        const style = getComputedStyle(document.querySelector('.folium-map'));
        const c = style.backgroundColor.match(/\\d+/g).map(Number);
        return (c[0] + c[1] + c[2]) / 3 }"""
    assert page.evaluate(luminance) < 80
    page.emulate_media(color_scheme="light")
    page.wait_for_timeout(100)
    assert page.evaluate(luminance) > 180


def test_when_the_server_is_gone_the_map_says_so_and_recovers(demo: Site, visit: Visitor) -> None:
    page = visit(demo, "/maps/fields")
    page.context.set_offline(offline=True)
    page.evaluate(f"{MAP}.setView([36.70, 101.9], 16, {{animate: false}})")
    page.wait_for_selector(".gf-banner:not([hidden])")
    page.context.set_offline(offline=False)
    page.wait_for_selector(".gf-banner", state="hidden")


HOSTILE = (
    "</script><script>window.ran=1</script>",
    "<img src=x onerror=window.ran=1>",
    "{{7*7}}{{config}}",
    "{% for a in [1] %}49{% endfor %}",
    "{# gone #}%s%(a)s${window.ran=1}",
    "'\"`\\u003c&lt;",
    "\u202egnp.exe\u2066\u2028\u2029",
    "网" * 10_000,
)


def test_hostile_text_in_every_field_of_every_layer_stays_text(empty: Site, visit: Visitor) -> None:
    registry = empty.registry
    with empty.database.begin() as connection:
        for layer in registry.layers.values():
            above = layer.parent.field if layer.parent else None
            texts = [
                f.name
                for f in layer.fields
                if f.type == "text" and not (f.choices or f.pattern or f.name == above)
            ]
            for n, text in enumerate(HOSTILE):
                values = record(layer, n, **dict.fromkeys(texts, text))
                features.insert(connection, layer, values, geometry(layer, n))
    for theme in registry.themes:
        page = visit(empty, f"/maps/{theme}")
        page.on("dialog", lambda dialog: pytest.fail(dialog.message))
        assert "{{7*7}}" not in page.content().replace("&#123;", "") or page.locator(
            "text='{{7*7}}'"
        )
        subject = registry.layer(registry.theme(theme).subjects[-1])
        for n, text in enumerate(HOSTILE):
            centre = geometry(subject, n).centroid
            here = _look_at(page, centre.x, centre.y, 18)
            page.mouse.move(here["x"] + 1, here["y"])
            page.mouse.click(here["x"], here["y"])
            _opened(page)
            shown = page.evaluate("document.querySelector('.gf-popup').textContent")
            assert text in shown, (theme, text[:40])
            page.keyboard.press("Escape")
        page.click(".gf-list-button")
        page.wait_for_selector(".gf-list tbody tr")
        assert page.evaluate("window.ran") is None
    for layer in registry.layers:
        page = visit(empty, f"/collections/{layer}/items?limit=100&f=html")
        assert page.evaluate("window.ran") is None
    page = visit(empty, "/")
    assert page.evaluate("window.ran") is None
    assert visit.errors == []
    assert empty.outside == []


def test_a_layer_of_one_declaration_has_a_map(database: Database, visit: Visitor) -> None:
    registry = build([*discover().layers.values(), BENCHES])
    with database.begin() as connection:
        metadata(registry).create_all(connection)
        guards.install(connection, registry)
        features.insert(connection, BENCHES, {"name": "河边长椅"}, geometry(BENCHES))
    with served(database, registry) as site:
        page = visit(site, "/maps/benches")
        here = _look_at(page, geometry(BENCHES).x, geometry(BENCHES).y, 17)
        page.mouse.click(here["x"], here["y"])
        _opened(page)
        assert "河边长椅" in page.inner_text(".gf-popup")
        assert "长椅" in page.inner_text("details.legend")
        assert "长椅" in visit(site, "/").inner_text("main")
    assert visit.errors == []
