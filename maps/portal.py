"""The portal at `/`: the themes as cards with true figures, and the question who answers where."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from gis.errors import Lang
from layers.declare import Layer, Theme
from layers.registry import Registry
from layers.summaries import Summary
from layers.thematic import grid_fields, road_segments
from maps import figures, templating
from maps.figures import Figure
from maps.motif import CARD, HERO, WIDE, motif
from maps.templating import NO_QUERY
from maps.wording import words

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


def portal(
    registry: Registry,
    lang: Lang,
    summaries: Mapping[str, Summary],
    *,
    approval: str | None = None,
    query: Mapping[str, str] = NO_QUERY,
) -> str:
    """The whole page; a layer without a summary counts as empty."""
    themes = list(registry.themes.values())
    cards = [_card(theme, registry, lang, summaries) for theme in themes]
    return templating.render(
        "portal.html",
        lang,
        query,
        cards=cards,
        picture=motif(themes[0], registry, HERO),
        empty=all(card.empty for card in cards),
        synthetic=synthetic(summaries.values()),
        approval=approval,
        lookup=_lookup(lang),
        w=words("portal", lang),
    )


def synthetic(summaries: Iterable[Summary]) -> bool:
    """Whether any source says that its data are invented."""
    sources = (source.lower() for summary in summaries for source in summary.sources)
    return any(mark in source for source in sources for mark in _SYNTHETIC)


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


def _lookup(lang: Lang) -> Mapping[str, object]:
    """What the script needs to ask and to tell the answer."""
    return {
        "words": words("lookup", lang),
        "field": _told(grid_fields.LAYER, lang),
        "road": _told(road_segments.LAYER, lang),
    }


def _told(layer: Layer, lang: Lang) -> Mapping[str, object]:
    # The people of a layer are its personal fields, in the order of their duties.
    people = [[field.name, field.label.of(lang)] for field in layer.fields if field.personal]
    return {"title": layer.title, "people": people}
