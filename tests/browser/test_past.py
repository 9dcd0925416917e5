"""A map of a past day, and one for a reader who may not know names, as a browser shows them."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as TooLong

from gis import files
from gis.clock import today
from gis.cluster import Cluster
from gis.postgis import Database
from layers.admission.sessions import Kind
from layers.arriving import importing
from layers.declaring.people import Role
from layers.registry import Registry, discover
from tests import people
from tests.browser.axe import violations
from tests.browser.conftest import DEMO, PHONE, Site, Visitor, served
from tests.browser.test_maps import _look_at, _opened
from tests.cloning import clone
from tests.layers.reading.test_past import backdate

pytestmark = pytest.mark.browser

TODAY = today()
YESTERDAY = TODAY - timedelta(days=1)
DRAWN = ("divisions", "grid_fields", "courtyards")


@pytest.fixture(scope="module")
def aged(cluster: Cluster, template: str) -> Iterator[Site]:
    """Ground as of yesterday, on which every field and courtyard has another name today."""
    name = f"aged_{uuid4().hex}"
    clone(cluster, name, template)
    database = Database(cluster.url(name))
    registry: Registry = discover()
    for layer in DRAWN:
        source = files.read(DEMO / f"{layer}.geojson")
        importing.load(database, registry, registry.layer(layer), source)
        backdate(database, layer, 1)
    with database.begin() as connection:
        for layer in DRAWN[1:]:
            connection.execute(sa.text(f"UPDATE {layer} SET name = '今' || name"))
    with served(database, registry) as site:
        yield site
    database.close()


def inside(site: Site) -> tuple[float, float]:
    with site.database.read() as connection:
        lon, lat = connection.execute(
            sa.text(
                "SELECT st_x(p), st_y(p) FROM (SELECT st_pointonsurface(geom) p"
                " FROM grid_fields ORDER BY id LIMIT 1) f"
            )
        ).one()
    return lon, lat


def card(page: Page, site: Site) -> str:
    """What the card of a field says that is clicked."""
    here = _look_at(page, *inside(site), 17)
    for _ in range(5):  # on a busy machine its tile may not be drawn yet
        page.mouse.click(here["x"], here["y"])
        with suppress(TooLong):
            page.wait_for_selector(".gf-popup", timeout=3000)
            break
    _opened(page)
    return page.inner_text(".gf-popup")


def picture(page: Page, name: str) -> None:
    folder = os.environ.get("GRIDFIELD_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_a_past_day_is_chosen_on_the_map_and_left_again(aged: Site, visit: Visitor) -> None:
    page = visit(aged, "/maps/fields")
    assert page.locator(".gf-asof").count() == 0
    assert "今" in card(page, aged)
    page.click(".gf-when summary")
    page.fill("#gf-day", YESTERDAY.isoformat())
    picture(page, "choose")
    page.click(".gf-when button")
    page.wait_for_load_state("networkidle")
    assert page.inner_text(".gf-asof b") == f"{YESTERDAY} 的情况"
    told = card(page, aged)
    assert "今" not in told
    picture(page, "past")
    page.click(".gf-list-button")
    page.wait_for_selector(".gf-list tbody tr")
    assert "今" not in page.inner_text(".gf-list")
    page.click(".gf-themes a[href*=courtyards]")
    page.wait_for_load_state("networkidle")
    assert page.inner_text(".gf-asof b") == f"{YESTERDAY} 的情况"
    page.click(".gf-asof a")
    page.wait_for_load_state("networkidle")
    assert page.locator(".gf-asof").count() == 0
    assert not visit.errors


def test_a_day_before_all_records_says_so(aged: Site, visit: Visitor) -> None:
    page = visit(aged, "/maps/fields?on=2017-06-30")
    page.wait_for_selector("text=这一天还没有记录")
    assert not visit.errors


@pytest.mark.parametrize("dark", [False, True])
def test_a_phone_has_room_for_day_and_map(aged: Site, visit: Visitor, *, dark: bool) -> None:
    page = visit(aged, f"/maps/fields?on={YESTERDAY}&division=630102007001", size=PHONE, dark=dark)
    page.wait_for_timeout(500)
    picture(page, f"phone-{'dark' if dark else 'light'}")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.click(".gf-when summary")
    box = page.locator(".gf-when form").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    for part in (".gf-when summary", "#gf-day", ".gf-when button", ".gf-asof a"):
        size = page.locator(part).bounding_box()
        assert size is not None
        assert size["height"] >= 44, part
    picture(page, f"phone-form-{'dark' if dark else 'light'}")
    assert violations(page) == []


def test_a_viewer_reads_no_name_on_the_map(aged: Site, visit: Visitor) -> None:
    viewer = people.account(aged.database, Role.VIEWER)
    secret = people.secret(aged.database, viewer.id, Kind.COOKIE)
    with aged.database.read() as connection:
        leaders = set(connection.scalars(sa.text("SELECT DISTINCT leader FROM grid_fields")))
    page = visit(replace(aged, cookie=secret), "/maps/fields")
    told = card(page, aged)
    assert "**" in told
    page.click(".gf-list-button")
    page.wait_for_selector(".gf-list tbody tr")
    listed = page.inner_text(".gf-list")
    assert "**" in listed
    assert not [name for name in leaders if name and (name in told or name in listed)]
    picture(page, "viewer")
