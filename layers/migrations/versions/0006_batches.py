"""Whose a load was, and of which division."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "import_batches",
        sa.Column(
            "account",
            sa.BigInteger(),
            server_default=sa.text(
                "nullif(current_setting('gridfield.account', true), '')::bigint"
            ),
            nullable=True,
        ),
    )
    op.add_column(
        "import_batches",
        sa.Column(
            "place",
            sa.BigInteger(),
            server_default=sa.text(
                "coalesce(nullif(current_setting('gridfield.lo', true), ''), '0')::bigint"
            ),
            nullable=False,
        ),
    )


def downgrade() -> None:
    op.drop_column("import_batches", "place")
    op.drop_column("import_batches", "account")
