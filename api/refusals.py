"""What the edge refuses: requests, bodies, addresses, sessions."""

from gis.errors import Rule

UNKNOWN_DRAFT = Rule(
    "unknown-draft",
    "这份上传已经不在了：地址不对、超过 24 小时，或者已经放弃；请重新上传文件",
    "This upload is not here: the address is wrong, 24 hours have passed, or it was discarded; "
    "upload the file again",
)
NO_SUCH_PAGE = Rule("no-such-page", "没有这个地址：{path}", "There is nothing at {path}")
WRONG_METHOD = Rule("wrong-method", "{path} 不接受 {method}", "{path} does not take {method}")
BODY_TYPE = Rule(
    "body-type",
    "请求内容的类型是“{found}”，应为 {wanted}",
    "The request's content is of type {found!r}, not {wanted}",
)
BODY_TOO_SLOW = Rule(
    "body-too-slow",
    "请求内容在 {seconds} 秒内没有传完",
    "The request did not arrive within {seconds} seconds",
)
CHANGED_MEANWHILE = Rule(
    "changed-meanwhile",
    "{layer} 的要素 {id} 已被别人改过；请重新读取后再改",
    "Feature {id} of {layer} has changed since you read it; read it again first",
)
FOREIGN_HOST = Rule(
    "foreign-host",
    "本服务不用 {host} 这个名字",
    "This service does not go by the name {host}",
)
CROSS_SITE = Rule(
    "cross-site",
    "不接受其他网站发来的改动",
    "Changes sent by another site's page are not taken",
)
NOT_LOOPBACK = Rule(
    "not-loopback",
    "还没有管理员账号，只能在本机（127.0.0.1）提供服务，不能用 {host}；请先运行 gridfield user add",
    "There is no admin account yet, so only this machine is served (127.0.0.1), not {host}; "
    "make one with gridfield user add",
)
PORT_TAKEN = Rule(
    "port-taken",
    "{host} 的端口 {port} 不能用：{reason}；请用 --port 另选一个",
    "Port {port} of {host} cannot be used: {reason}; choose another with --port",
)
DEMO_MISSING = Rule(
    "demo-missing",
    "找不到演示数据：{place}",
    "The demo data are not at {place}",
)
INTERNAL = Rule(
    "internal",
    "系统内部出错，编号 {id}，已记入日志",
    "Something went wrong inside; it is in the log under {id}",
)
TOO_MANY_STREAMS = Rule(
    "too-many-streams",
    "同一账号最多同时打开 {most} 个实时列表，请关掉几个窗口",
    "An account has at most {most} live lists open at a time; close some windows",
)
SETTING_WRONG = Rule(
    "setting-wrong", "设置 {name} 不对：{reason}", "The setting {name} is wrong: {reason}"
)
SIGN_IN_NEEDED = Rule("sign-in-needed", "请先登录", "Sign in first")
PASSWORD_DUE = Rule(
    "password-due",
    "请先换一个自己的密码",
    "Choose a password of your own first",
)
OTHER_ACCOUNT = Rule(
    "other-account",
    "这是另一个账号的内容，现在登录的不是那个账号",
    "This is of another account than the one that is signed in",
)
IDENTITY_REFUSED = Rule(
    "identity-refused",
    "身份服务的答复没有通过核验：{reason_zh}",
    "What the identity provider answered does not hold: {reason}",
)
PROVIDER_UNREACHABLE = Rule(
    "provider-unreachable",
    "身份服务 {issuer} 现在用不了，请用密码登录或稍后再试",
    "The identity provider {issuer} cannot be used now; sign in with a password or try later",
)
HISTORY_TAMPERED = Rule(
    "history-tampered",
    "历史记录被动过：{count} 处",
    "The history has been tampered with in {count} places",
)
PHOTO_NAME = Rule(
    "photo-name",
    "“{name}”不是照片的 SHA-256（64 位小写十六进制数字）",
    "{name!r} is no SHA-256 of a photo: 64 hexadecimal digits in lower case",
)
UNKNOWN_PHOTO = Rule("unknown-photo", "没有照片 {sha256}", "There is no photo {sha256}")
PHOTOS_LOST = Rule(
    "photos-lost",
    "{count} 张照片的文件不见了，或已被改动",
    "The files of {count} photos are gone or were altered",
)
PATROLS_OFF = Rule(
    "patrols-off",
    "这里没有开启巡查轨迹，什么也没有存",
    "Patrols are not switched on here, and nothing was stored",
    "要开启，请管理员设置 GRIDFIELD_PATROL_DAYS（轨迹保存的天数）",
    "to switch them on, set GRIDFIELD_PATROL_DAYS: for how many days ways are kept",
)
PATROL_VALUE = Rule(
    "patrol-value", "巡查的 {name} 不对：{reason_zh}", "{name} of the patrol is wrong: {reason}"
)
RECORD_NAME = Rule(
    "record-name",
    "“{name}”不是记录编号；应为小写的 UUID，第 4 或第 7 版",
    "{name!r} names no record: a UUID in lower case, of version 4 or 7, does",
)
OUTBOX_PHOTO = Rule(
    "outbox-photo",
    "文件中没有照片 {sha256}，这里也还没有",
    "The file has no photo {sha256}, and it is not here yet",
)
LEDGER_LONG = Rule(
    "ledger-long",
    "台账超过 {limit} 件，请先筛选；全部数据可在“数据”里下载 Excel",
    "The ledger has more than {limit} cases; narrow it down, or download all of them as Excel "
    "under “Data”",
)
WEBHOOK_URL = Rule(
    "webhook-url", "推送地址不合规定：{reason_zh}", "This is no address for a webhook: {reason}"
)
WEBHOOK_TARGET = Rule(
    "webhook-target",
    "不能推送到 {host}：{reason_zh}",
    "Nothing can be sent to {host}: {reason}",
    "内部网络须由系统管理员在 GRIDFIELD_WEBHOOK_NETWORKS 中写明",
    "internal networks are named by the keeper of the server in GRIDFIELD_WEBHOOK_NETWORKS",
)
GEOMETRY_UNWANTED = Rule(
    "geometry-unwanted",
    "名册里的记录没有位置，geometry 应为 null",
    "A record of a register has no place; its geometry is null",
)
REGISTER_UNMAPPED = Rule(
    "register-unmapped",
    "“{layer_zh}”是名册，没有位置，地图上没有它",
    "{layer} is a register without places, so there is no map of it",
)
