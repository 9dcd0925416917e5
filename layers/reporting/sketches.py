"""Small maps: where the records of a section lie, over the outlines of the divisions."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import shapely
import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry
from sqlalchemy import ColumnElement, FromClause

from layers.declaring.labels import Label
from layers.declaring.people import subtree
from layers.declaring.period import Period
from layers.reporting.conditions import all_sql
from layers.reporting.declared import Figure, Section
from layers.reporting.report import Dot, Sketch, ToldSection
from layers.reporting.scope import Scope
from layers.schema.tables import table
from layers.thematic import divisions

_WIDTH, _TALLEST, _MARGIN = 360.0, 420.0, 10.0
# Records within one cell are one dot, so that a city's map is no larger than a village's.
_CELL = 8.0
_OUTLINES = 120


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the drawing has which degree: `across` and `down` are units for one."""

    west: float
    north: float
    across: float
    down: float
    height: float

    def x(self, longitude: float) -> float:
        return round(_MARGIN + (longitude - self.west) * self.across, 1)

    def y(self, latitude: float) -> float:
        return round(_MARGIN + (self.north - latitude) * self.down, 1)


def drawn(scope: Scope, declared: Section, period: Period, section: ToldSection) -> ToldSection:
    """The section with its small map, where it has one and anything lies on it."""
    if declared.drawn is None:
        return section
    figure = declared.figure(declared.drawn)
    shapes = _outlines(scope)
    rows, wanted = _records(scope, figure, period)
    frame = _frame(scope, shapes, rows, wanted)
    dots = tuple(_dots(scope, rows, wanted, frame)) if frame else ()
    if frame is None or not dots:
        return section
    label = Label(f"{figure.label.zh}分布图", f"Where: {figure.label.en.lower()}")
    paths = tuple(path for shape in shapes if (path := _path(shape, frame)))
    return replace(section, sketch=Sketch(label, _WIDTH, frame.height, paths, dots))


def _records(
    scope: Scope, figure: Figure, period: Period
) -> tuple[FromClause, ColumnElement[bool]]:
    """The rows with places, and which of them a figure is about."""
    rows, conditions = scope.rows(figure.of, cases=False), scope.conditions(figure, period)
    if not figure.cases:
        return rows, all_sql(conditions, rows)
    cases = scope.rows(figure.of, cases=True)
    return rows, rows.c.id.in_(sa.select(cases.c.id).where(all_sql(conditions, cases)))


def _outlines(scope: Scope) -> Sequence[BaseGeometry]:
    """The divisions that the reader sees there, the largest first."""
    rows = table(divisions.LAYER)
    depth = sa.func.length(sa.func.rtrim(rows.c.code, "0"))
    inside = sa.cast(rows.c.code, sa.BigInteger).between(*subtree(scope.division))
    statement = sa.select(sa.func.st_asbinary(rows.c.geom)).where(inside)
    found = scope.connection.scalars(statement.order_by(depth, rows.c.code).limit(_OUTLINES))
    return [shapely.from_wkb(bytes(each)) for each in found]


def _frame(
    scope: Scope, shapes: Sequence[BaseGeometry], rows: FromClause, wanted: ColumnElement[bool]
) -> _Frame | None:
    """Around the divisions, or where there are none around the records."""
    if shapes:
        west, south, east, north = shapely.total_bounds(list(shapes)).tolist()
    else:
        box = sa.func.st_extent(rows.c.geom)
        edges = [getattr(sa.func, f"st_{edge}")(box) for edge in ("xmin", "ymin", "xmax", "ymax")]
        found = scope.connection.execute(sa.select(*edges).select_from(rows).where(wanted)).one()
        if found[0] is None:
            return None
        west, south, east, north = found
    # A degree of longitude is shorter than one of latitude.
    wide = max((east - west) * math.cos(math.radians((south + north) / 2)), 1e-6)
    high = max(north - south, 1e-6)
    scale = min((_WIDTH - 2 * _MARGIN) / wide, (_TALLEST - 2 * _MARGIN) / high)
    across = scale * wide / max(east - west, 1e-6)
    return _Frame(west, north, across, scale, round(high * scale + 2 * _MARGIN, 1))


def _dots(
    scope: Scope, rows: FromClause, wanted: ColumnElement[bool], frame: _Frame
) -> Iterator[Dot]:
    column = sa.func.floor((sa.func.st_x(rows.c.geom) - frame.west) * frame.across / _CELL)
    line = sa.func.floor((frame.north - sa.func.st_y(rows.c.geom)) * frame.down / _CELL)
    places = sa.select(column.label("x"), line.label("y")).select_from(rows).where(wanted)
    cells = places.subquery("cells")
    statement = (
        sa.select(cells.c.x, cells.c.y, sa.func.count())
        .where(cells.c.x.between(0, _WIDTH / _CELL), cells.c.y.between(0, frame.height / _CELL))
        .group_by(cells.c.x, cells.c.y)
        .order_by(cells.c.y, cells.c.x)
    )
    for x, y, count in scope.connection.execute(statement):
        middle = [round(_MARGIN + (number + 0.5) * _CELL, 1) for number in (x, y)]
        yield Dot(middle[0], middle[1], count)


def _path(shape: BaseGeometry, frame: _Frame) -> str:
    """The outline as the data of an SVG path; corners closer than half a unit are left out."""
    rings = shapely.get_exterior_ring(shapely.get_parts(shape))
    return "".join(_ring(ring, frame) for ring in rings)


def _ring(ring: BaseGeometry, frame: _Frame) -> str:
    simple = ring.simplify(0.5 / frame.down)
    corners = [f"{frame.x(x)} {frame.y(y)}" for x, y, *_ in simple.coords]
    return f"M{'L'.join(corners)}Z"
