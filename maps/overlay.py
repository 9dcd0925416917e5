"""A Folium page of things that are not stored: a draft's features, the places of findings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import folium

from gis.errors import Lang
from layers.declaring.words import Label, Theme
from layers.registry import Registry
from maps.document import Document, RenderedPage
from maps.drawing import Drawing, Drawn
from maps.element import named
from maps.legend import Legend, drawn_sections, sections
from maps.page import ThematicMap, add_buttons, add_layers, frame
from maps.style import Bounds

UNDER = ("divisions", "grid_fields")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a map shows: the drawn sets over the layers `under`, which stay quiet.

    Without `bounds` the first view is what is drawn, without a registry there is nothing under it.
    """

    title: str
    drawn: Sequence[Drawn]
    bounds: Bounds | None = None
    registry: Registry | None = None
    under: Sequence[str] = UNDER


def render(  # noqa: PLR0913  what a page depends on, all of it named by the caller
    registry: Registry | None,
    lang: Lang,
    drawn: Sequence[Drawn],
    *,
    title: str,
    bounds: Bounds | None = None,
    under: Sequence[str] = UNDER,
    embedded: bool = False,
    standalone: bool = False,
) -> RenderedPage:
    """A page that is all map, see `Shown`.

    `embedded`: for an iframe, nothing around the map. `standalone`: one file that asks for nothing,
    whose ground is what it is given to draw.
    """
    document = Document(frame(lang, {"title": title, "embedded": embedded}, inline=standalone))
    shown = Shown(title, drawn, bounds, None if standalone else registry, under)
    add_map(document, lang, shown, buttons=not (embedded or standalone))
    return document.rendered()


def add_map(document: Document, lang: Lang, shown: Shown, *, buttons: bool = False) -> None:
    """Put such a map into any document of ours; `buttons` for full screen and one's position."""
    thematic = ThematicMap(shown.bounds)
    document.add_child(thematic)
    if buttons:
        add_buttons(thematic, lang)
    # Before the tiles: the first view is what is drawn, and no tile is fetched for another.
    for one in shown.drawn:
        Drawing(one, lang, title=shown.title, bounds=shown.bounds).add_to(thematic)
    contents = drawn_sections(shown.drawn, lang)
    if shown.registry is not None:
        theme = _theme(shown.registry, shown)
        add_layers(thematic, theme, shown.registry, lang, shown.bounds)
        contents += sections(theme, shown.registry, lang)
    named(folium.LayerControl(), "1").add_to(thematic)
    Legend(contents, lang).add_to(thematic)


def _theme(registry: Registry, shown: Shown) -> Theme:
    """The overview with nothing on it but the outlines of the layers under what is drawn."""
    known = tuple(name for name in shown.under if name in registry.layers)
    label = Label(shown.title, shown.title)
    return replace(registry.theme("overview"), label=label, subjects=(), context=known)
