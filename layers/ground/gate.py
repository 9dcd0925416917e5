"""Writes to a layer that covers ground pass here, and open no gap and no overlap."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import shapely
import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gis.errors import Finding, Problem
from gis.fault import Fault
from gis.geometry import Geometries
from gis.region import Flags, without_holes
from gis.worsened import Change, Ground, worsened
from layers.declaring.words import Layer
from layers.ground.partition import Division, Parts, Reader
from layers.held.policies import reach, unrestricted
from layers.reading.features import BBox
from layers.refusals.ground import COVERAGE_OPENED
from layers.registry import Registry
from layers.schema.tables import table

FINDINGS_LISTED = 1000
_LOCK_WAIT = "10s"
_ELSEWHERE = "辖区外 · elsewhere"
"""What a feature of another division is called to who may not know it."""


@dataclass(frozen=True, slots=True, eq=False)
class _Rules:
    """How a change is judged: `pending` ground comes later; without `gaps` only overlaps count.
    Features within `reach` may be named."""

    tolerance_m2: float
    pending: Sequence[BaseGeometry] | Geometries
    gaps: bool
    reach: range


@dataclass(frozen=True, slots=True, eq=False)
class _Before:
    """What is remembered while the writes are made: the features that they replace, the ground
    that they touch, its box, and the ids of all features that were in that box."""

    parts: Parts
    ground: Geometries
    box: BBox
    known: frozenset[int]


def lock(connection: Connection, layer: Layer) -> None:
    """Keep other writers out of a layer with a partition until the transaction ends.

    Two changes at once could each be right and together wrong. Readers go on reading. Take this
    lock before that of a row, or two transactions may wait for each other.
    """
    if layer.partition is None:
        return
    name = connection.dialect.identifier_preparer.format_table(table(layer))
    connection.execute(sa.text(f"SET LOCAL lock_timeout = '{_LOCK_WAIT}'"))
    connection.execute(sa.text(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE"))


@contextmanager
def passing(  # noqa: PLR0913  one change in its own words; a value for it would only rename them
    connection: Connection,
    registry: Registry,
    layer: Layer,
    *,
    ids: Sequence[int],
    geometries: Geometries,
    tolerance_m2: float,
    pending: Sequence[BaseGeometry] | Geometries = (),
    gaps: bool = True,
) -> Iterator[None]:
    """Around the writes of one transaction: the features `ids` change or go, `geometries` come.

    Refused with Problem(COVERAGE_OPENED) is ground that more features share than before, that is
    newly enclosed by features, or that was covered, lies in a stored division concerned, and is
    not covered now; each beyond the tolerance. What was wrong before and is not worse passes.
    All features count, whosever they are; those that the actor may not see are not named.
    """
    if layer.partition is None:
        yield
        return
    lock(connection, layer)
    reader = Reader(connection, registry, layer)
    with unrestricted(connection):
        before = _remembered(reader, ids, geometries)
    yield
    if before is None:
        return
    rules = _Rules(tolerance_m2, pending, gaps, reach(connection))
    with unrestricted(connection):
        findings = _judged(reader, before, rules)
    if findings:
        raise Problem(
            COVERAGE_OPENED,
            findings=findings[:FINDINGS_LISTED],
            suppressed=max(0, len(findings) - FINDINGS_LISTED),
            layer=layer.name,
            count=len(findings),
        )


def placed(problem: Problem, rows: Mapping[int, int]) -> Problem:
    """The gate's refusal with the row, by id, of the feature that brings about each finding."""
    # What changed comes last among the features of a finding.
    findings = [
        replace(finding, row=next((rows[n] for n in _ids(finding)[::-1] if n in rows), None))
        for finding in problem.findings
    ]
    return Problem(problem.rule, findings=findings, suppressed=problem.suppressed, **problem.values)


def _ids(finding: Finding) -> tuple[int, ...]:
    ids = finding.values["ids"]
    assert isinstance(ids, tuple)  # noqa: S101  every finding of the gate has them
    return ids


# --- before and after the writes ------------------------------------------------------------------
def _remembered(reader: Reader, ids: Sequence[int], geometries: Geometries) -> _Before | None:
    """None where the change touches no ground."""
    parts = reader.parts(reader.named(ids))
    ground = np.concatenate([parts.geometries, geometries])
    if len(ground) == 0:
        return None
    west, south, east, north = shapely.total_bounds(ground).tolist()
    box = (west, south, east, north)
    known = sa.select(reader.rows.c.id).where(reader.boxed(box))
    return _Before(parts, ground, box, frozenset(reader.connection.scalars(known)))


def _judged(reader: Reader, before: _Before, rules: _Rules) -> list[Finding]:
    now = reader.parts(reader.boxed(before.box))
    codes = _concerned(before, now)
    if rules.gaps:
        now = _around(reader, before.box, codes)
    owners = {row.division for row in (*before.parts.rows, *now.rows) if row.division}
    divisions = reader.divisions(owners)
    ground = _ground(divisions, codes, rules) if rules.gaps else Ground()
    is_new = ~np.isin(now.ids, list(before.known)) & _in_box(now, before.box)
    is_changed = is_new | np.isin(now.ids, before.parts.ids)
    found: list[tuple[Fault, Parts]] = []
    for over in (False, True):
        was = before.parts.at(before.parts.over(divisions) == over)
        chosen = now.over(divisions) == over
        comparison = _compared(was, now.at(chosen), is_changed[chosen])
        faults = comparison.faults(Ground() if over else ground, rules.tolerance_m2)
        counted = (f for f in faults if not f.kind.is_missing or (rules.gaps and not over))
        found += [(fault, comparison.parts) for fault in counted]
    found.sort(key=lambda pair: -pair[0].area_m2)
    return [_finding(fault, parts, rules.reach) for fault, parts in found]


def _concerned(before: _Before, near: Parts) -> set[str | None]:
    """The divisions of the features that changed and of all that meet the changed ground."""
    tree = shapely.STRtree(near.geometries)
    meeting = np.unique(tree.query(before.ground, predicate="intersects")[1])
    return {row.division for row in (*before.parts.rows, *near.at(meeting).rows)}


def _around(reader: Reader, box: BBox, codes: Collection[str | None]) -> Parts:
    """All features in the box around the changed ground and the divisions concerned."""
    extent = sa.func.st_extent(reader.rows.c.geom)
    edges = [getattr(sa.func, f"st_{edge}")(extent) for edge in ("xmin", "ymin", "xmax", "ymax")]
    statement = sa.select(*edges).where(reader.belongs(codes))
    west, south, east, north = reader.connection.execute(statement).one()
    if west is not None:
        box = (min(box[0], west), min(box[1], south), max(box[2], east), max(box[3], north))
    return reader.parts(reader.boxed(box))


def _in_box(parts: Parts, box: BBox) -> Flags:
    west, south, east, north = shapely.bounds(parts.geometries).reshape(-1, 4).T
    return np.asarray((west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1]))


def _ground(
    divisions: Mapping[str, Division], codes: Collection[str | None], rules: _Rules
) -> Ground:
    """A division's own ground must stay covered; its holes are others', and no gaps."""
    stored = [division.ground for code, division in divisions.items() if code in codes]
    owned = shapely.union_all(stored)
    holes = shapely.difference(without_holes(owned), owned)
    return Ground(owned, shapely.union_all([holes, *rules.pending]))


# --- judging --------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, eq=False)
class _Comparison:
    """One change, and the features in the order that its faults count them."""

    change: Change
    parts: Parts

    def faults(self, ground: Ground, tolerance_m2: float) -> tuple[Fault, ...]:
        if len(self.change.before) + len(self.change.after) == 0:
            return ()
        return worsened(self.change, ground, tolerance_m2=tolerance_m2)


def _compared(was: Parts, now: Parts, is_changed: Flags) -> _Comparison:
    """Those that changed against those that did not; invalid ones stored long ago are no party."""
    was, is_fit = was.at(shapely.is_valid(was.geometries)), shapely.is_valid(now.geometries)
    now, is_changed = now.at(is_fit), is_changed[is_fit]
    earlier = dict(zip(was.ids, was.geometries, strict=True))
    is_same = np.array(
        [
            row.id in earlier and geometry.equals_exact(earlier[row.id])
            for row, geometry in zip(now.rows, now.geometries, strict=True)
        ],
        dtype=bool,
    )
    moved = is_changed & ~is_same
    after, kept = now.at(moved), now.at(~moved)
    before = was.at(~np.isin(was.ids, now.at(is_same).ids))
    parts = Parts(kept.rows + after.rows, np.concatenate([kept.geometries, after.geometries]))
    return _Comparison(Change(kept.geometries, before.geometries, after.geometries), parts)


def _finding(fault: Fault, parts: Parts, reach: range) -> Finding:
    finding = fault.finding([r.label if r.place in reach else _ELSEWHERE for r in parts.rows])
    involved = (parts.rows[n] for n in fault.polygons)
    ids = tuple(row.id for row in involved if row.place in reach)
    return replace(finding, values={**finding.values, "ids": ids})
