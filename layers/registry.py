"""The immutable registry: every declared layer and every theme, built once."""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from gis.errors import Problem
from gis.refusals.values import BAD_PARAMETER
from layers import thematic
from layers.declaring.words import Geometry, Label, Layer, Role, Theme, View
from layers.refusals.asking import UNKNOWN_LAYER, UNKNOWN_THEME
from layers.themes import OVERVIEW_LABEL, OVERVIEW_SUMMARY, THEMES

_GROUND_FIRST = (Geometry.POLYGON, Geometry.LINE, Geometry.POINT, Geometry.NONE)


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

    def theme(self, name: str, by: str | None = None) -> Theme:
        """The theme of that name, with `by` in the view of that name.

        Problem(UNKNOWN_THEME), or Problem(BAD_PARAMETER) for a view that it has not.
        """
        if name not in self.themes:
            raise Problem(UNKNOWN_THEME, name=name)
        theme = self.themes[name]
        if by is not None and by not in [view.name for view in theme.views]:
            raise _no_view(theme)
        return theme if by is None else replace(theme, by=by)

    @property
    def mapped(self) -> tuple[Layer, ...]:
        """The layers that have places, in drawing order."""
        return tuple(layer for layer in self.layers.values() if layer.has_shape)

    @property
    def registers(self) -> tuple[Layer, ...]:
        """The layers that have none."""
        return tuple(layer for layer in self.layers.values() if not layer.has_shape)

    def without_optional(self) -> "Registry":
        """The same where nothing is switched on that need not be."""
        lasting = {name: theme for name, theme in self.themes.items() if not theme.optional}
        return replace(self, themes=MappingProxyType(lasting))

    def drawn(self, theme: Theme) -> tuple[Layer, ...]:
        """All layers of a theme's map from the bottom up, as it draws them: ground, context,
        subjects."""
        ground = [layer.name for layer in self.layers.values() if layer.role is Role.BASEMAP]
        names = dict.fromkeys((*ground, *theme.context, *theme.subjects))
        return tuple(_viewed(self.layers[name], theme.view) for name in names)


def _viewed(layer: Layer, view: View | None) -> Layer:
    """The layer as a view draws it; as it is where the view is of another one."""
    if view is None or view.layer != layer.name:
        return layer
    return replace(layer, style=view.style, computed=view.computed)


def _no_view(theme: Theme) -> Problem:
    known = ", ".join(view.name for view in theme.views)
    reason = f"this map is drawn by {known}" if known else "this map is drawn in one way only"
    reason_zh = f"这张图可按 {known} 着色" if known else "这张图只有一种画法"
    return Problem(BAD_PARAMETER, name="by", reason=reason, reason_zh=reason_zh)


def discover() -> Registry:
    """The registry of every module in `layers.thematic` that declares a LAYER."""
    modules = (
        importlib.import_module(f"{thematic.__name__}.{found.name}")
        for found in pkgutil.iter_modules(thematic.__path__)
    )
    return build(module.LAYER for module in modules)


def build(layers: Iterable[Layer]) -> Registry:
    """A registry of these layers; one with places that no theme names gets a theme of its own."""
    ordered = sorted(layers, key=_drawing_order)
    by_name = {layer.name: layer for layer in ordered}
    if len(by_name) != len(ordered):
        raise ValueError("two layers share a name")
    records = [layer for layer in ordered if layer.role is Role.THEMATIC and layer.has_shape]
    declared = [x for x in THEMES if {*x.subjects, *x.context} <= by_name.keys()]
    named = {name for theme in declared if not theme.optional for name in theme.subjects}
    derived = [_own_theme(layer) for layer in records if layer.name not in named]
    themes = (_overview(records), *declared, *derived)
    return Registry(MappingProxyType(by_name), MappingProxyType({t.name: t for t in themes}))


def _drawing_order(layer: Layer) -> tuple[bool, int, str]:
    return (layer.role is Role.THEMATIC, _GROUND_FIRST.index(layer.geometry), layer.name)


def _overview(records: list[Layer]) -> Theme:
    """All but journals: what was looked at or done on a day has maps of its own."""
    lasting = [layer for layer in records if not (layer.logged and layer.logged.is_journal)]
    return Theme(
        name="overview",
        label=OVERVIEW_LABEL,
        summary=OVERVIEW_SUMMARY,
        subjects=tuple(layer.name for layer in lasting),
    )


def _own_theme(layer: Layer) -> Theme:
    summary = Label(f"{layer.label.zh}的分布", f"Where the {layer.label.en.lower()} are")
    return Theme(name=layer.name, label=layer.label, summary=summary, subjects=(layer.name,))
