"""The history of one feature: what changed when, by whom, and where its ground went."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gis.errors import Lang
from gis.geojson import to_rfc7946
from gis.measure import drawn_areas_m2
from layers.declaring.words import Layer, Paint
from layers.reading.chronicle import Entry, Flow
from layers.reading.past import FeatureChange, State
from layers.registry import Registry
from maps import figures, overlay, templating, values
from maps.document import RenderedPage
from maps.drawing import Drawn, DrawnClass, Pattern
from maps.templating import NOBODY, Visit
from maps.words.wording import words

_SHAPE = "geometry"
_PARTS: Mapping[str, tuple[Paint, Pattern]] = {
    "was": (Paint("#77828E"), "dashed"),
    "became": (Paint("#3F7CC4"), "outline"),
    "gained_ground": (Paint("#1B8F6B"), "hatch"),
    "lost_ground": (Paint("#D13B4A"), "counterhatch"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field before and after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Passed:
    """Ground that passed, in words; the sentence has a place for the link to the other feature."""

    before: str
    after: str
    flow: Flow


@dataclass(frozen=True, slots=True)
class Step:
    """One change as a person reads it."""

    entry: Entry
    operation: str
    origin: str
    differences: Sequence[Difference]
    passed: Sequence[Passed]
    has_map: bool


def render(
    layer: Layer,
    lang: Lang,
    feature_id: int,
    entries: Sequence[Entry],
    *,
    visit: Visit = NOBODY,
) -> str:
    """The page; `entries` have the newest first."""
    latest = entries[0].change
    return templating.render(
        "history.html",
        lang,
        visit,
        w=words("pages", lang),
        said=words("history", lang),
        layer=layer,
        id=feature_id,
        title=words("history", lang)["title"].format(title=name(layer, lang, feature_id, latest)),
        gone_at=latest.at if latest.after is None else None,
        steps=[_step(layer, lang, entry) for entry in entries],
    )


def gone(
    layer: Layer, lang: Lang, feature_id: int, last: FeatureChange, *, visit: Visit = NOBODY
) -> str:
    """What stands where a feature was that has been deleted."""
    return templating.render(
        "gone.html",
        lang,
        visit,
        w=words("pages", lang),
        said=words("history", lang),
        layer=layer,
        id=feature_id,
        title=name(layer, lang, feature_id, last),
        at=last.at,
    )


def name(layer: Layer, lang: Lang, feature_id: int, change: FeatureChange) -> str:
    """What people call a feature, after a change or before it went."""
    state = change.after or change.before
    named = state.properties.get(layer.title) if state and layer.title else None
    return str(named or f"{layer.label.of(lang)} {feature_id}")


def change_map(registry: Registry, layer: Layer, lang: Lang, change: FeatureChange) -> RenderedPage:
    """The shapes before and after a change, as a page for an iframe."""
    said = words("history", lang)
    shapes = list(_shapes(change, lang))
    kinds = {kind for kind, _ in shapes}
    drawn = Drawn(
        "shapes",
        said["shapes"],
        [DrawnClass(kind, said[kind], *_PARTS[kind]) for kind in _PARTS if kind in kinds],
        data={"type": "FeatureCollection", "features": [feature for _, feature in shapes]},
        ringed=True,
        geometry=layer.geometry,
    )
    title = said["map_title"].format(number=change.number)
    return overlay.render(registry, lang, [drawn], title=title, embedded=True)


# --- in words -------------------------------------------------------------------------------------
def _step(layer: Layer, lang: Lang, entry: Entry) -> Step:
    change, said = entry.change, words("history", lang)
    return Step(
        entry,
        said[f"op_{change.operation}"],
        _origin(entry, said),
        [_difference(layer, lang, field, change) for field in change.fields if field != _SHAPE],
        [_passed(flow, said) for flow in entry.flows],
        has_map=layer.has_shape and (_SHAPE in change.fields or change.operation != "update"),
    )


def _origin(entry: Entry, said: Mapping[str, str]) -> str:
    """From where; a source that a program of somebody else's has named stands as it is."""
    if entry.batch is not None:
        kind = "batch_undone" if entry.is_undo_of_batch else "batch"
        return said[kind].format(number=entry.batch)
    source = entry.change.source or "owner"
    return said.get(source, source)


def _difference(layer: Layer, lang: Lang, name: str, change: FeatureChange) -> Difference:
    field = layer.field(name)
    before, after = (_shown(layer, lang, name, state) for state in (change.before, change.after))
    return Difference(values.heading(field, lang), before, after)


def _shown(layer: Layer, lang: Lang, name: str, state: State | None) -> str:
    found = state.properties.get(name) if state else None
    return values.shown(layer.field(name), found, lang)


def _passed(flow: Flow, said: Mapping[str, str]) -> Passed:
    area = said["square_metres"].format(area=figures.number(round(flow.area_m2)))
    before, _, after = said[flow.passage].partition("{other}")
    return Passed(before.format(area=area), after.format(area=area), flow)


# --- on the map -----------------------------------------------------------------------------------
def _shapes(change: FeatureChange, lang: Lang) -> Iterator[tuple[str, dict[str, object]]]:
    said = words("history", lang)
    was, became = (_shape(state) for state in (change.before, change.after))
    for kind, shape in (("was", was), ("became", became)):
        if shape is not None:
            yield kind, _feature(kind, said[kind], shape)
    if was is None or became is None or shapely.get_dimensions(was) != 2:
        return
    sound = shapely.make_valid(np.array([was, became], dtype=object))
    for kind, one, other in (("gained_ground", 1, 0), ("lost_ground", 0, 1)):
        ground = shapely.difference(sound[one], sound[other])
        area_m2 = float(drawn_areas_m2([ground])[0]) if not ground.is_empty else 0.0
        if area_m2 >= 1:
            area = said["square_metres"].format(area=figures.number(round(area_m2)))
            yield kind, _feature(kind, f"{said[kind]} {area}", ground)


def _shape(state: State | None) -> BaseGeometry | None:
    if state is None:
        return None
    return shapely.from_geojson(json.dumps(state.geometry))


def _feature(kind: str, title: str, shape: BaseGeometry) -> dict[str, object]:
    properties = {"class": kind, "title": title, "text": "", "row": None}
    return {"type": "Feature", "geometry": to_rfc7946(shape), "properties": properties}
