"""What came from phones, as it came, and what was decided when it did."""

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Identity, Index, MetaData, Table
from sqlalchemy.dialects.postgresql import BYTEA, JSONB

METADATA = MetaData()
DATUMS = ("wgs84", "gcj02", "bd09")
POSITIONS = ("measured", "by_hand", "field")


def _one_of(name: str, words: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{name} IN ({listed})", name=f"submissions_{name}")


def _moment(name: str, *, required: bool = False) -> Column[object]:
    return Column(name, sa.DateTime(timezone=True), nullable=not required)


SUBMISSIONS = Table(
    "submissions",
    METADATA,
    Column("uuid", sa.Uuid, primary_key=True),
    Column("number", sa.BigInteger, Identity(always=True), nullable=False),
    Column(
        "transaction",
        sa.BigInteger,
        server_default=sa.text("pg_current_xact_id()::text::bigint"),
        nullable=False,
    ),
    Column("layer", sa.Text, nullable=False),
    Column("feature", sa.BigInteger, nullable=False),
    Column("place", sa.BigInteger, nullable=False),
    Column("sha256", BYTEA, nullable=False),
    Column("body", BYTEA, nullable=False),
    Column(
        "account",
        sa.BigInteger,
        server_default=sa.text("nullif(current_setting('gridfield.account', true), '')::bigint"),
    ),
    Column("received_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
    _moment("captured_at", required=True),
    Column("datum", sa.Text, nullable=False),
    Column("position", sa.Text, nullable=False),
    Column("lon", sa.Double),
    Column("lat", sa.Double),
    Column("measured_lon", sa.Double),
    Column("measured_lat", sa.Double),
    Column("accuracy_m", sa.Double),
    Column("readings", sa.Integer),
    _moment("measured_at"),
    Column("no_fix", sa.Text),
    Column("clock_offset_s", sa.Double),
    Column("device", sa.Text),
    Column("app", sa.Text),
    Column("field", sa.Text),
    Column("person", sa.BigInteger),
    _moment("due"),
    Column("near", JSONB, server_default=sa.text("'[]'"), nullable=False),
    CheckConstraint("length(sha256) = 32", name="submissions_sha256"),
    _one_of("datum", DATUMS),
    _one_of("position", POSITIONS),
    Index("submissions_feature", "layer", "feature"),
    Index("submissions_place", "place", "received_at"),
    # They come in the order of their moments, so that this index is next to nothing.
    Index("submissions_received", "received_at", postgresql_using="brin"),
    Index("submissions_transaction", "transaction"),
)
"""One row for each record that was logged, never changed but for `place`, which is where its
feature lies. `captured_at` is by the server's clock: what the device said less `clock_offset_s`.
`lon` and `lat` are where the record is, in `datum`, as they were sent, `measured_lon` and the like
what the device said. `field` is the code of the field, `person` its leader, `due` the moment until
which something is to be done, `near` what was likely the same, all as decided on receipt."""
