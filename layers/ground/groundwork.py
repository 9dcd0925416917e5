"""Faults of the ground: covered by none, by several, or by one that does not belong there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gis.coverage import check, left_of, outside
from gis.fault import Action, Fault, Kind, Suggestion
from gis.measure import Indices, drawn_areas_m2
from gis.region import Limits, without_holes
from layers.ground.partition import Division
from layers.ground.placement import Site

_NOTHING = shapely.Polygon()
_NOBODY = Suggestion(Action.NONE)


@dataclass(frozen=True, slots=True)
class Groundwork:
    """The faults, whose `polygons` are positions in the site's parts, and the parts that lie for
    the larger share in another division than theirs, with that division."""

    faults: tuple[Fault, ...]
    misplaced: Mapping[int, Division]


def groundwork(site: Site, tolerance_m2: float) -> Groundwork:
    """All ground that is wrongly covered, each piece of it told once."""
    out = outside(site.parts.geometries, site.own, tolerance_m2=tolerance_m2)
    misplaced = _misplaced(site, out)
    out = tuple(fault for fault in out if fault.polygons[0] not in misplaced)
    over = site.parts.over(site.tree.divisions)
    found = _framed(site, np.flatnonzero(~over), tolerance_m2)
    bare = [fault for fault in found if fault.kind.is_missing]
    above = _checked(site, np.flatnonzero(over), tolerance_m2)
    shared = [fault for fault in (*found, *above) if not fault.kind.is_missing]
    faults = [
        *(_with_way_out(site, fault, tolerance_m2) for fault in out),
        *_without_told(shared, out, tolerance_m2),
        *(_with_receiver(site, fault, tolerance_m2) for fault in bare),
    ]
    return Groundwork(tuple(fault for fault in faults if _concerns(site, fault)), misplaced)


def _misplaced(site: Site, out: Iterable[Fault]) -> Mapping[int, Division]:
    """Parts whose larger share lies outside their own division, and a point within in another."""
    beyond_m2: dict[int, float] = {}
    for fault in out:
        (n,) = fault.polygons
        beyond_m2[n] = beyond_m2.get(n, 0.0) + fault.area_m2
    whole_m2 = drawn_areas_m2(site.parts.geometries)
    found = {}
    for n, area_m2 in beyond_m2.items():
        own, leaf = site.parts.rows[n].division, site.leaf[n]
        if leaf and own and area_m2 > whole_m2[n] / 2 and not site.tree.is_within(leaf.code, own):
            found[n] = leaf
    return found


def _concerns(site: Site, fault: Fault) -> bool:
    """Whether it has to do with what was asked for: a part of it, or the ground."""
    mine = any(site.is_member[n] for n in fault.polygons)
    return mine or site.frame.intersects(shapely.point_on_surface(fault.geometry))


# --- the parts as a coverage ----------------------------------------------------------------------
def _framed(site: Site, positions: Indices, tolerance_m2: float) -> list[Fault]:
    """The faults of the parts that cover ground, with all ground of the frame that they miss."""
    if site.frame.is_empty:
        found = _checked(site, positions, tolerance_m2)
    else:
        found = _checked(site, positions, tolerance_m2, site.frame)
        if shapely.is_missing(site.own[positions]).any():  # beside the frame, they may enclose gaps
            beside = _checked(site, positions, tolerance_m2)
            gaps = [fault for fault in beside if fault.kind.is_missing]
            found += _less(gaps, without_holes(site.frame), tolerance_m2)
    hidden = shapely.union_all(shapely.make_valid(site.invalid.geometries))
    bare = _less([fault for fault in found if fault.kind.is_missing], hidden, tolerance_m2)
    return [*(fault for fault in found if not fault.kind.is_missing), *bare]


def _checked(
    site: Site,
    positions: Indices,
    tolerance_m2: float,
    within: shapely.MultiPolygon | None = None,
) -> list[Fault]:
    polygons = site.parts.geometries[positions]
    found = check(polygons, within=within, tolerance_m2=tolerance_m2)
    # Each part has a frame of its own; what lies outside of that is found apart.
    return [_moved(fault, positions) for fault in found if fault.kind is not Kind.OUTSIDE]


def _moved(fault: Fault, positions: Indices) -> Fault:
    """The fault of some parts as one of all parts."""
    suggestion = fault.suggestion
    receives = None if suggestion.receives is None else int(positions[suggestion.receives])
    loses = None if suggestion.loses is None else int(positions[suggestion.loses])
    return replace(
        fault,
        polygons=tuple(positions[list(fault.polygons)].tolist()),
        suggestion=replace(suggestion, receives=receives, loses=loses),
    )


# --- told once, and mended where that is right ------------------------------------------------
def _less(faults: Sequence[Fault], ground: BaseGeometry, tolerance_m2: float) -> list[Fault]:
    if not faults or ground.is_empty:
        return list(faults)
    rest = shapely.difference([fault.geometry for fault in faults], ground)
    return left_of(faults, rest, Limits(tolerance_m2))


def _without_told(
    shared: Sequence[Fault], out: Iterable[Fault], tolerance_m2: float
) -> list[Fault]:
    """Ground that two share because one of them stands out is told of that one alone."""
    standing_out: dict[int, list[BaseGeometry]] = {}
    for fault in out:
        standing_out.setdefault(fault.polygons[0], []).append(fault.geometry)
    found: list[Fault] = []
    for fault in shared:
        told = [part for n in fault.polygons for part in standing_out.get(n, [])]
        found += _less([fault], shapely.union_all(told), tolerance_m2)
    return found


def _with_way_out(site: Site, fault: Fault, tolerance_m2: float) -> Fault:
    """Nobody need cut what would leave the ground of another division to no one."""
    ground = fault.geometry
    if shapely.intersection(ground, site.frame).is_empty:
        return fault
    (n,) = fault.polygons
    others = np.delete(site.parts.geometries, n)
    near = others[shapely.intersects(ground, others)]
    bare = shapely.difference(shapely.intersection(ground, site.frame), shapely.union_all(near))
    if drawn_areas_m2([bare])[0] <= tolerance_m2:
        return fault
    return replace(fault, suggestion=_NOBODY)


def _with_receiver(site: Site, fault: Fault, tolerance_m2: float) -> Fault:
    """A gap is added to a neighbour in whose own division it lies, and to no other."""
    if fault.suggestion.receives is None:
        return fault
    area_m2 = drawn_areas_m2(site.parts.geometries[list(fault.polygons)])
    for n, neighbour_m2 in zip(fault.polygons, area_m2, strict=True):
        own = site.own[n]
        beyond = _NOTHING if own is None else shapely.difference(fault.geometry, own)
        if neighbour_m2 >= fault.area_m2 and drawn_areas_m2([beyond])[0] <= tolerance_m2:
            return replace(fault, suggestion=replace(fault.suggestion, receives=n))
    return replace(fault, suggestion=_NOBODY)
