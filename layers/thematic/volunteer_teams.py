"""志愿服务队: the volunteer teams and how many people each has."""

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

_PEOPLE = Label("人", "people")

LAYER = Layer(
    name="volunteer_teams",
    label=Label("志愿服务队", "Volunteer teams"),
    unit=Label("支", "teams"),
    geometry=Geometry.NONE,
    belongs="division",
    key=("name",),
    title="name",
    fields=(
        Field(
            name="name",
            label=Label("队伍名称", "Name"),
            required=True,
            aliases=("名称", "服务队", "服务队名称"),
        ),
        Field(
            name="kind",
            label=Label("队伍类型", "Kind"),
            required=True,
            choices=(
                Choice("party", Label("党员志愿", "Party members")),
                Choice("elder_care", Label("为老服务", "Care of the elderly")),
                Choice("patrol", Label("治安巡逻", "Patrol")),
                Choice("traffic", Label("交通劝导", "Traffic")),
                Choice("family_planning", Label("计生服务", "Family planning")),
                Choice("other", Label("其他", "Other")),
            ),
            aliases=("类型", "类别"),
        ),
        Field(
            name="headcount",
            label=Label("人数", "People"),
            type=Type.INTEGER,
            unit=_PEOPLE,
            minimum=0,
            aliases=("队员人数", "志愿者人数"),
        ),
        Field(
            name="leader",
            label=Label("队长", "Leader"),
            personal=True,
            aliases=("负责人",),
        ),
        Field(
            name="founded_on",
            label=Label("成立日期", "Founded on"),
            type=Type.DATE,
            aliases=("成立时间",),
        ),
        DIVISION,
        SOURCE,
    ),
    measures=(
        Measure(
            name="people",
            label=Label("志愿者", "Volunteers"),
            aggregate=Aggregate.SUM,
            field="headcount",
            unit=_PEOPLE,
        ),
    ),
)
