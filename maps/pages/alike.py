"""What is the same matter as a record, or likely so, on its page: who said so, how far it is, when
it came, and what it looks like."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gis.errors import Lang
from layers.alike.near import Near, Reach
from layers.alike.same import ALONE, Pair, Same, Standing, Suggestion
from layers.photos.bringing import Photo
from maps import figures
from maps.clock import moment_of
from maps.pages.photos import Shot, shots
from maps.words.wording import words

_SHOTS = 2


@dataclass(frozen=True, slots=True)
class Alike:
    """What the page is told: the records, each with its photographs, within what they lie, and
    what was said of this one."""

    found: Sequence[tuple[Suggestion, Sequence[Photo]]]
    within: Reach
    standing: Standing = ALONE


NOTHING = Alike((), Reach(0, 0))


@dataclass(frozen=True, slots=True)
class Button:
    """A form of one button: where it goes, with which main record, and what it says."""

    address: str
    main: int
    label: str


@dataclass(frozen=True, slots=True)
class Card:
    """One that is likely the same, as it is shown; `button` is for who may say that it is."""

    address: str
    title: str
    about: str
    shots: Sequence[Shot]
    button: Button | None


@dataclass(frozen=True, slots=True)
class Line:
    """One that is the same, as it is shown."""

    address: str
    title: str
    about: str
    button: Button


def given(alike: Alike, layer: str, lang: Lang) -> dict[str, object]:
    """What the template is given."""
    said = words("logged", lang)
    metres, days = (figures.number(n) for n in (alike.within.metres, alike.within.days))
    main, others = alike.standing.main, alike.standing.others
    return {
        "alike": list(_cards(alike, lang)),
        "alike_title": said["alike"],
        "alike_within": said["within"].format(metres=metres, days=days),
        "same_words": said,
        "same_main": main and _line(layer, main, main.main, main.main_title, lang),
        "same_others": [_line(layer, each, each.feature, each.title, lang) for each in others],
    }


def marking(layer: str, pair: Pair, lang: Lang, *, as_main: bool = False) -> Button:
    """The button that says that two records are the same, beside the one that is told with the
    other, or `as_main` beside the one that stays."""
    address = f"{_address(layer, pair.feature)}/same/mark"
    label = words("logged", lang)["mark_repeat" if as_main else "mark"]
    return Button(address, pair.main, label.format(main=pair.main_title))


def _cards(alike: Alike, lang: Lang) -> Iterator[Card]:
    away = words("logged", lang)["away_by"]
    for suggestion, photos in alike.found:
        near, pair = suggestion.near, suggestion.pair
        yield Card(
            address=_address(near.layer, near.id),
            title=near.title,
            about=away.format(
                metres=figures.number(round(near.distance_m)), at=moment_of(near.recorded_at)
            ),
            shots=list(shots(photos[:_SHOTS], near.title, lang)),
            button=_button(near, pair, lang) if pair else None,
        )


def _button(near: Near, pair: Pair, lang: Lang) -> Button:
    return marking(near.layer, pair, lang, as_main=pair.feature == near.id)


def _line(layer: str, same: Same, other: int, title: str, lang: Lang) -> Line:
    said = words("logged", lang)
    about = said["said_by" if same.author else "said_at"]
    return Line(
        address=_address(layer, other),
        title=title,
        about=about.format(by=same.author, at=moment_of(same.at)),
        button=Button(f"{_address(layer, same.feature)}/same/undo", same.main, said["unmark"]),
    )


def _address(layer: str, feature: int) -> str:
    return f"/collections/{layer}/items/{feature}"
