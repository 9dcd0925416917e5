"""Who answers for which field. Every person here is invented."""

from dataclasses import dataclass
from functools import cache
from itertools import combinations

import shapely

from linjiaya.fields import Field, fields

# Section-level leaders, one for each community.
LIAISON_LEADERS = {
    "630102007001": "才让多杰",
    "630102007004": "李生芳",
    "630102007202": "马国良",
    "630102007203": "王海宁",
}
LEADERS = (
    "祁生财", "韩志强", "马晓燕", "陈永红", "拉毛措", "冶成明", "刘青山", "赵玉梅",
    "马德福", "杨文涛", "李芳", "沙明德", "索南才让", "鲁占奎", "王秀兰", "丁辉",
    "祁永贞", "韩梅",
)  # fmt: skip
DEPUTIES = (
    "张海英", "马俊", "李建军", "冶海兰", "王军", "卓玛措", "孙丽娟", "马有林",
    "陈国栋", "祁玉莲", "周燕", "韩成龙", "多杰太", "刘洋", "马秀英", "赵文斌",
    "鲍玉花", "李永胜", "马兰", "徐建平", "王晓东", "扎西加", "何玉萍", "马占山",
)  # fmt: skip
PEOPLE_LEADS = (
    "马玉珍", "郭建华", "李秀琴", "冶文军", "王成林", "央金卓玛", "苏燕", "乔生元",
    "马海明", "许静",
)  # fmt: skip
AREA_LEADS = (
    "杨占林", "马忠", "谢春梅", "胡永德", "尕藏加", "白玉兰", "马志远", "李毓秀",
)  # fmt: skip
TASK_LEADS = (
    "宋伟", "马文英", "祁国庆", "田小芹",
)  # fmt: skip


@dataclass(frozen=True)
class Duty:
    """The persons of one field."""

    leader: str
    deputy: str
    people_lead: str
    area_lead: str
    task_lead: str


@cache
def duties() -> dict[str, Duty]:
    """The duties by the field's code."""
    found: dict[str, Duty] = {}
    divisions = sorted({f.seed.division for f in fields()})
    groups = [g for division in divisions for g in _groups(division)]
    for rank, group in enumerate(groups):
        for field in group:
            at = len(found)
            found[field.code] = Duty(
                leader=LEADERS[rank],
                deputy=DEPUTIES[at * len(DEPUTIES) // len(fields())],
                people_lead=PEOPLE_LEADS[at * len(PEOPLE_LEADS) // len(fields())],
                area_lead=AREA_LEADS[rank * len(AREA_LEADS) // len(groups)],
                task_lead=TASK_LEADS[divisions.index(field.seed.division)],
            )
    return found


def _groups(division: str) -> list[tuple[Field, ...]]:
    """The division shared out among leaders, the borders between them as short as can be."""
    own = [f for f in fields() if f.seed.division == division]
    blocks = {
        frozenset(block): _perimeter(block)
        for size in (2, 3)
        for block in combinations(own, size)
        if _hangs_together(block)
    }

    @cache
    def best(rest: frozenset[Field]) -> tuple[float, tuple[frozenset[Field], ...]]:
        if not rest:
            return 0.0, ()
        first = min(rest, key=lambda f: f.code)
        ways = [
            (size + best(rest - block)[0], (block, *best(rest - block)[1]))
            for block, size in blocks.items()
            if first in block and block <= rest
        ]
        return min(ways, key=lambda way: way[0], default=(float("inf"), ()))

    chosen = best(frozenset(own))[1]
    ordered = [tuple(sorted(block, key=lambda f: f.code)) for block in chosen]
    return sorted(ordered, key=lambda block: block[0].code)


def _perimeter(block: tuple[Field, ...]) -> float:
    return float(shapely.union_all([f.shape for f in block]).length)


def _hangs_together(block: tuple[Field, ...]) -> bool:
    """Whether the fields form one area joined along borders, not only at corners."""
    # Narrowing parts what only touches at a corner or along a few metres.
    return shapely.union_all([f.shape for f in block]).buffer(-8).geom_type == "Polygon"
