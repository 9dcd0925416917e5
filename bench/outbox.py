"""Nothing logged is lost or doubled: 2,000 records on a bad line, with everybody shot meanwhile.

Run: python -m bench.outbox [records] [seed]. A real Chromium logs sites with one or two photographs
each, over a line that drops, cuts, delays and doubles every second request, to a real server on a
durable PostgreSQL; phone, application and PostgreSQL are killed by -9 again and again, the session
ends, the network goes. At the end every record is on the server once and every photograph whole, or
this ends with an error. What happened follows from the seed, but for how far each had come.
"""

import random
import shutil
import socket
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench.figures import Figure, note
from tests.browser.bad_line import Line
from tests.browser.field_ordeal import HURRIED, Ordeal
from tests.browser.field_phone import Phone, pages
from tests.browser.field_server import service

SIZE, SIDE = 20, 160  # records of a batch; pixels of a photograph, which then has about 20 KB
# How many of a hundred batches end with what.
BLOWS = {
    "phone shot": 12,
    "phone shot while it keeps": 12,
    "application shot": 10,
    "PostgreSQL shot": 10,
    "session ended": 8,
    "no network": 8,
}
PATIENCE_S = 3600


def main(records: int, seed: int) -> None:
    batches = max(1, records // SIZE)
    blows = {name: max(1, round(times * batches / 100)) for name, times in BLOWS.items()}
    home, folder = (Path(tempfile.mkdtemp(prefix=f"gf-bench-{n}-")) for n in ("server", "phone"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    begun = time.monotonic()

    def say(what: str) -> None:
        print(f"{time.monotonic() - begun:7.1f} s  {what}", flush=True)

    try:
        with (
            sync_playwright() as playwright,
            service(home, port) as served,
            Line(port, seed, pages(), patience_s=HURRIED["recordMs"] / 1000) as line,
        ):
            owner = served.inspector()
            cookie = served.cookie(owner)
            phone = Phone(playwright, line.address, folder, owner.id, cookie, dict(HURRIED))
            phone.start()
            chance = random.Random(seed)  # noqa: S311  the same each time is what is wanted
            ordeal = Ordeal(phone, line, served, owner, chance, side=SIDE, say=say)
            ordeal.run(batches, SIZE, blows)
            say("nothing more befalls them; the line stays as it is")
            ordeal.verify(patience_s=PATIENCE_S)
            say("verified")
            phone.stop()
            _tell(ordeal, time.monotonic() - begun)
    finally:
        shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def _tell(ordeal: Ordeal, seconds: float) -> None:
    photos = sum(len(record.photos) for record in ordeal.records)
    size = sum(len(photo) for record in ordeal.records for photo in record.photos)
    print(f"\n{len(ordeal.records)} records and {photos} photographs ({size / 1e6:.1f} MB)")
    print(f"each record once, each photograph whole, nothing lost; {seconds:.0f} s\n")
    lost = f"lost or doubled of {len(ordeal.records)} records on a bad line"
    # Anything but none has ended this before.
    note(Figure(target="–", what=lost, ours=0, unit="records", good="less", bound=0))
    # That the server was away befalls a request beside what the line does to it.
    requests = sum(ordeal.line.happened.values()) - ordeal.line.happened["server away"]
    for what, times in ordeal.line.happened.most_common():
        print(f"{times:7} {times / requests:6.1%}  {what}")
    print()
    for what, times in ordeal.blows.most_common():
        print(f"{times:7}         {what}")


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    main(*(given + [2_000, 20261123][len(given) :]))
