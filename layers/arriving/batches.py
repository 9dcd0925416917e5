"""Every load is a numbered batch that remembers what it changed, so that it can be undone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from gis.errors import Finding, Lang, Problem
from gis.geometry import Geometries
from gis.postgis import Database
from gis.refusals.database import NOT_PERMITTED
from layers.arriving import arrivals
from layers.arriving.arrivals import GONE, WRITES
from layers.arriving.examination import Report
from layers.arriving.examining import shown
from layers.declaring.words import Label, Layer
from layers.duties import columns as duty_columns
from layers.duties.columns import Followed
from layers.ground import gate
from layers.ground.tinting import retint
from layers.held.policies import reach, unrestricted
from layers.refusals.imports import (
    BATCH_CHANGED_SINCE,
    BATCH_UNDONE,
    FEATURE_CHANGED_SINCE,
    KEY_TAKEN_SINCE,
    UNKNOWN_BATCH,
)
from layers.refusals.values import VALUE_EXISTS
from layers.registry import Registry
from layers.schema.tables import IMPORT_BATCHES, IMPORT_CHANGES, table

_COMMAND_LINE = Label("命令行", "command line")
_FINDINGS_LISTED = 100
_BEFORE = sa.Table(
    "_before",
    sa.MetaData(),
    sa.Column("id", sa.BigInteger),
    sa.Column("before", sa.JSON),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)


@dataclass(frozen=True, slots=True)
class Batch:
    """One load: the file, who loaded it when, how it was understood, and what became of its rows.

    `account` is whose load it was, by the name in `loaded_by`; None for the command line.
    `changed` counts updated features, `deleted` those that the file lacked and that were removed.
    """

    number: int
    layer: str
    file: str
    sha256: str | None
    loaded_at: datetime
    loaded_by: str
    account: int | None
    rows: int
    new: int
    changed: int
    unchanged: int
    skipped: int
    refused: int
    deleted: int
    belief: Mapping[str, Any]
    undone_at: datetime | None

    def loader(self, lang: Lang) -> str:
        """Who loaded it, in words."""
        if self.account is not None:
            return self.loaded_by
        by_command = _COMMAND_LINE.of(lang)
        if not self.loaded_by:
            return by_command
        return (
            f"{by_command}（{self.loaded_by}）"
            if lang == "zh"
            else f"{by_command} ({self.loaded_by})"
        )


_COLUMNS = [IMPORT_BATCHES.c[name] for name in Batch.__dataclass_fields__]


def listing(
    connection: Connection, *, layer: str | None = None, limit: int = 50, before: int | None = None
) -> list[Batch]:
    """The newest batches first; `before` is the last number of the page that came before.

    Whoever acts sees those of the own division and below.
    """
    statement = sa.select(*_COLUMNS).order_by(IMPORT_BATCHES.c.number.desc()).limit(limit)
    if layer is not None:
        statement = statement.where(IMPORT_BATCHES.c.layer == layer)
    if before is not None:
        statement = statement.where(IMPORT_BATCHES.c.number < before)
    return [Batch(**row) for row in connection.execute(statement).mappings()]


def get(connection: Connection, number: int) -> Batch:
    """The batch of that number; Problem(UNKNOWN_BATCH)."""
    statement = sa.select(*_COLUMNS).where(IMPORT_BATCHES.c.number == number)
    row = connection.execute(statement).mappings().first()
    if row is None:
        raise Problem(UNKNOWN_BATCH, number=number)
    return Batch(**row)


# --- remembering ----------------------------------------------------------------------------------
def remember(connection: Connection, layer: Layer, *, deletes: bool) -> None:
    """Keep the stored features that a load is about to change, or with `deletes` remove."""
    rows = table(layer)
    changed = sa.select(WRITES.c.id).where(~WRITES.c.fresh)
    touched = sa.union_all(changed, sa.select(GONE.c.id)) if deletes else changed
    statement = sa.select(rows.c.id, _image(layer)).where(rows.c.id.in_(touched))
    arrivals.create(connection, _BEFORE)
    connection.execute(sa.insert(_BEFORE).from_select(["id", "before"], statement))


def record(
    connection: Connection, layer: Layer, report: Report, sha256: str | None, loaded_by: str
) -> int:
    """Write down what was loaded, after `remember` and the writes; the number of the batch."""
    values = {
        "layer": report.layer,
        "file": report.name,
        "sha256": sha256,
        "loaded_by": loaded_by,
        "belief": report.belief.record(),
        "rows": report.rows,
        "new": report.new,
        "changed": report.updated,
        "unchanged": report.unchanged,
        "skipped": report.skipped,
        "refused": report.refused,
        "deleted": report.deleted,
    }
    inserted = sa.insert(IMPORT_BATCHES).values(**values).returning(IMPORT_BATCHES.c.number)
    number: int = connection.scalars(inserted).one()
    rows = table(layer)
    made = (
        sa.select(sa.literal(number), WRITES.c.id, sa.null(), _digest(layer))
        .join(rows, rows.c.id == WRITES.c.id)
        .where(WRITES.c.fresh)
    )
    touched = sa.select(
        sa.literal(number), _BEFORE.c.id, _BEFORE.c.before, _digest(layer)
    ).outerjoin_from(_BEFORE, rows, rows.c.id == _BEFORE.c.id)
    names = ["batch", "feature", "before", "after"]
    for changes in (made, touched):
        connection.execute(sa.insert(IMPORT_CHANGES).from_select(names, changes))
    return number


def _image(layer: Layer) -> ColumnElement[Any]:
    """The fields of a feature and its geometry (hexadecimal EWKB) as JSON; no system columns."""
    rows = table(layer)
    shape = [sa.cast(rows.c.geom, sa.Text).label("geom")] if layer.has_shape else []
    fields = sa.select(*(rows.c[field.name] for field in layer.fields), *shape).correlate(rows)
    return (
        sa.select(sa.func.row_to_json(sa.text("f")))
        .select_from(fields.subquery("f"))
        .scalar_subquery()
    )


def _digest(layer: Layer) -> ColumnElement[Any]:
    """The digest of a feature as it is; NULL where an outer join found none.

    What is empty has no part in it, so that a field that is declared later changes no digest. No
    value holds the separator, which is a control character.
    """
    rows = table(layer)
    parts = (sa.literal(f"{name}=") + sa.cast(rows.c[name], sa.Text) for name in layer.columns)
    digest = sa.cast(sa.func.md5(sa.func.concat_ws("\x1f", *parts)), sa.Uuid)
    return sa.case((rows.c.id.is_not(None), digest))


# --- undoing --------------------------------------------------------------------------------------
def undo(
    database: Database, registry: Registry, number: int, *, tolerance_m2: float = 0.5
) -> Batch:
    """Make what a batch touched as it was: new features go, changed and deleted ones come back.

    All of it in one transaction, through the gate as far as overlaps go. Problems: UNKNOWN_BATCH,
    BATCH_UNDONE, BATCH_CHANGED_SINCE with the features that have changed since, COVERAGE_OPENED,
    NOT_PERMITTED when by now some of it is not whoever acts' to change.
    """
    with database.begin() as connection:
        layer = registry.layer(get(connection, number).layer)
        arrivals.lock(connection, layer)
        if get(connection, number).undone_at is not None:
            raise Problem(BATCH_UNDONE, number=number)
        _refuse_changed(connection, layer, number)
        touched = sa.select(IMPORT_CHANGES.c.feature).where(IMPORT_CHANGES.c.batch == number)
        names = duty_columns.remember(connection, layer, touched)
        with gate.passing(
            connection,
            registry,
            layer,
            ids=_present(connection, number),
            geometries=_former_ground(connection, layer, number),
            tolerance_m2=tolerance_m2,
            gaps=False,
        ):
            _restore(connection, layer, number)
        _refuse_doubtful(duty_columns.follow(connection, layer, names, touched))
        retint(connection, layer)
        undone = sa.update(IMPORT_BATCHES).where(IMPORT_BATCHES.c.number == number)
        connection.execute(undone.values(undone_at=sa.func.now()))
        return get(connection, number)


def _refuse_changed(connection: Connection, layer: Layer, number: int) -> None:
    findings = [*_changed(connection, layer, number), *_taken(connection, layer, number)]
    if findings:
        raise Problem(
            BATCH_CHANGED_SINCE,
            findings=findings[:_FINDINGS_LISTED],
            suppressed=max(0, len(findings) - _FINDINGS_LISTED),
            number=number,
            count=len(findings),
        )


def _refuse_doubtful(followed: Followed) -> None:
    """Names that came back, but could by now be several people's."""
    for _, finding in followed.findings:
        values: dict[str, Any] = dict(finding.values)
        raise Problem(finding.rule, **values)


def _changed(connection: Connection, layer: Layer, number: int) -> Iterator[Finding]:
    """Features that are no longer what the batch made them."""
    rows = table(layer)
    names = [rows.c[name] for name in ((layer.title,) if layer.title else layer.key)]
    statement = (
        sa.select(IMPORT_CHANGES.c.feature, *names)
        .outerjoin_from(IMPORT_CHANGES, rows, rows.c.id == IMPORT_CHANGES.c.feature)
        .where(
            IMPORT_CHANGES.c.batch == number,
            IMPORT_CHANGES.c.after.is_distinct_from(_digest(layer)),
        )
        .order_by(IMPORT_CHANGES.c.feature)
    )
    for feature, *title in connection.execute(statement):
        yield Finding(FEATURE_CHANGED_SINCE, values={"id": feature, "title": shown(title)})


def _taken(connection: Connection, layer: Layer, number: int) -> Iterator[Finding]:
    """Features that would come back, but whose key another one has by now."""
    if not layer.key:
        return
    rows, former = table(layer), _former(layer, number)
    made = sa.select(IMPORT_CHANGES.c.feature).where(
        IMPORT_CHANGES.c.batch == number, IMPORT_CHANGES.c.before.is_(None)
    )
    stored, back = arrivals.keyed(layer, rows), arrivals.keyed(layer, former)
    statement = (
        sa.select(stored.c.id, rows.c.place, *(rows.c[name] for name in layer.key))
        .join_from(stored, back, arrivals.same_key(stored, back))
        .join(rows, rows.c.id == stored.c.id)
        .where(stored.c.id != back.c.id, stored.c.id.not_in(made))
        .order_by(stored.c.id)
    )
    own = reach(connection)
    with unrestricted(connection):
        taken = connection.execute(statement).all()
    for feature, place, *key in taken:
        if place in own:
            yield Finding(KEY_TAKEN_SINCE, values={"id": feature, "title": shown(key)})
        else:  # by whom is the other division's to know
            yield Finding(VALUE_EXISTS, values={"value": shown(key)})


def _former(layer: Layer, number: int) -> sa.Subquery:
    """What the features of a batch were before it: `id` and their columns."""
    rows = table(layer)
    columns = [rows.c[name] for name in layer.columns]
    typed = (sa.column(column.name, column.type) for column in columns)
    image = sa.func.json_to_record(IMPORT_CHANGES.c.before).table_valued(*typed, name="former")
    former = image.render_derived(with_types=True)
    return (
        sa.select(IMPORT_CHANGES.c.feature.label("id"), *former.c)
        .join(former, sa.true())
        .where(IMPORT_CHANGES.c.batch == number, IMPORT_CHANGES.c.before.is_not(None))
        .subquery()
    )


def _present(connection: Connection, number: int) -> list[int]:
    """The features of a batch that there are: those that it made or changed."""
    statement = sa.select(IMPORT_CHANGES.c.feature).where(
        IMPORT_CHANGES.c.batch == number, IMPORT_CHANGES.c.after.is_not(None)
    )
    return list(connection.scalars(statement))


def _former_ground(connection: Connection, layer: Layer, number: int) -> Geometries:
    if layer.partition is None:  # the gate will not look at it
        return np.array([], dtype=object)
    former = sa.func.st_asbinary(_former(layer, number).c.geom)
    found = [bytes(each) for each in connection.scalars(sa.select(former))]
    ground: Geometries = shapely.from_wkb(np.array(found, dtype=object))
    return ground


def _restore(connection: Connection, layer: Layer, number: int) -> None:
    rows, former = table(layer), _former(layer, number)
    names = layer.columns
    made = sa.select(IMPORT_CHANGES.c.feature).where(
        IMPORT_CHANGES.c.batch == number, IMPORT_CHANGES.c.before.is_(None)
    )
    gone = connection.execute(sa.delete(rows).where(rows.c.id.in_(made)))
    changed = connection.execute(
        sa.update(rows)
        .values({name: former.c[name] for name in names})
        .where(rows.c.id == former.c.id)
    )
    # What a policy keeps from being changed or removed is passed over without a word.
    if gone.rowcount + changed.rowcount != len(_present(connection, number)):
        raise Problem(NOT_PERMITTED)
    lost = sa.select(former.c.id, *(former.c[name] for name in names)).where(
        former.c.id.not_in(sa.select(rows.c.id))
    )
    connection.execute(sa.insert(rows).from_select(["id", *names], lost))
