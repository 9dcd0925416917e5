"""The themes that are more than one layer by itself; other layers get a theme of their own."""

from layers.declare import Label, Theme

OVERVIEW_LABEL = Label("一张图总览", "Overview")
OVERVIEW_SUMMARY = Label("全部图层，一图看全", "Every layer on one map")

THEMES = (
    Theme(
        name="fields",
        label=Label("网格责任田", "Responsibility fields"),
        summary=Label("每一块地由谁负责", "Who answers for each piece of ground"),
        subjects=("divisions", "grid_fields"),
    ),
    Theme(
        name="liaison",
        label=Label("联点路段", "Liaison roads and units"),
        summary=Label(
            "科级领导联系的路段和单位，缺人的路段标红",
            "Roads and units by liaison leader; roads without one stand out",
        ),
        subjects=("road_segments", "work_units"),
        context=("grid_fields",),
    ),
    Theme(
        name="structures",
        label=Label("违法建设", "Illegal structures"),
        summary=Label("发现、立案到拆除的进度", "From discovery to demolition"),
        subjects=("illegal_structures",),
        context=("grid_fields",),
    ),
    Theme(
        name="courtyards",
        label=Label("无物业楼院", "Courtyards"),
        summary=Label("楼院整治与长效管理", "Courtyards without management and their clean-up"),
        subjects=("courtyards",),
        context=("grid_fields",),
    ),
)
