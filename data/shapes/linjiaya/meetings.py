"""The three kinds of meetings (三会): twice a month, once a month and where need be, with what
they decided; some decisions became cases of the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from linjiaya import days
from linjiaya.plan import STREET_CODE
from linjiaya.registers import Rows

_CHAIRS = ("才让多杰", "李生芳", "马国良", "王海宁")
OFFICE = "街道办事处会议室"
_PROMOTION = (
    "部署创城年度任务", "春节前环境卫生整治", "背街小巷卫生整治", "城乡结合部环境整治",
    "楼院整治任务分解", "早市秩序专项整治", "违法建设排查认领", "农贸市场防撞设施安装",
    "创城宣传品更新", "网格责任田划分核对", "门前三包责任书签订", "无物业楼院垃圾清运",
    "拆除违建现场调度", "创城测评迎检准备", "测评反馈问题整改", "消防通道专项清理",
    "秋季市容整治", "国庆前环境保障", "落叶清扫与防火", "冬季取暖安全检查",
    "除雪铲冰责任到人", "年终台账核对销号", "冬季早市秩序巩固", "全年创城工作总结",
)  # fmt: skip
_JOINT = (
    "辖区单位认领创城任务", "春节值班与慰问", "单位门前卫生责任", "周边停车秩序",
    "共建楼院整治", "志愿服务结对", "迎检期间联合巡查", "暑期校园周边整治",
    "开学季交通疏导", "国庆安保联动", "冬季消防联合检查", "共建工作年度总结",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decision:
    """What a meeting of a kind in a month decided; `case` is the matter and the words of the case
    that it became, and where that is; it is to be done within `days`."""

    kind: str
    month: int
    text: str
    unit: str
    days: int
    case: tuple[str, str, str] | None = None
    at: tuple[float, float] | None = None


DECISIONS: tuple[Decision, ...] = (
    Decision(
        "promotion",
        1,
        "春节前清理祁连路沿线卫生死角",
        "站西社区居委会",
        7,
        ("06012", "祁连路沿线人行道积灰、有散落垃圾", "组织三支志愿队分段清扫，洒水车冲洗"),
        (-1043, 530),
    ),
    Decision(
        "joint",
        2,
        "站前客运公司整治出站口停车秩序",
        "站前客运公司",
        10,
        ("09009", "出站口两侧车辆随意停放，影响通行", "施划停车位，安排专人引导"),
        (-330, 600),
    ),
    Decision(
        "promotion",
        3,
        "对早市占道经营集中整治一周",
        "街道综合执法队",
        7,
        ("09020", "早市摊位溢出划线，占用人行道", "联合派出所、食药监所每日早市驻点"),
        (-130, 130),
    ),
    Decision(
        "matter",
        3,
        "硬化下庄巷破损道路，方便村民出行",
        "路家庄村委会",
        45,
        ("06013", "下庄巷土路坑洼，雨天泥泞，村民出行难", "平整路基，混凝土硬化路面"),
        (1180, -540),
    ),
    Decision(
        "promotion",
        4,
        "拆除毛纺厂家属院楼后废弃煤房内杂物",
        "蓝天社区居委会",
        10,
        ("06036", "废弃煤房内外堆满旧木料", "发动楼院党员清理，清运两车"),
        (520, 110),
    ),
    Decision(
        "joint",
        4,
        "湟水医院门前非机动车停放点重新划线",
        "湟水医院",
        10,
        ("09010", "医院门前电动车堵住盲道", "划设停放区，增加看护人员"),
        (-110, -230),
    ),
    Decision(
        "promotion",
        5,
        "清理铁路工程家属院消防通道",
        "站西社区居委会",
        5,
        ("09012", "家属院大门内长期停放报废车", "联系车主拖离，设置隔离桩"),
        (-740, 400),
    ),
    Decision(
        "matter",
        5,
        "为粮站家属院居民办实事：腾出场地增设晾衣架、休闲座椅和垃圾箱",
        "蓝天社区居委会",
        40,
        ("06036", "楼间空地被杂物占满，居民无处晾晒休息", "清空场地，增设便民设施，居民自管"),
        (230, -300),
    ),
    Decision(
        "joint",
        5,
        "东川建材公司冲洗出场车辆，不带泥上路",
        "东川建材公司",
        10,
        ("06012", "运料车带泥上路，路面污染约200米", "设洗车台，安排洒水车每日两次"),
        (1330, -40),
    ),
    Decision(
        "promotion",
        6,
        "更换崖头路破损公益广告",
        "林家崖村委会",
        10,
        ("07008", "崖头路公益广告牌褪色破损", "拆旧换新，画面重新制作"),
        (1330, 670),
    ),
    Decision(
        "promotion",
        7,
        "测评反馈的楼道小广告限三日清完",
        "站西社区居委会",
        3,
        ("07001", "测评反馈：多个单元楼道有小广告", "网格员分楼包干，粉刷覆盖"),
        (-604, 136),
    ),
    Decision(
        "promotion",
        8,
        "补种建新路被毁绿地",
        "蓝天社区居委会",
        12,
        ("06045", "建新路绿地被踩踏种菜", "清除菜地，补种草坪"),
        (590, 150),
    ),
    Decision(
        "joint",
        9,
        "学校门前家长接送区划线引导",
        "林家崖学校",
        7,
        ("09009", "放学时段家长车辆停满机动车道", "划定接送区，志愿者值守"),
        (450, 590),
    ),
    Decision(
        "promotion",
        10,
        "修补站东巷路缘石",
        "街道城市管理办公室",
        10,
        ("06050", "站东巷路缘石缺损约6米", "更换路缘石"),
        (50, 400),
    ),
    Decision("joint", 11, "各单位包干门前积雪", "各辖区单位", 20),
    Decision("promotion", 12, "重点路段除冰责任到人", "街道城市管理办公室", 15),
)


@dataclass(frozen=True, slots=True)
class Held:
    """A meeting that was held."""

    number: str
    kind: str
    day: date
    topic: str


@cache
def held() -> tuple[Held, ...]:
    """All meetings in the order of their days."""
    found = [
        *(_on(kind, topic, month, day) for kind, topics, dates in _SERIES
          for (month, day), topic in zip(dates, topics, strict=True)),
        _on("matter", "下庄巷道路硬化", 3, 14),
        _on("matter", "服务居民：粮站家属院便民设施", 5, 9),
    ]  # fmt: skip
    found.sort(key=lambda each: each[0])
    return tuple(
        Held(f"会议-{days.YEAR}-{rank:03d}", kind, day, topic)
        for rank, (day, kind, topic) in enumerate(found, 1)
    )


_SERIES = (
    ("promotion", _PROMOTION, [(month, day) for month in range(1, 13) for day in (5, 17)]),
    ("joint", _JOINT, [(month, 11) for month in range(1, 13)]),
)


def _on(kind: str, topic: str, month: int, day: int) -> tuple[date, str, str]:
    return days.on_or_after(date(days.YEAR, month, day)), kind, topic


def meetings() -> Rows:
    """The meetings as a register."""
    attendance = {"promotion": 26, "joint": 18, "matter": 14}
    return [
        {
            "number": each.number,
            "kind": each.kind,
            "held_on": each.day.isoformat(),
            "venue": OFFICE,
            "chair": _CHAIRS[rank % len(_CHAIRS)],
            "attendance": attendance[each.kind] + rank * 5 % 7,
            "topic": each.topic,
            "division": STREET_CODE,
        }
        for rank, each in enumerate(held())
    ]


def meeting_of(decision: Decision) -> Held:
    """The first meeting of its kind in its month."""
    wanted = (decision.kind, decision.month)
    return next(each for each in held() if (each.kind, each.day.month) == wanted)


def due(decision: Decision) -> date:
    """Until when it is to be done."""
    return days.on_or_after(meeting_of(decision).day + timedelta(days=decision.days))


@cache
def decided() -> dict[str, Decision]:
    """The decisions by their numbers, in the order of their days."""
    ordered = sorted(DECISIONS, key=lambda each: meeting_of(each).day)
    return {f"决议-{days.YEAR}-{rank:03d}": each for rank, each in enumerate(ordered, 1)}


def decisions(cases: Mapping[str, tuple[str, str]]) -> Rows:
    """What was decided; `cases` are, by its number, the case that it became and when that was
    cleared."""
    found: Rows = []
    for number, decision in decided().items():
        meeting, last = meeting_of(decision), due(decision).isoformat()
        case, settled = cases.get(number, (None, last))
        found.append(
            {
                "number": number,
                "meeting": meeting.number,
                "text": decision.text,
                "unit": decision.unit,
                "due": last,
                "decided_on": meeting.day.isoformat(),
                "settled_on": settled,
                "case": case,
                "division": STREET_CODE,
            }
        )
    return found
