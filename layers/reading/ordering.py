"""In which order a table shows its records, and which of them hold a text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from gis.errors import Problem
from gis.refusals.values import BAD_PARAMETER
from layers.declaring.words import Layer, Type


@dataclass(frozen=True, slots=True)
class Sort:
    """By which field, and whether the greatest comes first; what has no value comes last."""

    field: str
    descending: bool = False

    def __str__(self) -> str:
        return f"-{self.field}" if self.descending else self.field


def parse(layer: Layer, text: str) -> Sort:
    """`held_on` or `+held_on` for the least first, `-held_on` for the greatest.

    Problem(BAD_PARAMETER) for what is no field of the layer.
    """
    # In an address a plus is a space.
    name = text.strip().removeprefix("+")
    wanted = Sort(name.removeprefix("-"), descending=name.startswith("-"))
    if wanted.field in [field.name for field in layer.fields]:
        return wanted
    raise Problem(
        BAD_PARAMETER,
        name="sortby",
        reason=f"there is no field {wanted.field}",
        reason_zh=f"没有字段 {wanted.field}",
    )


def columns(layer: Layer, rows: sa.FromClause, sort: Sort | None) -> Sequence[ColumnElement[Any]]:
    """What the records are ordered by: the ids decide between equals."""
    if sort is None:
        return [rows.c.id]
    value = _value(layer, rows, sort)
    return [value.is_(None), value.desc() if sort.descending else value, rows.c.id]


def beyond(
    connection: Connection, layer: Layer, rows: sa.FromClause, sort: Sort | None, after: int
) -> ColumnElement[bool]:
    """What comes after the record of that id; Problem(BAD_PARAMETER) where the order hangs on a
    record that has gone."""
    later = rows.c.id > after
    if sort is None:
        return later
    value = _value(layer, rows, sort)
    last = connection.execute(sa.select(value).where(rows.c.id == after)).first()
    if last is None:
        reason, reason_zh = "this record has gone; begin anew", "这条记录已不在，请从第一页看起"
        raise Problem(BAD_PARAMETER, name="after", reason=reason, reason_zh=reason_zh)
    if last[0] is None:
        return sa.and_(value.is_(None), later)
    further = value < last[0] if sort.descending else value > last[0]
    return sa.or_(further, sa.and_(value == last[0], later), value.is_(None))


def holding(layer: Layer, rows: sa.FromClause, text: str) -> ColumnElement[bool]:
    """The records of which a text, or the label of a choice, has this text in it.

    Personal values are left out: whoever may not know them would find them by trying.
    """
    wanted = text.lower()
    found: list[ColumnElement[bool]] = [sa.false()]
    for field in layer.fields:
        if field.personal or field.type is not Type.TEXT:
            continue
        column = rows.c[field.name]
        if field.choices:
            named = (c.value for c in field.choices if _is_named(wanted, c.label.zh, c.label.en))
            found.append(column.in_(list(named)))
        else:  # strpos knows no wildcard that would need a guard
            found.append(sa.func.strpos(sa.func.lower(column), wanted) > 0)
    return sa.or_(*found)


def _is_named(wanted: str, *names: str) -> bool:
    return any(wanted in name.lower() for name in names)


def _value(layer: Layer, rows: sa.FromClause, sort: Sort) -> ColumnElement[Any]:
    """The column, or the place of its choice among all: states come in their own order."""
    column: ColumnElement[Any] = rows.c[sort.field]
    choices = layer.field(sort.field).choices
    if not choices:
        return column
    places = {choice.value: n for n, choice in enumerate(choices)}
    return sa.case(places, value=column)
