"""Polygons in the order in which one reads a page: the rows from the north, each from the west."""

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.geometry import Geometries


def reading_order(geometries: Geometries) -> NDArray[np.intp]:
    """The indices of n polygons in reading order, shape (n,).

    Each polygon stands at its representative point. The northernmost that has no place yet leads
    a row, which holds all whose points lie at most half the median height of the polygons further
    south; a row is read from west to east, the rows from north to south. The order depends on the
    polygons alone, not on the order in which they come.

    `geometries` has shape (n,), x to the east and y to the north in any unit, none empty or None.
    Heights are compared with y only and x only with x, so that degrees (EPSG:4326) do as well as
    metres.

    >>> boxes = [shapely.box(x, y, x + 1, y + 1) for y in (0, 1) for x in (1, 0)]
    >>> reading_order(np.array(boxes)).tolist()
    [3, 2, 1, 0]
    """
    if not len(geometries):
        return np.empty(0, dtype=np.intp)
    # The sorts below are stable: where places are equal, the shapes themselves decide.
    given = np.argsort(shapely.to_wkb(shapely.normalize(geometries)), kind="stable")
    points = shapely.point_on_surface(geometries[given])
    x, south = shapely.get_x(points), -shapely.get_y(points)
    bounds = shapely.bounds(geometries)
    depth = np.median(bounds[:, 3] - bounds[:, 1]) / 2
    downward = np.argsort(south, kind="stable")
    rows = []
    while downward.size:
        size = np.searchsorted(south[downward], south[downward[0]] + depth, side="right")
        row, downward = downward[:size], downward[size:]
        rows.append(row[np.argsort(x[row], kind="stable")])
    ordered: NDArray[np.intp] = given[np.concatenate(rows)]
    return ordered
