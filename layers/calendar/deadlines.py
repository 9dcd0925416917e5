"""Until when something is to be done: time limits as data, counted in office hours or days."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from gis.clock import BEIJING, day_of, local
from layers.calendar.workdays import Calendar

_FILE = Path(__file__).parents[1] / "vocabulary" / "time_limits.toml"
_LAST_SECOND = time(23, 59, 59)


class Unit(StrEnum):
    """What a limit is counted in."""

    WORKING_HOUR = "working_hour"
    WORKING_DAY = "working_day"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """So much time for a layer's features of a kind (None: of any), from the day `since` on.

    One with a `stage` is for what a step of its workflow begins, not for what is new.
    """

    layer: str
    kind: str | None
    amount: int
    unit: Unit
    since: date
    standard: str
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """When an office is open, from the day `since` on: spans of a day, in order."""

    since: date
    spans: tuple[tuple[time, time], ...]

    @property
    def close(self) -> time:
        """When the day's work ends."""
        return self.spans[-1][1]


@dataclass(frozen=True, slots=True)
class Rules:
    """All limits and all office hours, whenever they began."""

    limits: tuple[Limit, ...]
    hours: tuple[Hours, ...]

    def limit(
        self, layer: str, kind: str | None, on: date, stage: str | None = None
    ) -> Limit | None:
        """The limit in force on a day: that of the kind before that of any kind."""
        mine = [each for each in self.limits if (each.layer, each.stage) == (layer, stage)]
        own = [each for each in mine if each.since <= on]
        for wanted in (kind, None):
            found = [each for each in own if each.kind == wanted]
            if found:
                return max(found, key=lambda each: each.since)
        return None

    def hours_on(self, day: date) -> Hours:
        """The office hours of a day."""
        known = [each for each in self.hours if each.since <= day]
        return max(known or self.hours[:1], key=lambda each: each.since)


@cache
def rules() -> Rules:
    """Those of the file."""
    found = tomllib.loads(_FILE.read_text("utf-8"))
    limits = (limit for entry in found["limits"] for limit in _limits(entry))
    return Rules(tuple(limits), tuple(_hours(entry) for entry in found["hours"]))


def _limits(entry: Mapping[str, Any]) -> Iterator[Limit]:
    for kind in entry.get("kinds", [None]):
        yield Limit(
            layer=entry["layer"],
            kind=kind,
            amount=entry["amount"],
            unit=Unit(entry["unit"]),
            since=entry["since"],
            standard=entry["standard"],
            stage=entry.get("stage"),
        )


def _hours(entry: Mapping[str, Any]) -> Hours:
    spans = (span.split("-") for span in entry["spans"])
    return Hours(
        entry["since"],
        tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in spans),
    )


def due(  # noqa: PLR0913  what, since when, and by which rules
    layer: str,
    kind: str | None,
    start: datetime,
    calendar: Calendar,
    known: Rules | None = None,
    *,
    stage: str | None = None,
) -> datetime | None:
    """The moment until which something that began at `start` is to be done; None without a limit.

    The day of the beginning is not counted, and a last day that is a holiday gives way to the next
    working day (民法典 201, 203). Working days end with the office, others at midnight.
    """
    known = known or rules()
    begun = local(start).replace(microsecond=0)
    limit = known.limit(layer, kind, begun.date(), stage)
    if limit is None:
        return None
    if limit.unit is Unit.WORKING_HOUR:
        return _after_hours(begun, timedelta(hours=limit.amount), calendar, known)
    if limit.unit is Unit.WORKING_DAY:
        day = calendar.after(begun.date(), limit.amount)
        return datetime.combine(day, known.hours_on(day).close, BEIJING)
    day = calendar.on_or_after(begun.date() + timedelta(days=limit.amount))
    return end_of(day)


def end_of(day: date) -> datetime:
    """The last moment of a day that was given as one until which something is to be done."""
    return datetime.combine(day, _LAST_SECOND, BEIJING)


def resumed(hung: datetime, due: datetime, now: datetime, calendar: Calendar) -> datetime:
    """Until when what was hung at one moment and due at another is to be done from now on.

    The working days that were left are left still, and at least one.
    """
    first, last = (day_of(moment) for moment in (hung, due))
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    left = max(sum(calendar.works(day) for day in days), 1)
    day = calendar.after(day_of(now), left)
    return datetime.combine(day, local(due).time(), BEIJING)


def _after_hours(begun: datetime, left: timedelta, calendar: Calendar, known: Rules) -> datetime:
    """The moment at which so much office time has passed."""
    day = begun.date()
    while True:
        day = calendar.on_or_after(day)
        for opens, closes in known.hours_on(day).spans:
            first = max(begun, datetime.combine(day, opens, BEIJING))
            last = datetime.combine(day, closes, BEIJING)
            if first + left <= last:
                return first + left
            left -= max(last - first, timedelta())
        day += timedelta(days=1)
