"""What is wrong with structures, and with what belongs to another record."""

from gis.errors import Rule

UNKNOWN_POLICY = Rule(
    "unknown-policy",
    "没有名为 {name} 的强制拆除政策；可用：{known}",
    "There is no policy {name!r} of forced demolition; there are: {known}",
)
PARENT_UNKNOWN = Rule(
    "parent-unknown",
    "{layer_zh}中没有“{value}”，或不在您的辖区内",
    "There is no {value!r} among the {layer}, or it lies outside your division",
    "请先登记{layer_zh}，或核对编号",
    "enter it there first, or check the number",
)
PARENT_ELSEWHERE = Rule(
    "parent-elsewhere",
    "区划 {value} 与“{parent}”所在的区划 {wanted} 不一致",
    "Division {value} is not {wanted}, where {parent!r} lies",
    "请改为 {wanted}",
    "make it {wanted}",
)
DATES_ORDER = Rule(
    "dates-order",
    "{value} 早于{other_zh}（{before}）",
    "{value} is before {other} ({before})",
)
DOCUMENT_MISSING = Rule(
    "document-missing",
    "缺少{document_zh}，或尚未送达",
    "The {document} is missing, or has not been served",
)
DOCUMENT_EARLY = Rule(
    "document-early",
    "{document_zh}的日期 {value} 早于{other_zh}送达的日期 {after}",
    "The {document} of {value} is before the {other} was served on {after}",
)
REMEDY_PENDING = Rule(
    "remedy-pending",
    "{document_zh} {value} 尚无结果",
    "{document} {value} has not been decided yet",
)
DECISION_FELL = Rule(
    "decision-fell",
    "{document_zh} {value} 没有维持原决定，须另行作出决定",
    "By {document} {value} the decision does not stand; a new one is needed",
)
TERM_ASSUMED = Rule(
    "term-assumed",
    "{document_zh} {value} 没有写明期限，按送达后 {days} 日计算",
    "The {document} {value} sets no deadline; {days} days from its service were counted",
)
FORCED_UNREADY = Rule(
    "forced-unready",
    "还不能确定可以强制拆除的日期（缺 {count} 项），{value} 不合法",
    "No lawful day of forced demolition is known yet ({count} things are missing), so not {value}",
)
FORCED_EARLY = Rule(
    "forced-early",
    "{value} 早于可以强制拆除的最早日期 {earliest}（{basis_zh}至 {until}）",
    "{value} is before {earliest}, the first lawful day of forced demolition"
    " ({basis} until {until})",
    "如须提前，请写明理由",
    "give a written reason to go ahead all the same",
)
FORCED_REST_DAY = Rule(
    "forced-rest-day",
    "{value} 是周末或节假日，不得实施强制拆除",
    "{value} is a weekend or holiday, on which nothing is pulled down by force",
)
FORCED_NIGHT = Rule(
    "forced-night",
    "{value} 在夜间（{night}），不得实施强制拆除",
    "{value} is in the night ({night}), in which nothing is pulled down by force",
)
DEMOLISHED_TOO_MUCH = Rule(
    "demolished-too-much",
    "{parent} 累计拆除 {value} ㎡，超过实测面积 {measured} ㎡",
    "{value} m² of {parent} were pulled down, more than the {measured} m² that were measured",
    "请核对面积，或写明原因",
    "check the area, or say the reason",
)
DEMOLISHED_TOO_SOON = Rule(
    "demolished-too-soon",
    "{value} 早于 {parent} 的发现日期 {found}",
    "{value} is before {found}, when {parent} was found",
)
STRUCTURE_OFFICERS = Rule(
    "structure-officers",
    "承办人须为两名以上执法人员，现为“{value}”",
    "At least two officers take a case; {value!r} names fewer",
)
STRUCTURE_NOT_ILLEGAL = Rule(
    "structure-not-illegal",
    "认定结论为“{value}”，不能进入事先告知",
    "It was determined to be {value!r}, so nobody is notified",
)
STRUCTURE_NOT_CORRECTABLE = Rule(
    "structure-not-correctable",
    "只有认定为“可改正”的才能补办手续，现为“{value}”",
    "Only what was determined to be correctable is made lawful, not {value!r}",
)
HEARING_RUNS = Rule(
    "hearing-runs",
    "当事人可在 {until} 前（含当日）申请听证；尚无陈述申辩或听证笔录",
    "A hearing may be asked for until {until}, and no statement is on record",
)
DEADLINE_RUNS = Rule(
    "deadline-runs",
    "限期 {until} 尚未届满",
    "The deadline of {until} is not over",
)
DEMOLITION_MISSING = Rule(
    "demolition-missing",
    "没有注明“全部拆除”的拆除记录",
    "No demolition on record says that nothing stands any more",
)
DEMOLITION_DAY = Rule(
    "demolition-day",
    "拆除日期 {value} 与拆除记录的最后日期 {wanted} 不一致",
    "{value} is not {wanted}, the last day of the demolitions on record",
)
LOOK_BACK_EARLY = Rule(
    "look-back-early",
    "{days} 日回头看最早在 {earliest} 进行",
    "The structure is looked at again after {days} days: on {earliest} at the earliest",
)
AREAS_DIFFER = Rule(
    "areas-differ",
    "实测面积 {measured} ㎡ 与图算面积 {computed} ㎡ 相差 {difference} ㎡，"
    "超过点位误差所能解释的 {noise} ㎡",
    "The measured {measured} m² and the computed {computed} m² differ by {difference} m², more than"
    " the {noise} m² that the noise of positions explains",
)
