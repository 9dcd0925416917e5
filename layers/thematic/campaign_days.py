"""创城日、建卫日: the days on which everybody sweeps, and what was done."""

from layers.declaring.words import (
    SOURCE,
    Aggregate,
    Choice,
    Field,
    Geometry,
    Label,
    Layer,
    Measure,
    Type,
)
from layers.thematic.divisions import DIVISION

LAYER = Layer(
    name="campaign_days",
    label=Label("创城日与建卫日", "Campaign days"),
    unit=Label("次", "days"),
    geometry=Geometry.NONE,
    belongs="division",
    key=("name",),
    title="name",
    fields=(
        Field(
            name="name",
            label=Label("活动名称", "Name"),
            required=True,
            aliases=("名称",),
        ),
        Field(
            name="kind",
            label=Label("活动类型", "Kind"),
            required=True,
            choices=(
                Choice("civilised", Label("创城日", "Day of the civilised city")),
                Choice("healthy", Label("建卫日", "Day of the healthy city")),
            ),
            aliases=("类型",),
        ),
        Field(
            name="held_on",
            label=Label("活动日期", "Held on"),
            type=Type.DATE,
            required=True,
            aliases=("日期", "时间", "活动时间"),
        ),
        Field(
            name="participants",
            label=Label("参加人数", "People"),
            type=Type.INTEGER,
            unit=Label("人", "people"),
            minimum=0,
            aliases=("人数",),
        ),
        Field(
            name="content",
            label=Label("活动内容", "What was done"),
            published=False,
            aliases=("内容",),
        ),
        DIVISION,
        SOURCE,
    ),
    measures=(
        Measure(
            name="turns",
            label=Label("参加", "Taking part"),
            aggregate=Aggregate.SUM,
            field="participants",
            unit=Label("人次", "people"),
        ),
    ),
)
