"""What is wrong with the codes of divisions and fields."""

from gis.errors import Rule

CODE_NUMBER = Rule(
    "code-number",
    "“{value}”是表格软件改写成的数，不是代码，末几位可能已经丢失",
    "{value!r} is a code that a spreadsheet turned into a number; its last digits may be lost",
    "在 Excel 中先把这一列设为“文本”格式，再从原始资料重新填写代码",
    "format the column as text in the spreadsheet first, then enter the codes again",
)
CODE_CHARACTER = Rule(
    "code-character",
    "“{value}”的第 {position} 位是“{found}”，不是数字",
    "character {position} of {value!r} is {found!r}, which is no digit",
    "代码只用数字 0–9；字母 O、l 常被误作 0、1",
    "a code has digits only; the letters O and l are often typed for 0 and 1",
)
CODE_LENGTH = Rule(
    "code-length",
    "“{value}”有 {length} 位，{off_zh}：{kind_zh}应为 {wanted} 位",
    "{value!r} has {length} characters, {off}: {kind} has {wanted}",
    "{hint_zh}",
    "{hint}",
)
CODE_PART = Rule(
    "code-part",
    "“{value}”的第 {first}–{last} 位（{part_zh}）是 {found}：{reason_zh}",
    "characters {first}–{last} of {value!r} ({part}) are {found}: {reason}",
    "第 {first}–{last} 位应为 {right_zh}",
    "characters {first}–{last} should be {right}",
)
CODE_LEVEL = Rule(
    "code-level",
    "级别“{level_zh}”与代码 {code} 不符：这是{found_zh}的代码",
    "the level {value!r} does not fit {code}, which is the code of a {found}",
    "第 10–12 位：社区为 001–199 或 400–499，村为 200–399 或 500–599，街道为 000；"
    "区县的第 7–12 位全为 0",
    "characters 10–12 are 001–199 or 400–499 for a community, 200–399 or 500–599 for a village "
    "and 000 for a street; characters 7–12 of a district are zeros",
)
CODE_PARENT = Rule(
    "code-parent",
    "“{value}”不是 {code} 的上级代码",
    "{value!r} is not the parent of {code}",
    "应为 {wanted}",
    "it should be {wanted}",
)
CODE_DIVISION = Rule(
    "code-division",
    "“{value}”不属于 {division}：第 {first}–{last} 位（{part_zh}）是 {found}，不是 {wanted}",
    "{value!r} does not belong to {division}: characters {first}–{last} ({part}) are {found}, "
    "not {wanted}",
    "改正编码，或把所属社区改为 {own}",
    "mend the code, or make {own} its division",
)
CODES_EXHAUSTED = Rule(
    "codes-exhausted",
    "{division} 的顺序号 001–999 只剩 {free} 个，不够编 {wanted} 块",
    "of the numbers 001–999 of {division} only {free} are left, too few for {wanted}",
)
