"""Templates of our own: compiled from files, rendered once, every value inert."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gis.errors import Lang
from maps import assets, inert
from maps.figures import number
from maps.wording import HTML_LANG, OTHER, words

# A parameter that stands there several times has all its values.
Query = Mapping[str, str | Sequence[str]]
NO_QUERY: Mapping[str, str] = MappingProxyType({})


def _written(value: object) -> Markup:
    """What `{{ value }}` writes: markup as it is, anything else as inert text."""
    return value if isinstance(value, Markup) else inert.text(value)


ENVIRONMENT = Environment(
    loader=PackageLoader("maps"),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_written,
    trim_blocks=True,
    lstrip_blocks=True,
)
ENVIRONMENT.globals |= {"asset": assets.url, "number": number}
ENVIRONMENT.filters["json"] = inert.json_for_script


def render(template: str, lang: Lang, query: Query, **values: object) -> str:
    """A whole page; `query` is what stood in the address, so that the language switch keeps it."""
    return ENVIRONMENT.get_template(template).render(
        lang=lang,
        html_lang=HTML_LANG[lang],
        other_lang=HTML_LANG[OTHER[lang]],
        switch=_switch(lang, query),
        frame=words("frame", lang),
        **values,
    )


def _switch(lang: Lang, query: Query) -> str:
    return "?" + urlencode({**query, "lang": OTHER[lang]}, doseq=True, errors="replace")
