"""The steps of cases as links of the chain of all changes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("steps", sa.Column("change", sa.BigInteger(), nullable=True))
    op.add_column("steps", sa.Column("digest", postgresql.BYTEA(), nullable=True))
    op.create_index("steps_change", "steps", ["change"], unique=False, postgresql_using="brin")


def downgrade() -> None:
    op.drop_index("steps_change", table_name="steps", postgresql_using="brin")
    op.drop_column("steps", "digest")
    op.drop_column("steps", "change")
