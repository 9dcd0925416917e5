"""辖区单位: the work units that a section-level leader is linked to."""

from layers.declaring.words import (
    SOURCE,
    Aggregate,
    Choice,
    Field,
    Geometry,
    Label,
    Layer,
    Measure,
    Paint,
    Shape,
    Style,
)

LAYER = Layer(
    name="work_units",
    label=Label("辖区单位", "Work units"),
    unit=Label("家", "units"),
    geometry=Geometry.POINT,
    key=("name",),
    title="name",
    fields=(
        Field(name="name", label=Label("单位名称", "Name"), required=True, aliases=("名称",)),
        Field(
            name="kind",
            label=Label("单位类型", "Kind"),
            required=True,
            choices=(
                Choice("government", Label("机关", "Government")),
                Choice("school", Label("学校", "School")),
                Choice("hospital", Label("医院", "Hospital")),
                Choice("enterprise", Label("企业", "Enterprise")),
                Choice("market", Label("市场", "Market")),
                Choice("other", Label("其他", "Other")),
            ),
            aliases=("类型",),
        ),
        Field(
            name="liaison_leader",
            label=Label("联点领导", "Liaison leader"),
            personal=True,
            duty="liaison_leader",
        ),
        SOURCE,
    ),
    style=Style(
        by="kind",
        paints=(
            Paint("#3B6FB6", Shape.SQUARE),
            Paint("#7FC8A9", Shape.CIRCLE),
            Paint("#B2182B", Shape.DIAMOND),
            Paint("#8A8F98", Shape.SQUARE),
            Paint("#F4A736", Shape.TRIANGLE),
            Paint("#8A8F98", Shape.CIRCLE),
        ),
        alert_without="liaison_leader",
        label="name",
        label_zoom=16,
        tooltip=("name", "liaison_leader"),
    ),
    measures=(
        Measure(
            name="uncovered",
            label=Label("未联点", "Without a leader"),
            aggregate=Aggregate.MISSING,
            field="liaison_leader",
            unit=Label("家", "units"),
        ),
    ),
)
