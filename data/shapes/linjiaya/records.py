"""Points: the work units, and where there is room for more."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import shapely
from shapely import Point, STRtree
from shapely.geometry.base import BaseGeometry

from linjiaya import duties, fabric, network
from linjiaya.fields import Field, fields
from linjiaya.lanes import lanes
from linjiaya.plan import LANTIAN, LINJIAYA, LUJIAZHUANG, ZHANXI

CLEARANCE_M = 6.0
Place = tuple[float, float]
Properties = dict[str, Any]


@dataclass(frozen=True)
class Record:
    """A point in metres with its properties."""

    at: Point
    properties: Properties


UNITS: tuple[tuple[Place, str, str, str], ...] = (
    ((640, 380), "林家崖街道办事处", "government", LANTIAN),
    ((-110, -260), "湟水医院", "hospital", LANTIAN),
    ((-130, 130), "互助中路农贸市场", "market", ZHANXI),
    ((-330, 610), "站前客运公司", "enterprise", ZHANXI),
    ((450, 610), "林家崖学校", "school", LINJIAYA),
    ((1330, -40), "东川建材公司", "enterprise", LINJIAYA),
    ((720, -760), "路家庄文化站", "other", LUJIAZHUANG),
)


def work_units() -> list[Record]:
    """The units, each on a building of its own."""
    shapes = [b.shape for _, b in fabric.all_buildings()]
    tree = STRtree(shapes)
    found = []
    for place, name, kind, division in UNITS:
        house = shapes[int(tree.nearest(on_map(place)))]
        leader = duties.LIAISON_LEADERS[division]
        properties = {"name": name, "kind": kind, "liaison_leader": leader}
        found.append(Record(house.representative_point(), properties))
    return found


def assigned(at: Point) -> dict[str, Any]:
    """The field in which a point lies, and who leads it."""
    field = field_at(at)
    return {"field": field.code, "leader": duties.duties()[field.code].leader}


def field_at(at: Point) -> Field:
    """The field in which a point lies."""
    return next(f for f in fields() if f.shape.covers(at))


def on_map(place: Place) -> Point:
    """A place of the sheet on the bent map."""
    return Point(network.bent((place,))[0])


@cache
def _obstacles() -> BaseGeometry:
    houses = [b.shape for _, b in fabric.all_buildings()]
    surfaces = [s.surface() for s in fabric.all_streets()]
    waters = [network.river().surface, network.stream().surface]
    shape = shapely.union_all([*houses, *surfaces, *waters])
    shapely.prepare(shape)
    return shape


def free_spot(start: Point) -> Point:
    """The first spot on a spiral round a point that is clear of everything built."""
    turns = np.arange(0, 60, 0.35)
    for turn in turns:
        spot = Point(start.x + turn * np.cos(turn), start.y + turn * np.sin(turn))
        if _obstacles().distance(spot) >= CLEARANCE_M:
            return spot
    message = f"no free ground near {start}"
    raise ValueError(message)


def address(at: Point) -> str:
    """Community, nearest named street, side and distance to the nearest ten metres."""
    streets = [s for s in (*network.streets(), *lanes()) if s.name]
    street = min(streets, key=lambda s: s.line.distance(at))
    foot = shapely.shortest_line(street.line, at)
    (x0, y0), (x1, y1) = foot.coords
    sides = ("东侧", "西侧") if abs(x1 - x0) > abs(y1 - y0) else ("北侧", "南侧")
    forward = x1 > x0 if sides[0] == "东侧" else y1 > y0
    field = field_at(at)
    metres = max(10, round(foot.length / 10) * 10)
    community = COMMUNITY_NAMES[field.seed.division]
    return f"{community}{street.name}{sides[0 if forward else 1]}约{metres}米"


COMMUNITY_NAMES = {
    LANTIAN: "蓝天社区",
    ZHANXI: "站西社区",
    LINJIAYA: "林家崖村",
    LUJIAZHUANG: "路家庄村",
}
