"""Publicity, campaign days, what was built at the market, and where the money went.

The quantities add up to what the source reports, month by month until the campaign ended.
"""

from datetime import date, timedelta

from linjiaya import days
from linjiaya.plan import LANTIAN, LINJIAYA, LUJIAZHUANG, STREET_CODE, ZHANXI
from linjiaya.registers import Row, Rows, numbered

# Kind, day, quantity, cost in yuan, where, division.
_DONE: tuple[tuple[str, tuple[int, int], int, int, str, str], ...] = (
    ("board", (1, 16), 8, 3_840, "互助中路公交站、农贸市场门口", LANTIAN),
    ("board", (2, 20), 11, 5_280, "站前广场、建国路沿线", ZHANXI),
    ("board", (4, 10), 10, 4_800, "林家崖路、崖头路沿线", LINJIAYA),
    ("board", (5, 22), 8, 3_840, "路家庄路、下庄巷口", LUJIAZHUANG),
    ("led", (1, 20), 240, 400, "站前客运公司候车厅电子屏", ZHANXI),
    ("led", (2, 17), 260, 500, "沿街商铺门头电子屏", LANTIAN),
    ("led", (3, 17), 280, 500, "沿街商铺门头电子屏", LANTIAN),
    ("led", (4, 21), 260, 600, "湟水医院门诊大厅电子屏", LANTIAN),
    ("led", (5, 19), 280, 600, "东川建材公司大门电子屏", LINJIAYA),
    ("led", (6, 16), 280, 600, "街道办事处电子屏", STREET_CODE),
    ("poster", (3, 6), 36, 540, "各楼院单元门", ZHANXI),
    ("poster", (4, 17), 24, 360, "村委会和文化站", LUJIAZHUANG),
    ("message", (3, 2), 60, 60, "居民微信群", STREET_CODE),
    ("message", (4, 24), 70, 80, "商户短信", STREET_CODE),
    ("message", (6, 5), 70, 100, "居民微信群和短信", STREET_CODE),
    ("questionnaire", (4, 6), 800, 640, "创城测评问卷，蓝天社区入户", LANTIAN),
    ("questionnaire", (5, 11), 700, 560, "创城测评问卷，站西社区入户", ZHANXI),
    ("questionnaire", (6, 13), 500, 400, "创城测评问卷，两村入户", LINJIAYA),
    ("print", (2, 27), 260, 8_320, "昆仑东路围挡喷绘", LUJIAZHUANG),
    ("print", (4, 13), 240, 7_680, "夏都大街施工围挡喷绘", ZHANXI),
    ("print", (6, 8), 200, 6_400, "团结路围墙喷绘", LANTIAN),
    ("panel", (2, 9), 40, 3_800, "社区宣传橱窗", LANTIAN),
    ("panel", (3, 23), 40, 3_800, "社区宣传橱窗", ZHANXI),
    ("panel", (5, 4), 40, 3_800, "村史馆展板", LINJIAYA),
    ("panel", (6, 22), 40, 3_800, "学校流动展板", LANTIAN),
    ("banner", (1, 12), 12, 960, "互助中路过街横幅", LANTIAN),
    ("banner", (4, 5), 10, 800, "祁连路、建国路", ZHANXI),
    ("banner", (7, 3), 8, 640, "路家庄路", LUJIAZHUANG),
    ("booklet", (3, 13), 6_000, 7_200, "市民文明手册，入户发放", STREET_CODE),
    ("booklet", (5, 8), 5_000, 6_000, "创城知识手册，入户发放", STREET_CODE),
    ("booklet", (6, 26), 4_000, 4_800, "垃圾分类手册，入户发放", STREET_CODE),
    ("letter", (3, 9), 2_500, 875, "致居民的一封信", STREET_CODE),
    ("letter", (5, 15), 1_500, 525, "致商户的一封信", STREET_CODE),
    ("show", (1, 24), 1, 2_500, "迎新春文艺演出，站前广场", ZHANXI),
    ("show", (3, 8), 1, 2_500, "巾帼文明专场，街道文化广场", LANTIAN),
    ("show", (4, 28), 1, 2_500, "劳动者之歌，东川建材公司", LINJIAYA),
    ("show", (5, 26), 1, 2_500, "创城进校园，林家崖学校", LANTIAN),
    ("show", (6, 30), 1, 2_500, "党旗飘扬广场演出，街道文化广场", LANTIAN),
    ("show", (7, 14), 1, 2_400, "消夏晚会，路家庄文化站", LUJIAZHUANG),
)
MARKET = "互助中路农贸市场"
# Work, day, cost in yuan, paved m², what.
_MARKET_WORKS: tuple[tuple[str, tuple[int, int], int, int | None, str], ...] = (
    ("barrier", (3, 31), 120_000, None, "南北入口安装升降防撞柱和防撞护栏"),
    ("paving", (5, 12), 34_300, 400, "市场南区破损路面重新硬化"),
    ("paving", (6, 19), 25_700, 300, "市场北区路面硬化并重划摊位线"),
)
# Day, purpose, yuan, to whom; publicity and the market's works are paid from their own records.
_OTHER_FUNDS: tuple[tuple[tuple[int, int], str, int, str], ...] = (
    ((3, 20), "楼院垃圾清运车辆租赁", 15_600, "青宁运输服务部"),
    ((4, 20), "楼院消防器材采购", 21_800, "西宁安达消防器材店"),
    ((5, 25), "楼院垃圾箱、果皮箱采购", 17_400, "城东环卫设备经营部"),
    ((6, 15), "违法建设助拆机械费", 26_500, "诚信土石方工程队"),
    ((9, 18), "志愿者服装和工具", 6_900, "利民劳保用品店"),
    ((11, 20), "冬季除雪铲冰物资", 8_200, "利民劳保用品店"),
)
_CAMPAIGN = (
    ("清理背街小巷卫生死角", 96), ("整治农贸市场周边秩序", 74), ("清理楼院乱堆杂物", 88),
    ("劝导车辆规范停放", 62), ("清洗护栏、果皮箱", 58), ("清除小广告", 81),
)  # fmt: skip
_HEALTH = (
    ("除四害统一投药", 45), ("清理积水和杂草", 67), ("健康知识宣传进楼院", 52),
    ("病媒生物防制检查", 38), ("控烟劝导和义诊", 41), ("除雪扫冰、保洁大清扫", 104),
)  # fmt: skip


def publicity() -> Rows:
    """What was put up, sent and handed out, in the order of the days."""
    found = [
        {
            "kind": kind,
            "done_on": date(days.YEAR, *day).isoformat(),
            "quantity": quantity,
            "cost_yuan": cost,
            "venue": venue,
            "division": division,
        }
        for kind, day, quantity, cost, venue, division in sorted(_DONE, key=lambda each: each[1])
    ]
    return numbered("宣传", found)


def market_works() -> Rows:
    """The barrier and the paving of the market."""
    found = [
        {
            "market": MARKET,
            "work": work,
            "cost_yuan": cost,
            "area_m2": area,
            "done_on": date(days.YEAR, *day).isoformat(),
            "division": LANTIAN,
        }
        for work, day, cost, area, _ in _MARKET_WORKS
    ]
    return numbered("市场工程", found)


def campaign_days() -> Rows:
    """创城日 on the first Friday of each month, 建卫日 on the third."""
    found: Rows = []
    for rank, month in enumerate(days.months()):
        friday = month + timedelta(days=(4 - month.weekday()) % 7)
        for kind, name, week, texts in (
            ("civilised", "创城日", 0, _CAMPAIGN),
            ("healthy", "建卫日", 2, _HEALTH),
        ):
            content, people = texts[rank % len(texts)]
            found.append(
                {
                    "name": f"{month.month}月{name}",
                    "kind": kind,
                    "held_on": (friday + timedelta(weeks=week)).isoformat(),
                    "participants": people + 3 * rank,
                    "content": content,
                    "division": STREET_CODE,
                }
            )
    return found


def funds() -> Rows:
    """Payments: for publicity by quarter, for the market's works one by one, for all else."""
    paid = [*_for_publicity(), *_for_market(), *_for_others()]
    return numbered("经费", sorted(paid, key=lambda row: str(row["paid_on"])))


def _paid(day: date, purpose: str, amount: int, payee: str) -> Row:
    return {
        "purpose": purpose,
        "amount_yuan": amount,
        "paid_on": days.on_or_after(day).isoformat(),
        "payee": payee,
        "division": STREET_CODE,
    }


def _for_publicity() -> Rows:
    ends = (date(days.YEAR, 3, 31), date(days.YEAR, 5, 31), days.CAMPAIGN_END)
    begins = (date.min, *ends)
    found = []
    for first, last in zip(begins, ends, strict=False):
        costs = [
            row["cost_yuan"]
            for row in publicity()
            if first.isoformat() < row["done_on"] <= last.isoformat()
        ]
        amount, day = sum(costs), days.on_or_before(last)
        purpose = f"创城宣传制作费（至{last.month}月）"
        found.append(_paid(day, purpose, amount, "西宁新视界广告部"))
    return found


def _for_market() -> Rows:
    return [
        _paid(date(days.YEAR, *day), what, cost, "河湟市政工程队")
        for _, day, cost, _, what in _MARKET_WORKS
    ]


def _for_others() -> Rows:
    return [
        _paid(date(days.YEAR, *day), purpose, amount, payee)
        for day, purpose, amount, payee in _OTHER_FUNDS
    ]
