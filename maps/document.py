"""The document around a Folium map: language, title, header bar, footer, no outside address."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from branca.element import Element, Figure
from markupsafe import Markup

from gis.errors import Lang
from layers.declare import Theme
from maps import templating
from maps.element import adopt
from maps.wording import words


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """A whole page, and the CSP sources of the scripts that stand in it."""

    html: str
    script_hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the map."""

    lang: Lang
    theme: Theme
    themes: Sequence[Theme]
    approval: str | None
    synthetic: bool
    query: Mapping[str, str]


class Document(Figure):
    """Folium's figure as a page of ours."""

    def __init__(self, frame: Frame) -> None:
        super().__init__()
        self.header = Element()  # branca's begins with a charset, which the template tells
        self.frame = frame

    def rendered(self) -> RenderedPage:
        """The page with the hash of its one inline script."""
        for child in self._children.values():
            adopt(child).render()
        script = self.script.render()
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        return RenderedPage(self._page(script), (f"'sha256-{digest}'",))

    def render(self, **_: Any) -> str:
        """The page alone, for `save` and notebooks."""
        return self.rendered().html

    def _page(self, script: str) -> str:
        frame, lang = self.frame, self.frame.lang
        return templating.render(
            "map.html",
            lang,
            frame.query,
            # Rendered Folium elements, each inert by its own making.
            head=Markup(self.header.render()),  # noqa: S704
            body=Markup(self.html.render()),  # noqa: S704
            script=Markup(script),  # noqa: S704
            around=frame,
            w=words("map", lang),
        )
