"""The page 「谁负责」: a map to tap, and who answers for the ground that was meant.

The answer is a piece of HTML of its own: it stands in the page that is asked for with a place, also
without a script, and takes the place of the one before when the map is tapped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from folium.elements import JSCSSMixin
from folium.template import Template
from markupsafe import Markup

from gis.errors import Lang
from layers.declaring.duties import ROLES
from layers.declaring.words import Layer, Theme
from layers.duties.persons import Holder
from layers.duties.places import TEXT_LIMIT, Place
from layers.here.answering import Answering
from layers.here.responsibility import NEEDED, Answer
from layers.registry import Registry
from maps import assets, figures, inert, templating
from maps.document import Document, RenderedPage
from maps.element import Plain
from maps.page import ThematicMap, add_layers, frame
from maps.style import Bounds
from maps.telephone import dialled
from maps.templating import NOBODY, Visit
from maps.vector_layer import VectorSource
from maps.words.wording import words

_THEME = "fields"
_DRAWN = ("grid_fields", "road_segments")
_FIELDS, _ROADS, _COURTYARDS, _UNITS = "grid_fields", "road_segments", "courtyards", "work_units"
_HERE_M = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody wants to know: a place (WGS 84, degrees) or the `text` of a name, and a day."""

    lon: float | None = None
    lat: float | None = None
    on: date | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is answered: who it is, or the places that a text may mean (`has_more` than these)."""

    answer: Answer | None = None
    places: Sequence[Place] = ()
    has_more: bool = False
    other_day: bool = False


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody as the page shows them; `dial` is what a telephone is given, if one may."""

    name: str
    about: str
    phone: str | None
    dial: str | None
    since: date


@dataclass(frozen=True, slots=True)
class Duty:
    """The people of one role; none where it should not be vacant."""

    label: str
    people: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """One thing that somebody answers for; `chief` is who must not be missing."""

    layer: str
    feature: int
    kind: str
    title: str
    detail: str
    distance: str
    chief: Duty
    others: tuple[Duty, ...]


class Asking(JSCSSMixin, Plain):
    """What makes a tap on the map a question, as an element of the map's page."""

    _template = Template("""
        {% macro script(this, kwargs) %}
            gridfield.here({{ this.source.get_name() }}, {{ this.config }});
        {% endmacro %}
    """)

    def __init__(self, source: VectorSource, asked: Asked) -> None:
        super().__init__()
        self._name, self._id = "Asking", "1"
        self.default_js = assets.links("map.js")
        self.default_css = assets.links("map.css")
        self.source = source
        place = None if asked.lon is None else [asked.lon, asked.lat]
        self.config = inert.json_for_script({"answers": "/here/answer", "place": place})


def page(  # noqa: PLR0913  what a page depends on, all of it named by the caller
    registry: Registry,
    lang: Lang,
    asked: Asked,
    told: Told,
    *,
    bounds: Bounds | None = None,
    approval: str | None = None,
    synthetic: bool = False,
    visit: Visit = NOBODY,
) -> RenderedPage:
    """The whole page, with the answer where something was asked."""
    said = words("here", lang)
    given = {
        "title": said["title"],
        "summary": said["summary"],
        "approval": approval,
        "synthetic": synthetic,
        "said": said,
        "asked": asked,
        "text_limit": TEXT_LIMIT,
        "answer": Markup(answer(registry, lang, asked, told)),  # noqa: S704  of our own template
    }
    framed = replace(frame(lang, given, visit=visit), template="here.html")
    document = Document(replace(framed, above=("page.css", "here.css")))
    thematic = ThematicMap(bounds)
    document.add_child(thematic)
    source = add_layers(thematic, _theme(registry), registry, lang, bounds, listed=False)
    Asking(source, asked).add_to(thematic)
    return document.rendered()


def answer(registry: Registry, lang: Lang, asked: Asked, told: Told) -> str:
    """The answer alone."""
    said = words("here", lang)
    found = told.answer
    grounds = list(_grounds(registry, found, lang)) if found else []
    return templating.render(
        "here_answer.html",
        lang,
        NOBODY,
        said=said,
        asked=asked,
        told=told,
        answer=found,
        grounds=grounds,
        headline=_headline(grounds, said) if found and found.fields else said["outside"],
        nearest=_nearest(found, said) if found else None,
        doubts=[doubt.sentence(lang) for doubt in found.doubts] if found else [],
        masked=found is not None and any(term.person.masked for term in found.duties),
        kinds={name: layer.label.of(lang) for name, layer in registry.layers.items()},
    )


def _theme(registry: Registry) -> Theme:
    """The fields and the roads, divisions as their outlines."""
    known = tuple(name for name in _DRAWN if name in registry.layers)
    theme = registry.theme(_THEME)
    frame_of = tuple(name for name in theme.subjects if name not in known)
    return replace(theme, subjects=known, context=frame_of)


# --- the answer in words --------------------------------------------------------------------------
def _grounds(registry: Registry, found: Answer, lang: Lang) -> Iterator[Ground]:
    said = words("here", lang)
    told = [(_FIELDS, each, "") for each in found.fields]
    beside = ((_ROADS, found.road, "road"), (_COURTYARDS, found.courtyard, "courtyard"))
    told += [(name, each, said[kind]) for name, each, kind in beside if each]
    told += [(_UNITS, found.unit, said["unit"])] if found.unit else []
    for name, each, kind in told:
        terms = [x for x in found.duties if (x.layer, x.feature) == (name, each["id"])]
        yield _ground(registry.layer(name), each, kind, terms, lang)


def _ground(
    layer: Layer, found: dict[str, Any], kind: str, terms: Sequence[Answering], lang: Lang
) -> Ground:
    said = words("here", lang)
    rest = [str(found[x]) for x in layer.key if x != layer.title and found.get(x)]
    duties = {
        role.name: tuple(_contact(term) for term in terms if term.role == role)
        for role in ROLES.values()
    }
    chief = NEEDED[layer.name]
    return Ground(
        layer=layer.name,
        feature=found["id"],
        kind=kind or layer.label.of(lang),
        title=str(found.get(layer.title or "") or f"#{found['id']}"),
        detail=" – ".join(rest),
        distance=_distance(found.get("distance_m"), said),
        chief=Duty(chief.label.of(lang), duties.pop(chief.name)),
        others=tuple(Duty(ROLES[x].label.of(lang), who) for x, who in duties.items() if who),
    )


def _contact(term: Answering) -> Contact:
    person: Holder = term.person
    about = " · ".join(text for text in (person.post, person.unit) if text)
    return Contact(person.name, about, person.phone, _dial(person), term.since)


def _dial(person: Holder) -> str | None:
    """What a telephone is given: nothing of a number that the reader may not know."""
    return None if person.masked else dialled(person.phone)


def _distance(metres: float | None, said: dict[str, str]) -> str:
    if metres is None:
        return ""
    if metres < _HERE_M:
        return said["here"]
    return said["away"].format(metres=figures.number(round(metres)))


def _headline(grounds: Sequence[Ground], said: dict[str, str]) -> str:
    """What a screen reader says first: where it is, and who answers."""
    first = grounds[0]
    names = said["comma"].join(each.name for each in first.chief.people) or said["nobody"]
    return said["told"].format(title=first.title, role=first.chief.label, names=names)


def _nearest(found: Answer, said: dict[str, str]) -> tuple[str, str] | None:
    """The name of the nearest field, and how far away it is."""
    if found.nearest is None:
        return None
    return str(found.nearest["name"]), _distance(found.nearest["distance_m"], said)
