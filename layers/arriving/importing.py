"""Files become features: examined as a whole, then stored in one transaction or not at all."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gis.errors import Finding, Problem
from gis.files import Source
from gis.postgis import Database, ended_by
from gis.stopping import Switch
from layers.arriving import arrivals, batches, datum_evidence, numbering, unplaced
from layers.arriving.arrivals import WRITES, Met
from layers.arriving.columns import Matched, match
from layers.arriving.datum_evidence import DatumEvidence
from layers.arriving.examination import (
    FINDINGS_LISTED,
    GONE_LISTED,
    Counts,
    Examination,
    Gone,
    GoneFeature,
    ImportRefused,
    OnConflict,
    Options,
    Report,
    State,
)
from layers.arriving.examining import Draft, check, duplicates, numbered, settle
from layers.declaring.words import Layer
from layers.duties import columns as duty_columns
from layers.ground import gate
from layers.ground.tinting import retint
from layers.held import policies
from layers.keeping import parents
from layers.keeping import states as case_states
from layers.refusals.ground import COVERAGE_OPENED
from layers.refusals.imports import DATUM_DOUBTFUL, GONE_KEPT
from layers.registry import Registry

__all__ = [
    "FINDINGS_LISTED",
    "GONE_LISTED",
    "Counts",
    "Examination",
    "Gone",
    "GoneFeature",
    "ImportRefused",
    "OnConflict",
    "Options",
    "Progress",
    "Report",
    "State",
    "examine",
    "load",
]

Progress = Callable[[int, int | None], None]
"""How many steps are done, of how many; None while nobody knows."""
_PLAIN = Options()


class _Steps:
    """Tells `progress` how far it is: each row is checked, then stored."""

    def __init__(self, progress: Progress | None, rows: int, switch: Switch | None) -> None:
        self._progress = progress
        self._switch = switch
        self._total = 2 * rows
        self._done = 0

    def advance(self, steps: int) -> None:
        self._done += steps
        if self._switch is not None:
            self._switch.check()
        if self._progress is not None:
            self._progress(min(self._done, self._total), self._total)


@dataclass(slots=True, eq=False)
class _Work:
    """One file on its way through one transaction."""

    connection: Connection
    registry: Registry
    draft: Draft
    met: Sequence[Met] = ()
    notes: tuple[Finding, ...] = ()
    gone: tuple[GoneFeature, ...] = ()
    gone_count: int = 0
    deletes: bool = False
    evidence: DatumEvidence | None = None
    doubts: tuple[Finding, ...] = ()

    def examination(self) -> Examination:
        draft = self.draft
        findings, suppressed = draft.listed()
        return Examination(
            layer=draft.layer,
            source=draft.source,
            options=draft.options,
            matched=draft.matched,
            states=tuple(draft.states),
            findings=findings,
            suppressed=suppressed,
            notes=(*draft.source.notes, *self.notes),
            gone=self.gone,
            evidence=self.evidence,
            doubts=self.doubts,
            counts=draft.counts(self.gone_count),
            faults=draft.findings,
        )


def examine(  # noqa: PLR0913  what, where to and how
    database: Database,
    registry: Registry,
    layer: Layer,
    source: Source,
    options: Options = _PLAIN,
    *,
    progress: Progress | None = None,
    switch: Switch | None = None,
) -> Examination:
    """What `load` with these options would do and refuse; nothing is stored.

    Interrupted when the switch is thrown. The Problems of `layers.arriving.columns.match` come
    before any row is looked at.
    """
    steps = _Steps(progress, len(source.frame), switch)
    draft = _checked(layer, source, options, steps)
    with database.begin() as connection, ended_by(connection, switch):
        work = _Work(connection, registry, draft)
        if layer.partition:
            arrivals.lock(connection, layer)
        _compare(work, steps)
        if known_once_written(layer):
            _write(work)
        connection.rollback()
    return work.examination()


def load(  # noqa: PLR0913  what, where to, how, and for the record
    database: Database,
    registry: Registry,
    layer: Layer,
    source: Source,
    options: Options = _PLAIN,
    *,
    progress: Progress | None = None,
    seen: Callable[[Examination], None] | None = None,
    loaded_by: str = "",
    sha256: str | None = None,
    switch: Switch | None = None,
) -> Report:
    """Load a file into a layer in one transaction, as a batch that can be undone.

    Whoever acts must have rights over the ground of every row; rows that lie elsewhere are refused.
    `seen` is told the examination before anything is kept, and may raise. `sha256` is that of the
    file, where it is known. ImportRefused carries the whole examination,
    Problem(DATUM_DOUBTFUL) says that the stored ground speaks for another datum; nothing is stored
    then; nor when the switch is thrown, with Interrupted. The Problems of
    `layers.arriving.columns.match` come before any row is looked at.
    """
    steps = _Steps(progress, len(source.frame), switch)
    draft = _checked(layer, source, options, steps)
    with database.begin() as connection, ended_by(connection, switch):
        work = _Work(connection, registry, draft)
        arrivals.lock(connection, layer)
        _compare(work, steps)
        _write(work)
        examination = work.examination()
        if seen is not None:
            seen(examination)
        refuse(examination)
        report = reported(examination, deleted=work.gone_count if work.deletes else 0)
        if report.new or report.updated or report.deleted:
            retint(connection, layer)
            number = batches.record(connection, layer, report, sha256, loaded_by)
            report = replace(report, batch=None if options.dry_run else number)
        if options.dry_run:
            connection.rollback()
    return report


def _checked(layer: Layer, source: Source, options: Options, steps: _Steps) -> Draft:
    matched = matched_to(layer, source.columns, options)
    return check(layer, source, options, matched, steps.advance)


def matched_to(layer: Layer, columns: Sequence[str], options: Options) -> Matched:
    """Which column of a file feeds which field; Problems as of `columns.match`."""
    given = numbered(layer) if options.number else None
    return match(layer, columns, options.mapping, optional=[given] if given else [])


def refuse(examination: Examination) -> None:
    """Raise what keeps a file from being loaded: Problem(DATUM_DOUBTFUL) or ImportRefused."""
    for doubt in examination.doubts:
        if doubt.rule is DATUM_DOUBTFUL:
            values: dict[str, Any] = dict(doubt.values)
            raise Problem(doubt.rule, **values)
    if not examination.loads():
        raise ImportRefused(examination)


def reported(examination: Examination, *, deleted: int) -> Report:
    """The report of a load that did what its examination says, `deleted` features besides."""
    counts = examination.counts
    return Report(
        layer=examination.layer.name,
        name=examination.source.name,
        rows=counts.rows,
        new=counts.new,
        updated=counts.changed,
        unchanged=counts.unchanged,
        skipped=counts.known,
        refused=counts.refused,
        deleted=deleted,
        used=examination.matched.used,
        ignored=examination.matched.ignored,
        notes=(*examination.notes, *examination.doubts),
        findings=examination.findings,
        dry_run=examination.options.dry_run,
        batch=None,
        belief=examination.source.belief,
    )


# --- comparing ------------------------------------------------------------------------------------
def _compare(work: _Work, steps: _Steps) -> None:
    """Hold the file against what is stored: which rows are known, what differs, what is gone."""
    connection, draft = work.connection, work.draft
    work.notes += tuple(unplaced.place(connection, draft))
    numbering.number(connection, draft)
    draft.add(duplicates(draft))
    arrivals.receive(connection, draft, steps.advance)
    _meet(work)
    if draft.options.on_conflict == "update":
        _keep_states(work)
    settle(draft, ((met.row, met.differs) for met in work.met))
    work.gone_count = arrivals.find_gone(connection, draft.layer)
    work.gone = arrivals.listed_gone(connection, draft.layer)
    work.deletes = draft.options.gone == "delete" and work.gone_count > 0 and not draft.keyless
    if draft.options.gone == "delete" and draft.keyless:
        work.notes += (Finding(GONE_KEPT, values={"count": len(draft.keyless)}),)
    if draft.layer.has_shape and draft.source.belief.datum_in_doubt:
        work.evidence = datum_evidence.gather(
            draft.source.belief,
            draft.source.frame.geometry.to_numpy(),
            datum_evidence.ground(connection, work.registry, draft.layer),
            arrivals.control_points(connection, draft.layer),
        )
        work.doubts = datum_evidence.doubts(draft.source.belief, work.evidence)


def _meet(work: _Work) -> None:
    """Find the features with the keys of the file, whosever they are; foreign rows are refused."""
    connection, draft = work.connection, work.draft
    own = policies.reach(connection)
    with policies.unrestricted(connection):
        work.met = arrivals.meet(connection, draft.layer, draft.columns)
        if own != policies.ALL_PLACES:
            draft.exclude(arrivals.outside(connection, draft.layer, draft.columns, own))


def _keep_states(work: _Work) -> None:
    """A file may bring cases in any state, and takes none that is stored to another one."""
    draft, used = work.draft, work.draft.matched.used
    found = arrivals.redecided(work.connection, draft.layer, draft.columns)
    draft.add(case_states.fault(draft.layer, name, row, used.get(name)) for row, name in found)


# --- writing --------------------------------------------------------------------------------------
def _write(work: _Work) -> None:
    """Store the rows that can be stored, through the gate, which may refuse further ones."""
    draft = work.draft
    if any(doubt.rule is DATUM_DOUBTFUL for doubt in work.doubts):
        return  # the gate would find faults all over where it is only the datum that is wrong
    if draft.refused and not draft.options.accept_valid and not known_once_written(draft.layer):
        return  # nothing will be stored, and nobody has anything to add
    coming: list[BaseGeometry] = []
    while stopped := _stopped(work, coming):
        draft.add(stopped)
        if not draft.options.accept_valid or any(finding.row is None for finding in stopped):
            return
        # Rows that are left out will come again mended, and so will the ground between them.
        coming += [finding.geometry for finding in stopped if finding.geometry is not None]


def known_once_written(layer: Layer) -> bool:
    """Whether something may be found wrong with rows only where they have come to stand."""
    return layer.partition is not None or parents.looked_at(layer)


def _stopped(work: _Work, coming: Sequence[BaseGeometry]) -> list[Finding]:
    """Write what is to be written; what speaks against it, and then nothing is written."""
    draft, connection = work.draft, work.connection
    rows = draft.rows_to_write()
    if not rows and not work.deletes:
        return []
    with connection.begin_nested() as attempt:
        features = arrivals.place(connection, draft.layer, rows, work.met)
        batches.remember(connection, draft.layer, deletes=work.deletes)
        placed = {feature: row for row, feature in features.items()}
        written = sa.select(WRITES.c.id)
        names = duty_columns.remember(connection, draft.layer, written)
        try:
            with gate.passing(
                connection,
                work.registry,
                draft.layer,
                ids=arrivals.replaced(connection, deletes=work.deletes),
                geometries=draft.geometries[np.array(rows, dtype=np.intp) - 1],
                tolerance_m2=draft.options.tolerance_m2,
                pending=np.append(draft.pending(), np.array(coming, dtype=object)),
            ):
                if work.deletes:
                    arrivals.delete_gone(connection, draft.layer)
                arrivals.write(connection, draft.layer, list(draft.columns))
        except Problem as problem:
            if problem.rule is not COVERAGE_OPENED:
                raise
            attempt.rollback()
            return list(_blamed(problem, placed))
        if parents.looked_at(draft.layer):
            wrong = parents.faults(connection, work.registry, draft.layer, written)
            if wrong:
                attempt.rollback()
                used = draft.matched.used
                return [of_row(used, placed[feature], finding) for feature, finding in wrong]
        followed = duty_columns.follow(connection, draft.layer, names, written)
    told = (replace(finding, row=placed[feature]) for feature, finding in followed.all)
    work.notes += tuple(islice(told, FINDINGS_LISTED))
    return []


def of_row(used: Mapping[str, str], row: int, finding: Finding) -> Finding:
    """A finding about a record where the file has it: its row and its own name of the column."""
    column = finding.column
    return replace(finding, row=row, column=column and used.get(column, column))


def _blamed(problem: Problem, rows: Mapping[int, int]) -> Iterator[Finding]:
    """The gate's findings, each once for every row of the file that has a part in it."""
    for finding in problem.findings:
        ids = finding.values.get("ids", ())
        concerned = [rows[n] for n in ids if n in rows] if isinstance(ids, tuple) else []
        if not concerned:
            yield replace(finding, row=None)
        for row in concerned:
            yield replace(finding, row=row)
