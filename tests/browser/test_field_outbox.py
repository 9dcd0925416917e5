"""Nothing that is logged is lost or doubled, whatever happens to phone, line and server."""

import base64
import io
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from PIL import ExifTags, Image
from playwright.sync_api import Playwright

from layers.admission.accounts import Account
from tests.browser.bad_line import Line
from tests.browser.field_ordeal import HURRIED, Ordeal, logged
from tests.browser.field_phone import Phone, pages
from tests.browser.field_server import INTRANET, Service, service

pytestmark = [pytest.mark.browser, pytest.mark.fault]

SEED = 20261123
BLOWS = {
    "phone shot": 2,
    "phone shot while it keeps": 2,
    "application shot": 2,
    "PostgreSQL shot": 2,
    "session ended": 1,
    "no network": 1,
}

Switch = Callable[..., Phone]


@pytest.fixture(scope="module")
def served() -> Iterator[Service]:
    """On a disk: what is committed outlives kill -9."""
    home = Path(tempfile.mkdtemp(prefix="gf-outbox-"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    try:
        with service(home, port) as found:
            yield found
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def own_pages() -> dict[str, tuple[str, bytes]]:
    return pages()


@pytest.fixture
def line(served: Service, own_pages: dict[str, tuple[str, bytes]]) -> Iterator[Line]:
    patience_s = HURRIED["recordMs"] / 1000
    with Line(served.port, SEED, own_pages, patience_s=patience_s) as found:
        yield found


@pytest.fixture
def switch_on(
    playwright: Playwright, line: Line, served: Service, tmp_path: Path
) -> Iterator[Switch]:
    """A new phone, whose browser begins with these arguments."""
    with ExitStack() as stack:

        def switch(owner: Account, *arguments: str, address: str | None = None) -> Phone:
            folder = tmp_path / f"phone-{owner.id}"
            cookie = served.cookie(owner)
            phone = Phone(playwright, address or line.address, folder, owner.id, cookie)
            phone.settings, phone.arguments = dict(HURRIED), arguments
            stack.callback(phone.stop)
            phone.start()
            return phone

        yield switch


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """Of each test its own: they share a server, and no two log the same."""
    return random.Random(f"{SEED} {request.node.name}")


def arrived(served: Service, owner: Account) -> int:
    with served.database.read() as connection:
        count = sa.text("SELECT count(*) FROM submissions WHERE account = :account")
        return int(connection.execute(count, {"account": owner.id}).scalar_one())


def test_every_record_arrives_once_and_every_photo_whole(
    switch_on: Switch, line: Line, served: Service, chance: random.Random
) -> None:
    owner = served.inspector()
    ordeal = Ordeal(switch_on(owner), line, served, owner, chance)
    ordeal.run(batches=12, size=5, blows=BLOWS)
    ordeal.verify()
    assert ordeal.blows == {**BLOWS, "nothing": 2}
    assert len(line.happened) > 8, line.happened


def test_plain_http_of_an_intranet_and_two_tabs_send_once(
    switch_on: Switch, line: Line, served: Service, chance: random.Random
) -> None:
    """No crypto.subtle, no randomUUID, no Web Locks there: the fallbacks do."""
    owner = served.inspector()
    port = line.address.rpartition(":")[2]
    resolving = f"--host-resolver-rules=MAP {INTRANET} 127.0.0.1"
    phone = switch_on(owner, resolving, address=f"http://{INTRANET}:{port}")
    lacking = "() => [isSecureContext, navigator.locks, crypto.subtle, crypto.randomUUID]"
    assert phone.ask(lacking) == [False, None, None, None]
    second = replace(phone, page=phone.tab())
    batches = [[logged(chance, photos=1) for _ in range(6)] for _ in range(2)]
    line.happened.clear()
    line.calm = False
    phone.add(*batches[0])
    second.add(*batches[1])
    line.calm = True
    for tab in (phone, second):
        tab.send()
        assert list(tab.settled().values()) == ["received"] * 12
    assert arrived(served, owner) == 12
    assert phone.errors == []


def test_a_full_disk_is_told_and_what_was_kept_stays(
    switch_on: Switch, served: Service, chance: random.Random
) -> None:
    owner = served.inspector()
    phone = switch_on(owner)
    phone.stop()
    phone.quota = 2_000_000
    phone.start()
    assert phone.context
    phone.context.set_offline(True)
    kept, reason = [], None
    while reason is None:
        record = logged(chance, photos=1, side=900)
        reason = phone.try_to_add(record)
        kept += [record] if reason is None else []
        assert len(kept) < 40
    assert reason == "full"
    assert sorted(phone.states()) == sorted(each.uuid for each in kept)
    phone.stop()
    phone.quota = None
    phone.start()
    phone.add(record)
    assert set(phone.settled().values()) == {"received"}
    assert len(phone.states()) == len(kept) + 1 == arrived(served, owner)


def test_two_people_of_one_phone_and_two_phones_of_one_person(
    switch_on: Switch, line: Line, served: Service, chance: random.Random
) -> None:
    first, second = served.inspector(), served.inspector()
    phone = switch_on(first)
    assert phone.context
    phone.context.set_offline(True)
    own, foreign = logged(chance), logged(chance)
    phone.add(own)
    # The other comes in before the first one's record has gone.
    phone.sign_in(served.cookie(second))
    phone.ask("(owner) => void (outbox.owner = owner)", second.id)
    phone.add(foreign)
    phone.context.set_offline(False)
    phone.send()
    while phone.states()[foreign.uuid] != "received":
        time.sleep(0.05)
    assert phone.states()[own.uuid] != "received"
    other = switch_on(second)
    other.add(logged(chance))
    other.settled()
    assert (arrived(served, first), arrived(served, second)) == (0, 2)
    phone.sign_in(served.cookie(first))
    phone.send()
    phone.settled()
    assert (arrived(served, first), arrived(served, second)) == (1, 2)


def test_a_photo_of_the_camera_is_turned_and_made_small_and_keeps_what_the_camera_said(
    switch_on: Switch, served: Service
) -> None:
    owner = served.inspector()
    phone = switch_on(owner)
    prepared = phone.ask(
        """async ([text, options]) => {
          const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
          const file = new File([bytes], "a.jpg", { type: "image/jpeg" });
          const photo = await field.prepare(file, options);
          const sent = { method: "PUT", body: photo.blob };
          const answer = await fetch(`/photos/${photo.sha256}`, sent);
          const { blob, thumbnail, ...told } = photo;
          return { ...told, size: blob.size, small: thumbnail.size, receipt: await answer.json() };
        }""",
        [_camera(), {"longest": 800, "quality": 0.7, "watermark": {"time": "2026-11-23 09:00"}}],
    )
    assert (prepared["width"], prepared["height"]) == (600, 800)
    assert prepared["taken_at"] == "2026-11-23T09:00:00+08:00"
    assert prepared["position"] == pytest.approx({"lon": 101.83, "lat": 36.62})
    receipt = prepared["receipt"]
    assert receipt["sha256"] == prepared["sha256"]
    assert (receipt["width"], receipt["height"]) == (600, 800)
    assert receipt["taken_at"] == prepared["taken_at"]
    kept = served.home / "photos" / receipt["sha256"][:2] / receipt["sha256"]
    with Image.open(kept) as image:
        # What was red on the left is at the top now; the mark darkens the foot.
        red, blue, foot = (image.getpixel(at) for at in ((300, 60), (300, 600), (590, 795)))
    assert min(red[0], blue[2]) > 200
    assert max(red[2], blue[0]) < 60
    assert foot[2] < 150
    assert prepared["small"] < prepared["size"] < 60_000


def _camera() -> str:
    """A picture of 2000 × 1500, red on the left, to be shown turned by a quarter (6)."""
    image = Image.new("RGB", (2000, 1500), (0, 0, 255))
    image.paste((255, 0, 0), (0, 0, 500, 1500))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    at = {ExifTags.Base.DateTimeOriginal: "2026:11:23 09:00:00"}
    exif.get_ifd(ExifTags.IFD.Exif).update({**at, ExifTags.Base.OffsetTimeOriginal: "+08:00"})
    place = {1: "N", 2: (36.0, 37.0, 12.0), 3: "E", 4: (101.0, 49.0, 48.0)}
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(place)
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return base64.b64encode(out.getvalue()).decode()


def test_an_outbox_that_was_taken_out_is_imported_once(
    switch_on: Switch, served: Service, chance: random.Random, tmp_path: Path
) -> None:
    owner = served.inspector()
    phone = switch_on(owner)
    assert phone.context
    sent = logged(chance, photos=2)
    phone.add(sent)
    phone.settled()
    phone.context.set_offline(True)
    late, far = logged(chance, photos=1), replace(logged(chance, photos=1), lonlat=(100.0, 30.0))
    phone.add(late, far)
    file = tmp_path / "发件箱.zip"
    file.write_bytes(phone.take_out())
    done = _import(served, "--outbox", str(file), "--as", owner.login)
    assert done.returncode == 1
    assert "3 条记录：新收 1，已有 1，未收 1；照片 3 张，缺 0 张" in done.stdout
    assert "不在您的辖区内" in done.stderr
    again = _import(served, "--outbox", str(file), "--as", owner.login)
    assert "3 条记录：新收 0，已有 2，未收 1；照片 3 张，缺 0 张" in again.stdout
    assert arrived(served, owner) == 2
    wrong = _import(served, "sites", "--outbox", str(file), "--as", owner.login)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    broken = tmp_path / "broken.zip"
    broken.write_bytes(file.read_bytes()[:-100])
    assert (
        "不是手机导出的发件箱"
        in _import(served, "--outbox", str(broken), "--as", owner.login).stderr
    )
    stranger = _import(served, "--outbox", str(file), "--as", served.inspector().login)
    assert "新收 0，已有 0，未收 3" in stranger.stdout
    # The phone finds the network again: what the file brought is not doubled.
    phone.context.set_offline(False)
    phone.send()
    assert phone.settled() == {sent.uuid: "received", late.uuid: "received", far.uuid: "refused"}
    assert arrived(served, owner) == 2


def _import(served: Service, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "GRIDFIELD_HOME": str(served.home), "GRIDFIELD_LANG": "zh"}
    return subprocess.run(
        [sys.executable, "-c", "from api.cli import main; main()", "import", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
        check=False,
    )
