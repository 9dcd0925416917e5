"""The page on which one feature is changed or made: a form beside a map to draw on."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import folium
import shapely

from gis.errors import Finding, Lang, Problem, Rule
from layers.changing.reshaping import Neighbour
from layers.declaring.words import Geometry, Label, Layer
from layers.refusals.asking import FEATURE_REFUSED
from layers.refusals.ground import COVERAGE_OPENED
from layers.registry import Registry
from maps import faults, templating
from maps.document import Document, Frame, RenderedPage
from maps.drawing import Drawing as DrawnSet
from maps.editor import Drawing, Editor
from maps.element import named
from maps.legend import Legend, drawn_sections
from maps.page import ThematicMap, add_buttons, add_layers
from maps.pages import edit_form
from maps.pages.edit_form import GEOMETRY, Control
from maps.style import Bounds
from maps.templating import NOBODY, Visit
from maps.words.wording import words

_UNDER = ("divisions", "grid_fields")
_FINDINGS_SHOWN = 50
_HEADLINES: Mapping[Rule, str] = {
    FEATURE_REFUSED: "feature_refused",
    COVERAGE_OPENED: "coverage_opened",
}


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in the form: texts by field, shapes as GeoJSON texts.

    `etag` and `version` are of the state that was loaded; a new feature has none.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    geometry: str = ""
    neighbours: str = ""
    etag: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that somebody else has changed meanwhile, as both have it; `both` changed it."""

    label: str
    yours: str
    theirs: str
    both: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """What happened since the page was opened; `shape` says that the shape was changed too, and
    `elsewhere` that it was a neighbour that has changed."""

    clashes: Sequence[Clash] = ()
    shape: bool = False
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that the page shows of one feature; `id` is None for a new one.

    `stored` is its shape as it is now. `problem` is why it was not saved. `neighbours` may be
    merged in, `splits` says that it can be cut in two, `made` that it has just come from a split.
    `divisions` are those that a register's record may belong to, each by code and name.
    """

    layer: Layer
    id: int | None
    title: str
    filled: Filled
    stored: str = ""
    problem: Problem | None = None
    conflict: Conflict | None = None
    neighbours: Sequence[Neighbour] = ()
    splits: bool = False
    made: bool = False
    divisions: Sequence[tuple[str, str]] = ()

    @property
    def findings(self) -> Sequence[Finding]:
        return self.problem.findings if self.problem else ()


def render(
    registry: Registry,
    lang: Lang,
    sheet: Sheet,
    *,
    bounds: Bounds | None = None,
    visit: Visit = NOBODY,
) -> RenderedPage:
    """The page; `bounds` is the first view, without it that of the whole district."""
    given = {**_given(lang, sheet), "w": words("pages", lang)}
    if not sheet.layer.has_shape:
        return RenderedPage(templating.render("edit.html", lang, visit, **given), ())
    document = Document(Frame("edit.html", lang, given, visit))
    thematic = ThematicMap(bounds)
    document.add_child(thematic)
    add_buttons(thematic, lang)
    theme = registry.theme("overview")
    under = [name for name in _UNDER if name in registry.layers and name != sheet.layer.name]
    quiet = replace(theme, label=Label(sheet.title, sheet.title), subjects=(), context=tuple(under))
    source = add_layers(thematic, quiet, registry, lang, bounds)
    placed = [finding for finding in sheet.findings if faults.is_placed(finding)]
    if placed:
        drawn = faults.drawn(placed, lang)
        DrawnSet(drawn, lang, title=sheet.title, bounds=bounds).add_to(thematic)
        Legend(drawn_sections([drawn], lang), lang).add_to(thematic)
    named(folium.LayerControl(), "1").add_to(thematic)
    Editor(sheet.layer, lang, _drawing(sheet), source).add_to(thematic)
    return document.rendered()


def _given(lang: Lang, sheet: Sheet) -> Mapping[str, object]:
    layer, filled = sheet.layer, sheet.filled
    by_field = edit_form.sentences(sheet.findings, lang)
    known = {each.name for each in layer.fields}
    placed = [finding for finding in sheet.findings if faults.is_placed(finding)]
    others = [
        finding
        for finding in sheet.findings
        if not faults.is_placed(finding) and not known & set((finding.column or "").split(" + "))
    ]
    return {
        "said": words("edit", lang),
        "drawing": words("editmap", lang),
        "sheet": sheet,
        "headline": _headline(sheet.problem, lang) if sheet.problem else "",
        "layer": layer,
        "filled": filled,
        "controls": _controls(sheet, lang),
        "shape_errors": by_field.get(GEOMETRY, ()),
        "placed": placed[:_FINDINGS_SHOWN],
        "others": [finding for finding in others if finding.column != GEOMETRY],
        "covers": layer.partition is not None,
        "is_point": layer.geometry is Geometry.POINT,
    }


def _controls(sheet: Sheet, lang: Lang) -> list[Control]:
    """The fields; to whom a register's record belongs is chosen by name."""
    layer, typed = sheet.layer, sheet.filled.values
    found = edit_form.controls(layer, lang, typed, sheet.findings, is_new=sheet.id is None)
    if not layer.belongs or not sheet.divisions:
        return found
    return [
        replace(each, kind="select", options=sheet.divisions, hint="")
        if each.field.name == layer.belongs
        else each
        for each in found
    ]


def _headline(problem: Problem, lang: Lang) -> str:
    """Why it was not saved; where the places are shown, without the layer's name for programs."""
    own = _HEADLINES.get(problem.rule)
    if own is None:
        return problem.sentence(lang)
    return words("edit", lang)[own].format(count=len(problem.findings) + problem.suppressed)


def _drawing(sheet: Sheet) -> Drawing:
    moved = _parsed(sheet.filled.neighbours)
    return Drawing(
        sheet.id,
        geometry=_drawable(sheet.layer, sheet.filled.geometry),
        stored=_drawable(sheet.layer, sheet.stored),
        moved=[each for each in moved if _is_moved(sheet.layer, each)]
        if isinstance(moved, list)
        else (),
    )


def _drawable(layer: Layer, text: str) -> object:
    """A geometry that the map can show; what was sent and refused may be none."""
    shape = shapely.from_geojson(text, on_invalid="ignore") if text else None
    fits = shape is not None and not shape.is_empty and shape.geom_type in layer.geometry.accepted
    return _parsed(text) if fits else None


def _is_moved(layer: Layer, found: object) -> bool:
    return isinstance(found, dict) and all(
        _drawable(layer, json.dumps(found.get(name))) for name in (GEOMETRY, "was")
    )


def _parsed(text: str) -> object:
    try:
        found: object = json.loads(text, parse_constant=_refuse) if text else None
    except (ValueError, RecursionError):
        return None
    return found


def _refuse(constant: str) -> object:
    raise ValueError(constant)
