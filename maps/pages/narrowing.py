"""The form that narrows a map down, as a page: it works without a script."""

from collections.abc import Sequence

from gis.errors import Lang
from layers.declaring.words import Layer, Theme
from maps import narrowing, templating
from maps.narrowing import GIVEN, TEXT_LIMIT, Narrowing, Pairs
from maps.sight import query as query_of
from maps.templating import Visit
from maps.words.wording import words

# What of a map's address the form takes along.
_KEPT = ("by", "on", "waiting", "division", "lang")


def page(  # noqa: PLR0913  what the page depends on, all of it named by the caller
    theme: Theme,
    layers: Sequence[Layer],
    lang: Lang,
    query: Pairs,
    asked: Narrowing,
    *,
    knows: bool,
    visit: Visit,
) -> str:
    """The form of a theme's subjects, set as the address says."""
    kept = [(name, text) for name, text in query if name in _KEPT and text]
    return templating.render(
        "narrowing.html",
        lang,
        visit,
        theme=theme,
        parts=narrowing.parts(layers, asked.asked, lang, knows=knows),
        kept=kept,
        rest=query_of(kept),
        given=[(name, text) for name, text in asked.asked if name == GIVEN],
        is_set=bool(asked.asked),
        text_limit=TEXT_LIMIT,
        n=words("narrowing", lang),
        w=words("pages", lang),
    )
