"""The table in which every change of what maps are made of leaves its mark."""

import sqlalchemy as sa
from sqlalchemy import Column, MetaData, Table

METADATA = MetaData()

MOVES = Table(
    "moves",
    METADATA,
    Column("source", sa.Text, nullable=False),
    Column("moves", sa.BigInteger, nullable=False, server_default=sa.text("1")),
    Column(
        "mark",
        sa.BigInteger,
        nullable=False,
        server_default=sa.text("(random() * 9007199254740992)::bigint"),
    ),
    # It is small, and folded often: what was folded is to be gone within a minute.
    postgresql_with={
        "autovacuum_vacuum_scale_factor": "0",
        "autovacuum_vacuum_threshold": "1000",
    },
)
"""One row for each statement that changed a table, until several are folded into one. It has no
index and no row that two writers would both want, so that to add one costs next to nothing."""
