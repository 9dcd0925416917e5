"""The words of the pages for editing and for the history."""

from collections.abc import Mapping

from layers.declaring.words import Label

EDIT: Mapping[str, Label] = {
    "edit_title": Label("编辑：{title}", "Edit: {title}"),
    "new_title": Label("新增：{layer}", "New: {layer}"),
    "save": Label("保存", "Save"),
    "cancel": Label("取消", "Cancel"),
    "fields": Label("字段", "Fields"),
    "shape": Label("图形", "Shape"),
    "choose": Label("（未填）", "(none)"),
    "numbered": Label("留空则自动编号", "Left empty, the next free code is given"),
    "duty": Label(
        "改写姓名就是从今天起换人", "Another name means that from today on it is somebody else"
    ),
    "refused": Label("没有保存", "Not saved"),
    "feature_refused": Label(
        "有 {count} 处不合规定，已在下面标出", "{count} entries break a rule; see below"
    ),
    "coverage_opened": Label(
        "会出现 {count} 处新的空隙或重叠，已在图上标出",
        "this would open {count} new gaps or overlaps; see the map",
    ),
    "and_then": Label("；", "; "),
    "clash_title": Label(
        "没有保存：您打开之后，别人改过这一条",
        "Not saved: somebody has changed this since you opened it",
    ),
    "clash_text": Label(
        "下面的表单已按最新的内容更新；两边都改了的字段保留您填的。核对后再保存，或改用最新的内容。",
        "The form below has taken over what is newest; where both of you changed a field, it keeps "
        "yours. Look it over and save again, or go on with the newest.",
    ),
    "clash_shape": Label(
        "图形也被别人改过，已换成最新的；您画的没有保留。",
        "The shape was changed too and is now the newest; what you had drawn is not kept.",
    ),
    "yours": Label("您填的", "Yours"),
    "theirs": Label("现在的", "Theirs"),
    "both": Label("两边都改了", "changed by both"),
    "go_on": Label("改用最新的内容", "Go on with the newest"),
    "gone_neighbour": Label(
        "相邻的一块已被别人改过，请重新调整边界。",
        "A neighbour has been changed meanwhile; please move the border again.",
    ),
    "tools": Label("绘图工具", "Drawing tools"),
    "map_note": Label(
        "拖动圆点移动顶点，拖动边上的小圆点增加顶点；与相邻各块共有的顶点一起移动。",
        "Drag a handle to move a corner, a small one to add a corner; corners shared with "
        "neighbours move together.",
    ),
    "map_note_plain": Label(
        "拖动圆点移动顶点，靠近相邻要素时自动吸附。",
        "Drag a handle to move a corner; it snaps to what is near.",
    ),
    "map_note_point": Label(
        "拖动标记，或点一下地图，就是这里。", "Drag the marker, or tap the map, to say where it is."
    ),
    "geojson": Label("坐标（GeoJSON）", "Coordinates (GeoJSON)"),
    "split": Label("分割", "Split"),
    "split_text": Label(
        "画一条线，从边界外开始，穿过一次，到边界外结束。较大的一块保留编码，另一块用新编码。",
        "Draw a line that begins outside, crosses once and ends outside. The larger part keeps its "
        "code, the other is given a new one.",
    ),
    "split_draw": Label("画分割线", "Draw the line"),
    "split_do": Label("按这条线分割", "Split along this line"),
    "split_line": Label("分割线（GeoJSON）", "The line (GeoJSON)"),
    "split_done": Label(
        "已分割。这是新的一块，请核对名称、户数和人口。",
        "Split. This is the new part: please check its name and its numbers.",
    ),
    "merge": Label("合并", "Merge"),
    "merge_text": Label(
        "把相邻的一块并入这一块：这一块保留编码，那一块不再存在，户数和人口相加。",
        "Take in a neighbour: this one keeps its code, the other is no more, and what both "
        "count is added up.",
    ),
    "merge_other": Label("相邻的一块", "The neighbour"),
    "merge_do": Label("并入这一块", "Take it in"),
    "delete": Label("删除", "Delete"),
    "delete_text": Label(
        "删除后仍可在历史里查到，也可以撤销。",
        "Its history stays, and the deletion can be undone there.",
    ),
    "delete_do": Label("确认删除", "Delete it"),
    "noscript": Label(
        "没有 JavaScript 时不能在地图上画，但可以改字段和坐标。",
        "Without JavaScript nothing can be drawn, but fields and coordinates can be changed.",
    ),
}

EDIT_MAP: Mapping[str, Label] = {
    "move": Label("移动顶点", "Move corners"),
    "remove": Label("删除顶点", "Remove corners"),
    "draw": Label("重画", "Draw anew"),
    "draw_first": Label("开始画", "Draw"),
    "finish": Label("画完了", "Done"),
    "stop": Label("不画了", "Stop drawing"),
    "back": Label("撤销一步", "Undo a step"),
    "reset": Label("全部还原", "Reset"),
    "unchanged": Label("图形没有改动。", "The shape has not been changed."),
    "changed": Label("图形已改动，还没有保存。", "The shape has been changed and is not saved."),
    "together": Label(
        "图形已改动，相邻的 {count} 块一起改，还没有保存。",
        "The shape has been changed, together with {count} neighbours, and is not saved.",
    ),
    "crossing": Label("边界不能自相交，已还原。", "A border cannot cross itself; it was put back."),
    "unreadable": Label("这不是 GeoJSON 图形。", "This is no GeoJSON geometry."),
    "drawing": Label(
        "在地图上逐点画；点最后一个点结束。", "Tap corner after corner; tap the last one to end."
    ),
    "drawn_line": Label("线已画好。", "The line is drawn."),
    "save_first": Label(
        "请先保存或还原图形的改动。", "Save or reset what you have changed of the shape first."
    ),
    "failed": Label(
        "相邻的要素没有取到，顶点不会一起移动。",
        "The neighbours could not be fetched: their corners will not move along.",
    ),
}

HISTORY: Mapping[str, Label] = {
    "title": Label("历史：{title}", "History: {title}"),
    "count": Label("共 {count} 次变更，最近的在前", "{count} changes, the latest first"),
    "gone": Label("已删除", "Deleted"),
    "gone_text": Label(
        "这一条已在 {at} 删除，历史还在。", "This was deleted on {at}. Its history is kept."
    ),
    "see_history": Label("查看历史", "See its history"),
    "op_insert": Label("新增", "Added"),
    "op_update": Label("修改", "Changed"),
    "op_delete": Label("删除", "Deleted"),
    "cookie": Label("网页", "in the browser"),
    "bearer": Label("程序接口", "by a program"),
    "cli": Label("命令行", "on the command line"),
    "local": Label("本机", "on this machine"),
    "owner": Label("数据库", "in the database"),
    "batch": Label("第 {number} 批导入", "import no. {number}"),
    "batch_undone": Label("撤销第 {number} 批导入", "undoing of import no. {number}"),
    "number": Label("变更 {number}", "change {number}"),
    "field": Label("字段", "Field"),
    "before": Label("原来", "Before"),
    "after": Label("改为", "After"),
    "shape_changed": Label("图形有变动", "The shape changed"),
    "show_map": Label("看图形", "See the shape"),
    "map_title": Label("变更 {number} 前后的图形", "The shape before and after change {number}"),
    "shapes": Label("图形", "Shapes"),
    "was": Label("变更前", "Before"),
    "became": Label("变更后", "After"),
    "gained_ground": Label("增加", "Gained"),
    "lost_ground": Label("减少", "Lost"),
    "square_metres": Label("{area} 平方米", "{area} m²"),
    "split_from": Label("由 {other} 分出 {area}", "split from {other}, {area}"),
    "took_in": Label("合并了 {other}，{area}", "took in {other}, {area}"),
    "gained": Label("从 {other} 划入 {area}", "gained {area} from {other}"),
    "split_off": Label("分出 {other}，{area}", "{other} was split off, {area}"),
    "merged_into": Label("并入 {other}，{area}", "merged into {other}, {area}"),
    "gave": Label("划给 {other} {area}", "gave {area} to {other}"),
    "undo": Label("撤销这次修改", "Undo this change"),
    "undo_text": Label(
        "把这次修改涉及的全部要素改回原来的样子。这本身也是一次新的变更，会记入历史。",
        "Everything that this change touched becomes as it was. That is a new change of its own, "
        "and recorded.",
    ),
    "undo_do": Label("确认撤销", "Undo it"),
    "undo_batch": Label("这次变更属于一批导入，可整批撤销", "Part of an import, undone as a whole"),
}
