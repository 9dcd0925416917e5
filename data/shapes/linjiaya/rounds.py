"""What inspectors came upon on their rounds: sites, works in courtyards, inspections."""

from datetime import date, timedelta
from typing import Any

from shapely import Point

from linjiaya import duties, network, records
from linjiaya.fields import Field, fields
from linjiaya.records import Record

_FIRST_DAY = date(2017, 3, 6)
# Matter (GB/T 47678.5), what was noted, days to put it right; dealt out to the fields in turn.
MATTERS: tuple[tuple[str, str, int], ...] = (
    ("06036", "楼道口堆放旧家具", 3),
    ("06010", "绿化带内有散落垃圾", 1),
    ("09012", "消防通道停放车辆", 1),
    ("06011", "墙角积存装修垃圾", 3),
    ("09006", "水果摊占用人行道", 1),
    ("06013", "路面破损约2平方米", 7),
    ("06001", "院内新搭彩钢棚", 10),
    ("07001", "单元门张贴小广告", 3),
    ("09005", "店铺货物摆到门外", 1),
    ("06042", "垃圾箱满溢", 1),
    ("06051", "盲道砖缺损", 7),
)
STATUSES = ("cleared", "cleared", "rectifying", "verifying", "assigned", "registered")
ORIGINS = ("patrol", "patrol", "own_check", "hotline", "supervision")
WORKS = (("rubbish", "rubbish_cleared_t"), ("piles", "piles_cleared"))
MARKET_FAULTS: tuple[frozenset[str], ...] = (
    frozenset({"public_order", "spilling", "zones"}),
    frozenset({"spilling", "licences"}),
    frozenset({"three_guards"}),
    frozenset({"paving", "spilling"}),
    frozenset(),
    frozenset({"closing"}),
    frozenset(),
    frozenset(),
)
MARKET_CHECKS = (
    "public_order", "hygiene", "sourcing", "three_guards", "licences", "zones", "spilling", "fire",
    "closing", "paving",
)  # fmt: skip
SHOPS: tuple[tuple[tuple[float, float], str, str | None], ...] = (
    ((-1180, 260), "互助路便民超市", None),
    ((-760, 290), "老马拉面馆", "hygiene"),
    ((-420, 280), "顺达五金店", "public_order"),
    ((60, 300), "康民药店", None),
    ((300, 350), "尕王牛肉面", "public_order"),
    ((700, 430), "兴旺粮油", None),
    ((1180, 480), "东川水果行", "public_order"),
    ((-1300, -140), "夏都理发店", None),
    ((-600, -130), "鑫鑫百货", "greening"),
    ((200, -70), "八宝茶楼", None),
    ((1000, 170), "高原土特产", "hygiene"),
    ((560, -900), "路家庄小卖部", None),
)
_MARKET, _MARKET_AT = "互助中路农贸市场", (-130, 130)


def sites() -> list[Record]:
    """Three of four fields have one, of the matters in turn."""
    own = [field for rank, field in enumerate(fields()) if rank % 4 != 3]
    return [_site(rank, field) for rank, field in enumerate(own)]


def _site(rank: int, field: Field) -> Record:
    matter, note, days = MATTERS[rank % len(MATTERS)]
    found = _FIRST_DAY + timedelta(days=3 * rank)
    at = records.free_spot(field.shape.representative_point())
    properties = {
        "number": f"巡查-{found:%Y}-{rank + 1:03d}",
        "matter": matter,
        "note": note,
        "address": records.address(at),
        "origin": ORIGINS[rank % len(ORIGINS)],
        "status": STATUSES[rank % len(STATUSES)],
        **_assigned(at),
        "found_on": found.isoformat(),
        "due": (found + timedelta(days=days)).isoformat(),
    }
    return Record(at, properties)


def courtyard_works() -> list[Record]:
    """Rubbish and piles of each courtyard in two pieces of work, which add up to its totals."""
    found: list[Record] = []
    for rank, yard in enumerate(records.courtyards()):
        for later, (work, name) in enumerate(WORKS):
            day = _FIRST_DAY + timedelta(days=9 * rank + 2 * later)
            figures = {"rubbish_cleared_t": None, "piles_cleared": None, "equipment_added": None}
            properties = {
                "number": f"楼院整治-{day:%Y}-{len(found) + 1:03d}",
                "courtyard": yard.properties["name"],
                "work": work,
                **figures,
                name: yard.properties[name],
                "note": None,
                **_assigned(yard.at),
                "done_on": day.isoformat(),
            }
            found.append(Record(yard.at, properties))
    return found


def market_inspections() -> list[Record]:
    """Two a month of the morning market, March to June."""
    gate = records.free_spot(Point(network.bent((_MARKET_AT,))[0]))
    found = []
    for rank, faults in enumerate(MARKET_FAULTS):
        at = Point(gate.x + 3 * rank, gate.y - 2 * rank)  # nobody stands twice on one spot
        day = date(2017, 3 + rank // 2, 8 + 14 * (rank % 2))
        properties = {
            "number": f"早市检查-{day:%Y}-{rank + 1:03d}",
            "market": _MARKET,
            **{name: "fault" if name in faults else "ok" for name in MARKET_CHECKS},
            "result": "fault" if faults else "ok",
            "participants": None,
            "note": None,
            **_assigned(at),
            "inspected_on": day.isoformat(),
        }
        found.append(Record(at, properties))
    return found


def shop_inspections() -> list[Record]:
    """What was found before the doors of some shops."""
    found = []
    for rank, (place, name, fault) in enumerate(SHOPS):
        at = records.free_spot(Point(network.bent((place,))[0]))
        day = date(2017, 4, 5) + timedelta(days=2 * rank)
        checks = ("hygiene", "greening", "public_order")
        properties = {
            "number": f"门前三包-{day:%Y}-{rank + 1:03d}",
            "shop": name,
            **{check: "fault" if check == fault else "ok" for check in checks},
            "result": "fault" if fault else "ok",
            "address": records.address(at),
            "note": None,
            **_assigned(at),
            "inspected_on": day.isoformat(),
        }
        found.append(Record(at, properties))
    return found


def _assigned(at: Point) -> dict[str, Any]:
    field = next(f for f in fields() if f.shape.covers(at))
    return {"field": field.code, "leader": duties.duties()[field.code].leader}
