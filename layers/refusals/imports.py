"""What is wrong with the rows of a file, and with taking a load back."""

from gis.errors import Rule

FILE_UNWRITABLE = Rule(
    "file-unwritable", "写不了文件 {name}：{reason}", "The file {name} cannot be written: {reason}"
)
COLUMN_UNKNOWN = Rule(
    "column-unknown",
    "文件中没有列 {name}；有：{present}",
    "The file has no column {name}; it has: {present}",
)
COLUMN_MISSING = Rule(
    "column-missing",
    "缺少必填列 {name}（可用名称：{names}）",
    "The required column {name} is missing (accepted names: {names})",
)
IMPORT_REFUSED = Rule(
    "import-refused",
    "{name}：{rows} 行中 {refused} 行被拒，什么都没有导入",
    "{name}: {refused} of {rows} rows were refused, nothing was loaded",
)
CODE_UNNUMBERED = Rule(
    "code-unnumbered",
    "必填，不能为空",
    "is required and is empty",
    "按从西到东、从北到南的次序，可编为 {proposed}；也可让系统编号（--number）",
    "numbered from west to east and north to south it would be {proposed}; --number gives it so",
)
REST_TOO_LONG = Rule(
    "rest-too-long",
    "有的图形太大，Excel 的单元格装不下（上限 {limit} 个字符）；请改用 .geojson 或 .csv",
    "A geometry is too long for a cell of Excel ({limit} characters); use .geojson or .csv",
)
GONE_KEPT = Rule(
    "gone-kept",
    "有 {count} 行读不出编码，不知道它们是哪个要素，因此没有删除文件中缺少的要素",
    "{count} rows have no readable key and may be any feature, so nothing was deleted",
)
FOREIGN_GROUND = Rule(
    "foreign-ground",
    "不在您的辖区内",
    "this is outside your division",
    "请从文件中去掉这一行，由上级或该辖区的管理员导入",
    "leave this row out; whoever is responsible there, or for both divisions, may load it",
)
DATUM_UNSAID = Rule(
    "datum-unsaid",
    "经纬度可能是 GCJ-02 或 BD-09（手机地图的坐标），由坐标本身看不出来；现按 {datum} 读取",
    "The longitudes and latitudes may be GCJ-02 or BD-09, as phones' maps give them, which the "
    "numbers do not tell; they were read as {datum}",
    "问清坐标的来历，用 --datum wgs84、gcj02 或 bd09 指明",
    "find out where they come from and say so with --datum wgs84, gcj02 or bd09",
)
DATUM_DOUBTFUL = Rule(
    "datum-doubtful",
    "按 {datum} 读取时，坐标与已有数据不符（{reason_zh}），没有导入",
    "Read as {datum}, the coordinates disagree with what is stored ({reason}); nothing was loaded",
    "问清坐标的来历，用 --datum wgs84、gcj02 或 bd09 指明",
    "find out where they come from and say so with --datum wgs84, gcj02 or bd09",
)
UNKNOWN_BATCH = Rule(
    "unknown-batch", "没有第 {number} 批导入", "There is no import number {number}"
)
BATCH_UNDONE = Rule(
    "batch-undone",
    "第 {number} 批导入已经撤销过",
    "Import number {number} has been undone already",
)
BATCH_CHANGED_SINCE = Rule(
    "batch-changed-since",
    "第 {number} 批导入的 {count} 个要素之后又有改动，不能撤销",
    "{count} features of import number {number} have changed since, so it cannot be undone",
)
FEATURE_CHANGED_SINCE = Rule(
    "feature-changed-since",
    "要素 {id}（{title}）在导入之后又有改动或已删除",
    "feature {id} ({title}) has changed since the import or is gone",
)
KEY_TAKEN_SINCE = Rule(
    "key-taken-since",
    "要恢复的“{title}”，编号已被要素 {id} 占用",
    "the key of {title!r}, which would come back, now belongs to feature {id}",
)
PLACE_BY_GROUND = Rule(
    "place-by-ground",
    "没有坐标的行：{fields} 行放在网格代表点、{divisions} 行放在社区（村）代表点上，并标明非实测",
    "Rows without coordinates: {fields} were put on a point of their field, {divisions} of their "
    "division, and are marked as not measured",
)
PLACE_UNTOLD = Rule(
    "place-untold",
    "没有坐标，也没有说明所属网格或社区",
    "says neither coordinates nor a field or division",
    "填写网格编码或社区（村），或补上坐标",
    "give the code of its field, its division or coordinates",
)
PLACE_UNKNOWN = Rule(
    "place-unknown",
    "没有坐标，所说的网格或社区“{value}”查不到",
    "says no coordinates, and there is no field or division {value!r}",
    "填写网格编码或社区（村）的代码、名称，或补上坐标",
    "give the code of its field, its division or coordinates",
)
