"""Lanes inside the fields: blocks are halved across their longer side until small enough."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from shapely import LineString, MultiLineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import split, substring

from linjiaya import network
from linjiaya.fields import Field, fields, town, unbuilt_borders
from linjiaya.network import Street
from linjiaya.plan import Use

# The largest block that needs no lane, in square metres; uses not named here have no lanes.
LARGEST_BLOCK_M2: dict[Use, float] = {
    "slabs": 24_000,
    "towers": 40_000,
    "halls": 36_000,
    "village": 5_600,
}
NAMES = {
    "630102007001": (
        "蓝天巷", "向阳巷", "花苑巷", "织工巷", "书院巷", "和顺巷", "惠民巷", "安居巷",
        "泰和巷", "明德巷", "青松巷", "锦绣巷",
    ),
    "630102007004": (
        "站西一巷", "站西二巷", "铁工巷", "货场巷", "红砖巷", "平安巷", "工建巷", "永兴巷",
        "槐树巷", "望河巷", "春晖巷", "柳荫巷",
    ),
    "630102007202": (
        "崖根巷", "上台巷", "下台巷", "水磨巷", "杏园巷", "东沟巷", "西沟巷", "打麦场巷",
        "老井巷",
    ),
    "630102007203": (
        "路家一巷", "路家二巷", "路家三巷", "河湾巷", "果园巷", "菜园巷", "渠边巷",
    ),
}  # fmt: skip
NAMED_FROM_M = 130.0
END_BEFORE_BORDER_M = 14.0


@dataclass(frozen=True)
class Style:
    """How straight the lanes run."""

    turn_deg: float
    bow: float  # largest sideways bow as a share of the lane's length
    dead_end: float  # share of lanes that stop short


URBAN = Style(turn_deg=2.0, bow=0.03, dead_end=0.12)
RURAL = Style(turn_deg=7.0, bow=0.09, dead_end=0.3)


def block_lanes(
    block: Polygon, largest_m2: float, style: Style, rng: np.random.Generator
) -> list[LineString]:
    """The lanes that cut a block into parts of at most the given area."""
    if block.area <= largest_m2:
        return []
    cut = _across(block, style, rng)
    parts = network.pieces(split(block, cut))
    if len(parts) < 2:
        return []
    lanes = list(shapely.get_parts(block.intersection(cut)))
    for part in parts:
        lanes += block_lanes(part, largest_m2, style, rng)
    return [lane for lane in lanes if isinstance(lane, LineString) and lane.length > 20]


def _across(block: Polygon, style: Style, rng: np.random.Generator) -> LineString:
    """A bowed line across the longer side of a block."""
    a, b, c = shapely.get_coordinates(block.minimum_rotated_rectangle)[:3]
    if np.hypot(*(b - a)) < np.hypot(*(c - b)):
        a, b, c = b, c, a + c - b
    along, side = (b - a), (c - b)
    middle = (a + b) / 2 + side / 2 + along * rng.uniform(-0.1, 0.1)
    turn = np.radians(rng.normal(0, style.turn_deg))
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    reach = rotation @ side * 0.7
    normal = along / np.hypot(*along) * np.hypot(*reach)
    steps = np.array([-1.0, -0.55, 0.0, 0.55, 1.0])[:, None]
    bow = rng.normal(0, style.bow / 2) * (1 - steps**2) + rng.normal(0, style.bow / 6, (5, 1))
    return LineString(middle + reach * steps + normal * bow)


@cache
def field_lanes(field: Field) -> tuple[LineString, ...]:
    """The lanes of a field; none ends in the water, on the railway or on the cliff."""
    largest = LARGEST_BLOCK_M2.get(field.seed.use)
    if largest is None:
        return ()
    rng, style = field.rng(), RURAL if field.seed.use == "village" else URBAN
    found: list[LineString] = []
    for block in _blocks(field):
        found += [_shortened(x, style, rng) for x in block_lanes(block, largest, style, rng)]
    clear = unbuilt_borders().buffer(END_BEFORE_BORDER_M)
    ended = [part for lane in found for part in shapely.get_parts(lane.difference(clear))]
    return tuple(lane for lane in ended if lane.length > 25)


def _shortened(lane: LineString, style: Style, rng: np.random.Generator) -> LineString:
    if lane.length < 90 and rng.random() < style.dead_end:
        return network.one_line(substring(lane, 0, 0.6, normalized=True))
    return lane


def _blocks(field: Field) -> list[Polygon]:
    """The parts of a field between its drawn streets, without the strip on the bank."""
    through = [s.line for s in network.streets() if s.line.intersects(field.shape)]
    inner = MultiLineString(through).intersection(field.shape)
    parts = network.faces([field.shape.exterior, *_lines(inner)])
    bank = network.river().middle.buffer(95)
    return [p for p in parts if p.intersection(bank).area < 0.6 * p.area]


def _lines(shape: BaseGeometry) -> list[LineString]:
    return [x for x in shapely.get_parts(shape) if isinstance(x, LineString)]


@cache
def lanes() -> tuple[Street, ...]:
    """Every lane; the longest of each field has a name as long as names last."""
    pools = {division: list(names) for division, names in NAMES.items()}
    laid: list[Street] = []
    for field in fields():
        ordered = sorted(field_lanes(field), key=lambda lane: -lane.length)
        for rank, lane in enumerate(ordered):
            pool = pools[field.seed.division]
            named = rank == 0 and bool(pool) and lane.length > NAMED_FROM_M
            laid.append(Street(pool.pop(0) if named else None, "lane", lane, divides=False))
    return tuple(laid)


@cache
def outskirts() -> tuple[tuple[Polygon, ...], tuple[Street, ...]]:
    """Blocks around the street 林家崖, and the lanes in them."""
    near = town().buffer(520).difference(town())
    lines = [s.line for s in network.streets()]
    faces = network.faces([*lines, network.stream().middle])
    outer = [p for p in faces if p.area < 900_000 and p.representative_point().within(near)]
    rng = np.random.default_rng(0)
    laid = [lane for block in outer for lane in block_lanes(block, 42_000, URBAN, rng)]
    clear = network.river().surface.buffer(30)
    ended = [part for lane in laid for part in shapely.get_parts(lane.difference(clear))]
    kept = [lane for lane in ended if lane.length > 40 and lane.distance(town()) < 420]
    return tuple(outer), tuple(Street(None, "lane", x, divides=False, inside=False) for x in kept)
