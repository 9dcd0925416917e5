"""A phone with the inspectors' app in it, as the tests hold it: where it is, what it taps."""

import io
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from api.settings import Settings
from gis import files
from gis.cluster import Cluster
from gis.postgis import Database
from layers.admission.sessions import Kind
from layers.arriving import importing
from layers.declaring.people import Role
from layers.registry import Registry
from tests import people
from tests.browser.conftest import DEMO, Site, served
from tests.cloning import clone
from tests.photographs import encoded, scene

PHONE: ViewportSize = {"width": 360, "height": 740}
COMMUNITY = "630102007001"
GROUND = ("divisions", "grid_fields", "water", "buildings", "streets", "sites")
SITE, MARKET = "巡查点位", "早市检查"


def grounds(
    cluster: Cluster, template: str, registry: Registry, settings: Settings
) -> Iterator[Site]:
    """A served district with ground, fields and a few open sites, to be written to."""
    name = f"field_{uuid.uuid4().hex}"
    clone(cluster, name, template)
    database = Database(cluster.url(name))
    for layer in GROUND:
        source = files.read(DEMO / f"{layer}.geojson")
        importing.load(database, registry, registry.layer(layer), source)
    with served(database, registry, settings) as site:
        yield site
    database.close()


def rows(site: Site, statement: str) -> Sequence[Mapping[str, Any]]:
    with site.database.begin() as connection:
        return [dict(row) for row in connection.execute(sa.text(statement)).mappings()]


def inside(site: Site, number: int = 0) -> Mapping[str, Any]:
    """One of the own community's fields, and a point well within it."""
    return rows(
        site,
        "SELECT code, name, leader, st_x(p) AS lon, st_y(p) AS lat "
        "FROM grid_fields, st_pointonsurface(geom) p "
        f"WHERE code LIKE '{COMMUNITY}%' AND leader IS NOT NULL "
        f"ORDER BY code OFFSET {number} LIMIT 1",
    )[0]


def picture(n: int = 0, *, told: bool = False) -> Any:
    """A file as the camera hands it over; `told` says where and when it was taken: elsewhere."""
    body = encoded(scene(320, 240, n=n)) if told else _silent(n)
    return {"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": body}


def _silent(n: int) -> bytes:
    out = io.BytesIO()
    scene(320, 240, n=n).save(out, "JPEG")
    return out.getvalue()


@dataclass
class Phone:
    """One browser context and the page with the app; console errors are kept."""

    context: BrowserContext
    site: Site
    account: int
    errors: list[str] = field(default_factory=list)
    page: Page = field(init=False)

    def open(self, path: str = "/field") -> Page:
        """Starts the app in a page of its own and waits until it has drawn itself."""
        self.page = self.context.new_page()
        self.page.on("request", self.site.watch)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(self.site.address + path)
        self.page.wait_for_selector("#field[data-ready]")
        return self.page

    def known(self) -> None:
        """Once the phone has what it needs to log without the server."""
        expect(self.page.locator(".fd-kind").first).to_be_visible()

    def settled(self) -> None:
        """Once the worker serves the app and all tiles are kept."""
        self.go("settings")
        expect(self.page.get_by_text("没有网络也能打开：已准备好")).to_be_visible()
        expect(self.page.get_by_text("下载离线地图")).to_be_disabled()
        said = self.page.locator("p", has_text="离线地图").inner_text()
        kept, _, known = said.split()[1].partition("/")
        assert kept == known != "0"

    def kill(self) -> None:
        """As phones do it: without a word before."""
        self.page.close(run_before_unload=False)

    def go(self, route: str) -> None:
        self.page.evaluate(f"location.hash = '#/{route}'")

    def at(self, lon: float, lat: float, accuracy: float = 6) -> None:
        self.context.set_geolocation({"longitude": lon, "latitude": lat, "accuracy": accuracy})

    def kind(self, label: str = SITE) -> None:
        self.go("")
        self.page.locator(".fd-kind", has_text=label).tap()

    def shoot(self, n: int = 0, *, told: bool = False) -> None:
        before = self.page.locator(".fd-photo").count()
        self.page.set_input_files("input[capture]", picture(n, told=told))
        expect(self.page.locator(".fd-photo")).to_have_count(before + 1)

    def choose(self, text: str) -> None:
        self.page.locator(".fd-choice", has_text=text).first.tap()

    def save(self) -> None:
        """Saves, and says that it is not the same where it is asked."""
        self.page.locator(".fd-save").tap()
        asked = self.page.locator("dialog .fd-button").last
        expect(self.page.locator("dialog, .fd-toast[data-shown]").first).to_be_visible()
        if asked.is_visible():
            asked.tap()
        expect(self.page.locator(".fd-toast[data-shown]")).to_have_text("已存在本机")

    def log(self, matter: str, n: int) -> None:
        """A whole record of a site."""
        self.kind()
        self.shoot(n)
        self.choose(matter)
        self.save()

    def state(self, matter: str) -> Any:
        """What the outbox says of a record."""
        if not self.page.url.endswith("#/outbox"):
            self.go("outbox")
        return self.page.locator(".fd-entry", has_text=matter).locator(".fd-state")

    def submissions(self) -> Sequence[Mapping[str, Any]]:
        """What has come to the server from this person, in order."""
        return rows(
            self.site, f"SELECT * FROM submissions WHERE account = {self.account} ORDER BY number"
        )


def phone(
    browser: Browser,
    site: Site,
    *,
    role: Role = Role.INSPECTOR,
    dark: bool = False,
    located: bool = True,
    **more: Any,
) -> Phone:
    """A phone of somebody new in the own community, signed in, standing in its first field."""
    context = browser.new_context(
        viewport=PHONE,
        is_mobile=True,
        has_touch=True,
        device_scale_factor=2,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        color_scheme="dark" if dark else "light",
        permissions=["geolocation"] if located else [],
        **more,
    )
    account = people.account(site.database, role, COMMUNITY)
    secret = people.secret(site.database, account.id, Kind.COOKIE)
    context.add_cookies([{"name": "gridfield", "value": secret, "url": site.address}])
    held = Phone(context, site, account.id)
    place = inside(site)
    held.at(place["lon"], place["lat"])
    return held
