"""What is wrong with duties."""

from gis.errors import Rule

UNKNOWN_DUTY = Rule("unknown-duty", "没有编号为 {id} 的任职", "There is no duty {id}")
UNKNOWN_DUTY_ROLE = Rule(
    "unknown-duty-role",
    "没有职责 {name}；可用的有：{known}",
    "There is no duty role {name}; there are: {known}",
)
UNKNOWN_PERSON = Rule("unknown-person", "没有编号为 {id} 的人员", "There is no person {id}")
UNKNOWN_TARGET = Rule(
    "unknown-target",
    "图层 {layer} 没有叫“{name}”的要素，或不止一个；请用编号",
    "No feature of {layer}, or more than one, is called {name!r}; name it by its id",
)
PERSON_AMBIGUOUS = Rule(
    "person-ambiguous",
    "此处有 {count} 个人叫“{value}”（编号 {ids}），不能判断是哪一个",
    "{count} people here are called {value!r} (ids {ids}); which one is meant cannot be told",
    "用 gridfield duty 按人员编号指定",
    "name the person by id with gridfield duty",
)
PERSON_NAME = Rule(
    "person-name",
    "“{value}”不能作人名：应为 1–{limit} 个字",
    "{value!r} cannot be a person's name: it wants 1 to {limit} characters",
)
PERSON_DETAIL = Rule(
    "person-detail",
    "“{value}”不能用：电话只含数字、空格、+ - ( ) 和“转”，文字不超过 {limit} 个",
    "{value!r} cannot be used: a phone has digits, spaces, + - ( ), a text at most {limit} "
    "characters",
)
PERSON_GUARDED = Rule(
    "person-guarded",
    "{value}有账号，联系方式由管理这个账号的管理员修改",
    "{value} has an account: the admin of that account changes how to reach them",
)
PERSON_UNMENTIONED = Rule(
    "person-unmentioned",
    "辖区内没有叫“{value}”的责任人或账号",
    "Nobody called {value!r} has a duty or an account in your division",
    mend_zh="先在图层或任职中写明这个人负责什么",
    mend_en="name the person in a layer or a duty first",
)
DUTY_TARGET = Rule(
    "duty-target",
    "{role_zh}不能对应图层 {layer}；可对应：{layers}",
    "{role} is no duty for the layer {layer}; it is for: {layers}",
)
DUTY_TERM = Rule(
    "duty-term",
    "任期须在开始之后结束：{since} 至 {until}",
    "A term ends after it begins: {since} to {until}",
)
DUTY_ONE_NAME = Rule(
    "duty-one-name",
    "{role_zh}只能有一人，“{value}”写了几人",
    "There is only one {role}, and {value!r} names several people",
    "只写一人",
    "name one person",
)
DUTY_TAKEN = Rule(
    "duty-taken",
    "“{title}”的{role_zh}此时是{person}（{term_zh}）",
    "{person} is {role} of {title!r} at that time ({term})",
    "请用交接，或改日期",
    "hand over, or take other dates",
)
DUTY_HANDED_ON = Rule(
    "duty-handed-on",
    "“{title}”的{role_zh}已定由{person}接任（{term_zh}）",
    "{person} is already to follow as {role} of {title!r} ({term})",
    "请改动已定的接任",
    "replace what is planned",
)
DUTY_NOT_BEGUN = Rule(
    "duty-not-begun",
    "{person}任“{title}”的{role_zh}从 {since} 开始，不能在 {on} 结束或交接",
    "{person} is {role} of {title!r} only from {since}, and cannot end or hand over on {on}",
)
DUTY_BEGUN = Rule(
    "duty-begun",
    "{person}从 {since} 起已任“{title}”的{role_zh}，请用交接",
    "{person} has been {role} of {title!r} since {since}; hand it over instead",
)
DUTY_OVER = Rule(
    "duty-over",
    "{person}任“{title}”的{role_zh}已于 {until} 结束，{on} 再交接会有空缺",
    "{person} was {role} of {title!r} until {until}; handing over on {on} would leave a gap",
)
DUTY_CHANGED = Rule(
    "duty-changed",
    "“{title}”的{role_zh}已被别人改过，现为{person}（{term_zh}）；请看过现在的情况再改",
    "The {role} of {title!r} has changed since you read it: it is {person} ({term}) now;"
    " look at it again first",
)
DUTY_SAME_PERSON = Rule(
    "duty-same-person",
    "{person}已是“{title}”的{role_zh}（{term_zh}），不能交接给本人",
    "{person} is {role} of {title!r} already ({term}), and nobody hands over to themselves",
)
DUTY_VACANT = Rule(
    "duty-vacant",
    "“{title}”从 {on} 起会没有{role_zh}",
    "{title!r} would have no {role} from {on}",
    "请交接；确要空缺的须写明理由",
    "hand over; if it is meant to be vacant, say so with a reason",
)
DUTY_REASON = Rule("duty-reason", "空缺须写明理由", "A vacancy needs a reason")
DUTY_LEFT_VACANT = Rule(
    "duty-left-vacant",
    "{role_zh}一栏为空，{person}的任职到此结束",
    "{role} is empty, so that the duty of {person} ends",
    "写上接任的人",
    "name who follows",
)
DOUBT_BORDER = Rule(
    "doubt-border",
    "在 {names} 的边界上，相距不到半米",
    "This is on the border of {names}, within half a metre",
)
DOUBT_OVERLAP = Rule("doubt-overlap", "{names} 在此重叠", "{names} overlap here")
DOUBT_GAP = Rule(
    "doubt-gap",
    "在 {division} 内，但没有网格覆盖此处",
    "This lies in {division}, but no field covers it",
)
DOUBT_OUTSIDE = Rule(
    "doubt-outside", "不在任何网格和区划内", "This lies in no field and no division"
)
DOUBT_NO_HOLDER = Rule("doubt-no-holder", "“{title}”没有{role_zh}", "{title!r} has no {role}")
DOUBT_CHANGE = Rule(
    "doubt-change",
    "“{title}”的{role_zh}将于 {on} 变更为{person_zh}",
    "On {on} the {role} of {title!r} changes to {person}",
)
