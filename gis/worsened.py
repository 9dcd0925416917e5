"""What a change of some polygons of a coverage makes worse, whatever was wrong with it before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gis.border import Plots, contacts, neighbours
from gis.coverage import check, left_of
from gis.fault import Action, Fault, Kind, Severity, Suggestion
from gis.geometry import Geometries
from gis.region import Limits, regions

_NOTHING = shapely.Polygon()


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """Polygons (EPSG:4326) that stay, `kept`, and those `before` whose place those `after` take."""

    kept: Geometries
    before: Geometries
    after: Geometries


@dataclass(frozen=True, slots=True)
class Ground:
    """`owned` must stay covered where it was; `free` need never be. Both in EPSG:4326."""

    owned: BaseGeometry = _NOTHING
    free: BaseGeometry = _NOTHING


def worsened(
    change: Change,
    ground: Ground = Ground(),
    *,
    tolerance_m2: float = 0.5,
    sliver_width_m: float = 1.0,
    noise_width_m: float = 0.015,
) -> tuple[Fault, ...]:
    """Ground that more polygons share than before, that is newly enclosed, or no longer covered.

    The faults' `polygons` are indices into `kept` followed by `after`. The limits are those of
    `gis.coverage.check`; what was beyond them before and has not grown by more is passed over.

    Errors: those of `gis.coverage.check`.

    >>> west = shapely.box(101.80, 36.60, 101.81, 36.61)
    >>> east = shapely.box(101.81, 36.60, 101.82, 36.61)
    >>> wider = shapely.box(101.80, 36.60, 101.811, 36.61)
    >>> change = Change(*(np.array([polygon]) for polygon in (east, west, wider)))
    >>> [fault.kind.value for fault in worsened(change)]
    ['overlap']
    """
    limits = Limits(tolerance_m2, sliver_width_m, noise_width_m)
    # Of two that overlap the later one is suggested to lose, and that should be the newcomer.
    now, kept = np.concatenate([change.kept, change.after]), len(change.kept)
    found = _checked(now, kept, limits)
    overlaps = [fault for fault in found if not fault.kind.is_missing]
    gaps = [fault for fault in found if fault.kind.is_missing]
    shared, bare = _grounds(overlaps), _grounds(gaps)
    if found:  # else what was wrong before cannot matter, and most changes are clean
        earlier = _checked(np.concatenate([change.kept, change.before]), kept, limits)
        _cancel(shared, _grounds([fault for fault in earlier if not fault.kind.is_missing]))
        known = _grounds([fault for fault in earlier if fault.kind.is_missing])
        bare = shapely.difference(bare, shapely.union_all([*known, ground.free]))
    lost = _lost(change, ground, bare)
    remains = left_of([*overlaps, *gaps], np.concatenate([shared, bare]), limits)
    return (*remains, *_uncovered(now, lost, limits))


def _checked(polygons: Geometries, kept: int, limits: Limits) -> list[Fault]:
    """The faults in which a polygon after the first `kept` has a part, and all gaps."""
    found = check(
        polygons,
        tolerance_m2=limits.tolerance_m2,
        sliver_width_m=limits.sliver_width_m,
        noise_width_m=limits.noise_width_m,
    )
    return [fault for fault in found if fault.kind.is_missing or max(fault.polygons) >= kept]


def _grounds(faults: Sequence[Fault]) -> Geometries:
    return np.array([fault.geometry for fault in faults], dtype=object)


def _cancel(ground: Geometries, earlier: Geometries) -> None:
    """Take from each ground what was wrong before; what was wrong twice counts twice."""
    tree = shapely.STRtree(earlier)
    for n, whole in enumerate(ground):
        for k in tree.query(whole, predicate="intersects"):
            rest, before = ground[n], earlier[k]
            ground[n] = shapely.difference(rest, before)
            earlier[k] = shapely.difference(before, rest)


def _lost(change: Change, ground: Ground, known: Geometries) -> BaseGeometry:
    """Owned ground that was covered, is not now, and is in none of the known gaps."""
    was = shapely.intersection(shapely.union_all(change.before), ground.owned)
    if was.is_empty:
        return was
    shapely.prepare(was)
    near = change.kept[shapely.intersects(was, change.kept)]
    return shapely.difference(was, shapely.union_all([*change.after, *near, *known, ground.free]))


def _uncovered(polygons: Geometries, ground: BaseGeometry, limits: Limits) -> Iterator[Fault]:
    found = regions(np.array([ground]), limits)
    plots = Plots(polygons, shapely.STRtree(polygons))
    near = neighbours(plots, found.ground, contacts(plots, found.ground))
    nobody = Suggestion(Action.NONE)
    for k, beside in enumerate(near):
        area, width = float(found.area_m2[k]), float(found.width_m[k])
        yield Fault(Kind.UNCOVERED, found.ground[k], area, width, beside, Severity.ERROR, nobody)
