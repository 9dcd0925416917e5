"""The words of the pages about one structure's procedure and about the stock of all."""

from collections.abc import Mapping

from layers.labels import Label

STRUCTURES: Mapping[str, Label] = {
    "law": Label("法律时限", "What the law says"),
    "law_title": Label("{number}：法律时限与案卷", "{number}: what the law says, and its file"),
    "earliest": Label("最早可以强制拆除的日期", "First lawful day of forced demolition"),
    "unknown": Label("还不能确定", "Not known yet"),
    "decisive": Label("依据：{label}至 {ends}", "Because: {label} until {ends}"),
    "policy": Label(
        "口径：{policy}；程序：{track}（{standard}）", "{policy}; {track} ({standard})"
    ),
    "other_policy": Label("换一种口径", "Under another policy"),
    "missing": Label("还缺", "What is missing"),
    "warnings": Label("请注意", "Please note"),
    "terms": Label("须届满的期限", "What has to be over"),
    "term": Label("期限", "Period"),
    "document": Label("文书", "Document"),
    "begins": Label("起算", "From"),
    "ends": Label("届满", "Until"),
    "standard": Label("依据条文", "Clause"),
    "documents": Label("文书", "Documents"),
    "kind": Label("种类", "Kind"),
    "dated_on": Label("日期", "Dated"),
    "served_how": Label("送达方式", "Served how"),
    "served_on": Label("送达日期", "Served on"),
    "deadline": Label("限定期限", "Deadline"),
    "demolitions": Label("拆除记录", "Demolitions"),
    "way": Label("方式", "Way"),
    "area": Label("面积（㎡）", "Area (m²)"),
    "done_on": Label("日期", "Done on"),
    "whole": Label("全部拆除", "Nothing stands any more"),
    "yes": Label("是", "Yes"),
    "total": Label("合计", "Together"),
    "none": Label("还没有记录", "Nothing on record yet"),
    "look_backs": Label("回头看", "To be looked at again"),
    "look_back": Label("{days} 日回头看：{on} 起", "After {days} days: from {on}"),
    "open": Label("查看记录", "The record"),
    "advice": Label(
        "本页按登记的文书计算，供办案参考；以法制审核为准。",
        "Computed from the documents on record, as a help; the legal review decides.",
    ),
    "stock": Label("违法建设存量", "Stock of illegal structures"),
    "stock_title": Label("违法建设存量：{period}", "Stock of illegal structures: {period}"),
    "stock_text": Label(
        "存量 + 新增 − 拆除 = 剩余，按记录和日期计算。",
        "Stock + added − removed = remaining, from the records and their days.",
    ),
    "division": Label("区划", "Division"),
    "opening": Label("存量", "Stock"),
    "added": Label("新增", "Added"),
    "removed": Label("拆除（含补办、终结）", "Removed"),
    "demolished": Label("其中：拆除", "of it: demolished"),
    "corrected": Label("其中：补办、终结", "of it: made lawful or ended"),
    "remaining": Label("剩余", "Remaining"),
    "count": Label("处", "Count"),
    "m2": Label("㎡", "m²"),
    "due_back": Label("应回头看", "To be looked at again by now"),
    "none_due": Label("没有到期的回头看", "Nothing is due"),
}
