"""Duties: who answers for what, from when to when."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SLOT = (
    "(CASE role || ' ' || layer "
    "WHEN 'grid_leader grid_fields' THEN 0 "
    "WHEN 'grid_member grid_fields' THEN 10 "
    "WHEN 'grid_guide grid_fields' THEN 20 "
    "WHEN 'people_lead grid_fields' THEN 30 "
    "WHEN 'area_lead grid_fields' THEN 40 "
    "WHEN 'task_lead grid_fields' THEN 50 "
    "WHEN 'liaison_leader road_segments' THEN 60 "
    "WHEN 'liaison_leader work_units' THEN 61 "
    "WHEN 'liaison_leader courtyards' THEN 62 "
    "WHEN 'road_leader road_segments' THEN 70 "
    "WHEN 'courtyard_head courtyards' THEN 80 END)"
)
_ROLES = (
    "role = 'grid_leader' AND layer IN ('grid_fields') "
    "OR role = 'grid_member' AND layer IN ('grid_fields') "
    "OR role = 'grid_guide' AND layer IN ('grid_fields') "
    "OR role = 'people_lead' AND layer IN ('grid_fields') "
    "OR role = 'area_lead' AND layer IN ('grid_fields') "
    "OR role = 'task_lead' AND layer IN ('grid_fields') "
    "OR role = 'liaison_leader' AND layer IN ('road_segments', 'work_units', 'courtyards') "
    "OR role = 'road_leader' AND layer IN ('road_segments') "
    "OR role = 'courtyard_head' AND layer IN ('courtyards')"
)


def upgrade() -> None:
    op.create_table("duties_settled", sa.Column("day", sa.Date(), nullable=False))
    op.create_table(
        "duties",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("feature", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        postgresql.ExcludeConstraint(
            (sa.column("feature"), "="),
            (
                sa.literal_column(_SLOT),
                "=",
            ),
            (sa.column("person_id"), "="),
            (sa.literal_column("daterange(valid_from, valid_to)"), "&&"),
            where=sa.text("role NOT IN ('grid_leader', 'road_leader', 'courtyard_head')"),
            using="gist",
            name="duties_once_each",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("feature"), "="),
            (
                sa.literal_column(_SLOT),
                "=",
            ),
            (sa.literal_column("daterange(valid_from, valid_to)"), "&&"),
            where=sa.text("role IN ('grid_leader', 'road_leader', 'courtyard_head')"),
            using="gist",
            name="duties_one_holder",
        ),
        sa.CheckConstraint(
            _ROLES,
            name="duties_role",
        ),
        sa.CheckConstraint("char_length(document) <= 500", name="duties_document"),
        sa.CheckConstraint("char_length(ended_reason) <= 500", name="duties_ended_reason"),
        sa.CheckConstraint("valid_from < valid_to", name="duties_term"),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("duties_person", "duties", ["person_id"], unique=False)
    op.create_index("duties_target", "duties", ["layer", "feature"], unique=False)


def downgrade() -> None:
    op.drop_index("duties_target", table_name="duties")
    op.drop_index("duties_person", table_name="duties")
    op.drop_table("duties")
    op.drop_table("duties_settled")
