"""Declaration → what the map's script is told: one value, made from declarations alone.

Nothing from the database is in it, so the same theme gives the same page whatever is stored.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from gis.errors import Lang
from layers.declare import (
    WARNING_COLOUR,
    Choice,
    Field,
    Geometry,
    Label,
    Layer,
    Paint,
    Role,
    Style,
    Theme,
)
from layers.duties_declared import TARGETS
from layers.registry import Registry
from maps import assets
from maps.sight import HERE_AND_NOW, Sight, query
from maps.wording import words

Bounds = tuple[float, float, float, float]
DrawnAs = Literal["basemap", "context", "subject"]
Json = Mapping[str, object]

# A layer that names no paint is no alarm: a quiet violet that reads on both grounds.
_UNPAINTED = Paint("#7A5C99")


def config(
    theme: Theme,
    registry: Registry,
    lang: Lang,
    bounds: Bounds | None,
    sight: Sight = HERE_AND_NOW,
) -> Json:
    """All that `gridfield.createSource` needs to draw a theme; see `maps/web/README.md`."""
    drawn = registry.drawn(theme)
    names = ",".join(layer.name for layer in drawn)
    view = {"by": theme.view.name} if theme.view else {}
    tiles = {**({"theme": theme.name, **view} if view else {}), **sight.of_data}
    return {
        "lang": lang,
        "theme": theme.name,
        "label": theme.label.of(lang),
        "worker": assets.url("tile-worker.js"),
        "tiles": f"/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}?collections={names}{query(tiles, '&')}",
        "items": "/collections/{layer}/items",
        "asked": dict(sight.of_data),
        "summary": f"/maps/{theme.name}/summary{query({**view, **sight.of_data})}",
        "bounds": bounds,
        "layers": [_layer(layer, drawn_as(layer, theme), lang) for layer in drawn],
    }


def drawn_as(layer: Layer, theme: Theme) -> DrawnAs:
    """The part that a layer plays on a theme's map."""
    if layer.role is Role.BASEMAP:
        return "basemap"
    return "subject" if layer.name in theme.subjects else "context"


def classes(layer: Layer) -> Sequence[tuple[Choice | None, Label, Paint]]:
    """What is told apart: the choices, or the layer itself when it is all of one kind."""
    style = layer.style
    if style.by is None or style.tints:
        return ((None, layer.label, style.paints[0] if style.paints else _UNPAINTED),)
    choices = layer.field(style.by).choices
    return tuple((c, c.label, p) for c, p in zip(choices, layer.paints, strict=False))


def alert_label(layer: Layer, lang: Lang) -> str | None:
    """What is wrong with a feature that lacks what the style demands; None without a demand."""
    if layer.style.alert_without is None:
        return None
    wanted = layer.field(layer.style.alert_without).label
    return words("map", lang)["alert"].format(field=mid_sentence(wanted, lang))


def mid_sentence(label: Label, lang: Lang) -> str:
    """A label as it stands within a sentence."""
    whole = label.of(lang)
    return whole if lang == "zh" else whole[:1].lower() + whole[1:]


def _layer(layer: Layer, role: DrawnAs, lang: Lang) -> Json:
    told = () if role == "basemap" else (*layer.fields, *layer.computed)
    return {
        "name": layer.name,
        "label": layer.label.of(lang),
        "role": role,
        "geometry": layer.geometry.value,
        "title": layer.title,
        "answered": layer.name in TARGETS,
        "style": _style(layer, lang),
        "fields": [_field(field, lang) for field in told],
    }


def _style(layer: Layer, lang: Lang) -> Json:
    style: Style = layer.style
    return {
        "by": style.by,
        "classes": [
            {
                "value": choice.value if choice else None,
                "label": label.of(lang),
                "colour": paint.colour,
                "shape": paint.shape.value,
                "width": paint.width,
                **({"pattern": "cross"} if paint.hatched else {}),
            }
            for choice, label, paint in classes(layer)
        ],
        "tints": style.tints or None,
        "sizeBy": style.size_by if layer.geometry is Geometry.POINT else None,
        "alertWithout": style.alert_without,
        "alertColour": WARNING_COLOUR,
        "alertLabel": alert_label(layer, lang),
        "label": style.label,
        "labelZoom": style.label_zoom,
        "tooltip": style.tooltip,
        "minZoom": style.min_zoom,
        "tally": style.tally and style.tally.unit and style.tally.unit.of(lang),
    }


def _field(field: Field, lang: Lang) -> Json:
    told = {
        "name": field.name,
        "label": field.label.of(lang),
        "type": field.type.value,
        "unit": field.unit and field.unit.of(lang),
        "personal": field.personal,
        "choices": {choice.value: choice.label.of(lang) for choice in field.choices},
    }
    # Most fields have none of the last three: a third of the page would say so.
    return {key: value for key, value in told.items() if value}
