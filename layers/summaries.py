"""What a layer adds up to: the counts, bounds and figures on cards and legends."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from geoalchemy2 import Geography
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from layers.declare import Aggregate, Layer, Measure
from layers.features import BBox
from layers.tables import table

_SOURCES = 5


@dataclass(frozen=True, slots=True)
class Summary:
    """`classes` counts by value of the style's field, `alerts` the features without what they
    should have, `measures` the declared figures; `bounds` is west, south, east, north (WGS 84),
    `size_max` the largest value that scales a symbol."""

    count: int
    bounds: BBox | None
    classes: Mapping[str, int]
    alerts: int
    measures: Mapping[str, float]
    sources: tuple[str, ...]
    size_max: float | None = None


def summary(connection: Connection, layer: Layer) -> Summary:
    """The figures of one layer, each computed from its rows now."""
    rows = table(layer)
    box = sa.func.st_extent(rows.c.geom)
    edges = [getattr(sa.func, f"st_{edge}")(box) for edge in ("xmin", "ymin", "xmax", "ymax")]
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
    )


def _measure(rows: sa.Table, measure: Measure) -> ColumnElement[Any]:
    if measure.aggregate is Aggregate.LENGTH_KM:
        # Geodesic: Web Mercator would be 24 % off at Xining.
        metres = sa.func.st_length(sa.cast(rows.c.geom, Geography))
        return sa.func.sum(metres) / 1000
    column = rows.c[measure.field or ""]
    match measure.aggregate:
        case Aggregate.SUM:
            return sa.func.sum(column)
        case Aggregate.DISTINCT:
            return sa.func.count(column.distinct())
        case _:
            return sa.func.count().filter(column.is_(None))


def _alerts(layer: Layer, rows: sa.Table) -> ColumnElement[Any]:
    if layer.style.alert_without is None:
        return sa.literal(0)
    return sa.func.count().filter(rows.c[layer.style.alert_without].is_(None))


def _largest(layer: Layer, rows: sa.Table) -> ColumnElement[Any]:
    if layer.style.size_by is None:
        return sa.null()
    return sa.func.max(rows.c[layer.style.size_by])


def _classes(connection: Connection, layer: Layer, rows: sa.Table) -> Mapping[str, int]:
    if layer.style.by is None or layer.style.distinct:
        return {}
    by = rows.c[layer.style.by]
    counted = sa.select(by, sa.func.count()).where(by.is_not(None)).group_by(by)
    found = {row[0]: row[1] for row in connection.execute(counted)}
    return {choice.value: found.get(choice.value, 0) for choice in layer.field(by.name).choices}


def _sources(connection: Connection, rows: sa.Table) -> tuple[str, ...]:
    if "source" not in rows.c:
        return ()
    source = rows.c.source
    distinct = sa.select(source).distinct().where(source.is_not(None)).order_by(source)
    return tuple(connection.scalars(distinct.limit(_SOURCES)))
