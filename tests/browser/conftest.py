"""A real server over the demo data, and Debian's Chromium driven by playwright."""

import shutil
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    Request,
    sync_playwright,
)

from api.app import create_app
from api.demo import loading as demonstration
from api.settings import Settings
from gis.cluster import Cluster
from gis.postgis import Database
from layers.admission.sessions import Kind
from layers.registry import Registry, discover
from tests import people
from tests.cloning import clone

DEMO = Path(__file__).parents[2] / "data" / "shapes"
# Without the last five, Chromium asks for its own updates, which would hide a request of ours.
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}


@dataclass
class Site:
    """A served application, who comes in there, and every request that a browser made to others."""

    address: str
    database: Database
    registry: Registry
    cookie: str = ""
    outside: list[str] = field(default_factory=list)

    def watch(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.outside.append(request.url)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The one of the run: two cannot be driven from one thread."""
    with sync_playwright() as found:
        yield found


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "Chromium is missing: run `make setup`"
    browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def _demo(cluster: Cluster, template: str) -> Iterator[Database]:
    """The demo, loaded through the ordinary import."""
    name = f"demo_{uuid.uuid4().hex}"
    clone(cluster, name, template)
    database = Database(cluster.url(name))
    demonstration.load(database, discover())
    yield database
    database.close()


@pytest.fixture(scope="session")
def demo(_demo: Database) -> Iterator[Site]:
    with served(_demo, discover()) as site:
        yield site


@pytest.fixture
def empty(database: Database, registry: Registry) -> Iterator[Site]:
    with served(database, registry) as site:
        yield site


class served:  # noqa: N801  reads as a statement
    """The application on a free loopback port, in a thread, for the length of a block."""

    def __init__(
        self, database: Database, registry: Registry, settings: Settings | None = None
    ) -> None:
        app = create_app(settings or Settings(patrol_days=30), database=database, registry=registry)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))
        port = self._socket.getsockname()[1]
        # Every browser comes in as an admin, unless a test takes the cookie away.
        cookie = people.secret(database, people.account(database).id, Kind.COOKIE)
        self._site = Site(f"http://127.0.0.1:{port}", database, registry, cookie)

    def __enter__(self) -> Site:
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive()
            time.sleep(0.01)
        return self._site

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=20)
        self._socket.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator["Visitor"]:
    visitor = Visitor(chromium)
    yield visitor
    visitor.close()


class Visitor:
    """Opens pages as a person would: a size, light or dark; console errors are kept."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.errors: list[str] = []

    def __call__(
        self, site: Site, path: str, *, size: dict[str, int] = DESKTOP, dark: bool = False
    ) -> Page:
        context = self._browser.new_context(
            viewport=size,
            color_scheme="dark" if dark else "light",
            has_touch=size is PHONE,
            is_mobile=size is PHONE,
            device_scale_factor=2 if size is PHONE else 1,
            locale="zh-CN",
        )
        self._contexts.append(context)
        if site.cookie:
            context.add_cookies([{"name": "gridfield", "value": site.cookie, "url": site.address}])
        page = context.new_page()
        page.on("request", site.watch)
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(site.address + path, wait_until="networkidle")
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()
