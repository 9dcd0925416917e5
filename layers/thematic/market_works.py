"""早市建设: what was built at a market, its cost and its area."""

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
    Type,
)
from layers.thematic.divisions import DIVISION

_YUAN = Label("元", "yuan")
_M2 = Label("㎡", "m²")

LAYER = Layer(
    name="market_works",
    label=Label("市场建设", "Market works"),
    unit=Label("项", "works"),
    geometry=Geometry.NONE,
    belongs="division",
    parent=Parent(layer="markets", field="market", key="name"),
    key=("number",),
    title="number",
    fields=(
        Field(
            name="number",
            label=Label("工程编号", "Number"),
            required=True,
            aliases=("编号", "序号"),
        ),
        Field(name="market", label=Label("市场", "Market"), aliases=("市场名称", "早市")),
        Field(
            name="work",
            label=Label("建设内容", "Work"),
            required=True,
            choices=(
                Choice("barrier", Label("防撞设施", "Barrier")),
                Choice("paving", Label("路面硬化", "Paving")),
                Choice("other", Label("其他", "Other")),
            ),
            aliases=("内容", "工程内容", "项目"),
        ),
        Field(
            name="cost_yuan",
            label=Label("费用", "Cost"),
            type=Type.DECIMAL,
            unit=_YUAN,
            minimum=0,
            aliases=("金额", "投资", "费用（元）"),
        ),
        Field(
            name="area_m2",
            label=Label("面积", "Area"),
            type=Type.DECIMAL,
            unit=_M2,
            minimum=0,
            aliases=("硬化面积", "面积（㎡）", "面积（平方米）"),
        ),
        Field(
            name="done_on",
            label=Label("完工日期", "Done on"),
            type=Type.DATE,
            required=True,
            aliases=("日期", "完成日期", "完工时间"),
        ),
        DIVISION,
        SOURCE,
    ),
    measures=(
        Measure(
            name="barrier_cost",
            label=Label("防撞设施费用", "Cost of barriers"),
            aggregate=Aggregate.SUM,
            field="cost_yuan",
            among=("work", "barrier"),
            unit=_YUAN,
        ),
        Measure(
            name="paved",
            label=Label("硬化面积", "Paved"),
            aggregate=Aggregate.SUM,
            field="area_m2",
            among=("work", "paving"),
            unit=_M2,
        ),
        Measure(
            name="paving_cost",
            label=Label("硬化费用", "Cost of paving"),
            aggregate=Aggregate.SUM,
            field="cost_yuan",
            among=("work", "paving"),
            unit=_YUAN,
        ),
    ),
)
