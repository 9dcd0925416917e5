"""A step on its way: what is given with it is checked, and all that it changes is written."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import sqlalchemy as sa
from geoalchemy2.shape import to_shape
from sqlalchemy.engine import Connection

from gis.clock import day_of
from gis.errors import Finding
from layers.calendar import deadlines
from layers.calendar.workdays import Calendar
from layers.cases import clock as case_clock
from layers.cases import steps as case_steps
from layers.cases.clock import Moment, Term
from layers.cases.evidence import Facts
from layers.cases.step_checks import CHECKS, Attempt
from layers.changing import editing
from layers.changing.editing import Changes, Put
from layers.declaring.people import Actor
from layers.declaring.values import Refused, parse
from layers.declaring.workflow import Clock, Transition
from layers.photos.bringing import Wanted
from layers.refusals.cases import CASE_DAY, CASE_FIELD, CASE_REASON
from layers.refusals.values import VALUE_MISSING
from layers.registry import Registry
from layers.schema.cases import STEPS

REASON_LIMIT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempted:
    """The step that somebody wants to take, and what is given with it, still to be checked."""

    transition: str
    values: Mapping[str, object] = field(default_factory=dict)
    reason: str = ""
    photos: Sequence[Wanted] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """A step that was taken: its number, the state that it led to, and the new record, if any."""

    ordinal: int
    state: str
    created: int | None


@dataclass(frozen=True, slots=True)
class Taking:
    """A step that is possible, on its way."""

    registry: Registry
    facts: Facts
    transition: Transition
    actor: Actor
    calendar: Calendar
    now: datetime

    @property
    def today(self) -> date:
        return day_of(self.now)

    def checked(self, attempted: Attempted) -> tuple[dict[str, object], list[Finding]]:
        """The typed values that were given, and what is wrong with them and with the reason."""
        values: dict[str, object] = {}
        findings = [
            Finding(CASE_FIELD, column=name, values={"name": name})
            for name in attempted.values
            if name not in self.transition.fields
        ]
        for name in self.transition.fields:
            raw = attempted.values.get(name)
            try:
                value = parse(self.facts.layer.field(name), raw)
            except Refused as refused:
                findings.append(Finding(refused.rule, column=name, values=refused.values))
                continue
            if value is not None:
                values[name] = value
            elif name in self.transition.asks:
                findings.append(Finding(VALUE_MISSING, column=name))
        findings += self._wrong_reason(attempted.reason) + self._wrong_day(values)
        return values, findings

    def _wrong_reason(self, reason: str) -> list[Finding]:
        is_missing = self.transition.reason and not reason.strip()
        if not is_missing and len(reason) <= REASON_LIMIT and "\0" not in reason:
            return []
        return [Finding(CASE_REASON, column="reason", values={"limit": REASON_LIMIT})]

    def _wrong_day(self, values: Mapping[str, object]) -> list[Finding]:
        """No limit ends in the past, and more time is more than there was."""
        flow, clock = self.facts.flow, self.transition.clock
        name = flow.review if clock is Clock.HANG else flow.due
        day = values.get(name or "")
        if clock is None or not isinstance(day, date):
            return []
        last, least = self._term.day, self.today
        if clock is Clock.EXTEND and last is not None and last >= least:
            after = last
        else:
            after = date.fromordinal(least.toordinal() - (clock is not Clock.HANG))
        if day > after:
            return []
        return [Finding(CASE_DAY, column=name, values={"value": day, "after": after})]

    def objections(
        self, connection: Connection, given: Mapping[str, object], reason: str
    ) -> list[Finding]:
        """What the rules of this transition say that need more than the declaration."""
        attempt = Attempt(
            layer=self.facts.layer,
            feature=self.facts.feature,
            transition=self.transition.name,
            values={**self.facts.values, **given},
            given=given,
            reason=reason.strip(),
            now=self.now,
            actor=self.actor,
            calendar=self.calendar,
        )
        return [each for x in self.transition.checks for each in CHECKS[x](connection, attempt)]

    @property
    def _term(self) -> Term:
        return Term(self.facts.case.begun_at, self.facts.case.due_at)

    def _turned(self, given: Mapping[str, object], term: Term) -> Term:
        flow, values = self.facts.flow, self.facts.values
        day = given.get(flow.due or "")
        step = case_steps.hung(flow, self.facts.steps)
        if step is not None:
            hung = Term(step.begun_at, step.due_before)
        else:  # an old ledger brought it in as hung
            own = values.get(flow.due or "")
            hung = Term(None, deadlines.end_of(own) if isinstance(own, date) else None)
        kind = values.get(flow.kind or "")
        moment = Moment(
            now=self.now,
            calendar=self.calendar,
            kind=None if kind is None else str(kind),
            given=day if isinstance(day, date) else None,
            hung=hung,
            hung_at=step.at if step else None,
        )
        return case_clock.turned(self.facts.layer, self.transition, term, moment)

    def write(self, connection: Connection, given: Mapping[str, object], reason: str) -> Applied:
        """Store the step, and then what it changes: the database lets no state change before."""
        facts, transition = self.facts, self.transition
        target = case_steps.target(transition, facts.state, facts.steps)
        term = self._term if transition.again else self._turned(given, self._term)
        ordinal = self._step(
            connection, feature=facts.feature, target=target, given=given, reason=reason, term=term
        )
        if transition.again:
            return Applied(ordinal, target, self._begin(connection, given, reason))
        changed = {**given, **self._written(term), facts.flow.status: target}
        editing.amend(connection, facts.layer, facts.feature, changed)
        return Applied(ordinal, target, None)

    def _written(self, term: Term) -> dict[str, object]:
        """What the step itself says of the record."""
        written: dict[str, object] = dict.fromkeys(self.transition.empties)
        written |= dict.fromkeys(self.transition.stamps, self.today)
        written |= dict.fromkeys(self.transition.signs, self.actor.name)
        due = self.facts.flow.due
        if due and self.transition.clock not in (None, Clock.HANG) and term != self._term:
            written[due] = term.day
        return written

    def _step(  # noqa: PLR0913  the row's parts
        self,
        connection: Connection,
        *,
        feature: int,
        target: str,
        given: Mapping[str, object],
        reason: str,
        term: Term,
        first: bool = False,
    ) -> int:
        statement = sa.insert(STEPS).values(
            layer=self.facts.layer.name,
            feature=feature,
            transition=self.transition.name,
            source=None if first else self.facts.state,
            target=target,
            reason=reason.strip() or None,
            due_after=term.due_at,
            begun_at=term.begun_at,
            given=json.loads(json.dumps(given, default=str)),
        )
        return int(connection.scalars(statement.returning(STEPS.c.ordinal)).one())

    def _begin(self, connection: Connection, given: Mapping[str, object], reason: str) -> int:
        """The record that follows this one, linked to it."""
        facts, again = self.facts, self.transition.again
        target = self.transition.target
        if again is None or target is None:
            raise ValueError(self.transition.name)
        term = self._turned(given, Term())
        values: dict[str, object] = {name: facts.values[name] for name in again.copies}
        values |= {again.link: facts.title, facts.flow.opened: self.today, **given}
        values |= {**self._written(term), facts.flow.status: target}
        shape = facts.values.get("geom")
        put = Put(None, values, None if shape is None else to_shape(shape))
        layer, changes = facts.layer, Changes([put])
        (created,) = editing.apply(connection, self.registry, layer, changes, tolerance_m2=0.0)
        self._step(
            connection,
            feature=created,
            target=target,
            given=given,
            reason=reason,
            term=term,
            first=True,
        )
        return created
