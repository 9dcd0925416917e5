"""What is wrong with what has no place on the map."""

from gis.errors import Rule

FORMAT_NEEDS_PLACES = Rule(
    "format-needs-places",
    "“{layer_zh}”是名册，没有位置，{name} 装不下；可用：{allowed}",
    "{layer} is a register without places, which {name} cannot hold; there are: {allowed}",
)
BECOMES_NOTHING = Rule(
    "becomes-nothing",
    "“{layer_zh}”的记录不转为别的记录",
    "Records of {layer} do not become others",
)
BECAME_ALREADY = Rule(
    "became-already",
    "这条记录已转为 {number}",
    "This record has become {number} already",
)
BECOMES_NOWHERE = Rule(
    "becomes-nowhere",
    "没有区划 {division} 的边界，不知道放在哪里；请给出经纬度",
    "The ground of division {division} is not known; give a longitude and latitude",
)
CADENCE_MISSED = Rule(
    "cadence-missed",
    "{division} {month} {label_zh} {count} 次，制度要求每月不少于 {least} 次",
    "{division}, {month}: {label} {count}, at least {least} a month are due",
)
