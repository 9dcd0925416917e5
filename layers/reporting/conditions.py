"""What a figure asks of its records: one declaration, as SQL and as CQL2 text."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from gis.clock import BEIJING
from layers.declaring.words import Layer
from layers.schema.tables import table


class Condition(Protocol):
    """Something that a record is or is not."""

    def sql(self, rows: FromClause) -> ColumnElement[bool]:
        """As a condition about rows with the columns that it names."""
        ...

    @property
    def cql2(self) -> str:
        """The same as the items of a layer take it."""
        ...


@dataclass(frozen=True, slots=True)
class Is:
    """The field has one of these values."""

    field: str
    values: tuple[str, ...]

    def sql(self, rows: FromClause) -> ColumnElement[bool]:
        return rows.c[self.field].in_(self.values)

    @property
    def cql2(self) -> str:
        if len(self.values) == 1:
            return f"{self.field} = {quoted(self.values[0])}"
        return f"{self.field} IN ({', '.join(map(quoted, self.values))})"


@dataclass(frozen=True, slots=True)
class Lacks:
    """The field says nothing."""

    field: str

    def sql(self, rows: FromClause) -> ColumnElement[bool]:
        return rows.c[self.field].is_(None)

    @property
    def cql2(self) -> str:
        return f"{self.field} IS NULL"


@dataclass(frozen=True, slots=True)
class Given:
    """The field says something."""

    field: str

    def sql(self, rows: FromClause) -> ColumnElement[bool]:
        return rows.c[self.field].is_not(None)

    @property
    def cql2(self) -> str:
        return f"{self.field} IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Not:
    """What is said of it, a yes or no, is no."""

    field: str

    def sql(self, rows: FromClause) -> ColumnElement[bool]:
        return sa.not_(rows.c[self.field])

    @property
    def cql2(self) -> str:
        return f"{self.field} = FALSE"


@dataclass(frozen=True, slots=True)
class MoreThan:
    """The number is above this one."""

    field: str
    number: int

    def sql(self, rows: FromClause) -> ColumnElement[bool]:
        above: ColumnElement[bool] = rows.c[self.field] > self.number
        return above

    @property
    def cql2(self) -> str:
        return f"{self.field} > {self.number}"


@dataclass(frozen=True, slots=True)
class NoLater:
    """The first day is there, and not after the second."""

    field: str
    than: str

    def sql(self, rows: FromClause) -> ColumnElement[bool]:
        in_time: ColumnElement[bool] = rows.c[self.field] <= rows.c[self.than]
        return in_time

    @property
    def cql2(self) -> str:
        return f"{self.field} <= {self.than}"


@dataclass(frozen=True, slots=True)
class Between:
    """The day lies between two others or on one of them; with `first` None, from the beginning."""

    field: str
    first: date | None
    last: date

    def sql(self, rows: FromClause) -> ColumnElement[bool]:
        day: ColumnElement[Any] = rows.c[self.field]
        if self.first is None:
            return day <= self.last
        return day.between(self.first, self.last)

    @property
    def cql2(self) -> str:
        last = f"DATE('{self.last.isoformat()}')"
        if self.first is None:
            return f"{self.field} <= {last}"
        return f"{self.field} BETWEEN DATE('{self.first.isoformat()}') AND {last}"


@dataclass(frozen=True, slots=True)
class Due(Between):
    """The same of the day on which a case is due, told by the moment: quicker, and by its index."""

    def sql(self, rows: FromClause) -> ColumnElement[bool]:
        due: ColumnElement[Any] = rows.c.due_at
        ended = due < datetime.combine(self.last, time.min, BEIJING) + timedelta(days=1)
        if self.first is None:
            return ended
        return sa.and_(due >= datetime.combine(self.first, time.min, BEIJING), ended)


@dataclass(frozen=True, slots=True)
class Until:
    """The day has come by the end of this one, or nobody knows when it was."""

    field: str
    last: date

    def sql(self, rows: FromClause) -> ColumnElement[bool]:
        day: ColumnElement[Any] = rows.c[self.field]
        return sa.or_(day.is_(None), day <= self.last)

    @property
    def cql2(self) -> str:
        return f"({self.field} IS NULL OR {self.field} <= DATE('{self.last.isoformat()}'))"


@dataclass(frozen=True, slots=True)
class NotBy:
    """The day has not come by the end of this one, if at all."""

    field: str
    last: date

    def sql(self, rows: FromClause) -> ColumnElement[bool]:
        day: ColumnElement[Any] = rows.c[self.field]
        return sa.or_(day.is_(None), day > self.last)

    @property
    def cql2(self) -> str:
        return f"({self.field} IS NULL OR {self.field} > DATE('{self.last.isoformat()}'))"


@dataclass(frozen=True, slots=True)
class Among:
    """The field names, by its `key`, a record of another layer that is like this.

    CQL2 knows one collection at a time: there the names themselves are asked for (`names`).
    """

    field: str
    layer: Layer
    key: str
    where: tuple[Condition, ...]

    def names(self) -> sa.Select[tuple[str]]:
        """The keys of the records meant."""
        others = table(self.layer)
        return sa.select(others.c[self.key]).where(all_sql(self.where, others))

    def sql(self, rows: FromClause) -> ColumnElement[bool]:
        return rows.c[self.field].in_(self.names())

    @property
    def cql2(self) -> str:
        raise TypeError("the names have to be asked for first")


def all_sql(conditions: Iterable[Condition], rows: FromClause) -> ColumnElement[bool]:
    """All of them; without any, every row."""
    return sa.and_(sa.true(), *(each.sql(rows) for each in conditions))


def all_cql2(conditions: Iterable[Condition]) -> str:
    """All of them; without any, nothing is asked."""
    return " AND ".join(each.cql2 for each in conditions)


def quoted(text: str) -> str:
    """A text as a CQL2 literal."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
