"""What a layer adds up to: the counts, bounds and figures on cards and legends."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from geoalchemy2 import Geography
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from layers.cases import days as case_days
from layers.declaring.words import LENGTHS, Aggregate, Layer, Measure
from layers.reading import features
from layers.reading.conditions import Conditions
from layers.reading.features import BBox
from layers.reading.past import stored_on
from layers.serving.computed import computed_rows, drawn_rows

_SOURCES = 5
_METRES = {Aggregate.LENGTH_KM: 1000, Aggregate.LENGTH_M: 1}


@dataclass(frozen=True, slots=True)
class Tally:
    """What a measure adds up to for one value of the style's field, as the reader is told it; for
    features without any it is None. `tint` is the value's place among all."""

    value: str | None
    tint: int | None
    count: int
    amount: float


@dataclass(frozen=True, slots=True)
class Summary:
    """`classes` counts by value of the style's field, `alerts` the features without what they
    should have, `measures` the declared figures; `bounds` is west, south, east, north (WGS 84),
    `size_max` the largest value that scales a symbol, `days` the first and the last (ISO) on which
    a case was opened or closed."""

    count: int
    bounds: BBox | None
    classes: Mapping[str, int]
    alerts: int
    measures: Mapping[str, float]
    sources: tuple[str, ...]
    size_max: float | None = None
    tallies: tuple[Tally, ...] = ()
    days: tuple[str, str] | None = None


def summary(  # noqa: PLR0913  the ways in which a map is narrowed down
    connection: Connection,
    layer: Layer,
    *,
    on: date | None = None,
    within: str | None = None,
    at: date | None = None,
    filters: Conditions = (),
) -> Summary:
    """The figures of one layer, each computed from its rows: with `on` as at the end of that day,
    with `within` those of a division and all below it, with `at` those of the cases that waited
    on that day, with `filters` those of what fulfils them. They name nobody."""
    calendar = case_days.calendar(connection, [layer])
    told = (layer, on, within, at, calendar)
    rows = computed_rows(*told, filters=filters)
    edges = _edges(layer, rows)
    measures = [_measure(rows, measure) for measure in layer.measures]
    line = connection.execute(
        sa.select(
            sa.func.count(), _alerts(layer, rows), _largest(layer, rows), *edges, *measures
        ).select_from(rows)
    ).one()
    west, south, east, north = line[3:7]
    return Summary(
        count=line[0],
        bounds=None if west is None else (west, south, east, north),
        classes=_classes(connection, layer, rows),
        alerts=line[1],
        measures={m.name: float(v or 0) for m, v in zip(layer.measures, line[7:], strict=True)},
        sources=_sources(connection, rows),
        size_max=line[2],
        tallies=tuple(_tallies(connection, layer, drawn_rows(*told, filters=filters))),
        days=case_days.span(connection, layer, stored_on(layer, on, within)),
    )


@dataclass(frozen=True, slots=True)
class Sight:
    """What lies in a box: `classes` by value of the style's field, `alerts` the features without
    what they should have."""

    count: int
    classes: Mapping[str, int]
    alerts: int


def in_sight(  # noqa: PLR0913  the ways in which a map is narrowed down
    connection: Connection,
    layer: Layer,
    bbox: BBox,
    *,
    on: date | None = None,
    within: str | None = None,
    at: date | None = None,
    filters: Conditions = (),
) -> Sight:
    """Of what `summary` counts, the features that meet a box (WGS 84, degrees), exactly."""
    calendar = case_days.calendar(connection, [layer])
    rows = computed_rows(layer, on, within, at, calendar, filters=filters)
    told = layer.style.by if layer.style.by and not layer.style.tints else None
    by: ColumnElement[Any] = rows.c[told] if told else sa.null()
    counted = sa.select(by.label("value"), sa.func.count(), _alerts(layer, rows))
    met = counted.select_from(rows).where(features.intersects(rows, bbox))
    found = connection.execute(met.group_by(by) if told else met).all()
    classes = {row[0]: row[1] for row in found if row[0] is not None}
    return Sight(sum(row[1] for row in found), classes, sum(row[2] for row in found))


def _edges(layer: Layer, rows: sa.FromClause) -> list[ColumnElement[Any]]:
    if not layer.has_shape:
        return [sa.null()] * 4
    box = sa.func.st_extent(rows.c.geom)
    return [getattr(sa.func, f"st_{edge}")(box) for edge in ("xmin", "ymin", "xmax", "ymax")]


def _measure(rows: sa.FromClause, measure: Measure) -> ColumnElement[Any]:
    if measure.aggregate in LENGTHS:
        # Geodesic: Web Mercator would be 24 % off at Xining.
        metres = sa.func.st_length(sa.cast(rows.c.geom, Geography))
        return sa.func.sum(metres) / _METRES[measure.aggregate]
    wanted = []
    if measure.among is not None:
        name, value = measure.among
        wanted.append(rows.c[name] == value)
    if measure.aggregate is Aggregate.MISSING:
        wanted.append(rows.c[measure.field or ""].is_(None))
    amount = _aggregate(rows, measure)
    return amount.filter(*wanted) if wanted else amount


def _aggregate(rows: sa.FromClause, measure: Measure) -> sa.Function[Any]:
    match measure.aggregate:
        case Aggregate.SUM:
            return sa.func.sum(rows.c[measure.field or ""])
        case Aggregate.DISTINCT:
            return sa.func.count(rows.c[measure.field or ""].distinct())
        case _:
            return sa.func.count()


def _alerts(layer: Layer, rows: sa.FromClause) -> ColumnElement[Any]:
    if layer.style.alert_without is None:
        return sa.literal(0)
    return sa.func.count().filter(rows.c[layer.style.alert_without].is_(None))


def _largest(layer: Layer, rows: sa.FromClause) -> ColumnElement[Any]:
    if layer.style.size_by is None:
        return sa.null()
    return sa.func.max(rows.c[layer.style.size_by])


def _classes(connection: Connection, layer: Layer, rows: sa.FromClause) -> Mapping[str, int]:
    if layer.style.by is None or layer.style.tints:
        return {}
    by = rows.c[layer.style.by]
    counted = sa.select(by, sa.func.count()).where(by.is_not(None)).group_by(by)
    found = {row[0]: row[1] for row in connection.execute(counted)}
    return {choice.value: found.get(choice.value, 0) for choice in layer.field(by.name).choices}


def _tallies(connection: Connection, layer: Layer, rows: sa.FromClause) -> Iterator[Tally]:
    """Value by value, the largest first and what has none last."""
    style = layer.style
    if style.tally is None or style.by is None or not style.ranked:
        return
    by, tint, amount = rows.c[style.by], rows.c.tint, _measure(rows, style.tally)
    statement = (
        sa.select(by, tint, sa.func.count(), amount)
        .group_by(by, tint)
        .order_by(tint.is_(None), amount.desc(), tint)
    )
    for value, place, count, total in connection.execute(statement):
        yield Tally(value, place, count, float(total or 0))


def _sources(connection: Connection, rows: sa.FromClause) -> tuple[str, ...]:
    if "source" not in rows.c:
        return ()
    source = rows.c.source
    distinct = sa.select(source).distinct().where(source.is_not(None)).order_by(source)
    return tuple(connection.scalars(distinct.limit(_SOURCES)))
