"""The document around a Folium map: a template of ours, no outside address."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from branca.element import CssLink, Element, Figure, JavascriptLink
from markupsafe import Markup

from gis.errors import Lang
from maps import assets, templating
from maps.element import adopt
from maps.templating import NOBODY, Visit


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """A whole page, and the CSP sources of the scripts that stand in it."""

    html: str
    script_hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the map: a template and what it is given.

    The template is also given `head`, `body` and `script`, which the map's elements have written.
    Styles of ours come before those of the map (`below`) and after (`above`). With `inline` every
    file stands in the page itself, which then opens from disk, and the template is given the
    `policy` that keeps it there.
    """

    template: str
    lang: Lang
    given: Mapping[str, object]
    visit: Visit = NOBODY
    below: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    inline: bool = False


class Document(Figure):
    """Folium's figure as a page of ours."""

    def __init__(self, frame: Frame) -> None:
        super().__init__()
        self.header = Element()  # branca's begins with a charset, which the template tells
        self.frame = frame

    def rendered(self) -> RenderedPage:
        """The page with the hashes of its inline scripts."""
        self._add_styles(self.frame.below)
        for child in self._children.values():
            adopt(child).render()
        self._add_styles(self.frame.above)
        script = self.script.render()
        if self.frame.inline:
            return self._in_one_file(script)
        # Rendered Folium elements, each inert by its own making.
        head = Markup(self.header.render())  # noqa: S704
        return RenderedPage(self._page(script, head=head), (_hash(script),))

    def render(self, **_: Any) -> str:
        """The page alone, for `save` and notebooks."""
        return self.rendered().html

    def _add_styles(self, names: tuple[str, ...]) -> None:
        for name, address in assets.links(*names):
            self.header.add_child(CssLink(address), name=name)

    def _in_one_file(self, script: str) -> RenderedPage:
        linked = tuple(self.header._children.values())  # noqa: SLF001  nothing public lists them
        styles = [assets.inlined(x.url) for x in linked if isinstance(x, CssLink)]
        scripts = [assets.inlined(x.url) for x in linked if isinstance(x, JavascriptLink)]
        head = [f"<style>{text}</style>" for text in styles]
        head += [f"<script>{text}</script>" for text in scripts]
        hashes = tuple(_hash(text) for text in (*scripts, script))
        policy = _policy(hashes, styles)
        # Files of our own build, with their end tags made inert.
        page = self._page(script, head=Markup("\n".join(head)), policy=policy)  # noqa: S704
        return RenderedPage(page, hashes)

    def _page(self, script: str, **more: object) -> str:
        frame = self.frame
        return templating.render(
            frame.template,
            frame.lang,
            frame.visit,
            **frame.given,
            **more,
            body=Markup(self.html.render()),  # noqa: S704
            script=Markup(script),  # noqa: S704
            inline=frame.inline,
        )


def one_file(
    template: str, lang: Lang, given: Mapping[str, object], styles: Sequence[str], script: str
) -> str:
    """A page without a map that opens from disk, with files of our build within it."""
    texts = [assets.inlined(assets.url(name)) for name in styles]
    code = assets.inlined(assets.url(script))
    head = Markup("\n".join(f"<style>{text}</style>" for text in texts))  # noqa: S704
    return templating.render(
        template,
        lang,
        NOBODY,
        **given,
        head=head,
        policy=_policy((_hash(code),), texts),
        script=Markup(code),  # noqa: S704
        is_mapped=True,
    )


def _policy(hashes: Sequence[str], styles: Sequence[str]) -> str:
    admitted = " ".join(_hash(text) for text in styles)
    return (
        f"default-src 'none'; script-src {' '.join(hashes)}; style-src {admitted}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
