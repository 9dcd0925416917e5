"""The gate: batches of imports, special fields of divisions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "import_batches",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column(
            "loaded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("loaded_by", sa.Text(), nullable=False),
        sa.Column("belief", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("new", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("unchanged", sa.BigInteger(), nullable=False),
        sa.Column("skipped", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("deleted", sa.BigInteger(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("import_batches_layer", "import_batches", ["layer", "number"], unique=False)
    op.create_table(
        "import_changes",
        sa.Column("batch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("feature", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before", postgresql.JSON(astext_type=sa.Text()), nullable=True),
        sa.Column("after", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("batch", "feature"),
    )
    op.add_column("divisions", sa.Column("special_policy", sa.Text(), nullable=True))
    # Alembic does not see CHECK constraints.
    op.create_check_constraint(
        "divisions_special_policy", "divisions", "special_policy IN ('cut', 'over')"
    )


def downgrade() -> None:

    op.drop_column("divisions", "special_policy")
    op.drop_table("import_changes")
    op.drop_index("import_batches_layer", table_name="import_batches")
    op.drop_table("import_batches")
