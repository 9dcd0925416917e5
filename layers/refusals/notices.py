"""What is wrong with notices and where they are sent."""

from gis.errors import Rule

UNKNOWN_WEBHOOK = Rule(
    "unknown-webhook", "没有编号为 {id} 的推送地址", "There is no webhook number {id}"
)
UNKNOWN_DELIVERY = Rule(
    "unknown-delivery", "没有编号为 {id} 的推送", "There is no delivery number {id}"
)
WEBHOOK_REFUSED = Rule(
    "webhook-refused", "推送地址没有保存：{reason_zh}", "The webhook was not saved: {reason}"
)
NOTICE_CHOICE = Rule("notice-choice", "没有这种选择：{name}", "There is no such choice: {name}")
