"""What can go wrong, in one flat catalogue: a stable slug and a sentence in Chinese and English.

A `Rule` is what was broken, a `Finding` is where, a `Problem` is raised. Nothing here knows
HTTP or exit codes; the edge (`api.errors`) gives each slug a status.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # half a second that a command's --help need not wait for
    from shapely.geometry.base import BaseGeometry

Lang = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of the catalogue: what is wrong and, where one can say it, what would mend it.

    All texts are `str.format` templates of ours, never data.
    """

    slug: str
    zh: str
    en: str
    mend_zh: str = ""
    mend_en: str = ""

    def sentence(self, lang: Lang, values: Mapping[str, object]) -> str:
        return (self.zh if lang == "zh" else self.en).format_map(_Brief(values))

    def mend(self, lang: Lang, values: Mapping[str, object]) -> str:
        return (self.mend_zh if lang == "zh" else self.mend_en).format_map(_Brief(values))


class _Brief(dict[str, object]):
    """Values cut to a readable length: a hostile megabyte must not travel back in an error."""

    def __getitem__(self, key: str) -> object:
        value = super().__getitem__(key)
        text = str(value)
        return value if len(text) <= 120 else f"{text[:117]}…"


@dataclass(frozen=True, slots=True)
class Finding:
    """One refused value: `row` counts the data rows from 1; `column` is the name in the file.

    `geometry` is the ground that is meant (longitude and latitude, EPSG:4326), where there is one.
    """

    rule: Rule
    row: int | None = None
    column: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    geometry: "BaseGeometry | None" = None

    def sentence(self, lang: Lang = "zh") -> str:
        return self.rule.sentence(lang, self.values)

    def suggestion(self, lang: Lang = "zh") -> str:
        """What would mend it, in words; empty where nobody can say."""
        return self.rule.mend(lang, self.values)

    @property
    def value(self) -> str:
        """The value that was refused, as text; empty where it is not the value that is wrong."""
        return str(_Brief(self.values)["value"]) if "value" in self.values else ""

    def place(self, lang: Lang = "zh") -> str:
        row = (
            "" if self.row is None else (f"第 {self.row} 行" if lang == "zh" else f"row {self.row}")
        )
        return " · ".join(part for part in (row, self.column or "") if part)


class Problem(Exception):
    """A refusal with its rule; `findings` name the places, `suppressed` counts those not listed."""

    def __init__(
        self,
        rule: Rule,
        *,
        findings: Sequence[Finding] = (),
        suppressed: int = 0,
        **values: object,
    ) -> None:
        super().__init__(rule.slug)
        self.rule = rule
        self.values = values
        self.findings = tuple(findings)
        self.suppressed = suppressed

    def sentence(self, lang: Lang = "zh") -> str:
        return self.rule.sentence(lang, self.values)

    def __str__(self) -> str:
        return f"{self.rule.slug}: {self.sentence('en')}"


# --- database and private cluster -------------------------------------------------------------
DATABASE_UNREACHABLE = Rule(
    "database-unreachable",
    "连不上数据库：{reason}",
    "The database cannot be reached: {reason}",
)
DATABASE_BUSY = Rule(
    "database-busy",
    "数据库正忙，请稍后再试",
    "The database is busy; try again in a moment",
)
DATABASE_REFUSED = Rule(
    "database-refused",
    "数据库不接受这些数据：{reason}",
    "The database does not accept this: {reason}",
)
DATABASE_NEWER = Rule(
    "database-newer",
    "数据库由更新的版本建立（{found}）；请升级本程序",
    "The database was made by a newer version ({found}); upgrade this program",
)
POSTGRES_MISSING = Rule(
    "postgres-missing",
    "缺少 {what}。请运行：{mend}",
    "{what} is missing. Install it with: {mend}",
)
CLUSTER_BROKEN = Rule(
    "cluster-broken",
    "私有数据库在 {place} 不能启动：{reason}（日志：{log}）",
    "The private database at {place} does not start: {reason} (log: {log})",
)
CLUSTER_OTHER_VERSION = Rule(
    "cluster-other-version",
    "{place} 由 PostgreSQL {found} 建立，本机是 {wanted}。请运行：{mend}；要换用 {wanted}，"
    "先用旧版 gridfield db backup，移走 {place}，再 gridfield db restore",
    "{place} was made by PostgreSQL {found}, this machine has {wanted}. Install it with: {mend}; "
    "to move to {wanted}, then run gridfield db backup, put {place} aside and run "
    "gridfield db restore",
)
CLUSTER_FOREIGN = Rule(
    "cluster-foreign",
    "{place} 属于用户 {owner}；请用该用户或 root 运行",
    "{place} belongs to {owner}: run this as {owner} or as root",
)
CLUSTER_UNREACHABLE = Rule(
    "cluster-unreachable",
    "运行数据库的用户 {account} 进不了 {place}；请让上级目录可通过（chmod o+x）",
    "{account}, who runs the database, cannot enter {place}: allow it with chmod o+x on the "
    "folders above",
)
CLUSTER_ACCOUNT = Rule(
    "cluster-account",
    "PostgreSQL 不能以 root 运行，本机又没有 postgres 或 nobody 用户",
    "PostgreSQL refuses to run as root, and there is no account postgres or nobody",
)
CLUSTER_BUSY = Rule(
    "cluster-busy",
    "另一个进程一直在启动或停止 {place} 的私有数据库",
    "Another process has been starting or stopping the private database at {place} all the time",
)
CLUSTER_ABSENT = Rule(
    "cluster-absent",
    "{place} 还没有私有数据库；请运行 gridfield db start",
    "There is no private database at {place} yet: run gridfield db start",
)
BACKUP_BROKEN = Rule(
    "backup-broken",
    "备份 {file} 不可用：{reason_zh}",
    "The backup {file} cannot be used: {reason}",
)
BACKUP_FAILED = Rule(
    "backup-failed",
    "数据库 {database} 的 {program} 失败，原有内容未动：{reason}",
    "{program} of the database {database} failed and changed nothing: {reason}",
)

# --- asking ---------------------------------------------------------------------------------
UNKNOWN_LAYER = Rule("unknown-layer", "没有图层 {name}", "There is no layer {name}")
UNKNOWN_THEME = Rule("unknown-theme", "没有专题 {name}", "There is no theme {name}")
UNKNOWN_FEATURE = Rule(
    "unknown-feature", "{layer} 中没有编号为 {id} 的要素", "{layer} has no feature {id}"
)
UNKNOWN_DRAFT = Rule(
    "unknown-draft",
    "这份上传已经不在了：地址不对、超过 24 小时，或者已经放弃；请重新上传文件",
    "This upload is not here: the address is wrong, 24 hours have passed, or it was discarded; "
    "upload the file again",
)
BAD_PARAMETER = Rule(
    "bad-parameter", "参数 {name} 不对：{reason_zh}", "The parameter {name} is wrong: {reason}"
)

# --- values and geometry ---------------------------------------------------------------------
VALUE_MISSING = Rule(
    "value-missing", "必填，不能为空", "is required and is empty", "补填这一格", "fill it in"
)
VALUE_TYPE = Rule(
    "value-type",
    "“{value}”不是{wanted_zh}",
    "{value!r} is not {wanted}",
    "改为{wanted_zh}",
    "write {wanted}",
)
VALUE_CHOICE = Rule(
    "value-choice",
    "“{value}”不在可选值内：{allowed}",
    "{value!r} is none of: {allowed}",
    "最接近的可选值是“{nearest}”",
    "the nearest of them is {nearest!r}",
)
VALUE_RANGE = Rule(
    "value-range",
    "{value} 超出范围 {low}–{high}",
    "{value} lies outside {low}–{high}",
    "改为 {low} 到 {high} 之间的数",
    "write a number from {low} to {high}",
)
VALUE_PATTERN = Rule(
    "value-pattern",
    "“{value}”不合格式：{wanted_zh}",
    "{value!r} does not fit: {wanted}",
    "改为{wanted_zh}",
    "write {wanted}",
)
VALUE_LENGTH = Rule(
    "value-length",
    "长 {length} 个字符，上限 {limit}",
    "is {length} characters long, the limit is {limit}",
    "缩短到 {limit} 个字符以内",
    "shorten it to {limit} characters",
)
VALUE_DUPLICATE = Rule(
    "value-duplicate",
    "“{value}”与第 {other} 行重复",
    "{value!r} repeats row {other}",
    "改正其中一行，或删去多余的一行",
    "correct one of the two rows, or remove it",
)
VALUE_EXISTS = Rule(
    "value-exists",
    "“{value}”在系统中已有",
    "{value!r} is already in the system",
    "要用文件更新已有记录，请选“更新”（--on-conflict update）；只要新的，选“跳过”（skip）",
    "choose update to change what is stored (--on-conflict update), or skip to leave it",
)
VALUE_CONTROL = Rule(
    "value-control",
    "含有不可存储的控制字符（U+{code}）",
    "holds a control character that cannot be stored (U+{code})",
    "删去该字符",
    "remove that character",
)
GEOMETRY_MISSING = Rule(
    "geometry-missing",
    "没有几何",
    "has no geometry",
    "补上坐标或图形",
    "give it coordinates or draw it",
)
GEOMETRY_TYPE = Rule(
    "geometry-type",
    "几何是 {found}，应为 {wanted}",
    "the geometry is {found}, not {wanted}",
    "画成 {wanted}，或选别的图层",
    "draw it as {wanted}, or choose another layer",
)
GEOMETRY_INVALID = Rule(
    "geometry-invalid",
    "几何无效：{reason}（约在 {lon}, {lat}）",
    "the geometry is invalid: {reason} (near {lon}, {lat})",
    "在 GIS 软件中到此处改正边界（QGIS：检查有效性、修正几何图形）",
    "correct the border at this place (in QGIS: Check validity, Fix geometries)",
)
GEOMETRY_OUTSIDE = Rule(
    "geometry-outside",
    "坐标 {lon}, {lat} 不是经纬度",
    "the coordinates {lon}, {lat} are no longitude and latitude",
    "核对这一行的坐标，或指明文件的坐标系（--crs）",
    "check the coordinates of this row, or name the file's CRS (--crs)",
)
GEOMETRY_UNREADABLE = Rule(
    "geometry-unreadable",
    "几何读不出：{reason_zh}",
    "the geometry cannot be read: {reason}",
    "坐标写成 101.82、36.62 这样的数，或 101°49′12″",
    "write coordinates as numbers such as 101.82 and 36.62, or as 101°49′12″",
)
PROPERTY_UNKNOWN = Rule(
    "property-unknown", "没有名为 {name} 的字段", "there is no field named {name}"
)

# --- codes ------------------------------------------------------------------------------------
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

# --- coordinates ------------------------------------------------------------------------------
CRS_UNKNOWN = Rule(
    "crs-unknown",
    "“{text}”不是可识别的坐标系（可用 EPSG 编号或 WKT）",
    "{text!r} is no known CRS; give an EPSG code or WKT",
)
CRS_NEEDS_PARAMETERS = Rule(
    "crs-needs-parameters",
    "坐标系 {crs} 在此处没有公开的转换参数，直接换算会偏移几十米甚至更多；请提供四参数或七参数",
    "No transformation of {crs} to WGS 84 is published for this place, and without one positions "
    "are tens of metres off or more; give 4 or 7 parameters",
)
CRS_PARAMETERS = Rule(
    "crs-parameters",
    "转换参数不能用于 {crs}：{reason_zh}",
    "These parameters cannot be used with {crs}: {reason}",
)
DATUM_NEEDS_LONLAT = Rule(
    "datum-needs-lonlat",
    "GCJ-02、BD-09 只用于经纬度，文件的坐标系却是 {crs}",
    "GCJ-02 and BD-09 go with longitude and latitude, but the file is in {crs}",
)
DATUM_CONVERTED = Rule(
    "datum-converted",
    "坐标按 {datum} 读取，已换算为 WGS 84",
    "The coordinates were read as {datum} and converted to WGS 84",
)
DATUM_OVERRIDDEN = Rule(
    "datum-overridden",
    "文件自称坐标是 {found}，按指定的 {given} 读取",
    "The file says that its coordinates are {found}; they were read as {given}, as told",
)
CRS_MISFIT = Rule(
    "crs-misfit",
    "文件 {name} 的坐标数值不可能是 {crs} 的；请用 --crs 指明正确的坐标系",
    "The coordinates of {name} cannot be those of {crs}; give the right CRS with --crs",
)

# --- files ------------------------------------------------------------------------------------
FILE_FORMAT = Rule(
    "file-format",
    "不认识的文件格式 {name}；可用：{allowed}",
    "Unknown file format {name}; use one of: {allowed}",
)
FILE_UNREADABLE = Rule(
    "file-unreadable", "读不出文件 {name}：{reason_zh}", "The file {name} cannot be read: {reason}"
)
FILE_UNWRITABLE = Rule(
    "file-unwritable", "写不了文件 {name}：{reason}", "The file {name} cannot be written: {reason}"
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

# --- pages ------------------------------------------------------------------------------------
ASSETS_MISSING = Rule(
    "assets-missing",
    "网页资源 {name} 还没有构建；请运行：make setup",
    "The web asset {name} has not been built; run: make setup",
)
ELEMENT_UNKNOWN = Rule(
    "element-unknown",
    "地图元素 {name} 没有登记，不能放进页面",
    "The map element {name} is not a registered one and cannot be put on a page",
)

# --- the edge ---------------------------------------------------------------------------------
NO_SUCH_PAGE = Rule("no-such-page", "没有这个地址：{path}", "There is nothing at {path}")
WRONG_METHOD = Rule("wrong-method", "{path} 不接受 {method}", "{path} does not take {method}")
BODY_UNREADABLE = Rule(
    "body-unreadable",
    "请求内容读不出：{reason_zh}",
    "The request's content cannot be read: {reason}",
)
BODY_TYPE = Rule(
    "body-type",
    "请求内容的类型是“{found}”，应为 {wanted}",
    "The request's content is of type {found!r}, not {wanted}",
)
BODY_TOO_LARGE = Rule(
    "body-too-large", "请求内容超过上限 {limit}", "The request is larger than the limit of {limit}"
)
BODY_TOO_SLOW = Rule(
    "body-too-slow",
    "请求内容在 {seconds} 秒内没有传完",
    "The request did not arrive within {seconds} seconds",
)
FEATURE_REFUSED = Rule(
    "feature-refused",
    "{layer} 的要素有 {count} 处不合规定，没有保存",
    "The feature breaks {count} rules of {layer} and was not saved",
)
CHANGED_MEANWHILE = Rule(
    "changed-meanwhile",
    "{layer} 的要素 {id} 已被别人改过；请重新读取后再改",
    "Feature {id} of {layer} has changed since you read it; read it again first",
)
FOREIGN_HOST = Rule(
    "foreign-host",
    "本服务不用 {host} 这个名字",
    "This service does not go by the name {host}",
)
CROSS_SITE = Rule(
    "cross-site",
    "不接受其他网站发来的改动",
    "Changes sent by another site's page are not taken",
)
NOT_LOOPBACK = Rule(
    "not-loopback",
    "还没有管理员账号，只能在本机（127.0.0.1）提供服务，不能用 {host}；请先运行 gridfield user add",
    "There is no admin account yet, so only this machine is served (127.0.0.1), not {host}; "
    "make one with gridfield user add",
)
PORT_TAKEN = Rule(
    "port-taken",
    "{host} 的端口 {port} 不能用：{reason}；请用 --port 另选一个",
    "Port {port} of {host} cannot be used: {reason}; choose another with --port",
)
DEMO_MISSING = Rule(
    "demo-missing",
    "找不到演示数据：{place}",
    "The demo data are not at {place}",
)
INTERNAL = Rule(
    "internal",
    "系统内部出错，编号 {id}，已记入日志",
    "Something went wrong inside; it is in the log under {id}",
)

TOO_MANY_STREAMS = Rule(
    "too-many-streams",
    "同一账号最多同时打开 {most} 个实时列表，请关掉几个窗口",
    "An account has at most {most} live lists open at a time; close some windows",
)

# --- coverage ---------------------------------------------------------------------------------
COVERAGE_GAP = Rule(
    "coverage-gap",
    "空隙 {area} m²（约在 {lon}, {lat}），相邻：{polygons}",
    "a gap of {area} m² (near {lon}, {lat}), bordered by {polygons}",
    "{mend_zh}",
    "{mend}",
)
COVERAGE_OVERLAP = Rule(
    "coverage-overlap",
    "{polygons} 重叠 {area} m²（约在 {lon}, {lat}）",
    "{polygons} overlap by {area} m² (near {lon}, {lat})",
    "{mend_zh}",
    "{mend}",
)
COVERAGE_SLIVER_GAP = Rule(
    "coverage-sliver-gap",
    "狭缝 {area} m²，平均宽 {width} m（约在 {lon}, {lat}），相邻：{polygons}",
    "a thin gap of {area} m², {width} m wide on average (near {lon}, {lat}), "
    "bordered by {polygons}",
    "{mend_zh}",
    "{mend}",
)
COVERAGE_SLIVER_OVERLAP = Rule(
    "coverage-sliver-overlap",
    "{polygons} 沿边界细条重叠 {area} m²，平均宽 {width} m（约在 {lon}, {lat}）",
    "{polygons} overlap in a thin strip of {area} m², {width} m wide on average "
    "(near {lon}, {lat})",
    "{mend_zh}",
    "{mend}",
)
COVERAGE_OUTSIDE = Rule(
    "coverage-outside",
    "{polygons} 有 {area} m² 超出边界（约在 {lon}, {lat}）",
    "{area} m² of {polygons} lie outside the boundary (near {lon}, {lat})",
    "{mend_zh}",
    "{mend}",
)
COVERAGE_UNCOVERED = Rule(
    "coverage-uncovered",
    "边界内侧有 {area} m² 未被覆盖（约在 {lon}, {lat}），相邻：{polygons}",
    "{area} m² inside the boundary are not covered (near {lon}, {lat}), bordered by {polygons}",
    "{mend_zh}",
    "{mend}",
)
COVERAGE_DUPLICATE = Rule(
    "coverage-duplicate",
    "{polygons} 是同一块地，{area} m²（约在 {lon}, {lat}）",
    "{polygons} are the same ground, {area} m² (near {lon}, {lat})",
    "{mend_zh}",
    "{mend}",
)
COVERAGE_MEND_SNAP = Rule(
    "coverage-mend-snap",
    "把 {polygon} 的边界贴合到邻边",
    "move the border of {polygon} onto its neighbour's",
)
COVERAGE_MEND_FILL = Rule("coverage-mend-fill", "并入 {polygon}", "add it to {polygon}")
COVERAGE_MEND_CUT = Rule("coverage-mend-cut", "从 {polygon} 中切去", "cut it from {polygon}")
COVERAGE_MEND_NONE = Rule(
    "coverage-mend-none",
    "须人工判断：是缺了一块、多了一块，还是边界画错",
    "a person has to decide: one is missing, one too many, or a border is drawn wrongly",
)
COVERAGE_UNFIT = Rule(
    "coverage-unfit",
    "{count} 个图形无效，不能检查空隙和重叠",
    "{count} geometries are invalid, so that gaps and overlaps cannot be checked",
)
COVERAGE_TOO_MANY = Rule(
    "coverage-too-many",
    "问题超过 {limit} 处：这些图形看来不是同一分区的",
    "there are more than {limit} faults: these polygons do not look like one partition",
)
COVERAGE_OPENED = Rule(
    "coverage-opened",
    "{layer} 会出现 {count} 处新的空隙或重叠，没有保存",
    "This would open {count} new gaps or overlaps in {layer}; nothing was saved",
    "一次提交中同时修改相邻的几块，让公共边界一起移动",
    "change the neighbours in the same step, so that their common border moves",
)
UNKNOWN_PARTITION = Rule(
    "unknown-partition",
    "{layer} 不是分片覆盖的图层，没有空隙和重叠可查",
    "{layer} is no layer that covers ground in parts, so that it has no gaps or overlaps",
)
UNKNOWN_DIVISION = Rule(
    "unknown-division", "没有代码为 {code} 的区划", "There is no division with the code {code}"
)
UNKNOWN_FAULT = Rule(
    "unknown-fault",
    "没有编号为 {id} 的问题：可能已经改过，请重新检查",
    "There is no fault {id}: it may have been mended; check again",
)
FAULT_UNMENDABLE = Rule(
    "fault-unmendable",
    "问题 {id} 没有修补建议，须人工判断",
    "The fault {id} has no suggestion; a person has to decide",
)
PART_UNOWNED = Rule(
    "part-unowned",
    "{polygons} 没有填写{column_zh}（约在 {lon}, {lat}）",
    "{polygons} has no value for {column} (near {lon}, {lat})",
    "填写{column_zh}",
    "fill in {column}",
)
PART_INVALID = Rule(
    "part-invalid",
    "{polygons} 的图形无效：{reason}（约在 {lon}, {lat}）",
    "the geometry of {polygons} is invalid: {reason} (near {lon}, {lat})",
    "改正此处的边界",
    "correct the border at this place",
)
CODE_MISPLACED = Rule(
    "code-misplaced",
    "{polygons} 的{column_zh}“{value}”与它所在的 {place} 不符（约在 {lon}, {lat}）",
    "{column} {value!r} of {polygons} does not agree with {place}, where it lies "
    "(near {lon}, {lat})",
    "改正{column_zh}，或改正边界",
    "mend {column}, or the border",
)
CODE_UNKNOWN = Rule(
    "code-unknown",
    "{polygons} 的{column_zh}“{value}”不是已有的区划（约在 {lon}, {lat}）",
    "{column} {value!r} of {polygons} names no division that is stored (near {lon}, {lat})",
    "改正{column_zh}，或先导入这个区划",
    "mend {column}, or load that division first",
)
CODE_ORDER = Rule(
    "code-order",
    "{place} 有 {count} 个编码不是从西到东、从北到南的次序，如 {polygons}：{found} 应为 {wanted}",
    "{count} codes of {place} are not numbered from west to east and north to south, such as "
    "{polygons}: {found} would be {wanted}",
    "需要时按次序重新编号；已经使用的编码不宜改动",
    "number them again where that is wanted; codes in use are better left as they are",
)
COVERAGE_MEND_REFUSED = Rule(
    "coverage-mend-refused",
    "不能这样修补：{reason_zh}",
    "this cannot be mended so: {reason}",
)
GEOMETRY_AMBIGUOUS = Rule(
    "geometry-ambiguous",
    "几何有不止一种读法，未自动修复：{reason_zh}（约在 {lon}, {lat}）",
    "the geometry can be read in more than one way and was not repaired: {reason} "
    "(near {lon}, {lat})",
)
GEOMETRY_REPAIRED = Rule("geometry-repaired", "几何已修复：{done_zh}", "repaired: {done}")
REPAIR_CLOSED = Rule(
    "repair-closed", "闭合了未闭合的环", "closed a ring that did not end where it began"
)
REPAIR_POINTS = Rule("repair-points", "去掉了重复的点", "dropped repeated points")
REPAIR_RINGS = Rule("repair-rings", "去掉了没有面积的环", "dropped rings without area")
REPAIR_TURNED = Rule(
    "repair-turned",
    "洞与外环同向，已改正",
    "turned a hole that ran the same way as its outer ring",
)
REPAIR_REBUILT = Rule(
    "repair-rebuilt",
    "按奇偶规则重新组合了环",
    "put the rings together again by the even-odd rule",
)
SETTING_WRONG = Rule(
    "setting-wrong", "设置 {name} 不对：{reason}", "The setting {name} is wrong: {reason}"
)

# --- people and accounts ----------------------------------------------------------------------
SIGN_IN_NEEDED = Rule("sign-in-needed", "请先登录", "Sign in first")
SIGN_IN_FAILED = Rule("sign-in-failed", "账号或密码不对", "The account or the password is wrong")
SIGN_IN_LOCKED = Rule(
    "sign-in-locked",
    "尝试次数太多，请 {minutes} 分钟后再试",
    "Too many tries; try again in {minutes} minutes",
)
LINK_SPENT = Rule(
    "link-spent",
    "这个登录链接已经用过或已过期，请向管理员要一个新的",
    "This sign-in link has been used or has expired; ask your admin for a new one",
)
FORBIDDEN = Rule(
    "forbidden",
    "{role_zh}不能做这一步",
    "This is not for the role of {role}",
)
PASSWORD_DUE = Rule(
    "password-due",
    "请先换一个自己的密码",
    "Choose a password of your own first",
)
OTHER_ACCOUNT = Rule(
    "other-account",
    "这是另一个账号的内容，现在登录的不是那个账号",
    "This is of another account than the one that is signed in",
)
PASSWORD_REFUSED = Rule(
    "password-refused", "密码不能用：{reason_zh}", "The password cannot be used: {reason}"
)
ACCOUNT_REFUSED = Rule(
    "account-refused", "账号不能这样建：{reason_zh}", "No such account can be made: {reason}"
)
UNKNOWN_ACCOUNT = Rule("unknown-account", "没有账号 {login}", "There is no account {login}")
ACCOUNT_OUTSIDE = Rule(
    "account-outside",
    "区划 {division} 不在您的辖区内",
    "The division {division} is not within your own ground",
)
LAST_ADMIN = Rule(
    "last-admin",
    "{login} 是管得到 {division} 的最后一位管理员，不能停用或改小",
    "{login} is the last admin who reaches all of {division}, and stays one",
    "先给别人这个角色和区划",
    "give somebody else that role and division first",
)
UNKNOWN_SESSION = Rule("unknown-session", "没有这个登录", "There is no such session")
IDENTITY_TAKEN = Rule(
    "identity-taken",
    "这个身份已关联到另一个账号",
    "This identity is linked to another account",
)
IDENTITY_UNLINKED = Rule(
    "identity-unlinked",
    "这个身份还没有关联账号，请联系管理员",
    "This identity is linked to no account yet; ask your admin",
)
IDENTITY_REFUSED = Rule(
    "identity-refused",
    "身份服务的答复没有通过核验：{reason_zh}",
    "What the identity provider answered does not hold: {reason}",
)
PROVIDER_UNREACHABLE = Rule(
    "provider-unreachable",
    "身份服务 {issuer} 现在用不了，请用密码登录或稍后再试",
    "The identity provider {issuer} cannot be used now; sign in with a password or try later",
)

# --- history and rights in the database ----------------------------------------------------------
NOT_PERMITTED = Rule(
    "not-permitted",
    "您的角色或辖区不允许这样做",
    "Your role or division does not permit this",
)
DATABASE_ROLE_UNFIT = Rule(
    "database-role-unfit",
    "数据库角色 {role} {reason_zh}。请数据库管理员运行：{mend}",
    "The database role {role} {reason}. Let the database's administrator run: {mend}",
)
UNKNOWN_CHANGE = Rule(
    "unknown-change",
    "图层 {layer} 没有变更 {number}",
    "The layer {layer} has no change {number}",
)
CHANGED_SINCE = Rule(
    "changed-since",
    "变更 {number} 之后，{count} 个要素又有改动，不能撤销",
    "Change {number} cannot be undone: {count} of its features have changed since",
)
DAY_TO_COME = Rule(
    "day-to-come",
    "{day} 还没有到；服务器上今天是 {today}",
    "{day} has not come yet; for the server it is {today}",
    "选今天或以前的日期",
    "choose today or a day before it",
)
UNDO_OF_BATCH = Rule(
    "undo-of-batch",
    "变更 {number} 属于第 {batch} 批导入，只能整批撤销",
    "Change {number} is part of import number {batch}, which can only be undone as a whole",
)
SPLIT_REFUSED = Rule(
    "split-refused",
    "分割线没有把这一块切成两块，而是 {parts} 块",
    "The line does not cut this in two: it makes {parts}",
    "从边界外画起，穿过一次，到边界外结束",
    "begin outside the border, cross once, and end outside",
)
JOIN_REFUSED = Rule(
    "join-refused",
    "这两块没有公共边界，不能合并",
    "These two have no border in common and cannot be merged",
)
HISTORY_TAMPERED = Rule(
    "history-tampered",
    "历史记录被动过：{count} 处",
    "The history has been tampered with in {count} places",
)
HISTORY_ALTERED = Rule(
    "history-altered",
    "{layer} 要素 {feature} 的第 {number} 版（变更 {change}）内容被改",
    "{layer}: version {number} of feature {feature} (change {change}) was altered",
)
HISTORY_GAP = Rule(
    "history-gap",
    "{layer} 要素 {feature} 缺第 {number} 版",
    "{layer}: version {number} of feature {feature} is missing",
)
HISTORY_PERIOD = Rule(
    "history-period",
    "{layer} 要素 {feature} 第 {number} 版（变更 {change}）的有效期与下一版不相接",
    "{layer}: version {number} of feature {feature} (change {change}) does not end where the next "
    "begins",
)
HISTORY_ROWS = Rule(
    "history-rows",
    "变更 {change}（{layer}）应有 {rows} 行，现有 {found} 行，或内容不符",
    "Change {change} of {layer} recorded {rows} rows; there are {found}, or others than these",
)
HISTORY_ORPHANS = Rule(
    "history-orphans",
    "{layer} 有 {found} 个版本属于变更 {change}，但该变更不存在",
    "{layer}: {found} versions belong to change {change}, which is missing",
)
HISTORY_CHAIN = Rule(
    "history-chain",
    "变更 {change}（链上第 {link} 环）被改、被换或其前一环缺失",
    "Change {change} (link {link} of the chain) was altered or moved, or the link before it is "
    "missing",
)
HISTORY_UNRECORDED = Rule(
    "history-unrecorded",
    "{layer} 要素 {feature} 的现状与最后一版不同",
    "{layer}: feature {feature} is not what its last version says",
)
HISTORY_STEP_ALTERED = Rule(
    "history-step-altered",
    "{layer} 案件 {feature} 的第 {number} 步不是当时记下的那一步",
    "{layer}: step {number} of case {feature} is not the one that was recorded",
)
HISTORY_STEP = Rule(
    "history-step",
    "{layer} 案件 {feature} 的办理步骤与状态的变化对不上（第 {number} 步）",
    "{layer}: the steps of case {feature} are not those by which its state changed (step {number})",
)

# --- rows without a place ---------------------------------------------------------------------
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

# --- duties -----------------------------------------------------------------------------------
UNKNOWN_DUTY = Rule("unknown-duty", "没有编号为 {id} 的任职", "There is no duty {id}")
UNKNOWN_DUTY_ROLE = Rule(
    "unknown-duty-role",
    "没有职责 {name}；可用的有：{known}",
    "There is no duty role {name}; there are: {known}",
)
UNKNOWN_PERSON = Rule("unknown-person", "没有编号为 {id} 的人员", "There is no person {id}")
UNKNOWN_TARGET = Rule(
    "unknown-target",
    "图层 {layer} 没有叫“{name}”的要素，或不止一个；请用编号",
    "No feature of {layer}, or more than one, is called {name!r}; name it by its id",
)
PERSON_AMBIGUOUS = Rule(
    "person-ambiguous",
    "此处有 {count} 个人叫“{value}”（编号 {ids}），不能判断是哪一个",
    "{count} people here are called {value!r} (ids {ids}); which one is meant cannot be told",
    "用 gridfield duty 按人员编号指定",
    "name the person by id with gridfield duty",
)
PERSON_NAME = Rule(
    "person-name",
    "“{value}”不能作人名：应为 1–{limit} 个字",
    "{value!r} cannot be a person's name: it wants 1 to {limit} characters",
)
PERSON_DETAIL = Rule(
    "person-detail",
    "“{value}”不能用：电话只含数字、空格、+ - ( ) 和“转”，文字不超过 {limit} 个",
    "{value!r} cannot be used: a phone has digits, spaces, + - ( ), a text at most {limit} "
    "characters",
)
PERSON_GUARDED = Rule(
    "person-guarded",
    "{value}有账号，联系方式由管理这个账号的管理员修改",
    "{value} has an account: the admin of that account changes how to reach them",
)
PERSON_UNMENTIONED = Rule(
    "person-unmentioned",
    "辖区内没有叫“{value}”的责任人或账号",
    "Nobody called {value!r} has a duty or an account in your division",
    mend_zh="先在图层或任职中写明这个人负责什么",
    mend_en="name the person in a layer or a duty first",
)
DUTY_TARGET = Rule(
    "duty-target",
    "{role_zh}不能对应图层 {layer}；可对应：{layers}",
    "{role} is no duty for the layer {layer}; it is for: {layers}",
)
DUTY_TERM = Rule(
    "duty-term",
    "任期须在开始之后结束：{since} 至 {until}",
    "A term ends after it begins: {since} to {until}",
)
DUTY_ONE_NAME = Rule(
    "duty-one-name",
    "{role_zh}只能有一人，“{value}”写了几人",
    "There is only one {role}, and {value!r} names several people",
    "只写一人",
    "name one person",
)
DUTY_TAKEN = Rule(
    "duty-taken",
    "“{title}”的{role_zh}此时是{person}（{term_zh}）",
    "{person} is {role} of {title!r} at that time ({term})",
    "请用交接，或改日期",
    "hand over, or take other dates",
)
DUTY_HANDED_ON = Rule(
    "duty-handed-on",
    "“{title}”的{role_zh}已定由{person}接任（{term_zh}）",
    "{person} is already to follow as {role} of {title!r} ({term})",
    "请改动已定的接任",
    "replace what is planned",
)
DUTY_NOT_BEGUN = Rule(
    "duty-not-begun",
    "{person}任“{title}”的{role_zh}从 {since} 开始，不能在 {on} 结束或交接",
    "{person} is {role} of {title!r} only from {since}, and cannot end or hand over on {on}",
)
DUTY_BEGUN = Rule(
    "duty-begun",
    "{person}从 {since} 起已任“{title}”的{role_zh}，请用交接",
    "{person} has been {role} of {title!r} since {since}; hand it over instead",
)
DUTY_OVER = Rule(
    "duty-over",
    "{person}任“{title}”的{role_zh}已于 {until} 结束，{on} 再交接会有空缺",
    "{person} was {role} of {title!r} until {until}; handing over on {on} would leave a gap",
)
DUTY_CHANGED = Rule(
    "duty-changed",
    "“{title}”的{role_zh}已被别人改过，现为{person}（{term_zh}）；请看过现在的情况再改",
    "The {role} of {title!r} has changed since you read it: it is {person} ({term}) now;"
    " look at it again first",
)
DUTY_SAME_PERSON = Rule(
    "duty-same-person",
    "{person}已是“{title}”的{role_zh}（{term_zh}），不能交接给本人",
    "{person} is {role} of {title!r} already ({term}), and nobody hands over to themselves",
)
DUTY_VACANT = Rule(
    "duty-vacant",
    "“{title}”从 {on} 起会没有{role_zh}",
    "{title!r} would have no {role} from {on}",
    "请交接；确要空缺的须写明理由",
    "hand over; if it is meant to be vacant, say so with a reason",
)
DUTY_REASON = Rule("duty-reason", "空缺须写明理由", "A vacancy needs a reason")
DUTY_LEFT_VACANT = Rule(
    "duty-left-vacant",
    "{role_zh}一栏为空，{person}的任职到此结束",
    "{role} is empty, so that the duty of {person} ends",
    "写上接任的人",
    "name who follows",
)
DOUBT_BORDER = Rule(
    "doubt-border",
    "在 {names} 的边界上，相距不到半米",
    "This is on the border of {names}, within half a metre",
)
DOUBT_OVERLAP = Rule("doubt-overlap", "{names} 在此重叠", "{names} overlap here")
DOUBT_GAP = Rule(
    "doubt-gap",
    "在 {division} 内，但没有网格覆盖此处",
    "This lies in {division}, but no field covers it",
)
DOUBT_OUTSIDE = Rule(
    "doubt-outside", "不在任何网格和区划内", "This lies in no field and no division"
)
DOUBT_NO_HOLDER = Rule("doubt-no-holder", "“{title}”没有{role_zh}", "{title!r} has no {role}")
DOUBT_CHANGE = Rule(
    "doubt-change",
    "“{title}”的{role_zh}将于 {on} 变更为{person_zh}",
    "On {on} the {role} of {title!r} changes to {person}",
)

# --- photographs ------------------------------------------------------------------------------
PHOTO_UNREADABLE = Rule(
    "photo-unreadable",
    "照片打不开：{reason_zh}；只收 JPEG、PNG、WebP",
    "The photo cannot be opened: {reason}; JPEG, PNG and WebP are taken",
)
PHOTO_HEIC = Rule(
    "photo-heic",
    "这是 HEIC 照片，多数浏览器打不开；请在手机“设置 → 相机 → 格式”里选“兼容性最佳”再拍，"
    "或先转成 JPEG",
    "This is a HEIC photo, which most browsers cannot open; choose “Most Compatible” under Settings"
    " → Camera → Formats, or convert it to JPEG first",
)
PHOTO_MOVING = Rule(
    "photo-moving",
    "这是动图（{frames} 幅），照片只能有一幅",
    "This is an animation of {frames} pictures; a photo is one",
)
PHOTO_PIXELS = Rule(
    "photo-pixels",
    "照片超过 {limit} 像素，请缩小后再传",
    "The photo has more than {limit} pixels; make it smaller",
)
PHOTO_NAME = Rule(
    "photo-name",
    "“{name}”不是照片的 SHA-256（64 位小写十六进制数字）",
    "{name!r} is no SHA-256 of a photo: 64 hexadecimal digits in lower case",
)
PHOTO_OTHER = Rule(
    "photo-other",
    "收到的内容与地址里的 SHA-256 不符，请重传（收到的是 {found}）",
    "What arrived does not have the SHA-256 of the address; send it again (this is {found})",
)
UNKNOWN_PHOTO = Rule("unknown-photo", "没有照片 {sha256}", "There is no photo {sha256}")
PHOTO_STORE = Rule(
    "photo-store",
    "照片现在存不下：{reason}",
    "Photos cannot be stored now: {reason}",
)
PHOTO_PLACE = Rule(
    "photo-place",
    "照片的存放处 {place} 不能用：{reason}",
    "Photos cannot be kept at {place}: {reason}",
)
PHOTO_LOST = Rule(
    "photo-lost",
    "照片 {sha256} 的文件不见了，或已被改动",
    "The file of photo {sha256} is gone or was altered",
)
PHOTOS_LOST = Rule(
    "photos-lost",
    "{count} 张照片的文件不见了，或已被改动",
    "The files of {count} photos are gone or were altered",
)

# --- patrols ----------------------------------------------------------------------------------
PATROLS_OFF = Rule(
    "patrols-off",
    "这里没有开启巡查轨迹，什么也没有存",
    "Patrols are not switched on here, and nothing was stored",
    "要开启，请管理员设置 GRIDFIELD_PATROL_DAYS（轨迹保存的天数）",
    "to switch them on, set GRIDFIELD_PATROL_DAYS: for how many days ways are kept",
)
UNKNOWN_PATROL = Rule("unknown-patrol", "没有编号为 {id} 的巡查", "There is no patrol {id} here")
PATROL_VALUE = Rule(
    "patrol-value", "巡查的 {name} 不对：{reason_zh}", "{name} of the patrol is wrong: {reason}"
)
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

# --- records from the field ---------------------------------------------------------------------
LAYER_NOT_LOGGED = Rule(
    "layer-not-logged",
    "图层 {layer} 不能现场登记",
    "Features of {layer} are not logged on the spot",
)
RECORD_NAME = Rule(
    "record-name",
    "“{name}”不是记录编号；应为小写的 UUID，第 4 或第 7 版",
    "{name!r} names no record: a UUID in lower case, of version 4 or 7, does",
)
RECORD_REFUSED = Rule(
    "record-refused",
    "{layer} 的记录有 {count} 处不合规定，没有保存",
    "The record breaks {count} rules of {layer} and was not saved",
)
RECORD_MEMBER = Rule("record-member", "{reason_zh}", "{reason}")
RECORD_UNKNOWN_MEMBER = Rule(
    "record-unknown-member", "没有名为 {name} 的成员", "there is no member {name}"
)
RECORD_DECIDED = Rule(
    "record-decided",
    "{name} 由系统填写，不能随记录发来",
    "{name} is decided here and cannot come with a record",
)
RECORD_OTHER = Rule(
    "record-other",
    "编号 {uuid} 下已收到另一份内容；这一份没有保存",
    "Other content was received under {uuid} before; this was not saved",
)
RECORD_ELSEWHERE = Rule(
    "record-elsewhere",
    "{place} 不在您的辖区内，没有保存；请核对位置",
    "{place} lies outside your division and was not saved; check the position",
)
RECORD_AGAIN = Rule(
    "record-again", "登记编号刚好被占用，请再发一次", "Its number was just taken; send it again"
)
OUTBOX_UNREADABLE = Rule(
    "outbox-unreadable",
    "{name} 不是手机导出的发件箱，或已损坏：{reason}",
    "{name} is no outbox of a phone, or damaged: {reason}",
)
OUTBOX_RECORD = Rule(
    "outbox-record",
    "文件中的这条记录已损坏：{reason_zh}",
    "This record of the file is damaged: {reason}",
)
OUTBOX_PHOTO = Rule(
    "outbox-photo",
    "文件中没有照片 {sha256}，这里也还没有",
    "The file has no photo {sha256}, and it is not here yet",
)
HOLIDAYS_UNKNOWN = Rule(
    "holidays-unknown",
    "{year} 年的节假日安排还没有公布或录入，工作日按周一至周五计算",
    "The holidays of {year} are not known yet; working days are counted as Monday to Friday",
)

# --- ledgers as workbooks -----------------------------------------------------------------------
LEDGER_LONG = Rule(
    "ledger-long",
    "台账超过 {limit} 件，请先筛选；全部数据可在“数据”里下载 Excel",
    "The ledger has more than {limit} cases; narrow it down, or download all of them as Excel "
    "under “Data”",
)
SHEET_FULL = Rule(
    "sheet-full",
    "{layer} 的记录太多或图形太长，Excel 装不下；请缩小范围，或用 GeoPackage、GeoJSON",
    "There are more records of {layer}, or longer geometries, than Excel holds; narrow it down, "
    "or use GeoPackage or GeoJSON",
)

# --- reports ------------------------------------------------------------------------------------
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

# --- notices ------------------------------------------------------------------------------------
UNKNOWN_WEBHOOK = Rule(
    "unknown-webhook", "没有编号为 {id} 的推送地址", "There is no webhook number {id}"
)
UNKNOWN_DELIVERY = Rule(
    "unknown-delivery", "没有编号为 {id} 的推送", "There is no delivery number {id}"
)
WEBHOOK_URL = Rule(
    "webhook-url", "推送地址不合规定：{reason_zh}", "This is no address for a webhook: {reason}"
)
WEBHOOK_TARGET = Rule(
    "webhook-target",
    "不能推送到 {host}：{reason_zh}",
    "Nothing can be sent to {host}: {reason}",
    "内部网络须由系统管理员在 GRIDFIELD_WEBHOOK_NETWORKS 中写明",
    "internal networks are named by the keeper of the server in GRIDFIELD_WEBHOOK_NETWORKS",
)
WEBHOOK_REFUSED = Rule(
    "webhook-refused", "推送地址没有保存：{reason_zh}", "The webhook was not saved: {reason}"
)
NOTICE_CHOICE = Rule("notice-choice", "没有这种选择：{name}", "There is no such choice: {name}")

# --- registers: what has no place on the map ------------------------------------------------------
FORMAT_NEEDS_PLACES = Rule(
    "format-needs-places",
    "“{layer_zh}”是名册，没有位置，{name} 装不下；可用：{allowed}",
    "{layer} is a register without places, which {name} cannot hold; there are: {allowed}",
)
GEOMETRY_UNWANTED = Rule(
    "geometry-unwanted",
    "名册里的记录没有位置，geometry 应为 null",
    "A record of a register has no place; its geometry is null",
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
REGISTER_UNMAPPED = Rule(
    "register-unmapped",
    "“{layer_zh}”是名册，没有位置，地图上没有它",
    "{layer} is a register without places, so there is no map of it",
)

# --- structures and what belongs to another record ----------------------------------------------
UNKNOWN_POLICY = Rule(
    "unknown-policy",
    "没有名为 {name} 的强制拆除政策；可用：{known}",
    "There is no policy {name!r} of forced demolition; there are: {known}",
)
PARENT_UNKNOWN = Rule(
    "parent-unknown",
    "{layer_zh}中没有“{value}”，或不在您的辖区内",
    "There is no {value!r} among the {layer}, or it lies outside your division",
    "请先登记{layer_zh}，或核对编号",
    "enter it there first, or check the number",
)
PARENT_ELSEWHERE = Rule(
    "parent-elsewhere",
    "区划 {value} 与“{parent}”所在的区划 {wanted} 不一致",
    "Division {value} is not {wanted}, where {parent!r} lies",
    "请改为 {wanted}",
    "make it {wanted}",
)
DATES_ORDER = Rule(
    "dates-order",
    "{value} 早于{other_zh}（{before}）",
    "{value} is before {other} ({before})",
)
DOCUMENT_MISSING = Rule(
    "document-missing",
    "缺少{document_zh}，或尚未送达",
    "The {document} is missing, or has not been served",
)
DOCUMENT_EARLY = Rule(
    "document-early",
    "{document_zh}的日期 {value} 早于{other_zh}送达的日期 {after}",
    "The {document} of {value} is before the {other} was served on {after}",
)
REMEDY_PENDING = Rule(
    "remedy-pending",
    "{document_zh} {value} 尚无结果",
    "{document} {value} has not been decided yet",
)
DECISION_FELL = Rule(
    "decision-fell",
    "{document_zh} {value} 没有维持原决定，须另行作出决定",
    "By {document} {value} the decision does not stand; a new one is needed",
)
TERM_ASSUMED = Rule(
    "term-assumed",
    "{document_zh} {value} 没有写明期限，按送达后 {days} 日计算",
    "The {document} {value} sets no deadline; {days} days from its service were counted",
)
FORCED_UNREADY = Rule(
    "forced-unready",
    "还不能确定可以强制拆除的日期（缺 {count} 项），{value} 不合法",
    "No lawful day of forced demolition is known yet ({count} things are missing), so not {value}",
)
FORCED_EARLY = Rule(
    "forced-early",
    "{value} 早于可以强制拆除的最早日期 {earliest}（{basis_zh}至 {until}）",
    "{value} is before {earliest}, the first lawful day of forced demolition"
    " ({basis} until {until})",
    "如须提前，请写明理由",
    "give a written reason to go ahead all the same",
)
FORCED_REST_DAY = Rule(
    "forced-rest-day",
    "{value} 是周末或节假日，不得实施强制拆除",
    "{value} is a weekend or holiday, on which nothing is pulled down by force",
)
FORCED_NIGHT = Rule(
    "forced-night",
    "{value} 在夜间（{night}），不得实施强制拆除",
    "{value} is in the night ({night}), in which nothing is pulled down by force",
)
DEMOLISHED_TOO_MUCH = Rule(
    "demolished-too-much",
    "{parent} 累计拆除 {value} ㎡，超过实测面积 {measured} ㎡",
    "{value} m² of {parent} were pulled down, more than the {measured} m² that were measured",
    "请核对面积，或写明原因",
    "check the area, or say the reason",
)
DEMOLISHED_TOO_SOON = Rule(
    "demolished-too-soon",
    "{value} 早于 {parent} 的发现日期 {found}",
    "{value} is before {found}, when {parent} was found",
)
STRUCTURE_OFFICERS = Rule(
    "structure-officers",
    "承办人须为两名以上执法人员，现为“{value}”",
    "At least two officers take a case; {value!r} names fewer",
)
STRUCTURE_NOT_ILLEGAL = Rule(
    "structure-not-illegal",
    "认定结论为“{value}”，不能进入事先告知",
    "It was determined to be {value!r}, so nobody is notified",
)
STRUCTURE_NOT_CORRECTABLE = Rule(
    "structure-not-correctable",
    "只有认定为“可改正”的才能补办手续，现为“{value}”",
    "Only what was determined to be correctable is made lawful, not {value!r}",
)
HEARING_RUNS = Rule(
    "hearing-runs",
    "当事人可在 {until} 前（含当日）申请听证；尚无陈述申辩或听证笔录",
    "A hearing may be asked for until {until}, and no statement is on record",
)
DEADLINE_RUNS = Rule(
    "deadline-runs",
    "限期 {until} 尚未届满",
    "The deadline of {until} is not over",
)
DEMOLITION_MISSING = Rule(
    "demolition-missing",
    "没有注明“全部拆除”的拆除记录",
    "No demolition on record says that nothing stands any more",
)
DEMOLITION_DAY = Rule(
    "demolition-day",
    "拆除日期 {value} 与拆除记录的最后日期 {wanted} 不一致",
    "{value} is not {wanted}, the last day of the demolitions on record",
)
LOOK_BACK_EARLY = Rule(
    "look-back-early",
    "{days} 日回头看最早在 {earliest} 进行",
    "The structure is looked at again after {days} days: on {earliest} at the earliest",
)
AREAS_DIFFER = Rule(
    "areas-differ",
    "实测面积 {measured} ㎡ 与图算面积 {computed} ㎡ 相差 {difference} ㎡，"
    "超过点位误差所能解释的 {noise} ㎡",
    "The measured {measured} m² and the computed {computed} m² differ by {difference} m², more than"
    " the {noise} m² that the noise of positions explains",
)

# --- cases --------------------------------------------------------------------------------------
UNKNOWN_WORKFLOW = Rule(
    "unknown-workflow", "{layer} 的记录没有办理流程", "The records of {layer} have no workflow"
)
UNKNOWN_TRANSITION = Rule(
    "unknown-transition", "{layer} 没有名为 {name} 的办理步骤", "{layer} has no step {name}"
)
CASE_BY_TRANSITION = Rule(
    "case-by-transition",
    "已登记案件的“{label_zh}”只随办理步骤改变，不能直接修改",
    "the {label} of a stored case changes by its steps alone",
    "这一栏保持原样；要改变状态，请在案件页面办理",
    "leave it as it is; take the step on the page of the case",
)
CASE_MOVED = Rule(
    "case-moved",
    "{title} 现在是“{state_zh}”，不能“{step_zh}”；请刷新后再看",
    "{title} is now {state!r} and cannot take the step {step!r}; look at it again",
)
CASE_ROLE = Rule(
    "case-role",
    "{role_zh}不能办理“{step_zh}”",
    "The step {step!r} is not for the role {role}",
)
CASE_REFUSED = Rule(
    "case-refused",
    "{title} 的“{step_zh}”没有办理，有 {count} 处不符合要求",
    "The step {step!r} of {title} was not taken: {count} things are missing or wrong",
)
CASE_FIELD = Rule(
    "case-field",
    "这一步不填“{name}”",
    "{name} is not given with this step",
    "去掉它",
    "leave it out",
)
CASE_REASON = Rule(
    "case-reason",
    "必须写明理由，不超过 {limit} 字",
    "needs a written reason of at most {limit} characters",
    "写明理由",
    "say why",
)
CASE_PHOTO = Rule(
    "case-photo",
    "还缺{role_zh}照片",
    "a photograph {role!r} is missing",
    "拍照上传后再办理",
    "take one and bring it first",
)
CASE_PHOTO_LINK = Rule(
    "case-photo-link", "照片不是可用的名称或类别", "these are no names or roles of photographs"
)
CASE_DOCUMENT = Rule(
    "case-document",
    "还没有登记文书“{document_zh}”",
    "the document {document!r} is not on record",
    "先登记这份文书",
    "put it on record first",
)
CASE_UNSERVED = Rule(
    "case-unserved",
    "文书“{document_zh}”还没有送达记录",
    "the document {document!r} has no record of being served",
    "登记送达方式和日期",
    "record how and when it was served",
)
CASE_SAME_PERSON = Rule(
    "case-same-person",
    "“{step_zh}”须由他人办理：您已经办过本案的“{earlier_zh}”",
    "{step!r} is for somebody else: you have taken the step {earlier!r} of this case",
)
CASE_UNANSWERED = Rule(
    "case-unanswered",
    "没有等待答复的“{step_zh}”",
    "no step {step!r} waits for an answer",
)
CASE_CONTINUED = Rule(
    "case-continued",
    "{title} 已经复发登记过，请办理后一件",
    "{title} has begun again already; go on with what follows it",
)
CASE_DAY = Rule(
    "case-day",
    "“{value}”太早：应在 {after} 之后",
    "{value!r} is too early: it must be later than {after}",
    "改为更晚的日期",
    "give a later day",
)
CASE_HISTORY = Rule(
    "case-history",
    "{number} 的第 {ordinal} 步接不上：{reason_zh}",
    "Step {ordinal} of {number} does not follow: {reason}",
)
UNDO_OF_STEP = Rule(
    "undo-of-step",
    "变更 {number} 是案件的办理步骤，不能撤销；请按流程办理",
    "Change {number} is a step of a case and cannot be undone; take the case back by its workflow",
)

# --- records that are the same --------------------------------------------------------------------
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
