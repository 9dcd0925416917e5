"""三会: promotion meetings, joint meetings with the units of the ground, matters discussed."""

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

_TIMES = Label("次", "meetings")

LAYER = Layer(
    name="meetings",
    label=Label("三会记录", "Meetings"),
    unit=_TIMES,
    geometry=Geometry.NONE,
    belongs="division",
    key=("number",),
    title="number",
    fields=(
        Field(
            name="number",
            label=Label("会议编号", "Number"),
            required=True,
            aliases=("编号", "序号"),
        ),
        Field(
            name="kind",
            label=Label("会议类型", "Kind"),
            required=True,
            choices=(
                Choice("promotion", Label("创城专题推进会", "Promotion meeting")),
                Choice("joint", Label("辖区单位联席会", "Joint meeting of the units")),
                Choice("matter", Label("重大事项专题讨论会", "Discussion of a matter")),
            ),
            aliases=("类型", "会议名称"),
        ),
        Field(
            name="held_on",
            label=Label("召开日期", "Held on"),
            type=Type.DATE,
            required=True,
            aliases=("会议日期", "日期", "时间", "会议时间"),
        ),
        Field(name="venue", label=Label("地点", "Venue"), aliases=("会议地点",)),
        Field(
            name="chair",
            label=Label("主持人", "Chair"),
            personal=True,
            aliases=("主持",),
        ),
        Field(
            name="attendance",
            label=Label("参会人数", "Attendance"),
            type=Type.INTEGER,
            unit=Label("人", "people"),
            minimum=0,
            aliases=("人数", "参加人数"),
        ),
        Field(
            name="topic",
            label=Label("议题", "Topic"),
            published=False,
            aliases=("会议内容", "主题", "会议议题"),
        ),
        DIVISION,
        SOURCE,
    ),
    measures=(
        Measure(
            name="promotion",
            label=Label("创城专题推进会", "Promotion meetings"),
            aggregate=Aggregate.COUNT,
            among=("kind", "promotion"),
            unit=_TIMES,
        ),
        Measure(
            name="joint",
            label=Label("辖区单位联席会", "Joint meetings"),
            aggregate=Aggregate.COUNT,
            among=("kind", "joint"),
            unit=_TIMES,
        ),
        Measure(
            name="matter",
            label=Label("重大事项专题讨论会", "Discussions of a matter"),
            aggregate=Aggregate.COUNT,
            among=("kind", "matter"),
            unit=_TIMES,
        ),
    ),
)
