"""A theme as a Folium page: small, without data, everything from our own address."""

from collections.abc import Iterator, Mapping, Sequence

import folium
from branca.element import Element
from folium import plugins
from folium.template import Template

from gis.errors import Lang
from layers.declaring.words import Role, Theme
from layers.registry import Registry
from maps import assets, narrowing
from maps.document import Document, Frame, RenderedPage
from maps.element import Plain, adopt, named
from maps.legend import Legend, sections
from maps.sight import HERE_AND_NOW, Sight, query
from maps.style import Bounds, config, drawn_as
from maps.templating import NOBODY, Visit
from maps.vector_layer import VectorLayer, VectorSource
from maps.words.wording import words

_MIN_ZOOM, _MAX_ZOOM = 3, 19
_CHINA: Bounds = (73.0, 18.0, 135.0, 54.0)


class ThematicMap(folium.Map, Plain):
    """Folium's map on a page of ours: no outside tiles, no outside files, a stable name.

    Whatever is added becomes ours or is refused: see `maps.element.adopt`.
    """

    _template = Template("""
        {% macro html(this, kwargs) %}
            <div class="folium-map" id={{ this.get_name()|tojson }}></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, {
                center: {{ this.location|tojson }},
                crs: L.CRS.{{ this.crs }},
                ...{{ this.options|tojavascript }}
            });
            L.control.scale({imperial: false}).addTo({{ this.get_name() }});
        {% endmacro %}
    """)

    def __init__(self, bounds: Bounds | None) -> None:
        west, south, east, north = bounds or _CHINA
        super().__init__(
            location=[(south + north) / 2, (west + east) / 2],
            zoom_start=15 if bounds else 4,
            tiles=None,
        )
        self._id = "1"
        # Folium hands these to a tile layer, which this map does not have.
        self.options |= {"min_zoom": _MIN_ZOOM, "max_zoom": _MAX_ZOOM}
        assets.localise(self)

    def add_child(
        self, child: Element, name: str | None = None, index: int | None = None
    ) -> Element:
        return super().add_child(adopt(child), name=name, index=index)


def render(  # noqa: PLR0913  what a page depends on, all of it named by the caller
    theme: Theme,
    registry: Registry,
    lang: Lang,
    *,
    bounds: Bounds | None = None,
    approval: str | None = None,
    synthetic: bool = False,
    visit: Visit = NOBODY,
    sight: Sight = HERE_AND_NOW,
) -> RenderedPage:
    """The page of one theme. `bounds` is the first view, `approval` the 审图号 of a public map."""
    given = {
        "title": theme.label.of(lang),
        "summary": theme.summary.of(lang),
        "themes": tuple(_others(registry, sight)),
        "current": theme.name,
        "approval": approval,
        "synthetic": synthetic,
        **_sighted(theme, sight),
        **_narrowed(theme, registry, lang, sight),
    }
    document = Document(frame(lang, given, visit=visit))
    thematic = ThematicMap(bounds)
    document.add_child(thematic)
    add_buttons(thematic, lang)
    add_layers(thematic, theme, registry, lang, bounds, sight=sight)
    named(folium.LayerControl(), "1").add_to(thematic)
    Legend(sections(theme, registry, lang, sight), lang).add_to(thematic)
    return document.rendered()


def _others(registry: Registry, sight: Sight) -> Iterator[tuple[Theme, str]]:
    """Every theme and its address, where the day, the ground and what is asked of its subjects
    stay as they are."""
    for theme in registry.themes.values():
        asked = sight.narrowing.among(theme.subjects)
        yield theme, f"/maps/{theme.name}{query([*sight.of_pages.items(), *asked])}"


def _sighted(theme: Theme, sight: Sight) -> dict[str, object]:
    """Where the page's links lead to keep, change or leave the day and the ground."""
    by = {"by": theme.view.name} if theme.view else {}
    ground = {"division": sight.division} if sight.division else {}
    asked = sight.narrowing.asked
    return {
        "sight": sight,
        "beside_day": [*by.items(), *ground.items(), *asked],
        "back": f"/maps/{theme.name}{query([*by.items(), *sight.without.items(), *asked])}",
    }


def _narrowed(theme: Theme, registry: Registry, lang: Lang, sight: Sight) -> dict[str, object]:
    """Where the form is, what the map is narrowed down to, and the same records as lists."""
    by = [("by", theme.view.name)] if theme.view else []
    rest = [*by, *sight.of_pages.items()]
    layers = [registry.layers[name] for name in theme.subjects]
    lists = []
    for name, text in sight.narrowing.conditions:
        asked = [("f", "html"), *sight.of_data.items(), ("filter", text)]
        label = registry.layers[name].label.of(lang)
        lists.append((label, f"/collections/{name}/items{query(asked)}"))
    form = [*rest, *sight.narrowing.asked]
    return {
        "form": f"/maps/{theme.name}/filter{query(form)}" if layers else None,
        "narrowed": tuple(narrowing.told(layers, sight.narrowing, lang)),
        "lists": tuple(lists),
        "unfiltered": f"/maps/{theme.name}{query(rest)}",
        "n": words("narrowing", lang),
    }


def frame(
    lang: Lang,
    given: Mapping[str, object],
    *,
    visit: Visit = NOBODY,
    inline: bool = False,
) -> Frame:
    """A page that is all map; `given` adds to a title what else stands around it."""
    around = {
        "summary": given["title"],
        "themes": (),
        "current": None,
        "approval": None,
        "synthetic": False,
        "embedded": False,
        "sight": HERE_AND_NOW,
        "form": None,
        "narrowed": (),
        "w": words("map", lang),
        **given,
    }
    return Frame("map.html", lang, around, visit, above=("page.css",), inline=inline)


def policy(script_hashes: Sequence[str] = ()) -> str:
    """The Content-Security-Policy of a page: own address alone, and the inline scripts named."""
    scripts = " ".join(("'self'", *script_hashes))
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; worker-src 'self'; frame-src 'self'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'self'"
    )


def add_layers(  # noqa: PLR0913  what is drawn, for whom, and where
    thematic: ThematicMap,
    theme: Theme,
    registry: Registry,
    lang: Lang,
    bounds: Bounds | None,
    *,
    listed: bool = True,
    sight: Sight = HERE_AND_NOW,
) -> VectorSource:
    """Draw the layers of a theme from our tiles, each with its switch; its subjects are listed."""
    told = config(theme, registry, lang, bounds, sight)
    source = VectorSource(told, listed=listed and bool(theme.subjects))
    thematic.add_child(source)
    for layer in _switches(theme, registry, lang, source):
        layer.add_to(thematic)
    return source


def add_buttons(thematic: ThematicMap, lang: Lang) -> None:
    """Full screen and the reader's own position."""
    said = words("map", lang)
    full = plugins.Fullscreen(title=said["fullscreen"], title_cancel=said["fullscreen_exit"])
    locate = plugins.LocateControl(
        strings={"title": said["locate"]}, showPopup=False, keepCurrentZoomLevel=True
    )
    named(full, "1").add_to(thematic)
    named(locate, "1").add_to(thematic)


def _switches(
    theme: Theme, registry: Registry, lang: Lang, source: VectorSource
) -> Iterator[VectorLayer]:
    """The layers of the control from the bottom up; the ground hides behind one switch."""
    said = words("map", lang)
    drawn = registry.drawn(theme)
    ground = [layer.name for layer in drawn if layer.role is Role.BASEMAP]
    if ground:
        yield VectorLayer(source, ground, name=said["ground"])
    for layer in drawn[len(ground) :]:
        label = layer.label.of(lang)
        if drawn_as(layer, theme) == "context":
            label = said["context"].format(label=label)
        yield VectorLayer(source, [layer.name], name=label)
