"""A counter of the changes of every table that maps are made of.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "moves",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("moves", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "mark",
            sa.BigInteger(),
            server_default=sa.text("(random() * 9007199254740992)::bigint"),
            nullable=False,
        ),
        postgresql_with={
            "autovacuum_vacuum_scale_factor": "0",
            "autovacuum_vacuum_threshold": "1000",
        },
    )


def downgrade() -> None:
    op.drop_table("moves")
