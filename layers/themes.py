"""The themes that are more than one layer by itself; other layers get a theme of their own."""

import math
from collections.abc import Iterator

from layers.declaring.escalation import LABELS, Level
from layers.declaring.limits import OVER, STEPS, USUAL
from layers.declaring.walked_steps import (
    MOST,
    MOST_FROM,
    NONE,
    SOME,
    WHOLE,
    WHOLE_FROM,
    Span,
    names,
)
from layers.declaring.words import (
    Aggregate,
    Choice,
    Field,
    Label,
    Measure,
    Paint,
    Shape,
    Style,
    Theme,
    Type,
    View,
)
from layers.thematic import sites

OVERVIEW_LABEL = Label("一张图总览", "Overview")
OVERVIEW_SUMMARY = Label("全部图层，一图看全", "Every layer on one map")

_METRES = Label("米", "m")
_BY_LEADER = View(
    name="leader",
    label=Label("联点领导", "Liaison leader"),
    layer="road_segments",
    style=Style(
        by="liaison_leader",
        ranked=True,
        # Wider than a street of the ground: what is told is who, not what class of road.
        paints=(Paint("#5B6B7A", width=6.5),),
        tally=Measure(
            name="length", label=Label("长度", "Length"), aggregate=Aggregate.LENGTH_M, unit=_METRES
        ),
        alert_without="liaison_leader",
        label="liaison_leader",
        label_zoom=15,
        tooltip=("name", "liaison_leader"),
    ),
)
# From pale to dark; what is too much is hatched as well.
_LOAD_PAINTS = (
    Paint("#F0DFA0"),
    Paint("#E3A94E"),
    Paint("#C26A2D"),
    Paint("#A62B5B", hatched=True),
)


def _load(name: str, label: Label, unit: Label, limit: float) -> View:
    """Fields by what their leader answers for in all, in steps up to the usual limit."""
    return View(
        name=name,
        label=label,
        layer="grid_fields",
        computed=(
            Field(name=f"load_{name}", label=label, type=Type.DECIMAL, unit=unit),
            Field(
                name=f"level_{name}",
                label=Label("负担", "Workload"),
                choices=tuple(_levels(unit, limit)),
            ),
        ),
        style=Style(
            by=f"level_{name}",
            paints=_LOAD_PAINTS,
            alert_without="leader",
            label="leader",
            label_zoom=14,
            tooltip=("name", "leader", f"load_{name}"),
        ),
    )


def _levels(unit: Label, limit: float) -> Iterator[Choice]:
    for step, share in STEPS.items():
        most = f"{math.floor(limit * share)}"
        yield Choice(step, Label(f"不超过 {most} {unit.zh}", f"up to {most} {unit.en}"))
    yield Choice(OVER, Label(f"超过 {limit:g} {unit.zh}", f"more than {limit:g} {unit.en}"))


# From what nobody walked to what was walked as a whole; the first is told by more than its colour.
_WALKED_PAINTS = (
    Paint("#B2182B", width=4.0, hatched=True),
    Paint("#F4A736", width=5.0),
    Paint("#7FC8A9", width=6.0),
    Paint("#2A7F62", width=7.0),
)
_WALKED_STEPS = (
    Choice(NONE, Label("没有走到", "not walked")),
    Choice(SOME, Label(f"不到 {MOST_FROM:.0%}", f"less than {MOST_FROM:.0%}")),
    Choice(
        MOST,
        Label(f"{MOST_FROM:.0%} 到 {WHOLE_FROM:.0%}", f"{MOST_FROM:.0%} to {WHOLE_FROM:.0%}"),
    ),
    Choice(WHOLE, Label(f"{WHOLE_FROM:.0%} 以上", f"{WHOLE_FROM:.0%} or more")),
)


def _walked(span: Span, label: Label) -> View:
    """Road segments by how much of them was walked on the day of the map, or in its week."""
    metres, share, step = names(span)
    return View(
        name=span,
        label=label,
        layer="road_segments",
        computed=(
            Field(name=metres, label=Label("走到", "Walked"), type=Type.DECIMAL, unit=_METRES),
            Field(
                name=share,
                label=Label("走到的比例", "Share walked"),
                type=Type.DECIMAL,
                unit=Label("%", "%"),
            ),
            Field(name=step, label=Label("巡查", "Patrolled"), choices=_WALKED_STEPS),
        ),
        style=Style(
            by=step,
            paints=_WALKED_PAINTS,
            label="name",
            label_zoom=15,
            tooltip=("name", share, metres),
        ),
    )


_BY_STATE = View(
    name="state", label=Label("办理状态", "State"), layer="sites", style=sites.LAYER.style
)
# Late is told by the shape as well; the later, the darker.
_LEVEL_PAINTS = (
    Paint("#8A8F98", Shape.CIRCLE),
    Paint("#7FC8A9", Shape.CIRCLE),
    Paint("#F4A736", Shape.SQUARE),
    Paint("#E0663A", Shape.DIAMOND),
    Paint("#B2182B", Shape.DIAMOND),
    Paint("#8C1127", Shape.TRIANGLE),
    Paint("#4A0A17", Shape.TRIANGLE),
)
_LEVELS = {**LABELS, Level.NONE: Label("已结，或没有期限", "Closed, or without a limit")}
_BY_LEVEL = View(
    name="level",
    label=Label("时限", "Urgency"),
    layer="sites",
    computed=(
        Field(
            name="case_level",
            label=Label("时限", "Urgency"),
            choices=tuple(Choice(level.value, _LEVELS[level]) for level in Level),
        ),
        Field(name="in_time", label=Label("未超期", "In time")),
    ),
    style=Style(
        by="case_level",
        paints=_LEVEL_PAINTS,
        alert_without="in_time",
        alert_label=Label("已超期", "Late"),
        label="number",
        label_zoom=18,
        tooltip=("number", "matter", "due"),
    ),
)
_HEAT = View(name="heat", label=Label("热力", "Heat"), layer="sites", style=Style(heat=True))

THEMES = (
    Theme(
        name="fields",
        label=Label("网格责任田", "Responsibility fields"),
        summary=Label("每一块地由谁负责", "Who answers for each piece of ground"),
        subjects=("divisions", "grid_fields"),
    ),
    Theme(
        name="liaison",
        label=Label("联点路段", "Liaison roads and units"),
        summary=Label(
            "科级领导联系的路段和单位，缺人的路段标红",
            "Roads and units by liaison leader; roads without one stand out",
        ),
        subjects=("road_segments", "work_units"),
        context=("grid_fields",),
        views=(_BY_LEADER,),
    ),
    Theme(
        name="workload",
        label=Label("网格长负担", "Workload of grid leaders"),
        summary=Label(
            "每位网格长一共负责多少，谁负担过重",
            "How much each grid leader answers for, and who has too much",
        ),
        subjects=("grid_fields",),
        context=("divisions",),
        views=(
            _load("fields", Label("网格数", "Fields"), Label("块", "fields"), USUAL.fields),
            _load(
                "households",
                Label("户数", "Households"),
                Label("户", "households"),
                USUAL.households,
            ),
            _load("metres", Label("路段长度", "Road length"), _METRES, USUAL.metres),
            _load("cases", Label("未结案件", "Open cases"), Label("件", "cases"), USUAL.cases),
        ),
    ),
    Theme(
        name="patrols",
        label=Label("巡查覆盖", "Patrolled roads"),
        summary=Label(
            "每段路当天、当周走到了多少，不显示是谁走的",
            "How much of each road was walked on the day and in the week, not by whom",
        ),
        subjects=("road_segments",),
        context=("grid_fields",),
        views=(_walked("week", Label("当周", "Week")), _walked("day", Label("当天", "Day"))),
        optional=True,
    ),
    Theme(
        name="structures",
        label=Label("违法建设", "Illegal structures"),
        summary=Label("发现、立案到拆除的进度", "From discovery to demolition"),
        subjects=("illegal_structures",),
        context=("grid_fields",),
    ),
    Theme(
        name="courtyards",
        label=Label("无物业楼院", "Courtyards"),
        summary=Label("楼院整治与长效管理", "Courtyards without management and their clean-up"),
        subjects=("courtyards", "courtyard_works"),
        context=("grid_fields",),
    ),
    Theme(
        name="ledger",
        label=Label("整改台账", "Ledger"),
        summary=Label(
            "整改到了哪一步，哪些快到期、已超期，哪里问题最多",
            "How far each case is, what is late, and where most of them are",
        ),
        subjects=("sites",),
        context=("grid_fields",),
        views=(_BY_STATE, _BY_LEVEL, _HEAT),
    ),
    Theme(
        name="sites",
        label=Label("巡查点位", "Sites"),
        summary=Label("发现了什么，在谁的网格里", "What was come upon, and in whose field"),
        subjects=("sites",),
        context=("grid_fields",),
    ),
    Theme(
        name="markets",
        label=Label("市场", "Markets"),
        summary=Label("早市、农贸市场与联合检查", "Markets and their joint inspections"),
        subjects=("markets", "market_inspections"),
        context=("grid_fields",),
    ),
    Theme(
        name="shops",
        label=Label("商铺与门前三包", "Shops"),
        summary=Label(
            "沿街商铺、责任书与门前检查结果",
            "Shops, their signed duties, and what was found before them",
        ),
        subjects=("shops", "shop_inspections"),
        context=("grid_fields",),
    ),
)
