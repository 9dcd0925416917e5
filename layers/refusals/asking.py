"""What is asked for and is not there, or cannot be read."""

from gis.errors import Rule

UNKNOWN_LAYER = Rule("unknown-layer", "没有图层 {name}", "There is no layer {name}")
UNKNOWN_THEME = Rule("unknown-theme", "没有专题 {name}", "There is no theme {name}")
UNKNOWN_FEATURE = Rule(
    "unknown-feature", "{layer} 中没有编号为 {id} 的要素", "{layer} has no feature {id}"
)
BODY_UNREADABLE = Rule(
    "body-unreadable",
    "请求内容读不出：{reason_zh}",
    "The request's content cannot be read: {reason}",
)
BODY_TOO_LARGE = Rule(
    "body-too-large", "请求内容超过上限 {limit}", "The request is larger than the limit of {limit}"
)
FEATURE_REFUSED = Rule(
    "feature-refused",
    "{layer} 的要素有 {count} 处不合规定，没有保存",
    "The feature breaks {count} rules of {layer} and was not saved",
)
