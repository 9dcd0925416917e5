"""The roads to WGS 84, each with a record of what was done.

A road is a known one: a projection undone, a transformation of EPSG that is made for the place, or
our policy that CGCS2000 is WGS 84. Where PROJ has only its "ballpark", which equates two datums
silently (Xian 1980, Beijing 1954, local grids; 30–100 m wrong, or anywhere), there is no road
unless its parameters are given.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer
from pyproj.crs import BoundCRS
from pyproj.crs.coordinate_operation import ToWGS84Transformation
from pyproj.enums import TransformDirection
from pyproj.exceptions import ProjError
from pyproj.transformer import TransformerGroup

from gis.coordinates import Floats, Frame, Move, move_frame, move_geometries
from gis.crs import brief, in_degrees_from_greenwich, of_unknown_datum, on_wgs84, parse, plane
from gis.errors import Problem
from gis.helmert import (
    FourParameters,
    HelmertParameters,
    Rotation,
    SevenParameters,
    parameters,
)
from gis.refusals.coordinates import CRS_NEEDS_PARAMETERS, CRS_PARAMETERS
from gis.refusals.files import CRS_UNUSABLE

__all__ = [
    "Applied",
    "FourParameters",
    "HelmertParameters",
    "Road",
    "Rotation",
    "SevenParameters",
    "bounds_of",
    "find_road",
    "frame_to_wgs84",
    "geometries_to_wgs84",
    "parameters",
    "to_wgs84",
]

# Worse ones, such as 15 m for Beijing 1954 off the coasts, put a point into the next field.
_ACCURATE_M = 5.0

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done to come to WGS 84. `accuracy_m` is what EPSG or our policy says, if anything.

    >>> to_wgs84([34484793.041], [4054354.279], parse("EPSG:4522"))[2].accuracy_m
    1.0
    """

    source: str
    operation: str
    accuracy_m: float | None
    parameters: HelmertParameters | None = None

    def record(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Road:
    """A way to WGS 84: `move` takes x before y (GIS order) in the CRS's units, to degrees."""

    move: Move
    applied: Applied


def to_wgs84(
    x: npt.ArrayLike, y: npt.ArrayLike, crs: CRS | None, parameters: HelmertParameters | None = None
) -> tuple[Floats, Floats, Applied]:
    """Longitudes and latitudes (WGS 84, degrees) of coordinates in `crs`, and how they came about.

    `x`, `y`: arrays of one shape in the units of `crs`, x before y (GIS order: easting, longitude),
    not changed. A coordinate that `crs` cannot have becomes infinite, NaN stays. Problems and
    `parameters` as for `find_road`.

    >>> lon, lat, _ = to_wgs84([34484793.041], [4054354.279], parse("EPSG:4522"))
    >>> lon.round(7).tolist(), lat.round(7).tolist()
    ([101.83], [36.62])
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    road = find_road(crs, bounds_of(x, y), parameters)
    return *road.move(x, y), road.applied


def geometries_to_wgs84(
    geometries: Any, crs: CRS | None, parameters: HelmertParameters | None = None
) -> tuple[Any, Applied]:
    """One shapely geometry, or an array of them, in WGS 84, as `to_wgs84` does; heights stay.

    >>> geometries_to_wgs84(shapely.Point(34484793.041, 4054354.279), parse("EPSG:4522"))[0]
    <POINT (101.83 36.62)>
    """
    road = find_road(crs, bounds_of(*shapely.get_coordinates(geometries).T), parameters)
    return move_geometries(geometries, road.move), road.applied


def frame_to_wgs84(
    frame: Frame, crs: CRS | None = None, parameters: HelmertParameters | None = None
) -> tuple[Frame, Applied]:
    """A new GeoSeries or GeoDataFrame in EPSG:4326, as `to_wgs84` does.

    `crs` overrides what the frame says of itself.

    >>> import geopandas
    >>> points = geopandas.GeoSeries.from_xy([34484793.041], [4054354.279], crs=4522)
    >>> frame_to_wgs84(points)[0][0]
    <POINT (101.83 36.62)>
    """
    stated = crs if crs is not None else frame.crs
    coordinates = shapely.get_coordinates(np.asarray(frame.geometry))
    road = find_road(stated, bounds_of(*coordinates.T), parameters)
    return move_frame(frame, road.move, parse("EPSG:4326")), road.applied


def bounds_of(x: Floats, y: Floats) -> Bounds | None:
    """West, south, east, north of the finite points; None when there are none."""
    finite = np.isfinite(x) & np.isfinite(y)
    if not finite.any():
        return None
    x, y = x[finite], y[finite]
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def find_road(
    crs: CRS | None, bounds: Bounds | None = None, parameters: HelmertParameters | None = None
) -> Road:
    """The way from `crs` to WGS 84 for data within `bounds`, given in `crs`, x before y.

    `crs` None is an unnamed local grid, for which only FourParameters will do. EPSG knows
    transformations that hold in one basin or city only: without bounds in it, or with an accuracy
    worse than 5 m, they do not count.
    Problem(CRS_NEEDS_PARAMETERS) when only a ballpark would lead there, Problem(CRS_PARAMETERS)
    when the parameters do not go with the CRS, Problem(CRS_UNUSABLE) when it has no x and y.
    """
    try:
        return _road(crs, bounds, parameters)
    except ProjError:  # a projection that it does not know, or parameters that make none
        reason_zh, reason = "PROJ 没有它的算法", "PROJ has no way to compute it"
        raise Problem(CRS_UNUSABLE, crs=_name(crs), reason_zh=reason_zh, reason=reason) from None


def _road(crs: CRS | None, bounds: Bounds | None, parameters: HelmertParameters | None) -> Road:
    if isinstance(parameters, FourParameters):
        return _through_a_plane(crs, parameters)
    if crs is None or plane(crs).is_engineering:
        if parameters is not None:
            raise _misfit(crs, "七参数要求已知的椭球", "seven need a known ellipsoid")
        raise Problem(CRS_NEEDS_PARAMETERS, crs=_name(crs))
    if not (plane(crs).is_geographic or plane(crs).is_projected):
        raise _without_x_and_y(crs)
    if parameters is not None:
        return _through_the_centre(crs, parameters)
    if on_wgs84(crs) and in_degrees_from_greenwich(_base(crs)):
        return _on_the_same_datum(crs)
    return _by_known_transformation(crs, bounds)


def _on_the_same_datum(crs: CRS) -> Road:
    flat = plane(crs)
    known = _base(crs).equals(CRS(4326), ignore_axis_order=True)
    policy = "WGS 84" if known else "CGCS2000 taken as WGS 84 (declared policy, < 1 m)"
    accuracy = 0.0 if known else 1.0
    if flat.is_geographic:
        return Road(_copies, Applied(brief(crs), policy, accuracy))
    transformer = Transformer.from_crs(flat, _base(crs), always_xy=True)
    operation = f"{transformer.description}; {policy}"
    return Road(_there_and_back(transformer), Applied(brief(crs), operation, accuracy))


def _by_known_transformation(crs: CRS, bounds: Bounds | None) -> Road:
    flat = crs.to_2d()
    added = flat.coordinate_operation if flat.is_bound else None
    if added is not None and any(added.towgs84):
        transformer = Transformer.from_crs(flat, 4326, always_xy=True)
        operation = f"{transformer.description}; TOWGS84{added.towgs84} of the file"
        return Road(_there_and_back(transformer), Applied(brief(crs), operation, None))
    # A TOWGS84 of zeros is the same ballpark in writing.
    known = None if of_unknown_datum(_base(crs)) else _made_for(plane(crs), bounds)
    if known is None:
        raise Problem(CRS_NEEDS_PARAMETERS, crs=brief(crs))
    return Road(_there_and_back(known), Applied(brief(crs), known.description, known.accuracy))


def _made_for(crs: CRS, bounds: Bounds | None) -> Transformer | None:
    """PROJ alone would pick by place, and far from any place still apply one of them."""
    area = None if bounds is None else _in_degrees(crs, bounds)
    group = TransformerGroup(crs, 4326, always_xy=True, allow_ballpark=False)
    for transformer in group.transformers:
        exact = transformer.accuracy == 0  # no change of datum
        if exact or (0 < transformer.accuracy <= _ACCURATE_M and _holds(transformer, area)):
            return transformer
    return None


def _holds(transformer: Transformer, area: Bounds | None) -> bool:
    use = transformer.area_of_use
    if use is None or area is None:
        return False
    west, south, east, north = area
    return use.west <= west <= east <= use.east and use.south <= south <= north <= use.north


def _in_degrees(crs: CRS, bounds: Bounds) -> Bounds | None:
    """Bounds on the CRS's own datum: a hundred metres do not matter for an area of use."""
    try:
        lonlat = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
        west, south, east, north = lonlat.transform_bounds(*bounds)
    except ProjError:
        return None
    return west, south, east, north


def _through_the_centre(crs: CRS, given: SevenParameters) -> Road:
    _check_numbers(crs, given)
    if on_wgs84(crs):
        raise _misfit(
            crs, "它本来就是 WGS 84 或 CGCS2000", "its datum is WGS 84 or CGCS2000 already"
        )
    sign = 1 if given.rotation is Rotation.POSITION_VECTOR else -1
    turns = (sign * given.rx_arcsec, sign * given.ry_arcsec, sign * given.rz_arcsec)
    flat = plane(crs)
    shift = ToWGS84Transformation(
        _base(crs), given.dx_m, given.dy_m, given.dz_m, *turns, given.scale_ppm
    )
    transformer = Transformer.from_crs(BoundCRS(flat, CRS(4326), shift), 4326, always_xy=True)
    applied = Applied(brief(crs), "7 parameters between geocentric axes", None, given)
    return Road(_there_and_back(transformer), applied)


def _through_a_plane(crs: CRS | None, given: FourParameters) -> Road:
    _check_numbers(crs, given)
    target = parse(given.target)
    if not (plane(target).is_projected and on_wgs84(target)):
        zh, en = "目标不是 CGCS2000 的平面坐标系", "the target is no projected CRS of CGCS2000"
        raise _misfit(target, zh, en)
    if crs is not None and not _metric_plane(crs):
        raise _misfit(crs, "它不是以米为单位的平面坐标系", "it is no plane in metres")
    onward = _on_the_same_datum(target)
    turn = _plane_turn(given)
    operation = f"4 parameters in the plane to {brief(target)}; {onward.applied.operation}"
    return Road(lambda x, y: onward.move(*turn(x, y)), Applied(_name(crs), operation, None, given))


def _plane_turn(given: FourParameters) -> Move:
    scale = 1 + given.scale_ppm * 1e-6
    angle = math.radians(given.angle_arcsec / 3600)
    cos, sin = scale * math.cos(angle), scale * math.sin(angle)

    def turn(east: Floats, north: Floats) -> tuple[Floats, Floats]:
        return given.east_m + north * sin + east * cos, given.north_m + north * cos - east * sin

    return turn


def _there_and_back(transformer: Transformer) -> Move:
    """PROJ wraps around the Earth where it does not fail; such a point does not come back."""
    source = transformer.source_crs
    tolerance = 1e-5 if source is not None and source.is_geographic else 1.0

    def move(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        lon, lat = transformer.transform(x, y)
        back_x, back_y = transformer.transform(lon, lat, direction=TransformDirection.INVERSE)
        with np.errstate(invalid="ignore"):  # infinite coordinates stay so
            strange = (np.abs(back_x - x) > tolerance) | (np.abs(back_y - y) > tolerance)
        return np.where(strange, np.inf, lon), np.where(strange, np.inf, lat)

    return move


def _copies(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    return x.copy(), y.copy()


def _base(crs: CRS) -> CRS:
    base = plane(crs).geodetic_crs
    if base is None:
        raise _without_x_and_y(crs)
    return base


def _metric_plane(crs: CRS) -> bool:
    flat = plane(crs)
    metres = all(axis.unit_conversion_factor == 1 for axis in flat.axis_info)
    return metres and (flat.is_projected or flat.is_engineering)


def _check_numbers(crs: CRS | None, given: HelmertParameters) -> None:
    if not all(math.isfinite(v) for v in asdict(given).values() if isinstance(v, float | int)):
        raise _misfit(crs, "含有不是数的值", "one of them is no finite number")


def _name(crs: CRS | None) -> str:
    return "地方坐标系（local grid）" if crs is None else brief(crs)


def _misfit(crs: CRS | None, reason_zh: str, reason: str) -> Problem:
    return Problem(CRS_PARAMETERS, crs=_name(crs), reason_zh=reason_zh, reason=reason)


def _without_x_and_y(crs: CRS) -> Problem:
    reason_zh, reason = "它没有平面坐标或经纬度", "it has neither plane nor lon/lat coordinates"
    return Problem(CRS_UNUSABLE, crs=brief(crs), reason_zh=reason_zh, reason=reason)
