"""The words of the address book's pages, in both languages."""

from collections.abc import Mapping

from gis.errors import Lang
from layers.declaring.words import Label

_WORDS: Mapping[str, Label] = {
    "title": Label("通讯录", "Address book"),
    "text": Label(
        "辖区内有任职或账号的人。电话只给能看到这些人的角色显示，每次查看都有记录。",
        "Everybody with a duty or an account in your division. Only roles that may know these "
        "people see the numbers, and every look is recorded.",
    ),
    "bring": Label("导入一份名单", "Bring a list"),
    "file": Label("文件", "File"),
    "file_hint": Label(
        "XLSX 或 CSV，表头为姓名、单位、职务、电话，重名时再加区划代码；空格子不改动已有内容",
        "XLSX or CSV with the headings 姓名 (name), 单位 (unit), 职务 (post), 电话 (phone), and "
        "区划代码 (division) where a name is not unique; empty cells change nothing",
    ),
    "submit": Label("导入", "Bring it"),
    "brought": Label(
        "更新 {changed} 人，没有变化 {unchanged} 人，退回 {refused} 行",
        "{changed} people changed, {unchanged} were so already, {refused} rows refused",
    ),
    "name": Label("姓名", "Name"),
    "unit": Label("单位", "Unit"),
    "post": Label("职务", "Post"),
    "phone": Label("电话", "Phone"),
    "duties": Label("任职", "Duties"),
    "edit": Label("修改", "Change"),
    "edit_title": Label("修改联系方式", "Change how to reach somebody"),
    "save": Label("保存", "Save"),
    "cancel": Label("不改了", "Leave it"),
    "more": Label("下一页", "Next page"),
    "nobody": Label(
        "还没有人。在图层的网格长等栏里，或在任职里写上名字，人就出现在这里。",
        "Nobody yet. People appear here once a layer's column or a duty names them.",
    ),
    "call": Label("打电话给", "Call"),
}


def words(lang: Lang) -> dict[str, str]:
    """All of them in one language."""
    return {key: label.of(lang) for key, label in _WORDS.items()}
