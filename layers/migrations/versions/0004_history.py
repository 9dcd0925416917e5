"""History: versions of every feature, the chain of changes, lineage; a place for every row."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "buildings_versions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("storeys", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("_operation", sa.Text(), nullable=False),
        sa.Column("_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("_change", sa.BigInteger(), nullable=False),
        sa.Column("_digest", postgresql.BYTEA(), nullable=False),
        sa.CheckConstraint(
            "_operation IN ('insert', 'update', 'delete')", name="buildings_versions_operation"
        ),
        sa.PrimaryKeyConstraint("id", "_number"),
    )
    op.create_index(
        "buildings_versions_change",
        "buildings_versions",
        ["_change"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_index(
        "buildings_versions_geom",
        "buildings_versions",
        ["geom", "place"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_table(
        "changes",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("transaction", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("rows_digest", postgresql.BYTEA(), nullable=False),
        sa.Column("places", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("link", sa.BigInteger(), nullable=True),
        sa.Column("previous", postgresql.BYTEA(), nullable=True),
        sa.Column("digest", postgresql.BYTEA(), nullable=True),
        sa.CheckConstraint("operation IN ('insert', 'update', 'delete')", name="changes_operation"),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("link"),
    )
    op.create_index("changes_transaction", "changes", ["transaction"], unique=False)
    op.create_table(
        "courtyards_versions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("owner_unit", sa.Text(), nullable=True),
        sa.Column("built", sa.BigInteger(), nullable=True),
        sa.Column("buildings", sa.BigInteger(), nullable=True),
        sa.Column("households", sa.BigInteger(), nullable=True),
        sa.Column("management", sa.Text(), nullable=True),
        sa.Column("fire_equipment", sa.BigInteger(), nullable=True),
        sa.Column("sanitation_equipment", sa.BigInteger(), nullable=True),
        sa.Column("rubbish_cleared_t", sa.Double(), nullable=True),
        sa.Column("piles_cleared", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("_operation", sa.Text(), nullable=False),
        sa.Column("_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("_change", sa.BigInteger(), nullable=False),
        sa.Column("_digest", postgresql.BYTEA(), nullable=False),
        sa.CheckConstraint(
            "_operation IN ('insert', 'update', 'delete')", name="courtyards_versions_operation"
        ),
        sa.PrimaryKeyConstraint("id", "_number"),
    )
    op.create_index(
        "courtyards_versions_change",
        "courtyards_versions",
        ["_change"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_index(
        "courtyards_versions_geom",
        "courtyards_versions",
        ["geom", "place"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_table(
        "division_pieces",
        sa.Column("division", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("depth", sa.SmallInteger(), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
    )
    op.create_index("division_pieces_division", "division_pieces", ["division"], unique=False)
    op.create_index(
        "division_pieces_geom", "division_pieces", ["geom"], unique=False, postgresql_using="spgist"
    )
    op.create_table(
        "divisions_versions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("special_policy", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("_operation", sa.Text(), nullable=False),
        sa.Column("_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("_change", sa.BigInteger(), nullable=False),
        sa.Column("_digest", postgresql.BYTEA(), nullable=False),
        sa.CheckConstraint(
            "_operation IN ('insert', 'update', 'delete')", name="divisions_versions_operation"
        ),
        sa.PrimaryKeyConstraint("id", "_number"),
    )
    op.create_index(
        "divisions_versions_change",
        "divisions_versions",
        ["_change"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_index(
        "divisions_versions_geom",
        "divisions_versions",
        ["geom", "place"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_table(
        "grid_fields_versions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("division", sa.Text(), nullable=True),
        sa.Column("households", sa.BigInteger(), nullable=True),
        sa.Column("population", sa.BigInteger(), nullable=True),
        sa.Column("leader", sa.Text(), nullable=True),
        sa.Column("deputy", sa.Text(), nullable=True),
        sa.Column("people_lead", sa.Text(), nullable=True),
        sa.Column("area_lead", sa.Text(), nullable=True),
        sa.Column("task_lead", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("_operation", sa.Text(), nullable=False),
        sa.Column("_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("_change", sa.BigInteger(), nullable=False),
        sa.Column("_digest", postgresql.BYTEA(), nullable=False),
        sa.CheckConstraint(
            "_operation IN ('insert', 'update', 'delete')", name="grid_fields_versions_operation"
        ),
        sa.PrimaryKeyConstraint("id", "_number"),
    )
    op.create_index(
        "grid_fields_versions_change",
        "grid_fields_versions",
        ["_change"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_index(
        "grid_fields_versions_geom",
        "grid_fields_versions",
        ["geom", "place"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_table(
        "illegal_structures_versions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("use", sa.Text(), nullable=True),
        sa.Column("structure", sa.Text(), nullable=True),
        sa.Column("storeys", sa.BigInteger(), nullable=True),
        sa.Column("area_measured_m2", sa.Double(), nullable=True),
        sa.Column("area_computed_m2", sa.Double(), nullable=True),
        sa.Column("found_on", sa.Date(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("demolished_area_m2", sa.Double(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("_operation", sa.Text(), nullable=False),
        sa.Column("_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("_change", sa.BigInteger(), nullable=False),
        sa.Column("_digest", postgresql.BYTEA(), nullable=False),
        sa.CheckConstraint(
            "_operation IN ('insert', 'update', 'delete')",
            name="illegal_structures_versions_operation",
        ),
        sa.PrimaryKeyConstraint("id", "_number"),
    )
    op.create_index(
        "illegal_structures_versions_change",
        "illegal_structures_versions",
        ["_change"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_index(
        "illegal_structures_versions_geom",
        "illegal_structures_versions",
        ["geom", "place"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_table(
        "lineage",
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("parent", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("parent_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("child", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("child_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("area_m2", sa.Double(), nullable=False),
        sa.Column("parent_place", sa.BigInteger(), nullable=False),
        sa.Column("child_place", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("layer", "parent", "parent_number", "child", "child_number"),
    )
    op.create_index("lineage_child", "lineage", ["layer", "child"], unique=False)
    op.create_table(
        "road_segments_versions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("from_place", sa.Text(), nullable=True),
        sa.Column("to_place", sa.Text(), nullable=True),
        sa.Column("road_class", sa.Text(), nullable=True),
        sa.Column("liaison_leader", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("_operation", sa.Text(), nullable=False),
        sa.Column("_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("_change", sa.BigInteger(), nullable=False),
        sa.Column("_digest", postgresql.BYTEA(), nullable=False),
        sa.CheckConstraint(
            "_operation IN ('insert', 'update', 'delete')", name="road_segments_versions_operation"
        ),
        sa.PrimaryKeyConstraint("id", "_number"),
    )
    op.create_index(
        "road_segments_versions_change",
        "road_segments_versions",
        ["_change"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_index(
        "road_segments_versions_geom",
        "road_segments_versions",
        ["geom", "place"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_table(
        "streets_versions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("road_class", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("_operation", sa.Text(), nullable=False),
        sa.Column("_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("_change", sa.BigInteger(), nullable=False),
        sa.Column("_digest", postgresql.BYTEA(), nullable=False),
        sa.CheckConstraint(
            "_operation IN ('insert', 'update', 'delete')", name="streets_versions_operation"
        ),
        sa.PrimaryKeyConstraint("id", "_number"),
    )
    op.create_index(
        "streets_versions_change",
        "streets_versions",
        ["_change"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_index(
        "streets_versions_geom",
        "streets_versions",
        ["geom", "place"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_table(
        "water_versions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("_operation", sa.Text(), nullable=False),
        sa.Column("_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("_change", sa.BigInteger(), nullable=False),
        sa.Column("_digest", postgresql.BYTEA(), nullable=False),
        sa.CheckConstraint(
            "_operation IN ('insert', 'update', 'delete')", name="water_versions_operation"
        ),
        sa.PrimaryKeyConstraint("id", "_number"),
    )
    op.create_index(
        "water_versions_change",
        "water_versions",
        ["_change"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_index(
        "water_versions_geom",
        "water_versions",
        ["geom", "place"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_table(
        "work_units_versions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("liaison_leader", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("_operation", sa.Text(), nullable=False),
        sa.Column("_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("_change", sa.BigInteger(), nullable=False),
        sa.Column("_digest", postgresql.BYTEA(), nullable=False),
        sa.CheckConstraint(
            "_operation IN ('insert', 'update', 'delete')", name="work_units_versions_operation"
        ),
        sa.PrimaryKeyConstraint("id", "_number"),
    )
    op.create_index(
        "work_units_versions_change",
        "work_units_versions",
        ["_change"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_index(
        "work_units_versions_geom",
        "work_units_versions",
        ["geom", "place"],
        unique=False,
        postgresql_using="gist",
    )
    op.add_column(
        "buildings", sa.Column("place", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.drop_index(op.f("buildings_geom"), table_name="buildings", postgresql_using="gist")
    op.create_index(
        "buildings_geom", "buildings", ["geom", "place"], unique=False, postgresql_using="gist"
    )
    op.create_index("buildings_place", "buildings", ["place"], unique=False)
    op.add_column(
        "courtyards", sa.Column("place", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.drop_index(op.f("courtyards_geom"), table_name="courtyards", postgresql_using="gist")
    op.create_index(
        "courtyards_geom", "courtyards", ["geom", "place"], unique=False, postgresql_using="gist"
    )
    op.create_index("courtyards_place", "courtyards", ["place"], unique=False)
    op.add_column(
        "divisions", sa.Column("place", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.drop_index(op.f("divisions_geom"), table_name="divisions", postgresql_using="gist")
    op.create_index(
        "divisions_geom", "divisions", ["geom", "place"], unique=False, postgresql_using="gist"
    )
    op.create_index("divisions_place", "divisions", ["place"], unique=False)
    op.add_column(
        "grid_fields", sa.Column("place", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.drop_index(op.f("grid_fields_geom"), table_name="grid_fields", postgresql_using="gist")
    op.create_index(
        "grid_fields_geom", "grid_fields", ["geom", "place"], unique=False, postgresql_using="gist"
    )
    op.create_index("grid_fields_place", "grid_fields", ["place"], unique=False)
    op.add_column(
        "illegal_structures",
        sa.Column("place", sa.BigInteger(), server_default="0", nullable=False),
    )
    op.drop_index(
        op.f("illegal_structures_geom"), table_name="illegal_structures", postgresql_using="gist"
    )
    op.create_index(
        "illegal_structures_geom",
        "illegal_structures",
        ["geom", "place"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_index("illegal_structures_place", "illegal_structures", ["place"], unique=False)
    op.add_column(
        "road_segments", sa.Column("place", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.drop_index(op.f("road_segments_geom"), table_name="road_segments", postgresql_using="gist")
    op.create_index(
        "road_segments_geom",
        "road_segments",
        ["geom", "place"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_index("road_segments_place", "road_segments", ["place"], unique=False)
    op.add_column(
        "streets", sa.Column("place", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.drop_index(op.f("streets_geom"), table_name="streets", postgresql_using="gist")
    op.create_index(
        "streets_geom", "streets", ["geom", "place"], unique=False, postgresql_using="gist"
    )
    op.create_index("streets_place", "streets", ["place"], unique=False)
    op.add_column("water", sa.Column("place", sa.BigInteger(), server_default="0", nullable=False))
    op.drop_index(op.f("water_geom"), table_name="water", postgresql_using="gist")
    op.create_index("water_geom", "water", ["geom", "place"], unique=False, postgresql_using="gist")
    op.create_index("water_place", "water", ["place"], unique=False)
    op.add_column(
        "work_units", sa.Column("place", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.drop_index(op.f("work_units_geom"), table_name="work_units", postgresql_using="gist")
    op.create_index(
        "work_units_geom", "work_units", ["geom", "place"], unique=False, postgresql_using="gist"
    )
    op.create_index("work_units_place", "work_units", ["place"], unique=False)


def downgrade() -> None:
    op.drop_index("work_units_place", table_name="work_units")
    op.drop_index("work_units_geom", table_name="work_units", postgresql_using="gist")
    op.create_index(
        op.f("work_units_geom"), "work_units", ["geom"], unique=False, postgresql_using="gist"
    )
    op.drop_column("work_units", "place")
    op.drop_index("water_place", table_name="water")
    op.drop_index("water_geom", table_name="water", postgresql_using="gist")
    op.create_index(op.f("water_geom"), "water", ["geom"], unique=False, postgresql_using="gist")
    op.drop_column("water", "place")
    op.drop_index("streets_place", table_name="streets")
    op.drop_index("streets_geom", table_name="streets", postgresql_using="gist")
    op.create_index(
        op.f("streets_geom"), "streets", ["geom"], unique=False, postgresql_using="gist"
    )
    op.drop_column("streets", "place")
    op.drop_index("road_segments_place", table_name="road_segments")
    op.drop_index("road_segments_geom", table_name="road_segments", postgresql_using="gist")
    op.create_index(
        op.f("road_segments_geom"), "road_segments", ["geom"], unique=False, postgresql_using="gist"
    )
    op.drop_column("road_segments", "place")
    op.drop_index("illegal_structures_place", table_name="illegal_structures")
    op.drop_index(
        "illegal_structures_geom", table_name="illegal_structures", postgresql_using="gist"
    )
    op.create_index(
        op.f("illegal_structures_geom"),
        "illegal_structures",
        ["geom"],
        unique=False,
        postgresql_using="gist",
    )
    op.drop_column("illegal_structures", "place")
    op.drop_index("grid_fields_place", table_name="grid_fields")
    op.drop_index("grid_fields_geom", table_name="grid_fields", postgresql_using="gist")
    op.create_index(
        op.f("grid_fields_geom"), "grid_fields", ["geom"], unique=False, postgresql_using="gist"
    )
    op.drop_column("grid_fields", "place")
    op.drop_index("divisions_place", table_name="divisions")
    op.drop_index("divisions_geom", table_name="divisions", postgresql_using="gist")
    op.create_index(
        op.f("divisions_geom"), "divisions", ["geom"], unique=False, postgresql_using="gist"
    )
    op.drop_column("divisions", "place")
    op.drop_index("courtyards_place", table_name="courtyards")
    op.drop_index("courtyards_geom", table_name="courtyards", postgresql_using="gist")
    op.create_index(
        op.f("courtyards_geom"), "courtyards", ["geom"], unique=False, postgresql_using="gist"
    )
    op.drop_column("courtyards", "place")
    op.drop_index("buildings_place", table_name="buildings")
    op.drop_index("buildings_geom", table_name="buildings", postgresql_using="gist")
    op.create_index(
        op.f("buildings_geom"), "buildings", ["geom"], unique=False, postgresql_using="gist"
    )
    op.drop_column("buildings", "place")
    op.drop_index(
        "work_units_versions_geom", table_name="work_units_versions", postgresql_using="gist"
    )
    op.drop_index(
        "work_units_versions_change", table_name="work_units_versions", postgresql_using="brin"
    )
    op.drop_table("work_units_versions")
    op.drop_index("water_versions_geom", table_name="water_versions", postgresql_using="gist")
    op.drop_index("water_versions_change", table_name="water_versions", postgresql_using="brin")
    op.drop_table("water_versions")
    op.drop_index("streets_versions_geom", table_name="streets_versions", postgresql_using="gist")
    op.drop_index("streets_versions_change", table_name="streets_versions", postgresql_using="brin")
    op.drop_table("streets_versions")
    op.drop_index(
        "road_segments_versions_geom", table_name="road_segments_versions", postgresql_using="gist"
    )
    op.drop_index(
        "road_segments_versions_change",
        table_name="road_segments_versions",
        postgresql_using="brin",
    )
    op.drop_table("road_segments_versions")
    op.drop_index("lineage_child", table_name="lineage")
    op.drop_table("lineage")
    op.drop_index(
        "illegal_structures_versions_geom",
        table_name="illegal_structures_versions",
        postgresql_using="gist",
    )
    op.drop_index(
        "illegal_structures_versions_change",
        table_name="illegal_structures_versions",
        postgresql_using="brin",
    )
    op.drop_table("illegal_structures_versions")
    op.drop_index(
        "grid_fields_versions_geom", table_name="grid_fields_versions", postgresql_using="gist"
    )
    op.drop_index(
        "grid_fields_versions_change", table_name="grid_fields_versions", postgresql_using="brin"
    )
    op.drop_table("grid_fields_versions")
    op.drop_index(
        "divisions_versions_geom", table_name="divisions_versions", postgresql_using="gist"
    )
    op.drop_index(
        "divisions_versions_change", table_name="divisions_versions", postgresql_using="brin"
    )
    op.drop_table("divisions_versions")
    op.drop_index("division_pieces_geom", table_name="division_pieces", postgresql_using="spgist")
    op.drop_index("division_pieces_division", table_name="division_pieces")
    op.drop_table("division_pieces")
    op.drop_index(
        "courtyards_versions_geom", table_name="courtyards_versions", postgresql_using="gist"
    )
    op.drop_index(
        "courtyards_versions_change", table_name="courtyards_versions", postgresql_using="brin"
    )
    op.drop_table("courtyards_versions")
    op.drop_index("changes_transaction", table_name="changes")
    op.drop_table("changes")
    op.drop_index(
        "buildings_versions_geom", table_name="buildings_versions", postgresql_using="gist"
    )
    op.drop_index(
        "buildings_versions_change", table_name="buildings_versions", postgresql_using="brin"
    )
    op.drop_table("buildings_versions")
