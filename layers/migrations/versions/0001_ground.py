"""The ground: divisions, fields, roads, units, structures, courtyards, the base map."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "buildings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
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
        sa.CheckConstraint(
            "GeometryType(geom) IN ('POLYGON', 'MULTIPOLYGON')", name="buildings_geom_type"
        ),
        sa.CheckConstraint("char_length(source) <= 10000", name="buildings_source"),
        sa.CheckConstraint("storeys >= 0 AND storeys <= 200", name="buildings_storeys"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("buildings_geom", "buildings", ["geom"], unique=False, postgresql_using="gist")
    op.create_table(
        "courtyards",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner_unit", sa.Text(), nullable=True),
        sa.Column("built", sa.BigInteger(), nullable=True),
        sa.Column("buildings", sa.BigInteger(), nullable=True),
        sa.Column("households", sa.BigInteger(), nullable=True),
        sa.Column("management", sa.Text(), nullable=False),
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
        sa.CheckConstraint("GeometryType(geom) IN ('POINT')", name="courtyards_geom_type"),
        sa.CheckConstraint(
            "management IN ('none', 'self', 'community', 'company')", name="courtyards_management"
        ),
        sa.CheckConstraint("buildings >= 0", name="courtyards_buildings"),
        sa.CheckConstraint("built >= 1800 AND built <= 2200", name="courtyards_built"),
        sa.CheckConstraint("char_length(name) <= 10000", name="courtyards_name"),
        sa.CheckConstraint("char_length(owner_unit) <= 10000", name="courtyards_owner_unit"),
        sa.CheckConstraint("char_length(source) <= 10000", name="courtyards_source"),
        sa.CheckConstraint("fire_equipment >= 0", name="courtyards_fire_equipment"),
        sa.CheckConstraint("households >= 0", name="courtyards_households"),
        sa.CheckConstraint("piles_cleared >= 0", name="courtyards_piles_cleared"),
        sa.CheckConstraint("rubbish_cleared_t >= 0", name="courtyards_rubbish_cleared_t"),
        sa.CheckConstraint("sanitation_equipment >= 0", name="courtyards_sanitation_equipment"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "courtyards_geom", "courtyards", ["geom"], unique=False, postgresql_using="gist"
    )
    op.create_index(
        "courtyards_key",
        "courtyards",
        [sa.literal_column("md5(name)")],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "divisions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
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
        sa.CheckConstraint(
            "GeometryType(geom) IN ('POLYGON', 'MULTIPOLYGON')", name="divisions_geom_type"
        ),
        sa.CheckConstraint("code ~ '^(?:[0-9]{12})$'", name="divisions_code"),
        sa.CheckConstraint(
            "level IN ('district', 'street', 'community', 'village')", name="divisions_level"
        ),
        sa.CheckConstraint("parent ~ '^(?:[0-9]{12})$'", name="divisions_parent"),
        sa.CheckConstraint("char_length(name) <= 10000", name="divisions_name"),
        sa.CheckConstraint("char_length(source) <= 10000", name="divisions_source"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("divisions_geom", "divisions", ["geom"], unique=False, postgresql_using="gist")
    op.create_index(
        "divisions_key",
        "divisions",
        [sa.literal_column("code")],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "grid_fields",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
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
        sa.Column("tint", sa.SmallInteger(), nullable=True),
        sa.CheckConstraint(
            "GeometryType(geom) IN ('POLYGON', 'MULTIPOLYGON')", name="grid_fields_geom_type"
        ),
        sa.CheckConstraint("code ~ '^(?:[0-9]{15})$'", name="grid_fields_code"),
        sa.CheckConstraint("division ~ '^(?:[0-9]{12})$'", name="grid_fields_division"),
        sa.CheckConstraint("kind IN ('general', 'basic', 'special')", name="grid_fields_kind"),
        sa.CheckConstraint("char_length(area_lead) <= 10000", name="grid_fields_area_lead"),
        sa.CheckConstraint("char_length(deputy) <= 10000", name="grid_fields_deputy"),
        sa.CheckConstraint("char_length(leader) <= 10000", name="grid_fields_leader"),
        sa.CheckConstraint("char_length(name) <= 10000", name="grid_fields_name"),
        sa.CheckConstraint("char_length(people_lead) <= 10000", name="grid_fields_people_lead"),
        sa.CheckConstraint("char_length(source) <= 10000", name="grid_fields_source"),
        sa.CheckConstraint("char_length(task_lead) <= 10000", name="grid_fields_task_lead"),
        sa.CheckConstraint("households >= 0", name="grid_fields_households"),
        sa.CheckConstraint("population >= 0", name="grid_fields_population"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "grid_fields_geom", "grid_fields", ["geom"], unique=False, postgresql_using="gist"
    )
    op.create_index(
        "grid_fields_key",
        "grid_fields",
        [sa.literal_column("code")],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "illegal_structures",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("use", sa.Text(), nullable=True),
        sa.Column("structure", sa.Text(), nullable=True),
        sa.Column("storeys", sa.BigInteger(), nullable=True),
        sa.Column("area_measured_m2", sa.Double(), nullable=True),
        sa.Column("area_computed_m2", sa.Double(), nullable=True),
        sa.Column("found_on", sa.Date(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
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
        sa.CheckConstraint("GeometryType(geom) IN ('POINT')", name="illegal_structures_geom_type"),
        sa.CheckConstraint(
            "status IN ('registered', 'filed', 'decided', 'demolished', 'closed')",
            name="illegal_structures_status",
        ),
        sa.CheckConstraint(
            "structure IN ('brick_concrete', 'brick_timber', 'steel_shed', 'colour_steel', 'other')",
            name="illegal_structures_structure",
        ),
        sa.CheckConstraint(
            "use IN ('residence', 'storage', 'business', 'animals', 'other')",
            name="illegal_structures_use",
        ),
        sa.CheckConstraint("area_computed_m2 >= 0", name="illegal_structures_area_computed_m2"),
        sa.CheckConstraint("area_measured_m2 >= 0", name="illegal_structures_area_measured_m2"),
        sa.CheckConstraint("char_length(address) <= 10000", name="illegal_structures_address"),
        sa.CheckConstraint("char_length(number) <= 10000", name="illegal_structures_number"),
        sa.CheckConstraint("char_length(source) <= 10000", name="illegal_structures_source"),
        sa.CheckConstraint("demolished_area_m2 >= 0", name="illegal_structures_demolished_area_m2"),
        sa.CheckConstraint("storeys >= 0 AND storeys <= 200", name="illegal_structures_storeys"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "illegal_structures_geom",
        "illegal_structures",
        ["geom"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_index(
        "illegal_structures_key",
        "illegal_structures",
        [sa.literal_column("md5(number)")],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "road_segments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("from_place", sa.Text(), nullable=True),
        sa.Column("to_place", sa.Text(), nullable=True),
        sa.Column("road_class", sa.Text(), nullable=False),
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
        sa.CheckConstraint(
            "GeometryType(geom) IN ('LINESTRING', 'MULTILINESTRING')",
            name="road_segments_geom_type",
        ),
        sa.CheckConstraint(
            "road_class IN ('main', 'secondary', 'branch', 'lane')", name="road_segments_road_class"
        ),
        sa.CheckConstraint("char_length(from_place) <= 10000", name="road_segments_from_place"),
        sa.CheckConstraint(
            "char_length(liaison_leader) <= 10000", name="road_segments_liaison_leader"
        ),
        sa.CheckConstraint("char_length(name) <= 10000", name="road_segments_name"),
        sa.CheckConstraint("char_length(source) <= 10000", name="road_segments_source"),
        sa.CheckConstraint("char_length(to_place) <= 10000", name="road_segments_to_place"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "road_segments_geom", "road_segments", ["geom"], unique=False, postgresql_using="gist"
    )
    op.create_index(
        "road_segments_key",
        "road_segments",
        [
            sa.literal_column("md5(name)"),
            sa.literal_column("md5(from_place)"),
            sa.literal_column("md5(to_place)"),
        ],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "streets",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("road_class", sa.Text(), nullable=False),
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
        sa.CheckConstraint(
            "GeometryType(geom) IN ('LINESTRING', 'MULTILINESTRING')", name="streets_geom_type"
        ),
        sa.CheckConstraint(
            "road_class IN ('main', 'secondary', 'branch', 'lane')", name="streets_road_class"
        ),
        sa.CheckConstraint("char_length(name) <= 10000", name="streets_name"),
        sa.CheckConstraint("char_length(source) <= 10000", name="streets_source"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("streets_geom", "streets", ["geom"], unique=False, postgresql_using="gist")
    op.create_table(
        "water",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
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
        sa.CheckConstraint(
            "GeometryType(geom) IN ('POLYGON', 'MULTIPOLYGON')", name="water_geom_type"
        ),
        sa.CheckConstraint("char_length(name) <= 10000", name="water_name"),
        sa.CheckConstraint("char_length(source) <= 10000", name="water_source"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("water_geom", "water", ["geom"], unique=False, postgresql_using="gist")
    op.create_table(
        "work_units",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
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
        sa.CheckConstraint("GeometryType(geom) IN ('POINT')", name="work_units_geom_type"),
        sa.CheckConstraint(
            "kind IN ('government', 'school', 'hospital', 'enterprise', 'market', 'other')",
            name="work_units_kind",
        ),
        sa.CheckConstraint(
            "char_length(liaison_leader) <= 10000", name="work_units_liaison_leader"
        ),
        sa.CheckConstraint("char_length(name) <= 10000", name="work_units_name"),
        sa.CheckConstraint("char_length(source) <= 10000", name="work_units_source"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "work_units_geom", "work_units", ["geom"], unique=False, postgresql_using="gist"
    )
    op.create_index(
        "work_units_key",
        "work_units",
        [sa.literal_column("md5(name)")],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )


def downgrade() -> None:

    op.drop_index("work_units_key", table_name="work_units", postgresql_nulls_not_distinct=True)
    op.drop_index("work_units_geom", table_name="work_units", postgresql_using="gist")
    op.drop_table("work_units")
    op.drop_index("water_geom", table_name="water", postgresql_using="gist")
    op.drop_table("water")
    op.drop_index("streets_geom", table_name="streets", postgresql_using="gist")
    op.drop_table("streets")
    op.drop_index(
        "road_segments_key", table_name="road_segments", postgresql_nulls_not_distinct=True
    )
    op.drop_index("road_segments_geom", table_name="road_segments", postgresql_using="gist")
    op.drop_table("road_segments")
    op.drop_index(
        "illegal_structures_key",
        table_name="illegal_structures",
        postgresql_nulls_not_distinct=True,
    )
    op.drop_index(
        "illegal_structures_geom", table_name="illegal_structures", postgresql_using="gist"
    )
    op.drop_table("illegal_structures")
    op.drop_index("grid_fields_key", table_name="grid_fields", postgresql_nulls_not_distinct=True)
    op.drop_index("grid_fields_geom", table_name="grid_fields", postgresql_using="gist")
    op.drop_table("grid_fields")
    op.drop_index("divisions_key", table_name="divisions", postgresql_nulls_not_distinct=True)
    op.drop_index("divisions_geom", table_name="divisions", postgresql_using="gist")
    op.drop_table("divisions")
    op.drop_index("courtyards_key", table_name="courtyards", postgresql_nulls_not_distinct=True)
    op.drop_index("courtyards_geom", table_name="courtyards", postgresql_using="gist")
    op.drop_table("courtyards")
    op.drop_index("buildings_geom", table_name="buildings", postgresql_using="gist")
    op.drop_table("buildings")
