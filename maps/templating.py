"""Templates of our own: compiled from files, rendered once, every value inert."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gis.errors import Lang
from layers.people import Actor
from layers.rights import ROLE_LABELS, Right, allowed
from maps import assets, inert
from maps.figures import number
from maps.telephone import dialled
from maps.wording import HTML_LANG, OTHER, words

# A parameter that stands there several times has all its values.
Query = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Visit:
    """Who opens a page, and what stood in the address: the language switch keeps it."""

    query: Query = field(default_factory=dict)
    actor: Actor | None = None

    @property
    def rights(self) -> frozenset[str]:
        """What the reader may do, so that a page offers nothing else."""
        if self.actor is None:
            return frozenset()
        return frozenset(right.value for right in Right if allowed(self.actor, right))


NOBODY = Visit()
# Every page's menu: the address, the section, and the right without which it is not offered.
_MENU: Sequence[tuple[str, str, str | None]] = (
    ("/", "maps", "read"),
    ("/here", "here", "read"),
    ("/collections", "data", "read"),
    ("/duties", "duties", "read"),
    ("/people", "people", "appoint"),
    ("/accounts", "accounts", "admin"),
    ("/import", "import", "import"),
    ("/docs", "docs", None),
)


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
ENVIRONMENT.filters |= {"json": inert.json_for_script, "dialled": dialled}


def render(template: str, lang: Lang, visit: Visit, **values: object) -> str:
    """A whole page."""
    return ENVIRONMENT.get_template(template).render(**around(lang, visit), **values)


def around(lang: Lang, visit: Visit) -> dict[str, object]:
    """What the frame of every page is given."""
    return {
        "lang": lang,
        "html_lang": HTML_LANG[lang],
        "other_lang": HTML_LANG[OTHER[lang]],
        "switch": _switch(lang, visit.query),
        "frame": words("frame", lang),
        "visit": visit,
        "menu": [entry[:2] for entry in _MENU if entry[2] is None or entry[2] in visit.rights],
        "own_role": ROLE_LABELS[visit.actor.role].of(lang) if visit.actor else "",
    }


def _switch(lang: Lang, query: Query) -> str:
    return "?" + urlencode({**query, "lang": OTHER[lang]}, doseq=True, errors="replace")
