"""楼院整治: what was done in a courtyard, one record for each piece of work."""

from layers.declaring.logged import Logged
from layers.declaring.words import (
    SOURCE,
    Choice,
    Field,
    Geometry,
    Label,
    Layer,
    Paint,
    Shape,
    Style,
    Type,
)
from layers.thematic.sites import FIELD_CODE, LEADER, NOTE

_TONNES = Label("吨", "t")
_PILES = Label("处", "piles")
_PIECES = Label("件", "pieces")

LAYER = Layer(
    name="courtyard_works",
    label=Label("楼院整治", "Courtyard works"),
    unit=Label("次", "works"),
    geometry=Geometry.POINT,
    key=("number",),
    title="number",
    logged=Logged(
        asked=(
            "courtyard",
            "work",
            "rubbish_cleared_t",
            "piles_cleared",
            "equipment_added",
            "note",
        ),
        number="number",
        prefix="楼院整治",
        day="done_on",
        photos=2,
        near_days=3,
        kind="work",
        field="field",
        leader="leader",
    ),
    fields=(
        Field(name="number", label=Label("编号", "Number"), required=True),
        Field(
            name="courtyard",
            label=Label("楼院", "Courtyard"),
            required=True,
            aliases=("楼院名称",),
        ),
        Field(
            name="work",
            label=Label("整治内容", "Work"),
            required=True,
            choices=(
                Choice("rubbish", Label("清运垃圾", "Rubbish cleared")),
                Choice("piles", Label("清理乱堆", "Piles cleared")),
                Choice("fire", Label("增设消防设施", "Fire equipment added")),
                Choice("sanitation", Label("增设环卫设施", "Sanitation equipment added")),
                Choice("other", Label("其他", "Other")),
            ),
        ),
        Field(
            name="rubbish_cleared_t",
            label=Label("清运垃圾", "Rubbish cleared"),
            type=Type.DECIMAL,
            unit=_TONNES,
            minimum=0,
            maximum=10_000,
            aliases=("垃圾吨数",),
        ),
        Field(
            name="piles_cleared",
            label=Label("清理乱堆", "Piles cleared"),
            type=Type.INTEGER,
            unit=_PILES,
            minimum=0,
            maximum=10_000,
            aliases=("乱堆处数",),
        ),
        Field(
            name="equipment_added",
            label=Label("增设设施", "Equipment added"),
            type=Type.INTEGER,
            unit=_PIECES,
            minimum=0,
            maximum=10_000,
        ),
        NOTE,
        FIELD_CODE,
        LEADER,
        Field(
            name="done_on",
            label=Label("完成日期", "Done on"),
            type=Type.DATE,
            required=True,
        ),
        SOURCE,
    ),
    style=Style(
        by="work",
        paints=(
            Paint("#8C510A", Shape.SQUARE),
            Paint("#F4A736", Shape.DIAMOND),
            Paint("#B2182B", Shape.TRIANGLE),
            Paint("#3B6FB6", Shape.CIRCLE),
            Paint("#8A8F98", Shape.CIRCLE),
        ),
        label="courtyard",
        label_zoom=17,
        tooltip=("number", "courtyard"),
    ),
)
