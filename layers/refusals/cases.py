"""What workflows refuse."""

from gis.errors import Rule

UNKNOWN_WORKFLOW = Rule(
    "unknown-workflow", "{layer} 的记录没有办理流程", "The records of {layer} have no workflow"
)
UNKNOWN_TRANSITION = Rule(
    "unknown-transition", "{layer} 没有名为 {name} 的办理步骤", "{layer} has no step {name}"
)
CASE_BY_TRANSITION = Rule(
    "case-by-transition",
    "已登记案件的“{label_zh}”只随办理步骤改变，不能直接修改",
    "the {label} of a stored case changes by its steps alone",
    "这一栏保持原样；要改变状态，请在案件页面办理",
    "leave it as it is; take the step on the page of the case",
)
CASE_MOVED = Rule(
    "case-moved",
    "{title} 现在是“{state_zh}”，不能“{step_zh}”；请刷新后再看",
    "{title} is now {state!r} and cannot take the step {step!r}; look at it again",
)
CASE_ROLE = Rule(
    "case-role",
    "{role_zh}不能办理“{step_zh}”",
    "The step {step!r} is not for the role {role}",
)
CASE_REFUSED = Rule(
    "case-refused",
    "{title} 的“{step_zh}”没有办理，有 {count} 处不符合要求",
    "The step {step!r} of {title} was not taken: {count} things are missing or wrong",
)
CASE_FIELD = Rule(
    "case-field",
    "这一步不填“{name}”",
    "{name} is not given with this step",
    "去掉它",
    "leave it out",
)
CASE_REASON = Rule(
    "case-reason",
    "必须写明理由，不超过 {limit} 字",
    "needs a written reason of at most {limit} characters",
    "写明理由",
    "say why",
)
CASE_PHOTO = Rule(
    "case-photo",
    "还缺{role_zh}照片",
    "a photograph {role!r} is missing",
    "拍照上传后再办理",
    "take one and bring it first",
)
CASE_DOCUMENT = Rule(
    "case-document",
    "还没有登记文书“{document_zh}”",
    "the document {document!r} is not on record",
    "先登记这份文书",
    "put it on record first",
)
CASE_UNSERVED = Rule(
    "case-unserved",
    "文书“{document_zh}”还没有送达记录",
    "the document {document!r} has no record of being served",
    "登记送达方式和日期",
    "record how and when it was served",
)
CASE_SAME_PERSON = Rule(
    "case-same-person",
    "“{step_zh}”须由他人办理：您已经办过本案的“{earlier_zh}”",
    "{step!r} is for somebody else: you have taken the step {earlier!r} of this case",
)
CASE_UNANSWERED = Rule(
    "case-unanswered",
    "没有等待答复的“{step_zh}”",
    "no step {step!r} waits for an answer",
)
CASE_CONTINUED = Rule(
    "case-continued",
    "{title} 已经复发登记过，请办理后一件",
    "{title} has begun again already; go on with what follows it",
)
CASE_DAY = Rule(
    "case-day",
    "“{value}”太早：应在 {after} 之后",
    "{value!r} is too early: it must be later than {after}",
    "改为更晚的日期",
    "give a later day",
)
CASE_HISTORY = Rule(
    "case-history",
    "{number} 的第 {ordinal} 步接不上：{reason_zh}",
    "Step {ordinal} of {number} does not follow: {reason}",
)
UNDO_OF_STEP = Rule(
    "undo-of-step",
    "变更 {number} 是案件的办理步骤，不能撤销；请按流程办理",
    "Change {number} is a step of a case and cannot be undone; take the case back by its workflow",
)
