"""Notices: what is told to whom, in the house, by mail and to webhooks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice_events",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("feature", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column(
            "told",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_table(
        "notice_queue",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("feature", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("source IN ('step', 'duty')", name="notice_queue_source"),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("place_to", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kinds", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("secret", postgresql.BYTEA(), nullable=False),
        sa.Column("former_secret", postgresql.BYTEA(), nullable=True),
        sa.Column("former_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("char_length(name) <= 100", name="webhooks_name"),
        sa.CheckConstraint("char_length(url) <= 1000", name="webhooks_url"),
        sa.CheckConstraint("octet_length(secret) = 32", name="webhooks_secret"),
        sa.CheckConstraint("place <= place_to", name="webhooks_places"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("webhooks_place", "webhooks", ["place"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("webhook", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "next_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'done', 'dead')", name="deliveries_state"),
        sa.CheckConstraint("char_length(error) <= 300", name="deliveries_error"),
        sa.ForeignKeyConstraint(["event"], ["notice_events.number"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["webhook"], ["webhooks.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("deliveries_event", "deliveries", ["event"], unique=False)
    op.create_index("deliveries_once", "deliveries", ["webhook", "event"], unique=True)
    op.create_index(
        "deliveries_waiting",
        "deliveries",
        ["webhook", "next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "mails",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "next_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'done', 'dead')", name="mails_state"),
        sa.CheckConstraint("char_length(error) <= 300", name="mails_error"),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("mails_account", "mails", ["account", "number"], unique=False)
    op.create_index(
        "mails_waiting",
        "mails",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "notice_choices",
        sa.Column("account", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("pace", sa.Text(), server_default="soon", nullable=False),
        sa.Column("lang", sa.Text(), server_default="zh", nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("unlisted", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("unmailed", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint("char_length(address) <= 200", name="notice_choices_address"),
        sa.CheckConstraint("lang IN ('zh', 'en')", name="notice_choices_lang"),
        sa.CheckConstraint("pace IN ('soon', 'daily', 'off')", name="notice_choices_pace"),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account"),
    )
    op.create_table(
        "notices",
        sa.Column("account", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("mailed", sa.Boolean(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mail", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["event"], ["notice_events.number"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["mail"],
            ["mails.number"],
        ),
        sa.PrimaryKeyConstraint("account", "event"),
    )
    op.create_index("notices_event", "notices", ["event"], unique=False)
    op.create_index("notices_mail", "notices", ["mail"], unique=False)
    op.create_index(
        "notices_unmailed",
        "notices",
        ["account"],
        unique=False,
        postgresql_where=sa.text("mailed AND mail IS NULL"),
    )
    op.create_index(
        "notices_unread",
        "notices",
        ["account", "event"],
        unique=False,
        postgresql_where=sa.text("listed AND read_at IS NULL"),
    )


def downgrade() -> None:
    for name in (
        "notices",
        "notice_choices",
        "mails",
        "deliveries",
        "webhooks",
        "notice_queue",
        "notice_events",
    ):
        op.drop_table(name)
