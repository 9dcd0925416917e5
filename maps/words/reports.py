"""The words of the pages of a period's report, in both languages."""

from layers.declaring.labels import Label

STATISTICS = {
    "title": Label("工作报告", "Reports"),
    "text": Label(
        "任意月份、季度、年度或起止日期，本区划及其下级；每个数字都可以点开，看它由哪些记录相加而来。",
        "Any month, quarter, year or days, for a division and all below it. Every figure leads to "
        "the records that it sums.",
    ),
    "asked": Label("选择统计期和区划", "Choose period and division"),
    "other": Label("换一个统计期或区划", "Another period or division"),
    "division": Label("区划", "Division"),
    "year": Label("年份", "Year"),
    "part": Label("月份或季度", "Month or quarter"),
    "whole_year": Label("全年", "The whole year"),
    "quarter": Label("第{name}季度", "Quarter {name}"),
    "month": Label("{name}月", "Month {name}"),
    "by_days": Label("按起止日期", "From one day to another"),
    "first": Label("起", "From"),
    "last": Label("止", "To"),
    "show": Label("生成报告", "Make the report"),
    "docx": Label("下载公文（DOCX）", "Download as paper (DOCX)"),
    "xlsx": Label("下载表格（XLSX）", "Download as workbook (XLSX)"),
    "json": Label("JSON", "JSON"),
    "contents": Label("目录", "Contents"),
    "made": Label("制表日期：{day}", "Made on {day}"),
    "figures": Label("主要指标", "Figures"),
    "records": Label("看记录", "Show the records"),
    "dots": Label(
        "圆越大，记录越多；共 {count} 条",
        "The larger the circle, the more records; {count} in all",
    ),
    "recent": Label("最近的统计期", "Recent periods"),
    "none": Label("本期没有记录", "There are no records of the period"),
}
