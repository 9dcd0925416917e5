"""Records that are the same: who said so, and who took it back."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "same_as",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("feature", sa.BigInteger(), nullable=False),
        sa.Column("main", sa.BigInteger(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("place", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("main_place", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column(
            "account",
            sa.BigInteger(),
            server_default=sa.text(
                "nullif(current_setting('gridfield.account', true), '')::bigint"
            ),
            nullable=True,
        ),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint("feature <> main", name="same_as_another"),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("same_as_feature", "same_as", ["layer", "feature", "number"])
    op.create_index("same_as_main", "same_as", ["layer", "main", "number"])


def downgrade() -> None:
    op.drop_index("same_as_main", table_name="same_as")
    op.drop_index("same_as_feature", table_name="same_as")
    op.drop_table("same_as")
