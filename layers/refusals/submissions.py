"""What is wrong with records from phones."""

from gis.errors import Rule

LAYER_NOT_LOGGED = Rule(
    "layer-not-logged",
    "图层 {layer} 不能现场登记",
    "Features of {layer} are not logged on the spot",
)
RECORD_REFUSED = Rule(
    "record-refused",
    "{layer} 的记录有 {count} 处不合规定，没有保存",
    "The record breaks {count} rules of {layer} and was not saved",
)
RECORD_MEMBER = Rule("record-member", "{reason_zh}", "{reason}")
RECORD_UNKNOWN_MEMBER = Rule(
    "record-unknown-member", "没有名为 {name} 的成员", "there is no member {name}"
)
RECORD_DECIDED = Rule(
    "record-decided",
    "{name} 由系统填写，不能随记录发来",
    "{name} is decided here and cannot come with a record",
)
RECORD_OTHER = Rule(
    "record-other",
    "编号 {uuid} 下已收到另一份内容；这一份没有保存",
    "Other content was received under {uuid} before; this was not saved",
)
RECORD_ELSEWHERE = Rule(
    "record-elsewhere",
    "{place} 不在您的辖区内，没有保存；请核对位置",
    "{place} lies outside your division and was not saved; check the position",
)
RECORD_AGAIN = Rule(
    "record-again", "登记编号刚好被占用，请再发一次", "Its number was just taken; send it again"
)
OUTBOX_UNREADABLE = Rule(
    "outbox-unreadable",
    "{name} 不是手机导出的发件箱，或已损坏：{reason}",
    "{name} is no outbox of a phone, or damaged: {reason}",
)
OUTBOX_RECORD = Rule(
    "outbox-record",
    "文件中的这条记录已损坏：{reason_zh}",
    "This record of the file is damaged: {reason}",
)
HOLIDAYS_UNKNOWN = Rule(
    "holidays-unknown",
    "{year} 年的节假日安排还没有公布或录入，工作日按周一至周五计算",
    "The holidays of {year} are not known yet; working days are counted as Monday to Friday",
)
