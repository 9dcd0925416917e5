"""The page of a period's report, and the one to choose a period on."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from gis.errors import Lang
from layers.declaring.period import Period, parse
from layers.ground.division_names import DivisionName
from layers.reporting.report import HEADING, Report, Sketch, headed, written
from maps import templating
from maps.templating import NOBODY, Visit
from maps.words.wording import words

_QUARTERS = {"zh": "一二三四", "en": "1234"}
_RADII = (2.2, 11.0)


@dataclass(frozen=True, slots=True)
class Choice:
    """What may be chosen, and what was: `today` is the day from which recent periods count."""

    divisions: Sequence[DivisionName]
    division: str
    today: date


@dataclass(frozen=True, slots=True)
class Circle:
    """Records of one place, as a circle whose area grows with their number."""

    x: float
    y: float
    radius: float


def choose(lang: Lang, choice: Choice, *, visit: Visit = NOBODY) -> str:
    """The page to choose period and division on."""
    return templating.render(
        "reports.html",
        lang,
        visit,
        recent=[(each.name, each.title(lang)) for each in _recent(choice.today)],
        **_choosing(lang, choice, Period(choice.today, choice.today)),
    )


def report(lang: Lang, found: Report, choice: Choice, *, visit: Visit = NOBODY) -> str:
    """The report as a page: figures with links, tables with charts, small maps."""
    return templating.render(
        "report_period.html",
        lang,
        visit,
        linked=True,
        **given(lang, found),
        **_choosing(lang, choice, found.period),
    )


def given(lang: Lang, found: Report) -> dict[str, object]:
    """What the sections of a report are rendered from."""
    return {
        "report": found,
        "title": found.title(lang),
        "heading": [label.of(lang) for label in HEADING],
        "written": written,
        "headed": partial(headed, lang=lang),
        "circles": circles,
    }


def circles(sketch: Sketch) -> list[Circle]:
    """The dots of a small map, the largest first, so that none hides another."""
    most = max(dot.count for dot in sketch.dots)
    least, widest = _RADII
    scale = (widest - least) / math.sqrt(most)
    found = [
        Circle(dot.x, dot.y, round(least + scale * math.sqrt(dot.count), 1)) for dot in sketch.dots
    ]
    return sorted(found, key=lambda circle: (-circle.radius, circle.y, circle.x))


def _choosing(lang: Lang, choice: Choice, period: Period) -> dict[str, object]:
    return {
        "said": words("statistics", lang),
        "choice": choice,
        "parts": list(_parts(lang)),
        "period": period,
        "part": period.name[5:] if len(period.name) < len("2017-01-01") else "",
    }


def _parts(lang: Lang) -> Iterator[tuple[str, str]]:
    """The parts of a year, as an address has them and as people call them."""
    said = words("statistics", lang)
    yield "", said["whole_year"]
    for number, name in enumerate(_QUARTERS[lang], start=1):
        yield f"Q{number}", said["quarter"].format(name=name)
    for month in range(1, 13):
        yield f"{month:02}", said["month"].format(name=month)


def _recent(today: date) -> Iterator[Period]:
    """This month and the last, their quarters and years, each once."""
    before = today.replace(day=1) - timedelta(days=1)
    names: dict[str, None] = {}
    for day in (today, before):
        names[f"{day.year:04}-{day.month:02}"] = None
    for day in (today, before):
        names[f"{day.year:04}-Q{(day.month + 2) // 3}"] = None
    for year in (today.year, today.year - 1):
        names[f"{year:04}"] = None
    yield from map(parse, names)
