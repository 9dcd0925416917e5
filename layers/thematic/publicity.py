"""宣传: boards, screens, posters, leaflets and events, with their quantities and what they cost."""

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

# Each kind with its name in a sum, and what its quantity counts.
_KINDS = (
    ("board", Label("宣传栏", "Board"), Label("块", "boards")),
    ("led", Label("LED 信息", "LED message"), Label("条", "messages")),
    ("poster", Label("海报", "Poster"), Label("张", "posters")),
    ("message", Label("微信短信", "Message by phone"), Label("条", "messages")),
    ("questionnaire", Label("调查问卷", "Questionnaire"), Label("份", "questionnaires")),
    ("print", Label("喷绘", "Print"), Label("㎡", "m²")),
    ("panel", Label("展板", "Panel"), Label("块", "panels")),
    ("banner", Label("横幅", "Banner"), Label("条", "banners")),
    ("booklet", Label("宣传册", "Booklet"), Label("册", "booklets")),
    ("letter", Label("公开信", "Open letter"), Label("封", "letters")),
    ("show", Label("文艺演出", "Show"), Label("场", "shows")),
)
_YUAN = Label("元", "yuan")

LAYER = Layer(
    name="publicity",
    label=Label("宣传台账", "Publicity"),
    unit=Label("项", "entries"),
    geometry=Geometry.NONE,
    belongs="division",
    key=("number",),
    title="number",
    fields=(
        Field(
            name="number",
            label=Label("宣传编号", "Number"),
            required=True,
            aliases=("编号", "序号"),
        ),
        Field(
            name="kind",
            label=Label("宣传形式", "Kind"),
            required=True,
            choices=tuple(Choice(value, label) for value, label, _ in _KINDS),
            aliases=("形式", "类型", "类别", "项目"),
        ),
        Field(
            name="done_on",
            label=Label("日期", "Done on"),
            type=Type.DATE,
            required=True,
            aliases=("时间", "完成日期", "宣传日期"),
        ),
        Field(
            name="quantity",
            label=Label("数量", "Quantity"),
            type=Type.DECIMAL,
            required=True,
            minimum=0,
        ),
        Field(
            name="cost_yuan",
            label=Label("费用", "Cost"),
            type=Type.DECIMAL,
            unit=_YUAN,
            minimum=0,
            aliases=("金额", "经费", "费用（元）", "金额（元）"),
        ),
        Field(name="venue", label=Label("地点", "Place"), aliases=("位置", "宣传地点")),
        DIVISION,
        SOURCE,
    ),
    measures=(
        *(
            Measure(
                name=value,
                label=label,
                aggregate=Aggregate.SUM,
                field="quantity",
                among=("kind", value),
                unit=unit,
            )
            for value, label, unit in _KINDS
        ),
        Measure(
            name="cost",
            label=Label("费用", "Cost"),
            aggregate=Aggregate.SUM,
            field="cost_yuan",
            unit=_YUAN,
        ),
    ),
)
