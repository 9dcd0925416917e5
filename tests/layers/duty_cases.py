"""People and terms for tests of the duties."""

from collections.abc import Sequence
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from layers.declaring.words import Layer
from layers.duties import giving as duties
from layers.duties import persons
from layers.duties.giving import Assignment
from layers.duties.persons import Person
from layers.duties.records import Duty, Query, listing
from layers.reading.past import today
from layers.registry import Registry
from layers.schema.duties import DUTIES
from layers.schema.tables import table


def person(connection: Connection, name: str = "张三", **more: str) -> int:
    """Somebody new."""
    return persons.add(connection, Person(name=name, **more))


def day(connection: Connection, offset: int = 0) -> date:
    """Today, or so many days later."""
    return today(connection) + timedelta(days=offset)


def given(
    connection: Connection,
    registry: Registry,
    layer: str,
    feature: int,
    role: str = "grid_leader",
    *,
    who: int | None = None,
    since: int = -100,
    until: int | None = None,
    vacant: str | None = None,
) -> Duty:
    """A duty that begins and ends so many days from today."""
    new = Assignment(
        person=person(connection) if who is None else who,
        role=role,
        layer=layer,
        feature=feature,
        valid_from=day(connection, since),
        valid_to=None if until is None else day(connection, until),
    )
    return duties.assign(connection, registry, new, vacant=vacant)


def backdate(connection: Connection, days: int, *layers: str) -> None:
    """Let what has been recorded of layers have happened so many days ago, as only a test may."""
    connection.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
    connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
    for layer in layers:
        moved = f"UPDATE {layer}_versions SET _from = _from - :days, _to = _to - :days"
        connection.execute(sa.text(moved), {"days": timedelta(days=days)})
    connection.execute(sa.text("SET LOCAL session_replication_role = origin"))


def terms(connection: Connection, registry: Registry, layer: str, feature: int) -> list[Duty]:
    """All duties of a feature."""
    return listing(connection, registry, Query(layer=layer, feature=feature, limit=1000))


def names(duties: Sequence[Duty]) -> list[tuple[str, str]]:
    """Role and person of each, sorted."""
    return sorted((duty.role.name, duty.person.name) for duty in duties)


def column(connection: Connection, layer: Layer, feature: int, name: str = "leader") -> str | None:
    """What stands in a column of a feature."""
    rows = table(layer)
    found: str | None = connection.scalar(sa.select(rows.c[name]).where(rows.c.id == feature))
    return found


def count(connection: Connection) -> int:
    """How many duties there are."""
    return connection.scalar(sa.select(sa.func.count()).select_from(DUTIES)) or 0
