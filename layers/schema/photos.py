"""The tables of photographs: what is kept, who brought it, and what it shows."""

from collections.abc import Mapping
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Identity, Index, MetaData, Table

from layers.declaring.labels import Label

METADATA = MetaData()

PHOTO_LABELS: Mapping[str, Label] = MappingProxyType(
    {
        "far": Label("全景", "From afar"),
        "near": Label("近景", "Close up"),
        "before": Label("整改前", "Before"),
        "after": Label("整改后", "After"),
        "other": Label("其他", "Other"),
    }
)
"""What a photograph may be of its feature."""
PHOTO_ROLES = tuple(PHOTO_LABELS)

OWN_ACCOUNT = "coalesce(nullif(current_setting('gridfield.account', true), '')::bigint, 0)"
"""Whoever acts, as SQL; 0 is the machine's keeper."""

_LISTED = ", ".join(f"'{role}'" for role in PHOTO_ROLES)


def _hash_rule(table: str) -> CheckConstraint:
    return CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=f"{table}_sha256")


PHOTOS = Table(
    "photos",
    METADATA,
    Column("sha256", sa.Text, primary_key=True),
    Column("bytes", sa.BigInteger, nullable=False),
    Column("media_type", sa.Text, nullable=False),
    Column("width", sa.Integer, nullable=False),
    Column("height", sa.Integer, nullable=False),
    # What the camera says, kept here and never given out with the picture.
    Column("taken_at", sa.Text),
    Column("lon", sa.Double),
    Column("lat", sa.Double),
    Column("datum", sa.Text),
    Column("tried_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    # NULL: its bytes are on their way into the store, or never got there.
    Column("kept_at", sa.DateTime(timezone=True)),
    _hash_rule("photos"),
    CheckConstraint("bytes > 0 AND width > 0 AND height > 0", name="photos_size"),
    CheckConstraint("char_length(datum) <= 200", name="photos_datum"),
    Index("photos_waiting", "tried_at", postgresql_where=sa.text("kept_at IS NULL")),
)
"""One row for each content; whose it is and where it belongs stand in the other two."""

PHOTO_UPLOADS = Table(
    "photo_uploads",
    METADATA,
    Column("sha256", sa.Text, ForeignKey(PHOTOS.c.sha256), primary_key=True),
    Column(
        "account",
        sa.BigInteger,
        primary_key=True,
        autoincrement=False,
        server_default=sa.text(OWN_ACCOUNT),
    ),
    Column("received_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
)
"""Who has brought the bytes, and when first: each knows of their own alone."""

PHOTO_LINKS = Table(
    "photo_links",
    METADATA,
    Column("number", sa.BigInteger, Identity(always=True), primary_key=True),
    Column("layer", sa.Text, nullable=False),
    Column("feature", sa.BigInteger, nullable=False),
    # No foreign key: a record comes before its photographs.
    Column("sha256", sa.Text, nullable=False),
    Column("role", sa.Text, nullable=False),
    Column("ordinal", sa.SmallInteger, nullable=False),
    Column("taken_at", sa.DateTime(timezone=True)),
    Column("place", sa.BigInteger, nullable=False, server_default="0"),
    Column("account", sa.BigInteger, nullable=False, server_default=sa.text(OWN_ACCOUNT)),
    Column("held", sa.Boolean, nullable=False, server_default=sa.false()),
    Column("linked_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    _hash_rule("photo_links"),
    CheckConstraint(f"role IN ({_LISTED})", name="photo_links_role"),
    Index("photo_links_feature", "layer", "feature", "sha256", unique=True),
    Index("photo_links_sha256", "sha256"),
)
"""Which photographs a feature has, in which order. `place` is where the feature lies; `held` says
that the bytes were brought by whoever linked them, or by somebody over this place since."""
