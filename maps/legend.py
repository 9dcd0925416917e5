"""The legend: a `<details>` with a section for each subject and a swatch for each choice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from folium.template import Template
from markupsafe import Markup

from gis.errors import Lang
from layers.declaring.words import HEAT, TINTS, WARNING_COLOUR, Geometry, Layer, Theme
from layers.registry import Registry
from maps import inert, swatch
from maps.drawing import Drawn
from maps.element import Plain
from maps.sight import HERE_AND_NOW, Sight, query
from maps.style import alert_label, classes, drawn_as, mid_sentence
from maps.words.wording import words


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: its swatch, its text, and of which class of its layer it shows the live count.

    A line that `repeats` stands for as many as there are values, each with what it adds up to.
    """

    swatch: Markup
    label: str
    count_class: str | None = None
    counts_alerts: bool = False
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """The entries of one layer; `layer` is the name under which its figures are kept.

    `views` are other ways to look at it: address, label, and whether it is the one shown.
    """

    layer: str
    title: str
    entries: tuple[Entry, ...]
    views: tuple[tuple[str, str, bool], ...] = ()


def sections(
    theme: Theme, registry: Registry, lang: Lang, sight: Sight = HERE_AND_NOW
) -> tuple[Section, ...]:
    """A section for each subject of the theme from the top of the map down, then the outlines."""
    drawn = tuple(reversed(registry.drawn(theme)))
    subjects = [_section(x, theme, lang, sight) for x in drawn if drawn_as(x, theme) == "subject"]
    outlines = [_outline(x, lang) for x in drawn if drawn_as(x, theme) == "context"]
    return (*subjects, *outlines)


def drawn_sections(sets: Sequence[Drawn], lang: Lang) -> tuple[Section, ...]:
    """A section for each set that is drawn from GeoJSON, from the top of the map down."""
    return tuple(_drawn(drawn, lang) for drawn in reversed(sets))


class Legend(Plain):
    """The legend as an element of the map; the script fills in the counts and moves it there."""

    _template = Template("""
        {% macro html(this, kwargs) %}{{ this.markup }}{% endmacro %}
        {% macro script(this, kwargs) %}
            gridfield.legend({{ this._parent.get_name() }}, {{ this.get_name()|tojson }});
        {% endmacro %}
    """)

    def __init__(self, contents: tuple[Section, ...], lang: Lang) -> None:
        super().__init__()
        self._name, self._id = "Legend", "1"
        self.markup = _details(self.get_name(), contents, words("map", lang)["legend"])


def _section(layer: Layer, theme: Theme, lang: Lang, sight: Sight) -> Section:
    entries = [*_class_entries(layer, lang), *_extra_entries(layer, lang)]
    views = _views(layer, theme, lang, sight)
    return Section(layer.name, layer.label.of(lang), tuple(entries), tuple(views))


def _views(layer: Layer, theme: Theme, lang: Lang, sight: Sight) -> Iterator[tuple[str, str, bool]]:
    views = [view for view in theme.views if view.layer == layer.name]
    kept = [*sight.of_pages.items(), *sight.narrowing.asked]
    for view in views if len(views) > 1 else ():
        address = f"/maps/{theme.name}{query([('by', view.name), *kept])}"
        yield address, view.label.of(lang), view == theme.view


def _outline(layer: Layer, lang: Lang) -> Section:
    label = words("map", lang)["context"].format(label=layer.label.of(lang))
    return Section(layer.name, layer.label.of(lang), (Entry(swatch.outline(), label),))


def _drawn(drawn: Drawn, lang: Lang) -> Section:
    several = len(drawn.classes) > 1
    entries = [
        Entry(
            swatch.drawn(drawn.geometry, x.paint, x.pattern), x.label, x.value if several else None
        )
        for x in drawn.classes
    ]
    if drawn.ringed and drawn.classes:
        entries.append(Entry(swatch.ring(), words("overlay", lang)["ringed"]))
    return Section(drawn.name, drawn.label, tuple(entries))


def _class_entries(layer: Layer, lang: Lang) -> list[Entry]:
    style = layer.style
    if style.heat:
        return [Entry(swatch.ramp(HEAT), words("map", lang)["heat"])]
    if style.ranked and style.by:
        return [Entry(swatch.of(layer, paint), "", repeats=True) for _, _, paint in classes(layer)]
    if style.distinct and style.by:
        by = mid_sentence(layer.field(style.by).label, lang)
        label = words("map", lang)["distinct"].format(field=by)
        return [Entry(swatch.neighbours(TINTS[:3]), label)]
    return [
        Entry(swatch.of(layer, paint), label.of(lang), choice.value if choice else None)
        for choice, label, paint in classes(layer)
    ]


def _extra_entries(layer: Layer, lang: Lang) -> list[Entry]:
    entries = []
    missing = alert_label(layer, lang)
    if missing is not None:
        dashed = swatch.alert(layer.geometry, WARNING_COLOUR)
        entries.append(Entry(dashed, missing, counts_alerts=True))
    if layer.style.size_by and layer.geometry is Geometry.POINT:
        measured = mid_sentence(layer.field(layer.style.size_by).label, lang)
        label = words("map", lang)["sized"].format(field=measured)
        entries.append(Entry(swatch.sizes(), label))
    return entries


def _details(name: str, contents: tuple[Section, ...], title: str) -> str:
    body = "".join(map(_section_html, contents))
    return (
        f'<details class="legend" id="{inert.text(name)}"><summary>{inert.text(title)}</summary>'
        f'<div class="legend-body">{body}</div></details>'
    )


def _section_html(section: Section) -> str:
    lines = "".join(map(_entry_html, section.entries))
    title = f"<bdi>{inert.text(section.title)}</bdi> {_count('')}"
    views = _views_html(section)
    # The layer is named once: a legend of a dozen layers has a hundred lines.
    layer = inert.text(section.layer)
    return f'<section data-layer="{layer}"><h2>{title}</h2>{views}<ul>{lines}</ul></section>'


def _views_html(section: Section) -> str:
    links = "".join(_view_html(*view) for view in section.views)
    return f'<p class="legend-views">{links}</p>' if links else ""


def _view_html(address: str, label: str, shown: bool) -> str:  # noqa: FBT001  one view's parts
    current = ' aria-current="true"' if shown else ""
    return f'<a href="{inert.text(address)}"{current}>{inert.text(label)}</a>'


def _entry_html(entry: Entry) -> str:
    count = ""
    if entry.repeats:
        # The script makes one line of it for each value, whose colour it puts into the swatch.
        return f"<li hidden data-tally>{entry.swatch}</li>"
    if entry.count_class is not None:
        count = _count(f'-class="{inert.text(entry.count_class)}"')
    elif entry.counts_alerts:
        count = _count("-alert")
    return f"<li>{entry.swatch}<bdi>{inert.text(entry.label)}</bdi>{count}</li>"


def _count(of: str) -> str:
    return f'<span class="legend-count" data-count{of}></span>'
