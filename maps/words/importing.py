"""The words of the import dialogue in both languages."""

from collections.abc import Mapping

from layers.declaring.words import Label

IMPORT: Mapping[str, Label] = {
    "title": Label("导入数据", "Import data"),
    "text": Label(
        "上传以后先检查、先预览，您确认了才写入；每一次导入都有编号，可以撤销。",
        "A file is checked and shown first; nothing is stored before you say so. Every load has a "
        "number and can be undone.",
    ),
    "layer": Label("导入到哪个图层", "Into which layer"),
    "choose": Label("请选择", "Please choose"),
    "file": Label("文件", "File"),
    "file_hint": Label(
        "Excel 台账（xlsx）、zip 打包的 shapefile、CSV、KML 和 KMZ（奥维、谷歌地球）、"
        "GeoJSON、GPKG",
        "Excel (xlsx), a zipped shapefile, CSV, KML or KMZ, GeoJSON, GPKG",
    ),
    "limit": Label("不超过 {limit} MB", "up to {limit} MB"),
    "submit": Label("上传并检查", "Upload and check"),
    "kept": Label(
        "上传的文件只在本机保存一天，导入或放弃后就删除。",
        "The upload stays on this server for a day at most; loading or discarding removes it.",
    ),
    # --- the draft ---
    "draft_title": Label("检查并导入", "Check and load"),
    "rows_read": Label("读到 {count} 行", "{count} rows"),
    "megabytes": Label("{size} MB", "{size} MB"),
    "kilobytes": Label("{size} KB", "{size} KB"),
    "discard": Label("放弃这份上传", "Discard this upload"),
    "believed": Label("我们这样理解这个文件", "What we believe of this file"),
    "believed_text": Label(
        "每一项都可以改；改完点“重新检查”。",
        "Change whatever is wrong, then check again.",
    ),
    "question": Label("先要弄清一件事", "One question first"),
    "check": Label("重新检查", "Check again"),
    "changed_meanwhile": Label(
        "您改过上面的选择，所以先按新的选择重新检查了一遍，什么都没有写入。请再看一眼，然后再点导入。",
        "You had changed something above, so it was checked again and nothing was stored. "
        "Have another look, then load.",
    ),
    "automatic": Label("自动", "Automatic"),
    "automatic_found": Label("自动：{name}", "Automatic: {name}"),
    "automatic_none": Label("自动：没有找到", "Automatic: none found"),
    "unused": Label("不导入这一项", "Leave this field out"),
    "encoding": Label("文字编码", "Encoding"),
    "encoding_wrong": Label("文字是乱码？换一种：", "Garbled letters? Try another:"),
    "part": Label("工作表或图层", "Sheet or layer"),
    "part_which": Label("文件里有几个表，导入哪一个？", "Which of them is to be loaded?"),
    "heading": Label("表头", "Heading"),
    "heading_row": Label("第 {row} 行", "row {row}"),
    "heading_which": Label("表头在第几行", "Row of the heading"),
    "crs": Label("坐标系", "Coordinate system"),
    "crs_which": Label("改用", "Read it as"),
    "crs_question": Label(
        "这些坐标是哪一种？", "Which coordinate system are these coordinates in?"
    ),
    "crs_sure": Label("把握 {confidence}", "confidence {confidence}"),
    "crs_best": Label("最像", "most likely"),
    "crs_other": Label("其他坐标系，或转换参数", "Another one, or parameters"),
    "asked_crs": Label(
        "文件里的坐标不是经纬度，也没有写明是哪种坐标系。下面是最可能的。",
        "The coordinates are no longitudes and latitudes, and the file does not say what they are. "
        "These are the most likely.",
    ),
    "asked_misfit": Label(
        "按 {crs} 读，坐标的数值对不上。是不是下面的哪一种？",
        "Read as {crs}, the numbers make no sense. Is it one of these?",
    ),
    "asked_columns": Label(
        "有必填的字段没有找到对应的列：{fields}。请指出是文件里的哪一列。",
        "No column was found for what is required: {fields}. Say which column it is.",
    ),
    "epsg": Label("其他坐标系的 EPSG 编号", "The EPSG code of another"),
    "epsg_hint": Label("测绘单位会告诉您，例如 4543", "The surveyors know it, for example 4543"),
    "transform": Label("转换参数", "Parameters"),
    "transform_hint": Label(
        "只有西安80、北京54和地方坐标系才需要：填配置里的名称，或测绘单位给的四参数、七参数",
        "Only for Xian 80, Beijing 54 and local grids: a name from the configuration, or the "
        "surveyors' 4 or 7 parameters",
    ),
    "basis_told": Label("您指定的", "as you said"),
    "basis_stated": Label("文件里写明的", "the file says so"),
    "basis_labelled": Label(
        "文件上是这样标的，但这种标注常常不准", "so labelled, which may be wrong"
    ),
    "basis_assumed": Label("文件没有说，是推断的", "the file does not say; this is assumed"),
    "moved_by": Label("换算方式：{operation}", "Transformed by: {operation}"),
    "datum": Label("经纬度的基准", "What longitude and latitude refer to"),
    "datum_question": Label(
        "这些经纬度是从哪里来的？", "Where do these longitudes and latitudes come from?"
    ),
    "datum_text": Label(
        "手机地图上的点和测绘的点相差上百米，文件里看不出来，只有您知道。地图上几种可能都画出来了。",
        "Points from phone maps lie a hundred metres or more from surveyed ones. A file does not "
        "show which it is; you know. The map shows every possibility.",
    ),
    "datum_wgs84": Label("WGS 84（GPS 手机原始定位、测绘）", "WGS 84 (raw GPS, surveys)"),
    "datum_gcj02": Label("GCJ-02（高德、腾讯、微信）", "GCJ-02 (AMap, Tencent, WeChat)"),
    "datum_bd09": Label("BD-09（百度）", "BD-09 (Baidu)"),
    "datum_stays": Label("位置不变", "stays where it is"),
    "datum_moves": Label("会移动约 {metres} 米", "moves by about {metres} m"),
    "datum_inside": Label("{share} 落在已有区划内", "{share} lie within the stored divisions"),
    "datum_control": Label(
        "{control}/{known} 个已有的要素对得上", "{control} of {known} known features fit"
    ),
    "datum_confirmed": Label("已有的要素证明了这一点", "features that are stored already prove it"),
    "columns": Label("列的对应", "Columns"),
    "columns_found": Label("{all} 个字段，对上 {count} 个", "{count} of {all} fields found"),
    "columns_text": Label("文件里的每一列放进哪个字段", "Which column feeds which field"),
    "ignored": Label("没有用到的列", "Columns not used"),
    "other_notes": Label("读文件时注意到", "Noticed while reading"),
    "map": Label("地图预览", "On the map"),
    "map_frame": Label("预览地图：文件里的位置叠在已有区划上", "The file's places over the ground"),
    "map_cut": Label(
        "地图上只画 {shown} 个，优先画有问题的和有变化的（共 {rows} 个）",
        "The map shows {shown} of {rows}, faulty and changed ones first",
    ),
    "outside": Label(
        "有 {count} 行不在已有区划内：第 {rows} 行。坐标是不是写错了？",
        "{count} rows lie outside the stored divisions: {rows}. Are their coordinates right?",
    ),
    "title_row": Label("第 {row} 行", "Row {row}"),
    "preview": Label("前 {count} 行", "The first {count} rows"),
    "table_of": Label("{name}（表格）", "{name} (table)"),
    "preview_row": Label("行", "Row"),
    "preview_state": Label("结果", "Outcome"),
    "will": Label("导入后会怎样", "What will happen"),
    "state_new": Label("新增", "New"),
    "state_changed": Label("更新", "Changed"),
    "state_unchanged": Label("没有变化", "Unchanged"),
    "state_known": Label("已有，跳过", "Known, skipped"),
    "state_refused": Label("被拒", "Refused"),
    "state_gone": Label("文件里没有", "Not in the file"),
    "gone_list": Label(
        "系统里有、文件里没有的（{count}）", "Stored, but not in the file ({count})"
    ),
    "gone_more": Label("另有 {count} 个没有列出", "{count} more are not listed"),
    "gone_kept": Label("会保留", "They will be kept"),
    "gone_deleted": Label("会删除", "They will be deleted"),
    "findings": Label("要改的地方", "What has to be mended"),
    "findings_none": Label("没有发现问题。", "Nothing wrong was found."),
    "findings_more": Label("另有 {count} 处没有列出", "{count} more are not listed"),
    "finding_row": Label("行", "Row"),
    "finding_column": Label("列", "Column"),
    "finding_value": Label("文件里的值", "Value in the file"),
    "finding_said": Label("问题", "What is wrong"),
    "finding_mend": Label("建议", "Suggestion"),
    "report": Label("下载报告", "Download the report"),
    "report_html": Label("网页", "HTML"),
    "report_xlsx": Label("Excel", "Excel"),
    "report_json": Label("JSON", "JSON"),
    "choices": Label("怎么导入", "How to load it"),
    "conflict": Label("系统里已有同一条记录时", "When a record is there already"),
    "on_fail": Label("当作错误，不导入", "Take it as a fault"),
    "on_skip": Label("保留原有的，跳过这一行", "Keep what is there, skip the row"),
    "on_update": Label("用文件里的内容更新", "Update it from the file"),
    "gone": Label("系统里有、文件里没有的", "What is stored but not in the file"),
    "gone_keep": Label("保留", "Keep it"),
    "gone_delete": Label("删除（文件是最新的全部）", "Delete it (the file is the whole truth)"),
    "number": Label("给没有编码的行自动编号", "Number the rows that have no code"),
    "load_all": Label("全部导入", "Load everything"),
    "load_valid": Label(
        "导入没有问题的 {count} 行，其余的退给我", "Load the {count} valid rows, give me the rest"
    ),
    "why_refused": Label(
        "有 {count} 行有问题，所以不能全部导入。",
        "{count} rows are faulty, so not everything can be loaded.",
    ),
    "why_faults": Label("有问题没有解决，所以不能导入。", "It cannot be loaded with these faults."),
    "why_datum": Label(
        "先回答经纬度从哪里来，再导入。", "Say first where the coordinates come from."
    ),
    "why_question": Label("先回答上面的问题，再导入。", "Answer the question above first."),
    "course": Label("导入进度", "How far it is"),
    "course_reading": Label("正在读取文件", "Reading the file"),
    "course_checking": Label("正在检查", "Checking"),
    "course_copying": Label("正在送入数据库", "Sending to the database"),
    "course_storing": Label("正在写入，请稍候", "Storing; a moment please"),
    "course_pace": Label("每秒 {rows} 行", "{rows} rows/s"),
    "course_left": Label("约剩 {seconds} 秒", "about {seconds} s left"),
    "course_cancel": Label("停止导入，什么也不存", "Stop; nothing is stored"),
    "course_stopping": Label("正在停止", "Stopping"),
    "load_nothing": Label("没有一行会改变什么，不用导入。", "No row would change anything."),
    "not_loaded": Label("没有导入", "Nothing was loaded"),
    # --- the batches ---
    "batches": Label("导入记录", "Loads"),
    "batches_text": Label(
        "每一次导入都有编号，可以查看，也可以撤销。", "Every load has a number and can be undone."
    ),
    "batches_none": Label("还没有导入过。", "Nothing has been loaded yet."),
    "batches_all": Label("全部导入记录", "All loads"),
    "batches_older": Label("更早的", "Older"),
    "batch": Label("第 {number} 批", "Load {number}"),
    "batch_number": Label("批号", "No."),
    "batch_layer": Label("图层", "Layer"),
    "batch_file": Label("文件", "File"),
    "batch_at": Label("时间", "Time"),
    "batch_by": Label("导入人", "By"),
    "batch_result": Label("结果", "Outcome"),
    "loaded": Label("已导入", "Loaded"),
    "undone": Label("已撤销", "Undone"),
    "undone_at": Label("已于 {at} 撤销", "Undone on {at}"),
    "state_deleted": Label("删除", "Deleted"),
    "state_skipped": Label("跳过", "Skipped"),
    "rest": Label("没有导入的行", "The rows that were left out"),
    "rest_text": Label(
        "{count} 行有问题，没有导入。下载这份文件，照“问题”一列改好，再上传一次。文件保存一天。",
        "{count} rows were left out. Download them, mend what the column of faults says, and "
        "upload the file again. It is kept for a day.",
    ),
    "rest_gone": Label(
        "{count} 行有问题，没有导入；退回的文件已过保存期。",
        "{count} rows were left out; the file with them is no longer kept.",
    ),
    "see": Label("查看这个图层", "See the layer"),
    "see_map": Label("在地图上看", "On the map"),
    "another": Label("再导入一个文件", "Load another file"),
    "undo": Label("撤销这次导入", "Undo this load"),
    "undo_text": Label(
        "新增的会删除，更新的会改回原样，删除的会恢复。之后又被人改过的不会动，那时会告诉您。",
        "What was added goes, what was changed goes back, what was deleted returns. If anybody "
        "has changed it since, nothing is undone and you are told.",
    ),
    "undo_open": Label("我要撤销", "I want to undo it"),
    "undo_sure": Label("确认撤销", "Yes, undo it"),
    "undo_refused": Label("没有撤销", "It was not undone"),
    "understood": Label("当时这样理解文件", "How the file was understood"),
    "fingerprint": Label("文件指纹（SHA-256）", "Fingerprint (SHA-256)"),
}
