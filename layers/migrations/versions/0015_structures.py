"""Structures: their procedure, its documents, what was pulled down."""

from itertools import combinations
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_TEXTS = (
    "party",
    "finder",
    "leader",
    "approval_number",
    "officers",
    "accepted_by",
    "previous",
    "remark",
)
_CHOICES = {
    "built_precision": ("day", "month", "year", "about"),
    "land": ("state", "collective"),
    "origin": ("patrol", "report", "imagery", "supervision", "transfer", "survey"),
    "determination": ("correctable", "uncorrectable", "historical", "not_illegal"),
}
_PATTERNS = {
    "field": "^(?:[0-9]{15})$",
    "enforce_from": "^(?:([01][0-9]|2[0-3]):[0-5][0-9])$",
    "enforce_until": "^(?:([01][0-9]|2[0-3]):[0-5][0-9])$",
}
_DAYS = (
    "built_on",
    "due",
    "review_on",
    "filed_on",
    "decided_on",
    "remove_by",
    "enforce_on",
    "removed_on",
    "closed_on",
    "ended_on",
    "looked_30_on",
    "looked_90_on",
)
_NUMBERS = {
    "height_m": "height_m >= 0 AND height_m <= 1000",
    "footprint_m2": "footprint_m2 >= 0",
}
_FLAGS = ("being_built", "temporary")
_ORDERS = (
    ("found_on", "filed_on", "decided_on", "closed_on"),
    ("found_on", "removed_on", "closed_on", "looked_30_on", "looked_90_on"),
    ("found_on", "ended_on"),
)
_FORMER = ("registered", "filed", "decided", "demolished", "closed")
_STATES = (
    "registered",
    "filed",
    "investigated",
    "determined",
    "notified",
    "decided",
    "reminded",
    "announced",
    "remedy",
    "enforcing",
    "agreement",
    "suspended",
    "demolished",
    "closed",
    "corrected",
    "terminated",
)
# What the states that were not there before had been until then.
_BEFORE = {
    "investigated": "filed",
    "determined": "filed",
    "notified": "filed",
    "suspended": "filed",
    "reminded": "decided",
    "announced": "decided",
    "remedy": "decided",
    "enforcing": "decided",
    "agreement": "decided",
    "corrected": "closed",
    "terminated": "closed",
}


def upgrade() -> None:
    op.create_table(
        "demolitions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("structure", sa.Text(), nullable=True),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("area_m2", sa.Double(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.Text(), nullable=True),
        sa.Column("whole", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("accepted_by", sa.Text(), nullable=True),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("place", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("division ~ '^(?:[0-9]{12})$'", name="demolitions_division"),
        sa.CheckConstraint(
            "ended_at ~ '^(?:([01][0-9]|2[0-3]):[0-5][0-9])$'", name="demolitions_ended_at"
        ),
        sa.CheckConstraint(
            "started_at ~ '^(?:([01][0-9]|2[0-3]):[0-5][0-9])$'", name="demolitions_started_at"
        ),
        sa.CheckConstraint("way IN ('self', 'assisted', 'forced')", name="demolitions_way"),
        sa.CheckConstraint("area_m2 >= 0 AND area_m2 <= 1e+06", name="demolitions_area_m2"),
        sa.CheckConstraint("char_length(accepted_by) <= 10000", name="demolitions_accepted_by"),
        sa.CheckConstraint("char_length(note) <= 10000", name="demolitions_note"),
        sa.CheckConstraint("char_length(number) <= 10000", name="demolitions_number"),
        sa.CheckConstraint("char_length(reason) <= 10000", name="demolitions_reason"),
        sa.CheckConstraint("char_length(source) <= 10000", name="demolitions_source"),
        sa.CheckConstraint("char_length(structure) <= 10000", name="demolitions_structure"),
        sa.CheckConstraint("done_on <= accepted_on", name="demolitions_order_0"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "demolitions_key",
        "demolitions",
        [sa.literal_column("md5(number)")],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index(
        "demolitions_of_structure",
        "demolitions",
        [sa.literal_column("md5(structure)")],
        unique=False,
    )
    op.create_index("demolitions_place", "demolitions", ["place"], unique=False)
    op.create_table(
        "demolitions_versions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("structure", sa.Text(), nullable=True),
        sa.Column("way", sa.Text(), nullable=True),
        sa.Column("area_m2", sa.Double(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("started_at", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.Text(), nullable=True),
        sa.Column("whole", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("accepted_by", sa.Text(), nullable=True),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("division", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("_operation", sa.Text(), nullable=False),
        sa.Column("_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("_change", sa.BigInteger(), nullable=False),
        sa.Column("_digest", postgresql.BYTEA(), nullable=False),
        sa.CheckConstraint(
            "_operation IN ('insert', 'update', 'delete')", name="demolitions_versions_operation"
        ),
        sa.PrimaryKeyConstraint("id", "_number"),
    )
    op.create_index(
        "demolitions_versions_change",
        "demolitions_versions",
        ["_change"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_table(
        "structure_documents",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("structure", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=False),
        sa.Column("served_how", sa.Text(), nullable=True),
        sa.Column("served_on", sa.Date(), nullable=True),
        sa.Column("recipient", sa.Text(), nullable=True),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("place", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("division ~ '^(?:[0-9]{12})$'", name="structure_documents_division"),
        sa.CheckConstraint(
            "kind IN ('filing', 'site_record', 'sketch', 'planning_opinion', 'stop_work', 'prior_notice', 'statement', 'legal_review', 'decision', 'reminder', 'announcement', 'reconsideration', 'reconsideration_decision', 'suit', 'judgment', 'government_order', 'enforcement_decision', 'enforcement_plan', 'recording', 'inventory', 'witness', 'agreement', 'permit', 'suspension', 'termination', 'other')",
            name="structure_documents_kind",
        ),
        sa.CheckConstraint(
            "outcome IN ('upheld', 'withdrawn', 'changed', 'annulled')",
            name="structure_documents_outcome",
        ),
        sa.CheckConstraint(
            "served_how IN ('direct', 'left', 'mail', 'entrusted', 'forwarded', 'electronic', 'publication')",
            name="structure_documents_served_how",
        ),
        sa.CheckConstraint("char_length(note) <= 10000", name="structure_documents_note"),
        sa.CheckConstraint("char_length(number) <= 10000", name="structure_documents_number"),
        sa.CheckConstraint("char_length(recipient) <= 10000", name="structure_documents_recipient"),
        sa.CheckConstraint("char_length(source) <= 10000", name="structure_documents_source"),
        sa.CheckConstraint("char_length(structure) <= 10000", name="structure_documents_structure"),
        sa.CheckConstraint(
            "dated_on <= served_on AND dated_on <= deadline AND served_on <= deadline",
            name="structure_documents_order_0",
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "structure_documents_key",
        "structure_documents",
        [sa.literal_column("md5(number)")],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index(
        "structure_documents_of_structure",
        "structure_documents",
        [sa.literal_column("md5(structure)")],
        unique=False,
    )
    op.create_index("structure_documents_place", "structure_documents", ["place"], unique=False)
    op.create_table(
        "structure_documents_versions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("structure", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("dated_on", sa.Date(), nullable=True),
        sa.Column("served_how", sa.Text(), nullable=True),
        sa.Column("served_on", sa.Date(), nullable=True),
        sa.Column("recipient", sa.Text(), nullable=True),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("division", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("_operation", sa.Text(), nullable=False),
        sa.Column("_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("_change", sa.BigInteger(), nullable=False),
        sa.Column("_digest", postgresql.BYTEA(), nullable=False),
        sa.CheckConstraint(
            "_operation IN ('insert', 'update', 'delete')",
            name="structure_documents_versions_operation",
        ),
        sa.PrimaryKeyConstraint("id", "_number"),
    )
    op.create_index(
        "structure_documents_versions_change",
        "structure_documents_versions",
        ["_change"],
        unique=False,
        postgresql_using="brin",
    )
    _widen()
    op.create_index("illegal_structures_of_field", "illegal_structures", ["field"], unique=False)
    _allow(_STATES)


def _columns() -> dict[str, type[sa.types.TypeEngine[Any]]]:
    kinds: dict[str, type[sa.types.TypeEngine[Any]]] = {}
    for names, kind in (
        ((*_TEXTS, *_CHOICES, *_PATTERNS), sa.Text),
        (_DAYS, sa.Date),
        (_NUMBERS, sa.Double),
        (_FLAGS, sa.Boolean),
    ):
        kinds |= dict.fromkeys(names, kind)
    return kinds


def _widen() -> None:
    for rows in ("illegal_structures", "illegal_structures_versions"):
        for name, kind in _columns().items():
            op.add_column(rows, sa.Column(name, kind(), nullable=True))
    rules = {name: f"char_length({name}) <= 10000" for name in _TEXTS}
    rules |= {name: f"{name} IN ({_listed(values)})" for name, values in _CHOICES.items()}
    rules |= {name: f"{name} ~ '{pattern}'" for name, pattern in _PATTERNS.items()}
    for name, rule in (rules | _NUMBERS).items():
        op.create_check_constraint(f"illegal_structures_{name}", "illegal_structures", rule)
    for n, days in enumerate(_ORDERS):
        rule = " AND ".join(f"{a} <= {b}" for a, b in combinations(days, 2))
        op.create_check_constraint(f"illegal_structures_order_{n}", "illegal_structures", rule)


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _allow(states: tuple[str, ...]) -> None:
    op.drop_constraint("illegal_structures_status", "illegal_structures")
    rule = f"status IN ({_listed(states)})"
    op.create_check_constraint("illegal_structures_status", "illegal_structures", rule)


def downgrade() -> None:
    rows = sa.table("illegal_structures", sa.column("status", sa.Text))
    for state, former in _BEFORE.items():
        op.execute(sa.update(rows).where(rows.c.status == state).values(status=former))
    _allow(_FORMER)
    op.drop_index("illegal_structures_of_field", table_name="illegal_structures")
    for name in _columns():
        for each in ("illegal_structures", "illegal_structures_versions"):
            op.drop_column(each, name)
    op.drop_index(
        "structure_documents_versions_change",
        table_name="structure_documents_versions",
        postgresql_using="brin",
    )
    op.drop_table("structure_documents_versions")
    op.drop_index("structure_documents_place", table_name="structure_documents")
    op.drop_index("structure_documents_of_structure", table_name="structure_documents")
    op.drop_index(
        "structure_documents_key",
        table_name="structure_documents",
        postgresql_nulls_not_distinct=True,
    )
    op.drop_table("structure_documents")
    op.drop_index(
        "demolitions_versions_change", table_name="demolitions_versions", postgresql_using="brin"
    )
    op.drop_table("demolitions_versions")
    op.drop_index("demolitions_place", table_name="demolitions")
    op.drop_index("demolitions_of_structure", table_name="demolitions")
    op.drop_index("demolitions_key", table_name="demolitions", postgresql_nulls_not_distinct=True)
    op.drop_table("demolitions")
