"""Cases as a ledger lists them: those of whoever asks, those that wait, those that are late.

Only `cases` is read to find them, so that a list is quick whatever the layers hold; the records
of the few that are shown are fetched afterwards, masked as for every reader.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from layers.calendar import workdays
from layers.cases import columns as case_columns
from layers.declaring import codes, escalation
from layers.declaring.escalation import Scale
from layers.declaring.people import Actor, subtree
from layers.declaring.words import Layer
from layers.reading import masking
from layers.reading.features import feature_json
from layers.reading.past import rows_on
from layers.registry import Registry
from layers.schema.cases import CASES
from layers.schema.duties import DUTIES, held_on
from layers.schema.tables import table
from layers.thematic import grid_fields

TABS = ("mine", "sign", "late", "all")
"""What can be looked at: what is mine, what waits for my signature, what is late, everything."""

ANY = "*"
"""For a state: closed ones as well."""

# Microseconds since 1970, as a case without a limit has them: it comes after all others.
_NEVER = 2**63 - 1
_CURSOR = re.compile(r"([0-9]{1,19})~([a-z0-9_]{1,40})~([0-9]{1,19})")
_UNITS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which cases. `state` is of `layer`; without one only open cases are meant, with ANY all.
    `since` and `until` are about the day on which a case was opened, `after` about the last one
    of the page before."""

    tab: str = "all"
    layer: str | None = None
    state: str | None = None
    kind: str | None = None
    unit: str | None = None
    leader: str | None = None
    level: str | None = None
    since: date | None = None
    until: date | None = None
    division: str | None = None
    after: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One case. `text` is its record as JSON as the reader may have it; None where it is gone."""

    layer: str
    id: int
    title: str
    state: str
    is_open: bool
    kind: str | None
    unit: str | None
    leader: str | None
    handler: str | None
    opened_on: date | None
    closed_on: date | None
    hung_until: date | None
    due_at: datetime | None
    level: str
    cycle: int
    mine: bool
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of cases, how many match in all, and where the next page begins."""

    rows: Sequence[Row]
    matched: int
    after: str | None


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks at the ledger, how urgency is measured at that moment, and which of several cases
    of one matter are `counted`."""

    registry: Registry
    actor: Actor
    scale: Scale
    counted: Sequence[ColumnElement[bool]] = ()


def reader(connection: Connection, registry: Registry, actor: Actor) -> Reader:
    """Whoever looks now."""
    calendar = workdays.calendar(connection)
    counted = case_columns.counted(connection, flowing(registry))
    return Reader(registry, actor, escalation.scale(datetime.now(UTC), calendar), counted)


def listing(connection: Connection, reader: Reader, query: Query) -> Found:
    """The cases that are asked for, the most urgent first."""
    wanted = _wanted(reader, query)
    count = sa.select(sa.func.count()).select_from(CASES).where(*wanted)
    matched = connection.scalar(count) or 0
    if query.after is not None:
        wanted.append(_order() > _read(query.after))
    statement = sa.select(*_columns(reader)).where(*wanted).order_by(*_keys())
    found = connection.execute(statement.limit(query.limit + 1)).mappings().all()
    shown = [dict(row) for row in found[: query.limit]]
    keys = [row.pop("key") for row in shown]
    rows = [Row(**row) for row in shown]
    more = len(found) > len(rows) > 0
    after = f"{keys[-1]}~{rows[-1].layer}~{rows[-1].id}" if more else None
    return Found(list(_told(connection, reader.registry, rows)), matched, after)


def counts(
    connection: Connection, reader: Reader, division: str | None = None
) -> Mapping[str, int]:
    """How many open cases each tab has."""
    within = [*_within(division), *reader.counted]
    columns = [sa.func.count().filter(*_of_tab(reader, tab)).label(tab) for tab in TABS]
    statement = sa.select(*columns).select_from(CASES).where(CASES.c.is_open, *within)
    return dict(connection.execute(statement).mappings().one())


def units(connection: Connection) -> tuple[str, ...]:
    """The units that have open cases, by name."""
    named = sa.select(CASES.c.unit).where(CASES.c.is_open, CASES.c.unit.is_not(None))
    return tuple(connection.scalars(named.distinct().order_by(CASES.c.unit).limit(_UNITS)))


def ids(
    connection: Connection, reader: Reader, query: Query, layer: str, most: int
) -> Sequence[int]:
    """The records of a layer that are asked for, `most` at most, in the order of the list."""
    wanted = [*_wanted(reader, query), CASES.c.layer == layer]
    statement = sa.select(CASES.c.feature).where(*wanted).order_by(*_keys()).limit(most)
    return list(connection.scalars(statement))


# --- what is asked ------------------------------------------------------------------------------
def _wanted(reader: Reader, query: Query) -> list[ColumnElement[bool]]:
    wanted = [*reader.counted, *_of_tab(reader, query.tab), *_within(query.division)]
    if query.state is None:
        wanted.append(CASES.c.is_open)
    elif query.state != ANY:
        wanted.append(CASES.c.state == query.state)
    for column, value in ((CASES.c.layer, query.layer), (CASES.c.kind, query.kind)):
        if value is not None:
            wanted.append(column == value)
    if query.unit is not None:
        wanted.append(CASES.c.unit == query.unit)
    if query.leader is not None:
        wanted.append(_is_named(CASES.c.leader, query.leader))
    if query.level is not None:
        wanted.append(_level(reader) == query.level)
    if query.since is not None:
        wanted.append(CASES.c.opened_on >= query.since)
    if query.until is not None:
        wanted.append(CASES.c.opened_on <= query.until)
    return wanted


def _within(division: str | None) -> list[ColumnElement[bool]]:
    if division is None:
        return []
    low, high = subtree(division)
    return [CASES.c.place.between(low, high)]


def _of_tab(reader: Reader, tab: str) -> list[ColumnElement[bool]]:
    match tab:
        case "mine":
            return [_mine(reader.actor)]
        case "sign":
            return [_mine(reader.actor), _unsigned(reader)]
        case "late":
            hangs = CASES.c.hung_until.is_not(None)
            return [CASES.c.is_open, CASES.c.due_at < reader.scale.now, ~hangs]
        case _:
            return []


def _mine(actor: Actor) -> ColumnElement[bool]:
    """Cases that the reader handles, or leads, or that lie in a field of the reader's."""
    own = [_is_named(column, actor.name) for column in (CASES.c.leader, CASES.c.handler_name)]
    if actor.person_id is not None:
        own += [CASES.c.handler == actor.person_id, CASES.c.field.in_(_own_fields(actor.person_id))]
    return sa.func.coalesce(sa.or_(*own), sa.false())


def _own_fields(person: int) -> sa.Select[Any]:
    fields = table(grid_fields.LAYER)
    code = fields.c[str(codes.numbered(grid_fields.LAYER))]
    mine = sa.select(DUTIES.c.feature).where(
        DUTIES.c.person_id == person,
        DUTIES.c.layer == grid_fields.LAYER.name,
        held_on(DUTIES, sa.func.current_date()),
    )
    return sa.select(code).where(fields.c.id.in_(mine))


def _is_named(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Whether a text of names has this one among them."""
    parts = sa.func.string_to_array(column, masking.NAMES_APART)
    return sa.or_(column == name, sa.literal(name) == sa.any_(parts))


def _unsigned(reader: Reader) -> ColumnElement[bool]:
    """Cases that wait for a signature that the reader's role may give."""
    waiting = [
        sa.and_(CASES.c.layer == layer.name, CASES.c.state.in_(sorted(layer.workflow.unsigned)))
        for layer in flowing(reader.registry)
        if layer.workflow
        and any(
            reader.actor.role in layer.workflow.transition(name).roles
            for name in layer.workflow.at_once
        )
    ]
    return sa.or_(sa.false(), *waiting)


def flowing(registry: Registry) -> tuple[Layer, ...]:
    """The layers whose records are cases."""
    return tuple(layer for layer in registry.layers.values() if layer.workflow)


# --- what is told -------------------------------------------------------------------------------
def _columns(reader: Reader) -> list[ColumnElement[Any]]:
    plain = ("layer", "title", "state", "is_open", "kind", "unit", "opened_on", "closed_on")
    names = {"leader": CASES.c.leader, "handler": CASES.c.handler_name}
    return [
        CASES.c.feature.label("id"),
        *(CASES.c[name] for name in (*plain, "hung_until", "due_at", "cycle")),
        *(_veiled(column).label(name) for name, column in names.items()),
        _level(reader).label("level"),
        _mine(reader.actor).label("mine"),
        _due_key().label("key"),
    ]


def _veiled(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return sa.case((masking.MAY_KNOW, column), else_=masking.masked(column))


def _level(reader: Reader) -> ColumnElement[str]:
    return escalation.level_sql(reader.scale, CASES)


def _due_key() -> ColumnElement[int]:
    """What a list is ordered by: until when a case is due, those without a limit last."""
    seconds = sa.extract("epoch", CASES.c.due_at)
    return sa.func.coalesce(sa.cast(seconds * 1_000_000, sa.BigInteger), _NEVER)


def _keys() -> tuple[ColumnElement[Any], ...]:
    return _due_key(), CASES.c.layer, CASES.c.feature


def _order() -> ColumnElement[Any]:
    return sa.tuple_(*_keys())


def _read(after: str) -> ColumnElement[Any]:
    """The place in the order that an address names; the beginning for what names none."""
    found = _CURSOR.fullmatch(after)
    key, layer, number = found.groups() if found else ("-1", "", "0")
    bounded = [min(int(each), _NEVER) for each in (key, number)]
    keys = (
        sa.cast(bounded[0], sa.BigInteger),
        sa.literal(layer),
        sa.cast(bounded[1], sa.BigInteger),
    )
    return sa.tuple_(*keys)


def _told(connection: Connection, registry: Registry, rows: Sequence[Row]) -> Iterator[Row]:
    """The same with their records."""
    texts: dict[tuple[str, int], str] = {}
    for name in dict.fromkeys(row.layer for row in rows):
        layer = registry.layer(name)
        shown = rows_on(layer, None)
        wanted = [row.id for row in rows if row.layer == name]
        statement = sa.select(shown.c.id, feature_json(layer, shown)).where(shown.c.id.in_(wanted))
        texts |= {(name, number): text for number, text in connection.execute(statement)}
    for row in rows:
        yield replace(row, text=texts.get((row.layer, row.id)))
