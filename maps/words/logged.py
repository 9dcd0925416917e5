"""The words of the lists of what was logged on the spot, in both languages."""

from collections.abc import Mapping

from layers.declaring.words import Label

LOGGED: Mapping[str, Label] = {
    "title": Label("刚上报", "Just logged"),
    "day_title": Label("{day} 的上报", "Logged on {day}"),
    "summary": Label(
        "本人范围内当天收到的现场记录，新的在上",
        "What came in from the field on your own ground that day, the newest first",
    ),
    "count": Label("今天 {count} 条", "{count} today"),
    "count_day": Label("共 {count} 条", "{count} in all"),
    "nothing": Label("今天还没有上报", "Nothing has been logged today"),
    "nothing_text": Label(
        "网格员一上报，两秒内就会出现在这里。",
        "What an inspector logs shows here within two seconds.",
    ),
    "nothing_day": Label("这一天没有上报", "Nothing was logged on that day"),
    "all": Label("看今天全部", "All of today"),
    "earlier": Label("更早的", "Earlier ones"),
    "newest": Label("回到最新", "Back to the newest"),
    "day_before": Label("前一天", "The day before"),
    "day_after": Label("后一天", "The day after"),
    "today": Label("今天", "Today"),
    "days": Label("换一天", "Other days"),
    "near": Label("可能重复 {count}", "{count} likely the same"),
    "field": Label("网格", "Field"),
    "no_field": Label("不在任何网格内", "In no field"),
    "leader": Label("网格长", "Grid leader"),
    "nobody": Label("尚未落实", "Nobody yet"),
    "due": Label("期限", "Due"),
    "captured": Label("拍摄于 {time}", "captured {time}"),
    # --- on the page of one record ---
    "alike": Label("可能是同一件事", "Likely the same"),
    "within": Label(
        "同一类别、{metres} 米和 {days} 天以内的记录",
        "Records of one kind within {metres} m and {days} days",
    ),
    "away_by": Label("相距 {metres} 米，{at}", "{metres} m away, {at}"),
    # --- what is the same ---
    "same": Label("同一问题", "The same matter"),
    "same_why": Label(
        "这条不再单独计入未结；记录保留，可随时撤销。",
        "This one is not counted as an open case of its own; it is kept, and this can be undone.",
    ),
    "same_others": Label("同一问题的其他上报", "Also reported"),
    "same_main_why": Label(
        "这条是主记录，下列记录不再单独计入未结。",
        "This is the main record; these are not counted as open cases of their own.",
    ),
    "same_as": Label("同一问题：{main}", "The same matter as {main}"),
    "same_count": Label("另有 {count} 次上报", "Reported {count} more times"),
    "mark": Label("与 {main} 是同一问题", "The same as {main}"),
    "mark_repeat": Label("是本记录的重复上报", "Reported again: the same as this one"),
    "unmark": Label("撤销", "Undo"),
    "said_by": Label("{by} 于 {at} 标记", "marked by {by}, {at}"),
    "said_at": Label("{at} 标记", "marked {at}"),
    # --- what the script says ---
    "reload": Label("刷新看最新", "Reload for the newest"),
    "connecting": Label("正在连接…", "Connecting…"),
    "live": Label("实时更新", "Live"),
    "away": Label(
        "连接断了，正在重连；这是 {time} 的情况",
        "The connection is gone, trying again; this is how it was at {time}",
    ),
    "full": Label(
        "打开的窗口太多，这里每 15 秒更新一次",
        "Too many windows are open; this one is renewed every 15 seconds",
    ),
    "out": Label("登录已失效，请重新登录", "Your session has ended; sign in again"),
    "sign_in": Label("重新登录", "Sign in again"),
    "told": Label("新上报 {count} 条：{first}", "{count} new: {first}"),
}
