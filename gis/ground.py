"""Shapes held in memory and asked about very many points at once.

Coordinates are WGS 84 degrees (EPSG:4326), distances geodesic metres. Between longitude and
latitude GEOS draws an edge straight, PostGIS's geography as a great circle: where the two part by
more than `PLAIN_M`, or a distance lies that near to a limit, a point is `doubtful`, and whoever
asks has to measure it otherwise. Edges of less than 700 m never part that far in China.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Shapes = NDArray[np.object_]

PLAIN_M = 0.01
# Degrees of latitude and, times the cosine, of longitude are nowhere shorter or longer.
_LEAST_M, _MOST_M = 110_574.0, 111_700.0
_EARTH_M = 6_356_752.0
_GEOD = Geod(ellps="WGS84")
NOTHING = -1


@dataclass(frozen=True, slots=True)
class Pairs:
    """Points that have something to do with shapes, by their positions; `metres` apart."""

    points: Indices
    shapes: Indices
    metres: Floats

    def __getitem__(self, chosen: Any) -> "Pairs":
        return Pairs(self.points[chosen], self.shapes[chosen], self.metres[chosen])


@dataclass(frozen=True, slots=True)
class Nearest:
    """For each point its nearest shape (NOTHING: none) and the metres to it."""

    shapes: Indices
    metres: Floats


class Points:
    """Points of one band of latitude; `lonlats` has shape (n, 2).

    The band should be narrow: within it one cosine stands for all (`flat`: degrees of longitude
    drawn together, so that they are as long as those of latitude), and what that blurs is measured
    exactly.
    """

    def __init__(self, lonlats: Floats) -> None:
        self.lonlats = lonlats
        south, north = (lonlats[:, 1].min(), lonlats[:, 1].max()) if len(lonlats) else (0.0, 0.0)
        cosines = np.cos(np.radians([south, north, (south + north) / 2]))
        self.least_cosine = float(cosines.min())
        self.flattening = np.array((float(cosines[2]), 1.0))
        unequal = np.abs(cosines / cosines[2] - 1).max()
        self.blur = float(unequal) * 2 + (_MOST_M / _LEAST_M - 1)

    def __len__(self) -> int:
        return len(self.lonlats)

    @cached_property
    def shapes(self) -> Shapes:
        """The points themselves."""
        found: Shapes = np.asarray(shapely.points(self.lonlats))
        return found

    @cached_property
    def flat(self) -> Shapes:
        found: Shapes = np.asarray(shapely.points(self.lonlats * self.flattening))
        return found

    def flattened(self, shapes: Shapes) -> Shapes:
        """Other shapes drawn as `flat` is."""
        found: Shapes = shapely.transform(shapes, lambda xy: xy * self.flattening)
        return found

    def some(self, chosen: Indices) -> "Points":
        return Points(self.lonlats[chosen])


class Ground:
    """Some shapes, and points asked about them; results are positions in both.

    After a question, `doubtful` says which points it could not answer for sure.
    """

    def __init__(self, shapes: Shapes, points: Points) -> None:
        self.shapes = shapes
        self.points = points
        self.doubtful: NDArray[np.bool_] = np.zeros(len(points), dtype=bool)
        self._bent_m = _bent_m(shapes)

    # --- polygons ---------------------------------------------------------------------------------
    def having(self) -> Pairs:
        """Points with the polygons that they are in or on; `metres` is 0."""
        points, shapes = shapely.STRtree(self.shapes).query(self.points.shapes)
        shapely.prepare(self.shapes)
        lon, lat = self.points.lonlats[points].T
        pairs = Pairs(points, shapes, np.zeros(len(points)))
        return pairs[shapely.intersects_xy(self.shapes[shapes], lon, lat)]

    def touching(self, limit_m: float) -> Pairs:
        """Points with the polygons that they are in, or outside by at most a limit.

        `metres` is the distance from the polygon's border where that is within the limit, and
        infinite deep inside. Sorted by points.
        """
        reach = (limit_m + PLAIN_M + self._bent_m) / (_LEAST_M * self.points.least_cosine)
        west, south, east, north = shapely.bounds(self.shapes).T
        around = shapely.box(west - reach, south - reach, east + reach, north + reach)
        points, shapes = shapely.STRtree(around).query(self.points.shapes)
        borders = shapely.boundary(self.shapes)
        shapely.prepare(borders)
        shapely.prepare(self.shapes)
        is_near = shapely.distance(borders[shapes], self.points.shapes[points]) <= reach[shapes]
        is_in = shapely.intersects_xy(self.shapes[shapes], *self.points.lonlats[points].T)
        metres = np.full(len(points), np.inf)
        metres[is_near] = self._metres(borders, points[is_near], shapes[is_near])
        self._doubt(points, shapes, metres, limit_m)
        is_edge = metres <= limit_m
        metres[~is_edge] = np.inf
        pairs = Pairs(points, shapes, metres)[is_edge | is_in]
        return pairs[np.argsort(pairs.points, kind="stable")]

    # --- any shapes -------------------------------------------------------------------------------
    def nearest(self, ids: Indices) -> Nearest:
        """The nearest shape of every point; of two as near, that with the smaller id."""
        if not len(self.shapes) or not len(self.points):
            return self._none()
        flat, points = self._flat, self.points.flat
        tree = shapely.STRtree(flat)
        near = tree.nearest(points)
        degrees = shapely.distance(flat[near], points)
        reach = degrees * (1 + self.points.blur) + PLAIN_M / _LEAST_M
        near, partners = tree.query(points, predicate="dwithin", distance=reach)
        return self._best(near, partners, ids, np.inf)

    def at_hand(self, ids: Indices, limit_m: float) -> Nearest:
        """The nearest shape of every point within a limit."""
        if not len(self.shapes) or not len(self.points):
            return self._none()
        reach = (limit_m + PLAIN_M) / _LEAST_M * (1 + self.points.blur)
        tree = shapely.STRtree(self._flat)
        near, partners = tree.query(self.points.flat, predicate="dwithin", distance=reach)
        return self._best(near, partners, ids, limit_m)

    def _best(self, points: Indices, shapes: Indices, ids: Indices, limit_m: float) -> Nearest:
        metres = self._metres(self.shapes, points, shapes)
        self._doubt(points, shapes, metres, limit_m)
        order = np.lexsort((ids[shapes], metres, points))
        order = order[metres[order] <= limit_m]
        firsts, at = np.unique(points[order], return_index=True)
        found = self._none()
        found.shapes[firsts] = shapes[order[at]]
        found.metres[firsts] = metres[order[at]]
        return found

    def _none(self) -> Nearest:
        count = len(self.points)
        return Nearest(np.full(count, NOTHING), np.full(count, np.inf))

    # --- measuring --------------------------------------------------------------------------------
    @cached_property
    def _flat(self) -> Shapes:
        return self.points.flattened(self.shapes)

    def _metres(self, shapes: Shapes, points: Indices, partners: Indices) -> Floats:
        """From points to what is nearest to them of their partners among `shapes`."""
        wanted, at = np.unique(partners, return_inverse=True)
        flat = self.points.flattened(shapes[wanted])
        shapely.prepare(flat)
        lines = shapely.shortest_line(flat[at], self.points.flat[points])
        ends = shapely.get_coordinates(lines).reshape(-1, 2, 2) / self.points.flattening
        lon, lat = self.points.lonlats[points].T
        metres: Floats = _GEOD.inv(lon, lat, ends[:, 0, 0], ends[:, 0, 1])[2]
        return metres

    def _doubt(self, points: Indices, shapes: Indices, metres: Floats, limit_m: float) -> None:
        """Mark the points about which an edge's bend or the last centimetre could decide."""
        bent = self._bent_m[shapes]
        decides = np.isfinite(metres) & (bent > PLAIN_M)
        decides |= np.abs(metres - limit_m) <= PLAIN_M + bent
        self.doubtful[points[decides]] = True


def _bent_m(shapes: Shapes) -> Floats:
    """How far the longest edge of each shape may part from its great circle, in metres."""
    corners, of = shapely.get_coordinates(shapes, return_index=True)
    longest = np.zeros(len(shapes))
    if len(corners) < 2:
        return longest
    same = of[1:] == of[:-1]  # what joins two parts of one shape counts too, to be sure
    steps = np.abs(np.diff(corners, axis=0))[same]
    latitude = np.radians(np.minimum(np.abs(corners[1:, 1][same]) + steps[:, 1], 89.0))
    length_m = np.hypot(steps[:, 0] * np.cos(latitude), steps[:, 1]) * _MOST_M
    bend = length_m**2 * (np.tan(latitude) + 0.01) / (8 * _EARTH_M)
    np.maximum.at(longest, of[1:][same], bend)
    return longest
