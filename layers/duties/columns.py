"""Who has a duty today stands in the layers' columns too; both are kept the same.

A change of a duty is written into the column (`show`), a change of the column becomes a change of
the duties (`remember` before it, `follow` after it). Who writes duties or these columns has first
taken the layer's lock (`lock`), then that of the features.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateTable

from gis.errors import Finding
from gis.postgis import Database, copy_rows
from layers.declaring.duties import ROLES, TARGETS, DutyRole, shown
from layers.declaring.people import SYSTEM
from layers.declaring.words import Layer
from layers.duties.appointing import appointing
from layers.duties.persons import ambiguous, is_name
from layers.ground import gate
from layers.ground.tinting import retint
from layers.held import duty_statements as statements
from layers.held.policies import reach, unrestricted
from layers.reading.masking import NAMES_APART, names_in
from layers.reading.past import today
from layers.refusals.duties import DUTY_LEFT_VACANT, DUTY_ONE_NAME, PERSON_NAME
from layers.registry import Registry
from layers.schema.accounts import PERSONS, TEXT_LIMIT
from layers.schema.duties import DUTIES, DUTIES_SETTLED, held_on
from layers.schema.tables import table

Ids = Collection[int] | sa.Select[tuple[int]]
Names = Mapping[int, tuple[str | None, ...]]
"""By feature, what its columns for duties hold, in the order in which they are declared."""

Doubt = tuple[int, Finding]

_NOBODY = replace(SYSTEM, source="settle")
_WRITTEN = "字段改写 · the column was changed"
# From so many rows on, the planner should know how many they are.
_ANALYZED_ROWS = 1000
_AS_LONG_AS_THE_TRANSACTION: dict[str, Any] = {
    "prefixes": ["TEMPORARY"],
    "postgresql_on_commit": "DROP",
}
_TEMPORARY = sa.MetaData()
_TOUCHED = sa.Table(
    "_touched",
    _TEMPORARY,
    sa.Column("feature", sa.BigInteger),
    sa.Column("role", sa.Text),
    **_AS_LONG_AS_THE_TRANSACTION,
)
_WANTED = sa.Table(
    "_wanted",
    _TEMPORARY,
    sa.Column("feature", sa.BigInteger),
    sa.Column("role", sa.Text),
    sa.Column("rank", sa.Integer),
    sa.Column("name", sa.Text),
    sa.Column("divisor", sa.BigInteger),
    sa.Column("place", sa.BigInteger),
    sa.Column("person", sa.BigInteger),
    **_AS_LONG_AS_THE_TRANSACTION,
)
"""Whom the columns name; `place` over `divisor` is the division in which a name is one person."""
_EXCLUSIVE = [role.name for role in ROLES.values() if role.exclusive]
_NEVER_VACANT = [role.name for role in ROLES.values() if role.never_vacant]


def in_force(day: date) -> ColumnElement[bool]:
    """Duties whose term has this day."""
    return held_on(DUTIES, day)


def lock(connection: Connection, layer: Layer, features: Collection[int] = ()) -> None:
    """Keep others from changing these features and their duties until the transaction ends.

    The layer comes first: a load holds it, and would wait for a row that we hold while we wait.
    """
    if layer.partition:
        gate.lock(connection, layer)
    else:
        name = connection.dialect.identifier_preparer.format_table(table(layer))
        connection.execute(sa.text(f"LOCK TABLE {name} IN ROW EXCLUSIVE MODE"))
    if features:
        rows = table(layer)
        held = sa.select(rows.c.id).where(_named(rows, features)).order_by(rows.c.id)
        connection.execute(held.with_for_update())


def _named(rows: sa.FromClause, ids: Ids) -> ColumnElement[bool]:
    if isinstance(ids, sa.Select):
        return rows.c.id.in_(ids)
    return rows.c.id == sa.any_(sa.literal(list(ids), sa.ARRAY(sa.BigInteger)))


# --- duties → columns -----------------------------------------------------------------------------
def show(connection: Connection, layer: Layer, ids: Ids, day: date) -> int:
    """Write who has the duties on a day into the columns of these features; how many changed."""
    rows = table(layer)
    named = {each.name: _holders(rows, layer, role, day) for each, role in shown(layer)}
    if not named:
        return 0
    features = sa.select(rows.c.id, *(names.label(name) for name, names in named.items()))
    now = features.where(_named(rows, ids)).subquery("now")
    differs = sa.or_(*(rows.c[name].is_distinct_from(now.c[name]) for name in named))
    statement = sa.update(rows).values({name: now.c[name] for name in named})
    changed = connection.execute(statement.where(rows.c.id == now.c.id, differs)).rowcount
    if changed and layer.style.by in named:
        retint(connection, layer)
    return changed


def _holders(rows: sa.Table, layer: Layer, role: DutyRole, day: date) -> ColumnElement[str]:
    held = DUTIES.alias()
    ends = sa.or_(held.c.valid_to.is_(None), held.c.valid_to > day)
    order: ColumnElement[str] = aggregate_order_by(
        sa.literal_column(f"'{NAMES_APART}'"), held.c.valid_from, held.c.id
    )
    names = sa.func.string_agg(PERSONS.c.name, order, type_=sa.Text)
    return (
        sa.select(names)
        .join_from(held, PERSONS, PERSONS.c.id == held.c.person_id)
        .where(
            held.c.layer == layer.name,
            held.c.feature == rows.c.id,
            held.c.role == role.name,
            held.c.valid_from <= day,
            ends,
        )
        .correlate(rows)
        .scalar_subquery()
    )


def settle_today(database: Database, registry: Registry) -> int:
    """`settle` in a transaction of its own, whose changes are recorded as nobody's."""
    with database.acting(_NOBODY.settings()).begin() as connection:
        return settle(connection, registry)


def settle(connection: Connection, registry: Registry, day: date | None = None) -> int:
    """Let the columns say who has the duties on this day; how many features changed.

    Cheap where that has been done already. The first time of all, names that stand in the columns
    of a database from before there were duties become duties.
    """
    day = day or today(connection)
    settled = connection.scalar(sa.select(DUTIES_SETTLED.c.day))
    if settled is not None and settled >= day:
        return 0
    connection.execute(sa.text("LOCK TABLE duties_settled IN SHARE ROW EXCLUSIVE MODE"))
    settled = connection.scalar(sa.select(DUTIES_SETTLED.c.day))
    if settled is not None and settled >= day:
        return 0
    layers = [registry.layers[name] for name in TARGETS if name in registry.layers]
    changed = 0
    for layer in layers:
        if settled is None:
            _adopt(connection, layer, day)
        changed += _settled(connection, layer, settled, day)
    connection.execute(sa.delete(DUTIES_SETTLED))
    connection.execute(sa.insert(DUTIES_SETTLED).values(day=day))
    return changed


def _settled(connection: Connection, layer: Layer, after: date | None, day: date) -> int:
    """Show what began or ended since; with no day before, everything."""
    begun, ended = DUTIES.c.valid_from <= day, DUTIES.c.valid_to <= day
    if after is not None:
        begun &= DUTIES.c.valid_from > after
        ended &= DUTIES.c.valid_to > after
    features = sa.select(DUTIES.c.feature).where(DUTIES.c.layer == layer.name, begun | ended)
    ids = list(connection.scalars(features.distinct()))
    if not ids:
        return 0
    lock(connection, layer, ids)
    return show(connection, layer, ids, day)


def _adopt(connection: Connection, layer: Layer, day: date) -> None:
    rows = table(layer)
    columns = [rows.c[each.name] for each, _ in shown(layer)]
    if not columns:
        return
    known = sa.select(DUTIES.c.feature).where(DUTIES.c.layer == layer.name)
    written = sa.or_(*(column.is_not(None) for column in columns))
    ids = sa.select(rows.c.id).where(written, rows.c.id.not_in(known))
    found = list(connection.scalars(ids))
    if found:
        lock(connection, layer)
        follow(connection, layer, {}, found, on=day)


# --- columns → duties -----------------------------------------------------------------------------
@dataclass(slots=True)
class Followed:
    """What came of a change of the columns, each with the id of its feature.

    `findings` are names that cannot be told: there the duty stays as it was, and the column says
    so again. `notes` are what was done, but is worth a look.
    """

    findings: list[Doubt] = field(default_factory=list)
    notes: list[Doubt] = field(default_factory=list)

    @property
    def all(self) -> list[Doubt]:
        return [*self.findings, *self.notes]


@dataclass(slots=True)
class _Difference:
    """What a write changed: `touched` are duties by feature and role, `wanted` the names there
    with their rank and the divisor of the role. `odd` are features whose column may not say it as
    we would."""

    touched: list[tuple[int, str]] = field(default_factory=list)
    wanted: list[tuple[int, str, int, str, int]] = field(default_factory=list)
    odd: set[int] = field(default_factory=set)
    findings: list[Doubt] = field(default_factory=list)


def remember(
    connection: Connection, layer: Layer, ids: Ids, besides: Collection[int] = ()
) -> Names:
    """What the columns of these features hold, to be told to `follow` after the writes.

    Those that name nobody are left out, but for `besides`: a load of points has next to none.
    """
    rows, columns = table(layer), [table(layer).c[each.name] for each, _ in shown(layer)]
    if not columns:
        return {}
    told = sa.or_(*(column.is_not(None) for column in columns), _named(rows, besides))
    found = connection.execute(sa.select(rows.c.id, *columns).where(_named(rows, ids), told))
    return {row[0]: tuple(row[1:]) for row in found}


def follow(
    connection: Connection, layer: Layer, before: Names, ids: Ids, *, on: date | None = None
) -> Followed:
    """After the writes: whoever a column names that has changed has the duty from `on` (today).

    A name means the one who has or had this duty, else the one of that name in the same division
    (`DutyRole.known_within`), else somebody new. Problem(NOT_PERMITTED) for who may change the
    features and not their duties.
    """
    after = remember(connection, layer, ids, besides=before.keys())
    difference = _compared(layer, before, after)
    followed = Followed(difference.findings)
    if difference.touched or difference.odd:
        day = on or today(connection)
        if difference.touched:
            with appointing(connection):
                followed.notes += _carried_out(connection, layer, difference, day)
        if difference.odd:
            with unrestricted(connection):
                show(connection, layer, difference.odd, day)
    return followed


def _compared(layer: Layer, before: Names, after: Names) -> _Difference:
    difference, columns = _Difference(), shown(layer)
    nothing: tuple[None, ...] = (None,) * len(columns)
    for feature, texts in after.items():
        was = before.get(feature, nothing)
        if was == texts:
            continue
        for (column, role), old, new in zip(columns, was, texts, strict=True):
            if old != new:
                _compare(difference, feature, (column.name, role), new)
    return difference


def _compare(
    difference: _Difference, feature: int, column: tuple[str, DutyRole], text: str | None
) -> None:
    name, role = column
    names = names_in(text or "")
    wrong = _wrong(role, text or "", names)
    if wrong is not None:
        difference.findings.append((feature, replace(wrong, column=name)))
        difference.odd.add(feature)
        return
    if names != ([] if text is None else [text]):
        difference.odd.add(feature)
    difference.touched.append((feature, role.name))
    difference.wanted += [
        (feature, role.name, rank, each, role.ward_divisor) for rank, each in enumerate(names)
    ]


def _wrong(role: DutyRole, text: str, names: list[str]) -> Finding | None:
    if role.exclusive and len(names) > 1:
        labels = {"role_zh": role.label.zh, "role": role.label.en}
        return Finding(DUTY_ONE_NAME, values={"value": text, **labels})
    unfit = next((name for name in names if not is_name(name)), None)
    if unfit is None:
        return None
    return Finding(PERSON_NAME, values={"value": unfit, "limit": TEXT_LIMIT})


def _carried_out(
    connection: Connection, layer: Layer, difference: _Difference, day: date
) -> list[Doubt]:
    for temporary in (_TOUCHED, _WANTED):
        connection.execute(CreateTable(temporary))
    copy_rows(connection, _TOUCHED.name, ["feature", "role"], difference.touched)
    names = ["feature", "role", "rank", "name", "divisor"]
    copy_rows(connection, _WANTED.name, names, difference.wanted)
    if len(difference.touched) > _ANALYZED_ROWS:
        connection.execute(sa.text("ANALYZE _touched, _wanted, duties, persons"))
    _place(connection, layer)
    _identify(connection, layer, difference)
    told = {
        "layer": layer.name,
        "day": day,
        "reason": _WRITTEN,
        "exclusive": _EXCLUSIVE,
        "never_vacant": _NEVER_VACANT,
    }
    notes = _left_vacant(connection, layer, told)
    for statement in (statements.WITHDRAW, statements.END, statements.REOPEN, statements.BEGIN):
        connection.execute(statement, told)
    connection.execute(sa.text("DROP TABLE _touched, _wanted, _known"))
    return notes


def _place(connection: Connection, layer: Layer) -> None:
    rows = table(layer)
    places = sa.select(rows.c.id, rows.c.place)
    concerned = places.where(rows.c.id.in_(sa.select(_WANTED.c.feature))).subquery()
    statement = sa.update(_WANTED).values(place=concerned.c.place)
    connection.execute(statement.where(_WANTED.c.feature == concerned.c.id))


def _identify(connection: Connection, layer: Layer, difference: _Difference) -> None:
    """Find out whom each name means; where that cannot be told, the duty stays as it is."""
    connection.execute(statements.KNOWN_BY_DUTY, {"layer": layer.name})
    own = reach(connection)
    connection.execute(statements.KNOW, {"low": own.start, "high": own.stop - 1})
    columns = {role.name: each.name for each, role in shown(layer)}
    doubtful = connection.execute(statements.SEVERAL).all()
    for feature, role, name, ids in doubtful:
        finding = replace(ambiguous(name, ids), column=columns[role])
        difference.findings.append((feature, finding))
        difference.odd.add(feature)
    if doubtful:
        left = {"features": [row[0] for row in doubtful], "roles": [row[1] for row in doubtful]}
        connection.execute(statements.LEAVE_TOUCHED, left)
        connection.execute(statements.LEAVE_WANTED, left)
    for statement in (statements.KNOWN_BY_PLACE, statements.NUMBER, statements.ADD_PERSONS):
        connection.execute(statement)


def _left_vacant(connection: Connection, layer: Layer, told: Mapping[str, object]) -> list[Doubt]:
    columns = {role.name: (each.name, role.label) for each, role in shown(layer)}
    notes = []
    for feature, role, person in connection.execute(statements.VACATED, told):
        column, label = columns[role]
        values = {"person": person, "role": label.en, "role_zh": label.zh}
        notes.append((feature, Finding(DUTY_LEFT_VACANT, column=column, values=values)))
    return notes
