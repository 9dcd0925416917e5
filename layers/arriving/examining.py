"""What is wrong with the rows of a file, all of it at once; nothing here asks the database."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gis.errors import Finding, Rule
from gis.files import Source
from gis.formats.places import coordinate
from gis.geometry import Geometries, check_all, within_degrees
from gis.refusals.values import GEOMETRY_MISSING
from layers.arriving.columns import Matched
from layers.arriving.examination import FINDINGS_LISTED, Counts, Options, State
from layers.declaring import codes, sequence, values
from layers.declaring.words import Code, Layer
from layers.refusals.imports import FOREIGN_GROUND
from layers.refusals.values import VALUE_DUPLICATE, VALUE_EXISTS, VALUE_MISSING

Advance = Callable[[int], None]
Key = tuple[object, ...]


@dataclass(slots=True, eq=False)
class Draft:
    """The rows of a file on their way in. Rows are counted from 1; what is wrong gathers here.

    `columns` are typed values by field name; `keyless` are rows whose key cannot be read,
    `unnumbered` those of them that only lack a code which `layers.arriving.numbering` may give.
    `refused` cannot be loaded, `foreign` are those of them that somebody else would have to load.
    """

    layer: Layer
    source: Source
    options: Options
    matched: Matched
    columns: dict[str, list[object]]
    geometries: Geometries
    findings: list[Finding]
    keyless: set[int]
    unnumbered: set[int]
    refused: set[int] = field(init=False)
    foreign: set[int] = field(init=False)
    states: list[State] = field(init=False)

    def __post_init__(self) -> None:
        self.states = [State.NEW] * len(self.geometries)
        self.refused = set()
        self.foreign = set()

    def add(self, findings: Iterable[Finding]) -> None:
        """Take note of what is wrong; the rows that are named cannot be loaded."""
        for finding in findings:
            self.findings.append(finding)
            if finding.row is not None:
                self.refused.add(finding.row)
                self.states[finding.row - 1] = State.REFUSED

    def exclude(self, rows: Iterable[int]) -> None:
        """These rows lie, or their features do, where whoever loads the file has no rights."""
        found = sorted(rows)
        self.foreign.update(found)
        self.add(Finding(FOREIGN_GROUND, row) for row in found)

    def rows_to_write(self) -> list[int]:
        return [n for n, state in enumerate(self.states, start=1) if state in _WRITTEN]

    def pending(self) -> Geometries:
        """The ground of the rows that come again mended, as far as it can be told."""
        left_out = sorted(self.refused - self.foreign)
        chosen = self.geometries[[row - 1 for row in left_out]]
        chosen = chosen[~(shapely.is_missing(chosen) | shapely.is_empty(chosen))]
        whole: Geometries = chosen[shapely.is_valid(chosen) & within_degrees(chosen)]
        return whole

    def counts(self, gone: int) -> Counts:
        found = Counter(self.states)
        return Counts(
            rows=len(self.states),
            new=found[State.NEW],
            changed=found[State.CHANGED],
            unchanged=found[State.UNCHANGED],
            known=found[State.KNOWN],
            refused=found[State.REFUSED],
            gone=gone,
        )

    def listed(self) -> tuple[tuple[Finding, ...], int]:
        """The first findings in the order of the rows, with their places, and how many are left."""
        ordered = sorted(self.findings, key=lambda f: (f.row or 0, f.column or ""))
        listed = tuple(self._located(finding) for finding in ordered[:FINDINGS_LISTED])
        return listed, max(0, len(ordered) - FINDINGS_LISTED)

    def _located(self, finding: Finding) -> Finding:
        if finding.row is None or finding.geometry is not None:
            return finding
        return replace(finding, geometry=place_of(finding, self.geometries[finding.row - 1]))


_WRITTEN = frozenset({State.NEW, State.CHANGED})


def check(
    layer: Layer, source: Source, options: Options, matched: Matched, advance: Advance
) -> Draft:
    """Every value and geometry of the file, typed, with all that is wrong in the file itself."""
    geometries = source.frame.geometry.to_numpy()
    draft = Draft(layer, source, options, matched, {}, geometries, [], set(), set())
    draft.add(source.findings)
    rows, columns = len(geometries), len(matched.used)
    for n, (name, column) in enumerate(matched.used.items()):
        raws = source.frame[column].tolist()
        draft.columns[name], refused = values.parse_column(layer.field(name), raws, column)
        _take(draft, name, refused)
        advance(rows * (n + 1) // columns - rows * n // columns)
    if numbered(layer) not in (None, *matched.used):
        draft.unnumbered = set(range(1, len(geometries) + 1))
    draft.keyless |= draft.unnumbered
    if layer.has_shape:
        draft.add(_geometry_findings(layer, source, geometries))
    draft.add(_disagreeing(draft))
    draft.columns = {name: [*cells] for name, cells in codes.derived(layer, draft.columns).items()}
    return draft


def numbered(layer: Layer) -> str | None:
    """The field whose codes can be given: the grid code that identifies features of a partition."""
    if layer.partition is None:
        return None
    return next((name for name in layer.key if layer.field(name).code is Code.GRID), None)


def _take(draft: Draft, name: str, refused: Sequence[Finding]) -> None:
    """Take note of the refused cells of one column."""
    if name in draft.layer.key:
        draft.keyless |= {finding.row for finding in refused if finding.row is not None}
    if name == numbered(draft.layer):
        missing = [finding for finding in refused if finding.rule is VALUE_MISSING]
        draft.unnumbered = {finding.row for finding in missing if finding.row is not None}
        refused = [finding for finding in refused if finding.rule is not VALUE_MISSING]
    draft.add(refused)


def _disagreeing(draft: Draft) -> Iterator[Finding]:
    used = draft.matched.used
    wrong = (codes.agree(draft.layer, draft.columns), sequence.agree(draft.layer, draft.columns))
    for position, finding in chain(*wrong):
        column = used.get(finding.column or "", finding.column)
        yield replace(finding, row=position + 1, column=column)


def _geometry_findings(layer: Layer, source: Source, geometries: Geometries) -> Iterator[Finding]:
    # A row's unreadable geometry is None, which has been said and need not be said again.
    unread = {finding.row for finding in source.findings}
    may_lack = bool(
        layer.logged and layer.logged.placed_by
    )  # `layers.arriving.unplaced` looks at these
    for position, finding in check_all(geometries, layer.geometry.accepted):
        if may_lack and finding.rule is GEOMETRY_MISSING:
            continue
        if position + 1 not in unread:
            yield replace(finding, row=position + 1)


def duplicates(draft: Draft) -> Iterator[Finding]:
    """Each row whose key another row has as well, naming that row."""
    if not draft.layer.key:
        return
    first: dict[Key, int] = {}
    named: set[int] = set()
    for row, key in enumerate(keys(draft), start=1):
        if row in draft.keyless:
            continue
        other = first.setdefault(key, row)
        if other == row:
            continue
        yield of_key(draft.layer, draft.matched, VALUE_DUPLICATE, row, key, other=other)
        if other not in named:
            named.add(other)
            yield of_key(draft.layer, draft.matched, VALUE_DUPLICATE, other, key, other=row)


def settle(draft: Draft, met: Iterable[tuple[int, bool]]) -> None:
    """Give the rows whose key is stored their state: `met` has each row and whether it differs."""
    known = [(row, differs) for row, differs in met if row not in draft.foreign]
    if draft.options.on_conflict == "fail":
        found = keys(draft) if known else []
        draft.add(
            of_key(draft.layer, draft.matched, VALUE_EXISTS, row, found[row - 1])
            for row, _ in known
        )
        return
    skips = draft.options.on_conflict == "skip"
    for row, differs in known:
        if row not in draft.refused:
            changed = State.CHANGED if differs else State.UNCHANGED
            draft.states[row - 1] = State.KNOWN if skips else changed


def keys(draft: Draft) -> list[Key]:
    """The key of each row."""
    nothing: Sequence[object] = [None] * len(draft.geometries)
    parts = [draft.columns.get(name, nothing) for name in draft.layer.key]
    return list(zip(*parts, strict=True))


def shown(key: Iterable[object]) -> str:
    """A key as people read it."""
    return " / ".join("" if part is None else str(part) for part in key)


def of_key(
    layer: Layer, matched: Matched, rule: Rule, row: int, key: Key, **more: object
) -> Finding:
    """What is wrong with the key of a row."""
    column = " + ".join(matched.used.get(name, name) for name in layer.key)
    return Finding(rule, row, column, {"value": shown(key), **more})


def place_of(finding: Finding, geometry: BaseGeometry | None) -> BaseGeometry | None:
    """Where a row is: the point that a finding speaks of, else its whole geometry."""
    lon, lat = (coordinate(finding.values.get(name)) for name in ("lon", "lat"))
    spoken_of = None if lon is None or lat is None else shapely.Point(lon, lat)
    for place in (spoken_of, geometry):
        if place is not None and within_degrees(np.array([place]))[0]:
            return place
    return None
