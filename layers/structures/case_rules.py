"""Rules of the steps of a case against a structure that its declaration cannot say.

Each reads as the owner of the database, tells what speaks against a step and writes nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.clock import BEIJING, day_of
from gis.errors import Finding, Rule
from layers.calendar.workdays import Calendar
from layers.declaring.papers import KIND_LABELS, Kind, Paper
from layers.reading.masking import names_in
from layers.refusals.structures import (
    DEADLINE_RUNS,
    DEMOLITION_DAY,
    DEMOLITION_MISSING,
    DOCUMENT_MISSING,
    FORCED_EARLY,
    FORCED_UNREADY,
    HEARING_RUNS,
    LOOK_BACK_EARLY,
    STRUCTURE_NOT_CORRECTABLE,
    STRUCTURE_NOT_ILLEGAL,
    STRUCTURE_OFFICERS,
)
from layers.schema.tables import table
from layers.structures import document_rules, lawful
from layers.structures.demolition_policies import policies
from layers.thematic import demolitions, illegal_structures


class Attempted(Protocol):
    """As much of a step that is about to be taken as these rules ask for."""

    @property
    def values(self) -> Mapping[str, object]: ...
    @property
    def reason(self) -> str: ...
    @property
    def now(self) -> datetime: ...
    @property
    def calendar(self) -> Calendar: ...


@dataclass(frozen=True, slots=True)
class _Step:
    """A step with what these rules ask of it: the papers of its case, today."""

    connection: Connection
    attempt: Attempted

    def value(self, name: str) -> object:
        return self.attempt.values.get(name)

    def day(self, name: str) -> date | None:
        found = self.value(name)
        return found if isinstance(found, date) else None

    @property
    def number(self) -> str:
        return str(self.value("number"))

    @property
    def today(self) -> date:
        return day_of(self.attempt.now)

    @property
    def papers(self) -> list[Paper]:
        found = document_rules.papers_of(self.connection, [self.number])
        return [paper for _, paper in found.get(self.number, ())]


def two_officers(step: _Step) -> Iterator[Finding]:
    """行政处罚法 42: no fewer than two take evidence."""
    named = str(step.value("officers") or "")
    if len(names_in(named)) < 2:
        yield Finding(STRUCTURE_OFFICERS, column="officers", values={"value": named})


def work_stopped(step: _Step) -> Iterator[Finding]:
    """What is still being built has been ordered to stop, and whoever builds knows."""
    stopped = (each.served_on for each in step.papers if each.kind is Kind.STOP_WORK)
    if step.value("being_built") and not any(stopped):
        label = KIND_LABELS[Kind.STOP_WORK]
        values = {"document": label.en.lower(), "document_zh": label.zh}
        yield Finding(DOCUMENT_MISSING, column="documents", values=values)


def found_illegal(step: _Step) -> Iterator[Finding]:
    """Only what may have to go is told of."""
    if step.value("determination") not in ("correctable", "uncorrectable"):
        yield _determined(step, STRUCTURE_NOT_ILLEGAL)


def correctable(step: _Step) -> Iterator[Finding]:
    """Papers are granted afterwards only where the plan allows it."""
    if step.value("determination") != "correctable":
        yield _determined(step, STRUCTURE_NOT_CORRECTABLE)


def _determined(step: _Step, rule: Rule) -> Finding:
    said = step.value("determination")
    choices = illegal_structures.LAYER.field("determination").choices
    label = next((each.label.zh for each in choices if each.value == said), "—")
    return Finding(rule, column="determination", values={"value": label})


def heard(step: _Step) -> Iterator[Finding]:
    """A statement is on record, or the time to ask for a hearing is over."""
    papers = step.papers
    notices = [each for each in papers if each.kind is Kind.PRIOR_NOTICE and each.served_on]
    if not notices or any(each.kind is Kind.STATEMENT for each in papers):
        return
    served = min(each.served_on for each in notices if each.served_on)
    days = policies().hearing(served).working_days
    until = step.attempt.calendar.after(served, days)
    if step.today <= until:
        yield Finding(HEARING_RUNS, values={"until": until})


def deadline_over(step: _Step) -> Iterator[Finding]:
    """The party had until then to comply."""
    until = step.day("remove_by")
    if until and step.today <= until:
        yield Finding(DEADLINE_RUNS, column="remove_by", values={"until": until})


def forced_demolition(step: _Step) -> Iterator[Finding]:
    """By day, on a working day, and not before the earliest lawful one unless a reason is written.

    The reason is kept with the step.
    """
    day, calendar = step.day("enforce_on"), step.attempt.calendar
    if day is None:
        return
    allowed = lawful.earliest(step.papers, calendar)
    begins, ends = (_moment(day, step.value(name)) for name in ("enforce_from", "enforce_until"))
    overridden = {FORCED_EARLY, FORCED_UNREADY} if step.attempt.reason.strip() else set()
    for finding in lawful.objections(begins, ends, allowed, calendar):
        if finding.rule not in overridden:
            yield Finding(finding.rule, column="enforce_on", values=finding.values)


def _moment(day: date, told: object) -> datetime:
    moment = time.fromisoformat(told) if isinstance(told, str) else time(12)
    return datetime.combine(day, moment, BEIJING)


def wholly_demolished(step: _Step) -> Iterator[Finding]:
    """A record says that nothing stands any more, and the day is that of the last one."""
    rows = table(demolitions.LAYER)
    columns = (sa.func.max(rows.c.done_on), sa.func.bool_or(rows.c.whole))
    wanted = sa.select(*columns).where(rows.c.structure == step.number)
    last, whole = step.connection.execute(wanted).one()
    if not whole:
        yield Finding(DEMOLITION_MISSING)
    elif step.day("removed_on") not in (None, last):
        values = {"value": step.day("removed_on"), "wanted": last}
        yield Finding(DEMOLITION_DAY, column="removed_on", values=values)


def look_back(after_days: int) -> "StepRule":
    """Not sooner after it was struck off than so many days."""

    def check(step: _Step) -> Iterator[Finding]:
        closed = step.day("closed_on")
        earliest = closed and closed + timedelta(days=after_days)
        if earliest and step.today < earliest:
            yield Finding(LOOK_BACK_EARLY, values={"days": after_days, "earliest": earliest})

    return check


StepRule = Callable[[_Step], Iterable[Finding]]
_RULES: Mapping[str, StepRule] = {
    "two_officers": two_officers,
    "work_stopped": work_stopped,
    "found_illegal": found_illegal,
    "correctable": correctable,
    "heard": heard,
    "deadline_over": deadline_over,
    "forced_demolition": forced_demolition,
    "wholly_demolished": wholly_demolished,
    **{
        f"look_back_{each.after_days}": look_back(each.after_days) for each in policies().look_backs
    },
}


def _applied(rule: StepRule) -> Callable[[Connection, Attempted], Iterable[Finding]]:
    return lambda connection, attempt: rule(_Step(connection, attempt))


CHECKS: Mapping[str, Callable[[Connection, Attempted], Iterable[Finding]]] = MappingProxyType(
    {name: _applied(rule) for name, rule in _RULES.items()}
)
"""The rules by the names in `Transition.checks`."""
