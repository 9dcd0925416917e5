"""What is wrong with patrols."""

from gis.errors import Rule

UNKNOWN_PATROL = Rule("unknown-patrol", "没有编号为 {id} 的巡查", "There is no patrol {id} here")
PATROL_DIFFERS = Rule(
    "patrol-differs",
    "编号 {id} 下已经存了别的内容，没有改动",
    "Something else is stored under {id}; nothing was changed",
)
PATROL_OLD = Rule(
    "patrol-old",
    "巡查开始于 {at}，轨迹只保存 {days} 天，已经过期",
    "The patrol began at {at}; ways are kept for {days} days, and it would be gone",
)
PATROL_AHEAD = Rule(
    "patrol-ahead",
    "巡查的时间 {at} 还没有到，请核对手机的时钟",
    "The patrol's time {at} is still to come: look at the phone's clock",
)
PATROL_FULL = Rule(
    "patrol-full",
    "一次巡查最多 {limit} 批位置，请另开一次",
    "A patrol has at most {limit} batches of positions; begin another one",
)
