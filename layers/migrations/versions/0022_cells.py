"""How many points lie in each cell of the far zooms, and fields united by division.

Revision ID: 0022
Revises: 0021
"""

import geoalchemy2
import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cells",
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("grid", sa.SmallInteger(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("class", sa.Text()),
        sa.Column("features", sa.BigInteger(), nullable=False),
        sa.Column("lacking", sa.BigInteger(), nullable=False),
        sa.Column("ids", sa.BigInteger(), nullable=False),
        sa.Column("eastings", sa.BigInteger(), nullable=False),
        sa.Column("southings", sa.BigInteger(), nullable=False),
        sa.Column("is_new", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        postgresql_with={
            "autovacuum_vacuum_scale_factor": "0.1",
            "autovacuum_vacuum_threshold": "2000",
        },
    )
    op.create_index("cells_key", "cells", ["layer", "grid", "x", "y"])
    op.create_index("cells_new", "cells", ["is_new"], postgresql_where=sa.text("is_new"))
    op.create_table(
        "grounds",
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("depth", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("features", sa.BigInteger(), nullable=False),
        sa.Column("lacking", sa.BigInteger(), nullable=False),
        sa.Column("ids", sa.BigInteger(), nullable=False),
        sa.Column(
            "geom",
            geoalchemy2.types.Geometry(
                geometry_type="GEOMETRY", srid=3857, spatial_index=False, nullable=False
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("layer", "depth", "place"),
    )
    op.create_table(
        "stale_grounds",
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("stale_grounds")
    op.drop_table("grounds")
    op.drop_table("cells")
