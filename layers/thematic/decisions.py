"""会议议定事项: what was decided, by when, and the case that it became."""

from layers.declaring.relations import Becomes, Parent
from layers.declaring.words import SOURCE, Aggregate, Field, Geometry, Label, Layer, Measure, Type
from layers.thematic.divisions import DIVISION

_MATTERS = Label("项", "decisions")

LAYER = Layer(
    name="decisions",
    label=Label("议定事项", "Decisions"),
    unit=_MATTERS,
    geometry=Geometry.NONE,
    belongs="division",
    parent=Parent(layer="meetings", field="meeting", key="number"),
    in_order=(("decided_on", "settled_on"), ("decided_on", "due")),
    becomes=Becomes(
        layer="sites",
        number="case",
        asks=("matter", "address"),
        copies=(
            ("text", "note"),
            ("unit", "unit"),
            ("meeting", "meeting"),
            ("decided_on", "found_on"),
            ("due", "due"),
        ),
        given=(("origin", "meeting"),),
    ),
    key=("number",),
    title="number",
    fields=(
        Field(
            name="number",
            label=Label("事项编号", "Number"),
            required=True,
            aliases=("编号", "序号"),
        ),
        Field(name="meeting", label=Label("会议编号", "Meeting"), aliases=("会议", "所属会议")),
        Field(
            name="text",
            label=Label("议定事项", "Decided"),
            required=True,
            published=False,
            aliases=("事项", "内容", "议定内容"),
        ),
        Field(
            name="unit",
            label=Label("责任单位", "Unit"),
            aliases=("承办单位", "牵头单位"),
        ),
        Field(
            name="decided_on",
            label=Label("议定日期", "Decided on"),
            type=Type.DATE,
            required=True,
            aliases=("日期",),
        ),
        Field(
            name="due",
            label=Label("完成时限", "Due"),
            type=Type.DATE,
            aliases=("时限", "办结时限"),
        ),
        Field(
            name="settled_on",
            label=Label("办结日期", "Settled on"),
            type=Type.DATE,
            aliases=("办结时间", "完成日期", "完成时间"),
        ),
        Field(name="case", label=Label("台账编号", "Case"), aliases=("案件编号", "转台账编号")),
        DIVISION,
        SOURCE,
    ),
    measures=(
        Measure(
            name="unsettled",
            label=Label("未办结", "Not settled"),
            aggregate=Aggregate.MISSING,
            field="settled_on",
            unit=_MATTERS,
        ),
    ),
)
