"""Cases: their states, their steps, and the columns of the ledger."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_STATES = (
    "registered",
    "assigned",
    "returned",
    "accepted",
    "rectifying",
    "clearance_requested",
    "verifying",
    "cleared",
    "hung",
)
_FORMER = ("registered", "assigned", "rectifying", "verifying", "cleared")
_TEXTS = (
    "unit",
    "handler",
    "liaison",
    "order_number",
    "measure",
    "progress",
    "verifier",
    "previous",
    "meeting",
    "remark",
)
_DAYS = ("assigned_on", "extension_to", "review_on", "done_on", "cleared_on")


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("feature", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("leader", sa.Text(), nullable=True),
        sa.Column("handler_name", sa.Text(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("hung_until", sa.Date(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handler", sa.BigInteger(), nullable=True),
        sa.Column("verifier", sa.BigInteger(), nullable=True),
        sa.Column("cycle", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("reworks", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("extensions", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("layer", "feature"),
    )
    op.create_index("cases_closed", "cases", ["layer", "closed_on", "place"], unique=False)
    op.create_index("cases_due", "cases", ["layer", "due_at", "place"], unique=False)
    op.create_index(
        "cases_handler",
        "cases",
        ["handler"],
        unique=False,
        postgresql_where=sa.text("is_open AND handler IS NOT NULL"),
    )
    op.create_index(
        "cases_open",
        "cases",
        ["layer", "place", "due_at"],
        unique=False,
        postgresql_where=sa.text("is_open"),
    )
    op.create_index(
        "cases_open_field", "cases", ["field"], unique=False, postgresql_where=sa.text("is_open")
    )
    op.create_index("cases_opened", "cases", ["layer", "opened_on", "place"], unique=False)
    op.create_table(
        "steps",
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("feature", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("transition", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=True),
        sa.Column("person", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("due_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column(
            "given",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("transaction", sa.BigInteger(), nullable=False),
        sa.Column("brought", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("char_length(reason) <= 2000", name="steps_reason"),
        sa.CheckConstraint("ordinal > 0", name="steps_ordinal"),
        sa.PrimaryKeyConstraint("layer", "feature", "ordinal"),
    )
    op.create_index("steps_at", "steps", ["at"], unique=False)
    op.create_index("steps_place", "steps", ["place"], unique=False)
    op.create_index("steps_transaction", "steps", ["transaction"], unique=False)
    for rows in ("sites", "sites_versions"):
        for name in _TEXTS:
            op.add_column(rows, sa.Column(name, sa.Text(), nullable=True))
        for name in _DAYS:
            op.add_column(rows, sa.Column(name, sa.Date(), nullable=True))
    for name in _TEXTS:
        op.create_check_constraint(f"sites_{name}", "sites", f"char_length({name}) <= 10000")
    _allow(_STATES)


def _allow(states: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{state}'" for state in states)
    op.drop_constraint("sites_status", "sites")
    op.create_check_constraint("sites_status", "sites", f"status IN ({listed})")


def downgrade() -> None:
    _allow(_FORMER)
    for rows in ("sites", "sites_versions"):
        for name in (*_DAYS, *_TEXTS):
            op.drop_column(rows, name)
    op.drop_index("steps_transaction", table_name="steps")
    op.drop_index("steps_place", table_name="steps")
    op.drop_index("steps_at", table_name="steps")
    op.drop_table("steps")
    op.drop_index("cases_opened", table_name="cases")
    op.drop_index("cases_open_field", table_name="cases", postgresql_where=sa.text("is_open"))
    op.drop_index("cases_open", table_name="cases", postgresql_where=sa.text("is_open"))
    op.drop_index(
        "cases_handler",
        table_name="cases",
        postgresql_where=sa.text("is_open AND handler IS NOT NULL"),
    )
    op.drop_index("cases_due", table_name="cases")
    op.drop_index("cases_closed", table_name="cases")
    op.drop_table("cases")
