"""Templates of our own: compiled from files, rendered once, every value inert."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gis.errors import Lang
from layers.declaring.people import Actor
from layers.declaring.rights import ROLE_LABELS, Right, allowed
from maps import assets, inert
from maps.clock import moment_of
from maps.figures import number
from maps.telephone import dialled
from maps.words.wording import HTML_LANG, OTHER, words

# A parameter that stands there several times has all its values.
Query = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Visit:
    """Who opens a page, and what stood in the address: the language switch keeps it; `offered` is
    what is switched on here of what need not be, `unread` how many notices wait to be read."""

    query: Query = field(default_factory=dict)
    actor: Actor | None = None
    offered: frozenset[str] = frozenset()
    unread: int = 0

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
    ("/ledger", "ledger", "read"),
    ("/collections", "data", "read"),
    ("/duties", "duties", "read"),
    ("/dashboard", "dashboard", "edit"),
    ("/reports", "reports", "read"),
    ("/patrols", "patrols", "log"),
    ("/people", "people", "appoint"),
    ("/accounts", "accounts", "admin"),
    ("/import", "import", "import"),
    ("/docs", "docs", None),
)

# Of these sections, only what is switched on is in the menu.
_OPTIONAL = frozenset({"patrols"})


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
ENVIRONMENT.filters |= {"json": inert.json_for_script, "dialled": dialled, "moment": moment_of}


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
        "menu": [(address, name) for address, name, right in _MENU if _in(visit, name, right)],
        "own_role": ROLE_LABELS[visit.actor.role].of(lang) if visit.actor else "",
    }


def _in(visit: Visit, name: str, right: str | None) -> bool:
    """Whether a section is in a reader's menu."""
    allowed_there = right is None or right in visit.rights
    return allowed_there and (name not in _OPTIONAL or name in visit.offered)


def _switch(lang: Lang, query: Query) -> str:
    return "?" + urlencode({**query, "lang": OTHER[lang]}, doseq=True, errors="replace")
