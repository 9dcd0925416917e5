"""Everything that befalls a phone, a line and a server in a bad week, in a few seconds; seeded.

At the end every record that was logged is on the server once, and every photo whole.
"""

import hashlib
import json
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache

import shapely
import sqlalchemy as sa
from playwright.sync_api import Error

from layers.admission import sessions
from layers.admission.accounts import Account
from layers.declaring import matters
from tests.browser.bad_line import Line
from tests.browser.conftest import DEMO
from tests.browser.field_phone import Logged, Phone, photo
from tests.browser.field_server import COMMUNITY, Service

# How many batches may wait when the next blow comes: enough that it meets them on their way.
BACKLOG = 2
# So that seconds show what takes minutes on the street.
HURRIED = {"recordMs": 1500, "firstMs": 40}
_ARRIVED = sa.text("""
SELECT s.uuid::text, s.layer, s.feature, encode(s.sha256, 'hex') AS sha256, s.body,
  (SELECT array_agg(l.sha256 ORDER BY l.ordinal) FROM photo_links l
   WHERE l.layer = s.layer AND l.feature = s.feature) AS photos,
  (SELECT bool_and(l.held) FROM photo_links l
   WHERE l.layer = s.layer AND l.feature = s.feature) AS held
FROM submissions s WHERE s.account = :account""")
_SITES = sa.text("SELECT count(*) FROM sites")
_SUBMITTED = sa.text("SELECT count(*), count(DISTINCT feature) FROM submissions")


@cache
def spots() -> tuple[tuple[float, float], ...]:
    """A point in every field of the community."""
    collection = json.loads((DEMO / "grid_fields.geojson").read_text())
    own = [f for f in collection["features"] if f["properties"]["code"].startswith(COMMUNITY)]
    points = [shapely.geometry.shape(f["geometry"]).representative_point() for f in own]
    return tuple((round(point.x, 7), round(point.y, 7)) for point in points)


def logged(chance: random.Random, *, photos: int | None = None, side: int = 24) -> Logged:
    """A site as an inspector might log it."""
    count = chance.choice((1, 1, 2)) if photos is None else photos
    name = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    matter = chance.choice(matters.choices()).value
    properties = {"matter": matter, "note": f"门前堆放杂物 {name[:8]}"}
    pictures = tuple(photo(chance, side) for _ in range(count))
    return Logged(name, "sites", properties, chance.choice(spots()), pictures)


@dataclass
class Ordeal:
    """What befalls whom; `say` is told of every blow."""

    phone: Phone
    line: Line
    service: Service
    account: Account
    chance: random.Random
    side: int = 24
    say: Callable[[str], None] = lambda _: None
    records: list[Logged] = field(default_factory=list)
    blows: Counter[str] = field(default_factory=Counter)

    def run(self, batches: int, size: int, blows: Mapping[str, int]) -> None:
        """Log in batches; after each comes a blow, in an order that the seed decides."""
        order = [name for name, times in blows.items() for _ in range(times)]
        order += ["nothing"] * (batches - len(order))
        self.chance.shuffle(order)
        self.line.calm = False
        for name in order[:batches]:
            batch = [logged(self.chance, side=self.side) for _ in range(size)]
            self.log(batch, shot=name == "phone shot while it keeps")
            self._strike(name)
            self.phone.settled(but=BACKLOG * size, patience_s=600)

    def log(self, batch: Sequence[Logged], *, shot: bool = False) -> None:
        """Keep a batch; the phone may end in the middle, and whoever holds it goes on then."""
        if shot:
            threading.Timer(self.chance.uniform(0.001, 0.06), self.phone.kill).start()
            with suppress(Error):
                self.phone.add(*batch)
            time.sleep(0.1)
            self.phone.shoot()
            self.phone.start()
        # Once more is as good as once: what the phone has it keeps.
        self.phone.add(*batch)
        self.records.extend(batch)

    def _strike(self, name: str) -> None:
        self.blows[name] += 1
        self.say(name)
        time.sleep(self.chance.uniform(0, 0.4))
        match name:
            case "phone shot":
                self.phone.shoot()
                self.phone.start()
            case "application shot":
                self.service.shoot()
                time.sleep(self.chance.uniform(0, 0.5))
                self.service.start()
                self.phone.send()
            case "PostgreSQL shot":
                self.service.shoot_database()
                self.phone.send()
            case "session ended":
                self._session_ends()
            case "no network":
                self._no_network()

    def _session_ends(self) -> None:
        with self.service.database.begin() as connection:
            sessions.revoke_all(connection, self.account.id)
        self.phone.send()
        time.sleep(self.chance.uniform(0.1, 0.4))
        self.phone.sign_in(self.service.cookie(self.account))
        self.phone.send()

    def _no_network(self) -> None:
        assert self.phone.context
        self.phone.context.set_offline(True)
        self.phone.send()
        time.sleep(self.chance.uniform(0.1, 0.4))
        self.phone.context.set_offline(False)

    # --- what has to hold at the end --------------------------------------------------------------
    def verify(self, *, patience_s: float = 90) -> None:
        """The line stays as bad as it was until the last photograph has arrived."""
        self.phone.send()
        states = self.phone.settled(patience_s=patience_s)
        assert states == {record.uuid: "received" for record in self.records}
        assert self.phone.errors == []
        with self.service.database.read() as connection:
            rows = connection.execute(_ARRIVED, {"account": self.account.id}).all()
            sites = connection.scalar(_SITES)
            assert connection.execute(_SUBMITTED).one() == (sites, sites)
        arrived = {row.uuid: row for row in rows}
        assert sorted(row.uuid for row in rows) == sorted(states)
        assert len(rows) == len(self.records)
        for record in self.records:
            row = arrived[record.uuid]
            content = bytes(row.body)
            assert hashlib.sha256(content).hexdigest() == row.sha256
            assert json.loads(content)["properties"] == record.properties
            assert row.photos == record.hashes
            assert row.held
            self._whole(record)

    def _whole(self, record: Logged) -> None:
        for sha256, content in zip(record.hashes, record.photos, strict=True):
            path = self.service.home / "photos" / sha256[:2] / sha256
            assert path.read_bytes() == content
