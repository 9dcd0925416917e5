"""Patrols: their ways, and what was walked of each road."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "patrol_coverage",
        sa.Column("span", sa.Text(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("road", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("metres", sa.Double(), server_default="0", nullable=False),
        sa.Column("settled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "covered",
            Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.CheckConstraint("span IN ('day', 'week')", name="patrol_coverage_span"),
        sa.CheckConstraint("metres >= 0", name="patrol_coverage_metres"),
        sa.PrimaryKeyConstraint("span", "first", "road"),
    )
    op.create_index(
        "patrol_coverage_road", "patrol_coverage", ["road", "span", "first"], unique=False
    )
    op.create_table(
        "patrols",
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column(
            "account",
            sa.BigInteger(),
            server_default=sa.text(
                "nullif(current_setting('gridfield.account', true), '')::bigint"
            ),
            nullable=False,
        ),
        sa.Column("person", sa.BigInteger(), nullable=True),
        sa.Column(
            "place",
            sa.BigInteger(),
            server_default=sa.text("nullif(current_setting('gridfield.lo', true), '')::bigint"),
            nullable=False,
        ),
        sa.Column(
            "place_to",
            sa.BigInteger(),
            server_default=sa.text("nullif(current_setting('gridfield.hi', true), '')::bigint"),
            nullable=False,
        ),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kept_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("start_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("stop_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("announced", sa.Integer(), nullable=True),
        sa.Column("device", sa.Text(), nullable=True),
        sa.Column("app", sa.Text(), nullable=True),
        sa.Column("batches", sa.Integer(), server_default="0", nullable=False),
        sa.Column("points", sa.Integer(), server_default="0", nullable=False),
        sa.Column("left_out", sa.Integer(), server_default="0", nullable=False),
        sa.Column("gaps", sa.Integer(), server_default="0", nullable=False),
        sa.Column("walked_m", sa.Double(), server_default="0", nullable=False),
        sa.Column("ridden_m", sa.Double(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "char_length(device) <= 200 AND char_length(app) <= 200", name="patrols_texts"
        ),
        sa.CheckConstraint("stopped_at >= started_at", name="patrols_order"),
        sa.PrimaryKeyConstraint("uuid"),
    )
    op.create_index("patrols_account", "patrols", ["account", "started_at"], unique=False)
    op.create_index("patrols_kept", "patrols", ["kept_until"], unique=False)
    op.create_index("patrols_place", "patrols", ["place", "started_at"], unique=False)
    op.create_table(
        "patrol_points",
        sa.Column("patrol", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("datum", sa.Text(), nullable=False),
        sa.Column("resumed", sa.Boolean(), nullable=False),
        sa.Column("clock_offset_s", sa.Double(), nullable=False),
        sa.Column("points", sa.Integer(), server_default="0", nullable=False),
        sa.Column("inaccurate", sa.Integer(), server_default="0", nullable=False),
        sa.Column("clock", sa.Integer(), server_default="0", nullable=False),
        sa.Column("close", sa.Integer(), server_default="0", nullable=False),
        sa.Column("at", postgresql.ARRAY(sa.Double()), nullable=False),
        sa.Column("lon", postgresql.ARRAY(sa.Double()), nullable=False),
        sa.Column("lat", postgresql.ARRAY(sa.Double()), nullable=False),
        sa.Column("accuracy_m", postgresql.ARRAY(sa.Double()), nullable=False),
        sa.CheckConstraint(
            "cardinality(at) = points AND cardinality(lon) = points"
            " AND cardinality(lat) = points AND cardinality(accuracy_m) = points",
            name="patrol_points_number",
        ),
        sa.CheckConstraint("seq > 0", name="patrol_points_seq"),
        sa.ForeignKeyConstraint(["patrol"], ["patrols.uuid"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("patrol", "seq"),
    )
    op.create_table(
        "patrol_stretches",
        sa.Column("patrol", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("metres", sa.Double(), server_default="0", nullable=False),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="LINESTRING",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("kind IN ('walked', 'ridden', 'gap')", name="patrol_stretches_kind"),
        sa.ForeignKeyConstraint(["patrol"], ["patrols.uuid"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("patrol", "number"),
    )
    op.create_index("patrol_stretches_day", "patrol_stretches", ["day"], unique=False)
    op.create_index(
        "patrol_stretches_geom", "patrol_stretches", ["geom"], unique=False, postgresql_using="gist"
    )


def downgrade() -> None:
    op.drop_index("patrol_stretches_geom", table_name="patrol_stretches", postgresql_using="gist")
    op.drop_index("patrol_stretches_day", table_name="patrol_stretches")
    op.drop_table("patrol_stretches")
    op.drop_table("patrol_points")
    op.drop_index("patrols_place", table_name="patrols")
    op.drop_index("patrols_kept", table_name="patrols")
    op.drop_index("patrols_account", table_name="patrols")
    op.drop_table("patrols")
    op.drop_index("patrol_coverage_road", table_name="patrol_coverage")
    op.drop_table("patrol_coverage")
