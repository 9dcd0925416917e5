"""门前三包: what each shop answers for before its door, and what was found there."""

from layers.declaring.checks import RESULT, RESULT_PAINTS, check
from layers.declaring.logged import Logged
from layers.declaring.words import SOURCE, Field, Geometry, Label, Layer, Style, Type
from layers.thematic.sites import ADDRESS, FIELD_CODE, LEADER, NOTE

_CHECKS = (
    check("hygiene", "包卫生", "Clean"),
    check("greening", "包绿化", "Green kept"),
    check("public_order", "包秩序", "In order"),
)

LAYER = Layer(
    name="shop_inspections",
    label=Label("门前三包检查", "Shop inspections"),
    unit=Label("次", "inspections"),
    geometry=Geometry.POINT,
    key=("number",),
    title="number",
    logged=Logged(
        asked=("shop", *(field.name for field in _CHECKS), "address", "note"),
        number="number",
        prefix="门前三包",
        day="inspected_on",
        near_m=15.0,
        near_days=1,
        checks=tuple(field.name for field in _CHECKS),
        result=RESULT.name,
        field="field",
        leader="leader",
    ),
    fields=(
        Field(
            name="number",
            label=Label("编号", "Number"),
            required=True,
        ),
        Field(
            name="shop",
            label=Label("商铺", "Shop"),
            required=True,
            aliases=("店名", "商铺名称"),
        ),
        *_CHECKS,
        RESULT,
        ADDRESS,
        NOTE,
        FIELD_CODE,
        LEADER,
        Field(
            name="inspected_on",
            label=Label("检查日期", "Inspected on"),
            type=Type.DATE,
            required=True,
        ),
        SOURCE,
    ),
    style=Style(
        by=RESULT.name,
        paints=RESULT_PAINTS,
        label="shop",
        label_zoom=18,
        tooltip=("number", "shop"),
    ),
)
