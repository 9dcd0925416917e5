"""What the history refuses, and what taking back refuses."""

from gis.errors import Rule

DATABASE_ROLE_UNFIT = Rule(
    "database-role-unfit",
    "数据库角色 {role} {reason_zh}。请数据库管理员运行：{mend}",
    "The database role {role} {reason}. Let the database's administrator run: {mend}",
)
UNKNOWN_CHANGE = Rule(
    "unknown-change",
    "图层 {layer} 没有变更 {number}",
    "The layer {layer} has no change {number}",
)
CHANGED_SINCE = Rule(
    "changed-since",
    "变更 {number} 之后，{count} 个要素又有改动，不能撤销",
    "Change {number} cannot be undone: {count} of its features have changed since",
)
DAY_TO_COME = Rule(
    "day-to-come",
    "{day} 还没有到；服务器上今天是 {today}",
    "{day} has not come yet; for the server it is {today}",
    "选今天或以前的日期",
    "choose today or a day before it",
)
UNDO_OF_BATCH = Rule(
    "undo-of-batch",
    "变更 {number} 属于第 {batch} 批导入，只能整批撤销",
    "Change {number} is part of import number {batch}, which can only be undone as a whole",
)
HISTORY_ALTERED = Rule(
    "history-altered",
    "{layer} 要素 {feature} 的第 {number} 版（变更 {change}）内容被改",
    "{layer}: version {number} of feature {feature} (change {change}) was altered",
)
HISTORY_GAP = Rule(
    "history-gap",
    "{layer} 要素 {feature} 缺第 {number} 版",
    "{layer}: version {number} of feature {feature} is missing",
)
HISTORY_PERIOD = Rule(
    "history-period",
    "{layer} 要素 {feature} 第 {number} 版（变更 {change}）的有效期与下一版不相接",
    "{layer}: version {number} of feature {feature} (change {change}) does not end where the next "
    "begins",
)
HISTORY_ROWS = Rule(
    "history-rows",
    "变更 {change}（{layer}）应有 {rows} 行，现有 {found} 行，或内容不符",
    "Change {change} of {layer} recorded {rows} rows; there are {found}, or others than these",
)
HISTORY_ORPHANS = Rule(
    "history-orphans",
    "{layer} 有 {found} 个版本属于变更 {change}，但该变更不存在",
    "{layer}: {found} versions belong to change {change}, which is missing",
)
HISTORY_CHAIN = Rule(
    "history-chain",
    "变更 {change}（链上第 {link} 环）被改、被换或其前一环缺失",
    "Change {change} (link {link} of the chain) was altered or moved, or the link before it is "
    "missing",
)
HISTORY_UNRECORDED = Rule(
    "history-unrecorded",
    "{layer} 要素 {feature} 的现状与最后一版不同",
    "{layer}: feature {feature} is not what its last version says",
)
HISTORY_STEP_ALTERED = Rule(
    "history-step-altered",
    "{layer} 案件 {feature} 的第 {number} 步不是当时记下的那一步",
    "{layer}: step {number} of case {feature} is not the one that was recorded",
)
HISTORY_STEP = Rule(
    "history-step",
    "{layer} 案件 {feature} 的办理步骤与状态的变化对不上（第 {number} 步）",
    "{layer}: the steps of case {feature} are not those by which its state changed (step {number})",
)
