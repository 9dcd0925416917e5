"""Duties: given, handed over, ended.

Who acts must see the target or the duty; ids of people from outside are looked up first. The change
itself is the owner's (`layers.duties.appointing`), behind locks on the features and their duties.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Problem, Rule
from layers.declaring.duties import DutyRole, role_named
from layers.declaring.words import Layer
from layers.duties import columns as duty_columns
from layers.duties import persons
from layers.duties.appointing import appointing
from layers.duties.persons import Holder, Person
from layers.duties.records import Duty, get, read, titles
from layers.reading.past import today
from layers.refusals.asking import UNKNOWN_FEATURE
from layers.refusals.duties import (
    DUTY_BEGUN,
    DUTY_CHANGED,
    DUTY_HANDED_ON,
    DUTY_NOT_BEGUN,
    DUTY_OVER,
    DUTY_REASON,
    DUTY_SAME_PERSON,
    DUTY_TAKEN,
    DUTY_TARGET,
    DUTY_TERM,
    DUTY_VACANT,
)
from layers.registry import Registry
from layers.schema.duties import DUTIES
from layers.schema.tables import table


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A role of a feature."""

    role: str
    layer: str
    feature: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment(Target):
    """A person for a role of a feature: from `valid_from` on, no longer on `valid_to`."""

    person: int
    valid_from: date
    valid_to: date | None = None
    document: str | None = None


# --- changing -------------------------------------------------------------------------------------
def assign(
    connection: Connection, registry: Registry, new: Assignment, *, vacant: str | None = None
) -> Duty:
    """Give somebody a duty. `vacant` is the reason why nobody follows at the end of the term.

    Problems: UNKNOWN_DUTY_ROLE, UNKNOWN_LAYER, DUTY_TARGET, UNKNOWN_FEATURE, UNKNOWN_PERSON,
    DUTY_TERM, DUTY_TAKEN with the person who has it at that time, DUTY_VACANT.
    """
    role, layer = _permitted(registry, new)
    if new.valid_to is not None and new.valid_to <= new.valid_from:
        raise Problem(DUTY_TERM, since=new.valid_from, until=new.valid_to)
    _place(connection, layer, new.feature)
    with appointing(connection):
        persons.get(connection, new.person)
        return _assigned(connection, registry, role, new, vacant)


def date_back(connection: Connection, day: date) -> int:
    """Say of all duties that begin today that they began on an earlier day; how many they are.

    For the owner: what was just brought in tells who has a duty, and not since when.
    """
    begun = DUTIES.c.valid_from == today(connection)
    with appointing(connection):
        return connection.execute(sa.update(DUTIES).where(begun).values(valid_from=day)).rowcount


def _assigned(
    connection: Connection,
    registry: Registry,
    role: DutyRole,
    new: Assignment,
    vacant: str | None,
) -> Duty:
    layer = registry.layer(new.layer)
    duty_columns.lock(connection, layer, [new.feature])
    place = _place(connection, layer, new.feature)
    beside = _beside(connection, registry, new)
    _refuse_taken(beside, new)
    followed = any(other.valid_from == new.valid_to for other in beside)
    if new.valid_to is not None and role.never_vacant and not followed and not vacant:
        target = (new.layer, new.feature)
        raise _vacancy(role, titles(connection, registry, {target})[target], new.valid_to)
    stored = _stored(connection, registry, new, place)
    if new.valid_to is not None and vacant:
        _set(connection, stored.id, ended_reason=vacant)
    return get(connection, registry, stored.id)


def _permitted(registry: Registry, new: Target) -> tuple[DutyRole, Layer]:
    role, layer = role_named(new.role), registry.layer(new.layer)
    if layer.name not in role.layers:
        raise Problem(
            DUTY_TARGET,
            role=role.label.en,
            role_zh=role.label.zh,
            layer=layer.name,
            layers=", ".join(role.layers),
        )
    return role, layer


def _place(connection: Connection, layer: Layer, feature: int) -> int:
    rows = table(layer)
    place = connection.scalar(sa.select(rows.c.place).where(rows.c.id == feature))
    if place is None:
        raise Problem(UNKNOWN_FEATURE, layer=layer.name, id=feature)
    return int(place)


def someone(connection: Connection, registry: Registry, new: Target, person: Person) -> int:
    """Whom a name means for a role of a feature, by the rule of `persons.known`; somebody new
    where nobody is known by it there. Problems: as `assign`, PERSON_AMBIGUOUS, PERSON_NAME."""
    role, layer = _permitted(registry, new)
    place = _place(connection, layer, new.feature)
    with appointing(connection):
        known = persons.known(connection, person.name, role, place)
        return persons.add(connection, person) if known is None else known


def namesakes(connection: Connection, registry: Registry, new: Target, name: str) -> list[Holder]:
    """Everybody whom a name may mean for a role of a feature. Problems: as `someone`."""
    role, layer = _permitted(registry, new)
    place = _place(connection, layer, new.feature)
    with appointing(connection):
        return persons.namesakes(connection, name, role, place)


def hand_over(  # noqa: PLR0913  what, from whom, to whom, when and on what grounds
    connection: Connection,
    registry: Registry,
    duty_id: int,
    *,
    person: int,
    on: date,
    document: str | None = None,
) -> Duty:
    """Let somebody follow: the successor begins on the day on which the predecessor ends.

    That day may be in the future. The successor has what is left of the term. Problems:
    UNKNOWN_DUTY, UNKNOWN_PERSON, DUTY_SAME_PERSON, DUTY_NOT_BEGUN, DUTY_HANDED_ON with the one who
    is already to follow, DUTY_OVER where there would be a gap, DUTY_TAKEN.
    """
    seen = get(connection, registry, duty_id)
    with appointing(connection):
        persons.get(connection, person)
        duty = _held(connection, registry, seen)
        return _handed_over(connection, registry, duty, person=person, on=on, document=document)


def _handed_over(  # noqa: PLR0913  as hand_over
    connection: Connection,
    registry: Registry,
    duty: Duty,
    *,
    person: int,
    on: date,
    document: str | None,
) -> Duty:
    if person == duty.person.id:
        raise _problem(DUTY_SAME_PERSON, duty)
    if on <= duty.valid_from:
        raise _problem(DUTY_NOT_BEGUN, duty, on=on)
    new = _following(duty, person, on, duty.valid_to if duty.valid_to != on else None, document)
    beside = _beside(connection, registry, new, without=duty.id)
    _refuse_gap(duty, beside, on)
    _refuse_taken(beside, new)
    _set(connection, duty.id, valid_to=on)
    return _stored(connection, registry, new, duty.place)


def replace_planned(  # noqa: PLR0913  what, by whom, when and on what grounds
    connection: Connection,
    registry: Registry,
    duty_id: int,
    *,
    person: int | None = None,
    on: date | None = None,
    document: str | None = None,
) -> Duty:
    """Change who begins a term that has not begun before today, or when it begins, or both.

    Whoever has the duty until then keeps it until the new day. Problems: UNKNOWN_DUTY,
    UNKNOWN_PERSON, DUTY_BEGUN, DUTY_NOT_BEGUN, DUTY_TERM, DUTY_TAKEN.
    """
    seen = get(connection, registry, duty_id)
    with appointing(connection):
        who = seen.person.id if person is None else persons.get(connection, person).id
        duty = _held(connection, registry, seen)
        begin = on or duty.valid_from
        return _replaced(connection, registry, duty, who=who, begin=begin, document=document)


def _replaced(  # noqa: PLR0913  as replace_planned
    connection: Connection,
    registry: Registry,
    duty: Duty,
    *,
    who: int,
    begin: date,
    document: str | None,
) -> Duty:
    if duty.valid_from < today(connection):
        raise _problem(DUTY_BEGUN, duty)
    if duty.valid_to is not None and duty.valid_to <= begin:
        raise Problem(DUTY_TERM, since=begin, until=duty.valid_to)
    before = _predecessor(connection, registry, duty)
    if before is not None and begin <= before.valid_from:
        raise _problem(DUTY_NOT_BEGUN, before, on=begin)
    new = _following(duty, who, begin, duty.valid_to, document or duty.document)
    connection.execute(sa.delete(DUTIES).where(DUTIES.c.id == duty.id))
    if before is not None:
        _set(connection, before.id, valid_to=begin)
    _refuse_taken(_beside(connection, registry, new), new)
    return _stored(connection, registry, new, duty.place)


def end(  # noqa: PLR0913  what, when, why
    connection: Connection,
    registry: Registry,
    duty_id: int,
    *,
    on: date,
    reason: str | None = None,
    vacant: bool = False,
) -> Duty | None:
    """Let a duty end; what is never vacant only with `vacant` and a reason.

    A term that begins on that day or later is withdrawn, and whoever had the duty until then goes
    on; None is returned. Problems: UNKNOWN_DUTY, DUTY_NOT_BEGUN, DUTY_OVER, DUTY_VACANT,
    DUTY_REASON.
    """
    seen = get(connection, registry, duty_id)
    if vacant and not (reason and reason.strip()):
        raise Problem(DUTY_REASON)
    with appointing(connection):
        duty = _held(connection, registry, seen)
        return _ended(connection, registry, duty, on=on, reason=reason, vacant=vacant)


def _ended(  # noqa: PLR0913  as end
    connection: Connection,
    registry: Registry,
    duty: Duty,
    *,
    on: date,
    reason: str | None,
    vacant: bool,
) -> Duty | None:
    if on <= duty.valid_from:
        _withdraw(connection, registry, duty, on=on, vacant=vacant)
        return None
    if duty.valid_to is not None and duty.valid_to <= on:
        raise _problem(DUTY_OVER, duty, on=on)
    if duty.role.never_vacant and not vacant:
        raise _vacancy(duty.role, duty.title, on)
    _set(connection, duty.id, valid_to=on, ended_reason=reason)
    _show(connection, registry, duty)
    return get(connection, registry, duty.id)


def _withdraw(
    connection: Connection, registry: Registry, duty: Duty, *, on: date, vacant: bool
) -> None:
    if duty.valid_from < today(connection):
        raise _problem(DUTY_NOT_BEGUN, duty, on=on)
    before = _predecessor(connection, registry, duty)
    if duty.role.never_vacant and before is None and not vacant:
        raise _vacancy(duty.role, duty.title, duty.valid_from)
    connection.execute(sa.delete(DUTIES).where(DUTIES.c.id == duty.id))
    if before is not None and not vacant:
        _set(connection, before.id, valid_to=duty.valid_to, ended_reason=duty.ended_reason)
    _show(connection, registry, duty)


def held(
    connection: Connection, registry: Registry, duty_id: int, was: Callable[[Duty], bool]
) -> Duty:
    """A duty to be changed, which nobody else changes from now on until the transaction ends.

    `was` says whether it is what somebody saw. Problems: UNKNOWN_DUTY, DUTY_CHANGED.
    """
    seen = get(connection, registry, duty_id)
    with appointing(connection):
        duty = _held(connection, registry, seen)
    if not was(duty):
        raise _problem(DUTY_CHANGED, duty)
    return duty


# --- what stands in the way -----------------------------------------------------------------------
def _held(connection: Connection, registry: Registry, seen: Duty) -> Duty:
    """The duty as it is now, after waiting for whoever else changes those of its target."""
    duty_columns.lock(connection, registry.layer(seen.layer), [seen.feature])
    return get(connection, registry, seen.id)


def _beside(
    connection: Connection, registry: Registry, new: Assignment, without: int | None = None
) -> list[Duty]:
    """The duties that cannot be there at the same time: of the role and target, or of the person
    in it as well where several people may have it."""
    wanted = [
        DUTIES.c.layer == new.layer,
        DUTIES.c.feature == new.feature,
        DUTIES.c.role == new.role,
    ]
    if not role_named(new.role).exclusive:
        wanted.append(DUTIES.c.person_id == new.person)
    if without is not None:
        wanted.append(DUTIES.c.id != without)
    return read(connection, registry, *wanted)


def _refuse_taken(beside: Sequence[Duty], new: Assignment) -> None:
    for other in beside:
        begins_later = new.valid_to is not None and new.valid_to <= other.valid_from
        ends_before = other.valid_to is not None and other.valid_to <= new.valid_from
        if not (begins_later or ends_before):
            raise _problem(DUTY_TAKEN, other)


def _refuse_gap(duty: Duty, beside: Sequence[Duty], on: date) -> None:
    if duty.valid_to is None:
        return
    follower = next((other for other in beside if other.valid_from == duty.valid_to), None)
    if follower is not None and duty.role.exclusive:
        raise _problem(DUTY_HANDED_ON, follower)
    if duty.valid_to < on:
        raise _problem(DUTY_OVER, duty, on=on)


def _predecessor(connection: Connection, registry: Registry, duty: Duty) -> Duty | None:
    """Whose term ends on the day on which this one begins, where only one person has the duty."""
    if not duty.role.exclusive:
        return None
    found = read(
        connection,
        registry,
        DUTIES.c.layer == duty.layer,
        DUTIES.c.feature == duty.feature,
        DUTIES.c.role == duty.role.name,
        DUTIES.c.valid_to == duty.valid_from,
    )
    return found[0] if found else None


def _problem(rule: Rule, duty: Duty, **more: object) -> Problem:
    values: dict[str, Any] = {
        "person": duty.person.name,
        "role": duty.role.label.en,
        "role_zh": duty.role.label.zh,
        "title": duty.title,
        "since": duty.valid_from,
        "until": duty.valid_to,
        "term": f"{duty.valid_from} – {duty.valid_to or 'open'}",
        "term_zh": f"{duty.valid_from} 起" + (f"，至 {duty.valid_to}" if duty.valid_to else ""),
    }
    return Problem(rule, **(values | more))


def _vacancy(role: DutyRole, title: str, on: date) -> Problem:
    return Problem(DUTY_VACANT, title=title, role=role.label.en, role_zh=role.label.zh, on=on)


# --- writing --------------------------------------------------------------------------------------
def _following(
    duty: Duty, person: int, begin: date, until: date | None, document: str | None
) -> Assignment:
    return Assignment(
        person=person,
        role=duty.role.name,
        layer=duty.layer,
        feature=duty.feature,
        valid_from=begin,
        valid_to=until,
        document=document,
    )


def _stored(connection: Connection, registry: Registry, new: Assignment, place: int) -> Duty:
    values = {
        "person_id": new.person,
        "role": new.role,
        "layer": new.layer,
        "feature": new.feature,
        "place": place,
        "valid_from": new.valid_from,
        "valid_to": new.valid_to,
        "document": new.document,
    }
    inserted = sa.insert(DUTIES).values(**values).returning(DUTIES.c.id)
    stored = get(connection, registry, int(connection.scalar(inserted) or 0))
    _show(connection, registry, stored)
    return stored


def _set(connection: Connection, duty_id: int, **values: object) -> None:
    connection.execute(sa.update(DUTIES).where(DUTIES.c.id == duty_id).values(**values))


def _show(connection: Connection, registry: Registry, duty: Duty) -> None:
    layer = registry.layer(duty.layer)
    duty_columns.show(connection, layer, [duty.feature], today(connection))
