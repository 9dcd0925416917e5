"""巡查点位: what inspectors come upon, from the first look until it is struck off."""

from dataclasses import replace

from layers.declaring import matters
from layers.declaring.logged import BY_DIVISION, BY_FIELD, Logged
from layers.declaring.people import Role
from layers.declaring.words import (
    SOURCE,
    Choice,
    Code,
    Field,
    Geometry,
    Label,
    Layer,
    Paint,
    Shape,
    Style,
    Type,
)
from layers.declaring.workflow import Again, Clock, Transition, Workflow
from layers.thematic.grid_fields import GRID_CODE

FIELD_CODE = Field(
    name="field", label=Label("所属网格", "Field"), pattern=GRID_CODE, code=Code.GRID
)
PLACED_BY = Field(
    name="placed_by",
    label=Label("位置来源", "Place known by"),
    choices=(
        Choice(BY_FIELD, Label("网格代表点，非实测", "A point of its field, not measured")),
        Choice(BY_DIVISION, Label("社区（村）代表点，非实测", "A point of its division")),
    ),
)
LEADER = Field(name="leader", label=Label("责任网格长", "Leader"), personal=True)
NOTE = Field(
    name="note",
    label=Label("情况说明", "Note"),
    published=False,
    aliases=("描述", "问题描述", "存在问题"),
)
ADDRESS = Field(
    name="address",
    label=Label("地址", "Address"),
    published=False,
    aliases=("位置", "点位"),
)

_STATES = (
    (Choice("registered", Label("已登记", "Registered")), Paint("#B2182B", Shape.TRIANGLE)),
    (Choice("assigned", Label("已交办", "Assigned")), Paint("#F4A736", Shape.DIAMOND)),
    (Choice("returned", Label("已退回", "Returned")), Paint("#B2182B", Shape.DIAMOND)),
    (Choice("accepted", Label("已签收", "Accepted")), Paint("#F4A736", Shape.SQUARE)),
    (Choice("rectifying", Label("整改中", "Being put right")), Paint("#3B6FB6", Shape.SQUARE)),
    (
        Choice("clearance_requested", Label("申请销号", "Clearance requested")),
        Paint("#3B6FB6", Shape.DIAMOND),
    ),
    (Choice("verifying", Label("核查中", "Being verified")), Paint("#7FC8A9", Shape.DIAMOND)),
    (Choice("cleared", Label("已销号", "Struck off")), Paint("#8A8F98", Shape.CIRCLE)),
    (Choice("hung", Label("已挂账", "Put off")), Paint("#8A8F98", Shape.SQUARE)),
)

# Who is answerable for ground puts right what lies there; who leads decides about time.
_HANDS = (Role.INSPECTOR, Role.LEADER, Role.OFFICER, Role.ADMIN)
_OFFICE = (Role.LEADER, Role.OFFICER, Role.ADMIN)
_HEADS = (Role.LEADER, Role.ADMIN)
_AT_WORK = ("assigned", "accepted", "rectifying")
_HANDLED = ("accept", "start", "report", "request_clearance")

_WORKFLOW = Workflow(
    status="status",
    initial="registered",
    closed=("cleared",),
    opened="found_on",
    filed="assigned_on",
    closed_on="cleared_on",
    due="due",
    review="review_on",
    kind="matter",
    unit="unit",
    field="field",
    leader="leader",
    handler="handler",
    previous="previous",
    at_once=("accept", "return"),
    transitions=(
        Transition(
            name="assign",
            label=Label("交办", "Assign"),
            sources=("registered", "returned"),
            target="assigned",
            roles=_OFFICE,
            asks=("unit", "handler"),
            may=("liaison", "order_number", "due"),
            stamps=("assigned_on",),
            clock=Clock.ENSURE,
        ),
        Transition(
            name="accept",
            label=Label("签收", "Accept"),
            sources=("assigned",),
            target="accepted",
            roles=_HANDS,
        ),
        Transition(
            name="return",
            label=Label("退回", "Return"),
            sources=("assigned", "accepted"),
            target="returned",
            roles=_HANDS,
            reason=True,
        ),
        Transition(
            name="start",
            label=Label("开始整改", "Begin the work"),
            sources=("accepted",),
            target="rectifying",
            roles=_HANDS,
            may=("measure",),
        ),
        Transition(
            name="report",
            label=Label("报告进展", "Report progress"),
            sources=("rectifying",),
            roles=_HANDS,
            asks=("progress",),
            may=("measure",),
        ),
        Transition(
            name="request_extension",
            label=Label("申请延期", "Ask for more time"),
            sources=_AT_WORK,
            roles=_HANDS,
            asks=("extension_to",),
            reason=True,
        ),
        Transition(
            name="extend",
            label=Label("同意延期", "Allow more time"),
            sources=_AT_WORK,
            roles=_HEADS,
            asks=("due",),
            reason=True,
            other_than=("request_extension",),
            answers="request_extension",
            empties=("extension_to",),
            clock=Clock.EXTEND,
        ),
        Transition(
            name="refuse_extension",
            label=Label("不同意延期", "Refuse more time"),
            sources=_AT_WORK,
            roles=_HEADS,
            reason=True,
            other_than=("request_extension",),
            answers="request_extension",
            empties=("extension_to",),
        ),
        Transition(
            name="hang",
            label=Label("挂账", "Put off"),
            sources=_AT_WORK,
            target="hung",
            roles=_HEADS,
            asks=("review_on",),
            reason=True,
            clock=Clock.HANG,
        ),
        Transition(
            name="resume",
            label=Label("恢复整改", "Take up again"),
            sources=("hung",),
            target="rectifying",
            roles=_HEADS,
            back=True,
            empties=("review_on",),
            clock=Clock.RESUME,
        ),
        Transition(
            name="request_clearance",
            label=Label("申请销号", "Request clearance"),
            sources=("rectifying",),
            target="clearance_requested",
            roles=_HANDS,
            may=("measure", "progress"),
            photos=("before", "after"),
            stamps=("done_on",),
        ),
        Transition(
            name="verify",
            label=Label("开始核查", "Begin to verify"),
            sources=("clearance_requested",),
            target="verifying",
            roles=_HANDS,
            other_than=_HANDLED,
        ),
        Transition(
            name="clear",
            label=Label("核查通过，销号", "Strike off"),
            sources=("verifying",),
            target="cleared",
            roles=_OFFICE,
            may=("remark",),
            photos=("before", "after"),
            other_than=_HANDLED,
            signs=("verifier",),
            stamps=("cleared_on",),
        ),
        Transition(
            name="reject",
            label=Label("核查不通过", "Send back to be mended"),
            sources=("verifying",),
            target="rectifying",
            roles=_HANDS,
            reason=True,
            other_than=_HANDLED,
            empties=("done_on",),
            rework=True,
        ),
        Transition(
            name="recur",
            label=Label("复发", "Come back"),
            sources=("cleared",),
            target="registered",
            roles=_HANDS,
            reason=True,
            clock=Clock.START,
            again=Again(
                link="previous",
                copies=("matter", "note", "address", "origin", "field", "leader", "unit"),
            ),
        ),
    ),
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
        placed_by="placed_by",
        status="status",
        done=("cleared",),
    ),
    workflow=_WORKFLOW,
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
            aliases=("来源",),  # as the 台账 has it, before that of the data's source
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
            choices=tuple(choice for choice, _ in _STATES),
        ),
        FIELD_CODE,
        PLACED_BY,
        LEADER,
        Field(
            name="found_on",
            label=Label("发现日期", "Found on"),
            type=Type.DATE,
            required=True,
            aliases=("登记日期", "发现时间"),
        ),
        Field(name="unit", label=Label("责任单位", "Responsible unit")),
        Field(name="handler", label=Label("责任人", "Responsible person"), personal=True),
        Field(name="liaison", label=Label("联点领导", "Liaison leader"), personal=True),
        Field(name="order_number", label=Label("交办单号", "Order number")),
        Field(name="assigned_on", label=Label("交办日期", "Assigned on"), type=Type.DATE),
        Field(
            name="due", label=Label("整改期限", "Due"), type=Type.DATE, aliases=("时限", "整改时限")
        ),
        Field(name="extension_to", label=Label("申请延期至", "More time until"), type=Type.DATE),
        Field(name="review_on", label=Label("挂账复核日期", "Reviewed on"), type=Type.DATE),
        Field(name="measure", label=Label("整改措施", "Measure"), published=False),
        Field(name="progress", label=Label("进展", "Progress"), published=False),
        Field(name="done_on", label=Label("完成时间", "Done on"), type=Type.DATE),
        Field(name="verifier", label=Label("验收人", "Verified by"), personal=True),
        Field(name="cleared_on", label=Label("销号时间", "Struck off on"), type=Type.DATE),
        Field(name="previous", label=Label("前次编号", "Follows number")),
        Field(name="meeting", label=Label("会议编号", "Meeting")),
        Field(name="remark", label=Label("备注", "Remark"), published=False),
        replace(SOURCE, aliases=()),  # in a ledger 来源 is where the matter came from
    ),
    style=Style(
        by="status",
        paints=tuple(paint for _, paint in _STATES),
        label="number",
        label_zoom=18,
        tooltip=("number", "matter"),
    ),
)
