"""The immutable registry: every declared layer and every theme, built once."""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gis.errors import UNKNOWN_LAYER, UNKNOWN_THEME, Problem
from layers import thematic
from layers.declare import Geometry, Label, Layer, Role, Theme
from layers.themes import OVERVIEW_LABEL, OVERVIEW_SUMMARY, THEMES

_GROUND_FIRST = (Geometry.POLYGON, Geometry.LINE, Geometry.POINT)


@dataclass(frozen=True, slots=True)
class Registry:
    """Layers and themes by name, each in drawing order."""

    layers: Mapping[str, Layer]
    themes: Mapping[str, Theme]

    def layer(self, name: str) -> Layer:
        """The layer of that name; Problem(UNKNOWN_LAYER) when there is none."""
        if name not in self.layers:
            raise Problem(UNKNOWN_LAYER, name=name)
        return self.layers[name]

    def theme(self, name: str) -> Theme:
        """The theme of that name; Problem(UNKNOWN_THEME) when there is none."""
        if name not in self.themes:
            raise Problem(UNKNOWN_THEME, name=name)
        return self.themes[name]

    def drawn(self, theme: Theme) -> tuple[Layer, ...]:
        """All layers of a theme's map from the bottom up: ground, context, subjects."""
        ground = [layer.name for layer in self.layers.values() if layer.role is Role.BASEMAP]
        names = dict.fromkeys((*ground, *theme.context, *theme.subjects))
        return tuple(self.layers[name] for name in names)


def discover() -> Registry:
    """The registry of every module in `layers.thematic` that declares a LAYER."""
    modules = (
        importlib.import_module(f"{thematic.__name__}.{found.name}")
        for found in pkgutil.iter_modules(thematic.__path__)
    )
    return build(module.LAYER for module in modules)


def build(layers: Iterable[Layer]) -> Registry:
    """A registry of these layers; a layer that no theme names gets a theme of its own."""
    ordered = sorted(layers, key=_drawing_order)
    by_name = {layer.name: layer for layer in ordered}
    if len(by_name) != len(ordered):
        raise ValueError("two layers share a name")
    records = [layer for layer in ordered if layer.role is Role.THEMATIC]
    declared = [theme for theme in THEMES if set(theme.subjects) <= by_name.keys()]
    named = {name for theme in declared for name in theme.subjects}
    derived = [_own_theme(layer) for layer in records if layer.name not in named]
    themes = (_overview(records), *declared, *derived)
    return Registry(MappingProxyType(by_name), MappingProxyType({t.name: t for t in themes}))


def _drawing_order(layer: Layer) -> tuple[bool, int, str]:
    return (layer.role is Role.THEMATIC, _GROUND_FIRST.index(layer.geometry), layer.name)


def _overview(records: list[Layer]) -> Theme:
    return Theme(
        name="overview",
        label=OVERVIEW_LABEL,
        summary=OVERVIEW_SUMMARY,
        subjects=tuple(layer.name for layer in records),
    )


def _own_theme(layer: Layer) -> Theme:
    summary = Label(f"{layer.label.zh}的分布", f"Where the {layer.label.en.lower()} are")
    return Theme(name=layer.name, label=layer.label, summary=summary, subjects=(layer.name,))
