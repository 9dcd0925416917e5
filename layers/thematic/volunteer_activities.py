"""志愿服务活动: what the teams did, how many took part, and the hours as they were recorded."""

from layers.declaring.relations import Parent
from layers.declaring.words import SOURCE, Aggregate, Field, Geometry, Label, Layer, Measure, Type
from layers.thematic.divisions import DIVISION

_HOURS = Label("小时", "hours")
_TURNS = Label("人次", "people")

LAYER = Layer(
    name="volunteer_activities",
    label=Label("志愿服务活动", "Volunteer activities"),
    unit=Label("次", "activities"),
    geometry=Geometry.NONE,
    belongs="division",
    parent=Parent(layer="volunteer_teams", field="team", key="name"),
    key=("number",),
    title="number",
    fields=(
        Field(
            name="number",
            label=Label("活动编号", "Number"),
            required=True,
            aliases=("编号", "序号"),
        ),
        Field(name="team", label=Label("服务队", "Team"), aliases=("队伍名称", "志愿服务队")),
        Field(
            name="held_on",
            label=Label("活动日期", "Held on"),
            type=Type.DATE,
            required=True,
            aliases=("日期", "时间", "活动时间"),
        ),
        Field(name="venue", label=Label("活动地点", "Venue"), aliases=("地点",)),
        Field(
            name="theme",
            label=Label("活动主题", "Theme"),
            aliases=("主题", "活动内容", "活动名称"),
        ),
        Field(
            name="headcount",
            label=Label("参加人数", "People"),
            type=Type.INTEGER,
            unit=Label("人", "people"),
            minimum=0,
            aliases=("人数",),
        ),
        Field(
            name="hours",
            label=Label("服务时长", "Hours"),
            type=Type.DECIMAL,
            unit=_HOURS,
            minimum=0,
            aliases=("时长", "服务小时"),
        ),
        DIVISION,
        SOURCE,
    ),
    measures=(
        Measure(
            name="turns",
            label=Label("参加", "Taking part"),
            aggregate=Aggregate.SUM,
            field="headcount",
            unit=_TURNS,
        ),
        Measure(
            name="hours",
            label=Label("服务时长", "Hours"),
            aggregate=Aggregate.SUM,
            field="hours",
            unit=_HOURS,
        ),
    ),
)
