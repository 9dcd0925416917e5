"""道路底图: the street network under every map."""

from layers.declaring.words import SOURCE, Choice, Field, Geometry, Label, Layer, Paint, Role, Style

ROAD_CLASS = Field(
    name="road_class",
    label=Label("道路等级", "Class"),
    required=True,
    choices=(
        Choice("main", Label("主干路", "Main road")),
        Choice("secondary", Label("次干路", "Secondary road")),
        Choice("branch", Label("支路", "Branch road")),
        Choice("lane", Label("巷道", "Lane")),
    ),
    aliases=("等级",),
)
ROAD_PAINTS = (
    Paint("#8C510A", width=7.0),
    Paint("#BF812D", width=5.0),
    Paint("#D8B365", width=3.5),
    Paint("#E3CD9B", width=2.5),
)

LAYER = Layer(
    name="streets",
    label=Label("道路", "Streets"),
    geometry=Geometry.LINE,
    title="name",
    fields=(
        Field(name="name", label=Label("路名", "Name"), aliases=("名称",)),
        ROAD_CLASS,
        SOURCE,
    ),
    style=Style(
        by="road_class",
        paints=(
            Paint("#FFFFFF", width=9.0),
            Paint("#FFFFFF", width=6.5),
            Paint("#FFFFFF", width=4.5),
            Paint("#FBFAF6", width=2.5),
        ),
        label="name",
        label_zoom=15,
    ),
    role=Role.BASEMAP,
)
