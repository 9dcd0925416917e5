"""registers"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign_days",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("participants", sa.BigInteger(), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("place", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("division ~ '^(?:[0-9]{12})$'", name="campaign_days_division"),
        sa.CheckConstraint("kind IN ('civilised', 'healthy')", name="campaign_days_kind"),
        sa.CheckConstraint("char_length(content) <= 10000", name="campaign_days_content"),
        sa.CheckConstraint("char_length(name) <= 10000", name="campaign_days_name"),
        sa.CheckConstraint("char_length(source) <= 10000", name="campaign_days_source"),
        sa.CheckConstraint("participants >= 0", name="campaign_days_participants"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "campaign_days_key",
        "campaign_days",
        [sa.literal_column("md5(name)")],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("campaign_days_place", "campaign_days", ["place"], unique=False)
    op.create_table(
        "campaign_days_versions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("participants", sa.BigInteger(), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("division", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("_operation", sa.Text(), nullable=False),
        sa.Column("_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("_change", sa.BigInteger(), nullable=False),
        sa.Column("_digest", postgresql.BYTEA(), nullable=False),
        sa.CheckConstraint(
            "_operation IN ('insert', 'update', 'delete')", name="campaign_days_versions_operation"
        ),
        sa.PrimaryKeyConstraint("id", "_number"),
    )
    op.create_index(
        "campaign_days_versions_change",
        "campaign_days_versions",
        ["_change"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("meeting", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("case", sa.Text(), nullable=True),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("place", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("decided_on <= settled_on", name="decisions_order_0"),
        sa.CheckConstraint("decided_on <= due", name="decisions_order_1"),
        sa.CheckConstraint("division ~ '^(?:[0-9]{12})$'", name="decisions_division"),
        sa.CheckConstraint('char_length("case") <= 10000', name="decisions_case"),
        sa.CheckConstraint("char_length(meeting) <= 10000", name="decisions_meeting"),
        sa.CheckConstraint("char_length(number) <= 10000", name="decisions_number"),
        sa.CheckConstraint("char_length(source) <= 10000", name="decisions_source"),
        sa.CheckConstraint("char_length(text) <= 10000", name="decisions_text"),
        sa.CheckConstraint("char_length(unit) <= 10000", name="decisions_unit"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "decisions_key",
        "decisions",
        [sa.literal_column("md5(number)")],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("decisions_place", "decisions", ["place"], unique=False)
    op.create_index(
        "decisions_of_meeting", "decisions", [sa.literal_column("md5(meeting)")], unique=False
    )
    op.create_table(
        "decisions_versions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("meeting", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("case", sa.Text(), nullable=True),
        sa.Column("division", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("_operation", sa.Text(), nullable=False),
        sa.Column("_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("_change", sa.BigInteger(), nullable=False),
        sa.Column("_digest", postgresql.BYTEA(), nullable=False),
        sa.CheckConstraint(
            "_operation IN ('insert', 'update', 'delete')", name="decisions_versions_operation"
        ),
        sa.PrimaryKeyConstraint("id", "_number"),
    )
    op.create_index(
        "decisions_versions_change",
        "decisions_versions",
        ["_change"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_table(
        "funds",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("amount_yuan", sa.Double(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("payee", sa.Text(), nullable=True),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("place", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("division ~ '^(?:[0-9]{12})$'", name="funds_division"),
        sa.CheckConstraint("amount_yuan >= 0", name="funds_amount_yuan"),
        sa.CheckConstraint("char_length(number) <= 10000", name="funds_number"),
        sa.CheckConstraint("char_length(payee) <= 10000", name="funds_payee"),
        sa.CheckConstraint("char_length(purpose) <= 10000", name="funds_purpose"),
        sa.CheckConstraint("char_length(source) <= 10000", name="funds_source"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "funds_key",
        "funds",
        [sa.literal_column("md5(number)")],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("funds_place", "funds", ["place"], unique=False)
    op.create_table(
        "funds_versions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("amount_yuan", sa.Double(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("payee", sa.Text(), nullable=True),
        sa.Column("division", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("_operation", sa.Text(), nullable=False),
        sa.Column("_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("_change", sa.BigInteger(), nullable=False),
        sa.Column("_digest", postgresql.BYTEA(), nullable=False),
        sa.CheckConstraint(
            "_operation IN ('insert', 'update', 'delete')", name="funds_versions_operation"
        ),
        sa.PrimaryKeyConstraint("id", "_number"),
    )
    op.create_index(
        "funds_versions_change",
        "funds_versions",
        ["_change"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_table(
        "market_works",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("market", sa.Text(), nullable=True),
        sa.Column("work", sa.Text(), nullable=False),
        sa.Column("cost_yuan", sa.Double(), nullable=True),
        sa.Column("area_m2", sa.Double(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("place", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("division ~ '^(?:[0-9]{12})$'", name="market_works_division"),
        sa.CheckConstraint("work IN ('barrier', 'paving', 'other')", name="market_works_work"),
        sa.CheckConstraint("area_m2 >= 0", name="market_works_area_m2"),
        sa.CheckConstraint("char_length(market) <= 10000", name="market_works_market"),
        sa.CheckConstraint("char_length(number) <= 10000", name="market_works_number"),
        sa.CheckConstraint("char_length(source) <= 10000", name="market_works_source"),
        sa.CheckConstraint("cost_yuan >= 0", name="market_works_cost_yuan"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "market_works_key",
        "market_works",
        [sa.literal_column("md5(number)")],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("market_works_place", "market_works", ["place"], unique=False)
    op.create_index(
        "market_works_of_market", "market_works", [sa.literal_column("md5(market)")], unique=False
    )
    op.create_table(
        "market_works_versions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("market", sa.Text(), nullable=True),
        sa.Column("work", sa.Text(), nullable=True),
        sa.Column("cost_yuan", sa.Double(), nullable=True),
        sa.Column("area_m2", sa.Double(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("division", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("_operation", sa.Text(), nullable=False),
        sa.Column("_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("_change", sa.BigInteger(), nullable=False),
        sa.Column("_digest", postgresql.BYTEA(), nullable=False),
        sa.CheckConstraint(
            "_operation IN ('insert', 'update', 'delete')", name="market_works_versions_operation"
        ),
        sa.PrimaryKeyConstraint("id", "_number"),
    )
    op.create_index(
        "market_works_versions_change",
        "market_works_versions",
        ["_change"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_table(
        "markets",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("stalls", sa.BigInteger(), nullable=True),
        sa.Column("opens", sa.Text(), nullable=True),
        sa.Column("closes", sa.Text(), nullable=True),
        sa.Column("manager", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
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
        sa.CheckConstraint("GeometryType(geom) IN ('POINT')", name="markets_geom_type"),
        sa.CheckConstraint(
            "closes ~ '^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9])$'", name="markets_closes"
        ),
        sa.CheckConstraint("kind IN ('morning', 'produce', 'night')", name="markets_kind"),
        sa.CheckConstraint("opens ~ '^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9])$'", name="markets_opens"),
        sa.CheckConstraint("char_length(address) <= 10000", name="markets_address"),
        sa.CheckConstraint("char_length(manager) <= 10000", name="markets_manager"),
        sa.CheckConstraint("char_length(name) <= 10000", name="markets_name"),
        sa.CheckConstraint("char_length(phone) <= 10000", name="markets_phone"),
        sa.CheckConstraint("char_length(source) <= 10000", name="markets_source"),
        sa.CheckConstraint("stalls >= 0", name="markets_stalls"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "markets_geom", "markets", ["geom", "place"], unique=False, postgresql_using="gist"
    )
    op.create_index(
        "markets_key",
        "markets",
        [sa.literal_column("md5(name)")],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("markets_place", "markets", ["place"], unique=False)
    op.create_table(
        "markets_versions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("stalls", sa.BigInteger(), nullable=True),
        sa.Column("opens", sa.Text(), nullable=True),
        sa.Column("closes", sa.Text(), nullable=True),
        sa.Column("manager", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
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
            "_operation IN ('insert', 'update', 'delete')", name="markets_versions_operation"
        ),
        sa.PrimaryKeyConstraint("id", "_number"),
    )
    op.create_index(
        "markets_versions_change",
        "markets_versions",
        ["_change"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_index(
        "markets_versions_geom",
        "markets_versions",
        ["geom", "place"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_table(
        "meetings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("venue", sa.Text(), nullable=True),
        sa.Column("chair", sa.Text(), nullable=True),
        sa.Column("attendance", sa.BigInteger(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("place", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("division ~ '^(?:[0-9]{12})$'", name="meetings_division"),
        sa.CheckConstraint("kind IN ('promotion', 'joint', 'matter')", name="meetings_kind"),
        sa.CheckConstraint("attendance >= 0", name="meetings_attendance"),
        sa.CheckConstraint("char_length(chair) <= 10000", name="meetings_chair"),
        sa.CheckConstraint("char_length(number) <= 10000", name="meetings_number"),
        sa.CheckConstraint("char_length(source) <= 10000", name="meetings_source"),
        sa.CheckConstraint("char_length(topic) <= 10000", name="meetings_topic"),
        sa.CheckConstraint("char_length(venue) <= 10000", name="meetings_venue"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "meetings_key",
        "meetings",
        [sa.literal_column("md5(number)")],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("meetings_place", "meetings", ["place"], unique=False)
    op.create_table(
        "meetings_versions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("venue", sa.Text(), nullable=True),
        sa.Column("chair", sa.Text(), nullable=True),
        sa.Column("attendance", sa.BigInteger(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("division", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("_operation", sa.Text(), nullable=False),
        sa.Column("_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("_change", sa.BigInteger(), nullable=False),
        sa.Column("_digest", postgresql.BYTEA(), nullable=False),
        sa.CheckConstraint(
            "_operation IN ('insert', 'update', 'delete')", name="meetings_versions_operation"
        ),
        sa.PrimaryKeyConstraint("id", "_number"),
    )
    op.create_index(
        "meetings_versions_change",
        "meetings_versions",
        ["_change"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_table(
        "publicity",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("quantity", sa.Double(), nullable=False),
        sa.Column("cost_yuan", sa.Double(), nullable=True),
        sa.Column("venue", sa.Text(), nullable=True),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("place", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("division ~ '^(?:[0-9]{12})$'", name="publicity_division"),
        sa.CheckConstraint(
            "kind IN ('board', 'led', 'poster', 'message', 'questionnaire', 'print', 'panel', 'banner', 'booklet', 'letter', 'show')",
            name="publicity_kind",
        ),
        sa.CheckConstraint("char_length(number) <= 10000", name="publicity_number"),
        sa.CheckConstraint("char_length(source) <= 10000", name="publicity_source"),
        sa.CheckConstraint("char_length(venue) <= 10000", name="publicity_venue"),
        sa.CheckConstraint("cost_yuan >= 0", name="publicity_cost_yuan"),
        sa.CheckConstraint("quantity >= 0", name="publicity_quantity"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "publicity_key",
        "publicity",
        [sa.literal_column("md5(number)")],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("publicity_place", "publicity", ["place"], unique=False)
    op.create_table(
        "publicity_versions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("quantity", sa.Double(), nullable=True),
        sa.Column("cost_yuan", sa.Double(), nullable=True),
        sa.Column("venue", sa.Text(), nullable=True),
        sa.Column("division", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("_operation", sa.Text(), nullable=False),
        sa.Column("_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("_change", sa.BigInteger(), nullable=False),
        sa.Column("_digest", postgresql.BYTEA(), nullable=False),
        sa.CheckConstraint(
            "_operation IN ('insert', 'update', 'delete')", name="publicity_versions_operation"
        ),
        sa.PrimaryKeyConstraint("id", "_number"),
    )
    op.create_index(
        "publicity_versions_change",
        "publicity_versions",
        ["_change"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_table(
        "shops",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("trade", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
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
        sa.CheckConstraint("GeometryType(geom) IN ('POINT')", name="shops_geom_type"),
        sa.CheckConstraint(
            "trade IN ('food', 'retail', 'services', 'repair', 'other')", name="shops_trade"
        ),
        sa.CheckConstraint("char_length(address) <= 10000", name="shops_address"),
        sa.CheckConstraint("char_length(name) <= 10000", name="shops_name"),
        sa.CheckConstraint("char_length(owner) <= 10000", name="shops_owner"),
        sa.CheckConstraint("char_length(phone) <= 10000", name="shops_phone"),
        sa.CheckConstraint("char_length(source) <= 10000", name="shops_source"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("shops_geom", "shops", ["geom", "place"], unique=False, postgresql_using="gist")
    op.create_index(
        "shops_key",
        "shops",
        [sa.literal_column("md5(name)"), sa.literal_column("md5(address)")],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("shops_place", "shops", ["place"], unique=False)
    op.create_table(
        "shops_versions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("trade", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
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
            "_operation IN ('insert', 'update', 'delete')", name="shops_versions_operation"
        ),
        sa.PrimaryKeyConstraint("id", "_number"),
    )
    op.create_index(
        "shops_versions_change",
        "shops_versions",
        ["_change"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_index(
        "shops_versions_geom",
        "shops_versions",
        ["geom", "place"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_table(
        "volunteer_activities",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("venue", sa.Text(), nullable=True),
        sa.Column("theme", sa.Text(), nullable=True),
        sa.Column("headcount", sa.BigInteger(), nullable=True),
        sa.Column("hours", sa.Double(), nullable=True),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("place", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("division ~ '^(?:[0-9]{12})$'", name="volunteer_activities_division"),
        sa.CheckConstraint("char_length(number) <= 10000", name="volunteer_activities_number"),
        sa.CheckConstraint("char_length(source) <= 10000", name="volunteer_activities_source"),
        sa.CheckConstraint("char_length(team) <= 10000", name="volunteer_activities_team"),
        sa.CheckConstraint("char_length(theme) <= 10000", name="volunteer_activities_theme"),
        sa.CheckConstraint("char_length(venue) <= 10000", name="volunteer_activities_venue"),
        sa.CheckConstraint("headcount >= 0", name="volunteer_activities_headcount"),
        sa.CheckConstraint("hours >= 0", name="volunteer_activities_hours"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "volunteer_activities_key",
        "volunteer_activities",
        [sa.literal_column("md5(number)")],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("volunteer_activities_place", "volunteer_activities", ["place"], unique=False)
    op.create_index(
        "volunteer_activities_of_team",
        "volunteer_activities",
        [sa.literal_column("md5(team)")],
        unique=False,
    )
    op.create_table(
        "volunteer_activities_versions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("venue", sa.Text(), nullable=True),
        sa.Column("theme", sa.Text(), nullable=True),
        sa.Column("headcount", sa.BigInteger(), nullable=True),
        sa.Column("hours", sa.Double(), nullable=True),
        sa.Column("division", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("_operation", sa.Text(), nullable=False),
        sa.Column("_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("_change", sa.BigInteger(), nullable=False),
        sa.Column("_digest", postgresql.BYTEA(), nullable=False),
        sa.CheckConstraint(
            "_operation IN ('insert', 'update', 'delete')",
            name="volunteer_activities_versions_operation",
        ),
        sa.PrimaryKeyConstraint("id", "_number"),
    )
    op.create_index(
        "volunteer_activities_versions_change",
        "volunteer_activities_versions",
        ["_change"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_table(
        "volunteer_teams",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("headcount", sa.BigInteger(), nullable=True),
        sa.Column("leader", sa.Text(), nullable=True),
        sa.Column("founded_on", sa.Date(), nullable=True),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("place", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("division ~ '^(?:[0-9]{12})$'", name="volunteer_teams_division"),
        sa.CheckConstraint(
            "kind IN ('party', 'elder_care', 'patrol', 'traffic', 'family_planning', 'other')",
            name="volunteer_teams_kind",
        ),
        sa.CheckConstraint("char_length(leader) <= 10000", name="volunteer_teams_leader"),
        sa.CheckConstraint("char_length(name) <= 10000", name="volunteer_teams_name"),
        sa.CheckConstraint("char_length(source) <= 10000", name="volunteer_teams_source"),
        sa.CheckConstraint("headcount >= 0", name="volunteer_teams_headcount"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "volunteer_teams_key",
        "volunteer_teams",
        [sa.literal_column("md5(name)")],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("volunteer_teams_place", "volunteer_teams", ["place"], unique=False)
    op.create_table(
        "volunteer_teams_versions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("headcount", sa.BigInteger(), nullable=True),
        sa.Column("leader", sa.Text(), nullable=True),
        sa.Column("founded_on", sa.Date(), nullable=True),
        sa.Column("division", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("_operation", sa.Text(), nullable=False),
        sa.Column("_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("_change", sa.BigInteger(), nullable=False),
        sa.Column("_digest", postgresql.BYTEA(), nullable=False),
        sa.CheckConstraint(
            "_operation IN ('insert', 'update', 'delete')",
            name="volunteer_teams_versions_operation",
        ),
        sa.PrimaryKeyConstraint("id", "_number"),
    )
    op.create_index(
        "volunteer_teams_versions_change",
        "volunteer_teams_versions",
        ["_change"],
        unique=False,
        postgresql_using="brin",
    )


def downgrade() -> None:
    op.drop_index(
        "volunteer_teams_versions_change",
        table_name="volunteer_teams_versions",
        postgresql_using="brin",
    )
    op.drop_table("volunteer_teams_versions")
    op.drop_index("volunteer_teams_place", table_name="volunteer_teams")
    op.drop_index(
        "volunteer_teams_key", table_name="volunteer_teams", postgresql_nulls_not_distinct=True
    )
    op.drop_table("volunteer_teams")
    op.drop_index(
        "volunteer_activities_versions_change",
        table_name="volunteer_activities_versions",
        postgresql_using="brin",
    )
    op.drop_table("volunteer_activities_versions")
    op.drop_index("volunteer_activities_of_team", table_name="volunteer_activities")
    op.drop_index("volunteer_activities_place", table_name="volunteer_activities")
    op.drop_index(
        "volunteer_activities_key",
        table_name="volunteer_activities",
        postgresql_nulls_not_distinct=True,
    )
    op.drop_table("volunteer_activities")
    op.drop_index("shops_versions_geom", table_name="shops_versions", postgresql_using="gist")
    op.drop_index("shops_versions_change", table_name="shops_versions", postgresql_using="brin")
    op.drop_table("shops_versions")
    op.drop_index("shops_place", table_name="shops")
    op.drop_index("shops_key", table_name="shops", postgresql_nulls_not_distinct=True)
    op.drop_index("shops_geom", table_name="shops", postgresql_using="gist")
    op.drop_table("shops")
    op.drop_index(
        "publicity_versions_change", table_name="publicity_versions", postgresql_using="brin"
    )
    op.drop_table("publicity_versions")
    op.drop_index("publicity_place", table_name="publicity")
    op.drop_index("publicity_key", table_name="publicity", postgresql_nulls_not_distinct=True)
    op.drop_table("publicity")
    op.drop_index(
        "meetings_versions_change", table_name="meetings_versions", postgresql_using="brin"
    )
    op.drop_table("meetings_versions")
    op.drop_index("meetings_place", table_name="meetings")
    op.drop_index("meetings_key", table_name="meetings", postgresql_nulls_not_distinct=True)
    op.drop_table("meetings")
    op.drop_index("markets_versions_geom", table_name="markets_versions", postgresql_using="gist")
    op.drop_index("markets_versions_change", table_name="markets_versions", postgresql_using="brin")
    op.drop_table("markets_versions")
    op.drop_index("markets_place", table_name="markets")
    op.drop_index("markets_key", table_name="markets", postgresql_nulls_not_distinct=True)
    op.drop_index("markets_geom", table_name="markets", postgresql_using="gist")
    op.drop_table("markets")
    op.drop_index(
        "market_works_versions_change", table_name="market_works_versions", postgresql_using="brin"
    )
    op.drop_table("market_works_versions")
    op.drop_index("market_works_of_market", table_name="market_works")
    op.drop_index("market_works_place", table_name="market_works")
    op.drop_index("market_works_key", table_name="market_works", postgresql_nulls_not_distinct=True)
    op.drop_table("market_works")
    op.drop_index("funds_versions_change", table_name="funds_versions", postgresql_using="brin")
    op.drop_table("funds_versions")
    op.drop_index("funds_place", table_name="funds")
    op.drop_index("funds_key", table_name="funds", postgresql_nulls_not_distinct=True)
    op.drop_table("funds")
    op.drop_index(
        "decisions_versions_change", table_name="decisions_versions", postgresql_using="brin"
    )
    op.drop_table("decisions_versions")
    op.drop_index("decisions_of_meeting", table_name="decisions")
    op.drop_index("decisions_place", table_name="decisions")
    op.drop_index("decisions_key", table_name="decisions", postgresql_nulls_not_distinct=True)
    op.drop_table("decisions")
    op.drop_index(
        "campaign_days_versions_change",
        table_name="campaign_days_versions",
        postgresql_using="brin",
    )
    op.drop_table("campaign_days_versions")
    op.drop_index("campaign_days_place", table_name="campaign_days")
    op.drop_index(
        "campaign_days_key", table_name="campaign_days", postgresql_nulls_not_distinct=True
    )
    op.drop_table("campaign_days")
