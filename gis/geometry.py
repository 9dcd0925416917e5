"""Geometries in longitude and latitude: what the store accepts, and why it refuses the rest."""

import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from gis.errors import Finding
from gis.refusals.coverage import REPAIR_CLOSED
from gis.refusals.values import GEOMETRY_INVALID, GEOMETRY_MISSING, GEOMETRY_OUTSIDE, GEOMETRY_TYPE

Geometries = npt.NDArray[np.object_]
Findings = tuple[Finding, ...]

_PLACE = re.compile(r"\[(?P<lon>\S+) (?P<lat>\S+)\]$")


def parsed(read: Callable[..., Geometries], texts: Geometries) -> tuple[Geometries, Findings]:
    """Geometries from `shapely.from_wkb` or `from_wkt`, with a note for each ring closed.

    `texts` are bytes or texts, None where there is none; what cannot be read is None.
    """
    given = np.array([text is not None for text in texts], dtype=bool)
    with np.errstate(invalid="ignore"):  # a NaN among the coordinates is refused later, as a row
        geometries = read(texts, on_invalid="ignore")
        unread = np.flatnonzero(shapely.is_missing(geometries) & given)
        closed = read(texts[unread], on_invalid="fix")
    mended = unread[~shapely.is_missing(closed)]
    geometries[unread] = closed
    return geometries, tuple(Finding(REPAIR_CLOSED, int(n) + 1) for n in mended)


def check(geometry: BaseGeometry | None, accepted_types: Sequence[str]) -> Finding | None:
    """The first reason why this geometry cannot be stored, or None.

    `geometry` is in longitude and latitude, degrees; `accepted_types` are OGC type names
    ("Polygon"). Refused are: nothing or an empty geometry, another type, coordinates that are
    not finite or lie outside ±180°, ±90°, and what the Simple Features standard calls invalid.

    >>> check(shapely.Point(36.62, 101.82), ["Point"]).rule.slug
    'geometry-outside'
    """
    if geometry is None or geometry.is_empty:
        return Finding(GEOMETRY_MISSING)
    if geometry.geom_type not in accepted_types:
        wanted = " / ".join(accepted_types)
        return Finding(GEOMETRY_TYPE, values={"found": geometry.geom_type, "wanted": wanted})
    return _outside(geometry) or _invalid(geometry)


def check_all(
    geometries: Geometries, accepted_types: Sequence[str]
) -> Iterator[tuple[int, Finding]]:
    """Position and reason of every geometry that `check` refuses; fast where all are good."""
    types = [shapely.GeometryType[name.upper()].value for name in accepted_types]
    good = np.isin(shapely.get_type_id(geometries), types) & ~shapely.is_empty(geometries)
    good &= within_degrees(geometries) & shapely.is_valid(geometries)
    for position in np.flatnonzero(~good):
        finding = check(geometries[position], accepted_types)
        if finding is not None:
            yield int(position), finding


def force_2d(geometries: Geometries) -> Geometries:
    """The same geometries without heights and measures; a district's ground is a plane here."""
    tall = shapely.has_z(geometries) | shapely.has_m(geometries)
    flat: Geometries = np.array(geometries, dtype=object)
    # A geometry takes hundreds of bytes: what is flat already is not made once more.
    flat[tall] = shapely.force_2d(flat[tall])
    return flat


def looks_like_lonlat(geometries: Geometries) -> bool:
    """Whether half of the geometries or more lie within ±180°, ±90°.

    The test for a file that names no CRS. Half, not all: one mistyped row must be refused as a
    row and not condemn its file.
    """
    present = geometries[~(shapely.is_missing(geometries) | shapely.is_empty(geometries))]
    return len(present) == 0 or float(np.mean(within_degrees(present))) >= 0.5


def within_degrees(geometries: Geometries) -> npt.NDArray[np.bool_]:
    """Which geometries lie within ±180°, ±90°; what is nothing or empty lies nowhere."""
    west, south, east, north = shapely.bounds(geometries).T
    # NaN compares as False, so what has no bounds is not inside.
    inside: npt.NDArray[np.bool_] = (west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)
    return inside


def _outside(geometry: BaseGeometry) -> Finding | None:
    coordinates = shapely.get_coordinates(geometry)
    finite = coordinates[np.isfinite(coordinates).all(axis=1)]
    beyond = finite[(np.abs(finite) > (180, 90)).any(axis=1)]
    if len(beyond) == 0:
        return None
    lon, lat = beyond[0]
    return Finding(GEOMETRY_OUTSIDE, values={"lon": f"{lon:.10g}", "lat": f"{lat:.10g}"})


def _invalid(geometry: BaseGeometry) -> Finding | None:
    reason = str(shapely.is_valid_reason(geometry))
    if reason == "Valid Geometry":
        return None
    found = _PLACE.search(reason)
    lon, lat = (found["lon"], found["lat"]) if found else ("?", "?")
    what = _PLACE.sub("", reason)
    return Finding(GEOMETRY_INVALID, values={"reason": what, "lon": lon, "lat": lat})
