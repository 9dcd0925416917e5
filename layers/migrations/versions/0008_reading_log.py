"""The log of personal values that were told unmasked."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "personal_reads",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "account",
            sa.BigInteger(),
            server_default=sa.text(
                "nullif(current_setting('gridfield.account', true), '')::bigint"
            ),
            nullable=True,
        ),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("session", sa.BigInteger(), nullable=True),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("rows > 0", name="personal_reads_rows"),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("personal_reads_at", "personal_reads", ["at"], unique=False)
    op.create_index(
        "personal_reads_hour", "personal_reads", ["session", "layer", "hour"], unique=True
    )


def downgrade() -> None:
    op.drop_index("personal_reads_hour", table_name="personal_reads")
    op.drop_index("personal_reads_at", table_name="personal_reads")
    op.drop_table("personal_reads")
