"""A Folium layer that draws GeoJSON: from an address of ours, or from data within the page.

What it shows comes from files and from the database, so all of it is text: the script writes
titles and sentences as text nodes, and data in the page is JSON that no parser acts on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from folium.elements import JSCSSMixin
from folium.map import Layer
from folium.template import Template

from gis.errors import Lang
from layers.declaring.words import IDENTIFIER, Geometry, Paint
from maps import assets, inert
from maps.element import Plain
from maps.style import Bounds, Json
from maps.words.wording import words

# How an area is filled and its edge is drawn; two classes that mean different things differ in
# this too, never in colour alone.
Pattern = Literal["fill", "hatch", "counterhatch", "cross", "outline", "dashed", "dotted"]


@dataclass(frozen=True, slots=True)
class DrawnClass:
    """One entry of the legend: features whose property `class` is `value`."""

    value: str
    label: str
    paint: Paint
    pattern: Pattern = "fill"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A set of features behind one switch, from `url` (GeoJSON, our own address) or from `data`.

    Its features are in longitude and latitude (WGS 84) and have the properties {"class": value,
    "title": text, "text": text, "row": int | None}; `id`, where there is one, can be linked to as
    `#id=…`, the row as `#row=…`. `ringed` puts a ring around what would be too small to see.
    `geometry` is what the legend shows. `name` is an identifier, unique on its map.
    """

    name: str
    label: str
    classes: Sequence[DrawnClass]
    url: str | None = None
    data: Mapping[str, object] | None = None
    show: bool = True
    ringed: bool = False
    geometry: Geometry = Geometry.POLYGON

    def __post_init__(self) -> None:
        if not IDENTIFIER.fullmatch(self.name):  # it becomes the name of a JavaScript variable
            raise ValueError(f"{self.name!r} cannot name a set of drawn features")


class Drawing(JSCSSMixin, Layer, Plain):
    """One `Drawn` on a map named `title`; all of a map share a canvas, a list and `#row=…`.

    `bounds` is the first view, without it that of what is drawn.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = gridfield.drawing(
                {{ this._parent.get_name() }}, {{ this.config }}
            );
        {% endmacro %}
    """)

    def __init__(
        self, drawn: Drawn, lang: Lang, *, title: str, bounds: Bounds | None = None
    ) -> None:
        # Leaflet's layer control writes names as HTML.
        super().__init__(name=inert.text(drawn.label), overlay=True, show=drawn.show)
        self._name, self._id = "Drawing", drawn.name
        self.default_js = assets.links("map.js")
        self.default_css = assets.links("map.css")
        self.config = inert.json_for_script(
            {"lang": lang, "map": title, "bounds": bounds, **_config(drawn, lang)}
        )


def _config(drawn: Drawn, lang: Lang) -> Json:
    """The set in the form of a declared layer, so that list, card and legend treat it as one."""
    said = words("overlay", lang)
    return {
        "name": drawn.name,
        "label": drawn.label,
        "role": "subject",
        "geometry": drawn.geometry.value,
        "title": "title",
        "url": drawn.url,
        "data": drawn.data,
        "ringed": drawn.ringed,
        "style": {
            "by": "class",
            "classes": [_class(entry) for entry in drawn.classes],
            "tooltip": ["text"],
        },
        "fields": [
            {
                "name": "class",
                "label": said["class"],
                "card": False,  # a card names the class beside its title
                "choices": {entry.value: entry.label for entry in drawn.classes},
            },
            {"name": "text", "label": said["text"]},
            {"name": "row", "label": said["row"]},
        ],
    }


def _class(entry: DrawnClass) -> Json:
    return {
        "value": entry.value,
        "label": entry.label,
        "colour": entry.paint.colour,
        "shape": entry.paint.shape.value,
        "width": entry.paint.width,
        "pattern": entry.pattern,
    }
