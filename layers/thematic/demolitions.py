"""拆除记录: what was pulled down of a structure, one record for each time."""

from layers.declaring.relations import Parent
from layers.declaring.words import (
    SOURCE,
    Aggregate,
    Choice,
    Field,
    Geometry,
    Label,
    Layer,
    Measure,
    Pattern,
    Type,
)
from layers.thematic.divisions import DIVISION
from layers.thematic.sites import NOTE

_AREA = Label("㎡", "m²")
TIME_OF_DAY = Pattern(
    r"([01][0-9]|2[0-3]):[0-5][0-9]",
    Label("24 小时制时间，如 09:30", "a time of day such as 09:30"),
)

LAYER = Layer(
    name="demolitions",
    label=Label("拆除记录", "Demolitions"),
    unit=Label("次", "demolitions"),
    geometry=Geometry.NONE,
    belongs="division",
    key=("number",),
    title="number",
    parent=Parent(
        layer="illegal_structures",
        field="structure",
        key="number",
        adds=(("area_m2", "demolished_area_m2"),),
    ),
    in_order=(("done_on", "accepted_on"),),
    checks=("demolitions_in_bounds",),
    fields=(
        Field(
            name="number",
            label=Label("拆除编号", "Number"),
            required=True,
            aliases=("编号", "序号"),
        ),
        Field(
            name="structure",
            label=Label("违建编号", "Structure"),
            aliases=("违法建设编号", "案件编号"),
        ),
        Field(
            name="way",
            label=Label("拆除方式", "Way"),
            required=True,
            choices=(
                Choice("self", Label("自拆", "By the party")),
                Choice("assisted", Label("助拆", "With help")),
                Choice("forced", Label("强拆", "By force")),
            ),
        ),
        Field(
            name="area_m2",
            label=Label("拆除面积", "Area"),
            type=Type.DECIMAL,
            unit=_AREA,
            required=True,
            minimum=0,
            maximum=1_000_000,
            aliases=("面积",),
        ),
        Field(
            name="done_on",
            label=Label("拆除日期", "Done on"),
            type=Type.DATE,
            required=True,
            aliases=("日期",),
        ),
        Field(name="started_at", label=Label("开始时间", "Started at"), pattern=TIME_OF_DAY),
        Field(name="ended_at", label=Label("结束时间", "Ended at"), pattern=TIME_OF_DAY),
        Field(
            name="whole",
            label=Label("是否全部拆除", "Nothing stands any more"),
            type=Type.BOOLEAN,
            aliases=("全部拆除",),
        ),
        Field(
            name="reason",
            label=Label("例外说明", "Reason for an exception"),
            published=False,
            aliases=("说明",),
        ),
        Field(
            name="accepted_by",
            label=Label("验收人", "Accepted by"),
            personal=True,
        ),
        Field(name="accepted_on", label=Label("验收日期", "Accepted on"), type=Type.DATE),
        NOTE,
        DIVISION,
        SOURCE,
    ),
    measures=(
        Measure(
            name="area",
            label=Label("拆除面积", "Area"),
            aggregate=Aggregate.SUM,
            field="area_m2",
            unit=_AREA,
        ),
    ),
)
