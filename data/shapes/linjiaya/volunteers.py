"""The volunteers: their teams, and what they did until the campaign ended."""

from datetime import date

from linjiaya import days
from linjiaya.plan import LANTIAN, LINJIAYA, LUJIAZHUANG, STREET_CODE, ZHANXI
from linjiaya.registers import Rows, numbered

# Name, kind, people, leader, founded, division.
_TEAMS: tuple[tuple[str, str, int, str, str, str], ...] = (
    ("街道机关党员志愿服务队", "party", 16, "宋建明", "2016-03-05", STREET_CODE),
    ("蓝天社区党员志愿服务队", "party", 12, "马玉珍", "2016-05-10", LANTIAN),
    ("站西社区党员志愿服务队", "party", 11, "冶文军", "2016-05-10", ZHANXI),
    ("蓝天社区助老服务队", "elder_care", 10, "李秀琴", "2016-09-20", LANTIAN),
    ("站西社区助老服务队", "elder_care", 9, "王成林", "2016-10-09", ZHANXI),
    ("林家崖村治安巡逻队", "patrol", 10, "马忠", "2016-06-01", LINJIAYA),
    ("路家庄村治安巡逻队", "patrol", 9, "马海明", "2016-06-01", LUJIAZHUANG),
    ("互助中路文明交通劝导队", "traffic", 8, "谢春梅", "2017-01-03", LANTIAN),
    ("建国路文明交通劝导队", "traffic", 9, "胡永德", "2017-01-03", ZHANXI),
    ("街道计生宣传服务队", "family_planning", 8, "田小芹", "2016-07-11", STREET_CODE),
    ("青年环保志愿服务队", "other", 8, "刘洋", "2016-11-15", LINJIAYA),
)
_THEMES: dict[str, tuple[str, ...]] = {
    "party": ("清理楼院乱堆杂物", "政策宣讲进楼院", "认领微心愿", "清扫背街小巷"),
    "elder_care": ("上门为老人理发、打扫", "陪同老人就医取药", "冬季取暖安全走访"),
    "patrol": ("夜间治安巡逻", "防火防盗入户提醒", "重点部位巡查"),
    "traffic": ("早高峰路口文明劝导", "学校门前护学", "劝导非机动车规范停放"),
    "family_planning": ("优生优育政策宣传", "关怀计生困难家庭"),
    "other": ("湟水河岸捡拾垃圾", "垃圾分类入户指导", "清除小广告"),
}
_VENUES = {
    STREET_CODE: ("街道文化广场", "互助中路"),
    LANTIAN: ("毛纺厂家属院", "粮站家属院", "互助中路与团结路口"),
    ZHANXI: ("建材厂家属院", "铁路工程家属院", "建国路与祁连路口"),
    LINJIAYA: ("林家崖村委会", "崖头路"),
    LUJIAZHUANG: ("路家庄文化站", "路家庄路"),
}
_ACTIVITIES = 200
# Hours as recorded, in turn; three and a half on average.
_HOURS = (2.0, 5.0, 3.0, 4.0, 3.5, 3.5, 2.5, 4.5, 3.0, 4.0)


def teams() -> Rows:
    """The eleven teams."""
    names = ("name", "kind", "headcount", "leader", "founded_on", "division")
    return [dict(zip(names, team, strict=True)) for team in _TEAMS]


def activities() -> Rows:
    """What the teams did in turn, day after day."""
    first = date(days.YEAR, 1, 5)
    whole = (days.CAMPAIGN_END - first).days
    found = [
        _activity(rank, date.fromordinal(first.toordinal() + whole * rank // (_ACTIVITIES - 1)))
        for rank in range(_ACTIVITIES)
    ]
    return numbered("志愿", found)


def _activity(rank: int, day: date) -> dict[str, object]:
    name, kind, headcount, _, _, division = _TEAMS[rank % len(_TEAMS)]
    themes, venues = _THEMES[kind], _VENUES[division]
    round_ = rank // len(_TEAMS)
    return {
        "team": name,
        "held_on": day.isoformat(),
        "venue": venues[round_ % len(venues)],
        "theme": themes[round_ % len(themes)],
        "headcount": headcount - (rank * 7) % 5,
        "hours": _HOURS[rank % len(_HOURS)],
        "division": division,
    }
