"""早市检查: joint inspections of the morning market, by the centre's checklist."""

from layers.declaring.checks import RESULT, RESULT_PAINTS, check
from layers.declaring.logged import Logged
from layers.declaring.words import SOURCE, Field, Geometry, Label, Layer, Style, Type
from layers.thematic.sites import FIELD_CODE, LEADER, NOTE

_CHECKS = (
    check("public_order", "秩序与防撞设施", "Public order and barriers"),
    check("hygiene", "环境卫生", "Hygiene"),
    check("sourcing", "进货查验", "Goods sourcing"),
    check("three_guards", "三防（防蝇、防尘、防腐）", "Against flies, dust and decay"),
    check("licences", "亮证经营", "Licences shown"),
    check("zones", "划行归市", "Stalls by trade"),
    check("spilling", "溢摊占道", "Stalls beyond their lines"),
    check("fire", "消防", "Fire safety"),
    check("closing", "退市时间", "Closing time"),
    check("paving", "路面", "Paving"),
)

LAYER = Layer(
    name="market_inspections",
    label=Label("早市检查", "Market inspections"),
    unit=Label("次", "inspections"),
    geometry=Geometry.POINT,
    key=("number",),
    title="number",
    logged=Logged(
        asked=("market", *(field.name for field in _CHECKS), "participants", "note"),
        number="number",
        prefix="早市检查",
        day="inspected_on",
        near_m=150.0,
        near_days=1,
        checks=tuple(field.name for field in _CHECKS),
        result=RESULT.name,
        field="field",
        leader="leader",
    ),
    fields=(
        Field(name="number", label=Label("编号", "Number"), required=True),
        Field(name="market", label=Label("市场", "Market"), required=True),
        *_CHECKS,
        RESULT,
        Field(
            name="participants",
            label=Label("参加人员", "Taking part"),
            personal=True,
        ),
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
        label="market",
        label_zoom=17,
        tooltip=("number", "market"),
    ),
)
