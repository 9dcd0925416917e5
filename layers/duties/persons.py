"""The people who may have a duty, and which of them a name means."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Finding, Problem
from layers.declaring.duties import DutyRole
from layers.held.policies import reach
from layers.reading.masking import mask_name, mask_phone
from layers.refusals.duties import PERSON_AMBIGUOUS, PERSON_NAME, UNKNOWN_PERSON
from layers.schema.accounts import ACCOUNTS, PERSONS, TEXT_LIMIT
from layers.schema.duties import DUTIES

_IDS_LISTED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A person as one who answers for something; `masked`: the reader may not know who it is."""

    id: int
    name: str
    unit: str | None = None
    post: str | None = None
    phone: str | None = None
    masked: bool = False

    def hidden(self) -> "Holder":
        """The same person for a reader who may not know them."""
        phone = None if self.phone is None else mask_phone(self.phone)
        return replace(self, name=mask_name(self.name), phone=phone, masked=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody as they are told to us; all of it is personal data."""

    name: str
    unit: str | None = None
    post: str | None = None
    phone: str | None = None
    email: str | None = None


COLUMNS = tuple(PERSONS.c[name] for name in ("id", "name", "unit", "post", "phone"))


def holder(values: Sequence[Any]) -> Holder:
    """From the values of COLUMNS."""
    names = (column.name for column in COLUMNS)
    return Holder(**dict(zip(names, values, strict=True)))


def get(connection: Connection, person_id: int) -> Holder:
    """The person of that id; Problem(UNKNOWN_PERSON) when there is none."""
    row = connection.execute(sa.select(*COLUMNS).where(PERSONS.c.id == person_id)).one_or_none()
    if row is None:
        raise Problem(UNKNOWN_PERSON, id=person_id)
    return holder(row)


def add(connection: Connection, person: Person) -> int:
    """Store somebody and return the id; Problem(PERSON_NAME)."""
    if not is_name(person.name):
        raise Problem(PERSON_NAME, value=person.name, limit=TEXT_LIMIT)
    statement = sa.insert(PERSONS).values(**asdict(person)).returning(PERSONS.c.id)
    return int(connection.scalar(statement) or 0)


def is_name(text: str) -> bool:
    """Whether a text can be somebody's name."""
    return 0 < len(text) <= TEXT_LIMIT and text == text.strip() and text.isprintable()


def known(connection: Connection, name: str, role: DutyRole, place: int) -> int | None:
    """Whom a name means at a place for a role; None: nobody is known there by it.

    Problem(PERSON_AMBIGUOUS) when there are several.
    """
    found = namesakes(connection, name, role, place)
    if len(found) > 1:
        finding = ambiguous(name, [each.id for each in found])
        raise Problem(finding.rule, **values_of(finding))
    return found[0].id if found else None


def namesakes(connection: Connection, name: str, role: DutyRole, place: int) -> list[Holder]:
    """Everybody whom a name may mean at a place for a role.

    Who is known elsewhere in the ward than where the actor reaches is nobody of that name, unless
    by an account of the whole ward, which lies above.
    """
    there, divisor, own = presence(), role.ward_divisor, reach(connection)
    within = there.c.place.between(own.start, own.stop - 1)
    above = sa.and_(there.c.has_account, there.c.place % divisor == 0)
    statement = (
        sa.select(*COLUMNS)
        .distinct()
        .join(there, there.c.person_id == PERSONS.c.id)
        .where(
            PERSONS.c.name == name,
            there.c.place // divisor == place // divisor,
            sa.or_(within, above),
        )
        .order_by(PERSONS.c.id)
    )
    return [holder(row) for row in connection.execute(statement)]


def presence() -> sa.Subquery:
    """Where people are known, by a duty or by an account: `person_id`, `place`, `has_account`."""
    division = sa.cast(ACCOUNTS.c.division, sa.BigInteger)
    return sa.union(
        sa.select(DUTIES.c.person_id, DUTIES.c.place, sa.false().label("has_account")),
        sa.select(ACCOUNTS.c.person_id, division, sa.true()),
    ).subquery("presence")


def ambiguous(name: str, ids: Sequence[int]) -> Finding:
    """A name that several people have where it stands."""
    listed = ", ".join(map(str, ids[:_IDS_LISTED])) + (" …" if len(ids) > _IDS_LISTED else "")
    return Finding(PERSON_AMBIGUOUS, values={"value": name, "count": len(ids), "ids": listed})


def values_of(finding: Finding) -> Mapping[str, Any]:
    """The values of a finding, for a Problem with the same rule."""
    return dict(finding.values)
