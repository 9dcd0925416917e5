"""Moving the coordinates of geometries and frames by a function of x and y."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

if TYPE_CHECKING:  # its import takes longer than all of ours
    import geopandas as gpd

Frame = TypeVar("Frame", "gpd.GeoSeries", "gpd.GeoDataFrame")
Floats = npt.NDArray[np.float64]
Move = Callable[[Floats, Floats], tuple[Floats, Floats]]


def move_geometries(geometries: Any, move: Move) -> Any:
    """One shapely geometry, or an array of them, with `move` applied to all x and y at once.

    Works in any CRS and unit. Heights stay; measures (M) are dropped, and the heights beside them,
    because shapely would turn both into NaN. None and empty geometries stay as they are.

    >>> move_geometries(shapely.Point(1, 2, 3), lambda x, y: (x + 10, y))
    <POINT Z (11 2 3)>
    """
    given = np.asarray(geometries, dtype=np.object_)
    moved = given.copy()
    measured = shapely.has_m(given)
    moved[measured] = shapely.force_2d(given[measured])
    for tall in (False, True):  # told apart, or flat geometries would get heights of NaN
        which = shapely.has_z(moved) == tall
        before = shapely.get_coordinates(moved[which], include_z=tall)
        x, y = move(before[:, 0], before[:, 1])
        # To make a geometry costs more than all else: most stay where they are.
        if not np.array_equal(np.column_stack([x, y]), before[:, :2], equal_nan=True):
            after = np.column_stack([x, y, before[:, 2:]])
            moved[which] = shapely.set_coordinates(moved[which], after)
    return moved if moved.ndim else moved.item()


def move_frame(frame: Frame, move: Move, crs: CRS | None) -> Frame:
    """A new GeoSeries or GeoDataFrame with its (active) geometry moved, said to be in `crs`.

    Index, names and other columns are those of `frame`, which is not changed.

    >>> import geopandas
    >>> points = geopandas.GeoSeries.from_xy([1], [2])
    >>> move_frame(points, lambda x, y: (x + 10, y), None)[0]
    <POINT (11 2)>
    """
    column = frame.geometry
    moved = type(column)(
        move_geometries(np.asarray(column), move), index=column.index, name=column.name, crs=crs
    )
    if frame.ndim == 1:
        return moved
    # set_geometry alone would keep the old CRS where the new one is None.
    return frame.set_geometry(moved).set_crs(crs, allow_override=True)
