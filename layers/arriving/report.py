"""What was found in a file, row by row: as lines, as JSON, as a workbook."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from gis.errors import Finding, Lang
from layers.arriving.datum_evidence import DatumEvidence
from layers.arriving.examination import Examination, Report
from layers.declaring.words import Label
from layers.leaving import workbook
from layers.leaving.workbook import Sheet

Examined = Examination | Report

_COUNTS: Mapping[str, Label] = {
    "rows": Label("文件中的行", "Rows of the file"),
    "new": Label("新增", "New"),
    "changed": Label("更新", "Changed"),
    "unchanged": Label("不变", "Unchanged"),
    "known": Label("已有，跳过", "Known, skipped"),
    "refused": Label("被拒", "Refused"),
    "gone": Label("文件中没有的已有要素", "Stored features that the file lacks"),
    "deleted": Label("删除", "Deleted"),
}
_SHEETS = (
    Label("概况", "Summary"),
    Label("问题", "Findings"),
    Label("文件中没有的", "Not in the file"),
)
_LINE_HEADING = (
    Label("行", "Row"),
    Label("列", "Column"),
    Label("值", "Value"),
    Label("问题", "Problem"),
    Label("建议", "Suggestion"),
    Label("经度", "Longitude"),
    Label("纬度", "Latitude"),
    Label("规则", "Rule"),
)
_GONE_HEADING = (Label("编号", "Id"), Label("键", "Key"), Label("名称", "Title"))


@dataclass(frozen=True, slots=True)
class Line:
    """One finding in a reader's language; `lon` and `lat` (degrees, WGS 84) are a point of it."""

    row: int | None
    column: str
    rule: str
    value: str
    sentence: str
    suggestion: str
    lon: float | None
    lat: float | None


def lines(findings: Iterable[Finding], lang: Lang) -> list[Line]:
    """Each finding as a line, in the order in which they come."""
    return [_line(finding, lang) for finding in findings]


def _line(finding: Finding, lang: Lang) -> Line:
    place = None if finding.geometry is None else finding.geometry.representative_point()
    known = place is not None and not place.is_empty
    return Line(
        row=finding.row,
        column=finding.column or "",
        rule=finding.rule.slug,
        value=finding.value,
        sentence=finding.sentence(lang),
        suggestion=finding.suggestion(lang),
        lon=round(place.x, 7) if place is not None and known else None,
        lat=round(place.y, 7) if place is not None and known else None,
    )


def counted(examined: Examined) -> Mapping[str, int]:
    """How many rows there are of each state; of a load what it deleted, else what would be gone."""
    if isinstance(examined, Examination):
        return asdict(examined.counts)
    return {
        "rows": examined.rows,
        "new": examined.new,
        "changed": examined.updated,
        "unchanged": examined.unchanged,
        "known": examined.skipped,
        "refused": examined.refused,
        "deleted": examined.deleted,
    }


def members(examined: Examined, lang: Lang) -> dict[str, Any]:
    """The report as plain values, ready for JSON."""
    if isinstance(examined, Examination):
        return _common(examined, lang) | _of_examination(examined, lang)
    return _common(examined, lang) | {
        "layer": examined.layer,
        "file": examined.name,
        "batch": examined.batch,
        "dry_run": examined.dry_run,
        "used": dict(examined.used),
        "ignored": list(examined.ignored),
        "belief": examined.belief.record(),
    }


def _common(examined: Examined, lang: Lang) -> dict[str, Any]:
    return {
        "counts": dict(counted(examined)),
        "notes": [asdict(line) for line in lines(examined.notes, lang)],
        "findings": [asdict(line) for line in lines(examined.findings, lang)],
    }


def _of_examination(examination: Examination, lang: Lang) -> dict[str, Any]:
    evidence = examination.evidence
    return {
        "layer": examination.layer.name,
        "file": examination.source.name,
        "used": dict(examination.matched.used),
        "ignored": list(examination.matched.ignored),
        "belief": examination.source.belief.record(),
        "doubts": [asdict(line) for line in lines(examination.doubts, lang)],
        "evidence": None if evidence is None else _evidence(evidence),
        "suppressed": examination.suppressed,
        "gone": [asdict(feature) for feature in examination.gone],
        "loads": examination.loads(),
    }


def _evidence(evidence: DatumEvidence) -> dict[str, Any]:
    return {
        "known": evidence.known,
        "confirmed": evidence.confirmed,
        "candidates": [asdict(candidate) for candidate in evidence.candidates],
    }


# --- the workbook ---------------------------------------------------------------------------------
def xlsx(examined: Examined, lang: Lang) -> bytes:
    """The report as a workbook: a summary, the findings, what the file lacks."""
    return workbook.write(_sheets(examined, lang))


def _sheets(examined: Examined, lang: Lang) -> Iterator[Sheet]:
    summary, findings, gone = (title.of(lang) for title in _SHEETS)
    nothing = ("项目", "内容") if lang == "zh" else ("Item", "Value")
    yield Sheet(summary, nothing, _summary(examined, lang))
    heading = [label.of(lang) for label in _LINE_HEADING]
    yield Sheet(findings, heading, map(_cells, lines(examined.findings, lang)))
    if isinstance(examined, Examination):
        features = ((feature.id, feature.key, feature.title) for feature in examined.gone)
        yield Sheet(gone, [label.of(lang) for label in _GONE_HEADING], features)


def _summary(examined: Examined, lang: Lang) -> Iterator[tuple[str, object]]:
    zh = lang == "zh"
    told = members(examined, lang)
    yield "文件" if zh else "File", told["file"]
    yield "图层" if zh else "Layer", told["layer"]
    for name, count in counted(examined).items():
        yield _COUNTS[name].of(lang), count
    belief = told["belief"]
    yield "坐标系" if zh else "CRS", belief["crs"]
    yield "坐标基准" if zh else "Datum", belief["datum"]
    yield "文字编码" if zh else "Encoding", belief["encoding"]
    for field, column in told["used"].items():
        yield f"字段 {field}" if zh else f"Field {field}", column
    yield "未用的列" if zh else "Columns not used", ", ".join(told["ignored"])
    for note in (*told["notes"], *told.get("doubts", ())):
        yield "说明" if zh else "Note", note["sentence"]
    if told.get("suppressed"):
        yield "未列出的问题" if zh else "Findings not listed", told["suppressed"]


def _cells(line: Line) -> tuple[object, ...]:
    told = (line.value, line.sentence, line.suggestion)
    return (line.row, line.column, *told, line.lon, line.lat, line.rule)
