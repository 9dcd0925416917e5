"""A fabric of buildings: frontages, rows of slabs, towers, halls, farmhouses, institutions."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, MultiLineString, Polygon, affinity
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from linjiaya import network
from linjiaya.network import pieces

Rng = np.random.Generator


@dataclass(frozen=True)
class Building:
    """A footprint in metres."""

    shape: Polygon
    storeys: int
    dwelling: bool = False


@dataclass(frozen=True)
class Row:
    """Measures of parallel rows: depth, distance between rows, lengths and gaps in metres."""

    depth: tuple[float, float]
    space: tuple[float, float]
    length: tuple[float, float]
    gap: tuple[float, float]


SLABS = Row(depth=(11.5, 13.5), space=(19, 25), length=(38, 66), gap=(9, 14))
TOWERS = Row(depth=(19, 23), space=(34, 46), length=(22, 30), gap=(22, 36))
HALLS = Row(depth=(24, 38), space=(16, 24), length=(52, 105), gap=(14, 22))
FARMS = Row(depth=(9.5, 12.5), space=(3.5, 6.5), length=(10, 15.5), gap=(2.0, 4.5))
STALLS = Row(depth=(17, 19), space=(10, 12), length=(85, 120), gap=(12, 14))


def south_facing(plot: Polygon) -> float:
    """The plot's direction nearest to east-west in degrees, at most 24 from it."""
    a, b = shapely.get_coordinates(plot.minimum_rotated_rectangle)[:2]
    angle = float(np.degrees(np.arctan2(*(b - a)[::-1])))
    nearest = (angle + 45) % 90 - 45
    return float(np.clip(nearest, -24, 24))


def along(plot: Polygon) -> float:
    """The direction of the plot's longer side in degrees."""
    a, b, c = shapely.get_coordinates(plot.minimum_rotated_rectangle)[:3]
    side = max(b - a, c - b, key=lambda v: float(np.hypot(*v)))
    return float(np.degrees(np.arctan2(side[1], side[0])))


def rows(plot: Polygon, angle: float, row: Row, rng: Rng) -> list[Polygon]:
    """Rectangles in parallel rows, each wholly within the plot."""
    pivot = plot.centroid
    level = affinity.rotate(plot, -angle, origin=pivot)
    west, y, east, north = level.bounds
    found: list[Polygon] = []
    y += rng.uniform(0, row.space[0] * 0.3)
    while y + row.depth[0] < north:
        depth = rng.uniform(*row.depth)
        for start, end in _inner(level, (west, east), (y, y + depth)):
            found += [shapely.box(a, y, b, y + depth) for a, b in _lengths(start, end, row, rng)]
        y += depth + rng.uniform(*row.space)
    shapely.prepare(level)
    fitting = [b for b in found if level.covers(b)]
    return [affinity.rotate(b, angle, origin=pivot) for b in fitting]


def _inner(
    level: Polygon, x: tuple[float, float], y: tuple[float, float]
) -> list[tuple[float, float]]:
    """The stretches in which both long sides of a row lie within the plot."""
    sides = [_stretches(level, LineString([(x[0], at), (x[1], at)])) for at in y]
    both = sides[0].intersection(sides[1])
    return [(p.bounds[0] + 0.3, p.bounds[2] - 0.3) for p in shapely.get_parts(both) if p.length > 1]


def _stretches(level: Polygon, line: LineString) -> BaseGeometry:
    inside = shapely.get_parts(level.intersection(line))
    flat = [LineString([(p.bounds[0], 0), (p.bounds[2], 0)]) for p in inside if p.length > 1]
    return shapely.union_all(flat)


def _lengths(start: float, end: float, row: Row, rng: Rng) -> list[tuple[float, float]]:
    """A row's stretch shared out evenly."""
    gap, wished = rng.uniform(*row.gap), rng.uniform(*row.length)
    room = end - start
    count = max(1, round((room + gap) / (wished + gap)))
    length = (room - (count - 1) * gap) / count
    if length < row.length[0] * 0.72:
        return []
    length = min(length, row.length[1])
    step = (room - length) / (count - 1) if count > 1 else 0.0
    return [(start + i * step, start + i * step + length) for i in range(count)]


def stepped(slab: Polygon, rng: Rng) -> Polygon:
    """The slab with its halves set off against each other, as builders do on long ones."""
    a, b, c, d = shapely.get_coordinates(slab)[:4]
    if np.hypot(*(b - a)) < np.hypot(*(c - b)):
        a, b, c, d = b, c, d, a
    shift, cut = (c - b) * rng.uniform(0.16, 0.26), (b - a) * rng.uniform(0.4, 0.6)
    ring = [a, a + cut, a + cut + shift, b + shift, c, d + cut, d + cut - shift, d - shift]
    return Polygon(ring)


def farmhouse(lot: Polygon, rng: Rng) -> Polygon:
    """A rectangle, an L or a U open to one side, a little askew."""
    a, b, c, d = shapely.get_coordinates(lot)[:4]
    kind = rng.random()
    u, v = b - a, d - a
    if kind < 0.42:
        shape = Polygon([a + 0.2 * v, b + 0.2 * v, c, d])
    elif kind < 0.74:
        shape = Polygon([a, a + 0.42 * u, a + 0.42 * u + 0.5 * v, b + 0.5 * v, c, d])
    else:
        shape = Polygon([a, a + 0.3 * u, a + 0.3 * u + 0.52 * v, a + 0.7 * u + 0.52 * v,
                         a + 0.7 * u, b, c, d])  # fmt: skip
    turned = affinity.rotate(shape, rng.choice([0, 0, 180]) + rng.normal(0, 1.6), origin="centroid")
    return affinity.scale(turned, *rng.uniform(0.9, 1.0, 2))


def frontage(plot: Polygon, broad: BaseGeometry, rng: Rng) -> list[Polygon]:
    """Buildings in line along the sides of a plot that face broad streets."""
    front = plot.exterior.intersection(broad)
    lines = [x for x in shapely.get_parts(front) if isinstance(x, LineString) and x.length > 1]
    merged = shapely.line_merge(MultiLineString(lines))
    found: list[Polygon] = []
    for line in shapely.get_parts(merged):
        at = rng.uniform(4, 18)
        while at + 24 < line.length:
            length, depth = rng.uniform(26, 58), rng.uniform(10.5, 14.5)
            stretch = network.one_line(substring(line, at, min(at + length, line.length - 3)))
            found += pieces(_inward(stretch, depth).intersection(plot))
            at += length + rng.uniform(5, 13) + (rng.random() < 0.16) * rng.uniform(20, 50)
    whole = [p for p in found if p.area > 150 and len(p.interiors) == 0]
    return [p for shape in whole for p in pieces(shape.simplify(0.4))]


def _inward(stretch: LineString, depth: float) -> Polygon:
    return stretch.simplify(0.4).buffer(depth, cap_style="flat", join_style="mitre")


def boxes(plot: Polygon, angle: float, *parts: tuple[float, float, float, float]) -> Polygon:
    """One footprint from rectangles (west, south, east, north) round the plot's middle."""
    (shape,) = pieces(shapely.union_all([shapely.box(*part) for part in parts]))
    middle = shapely.maximum_inscribed_circle(plot, tolerance=1.0).coords[0]
    turned = affinity.rotate(shape, angle, origin=(0, 0))
    return affinity.translate(turned, *middle)


def thinned(shapes: list[Polygon], share: float, rng: Rng) -> list[Polygon]:
    """The shapes without a random share of them."""
    return [s for s in shapes if rng.random() >= share]


def apart(buildings: list[Building], ground: Polygon, distance_m: float) -> list[Building]:
    """The buildings that lie on the ground and keep their distance from those before them."""
    ground = ground.buffer(0.5)
    shapely.prepare(ground)
    kept: list[Building] = []
    for b in buildings:
        alone = all(b.shape.distance(k.shape) >= distance_m for k in kept)
        if alone and b.shape.is_valid and b.shape.area > 40 and ground.covers(b.shape):
            kept.append(b)
    return kept


def water_margin() -> BaseGeometry:
    """The waters with their unbuilt banks."""
    return shapely.union_all(
        [network.river().surface.buffer(46), network.stream().surface.buffer(6)]
    )
