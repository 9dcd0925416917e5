"""Points: work units, illegal structures, courtyards."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import shapely
from shapely import Point, STRtree
from shapely.geometry.base import BaseGeometry

from linjiaya import duties, fabric, network
from linjiaya.fields import fields
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
# Place, use, structure, storeys, area from the site record, area of the outline, day found.
STRUCTURES: tuple[tuple[Place, str, str, int, float, float, str], ...] = (
    ((1000, 830), "residence", "brick_concrete", 2, 318.5, 316.9, "2017-03-09"),
    ((1560, 800), "animals", "brick_timber", 1, 86.5, 86.5, "2017-03-16"),
    ((-1330, 330), "storage", "steel_shed", 1, 411.0, 404.2, "2017-03-28"),
    ((1180, 590), "residence", "brick_concrete", 1, 127.5, 127.5, "2017-04-11"),
    ((560, -830), "other", "brick_timber", 1, 64.0, 64.0, "2017-04-20"),
    ((1010, -560), "storage", "colour_steel", 1, 272.5, 275.1, "2017-05-04"),
    ((-40, 330), "business", "colour_steel", 1, 200.0, 200.0, "2017-05-17"),
)
# Place, name, owner, built, buildings, households, fire, sanitation, rubbish t, piles.
COURTYARDS: tuple[tuple[Place, str, str, int, int, int, int, int, int, int], ...] = (
    ((-1030, 420), "建材厂家属院", "原西宁建材厂", 1988, 6, 216, 12, 8, 34, 14),
    ((-740, 400), "铁路工程家属院", "原铁路工程段", 1985, 5, 180, 10, 6, 22, 9),
    ((-620, 120), "运输公司家属院", "原汽车运输公司", 1987, 7, 252, 14, 9, 28, 15),
    ((520, 110), "毛纺厂家属院", "原毛纺织厂", 1983, 4, 144, 8, 5, 19, 8),
    ((230, -300), "粮站家属院", "原城东粮站", 1991, 6, 198, 12, 7, 27, 14),
)


def work_units() -> list[Record]:
    """The units, each on a building of its own."""
    shapes = [b.shape for _, b in fabric.all_buildings()]
    tree = STRtree(shapes)
    found = []
    for place, name, kind, division in UNITS:
        house = shapes[int(tree.nearest(_on_map(place)))]
        leader = duties.LIAISON_LEADERS[division]
        properties = {"name": name, "kind": kind, "liaison_leader": leader}
        found.append(Record(house.representative_point(), properties))
    return found


def illegal_structures() -> list[Record]:
    """The demolished structures, where nothing stands now."""
    found = []
    for rank, (place, use, kind, storeys, measured, computed, day) in enumerate(STRUCTURES, 1):
        at = free_spot(_on_map(place))
        properties = {
            "number": f"违建-2017-{rank:03d}",
            "address": address(at),
            "use": use,
            "structure": kind,
            "storeys": storeys,
            "area_measured_m2": measured,
            "area_computed_m2": computed,
            "found_on": day,
            "status": "demolished",
            "demolished_area_m2": measured,
        }
        found.append(Record(at, properties))
    return found


def courtyards() -> list[Record]:
    """The courtyards without property management, each between its buildings."""
    found = []
    for place, name, owner, *figures in COURTYARDS:
        built, buildings, households, fire, sanitation, rubbish_t, piles = figures
        properties = {
            "name": name,
            "owner_unit": owner,
            "built": built,
            "buildings": buildings,
            "households": households,
            "management": "none",
            "fire_equipment": fire,
            "sanitation_equipment": sanitation,
            "rubbish_cleared_t": rubbish_t,
            "piles_cleared": piles,
        }
        found.append(Record(free_spot(_on_map(place)), properties))
    return found


def _on_map(place: Place) -> Point:
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
    field = next(f for f in fields() if f.shape.covers(at))
    metres = max(10, round(foot.length / 10) * 10)
    community = COMMUNITY_NAMES[field.seed.division]
    return f"{community}{street.name}{sides[0 if forward else 1]}约{metres}米"


COMMUNITY_NAMES = {
    LANTIAN: "蓝天社区",
    ZHANXI: "站西社区",
    LINJIAYA: "林家崖村",
    LUJIAZHUANG: "路家庄村",
}
