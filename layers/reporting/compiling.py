"""From declared sections to what was found: one statement for each layer, and for each table."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from layers.cases import columns as case_columns
from layers.declaring.labels import Label
from layers.declaring.period import Period
from layers.declaring.words import Field
from layers.ground import division_names
from layers.reporting.conditions import Condition, Is, Lacks
from layers.reporting.declared import Figure, Rate, Section, Table, Timing
from layers.reporting.report import NOTHING, Column, Row, Told, ToldSection, ToldTable, Value
from layers.reporting.scope import Scope, amount

PERCENT = Label("%", "%")
_NOT_SAID = Label("（未填写）", "(not said)")
_WHOLE = Label("合计", "In all")
_ROWS_SHOWN = 200

Amounts = Mapping[str, float]
"""Figures by name."""


def section(scope: Scope, declared: Section, period: Period) -> ToldSection:
    """What is found of a section, without its map."""
    spans = (period, period.year_to_date, period.a_year_before)
    found = _figures(scope, declared.figures, spans)
    told = tuple(_told(scope, declared, spans, found))
    tables = (_table(scope, declared, each, period, told) for each in declared.tables)
    return ToldSection(
        name=declared.name,
        label=declared.label,
        figures=told,
        tables=tuple(each for each in tables if each.rows),
        notes=(declared.note,) if declared.note else (),
    )


# --- figures --------------------------------------------------------------------------------------
def _figures(scope: Scope, figures: Sequence[Figure], spans: Sequence[Period]) -> Sequence[Amounts]:
    """For each span, every figure by name."""
    found: list[dict[str, float]] = [{} for _ in spans]
    for group in _by_source(figures):
        known: dict[object, Amounts] = {}
        for span, amounts in zip(spans, found, strict=True):
            # What stands at the end of a period stood there whenever it began.
            key = span.last if group[0].timing is Timing.UNTIL else span
            if key not in known:
                known[key] = _of_span(scope, group, span)
            amounts.update(known[key])
    return found


def _of_span(scope: Scope, group: Sequence[Figure], span: Period) -> Amounts:
    statement = _summed(scope, group, span)
    line = scope.connection.execute(statement).one()
    names = (figure.name for figure in group)
    return dict(zip(names, map(rounded, line), strict=True))


def _summed(
    scope: Scope, group: Sequence[Figure], span: Period, by: str | None = None
) -> sa.Select[Any]:
    """The figures of one layer, for each value of a column where one is named."""
    rows = scope.near(group, span)
    asked = [(figure, scope.conditions(figure, span)) for figure in group]
    columns = [amount(figure, rows, conditions) for figure, conditions in asked]
    if by is None:
        return sa.select(*columns).select_from(rows)
    return sa.select(rows.c[by], *columns).group_by(rows.c[by])


def _by_source(figures: Iterable[Figure]) -> Iterator[Sequence[Figure]]:
    """Figures that are summed together: of one layer, and of the same time; of cases those that one
    index has."""

    def source(figure: Figure) -> tuple[str, bool, str, str]:
        found_by = figure.found_by or "" if figure.cases else ""
        return figure.of.name, figure.cases, figure.timing.value, found_by

    for _, group in groupby(sorted(figures, key=source), key=source):
        yield tuple(group)


def rounded(value: Any) -> float:
    """As every form of the report shows it: whole numbers stay whole."""
    number = float(value)
    return int(number) if number.is_integer() else round(number, 2)


def _told(
    scope: Scope, declared: Section, spans: Sequence[Period], found: Sequence[Amounts]
) -> Iterator[Told]:
    for figure in declared.figures:
        values = [
            Value(amounts[figure.name], scope.address(figure, span))
            for span, amounts in zip(spans, found, strict=True)
        ]
        # What does not depend on the period has no other value a year before.
        others = values[1:] if figure.day else [NOTHING, NOTHING]
        yield _of(figure.name, figure.label, figure.unit, [values[0], *others])
    for rate in declared.rates:
        whole = declared.figure(rate.whole)
        shares = [
            share(rate, amounts, scope.address(whole, span))
            for span, amounts in zip(spans, found, strict=True)
        ]
        yield _of(rate.name, rate.label, PERCENT, shares)


def _of(name: str, label: Label, unit: Label, values: Sequence[Value]) -> Told:
    value, to_date, before = values
    return Told(name=name, label=label, unit=unit, value=value, to_date=to_date, year_before=before)


def share(rate: Rate, amounts: Amounts, records: str) -> Value:
    """A rate as a percentage of the `records` of which it is taken; nothing without any."""
    whole = amounts[rate.whole]
    if not whole:
        return NOTHING
    return Value(rounded(round(100 * amounts[rate.part] / whole, 2)), records)


# --- tables ---------------------------------------------------------------------------------------
def _table(
    scope: Scope, declared: Section, table: Table, period: Period, told: Sequence[Told]
) -> ToldTable:
    needed = _needed(declared, table)
    figures = [declared.figure(name) for name in needed]
    rows = _division_rows if table.by_division else _value_rows
    found = list(rows(scope, table, figures, period))
    by_name = {each.name: each for each in told}
    columns = tuple(
        Column(name, by_name[name].label, by_name[name].unit, name in table.charted)
        for name in table.figures
    )

    def row(title: Label, amounts: Amounts, link: "_Link", depth: int = 0) -> Row:
        values = tuple(_cell(declared, name, amounts, link) for name in table.figures)
        return Row(title, values, depth)

    whole = {name: by_name[name].value.amount or 0 for name in needed}
    links = {name: by_name[name].value.records for name in needed}
    total = row(_WHOLE, whole, lambda figure: links[figure.name] or "")
    shown = (row(*each) for each in found if any(each[1].values()))
    return ToldTable(
        name=table.name,
        label=table.label,
        head=table.head,
        columns=columns,
        rows=tuple(shown),
        total=total if found else None,
    )


_Link = Callable[[Figure], str]
_Found = tuple[Label, Amounts, _Link, int]


def _needed(declared: Section, table: Table) -> list[str]:
    """The figures that a table shows, and those of which its rates are made."""
    found: dict[str, None] = {}
    for name in table.figures:
        rate = declared.rate(name)
        found |= dict.fromkeys((rate.part, rate.whole) if rate else (name,))
    return list(found)


def _cell(declared: Section, name: str, amounts: Amounts, link: _Link) -> Value:
    rate = declared.rate(name)
    if rate is not None:
        return share(rate, amounts, link(declared.figure(rate.whole)))
    return Value(amounts[name], link(declared.figure(name)))


def _value_rows(
    scope: Scope, table: Table, figures: Sequence[Figure], period: Period
) -> Iterator[_Found]:
    """For each value of the field, those of a list in its order, others the largest first."""
    layer, cases = figures[0].of, figures[0].cases
    field = case_columns.field(layer, table.by) if cases else layer.field(table.by)
    if field.personal:
        raise ValueError(f"{table.name}: a report sums nothing up by person")
    found = _grouped(scope, figures, period, table.by)
    for value in _ordered(field, found):
        condition: Condition = Lacks(table.by) if value is None else Is(table.by, (value,))
        yield _named(field, value), found[value], _linking(scope, period, condition), 0


def _grouped(
    scope: Scope, figures: Sequence[Figure], period: Period, by: str
) -> dict[Any, Amounts]:
    """By the value of a column, every figure; 0 where nothing was found for it."""
    none = {figure.name: 0.0 for figure in figures}
    found: dict[Any, dict[str, float]] = defaultdict(none.copy)
    for group in _by_source(figures):
        of_group = [figure.name for figure in group]
        for line in scope.connection.execute(_summed(scope, group, period, by)):
            found[line[0]].update(zip(of_group, map(rounded, line[1:]), strict=True))
    return dict(found)


def _ordered(field: Field, found: Mapping[Any, Amounts]) -> list[Any]:
    """The values in the order in which they are told, what is not said last."""
    listed = [choice.value for choice in field.choices if choice.value in found]
    others = [value for value in found if value is not None and value not in listed]
    others.sort(key=lambda value: (-next(iter(found[value].values())), str(value)))
    return [*listed, *others, *([None] if None in found else [])][:_ROWS_SHOWN]


def _named(field: Field, value: Any) -> Label:
    if value is None:
        return _NOT_SAID
    for choice in field.choices:
        if choice.value == value:
            return choice.label
    return Label(str(value), str(value))


def _linking(
    scope: Scope, period: Period, *further: Condition, division: str | None = None
) -> _Link:
    return lambda figure: scope.address(figure, period, *further, division=division)


def _division_rows(
    scope: Scope, _: Table, figures: Sequence[Figure], period: Period
) -> Iterator[_Found]:
    """For each stored division below, with all that lies below it in turn."""
    below = division_names.below(scope.connection, scope.division)
    shown = [each for each in below if each.code != scope.division]
    deepest = max((each.depth for each in shown), default=0)
    while len(shown) > _ROWS_SHOWN:
        deepest -= 1
        shown = [each for each in shown if each.depth <= deepest]
    found = _grouped(scope, figures, period, "place") if shown else {}
    least = min((each.depth for each in shown), default=0)
    inside: dict[str, list[Amounts]] = defaultdict(list)
    for place, its in found.items():
        for code in division_names.upwards(place):
            inside[code].append(its)
    for each in shown:
        mine = inside[each.code]
        amounts = {f.name: rounded(sum(a[f.name] for a in mine)) for f in figures}
        link = _linking(scope, period, division=each.code)
        yield Label(each.name, each.name), amounts, link, each.depth - least
