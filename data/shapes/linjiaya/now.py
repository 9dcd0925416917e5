"""What is going on on the day on which the demo is loaded: days are told as D-3, D or D+5.

One who looks at the demo finds cases of every state and colour, structures half way through the
procedure, and meetings and looks at the market of the last weeks.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
from shapely import Point

from linjiaya import case_texts, cases, duties, meetings, plan, structures, trade
from linjiaya.cases import Case
from linjiaya.fields import Field, fields
from linjiaya.lives import Extended, Hung, Life, written
from linjiaya.plan import LANTIAN, STREET_CODE
from linjiaya.publicity import MARKET
from linjiaya.records import Record
from linjiaya.registers import Rows
from linjiaya.structures import Structure

_WHO_LOOKS = "祁生财"  # the demo's leader: what waits is theirs more often than others'
_STRUCK_OFF = 64  # within the last two months
_PICTURED = -14


@dataclass(frozen=True, slots=True)
class Open:
    """A case that waits: its matter, when it was found, until when it is due, how far it is."""

    matter: str
    found: int
    due: int
    days: Mapping[str, Any] = field(default_factory=dict)


def _at(assigned: int, accepted: int | None = None, **more: Any) -> Mapping[str, Any]:
    return {"assigned": assigned, "accepted": accepted, **more}


# Every state, and every level of being late.
_OPEN: tuple[Open, ...] = (
    Open("06010", 0, 0), Open("09005", 0, 1), Open("06036", -1, 2), Open("06012", -1, 2),
    Open("07001", 0, 1, _at(0)), Open("09010", -1, 1, _at(0)), Open("06013", -1, 6, _at(-1)),
    Open("06045", -3, 0, _at(-3)), Open("06005", -6, -2, _at(-6)),
    Open("09009", -2, 3, {"assigned": -2, "returned": (-1, case_texts.RETURNED[0])}),
    Open("08002", -4, 1, {"assigned": -4, "returned": (-2, case_texts.RETURNED[2])}),
    Open("06036", -2, 1, _at(-2, -1)), Open("06017", -2, 3, _at(-2, -1)),
    Open("06050", -5, 4, _at(-5, -4)), Open("09020", -3, 0, _at(-3, -2)),
    Open("06011", -4, -1, _at(-4, -3)), Open("06001", -9, -4, _at(-8, -7)),
    Open("06036", -14, -9, _at(-14, -13)), Open("06013", -22, -15, _at(-22, -20)),
    Open("06005", -34, -29, _at(-34, -33)),
    Open("06051", -8, 2, _at(-8, -7, extended=Extended(-3, 6, case_texts.EXTENDED[0]))),
    Open("06013", -40, -33, _at(-40, -39, hung=Hung(-36, 24, case_texts.HUNG[2]))),
    Open("06011", -5, 0, _at(-5, -4, done=-1)), Open("09004", -4, 1, _at(-4, -3, done=0)),
    Open("06012", -3, 1, _at(-3, -2, done=-1, verifying=0)),
    Open("06017", -6, -1, _at(-6, -5, rejected=(-2, case_texts.REJECTED[0]))),
    Open("07008", -7, -1, _at(-7, -6, done=-2, verifying=-1)),
)  # fmt: skip

_STRUCTURES: tuple[Structure, ...] = (
    Structure(
        number="违建-现-001",
        at=(1230, 830),
        use="residence",
        built_of="brick_concrete",
        storeys=1,
        areas=(46.0, 45.1),
        party="马文成",
        found=-1,
        stage="registered",
    ),
    Structure(
        number="违建-现-002",
        at=(-1310, -430),
        use="storage",
        built_of="colour_steel",
        storeys=1,
        areas=(138.0, 139.6),
        party="西宁恒源仓储部",
        found=-11,
        stage="investigated",
    ),
    Structure(
        number="违建-现-003",
        at=(1330, -560),
        use="animals",
        built_of="brick_timber",
        storeys=1,
        areas=(72.5, 72.5),
        party="路生财",
        found=-19,
        stage="notified",
    ),
    Structure(
        number="违建-现-004",
        at=(840, 610),
        use="business",
        built_of="steel_shed",
        storeys=1,
        areas=(95.0, 93.8),
        party="韩国祥",
        found=-33,
        stage="decided",
    ),
    Structure(
        number="违建-现-005",
        at=(470, -540),
        use="storage",
        built_of="steel_shed",
        storeys=1,
        areas=(260.0, 260.0),
        party="路家庄建材店",
        found=-52,
        stage="decided",
        way="self",
        pieces=((44, 110.0),),
    ),
    Structure(
        number="违建-现-006",
        at=(1560, 840),
        use="residence",
        built_of="brick_concrete",
        storeys=2,
        areas=(184.0, 182.2),
        party="李万寿",
        found=-71,
        stage="announced",
    ),
)
_MEETINGS = (
    ("promotion", -4, "本月重点案件调度"), ("joint", -11, "辖区单位冬春季联合整治"),
    ("promotion", -18, "逾期案件督办"), ("promotion", -33, "月度台账核对"),
    ("joint", -40, "共建单位责任区划分"), ("promotion", -47, "违法建设进度调度"),
    ("promotion", -62, "市容环境月度讲评"),
)  # fmt: skip


@cache
def known() -> Mapping[str, Case]:
    """The cases of now by number."""
    rng = np.random.default_rng([plan.SEED, 1])
    own = [f for f in fields() if duties.duties()[f.code].leader == _WHO_LOOKS]
    found = [*_struck_off(rng), *_open(own, rng)]
    found.sort(key=lambda case: int(str(case.life.found)))
    return {f"巡查-现-{rank:03d}": case for rank, case in enumerate(found, 1)}


def _open(own: list[Field], rng: np.random.Generator) -> Iterator[Case]:
    for rank, each in enumerate(_OPEN):
        home = own[rank // 3 % len(own)] if rank % 3 == 0 else _any(rng)
        life = Life(people=cases.people(home), found=each.found, due=each.due, **each.days)
        yield _case(each.matter, home, life, rng)


def _struck_off(rng: np.random.Generator) -> Iterator[Case]:
    codes = [each.code for each in case_texts.MATTERS if each.code != "10001"]
    for rank in range(_STRUCK_OFF):
        found = -2 - 60 * rank // _STRUCK_OFF
        due = found + int(rng.integers(1, 5))
        # One of six was late.
        cleared = min(0, due + (2 if rank % 6 == 0 else -int(rng.integers(0, due - found))))
        home = _any(rng)
        life = Life(
            people=cases.people(home),
            found=found,
            due=due,
            assigned=found,
            accepted=found,
            done=cleared,
            verifying=cleared,
            cleared=cleared,
        )
        yield _case(codes[int(rng.integers(len(codes)))], home, life, rng)


def _any(rng: np.random.Generator) -> Field:
    return fields()[int(rng.integers(len(fields())))]


def _case(code: str, home: Field, life: Life, rng: np.random.Generator) -> Case:
    matter = case_texts.BY_CODE[code]
    origins = ("patrol", "own_check", "hotline", "supervision")
    return Case(
        at=cases.spot(home, rng),
        matter=matter,
        note=str(rng.choice(matter.notes)),
        origin=origins[int(rng.integers(len(origins)))],
        life=life,
        measure=matter.measure,
        progress=matter.progress,
        unit=cases.unit(matter, home),
    )


def layers() -> dict[str, list[Record]]:
    """The points of now by layer."""
    orders = {id(case): number for number, case in known().items()}
    return {
        "sites": [
            Record(case.at, cases.properties(case, number, orders, None))
            for number, case in known().items()
        ],
        "illegal_structures": structures.illegal_structures(_STRUCTURES),
        "market_inspections": _market(),
        "shop_inspections": _shops(),
    }


def registers() -> dict[str, Rows]:
    """The registers of now by layer."""
    return {
        "structure_documents": structures.structure_documents(_STRUCTURES),
        "demolitions": structures.demolitions(_STRUCTURES),
        "meetings": _meetings(),
        "volunteer_activities": _activities(),
    }


def steps() -> Rows:
    """The steps of the cases of now."""
    return [*cases.steps_of("sites", known()), *structures.steps(_STRUCTURES)]


def photos() -> Rows:
    """Pictures of what is being done, and of what was done of late."""
    recent = {n: case for n, case in known().items() if int(str(case.life.found)) >= _PICTURED}
    return cases.photos_of("sites", recent)


def _meetings() -> Rows:
    return [
        {
            "number": f"会议-现-{rank:03d}",
            "kind": kind,
            "held_on": written(day),
            "venue": meetings.OFFICE,
            "chair": "才让多杰",
            "attendance": 17 + 2 * rank,
            "topic": topic,
            "division": STREET_CODE,
        }
        for rank, (kind, day, topic) in enumerate(_MEETINGS, 1)
    ]


def _activities() -> Rows:
    return [
        {
            "number": f"志愿-现-{rank:03d}",
            "team": "蓝天社区党员志愿服务队",
            "held_on": written(-9 * rank),
            "venue": "粮站家属院",
            "theme": "清理楼院乱堆杂物",
            "headcount": 8 + rank % 3,
            "hours": 3.5,
            "division": LANTIAN,
        }
        for rank in range(1, 7)
    ]


def _market() -> list[Record]:
    gate, found = trade.at_market(), []
    for rank, (day, faults) in enumerate(((-6, ("spilling",)), (-20, ()), (-34, ()), (-48, ()))):
        at = Point(gate.x - 2 * rank, gate.y + 1.5 * rank)
        properties = {
            "number": f"早市检查-现-{rank + 1:03d}",
            "market": MARKET,
            **trade.inspected(at, faults, trade.CHECKS),
            "participants": "街道综合执法队、派出所、食药监所",
            "note": None,
            "inspected_on": written(day),
        }
        found.append(Record(at, properties))
    return found


def _shops() -> list[Record]:
    return [
        replace(
            each,
            properties={
                **each.properties,
                "number": f"门前三包-现-{rank:03d}",
                "inspected_on": written(-3 - rank),
            },
        )
        for rank, each in enumerate(trade.shop_inspections()[:6], 1)
    ]
