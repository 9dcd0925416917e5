"""An upload as the dialogue shows it: what was said, what is believed and why, the first rows."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from gis import crs
from gis.belief import Basis, Belief
from gis.datum import Datum
from gis.errors import Finding, Lang, Problem, Rule
from gis.files import Source
from gis.refusals.coordinates import DATUM_CONVERTED, DATUM_OVERRIDDEN
from gis.refusals.files import (
    AXES_SWAPPED,
    CRS_ASSUMED,
    CRS_OVERRIDDEN,
    ENCODING_BELIEVED,
    LEDGER_HEADING,
)
from layers.arriving import columns
from layers.arriving.examination import Examination
from layers.declaring.words import Layer
from maps import crs_choices, values
from maps.words.wording import words

PREVIEWED = 20
_ABOUT: Mapping[str, Collection[Rule]] = {
    "encoding": (ENCODING_BELIEVED,),
    "heading": (LEDGER_HEADING,),
    "crs": (CRS_ASSUMED, CRS_OVERRIDDEN, AXES_SWAPPED),
    "datum": (DATUM_CONVERTED, DATUM_OVERRIDDEN),
}


@dataclass(frozen=True, slots=True)
class Told:
    """What a person has said of an upload, as the texts of the form; empty where nothing.

    `map` holds "field=column", and "field=" for a field that is to stay empty.
    """

    crs: str = ""
    encoding: str = ""
    datum: str = ""
    heading: str = ""
    part: str = ""
    transform: str = ""
    map: tuple[str, ...] = ()
    on_conflict: str = "update"
    gone: str = "keep"
    number: bool = False

    def pairs(self) -> list[tuple[str, str]]:
        """The fields of a form that says the same; what is the default stays unsaid."""
        texts = ("crs", "encoding", "datum", "heading", "part", "transform", "on_conflict", "gone")
        said = [(name, getattr(self, name)) for name in texts]
        changed = [(name, text) for name, text in said if text != getattr(_NOTHING_TOLD, name)]
        number = [("number", "true")] if self.number else []
        return [*changed, *(("map", pair) for pair in self.map), *number]

    def query(self) -> str:
        """The same as the query of an address."""
        return urlencode(self.pairs(), errors="replace")

    def digest(self) -> str:
        """Tells whether the same was said again."""
        return hashlib.sha256(self.query().encode()).hexdigest()[:16]

    def fitting(self, layer: Layer, found: Sequence[str]) -> "Told":
        """Without columns that the file, read otherwise, no longer has; in the layer's order."""
        said = {name: column for name, _, column in (pair.partition("=") for pair in self.map)}
        kept = (
            f"{field.name}={said[field.name]}"
            for field in layer.fields
            if field.name in said and said[field.name] in (*found, "")
        )
        return replace(self, map=tuple(kept))


_NOTHING_TOLD = Told()


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that waits; `size` in bytes."""

    token: str
    name: str
    size: int
    layer: Layer

    @property
    def address(self) -> str:
        return f"/import/drafts/{self.token}"


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What was said, and how far that led: read (`source`), held against the layer (`examination`).

    `trouble` is what stopped it, or the load; with `changed` a load was asked for that would not
    have been the one on the page.
    """

    told: Told
    source: Source | None = None
    examination: Examination | None = None
    trouble: Problem | None = None
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Believed:
    """One belief: `name` is the control that corrects it."""

    name: str
    label: str
    value: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DatumChoice:
    """One datum that the coordinates may be of, and what would follow."""

    value: str
    label: str
    notes: tuple[str, ...]
    confirmed: bool


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """Where a field may come from; `chosen` is a pair as in `Told.map`, empty when nobody said."""

    name: str
    label: str
    required: bool
    automatic: str
    chosen: str
    used: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as the file has it; `faults` are what is wrong with it."""

    text: str
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file; `faults` are those that no cell shows."""

    number: int
    state: str
    cells: tuple[Cell, ...]
    faults: tuple[str, ...]


def beliefs(source: Source, notes: Sequence[Finding], lang: Lang) -> list[Believed]:
    """What was believed before any row was looked at, each with its reasons."""
    belief, said = source.belief, words("import", lang)
    found = []
    if belief.encoding is not None:
        found.append(("encoding", belief.encoding.upper()))
    if belief.part is not None:
        found.append(("part", belief.part))
    if belief.heading is not None:
        found.append(("heading", said["heading_row"].format(row=belief.heading)))
    if belief.placed:
        found.append(("crs", crs_choices.label(belief.crs, lang)))
    return [
        Believed(name, said[name], value, tuple(_reasons(name, belief, notes, lang)))
        for name, value in found
    ]


def other_notes(notes: Sequence[Finding]) -> list[Finding]:
    """What was noticed and stands beside no belief."""
    told = {rule for rules in _ABOUT.values() for rule in rules}
    return [note for note in notes if note.rule not in told]


def _reasons(name: str, belief: Belief, notes: Sequence[Finding], lang: Lang) -> Iterator[str]:
    said = words("import", lang)
    if name == "crs":
        yield said[f"basis_{belief.crs_basis.value}"]
        operation = belief.operation or {}
        if operation.get("parameters"):
            yield said["moved_by"].format(operation=operation["operation"])
    for note in notes:
        if note.rule in _ABOUT.get(name, ()):
            yield note.sentence(lang)


def datum_choices(source: Source, examination: Examination | None, lang: Lang) -> list[DatumChoice]:
    """The datums to choose from; none for coordinates that are no longitudes and latitudes."""
    if not _open_to_datums(source.belief):
        return []
    evidence = examination.evidence if examination else None
    confirmed = evidence.confirmed if evidence else None
    notes = {datum: tuple(_datum_notes(datum, examination, lang)) for datum in Datum}
    said = words("import", lang)
    return [DatumChoice(d.value, said[f"datum_{d.value}"], notes[d], d is confirmed) for d in Datum]


def datum_chosen(seen: Seen) -> str:
    """The datum that needs no more asking, empty while it is open."""
    if seen.told.datum or seen.source is None:
        return seen.told.datum
    open_to_all = seen.examination is None or seen.examination.doubts
    belief = seen.source.belief
    return "" if open_to_all or not _open_to_datums(belief) else belief.datum.value


def _open_to_datums(belief: Belief) -> bool:
    if not belief.placed:
        return False
    if belief.datum_in_doubt or belief.datum_basis is Basis.TOLD:
        return True
    try:
        found = crs.parse(belief.crs)
    except Problem:
        return False
    return found.is_geographic and crs.on_wgs84(found)


def _datum_notes(datum: Datum, examination: Examination | None, lang: Lang) -> Iterator[str]:
    evidence = examination.evidence if examination else None
    if evidence is None:
        return
    said = words("import", lang)
    found = next(candidate for candidate in evidence.candidates if candidate.datum is datum)
    metres = round(found.displacement_m)
    yield said["datum_moves"].format(metres=metres) if metres else said["datum_stays"]
    if found.share_inside is not None:
        yield said["datum_inside"].format(share=f"{found.share_inside:.0%}")
    if evidence.known:
        yield said["datum_control"].format(control=found.control, known=evidence.known)


def column_choices(layer: Layer, seen: Seen, lang: Lang) -> list[ColumnChoice]:
    """Every field of the layer with the column that feeds it; none for a file that is not read."""
    if seen.source is None:
        return []
    names = [field.name for field in layer.fields]
    automatic = columns.match(layer, seen.source.columns, {}, names).used
    chosen = {pair.partition("=")[0]: pair for pair in seen.told.map}
    told = {name: pair.partition("=")[2] for name, pair in chosen.items()}
    used = seen.examination.matched.used if seen.examination else {**automatic, **told}
    return [
        ColumnChoice(
            name=field.name,
            label=values.heading(field, lang),
            required=field.required,
            automatic=automatic.get(field.name, ""),
            chosen=chosen.get(field.name, ""),
            used=used.get(field.name, ""),
        )
        for field in layer.fields
    ]


def preview(examination: Examination, lang: Lang) -> list[Row]:
    """The first rows as the file has them, in the order of the layer's fields."""
    faults: dict[tuple[int, str], list[str]] = {}
    for finding in examination.findings:
        if finding.row is not None and finding.row <= PREVIEWED:
            place = (finding.row, finding.column or "")
            faults.setdefault(place, []).append(finding.sentence(lang))
    return [_row(examination, number, faults) for number in _previewed(examination)]


def _previewed(examination: Examination) -> range:
    return range(1, min(PREVIEWED, examination.counts.rows) + 1)


def _row(
    examination: Examination, number: int, faults: Mapping[tuple[int, str], Sequence[str]]
) -> Row:
    used = list(examination.matched.used.values())
    raw = examination.source.frame.iloc[number - 1]
    cells = (Cell(_text(raw[name]), tuple(faults.get((number, name), ()))) for name in used)
    elsewhere = [
        sentence
        for (row, column), sentences in faults.items()
        if row == number and column not in used
        for sentence in sentences
    ]
    state = examination.states[number - 1].value
    return Row(number, state, tuple(cells), tuple(elsewhere))


def _text(value: object) -> str:
    return "" if value is None else str(value)
