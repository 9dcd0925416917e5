"""The words of the pages about patrols, in both languages."""

from layers.declaring.words import Label

PATROLS = {
    "title": Label("巡查", "Patrols"),
    "text": Label(
        "自己的轨迹，以及所管辖区的轨迹。轨迹只有本人和本辖区的网格长、管理员能看，查看别人的轨迹会留下记录。",
        "Your own ways, and those of the ground you oversee. Only the person and the leaders and "
        "admins of the ground see a way, and whoever looks at another person's is noted.",
    ),
    "walked": Label("路段覆盖", "Roads walked"),
    "on_map": Label("在地图上看", "On the map"),
    "filter": Label("筛选", "Filter"),
    "unfiltered": Label("清除筛选", "Clear"),
    "division": Label("区划", "Division"),
    "on": Label("哪一天", "On which day"),
    "none": Label("没有巡查", "No patrols"),
    "table": Label("巡查列表", "List of patrols"),
    "listed": Label("本页 {count} 次", "{count} on this page"),
    "next": Label("下一页", "Next page"),
    "own": Label("本人", "you"),
    "somebody": Label("账号 {number}", "account {number}"),
    "who": Label("人员", "Person"),
    "when": Label("时间", "Time"),
    "walked_m": Label("步行", "Walked"),
    "ridden_m": Label("乘车", "Ridden"),
    "gaps": Label("中断", "Gaps"),
    "points": Label("位置", "Positions"),
    "left_out": Label("未采用", "left out"),
    "going_on": Label("进行中", "going on"),
    "metres": Label("{number} 米", "{number} m"),
    "kept_until": Label("保存到", "Kept until"),
    "missing": Label("还没有收到的批次", "Batches still to come"),
    "ways": Label("轨迹", "Ways"),
    "kind": Label("方式", "How"),
    "walked_kind": Label("步行或骑行", "On foot or by bicycle"),
    "ridden_kind": Label("乘车，不计入", "Ridden, not counted"),
    "gap_kind": Label("中断，不知道走哪里", "Gap: the way is not known"),
    "stretch": Label("{since} 至 {until}，{metres} 米", "{since} to {until}, {metres} m"),
    "minutes": Label(
        "{since} 至 {until}，中断 {minutes} 分钟", "{since} to {until}, {minutes} min"
    ),
    "delete": Label("删除这次轨迹", "Delete this way"),
    "delete_text": Label(
        "轨迹和全部位置立即删除，不能恢复；只有它走到的路段也不再算走到。",
        "The way and all its positions go at once and for good; roads that only it came by no "
        "longer count as walked.",
    ),
    "no_way": Label("还没有可用的位置", "No position that could be used yet"),
}
WALKED = {
    "title": Label("路段覆盖", "Roads walked"),
    "text": Label(
        "离步行轨迹 15 米以内的路段算走到；几个人走同一段只算一次。不显示是谁走的。",
        "Of a road counts what lies within 15 m of a way on foot, once however many came by. "
        "Nobody is named.",
    ),
    "xlsx": Label("下载 Excel", "Download as Excel"),
    "asked": Label("范围", "What is shown"),
    "span": Label("按", "By"),
    "day": Label("天", "day"),
    "week": Label("周", "week"),
    "on": Label("到哪一天为止", "Up to which day"),
    "count": Label("显示多少天或周", "How many days or weeks"),
    "show": Label("显示", "Show"),
    "divisions": Label("各区划", "Divisions"),
    "whole": Label("合计", "In all"),
    "total": Label("总长", "Total"),
    "roads": Label("各路段", "Road by road"),
    "roads_text": Label(
        "{period} 走到最少的在前", "{period}: those first of which least was walked"
    ),
    "road": Label("路段", "Road"),
    "share": Label("比例", "Share"),
    "more": Label("另有 {count} 段没有列出，见 Excel", "{count} more are in the Excel file"),
    "none": Label("这里没有责任路段", "There are no road segments here"),
    "metres": Label("{number} 米", "{number} m"),
    "of": Label("{walked} / {total} 米", "{walked} of {total} m"),
}
