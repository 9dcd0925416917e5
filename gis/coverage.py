"""Does a set of polygons cover its ground once? Gaps, overlaps, slivers, and what would mend them.

Two steps. `shapely.coverage_invalid_edges` names the polygons whose edges do not match their
neighbours'; only those are overlaid, all others are united by dropping common edges. Geometries
are in longitude and latitude (EPSG:4326) and taken as drawn, with edges straight in these two.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from gis.border import Plots, contacts, divided, meets, neighbours
from gis.errors import Problem
from gis.fault import Action, Fault, Kind, Severity, Suggestion
from gis.geometry import Geometries, check_all, force_2d
from gis.measure import Indices, drawn_areas_m2, lengths_m, metres_per_degree
from gis.refusals.coverage import COVERAGE_TOO_MANY, COVERAGE_UNFIT
from gis.region import Flags, Limits, Regions, large_parts, regions, without_holes

_MOST_FAULTS = 10_000
_MOST_FINDINGS = 20
# Of polygons that do not overlap, each box meets nine or so others on average, of long slanting
# strips a hundred. Heaps cost the square of their height and are refused before.
_PILED_UP = 200
_AT_A_TIME = 64
_THIN = {Kind.GAP: Kind.SLIVER_GAP, Kind.OVERLAP: Kind.SLIVER_OVERLAP}
_SEVERITIES = list(Severity)


@dataclass(frozen=True, slots=True)
class _Cover:
    """The polygons, with None where an earlier one is the same, and what was found out on them."""

    plots: Plots
    duplicates: tuple[tuple[int, ...], ...]
    is_doubtful: Flags
    union: BaseGeometry


def check(
    polygons: Sequence[BaseGeometry] | Geometries,
    *,
    within: Polygon | MultiPolygon | None = None,
    tolerance_m2: float = 0.5,
    sliver_width_m: float = 1.0,
    noise_width_m: float = 0.015,
) -> tuple[Fault, ...]:
    """All ground that is not covered exactly once: the gravest faults first, then the largest.

    `polygons`, shape (n,), are valid Polygons or MultiPolygons in EPSG:4326. `within` is the
    ground that they ought to cover; its holes are no gaps. Without it, only gaps that polygons
    enclose can be known.

    Passed over is what measures at most `tolerance_m2`, and what is nowhere wider than
    `noise_width_m`: where a border ends in the middle of another's edge, rounding to 7 decimals
    opens a strip of up to 1.4 cm (0.7 cm at the vertex, 0.7 cm at the edge) by nobody's fault.
    What is nowhere wider than `sliver_width_m` is a sliver.

    Errors: Problem(COVERAGE_UNFIT), with findings, when a geometry is invalid, empty, no polygon
    or not in longitude and latitude; Problem(COVERAGE_TOO_MANY) beyond 10,000 faults.

    >>> west = shapely.box(101.800, 36.60, 101.810, 36.61)
    >>> east = shapely.box(101.809, 36.60, 101.820, 36.61)
    >>> [(fault.kind.value, fault.polygons, round(fault.area_m2)) for fault in check([west, east])]
    [('overlap', (0, 1), 99285)]
    """
    limits = Limits(tolerance_m2, sliver_width_m, noise_width_m)
    cover = _cover(_fit(polygons))
    frame = None if within is None else _fit([within])[0]
    found = chain(
        _duplicates(cover),
        _overlaps(cover, limits),
        _missing(cover, frame, limits),
        () if frame is None else _outside(cover, frame, limits),
    )
    faults = list(islice(found, _MOST_FAULTS + 1))
    if len(faults) > _MOST_FAULTS:
        raise Problem(COVERAGE_TOO_MANY, limit=_MOST_FAULTS)
    return tuple(sorted(faults, key=lambda f: (_SEVERITIES.index(f.severity), -f.area_m2)))


def outside(
    polygons: Geometries,
    frames: Geometries,
    *,
    tolerance_m2: float = 0.5,
    sliver_width_m: float = 1.0,
    noise_width_m: float = 0.015,
) -> tuple[Fault, ...]:
    """What of each polygon lies outside the frame of its own.

    `polygons` and `frames`, shape (n,), are valid Polygons or MultiPolygons in EPSG:4326; a frame
    may be None. The limits are those of `check`.

    >>> east = shapely.box(101.809, 36.60, 101.820, 36.61)
    >>> own = shapely.box(101.810, 36.60, 101.820, 36.61)
    >>> [(fault.kind.value, round(fault.area_m2)) for fault in outside(*np.array([[east], [own]]))]
    [('outside', 99285)]
    """
    limits = Limits(tolerance_m2, sliver_width_m, noise_width_m)
    shapely.prepare(frames)
    framed = np.flatnonzero(~shapely.is_missing(frames))
    out = framed[~shapely.covers(frames[framed], polygons[framed])]
    overlaid = shapely.difference(polygons[out], frames[out])
    return tuple(_standing_out(polygons, overlaid, out, limits))


def left_of(faults: Sequence[Fault], ground: Geometries, limits: Limits) -> list[Fault]:
    """The faults with what is left of their ground, shape (n,), in pieces beyond the limits.

    Kind and severity stay, since they tell what the whole was.
    """
    found = regions(ground, limits)
    return [
        replace(
            faults[source],
            geometry=found.ground[k],
            area_m2=float(found.area_m2[k]),
            width_m=float(found.width_m[k]),
        )
        for k, source in enumerate(found.source.tolist())
    ]


def _fit(polygons: Sequence[BaseGeometry] | Geometries) -> Geometries:
    geometries = np.asarray(polygons, dtype=object)
    findings = [
        replace(finding, row=position + 1)
        for position, finding in check_all(geometries, ("Polygon", "MultiPolygon"))
    ]
    if findings:
        suppressed = max(0, len(findings) - _MOST_FINDINGS)
        listed = findings[:_MOST_FINDINGS]
        raise Problem(COVERAGE_UNFIT, findings=listed, suppressed=suppressed, count=len(findings))
    return force_2d(geometries)


def _cover(polygons: Geometries) -> _Cover:
    _refuse_heap(polygons)
    is_doubtful = ~shapely.is_empty(shapely.coverage_invalid_edges(polygons))
    duplicates = _same(polygons, np.flatnonzero(is_doubtful))
    polygons = polygons.copy()
    for _, *others in duplicates:
        polygons[others] = None
        is_doubtful[others] = False
    clean = shapely.coverage_union_all(polygons[~is_doubtful])
    union = shapely.union(clean, shapely.union_all(polygons[is_doubtful]))
    plots = Plots(polygons, shapely.STRtree(polygons))
    return _Cover(plots, duplicates, is_doubtful, union)


def _refuse_heap(polygons: Geometries) -> None:
    tree, met = shapely.STRtree(polygons), 0
    for start in range(0, len(polygons), _AT_A_TIME):
        met += tree.query(polygons[start : start + _AT_A_TIME]).shape[1]
        if met > _PILED_UP * len(polygons):
            raise Problem(COVERAGE_TOO_MANY, limit=_MOST_FAULTS)


def _same(polygons: Geometries, doubtful: Indices) -> tuple[tuple[int, ...], ...]:
    """Groups of polygons that are the same, wherever their rings begin."""
    groups: dict[bytes, list[int]] = {}
    forms = shapely.to_wkb(shapely.normalize(polygons[doubtful]))
    for index, form in zip(doubtful.tolist(), forms, strict=True):
        groups.setdefault(form, []).append(index)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def _duplicates(cover: _Cover) -> Iterator[Fault]:
    ground = cover.plots.polygons[[group[0] for group in cover.duplicates]]
    areas, lengths = drawn_areas_m2(ground), lengths_m(ground)
    for group, polygon, area, length in zip(cover.duplicates, ground, areas, lengths, strict=True):
        width = float(2 * area / length)
        decide = Suggestion(Action.NONE)
        yield Fault(Kind.DUPLICATE, polygon, float(area), width, group, Severity.ERROR, decide)


def _overlaps(cover: _Cover, limits: Limits) -> Iterator[Fault]:
    for earlier, later in _pairs(cover):
        common = shapely.intersection(cover.plots.polygons[earlier], cover.plots.polygons[later])
        found = regions(common, limits)
        first, second = earlier[found.source], later[found.source]
        polygons = cover.plots.polygons
        loser = np.where(_can_lose(polygons, first, found, limits), first, -1)
        loser = np.where(_can_lose(polygons, second, found, limits), second, loser)
        same = _is_all(cover, first, found, limits) & _is_all(cover, second, found, limits)
        for k, pair in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
            kind = Kind.DUPLICATE if same[k] else Kind.OVERLAP
            yield _fault(kind, found, k, pair, _cut(loser[k], is_thin=found.is_thin[k]))


def _pairs(cover: _Cover) -> Iterator[tuple[Indices, Indices]]:
    """Each pair of polygons that meet, one of them doubtful, once: earlier and later indices."""
    doubtful = np.flatnonzero(cover.is_doubtful)
    for start in range(0, len(doubtful), _AT_A_TIME):
        some = doubtful[start : start + _AT_A_TIME]
        which, other = cover.plots.tree.query(cover.plots.polygons[some], predicate="intersects")
        one = some[which]
        once = (one < other) | ((one != other) & ~cover.is_doubtful[other])
        yield np.minimum(one, other)[once], np.maximum(one, other)[once]


def _missing(cover: _Cover, frame: BaseGeometry | None, limits: Limits) -> Iterator[Fault]:
    ground = _enclosed(cover.union, limits.noise_width_m) if frame is None else frame
    found = regions(np.array([shapely.difference(ground, cover.union)]), limits)
    found = _without_networks(cover, found, ground, limits)
    met = contacts(cover.plots, found.ground)
    near = neighbours(cover.plots, found.ground, met)
    at_edge = np.zeros(len(near), bool) if frame is None else meets(frame.boundary, found.ground)
    # Ground larger than the polygon that it would be added to is rather a polygon that is missing.
    first = [cover.plots.polygons[polygons[0]] if polygons else None for polygons in near]
    fits = ~met.is_nobodys & (found.area_m2 <= drawn_areas_m2(first))
    for k, polygons in enumerate(near):
        kind = Kind.UNCOVERED if at_edge[k] else Kind.GAP
        receiver = polygons[0] if fits[k] else -1
        yield _fault(kind, found, k, polygons, _fill(receiver, is_thin=found.is_thin[k]))


def _without_networks(
    cover: _Cover, found: Regions, ground: BaseGeometry, limits: Limits
) -> Regions:
    """Cracks that run past many polygons, divided among these; all else as it was."""
    met = contacts(cover.plots, found.ground)
    networks = np.flatnonzero(met.is_nobodys & found.is_thin)
    if not networks.size:
        return found
    if np.isin(met.region, networks).sum() > _MOST_FAULTS:
        raise Problem(COVERAGE_TOO_MANY, limit=_MOST_FAULTS)
    pieces = [np.delete(found.ground, networks)]
    for k in networks:
        among = met.polygon[met.region == k]
        reach_m = limits.sliver_width_m
        pieces.append(divided(cover.plots, found.ground[k], among, ground, reach_m))
    return regions(np.concatenate(pieces), limits)


def _outside(cover: _Cover, frame: BaseGeometry, limits: Limits) -> Iterator[Fault]:
    beyond = regions(np.array([shapely.difference(cover.union, frame)]), limits).ground
    part, polygon = cover.plots.tree.query(beyond, predicate="intersects")
    overlaid = shapely.intersection(cover.plots.polygons[polygon], beyond[part])
    yield from _standing_out(cover.plots.polygons, overlaid, polygon, limits)


def _standing_out(
    polygons: Geometries, overlaid: Geometries, polygon: Indices, limits: Limits
) -> Iterator[Fault]:
    """Faults where the polygons named have the overlaid ground and ought not to."""
    found = regions(overlaid, limits)
    owner = polygon[found.source]
    loser = np.where(_can_lose(polygons, owner, found, limits), owner, -1)
    for k, index in enumerate(owner.tolist()):
        suggestion = _cut(loser[k], is_thin=found.is_thin[k])
        yield _fault(Kind.OUTSIDE, found, k, (index,), suggestion)


def _fault(
    kind: Kind, found: Regions, k: int, polygons: tuple[int, ...], suggestion: Suggestion
) -> Fault:
    severity = Severity.ERROR
    if found.is_thin[k]:
        severity = Severity.WARNING if kind in _THIN else Severity.NOTICE
        kind = _THIN.get(kind, kind)
    area, width = float(found.area_m2[k]), float(found.width_m[k])
    return Fault(kind, found.ground[k], area, width, polygons, severity, suggestion)


def _fill(receiver: int, *, is_thin: bool) -> Suggestion:
    if receiver < 0:
        return Suggestion(Action.NONE)
    return Suggestion(Action.SNAP if is_thin else Action.FILL, receives=int(receiver))


def _cut(loser: int, *, is_thin: bool) -> Suggestion:
    if loser < 0:
        return Suggestion(Action.NONE)
    return Suggestion(Action.SNAP if is_thin else Action.CUT, loses=int(loser))


def _enclosed(union: BaseGeometry, crack_m: float) -> BaseGeometry:
    """The ground of the union with all its holes, also those that only a crack leads to."""
    if union.is_empty:
        return union
    # East-west degrees are the shorter ones, north-south cracks may then be somewhat wider.
    south, north = shapely.bounds(union)[[1, 3]]
    reach = crack_m / 2 / metres_per_degree(np.array([(south + north) / 2]))[0, 0]
    closed = shapely.buffer(union, reach, join_style="mitre")
    return without_holes(closed).buffer(-reach, join_style="mitre")


def _is_all(cover: _Cover, polygon: Indices, found: Regions, limits: Limits) -> Flags:
    """Whether the region is the whole polygon, but for less than the tolerance."""
    whole = drawn_areas_m2(cover.plots.polygons[polygon])
    return np.asarray(whole - found.area_m2 <= limits.tolerance_m2)


def _can_lose(polygons: Geometries, polygon: Indices, found: Regions, limits: Limits) -> Flags:
    """Whether the polygon keeps at least half of itself, and in no more pieces than before."""
    whole = polygons[polygon]
    rest = shapely.difference(whole, found.ground)
    _, source = large_parts(rest, limits.tolerance_m2)
    pieces = np.bincount(source, minlength=len(rest))
    keeps_half = found.area_m2 <= drawn_areas_m2(whole) / 2
    return np.asarray(keeps_half & (pieces <= shapely.get_num_geometries(whole)))
