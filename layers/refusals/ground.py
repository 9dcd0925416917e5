"""What is wrong with layers that cover ground."""

from gis.errors import Rule

COVERAGE_OPENED = Rule(
    "coverage-opened",
    "{layer} 会出现 {count} 处新的空隙或重叠，没有保存",
    "This would open {count} new gaps or overlaps in {layer}; nothing was saved",
    "一次提交中同时修改相邻的几块，让公共边界一起移动",
    "change the neighbours in the same step, so that their common border moves",
)
UNKNOWN_PARTITION = Rule(
    "unknown-partition",
    "{layer} 不是分片覆盖的图层，没有空隙和重叠可查",
    "{layer} is no layer that covers ground in parts, so that it has no gaps or overlaps",
)
UNKNOWN_DIVISION = Rule(
    "unknown-division", "没有代码为 {code} 的区划", "There is no division with the code {code}"
)
UNKNOWN_FAULT = Rule(
    "unknown-fault",
    "没有编号为 {id} 的问题：可能已经改过，请重新检查",
    "There is no fault {id}: it may have been mended; check again",
)
FAULT_UNMENDABLE = Rule(
    "fault-unmendable",
    "问题 {id} 没有修补建议，须人工判断",
    "The fault {id} has no suggestion; a person has to decide",
)
PART_UNOWNED = Rule(
    "part-unowned",
    "{polygons} 没有填写{column_zh}（约在 {lon}, {lat}）",
    "{polygons} has no value for {column} (near {lon}, {lat})",
    "填写{column_zh}",
    "fill in {column}",
)
PART_INVALID = Rule(
    "part-invalid",
    "{polygons} 的图形无效：{reason}（约在 {lon}, {lat}）",
    "the geometry of {polygons} is invalid: {reason} (near {lon}, {lat})",
    "改正此处的边界",
    "correct the border at this place",
)
CODE_MISPLACED = Rule(
    "code-misplaced",
    "{polygons} 的{column_zh}“{value}”与它所在的 {place} 不符（约在 {lon}, {lat}）",
    "{column} {value!r} of {polygons} does not agree with {place}, where it lies "
    "(near {lon}, {lat})",
    "改正{column_zh}，或改正边界",
    "mend {column}, or the border",
)
CODE_UNKNOWN = Rule(
    "code-unknown",
    "{polygons} 的{column_zh}“{value}”不是已有的区划（约在 {lon}, {lat}）",
    "{column} {value!r} of {polygons} names no division that is stored (near {lon}, {lat})",
    "改正{column_zh}，或先导入这个区划",
    "mend {column}, or load that division first",
)
CODE_ORDER = Rule(
    "code-order",
    "{place} 有 {count} 个编码不是从西到东、从北到南的次序，如 {polygons}：{found} 应为 {wanted}",
    "{count} codes of {place} are not numbered from west to east and north to south, such as "
    "{polygons}: {found} would be {wanted}",
    "需要时按次序重新编号；已经使用的编码不宜改动",
    "number them again where that is wanted; codes in use are better left as they are",
)
