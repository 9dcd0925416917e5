"""What is wrong with the values of a record."""

from gis.errors import Rule

VALUE_MISSING = Rule(
    "value-missing", "必填，不能为空", "is required and is empty", "补填这一格", "fill it in"
)
VALUE_TYPE = Rule(
    "value-type",
    "“{value}”不是{wanted_zh}",
    "{value!r} is not {wanted}",
    "改为{wanted_zh}",
    "write {wanted}",
)
VALUE_CHOICE = Rule(
    "value-choice",
    "“{value}”不在可选值内：{allowed}",
    "{value!r} is none of: {allowed}",
    "最接近的可选值是“{nearest}”",
    "the nearest of them is {nearest!r}",
)
VALUE_RANGE = Rule(
    "value-range",
    "{value} 超出范围 {low}–{high}",
    "{value} lies outside {low}–{high}",
    "改为 {low} 到 {high} 之间的数",
    "write a number from {low} to {high}",
)
VALUE_PATTERN = Rule(
    "value-pattern",
    "“{value}”不合格式：{wanted_zh}",
    "{value!r} does not fit: {wanted}",
    "改为{wanted_zh}",
    "write {wanted}",
)
VALUE_LENGTH = Rule(
    "value-length",
    "长 {length} 个字符，上限 {limit}",
    "is {length} characters long, the limit is {limit}",
    "缩短到 {limit} 个字符以内",
    "shorten it to {limit} characters",
)
VALUE_DUPLICATE = Rule(
    "value-duplicate",
    "“{value}”与第 {other} 行重复",
    "{value!r} repeats row {other}",
    "改正其中一行，或删去多余的一行",
    "correct one of the two rows, or remove it",
)
VALUE_EXISTS = Rule(
    "value-exists",
    "“{value}”在系统中已有",
    "{value!r} is already in the system",
    "要用文件更新已有记录，请选“更新”（--on-conflict update）；只要新的，选“跳过”（skip）",
    "choose update to change what is stored (--on-conflict update), or skip to leave it",
)
VALUE_CONTROL = Rule(
    "value-control",
    "含有不可存储的控制字符（U+{code}）",
    "holds a control character that cannot be stored (U+{code})",
    "删去该字符",
    "remove that character",
)
PROPERTY_UNKNOWN = Rule(
    "property-unknown", "没有名为 {name} 的字段", "there is no field named {name}"
)
