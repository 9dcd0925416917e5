"""Walks for tests: somebody's positions along a line, as batches of a patrol."""

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
from pyproj import Geod

from gis.clock import BEIJING
from gis.postgis import Database
from layers.declaring.people import Actor
from layers.held.policies import acting
from layers.patrols import recording as patrols
from layers.patrols.recording import Batch, Told
from layers.walking import Fix, Rules

GEOD = Geod(ellps="WGS84")
SPEED_MS = 1.4
STEP_S = 5.0
DAYS = 30
LonLat = tuple[float, float]


def hours_ago(hours: float) -> datetime:
    """About so long ago, in order, and an hour before a day of China ends.

    A walk past midnight is one of two days, each with its own metres near the spot where it
    was: tests that expect one day would fail for some minutes of every day.
    """
    at = datetime.now(BEIJING) - timedelta(hours=hours)
    evening = at.replace(hour=22, minute=0, second=0, microsecond=0)
    return at if at < evening else evening + (at - evening) / 2


def digest(*parts: object) -> bytes:
    return hashlib.sha256(repr(parts).encode()).digest()


def fixes(
    line: Sequence[LonLat],
    start: datetime,
    *,
    speed_ms: float = SPEED_MS,
    step_s: float = STEP_S,
    accuracy_m: float = 8.0,
) -> list[Fix]:
    """A position every some seconds along a line that is walked at one speed, its end included."""
    lonlat = np.array(line)
    (lon, lat), (to_lon, to_lat) = lonlat[:-1].T, lonlat[1:].T
    along = np.concatenate([[0.0], np.cumsum(GEOD.inv(lon, lat, to_lon, to_lat)[2])])
    steps = int(along[-1] / (speed_ms * step_s))
    at = np.append(np.arange(steps + 1) * speed_ms * step_s, along[-1])
    lons, lats = (np.interp(at, along, lonlat[:, n]) for n in (0, 1))
    began = start.timestamp()
    return [
        Fix(began + n * step_s, float(lons[n]), float(lats[n]), accuracy_m) for n in range(len(at))
    ]


def began(at: datetime, **more: object) -> Told:
    return Told(started_at=at, digest=digest("start", at, more), **more)  # type: ignore[arg-type]


def batch(seq: int, some: Sequence[Fix], **more: object) -> Batch:
    return Batch(seq=seq, fixes=some, digest=digest(seq, some, more), **more)  # type: ignore[arg-type]


def begin(database: Database, actor: Actor, at: datetime, patrol: UUID | None = None) -> UUID:
    """A patrol that has begun."""
    patrol = patrol or uuid.uuid4()
    with acting(database, actor).begin() as connection:
        patrols.tell(connection, actor, patrol, began(at), days=DAYS)
    return patrol


def send(
    database: Database, actor: Actor, patrol: UUID, part: Batch, rules: Rules | None = None
) -> patrols.Taken:
    with acting(database, actor).begin() as connection:
        return patrols.add(connection, patrol, part, rules or Rules())[0]


def walk(
    database: Database,
    actor: Actor,
    line: Sequence[LonLat],
    at: datetime,
    *,
    size: int = 20,
    order: Sequence[int] | None = None,
    **how: float,
) -> UUID:
    """Walk a line and send its positions in batches, in this order of them."""
    patrol = begin(database, actor, at)
    some = fixes(line, at, **how)
    parts = [batch(n // size + 1, some[n : n + size]) for n in range(0, len(some), size)]
    for n in order or range(len(parts)):
        send(database, actor, patrol, parts[n])
    return patrol
