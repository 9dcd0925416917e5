"""Declaration → what the map's script is told: one value, made from declarations alone.

Nothing from the database is in it, so the same theme gives the same page whatever is stored.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Literal

from gis.errors import Lang
from layers.declaring.duties import TARGETS
from layers.declaring.words import (
    HEAT,
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
from layers.registry import Registry
from maps import assets
from maps.sight import HERE_AND_NOW, Sight, query
from maps.words.wording import words

Bounds = tuple[float, float, float, float]
DrawnAs = Literal["basemap", "context", "subject"]
Json = Mapping[str, object]

# A layer that names no paint is no alarm: a quiet violet that reads on both grounds.
_UNPAINTED = Paint("#7A5C99")
_ORDINARY = Style()


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
    view = _view(theme)
    tiles = {**({"theme": theme.name, **view} if view else {}), **sight.of_data}
    narrowed = sight.narrowing.of_data
    asked = query([*tiles.items(), *narrowed], "&")
    figures = [*view.items(), *sight.of_data.items(), *narrowed]
    told = {**view, "lang": lang, "v": version(fields(theme, registry, lang))}
    return {
        "lang": lang,
        "theme": theme.name,
        "label": theme.label.of(lang),
        "worker": assets.url("tile-worker.js"),
        "tiles": f"/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}?collections={names}{asked}",
        "items": "/collections/{layer}/items",
        "asked": dict(sight.of_data),
        **({"filters": dict(sight.narrowing.conditions)} if narrowed else {}),
        "summary": f"/maps/{theme.name}/summary{query(figures)}",
        "inSight": f"/maps/{theme.name}/in-sight{query(figures)}",
        "search": f"/maps/{theme.name}/search",
        "fields": f"/maps/{theme.name}/fields{query(told)}",
        "bounds": bounds,
        "at": sight.at and sight.at.isoformat(),
        "layers": [_layer(layer, drawn_as(layer, theme), lang) for layer in drawn],
    }


def fields(theme: Theme, registry: Registry, lang: Lang) -> Mapping[str, Sequence[Json]]:
    """What each field of a theme's layers is called and what its values mean, by layer.

    A card needs it and the first paint does not, so that the page only says where it is.
    """
    told = (layer for layer in registry.drawn(theme) if layer.role is not Role.BASEMAP)
    return {
        layer.name: [_field(field, lang) for field in (*layer.fields, *layer.computed)]
        for layer in told
    }


def version(told: object) -> str:
    """A name of this very content, so that its address is another one when it changes."""
    return hashlib.blake2b(json.dumps(told).encode(), digest_size=6).hexdigest()


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
    if layer.style.alert_label:
        return layer.style.alert_label.of(lang)
    wanted = layer.field(layer.style.alert_without).label
    return words("map", lang)["alert"].format(field=mid_sentence(wanted, lang))


def mid_sentence(label: Label, lang: Lang) -> str:
    """A label as it stands within a sentence."""
    whole = label.of(lang)
    return whole if lang == "zh" else whole[:1].lower() + whole[1:]


def _layer(layer: Layer, role: DrawnAs, lang: Lang) -> Json:
    return {
        "name": layer.name,
        "label": layer.label.of(lang),
        "role": role,
        "geometry": layer.geometry.value,
        **({"title": layer.title} if layer.title else {}),
        **({"answered": True} if layer.name in TARGETS else {}),
        "style": _style(layer, lang),
        **_lasting(layer),
    }


def _view(theme: Theme) -> Mapping[str, str]:
    return {"by": theme.view.name} if theme.view else {}


def _lasting(layer: Layer) -> Json:
    """Between which days a case waits, for maps that go from day to day."""
    flow = layer.workflow
    return {"lasting": [flow.opened, flow.closed_on]} if flow and flow.closed_on else {}


def _style(layer: Layer, lang: Lang) -> Json:
    style: Style = layer.style
    told = {
        "by": style.by,
        "tints": style.tints,
        "sizeBy": style.size_by if layer.geometry is Geometry.POINT else None,
        "heat": HEAT if style.heat else None,
        "alertWithout": style.alert_without,
        "alertColour": WARNING_COLOUR if style.alert_without else None,
        "alertLabel": alert_label(layer, lang),
        "label": style.label,
        "labelZoom": style.label_zoom if style.label_zoom != _ORDINARY.label_zoom else None,
        "tooltip": style.tooltip,
        "minZoom": style.min_zoom,
        "tally": style.tally and style.tally.unit and style.tally.unit.of(lang),
    }
    over = layer.workflow.closed if layer.workflow and layer.workflow.status == style.by else ()
    drawn = [
        {**_class(choice, label, paint, lang), **({"over": True} if _is(choice, over) else {})}
        for choice, label, paint in classes(layer)
    ]
    # What is not told is as it is for most: see `styles.js`.
    return {**{key: value for key, value in told.items() if value}, "classes": drawn}


def _is(choice: Choice | None, values: Sequence[str]) -> bool:
    return choice is not None and choice.value in values


def _class(choice: Choice | None, label: Label, paint: Paint, lang: Lang) -> Json:
    ordinary = Paint(paint.colour)
    return {
        "value": choice.value if choice else None,
        "label": label.of(lang),
        "colour": paint.colour,
        **({"shape": paint.shape.value} if paint.shape is not ordinary.shape else {}),
        **({"width": paint.width} if paint.width != ordinary.width else {}),
        **({"pattern": "cross"} if paint.hatched else {}),
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
