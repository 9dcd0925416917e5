"""The topology check (T11): seconds, peak memory and growth, against overlaying all pairs.

Run: python -m bench.coverage [largest]. An exact partition around Xining of irregular polygons of
20 vertices, with one planted fault in a thousand polygons, a gap or an overlap of known area; all
must be found, and nothing else. Each size has a process of its own; medians; the peer is run once.
The peer is what one would write with shapely alone: every pair that meets is intersected, and the
holes of the union of all are the gaps.
"""

import math
import resource
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from bench.figures import Figure, note
from gis.coverage import check
from gis.geometry import Geometries
from gis.measure import areas_m2, drawn_areas_m2

Floats = npt.NDArray[np.float64]

SEED = 20170721
REPEATS = 3
MIDDLES = 4  # vertices between two corners
CELL_DEG = 0.001
METRE_DEG = 1 / 111_320


class Plan(NamedTuple):
    polygons: Geometries
    frame: shapely.Polygon
    planted_m2: list[float]


class Result(NamedTuple):
    times: list[float]
    peer_seconds: float
    areas_seconds: float
    peak_mb: float
    before_mb: float

    @property
    def seconds(self) -> float:
        return statistics.median(self.times)


def rings(count: int, random: np.random.Generator) -> Floats:
    """The rings of an exact partition into count cells or a few less, shape (n, 20, 2)."""
    side = math.isqrt(count)
    columns, rows = np.meshgrid(np.arange(side + 1), np.arange(side + 1))
    corner = np.stack([columns, rows], axis=-1) + random.uniform(
        -0.25, 0.25, (side + 1, side + 1, 2)
    )
    across = winding(corner[:, :-1], corner[:, 1:], random)
    along = winding(corner[:-1], corner[1:], random)
    back_across = backwards(across, corner[:, 1:])
    back_along = backwards(along, corner[1:])
    parts = [across[:-1], along[:, 1:], back_across[1:], back_along[:, :-1]]
    plan = np.concatenate(parts, axis=2).reshape(side * side, -1, 2)
    return np.round(plan * CELL_DEG + (101.8, 36.6), 7)


def winding(start: Floats, end: Floats, random: np.random.Generator) -> Floats:
    """The start of each line and points on the way, off the straight line."""
    share = np.arange(MIDDLES + 1)[:, None] / (MIDDLES + 1)
    points = start[..., None, :] * (1 - share) + end[..., None, :] * share
    points[..., 1:, :] += random.uniform(-0.03, 0.03, points[..., 1:, :].shape)
    return points


def backwards(lines: Floats, end: Floats) -> Floats:
    return np.concatenate([end[..., None, :], lines[..., :0:-1, :]], axis=-2)


def plan(count: int) -> Plan:
    """Moves one vertex of one polygon in a thousand, in the middle of its southern border."""
    random = np.random.default_rng(SEED)
    ring = rings(count, random)
    frame = shapely.coverage_union_all(shapely.polygons(ring))
    inner = np.arange(math.isqrt(count), len(ring))
    chosen = random.choice(inner, len(ring) // 1000, replace=False)
    before = ring[chosen, 2].copy()
    ring[chosen, 2, 1] += random.choice([-5, 5], len(chosen)) * METRE_DEG
    corners = [ring[chosen, 1], before, ring[chosen, 3], ring[chosen, 2]]
    ground = shapely.polygons(np.stack(corners, axis=1))
    return Plan(shapely.polygons(ring), frame, sorted(drawn_areas_m2(ground)))


def all_pairs(polygons: Geometries) -> tuple[Floats, Floats]:
    """Areas of all overlaps and gaps, without the check."""
    one, other = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    once = one < other
    overlaps = areas_m2(shapely.intersection(polygons[one[once]], polygons[other[once]]))
    union = shapely.union_all(polygons)
    solid = shapely.union_all(shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(union))))
    gaps = areas_m2(shapely.get_parts(shapely.difference(solid, union)))
    return overlaps[overlaps > 0.5], gaps[gaps > 0.5]


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(count: int) -> Result:
    polygons, frame, planted_m2 = plan(count)
    before_mb, times = peak_mb(), []
    for _ in range(REPEATS):
        start = time.perf_counter()
        faults = check(polygons, within=frame)
        times.append(time.perf_counter() - start)
    ours_mb = peak_mb()
    np.testing.assert_allclose(sorted(fault.area_m2 for fault in faults), planted_m2, rtol=0.01)
    start = time.perf_counter()
    all_pairs(polygons)
    peer = time.perf_counter() - start
    start = time.perf_counter()
    areas_m2(polygons)
    areas = time.perf_counter() - start
    return Result(times, peer, areas, ours_mb, before_mb)


def main(largest: int) -> None:
    counts = [largest // 10, largest]
    results = []
    for count in counts:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            result = process.submit(measured, count).result()
        results.append(result)
        print(
            f"{count:8,} polygons: {result.seconds:.2f} s, peak {result.peak_mb:.0f} MB "
            f"({result.before_mb:.0f} MB before), geodesic areas {result.areas_seconds:.2f} s; "
            f"all pairs {result.peer_seconds:.2f} s: {result.peer_seconds / result.seconds:.1f}×"
        )
    growth = math.log10(results[1].seconds / results[0].seconds)
    print(f"growth exponent {growth:.2f}")
    tell(f"{largest:,} fields checked", results[1], growth)


def tell(what: str, found: Result, growth: float) -> None:
    """The figures of the largest size (T11)."""
    own = Figure(target="T11", what=what, ours=found.seconds, unit="s", good="less", bound=4)
    own = replace(own, peak_mb=found.peak_mb, growth=growth).over(found.times)
    theirs, peak = found.peer_seconds, f"{what}: peak memory"
    ratio = Figure(
        target="T11", what=what, ours=found.seconds, unit="s", peer="all pairs", theirs=theirs
    )
    note(
        own,
        replace(ratio, ratio=theirs / found.seconds),
        replace(own, what=peak, ours=found.peak_mb, unit="MB", bound=1024).over([found.peak_mb]),
        replace(own, what=f"{what}: growth", ours=growth, unit="", bound=1.1).over([growth]),
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
