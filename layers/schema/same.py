"""The table of what people have said is the same: one row for each word, the last one counts."""

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Identity, Index, MetaData, Table

METADATA = MetaData()

SAME_AS = Table(
    "same_as",
    METADATA,
    Column("number", sa.BigInteger, Identity(always=True), primary_key=True),
    Column("layer", sa.Text, nullable=False),
    Column("feature", sa.BigInteger, nullable=False),
    Column("main", sa.BigInteger, nullable=False),
    Column("holds", sa.Boolean, nullable=False),
    Column("place", sa.BigInteger, nullable=False, server_default="0"),
    Column("main_place", sa.BigInteger, nullable=False, server_default="0"),
    Column(
        "account",
        sa.BigInteger,
        server_default=sa.text("nullif(current_setting('gridfield.account', true), '')::bigint"),
    ),
    Column("at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
    CheckConstraint("feature <> main", name="same_as_another"),
    Index("same_as_feature", "layer", "feature", "number"),
    Index("same_as_main", "layer", "main", "number"),
)
"""`feature` is the same as `main`, which stays the record that is worked on, or with `holds` false
is so no more. Rows are only added; `place` and `main_place` are where the two lie now."""
