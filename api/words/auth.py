"""The words of the pages for signing in, in both languages."""

from collections.abc import Mapping

from gis.errors import Lang
from layers.declaring.words import Label

_WORDS: Mapping[str, Label] = {
    "title": Label("登录", "Sign in"),
    "claim": Label("请用社区发给您的账号登录", "Use the account that your community gave you"),
    "login": Label("账号", "Account"),
    "password": Label("密码", "Password"),
    "enter": Label("登录", "Sign in"),
    "or": Label("或者", "or"),
    "provider": Label("用{name}登录", "Sign in with {name}"),
    "forgotten": Label(
        "没有账号或忘了密码，请找管理员。",
        "No account, or a forgotten password? Ask your admin.",
    ),
    "link_title": Label("一次性登录", "One-time sign-in"),
    "link_text": Label(
        "点下面的按钮登录。这个链接只能用一次。",
        "Press the button to sign in. This link works once.",
    ),
    "password_title": Label("修改密码", "Change the password"),
    "password_due": Label(
        "这是别人给您设的密码，请先换成自己的。",
        "Somebody else chose this password for you: choose one of your own first.",
    ),
    "password_rule": Label(
        "至少 {minimum} 个字符，长一点比花样多更好；不能与账号相同。",
        "At least {minimum} characters; long beats intricate. Not the same as the account.",
    ),
    "current": Label("现在的密码", "Present password"),
    "new": Label("新密码", "New password"),
    "again": Label("再输一遍新密码", "New password again"),
    "different": Label("两次输入的新密码不一样", "The two new passwords differ"),
    "others_end": Label(
        "修改后，您在其他设备上的登录都会结束。",
        "Your sessions on other devices end with it.",
    ),
    "save": Label("保存", "Save"),
    "account_title": Label("我的账号", "My account"),
    "role": Label("角色", "Role"),
    "division": Label("区划", "Division"),
    "everywhere": Label("全部", "everything"),
    "sessions": Label("在这些地方登录着", "Signed in here"),
    "this_one": Label("当前", "this one"),
    "cookie": Label("浏览器", "Browser"),
    "bearer": Label("程序", "Program"),
    "since": Label("登录时间", "Since"),
    "seen": Label("最近使用", "Last used"),
    "end": Label("结束", "End"),
    "end_others": Label("结束其他所有登录", "End all others"),
    "sign_out": Label("退出登录", "Sign out"),
    "home": Label("回到首页", "Back to the start"),
}


def words(lang: Lang) -> dict[str, str]:
    """All of them in one language."""
    return {key: label.of(lang) for key, label in _WORDS.items()}
