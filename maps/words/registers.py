"""The words of the pages about registers: what becomes a case, and what is due each month."""

from collections.abc import Mapping

from layers.declaring.labels import Label

REGISTERS: Mapping[str, Label] = {
    "become": Label("转为{layer}", "Make it one of {layer}"),
    "become_title": Label("把“{title}”转为{layer}", "Make {title} one of {layer}"),
    "become_text": Label(
        "将新建一条{layer}，编号自动生成，并写回这条记录。已带过去的内容在下面。",
        "A new one of {layer} is made; its number is given to it and written into this record. "
        "What goes along stands below.",
    ),
    "become_copied": Label("带过去的内容", "What goes along"),
    "become_asked": Label("还要填写", "Still to be told"),
    "become_place": Label("位置", "Where"),
    "become_place_text": Label(
        "填经纬度（WGS 84，度）；都不填，就放在所属区划的中间。",
        "Longitude and latitude (WGS 84, degrees); without them it is put in the middle of the "
        "division.",
    ),
    "lon": Label("经度", "Longitude"),
    "lat": Label("纬度", "Latitude"),
    "become_do": Label("转为{layer}", "Make it one of {layer}"),
    "cadence": Label("制度落实", "What is due each month"),
    "cadence_title": Label("制度落实：{period}", "What is due each month: {period}"),
    "cadence_text": Label(
        "每月应开的会、应做的检查，实际几次；不足的标出。",
        "Meetings and inspections that are due each month, and how often they were held; what "
        "falls short stands out.",
    ),
    "cadence_missed": Label("有 {count} 个月没有达到要求", "{count} months fell short"),
    "cadence_kept": Label("都达到了要求", "Everything was held as due"),
    "cadence_least": Label("每月不少于 {least} 次 · {standard}", "{least} a month · {standard}"),
    "month": Label("月份", "Month"),
    "division": Label("区划", "Division"),
    "held": Label("次数", "Held"),
    "state": Label("情况", "State"),
    "is_missed": Label("不足", "Too few"),
    "is_short": Label("本月还差 {count} 次", "{count} more are due"),
    "is_kept": Label("达到", "As due"),
    "records": Label("查看记录", "The records"),
    "cadence_none": Label(
        "这段时间没有要求，或辖区内没有街道一级的区划。",
        "Nothing is due in this time, or there is no street office in the division.",
    ),
}
