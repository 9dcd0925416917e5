"""What a person sees of a file before it is loaded: beliefs, columns, rows, candidates, counts."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from api import terminal
from api.terminal import say
from gis.belief import Basis, Belief
from gis.errors import Lang
from layers.arriving.datum_evidence import NAMES, DatumEvidence
from layers.arriving.examination import Examination, State
from layers.declaring.words import Label

_ROWS_SHOWN = 5
_CELL_WIDTH = 24
_GONE_SHOWN = 10
_BASES: Mapping[Basis, Label] = {
    Basis.TOLD: Label("按您指定", "as told"),
    Basis.STATED: Label("文件写明", "the file says so"),
    Basis.LABELLED: Label("文件标注，未必可靠", "the file's label, which may be wrong"),
    Basis.ASSUMED: Label("文件没有说明", "the file does not say"),
}
_STATES: Mapping[State, Label] = {
    State.NEW: Label("新增", "new"),
    State.CHANGED: Label("更新", "changed"),
    State.UNCHANGED: Label("不变", "unchanged"),
    State.KNOWN: Label("已有", "known"),
    State.REFUSED: Label("被拒", "refused"),
}


def preview(examination: Examination, lang: Lang) -> None:
    """Show it on stderr, so that stdout stays the command's answer."""
    source, rows = examination.source, examination.counts.rows
    say(lang, f"{source.name}：{rows} 行", f"{source.name}: {rows} rows", err=True)
    for chinese, english in _beliefs(source.belief):
        say(lang, chinese, english, err=True)
    for note in examination.notes:
        say(lang, note.sentence("zh"), note.sentence("en"), err=True)
    _show_columns(examination, lang)
    terminal.show(*_rows(examination, lang), whole=False)
    if examination.evidence is not None:
        terminal.show(*_candidates(examination.evidence, lang))
    for doubt in examination.doubts:
        say(
            lang,
            f"{doubt.sentence('zh')}。{doubt.suggestion('zh')}",
            f"{doubt.sentence('en')}. {doubt.suggestion('en').capitalize()}",
            err=True,
        )
    _show_counts(examination, lang)


def _beliefs(belief: Belief) -> Iterator[tuple[str, str]]:
    crs, datum = _BASES[belief.crs_basis], _BASES[belief.datum_basis]
    name = NAMES[belief.datum]
    yield f"坐标系 {belief.crs}（{crs.zh}）", f"CRS {belief.crs} ({crs.en})"
    yield f"坐标基准 {name}（{datum.zh}）", f"Datum {name} ({datum.en})"
    if belief.encoding:
        yield f"文字编码 {belief.encoding}", f"Texts in {belief.encoding}"
    if belief.part:
        yield f"读取“{belief.part}”", f"Read {belief.part!r}"
    if belief.heading:
        yield f"表头在第 {belief.heading} 行", f"The heading is row {belief.heading}"


def _show_columns(examination: Examination, lang: Lang) -> None:
    matched, layer = examination.matched, examination.layer
    used = [
        f"{column} → {layer.field(name).label.of(lang)}" for name, column in matched.used.items()
    ]
    between = "，" if lang == "zh" else ", "
    say(lang, f"列：{between.join(used)}", f"Columns: {between.join(used)}", err=True)
    if matched.ignored:
        left = between.join(matched.ignored)
        say(lang, f"未用的列：{left}", f"Columns not used: {left}", err=True)


def _rows(examination: Examination, lang: Lang) -> tuple[Sequence[str], list[Sequence[object]]]:
    """The first rows as the file has them, each with what would become of it."""
    used = list(examination.matched.used.values())
    heading = ("行", *used, "状态") if lang == "zh" else ("row", *used, "state")
    frame = examination.source.frame
    columns = [frame[column].head(_ROWS_SHOWN).tolist() for column in used]
    states = islice(examination.states, _ROWS_SHOWN)
    return heading, [
        (n, *(_brief(column[n - 1]) for column in columns), _STATES[state].of(lang))
        for n, state in enumerate(states, start=1)
    ]


def _brief(value: object) -> str:
    text = "" if value is None or value != value else str(value)  # noqa: PLR0124  NaN
    return text if len(text) <= _CELL_WIDTH else f"{text[: _CELL_WIDTH - 1]}…"


def _candidates(
    evidence: DatumEvidence, lang: Lang
) -> tuple[Sequence[str], list[Sequence[object]]]:
    heading = {
        "zh": ("若坐标是", "则按 WGS 84 读会偏", "落在区划内", "落在已有位置"),
        "en": ("if they are", "WGS 84 would be off by", "within divisions", "where stored"),
    }[lang]
    return heading, [
        (
            NAMES[each.datum],
            f"{each.displacement_m:.0f} m",
            "—" if each.share_inside is None else f"{each.share_inside:.1%}",
            f"{each.control} / {evidence.known}",
        )
        for each in evidence.candidates
    ]


def _show_counts(examination: Examination, lang: Lang) -> None:
    counts = examination.counts
    told = (counts.new, counts.changed, counts.unchanged, counts.known, counts.refused, counts.gone)
    say(
        lang,
        "将新增 {}，更新 {}，不变 {}，已有而跳过 {}，被拒 {}；文件中没有的已有要素 {}".format(
            *told
        ),
        "Would be new {}, changed {}, unchanged {}, known and skipped {}, refused {}; "
        "stored features that the file lacks: {}".format(*told),
        err=True,
    )
    listed = examination.gone[:_GONE_SHOWN]
    named = [" ".join(dict.fromkeys((gone.key, gone.title))).strip() for gone in listed]
    if named and counts.gone <= _GONE_SHOWN:
        say(
            lang,
            f"文件中没有：{'，'.join(named)}",
            f"Not in the file: {', '.join(named)}",
            err=True,
        )
