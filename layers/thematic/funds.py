"""经费台账: what was paid, for what and to whom."""

from layers.declaring.words import SOURCE, Aggregate, Field, Geometry, Label, Layer, Measure, Type
from layers.thematic.divisions import DIVISION

_YUAN = Label("元", "yuan")

LAYER = Layer(
    name="funds",
    label=Label("经费台账", "Funds"),
    unit=Label("笔", "payments"),
    geometry=Geometry.NONE,
    belongs="division",
    key=("number",),
    title="number",
    fields=(
        Field(
            name="number",
            label=Label("经费编号", "Number"),
            required=True,
            aliases=("编号", "序号", "凭证号"),
        ),
        Field(
            name="purpose",
            label=Label("用途", "Purpose"),
            required=True,
            aliases=("项目", "经费用途", "支出内容"),
        ),
        Field(
            name="amount_yuan",
            label=Label("金额", "Amount"),
            type=Type.DECIMAL,
            required=True,
            unit=_YUAN,
            minimum=0,
            aliases=("金额（元）", "费用", "支出金额"),
        ),
        Field(
            name="paid_on",
            label=Label("支出日期", "Paid on"),
            type=Type.DATE,
            required=True,
            aliases=("日期", "时间", "付款日期"),
        ),
        Field(
            name="payee",
            label=Label("收款单位", "Payee"),
            published=False,
            aliases=("收款方", "收款人"),
        ),
        DIVISION,
        SOURCE,
    ),
    measures=(
        Measure(
            name="amount",
            label=Label("金额", "Amount"),
            aggregate=Aggregate.SUM,
            field="amount_yuan",
            unit=_YUAN,
        ),
    ),
)
