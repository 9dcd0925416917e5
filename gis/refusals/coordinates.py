"""What is wrong with coordinates, and what was believed of them."""

from gis.errors import Rule

CRS_UNKNOWN = Rule(
    "crs-unknown",
    "“{text}”不是可识别的坐标系（可用 EPSG 编号或 WKT）",
    "{text!r} is no known CRS; give an EPSG code or WKT",
)
CRS_NEEDS_PARAMETERS = Rule(
    "crs-needs-parameters",
    "坐标系 {crs} 在此处没有公开的转换参数，直接换算会偏移几十米甚至更多；请提供四参数或七参数",
    "No transformation of {crs} to WGS 84 is published for this place, and without one positions "
    "are tens of metres off or more; give 4 or 7 parameters",
)
CRS_PARAMETERS = Rule(
    "crs-parameters",
    "转换参数不能用于 {crs}：{reason_zh}",
    "These parameters cannot be used with {crs}: {reason}",
)
DATUM_NEEDS_LONLAT = Rule(
    "datum-needs-lonlat",
    "GCJ-02、BD-09 只用于经纬度，文件的坐标系却是 {crs}",
    "GCJ-02 and BD-09 go with longitude and latitude, but the file is in {crs}",
)
DATUM_CONVERTED = Rule(
    "datum-converted",
    "坐标按 {datum} 读取，已换算为 WGS 84",
    "The coordinates were read as {datum} and converted to WGS 84",
)
DATUM_OVERRIDDEN = Rule(
    "datum-overridden",
    "文件自称坐标是 {found}，按指定的 {given} 读取",
    "The file says that its coordinates are {found}; they were read as {given}, as told",
)
CRS_MISFIT = Rule(
    "crs-misfit",
    "文件 {name} 的坐标数值不可能是 {crs} 的；请用 --crs 指明正确的坐标系",
    "The coordinates of {name} cannot be those of {crs}; give the right CRS with --crs",
)
