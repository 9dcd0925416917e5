"""What is wrong with a layer that covers ground, and the mends that somebody names."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gis.coverage import left_of
from gis.errors import Finding, Lang, Problem
from gis.fault import Action, Fault, Severity, Suggestion
from gis.geojson import DECIMALS
from gis.geometry import Geometries
from gis.measure import drawn_areas_m2
from gis.mend import mend
from gis.postgis import Database
from gis.region import Limits
from layers.declaring.words import Layer
from layers.ground import gate
from layers.ground.flaws import Flaw, flaws
from layers.ground.groundwork import groundwork
from layers.ground.partition import Parts, Reader
from layers.ground.placement import Site, site
from layers.ground.tinting import retint
from layers.reading import features
from layers.refusals.ground import FAULT_UNMENDABLE, UNKNOWN_FAULT
from layers.registry import Registry

_ID_CHARACTERS = 10
_SEVERITIES = list(Severity)


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature by its id, and what people call it."""

    id: int
    label: str


@dataclass(frozen=True, slots=True)
class Suggested:
    """What would mend a fault: one change to the geometry of one feature."""

    action: Action
    feature: Feature

    def sentence(self, lang: Lang = "zh") -> str:
        return Suggestion(self.action, receives=0).sentence(lang, [self.feature.label])


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that is wrong; `finding` says it in words and has its ground.

    `id` stays the same while nothing changes there. `features` are those involved: of a gap the
    neighbours, the one with the longest common border first.
    """

    id: str
    kind: str
    severity: Severity
    finding: Finding
    area_m2: float | None
    width_m: float | None
    features: tuple[Feature, ...]
    suggestion: Suggested | None


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found, the gravest first; `features` counts those that were looked at."""

    layer: Layer
    division: str | None
    features: int
    found: tuple[Found, ...]

    @property
    def errors(self) -> int:
        return sum(found.severity is Severity.ERROR for found in self.found)


def inspect(
    connection: Connection,
    registry: Registry,
    layer: Layer,
    *,
    division: str | None = None,
    tolerance_m2: float = 0.5,
) -> Inspection:
    """Check a layer with a partition, or a division of it with all below.

    Problem(UNKNOWN_PARTITION), Problem(UNKNOWN_DIVISION), and Problem(COVERAGE_TOO_MANY) of
    `gis.coverage.check`.
    """
    survey = _survey(Reader(connection, registry, layer), division, tolerance_m2)
    count = int(survey.site.is_member.sum()) + len(survey.site.invalid.rows)
    return Inspection(layer, division, count, tuple(found for found, _ in survey.found))


def fix(  # noqa: PLR0913  the words of `inspect`, and what is to be done
    database: Database,
    registry: Registry,
    layer: Layer,
    ids: Sequence[str],
    *,
    division: str | None = None,
    tolerance_m2: float = 0.5,
) -> tuple[Found, ...]:
    """Apply the suggestions of the faults named, one after the other, all or none.

    The ids are those of an inspection of the same division. Problem(UNKNOWN_FAULT) for one that is
    not there, Problem(FAULT_UNMENDABLE) for one without suggestion, and the refusals of
    `gis.mend.mend` and of the gate.
    """
    if not ids:
        return ()
    with database.begin() as connection:
        gate.lock(connection, layer)
        survey = _survey(Reader(connection, registry, layer), division, tolerance_m2)
        chosen = survey.named(ids)
        redrawn = survey.mended([fault for _, fault in chosen], tolerance_m2)
        coming = np.array(list(redrawn.values()), dtype=object)
        with gate.passing(
            connection,
            registry,
            layer,
            ids=list(redrawn),
            geometries=coming,
            tolerance_m2=tolerance_m2,
        ):
            for feature_id, ground in redrawn.items():
                features.redraw(connection, layer, feature_id, ground)
        retint(connection, layer)
    return tuple(found for found, _ in chosen)


@dataclass(frozen=True, slots=True, eq=False)
class _Survey:
    """What was found at a site, each with its fault where it is one of the ground."""

    site: Site
    found: tuple[tuple[Found, Fault | None], ...]

    def named(self, ids: Sequence[str]) -> list[tuple[Found, Fault]]:
        """What has these ids and can be mended, each once."""
        known = {found.id: (found, fault) for found, fault in self.found}
        chosen = []
        for wanted in dict.fromkeys(ids):
            found, fault = known.get(wanted, (None, None))
            if found is None:
                raise Problem(UNKNOWN_FAULT, id=wanted)
            if fault is None or found.suggestion is None:
                raise Problem(FAULT_UNMENDABLE, id=wanted)
            chosen.append((found, fault))
        return chosen

    def mended(self, faults: Sequence[Fault], tolerance_m2: float) -> dict[int, BaseGeometry]:
        """The new geometries by id, after each fault on what the one before has left."""
        parts, changed = self.site.parts, set[int]()
        over, geometries = parts.over(self.site.tree.divisions), parts.geometries.copy()
        for fault in faults:
            # What lies over the others is no part of their coverage, nor they of its.
            sheet = geometries.copy()
            sheet[over != over[fault.polygons[0]]] = None
            pieces = [fault]
            if not changed.isdisjoint(fault.polygons):
                pieces = left_of([fault], _rest(fault, sheet), Limits(tolerance_m2))
            for piece in pieces:
                sheet = mend(sheet, piece, fault.suggestion, tolerance_m2=tolerance_m2)
            geometries[fault.suggestion.changes] = sheet[fault.suggestion.changes]
            changed.add(fault.suggestion.changes)
        return {parts.rows[n].id: geometries[n] for n in sorted(changed)}


def _rest(fault: Fault, polygons: Geometries) -> Geometries:
    """What an earlier mend has left of a fault, shape (1,)."""
    ground: BaseGeometry = fault.geometry
    if fault.kind.is_missing:
        near = polygons[shapely.intersects(ground, polygons)]
        ground = shapely.difference(ground, shapely.union_all(near))
    else:
        ground = shapely.intersection_all([ground, *polygons[list(fault.polygons)]])
    return np.array([ground], dtype=object)


def _survey(reader: Reader, division: str | None, tolerance_m2: float) -> _Survey:
    at = site(reader, division)
    ground = groundwork(at, tolerance_m2)
    found = [
        *((_of_ground(at.parts, fault), fault) for fault in ground.faults),
        *((_of_record(flaw), None) for flaw in flaws(reader, at, ground.misplaced)),
    ]
    found.sort(key=lambda pair: (_SEVERITIES.index(pair[0].severity), -(pair[0].area_m2 or 0)))
    return _Survey(at, tuple(found))


def _of_ground(parts: Parts, fault: Fault) -> Found:
    involved = [Feature(parts.rows[n].id, parts.rows[n].label) for n in fault.polygons]
    suggestion = None
    if fault.suggestion.action is not Action.NONE:
        row = parts.rows[fault.suggestion.changes]
        suggestion = Suggested(fault.suggestion.action, Feature(row.id, row.label))
    return Found(
        _id(fault.kind.value, involved, fault.geometry),
        fault.kind.value,
        fault.severity,
        fault.finding(parts.labels),
        fault.area_m2,
        fault.width_m,
        tuple(involved),
        suggestion,
    )


def _of_record(flaw: Flaw) -> Found:
    involved = [Feature(row.id, row.label) for row in flaw.parts.rows]
    area_m2 = float(drawn_areas_m2([flaw.ground])[0])
    name = _id(flaw.kind, involved, flaw.ground)
    return Found(name, flaw.kind, flaw.severity, flaw.finding, area_m2, None, tuple(involved), None)


def _id(kind: str, involved: Sequence[Feature], ground: BaseGeometry) -> str:
    """By what is wrong, where and with whom, but for the last bits of an overlay."""
    digest = hashlib.blake2b(repr([feature.id for feature in involved]).encode())
    rounded = shapely.transform(ground.normalize(), lambda xy: np.round(xy, DECIMALS) + 0.0)
    digest.update(rounded.wkb)
    return f"{kind}-{digest.hexdigest()[:_ID_CHARACTERS]}"
