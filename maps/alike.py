"""What is likely the same as a record, on its page: how far, when, and what it looks like."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gis.errors import Lang
from layers.deadlines import BEIJING
from layers.near import Near, Reach
from layers.photos import Photo
from maps import figures
from maps.photos import Shot, shots
from maps.wording import words

_SHOTS = 2


@dataclass(frozen=True, slots=True)
class Alike:
    """What the page is told: the records, each with its photographs, and within what they lie."""

    found: Sequence[tuple[Near, Sequence[Photo]]]
    within: Reach


NOTHING = Alike((), Reach(0, 0))


@dataclass(frozen=True, slots=True)
class Card:
    """One of them as it is shown."""

    address: str
    title: str
    about: str
    shots: Sequence[Shot]


def given(alike: Alike, lang: Lang) -> dict[str, object]:
    """What the template is given."""
    said = words("logged", lang)
    metres, days = (figures.number(n) for n in (alike.within.metres, alike.within.days))
    return {
        "alike": list(_cards(alike, lang)),
        "alike_title": said["alike"],
        "alike_within": said["within"].format(metres=metres, days=days),
    }


def _cards(alike: Alike, lang: Lang) -> Iterator[Card]:
    away = words("logged", lang)["away_by"]
    for near, photos in alike.found:
        at = near.recorded_at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
        yield Card(
            address=f"/collections/{near.layer}/items/{near.id}",
            title=near.title,
            about=away.format(metres=figures.number(round(near.distance_m)), at=at),
            shots=list(shots(photos[:_SHOTS], near.title, lang)),
        )
