"""Streets, waters and borders as lines in metres, noded on one grid."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiLineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from linjiaya import plan
from linjiaya.plan import Course, Points, RoadClass

GRID_M = 0.01
TIE_M = 45.0

Coordinates = NDArray[np.float64]


@dataclass(frozen=True)
class Street:
    """A street's centre line."""

    name: str | None
    road_class: RoadClass
    line: LineString
    divides: bool = True
    inside: bool = True

    def surface(self, margin_m: float = 0.0) -> Polygon:
        """The paved surface, widened by a margin."""
        half = plan.WIDTH_M[self.road_class] / 2
        return self.line.buffer(half + margin_m, cap_style="flat", quad_segs=4)

    def kept_free(self) -> Polygon:
        """The surface and the strip before it in which nothing is built."""
        return self.surface(plan.SETBACK_M[self.road_class])


@dataclass(frozen=True)
class Water:
    """A river or a stream: its middle and its surface."""

    name: str
    middle: LineString
    surface: Polygon


def bent(points: Points) -> Points:
    """Points of the sheet as metres east and north of the origin."""
    x, y = np.asarray(points, dtype=np.float64).T * plan.SCALE
    angle = x / plan.BEND_RADIUS_M - np.radians(plan.TURN_DEG)
    out = plan.BEND_RADIUS_M + y + 22 * np.sin(x / 390 + 1)
    start = np.array([np.sin(-np.radians(plan.TURN_DEG)), np.cos(np.radians(plan.TURN_DEG))])
    placed = np.column_stack([np.sin(angle), np.cos(angle)]) * out[:, None]
    return tuple(map(tuple, (placed - start * plan.BEND_RADIUS_M).tolist()))


def smooth(points: Points) -> LineString:
    """A centripetal Catmull-Rom curve through the points, thinned to 25 cm."""
    if len(points) == 2:
        return LineString(points)
    p = np.asarray(points, dtype=np.float64)
    p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    knots = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(p, axis=0).T) ** 0.5)])
    pieces = [_span(p[i - 1 : i + 3], knots[i - 1 : i + 3]) for i in range(1, len(p) - 2)]
    curve = np.vstack([*pieces, p[-2]])
    return one_line(LineString(curve).simplify(0.25))


def _span(p: Coordinates, t: Coordinates) -> Coordinates:
    """The curve between the second and the third of four points (Barry and Goldman)."""
    u = np.linspace(t[1], t[2], max(2, int(np.hypot(*(p[2] - p[1])) / 8)), endpoint=False)[:, None]

    def mix(a: Coordinates, b: Coordinates, i: int, j: int) -> Coordinates:
        return np.asarray((t[j] - u) / (t[j] - t[i]) * a + (u - t[i]) / (t[j] - t[i]) * b)

    a1, a2, a3 = mix(p[0], p[1], 0, 1), mix(p[1], p[2], 1, 2), mix(p[2], p[3], 2, 3)
    return mix(mix(a1, a2, 0, 2), mix(a2, a3, 1, 3), 1, 2)


def _tied(points: Points, laid: list[Street]) -> Points:
    """The points with both ends moved onto a street laid before, where one is near."""
    net = MultiLineString([s.line for s in laid])

    def tie(p: tuple[float, float]) -> tuple[float, float]:
        spot = shapely.shortest_line(net, Point(p))
        if spot.length > TIE_M:
            return p
        x, y = spot.coords[0]
        return x, y

    return tie(points[0]), *points[1:-1], tie(points[-1])


def _lay(course: Course, laid: list[Street]) -> Street:
    line = smooth(_tied(bent(course.points), laid))
    return Street(course.name, course.road_class, line, course.divides, course.inside)


@cache
def river() -> Water:
    """The river, its width swelling and narrowing along its course."""
    middle = smooth(bent(plan.RIVER))
    narrow, wide = plan.RIVER_HALF_WIDTHS_M
    steps = np.arange(0, middle.length, 15.0)
    half = narrow + (wide - narrow) * (0.5 + 0.5 * np.sin(steps / 260) * np.cos(steps / 610))
    return Water("湟水", middle, _ribbon(middle, steps, half))


@cache
def stream() -> Water:
    """The stream that comes down from the cliff to the river."""
    middle = smooth(bent(plan.STREAM))
    steps = np.arange(0, middle.length, 12.0)
    ribbon = _ribbon(middle, steps, 3.2 + 1.2 * np.sin(steps / 90))
    (surface,) = pieces(ribbon.difference(river().surface))
    return Water("林家沟", middle, surface)


def _ribbon(middle: LineString, steps: Coordinates, half: Coordinates) -> Polygon:
    at = shapely.get_coordinates(shapely.line_interpolate_point(middle, steps))
    along = np.gradient(at, axis=0)
    side = np.column_stack([-along[:, 1], along[:, 0]]) / np.hypot(*along.T)[:, None]
    left, right = at + side * half[:, None], at - side * half[:, None]
    (ribbon,) = pieces(Polygon(np.vstack([left, right[::-1]])).simplify(0.4))
    return ribbon


@cache
def streets() -> tuple[Street, ...]:
    """Every drawn street, the bank roads last."""
    banks = [_bank_road(*road) for road in plan.BANK_ROADS]
    laid: list[Street] = list(banks)
    for course in plan.COURSES:
        laid.append(_lay(course, laid))
    return (*laid[len(banks) :], *banks)


def _bank_road(name: str, offset_m: float, reach: tuple[float, float]) -> Street:
    west, east = reach
    line = river().middle.offset_curve(offset_m, quad_segs=16).simplify(0.3)
    line = one_line(line.intersection(shapely.box(west, -2000, east, 2000)))
    return Street(name, "secondary" if offset_m > 0 else "branch", line, divides=False)


def limits() -> list[LineString]:
    """Borders of fields that follow no street."""
    net = list(streets())
    railway, cliff = (smooth(_tied(bent(points), net)) for points in (plan.RAILWAY, plan.CLIFF))
    bank = [_to_the_middle(end) for s in net if s.divides and s.inside for end in _ends(s.line)]
    return [railway, cliff, river().middle, stream().middle, *(line for line in bank if line)]


def _ends(line: LineString) -> tuple[Point, Point]:
    return Point(line.coords[0]), Point(line.coords[-1])


def _to_the_middle(end: Point) -> LineString | None:
    """From a street's end on a bank road straight on to the middle of the river."""
    way = shapely.shortest_line(end, river().middle)
    return way if 1 < way.length < 85 else None


def noded(lines: list[LineString]) -> list[LineString]:
    """The lines cut at every crossing; vertices lie on a grid of 1 cm."""
    return list(shapely.get_parts(shapely.unary_union(lines, grid_size=GRID_M)))


def faces(lines: list[LineString]) -> list[Polygon]:
    """The areas that the lines enclose."""
    return pieces(shapely.polygonize(noded(lines)))


def one_line(shape: BaseGeometry) -> LineString:
    """A shape that is one line by construction."""
    if not isinstance(shape, LineString):
        message = f"expected one line, got {shape.geom_type}"
        raise TypeError(message)
    return shape


def pieces(shape: BaseGeometry) -> list[Polygon]:
    """The polygons of which a shape consists."""
    return [p for p in shapely.get_parts(shape) if isinstance(p, Polygon) and not p.is_empty]
