"""What a leader looks at in the morning: what came today, what is late, how the month goes.

Of cases only `cases` is read, along its indexes, so that the page is as quick over a million.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from gis.clock import BEIJING, ZONE
from layers.cases import columns as case_columns
from layers.declaring import codes, escalation
from layers.declaring.escalation import Level, Scale
from layers.declaring.people import Actor, subtree
from layers.declaring.period import Period
from layers.declaring.words import Layer
from layers.duties import coverage as duty_coverage
from layers.duties.coverage import Coverage, Load
from layers.duties.workload import LED
from layers.reading.past import today
from layers.registry import Registry
from layers.reporting import cadence
from layers.reporting.cadence import Beat
from layers.schema.cases import CASES
from layers.schema.duties import DUTIES, held_on
from layers.schema.tables import table
from layers.structures import stock
from layers.structures.stock import Stock
from layers.thematic import grid_fields, sites

LEDGER: Layer = sites.LAYER
"""The layer whose cases are looked at."""

_DAYS_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Flow:
    """What became of cases in a span: `received` were opened, `due` had their limit in it; of
    those `closed` were closed by its end, `in_time` within the limit. `struck_off` were closed in
    it, whenever they were due."""

    received: int
    due: int
    closed: int
    in_time: int
    struck_off: int


@dataclass(frozen=True, slots=True)
class Standing:
    """The open cases at this moment: how many, how urgent, in what state; `due` are due today,
    `hanging` are hung."""

    open: int
    due: int
    hanging: int
    levels: Mapping[Level, int]
    states: Mapping[str, int]

    @property
    def late(self) -> int:
        """How many have passed their limit."""
        return sum(self.levels[level] for level in escalation.LATE)


@dataclass(frozen=True, slots=True)
class DayOf:
    """One day: how many cases came, and how many were struck off."""

    day: date
    received: int
    struck_off: int


@dataclass(frozen=True, slots=True)
class Leading:
    """Somebody who leads fields, and how many of the open cases there are late."""

    load: Load
    open: int
    late: int


@dataclass(frozen=True, slots=True)
class Dashboard:
    """All of it, of a division and all below it.

    `months` are this one so far and the last up to the same day; `beats` what has to happen each
    month, in both; `stock` is that of illegal structures in this year.
    """

    division: str
    on: date
    standing: Standing
    today: Flow
    months: tuple[tuple[Period, Flow], tuple[Period, Flow]]
    days: tuple[DayOf, ...]
    coverage: Coverage
    leading: tuple[Leading, ...]
    beats: tuple[Beat, ...]
    stock: Stock


def dashboard(
    connection: Connection, registry: Registry, actor: Actor, division: str, scale: Scale
) -> Dashboard:
    """The dashboard of a division at this moment; Problem(UNKNOWN_DIVISION)."""
    day = today(connection)
    coverage = duty_coverage.coverage(
        connection, division=division, on=day, actor=actor, by_division=False
    )
    here = _Ground(connection, division, scale, case_columns.counted(connection, [LEDGER]))
    month, before = months(day)
    daily = here.daily(Period(min(before.first, day - timedelta(days=_DAYS_SHOWN - 1)), day))
    of_today, of_month, of_before = here.flows((Period(day, day), month, before), daily)
    return Dashboard(
        division=division,
        on=day,
        standing=here.standing(day),
        today=of_today,
        months=((month, of_month), (before, of_before)),
        days=daily[-_DAYS_SHOWN:],
        coverage=coverage,
        leading=tuple(here.leading(coverage.loads, day)),
        beats=tuple(
            cadence.beats(
                connection, registry, Period(before.first, day), today=day, within=division
            )
        ),
        stock=stock.of(connection, day.replace(month=1, day=1), day, division),
    )


def months(day: date) -> tuple[Period, Period]:
    """This month up to a day, and the last one up to the same day of it, or to its end.

    >>> months(date(2017, 3, 31))[1]
    Period(first=datetime.date(2017, 2, 1), last=datetime.date(2017, 2, 28))
    """
    first = day.replace(day=1)
    last = first - timedelta(days=1)
    same = last.replace(day=min(day.day, monthrange(last.year, last.month)[1]))
    return Period(first, day), Period(last.replace(day=1), same)


@dataclass(frozen=True, slots=True)
class _Ground:
    """The cases of a division."""

    connection: Connection
    division: str
    scale: Scale
    counted: Sequence[ColumnElement[bool]]

    def flows(self, spans: Sequence[Period], daily: Sequence[DayOf]) -> list[Flow]:
        """What became of cases in each span; all of their days are among the `daily`."""
        asked = sa.union_all(*(self._due_in(n, span) for n, span in enumerate(spans)))
        found = {row[0]: row for row in self.connection.execute(asked)}
        return [_flow(span, found[n], daily) for n, span in enumerate(spans)]

    def _due_in(self, number: int, span: Period) -> sa.Select[*tuple[Any, ...]]:
        """Of the cases due in a span how many there are, were closed by its end, and in time."""
        cases, due_on = CASES.c, sa.cast(sa.func.timezone(ZONE, CASES.c.due_at), sa.Date)
        closed = cases.closed_on <= span.last
        in_time = sa.and_(closed, cases.closed_on <= due_on)
        due = self._cases(cases.due_at >= _morning(span.first), cases.due_at < _evening(span.last))
        figures = {"due": sa.true(), "closed": closed, "in_time": in_time}
        counted = (sa.func.count().filter(asked).label(name) for name, asked in figures.items())
        return sa.select(sa.literal(number), *counted).where(*due)

    def standing(self, day: date) -> Standing:
        """The open cases, one by one only as far as they are open."""
        cases = self._open()
        is_due = sa.and_(cases.c.due_at >= _morning(day), cases.c.due_at < _evening(day))
        level = escalation.level_sql(self.scale, cases)
        columns = (cases.c.state, level, is_due, cases.c.hung_until.is_not(None))
        grouped = sa.select(*columns, sa.func.count()).group_by(
            *map(sa.literal_column, ("1", "2", "3", "4"))
        )
        found = self.connection.execute(grouped).all()
        return Standing(
            open=sum(row[4] for row in found),
            due=sum(row[4] for row in found if row[2]),
            hanging=sum(row[4] for row in found if row[3]),
            levels={each: sum(row[4] for row in found if row[1] == each.value) for each in Level},
            states={name: sum(r[4] for r in found if r[0] == name) for name in _states()},
        )

    def daily(self, span: Period) -> tuple[DayOf, ...]:
        """Day by day, those on which nothing happened as well."""
        received = self._by_day(CASES.c.opened_on, span)
        struck_off = self._by_day(CASES.c.closed_on, span)
        days = (span.first + timedelta(days=n) for n in range((span.last - span.first).days + 1))
        return tuple(DayOf(day, received.get(day, 0), struck_off.get(day, 0)) for day in days)

    def leading(self, loads: Sequence[Load], day: date) -> Iterator[Leading]:
        """Everybody who leads fields, whoever has most to do first."""
        cases = self._of_leaders(day)
        found = [Leading(load, *cases.get(load.person.id, (0, 0))) for load in loads if load.fields]
        yield from sorted(found, key=lambda each: (-each.open, -each.late, each.load.person.id))

    def _of_leaders(self, day: date) -> Mapping[int, tuple[int, int]]:
        """By person, how many open cases lie in the fields that they lead; how many are late."""
        fields = table(grid_fields.LAYER)
        code = fields.c[str(codes.numbered(grid_fields.LAYER))]
        cases = self._open()
        late = escalation.level_sql(self.scale, cases).in_([each.value for each in escalation.LATE])
        counted = (
            sa.select(cases.c.field, sa.func.count().label("open"))
            .add_columns(sa.func.count().filter(late).label("late"))
            .group_by(cases.c.field)
            .subquery("counted")
        )
        statement = (
            sa.select(DUTIES.c.person_id, sa.func.sum(counted.c.open), sa.func.sum(counted.c.late))
            .join(fields, fields.c.id == DUTIES.c.feature)
            .join(counted, counted.c.field == code)
            .where(DUTIES.c.layer == grid_fields.LAYER.name, DUTIES.c.role == LED.name)
            .where(held_on(DUTIES, day))
            .group_by(DUTIES.c.person_id)
        )
        rows = self.connection.execute(statement)
        return {person: (int(open_), int(late)) for person, open_, late in rows}

    def _by_day(self, column: ColumnElement[Any], span: Period) -> Mapping[date, int]:
        wanted = self._cases(column.between(span.first, span.last))
        statement = sa.select(column, sa.func.count()).where(*wanted).group_by(column)
        return {row[0]: row[1] for row in self.connection.execute(statement)}

    def _open(self) -> sa.Subquery:
        """The open cases as their index has them, in which `is_open` is no column."""
        cases = CASES.c
        told = (cases.state, cases.field, cases.due_at, cases.begun_at, cases.hung_until)
        found = sa.select(*told, sa.true().label("is_open")).where(*self._cases(cases.is_open))
        return found.subquery("open_cases")

    def _cases(self, *conditions: ColumnElement[bool]) -> list[ColumnElement[bool]]:
        low, high = subtree(self.division)
        here = (CASES.c.layer == LEDGER.name, CASES.c.place.between(low, high))
        return [*here, *self.counted, *conditions]


def _flow(span: Period, of_due: sa.Row[Any], daily: Sequence[DayOf]) -> Flow:
    days = [each for each in daily if span.first <= each.day <= span.last]
    return Flow(
        received=sum(each.received for each in days),
        due=of_due.due,
        closed=of_due.closed,
        in_time=of_due.in_time,
        struck_off=sum(each.struck_off for each in days),
    )


def _states() -> Sequence[str]:
    """The states in which a case is open, in the order of the declaration."""
    workflow = LEDGER.workflow
    assert workflow is not None  # noqa: S101  declared so
    every = (choice.value for choice in LEDGER.field(workflow.status).choices)
    return [name for name in every if name not in workflow.closed]


def _morning(day: date) -> datetime:
    return datetime.combine(day, time.min, BEIJING)


def _evening(day: date) -> datetime:
    return _morning(day + timedelta(days=1))
