"""Folium elements that draw from vector tiles: one source for each map, any number of layers."""

from collections.abc import Sequence

from folium.elements import JSCSSMixin
from folium.map import Layer
from folium.template import Template

from maps import assets, inert
from maps.element import Plain
from maps.style import Bounds, Json


class VectorSource(JSCSSMixin, Plain):
    """The one source of a map: it fetches each tile once and answers hover and click for all.

    `listed` adds the list of the subjects in sight and the search.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = gridfield.createSource(
                {{ this._parent.get_name() }},
                {{ this.config }}
            );
            {% if this.listed %}gridfield.list({{ this.get_name() }});
            gridfield.search({{ this.get_name() }});{% endif %}
        {% endmacro %}
    """)

    def __init__(self, config: Json, *, listed: bool = True) -> None:
        super().__init__()
        self.listed = listed
        self._name, self._id = "VectorSource", "1"
        self.default_js = assets.links("map.js")
        self.default_css = assets.links("map.css")
        self.config = inert.json_for_script(config)


class VectorLayer(JSCSSMixin, Layer, Plain):
    """One switch of Folium's layer control over one or several layers of a source.

    Its JavaScript name follows from the first layer's name at construction, so that a page is the
    same each time and controls may refer to it before it is rendered. `name` is text, not HTML.
    """

    _template = Template("""
        {% macro script(this, kwargs) -%}
        var {{ this.get_name() }} = gridfield.layer({{ this.source.get_name() }}, {{
            this.layers }});
        {%- endmacro %}
    """)

    def __init__(
        self,
        source: VectorSource,
        layers: Sequence[str],
        *,
        name: str,
        bounds: Bounds | None = None,
        show: bool = True,
    ) -> None:
        # Leaflet's layer control writes names as HTML.
        super().__init__(name=inert.text(name), overlay=True, show=show)
        self._name, self._id = "VectorLayer", layers[0]
        self.default_js = assets.links("map.js")
        self.default_css = assets.links("map.css")
        self.source = source
        self.layers = inert.json_for_script(layers)
        self.bounds = bounds

    def _get_self_bounds(self) -> list[list[float | None]]:
        if self.bounds is None:
            return [[None, None], [None, None]]
        west, south, east, north = self.bounds
        return [[south, west], [north, east]]
