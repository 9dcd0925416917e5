"""The tables of cases: what state each record of a workflow is in, and every step that led there.

Triggers keep the first from the records and the second (`layers.held.cases`); the second is only
added to.
"""

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Index, MetaData, Table
from sqlalchemy.dialects.postgresql import BYTEA, JSONB

METADATA = MetaData()


def _moment(name: str) -> Column[object]:
    return Column(name, sa.DateTime(timezone=True))


def _count(name: str, first: int) -> Column[int]:
    return Column(name, sa.Integer, nullable=False, server_default=sa.text(str(first)))


_IS_OPEN = sa.text("is_open")

CASES = Table(
    "cases",
    METADATA,
    Column("layer", sa.Text, primary_key=True),
    Column("feature", sa.BigInteger, primary_key=True, autoincrement=False),
    Column("place", sa.BigInteger, nullable=False),
    Column("title", sa.Text, nullable=False),
    Column("state", sa.Text, nullable=False),
    Column("is_open", sa.Boolean, nullable=False),
    Column("kind", sa.Text),
    Column("unit", sa.Text),
    Column("field", sa.Text),
    Column("leader", sa.Text),
    Column("handler_name", sa.Text),
    Column("opened_on", sa.Date),
    Column("filed_on", sa.Date),
    Column("closed_on", sa.Date),
    Column("hung_until", sa.Date),
    _moment("due_at"),
    _moment("begun_at"),
    _moment("entered_at"),
    _moment("closed_at"),
    Column("handler", sa.BigInteger),
    Column("verifier", sa.BigInteger),
    _count("cycle", 1),
    _count("reworks", 0),
    _count("extensions", 0),
    # Statistics are counted in the indexes alone: what they ask of a case is in there too
    # (docs/decisions/0031). What waits: where, and until when.
    Index(
        "cases_open",
        *("layer", "place", "due_at"),
        postgresql_include=["feature", "begun_at", "state", "hung_until", "field"],
        postgresql_where=_IS_OPEN,
    ),
    Index("cases_open_field", "field", postgresql_where=_IS_OPEN),
    # What was opened, was due and was closed within a period.
    Index("cases_opened", "layer", "opened_on", "place", postgresql_include=["feature"]),
    Index("cases_filed", "layer", "filed_on", "place", postgresql_include=["feature"]),
    Index(
        "cases_due",
        *("layer", "due_at", "place"),
        postgresql_include=["feature", "closed_on", "reworks", "extensions"],
    ),
    Index(
        "cases_closed",
        *("layer", "closed_on", "place"),
        postgresql_include=["feature", "opened_on", "due_at", "hung_until"],
    ),
    Index("cases_handler", "handler", postgresql_where=sa.text("is_open AND handler IS NOT NULL")),
    # An index alone can answer only for pages that have been vacuumed since they were changed.
    postgresql_with={
        "autovacuum_vacuum_scale_factor": "0.02",
        "autovacuum_vacuum_insert_scale_factor": "0.02",
    },
)
"""One row for each record of a layer with a workflow. `begun_at` is when the limit began that ends
at `due_at`; `entered_at` when it came into its state by a step, `closed_at` when by a step it was
closed. `handler` and `verifier` are persons who took steps, `handler_name` and `leader` are names
as the record has them."""

STEPS = Table(
    "steps",
    METADATA,
    Column("layer", sa.Text, primary_key=True),
    Column("feature", sa.BigInteger, primary_key=True, autoincrement=False),
    # A trigger numbers them.
    Column(
        "ordinal",
        sa.Integer,
        primary_key=True,
        autoincrement=False,
        server_default=sa.FetchedValue(),
    ),
    Column("place", sa.BigInteger, nullable=False),
    Column("transition", sa.Text, nullable=False),
    Column("source", sa.Text),
    Column("target", sa.Text, nullable=False),
    Column("at", sa.DateTime(timezone=True), nullable=False),
    Column("account", sa.BigInteger),
    Column("person", sa.BigInteger),
    Column("reason", sa.Text),
    _moment("due_before"),
    _moment("due_after"),
    _moment("begun_at"),
    Column("cycle", sa.Integer, nullable=False),
    Column("given", JSONB, nullable=False, server_default=sa.text("'{}'")),
    Column("transaction", sa.BigInteger, nullable=False),
    Column("brought", sa.Boolean, nullable=False, server_default=sa.false()),
    # Its link in the chain of the history (`layers.held.step_chain`).
    Column("change", sa.BigInteger),
    Column("digest", BYTEA),
    CheckConstraint("ordinal > 0", name="steps_ordinal"),
    CheckConstraint("char_length(reason) <= 2000", name="steps_reason"),
    Index("steps_at", "at"),
    Index("steps_place", "place"),
    Index("steps_transaction", "transaction"),
    Index("steps_change", "change", postgresql_using="brin"),
)
"""Each step of each case, by the number `ordinal` within it, never changed but for `place`, which
is where its record lies. The database itself says when, by whom and from which state; `brought`
are those of an old ledger, for which it believes the file. `given` are the fields that were given
with it; a step without a `source` is a record's first, which follows one that was closed."""
