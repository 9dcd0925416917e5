"""An index over the days on which cases were filed, for reports.

Revision ID: 0016
Revises: 0015
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("cases_filed", "cases", ["layer", "filed_on", "place"])


def downgrade() -> None:
    op.drop_index("cases_filed", table_name="cases")
