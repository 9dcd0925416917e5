"""Ground that an overlay leaves over: measured, and freed of what is but rounding."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from gis.geometry import Geometries
from gis.measure import Floats, Indices, drawn_areas_m2, lengths_m, metres_per_degree

Flags = npt.NDArray[np.bool_]

# A piece is cut from its hairs this far out, so that the ends of its own borders stay as they are.
_SPARE_M = 0.001
# Hairs are a tenth of an outline or more, and either next to nothing of the ground or a tenth of it
# too; what loses some ground with its ends is a strip that tapers off.
_HAIRY = 0.9
_TAPERED = 0.99
# Corners down to some 6° grow back whole.
_SHARPEST = 20.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What is passed over (up to this area; nowhere wider than noise), and what is a sliver."""

    tolerance_m2: float = 0.5
    sliver_width_m: float = 1.0
    noise_width_m: float = 0.015


class Regions(NamedTuple):
    """One polygon of ground each (EPSG:4326), and the position of what it is a part of.

    `width_m` is the mean width; `is_thin` says that it is nowhere wider than a sliver.
    """

    ground: Geometries
    area_m2: Floats
    width_m: Floats
    is_thin: Flags
    source: Indices


def regions(overlaid: Geometries, limits: Limits) -> Regions:
    """The polygons within n overlays, shape (n,) in EPSG:4326, that are beyond the limits."""
    parts, source = large_parts(overlaid, limits.tolerance_m2)
    pieces, part = _without_hairs(parts, limits.noise_width_m)
    ground, piece = large_parts(pieces, limits.tolerance_m2)
    area = drawn_areas_m2(ground)
    width = 2 * area / lengths_m(ground)
    is_thin = _nowhere_wider(ground, width, limits.sliver_width_m)
    return Regions(ground, area, width, is_thin, source[part[piece]])


def large_parts(geometries: Geometries, tolerance_m2: float) -> tuple[Geometries, Indices]:
    """The polygons of more than this area (m²) among the parts, and which geometry each is of."""
    parts, source = shapely.get_parts(geometries, return_index=True)
    large = drawn_areas_m2(parts) > tolerance_m2
    return parts[large], source[large]


def without_holes(ground: BaseGeometry) -> BaseGeometry:
    """The ground with all that its outer rings enclose."""
    outlines = shapely.get_exterior_ring(shapely.get_parts(ground))
    solid: BaseGeometry = shapely.union_all(shapely.polygons(outlines))
    return solid


def _nowhere_wider(ground: Geometries, mean_width_m: Floats, limit_m: float) -> Flags:
    """Whether no disc of this diameter has room: eroding by half of it leaves nothing."""
    # The largest disc is at least as wide as the mean, so that most need no erosion.
    narrow = mean_width_m <= limit_m
    scale, shift = _plane(ground[narrow])
    shapes = _placed(ground[narrow], scale, shift)
    narrow[narrow] = shapely.is_empty(shapely.buffer(shapes, -limit_m / 2))
    return narrow


def _without_hairs(parts: Geometries, width_m: float) -> tuple[Geometries, Indices]:
    """The parts that are somewhere wider than this, and which each was; composite ones in pieces.

    A crack of rounding can run from one gap to the next, or through all the ground.
    """
    scale, shift = _plane(parts)
    shapes = _placed(parts, scale, shift)
    cores = shapely.buffer(shapes, -width_m / 2)
    is_one = (shapely.get_num_geometries(cores) == 1) & ~shapely.is_empty(cores)
    is_one &= ~_is_hairy(shapes, _regrown(cores, width_m))
    whole, composite = np.flatnonzero(is_one), np.flatnonzero(~is_one)
    pieces, which = shapely.get_parts(cores[composite], return_index=True)
    of = composite[which]
    reach = _placed(_regrown(pieces, width_m), 1 / scale[of], -shift[of] / scale[of])
    cut = shapely.intersection(parts[of], reach)
    return np.concatenate([parts[whole], cut]), np.concatenate([whole, of])


def _is_hairy(shapes: Geometries, regrown: Geometries) -> Flags:
    """Whether much of the outline is gone, and not just the ends of a strip that tapers off."""
    kept, whole = shapely.area(regrown), shapely.area(shapes)
    is_shorter = shapely.length(regrown) < _HAIRY * shapely.length(shapes)
    return np.asarray(is_shorter & ((kept < _HAIRY * whole) | (kept > _TAPERED * whole)))


def _regrown(cores: Geometries, width_m: float) -> Geometries:
    reach = width_m / 2 + _SPARE_M
    grown: Geometries = shapely.buffer(cores, reach, join_style="mitre", mitre_limit=_SHARPEST)
    return grown


def _plane(parts: Geometries) -> tuple[Floats, Floats]:
    """Scale and shift from degrees to metres from the south-western corner of each part."""
    west, south, _, north = shapely.bounds(parts).T
    scale = metres_per_degree((south + north) / 2)
    return scale, -np.stack([west, south], axis=1) * scale


def _placed(shapes: Geometries, scale: Floats, shift: Floats) -> Geometries:
    coordinates, shape = shapely.get_coordinates(shapes, return_index=True)
    coordinates = coordinates * scale[shape] + shift[shape]
    placed: Geometries = shapely.set_coordinates(shapes.copy(), coordinates)
    return placed
