"""What the check of a partition found, as JSON."""

from typing import Any

from gis.errors import Lang
from gis.geojson import to_rfc7946
from layers.ground.topology import Found, Inspection, Suggested


def members(inspection: Inspection, lang: Lang) -> dict[str, Any]:
    """The counts, and the findings in their order, the gravest first."""
    counted: dict[str, int] = {}
    for found in inspection.found:
        counted[found.kind] = counted.get(found.kind, 0) + 1
    return {
        "layer": inspection.layer.name,
        "division": inspection.division,
        "features": inspection.features,
        "errors": inspection.errors,
        "counts": counted,
        "findings": [_finding(found, lang) for found in inspection.found],
    }


def _finding(found: Found, lang: Lang) -> dict[str, Any]:
    """`lon` and `lat` are a point within `geometry` (WGS 84, degrees)."""
    ground = found.finding.geometry
    point = None if ground is None else ground.point_on_surface()
    return {
        "id": found.id,
        "kind": found.kind,
        "severity": found.severity.value,
        "area_m2": _rounded(found.area_m2, 2),
        "width_m": _rounded(found.width_m, 3),
        "lon": None if point is None else round(point.x, 7),
        "lat": None if point is None else round(point.y, 7),
        "geometry": None if ground is None else to_rfc7946(ground),
        "features": [{"id": feature.id, "label": feature.label} for feature in found.features],
        "suggestion": _suggestion(found.suggestion, lang),
        "sentence": found.finding.sentence(lang),
    }


def _suggestion(suggestion: Suggested | None, lang: Lang) -> dict[str, Any] | None:
    if suggestion is None:
        return None
    return {
        "action": suggestion.action.value,
        "feature": {"id": suggestion.feature.id, "label": suggestion.feature.label},
        "sentence": suggestion.sentence(lang),
    }


def _rounded(number: float | None, decimals: int) -> float | None:
    return None if number is None else round(number, decimals)
