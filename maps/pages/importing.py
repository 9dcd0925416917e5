"""The import dialogue: bring a file, see how it is understood, correct that, load it, undo it."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlencode

from gis import files
from gis.errors import Lang, Problem
from gis.files import Source
from gis.refusals.coordinates import CRS_MISFIT, CRS_NEEDS_PARAMETERS, CRS_PARAMETERS, CRS_UNKNOWN
from gis.refusals.files import CRS_GUESSED, CRS_UNUSABLE, FILE_CRS, FILE_LAYERS
from layers.arriving import report as import_report
from layers.arriving.batches import Batch
from layers.arriving.examination import Examination, State
from layers.arriving.examining import numbered
from layers.declaring.people import Actor
from layers.declaring.words import Layer, Role
from layers.refusals.imports import COLUMN_MISSING
from layers.registry import Registry
from maps import crs_choices, templating, values
from maps.import_features import MAPPED
from maps.pages import import_draft
from maps.pages.import_draft import ColumnChoice, DatumChoice, Seen, Told, Upload
from maps.templating import NOBODY, Visit
from maps.words.wording import words

FINDINGS_SHOWN = 100
_EVERY_QUESTION = ("part", "heading", "encoding", "crs")
# What to ask when reading stopped at one of these; anything else may come from any of them.
_QUESTIONS = {
    FILE_LAYERS: ("part",),
    FILE_CRS: ("crs",),
    CRS_MISFIT: ("crs",),
    CRS_UNKNOWN: ("crs",),
    CRS_UNUSABLE: ("crs",),
    CRS_NEEDS_PARAMETERS: ("crs",),
    CRS_PARAMETERS: ("crs",),
    COLUMN_MISSING: ("map",),
}
# What is asked then, where the rule's own sentence speaks of the command line.
_WORDS = {FILE_CRS: "asked_crs", CRS_MISFIT: "asked_misfit", COLUMN_MISSING: "asked_columns"}
# In which files a question makes sense; the others make sense in any.
_ASKED_OF = {
    "part": (".xlsx", ".gpkg", ".zip"),
    "heading": (".xlsx", ".csv"),
    "encoding": (".csv", ".zip", ".shp", ".kml", ".kmz"),
}
# What Chinese offices write; a person may still name any other by `Told.encoding`.
_ENCODINGS = {"utf-8": "UTF-8", "gb18030": "GBK / GB18030（中文 Windows）", "big5": "Big5（繁體）"}


@dataclass(frozen=True, slots=True)
class Around:
    """What is known beside the file: named `transforms`, the `longitude` of the place, and the
    rows that lie `outside` the stored divisions."""

    transforms: Sequence[str] = ()
    longitude: float | None = None
    outside: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Guess:
    """One CRS that the coordinates may be in."""

    code: str
    label: str
    confidence: str
    reason: str


@dataclass(frozen=True, slots=True)
class Form:
    """What the first form shows: the layer chosen, and how large a file may be."""

    layer: str | None = None
    limit_mb: int | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """The rows that a load left out: the draft that keeps them, and the endings they come in."""

    token: str
    endings: Sequence[str]


@dataclass(frozen=True, slots=True)
class Loaded:
    """One load, what is `left` of its file, and `trouble`, an undo that was refused."""

    batch: Batch
    left: Left | None = None
    trouble: Problem | None = None


def start(
    registry: Registry,
    lang: Lang,
    form: Form,
    batches: Sequence[Batch],
    *,
    visit: Visit = NOBODY,
) -> str:
    """The form that takes a file, and the last loads."""
    # What people bring is records; the ground comes once.
    layers = sorted(registry.layers.values(), key=lambda each: each.role is Role.BASEMAP)
    return _page(
        "import.html",
        lang,
        visit,
        layers=layers,
        form=form,
        endings=files.formats(),
        batches=batches,
        labels=_labels(registry, lang),
    )


def draft(
    lang: Lang,
    upload: Upload,
    seen: Seen,
    around: Around,
    *,
    actor: Actor | None = None,
) -> str:
    """An upload with everything that is believed of it and what a load would do."""
    told = replace(seen.told, datum=import_draft.datum_chosen(seen))
    addresses = {name: f"{upload.address}/{name}?{seen.told.query()}" for name in ("map", "report")}
    return _page(
        "import_draft.html",
        lang,
        Visit(parse_qs(seen.told.query()), actor),
        upload=upload,
        told=told,
        seen=seen,
        outside=around.outside,
        # What is loaded has to be what stands on the page.
        load_address=f"{upload.address}?{urlencode({'seen': told.digest()})}",
        addresses=addresses,
        **_understood(upload, told, seen, around, lang),
        **_examined(upload.layer, seen, lang),
    )


def course(
    lang: Lang,
    *,
    phase: str,
    share: float | None,
    rows_per_second: float | None,
    seconds_left: float | None,
) -> str:
    """How far a load has come, in words: the phase, its share (0 to 1), its pace, the time left."""
    said = words("import", lang)
    told = [said[f"course_{phase}"]]
    if share is not None:
        told.append(f"{share:.0%}")
    if share is not None and rows_per_second:
        told.append(said["course_pace"].format(rows=f"{rows_per_second:,.0f}"))
    if seconds_left:
        told.append(said["course_left"].format(seconds=f"{math.ceil(seconds_left):,}"))
    return ("，" if lang == "zh" else ", ").join(told)


def batches(
    registry: Registry,
    lang: Lang,
    found: Sequence[Batch],
    *,
    older: str | None = None,
    visit: Visit = NOBODY,
) -> str:
    """The loads, the newest first; `older` is the address of those before."""
    labels = _labels(registry, lang)
    return _page("import_batches.html", lang, visit, batches=found, older=older, labels=labels)


def batch(
    registry: Registry,
    lang: Lang,
    loaded: Loaded,
    *,
    visit: Visit = NOBODY,
) -> str:
    """One load, what it did, and how to undo it."""
    found = loaded.batch
    return _page(
        "import_batch.html",
        lang,
        visit,
        batch=found,
        layer=registry.layers.get(found.layer),
        theme=_theme(registry, found.layer),
        facts=_facts(found.belief, lang),
        left=loaded.left,
        trouble=loaded.trouble,
        labels=_labels(registry, lang),
    )


def _page(template: str, lang: Lang, visit: Visit, **given: object) -> str:
    said, w = words("import", lang), words("pages", lang)
    return templating.render(template, lang, visit, said=said, w=w, values=values, **given)


def _labels(registry: Registry, lang: Lang) -> Mapping[str, str]:
    return {name: layer.label.of(lang) for name, layer in registry.layers.items()}


def _theme(registry: Registry, layer: str) -> str | None:
    """The map that a layer is a subject of; the one with the fewest subjects shows it best."""
    showing = [theme for theme in registry.themes.values() if layer in theme.subjects]
    best = min(showing, key=lambda theme: len(theme.subjects), default=None)
    return best.name if best else None


# --- what was understood ------------------------------------------------------------------------
def _understood(
    upload: Upload, told: Told, seen: Seen, around: Around, lang: Lang
) -> Mapping[str, object]:
    """The beliefs with their controls; the questions, where reading stopped at one."""
    source, trouble = seen.source, seen.trouble
    asked = _asked(upload, seen)
    notes = seen.examination.notes if seen.examination else source.notes if source else ()
    datums = import_draft.datum_choices(source, seen.examination, lang) if source else []
    columns = import_draft.column_choices(upload.layer, seen, lang)
    shown = set(_shown(source, datums)) | set(asked)
    return {
        "asked": asked,
        "sentence": _sentence(seen.trouble, columns, lang),
        # What was said and has no control on the page shall not be forgotten.
        "unshown": [(name, text) for name, text in told.pairs() if name not in shown],
        "guesses": _guesses(trouble, lang),
        "parts": _parts(seen),
        "encodings": _encodings(told.encoding),
        "systems": crs_choices.offered(lang, around.longitude, told.crs),
        "transforms": around.transforms,
        "beliefs": import_draft.beliefs(source, notes, lang) if source else (),
        "notes": import_draft.other_notes(notes),
        "datums": datums,
        "columns": columns,
        "file_columns": source.columns if source else (),
        "numbered": numbered(upload.layer) is not None,
    }


def _asked(upload: Upload, seen: Seen) -> Sequence[str]:
    """The controls that may answer what reading stopped at."""
    if seen.examination or not seen.trouble:
        return ()
    asked = _QUESTIONS.get(seen.trouble.rule, _EVERY_QUESTION)
    ending = upload.name.lower()
    return [name for name in asked if ending.endswith(_ASKED_OF.get(name, ""))]


def _sentence(trouble: Problem | None, columns: Sequence[ColumnChoice], lang: Lang) -> str:
    """What stopped reading or loading, in the words of this page."""
    if trouble is None:
        return ""
    if trouble.rule not in _WORDS:
        return trouble.sentence(lang)
    said, w = words("import", lang), words("pages", lang)
    missing = [choice.label for choice in columns if choice.required and not choice.used]
    values = {"crs": trouble.values.get("crs", ""), "fields": w["comma"].join(missing)}
    return said[_WORDS[trouble.rule]].format_map(values)


def _shown(source: Source | None, datums: Sequence[DatumChoice]) -> Iterator[str]:
    """The names of the controls on the page of a file that could be read."""
    if source is None:
        return
    yield from ("crs", "transform", "map", "on_conflict", "gone", "number")
    belief = source.belief
    if belief.encoding is not None:
        yield "encoding"
    if len(belief.parts) > 1:
        yield "part"
    if belief.heading is not None:
        yield "heading"
    if datums:
        yield "datum"


def _guesses(trouble: Problem | None, lang: Lang) -> list[Guess]:
    found = trouble.findings if trouble else ()
    return [
        Guess(
            code=str(finding.values["crs"]),
            label=crs_choices.label(str(finding.values["crs"]), lang),
            confidence=f"{finding.values['confidence']:.0%}",
            reason=str(finding.values["reason_zh" if lang == "zh" else "reason"]),
        )
        for finding in found
        if finding.rule is CRS_GUESSED
    ]


def _parts(seen: Seen) -> Sequence[str]:
    """The sheets or layers to choose from."""
    if seen.source is not None:
        return seen.source.belief.parts
    found = seen.trouble.values.get("parts", ()) if seen.trouble else ()
    return [str(part) for part in found] if isinstance(found, tuple | list) else ()


def _encodings(told: str) -> Mapping[str, str]:
    return _ENCODINGS if not told or told in _ENCODINGS else {told: told, **_ENCODINGS}


# --- what would happen --------------------------------------------------------------------------
def _examined(layer: Layer, seen: Seen, lang: Lang) -> Mapping[str, object]:
    """Rows, figures and findings; nothing of it while the file is not understood."""
    examination = seen.examination
    if examination is None:
        return {"examination": None, "doubtful": False}
    counts = examination.counts
    lines = import_report.lines(examination.findings, lang)
    return {
        "examination": examination,
        "doubtful": bool(examination.doubts),
        "drawable": bool(counts.rows) and bool(examination.source.frame.geometry.notna().any()),
        "counted": [
            *((state.value, getattr(counts, state.value)) for state in State),
            *([("gone", counts.gone)] if layer.key else []),
        ],
        "rows": import_draft.preview(examination, lang),
        "used": [layer.field(name) for name in examination.matched.used],
        "lines": lines[:FINDINGS_SHOWN],
        "unlisted": max(0, len(lines) - FINDINGS_SHOWN) + examination.suppressed,
        "cut": MAPPED if counts.rows > MAPPED else 0,
        "hindrance": _hindrance(examination, lang),
        "loadable": counts.new + counts.changed + counts.unchanged + counts.known,
        "changes": counts.new + counts.changed + _deleted(examination),
    }


def _deleted(examination: Examination) -> int:
    return examination.counts.gone if examination.options.gone == "delete" else 0


def _hindrance(examination: Examination, lang: Lang) -> str:
    """Why not everything can be loaded now; empty when it can."""
    said = words("import", lang)
    if examination.doubts:
        return said["why_datum"]
    if examination.counts.refused:
        return said["why_refused"].format(count=examination.counts.refused)
    return said["why_faults"] if examination.findings else ""


def _facts(belief: Mapping[str, Any], lang: Lang) -> list[tuple[str, str]]:
    """What a load remembers of how its file was understood."""
    said = words("import", lang)
    placed = belief.get("placed", True)
    found = [(said["crs"], crs_choices.label(str(belief.get("crs", "")), lang))] if placed else []
    if placed and belief.get("datum"):
        found.append((said["datum"], said.get(f"datum_{belief['datum']}", str(belief["datum"]))))
    if belief.get("encoding"):
        found.append((said["encoding"], str(belief["encoding"]).upper()))
    if belief.get("part"):
        found.append((said["part"], str(belief["part"])))
    if belief.get("heading"):
        found.append((said["heading"], said["heading_row"].format(row=belief["heading"])))
    return found
