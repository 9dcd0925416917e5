"""Responsibility segments: the streets cut at their crossings."""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import shapely
from shapely import LineString, Point
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from linjiaya import fabric, network, plan
from linjiaya.duties import LIAISON_LEADERS
from linjiaya.fields import fields, town
from linjiaya.network import Street
from linjiaya.plan import RoadClass

RANK: dict[RoadClass, int] = {"main": 0, "secondary": 1, "branch": 2, "lane": 3}
SHORTEST_M = 110.0
UNCOVERED = 6


@dataclass(frozen=True)
class Segment:
    """One stretch of a street between two places."""

    street: Street
    from_place: str
    to_place: str
    line: LineString
    liaison_leader: str | None


@cache
def segments() -> tuple[Segment, ...]:
    """All segments in the order of the plan; a few have no liaison leader."""
    named = [s for s in network.streets() if s.inside and s.name]
    stretches = [(s, *stretch) for s in named for stretch in _stretches(s, named)]
    minor = [i for i, (s, *_) in enumerate(stretches) if s.road_class != "main"]
    rng = np.random.default_rng([plan.SEED, 1])
    uncovered = set(rng.choice(minor, UNCOVERED, replace=False).tolist())
    return tuple(
        Segment(s, start, end, line, None if i in uncovered else _leader(line))
        for i, (s, start, end, line) in enumerate(stretches)
    )


def _leader(line: LineString) -> str:
    """The section-level leader of the community nearest to the middle of the line."""
    middle = line.interpolate(0.5, normalized=True)
    nearest = min(fields(), key=lambda f: (f.shape.distance(middle), f.code))
    return LIAISON_LEADERS[nearest.seed.division]


def _stretches(street: Street, named: list[Street]) -> list[tuple[str, str, LineString]]:
    """The street's stretches in the town, each from crossing to crossing."""
    cuts = _spaced(_crossings(street, named))
    found = []
    for (a, start), (b, end) in pairwise(cuts):
        line = network.one_line(substring(street.line, a, b))
        if line.interpolate(0.5, normalized=True).distance(town()) < 1.0:
            found.append((start, end, line))
    return found


def _crossings(street: Street, named: list[Street]) -> list[tuple[float, str, int]]:
    """Where the street meets others: distance along it, place, rank."""
    cuts = _limits(street)
    # Broad streets are told by broad crossings, a branch or a lane by whatever it meets.
    highest = RANK["secondary"] if street.road_class in fabric.BROAD else RANK["lane"]
    for other in named:
        if other is not street and RANK[other.road_class] <= highest:
            met = _parts(street.line.intersection(other.line.buffer(0.3)))
            place, rank = f"{other.name}口", RANK[other.road_class]
            cuts += [(street.line.project(part.centroid), place, rank) for part in met]
    return cuts


def _limits(street: Street) -> list[tuple[float, str, int]]:
    """Where the street begins and ends in the town, which counts where no crossing is near."""
    reach = shapely.line_merge(street.line.intersection(town().buffer(1.0)))
    ends = [Point(part.coords[i]) for part in _parts(reach) for i in (0, -1)]
    return [(street.line.project(e), "山根" if e.y > 350 else "河岸", 9) for e in ends]


def _parts(shape: BaseGeometry) -> list[LineString]:
    return [part for part in shapely.get_parts(shape) if not part.is_empty]


def _spaced(cuts: list[tuple[float, str, int]]) -> list[tuple[float, str]]:
    """The cuts without those too near to one of a higher rank."""
    kept: list[tuple[float, str, int]] = []
    for cut in sorted(cuts, key=lambda c: (c[2], c[0])):
        if all(abs(cut[0] - other[0]) >= SHORTEST_M for other in kept):
            kept.append(cut)
    return [(at, place) for at, place, _ in sorted(kept)]
