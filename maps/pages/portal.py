"""The portal at `/`: who answers where, what is the reader's own, and the themes as cards."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from markupsafe import Markup

from gis.errors import Lang
from layers.declaring.words import Layer, Theme
from layers.duties.places import TEXT_LIMIT, Place
from layers.registry import Registry
from layers.serving.summaries import Summary
from layers.shelves import shelved
from maps import figures, templating
from maps.figures import Figure
from maps.motif import CARD, HERO, WIDE, motif
from maps.pages import logged as logged_page
from maps.pages.logged import List
from maps.templating import NOBODY, Visit
from maps.words.wording import words

_NOTHING = Summary(count=0, bounds=None, classes={}, alerts=0, measures={}, sources=())
# How sources declare invented data, in either language.
_SYNTHETIC = ("虚构", "合成", "synthetic")


Known = Sequence[tuple[Layer, Summary]]


@dataclass(frozen=True, slots=True)
class Card:
    """One theme as the portal shows it."""

    theme: Theme
    motif: Markup
    counts: Sequence[Figure]
    measures: Sequence[Figure]
    wide: bool

    @property
    def empty(self) -> bool:
        return all(figure.value == "0" for figure in self.counts)


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that the reader answers for, and where it is, if it lies anywhere they may see."""

    role: str
    title: str
    kind: str
    since: date
    place: Place | None


@dataclass(frozen=True, slots=True)
class Own:
    """What is the reader's own: the division, and what they answer for today."""

    division: str = ""
    duties: Sequence[Duty] = ()


NOTHING_OWN = Own()


@dataclass(frozen=True, slots=True)
class Register:
    """One register as the portal shows it: where its table is, and what it adds up to."""

    layer: Layer
    count: Figure
    measures: Sequence[Figure]


def portal(  # noqa: PLR0913  what the page depends on, all of it named by the caller
    registry: Registry,
    lang: Lang,
    summaries: Mapping[str, Summary],
    *,
    own: Own = NOTHING_OWN,
    logged: List | None = None,
    approval: str | None = None,
    visit: Visit = NOBODY,
) -> str:
    """The whole page; a layer without a summary counts as empty."""
    themes = list(registry.themes.values())
    cards = [_card(theme, registry, lang, summaries) for theme in themes]
    return templating.render(
        "portal.html",
        lang,
        visit,
        cards=cards,
        shelves=_shelves(registry, lang, summaries),
        picture=motif(themes[0], registry, HERO),
        empty=all(card.empty for card in cards),
        synthetic=synthetic(summaries.values()),
        approval=approval,
        own=own,
        text_limit=TEXT_LIMIT,
        w=words("portal", lang),
        **(logged_page.given(logged, lang) if logged else {"logged": None}),
    )


def synthetic(summaries: Iterable[Summary]) -> bool:
    """Whether any source says that its data are invented."""
    sources = (source.lower() for summary in summaries for source in summary.sources)
    return any(mark in source for source in sources for mark in _SYNTHETIC)


def _shelves(
    registry: Registry, lang: Lang, summaries: Mapping[str, Summary]
) -> list[tuple[str, list[Register]]]:
    return [
        (label.of(lang), [_register(layer, lang, summaries) for layer in layers])
        for label, layers in shelved(registry)
    ]


def _register(layer: Layer, lang: Lang, summaries: Mapping[str, Summary]) -> Register:
    summary = summaries.get(layer.name, _NOTHING)
    shown = [each for each in figures.measures(layer, summary, lang) if each.value != "0"]
    return Register(layer, figures.count(layer, summary, lang), shown)


def _card(theme: Theme, registry: Registry, lang: Lang, summaries: Mapping[str, Summary]) -> Card:
    subjects = [registry.layer(name) for name in theme.subjects]
    # Layers with figures of their own are what a theme is about, the others are its frame.
    known = [
        (layer, summaries.get(layer.name, _NOTHING))
        for layer in sorted(subjects, key=lambda layer: not layer.measures)
    ]
    wide = len(subjects) > 2
    return Card(
        theme=theme,
        motif=motif(theme, registry, WIDE if wide else CARD),
        counts=[figures.count(layer, summary, lang) for layer, summary in known],
        measures=list(_alarms(known, lang) if wide else _measures(known, lang)),
        wide=wide,
    )


def _measures(known: Known, lang: Lang) -> Iterator[Figure]:
    for layer, summary in known:
        yield from figures.measures(layer, summary, lang)


def _alarms(known: Known, lang: Lang) -> Iterator[Figure]:
    """What ought not to be in any of many layers; the layer has to be named with it."""
    for layer, summary in known:
        for figure in figures.measures(layer, summary, lang):
            if figure.alarming:
                yield replace(figure, label=f"{layer.label.of(lang)} · {figure.label}")
