"""The page on which somebody sees what is due each month, and what was missed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from gis.errors import Lang
from layers.declaring.period import Period
from layers.reporting.cadence import Beat, Cadence, missed
from maps import templating
from maps.templating import NOBODY, Visit
from maps.words.wording import words


@dataclass(frozen=True, slots=True)
class Row:
    """One month in one division, and the address of the records that were counted."""

    beat: Beat
    state: str
    records: str


@dataclass(frozen=True, slots=True)
class Section:
    """All months of one cadence."""

    title: str
    rule: str
    rows: Sequence[Row]


def render(period: Period, beats: Sequence[Beat], lang: Lang, *, visit: Visit = NOBODY) -> str:
    """The page."""
    said = words("registers", lang)
    return templating.render(
        "cadence.html",
        lang,
        visit,
        w=words("pages", lang),
        said=said,
        period=period,
        title=said["cadence_title"].format(period=period.title(lang)),
        sections=list(_sections(beats, lang)),
        missed=len(missed(beats)),
    )


def records_address(beat: Beat) -> str:
    """Where the records stand that a month counts."""
    cadence, month = beat.cadence, beat.month
    days = f"DATE('{month.first.isoformat()}') AND DATE('{month.last.isoformat()}')"
    query = {"f": "html", "place": beat.division, "filter": f"{cadence.day} BETWEEN {days}"}
    among = dict([cadence.among] if cadence.among else [])
    return f"/collections/{cadence.layer}/items?" + urlencode({**query, **among})


def _sections(beats: Sequence[Beat], lang: Lang) -> Iterator[Section]:
    said = words("registers", lang)
    for cadence, same in groupby(beats, key=_cadence):
        rule = said["cadence_least"].format(least=cadence.least, standard=cadence.standard)
        rows = [Row(beat, _state(beat, lang), records_address(beat)) for beat in same]
        yield Section(cadence.label.of(lang), rule, rows)


def _cadence(beat: Beat) -> Cadence:
    return beat.cadence


def _state(beat: Beat, lang: Lang) -> str:
    said = words("registers", lang)
    if beat.is_missed:
        return said["is_missed"]
    if beat.is_short:
        return said["is_short"].format(count=beat.cadence.least - beat.count)
    return said["is_kept"]
