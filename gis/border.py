"""Which polygons a piece of left-over ground borders on, and how to divide it among many."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gis.geometry import Geometries
from gis.measure import Floats, Indices, lengths_m, metres_per_degree
from gis.region import Flags

# 0.1 mm: an overlay places a new node within about 1e-14° of the edge that it lies on. A border
# that is met at a point only counts for twice that length.
_TOUCHING_DEG = 1e-9
_TOUCHING_M = 0.001
# A region of which no polygon has so much of the outline runs past many.
_OWN_SHARE = 0.2


class Plots(NamedTuple):
    """Polygons, EPSG:4326, some of them perhaps None, and the tree over them."""

    polygons: Geometries
    tree: shapely.STRtree


class Contacts(NamedTuple):
    """Pairs of a region and a polygon that meet, by region, and which regions are nobody's."""

    region: Indices
    polygon: Indices
    is_nobodys: Flags


def contacts(plots: Plots, ground: Geometries) -> Contacts:
    """The polygons that each region of `ground`, shape (n,), meets."""
    region, polygon = plots.tree.query(_collars(ground), predicate="intersects")
    order = np.lexsort((polygon, region))
    region, polygon = region[order], polygon[order]
    most_m = np.zeros(len(ground))
    np.maximum.at(most_m, region, lengths_m(plots.polygons[polygon]))
    is_nobodys = (most_m > 0) & (most_m < _OWN_SHARE * lengths_m(ground))
    return Contacts(region, polygon, is_nobodys)


def neighbours(plots: Plots, ground: Geometries, found: Contacts) -> list[tuple[int, ...]]:
    """For each region the polygons with a border on it, the longest first; nobody's: by index."""
    length = np.ones(len(found.region))
    owned = ~found.is_nobodys[found.region]
    region, polygon = found.region[owned], found.polygon[owned]
    lines = shapely.boundary(plots.polygons[polygon])
    length[owned] = lengths_m(shapely.intersection(lines, _collars(ground)[region])).round(3)
    order = np.lexsort((found.polygon, -length, found.region))
    order = order[length[order] > _TOUCHING_M]
    ends = np.searchsorted(found.region[order], np.arange(len(ground) + 1))
    return [tuple(found.polygon[order[i:j]].tolist()) for i, j in pairwise(ends)]


def meets(line: BaseGeometry, ground: Geometries) -> Flags:
    """Whether the line is for some length a border of each region."""
    collars = _collars(ground)
    shapely.prepare(line)
    met = np.asarray(shapely.intersects(line, collars))
    met[met] = lengths_m(shapely.intersection(line, collars[met])) > _TOUCHING_M
    return met


def divided(
    plots: Plots, region: BaseGeometry, among: Indices, ground: BaseGeometry, reach_m: float
) -> Geometries:
    """The region, part of what no polygon covers of `ground`, divided among the polygons named.

    Each has what lies within `reach_m` around it, but for what an earlier one has.
    """
    halos = shapely.buffer(plots.polygons[among], reach_m / _east_m(region))
    free = shapely.difference(halos, _taken(plots, among, halos))
    shapely.prepare(ground)
    beyond = ~shapely.covers(ground, free)
    free[beyond] = shapely.intersection(free[beyond], ground)
    parts = shapely.get_parts(free)
    parts = parts[shapely.get_dimensions(parts) == 2]
    shapely.prepare(region)
    own: Geometries = parts[shapely.intersects(region, shapely.point_on_surface(parts))]
    return own


def _taken(plots: Plots, among: Indices, halos: Geometries) -> list[BaseGeometry]:
    """For each halo the polygons that it meets, and the halos of those that come before it."""
    turn = np.full(len(plots.polygons), len(among))
    turn[among] = np.arange(len(among))
    halo, polygon = plots.tree.query(halos, predicate="intersects")
    order = np.argsort(halo, kind="stable")
    ends = np.searchsorted(halo[order], np.arange(len(halos) + 1))
    taken = []
    for k, (i, j) in enumerate(pairwise(ends)):
        near = polygon[order[i:j]]
        earlier = turn[near][turn[near] < k]
        taken.append(shapely.union_all([*plots.polygons[near], *halos[earlier]]))
    return taken


def _collars(ground: Geometries) -> Geometries:
    collars: Geometries = shapely.buffer(ground, _TOUCHING_DEG)
    return collars


def _east_m(geometry: BaseGeometry) -> float:
    """Metres in the shorter kind of degree, that of longitude."""
    south, north = shapely.bounds(geometry)[[1, 3]]
    latitude: Floats = np.array([(south + north) / 2])
    return float(metres_per_degree(latitude)[0, 0])
