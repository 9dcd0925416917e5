"""Duties as they are stored: who answers for what, from which day to which."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from gis.errors import Problem
from layers.declaring.duties import DutyRole, role_named
from layers.declaring.people import EVERYWHERE, subtree
from layers.declaring.words import Layer
from layers.duties import persons
from layers.duties.columns import in_force
from layers.duties.persons import Holder
from layers.ground.partition import label
from layers.refusals.duties import UNKNOWN_DUTY, UNKNOWN_TARGET
from layers.refusals.ground import UNKNOWN_DIVISION
from layers.registry import Registry
from layers.schema.accounts import PERSONS
from layers.schema.duties import DUTIES
from layers.schema.tables import table

_ID_DIGITS = 18

State = Literal["past", "current", "planned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One term: it has the day `valid_from` and not `valid_to` (None: no end is known).

    `title` is what people call the feature, its id once it is gone.
    """

    id: int
    role: DutyRole
    layer: str
    feature: int
    title: str
    person: Holder
    place: int
    valid_from: date
    valid_to: date | None
    document: str | None
    ended_reason: str | None

    def on(self, day: date) -> State:
        """How the term stands to a day."""
        if day < self.valid_from:
            return "planned"
        return "past" if self.valid_to is not None and self.valid_to <= day else "current"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which duties are listed; `on` is a day in their term, `after` the last id of the page before.

    `division` is a code: what lies in it and below; `name` a part of the person's.
    """

    layer: str | None = None
    feature: int | None = None
    person: int | None = None
    name: str | None = None
    role: str | None = None
    on: date | None = None
    division: str = EVERYWHERE
    after: int = 0
    limit: int = 100


def listing(connection: Connection, registry: Registry, query: Query) -> list[Duty]:
    """The duties that match, in the order of their ids."""
    low, high = range_of(query.division)
    wanted: list[ColumnElement[bool]] = [DUTIES.c.id > query.after]
    if (low, high) != subtree(EVERYWHERE):
        wanted.append(DUTIES.c.place.between(low, high))
    for column, value in (
        (DUTIES.c.layer, query.layer),
        (DUTIES.c.feature, query.feature),
        (DUTIES.c.person_id, query.person),
        (DUTIES.c.role, query.role),
    ):
        if value is not None:
            wanted.append(column == value)
    if query.name is not None:
        wanted.append(PERSONS.c.name.contains(query.name, autoescape=True))
    if query.on is not None:
        wanted.append(in_force(query.on))
    return read(connection, registry, *wanted, limit=query.limit)


def range_of(division: str) -> tuple[int, int]:
    """The first and the last place of a division; Problem(UNKNOWN_DIVISION) for no code."""
    try:
        return subtree(division)
    except ValueError:
        raise Problem(UNKNOWN_DIVISION, code=division) from None


def get(connection: Connection, registry: Registry, duty_id: int) -> Duty:
    """The duty of that id; Problem(UNKNOWN_DUTY) when there is none."""
    found = read(connection, registry, DUTIES.c.id == duty_id)
    if not found:
        raise Problem(UNKNOWN_DUTY, id=duty_id)
    return found[0]


def read(
    connection: Connection,
    registry: Registry,
    *wanted: ColumnElement[bool],
    limit: int | None = None,
) -> list[Duty]:
    """The duties for which all of these hold, in the order of their ids."""
    names = ("id", "role", "layer", "feature", "place", "valid_from", "valid_to")
    own = [DUTIES.c[name] for name in (*names, "document", "ended_reason")]
    statement = (
        sa.select(*own, *persons.COLUMNS)
        .join_from(DUTIES, PERSONS, PERSONS.c.id == DUTIES.c.person_id)
        .where(*wanted)
        .order_by(DUTIES.c.id)
        .limit(limit)
    )
    rows = connection.execute(statement).all()
    named = titles(connection, registry, {(row.layer, row.feature) for row in rows})
    return [
        Duty(
            **dict(zip((column.name for column in own), row, strict=False))
            | {"role": role_named(row.role)},
            title=named.get((row.layer, row.feature), f"#{row.feature}"),
            person=persons.holder(row[len(own) :]),
        )
        for row in rows
    ]


def titles(
    connection: Connection, registry: Registry, targets: set[tuple[str, int]]
) -> dict[tuple[str, int], str]:
    """What people call these features, by layer and id, as far as they are there."""
    found: dict[tuple[str, int], str] = {}
    for name in {layer for layer, _ in targets if layer in registry.layers}:
        layer = registry.layers[name]
        rows = table(layer)
        ids = sa.literal([n for each, n in targets if each == name], sa.ARRAY(sa.BigInteger))
        statement = sa.select(rows.c.id, label(layer, rows)).where(rows.c.id == sa.any_(ids))
        found |= {(name, feature): title for feature, title in connection.execute(statement)}
    return found


def find_target(connection: Connection, layer: Layer, text: str) -> int:
    """The feature that somebody means by its title, its key or its id; Problem(UNKNOWN_TARGET)."""
    rows = table(layer)
    named = [rows.c[name] == text for name in {layer.title, *layer.key} if name]
    found = connection.scalars(sa.select(rows.c.id).where(sa.or_(*named)).limit(2)).all()
    if len(found) == 1:
        return int(found[0])
    if not found and text.isascii() and text.isdigit() and len(text) <= _ID_DIGITS:
        return int(text)
    raise Problem(UNKNOWN_TARGET, layer=layer.name, name=text)
