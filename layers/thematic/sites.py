"""巡查点位: what inspectors come upon, from the first look until it is struck off."""

from layers import matters
from layers.declare import (
    SOURCE,
    STATUS_PAINTS,
    Choice,
    Code,
    Field,
    Geometry,
    Label,
    Layer,
    Style,
    Type,
)
from layers.logged import Logged
from layers.thematic.grid_fields import GRID_CODE

FIELD_CODE = Field(
    name="field", label=Label("所属网格", "Field"), pattern=GRID_CODE, code=Code.GRID
)
LEADER = Field(name="leader", label=Label("责任网格长", "Leader"), personal=True)
NOTE = Field(name="note", label=Label("情况说明", "Note"), published=False)
ADDRESS = Field(
    name="address",
    label=Label("地址", "Address"),
    published=False,
    aliases=("位置", "点位"),
)

LAYER = Layer(
    name="sites",
    label=Label("巡查点位", "Sites"),
    unit=Label("处", "sites"),
    geometry=Geometry.POINT,
    key=("number",),
    title="number",
    logged=Logged(
        asked=("matter", "note", "address", "origin"),
        number="number",
        prefix="巡查",
        day="found_on",
        kind="matter",
        given=(("status", "registered"),),
        field="field",
        leader="leader",
        due="due",
        status="status",
        done=("cleared",),
    ),
    fields=(
        Field(name="number", label=Label("编号", "Number"), required=True),
        Field(
            name="matter",
            label=Label("事项", "Matter"),
            required=True,
            choices=matters.choices(),
            aliases=("类别", "事项代码"),
        ),
        NOTE,
        ADDRESS,
        Field(
            name="origin",
            label=Label("问题来源", "Came by"),
            choices=(
                Choice("patrol", Label("巡查", "Patrol")),
                Choice("own_check", Label("自查", "Own check")),
                Choice("supervision", Label("督查", "Supervision")),
                Choice("meeting", Label("会议", "Meeting")),
                Choice("hotline", Label("热线", "Hotline")),
            ),
        ),
        Field(
            name="status",
            label=Label("状态", "Status"),
            required=True,
            choices=(
                Choice("registered", Label("已登记", "Registered")),
                Choice("assigned", Label("已交办", "Assigned")),
                Choice("rectifying", Label("整改中", "Being put right")),
                Choice("verifying", Label("核查中", "Being verified")),
                Choice("cleared", Label("已销号", "Struck off")),
            ),
        ),
        FIELD_CODE,
        LEADER,
        Field(
            name="found_on",
            label=Label("发现日期", "Found on"),
            type=Type.DATE,
            required=True,
        ),
        Field(name="due", label=Label("整改期限", "Due"), type=Type.DATE),
        SOURCE,
    ),
    style=Style(
        by="status",
        paints=STATUS_PAINTS,
        label="number",
        label_zoom=18,
        tooltip=("number", "matter"),
    ),
)
