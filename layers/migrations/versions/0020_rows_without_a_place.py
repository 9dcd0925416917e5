"""How the place of a site is known that was neither drawn nor measured."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for rows in ("sites", "sites_versions"):
        op.add_column(rows, sa.Column("placed_by", sa.Text(), nullable=True))
    op.create_check_constraint("sites_placed_by", "sites", "placed_by IN ('field', 'division')")


def downgrade() -> None:
    op.drop_constraint("sites_placed_by", "sites")
    for rows in ("sites", "sites_versions"):
        op.drop_column(rows, "placed_by")
