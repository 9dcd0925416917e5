"""Broken polygons put together again, where their rings leave no doubt of the ground they mean.

The even-odd rule takes rings as they lie, however they turn and are grouped: ground within an odd
number of them belongs to the polygon. That is certain while no ring crosses itself or another; a
ring that only touches itself encloses, turn by turn, as much ground as lies inside it.
make_valid(method="structure") believes the grouping instead, and fills what was read as a part.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from gis.errors import Finding, Lang, Problem
from gis.geometry import Findings, Geometries, check
from gis.measure import Floats, Indices, areas_m2, drawn_areas_m2
from gis.refusals.coverage import (
    GEOMETRY_AMBIGUOUS,
    GEOMETRY_REPAIRED,
    REPAIR_CLOSED,
    REPAIR_POINTS,
    REPAIR_REBUILT,
    REPAIR_RINGS,
    REPAIR_TURNED,
)
from gis.refusals.values import GEOMETRY_INVALID, GEOMETRY_OUTSIDE

# Ground too small to be in dispute: a loop of some centimetres where a line was drawn twice.
_DOUBT_M2 = 0.01
# Rings are compared with one another; what has more of them is not one field drawn wrongly.
_MOST_RINGS = 1_000


class Step(StrEnum):
    """What was done to a polygon."""

    CLOSED = "closed"
    POINTS = "points"
    RINGS = "rings"
    TURNED = "turned"
    REBUILT = "rebuilt"


_RULES = {
    Step.CLOSED: REPAIR_CLOSED,
    Step.POINTS: REPAIR_POINTS,
    Step.RINGS: REPAIR_RINGS,
    Step.TURNED: REPAIR_TURNED,
    Step.REBUILT: REPAIR_REBUILT,
}


@dataclass(frozen=True, slots=True)
class Repair:
    """A valid (Multi)Polygon, outer rings counter-clockwise, and what was done for it, if anything.

    The areas are geodesic: before as the rings were grouped, or as they turned when they came
    without a grouping; after, of `geometry`.
    """

    geometry: BaseGeometry
    steps: tuple[Step, ...]
    area_before_m2: float
    area_after_m2: float

    def sentence(self, lang: Lang = "zh") -> str:
        """The steps in words, with the areas before and after."""
        comma, colon = ("；", "：") if lang == "zh" else ("; ", ": ")
        done = comma.join(_RULES[step].sentence(lang, {}) for step in self.steps)
        return f"{done}{colon}{self.area_before_m2:.2f} → {self.area_after_m2:.2f} m²"


class _Nesting(NamedTuple):
    """Outer rings, and pairs of an outer ring and a hole directly in it (positions)."""

    outers: Indices
    outer: Indices
    hole: Indices


def repair(geometry: BaseGeometry) -> Repair:
    """A valid polygon of the ground that this (Multi)Polygon in EPSG:4326 means.

    A valid one keeps its rings. Errors: Problem(GEOMETRY_AMBIGUOUS), with the place, when the
    rings may mean more than one ground: a bow-tie, rings that cross, a ring given twice; and
    what `gis.geometry.check` refuses for other reasons than validity.

    >>> field = shapely.box(101.800, 36.600, 101.810, 36.610)
    >>> pond = shapely.box(101.803, 36.603, 101.804, 36.604)
    >>> repair(shapely.MultiPolygon([field, pond])).geometry.equals(field.difference(pond))
    True
    """
    finding = check(geometry, ("Polygon", "MultiPolygon"))
    if finding is None:
        return _tidied(geometry)
    if finding.rule is not GEOMETRY_INVALID:
        values: dict[str, Any] = dict(finding.values)
        raise Problem(finding.rule, **values)
    rings, part = shapely.get_rings(shapely.get_parts(geometry), return_index=True)
    signs = np.where(np.diff(part, prepend=-1) == 0, -1.0, 1.0)
    return _even_odd([shapely.get_coordinates(ring) for ring in rings], signs)


def repair_all(geometries: Geometries) -> tuple[Geometries, Findings]:
    """The geometries with their broken polygons repaired, and a note with the row (from 1) of each.

    `geometries` in EPSG:4326. What cannot be repaired for certain stays as it is, invalid, for
    `gis.geometry.check` to refuse; so do other types, None and what lies outside the Earth.
    """
    repaired = geometries.copy()
    notes: list[Finding] = []
    polygonal = np.isin(shapely.get_type_id(geometries), (3, 6))
    for position in map(int, np.flatnonzero(polygonal & ~shapely.is_valid(geometries))):
        try:
            done = repair(geometries[position])
        except Problem:
            continue
        repaired[position] = done.geometry
        said = {"done_zh": done.sentence("zh"), "done": done.sentence("en")}
        notes.append(Finding(GEOMETRY_REPAIRED, position + 1, values=said))
    return repaired, tuple(notes)


def repair_rings(rings: Iterable[npt.ArrayLike]) -> Repair:
    """The polygon that bare rings mean, as a shapefile holds them: in no grouping.

    Each ring has shape (n, 2) or (n, 3), longitude and latitude first (EPSG:4326), closed or not.
    Errors: as `repair`.
    """
    points = [np.asarray(ring, np.float64) for ring in rings]
    return _even_odd([ring[:, :2] if ring.size else np.empty((0, 2)) for ring in points], None)


def _tidied(geometry: BaseGeometry) -> Repair:
    """A valid polygon without repeated points, its rings turned as RFC 7946 asks."""
    tidy = shapely.remove_repeated_points(geometry)
    rings, part = shapely.get_rings(shapely.get_parts(geometry), return_index=True)
    is_ccw = shapely.is_ccw(rings)
    is_hole = np.diff(part, prepend=-1) == 0
    steps: set[Step] = set()
    if shapely.get_num_coordinates(tidy) < shapely.get_num_coordinates(geometry):
        steps.add(Step.POINTS)
    if np.any(is_ccw[is_hole] == is_ccw[~is_hole][part[is_hole]]):
        steps.add(Step.TURNED)
    return _repaired(tidy, steps, float(areas_m2([geometry])[0]))


def _even_odd(given: Sequence[Floats], signs: Floats | None) -> Repair:
    """`signs` says how the ground of each ring counted in the given grouping, if there was one."""
    _refuse_wild(given)
    steps: set[Step] = set()
    rings = np.array([Polygon(_closed(points, steps)) for points in given], dtype=object)
    grounds = np.array([_ground(ring) for ring in rings], dtype=object)
    area = drawn_areas_m2(grounds)
    order = np.argsort(-area, kind="stable")[: np.count_nonzero(area > _DOUBT_M2)]
    if len(order) == 0:
        first = next((points[0] for points in given if len(points)), ("?", "?"))
        raise _ambiguous("没有一个环有面积", "no ring has any area", *first)
    if len(order) < len(given):
        steps.add(Step.RINGS)
    if signs is not None or not shapely.is_valid(rings[order]).all():
        steps.add(Step.REBUILT)
    nesting = _nesting(grounds[order], area[order])
    is_ccw = shapely.is_ccw(shapely.get_exterior_ring(rings[order]))
    if np.any(is_ccw[nesting.outer] == is_ccw[nesting.hole]):
        steps.add(Step.TURNED)
    counted = np.where(is_ccw, 1.0, -1.0) if signs is None else signs[order]
    before_m2 = abs(float(counted @ areas_m2(rings[order])))
    return _repaired(_assembled(grounds[order], nesting), steps, before_m2)


def _refuse_wild(given: Sequence[Floats]) -> None:
    if len(given) > _MOST_RINGS:
        many = f"环超过 {_MOST_RINGS} 个", f"there are more than {_MOST_RINGS} rings"
        raise _ambiguous(*many, "?", "?")
    for points in given:
        # NaN compares as False, so what is no number is not inside.
        beyond = points[~(np.abs(points) <= (180, 90)).all(axis=1)]
        if len(beyond):
            lon, lat = (f"{degrees:.10g}" for degrees in beyond[0])
            raise Problem(GEOMETRY_OUTSIDE, lon=lon, lat=lat)


def _closed(points: Floats, steps: set[Step]) -> Floats:
    """The ring without repeated points, ending where it begins; empty when it encloses nothing."""
    differs = np.any(np.diff(points, axis=0) != 0, axis=1)
    if not differs.all():
        steps.add(Step.POINTS)
        points = points[np.append(differs, True)]
    if len(points) > 2 and np.any(points[0] != points[-1]):
        steps.add(Step.CLOSED)
        points = np.concatenate([points, points[:1]])
    return points if len(points) > 3 else points[:0]


def _ground(ring: Polygon) -> BaseGeometry:
    """The ground inside a ring, when going around it says the same as being inside."""
    if ring.is_valid:
        return ring
    parts = shapely.get_parts(shapely.make_valid(ring, method="linework"))
    ground: BaseGeometry = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    inside_m2, around_m2 = drawn_areas_m2([ground, ring])
    if abs(inside_m2 - around_m2) > _DOUBT_M2:
        finding = check(ring, ("Polygon",))
        values = {} if finding is None else finding.values
        place = values.get("lon", "?"), values.get("lat", "?")
        raise _ambiguous("环自相交", "a ring crosses itself", *place)
    return ground


def _nesting(grounds: Geometries, area_m2: Floats) -> _Nesting:
    """How the grounds, the largest first, lie within one another."""
    outer, inner = shapely.STRtree(grounds).query(grounds, predicate="intersects")
    outer, inner = outer[outer < inner], inner[outer < inner]
    common = shapely.intersection(grounds[outer], grounds[inner])
    common_m2, inner_m2 = drawn_areas_m2(common), area_m2[inner]
    within = common_m2 > inner_m2 / 2
    crossing = np.abs(np.where(within, inner_m2, 0) - common_m2) > _DOUBT_M2
    if crossing.any():
        spot = shapely.point_on_surface(common[crossing][0])
        raise _ambiguous("两个环相交", "two rings cross", spot.x, spot.y)
    same = within & (area_m2[outer] - inner_m2 <= _DOUBT_M2)
    if same.any():
        spot = shapely.point_on_surface(common[same][0])
        raise _ambiguous("同一个环出现两次", "a ring is there twice", spot.x, spot.y)
    outer, inner = outer[within], inner[within]
    depth = np.bincount(inner, minlength=len(grounds))
    is_hole = (depth[inner] % 2 == 1) & (depth[inner] == depth[outer] + 1)
    return _Nesting(np.flatnonzero(depth % 2 == 0), outer[is_hole], inner[is_hole])


def _assembled(grounds: Geometries, nesting: _Nesting) -> BaseGeometry:
    holes = [shapely.union_all(grounds[nesting.hole[nesting.outer == k]]) for k in nesting.outers]
    whole: BaseGeometry = shapely.union_all(shapely.difference(grounds[nesting.outers], holes))
    return whole


def _repaired(geometry: BaseGeometry, steps: set[Step], before_m2: float) -> Repair:
    turned = shapely.orient_polygons(geometry)
    done = tuple(step for step in Step if step in steps)
    return Repair(turned, done, before_m2, float(areas_m2([turned])[0]))


def _ambiguous(reason_zh: str, reason: str, lon: object, lat: object) -> Problem:
    return Problem(GEOMETRY_AMBIGUOUS, reason_zh=reason_zh, reason=reason, lon=lon, lat=lat)
