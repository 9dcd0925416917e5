"""What the positions of a phone say of a way: where somebody walked, rode, or was out of sight.

Positions are longitudes and latitudes of WGS 84 in the order in which the phone took them; `at` is
in seconds since 1970 by the server's clock. Nothing here knows who it was.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from pyproj import Geod

_GEOD = Geod(ellps="WGS84")
# Closer together the noise of the positions would pass for speed.
CLOSE_S = 4.0
# By how much two positions in a row may be wrong against one another.
_NOISE_M = 10.0
# How far a clock that has been put right may still be off.
_CLOCK_S = 300.0
LONGEST_S = 24 * 3600.0
"""How long a patrol lasts at most: what is taken later has been forgotten in a pocket."""


class Kind(StrEnum):
    """How somebody came from one position to the next; only what was walked counts."""

    WALKED = "walked"
    RIDDEN = "ridden"
    GAP = "gap"


class Fault(StrEnum):
    """Why a position is left out."""

    INACCURATE = "inaccurate"
    CLOCK = "clock"
    CLOSE = "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is taken for a walk: positions as accurate as this, no further apart than `gap_s` and
    `gap_m`, and no quicker than a bicycle."""

    accuracy_m: float = 30.0
    gap_s: float = 120.0
    gap_m: float = 200.0
    speed_kmh: float = 20.0


@dataclass(frozen=True, slots=True)
class Fix:
    """One position."""

    at: float
    lon: float
    lat: float
    accuracy_m: float


@dataclass(frozen=True, slots=True)
class Leg:
    """The way from one position to the next."""

    since: Fix
    until: Fix
    kind: Kind
    metres: float


def faults(fixes: Sequence[Fix], rules: Rules, began: float, now: float) -> list[Fault | None]:
    """For each position of a batch why it is left out; None for what is kept.

    `began` is when the patrol did, `now` the time at which the batch came.
    """
    found: list[Fault | None] = []
    first, last = began - _CLOCK_S, min(now + _CLOCK_S, began + LONGEST_S)
    kept: Fix | None = None
    for fix in fixes:
        fault = _fault(fix, kept, rules, within=first <= fix.at <= last)
        kept = fix if fault is None else kept
        found.append(fault)
    return found


def _fault(fix: Fix, kept: Fix | None, rules: Rules, *, within: bool) -> Fault | None:
    if not within:
        return Fault.CLOCK
    if fix.accuracy_m > rules.accuracy_m:
        return Fault.INACCURATE
    # A clock that was set back is no position too many: it begins anew.
    close = kept is not None and 0 <= fix.at - kept.at < CLOSE_S
    return Fault.CLOSE if close else None


def legs(fixes: Sequence[Fix], rules: Rules, broken: Sequence[int] = ()) -> Iterator[Leg]:
    """The ways between these positions; before those at the places `broken` nobody looked."""
    apart = _metres(fixes)
    for n, (since, until) in enumerate(pairwise(fixes)):
        kind = Kind.GAP if n + 1 in broken else _kind(since, until, apart[n], rules)
        yield Leg(since, until, kind, apart[n])


def _kind(since: Fix, until: Fix, metres: float, rules: Rules) -> Kind:
    seconds = until.at - since.at
    if not 0 < seconds <= rules.gap_s or metres > rules.gap_m:
        return Kind.GAP
    quick = metres > rules.speed_kmh / 3.6 * seconds + _NOISE_M
    return Kind.RIDDEN if quick else Kind.WALKED


def _metres(fixes: Sequence[Fix]) -> list[float]:
    """How far it is from each to the next, on the ellipsoid."""
    if len(fixes) < 2:
        return []
    lonlat = np.array([(fix.lon, fix.lat) for fix in fixes])
    (lon, lat), (to_lon, to_lat) = lonlat[:-1].T, lonlat[1:].T
    *_, metres = _GEOD.inv(lon, lat, to_lon, to_lat)
    return [float(each) for each in metres]
