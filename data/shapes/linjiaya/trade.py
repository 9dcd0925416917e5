"""The morning market and the shops, and every look that was taken at them in the year."""

from datetime import date

from shapely import Point

from linjiaya import days, records
from linjiaya.publicity import MARKET
from linjiaya.records import Record

MARKET_AT = (-130, 130)
CHECKS = (
    "public_order", "hygiene", "sourcing", "three_guards", "licences", "zones", "spilling", "fire",
    "closing", "paving",
)  # fmt: skip
# Much was wrong in spring, hardly anything once the market had been put in order.
_FAULTS: tuple[tuple[str, ...], ...] = (
    ("public_order", "spilling", "zones", "paving"), ("spilling", "paving", "closing"),
    ("public_order", "three_guards", "paving"), ("spilling", "licences", "paving"),
    ("public_order", "spilling", "zones"), ("spilling", "licences"), ("three_guards", "paving"),
    ("paving", "spilling"), ("closing",), ("sourcing",), ("zones",), (), ("three_guards",), (),
    (), ("spilling",), (), (), ("fire",), (), (), ("closing",), (), (),
)  # fmt: skip
_TOOK_PART = ("街道综合执法队马志远", "派出所民警李建国", "食药监所赵晓梅", "市场管理员韩成林")
# Place, name, trade, owner, the point that was at fault in spring.
SHOPS: tuple[tuple[tuple[float, float], str, str, str, str | None], ...] = (
    ((-1180, 260), "互助路便民超市", "retail", "马成祥", None),
    ((-760, 290), "老马拉面馆", "food", "马哈克", "hygiene"),
    ((-420, 280), "顺达五金店", "retail", "陈顺达", "public_order"),
    ((60, 300), "康民药店", "retail", "许惠兰", None),
    ((300, 350), "尕王牛肉面", "food", "王有财", "public_order"),
    ((700, 430), "兴旺粮油", "retail", "杨兴旺", None),
    ((1180, 480), "东川水果行", "retail", "韩东川", "public_order"),
    ((-1300, -140), "夏都理发店", "services", "祁小霞", None),
    ((-600, -130), "鑫鑫百货", "retail", "刘鑫", "greening"),
    ((200, -70), "八宝茶楼", "food", "冶八宝", None),
    ((1000, 170), "高原土特产", "retail", "才旦卓玛", "hygiene"),
    ((560, -900), "路家庄小卖部", "retail", "路生莲", None),
    ((-1120, 500), "建材巷馒头房", "food", "何桂花", "hygiene"),
    ((-180, 260), "市场口熟食店", "food", "马小兵", "public_order"),
    ((560, 470), "学府文具", "retail", "田文秀", None),
    ((880, -60), "南沟修车铺", "repair", "鲁修德", "hygiene"),
)
_SHOP_CHECKS = ("hygiene", "greening", "public_order")
_ROUNDS = (
    (3, 8), (4, 5), (5, 10), (6, 14), (7, 12), (8, 16),
    (9, 13), (10, 18), (11, 15), (12, 13),
)  # fmt: skip


def at_market() -> Point:
    """Before its gate."""
    return records.free_spot(records.on_map(MARKET_AT))


def markets() -> list[Record]:
    """The one morning market of the street."""
    at = at_market()
    properties = {
        "name": MARKET,
        "kind": "morning",
        "stalls": 126,
        "opens": "06:00",
        "closes": "09:30",
        "manager": "韩成林",
        "phone": "16020000000",
        "address": records.address(at),
    }
    return [Record(at, properties)]


def shops() -> list[Record]:
    """The shops whose frontages are looked at; nobody has these numbers."""
    found = []
    for rank, (place, name, trade, owner, _) in enumerate(SHOPS, 1):
        at = records.free_spot(records.on_map(place))
        properties = {
            "name": name,
            "address": records.address(at),
            "trade": trade,
            "owner": owner,
            "phone": f"160{20_000_000 + rank:08}",
            "signed_on": days.after(date(days.YEAR, 3, 1), rank).isoformat(),
        }
        found.append(Record(at, properties))
    return found


def inspected(at: Point, faults: tuple[str, ...], names: tuple[str, ...]) -> dict[str, object]:
    """What was found of each point of a list, what it came to, and whose ground it is."""
    return {
        **{name: "fault" if name in faults else "ok" for name in names},
        "result": "fault" if faults else "ok",
        **records.assigned(at),
    }


def market_inspections() -> list[Record]:
    """Two joint inspections a month of the morning market."""
    gate, found = at_market(), []
    for rank, faults in enumerate(_FAULTS):
        at = Point(gate.x + 1.5 * rank, gate.y - rank)  # nobody stands twice on one spot
        day = days.on_or_after(date(days.YEAR, 1 + rank // 2, 5 + 14 * (rank % 2)))
        properties = {
            "number": f"早市检查-{day:%Y}-{rank + 1:03d}",
            "market": MARKET,
            **inspected(at, faults, CHECKS),
            "participants": "、".join(_TOOK_PART),
            "note": "当场整改并复查" if faults else None,
            "inspected_on": day.isoformat(),
        }
        found.append(Record(at, properties))
    return found


def shop_inspections() -> list[Record]:
    """The rounds of 门前三包, at each shop in turn every second month."""
    spots: list[Record] = shops()
    found: list[Record] = []
    for turn, (month, day) in enumerate(_ROUNDS):
        for rank, (_, name, _, _, weak) in enumerate(SHOPS):
            if (rank + turn) % 2:
                continue
            # Who was told mends it for a while; in autumn some forget.
            fault = weak if turn in {0, 1, 3, 7} else None
            at = spots[rank].at
            properties = {
                "number": f"门前三包-{days.YEAR}-{len(found) + 1:03d}",
                "shop": name,
                **inspected(at, (fault,) if fault else (), _SHOP_CHECKS),
                "address": spots[rank].properties["address"],
                "note": "已当场告知，限期整改" if fault else None,
                "inspected_on": days.on_or_after(date(days.YEAR, month, day)).isoformat(),
            }
            found.append(Record(at, properties))
    return found
