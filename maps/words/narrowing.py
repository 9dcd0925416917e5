"""The words of what narrows a map down, and of what is found on one, in both languages."""

from collections.abc import Mapping

from layers.declaring.words import Label

NARROWING: Mapping[str, Label] = {
    "title": Label("筛选：{theme}", "Filter: {theme}"),
    "filter": Label("筛选", "Filter"),
    "hint": Label(
        "只显示符合条件的。留空的不限；各项条件要同时符合。",
        "Shows only what fits. What is left empty is not asked for; everything else has to hold.",
    ),
    "do": Label("在图上显示", "Show on the map"),
    "all": Label("全部显示", "Show all"),
    "back": Label("回到地图", "Back to the map"),
    "any": Label("不限", "Any"),
    "low": Label("从", "From"),
    "high": Label("到", "To"),
    "contains": Label("含有", "Contains"),
    "personal": Label("个人信息", "Personal"),
    "given": Label("另有条件：{text}", "Also: {text}"),
    "on": Label("已筛选", "Filtered"),
    "records": Label("清单：{layer}", "List: {layer}"),
    "and": Label("；", "; "),
    "or": Label("、", ", "),
    "is": Label("{field}：{values}", "{field}: {values}"),
    "has": Label("{field}含“{text}”", "{field} has “{text}”"),
    "from": Label("{field}从 {value} 起", "{field} from {value}"),
    "to": Label("{field}到 {value} 为止", "{field} up to {value}"),
}
