"""行政区划: the tree of districts, streets, communities and villages (GB/T 2260 codes)."""

from layers.declaring.dividing import Hierarchy
from layers.declaring.words import (
    SOURCE,
    Choice,
    Code,
    Field,
    Geometry,
    Label,
    Layer,
    Pattern,
    Style,
)

DIVISION_CODE = Pattern(r"[0-9]{12}", Label("12 位统计用区划代码", "a 12-digit division code"))

DIVISION = Field(
    name="division",
    label=Label("所属区划代码", "Division"),
    required=True,
    pattern=DIVISION_CODE,
    code=Code.DIVISION,
    aliases=("区划代码", "所属社区代码", "所属街道代码", "社区代码", "街道代码"),
)
"""The field of a register that says whose it is: what lies nowhere belongs to a division."""

# How files head what names one.
_HEADS = (
    "社区", "所属社区", "村", "社区（村）", "社区(村)", "所属社区代码", "区划", "区划代码",
    "所属区划", "division",
)  # fmt: skip

LAYER = Layer(
    name="divisions",
    label=Label("行政区划", "Divisions"),
    heads=_HEADS,
    geometry=Geometry.POLYGON,
    key=("code",),
    title="name",
    hierarchy=Hierarchy(code="code", level="level", parent="parent"),
    fields=(
        Field(
            name="code",
            label=Label("区划代码", "Division code"),
            required=True,
            pattern=DIVISION_CODE,
            code=Code.DIVISION,
            aliases=("代码",),
        ),
        Field(name="name", label=Label("名称", "Name"), required=True),
        Field(
            name="level",
            label=Label("级别", "Level"),
            required=True,
            choices=(
                Choice("district", Label("区县", "District")),
                Choice("street", Label("街道", "Street office")),
                Choice("community", Label("社区", "Community")),
                Choice("village", Label("村", "Village")),
            ),
        ),
        Field(
            name="parent",
            label=Label("上级代码", "Parent code"),
            pattern=DIVISION_CODE,
            code=Code.DIVISION,
        ),
        Field(
            name="special_policy",
            label=Label("专属网格", "Special fields"),
            choices=(
                Choice("cut", Label("从综合网格中划出", "Cut out of the general ones")),
                Choice("over", Label("叠在综合网格上", "Lie over the general ones")),
            ),
            aliases=("专属网格方式",),
        ),
        SOURCE,
    ),
    style=Style(label="name", label_zoom=12, tooltip=("name",)),
)
