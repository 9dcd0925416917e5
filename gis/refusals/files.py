"""What is wrong with files, and what was believed of them."""

from gis.errors import Rule

FILE_FORMAT = Rule(
    "file-format",
    "不认识的文件格式 {name}；可用：{allowed}",
    "Unknown file format {name}; use one of: {allowed}",
)
FILE_UNREADABLE = Rule(
    "file-unreadable", "读不出文件 {name}：{reason_zh}", "The file {name} cannot be read: {reason}"
)
FILE_LAYERS = Rule(
    "file-layers",
    "文件 {name} 中的图层有：{layers}；请指明其中一个",
    "The file {name} holds these layers: {layers}; name one of them",
)
FILE_WARNING = Rule(
    "file-warning", "读文件时的提示：{reason}", "A warning while reading the file: {reason}"
)
FILE_TOO_LARGE = Rule(
    "file-too-large", "文件超过上限 {limit_zh}", "The file is larger than the limit of {limit}"
)
FILE_EMPTY = Rule("file-empty", "文件 {name} 里没有记录", "The file {name} holds no records")
FILE_CRS = Rule(
    "file-crs",
    "文件 {name} 的坐标不是经纬度，也没有说明是哪种坐标系；请用 --crs 指明",
    "The coordinates of {name} are no longitude and latitude and it names no other CRS; give --crs",
)
CRS_UNUSABLE = Rule(
    "crs-unusable",
    "坐标系 {crs} 不能准确换算为 WGS 84：{reason_zh}",
    "The CRS {crs} cannot be turned into WGS 84 exactly: {reason}",
)
CRS_ASSUMED = Rule(
    "crs-assumed",
    "文件没有说明坐标系，按经纬度（WGS 84）读取",
    "The file names no CRS; its coordinates were taken as longitude and latitude (WGS 84)",
)
CRS_OVERRIDDEN = Rule(
    "crs-overridden",
    "文件自称 {found}，按指定的 {given} 读取",
    "The file says {found}; it was read as {given}, as told",
)
ENCODING_BELIEVED = Rule(
    "encoding-believed",
    "文字按 {name} 读取：{reason_zh}",
    "Texts were read as {name}: {reason}",
)
COLUMN_CUT = Rule(
    "column-cut",
    "列名只有 10 个字节，在字中间被截断，只剩可读部分",
    "its name was cut inside a character at 10 bytes; this is the readable part",
)
COLUMN_RENAMED = Rule(
    "column-renamed",
    "列名“{found}”重复或为空，改用此名",
    "the column name {found!r} is empty or there twice; this one is used instead",
)
VALUE_CUT = Rule(
    "value-cut",
    "文字填满了字段宽度，末尾已被或可能被截断",
    "the text fills its field to the last byte, so that its end is cut off or may be",
)
LEDGER_HEADING = Rule(
    "ledger-heading",
    "工作表“{sheet}”的表头在第 {row} 行，记录从第 {first} 行开始",
    "The heading of the sheet {sheet!r} is row {row}, its records begin in row {first}",
)
CSV_HEADING = Rule(
    "csv-heading",
    "表头在第 {row} 行，以上各行未读入",
    "The heading is row {row}; what stands above it was left out",
)
LEDGER_LEFT_OUT = Rule(
    "ledger-left-out",
    "工作表第 {row} 行不是记录，未读入：{text}",
    "Row {row} of the sheet is no record and was left out: {text}",
)
LEDGER_NO_RESULT = Rule(
    "ledger-no-result",
    "单元格 {cells} 的公式没有结果或出错，按空值读取；请在 Excel 中重算后另存",
    "The formulas in {cells} have no result or an error, which was read as empty; "
    "let Excel compute and save them",
)
CRS_GUESSED = Rule(
    "crs-guessed",
    "可能是 {crs}（把握 {confidence:.0%}）：{reason_zh}",
    "It may be {crs} (confidence {confidence:.0%}): {reason}",
)
AXES_SWAPPED = Rule(
    "axes-swapped",
    "坐标是先北后东（先纬后经），已对调",
    "The coordinates are north before east (latitude before longitude); they were swapped",
)
VALUE_ABRIDGED = Rule(
    "value-abridged",
    "shapefile 装不下这个值，只写入一部分；完整内容在压缩包的 {file} 中",
    "a shapefile cannot hold this value and has part of it; the whole is in {file} of the zip",
)
