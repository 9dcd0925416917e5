"""网格责任田: the polygons somebody answers for; within a division no gap and no overlap."""

from layers.declaring.dividing import Partition
from layers.declaring.words import (
    SOURCE,
    Aggregate,
    Choice,
    Code,
    Field,
    Geometry,
    Label,
    Layer,
    Measure,
    Pattern,
    Style,
    Type,
)
from layers.thematic.divisions import DIVISION_CODE

# GB/T 34300: community code 12 + 3; GB/T 47678: 6 county + 3 street + 3 community + 3.
GRID_CODE = Pattern(r"[0-9]{15}", Label("15 位网格编码", "a 15-digit grid code"))

LAYER = Layer(
    name="grid_fields",
    label=Label("网格责任田", "Responsibility fields"),
    heads=("网格", "网格名称", "网格编码", "网格编号", "所属网格名称"),
    unit=Label("块", "fields"),
    geometry=Geometry.POLYGON,
    key=("code",),
    title="name",
    partition=Partition(field="division", of="divisions", kind="kind", special="special"),
    fields=(
        Field(
            name="code",
            label=Label("网格编码", "Grid code"),
            required=True,
            pattern=GRID_CODE,
            code=Code.GRID,
            aliases=("网格编号", "编码"),
        ),
        Field(name="name", label=Label("网格名称", "Name"), required=True, aliases=("名称",)),
        Field(
            name="kind",
            label=Label("网格类型", "Kind"),
            required=True,
            choices=(
                Choice("general", Label("综合网格", "General")),
                Choice("basic", Label("基础网格", "Basic")),
                Choice("special", Label("专属网格", "Special")),
            ),
            aliases=("类型",),
        ),
        Field(
            name="division",
            label=Label("所属社区代码", "Division"),
            pattern=DIVISION_CODE,
            code=Code.DIVISION,
            aliases=("区划代码",),
        ),
        Field(
            name="households",
            label=Label("户数", "Households"),
            type=Type.INTEGER,
            unit=Label("户", "households"),
            minimum=0,
        ),
        Field(
            name="population",
            label=Label("人口", "Population"),
            type=Type.INTEGER,
            unit=Label("人", "people"),
            minimum=0,
        ),
        Field(
            name="leader",
            label=Label("网格长", "Grid leader"),
            personal=True,
            duty="grid_leader",
        ),
        Field(
            name="deputy",
            label=Label("副网格长", "Deputy"),
            personal=True,
            duty="grid_member",
            aliases=("网格员",),
        ),
        Field(
            name="people_lead",
            label=Label("包人", "Answers for people"),
            personal=True,
            duty="people_lead",
        ),
        Field(
            name="area_lead",
            label=Label("包片", "Answers for the area"),
            personal=True,
            duty="area_lead",
        ),
        Field(
            name="task_lead",
            label=Label("包任务", "Answers for tasks"),
            personal=True,
            duty="task_lead",
        ),
        SOURCE,
    ),
    style=Style(
        by="leader",
        distinct=True,
        alert_without="leader",
        label="leader",
        label_zoom=14,
        tooltip=("name", "leader"),
    ),
    measures=(
        Measure(
            name="leaders",
            label=Label("网格长", "Grid leaders"),
            aggregate=Aggregate.DISTINCT,
            field="leader",
            unit=Label("人", "people"),
        ),
        Measure(
            name="households",
            label=Label("户数", "Households"),
            aggregate=Aggregate.SUM,
            field="households",
            unit=Label("户", "households"),
        ),
        Measure(
            name="unowned",
            label=Label("无网格长", "Without a leader"),
            aggregate=Aggregate.MISSING,
            field="leader",
            unit=Label("块", "fields"),
        ),
    ),
)
