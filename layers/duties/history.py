"""What a duty was before, and who changed it."""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Problem
from layers.declaring.duties import role_named
from layers.duties import persons
from layers.duties.persons import Holder
from layers.duties.records import Duty, titles
from layers.held.policies import unrestricted
from layers.held.recording import DUTIES
from layers.reading.past import Change, changed_by, who_and_when
from layers.refusals.duties import UNKNOWN_DUTY
from layers.registry import Registry
from layers.schema.accounts import PERSONS
from layers.schema.duties import DUTIES_VERSIONS
from layers.schema.versions import CHANGES

DutyChange = Change[Duty]
"""`fields` names the columns that differ; `after` is None for what was withdrawn."""


def of_duty(connection: Connection, registry: Registry, duty_id: int) -> list[DutyChange]:
    """The changes of one duty, oldest first; Problem(UNKNOWN_DUTY) when it never was."""
    rows = DUTIES_VERSIONS
    statement = (
        sa.select(rows, *who_and_when(rows))
        .select_from(rows.outerjoin(CHANGES, CHANGES.c.number == rows.c["_change"]))
        .where(rows.c.id == duty_id)
        .order_by(rows.c["_number"])
    )
    found = connection.execute(statement).mappings().all()
    if not found:
        raise Problem(UNKNOWN_DUTY, id=duty_id)
    people = _people(connection, {row["person_id"] for row in found})
    named = titles(connection, registry, {(row["layer"], row["feature"]) for row in found})
    told: list[DutyChange] = []
    before: Duty | None = None
    for row in found:
        duty = _duty(row, people, named)
        after = None if row["_operation"] == "delete" else duty
        told.append(_change(row, before, after))
        before = after
    return told


def _people(connection: Connection, ids: Collection[int]) -> Mapping[int, Holder]:
    """Those who have or had it: whoever reads the duty may know of them, as far as its place goes,
    also where they have nothing there any more."""
    statement = sa.select(*persons.COLUMNS).where(PERSONS.c.id.in_(ids))
    with unrestricted(connection):
        return {row[0]: persons.holder(row) for row in connection.execute(statement)}


def _duty(
    row: Mapping[Any, Any],
    people: Mapping[int, Holder],
    named: Mapping[tuple[str, int], str],
) -> Duty:
    plain = ("id", "layer", "feature", "place", "valid_from", "valid_to")
    return Duty(
        **{name: row[name] for name in (*plain, "document", "ended_reason")},
        role=role_named(row["role"]),
        title=named.get((row["layer"], row["feature"]), f"#{row['feature']}"),
        person=people.get(row["person_id"]) or Holder(id=row["person_id"], name="?"),
    )


def _change(row: Mapping[Any, Any], before: Duty | None, after: Duty | None) -> DutyChange:
    differing: tuple[str, ...] = ()
    if before is not None and after is not None:
        old, new = _values(before), _values(after)
        differing = tuple(name for name in DUTIES.fields if old[name] != new[name])
    return Change(**changed_by(row), before=before, after=after, fields=differing)


def _values(duty: Duty) -> Mapping[str, object]:
    plain = ("layer", "feature", "valid_from", "valid_to", "document", "ended_reason")
    own = {"person_id": duty.person.id, "role": duty.role.name}
    return {name: getattr(duty, name) for name in plain} | own
