"""What a record belongs to, what belongs to it, and what it may become, as links of its page."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from gis.errors import Lang
from layers.declaring.words import Layer
from layers.registry import Registry
from maps.words.wording import words

Links = list[tuple[str, str]]


def links(registry: Registry, layer: Layer, properties: Mapping[str, object], lang: Lang) -> Links:
    """Each with its label and address: first what it belongs to and what it has become."""
    return [*_upwards(registry, layer, properties, lang), *_down(registry, layer, properties, lang)]


def becoming(
    registry: Registry, layer: Layer, feature: object, properties: Mapping[str, object], lang: Lang
) -> tuple[str, str] | None:
    """The label and address of making another record of this one, where that is still to be."""
    rule = layer.becomes
    if rule is None or rule.layer not in registry.layers or properties.get(rule.number):
        return None
    label = words("registers", lang)["become"]
    target = registry.layer(rule.layer).label.of(lang)
    return label.format(layer=target), f"/collections/{layer.name}/items/{feature}/become"


def _upwards(
    registry: Registry, layer: Layer, properties: Mapping[str, object], lang: Lang
) -> Iterator[tuple[str, str]]:
    named = []
    if layer.parent:
        named.append((layer.parent.layer, layer.parent.key, properties.get(layer.parent.field)))
    if layer.becomes:
        target = registry.layers.get(layer.becomes.layer)
        number = target.logged.number if target and target.logged else None
        if number:
            named.append((layer.becomes.layer, number, properties.get(layer.becomes.number)))
    for other, key, value in named:
        if value and other in registry.layers:
            title = f"{registry.layer(other).label.of(lang)} {value}"
            yield title, _records(other, key, value)


def _down(
    registry: Registry, layer: Layer, properties: Mapping[str, object], lang: Lang
) -> Iterator[tuple[str, str]]:
    for other in registry.layers.values():
        said = other.parent
        if said and said.layer == layer.name and properties.get(said.key):
            yield other.label.of(lang), _records(other.name, said.field, properties[said.key])


def _records(layer: str, field: str, value: object) -> str:
    return f"/collections/{layer}/items?" + urlencode({"f": "html", field: str(value)})
