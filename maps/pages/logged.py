"""What was logged on the spot, as lists: on the portal, of a day, and renewed while it comes in."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gis.clock import local
from gis.errors import Lang
from layers.alike.same import Pair
from layers.declaring.words import Layer
from layers.registry import Registry
from layers.submissions.news import Day, News
from maps import templating, values
from maps.pages.alike import Button, marking
from maps.templating import NOBODY, Visit
from maps.words.wording import words

PAGE = 100
"""How many records a page of a day has; shorter lists lead to that page."""

# Less than so much later is at once.
_AT_ONCE = timedelta(minutes=10)
_DETAIL = 160
_SCRIPTED = ("connecting", "live", "away", "full", "out", "sign_in", "told")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record as the list shows it; `captured` is empty where that was just before. `same` is
    the main record's address and title, `others` how many are told with this one, `button` says
    that it is the same as the first that is likely so."""

    number: int
    address: str
    what: str
    detail: str
    title: str
    at: datetime
    captured: str
    field: str | None
    leader: str | None
    due: str
    is_due: bool
    near: int
    same: tuple[str, str] | None
    others: int
    button: Button | None


@dataclass(frozen=True, slots=True)
class List:
    """A day's list: `live` where it is renewed while somebody looks at it; `earlier` is the address
    of those before, if there may be any."""

    day: Day
    rows: Sequence[Row]
    live: bool
    limit: int
    earlier: str | None


def listed(  # noqa: PLR0913  what the list depends on
    registry: Registry, day: Day, lang: Lang, *, today: date, limit: int, marks: bool = False
) -> List:
    """What a page shows of a day; `marks` is whether the reader may say what is the same."""
    rows = [_row(registry, each, lang, today, marks=marks) for each in day.news]
    more = limit >= PAGE and len(rows) == limit
    earlier = f"{address(day.on)}&before={rows[-1].number}" if more else None
    return List(day, rows, day.on == today, limit, earlier)


def address(day: date) -> str:
    """Where the list of a day is."""
    return f"/logged?on={day.isoformat()}"


def given(found: List, lang: Lang) -> dict[str, object]:
    """What the templates of a list are given."""
    said = words("logged", lang)
    return {
        "logged": found,
        "mark": None,
        "logged_words": said,
        "logged_script": json.dumps({name: said[name] for name in _SCRIPTED}, ensure_ascii=False),
    }


def piece(found: List, lang: Lang) -> str:
    """The list alone, with the mark from which the script that renews it goes on."""
    mark = str(found.day.mark)
    return templating.render(
        "logged_list.html", lang, NOBODY, **given(found, lang) | {"mark": mark}
    )


@dataclass(frozen=True, slots=True)
class Ways:
    """The addresses that lead on from a page of a day, as far as there are any."""

    before: str
    after: str | None
    newest: str | None


def page(found: List, lang: Lang, ways: Ways, *, visit: Visit = NOBODY) -> str:
    """The page of a day."""
    return templating.render(
        "logged.html", lang, visit, ways=ways, **given(found, lang), said=words("logged", lang)
    )


def _row(registry: Registry, found: News, lang: Lang, today: date, *, marks: bool) -> Row:
    pairs = [each.pair for each in found.near if each.pair and each.pair.feature == found.id]
    main = found.standing.main
    late = found.received_at - found.captured_at > _AT_ONCE
    captured = words("logged", lang)["captured"].format(time=_moment(found.captured_at, today))
    due = found.due and local(found.due)
    return Row(
        number=found.number,
        address=f"/collections/{found.layer}/items/{found.id}",
        what=" · ".join(_what(registry.layer(found.layer), found, lang)),
        detail=_brief(found.detail or ""),
        title=found.title,
        at=local(found.received_at),
        captured=captured if late else "",
        field=found.field,
        leader=found.leader,
        due=_moment(due, today) if due else "",
        is_due=due is not None and due.date() <= today,
        near=len(found.near),
        same=(f"/collections/{found.layer}/items/{main.main}", main.main_title) if main else None,
        others=len(found.standing.others),
        button=marking(found.layer, _first(pairs), lang) if marks and pairs else None,
    )


def _first(pairs: Sequence[Pair]) -> Pair:
    """With what was reported first: so that all of one matter end with one main record."""
    return min(pairs, key=lambda pair: pair.main)


def _what(layer: Layer, found: News, lang: Lang) -> Iterator[str]:
    """The layer, and the kind of thing where it has some."""
    yield layer.label.of(lang)
    if layer.logged and layer.logged.kind and found.kind:
        yield values.shown(layer.field(layer.logged.kind), found.kind, lang)


def _moment(at: datetime, today: date) -> str:
    """The time of a moment of this day, or else its day too."""
    own = local(at)
    return own.strftime("%H:%M" if own.date() == today else "%m-%d %H:%M")


def _brief(text: str) -> str:
    return text if len(text) <= _DETAIL else f"{text[: _DETAIL - 1]}…"
