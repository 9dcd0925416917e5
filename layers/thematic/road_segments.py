"""责任路段: the road segments that section-level leaders answer for."""

from layers.declaring.words import SOURCE, Aggregate, Field, Geometry, Label, Layer, Measure, Style
from layers.thematic.streets import ROAD_CLASS, ROAD_PAINTS

LAYER = Layer(
    name="road_segments",
    label=Label("责任路段", "Liaison road segments"),
    unit=Label("段", "segments"),
    geometry=Geometry.LINE,
    key=("name", "from_place", "to_place"),
    title="name",
    fields=(
        Field(
            name="name",
            label=Label("路段名称", "Name"),
            required=True,
            aliases=("名称", "路名"),
        ),
        Field(name="from_place", label=Label("起点", "From"), aliases=("from",)),
        Field(name="to_place", label=Label("终点", "To"), aliases=("to",)),
        ROAD_CLASS,
        Field(
            name="liaison_leader",
            label=Label("联点领导", "Liaison leader"),
            personal=True,
            duty="liaison_leader",
            aliases=("责任领导",),
        ),
        SOURCE,
    ),
    style=Style(
        by="road_class",
        paints=ROAD_PAINTS,
        alert_without="liaison_leader",
        label="name",
        label_zoom=15,
        tooltip=("name", "liaison_leader"),
    ),
    measures=(
        Measure(
            name="length",
            label=Label("总长", "Length"),
            aggregate=Aggregate.LENGTH_KM,
            unit=Label("公里", "km"),
        ),
        Measure(
            name="leaders",
            label=Label("联点领导", "Liaison leaders"),
            aggregate=Aggregate.DISTINCT,
            field="liaison_leader",
            unit=Label("人", "people"),
        ),
        Measure(
            name="uncovered",
            label=Label("未落实", "Without a leader"),
            aggregate=Aggregate.MISSING,
            field="liaison_leader",
            unit=Label("段", "segments"),
        ),
    ),
)
