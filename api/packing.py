"""What the inspectors' app takes along, as data; its forms follow from the declarations."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.settings import Settings
from layers.alike.near import Reach
from layers.declaring import matters
from layers.declaring.logged import Logged
from layers.declaring.people import Actor
from layers.declaring.rights import ROLE_LABELS
from layers.declaring.words import Field, Label, Layer, Role
from layers.registry import Registry
from layers.submissions.field_pack import Pack
from layers.thematic import grid_fields


def members(
    actor: Actor,
    pack: Pack,
    settings: Settings,
    registry: Registry,
    reaches: Mapping[str, Reach],
) -> dict[str, Any]:
    """All of it. Nothing in it changes by itself, so that its validator holds until something
    does."""
    return {
        "me": {
            "id": actor.account_id,
            "name": actor.name,
            "role": actor.role.value,
            "role_label": _label(ROLE_LABELS[actor.role]),
            "division": actor.division,
            "division_name": pack.division,
        },
        "settings": _settings(settings),
        "forms": [
            _form(layer, layer.logged, reaches[layer.name])
            for layer in registry.layers.values()
            if layer.logged
        ],
        "matters": _matters(),
        "fields": _collection(pack.fields),
        "open": _collection(pack.waiting),
        "tiles": pack.tiles and {"url": _tiles(registry), "ranges": pack.tiles},
    }


def _settings(settings: Settings) -> dict[str, Any]:
    return {
        "accuracy_m": settings.field_accuracy_m,
        "photo": {
            "longest": settings.field_photo_longest,
            "quality": settings.field_photo_quality,
            "watermark": settings.field_photo_watermark,
        },
        "photo_m": settings.field_photo_m,
        "photo_minutes": settings.field_photo_minutes,
        "patrols": settings.patrol_days is not None,
    }


def _tiles(registry: Registry) -> str:
    """The address of the tiles with the ground and the fields."""
    ground = [layer.name for layer in registry.layers.values() if layer.role is Role.BASEMAP]
    names = ",".join((*ground, grid_fields.LAYER.name))
    return f"/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}?collections={names}"


def _collection(features: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}


def _form(layer: Layer, logged: Logged, within: Reach) -> dict[str, Any]:
    """What is asked of whoever logs a feature of a layer."""
    return {
        "layer": layer.name,
        "label": _label(layer.label),
        "photos": logged.photos,
        "near": {"metres": within.metres, "days": within.days, "kind": logged.kind},
        "fields": [_field(layer.field(name), check=name in logged.checks) for name in logged.asked],
    }


def _label(of: Label) -> dict[str, str]:
    """In both languages: the app chooses."""
    return {"zh": of.zh, "en": of.en}


def _matters() -> list[dict[str, Any]]:
    """The codes of what a site can be about, with their standard and since when it is in force."""
    return [
        {
            "code": matter.code,
            "label": _label(matter.label),
            "major": matter.major,
            "standard": matter.standard,
            "since": matter.since.isoformat(),
        }
        for matter in matters.matters()
    ]


def _field(field: Field, *, check: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": field.name,
        "label": _label(field.label),
        "type": field.type.value,
        "required": field.required,
    }
    if field.type.value == "text":
        found["maximum"] = field.max_length
    elif field.maximum is not None:
        found["maximum"] = field.maximum
    if field.minimum is not None:
        found["minimum"] = field.minimum
    if field.unit:
        found["unit"] = _label(field.unit)
    if field.choices == matters.choices():
        found["matter"] = True
    elif field.choices:
        found["choices"] = [{"value": c.value, "label": _label(c.label)} for c in field.choices]
    return found | ({"check": True} if check else {})
