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
    "还没有账号，只能在本机（127.0.0.1）提供服务，不能用 {host}",
    "There are no accounts yet, so only this machine is served (127.0.0.1), not {host}",
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
