"""建筑底图: building footprints under every map."""

from layers.declaring.words import SOURCE, Field, Geometry, Label, Layer, Paint, Role, Style, Type

LAYER = Layer(
    name="buildings",
    label=Label("建筑", "Buildings"),
    geometry=Geometry.POLYGON,
    fields=(
        Field(
            name="storeys",
            label=Label("层数", "Storeys"),
            type=Type.INTEGER,
            unit=Label("层", "storeys"),
            minimum=0,
            maximum=200,
        ),
        SOURCE,
    ),
    style=Style(paints=(Paint("#D9D3C7"),), min_zoom=14),
    role=Role.BASEMAP,
)
