"""GCJ-02 and BD-09 (T13): million points a second, both ways, against what one would use instead.

Run: python -m bench.datum [points]. Seconds of one core (process time, so that busy neighbours
count less); medians; only ratios within one run count.
Peers: prcoords, point by point, and its "bored" inverse; a plain NumPy version, formula as printed,
whole arrays at once, with six fixed-point rounds backward, no check.
"""

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import prcoords

from bench.figures import Figure, note
from gis.datum import Datum, convert

Floats = npt.NDArray[np.float64]
Points = tuple[Floats, Floats]
Conversion = Callable[[Floats, Floats], Points]

REPEATS = 7
UNIT = "M points/s"
# The targets of T13.
BOUNDS = {(Datum.WGS84, Datum.GCJ02): 4.0, (Datum.GCJ02, Datum.WGS84): 1.0}
PEER_SHARE = 50  # a point-by-point peer gets this part of the points


def naive_gcj02(lon: Floats, lat: Floats) -> Points:
    x, y, pi, sin = lon - 105, lat - 35, np.pi, np.sin
    s = 2 / 3 * (20 * sin(6 * pi * x) + 20 * sin(2 * pi * x))
    dlat = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + s
    dlat += 2 / 3 * (20 * sin(pi * y) + 40 * sin(pi * y / 3))
    dlat += 2 / 3 * (160 * sin(pi * y / 12) + 320 * sin(pi * y / 30))
    dlon = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + s
    dlon += 2 / 3 * (20 * sin(pi * x) + 40 * sin(pi * x / 3))
    dlon += 2 / 3 * (150 * sin(pi * x / 12) + 300 * sin(pi * x / 30))
    phi = np.radians(lat)
    m = 1 - 0.006693421622965943 * sin(phi) ** 2
    a, b = 6378245.0, 6378245.0 * (1 - 0.006693421622965943)
    east = 180 * dlon / (pi * a * np.cos(phi) / np.sqrt(m))
    return lon + east, lat + 180 * dlat / (pi * b / m**1.5)


def naive_wgs84(lon: Floats, lat: Floats) -> Points:
    guess_lon, guess_lat = lon, lat
    for _ in range(6):
        there_lon, there_lat = naive_gcj02(guess_lon, guess_lat)
        guess_lon, guess_lat = guess_lon - (there_lon - lon), guess_lat - (there_lat - lat)
    return guess_lon, guess_lat


def ours(source: Datum, target: Datum) -> Conversion:
    return lambda lon, lat: convert(lon, lat, source, target)


def point_by_point(function: Callable[[tuple[float, float]], tuple[float, float]]) -> Conversion:
    def whole(lon: Floats, lat: Floats) -> Points:
        found = [function(point) for point in zip(lat.tolist(), lon.tolist(), strict=True)]
        new_lat, new_lon = np.transpose(found)
        return new_lon, new_lat

    return whole


def millions_a_second(conversion: Conversion, points: Points) -> list[float]:
    """In each round."""
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        conversion(*points)
        times.append(time.process_time() - start)
    return [points[0].size / each / 1e6 for each in times]


def report(source: Datum, target: Datum, points: Points, peers: dict[str, Conversion]) -> None:
    rates = millions_a_second(ours(source, target), points)
    own, what = statistics.median(rates), f"{source} → {target}, one core"
    bound = BOUNDS.get((source, target))
    note(Figure(target="T13", what=what, ours=own, unit=UNIT, bound=bound).over(rates))
    print(f"{source} → {target}: {own:6.2f} M points/s")
    for name, peer in peers.items():
        share = PEER_SHARE if name == "prcoords" else 1
        sample = points[0][::share], points[1][::share]
        theirs = statistics.median(millions_a_second(peer, sample))
        figure = Figure(target="T13", what=what, ours=own, unit=UNIT, peer=name, theirs=theirs)
        note(replace(figure, ratio=own / theirs, runs=REPEATS))
        print(f"    {name:14}{theirs:8.3f} M points/s, ours {own / theirs:6.1f}×")


def worst_round_trip_m(points: Points, there: Datum) -> float:
    away = convert(*points, Datum.WGS84, there)
    back = convert(*away, there, Datum.WGS84)
    return float(max(np.abs(back[0] - points[0]).max(), np.abs(back[1] - points[1]).max()) * 111320)


def main(count: int) -> None:
    wgs84, gcj02, bd09 = Datum
    rng = np.random.default_rng(20170721)
    points = rng.uniform(73.5, 135.1, count), rng.uniform(3.4, 53.6, count)
    in_gcj02, in_bd09 = convert(*points, wgs84, gcj02), convert(*points, wgs84, bd09)
    print(f"{count:,} points over China, medians of {REPEATS}")
    there = {"plain NumPy": naive_gcj02, "prcoords": point_by_point(prcoords.wgs_gcj)}
    back = {"plain NumPy": naive_wgs84, "prcoords": point_by_point(prcoords.gcj_wgs_bored)}
    report(wgs84, gcj02, points, there)
    report(gcj02, wgs84, in_gcj02, back)
    report(gcj02, bd09, in_gcj02, {"prcoords": point_by_point(prcoords.gcj_bd)})
    report(bd09, gcj02, in_bd09, {"prcoords": point_by_point(prcoords.bd_gcj_bored)})
    report(wgs84, bd09, points, {"prcoords": point_by_point(prcoords.wgs_bd)})
    report(bd09, wgs84, in_bd09, {"prcoords": point_by_point(prcoords.bd_wgs_bored)})
    for name in (gcj02, bd09):
        print(
            f"{wgs84} → {name} → {wgs84}: off by {worst_round_trip_m(points, name):.1e} m at most"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
