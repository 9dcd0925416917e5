"""The history of the duties: every state of each, in the chain of all changes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "duties_versions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("layer", sa.Text(), nullable=True),
        sa.Column("feature", sa.BigInteger(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("_operation", sa.Text(), nullable=False),
        sa.Column("_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("_change", sa.BigInteger(), nullable=False),
        sa.Column("_digest", postgresql.BYTEA(), nullable=False),
        sa.CheckConstraint(
            "_operation IN ('insert', 'update', 'delete')", name="duties_versions_operation"
        ),
        sa.PrimaryKeyConstraint("id", "_number"),
    )
    op.create_index(
        "duties_versions_change",
        "duties_versions",
        ["_change"],
        unique=False,
        postgresql_using="brin",
    )
    # Its first version says it from now on.
    op.drop_column("duties", "recorded_at")


def downgrade() -> None:
    op.add_column(
        "duties",
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
    )
    op.drop_index("duties_versions_change", table_name="duties_versions", postgresql_using="brin")
    op.drop_table("duties_versions")
