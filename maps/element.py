"""Folium elements whose rendered text stays text.

branca's `MacroElement.render` hands what a macro rendered to `Element(…)`, which compiles it as a
template and renders it again: `{{…}}` in a layer's name would run in our process. `Plain` stands
directly before `MacroElement` in the order of resolution of every element on our pages, so its
`render` is the one that Folium's own `super().render()` reaches.
"""

from functools import cache
from typing import Any, TypeVar

from branca.element import Element, MacroElement
from folium import LayerControl
from folium.elements import JSCSSMixin
from folium.map import Class, Layer

from gis.errors import Problem
from maps import assets
from maps.refusals import ELEMENT_UNKNOWN

E = TypeVar("E", bound=Element)
# Classes whose `render` has been read and ends in `super().render()`. Others, as Popup and
# GeoJsonTooltip do, compile what they have rendered on their own and cannot be kept from it.
_READ = frozenset({Element, MacroElement, JSCSSMixin, Class, Layer, LayerControl})
_PARTS = ("header", "html", "script")


class Rendered(Element):
    """Text that has been rendered once, and is not looked at again."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._name = "Rendered"
        self.text = text

    def render(self, **_: Any) -> str:
        return self.text


class Plain(MacroElement):
    """A macro element that renders its macros once and nothing twice."""

    def __init__(self) -> None:
        # MacroElement's own constructor lacks annotations and adds only a name.
        super(MacroElement, self).__init__()

    def render(self, **kwargs: Any) -> str:
        figure = self.get_root()
        for part in _PARTS:
            macro = getattr(self._template.module, part, None)
            if macro is not None:
                rendered = Rendered(macro(self, kwargs))
                getattr(figure, part).add_child(rendered, name=self.get_name())
        for child in self._children.values():
            adopt(child).render(**kwargs)
        return ""  # the figure's three parts hold the text


def adopt(element: Element) -> Element:
    """Make an element of Folium's one of our pages': assets of our own, rendered once.

    Problem(ELEMENT_UNKNOWN) when it would load a file that we do not have, or renders in a way
    that nobody has looked at.
    """
    kind: Any = type(element)
    if not all(_trusted(ancestor) for ancestor in kind.__mro__):
        raise Problem(ELEMENT_UNKNOWN, name=kind.__name__)
    if isinstance(element, JSCSSMixin):
        assets.localise(element)
    if isinstance(element, MacroElement) and not isinstance(element, Plain):
        # The instance changes its class; the class of everybody else's instances stays as it is.
        element.__class__ = _plain(kind)
    return element


def _trusted(kind: type) -> bool:
    return "render" not in vars(kind) or kind in _READ or issubclass(kind, Plain)


def named(element: E, name: str) -> E:
    """Give a fresh element a stable name: branca draws lots, and pages would differ each time."""
    element._id = name  # noqa: SLF001  nothing public sets it
    return element


@cache
def _plain(kind: type) -> type:
    if kind is MacroElement:  # Folium's own way of adding a macro without a class for it
        return Plain
    return type(kind.__name__, (kind, Plain), {"__module__": kind.__module__})
