"""Files larger than the memory become features: in pieces, in one transaction, all or nothing.

Each piece is checked by itself and copied into a table of the transaction. What needs the whole
file (keys that come twice, keys that are stored, rows of others) PostGIS finds there. Of what is
wrong the first findings are kept, and the number of the others; of the rows, none.
"""

import math
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import shapely
import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.engine import Connection

from gis.errors import Finding, Rule
from gis.files import Source
from gis.postgis import Database, copy_rows, ended_by
from gis.stopping import Switch
from gis.streams import Stream
from layers.arriving import arrivals, batches, datum_evidence, importing, mapping_file, unplaced
from layers.arriving.arrivals import MET, WRITES, staged
from layers.arriving.columns import Matched
from layers.arriving.datum_evidence import DatumEvidence
from layers.arriving.examination import (
    FINDINGS_LISTED,
    Counts,
    Examination,
    GoneFeature,
    Options,
    Report,
    State,
)
from layers.arriving.examining import Draft, check, of_key, place_of
from layers.arriving.importing import Progress
from layers.arriving.mapping_file import Rewriting
from layers.declaring.duties import shown
from layers.declaring.words import Layer
from layers.duties import columns as duty_columns
from layers.ground.tinting import retint
from layers.held import policies
from layers.keeping import parents
from layers.keeping import states as case_states
from layers.refusals.imports import DATUM_DOUBTFUL, FOREIGN_GROUND, GONE_KEPT
from layers.refusals.values import VALUE_DUPLICATE, VALUE_EXISTS
from layers.registry import Registry

_PLAIN = Options()
_HEAD = 5
# So many places tell of a datum what a million would.
_SAMPLED = 20_000
_TEMPORARY = sa.MetaData()

_REFUSED = sa.Table(
    "_refused",
    _TEMPORARY,
    sa.Column("row", sa.Integer, primary_key=True, autoincrement=False),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)
_TWICE = sa.Table(
    "_twice",
    _TEMPORARY,
    sa.Column("row", sa.Integer),
    sa.Column("other", sa.Integer),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)
_FOREIGN = sa.Table(
    "_foreign",
    _TEMPORARY,
    sa.Column("row", sa.Integer, primary_key=True, autoincrement=False),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)


def takes(layer: Layer, options: Options) -> bool:
    """Whether files of a layer can be loaded in pieces.

    Ground that is divided is compared as a whole, rows without a place are put where others tell,
    and rows that are left out go back to whoever brought them, with all that they had.
    """
    return not (layer.partition or unplaced.may_lack_place(layer) or options.accept_valid)


def examine(  # noqa: PLR0913  what, where to and how
    database: Database,
    registry: Registry,
    layer: Layer,
    stream: Stream,
    options: Options = _PLAIN,
    *,
    rewriting: Rewriting | None = None,
    progress: Progress | None = None,
) -> Examination:
    """What `load` with these options would do and refuse; nothing is stored.

    Of the rows `source` and `states` have only the first.
    """
    with database.begin() as connection:
        work = _Work(connection, registry, layer, stream, options, rewriting, progress)
        work.receive()
        work.compare()
        if importing.known_once_written(layer):
            work.write()
        examination = work.examination()
        connection.rollback()
    return examination


def load(  # noqa: PLR0913  what, where to, how, and for the record
    database: Database,
    registry: Registry,
    layer: Layer,
    stream: Stream,
    options: Options = _PLAIN,
    *,
    rewriting: Rewriting | None = None,
    progress: Progress | None = None,
    switch: Switch | None = None,
    seen: Callable[[Examination], None] | None = None,
    loaded_by: str = "",
    sha256: str | None = None,
) -> Report:
    """As `layers.arriving.importing.load`, of a layer and with options that are taken (`takes`).

    What fails while the file is read (its Problems) is met in the transaction: nothing is stored,
    nor when the switch is thrown, with Interrupted.
    """
    with database.begin() as connection, ended_by(connection, switch):
        work = _Work(connection, registry, layer, stream, options, rewriting, progress, switch)
        work.receive()
        # Only now: a long file shall not keep other writers waiting while it is read.
        arrivals.lock(connection, layer)
        work.compare()
        work.write()
        examination = work.examination()
        if seen is not None:
            seen(examination)
        importing.refuse(examination)
        report = importing.reported(examination, deleted=work.gone_count if work.deletes else 0)
        if report.new or report.updated or report.deleted:
            retint(connection, layer)
            number = batches.record(connection, layer, report, sha256, loaded_by)
            report = replace(report, batch=None if options.dry_run else number)
        if options.dry_run:
            connection.rollback()
    return report


@dataclass(slots=True)
class _Steps:
    """Tells `progress` how far it is: a step for each row that is read, checked and copied. What
    PostGIS does with all of them it tells nobody."""

    progress: Progress | None
    rows: int | None
    switch: Switch | None
    done: int = 0

    def advance(self, rows: int) -> None:
        self.done += rows
        self._tell(None if self.rows is None else max(self.rows, self.done))

    def read(self, rows: int) -> None:
        """All of them are there, and known to be so many."""
        self.rows = self.done = rows
        self._tell(rows)

    def _tell(self, total: int | None) -> None:
        if self.switch is not None:
            self.switch.check()
        if self.progress is not None:
            self.progress(self.done, total)


def _unheard(_: int) -> None:
    """Checking is told of when a piece has been copied as well."""


@dataclass(slots=True, eq=False)
class _Work:
    """One file on its way through one transaction."""

    connection: Connection
    registry: Registry
    layer: Layer
    stream: Stream
    options: Options
    rewriting: Rewriting | None
    progress: Progress | None
    switch: Switch | None = None
    steps: _Steps = field(init=False)
    head: Source | None = None
    matched: Matched = field(init=False)
    names: list[str] = field(default_factory=list)
    rows: int = 0
    keyless: int = 0
    findings: list[Finding] = field(default_factory=list)
    found: int = 0
    notes: tuple[Finding, ...] = ()
    gone: tuple[GoneFeature, ...] = ()
    gone_count: int = 0
    deletes: bool = False
    evidence: DatumEvidence | None = None
    doubts: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        self.steps = _Steps(self.progress, self.stream.rows, self.switch)

    def examination(self) -> Examination:
        source = self._source()
        return Examination(
            layer=self.layer,
            source=source,
            options=self.options,
            matched=self.matched,
            states=self._states(),
            findings=tuple(self.findings),
            suppressed=max(0, self.found - len(self.findings)),
            notes=(*source.notes, *self.notes),
            gone=self.gone,
            evidence=self.evidence,
            doubts=self.doubts,
            counts=self._counts(),
            faults=tuple(self.findings),
        )

    # --- what comes -------------------------------------------------------------------------------
    def receive(self) -> None:
        """Read the file, check it piece by piece, and copy it to where PostGIS can look at it."""
        arrivals.prepare(self.connection, self.layer)
        for temporary in (_REFUSED, _TWICE, _FOREIGN):
            arrivals.create(self.connection, temporary)
        for piece in self.stream.pieces():
            source = self._understood(piece)
            draft = check(self.layer, source, self.options, self.matched, _unheard)
            self.names = list(draft.columns)
            self._take(draft)
            arrivals.bring(self.connection, draft, self.steps.advance, before=self.rows)
            self.rows += len(draft.geometries)
        self.steps.read(self.rows)
        self.connection.execute(sa.text(f"ANALYZE {staged(self.layer).name}"))

    def compare(self) -> None:
        """Hold the file against what is stored: what is known, what differs, what is gone."""
        self._find_duplicates()
        self._meet()
        if self.options.on_conflict == "update":
            self._keep_states()
        if self.options.on_conflict == "fail":
            self._refuse_known()
        self._find_gone()
        if self.layer.has_shape and self.stream.belief.datum_in_doubt:
            self._gather_evidence()

    def _understood(self, piece: Source) -> Source:
        """The piece as the mapping reads it; the first tells which columns feed which fields."""
        options = self.options
        if self.rewriting is not None:
            piece, used = mapping_file.rewrite(piece, self.rewriting)
            options = replace(options, mapping={**used, **options.mapping})
        if self.head is None:
            self.matched = importing.matched_to(self.layer, piece.columns, options)
            self.head = replace(piece, frame=piece.frame.head(_HEAD).copy())
        return piece

    def _take(self, draft: Draft) -> None:
        """Take note of what is wrong with a piece, whose rows follow on those that came before."""
        listed, others = draft.listed()
        self.found += len(listed) + others
        self._keep(replace(each, row=each.row and each.row + self.rows) for each in listed)
        self.keyless += len(draft.keyless)
        rows = ((row + self.rows,) for row in sorted(draft.refused))
        copy_rows(self.connection, _REFUSED.name, ["row"], rows)

    def _keep(self, findings: Iterable[Finding]) -> None:
        together = [*self.findings, *findings]
        together.sort(key=lambda finding: (finding.row or 0, finding.column or ""))
        self.findings = together[:FINDINGS_LISTED]

    # --- what speaks against it -------------------------------------------------------------------
    def _find_duplicates(self) -> None:
        """Each row whose key another row has as well, naming that row."""
        if not self.layer.key:
            return
        rows = staged(self.layer)
        keyed = arrivals.keyed(self.layer, rows)
        keys = list(keyed.c)[1:]
        first = sa.func.min(keyed.c.id).label("first")
        several = (
            sa.select(first, *keys).group_by(*keys).having(sa.func.count() > 1).subquery("several")
        )
        same = sa.and_(*(key == several.c[key.name] for key in keys))
        second = sa.func.lead(keyed.c.id).over(partition_by=several.c.first, order_by=keyed.c.id)
        other = sa.case((keyed.c.id == several.c.first, second), else_=several.c.first)
        twice = sa.select(keyed.c.id, other).join_from(keyed, several, same)
        found = self.connection.execute(sa.insert(_TWICE).from_select(["row", "other"], twice))
        if not found.rowcount:
            return
        self._refuse(
            sa.select(_TWICE.c.row, _TWICE.c.other, *self._keys(rows)).join_from(
                _TWICE, rows, rows.c.id == _TWICE.c.row
            ),
            lambda row, other, *key: self._of_key(VALUE_DUPLICATE, row, key, other=other),
        )
        if self.layer.has_shape:
            nowhere = sa.update(rows).where(rows.c.id.in_(sa.select(_TWICE.c.row)))
            self.connection.execute(nowhere.values(geom=None))

    def _keys(self, rows: sa.Table) -> list[sa.ColumnElement[Any]]:
        return [rows.c[name] if name in self.names else sa.null() for name in self.layer.key]

    def _of_key(self, rule: Rule, row: int, key: Iterable[object], **more: object) -> Finding:
        return of_key(self.layer, self.matched, rule, row, tuple(key), **more)

    def _refuse(self, statement: sa.Select[tuple[int, ...]], told: Callable[..., Finding]) -> None:
        """The rows that a statement finds (its first column) cannot be loaded; `told` says of its
        columns why."""
        found = statement.subquery()
        row = next(iter(found.c))
        inserted = postgresql_insert(_REFUSED).from_select(["row"], sa.select(row).distinct())
        self.connection.execute(inserted.on_conflict_do_nothing())
        self.found += self.connection.scalar(sa.select(sa.func.count()).select_from(found)) or 0
        first = self.connection.execute(sa.select(found).order_by(row).limit(FINDINGS_LISTED))
        self._keep(self._located([told(*each) for each in first]))

    def _located(self, findings: Collection[Finding]) -> Iterator[Finding]:
        """Findings with the places of their rows."""
        shapes: dict[int, BaseGeometry | None] = {}
        if self.layer.has_shape and findings:
            rows = staged(self.layer)
            wanted = [each.row for each in findings if each.row is not None]
            listed = sa.any_(sa.literal(wanted, sa.ARRAY(sa.Integer)))
            wkb = sa.func.st_asbinary(rows.c.geom, type_=sa.LargeBinary)
            found = self.connection.execute(sa.select(rows.c.id, wkb).where(rows.c.id == listed))
            shapes = {row: _read(each) for row, each in found}
        for finding in findings:
            shape = shapes.get(finding.row or 0)
            yield replace(finding, geometry=place_of(finding, shape))

    def _meet(self) -> None:
        """Find the features with the keys of the file, whosever they are; refuse foreign rows."""
        own = policies.reach(self.connection)
        with policies.unrestricted(self.connection):
            arrivals.find_met(self.connection, self.layer, self.names)
            if own != policies.ALL_PLACES:
                abroad = arrivals.abroad(self.layer, self.names, own)
                self.connection.execute(sa.insert(_FOREIGN).from_select(["row"], abroad))
        self._refuse(sa.select(_FOREIGN.c.row), lambda row: Finding(FOREIGN_GROUND, row))

    def _keep_states(self) -> None:
        """A file may bring cases in any state, and takes none that is stored to another one."""
        found = arrivals.redecided(self.connection, self.layer, self.names)
        used = self.matched.used
        self._note(case_states.fault(self.layer, name, row, used.get(name)) for row, name in found)

    def _note(self, findings: Iterable[Finding]) -> None:
        """Rows of which something is known to be wrong cannot be loaded."""
        known = list(findings)
        rows = sorted({each.row for each in known if each.row is not None})
        values = sa.select(sa.func.unnest(sa.literal(rows, sa.ARRAY(sa.Integer))))
        inserted = postgresql_insert(_REFUSED).from_select(["row"], values)
        self.connection.execute(inserted.on_conflict_do_nothing())
        self.found += len(known)
        known.sort(key=lambda finding: (finding.row or 0, finding.column or ""))
        self._keep(self._located(known[:FINDINGS_LISTED]))

    def _refuse_known(self) -> None:
        rows = staged(self.layer)
        known = (
            sa.select(MET.c.row, *self._keys(rows))
            .join_from(MET, rows, rows.c.id == MET.c.row)
            .where(MET.c.row.not_in(sa.select(_FOREIGN.c.row)))
        )
        self._refuse(known, lambda row, *key: self._of_key(VALUE_EXISTS, row, key))

    def _find_gone(self) -> None:
        self.gone_count = arrivals.find_gone(self.connection, self.layer)
        self.gone = arrivals.listed_gone(self.connection, self.layer)
        wanted = self.options.gone == "delete"
        self.deletes = wanted and self.gone_count > 0 and not self.keyless
        if wanted and self.keyless:
            self.notes += (Finding(GONE_KEPT, values={"count": self.keyless}),)

    def _gather_evidence(self) -> None:
        control = arrivals.control_points(self.connection, self.layer)
        rows = staged(self.layer)
        each = math.ceil(self.rows / _SAMPLED)
        wkb = sa.func.st_asbinary(rows.c.geom, type_=sa.LargeBinary)
        met = sa.any_(sa.literal(list(control), sa.ARRAY(sa.Integer)))
        sample = sa.select(rows.c.id, wkb).where(sa.or_(rows.c.id % each == 0, rows.c.id == met))
        found = self.connection.execute(sample.order_by(rows.c.id)).all()
        numbers = {row: n for n, (row, _) in enumerate(found, start=1)}
        self.evidence = datum_evidence.gather(
            self.stream.belief,
            shapely.from_wkb([None if wkb is None else bytes(wkb) for _, wkb in found]),
            datum_evidence.ground(self.connection, self.registry, self.layer),
            {numbers[row]: place for row, place in control.items() if row in numbers},
        )
        self.doubts = datum_evidence.doubts(self.stream.belief, self.evidence)

    # --- storing ----------------------------------------------------------------------------------
    def write(self) -> None:
        """Store the rows, if nothing speaks against any of them; what is found then is noted."""
        if any(doubt.rule is DATUM_DOUBTFUL for doubt in self.doubts):
            return
        if self._refused() and not importing.known_once_written(self.layer):
            return
        arrivals.create(self.connection, WRITES)
        if not self._place() and not self.deletes:
            return
        written = sa.select(WRITES.c.id)
        batches.remember(self.connection, self.layer, deletes=self.deletes)
        with self.connection.begin_nested() as attempt:
            # Who has which duty follows from columns: what does not come changes none.
            follows = any(each.name in self.names for each, _ in shown(self.layer))
            names: duty_columns.Names = {}
            if follows:
                names = duty_columns.remember(self.connection, self.layer, written)
            if self.deletes:
                arrivals.delete_gone(self.connection, self.layer)
            arrivals.write(self.connection, self.layer, self.names)
            if parents.looked_at(self.layer):
                wrong = parents.faults(self.connection, self.registry, self.layer, written)
                rows = self._rows_of([feature for feature, _ in wrong])
                if wrong:
                    attempt.rollback()
                    used = self.matched.used
                    self._note(importing.of_row(used, rows[each], found) for each, found in wrong)
                    return
            if not follows:
                return
            followed = duty_columns.follow(self.connection, self.layer, names, written)
        told = followed.all[:FINDINGS_LISTED]
        rows = self._rows_of([feature for feature, _ in told])
        self.notes += tuple(replace(finding, row=rows[each]) for each, finding in told)

    def _place(self) -> int:
        """Decide which feature each row becomes: the one that it meets, or a new one; how many."""
        rows, updates = staged(self.layer), self.options.on_conflict == "update"
        fit = rows.c.id.not_in(sa.select(_REFUSED.c.row))
        fresh = (
            sa.select(rows.c.id)
            .outerjoin_from(rows, MET, MET.c.row == rows.c.id)
            .where(fit, MET.c.row.is_(None))
            .order_by(rows.c.id)
            .subquery()
        )
        sequence = arrivals.ids_of(self.connection, self.layer)
        columns = ["row", "id", "fresh"]
        numbered = sa.select(fresh.c.id, sa.func.nextval(sequence), sa.true())
        with policies.unrestricted(self.connection):
            done = self.connection.execute(
                sa.insert(WRITES).from_select(columns, numbered)
            ).rowcount
        if updates:
            known = sa.select(MET.c.row, MET.c.id, sa.false()).join(rows, rows.c.id == MET.c.row)
            changed = known.where(fit, MET.c.differs)
            done += self.connection.execute(
                sa.insert(WRITES).from_select(columns, changed)
            ).rowcount
        return done

    def _rows_of(self, ids: Collection[int]) -> dict[int, int]:
        """The rows of the file that some features come from."""
        listed = sa.any_(sa.literal(list(ids), sa.ARRAY(sa.BigInteger)))
        found = self.connection.execute(
            sa.select(WRITES.c.id, WRITES.c.row).where(WRITES.c.id == listed)
        )
        return {feature: row for feature, row in found}  # noqa: C416  rows of a result are no pairs

    # --- what is told -----------------------------------------------------------------------------
    def _refused(self) -> int:
        return self.connection.scalar(sa.select(sa.func.count()).select_from(_REFUSED)) or 0

    def _met(self) -> tuple[int, int]:
        """How many rows that are not refused differ from the features that they meet, or do not."""
        fit = MET.c.row.not_in(sa.select(_REFUSED.c.row))
        differ = sa.func.count().filter(MET.c.differs)
        found = self.connection.execute(sa.select(differ, sa.func.count()).where(fit)).one()
        return found[0], found[1] - found[0]

    def _counts(self) -> Counts:
        refused, (changed, unchanged) = self._refused(), self._met()
        skips = self.options.on_conflict == "skip"
        return Counts(
            rows=self.rows,
            new=self.rows - refused - changed - unchanged,
            changed=0 if skips else changed,
            unchanged=0 if skips else unchanged,
            known=changed + unchanged if skips else 0,
            refused=refused,
            gone=self.gone_count,
        )

    def _states(self) -> tuple[State, ...]:
        """Of the first rows."""
        top = 0 if self.head is None else len(self.head.frame)
        refused = set(
            self.connection.scalars(sa.select(_REFUSED.c.row).where(_REFUSED.c.row <= top))
        )
        met = dict(
            self.connection.execute(
                sa.select(MET.c.row, MET.c.differs).where(MET.c.row <= top)
            ).all()
        )
        return tuple(
            self._state(refused=row in refused, differs=met.get(row)) for row in range(1, top + 1)
        )

    def _state(self, *, refused: bool, differs: bool | None) -> State:
        if refused:
            return State.REFUSED
        if differs is None:
            return State.NEW
        if self.options.on_conflict == "skip":
            return State.KNOWN
        return State.CHANGED if differs else State.UNCHANGED

    def _source(self) -> Source:
        """The beginning of the file, and all that is known of it as a whole."""
        assert self.head is not None  # noqa: S101  a stream without rows raises
        return replace(
            self.head, belief=self.stream.belief, findings=(), notes=tuple(self.stream.notes)
        )


def _read(wkb: bytes | None) -> BaseGeometry | None:
    return None if wkb is None else shapely.from_wkb(bytes(wkb))
