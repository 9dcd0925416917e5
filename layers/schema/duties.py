"""The tables of the duties, and what the database itself holds about them."""

from collections.abc import Collection
from datetime import date

import sqlalchemy as sa
from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    FromClause,
    Identity,
    Index,
    MetaData,
    Table,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from layers.declaring.duties import ROLES
from layers.schema import versions
from layers.schema.accounts import PERSONS

METADATA = MetaData()

TEXT_LIMIT = 500


def _listed(names: Collection[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


_EXCLUSIVE = _listed([role.name for role in ROLES.values() if role.exclusive])
_PAIRS = " OR ".join(
    f"role = '{role.name}' AND layer IN ({_listed(role.layers)})" for role in ROLES.values()
)


# A number for each pair of role and layer: an index over texts takes twice as long to fill.
_SLOT = "CASE role || ' ' || layer {} END".format(
    " ".join(
        f"WHEN '{role.name} {layer}' THEN {10 * place + n}"
        for place, role in enumerate(ROLES.values())
        for n, layer in enumerate(role.layers)
    )
)


def _never_twice(name: str, *columns: str, where: str) -> ExcludeConstraint:
    """No two rows for one role of one target, and the same in these columns, share a day."""
    slot: sa.ColumnElement[int] = sa.literal_column(f"({_SLOT})")
    term: sa.ColumnElement[object] = sa.literal_column("daterange(valid_from, valid_to)")
    same: list[tuple[sa.ColumnElement[object], str]] = [(sa.column(each), "=") for each in columns]
    return ExcludeConstraint(
        (sa.column("feature"), "="),
        (slot, "="),
        *same,
        (term, "&&"),
        name=name,
        using="gist",
        where=sa.text(where),
    )


DUTIES = Table(
    "duties",
    METADATA,
    Column("id", sa.BigInteger, Identity(always=False), primary_key=True),
    Column("person_id", sa.BigInteger, ForeignKey(PERSONS.c.id), nullable=False),
    Column("role", sa.Text, nullable=False),
    Column("layer", sa.Text, nullable=False),
    Column("feature", sa.BigInteger, nullable=False),
    Column("place", sa.BigInteger, nullable=False, server_default="0"),
    Column("valid_from", sa.Date, nullable=False),
    Column("valid_to", sa.Date),
    Column("document", sa.Text),
    Column("ended_reason", sa.Text),
    CheckConstraint("valid_from < valid_to", name="duties_term"),
    CheckConstraint(_PAIRS, name="duties_role"),
    CheckConstraint(f"char_length(document) <= {TEXT_LIMIT}", name="duties_document"),
    CheckConstraint(f"char_length(ended_reason) <= {TEXT_LIMIT}", name="duties_ended_reason"),
    # Each row is in one of the two: who has an exclusive role cannot have it twice anyway.
    _never_twice("duties_one_holder", where=f"role IN ({_EXCLUSIVE})"),
    _never_twice("duties_once_each", "person_id", where=f"role NOT IN ({_EXCLUSIVE})"),
    Index("duties_target", "layer", "feature"),
    Index("duties_person", "person_id"),
    # None on the dates: the planner would take it for one feature's duties that begin today.
)
"""Who answers for what and when: from `valid_from` on, no longer on `valid_to` (null: no end is
known). `place` is the code of the division in which the target lies, as a number, 0 outside all.
What would have ended before it began is no row."""

DUTIES_VERSIONS = versions.beside(DUTIES, METADATA)
"""What every duty was and became; where its target lies now, or lay last."""

DUTIES_SETTLED = Table(
    "duties_settled",
    METADATA,
    Column("day", sa.Date, nullable=False),
)
"""One row: the day for which the names in the layers' columns were last put right."""


def held_on(duties: FromClause, day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Those of these duties whose term has this day."""
    ends = sa.or_(duties.c.valid_to.is_(None), duties.c.valid_to > day)
    return sa.and_(duties.c.valid_from <= day, ends)
