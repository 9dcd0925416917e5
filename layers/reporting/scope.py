"""What a figure asks for in a period and a division: as SQL, and as the address of its records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause
from sqlalchemy.engine import Connection

from gis.clock import BEIJING
from layers.calendar.workdays import Calendar
from layers.cases import columns as case_columns
from layers.declaring import escalation
from layers.declaring.people import EVERYWHERE
from layers.declaring.period import Period
from layers.declaring.words import Layer
from layers.reading.past import rows_on
from layers.reporting.conditions import (
    Among,
    Between,
    Condition,
    Due,
    Is,
    Not,
    NotBy,
    Until,
    all_cql2,
    all_sql,
)
from layers.reporting.declared import Figure, Sum, Timing


@dataclass(frozen=True, slots=True)
class Scope:
    """Which ground is reported on, through which connection, on which day it is done; `calendar`
    tells working days."""

    connection: Connection
    division: str
    calendar: Calendar
    today: date

    def rows(self, layer: Layer, *, cases: bool) -> FromClause:
        """What the reader sees of a layer, or of its cases, on this ground."""
        if cases:
            return case_columns.rows(self.connection, layer, self.division)
        within = None if self.division == EVERYWHERE else self.division
        return rows_on(layer, None, within)

    def conditions(self, figure: Figure, period: Period) -> tuple[Condition, ...]:
        """What a record has to be like to count for a figure in a period."""
        asked: list[Condition] = []
        if figure.day is not None:
            asked.append(self._on_day(figure, figure.day, period))
        if figure.by is not None:
            asked.append(Between(figure.by, None, period.last))
        if figure.open_by is not None:
            asked.append(NotBy(figure.open_by, period.last))
        return (*asked, *figure.where)

    def _on_day(self, figure: Figure, day: str, period: Period) -> Condition:
        if figure.overdue is not None:
            end = min(period.last, self.today)
            return Due(day, None, _late_by(figure.overdue, end, self.calendar))
        if figure.timing is Timing.UNTIL:
            return Until(day, period.last)
        between = Due if day == case_columns.DUE else Between
        return between(day, period.first, period.last)

    def near(self, figures: Sequence[Figure], period: Period) -> FromClause:
        """The rows that figures which are found alike may be about.

        Of cases these are asked for by no more than what one of their indexes has: what stands
        beside it in a condition, an OR even, would keep the planner from counting in it.
        """
        one, rows = figures[0], self.rows(figures[0].of, cases=figures[0].cases)
        if one.cases:
            parts = [sa.select(rows).where(each) for each in self._parts(one, period, rows)]
            near: sa.SelectBase = sa.union_all(*parts) if len(parts) > 1 else parts[0]
            return near.subquery("near")
        asked = [all_sql(self.conditions(each, period), rows) for each in figures]
        return sa.select(rows).where(sa.or_(*asked)).subquery("near")

    def _parts(
        self, figure: Figure, period: Period, rows: FromClause
    ) -> Sequence[ColumnElement[bool]]:
        """Conditions of which each case fulfils one at most, and one if the figure may count it."""
        if figure.open_by is not None:
            closed_on = rows.c[figure.open_by]
            return closed_on.is_(None), closed_on > period.last
        assert figure.day is not None  # noqa: S101  declared so (`Figure.found_by`)
        return (self._on_day(figure, figure.day, period).sql(rows),)

    def address(
        self, figure: Figure, period: Period, *further: Condition, division: str | None = None
    ) -> str:
        """Where the API has the records of a figure."""
        asked = [
            self._named(figure.of, each, (*self.conditions(figure, period), *further))
            for each in (*self.conditions(figure, period), *further)
        ]
        place = division or self.division
        if figure.cases and case_columns.TOLD_ELSEWHERE in case_columns.fields(figure.of):
            asked.append(Not(case_columns.TOLD_ELSEWHERE))
        query = {"filter": all_cql2(asked)} if asked else {}
        if place != EVERYWHERE:
            query["place"] = place
        path = f"/collections/{figure.of.name}/items"
        return f"{path}?{urlencode(query)}" if query else path

    def _named(self, layer: Layer, condition: Condition, beside: Sequence[Condition]) -> Condition:
        """A condition as one collection can be asked for it."""
        if not isinstance(condition, Among):
            return condition
        rows = self.rows(layer, cases=False)
        field = rows.c[condition.field]
        wanted = sa.select(field).distinct().where(all_sql(beside, rows)).order_by(field)
        names = tuple(self.connection.scalars(wanted))
        return Is(condition.field, names or ("",))


def amount(figure: Figure, rows: FromClause, conditions: Sequence[Condition]) -> ColumnElement[Any]:
    """The figure as an aggregate over rows, of those alone that fulfil the conditions."""
    asked = all_sql(conditions, rows)
    if figure.sum is Sum.COUNT:
        return sa.func.count().filter(asked)
    total = sa.func.sum(rows.c[str(figure.field)]).filter(asked)
    return sa.func.coalesce(total, 0)


def _late_by(level: str, day: date, calendar: Calendar) -> date:
    """The last day on which what was due has come to a level of escalation by the end of a day."""
    end = datetime.combine(day, time.max, BEIJING)
    moment: datetime = getattr(escalation.scale(end, calendar), level)
    return moment.date() - timedelta(days=1)
