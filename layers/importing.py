"""Files become features: every row is checked first, then all are stored or none."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import shapely
import sqlalchemy as sa
from geoalchemy2 import Geometry as GeometryColumn
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from gis.errors import IMPORT_REFUSED, VALUE_DUPLICATE, VALUE_EXISTS, Finding, Problem
from gis.files import Source
from gis.geometry import Geometries, check_all
from gis.postgis import Database, copy_rows
from layers import values
from layers.columns import Matched, match
from layers.declare import Layer
from layers.tables import SRID, key_expressions, table
from layers.tinting import retint

OnConflict = Literal["fail", "skip", "update"]
Progress = Callable[[int, int], None]

FINDINGS_LISTED = 1000
_CHUNK_ROWS = 1000
# A layer's name begins with a letter, so that this hides no layer of the same name.
_ARRIVALS = "_arrivals"


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or with `dry_run` would do: `used` maps fields to columns."""

    layer: str
    name: str
    rows: int
    new: int
    updated: int
    skipped: int
    used: Mapping[str, str]
    ignored: tuple[str, ...]
    notes: tuple[Finding, ...]
    dry_run: bool


@dataclass(frozen=True, slots=True)
class Options:
    """How to load: `mapping` gives columns to fields, `on_conflict` says what a known key means.

    `update` overwrites the fields that the file has, and leaves the others as they are.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    on_conflict: OnConflict = "fail"
    dry_run: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Checked:
    """A file whose every row may be stored: typed columns by field name, and geometries."""

    columns: Mapping[str, Sequence[object]]
    geometries: Geometries


class _Steps:
    """Tells `progress` how far it is: each row is checked, then stored."""

    def __init__(self, progress: Progress | None, rows: int) -> None:
        self._progress = progress
        self._total = 2 * rows
        self._done = 0

    def advance(self, steps: int) -> None:
        self._done += steps
        if self._progress is not None:
            self._progress(min(self._done, self._total), self._total)


def load(
    database: Database,
    layer: Layer,
    source: Source,
    options: Options = Options(),
    *,
    progress: Progress | None = None,
) -> Report:
    """Load a file into a layer in one transaction.

    Problem(IMPORT_REFUSED) lists rows, columns and rules, and nothing is stored. The Problems of
    `layers.columns.match` come before any row is looked at.
    """
    matched = match(layer, source.columns, options.mapping)
    steps = _Steps(progress, len(source.frame))
    checked = _check(layer, source, matched, steps)
    with database.begin() as connection:
        _receive(connection, layer, checked, steps)
        known = _known(connection, layer)
        if known and options.on_conflict == "fail":
            raise _refusal(source, list(_existing(layer, checked, matched, known)))
        _store(connection, layer, options.on_conflict, list(checked.columns))
        if options.dry_run:
            connection.rollback()
    return _report(layer, source, matched, options, len(known))


def _report(layer: Layer, source: Source, matched: Matched, options: Options, met: int) -> Report:
    rows = len(source.frame)
    return Report(
        layer=layer.name,
        name=source.name,
        rows=rows,
        new=rows - met,
        updated=met if options.on_conflict == "update" else 0,
        skipped=met if options.on_conflict == "skip" else 0,
        used=matched.used,
        ignored=matched.ignored,
        notes=source.notes,
        dry_run=options.dry_run,
    )


# --- checking -----------------------------------------------------------------------------------
def _check(layer: Layer, source: Source, matched: Matched, steps: _Steps) -> _Checked:
    """Every value and geometry of the file, typed; Problem(IMPORT_REFUSED) when one is refused."""
    geometries = source.frame.geometry.to_numpy()
    findings = list(source.findings)
    columns: dict[str, Sequence[object]] = {}
    for name, column in matched.used.items():
        raws = source.frame[column].tolist()
        columns[name], refused = values.parse_column(layer.field(name), raws, column)
        findings += refused
        steps.advance(len(raws) // len(matched.used))
    # A row's unreadable geometry is None, which has been said and need not be said again.
    unread = {finding.row for finding in source.findings}
    for position, finding in check_all(geometries, layer.geometry.accepted):
        if position + 1 not in unread:
            findings.append(replace(finding, row=position + 1))
    checked = _Checked(columns, geometries)
    findings += _duplicates(layer, checked, matched, {finding.row for finding in findings})
    if findings:
        raise _refusal(source, findings)
    return checked


def _duplicates(
    layer: Layer, checked: _Checked, matched: Matched, refused: Collection[int | None]
) -> Iterator[Finding]:
    first: dict[tuple[object, ...], int] = {}
    for row, key in enumerate(_keys(layer, checked), start=1):
        if row in refused:
            continue
        other = first.setdefault(key, row)
        if other != row:
            values = {"value": _shown(key), "other": other}
            yield Finding(VALUE_DUPLICATE, row, _key_column(layer, matched), values)


def _existing(
    layer: Layer, checked: _Checked, matched: Matched, known: Sequence[int]
) -> Iterator[Finding]:
    keys = _keys(layer, checked)
    for row in known:
        found = {"value": _shown(keys[row - 1])}
        yield Finding(VALUE_EXISTS, row, _key_column(layer, matched), found)


def _keys(layer: Layer, checked: _Checked) -> list[tuple[object, ...]]:
    """The key of each row; nothing for a layer without one, whose features are all new."""
    nothing: Sequence[object] = [None] * len(checked.geometries)
    parts = [checked.columns.get(name, nothing) for name in layer.key]
    return list(zip(*parts, strict=True))


def _key_column(layer: Layer, matched: Matched) -> str:
    return " + ".join(matched.used.get(name, name) for name in layer.key)


def _shown(key: tuple[object, ...]) -> str:
    return " / ".join("" if part is None else str(part) for part in key)


def _refusal(source: Source, findings: Sequence[Finding]) -> Problem:
    ordered = sorted(findings, key=lambda finding: (finding.row or 0, finding.column or ""))
    return Problem(
        IMPORT_REFUSED,
        findings=ordered[:FINDINGS_LISTED],
        suppressed=max(0, len(ordered) - FINDINGS_LISTED),
        name=source.name,
        rows=len(source.frame),
        refused=len({finding.row for finding in ordered}),
    )


# --- storing --------------------------------------------------------------------------------------
def _receive(connection: Connection, layer: Layer, checked: _Checked, steps: _Steps) -> None:
    """COPY the rows into a table of this transaction, numbered as in the file."""
    # Two imports of the same keys must see each other; readers go on reading.
    connection.execute(sa.text("SET LOCAL lock_timeout = '10s'"))
    name = connection.dialect.identifier_preparer.format_table(table(layer))
    connection.execute(sa.text(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE"))
    _arrivals(layer).create(connection)
    copy_rows(connection, _ARRIVALS, ["id", *checked.columns, "geom"], _lines(checked, steps))


def _arrivals(layer: Layer) -> sa.Table:
    rows = table(layer)
    return sa.Table(
        _ARRIVALS,
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(field.name, rows.c[field.name].type) for field in layer.fields),
        sa.Column("geom", GeometryColumn("GEOMETRY", srid=SRID, spatial_index=False)),
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DROP",
    )


def _lines(checked: _Checked, steps: _Steps) -> Iterator[tuple[object, ...]]:
    columns = list(checked.columns.values())
    for start in range(0, len(checked.geometries), _CHUNK_ROWS):
        chunk = slice(start, start + _CHUNK_ROWS)
        located = shapely.set_srid(checked.geometries[chunk], SRID)
        geometries = shapely.to_wkb(located, hex=True, include_srid=True)
        numbers = range(start + 1, start + 1 + len(geometries))
        parts = (column[chunk] for column in columns)
        yield from zip(numbers, *parts, geometries, strict=True)
        steps.advance(len(geometries))


def _known(connection: Connection, layer: Layer) -> list[int]:
    """The numbers of the rows whose key is in the layer already."""
    if not layer.key:
        return []
    stored, arrived = _keyed(layer, table(layer)), _keyed(layer, _arrivals(layer))
    same = [a == b for a, b in zip(stored.c[1:], arrived.c[1:], strict=True)]
    statement = sa.select(arrived.c.id).join_from(arrived, stored, sa.and_(*same))
    return list(connection.scalars(statement.order_by(arrived.c.id)))


def _keyed(layer: Layer, rows: sa.Table) -> sa.Subquery:
    # IS NOT DISTINCT FROM would be the plain word for keys with gaps, but PostgreSQL cannot hash
    # it. No key is ever the empty text.
    keys = (sa.func.coalesce(key, "") for key in key_expressions(layer))
    labelled = (key.label(f"key{n}") for n, key in enumerate(keys))
    return sa.select(rows.c.id, *labelled).select_from(rows).subquery()


def _store(
    connection: Connection, layer: Layer, on_conflict: OnConflict, names: Sequence[str]
) -> None:
    rows, arrivals = table(layer), _arrivals(layer)
    brought = [*names, "geom"]
    statement = insert(rows).from_select(
        brought, sa.select(*(arrivals.c[name] for name in brought)).order_by(arrivals.c.id)
    )
    if layer.key and on_conflict == "skip":
        statement = statement.on_conflict_do_nothing(index_elements=key_expressions(layer))
    if layer.key and on_conflict == "update":
        statement = statement.on_conflict_do_update(
            index_elements=key_expressions(layer),
            set_={name: statement.excluded[name] for name in brought},
        )
    connection.execute(statement)
    retint(connection, layer)
