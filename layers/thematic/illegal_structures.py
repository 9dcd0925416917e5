"""违法建设: the register of illegal structures, from discovery to demolition and after."""

from layers.declaring.logged import Logged
from layers.declaring.structure_workflow import CLOSED, WORKFLOW
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
from layers.thematic.demolitions import TIME_OF_DAY
from layers.thematic.sites import FIELD_CODE, LEADER

_AREA = Label("㎡", "m²")
_RED, _AMBER, _BLUE, _GREEN, _GREY = "#B2182B", "#F4A736", "#3B6FB6", "#7FC8A9", "#8A8F98"

_STATES = (
    (Choice("registered", Label("线索登记", "Registered")), Paint(_RED, Shape.TRIANGLE)),
    (Choice("filed", Label("已立案", "Filed")), Paint(_RED, Shape.DIAMOND)),
    (Choice("investigated", Label("已调查取证", "Investigated")), Paint(_RED, Shape.SQUARE)),
    (Choice("determined", Label("已认定", "Determined")), Paint(_RED, Shape.CIRCLE)),
    (Choice("notified", Label("已事先告知", "Notified")), Paint(_AMBER, Shape.TRIANGLE)),
    (
        Choice("decided", Label("已下达拆除决定", "Demolition decided")),
        Paint(_AMBER, Shape.DIAMOND),
    ),
    (Choice("reminded", Label("已催告", "Reminded")), Paint(_AMBER, Shape.SQUARE)),
    (Choice("announced", Label("已公告", "Announced")), Paint(_AMBER, Shape.CIRCLE)),
    (Choice("remedy", Label("救济期", "Remedies running")), Paint(_BLUE, Shape.DIAMOND)),
    (Choice("enforcing", Label("强制拆除中", "Being enforced")), Paint(_BLUE, Shape.TRIANGLE)),
    (Choice("agreement", Label("执行协议", "By agreement")), Paint(_BLUE, Shape.SQUARE)),
    (Choice("suspended", Label("已中止", "Suspended")), Paint(_GREY, Shape.DIAMOND)),
    (Choice("demolished", Label("已拆除", "Demolished")), Paint(_GREEN, Shape.SQUARE)),
    (Choice("closed", Label("已销号", "Struck off")), Paint(_GREEN, Shape.CIRCLE)),
    (Choice("corrected", Label("已补办手续", "Made lawful")), Paint(_GREY, Shape.CIRCLE)),
    (Choice("terminated", Label("已终结", "Terminated")), Paint(_GREY, Shape.SQUARE)),
)
LAYER = Layer(
    name="illegal_structures",
    label=Label("违法建设", "Illegal structures"),
    unit=Label("处", "structures"),
    geometry=Geometry.POINT,
    key=("number",),
    title="number",
    # 线索登记: a photograph from afar and one from near at least.
    logged=Logged(
        asked=("address", "use", "structure", "storeys", "area_measured_m2"),
        number="number",
        prefix="违建线索",
        day="found_on",
        photos=2,
        near_days=3650,
        given=(("status", "registered"),),
        field="field",
        leader="leader",
        due="due",
        status="status",
        done=("demolished", *CLOSED),
    ),
    workflow=WORKFLOW,
    in_order=(
        ("found_on", "filed_on", "decided_on", "closed_on"),
        ("found_on", "removed_on", "closed_on", "looked_30_on", "looked_90_on"),
        ("found_on", "ended_on"),
    ),
    fields=(
        Field(name="number", label=Label("编号", "Number"), required=True),
        Field(
            name="address",
            label=Label("地址", "Address"),
            published=False,
            aliases=("位置",),
        ),
        Field(
            name="use",
            label=Label("用途", "Use"),
            choices=(
                Choice("residence", Label("居住", "Residence")),
                Choice("storage", Label("仓储", "Storage")),
                Choice("business", Label("经营", "Business")),
                Choice("animals", Label("养殖", "Animals")),
                Choice("other", Label("其他", "Other")),
            ),
        ),
        Field(
            name="structure",
            label=Label("结构", "Structure"),
            choices=(
                Choice("brick_concrete", Label("砖混", "Brick and concrete")),
                Choice("brick_timber", Label("砖木", "Brick and timber")),
                Choice("steel_shed", Label("钢架棚", "Steel shed")),
                Choice("colour_steel", Label("彩钢板房", "Colour-steel panels")),
                Choice("other", Label("其他", "Other")),
            ),
        ),
        Field(
            name="storeys",
            label=Label("层数", "Storeys"),
            type=Type.INTEGER,
            unit=Label("层", "storeys"),
            minimum=0,
            maximum=200,
        ),
        Field(
            name="height_m",
            label=Label("高度", "Height"),
            type=Type.DECIMAL,
            unit=Label("米", "m"),
            minimum=0,
            maximum=1000,
        ),
        Field(
            name="footprint_m2",
            label=Label("占地面积", "Ground taken"),
            type=Type.DECIMAL,
            unit=_AREA,
            minimum=0,
        ),
        Field(
            name="area_measured_m2",
            label=Label("实测面积", "Measured area"),
            type=Type.DECIMAL,
            unit=_AREA,
            minimum=0,
            aliases=("面积", "建筑面积"),
        ),
        Field(
            name="area_computed_m2",
            label=Label("图算面积", "Computed area"),
            type=Type.DECIMAL,
            unit=_AREA,
            minimum=0,
        ),
        Field(name="built_on", label=Label("建成时间", "Built on"), type=Type.DATE),
        Field(
            name="built_precision",
            label=Label("建成时间精度", "Built on, to within"),
            choices=(
                Choice("day", Label("精确到日", "The day")),
                Choice("month", Label("精确到月", "The month")),
                Choice("year", Label("精确到年", "The year")),
                Choice("about", Label("约", "About")),
            ),
        ),
        Field(name="being_built", label=Label("是否在建", "Being built"), type=Type.BOOLEAN),
        Field(
            name="land",
            label=Label("土地性质", "Land"),
            choices=(
                Choice("state", Label("国有", "State-owned")),
                Choice("collective", Label("集体", "Collective")),
            ),
        ),
        Field(name="temporary", label=Label("是否临时建筑", "Temporary"), type=Type.BOOLEAN),
        Field(
            name="party",
            label=Label("当事人", "Party"),
            personal=True,
            aliases=("户主", "建设单位或个人"),
        ),
        Field(
            name="origin",
            label=Label("线索来源", "Came by"),
            choices=(
                Choice("patrol", Label("巡查", "Patrol")),
                Choice("report", Label("举报", "Reported")),
                Choice("imagery", Label("卫片", "Imagery")),
                Choice("supervision", Label("督查", "Supervision")),
                Choice("transfer", Label("移送", "Transferred")),
                Choice("survey", Label("普查", "Survey")),
            ),
        ),
        Field(name="finder", label=Label("发现人", "Found by"), personal=True),
        FIELD_CODE,
        LEADER,
        Field(name="found_on", label=Label("发现日期", "Found on"), type=Type.DATE),
        Field(
            name="status",
            label=Label("状态", "Status"),
            required=True,
            choices=tuple(choice for choice, _ in _STATES),
        ),
        Field(name="due", label=Label("办理期限", "Due"), type=Type.DATE),
        Field(name="review_on", label=Label("中止复核日期", "Reviewed on"), type=Type.DATE),
        Field(name="approval_number", label=Label("立案审批号", "Approval number")),
        Field(
            name="officers",
            label=Label("承办人", "Officers"),
            personal=True,
            aliases=("执法人员",),
        ),
        Field(name="filed_on", label=Label("立案日期", "Filed on"), type=Type.DATE),
        Field(
            name="determination",
            label=Label("认定结论", "Determination"),
            choices=(
                Choice("correctable", Label("可改正", "Correctable")),
                Choice("uncorrectable", Label("不可改正", "Not correctable")),
                Choice("historical", Label("历史遗留，暂缓", "Historical, deferred")),
                Choice("not_illegal", Label("不属违法建设", "Not illegal")),
            ),
        ),
        Field(name="decided_on", label=Label("决定日期", "Decided on"), type=Type.DATE),
        Field(name="remove_by", label=Label("限期拆除日期", "Remove by"), type=Type.DATE),
        Field(name="enforce_on", label=Label("强拆实施日期", "Enforced on"), type=Type.DATE),
        Field(
            name="enforce_from",
            label=Label("强拆开始时间", "Enforced from"),
            pattern=TIME_OF_DAY,
        ),
        Field(
            name="enforce_until",
            label=Label("强拆结束时间", "Enforced until"),
            pattern=TIME_OF_DAY,
        ),
        Field(
            name="demolished_area_m2",
            label=Label("拆除面积", "Demolished area"),
            type=Type.DECIMAL,
            unit=_AREA,
            minimum=0,
        ),
        Field(name="removed_on", label=Label("拆除日期", "Removed on"), type=Type.DATE),
        Field(name="accepted_by", label=Label("验收人", "Accepted by"), personal=True),
        Field(name="closed_on", label=Label("销号日期", "Struck off on"), type=Type.DATE),
        Field(name="ended_on", label=Label("终结日期", "Ended on"), type=Type.DATE),
        Field(
            name="looked_30_on", label=Label("30 日回访日期", "Seen after 30 days"), type=Type.DATE
        ),
        Field(
            name="looked_90_on", label=Label("90 日回访日期", "Seen after 90 days"), type=Type.DATE
        ),
        Field(name="previous", label=Label("原案编号", "Follows number")),
        Field(name="remark", label=Label("备注", "Remark"), published=False),
        SOURCE,
    ),
    style=Style(
        by="status",
        paints=tuple(paint for _, paint in _STATES),
        size_by="area_measured_m2",
        label="number",
        label_zoom=17,
        tooltip=("number", "address"),
    ),
    measures=(
        Measure(
            name="measured",
            label=Label("实测面积", "Measured area"),
            aggregate=Aggregate.SUM,
            field="area_measured_m2",
            unit=_AREA,
        ),
        Measure(
            name="demolished",
            label=Label("已拆除", "Demolished"),
            aggregate=Aggregate.SUM,
            field="demolished_area_m2",
            unit=_AREA,
        ),
    ),
)
