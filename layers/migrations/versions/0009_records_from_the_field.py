"""What is logged on the spot: four layers, what came from phones as it came, holidays."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "courtyard_works",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("courtyard", sa.Text(), nullable=False),
        sa.Column("work", sa.Text(), nullable=False),
        sa.Column("rubbish_cleared_t", sa.Double(), nullable=True),
        sa.Column("piles_cleared", sa.BigInteger(), nullable=True),
        sa.Column("equipment_added", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("leader", sa.Text(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=False),
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
        sa.Column("place", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("GeometryType(geom) IN ('POINT')", name="courtyard_works_geom_type"),
        sa.CheckConstraint(
            "work IN ('rubbish', 'piles', 'fire', 'sanitation', 'other')",
            name="courtyard_works_work",
        ),
        sa.CheckConstraint("char_length(courtyard) <= 10000", name="courtyard_works_courtyard"),
        sa.CheckConstraint("field ~ '^(?:[0-9]{15})$'", name="courtyard_works_field"),
        sa.CheckConstraint("char_length(leader) <= 10000", name="courtyard_works_leader"),
        sa.CheckConstraint("char_length(note) <= 10000", name="courtyard_works_note"),
        sa.CheckConstraint("char_length(number) <= 10000", name="courtyard_works_number"),
        sa.CheckConstraint("char_length(source) <= 10000", name="courtyard_works_source"),
        sa.CheckConstraint(
            "equipment_added >= 0 AND equipment_added <= 10000",
            name="courtyard_works_equipment_added",
        ),
        sa.CheckConstraint(
            "piles_cleared >= 0 AND piles_cleared <= 10000", name="courtyard_works_piles_cleared"
        ),
        sa.CheckConstraint(
            "rubbish_cleared_t >= 0 AND rubbish_cleared_t <= 10000",
            name="courtyard_works_rubbish_cleared_t",
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "courtyard_works_geom",
        "courtyard_works",
        ["geom", "place"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_index(
        "courtyard_works_key",
        "courtyard_works",
        [sa.literal_column("md5(number)")],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("courtyard_works_of_field", "courtyard_works", ["field"], unique=False)
    op.create_index("courtyard_works_place", "courtyard_works", ["place"], unique=False)
    op.create_table(
        "courtyard_works_versions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("courtyard", sa.Text(), nullable=True),
        sa.Column("work", sa.Text(), nullable=True),
        sa.Column("rubbish_cleared_t", sa.Double(), nullable=True),
        sa.Column("piles_cleared", sa.BigInteger(), nullable=True),
        sa.Column("equipment_added", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("leader", sa.Text(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
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
            name="courtyard_works_versions_operation",
        ),
        sa.PrimaryKeyConstraint("id", "_number"),
    )
    op.create_index(
        "courtyard_works_versions_change",
        "courtyard_works_versions",
        ["_change"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_index(
        "courtyard_works_versions_geom",
        "courtyard_works_versions",
        ["geom", "place"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_table(
        "holidays",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("works", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.CheckConstraint("char_length(name) <= 100", name="holidays_name"),
        sa.PrimaryKeyConstraint("day"),
    )
    op.create_table(
        "market_inspections",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("public_order", sa.Text(), nullable=False),
        sa.Column("hygiene", sa.Text(), nullable=False),
        sa.Column("sourcing", sa.Text(), nullable=False),
        sa.Column("three_guards", sa.Text(), nullable=False),
        sa.Column("licences", sa.Text(), nullable=False),
        sa.Column("zones", sa.Text(), nullable=False),
        sa.Column("spilling", sa.Text(), nullable=False),
        sa.Column("fire", sa.Text(), nullable=False),
        sa.Column("closing", sa.Text(), nullable=False),
        sa.Column("paving", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("participants", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("leader", sa.Text(), nullable=True),
        sa.Column("inspected_on", sa.Date(), nullable=False),
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
        sa.Column("place", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("GeometryType(geom) IN ('POINT')", name="market_inspections_geom_type"),
        sa.CheckConstraint(
            "closing IN ('ok', 'fault', 'not_looked')", name="market_inspections_closing"
        ),
        sa.CheckConstraint("fire IN ('ok', 'fault', 'not_looked')", name="market_inspections_fire"),
        sa.CheckConstraint(
            "hygiene IN ('ok', 'fault', 'not_looked')", name="market_inspections_hygiene"
        ),
        sa.CheckConstraint(
            "licences IN ('ok', 'fault', 'not_looked')", name="market_inspections_licences"
        ),
        sa.CheckConstraint(
            "paving IN ('ok', 'fault', 'not_looked')", name="market_inspections_paving"
        ),
        sa.CheckConstraint(
            "public_order IN ('ok', 'fault', 'not_looked')", name="market_inspections_public_order"
        ),
        sa.CheckConstraint(
            "result IN ('ok', 'fault', 'not_looked')", name="market_inspections_result"
        ),
        sa.CheckConstraint(
            "sourcing IN ('ok', 'fault', 'not_looked')", name="market_inspections_sourcing"
        ),
        sa.CheckConstraint(
            "spilling IN ('ok', 'fault', 'not_looked')", name="market_inspections_spilling"
        ),
        sa.CheckConstraint(
            "three_guards IN ('ok', 'fault', 'not_looked')", name="market_inspections_three_guards"
        ),
        sa.CheckConstraint(
            "zones IN ('ok', 'fault', 'not_looked')", name="market_inspections_zones"
        ),
        sa.CheckConstraint("field ~ '^(?:[0-9]{15})$'", name="market_inspections_field"),
        sa.CheckConstraint("char_length(leader) <= 10000", name="market_inspections_leader"),
        sa.CheckConstraint("char_length(market) <= 10000", name="market_inspections_market"),
        sa.CheckConstraint("char_length(note) <= 10000", name="market_inspections_note"),
        sa.CheckConstraint("char_length(number) <= 10000", name="market_inspections_number"),
        sa.CheckConstraint(
            "char_length(participants) <= 10000", name="market_inspections_participants"
        ),
        sa.CheckConstraint("char_length(source) <= 10000", name="market_inspections_source"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "market_inspections_geom",
        "market_inspections",
        ["geom", "place"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_index(
        "market_inspections_key",
        "market_inspections",
        [sa.literal_column("md5(number)")],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("market_inspections_of_field", "market_inspections", ["field"], unique=False)
    op.create_index("market_inspections_place", "market_inspections", ["place"], unique=False)
    op.create_table(
        "market_inspections_versions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("market", sa.Text(), nullable=True),
        sa.Column("public_order", sa.Text(), nullable=True),
        sa.Column("hygiene", sa.Text(), nullable=True),
        sa.Column("sourcing", sa.Text(), nullable=True),
        sa.Column("three_guards", sa.Text(), nullable=True),
        sa.Column("licences", sa.Text(), nullable=True),
        sa.Column("zones", sa.Text(), nullable=True),
        sa.Column("spilling", sa.Text(), nullable=True),
        sa.Column("fire", sa.Text(), nullable=True),
        sa.Column("closing", sa.Text(), nullable=True),
        sa.Column("paving", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("participants", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("leader", sa.Text(), nullable=True),
        sa.Column("inspected_on", sa.Date(), nullable=True),
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
            name="market_inspections_versions_operation",
        ),
        sa.PrimaryKeyConstraint("id", "_number"),
    )
    op.create_index(
        "market_inspections_versions_change",
        "market_inspections_versions",
        ["_change"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_index(
        "market_inspections_versions_geom",
        "market_inspections_versions",
        ["geom", "place"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_table(
        "shop_inspections",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("hygiene", sa.Text(), nullable=False),
        sa.Column("greening", sa.Text(), nullable=False),
        sa.Column("public_order", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("leader", sa.Text(), nullable=True),
        sa.Column("inspected_on", sa.Date(), nullable=False),
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
        sa.Column("place", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("GeometryType(geom) IN ('POINT')", name="shop_inspections_geom_type"),
        sa.CheckConstraint(
            "greening IN ('ok', 'fault', 'not_looked')", name="shop_inspections_greening"
        ),
        sa.CheckConstraint(
            "hygiene IN ('ok', 'fault', 'not_looked')", name="shop_inspections_hygiene"
        ),
        sa.CheckConstraint(
            "public_order IN ('ok', 'fault', 'not_looked')", name="shop_inspections_public_order"
        ),
        sa.CheckConstraint(
            "result IN ('ok', 'fault', 'not_looked')", name="shop_inspections_result"
        ),
        sa.CheckConstraint("char_length(address) <= 10000", name="shop_inspections_address"),
        sa.CheckConstraint("field ~ '^(?:[0-9]{15})$'", name="shop_inspections_field"),
        sa.CheckConstraint("char_length(leader) <= 10000", name="shop_inspections_leader"),
        sa.CheckConstraint("char_length(note) <= 10000", name="shop_inspections_note"),
        sa.CheckConstraint("char_length(number) <= 10000", name="shop_inspections_number"),
        sa.CheckConstraint("char_length(shop) <= 10000", name="shop_inspections_shop"),
        sa.CheckConstraint("char_length(source) <= 10000", name="shop_inspections_source"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "shop_inspections_geom",
        "shop_inspections",
        ["geom", "place"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_index(
        "shop_inspections_key",
        "shop_inspections",
        [sa.literal_column("md5(number)")],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("shop_inspections_of_field", "shop_inspections", ["field"], unique=False)
    op.create_index("shop_inspections_place", "shop_inspections", ["place"], unique=False)
    op.create_table(
        "shop_inspections_versions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("shop", sa.Text(), nullable=True),
        sa.Column("hygiene", sa.Text(), nullable=True),
        sa.Column("greening", sa.Text(), nullable=True),
        sa.Column("public_order", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("leader", sa.Text(), nullable=True),
        sa.Column("inspected_on", sa.Date(), nullable=True),
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
            name="shop_inspections_versions_operation",
        ),
        sa.PrimaryKeyConstraint("id", "_number"),
    )
    op.create_index(
        "shop_inspections_versions_change",
        "shop_inspections_versions",
        ["_change"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_index(
        "shop_inspections_versions_geom",
        "shop_inspections_versions",
        ["geom", "place"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_table(
        "sites",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("leader", sa.Text(), nullable=True),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
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
        sa.Column("place", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("GeometryType(geom) IN ('POINT')", name="sites_geom_type"),
        sa.CheckConstraint(
            "matter IN ('06001', '06005', '06010', '06011', '06012', '06013', '06017', '06036', '06040', '06041', '06042', '06045', '06050', '06051', '07001', '07003', '07006', '07008', '08002', '08016', '09001', '09002', '09004', '09005', '09006', '09009', '09010', '09012', '09015', '09019', '09020', '10001', '10002')",
            name="sites_matter",
        ),
        sa.CheckConstraint(
            "origin IN ('patrol', 'own_check', 'supervision', 'meeting', 'hotline')",
            name="sites_origin",
        ),
        sa.CheckConstraint(
            "status IN ('registered', 'assigned', 'rectifying', 'verifying', 'cleared')",
            name="sites_status",
        ),
        sa.CheckConstraint("char_length(address) <= 10000", name="sites_address"),
        sa.CheckConstraint("field ~ '^(?:[0-9]{15})$'", name="sites_field"),
        sa.CheckConstraint("char_length(leader) <= 10000", name="sites_leader"),
        sa.CheckConstraint("char_length(note) <= 10000", name="sites_note"),
        sa.CheckConstraint("char_length(number) <= 10000", name="sites_number"),
        sa.CheckConstraint("char_length(source) <= 10000", name="sites_source"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("sites_geom", "sites", ["geom", "place"], unique=False, postgresql_using="gist")
    op.create_index(
        "sites_key",
        "sites",
        [sa.literal_column("md5(number)")],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("sites_of_field", "sites", ["field"], unique=False)
    op.create_index("sites_place", "sites", ["place"], unique=False)
    op.create_table(
        "sites_versions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("matter", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("leader", sa.Text(), nullable=True),
        sa.Column("found_on", sa.Date(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
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
            "_operation IN ('insert', 'update', 'delete')", name="sites_versions_operation"
        ),
        sa.PrimaryKeyConstraint("id", "_number"),
    )
    op.create_index(
        "sites_versions_change",
        "sites_versions",
        ["_change"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_index(
        "sites_versions_geom",
        "sites_versions",
        ["geom", "place"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_table(
        "submissions",
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "transaction",
            sa.BigInteger(),
            server_default=sa.text("pg_current_xact_id()::text::bigint"),
            nullable=False,
        ),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("feature", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("sha256", postgresql.BYTEA(), nullable=False),
        sa.Column("body", postgresql.BYTEA(), nullable=False),
        sa.Column(
            "account",
            sa.BigInteger(),
            server_default=sa.text(
                "nullif(current_setting('gridfield.account', true), '')::bigint"
            ),
            nullable=True,
        ),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("datum", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("measured_lon", sa.Double(), nullable=True),
        sa.Column("measured_lat", sa.Double(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("readings", sa.Integer(), nullable=True),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("no_fix", sa.Text(), nullable=True),
        sa.Column("clock_offset_s", sa.Double(), nullable=True),
        sa.Column("device", sa.Text(), nullable=True),
        sa.Column("app", sa.Text(), nullable=True),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("person", sa.BigInteger(), nullable=True),
        sa.Column("due", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "near",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.CheckConstraint("datum IN ('wgs84', 'gcj02', 'bd09')", name="submissions_datum"),
        sa.CheckConstraint(
            "position IN ('measured', 'by_hand', 'field')", name="submissions_position"
        ),
        sa.CheckConstraint("length(sha256) = 32", name="submissions_sha256"),
        sa.PrimaryKeyConstraint("uuid"),
    )
    op.create_index("submissions_feature", "submissions", ["layer", "feature"], unique=False)
    op.create_index("submissions_place", "submissions", ["place", "received_at"], unique=False)
    op.create_index("submissions_received", "submissions", ["received_at"], postgresql_using="brin")
    op.create_index("submissions_transaction", "submissions", ["transaction"], unique=False)


def downgrade() -> None:
    op.drop_index("submissions_transaction", table_name="submissions")
    op.drop_index("submissions_received", table_name="submissions", postgresql_using="brin")
    op.drop_index("submissions_place", table_name="submissions")
    op.drop_index("submissions_feature", table_name="submissions")
    op.drop_table("submissions")
    op.drop_index("sites_versions_geom", table_name="sites_versions", postgresql_using="gist")
    op.drop_index("sites_versions_change", table_name="sites_versions", postgresql_using="brin")
    op.drop_table("sites_versions")
    op.drop_index("sites_place", table_name="sites")
    op.drop_index("sites_of_field", table_name="sites")
    op.drop_index("sites_key", table_name="sites", postgresql_nulls_not_distinct=True)
    op.drop_index("sites_geom", table_name="sites", postgresql_using="gist")
    op.drop_table("sites")
    op.drop_index(
        "shop_inspections_versions_geom",
        table_name="shop_inspections_versions",
        postgresql_using="gist",
    )
    op.drop_index(
        "shop_inspections_versions_change",
        table_name="shop_inspections_versions",
        postgresql_using="brin",
    )
    op.drop_table("shop_inspections_versions")
    op.drop_index("shop_inspections_place", table_name="shop_inspections")
    op.drop_index("shop_inspections_of_field", table_name="shop_inspections")
    op.drop_index(
        "shop_inspections_key", table_name="shop_inspections", postgresql_nulls_not_distinct=True
    )
    op.drop_index("shop_inspections_geom", table_name="shop_inspections", postgresql_using="gist")
    op.drop_table("shop_inspections")
    op.drop_index(
        "market_inspections_versions_geom",
        table_name="market_inspections_versions",
        postgresql_using="gist",
    )
    op.drop_index(
        "market_inspections_versions_change",
        table_name="market_inspections_versions",
        postgresql_using="brin",
    )
    op.drop_table("market_inspections_versions")
    op.drop_index("market_inspections_place", table_name="market_inspections")
    op.drop_index("market_inspections_of_field", table_name="market_inspections")
    op.drop_index(
        "market_inspections_key",
        table_name="market_inspections",
        postgresql_nulls_not_distinct=True,
    )
    op.drop_index(
        "market_inspections_geom", table_name="market_inspections", postgresql_using="gist"
    )
    op.drop_table("market_inspections")
    op.drop_table("holidays")
    op.drop_index(
        "courtyard_works_versions_geom",
        table_name="courtyard_works_versions",
        postgresql_using="gist",
    )
    op.drop_index(
        "courtyard_works_versions_change",
        table_name="courtyard_works_versions",
        postgresql_using="brin",
    )
    op.drop_table("courtyard_works_versions")
    op.drop_index("courtyard_works_place", table_name="courtyard_works")
    op.drop_index("courtyard_works_of_field", table_name="courtyard_works")
    op.drop_index(
        "courtyard_works_key", table_name="courtyard_works", postgresql_nulls_not_distinct=True
    )
    op.drop_index("courtyard_works_geom", table_name="courtyard_works", postgresql_using="gist")
    op.drop_table("courtyard_works")
