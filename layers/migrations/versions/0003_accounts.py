"""People and their accounts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "persons",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("post", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.CheckConstraint("char_length(email) <= 200", name="persons_email"),
        sa.CheckConstraint("char_length(name) <= 200", name="persons_name"),
        sa.CheckConstraint("char_length(phone) <= 200", name="persons_phone"),
        sa.CheckConstraint("char_length(post) <= 200", name="persons_post"),
        sa.CheckConstraint("char_length(unit) <= 200", name="persons_unit"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("digest", postgresql.BYTEA(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(digest) = 32", name="sign_in_attempts_digest"),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("sign_in_attempts_last", "sign_in_attempts", ["last_at"], unique=False)
    op.create_table(
        "accounts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("must_change", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("division ~ '^[0-9]{12}$'", name="accounts_division"),
        sa.CheckConstraint(
            "role IN ('viewer', 'inspector', 'leader', 'officer', 'admin')", name="accounts_role"
        ),
        sa.CheckConstraint(
            "char_length(login) >= 2 AND char_length(login) <= 64", name="accounts_login"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("login"),
    )
    op.create_index("accounts_person", "accounts", ["person_id"], unique=False)
    op.create_table(
        "identities",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "linked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint(
            "char_length(issuer) <= 255 AND char_length(subject) <= 255", name="identities_length"
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("issuer", "subject"),
    )
    op.create_index("identities_account", "identities", ["account_id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("digest", postgresql.BYTEA(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "last_seen_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('cookie', 'bearer')", name="sessions_kind"),
        sa.CheckConstraint("char_length(address) <= 200", name="sessions_address"),
        sa.CheckConstraint("char_length(agent) <= 200", name="sessions_agent"),
        sa.CheckConstraint("octet_length(digest) = 32", name="sessions_digest"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("sessions_account", "sessions", ["account_id"], unique=False)
    op.create_table(
        "sign_in_links",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("digest", postgresql.BYTEA(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("octet_length(digest) = 32", name="sign_in_links_digest"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("sign_in_links_account", "sign_in_links", ["account_id"], unique=False)


def downgrade() -> None:
    op.drop_index("sign_in_links_account", table_name="sign_in_links")
    op.drop_table("sign_in_links")
    op.drop_index("sessions_account", table_name="sessions")
    op.drop_table("sessions")
    op.drop_index("identities_account", table_name="identities")
    op.drop_table("identities")
    op.drop_index("accounts_person", table_name="accounts")
    op.drop_table("accounts")
    op.drop_index("sign_in_attempts_last", table_name="sign_in_attempts")
    op.drop_table("sign_in_attempts")
    op.drop_table("persons")
