"""What accounts, sessions and rights refuse."""

from gis.errors import Rule

SIGN_IN_FAILED = Rule("sign-in-failed", "账号或密码不对", "The account or the password is wrong")
SIGN_IN_LOCKED = Rule(
    "sign-in-locked",
    "尝试次数太多，请 {minutes} 分钟后再试",
    "Too many tries; try again in {minutes} minutes",
)
LINK_SPENT = Rule(
    "link-spent",
    "这个登录链接已经用过或已过期，请向管理员要一个新的",
    "This sign-in link has been used or has expired; ask your admin for a new one",
)
FORBIDDEN = Rule(
    "forbidden",
    "{role_zh}不能做这一步",
    "This is not for the role of {role}",
)
PASSWORD_REFUSED = Rule(
    "password-refused", "密码不能用：{reason_zh}", "The password cannot be used: {reason}"
)
ACCOUNT_REFUSED = Rule(
    "account-refused", "账号不能这样建：{reason_zh}", "No such account can be made: {reason}"
)
UNKNOWN_ACCOUNT = Rule("unknown-account", "没有账号 {login}", "There is no account {login}")
ACCOUNT_OUTSIDE = Rule(
    "account-outside",
    "区划 {division} 不在您的辖区内",
    "The division {division} is not within your own ground",
)
LAST_ADMIN = Rule(
    "last-admin",
    "{login} 是管得到 {division} 的最后一位管理员，不能停用或改小",
    "{login} is the last admin who reaches all of {division}, and stays one",
    "先给别人这个角色和区划",
    "give somebody else that role and division first",
)
UNKNOWN_SESSION = Rule("unknown-session", "没有这个登录", "There is no such session")
IDENTITY_TAKEN = Rule(
    "identity-taken",
    "这个身份已关联到另一个账号",
    "This identity is linked to another account",
)
IDENTITY_UNLINKED = Rule(
    "identity-unlinked",
    "这个身份还没有关联账号，请联系管理员",
    "This identity is linked to no account yet; ask your admin",
)
