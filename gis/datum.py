"""GCJ-02 and BD-09: datums of what phones and Chinese maps give and show, never of storage.

There is no official publication. The formulas and constants are those of the open
reimplementations, which agree with each other (eviltransform, coordtransform, PRCoords; see the
article "Restrictions on geographic data in China" in Wikipedia): Krasovsky's ellipsoid with
a = 6378245 m and e² = 0.006693421622965943, and a shift of a few hundred metres that depends on
the distances in degrees, x and y, from 105° E 35° N. BD-09 adds a second shift to GCJ-02.

What is shifted is *ground*: the box of longitudes 72.004–137.8347 and latitudes 0.8293–55.8271,
edges included, judged by the WGS 84 position whatever datum a point is given in. All other ground
has the same coordinates in the three datums. So all six conversions are one-to-one on shifted
ground, up to its very edge, and every round trip that starts there ends where it started. Only
within 2 km of the edge, far from China's own, do the shifted and the unshifted coordinates overlap
at some places and leave a gap at others: a GCJ-02 or BD-09 point that shifted ground may have
given is taken for that, and one that no ground has stays as it is.
"""

import math
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from gis.coordinates import Frame, move_frame, move_geometries
from gis.crs import brief, equivalent, parse
from gis.errors import Problem
from gis.refusals.coordinates import DATUM_NEEDS_LONLAT

Floats = npt.NDArray[np.float64]
AnyFloats = npt.NDArray[np.floating[Any]]
Shift = Callable[[AnyFloats, AnyFloats], tuple[AnyFloats, AnyFloats]]


class Datum(StrEnum):
    """What longitudes and latitudes refer to."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


_WEST, _SOUTH, _EAST, _NORTH = 72.004, 0.8293, 137.8347, 55.8271
# No shift of GCJ-02 and BD-09 together reaches so far, in degrees.
_REACH_DEG = 0.05
# An inverse may bring a point of the edge back this far outside it; less than 1e-6 m.
_HAIR_DEG = 8e-12

_LON_0, _LAT_0 = 105.0, 35.0
_SIN_LAT_0, _COS_LAT_0 = math.sin(math.radians(_LAT_0)), math.cos(math.radians(_LAT_0))
_E2 = 0.006693421622965943
_DEGREES_PER_METRE = 180 / (math.pi * 6378245.0)

# Small enough that a dozen temporaries stay in the cache, large enough that calls cost nothing.
_BLOCK = 16384


def convert(
    lon: npt.ArrayLike, lat: npt.ArrayLike, source: Datum, target: Datum
) -> tuple[Floats, Floats]:
    """Longitudes and latitudes of one datum in another.

    `lon`, `lat`: degrees, east and north positive, any shapes that broadcast with each other; they
    are not changed. Returns two new float64 arrays of the common shape. NaN and infinities stay.
    Forward (WGS 84 → GCJ-02 → BD-09) is the formula itself; backward is its inverse, exact to about
    1e-8 m (float64's own resolution) by fixed-point rounds, whose convergence is checked.
    Source of constants and the rule at the edge: the head of this module.

    >>> lon, lat = convert([101.83, -0.1], [36.62, 51.5], Datum.WGS84, Datum.GCJ02)
    >>> lon.round(6).tolist(), lat.round(6).tolist()
    ([101.831816, -0.1], [36.619838, 51.5])
    """
    shape = np.broadcast_shapes(np.shape(lon), np.shape(lat))
    new_lon = np.array(np.broadcast_to(lon, shape), dtype=np.float64, order="C")
    new_lat = np.array(np.broadcast_to(lat, shape), dtype=np.float64, order="C")
    if source != target:
        flat_lon, flat_lat = new_lon.reshape(-1), new_lat.reshape(-1)
        for start in range(0, flat_lon.size, _BLOCK):
            block = slice(start, start + _BLOCK)
            _convert_block(flat_lon[block], flat_lat[block], source, target)
    return new_lon, new_lat


def convert_geometries(geometries: Any, source: Datum, target: Datum) -> Any:
    """One shapely geometry, or an array of them, from one datum to another, as `convert` does.

    Longitude and latitude in degrees. New geometries of the same shape and type; heights stay,
    measures (M) do not, None and empty geometries stay as they are.

    >>> from shapely import Point
    >>> convert_geometries(Point(101.831816, 36.619838, 2200), Datum.GCJ02, Datum.WGS84)
    <POINT Z (101.83 36.62 2200)>
    """
    return move_geometries(geometries, lambda lon, lat: convert(lon, lat, source, target))


def convert_frame(frame: Frame, source: Datum, target: Datum) -> Frame:
    """A new GeoSeries or GeoDataFrame (its active geometry) in another datum, as `convert` does.

    The frame must hold longitude and latitude and say WGS 84, CGCS2000 or nothing: a file's label
    does not tell GCJ-02 from WGS 84. The result says EPSG:4326 when it is WGS 84, else nothing,
    because no CRS stands for GCJ-02 or BD-09. Problem(DATUM_NEEDS_LONLAT) for any other CRS.

    >>> import geopandas
    >>> points = geopandas.GeoSeries.from_xy([101.831816], [36.619838])
    >>> convert_frame(points, Datum.GCJ02, Datum.WGS84).crs.to_epsg()
    4326
    """
    if frame.crs is not None and not equivalent(frame.crs, parse("EPSG:4326")):
        raise Problem(DATUM_NEEDS_LONLAT, crs=brief(frame.crs))
    crs = parse("EPSG:4326") if target is Datum.WGS84 else None
    return move_frame(frame, lambda lon, lat: convert(lon, lat, source, target), crs)


def _convert_block(lon: Floats, lat: Floats, source: Datum, target: Datum) -> None:
    shifted = _on_shifted_ground(lon, lat, source)
    if shifted.any():
        which = slice(None) if shifted.all() else shifted
        lon[which], lat[which] = _chain(lon[which], lat[which], source, target)
        if target is Datum.WGS84:  # shifted ground ends at the edge, to the last digit
            lon[which] = np.clip(lon[which], _WEST, _EAST)
            lat[which] = np.clip(lat[which], _SOUTH, _NORTH)


def _on_shifted_ground(lon: Floats, lat: Floats, source: Datum) -> npt.NDArray[np.bool_]:
    inside = _in_box(lon, lat, 0)
    if source is not Datum.WGS84:
        near_edge = _in_box(lon, lat, _REACH_DEG) & ~_in_box(lon, lat, -_REACH_DEG)
        if near_edge.any():
            ground = _chain(lon[near_edge], lat[near_edge], source, Datum.WGS84)
            inside[near_edge] = _in_box(*ground, _HAIR_DEG)
    return inside


def _in_box(lon: Floats, lat: Floats, margin: float) -> npt.NDArray[np.bool_]:
    inside: npt.NDArray[np.bool_] = (lon >= _WEST - margin) & (lon <= _EAST + margin)
    inside &= lat >= _SOUTH - margin
    inside &= lat <= _NORTH + margin
    return inside


def _chain(lon: Floats, lat: Floats, source: Datum, target: Datum) -> tuple[Floats, Floats]:
    first, last = _ORDER.index(source), _ORDER.index(target)
    for shift in _SHIFTS[first:last]:
        lon, lat = _add(shift, lon, lat)
    for shift in reversed(_SHIFTS[last:first]):
        lon, lat = _remove(shift, lon, lat)
    return lon, lat


def _add(shift: Shift, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    dlon, dlat = shift(lon - _LON_0, lat - _LAT_0)
    return lon + dlon, lat + dlat


def _remove(shift: Shift, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Where `shift` leads to `lon`, `lat` from, by rounds w ← w − (w + shift(w) − goal).

    A round takes away all but about a hundredth of the error. The first three need no more than a
    centimetre and run in single precision, at a third of the cost; x and y, counted from the middle
    of China, keep enough digits for it. A last step below 2e-12° leaves an error below 1e-8 m, and
    4e-7 m within a micrometre of 105° E, where the cusp of √|x| lets two points share one image.
    """
    goal_x, goal_y = lon - _LON_0, lat - _LAT_0
    rough_x, rough_y = goal_x.astype(np.float32), goal_y.astype(np.float32)
    dx, dy = shift(rough_x, rough_y)
    for _ in range(2):
        dx, dy = shift(rough_x - dx, rough_y - dy)
    x, y = goal_x - dx, goal_y - dy
    for _ in range(50):
        dx, dy = shift(x, y)
        next_x, next_y = goal_x - dx, goal_y - dy
        step = max(np.abs(next_x - x).max(), np.abs(next_y - y).max())
        if step <= 2e-12:
            return lon - dx, lat - dy
        x, y = next_x, next_y
    raise ArithmeticError(f"the inverse shift still moves by {step} degrees")


def _gcj02_shift(x: AnyFloats, y: AnyFloats) -> tuple[AnyFloats, AnyFloats]:
    """GCJ-02 minus WGS 84 in degrees, at x = longitude − 105°, y = latitude − 35°.

    All sines follow from those of πx/60 and πy/180 by identities, four calls instead of eleven.
    """
    along_x, sin_pi_x, cos_pi_x = _waves(*_sin_cos(x * (math.pi / 60)), 150, 300)
    sin_2pi_x = 2 * sin_pi_x * cos_pi_x
    ripple = 20 * sin_2pi_x * (4 - 4 * sin_2pi_x * sin_2pi_x)  # 20 sin 2πx + 20 sin 6πx

    sin_y, cos_y = _sin_cos(y * (math.pi / 180))
    along_y, _, _ = _waves(*_triple(sin_y, cos_y), 160, 320)
    cos_lat = cos_y * _COS_LAT_0 - sin_y * _SIN_LAT_0

    xy = 0.1 * x * y
    root = np.sqrt(np.abs(x))
    north_m = (ripple + along_y) * (2 / 3) + (2 * x - 100 + xy + 0.2 * root) + y * (3 + 0.2 * y)
    east_m = (ripple + along_x) * (2 / 3) + (x * (1 + 0.1 * x) + 300 + xy + 0.1 * root) + 2 * y

    m = (1 - _E2) + _E2 * cos_lat * cos_lat  # 1 − e² sin²φ
    root_m = np.sqrt(m)
    return (
        east_m * root_m / cos_lat * _DEGREES_PER_METRE,
        north_m * (m * root_m) * (_DEGREES_PER_METRE / (1 - _E2)),
    )


def _waves(
    sin_t: AnyFloats, cos_t: AnyFloats, fifth: float, second: float
) -> tuple[AnyFloats, AnyFloats, AnyFloats]:
    """20 sin 60t + 40 sin 20t + `fifth` sin 5t + `second` sin 2t, then sin 60t and cos 60t."""
    sin_2t, cos_2t = _double(sin_t, cos_t)
    sin_4t, cos_4t = _double(sin_2t, cos_2t)
    sin_5t = sin_4t * cos_t + cos_4t * sin_t
    cos_5t = cos_4t * cos_t - sin_4t * sin_t
    sin_20t, cos_20t = _double(*_double(sin_5t, cos_5t))
    sin_60t, cos_60t = _triple(sin_20t, cos_20t)
    waves = 20 * sin_60t + 40 * sin_20t + fifth * sin_5t + second * sin_2t
    return waves, sin_60t, cos_60t


def _sin_cos(angle: AnyFloats) -> tuple[AnyFloats, AnyFloats]:
    return np.sin(angle), np.cos(angle)


def _double(sin_t: AnyFloats, cos_t: AnyFloats) -> tuple[AnyFloats, AnyFloats]:
    return 2 * sin_t * cos_t, 1 - 2 * sin_t * sin_t


def _triple(sin_t: AnyFloats, cos_t: AnyFloats) -> tuple[AnyFloats, AnyFloats]:
    return sin_t * (3 - 4 * sin_t * sin_t), cos_t * (4 * cos_t * cos_t - 3)


def _bd09_shift(x: AnyFloats, y: AnyFloats) -> tuple[AnyFloats, AnyFloats]:
    """BD-09 minus GCJ-02 in degrees, at x = longitude − 105°, y = latitude − 35°.

    Published in polar form: z + 2e-5 sin(kφ) and θ + 3e-6 cos(kλ) with k = 3000π/180, then
    +0.0065° and +0.006°. Here the point is turned by that small angle instead of through θ.
    """
    lon, lat = x + _LON_0, y + _LAT_0
    k = math.pi * (3000 / 180)
    stretch = 2e-5 * np.sin(k * lat) / np.sqrt(lon * lon + lat * lat)
    turn = 3e-6 * np.cos(k * lon)
    versine = 0.5 * turn * turn
    dlon = -lat * turn - lon * versine
    dlat = lon * turn - lat * versine
    return dlon + stretch * (lon + dlon) + 0.0065, dlat + stretch * (lat + dlat) + 0.006


_ORDER = (Datum.WGS84, Datum.GCJ02, Datum.BD09)
_SHIFTS: tuple[Shift, ...] = (_gcj02_shift, _bd09_shift)  # from each of _ORDER to the next
