"""A patrol in a real browser: begun, gone on with after the page was killed, looked at, deleted."""

import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Geolocation, Page, expect

from api.settings import Settings
from gis.postgis import Database
from layers.admission.sessions import Kind
from layers.declaring.people import Role
from layers.registry import discover
from tests import people
from tests.browser.conftest import Site, served

BLUE_SKY = "630102007001"
# Between two positions that are kept.
STEP_MS = 5200
NORTH = 0.00008  # some 9 m


@pytest.fixture(scope="module")
def site(_demo: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    settings = Settings(home=tmp_path_factory.mktemp("home"), patrol_days=30)
    with served(_demo, discover(), settings) as site:
        yield site


@pytest.fixture
def phone(site: Site, chromium: Browser) -> Iterator[BrowserContext]:
    """An inspector's phone in the middle of the community."""
    walker = people.account(site.database, Role.INSPECTOR, BLUE_SKY)
    context = chromium.new_context(
        viewport={"width": 360, "height": 740},
        geolocation={"latitude": 36.6167, "longitude": 101.82, "accuracy": 9},
        permissions=["geolocation"],
        locale="zh-CN",
    )
    secret = people.secret(site.database, walker.id, Kind.COOKIE)
    context.add_cookies([{"name": "gridfield", "value": secret, "url": site.address}])
    yield context
    context.close()


def opened(phone: BrowserContext, site: Site) -> Page:
    page = phone.new_page()
    page.goto(f"{site.address}/field")
    expect(page.locator(".fd-patrol button")).to_be_visible(timeout=30_000)
    return page


def walk(phone: BrowserContext, page: Page, first: int, count: int) -> None:
    for n in range(first, first + count):
        spot = Geolocation(latitude=36.6167 + n * NORTH, longitude=101.82, accuracy=9)
        phone.set_geolocation(spot)
        page.wait_for_timeout(STEP_MS)


def test_a_patrol_goes_on_after_its_page_was_killed(phone: BrowserContext, site: Site) -> None:
    page = opened(phone, site)
    page.get_by_role("button", name="开始巡查").click()
    expect(page.locator(".fd-patrol-on")).to_be_visible()
    walk(phone, page, 0, 3)
    page.close()

    page = opened(phone, site)
    expect(page.get_by_role("button", name="结束巡查")).to_be_visible()
    walk(phone, page, 3, 2)
    page.get_by_role("button", name="结束巡查").click()
    expect(page.get_by_role("button", name="开始巡查")).to_be_visible()
    stored = sa.text("SELECT * FROM patrols WHERE stopped_at IS NOT NULL")
    for _ in range(50):
        with site.database.read() as connection:
            found = connection.execute(stored).all()
        if found and found[0].batches == found[0].announced:
            break
        page.wait_for_timeout(200)
    (patrol,) = found
    assert patrol.announced == 2
    assert patrol.gaps == 1
    assert patrol.points >= 4
    assert 20 < patrol.walked_m < 45

    page.goto(f"{site.address}/patrols")
    page.get_by_role("link", name="张三").click()
    expect(page.locator(".leaflet-container")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("张三"))).to_be_visible()
    page.get_by_text("删除这次轨迹").first.click()
    page.get_by_role("button", name="删除这次轨迹").click()
    page.wait_for_url(f"{site.address}/patrols")
    expect(page.get_by_text("没有巡查")).to_be_visible()
    with site.database.read() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM patrol_points")) == 0
