"""What is wrong with polygons that should cover ground, and what was mended of it."""

from gis.errors import Rule

COVERAGE_GAP = Rule(
    "coverage-gap",
    "空隙 {area} m²（约在 {lon}, {lat}），相邻：{polygons}",
    "a gap of {area} m² (near {lon}, {lat}), bordered by {polygons}",
    "{mend_zh}",
    "{mend}",
)
COVERAGE_OVERLAP = Rule(
    "coverage-overlap",
    "{polygons} 重叠 {area} m²（约在 {lon}, {lat}）",
    "{polygons} overlap by {area} m² (near {lon}, {lat})",
    "{mend_zh}",
    "{mend}",
)
COVERAGE_SLIVER_GAP = Rule(
    "coverage-sliver-gap",
    "狭缝 {area} m²，平均宽 {width} m（约在 {lon}, {lat}），相邻：{polygons}",
    "a thin gap of {area} m², {width} m wide on average (near {lon}, {lat}), "
    "bordered by {polygons}",
    "{mend_zh}",
    "{mend}",
)
COVERAGE_SLIVER_OVERLAP = Rule(
    "coverage-sliver-overlap",
    "{polygons} 沿边界细条重叠 {area} m²，平均宽 {width} m（约在 {lon}, {lat}）",
    "{polygons} overlap in a thin strip of {area} m², {width} m wide on average "
    "(near {lon}, {lat})",
    "{mend_zh}",
    "{mend}",
)
COVERAGE_OUTSIDE = Rule(
    "coverage-outside",
    "{polygons} 有 {area} m² 超出边界（约在 {lon}, {lat}）",
    "{area} m² of {polygons} lie outside the boundary (near {lon}, {lat})",
    "{mend_zh}",
    "{mend}",
)
COVERAGE_UNCOVERED = Rule(
    "coverage-uncovered",
    "边界内侧有 {area} m² 未被覆盖（约在 {lon}, {lat}），相邻：{polygons}",
    "{area} m² inside the boundary are not covered (near {lon}, {lat}), bordered by {polygons}",
    "{mend_zh}",
    "{mend}",
)
COVERAGE_DUPLICATE = Rule(
    "coverage-duplicate",
    "{polygons} 是同一块地，{area} m²（约在 {lon}, {lat}）",
    "{polygons} are the same ground, {area} m² (near {lon}, {lat})",
    "{mend_zh}",
    "{mend}",
)
COVERAGE_MEND_SNAP = Rule(
    "coverage-mend-snap",
    "把 {polygon} 的边界贴合到邻边",
    "move the border of {polygon} onto its neighbour's",
)
COVERAGE_MEND_FILL = Rule("coverage-mend-fill", "并入 {polygon}", "add it to {polygon}")
COVERAGE_MEND_CUT = Rule("coverage-mend-cut", "从 {polygon} 中切去", "cut it from {polygon}")
COVERAGE_MEND_NONE = Rule(
    "coverage-mend-none",
    "须人工判断：是缺了一块、多了一块，还是边界画错",
    "a person has to decide: one is missing, one too many, or a border is drawn wrongly",
)
COVERAGE_UNFIT = Rule(
    "coverage-unfit",
    "{count} 个图形无效，不能检查空隙和重叠",
    "{count} geometries are invalid, so that gaps and overlaps cannot be checked",
)
COVERAGE_TOO_MANY = Rule(
    "coverage-too-many",
    "问题超过 {limit} 处：这些图形看来不是同一分区的",
    "there are more than {limit} faults: these polygons do not look like one partition",
)
COVERAGE_MEND_REFUSED = Rule(
    "coverage-mend-refused",
    "不能这样修补：{reason_zh}",
    "this cannot be mended so: {reason}",
)
GEOMETRY_AMBIGUOUS = Rule(
    "geometry-ambiguous",
    "几何有不止一种读法，未自动修复：{reason_zh}（约在 {lon}, {lat}）",
    "the geometry can be read in more than one way and was not repaired: {reason} "
    "(near {lon}, {lat})",
)
GEOMETRY_REPAIRED = Rule("geometry-repaired", "几何已修复：{done_zh}", "repaired: {done}")
REPAIR_CLOSED = Rule(
    "repair-closed", "闭合了未闭合的环", "closed a ring that did not end where it began"
)
REPAIR_POINTS = Rule("repair-points", "去掉了重复的点", "dropped repeated points")
REPAIR_RINGS = Rule("repair-rings", "去掉了没有面积的环", "dropped rings without area")
REPAIR_TURNED = Rule(
    "repair-turned",
    "洞与外环同向，已改正",
    "turned a hole that ran the same way as its outer ring",
)
REPAIR_REBUILT = Rule(
    "repair-rebuilt",
    "按奇偶规则重新组合了环",
    "put the rings together again by the even-odd rule",
)
SPLIT_REFUSED = Rule(
    "split-refused",
    "分割线没有把这一块切成两块，而是 {parts} 块",
    "The line does not cut this in two: it makes {parts}",
    "从边界外画起，穿过一次，到边界外结束",
    "begin outside the border, cross once, and end outside",
)
JOIN_REFUSED = Rule(
    "join-refused",
    "这两块没有公共边界，不能合并",
    "These two have no border in common and cannot be merged",
)
