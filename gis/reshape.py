"""Drawing polygons anew: cutting one in two, joining two, and keeping common corners common.

Geometries are in longitude and latitude (EPSG:4326).
"""

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gis.errors import Problem
from gis.geojson import DECIMALS
from gis.geometry import Geometries
from gis.measure import Floats
from gis.refusals.coverage import JOIN_REFUSED, SPLIT_REFUSED

# About 1 m: who draws a line on a screen ends it on a border as well as a hand can.
_OVERSHOOT_DEG = 1e-5
# 2 cm: corners that are the same but for twice the rounding to seven decimals.
_SAME_CORNER_DEG = 2e-7


def settled(drawn: Geometries, stored: Geometries) -> Geometries:
    """The geometries, shape (n,), with each corner that is a stored one put exactly there.

    Maps are sent and drawn with seven decimals, and what is stored may have more: a corner that
    came back as it was sent is the stored corner, and what was not moved has not changed at all.

    >>> stored = shapely.from_wkt(["POINT (101.80000001 36.6)"])
    >>> print(settled(shapely.from_wkt(["LINESTRING (101.8 36.6, 101.9 36.6)"]), stored)[0])
    LINESTRING (101.80000001 36.6, 101.9 36.6)
    """
    known = {_key(corner): corner for corner in shapely.get_coordinates(stored)}

    def put(corners: Floats) -> Floats:
        return np.array([known.get(_key(corner), corner) for corner in corners]).reshape(-1, 2)

    found: Geometries = shapely.transform(np.asarray(drawn, dtype=object), put)
    return found


def cut(ground: BaseGeometry, line: BaseGeometry) -> tuple[BaseGeometry, BaseGeometry]:
    """A Polygon or MultiPolygon cut by a LineString in two, the larger part first.

    The line must enter and leave the ground once; its ends may be a metre short. Both parts have
    the same corners along the cut. Parts that it does not meet stay with the larger one.

    Errors: Problem(SPLIT_REFUSED) when the line does not make one more part.

    >>> halves = cut(shapely.box(0, 0, 3, 1), shapely.LineString([(1, -1), (1, 2)]))
    >>> [half.bounds for half in halves]
    [(1.0, 0.0, 3.0, 1.0), (0.0, 0.0, 1.0, 1.0)]
    """
    whole = shapely.get_parts(ground)
    edges = shapely.union(shapely.boundary(ground), _longer(line))
    pieces = shapely.get_parts(shapely.polygonize([edges]))
    shapely.prepare(ground)
    pieces = pieces[shapely.contains(ground, shapely.point_on_surface(pieces))]
    if len(pieces) != len(whole) + 1:
        raise _unsplit(len(pieces) - len(whole) + 1)
    # A part that the line has not met is equal to what it was, but for where its ring begins.
    uncut = np.array([any(shapely.equals(piece, part) for part in whole) for piece in pieces])
    order = np.argsort(-shapely.area(pieces[~uncut]))
    larger, smaller = pieces[~uncut][order]
    rest = [larger, *pieces[uncut]]
    return (shapely.MultiPolygon(rest) if len(rest) > 1 else larger), smaller


def joined(grounds: Sequence[BaseGeometry]) -> BaseGeometry:
    """Polygons side by side as one, without what is left of the borders between them.

    Errors: Problem(JOIN_REFUSED) where they have no border in common.

    >>> joined([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]).bounds
    (0.0, 0.0, 2.0, 1.0)
    """
    first, *others = grounds
    for other in others:
        parts = shapely.get_num_geometries([first, other]).sum()
        # Each has the corners of the other on its edges, or hairs would stay open between them.
        noded = shapely.snap(first, other, _SAME_CORNER_DEG)
        first = shapely.union(noded, shapely.snap(other, noded, _SAME_CORNER_DEG))
        if shapely.get_num_geometries(first) >= parts or not first.is_valid:
            raise Problem(JOIN_REFUSED)
    return first


def _key(corner: Floats) -> tuple[float, float]:
    lon, lat = corner[:2]
    return round(float(lon), DECIMALS), round(float(lat), DECIMALS)


def _longer(line: BaseGeometry) -> BaseGeometry:
    """The line, at both ends a little longer."""
    corners = shapely.get_coordinates(line)
    corners = corners[np.append(True, (np.diff(corners, axis=0) != 0).any(axis=1))]
    if len(corners) < 2:
        raise _unsplit(1)
    first, last = _beyond(corners[0], corners[1]), _beyond(corners[-1], corners[-2])
    return shapely.LineString([first, *corners, last])


def _beyond(end: Floats, before: Floats) -> Floats:
    away = end - before
    return np.asarray(end + away / np.hypot(*away) * _OVERSHOOT_DEG)


def _unsplit(parts: int) -> Problem:
    return Problem(SPLIT_REFUSED, parts=parts)
