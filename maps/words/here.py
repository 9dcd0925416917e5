"""The words of the page that says who answers, and of its answer, in both languages."""

from collections.abc import Mapping

from layers.declaring.words import Label

HERE: Mapping[str, Label] = {
    "title": Label("谁负责", "Who answers"),
    "summary": Label(
        "点一下地图，看这块地由谁负责", "Tap the map and see who answers for that ground"
    ),
    "find": Label(
        "网格、楼院、路段的名称或编号，或经纬度",
        "Name or code of a field, courtyard or road, or coordinates",
    ),
    "find_hint": Label("名称或经纬度", "Name or coordinates"),
    "search": Label("查找", "Find"),
    "locate": Label("我的位置", "Where I am"),
    "answer": Label("答复", "The answer"),
    "start": Label("这块地，谁负责？", "Who answers for this ground?"),
    "start_map": Label(
        "点地图上任何一处，或按「我的位置」。用键盘时：选中地图，方向键移动，回车询问图中央。",
        "Tap anywhere on the map, or press “Where I am”. By keyboard: focus the map, move it with "
        "the arrow keys, and press Enter to ask for its middle.",
    ),
    "start_plain": Label(
        "没有 JavaScript 时地图不显示：在上面输入名称、编号，或“经度，纬度”。",
        "Without JavaScript there is no map: enter a name, a code, or “longitude, latitude” above.",
    ),
    # --- the answer ---
    "outside": Label("这里不属于任何责任田", "This lies in no field"),
    "nearest": Label("最近的责任田", "Nearest field"),
    "road": Label("最近的责任路段", "Nearest road segment"),
    "courtyard": Label("近旁的楼院", "Courtyard at hand"),
    "unit": Label("近旁的辖区单位", "Work unit at hand"),
    "here": Label("就在这里", "right here"),
    "away": Label("相距 {metres} 米", "{metres} m away"),
    "nobody": Label("尚未落实", "Nobody yet"),
    "call": Label("打电话", "Call"),
    "no_phone": Label("没有登记电话", "No number is recorded"),
    "masked": Label(
        "按您的角色，姓名和电话不完整显示。",
        "Names and numbers are shown in part, as your role allows.",
    ),
    "doubts": Label("需要留意", "Please note"),
    "on": Label("哪一天", "On which day"),
    "ask_on": Label("查这一天", "Ask for that day"),
    "as_of": Label("{day} 的情况", "As of {day}"),
    "as_of_note": Label(
        "网格和任职都按这一天答复；地图上画的是今天的网格。",
        "Fields and duties are those of that day; the map shows the fields of today.",
    ),
    "today": Label("回到今天", "Back to today"),
    "comma": Label("、", ", "),
    "told": Label("{title}，{role}：{names}", "{title}, {role}: {names}"),
    # --- places by name ---
    "found": Label("找到 {count} 处", "{count} found"),
    "found_first": Label("只列出最接近的 {count} 处", "The closest {count} are listed"),
    "none": Label("没有找到“{text}”", "Nothing is called “{text}”"),
    "none_hint": Label(
        "可以换个写法，或只写其中几个字；只找得到您有权查看的地方。",
        "Try another spelling or a part of the name; only what you may see is found.",
    ),
}
