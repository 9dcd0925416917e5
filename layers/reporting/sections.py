"""The sections of the report, over the layers and registers of the district."""

from collections.abc import Iterator, Sequence

from layers.declaring.labels import Label
from layers.reporting.case_sections import CASES, M2, STRUCTURES
from layers.reporting.conditions import Among, Is
from layers.reporting.declared import Figure, Section, Table, Timing
from layers.thematic import (
    campaign_days,
    courtyard_works,
    courtyards,
    decisions,
    funds,
    market_inspections,
    market_works,
    meetings,
    publicity,
    shop_inspections,
    volunteer_activities,
    volunteer_teams,
)

_TIMES = Label("次", "times")
_YUAN = Label("元", "yuan")
_PEOPLE = Label("人", "people")
_TONNES = Label("吨", "t")
_PILES = Label("处", "piles")


COURTYARDS = Section(
    name="courtyards",
    label=Label("老旧楼院整治", "Courtyards"),
    figures=(
        Figure(
            name="courtyards",
            label=Label("无物业楼院", "Courtyards without a company"),
            unit=Label("个", "courtyards"),
            of=courtyards.LAYER,
            where=(Is("management", ("none", "self", "community")),),
        ),
        Figure(
            name="works",
            label=Label("整治", "Works"),
            unit=_TIMES,
            of=courtyard_works.LAYER,
            day="done_on",
        ),
        Figure(
            name="rubbish",
            label=Label("清运垃圾", "Rubbish cleared"),
            unit=_TONNES,
            of=courtyard_works.LAYER,
            field="rubbish_cleared_t",
            day="done_on",
        ),
        Figure(
            name="piles",
            label=Label("清理乱堆", "Piles cleared"),
            unit=_PILES,
            of=courtyard_works.LAYER,
            field="piles_cleared",
            day="done_on",
        ),
        Figure(
            name="equipment",
            label=Label("增设消防、环卫设施", "Equipment added"),
            unit=Label("件", "pieces"),
            of=courtyard_works.LAYER,
            field="equipment_added",
            day="done_on",
        ),
    ),
    tables=(
        Table(
            name="by_courtyard",
            label=Label("各楼院", "By courtyard"),
            head=Label("楼院", "Courtyard"),
            by="courtyard",
            figures=("works", "rubbish", "piles", "equipment"),
            charted=("rubbish", "piles"),
        ),
    ),
    drawn="works",
)

_FAULT = (Is("result", ("fault",)),)

MARKETS = Section(
    name="markets",
    label=Label("早市与门前三包", "Markets and shops"),
    figures=(
        Figure(
            name="market_inspections",
            label=Label("早市联合检查", "Joint market inspections"),
            unit=_TIMES,
            of=market_inspections.LAYER,
            day="inspected_on",
        ),
        Figure(
            name="market_faults",
            label=Label("早市检查发现问题", "Market inspections with faults"),
            unit=_TIMES,
            of=market_inspections.LAYER,
            day="inspected_on",
            where=_FAULT,
        ),
        Figure(
            name="barrier_cost",
            label=Label("防撞设施投入", "Spent on barriers"),
            unit=_YUAN,
            of=market_works.LAYER,
            field="cost_yuan",
            day="done_on",
            where=(Is("work", ("barrier",)),),
        ),
        Figure(
            name="paving_area",
            label=Label("地面硬化", "Paved"),
            unit=M2,
            of=market_works.LAYER,
            field="area_m2",
            day="done_on",
            where=(Is("work", ("paving",)),),
        ),
        Figure(
            name="paving_cost",
            label=Label("地面硬化投入", "Spent on paving"),
            unit=_YUAN,
            of=market_works.LAYER,
            field="cost_yuan",
            day="done_on",
            where=(Is("work", ("paving",)),),
        ),
        Figure(
            name="shop_inspections",
            label=Label("门前三包检查", "Shop inspections"),
            unit=_TIMES,
            of=shop_inspections.LAYER,
            day="inspected_on",
        ),
        Figure(
            name="shop_faults",
            label=Label("门前三包发现问题", "Shop inspections with faults"),
            unit=_TIMES,
            of=shop_inspections.LAYER,
            day="inspected_on",
            where=_FAULT,
        ),
    ),
    tables=(
        Table(
            name="by_market",
            label=Label("各早市检查", "Inspections by market"),
            head=Label("市场", "Market"),
            by="market",
            figures=("market_inspections", "market_faults"),
        ),
    ),
    drawn="shop_inspections",
)

_MEETINGS = Label("次", "meetings")

MEETINGS = Section(
    name="meetings",
    label=Label("三会制度", "Meetings"),
    figures=(
        Figure(
            name="meetings",
            label=Label("召开会议", "Meetings held"),
            unit=_MEETINGS,
            of=meetings.LAYER,
            day="held_on",
        ),
        Figure(
            name="attendance",
            label=Label("参会", "Attendance"),
            unit=Label("人次", "people"),
            of=meetings.LAYER,
            field="attendance",
            day="held_on",
        ),
        Figure(
            name="decisions",
            label=Label("形成议定事项", "Decisions taken"),
            unit=Label("项", "decisions"),
            of=decisions.LAYER,
            day="decided_on",
        ),
        Figure(
            name="settled",
            label=Label("办结议定事项", "Decisions settled"),
            unit=Label("项", "decisions"),
            of=decisions.LAYER,
            day="settled_on",
        ),
        Figure(
            name="matters_settled",
            label=Label("其中重大事项", "Of these, major matters"),
            unit=Label("项", "decisions"),
            of=decisions.LAYER,
            day="settled_on",
            where=(Among("meeting", meetings.LAYER, "number", (Is("kind", ("matter",)),)),),
        ),
    ),
    tables=(
        Table(
            name="by_kind",
            label=Label("按会议类型", "By kind of meeting"),
            head=Label("会议", "Meeting"),
            by="kind",
            figures=("meetings", "attendance"),
            charted=("meetings",),
        ),
    ),
)

VOLUNTEERS = Section(
    name="volunteers",
    label=Label("志愿服务", "Volunteers"),
    figures=(
        Figure(
            name="teams",
            label=Label("志愿服务队", "Teams"),
            unit=Label("支", "teams"),
            of=volunteer_teams.LAYER,
            day="founded_on",
            timing=Timing.UNTIL,
        ),
        Figure(
            name="people",
            label=Label("志愿者", "Volunteers"),
            unit=_PEOPLE,
            of=volunteer_teams.LAYER,
            field="headcount",
            day="founded_on",
            timing=Timing.UNTIL,
        ),
        Figure(
            name="activities",
            label=Label("开展活动", "Activities"),
            unit=_TIMES,
            of=volunteer_activities.LAYER,
            day="held_on",
        ),
        Figure(
            name="hours",
            label=Label("服务时长", "Hours"),
            unit=Label("小时", "h"),
            of=volunteer_activities.LAYER,
            field="hours",
            day="held_on",
        ),
    ),
    tables=(
        Table(
            name="by_team",
            label=Label("各志愿服务队", "By team"),
            head=Label("队伍", "Team"),
            by="team",
            figures=("activities", "hours"),
            charted=("activities", "hours"),
        ),
    ),
)


def _spread() -> Iterator[Figure]:
    """What was spread of each kind, and the cost: as the register itself sums them up."""
    for each in publicity.LAYER.measures:
        yield Figure(
            name=each.name,
            label=each.label,
            unit=each.unit or publicity.LAYER.unit,
            of=publicity.LAYER,
            field=each.field,
            day="done_on",
            where=(Is(each.among[0], (each.among[1],)),) if each.among else (),
        )


PUBLICITY = Section(
    name="publicity",
    label=Label("宣传教育", "Publicity"),
    figures=tuple(_spread()),
    tables=(
        Table(
            name="by_kind",
            label=Label("各类宣传投入", "Cost by kind"),
            head=Label("宣传形式", "Kind"),
            by="kind",
            figures=("cost",),
            charted=("cost",),
        ),
    ),
)

CAMPAIGN = Section(
    name="campaign",
    label=Label("创城日、建卫日与经费", "Campaign days and funds"),
    figures=(
        Figure(
            name="days",
            label=Label("开展活动日", "Campaign days"),
            unit=_TIMES,
            of=campaign_days.LAYER,
            day="held_on",
        ),
        Figure(
            name="participants",
            label=Label("参加", "Taking part"),
            unit=Label("人次", "people"),
            of=campaign_days.LAYER,
            field="participants",
            day="held_on",
        ),
        Figure(
            name="funds",
            label=Label("支出经费", "Funds paid"),
            unit=_YUAN,
            of=funds.LAYER,
            field="amount_yuan",
            day="paid_on",
        ),
    ),
    tables=(
        Table(
            name="by_kind",
            label=Label("按活动日", "By kind of day"),
            head=Label("活动日", "Kind"),
            by="kind",
            figures=("days", "participants"),
        ),
        Table(
            name="by_purpose",
            label=Label("经费用途", "By purpose"),
            head=Label("用途", "Purpose"),
            by="purpose",
            figures=("funds",),
        ),
    ),
)

DECLARED: Sequence[Section] = (
    CASES,
    STRUCTURES,
    COURTYARDS,
    MARKETS,
    MEETINGS,
    VOLUNTEERS,
    PUBLICITY,
    CAMPAIGN,
)
"""Every section whose figures are sums over columns, in the order of the report."""
