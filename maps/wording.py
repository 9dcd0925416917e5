"""The words of the pages in both languages. What the map's script says stands in its own list."""

from collections.abc import Mapping

from gis.errors import Lang
from layers.declare import Label
from maps.import_words import IMPORT
from maps.report_words import OVERLAY, REPORT, TOPOLOGY

HTML_LANG: Mapping[Lang, str] = {"zh": "zh-CN", "en": "en"}
OTHER: Mapping[Lang, Lang] = {"zh": "en", "en": "zh"}

_FRAME = {
    "brand": Label("网格责任田", "Gridfield"),
    "claim": Label("社区网格治理一张图", "Who answers for which ground"),
    "crumbs": Label("所在位置", "Where you are"),
    "skip": Label("跳到正文", "Skip to the content"),
    "nav": Label("主导航", "Main navigation"),
    "maps": Label("专题地图", "Maps"),
    "data": Label("数据", "Data"),
    "import": Label("导入", "Import"),
    "docs": Label("接口文档", "API docs"),
    # Each language offers the other one in the other one's own words.
    "switch": Label("English", "中文"),
    "internal": Label("内部资料", "Internal use only"),
    "approval": Label("审图号：{number}", "Map approval no. {number}"),
    "synthetic": Label("演示数据，纯属虚构", "Synthetic demonstration data"),
    "unit_gap": Label("", " "),
    "pause": Label("，", ", "),
    "colon": Label("：", ": "),
}
_MAP = {
    "back": Label("首页", "Home"),
    "themes": Label("专题", "Maps"),
    "legend": Label("图例", "Legend"),
    "ground": Label("底图（水系、建筑、道路）", "Ground (water, buildings, streets)"),
    "context": Label("{label}（界线）", "{label} (outline)"),
    "distinct": Label("按{field}分色，相邻不同", "A colour for each {field}; neighbours differ"),
    "alert": Label("无{field}", "No {field}"),
    "sized": Label("符号越大，{field}越大", "The larger the symbol, the larger the {field}"),
    "fullscreen": Label("全屏", "Full screen"),
    "fullscreen_exit": Label("退出全屏", "Leave full screen"),
    "locate": Label("我的位置", "Where I am"),
    "noscript": Label(
        "地图需要 JavaScript。没有它，也可以逐条查看",
        "The map needs JavaScript. Without it, read the records themselves",
    ),
}
_PORTAL = {
    "hero": Label("这块地，谁负责？", "Who answers for this ground?"),
    "hero_text": Label(
        "每一块责任田都有网格长，每一段路都有联点领导。站在哪里，查哪里。",
        "Every field has a grid leader, every road segment a liaison leader. Ask where you stand.",
    ),
    "where": Label("经度，纬度（WGS 84）", "Longitude, latitude (WGS 84)"),
    "where_hint": Label("例如 101.8012, 36.6203", "For example 101.8012, 36.6203"),
    "ask": Label("查询", "Look up"),
    "here": Label("用我的位置", "Use my position"),
    "themes_title": Label("专题地图", "Maps"),
    "no_records": Label("还没有数据", "No records yet"),
    "empty_title": Label("从导入第一份数据开始", "Begin with your first import"),
    "empty_text": Label(
        "库里还是空的。先导入网格责任田，再导入路段、楼院和违法建设；有错的行会逐条列出，一行有错就全不导入。",
        "Nothing is stored yet. Import the responsibility fields first, then roads, courtyards and "
        "structures. Faulty rows are listed one by one; with one fault nothing is loaded.",
    ),
    "empty_upload": Label("在网页上导入", "Import in the browser"),
    "empty_command": Label("或者在命令行：", "Or on the command line:"),
    "synthetic_note": Label(
        "当前显示的是演示数据：地形、姓名和案件都是虚构的，不代表任何真实的人和地。",
        "These are demonstration data: ground, names and cases are invented and stand for no "
        "real person or place.",
    ),
}
_LOOKUP = {
    "asking": Label("正在查询…", "Asking…"),
    "locating": Label("正在定位…", "Finding your position…"),
    "inside": Label("在这块责任田里", "Inside this field"),
    "border": Label("正在边界上，相邻责任田都列出", "On a border: both neighbours are named"),
    "overlap": Label("几块责任田在这里重叠", "Several fields overlap here"),
    "outside": Label("这里不属于任何责任田", "This point lies in no field"),
    "nearest": Label("最近的责任田", "Nearest field"),
    "road": Label("最近的责任路段", "Nearest road segment"),
    "distance": Label("相距 {metres} 米", "{metres} m away"),
    "nobody": Label("尚未落实", "Nobody yet"),
    "show": Label("在地图上看", "Show on the map"),
    "bad_input": Label(
        "请写成“经度，纬度”，例如 101.8012, 36.6203",
        "Write longitude, latitude, for example 101.8012, 36.6203",
    ),
    "swapped": Label("看起来经度和纬度写反了", "Longitude and latitude seem to be swapped"),
    "denied": Label(
        "浏览器没有给出位置。请在浏览器设置里允许定位，或者输入坐标",
        "The browser gave no position. Allow it in the browser's settings, or enter coordinates",
    ),
    "insecure": Label(
        "浏览器只在 https 或本机地址上给出位置，请输入坐标",
        "Browsers give the position only over https or on this machine; enter coordinates",
    ),
    "accuracy": Label("定位精度约 {metres} 米", "The position is good to about {metres} m"),
    "offline": Label("连不上服务器，请稍后再试", "The server cannot be reached, try again later"),
}
_PAGES = {
    "data_title": Label("数据", "Data"),
    "data_text": Label(
        "每个图层都可以浏览、下载，也可以用 OGC API – Features 读取。",
        "Every layer can be browsed, downloaded, and read through OGC API – Features.",
    ),
    "point": Label("点", "Point"),
    "line": Label("线", "Line"),
    "polygon": Label("面", "Polygon"),
    "records_layers": Label("业务图层", "Thematic layers"),
    "ground_layers": Label("底图图层", "Ground layers"),
    "browse": Label("浏览记录", "Browse the records"),
    "download": Label("下载", "Download"),
    "fields": Label("字段", "Fields"),
    "queryables": Label("可查询字段", "Queryables"),
    "on_map": Label("在地图上看", "On the map"),
    "check": Label("检查空隙和重叠", "Check gaps and overlaps"),
    "sources": Label("数据来源", "Sources"),
    "field": Label("字段", "Field"),
    "column": Label("列名", "Column"),
    "type": Label("类型", "Type"),
    "allowed": Label("取值", "Values"),
    "text": Label("文本", "text"),
    "integer": Label("整数", "whole number"),
    "decimal": Label("小数", "number"),
    "date": Label("日期", "date"),
    "boolean": Label("是/否", "yes/no"),
    "yes": Label("是", "yes"),
    "no": Label("否", "no"),
    "comma": Label("、", ", "),
    "required": Label("必填", "required"),
    "personal": Label("个人信息", "personal data"),
    "from_to": Label("{low} 至 {high}", "{low} to {high}"),
    "at_least": Label("不小于 {low}", "{low} or more"),
    "at_most": Label("不大于 {high}", "{high} or less"),
    "records": Label("记录", "Records"),
    "matched": Label("共 {count} 条", "{count} in all"),
    "shown": Label("本页 {count} 条", "{count} on this page"),
    "first_page": Label("回到第一页", "First page"),
    "next_page": Label("下一页", "Next page"),
    "number": Label("ID", "ID"),
    "nothing": Label("没有符合条件的记录", "No record matches"),
    "geometry_json": Label("几何（GeoJSON）", "Geometry (GeoJSON)"),
    "problem_home": Label("回到首页", "Back to the start"),
    "problem_places": Label("出错的位置", "Where"),
    "problem_more": Label("另有 {count} 处没有列出", "{count} more are not listed"),
    "place": Label("位置", "Place"),
    "fault": Label("说明", "What it says"),
}
GROUPS: Mapping[str, Mapping[str, Label]] = {
    "frame": _FRAME,
    "map": _MAP,
    "portal": _PORTAL,
    "lookup": _LOOKUP,
    "pages": _PAGES,
    "import": IMPORT,
    "overlay": OVERLAY,
    "topology": TOPOLOGY,
    "report": REPORT,
}


def words(group: str, lang: Lang) -> dict[str, str]:
    """One group of words in one language."""
    return {key: label.of(lang) for key, label in GROUPS[group].items()}
