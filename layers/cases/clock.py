"""What a step does to the time that a case has: pure."""

from dataclasses import dataclass
from datetime import date, datetime

from gis.clock import day_of
from layers.calendar import deadlines
from layers.calendar.workdays import Calendar
from layers.declaring.words import Layer
from layers.declaring.workflow import Clock, Transition


@dataclass(frozen=True, slots=True)
class Term:
    """The limit that runs: when it began and when it ends, None where none does."""

    begun_at: datetime | None = None
    due_at: datetime | None = None

    @property
    def day(self) -> date | None:
        """The day on which it ends."""
        return day_of(self.due_at) if self.due_at else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What the clock goes by: `given` is the day that was given as the end, `hung` the term that
    ran when the case was hung, and since when it has."""

    now: datetime
    calendar: Calendar
    kind: str | None
    given: date | None = None
    hung: Term = Term()
    hung_at: datetime | None = None


def turned(layer: Layer, transition: Transition, term: Term, at: Moment) -> Term:
    """The limit after a step, where there was this one before."""
    clock = transition.clock
    if at.given is not None:
        begins = clock is not Clock.EXTEND or term.begun_at is None
        return Term(at.now if begins else term.begun_at, deadlines.end_of(at.given))
    if clock is Clock.START or (clock is Clock.ENSURE and term.due_at is None):
        return _begun(layer, transition, at)
    if clock is Clock.RESUME:
        return _resumed(at)
    if clock is Clock.HANG:
        return Term(term.begun_at)
    return Term() if clock is Clock.STOP else term


def _begun(layer: Layer, transition: Transition, at: Moment) -> Term:
    due = deadlines.due(layer.name, at.kind, at.now, at.calendar, stage=transition.limit)
    return Term(at.now, due)


def _resumed(at: Moment) -> Term:
    if at.hung.due_at is None:
        return Term(at.hung.begun_at)
    due = deadlines.resumed(at.hung_at or at.now, at.hung.due_at, at.now, at.calendar)
    return Term(at.hung.begun_at, due)
