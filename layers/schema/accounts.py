"""The tables of people and their accounts; no map and no export reads them."""

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Identity, Index, MetaData, Table
from sqlalchemy.dialects.postgresql import BYTEA

from layers.declaring.people import Role

METADATA = MetaData()

TEXT_LIMIT = 200
_ROLES = ", ".join(f"'{role}'" for role in Role)
_DIGEST_BYTES = 32


def _id() -> Column[int]:
    return Column("id", sa.BigInteger, Identity(always=False), primary_key=True)


def _time(name: str, *, required: bool = False) -> Column[object]:
    return Column(name, sa.DateTime(timezone=True), nullable=not required)


def _now(name: str) -> Column[object]:
    now = sa.func.now()
    return Column(name, sa.DateTime(timezone=True), nullable=False, server_default=now)


def _digest(*, key: bool = False) -> Column[bytes]:
    """SHA-256 of a secret of 256 random bits: who reads the table can sign in with nothing."""
    return Column("digest", BYTEA, nullable=False, unique=not key, primary_key=key)


def _digest_rule(table: str) -> CheckConstraint:
    return CheckConstraint(f"octet_length(digest) = {_DIGEST_BYTES}", name=f"{table}_digest")


def _account() -> Column[int]:
    return Column(
        "account_id", sa.BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False
    )


def _short(table: str, *columns: str) -> list[CheckConstraint]:
    return [
        CheckConstraint(f"char_length({column}) <= {TEXT_LIMIT}", name=f"{table}_{column}")
        for column in columns
    ]


PERSONS = Table(
    "persons",
    METADATA,
    _id(),
    # All of it is personal data.
    Column("name", sa.Text, nullable=False),
    Column("unit", sa.Text),
    Column("post", sa.Text),
    Column("phone", sa.Text),
    Column("email", sa.Text),
    *_short("persons", "name", "unit", "post", "phone", "email"),
)

ACCOUNTS = Table(
    "accounts",
    METADATA,
    _id(),
    Column("person_id", sa.BigInteger, ForeignKey("persons.id"), nullable=False),
    # Casefolded NFKC, so that one name is one account.
    Column("login", sa.Text, nullable=False, unique=True),
    # None: no password opens it, only links and linked identities do.
    Column("password_hash", sa.Text),
    Column("must_change", sa.Boolean, nullable=False, server_default=sa.false()),
    Column("role", sa.Text, nullable=False),
    Column("division", sa.Text, nullable=False),
    _now("created_at"),
    _time("disabled_at"),
    CheckConstraint("char_length(login) >= 2 AND char_length(login) <= 64", name="accounts_login"),
    CheckConstraint(f"role IN ({_ROLES})", name="accounts_role"),
    CheckConstraint("division ~ '^[0-9]{12}$'", name="accounts_division"),
    Index("accounts_person", "person_id"),
)

SESSIONS = Table(
    "sessions",
    METADATA,
    _id(),
    _digest(),
    _account(),
    Column("kind", sa.Text, nullable=False),
    # So that people recognise what they see in the list of their sessions.
    Column("agent", sa.Text),
    Column("address", sa.Text),
    _now("created_at"),
    _now("last_seen_at"),
    _time("expires_at", required=True),
    _time("revoked_at"),
    _digest_rule("sessions"),
    CheckConstraint("kind IN ('cookie', 'bearer')", name="sessions_kind"),
    *_short("sessions", "agent", "address"),
    Index("sessions_account", "account_id"),
)

SIGN_IN_LINKS = Table(
    "sign_in_links",
    METADATA,
    _id(),
    _digest(),
    _account(),
    _now("created_at"),
    _time("expires_at", required=True),
    _time("used_at"),
    _digest_rule("sign_in_links"),
    Index("sign_in_links_account", "account_id"),
)

IDENTITIES = Table(
    "identities",
    METADATA,
    Column("issuer", sa.Text, primary_key=True),
    Column("subject", sa.Text, primary_key=True),
    _account(),
    _now("linked_at"),
    # OpenID Connect Core §2: a subject has at most 255 characters.
    CheckConstraint(
        "char_length(issuer) <= 255 AND char_length(subject) <= 255", name="identities_length"
    ),
    Index("identities_account", "account_id"),
)

SIGN_IN_ATTEMPTS = Table(
    "sign_in_attempts",
    METADATA,
    # Of a login or an address: people type passwords where the login belongs.
    _digest(key=True),
    Column("tries", sa.Integer, nullable=False),
    _time("last_at", required=True),
    _digest_rule("sign_in_attempts"),
    Index("sign_in_attempts_last", "last_at"),
)

PERSONAL_READS = Table(
    "personal_reads",
    METADATA,
    Column("number", sa.BigInteger, Identity(always=True), primary_key=True),
    _now("at"),
    # No foreign key: what somebody read is known longer than they are. None: the machine's keeper.
    Column(
        "account",
        sa.BigInteger,
        server_default=sa.text("nullif(current_setting('gridfield.account', true), '')::bigint"),
    ),
    Column("way", sa.Text, nullable=False),
    Column("layer", sa.Text, nullable=False),
    Column("rows", sa.BigInteger),
    Column("format", sa.Text, nullable=False),
    # Of maps alone, where every look is many tiles.
    Column("session", sa.BigInteger),
    _time("hour"),
    CheckConstraint("rows > 0", name="personal_reads_rows"),
    Index("personal_reads_at", "at"),
    Index("personal_reads_hour", "session", "layer", "hour", unique=True),
)
"""Who was told personal values unmasked, of how many features, and how
(`layers.reading.reading_log`)."""
