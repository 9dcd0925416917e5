"""What is wrong with values and geometries."""

from gis.errors import Rule

BAD_PARAMETER = Rule(
    "bad-parameter", "参数 {name} 不对：{reason_zh}", "The parameter {name} is wrong: {reason}"
)
GEOMETRY_MISSING = Rule(
    "geometry-missing",
    "没有几何",
    "has no geometry",
    "补上坐标或图形",
    "give it coordinates or draw it",
)
GEOMETRY_TYPE = Rule(
    "geometry-type",
    "几何是 {found}，应为 {wanted}",
    "the geometry is {found}, not {wanted}",
    "画成 {wanted}，或选别的图层",
    "draw it as {wanted}, or choose another layer",
)
GEOMETRY_INVALID = Rule(
    "geometry-invalid",
    "几何无效：{reason}（约在 {lon}, {lat}）",
    "the geometry is invalid: {reason} (near {lon}, {lat})",
    "在 GIS 软件中到此处改正边界（QGIS：检查有效性、修正几何图形）",
    "correct the border at this place (in QGIS: Check validity, Fix geometries)",
)
GEOMETRY_OUTSIDE = Rule(
    "geometry-outside",
    "坐标 {lon}, {lat} 不是经纬度",
    "the coordinates {lon}, {lat} are no longitude and latitude",
    "核对这一行的坐标，或指明文件的坐标系（--crs）",
    "check the coordinates of this row, or name the file's CRS (--crs)",
)
GEOMETRY_UNREADABLE = Rule(
    "geometry-unreadable",
    "几何读不出：{reason_zh}",
    "the geometry cannot be read: {reason}",
    "坐标写成 101.82、36.62 这样的数，或 101°49′12″",
    "write coordinates as numbers such as 101.82 and 36.62, or as 101°49′12″",
)
