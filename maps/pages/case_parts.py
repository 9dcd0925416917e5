"""What pages say of a case: its state, its limit and how urgent it is, always in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from gis.clock import day_of
from gis.errors import Lang
from layers.declaring.escalation import LABELS, Level
from layers.declaring.words import Layer, Type
from maps import values
from maps.words.wording import words

_DETAIL = 90


@dataclass(frozen=True, slots=True)
class Due:
    """Until when: the day, how far off it is, and how urgent that makes it."""

    level: str
    label: str
    day: str
    left: str

    @property
    def is_told(self) -> bool:
        """Whether the level says more than the day: what is in time needs no word."""
        return self.level not in (Level.NONE, Level.GREEN)


def due(  # noqa: PLR0913  all that a limit is told by
    level: str,
    due_at: datetime | None,
    hung_until: date | None,
    lang: Lang,
    *,
    today: date,
    is_open: bool,
) -> Due:
    """The limit of a case in words."""
    said, label = words("ledger", lang), LABELS[Level(level)].of(lang)
    if not is_open:
        return Due(Level.NONE, "", "", "")
    if hung_until is not None:
        return Due(Level.NONE, "", "", said["hung"].format(day=hung_until.isoformat()))
    if due_at is None:
        return Due(Level.NONE, "", "", said["no_due"])
    day = day_of(due_at)
    days = (day - today).days
    key = "days_left" if days > 0 else "today" if days == 0 else "days_late"
    return Due(level, label, day.isoformat(), said[key].format(count=abs(days)))


def state_label(layer: Layer, state: str, lang: Lang) -> str:
    """A state as people call it."""
    flow = layer.workflow
    choices = layer.field(flow.status).choices if flow else ()
    return next((each.label.of(lang) for each in choices if each.value == state), state)


def done(layer: Layer, title: str, state: str, lang: Lang) -> str:
    """That a step was taken, and where the case is by now."""
    return words("ledger", lang)["done"].format(title=title, state=state_label(layer, state, lang))


def about(layer: Layer, properties: Mapping[str, object], lang: Lang) -> Iterator[str]:
    """What a case is about: its kind, then what is written of it that no public file has, which is
    a note and an address mostly."""
    flow = layer.workflow
    kind = properties.get(flow.kind) if flow and flow.kind else None
    if flow and flow.kind and kind:
        yield values.shown(layer.field(flow.kind), kind, lang)
    else:
        yield layer.label.of(lang)
    for field in layer.fields:
        text = str(properties.get(field.name) or "")
        if field.type is Type.TEXT and not (field.published or field.personal) and text:
            yield text if len(text) <= _DETAIL else f"{text[: _DETAIL - 1]}…"
