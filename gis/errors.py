"""What can go wrong, in one flat catalogue: a stable slug and a sentence in Chinese and English.

A `Rule` is what was broken, a `Finding` is where, a `Problem` is raised. Nothing here knows
HTTP or exit codes; the edge (`api.errors`) gives each slug a status.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Lang = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of the catalogue. `zh` and `en` are `str.format` templates of ours, never data."""

    slug: str
    zh: str
    en: str

    def sentence(self, lang: Lang, values: Mapping[str, object]) -> str:
        return (self.zh if lang == "zh" else self.en).format_map(_Brief(values))


class _Brief(dict[str, object]):
    """Values cut to a readable length: a hostile megabyte must not travel back in an error."""

    def __getitem__(self, key: str) -> object:
        value = super().__getitem__(key)
        text = str(value)
        return value if len(text) <= 120 else f"{text[:117]}…"


@dataclass(frozen=True, slots=True)
class Finding:
    """One refused value: `row` counts the data rows from 1; `column` is the name in the file."""

    rule: Rule
    row: int | None = None
    column: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, lang: Lang = "zh") -> str:
        return self.rule.sentence(lang, self.values)

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
    "数据库由更新的版本建立({found});请升级本程序",
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
    "先用旧版 gridfield db backup,移走 {place}，再 gridfield db restore",
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
BAD_PARAMETER = Rule(
    "bad-parameter", "参数 {name} 不对：{reason_zh}", "The parameter {name} is wrong: {reason}"
)

# --- values and geometry ---------------------------------------------------------------------
VALUE_MISSING = Rule("value-missing", "必填，不能为空", "is required and is empty")
VALUE_TYPE = Rule("value-type", "“{value}”不是{wanted_zh}", "{value!r} is not {wanted}")
VALUE_CHOICE = Rule(
    "value-choice", "“{value}”不在可选值内：{allowed}", "{value!r} is none of: {allowed}"
)
VALUE_RANGE = Rule(
    "value-range", "{value} 超出范围 {low}–{high}", "{value} lies outside {low}–{high}"
)
VALUE_PATTERN = Rule(
    "value-pattern", "“{value}”不合格式：{wanted_zh}", "{value!r} does not fit: {wanted}"
)
VALUE_LENGTH = Rule(
    "value-length",
    "长 {length} 个字符，上限 {limit}",
    "is {length} characters long, the limit is {limit}",
)
VALUE_DUPLICATE = Rule(
    "value-duplicate",
    "“{value}”与第 {other} 行重复",
    "{value!r} repeats row {other}",
)
VALUE_EXISTS = Rule(
    "value-exists",
    "“{value}”在系统中已有",
    "{value!r} is already in the system",
)
VALUE_CONTROL = Rule(
    "value-control",
    "含有不可存储的控制字符(U+{code})",
    "holds a control character that cannot be stored (U+{code})",
)
GEOMETRY_MISSING = Rule("geometry-missing", "没有几何", "has no geometry")
GEOMETRY_TYPE = Rule(
    "geometry-type", "几何是 {found}，应为 {wanted}", "the geometry is {found}, not {wanted}"
)
GEOMETRY_INVALID = Rule(
    "geometry-invalid",
    "几何无效：{reason}（约在 {lon}, {lat}）",
    "the geometry is invalid: {reason} (near {lon}, {lat})",
)
GEOMETRY_OUTSIDE = Rule(
    "geometry-outside",
    "坐标 {lon}, {lat} 不是经纬度",
    "the coordinates {lon}, {lat} are no longitude and latitude",
)
GEOMETRY_UNREADABLE = Rule(
    "geometry-unreadable", "几何读不出：{reason}", "the geometry cannot be read: {reason}"
)
PROPERTY_UNKNOWN = Rule(
    "property-unknown", "没有名为 {name} 的字段", "there is no field named {name}"
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
    "file-too-large", "文件超过上限 {limit}", "The file is larger than the limit of {limit}"
)
FILE_EMPTY = Rule("file-empty", "文件 {name} 里没有记录", "The file {name} holds no records")
FILE_CRS = Rule(
    "file-crs",
    "文件 {name} 的坐标不是经纬度，也没有说明是哪种坐标系；请用 --crs 指明",
    "The coordinates of {name} are no longitude and latitude and it names no other CRS; give --crs",
)
CRS_UNUSABLE = Rule(
    "crs-unusable",
    "坐标系 {crs} 不能准确换算为 WGS 84:{reason_zh}",
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
    "文字按 {name} 读取:{reason_zh}",
    "Texts were read as {name}: {reason}",
)
COLUMN_CUT = Rule(
    "column-cut",
    "列名只有 10 个字节,在字中间被截断,只剩可读部分",
    "its name was cut inside a character at 10 bytes; this is the readable part",
)
COLUMN_RENAMED = Rule(
    "column-renamed",
    "列名“{found}”重复或为空,改用此名",
    "the column name {found!r} is empty or there twice; this one is used instead",
)
VALUE_CUT = Rule(
    "value-cut",
    "文字填满了字段宽度,末尾已被或可能被截断",
    "the text fills its field to the last byte, so that its end is cut off or may be",
)
LEDGER_HEADING = Rule(
    "ledger-heading",
    "工作表“{sheet}”的表头在第 {row} 行,记录从第 {first} 行开始",
    "The heading of the sheet {sheet!r} is row {row}, its records begin in row {first}",
)
LEDGER_LEFT_OUT = Rule(
    "ledger-left-out",
    "工作表第 {row} 行不是记录,未读入:{text}",
    "Row {row} of the sheet is no record and was left out: {text}",
)
LEDGER_NO_RESULT = Rule(
    "ledger-no-result",
    "单元格 {cells} 的公式没有结果或出错,按空值读取;请在 Excel 中重算后另存",
    "The formulas in {cells} have no result or an error, which was read as empty; "
    "let Excel compute and save them",
)
CRS_GUESSED = Rule(
    "crs-guessed",
    "可能是 {crs}(把握 {confidence}):{reason_zh}",
    "It may be {crs} (confidence {confidence}): {reason}",
)
AXES_SWAPPED = Rule(
    "axes-swapped",
    "坐标是先北后东(先纬后经),已对调",
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
)
COVERAGE_OVERLAP = Rule(
    "coverage-overlap",
    "{polygons} 重叠 {area} m²（约在 {lon}, {lat}）",
    "{polygons} overlap by {area} m² (near {lon}, {lat})",
)
COVERAGE_SLIVER_GAP = Rule(
    "coverage-sliver-gap",
    "狭缝 {area} m²，平均宽 {width} m（约在 {lon}, {lat}），相邻：{polygons}",
    "a thin gap of {area} m², {width} m wide on average (near {lon}, {lat}), "
    "bordered by {polygons}",
)
COVERAGE_SLIVER_OVERLAP = Rule(
    "coverage-sliver-overlap",
    "{polygons} 沿边界细条重叠 {area} m²，平均宽 {width} m（约在 {lon}, {lat}）",
    "{polygons} overlap in a thin strip of {area} m², {width} m wide on average "
    "(near {lon}, {lat})",
)
COVERAGE_OUTSIDE = Rule(
    "coverage-outside",
    "{polygons} 有 {area} m² 超出边界（约在 {lon}, {lat}）",
    "{area} m² of {polygons} lie outside the boundary (near {lon}, {lat})",
)
COVERAGE_UNCOVERED = Rule(
    "coverage-uncovered",
    "边界内侧有 {area} m² 未被覆盖（约在 {lon}, {lat}），相邻：{polygons}",
    "{area} m² inside the boundary are not covered (near {lon}, {lat}), bordered by {polygons}",
)
COVERAGE_DUPLICATE = Rule(
    "coverage-duplicate",
    "{polygons} 是同一块地，{area} m²（约在 {lon}, {lat}）",
    "{polygons} are the same ground, {area} m² (near {lon}, {lat})",
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
GEOMETRY_REPAIRED = Rule("geometry-repaired", "几何已修复:{done_zh}", "repaired: {done}")
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
