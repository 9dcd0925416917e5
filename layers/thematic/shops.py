"""商铺: the shops along the streets, each with what it answers for before its door."""

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
    Type,
)
from layers.thematic.sites import ADDRESS

LAYER = Layer(
    name="shops",
    label=Label("商铺", "Shops"),
    unit=Label("家", "shops"),
    geometry=Geometry.POINT,
    key=("name", "address"),
    title="name",
    fields=(
        Field(
            name="name",
            label=Label("店名", "Name"),
            required=True,
            aliases=("名称", "商铺名称", "商铺", "招牌"),
        ),
        ADDRESS,
        Field(
            name="trade",
            label=Label("行业", "Trade"),
            required=True,
            choices=(
                Choice("food", Label("餐饮", "Food")),
                Choice("retail", Label("零售", "Retail")),
                Choice("services", Label("服务", "Services")),
                Choice("repair", Label("修理", "Repair")),
                Choice("other", Label("其他", "Other")),
            ),
            aliases=("经营类别", "经营范围", "类型"),
        ),
        Field(
            name="owner",
            label=Label("经营者", "Owner"),
            personal=True,
            aliases=("负责人", "店主"),
        ),
        Field(
            name="phone",
            label=Label("联系电话", "Phone"),
            personal=True,
            aliases=("电话",),
        ),
        Field(
            name="signed_on",
            label=Label("责任书签订日期", "Signed on"),
            type=Type.DATE,
            aliases=("签订日期", "门前三包责任书"),
        ),
        SOURCE,
    ),
    style=Style(
        by="trade",
        paints=(
            Paint("#F4A736", Shape.DIAMOND),
            Paint("#3B6FB6", Shape.SQUARE),
            Paint("#7FC8A9", Shape.CIRCLE),
            Paint("#6B4E9B", Shape.TRIANGLE),
            Paint("#8A8F98", Shape.CIRCLE),
        ),
        alert_without="signed_on",
        label="name",
        label_zoom=18,
        tooltip=("name", "trade"),
    ),
    measures=(
        Measure(
            name="unsigned",
            label=Label("未签门前三包", "Without a signed duty"),
            aggregate=Aggregate.MISSING,
            field="signed_on",
            unit=Label("家", "shops"),
        ),
    ),
)
