"""The Folium element by which a feature's shape is drawn and changed on a map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from folium.elements import JSCSSMixin
from folium.template import Template

from gis.errors import Lang
from layers.declaring.words import Layer
from maps import assets, inert
from maps.element import Plain
from maps.vector_layer import VectorSource
from maps.words.wording import words


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is on the map at first: a GeoJSON geometry, the one that is stored, and the neighbours
    that have been moved along, each {"id", "geometry", "was"}. A new feature has no `id`."""

    id: int | None
    geometry: object
    stored: object = None
    moved: Sequence[object] = ()


class Editor(JSCSSMixin, Plain):
    """Draws one feature of a layer; its neighbours are fetched, snapped to, and in a layer that
    covers ground their common corners move along. `maps/web/README.md` tells of the form around.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
            gridfieldEdit.start(
                {{ this._parent.get_name() }}, {{ this.source.get_name() }}, {{ this.config }}
            );
        {% endmacro %}
    """)

    def __init__(self, layer: Layer, lang: Lang, drawing: Drawing, source: VectorSource) -> None:
        super().__init__()
        self._name, self._id = "Editor", "1"
        self.default_js = assets.links("geoman.js", "edit.js")
        self.default_css = assets.links("geoman.css", "edit.css")
        self.source = source
        self.config = inert.json_for_script(_config(layer, lang, drawing))


def _config(layer: Layer, lang: Lang, drawing: Drawing) -> Mapping[str, object]:
    return {
        "lang": lang,
        "kind": layer.geometry.value,
        "items": f"/collections/{layer.name}/items",
        "covers": layer.partition is not None,
        "id": drawing.id,
        "geometry": drawing.geometry,
        "stored": drawing.stored,
        "moved": drawing.moved,
        "words": words("editmap", lang),
    }
