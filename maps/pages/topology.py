"""The report on a layer's coverage: what is wrong where, and what would mend it."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from gis.errors import Lang, Rule
from gis.fault import Action, Severity
from layers.declaring.words import Geometry, Layer
from layers.ground.topology import Feature, Found, Inspection
from layers.registry import Registry
from maps import faults, figures, overlay, swatch, templating
from maps.document import RenderedPage
from maps.drawing import Drawn
from maps.templating import NOBODY, Visit
from maps.words.wording import words

_LISTED = 500
_GRAVITY = list(Severity)


@dataclass(frozen=True, slots=True)
class Group:
    """All faults of one rule: how many, and how much ground they are."""

    label: str
    sign: Markup
    count: int
    area: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class Entry:
    """One fault as a person reads it; `mends` says that its suggestion can be carried out."""

    id: str
    label: str
    sign: Markup
    severity: Severity
    area: str
    sentence: str
    features: Sequence[Feature]
    suggestion: str
    mends: bool
    is_placed: bool


def topology(
    layer: Layer,
    lang: Lang,
    inspection: Inspection,
    *,
    map_src: str,
    visit: Visit = NOBODY,
) -> str:
    """The page: summary, map in an iframe (`map_src`), list; ticked ids are posted as `fix`."""
    return templating.render(
        "topology.html",
        lang,
        visit,
        layer=layer,
        inspection=inspection,
        map_src=map_src,
        title=title(layer.label.of(lang), lang),
        **listed(inspection, lang),
    )


def topology_map(
    registry: Registry, layer: Layer, lang: Lang, inspection: Inspection
) -> RenderedPage:
    """The page in that iframe: the faults over the layer that they are in."""
    name = title(layer.label.of(lang), lang)
    under = (*((layer.partition.of,) if layer.partition else ()), layer.name)
    return overlay.render(
        registry, lang, [drawn(inspection, lang)], title=name, under=under, embedded=True
    )


def title(label: str, lang: Lang) -> str:
    """The heading of a report on the layer of that label."""
    return words("topology", lang)["title"].format(layer=label)


def drawn(inspection: Inspection, lang: Lang) -> Drawn:
    """The faults as a set to draw, each under its id."""
    found = inspection.found
    return faults.drawn([x.finding for x in found], lang, ids=[x.id for x in found])


def listed(inspection: Inspection, lang: Lang) -> dict[str, object]:
    """What `faults_list.html` is given: the faults by rule, and one by one."""
    found = inspection.found  # the gravest first
    entries = [_entry(one, lang) for one in found[:_LISTED]]
    return {
        "said": words("topology", lang),
        "groups": _groups(found, lang),
        "entries": entries,
        "unlisted": len(found) - len(entries),
        "mendable": any(entry.mends for entry in entries),
    }


def _groups(found: Sequence[Found], lang: Lang) -> list[Group]:
    by_rule: dict[Rule, list[Found]] = {}
    for one in found:
        by_rule.setdefault(one.finding.rule, []).append(one)
    return [
        Group(
            label=faults.label(rule, lang),
            sign=_sign(rule),
            count=len(some),
            area=_area(sum(one.area_m2 or 0.0 for one in some), lang),
            severity=min((one.severity for one in some), key=_GRAVITY.index),
        )
        for rule, some in by_rule.items()
    ]


def _entry(found: Found, lang: Lang) -> Entry:
    finding, suggested = found.finding, found.suggestion
    mends = suggested is not None and suggested.action is not Action.NONE
    advice = suggested.sentence(lang) if suggested else finding.suggestion(lang)
    return Entry(
        id=found.id,
        label=faults.label(finding.rule, lang),
        sign=_sign(finding.rule),
        severity=found.severity,
        area=_area(found.area_m2 or 0.0, lang),
        sentence=finding.sentence(lang),
        features=found.features,
        suggestion=advice,
        mends=mends,
        is_placed=faults.is_placed(finding),
    )


def _sign(rule: Rule) -> Markup:
    return swatch.drawn(Geometry.POLYGON, *faults.sign(rule))


def _area(area_m2: float, lang: Lang) -> str:
    """The area in m², finely where it is small; nothing where there is none."""
    if not area_m2:
        return ""
    shown = figures.number(round(area_m2)) if area_m2 >= 100 else f"{area_m2:.2f}"
    return words("topology", lang)["square_metres"].format(area=shown)
