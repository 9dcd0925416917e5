"""The words of the pages in both languages. What the map's script says stands in its own list."""

from collections.abc import Mapping

from gis.errors import Lang
from layers.declaring.words import Label
from maps.words.dashboard import DASHBOARD
from maps.words.drawn import OVERLAY, REPORT, TOPOLOGY
from maps.words.duties import COVERAGE, DUTIES
from maps.words.editing import EDIT, EDIT_MAP, HISTORY
from maps.words.field import FIELD
from maps.words.here import HERE
from maps.words.importing import IMPORT
from maps.words.ledger import LEDGER
from maps.words.logged import LOGGED
from maps.words.narrowing import NARROWING
from maps.words.notices import MAIL, NOTICES, WEBHOOKS
from maps.words.patrols import PATROLS, WALKED
from maps.words.photos import PHOTOS
from maps.words.registers import REGISTERS
from maps.words.reports import STATISTICS
from maps.words.structures import STRUCTURES

HTML_LANG: Mapping[Lang, str] = {"zh": "zh-CN", "en": "en"}
OTHER: Mapping[Lang, Lang] = {"zh": "en", "en": "zh"}

_FRAME = {
    "brand": Label("网格责任田", "Gridfield"),
    "claim": Label("社区网格治理一张图", "Who answers for which ground"),
    "crumbs": Label("所在位置", "Where you are"),
    "skip": Label("跳到正文", "Skip to the content"),
    "nav": Label("主导航", "Main navigation"),
    "maps": Label("首页", "Home"),
    "here": Label("谁负责", "Who answers"),
    "data": Label("数据", "Data"),
    "duties": Label("任职", "Duties"),
    "ledger": Label("台账", "Ledger"),
    "dashboard": Label("看板", "Dashboard"),
    "reports": Label("报告", "Reports"),
    "patrols": Label("巡查", "Patrols"),
    "people": Label("通讯录", "Address book"),
    "accounts": Label("账号", "Accounts"),
    "import": Label("导入", "Import"),
    "docs": Label("接口文档", "API docs"),
    "account": Label("我的账号", "My account"),
    "notices": Label("通知", "Notices"),
    "unread": Label("{count} 条未读通知", "{count} unread notices"),
    "webhooks": Label("推送", "Webhooks"),
    "sign_in": Label("登录", "Sign in"),
    "sign_out": Label("退出登录", "Sign out"),
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
    "heat": Label("从少到多", "From few to many"),
    "now": Label("现在", "Now"),
    "day": Label("看哪一天结束时的情况", "As at the end of which day"),
    "show_day": Label("看这一天", "Show this day"),
    "sight": Label("本图的日期和范围", "Day and ground of this map"),
    "as_of": Label("{day} 的情况", "As it was on {day}"),
    "as_now": Label("回到现在", "Back to now"),
    "everywhere": Label("看全部", "Show all ground"),
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
    "greeting": Label("{name}，您好", "Hello, {name}"),
    "where": Label(
        "网格、楼院、路段的名称或编号，或经纬度",
        "Name or code of a field, courtyard or road, or coordinates",
    ),
    "where_hint": Label("例如：互助中路", "For example a road"),
    "ask": Label("查询", "Look up"),
    "here": Label("在地图上问", "Ask on the map"),
    "field": Label("现场登记", "Log in the field"),
    "my_ground": Label("我负责的", "What I answer for"),
    "map": Label("打开地图", "Open the map"),
    "since": Label("{day} 起", "since {day}"),
    "on_map": Label("在地图上看", "Show on the map"),
    "all_duties": Label("我的全部任职", "All my duties"),
    "everywhere": Label("全部区划", "all divisions"),
    "themes_title": Label("专题地图", "Maps"),
    "registers_title": Label("名册与台账", "Registers"),
    "no_records": Label("还没有数据", "No records yet"),
    "empty_title": Label("从导入第一份数据开始", "Begin with your first import"),
    "empty_wait_title": Label("还没有数据", "No records yet"),
    "empty_text": Label(
        "库里还是空的。先导入网格责任田，再导入路段、楼院和违法建设；有错的行会逐条列出，一行有错就全不导入。",
        "Nothing is stored yet. Import the responsibility fields first, then roads, courtyards and "
        "structures. Faulty rows are listed one by one; with one fault nothing is loaded.",
    ),
    "empty_wait": Label(
        "库里还是空的。请管理员先导入网格责任田和其他图层。",
        "Nothing is stored yet. An admin has to import the fields and the other layers first.",
    ),
    "empty_upload": Label("在网页上导入", "Import in the browser"),
    "empty_command": Label("或者在命令行：", "Or on the command line:"),
    "synthetic_note": Label(
        "当前显示的是演示数据：地形、姓名和案件都是虚构的，不代表任何真实的人和地。",
        "These are demonstration data: ground, names and cases are invented and stand for no "
        "real person or place.",
    ),
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
    "none": Label("名册", "Register"),
    "records_layers": Label("业务图层", "Thematic layers"),
    "register_layers": Label("名册与台账", "Registers"),
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
    "as_of": Label(
        "这是 {day} 的情况，不是现在的", "This is how it was on {day}, not how it is now"
    ),
    "as_now": Label("看现在的", "Show it as it is now"),
    "edit": Label("编辑", "Edit"),
    "history": Label("历史", "History"),
    "kin": Label("相关记录", "What belongs together"),
    "add": Label("新增一条", "Add one"),
    "narrow": Label("筛选与排序", "Filter and sort"),
    "narrow_do": Label("筛选", "Filter"),
    "narrow_clear": Label("清除条件", "Clear"),
    "search": Label("查找文字", "Find text"),
    "any": Label("全部", "All"),
    "order": Label("排序", "Order"),
    "order_own": Label("登记先后", "As recorded"),
    "order_up": Label("{field} ↑", "{field} ↑"),
    "order_down": Label("{field} ↓", "{field} ↓"),
    "narrowed_by": Label("条件", "Condition"),
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
    "narrowing": NARROWING,
    "portal": _PORTAL,
    "pages": _PAGES,
    "here": HERE,
    "field": FIELD,
    "import": IMPORT,
    "overlay": OVERLAY,
    "topology": TOPOLOGY,
    "report": REPORT,
    "statistics": STATISTICS,
    "dashboard": DASHBOARD,
    "edit": EDIT,
    "editmap": EDIT_MAP,
    "history": HISTORY,
    "duties": DUTIES,
    "coverage": COVERAGE,
    "patrols": PATROLS,
    "walked": WALKED,
    "photos": PHOTOS,
    "registers": REGISTERS,
    "structures": STRUCTURES,
    "logged": LOGGED,
    "ledger": LEDGER,
    "notices": NOTICES,
    "webhooks": WEBHOOKS,
    "mail": MAIL,
}


def words(group: str, lang: Lang) -> dict[str, str]:
    """One group of words in one language."""
    return {key: label.of(lang) for key, label in GROUPS[group].items()}
