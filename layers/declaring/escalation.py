"""How urgent an open case is, computed when it is asked: never stored, so never stale.

The function and the SQL expression say the same of the same case.
"""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from gis.clock import BEIJING, day_of
from layers.calendar.workdays import Calendar
from layers.declaring.labels import Label

_FILE = Path(__file__).parents[1] / "vocabulary" / "escalation.toml"
_WHOLE = 100


class Level(StrEnum):
    """From what needs nothing to what is late the most."""

    NONE = "none"
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    SUPERVISE = "supervise"
    NOTIFY = "notify"
    INTERVIEW = "interview"

    @property
    def is_late(self) -> bool:
        """Whether its limit has passed."""
        return self in LATE


LATE = (Level.RED, Level.SUPERVISE, Level.NOTIFY, Level.INTERVIEW)
LABELS = {
    Level.NONE: Label("无期限", "No limit"),
    Level.GREEN: Label("期限内", "In time"),
    Level.YELLOW: Label("临期", "Nearly due"),
    Level.RED: Label("超期", "Late"),
    Level.SUPERVISE: Label("督办", "Supervised"),
    Level.NOTIFY: Label("通报", "Reported"),
    Level.INTERVIEW: Label("约谈", "Called in"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """What makes a level, from the day `since` on: days are working days."""

    since: date
    standard: str
    yellow_percent: int
    supervise_days: int
    notify_days: int
    interview_days: int


@cache
def thresholds() -> tuple[Thresholds, ...]:
    """Those of the file, the earliest first."""
    found = tomllib.loads(_FILE.read_text("utf-8"))["levels"]
    return tuple(sorted((Thresholds(**entry) for entry in found), key=lambda each: each.since))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The levels at a moment: what was due before `supervise` is supervised, and so on."""

    now: datetime
    yellow_percent: int
    supervise: datetime
    notify: datetime
    interview: datetime


def scale(now: datetime, calendar: Calendar, known: tuple[Thresholds, ...] | None = None) -> Scale:
    """The scale at a moment, by the thresholds in force on its day."""
    today = day_of(now)
    known = known or thresholds()
    rule = next((each for each in reversed(known) if each.since <= today), known[0])
    return Scale(
        now=now,
        yellow_percent=rule.yellow_percent,
        supervise=_before(today, rule.supervise_days, calendar),
        notify=_before(today, rule.notify_days, calendar),
        interview=_before(today, rule.interview_days, calendar),
    )


def _before(today: date, days: int, calendar: Calendar) -> datetime:
    """What was due before this moment is late by more than so many working days: the day on which
    it was due is not counted, today is."""
    day, left = today, days
    while left or not calendar.works(day):
        left -= calendar.works(day)
        day -= timedelta(days=1)
    return datetime.combine(day, time.min, BEIJING)


def level(
    scale: Scale, due_at: datetime | None, begun_at: datetime | None, *, is_open: bool = True
) -> Level:
    """How urgent a case is that had from `begun_at` until `due_at`."""
    if not is_open or due_at is None:
        return Level.NONE
    if due_at >= scale.now:
        return Level.YELLOW if _is_near(scale, due_at, begun_at) else Level.GREEN
    late = (
        (scale.interview, Level.INTERVIEW),
        (scale.notify, Level.NOTIFY),
        (scale.supervise, Level.SUPERVISE),
    )
    return next((found for moment, found in late if due_at < moment), Level.RED)


def _is_near(scale: Scale, due_at: datetime, begun_at: datetime | None) -> bool:
    if begun_at is None:
        return False
    left, whole = due_at - scale.now, due_at - begun_at
    return left * _WHOLE <= whole * scale.yellow_percent


def level_sql(scale: Scale, rows: FromClause) -> ColumnElement[str]:
    """The same of rows of `cases`, as SQL."""
    due, begun = rows.c.due_at, rows.c.begun_at
    left, whole = (sa.extract("epoch", each) for each in (due - scale.now, due - begun))
    near: ColumnElement[Any] = left * _WHOLE <= whole * scale.yellow_percent
    return sa.case(
        (sa.or_(~rows.c.is_open, due.is_(None)), Level.NONE.value),
        (due < scale.interview, Level.INTERVIEW.value),
        (due < scale.notify, Level.NOTIFY.value),
        (due < scale.supervise, Level.SUPERVISE.value),
        (due < scale.now, Level.RED.value),
        (near, Level.YELLOW.value),
        else_=Level.GREEN.value,
    )
