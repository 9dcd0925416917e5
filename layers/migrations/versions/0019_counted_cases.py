"""Indexes of cases have in them what statistics ask of a case, so that these need no other."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_COLUMNS = {
    "cases_open": ["layer", "place", "due_at"],
    "cases_opened": ["layer", "opened_on", "place"],
    "cases_filed": ["layer", "filed_on", "place"],
    "cases_due": ["layer", "due_at", "place"],
    "cases_closed": ["layer", "closed_on", "place"],
}
_INCLUDED = {
    "cases_open": ["feature", "begun_at", "state", "hung_until", "field"],
    "cases_opened": ["feature"],
    "cases_filed": ["feature"],
    "cases_due": ["feature", "closed_on", "reworks", "extensions"],
    "cases_closed": ["feature", "opened_on", "due_at", "hung_until"],
}


def upgrade() -> None:
    _made_anew(_INCLUDED)
    # An index alone can answer only for pages that have been vacuumed since they were changed.
    op.execute(
        "ALTER TABLE cases SET (autovacuum_vacuum_scale_factor = 0.02,"
        " autovacuum_vacuum_insert_scale_factor = 0.02)"
    )


def downgrade() -> None:
    _made_anew({name: [] for name in _COLUMNS})
    op.execute(
        "ALTER TABLE cases RESET (autovacuum_vacuum_scale_factor,"
        " autovacuum_vacuum_insert_scale_factor)"
    )


def _made_anew(included: dict[str, list[str]]) -> None:
    for name, columns in _COLUMNS.items():
        where = sa.text("is_open") if name == "cases_open" else None
        op.drop_index(name, table_name="cases")
        op.create_index(
            name,
            "cases",
            columns,
            unique=False,
            postgresql_include=included[name],
            postgresql_where=where,
        )
