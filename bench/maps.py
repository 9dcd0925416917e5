"""A thematic map of very many fields in a browser (T4), beside Folium's own of a thousand.

Run: python -m bench.maps [fields] [rounds] [clicks]. Debian's Chromium opens both pages in turns,
from one server, whose assets it has kept from an earlier visit; each visit is a page of its own.
Painted is when all that is in sight has been drawn and the next frame has come. Clicks go to random
places; what the card says is compared with what PostGIS finds under that very pixel. Only ratios
within one run count.
"""

import math
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import folium
import shapely
import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Page, Response, ViewportSize, sync_playwright

from bench.coverage import CELL_DEG
from bench.field_page import chromium
from bench.figures import Figure, note
from bench.inspectors import served
from bench.rights import SOUTH, WEST, division_rows, polygon_rows, settle
from gis.cluster import Cluster
from gis.postgis import Database, copy_rows
from layers.admission import accounts, sessions
from layers.admission.sessions import Kind
from layers.declaring.people import Role
from layers.duties.persons import Person
from layers.migrate import upgrade
from maps import assets

FIELDS, ROUNDS, CLICKS, SEED = 1_000_000, 7, 500, 11
PEER_POLYGONS = 1000
ZOOM = 15
PATIENCE_S = 60
VIEW: ViewportSize = {"width": 1280, "height": 800}
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
MAP = "window[document.querySelector('.folium-map').id]"

# Noted by the page itself, frame by frame, so that driving it from outside costs nothing.
_OURS_PAINTED = """
(() => {
  const look = () => {
    const source = window.vector_source_1;
    const frames = source?.ground?._map ? source.frames() : [];
    const done = frames.length && !source.store.status.loading && !source.queue.tasks.size;
    if (!done) return requestAnimationFrame(look);
    twice(() => (window.paintedAt = performance.now()));
  };
  const twice = (then) => requestAnimationFrame(() => requestAnimationFrame(then));
  requestAnimationFrame(look);
})()
"""
_FOLIUM_PAINTED = f"""
(() => {{
  const look = () => {{
    const drawn = document.querySelectorAll("path.leaflet-interactive").length;
    if (drawn < {PEER_POLYGONS}) return requestAnimationFrame(look);
    twice(() => (window.paintedAt = performance.now()));
  }};
  const twice = (then) => requestAnimationFrame(() => requestAnimationFrame(then));
  requestAnimationFrame(look);
}})()
"""
_FRAMES = """
() => {
  window.frames_ms = [];
  let last = performance.now();
  const tick = (now) => {
    window.frames_ms.push(now - last);
    last = now;
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}
"""
# From the browser's click to the first frame in which the card has the whole record.
_CLICK = """
() => {
  window.answeredMs = null;
  addEventListener("click", () => {
    const begun = performance.now();
    const look = () => {
      const card = document.querySelector(".gf-popup");
      const whole = card?.querySelector("dl dd") && !card.querySelector(".gf-busy");
      if (!whole) return requestAnimationFrame(look);
      window.answeredMs = performance.now() - begun;
    };
    requestAnimationFrame(look);
  }, { capture: true, once: true });
}
"""


@dataclass(frozen=True, slots=True)
class Weights:
    """Bytes of the page, and of all else that is kept for ever."""

    page: int
    assets: int


def side_of(fields: int) -> float:
    """How wide and high so many fields are, in degrees."""
    return math.isqrt(fields) * CELL_DEG


# --- data and servers -----------------------------------------------------------------------------
def fill(database: Database, fields: int) -> str:
    """So many fields, as a restored backup is; the secret of a city's leader."""
    side = side_of(fields)
    with database.begin() as connection:
        copy_rows(connection, "divisions", ["code", "name", "level", "geom"], division_rows(side))
    with database.begin() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        columns = ["code", "name", "kind", "division", "leader", "geom", "tint", "place"]
        copy_rows(connection, "grid_fields", columns, polygon_rows(fields, side))
        # Who leads is in the column alone: the first start of a server would make duties of it.
        connection.execute(sa.text("INSERT INTO duties_settled (day) VALUES (current_date)"))
    settle(database)
    with database.begin() as connection:
        person = Person(name="查看员")
        made = accounts.create(connection, person, "reader", Role.LEADER, "630100000000")
        return sessions.issue(connection, made.id, Kind.COOKIE)


def folium_page(database: Database) -> str:
    """Folium's own page of a thousand of the same polygons, with our copy of Leaflet."""
    with database.read() as connection:
        found = connection.execute(
            sa.text(
                "SELECT name, leader, ST_AsGeoJSON(geom)::json AS geom FROM grid_fields LIMIT :n"
            ),
            {"n": PEER_POLYGONS},
        ).all()
    features = [
        {"type": "Feature", "properties": {"name": n, "leader": w}, "geometry": g}
        for n, w, g in found
    ]
    box = shapely.box(
        *shapely.total_bounds([shapely.geometry.shape(f["geometry"]) for f in features])
    )
    west, south, east, north = box.bounds
    made = folium.Map([(south + north) / 2, (west + east) / 2], zoom_start=ZOOM, tiles=None)
    made.default_js, made.default_css = assets.links("leaflet.js"), assets.links("leaflet.css")
    collection = {"type": "FeatureCollection", "features": features}
    shown = folium.GeoJson(collection, tooltip=folium.GeoJsonTooltip(["name", "leader"]))
    shown.add_to(made)
    made.fit_bounds([[south, west], [north, east]])
    return str(made.get_root().render())


@contextmanager
def peering(html: str) -> Iterator[str]:
    """The address of Folium's page, beside our copy of Leaflet; if the driver gave it, the
    browser's own cache would be off."""
    given = {"/": ("text/html; charset=utf-8", html.encode(), "no-cache")}

    class Peer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kept = assets.find(self.path.removeprefix("/assets/"))
            if kept is not None:
                given[self.path] = (kept.media_type, kept.body, "max-age=31536000, immutable")
            kind, body, keeping = given.get(self.path, ("text/plain", b"", "no-store"))
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("cache-control", keeping)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()


@contextmanager
def browsing(address: str, cookie: str) -> Iterator[BrowserContext]:
    """A browser of a reader."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        context = browser.new_context(viewport=VIEW, locale="zh-CN")
        context.add_cookies([{"name": "gridfield", "value": cookie, "url": address}])
        try:
            yield context
        finally:
            browser.close()


# --- what is measured -----------------------------------------------------------------------------
def painted(context: BrowserContext, address: str, script: str) -> float:
    """Seconds from the navigation until all is drawn, in a tab of its own."""
    page = context.new_page()
    page.add_init_script(script)
    page.goto(address)
    until(page, "window.paintedAt")
    seconds = float(page.evaluate("window.paintedAt")) / 1000
    page.close()
    return seconds


def until(page: Page, said: str) -> None:
    """Wait until this is true of the page; its policy forbids the driver's own way."""
    end = time.monotonic() + PATIENCE_S
    while not page.evaluate(f"Boolean({said})"):
        if time.monotonic() > end:
            raise TimeoutError(said)
        page.wait_for_timeout(10)


def weighed(context: BrowserContext, address: str) -> Weights:
    page, found = context.new_page(), []

    def keep(response: Response) -> None:
        if "/assets/" in response.url:
            found.append(len(response.body()))

    page.on("response", keep)
    told = page.goto(address, wait_until="networkidle")
    assert told is not None
    weights = Weights(len(told.body()), sum(found))
    page.close()
    return weights


def heap_mb(page: Page) -> float:
    """What the page's script holds once nothing is left to be collected."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"]) / 1e6


def pan_p95_ms(page: Page) -> float:
    """Frames while the map is dragged to and fro for some seconds."""
    page.evaluate(_FRAMES)
    page.mouse.move(640, 400)
    page.mouse.down()
    for n in range(240):
        page.mouse.move(640 + 300 * ((n // 60) % 2) - 5 * (n % 60), 400 + 2 * (n % 60))
    page.mouse.up()
    frames: list[float] = page.evaluate("window.frames_ms")
    return statistics.quantiles(frames[2:], n=20)[-1]


def clicked(page: Page, database: Database, fields: int, clicks: int) -> tuple[list[float], int]:
    """Milliseconds until the whole card, and how many cards were of another field."""
    side, drawn = side_of(fields), random.Random(SEED)  # noqa: S311  the same in every run
    took: list[float] = []
    wrong = 0
    while len(took) < clicks:
        lon = WEST + side * drawn.uniform(0.02, 0.98)
        lat = SOUTH + side * drawn.uniform(0.02, 0.98)
        page.evaluate(
            f"([lat, lon, zoom]) => {MAP}.setView([lat, lon], zoom, {{animate: false}})",
            [lat, lon, drawn.choice([14, 15, 16])],
        )
        until(page, "!vector_source_1.store.status.loading")
        x, y = drawn.randint(420, 980), drawn.randint(180, 620)
        codes = _under(page, database, x, y)
        if len(codes) != 1:  # on a border both may answer
            continue
        page.wait_for_timeout(60)
        page.evaluate(_CLICK)
        page.mouse.click(x, y)
        until(page, "window.answeredMs !== null")
        took.append(float(page.evaluate("window.answeredMs")))
        wrong += codes[0] not in page.inner_text(".gf-popup")
        page.keyboard.press("Escape")
    return took, wrong


def _under(page: Page, database: Database, x: int, y: int) -> Sequence[str]:
    """The codes of the fields at a pixel."""
    lon, lat = page.evaluate(
        f"""([x, y]) => {{
          const map = {MAP}, box = map.getContainer().getBoundingClientRect();
          const at = map.containerPointToLatLng([x - box.x, y - box.y]);
          return [at.lng, at.lat];
        }}""",
        [x, y],
    )
    at = "ST_SetSRID(ST_Point(:lon, :lat), 4326)"
    asked = sa.text(f"SELECT code FROM grid_fields WHERE ST_Intersects(geom, {at})")  # noqa: S608
    with database.read() as connection:
        return list(connection.scalars(asked, {"lon": lon, "lat": lat}))


def turns(one: Callable[[], float], other: Callable[[], float], rounds: int) -> tuple[Any, Any]:
    """Both in turns, after one each that fills every cache."""
    one()
    other()
    found = [(one(), other()) for _ in range(rounds)]
    return [a for a, _ in found], [b for _, b in found]


def less(what: str, ours: float, unit: str, bound: float | None = None) -> Figure:
    """A figure of this target, of which less is better."""
    return Figure(target="T4", what=what, ours=ours, unit=unit, good="less", bound=bound)


def measured(port: int, database: Database, cookie: str, size: tuple[int, int, int]) -> None:
    fields, rounds, clicks = size
    address = f"http://127.0.0.1:{port}"
    lon, lat = WEST + side_of(fields) / 2, SOUTH + side_of(fields) / 2
    ours = f"{address}/maps/fields#{ZOOM}/{lat:.5f}/{lon:.5f}"
    with peering(folium_page(database)) as peer_address, browsing(address, cookie) as context:
        first = painted(context, ours, _OURS_PAINTED)
        weights = weighed(context, ours)
        mine, theirs = turns(
            lambda: painted(context, ours, _OURS_PAINTED),
            lambda: painted(context, peer_address, _FOLIUM_PAINTED),
            rounds,
        )
        page = context.new_page()
        page.goto(ours, wait_until="networkidle")
        heap, pan = heap_mb(page), pan_p95_ms(page)
        took, wrong = clicked(page, database, fields, clicks)
    ratios = [a / b for a, b in zip(mine, theirs, strict=True)]
    own, peer = statistics.median(mine), statistics.median(theirs)
    click = statistics.median(took)
    what = f"map of {fields:,} fields"
    lines = (
        less(f"{what}: page", weights.page / 1000, "KB", 30),
        less(f"{what}: kept assets", weights.assets / 1000, "KB", 400),
        less(f"{what}: painted at the first visit of all", first, "s"),
        replace(
            less(f"{what}: painted", own, "s", 1.2),
            peer=f"Folium, {PEER_POLYGONS:,} polygons",
            theirs=peer,
            ratio=statistics.median(ratios),
        ).over(ratios),
        less(f"{what}: heap", heap, "MB", 30),
        less(f"{what}: frame while panning, p95", pan, "ms", 25),
        less(f"{what}: click to whole card, p50", click, "ms", 60),
        less(f"{what}: wrong cards of {clicks} clicks", wrong, "", 0),
    )
    note(*lines)
    for each in lines:
        beside = f" ({each.peer} {each.theirs:.3g}, ratio {each.ratio:.2f})" if each.ratio else ""
        print(f"{each.what}: {each.ours:.4g} {each.unit}{beside}", flush=True)


def main(fields: int, rounds: int, clicks: int) -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        home = Path(name)
        home.chmod(0o755)  # the server's own user must reach its folder when root runs this
        cluster = Cluster(home, durable=False)
        with cluster.running():
            database = Database(cluster.url())
            upgrade(database)
            cookie = fill(database, fields)
            with served(cluster.url(), home) as port:
                measured(port, database, cookie, (fields, rounds, clicks))
            database.close()


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else FIELDS,
        int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS,
        int(sys.argv[3]) if len(sys.argv) > 3 else CLICKS,
    )
