"""What is wrong with ledgers and reports as files."""

from gis.errors import Rule

SHEET_FULL = Rule(
    "sheet-full",
    "{layer} 的记录太多或图形太长，Excel 装不下；请缩小范围，或用 GeoPackage、GeoJSON",
    "There are more records of {layer}, or longer geometries, than Excel holds; narrow it down, "
    "or use GeoPackage or GeoJSON",
)
BAD_PERIOD = Rule(
    "bad-period",
    "“{value}”不是统计期；应写作 2017-07、2017-Q3、2017 或 2017-01-01/2017-07-20",
    "{value!r} is no period; write 2017-07, 2017-Q3, 2017 or 2017-01-01/2017-07-20",
)
MAPPING_FILE = Rule(
    "mapping-file",
    "对照文件 {name} 有误：{reason_zh}",
    "The mapping file {name} is wrong: {reason}",
)
