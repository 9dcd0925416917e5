"""The words of the pages about accounts, in both languages."""

from collections.abc import Mapping

from gis.errors import Lang
from layers.declaring.words import Label

_WORDS: Mapping[str, Label] = {
    "title": Label("账号", "Accounts"),
    "text": Label(
        "谁能登录，是什么角色，管哪个区划。", "Who may sign in, in what role, for which division."
    ),
    "login": Label("账号", "Account"),
    "login_hint": Label(
        "2–64 个字母、数字、汉字或 . @ + - _", "2 to 64 letters, digits or . @ + - _"
    ),
    "name": Label("姓名", "Name"),
    "unit": Label("单位", "Unit"),
    "post": Label("职务", "Post"),
    "phone": Label("电话", "Phone"),
    "role": Label("角色", "Role"),
    "division": Label("区划", "Division"),
    "everywhere": Label("全部", "Everywhere"),
    "seen": Label("最近使用", "Last used"),
    "never": Label("从未登录", "never"),
    "state": Label("状态", "State"),
    "open": Label("可用", "open"),
    "disabled": Label("已停用", "disabled"),
    "passwordless": Label("无密码", "no password"),
    "due": Label("须改密码", "password due"),
    "add": Label("新建账号", "New account"),
    "by": Label("第一次怎样登录", "The first sign-in"),
    "by_link": Label("一次性登录链接（24 小时内有效）", "A link that works once, within 24 hours"),
    "by_password": Label("初始密码（登录后必须修改）", "A first password, to be changed at once"),
    "create": Label("新建", "Make the account"),
    "change": Label("改角色或区划", "Role and division"),
    "change_text": Label(
        "马上生效。只能给自己辖区里的区划。", "At once; only divisions of your own ground."
    ),
    "save": Label("保存", "Save"),
    "link": Label("新的登录链接", "New sign-in link"),
    "link_text": Label(
        "发一个新的一次性链接，以前没用过的链接作废。",
        "Makes a link that signs in once; earlier ones that nobody used are withdrawn.",
    ),
    "password": Label("新的初始密码", "New first password"),
    "password_text": Label(
        "换一个初始密码，结束此账号的全部登录。",
        "Sets a new first password and ends every session of the account.",
    ),
    "revoke": Label("结束全部登录", "End all sessions"),
    "revoke_text": Label("在所有设备上退出，需要重新登录。", "Signs it out on every device."),
    "disable": Label("停用", "Disable"),
    "disable_text": Label(
        "马上退出，不能再登录；记录都留着，可以再启用。",
        "Signs it out at once and lets nobody in; it can be enabled again.",
    ),
    "enable": Label("启用", "Enable"),
    "enable_text": Label("可以再登录。", "Lets it be used again."),
    "secret_title": Label("只显示这一次", "Shown this once"),
    "secret_link": Label(
        "把这个链接发给{name}，24 小时内有效，只能用一次。",
        "Send this link to {name}; it works once, within 24 hours.",
    ),
    "secret_password": Label(
        "把账号 {login} 和这个密码告诉{name}，登录后必须修改。",
        "Tell {name} the account {login} and this password, to be changed at the first sign-in.",
    ),
    "back": Label("回到账号", "Back to the account"),
    "listed": Label("{count} 个账号", "{count} accounts"),
    "not_done": Label("没有办成，请看下面标出的地方。", "Nothing was changed; see what is marked."),
    "needed": Label("请填写", "Please fill this in"),
    "too_long": Label("最多 {limit} 个字，不能换行", "At most {limit} characters, in one line"),
}


def words(lang: Lang) -> dict[str, str]:
    """All of them in one language."""
    return {key: label.of(lang) for key, label in _WORDS.items()}
