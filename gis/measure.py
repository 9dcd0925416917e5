"""Areas and lengths on the WGS 84 ellipsoid, for whole arrays of geometries at once.

Coordinates are longitude and latitude in degrees (EPSG:4326); results are square metres and
metres. The area between an edge and the equator is an integral of Q(φ), the area below a latitude
for each radian of longitude (Snyder, Map Projections: A Working Manual, USGS 1987, eq. 3-12 scaled
by b²/2). What a geodesic encloses beyond the line that is straight in longitude and latitude is
added in closed form, from the geodesic's curvature in these two coordinates.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

_GEOD = Geod(ellps="WGS84")
_E2 = _GEOD.es
_E = _E2**0.5
# Within these the closed form agrees with Geod to about 1e-9; a ring beyond them goes to Geod.
_LONG_EDGE_DEG = 0.1
_HIGH_LATITUDE_DEG = 80.0
_GAUSS = tuple(zip((0.5 - 0.15**0.5, 0.5, 0.5 + 0.15**0.5), (5 / 18, 8 / 18, 5 / 18), strict=True))


class _Edges(NamedTuple):
    """The edges of many paths: ends in degrees, shape (m,), and the path that each is of."""

    lon: Floats
    lat: Floats
    to_lon: Floats
    to_lat: Floats
    path: Indices


def areas_m2(geometries: Iterable[Any]) -> Floats:
    """Geodesic area of each geometry, in square metres, whichever way its rings turn.

    n geometries → shape (n,), EPSG:4326. Edges are geodesics, as for `pyproj.Geod` and PostGIS's
    `ST_Area(geography)`. Points, lines, None and empty geometries have 0.

    >>> square = shapely.box(101.80, 36.60, 101.81, 36.61)
    >>> round(float(areas_m2([square])[0]), 1)
    992850.7
    """
    return _areas_m2(geometries, _geodesic_ring_areas_m2)


def drawn_areas_m2(geometries: Iterable[Any]) -> Floats:
    """Area as drawn: edges straight in longitude and latitude, on the ellipsoid, square metres.

    n geometries → shape (n,), EPSG:4326. Overlays (union, difference) know only such edges, so
    under this measure the parts of a polygon add up to it, even where a long edge gained a
    vertex. An east-west edge of 100 m parts from its geodesic by about 0.01 m², of 1 km by 10 m².
    """
    return _areas_m2(geometries, _drawn_ring_areas_m2)


def lengths_m(geometries: Iterable[Any]) -> Floats:
    """Geodesic length of each line, or of all rings of each polygon, in metres, by `pyproj.Geod`.

    n geometries → shape (n,), EPSG:4326. Points, None and empty geometries have 0.

    >>> line = shapely.LineString([(101.80, 36.60), (101.81, 36.60)])
    >>> round(float(lengths_m([line])[0]), 2)
    894.76
    """
    parts, owner, count = _parts(geometries)
    polygonal = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    rings, polygon = shapely.get_rings(parts[polygonal], return_index=True)
    edges = _edges(np.concatenate([parts[~polygonal], rings]))
    owner = np.concatenate([owner[~polygonal], owner[polygonal][polygon]])
    *_, length = _GEOD.inv(edges.lon, edges.lat, edges.to_lon, edges.to_lat)
    return _sums(owner[edges.path], length, count)


def metres_per_degree(latitude: Floats) -> Floats:
    """Metres in a degree of longitude and of latitude, at latitudes in degrees: (n,) → (n, 2)."""
    meridian, parallel = _radii_m(np.radians(latitude))
    return np.radians(np.stack([parallel, meridian], axis=-1))


def _areas_m2(geometries: Iterable[Any], ring_areas_m2: Callable[[_Edges, int], Floats]) -> Floats:
    parts, owner, count = _parts(geometries)
    rings, part = shapely.get_rings(parts, return_index=True)
    area = ring_areas_m2(_edges(rings), len(rings))
    is_hole = np.diff(part, prepend=-1) == 0
    return _sums(owner[part], np.where(is_hole, -area, area), count)


def _parts(geometries: Iterable[Any]) -> tuple[NDArray[Any], Indices, int]:
    """The simple geometries within, whose each of them is, and the number of geometries."""
    parts = np.array(list(geometries), dtype=object)
    count, owner = len(parts), np.arange(len(parts))
    while np.any(shapely.get_type_id(parts) > shapely.GeometryType.POLYGON):
        parts, inner = shapely.get_parts(parts, return_index=True)
        owner = owner[inner]
    return parts, owner, count


def _edges(paths: NDArray[Any]) -> _Edges:
    lonlat, path = shapely.get_coordinates(paths, return_index=True)
    inner = path[1:] == path[:-1]
    start, end = lonlat[:-1][inner], lonlat[1:][inner]
    return _Edges(start[:, 0], start[:, 1], end[:, 0], end[:, 1], path[1:][inner])


def _sums(index: Indices, values: Floats, count: int) -> Floats:
    return np.bincount(index, values, minlength=count).astype(np.float64)


def _drawn_ring_areas_m2(edges: _Edges, count: int) -> Floats:
    return np.abs(_sums(edges.path, _below_straight_m2(edges), count))


def _geodesic_ring_areas_m2(edges: _Edges, count: int) -> Floats:
    below = _below_straight_m2(edges) + _beyond_straight_m2(edges)
    areas = np.abs(_sums(edges.path, below, count))
    far = (
        (np.abs(edges.to_lon - edges.lon) > _LONG_EDGE_DEG)
        | (np.abs(edges.to_lat - edges.lat) > _LONG_EDGE_DEG)
        | (np.abs(edges.lat) > _HIGH_LATITUDE_DEG)
    )
    for ring in np.unique(edges.path[far]):
        first, last = np.searchsorted(edges.path, (ring, ring + 1))
        area, _ = _GEOD.polygon_area_perimeter(edges.lon[first:last], edges.lat[first:last])
        areas[ring] = abs(area)
    return areas


def _below_straight_m2(edges: _Edges) -> Floats:
    """∫ Q(φ) dλ along each edge, straight in λ and φ, by three-point Gauss quadrature."""
    rise = edges.to_lat - edges.lat
    # Degrees first: the difference of near numbers is exact, so that a closed ring adds up to 0.
    below = np.zeros_like(rise)
    for at, weight in _GAUSS:
        below += weight * _q_m2(np.radians(edges.lat + at * rise))
    below *= np.radians(edges.to_lon - edges.lon)
    return below


def _beyond_straight_m2(edges: _Edges) -> Floats:
    """The area between each edge's geodesic and its straight line, positive towards the pole.

    A geodesic obeys φ'' = -(r sin φ / M) λ'² - (M'/M) φ'² and λ'' = 2 (M sin φ / r) φ' λ', M and
    r being the radii of the meridian and of the parallel; a curve that leaves its chord by
    t(1-t)/2 times its second derivative encloses (λ''φ' - φ''λ')/12 with it, times M r on the
    ground.
    """
    phi = np.radians((edges.lat + edges.to_lat) / 2)
    east, north = np.radians(edges.to_lon - edges.lon), np.radians(edges.to_lat - edges.lat)
    meridian, parallel = _radii_m(phi)
    sine = np.sin(phi)
    meridian_slope = 3 * meridian * _E2 * sine * np.cos(phi) / (1 - _E2 * sine**2)
    bend: Floats = parallel**2 * sine * east**2
    bend += (meridian_slope * parallel + 2 * meridian**2 * sine) * north**2
    return east * bend / 12


def _q_m2(phi: Floats) -> Floats:
    """The area between the equator and the latitude φ (radians) for one radian of longitude."""
    sine = np.sin(phi)
    q: Floats = _GEOD.b**2 / 2 * (sine / (1 - _E2 * sine**2) + np.arctanh(_E * sine) / _E)
    return q


def _radii_m(phi: Floats) -> tuple[Floats, Floats]:
    """Radius of curvature along the meridian, and radius of the parallel, at φ (radians)."""
    flattening = 1 - _E2 * np.sin(phi) ** 2
    root = np.sqrt(flattening)
    return _GEOD.a * (1 - _E2) / (flattening * root), _GEOD.a * np.cos(phi) / root
