"""What is wrong with saying that records are the same."""

from gis.errors import Rule

SAME_SELF = Rule("same-self", "记录不能与它自己重复", "A record is not the same as itself")
SAME_TAKEN = Rule(
    "same-taken",
    "“{title}”已标为与“{main}”是同一问题；要改请先撤销",
    "{title!r} is marked as the same as {main!r} already; take that back first",
)
SAME_CHAIN = Rule(
    "same-chain",
    "“{title}”本身已标为与“{main}”是同一问题；请直接以“{main}”为主记录",
    "{title!r} is itself marked as the same as {main!r}; take {main!r} as the main record",
)
SAME_MAIN = Rule(
    "same-main",
    "“{title}”是 {count} 条记录的主记录，只能作主记录",
    "{title!r} is the main record of {count}, and stays one",
)
SAME_BEYOND = Rule(
    "same-beyond",
    "其中一条已由上级与您辖区以外的记录标为同一问题；请联系上级",
    "One of them was marked as the same as a record beyond your division by somebody above you; "
    "ask there",
)
SAME_GONE = Rule(
    "same-gone",
    "记录 {id} 现在没有标为与 {main} 是同一问题",
    "Record {id} is not marked as the same as {main} now",
)
