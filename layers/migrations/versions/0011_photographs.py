"""Photographs: what is kept, who brought it, what it shows."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "photo_links",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("feature", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.SmallInteger(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("place", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column(
            "account",
            sa.BigInteger(),
            server_default=sa.text(
                "coalesce(nullif(current_setting('gridfield.account', true), '')::bigint, 0)"
            ),
            nullable=False,
        ),
        sa.Column("held", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "linked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint(
            "role IN ('far', 'near', 'before', 'after', 'other')", name="photo_links_role"
        ),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="photo_links_sha256"),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index(
        "photo_links_feature", "photo_links", ["layer", "feature", "sha256"], unique=True
    )
    op.create_index("photo_links_sha256", "photo_links", ["sha256"], unique=False)
    op.create_table(
        "photos",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.Text(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("datum", sa.Text(), nullable=True),
        sa.Column(
            "tried_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="photos_sha256"),
        sa.CheckConstraint("bytes > 0 AND width > 0 AND height > 0", name="photos_size"),
        sa.CheckConstraint("char_length(datum) <= 200", name="photos_datum"),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_index(
        "photos_waiting",
        "photos",
        ["tried_at"],
        unique=False,
        postgresql_where=sa.text("kept_at IS NULL"),
    )
    op.create_table(
        "photo_uploads",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column(
            "account",
            sa.BigInteger(),
            server_default=sa.text(
                "coalesce(nullif(current_setting('gridfield.account', true), '')::bigint, 0)"
            ),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["sha256"],
            ["photos.sha256"],
        ),
        sa.PrimaryKeyConstraint("sha256", "account"),
    )


def downgrade() -> None:
    op.drop_table("photo_uploads")
    op.drop_index(
        "photos_waiting", table_name="photos", postgresql_where=sa.text("kept_at IS NULL")
    )
    op.drop_table("photos")
    op.drop_index("photo_links_sha256", table_name="photo_links")
    op.drop_index("photo_links_feature", table_name="photo_links")
    op.drop_table("photo_links")
