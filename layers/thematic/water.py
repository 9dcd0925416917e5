"""水系底图: rivers and ponds under every map."""

from layers.declaring.words import SOURCE, Field, Geometry, Label, Layer, Paint, Role, Style

LAYER = Layer(
    name="water",
    label=Label("水系", "Water"),
    geometry=Geometry.POLYGON,
    title="name",
    fields=(Field(name="name", label=Label("名称", "Name")), SOURCE),
    style=Style(paints=(Paint("#B9D7EA"),), label="name", label_zoom=13),
    role=Role.BASEMAP,
)
