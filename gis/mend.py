"""One named mend of one fault of a coverage, and nothing else."""

import shapely
from shapely.geometry.base import BaseGeometry

from gis.errors import Problem
from gis.fault import Action, Fault, Kind, Severity, Suggestion
from gis.geometry import Geometries
from gis.measure import drawn_areas_m2
from gis.refusals.coverage import COVERAGE_MEND_REFUSED

# 1 µm: overlays place a new node within about 1e-14° of its edge; no border is drawn so finely.
_SAME_PLACE_DEG = 1e-11
_SAME_AREA_M2 = 0.01


def mend(
    polygons: Geometries, fault: Fault, suggestion: Suggestion, *, tolerance_m2: float = 0.5
) -> Geometries:
    """The polygons, shape (n,) in EPSG:4326, with the fault's ground given or taken as suggested.

    Only the polygon that `suggestion` names differs in the result, and only there; pieces that
    come loose and measure at most `tolerance_m2` go with the ground. That is checked: it is
    valid, its area has changed by that of the ground, and other polygons cover the ground when
    it was cut, none when it was filled. The suggestion need not be the fault's own.

    Errors: Problem(COVERAGE_MEND_REFUSED) when the suggestion does not go with the fault, when it
    would leave nothing of the polygon, or when the fault is no longer to be found.
    """
    index = _changed(fault, suggestion)
    before, receives = polygons[index], suggestion.receives is not None
    after = _applied(before, fault.geometry, receives=receives)
    after, crumbs_m2 = _without_crumbs(before, after, tolerance_m2)
    if after.is_empty or after.geom_type not in {"Polygon", "MultiPolygon"} or not after.is_valid:
        raise _refusal("该图形将不复存在或无效", "the polygon would vanish or become invalid")
    mended = polygons.copy()
    mended[index] = after
    if not _is_mended(polygons, mended, fault, index, _SAME_AREA_M2 + crumbs_m2):
        raise _refusal(
            "图形在检查之后已有变动", "the polygons have changed since they were checked"
        )
    return mended


def _changed(fault: Fault, suggestion: Suggestion) -> int:
    wanted, other = suggestion.loses, suggestion.receives
    if fault.kind.is_missing:
        wanted, other = other, wanted
    actions = {Action.FILL if fault.kind.is_missing else Action.CUT}
    if fault.severity is not Severity.ERROR:
        actions.add(Action.SNAP)
    if suggestion.action not in actions or wanted is None or other is not None:
        raise _refusal("此处不能用这种办法", "this action does not go with this fault")
    if wanted not in fault.polygons:
        raise _refusal("所选图形不在此处", "the polygon named has no part in this fault")
    return wanted


def _applied(polygon: BaseGeometry, ground: BaseGeometry, *, receives: bool) -> BaseGeometry:
    # Without common nodes, an edge and a vertex 1e-14° beside it leave a hair's breadth between.
    noded = shapely.snap(polygon, ground, _SAME_PLACE_DEG)
    ground = shapely.snap(ground, noded, _SAME_PLACE_DEG)
    return shapely.union(noded, ground) if receives else shapely.difference(noded, ground)


def _without_crumbs(
    before: BaseGeometry, after: BaseGeometry, tolerance_m2: float
) -> tuple[BaseGeometry, float]:
    """The geometry without small parts that it did not have before, and the area of these."""
    old, parts = set(shapely.get_parts(before)), shapely.get_parts(after)
    area_m2 = drawn_areas_m2(parts)
    is_crumb = (area_m2 <= tolerance_m2) & [part not in old for part in parts]
    if is_crumb.all() or not is_crumb.any():
        return after, 0.0
    return shapely.union_all(parts[~is_crumb]), float(area_m2[is_crumb].sum())


def _is_mended(
    before: Geometries, after: Geometries, fault: Fault, index: int, doubt_m2: float
) -> bool:
    gained = drawn_areas_m2([after[index]])[0] - drawn_areas_m2([before[index]])[0]
    if fault.kind.is_missing:
        is_once = _covered_m2(before, fault.geometry) <= doubt_m2
        return bool(is_once and abs(gained - fault.area_m2) <= doubt_m2)
    is_covered = _covered_m2(after, fault.geometry) >= fault.area_m2 - doubt_m2
    is_right = is_covered or fault.kind is Kind.OUTSIDE
    return bool(is_right and abs(gained + fault.area_m2) <= doubt_m2)


def _covered_m2(polygons: Geometries, ground: BaseGeometry) -> float:
    """How much of the ground is covered, counted as often as it is."""
    shapely.prepare(ground)
    near = polygons[shapely.intersects(ground, polygons)]
    return float(drawn_areas_m2(shapely.intersection(near, ground)).sum())


def _refusal(reason_zh: str, reason: str) -> Problem:
    return Problem(COVERAGE_MEND_REFUSED, reason_zh=reason_zh, reason=reason)
