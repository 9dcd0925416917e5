"""市场: morning markets and others, what they have, and when they open."""

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
    Pattern,
    Shape,
    Style,
    Type,
)
from layers.thematic.sites import ADDRESS

_STALLS = Label("个", "stalls")
_CLOCK = Pattern(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", Label("时刻，如 06:00", "a time: 06:00"))

LAYER = Layer(
    name="markets",
    label=Label("市场", "Markets"),
    unit=Label("处", "markets"),
    geometry=Geometry.POINT,
    key=("name",),
    title="name",
    fields=(
        Field(
            name="name",
            label=Label("市场名称", "Name"),
            required=True,
            aliases=("名称", "市场"),
        ),
        Field(
            name="kind",
            label=Label("市场类型", "Kind"),
            required=True,
            choices=(
                Choice("morning", Label("早市", "Morning market")),
                Choice("produce", Label("农贸市场", "Produce market")),
                Choice("night", Label("夜市", "Night market")),
            ),
            aliases=("类型",),
        ),
        Field(
            name="stalls",
            label=Label("摊位数", "Stalls"),
            type=Type.INTEGER,
            unit=_STALLS,
            minimum=0,
            aliases=("摊位",),
        ),
        Field(
            name="opens",
            label=Label("开市时间", "Opens"),
            pattern=_CLOCK,
            aliases=("开市",),
        ),
        Field(
            name="closes",
            label=Label("退市时间", "Closes"),
            pattern=_CLOCK,
            aliases=("退市", "收市时间"),
        ),
        Field(
            name="manager",
            label=Label("负责人", "Manager"),
            personal=True,
            aliases=("管理人", "市场负责人"),
        ),
        Field(
            name="phone",
            label=Label("联系电话", "Phone"),
            personal=True,
            aliases=("电话",),
        ),
        ADDRESS,
        SOURCE,
    ),
    style=Style(
        by="kind",
        paints=(
            Paint("#F4A736", Shape.DIAMOND),
            Paint("#3B6FB6", Shape.SQUARE),
            Paint("#6B4E9B", Shape.TRIANGLE),
        ),
        label="name",
        label_zoom=15,
        tooltip=("name", "stalls"),
    ),
    measures=(
        Measure(
            name="stalls",
            label=Label("摊位", "Stalls"),
            aggregate=Aggregate.SUM,
            field="stalls",
            unit=_STALLS,
        ),
    ),
)
