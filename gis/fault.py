"""What can be wrong with a coverage: faults as values, and what would mend each of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import shapely
from shapely.geometry import MultiPolygon, Polygon

from gis.errors import Finding, Lang, Rule
from gis.refusals.coverage import (
    COVERAGE_DUPLICATE,
    COVERAGE_GAP,
    COVERAGE_MEND_CUT,
    COVERAGE_MEND_FILL,
    COVERAGE_MEND_NONE,
    COVERAGE_MEND_SNAP,
    COVERAGE_OUTSIDE,
    COVERAGE_OVERLAP,
    COVERAGE_SLIVER_GAP,
    COVERAGE_SLIVER_OVERLAP,
    COVERAGE_UNCOVERED,
)


class Kind(StrEnum):
    """How ground is covered otherwise than once."""

    GAP = "gap"
    OVERLAP = "overlap"
    SLIVER_GAP = "sliver-gap"
    SLIVER_OVERLAP = "sliver-overlap"
    OUTSIDE = "outside"
    UNCOVERED = "uncovered"
    DUPLICATE = "duplicate"

    @property
    def is_missing(self) -> bool:
        """Whether the ground is covered by none, rather than by more than one or wrongly."""
        return self in {Kind.GAP, Kind.SLIVER_GAP, Kind.UNCOVERED}


class Severity(StrEnum):
    """ERROR: ground is wrongly owned; WARNING: a thin border fault; NOTICE: one at the edge."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


class Action(StrEnum):
    """SNAP: a border moves onto its neighbour's; FILL: a polygon receives; CUT: one loses."""

    SNAP = "snap"
    FILL = "fill"
    CUT = "cut"
    NONE = "none"


_FAULTS = {
    Kind.GAP: COVERAGE_GAP,
    Kind.OVERLAP: COVERAGE_OVERLAP,
    Kind.SLIVER_GAP: COVERAGE_SLIVER_GAP,
    Kind.SLIVER_OVERLAP: COVERAGE_SLIVER_OVERLAP,
    Kind.OUTSIDE: COVERAGE_OUTSIDE,
    Kind.UNCOVERED: COVERAGE_UNCOVERED,
    Kind.DUPLICATE: COVERAGE_DUPLICATE,
}
_MENDS = {
    Action.SNAP: COVERAGE_MEND_SNAP,
    Action.FILL: COVERAGE_MEND_FILL,
    Action.CUT: COVERAGE_MEND_CUT,
    Action.NONE: COVERAGE_MEND_NONE,
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One change to one polygon: it `receives` the fault's ground or `loses` it (an index)."""

    action: Action
    receives: int | None = None
    loses: int | None = None

    @property
    def changes(self) -> int:
        """The one polygon that would change; ValueError where nobody can say which."""
        if self.receives is not None:
            return self.receives
        if self.loses is not None:
            return self.loses
        raise ValueError("no polygon is named")

    def sentence(self, lang: Lang = "zh", labels: Sequence[str] | None = None) -> str:
        """What would be done, in words; `labels` name the polygons, by default by number."""
        name = "" if self.action is Action.NONE else _name(self.changes, labels)
        return _MENDS[self.action].sentence(lang, {"polygon": name})


@dataclass(frozen=True, slots=True)
class Fault:
    """Ground that is covered otherwise than once.

    `geometry` is that ground (EPSG:4326), `area_m2` its area on the ellipsoid as drawn, `width_m`
    its mean width, `polygons` the indices involved: those that overlap or stand out, or the
    neighbours of a gap, the one with the longest common border first.
    """

    kind: Kind
    geometry: Polygon | MultiPolygon
    area_m2: float
    width_m: float
    polygons: tuple[int, ...]
    severity: Severity
    suggestion: Suggestion

    @property
    def rule(self) -> Rule:
        """The entry of the catalogue that this fault breaks."""
        return _FAULTS[self.kind]

    def finding(self, labels: Sequence[str] | None = None) -> Finding:
        """The same for a report: rule, ground, area, width, place, names of the polygons, mend."""
        inside = shapely.point_on_surface(self.geometry)
        values = {
            "polygons": ", ".join(_name(index, labels) for index in self.polygons) or "-",
            "area": f"{self.area_m2:.2f}",
            "area_m2": self.area_m2,
            "width": f"{self.width_m:.2f}",
            "lon": f"{inside.x:.7f}",
            "lat": f"{inside.y:.7f}",
            "mend_zh": self.suggestion.sentence("zh", labels),
            "mend": self.suggestion.sentence("en", labels),
        }
        return Finding(self.rule, values=values, geometry=self.geometry)


def _name(index: int, labels: Sequence[str] | None) -> str:
    return f"#{index + 1}" if labels is None else labels[index]
