"""One file held against one layer: what each row would do, what is wrong, what would be gone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from gis.belief import Belief
from gis.errors import Finding, Problem
from gis.files import Source
from layers.arriving.columns import Matched
from layers.arriving.datum_evidence import DatumEvidence
from layers.declaring.words import Layer
from layers.refusals.imports import DATUM_DOUBTFUL, IMPORT_REFUSED

OnConflict = Literal["fail", "skip", "update"]
Gone = Literal["keep", "delete"]

FINDINGS_LISTED = 1000
GONE_LISTED = 100


class State(StrEnum):
    """What becomes of a row. KNOWN: its key is stored and known keys are to be skipped."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    KNOWN = "known"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Options:
    """How to load: `mapping` gives columns to fields, `on_conflict` says what a known key means.

    `update` overwrites the fields that the file has, and leaves the others as they are.
    `accept_valid` loads the rows without findings and leaves the others. `gone="delete"` removes
    features whose key the file lacks: of the divisions that the file has features of where a layer
    is a partition, else of the whole layer. `number` gives rows without a code the one proposed.
    Faults of a partition up to `tolerance_m2` (m²) are passed over.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    on_conflict: OnConflict = "fail"
    dry_run: bool = False
    accept_valid: bool = False
    gone: Gone = "keep"
    number: bool = False
    tolerance_m2: float = 0.5


@dataclass(frozen=True, slots=True)
class GoneFeature:
    """A stored feature that the file lacks; `key` is its key as people read it."""

    id: int
    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of the file by state, and stored features that it lacks."""

    rows: int
    new: int
    changed: int
    unchanged: int
    known: int
    refused: int
    gone: int


@dataclass(frozen=True, slots=True, eq=False)
class Examination:
    """A file against a layer: `states` has one for each row, `findings` are of rows (from 1).

    `findings` are at most FINDINGS_LISTED with their places, `suppressed` counts the others;
    `faults` are all of them, as they were found. `gone` are at most GONE_LISTED. `doubts` are what
    a person has to decide first.
    """

    layer: Layer
    source: Source
    options: Options
    matched: Matched
    states: Sequence[State]
    findings: tuple[Finding, ...]
    suppressed: int
    notes: tuple[Finding, ...]
    gone: tuple[GoneFeature, ...]
    evidence: DatumEvidence | None
    doubts: tuple[Finding, ...]
    counts: Counts
    faults: Sequence[Finding] = ()

    @property
    def gone_count(self) -> int:
        return self.counts.gone

    def loads(self) -> bool:
        """Whether `importing.load` with these options would store (or find nothing to change)."""
        if any(doubt.rule is DATUM_DOUBTFUL for doubt in self.doubts):
            return False
        if any(finding.row is None for finding in self.findings):
            return False
        if self.counts.refused == 0:
            return True
        return self.options.accept_valid and self.counts.refused < self.counts.rows


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or with `dry_run` would do: `used` maps fields to columns.

    `findings` are of the rows left out, at most FINDINGS_LISTED. `batch` is the number under which
    it can be undone, None when nothing was stored.
    """

    layer: str
    name: str
    rows: int
    new: int
    updated: int
    unchanged: int
    skipped: int
    refused: int
    deleted: int
    used: Mapping[str, str]
    ignored: tuple[str, ...]
    notes: tuple[Finding, ...]
    findings: tuple[Finding, ...]
    dry_run: bool
    batch: int | None
    belief: Belief


class ImportRefused(Problem):
    """Nothing was stored; `examination` says why, row by row."""

    def __init__(self, examination: Examination) -> None:
        super().__init__(
            IMPORT_REFUSED,
            findings=examination.findings,
            suppressed=examination.suppressed,
            name=examination.source.name,
            rows=examination.counts.rows,
            refused=examination.counts.refused,
        )
        self.examination = examination
