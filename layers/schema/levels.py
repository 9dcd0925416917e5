"""What far zooms show: points in cells (`layers.held.levels`), and fields united by the divisions
that they are of (`layers.held.united`)."""

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy import Column, Index, MetaData, Table

METADATA = MetaData()


def _amount(name: str) -> Column[int]:
    return Column(name, sa.BigInteger, nullable=False)


CELLS = Table(
    "cells",
    METADATA,
    Column("layer", sa.Text, nullable=False),
    Column("grid", sa.SmallInteger, nullable=False),
    Column("x", sa.Integer, nullable=False),
    Column("y", sa.Integer, nullable=False),
    Column("place", sa.BigInteger, nullable=False),
    Column("class", sa.Text),
    *map(_amount, ("features", "lacking", "ids", "eastings", "southings")),
    Column("is_new", sa.Boolean, nullable=False, server_default=sa.text("true")),
    Index("cells_key", "layer", "grid", "x", "y"),
    Index("cells_new", "is_new", postgresql_where=sa.text("is_new")),
    # Folded often: what was folded is to be gone within a minute.
    postgresql_with={
        "autovacuum_vacuum_scale_factor": "0.1",
        "autovacuum_vacuum_threshold": "2000",
    },
)
"""Of each cell, place and class what it came to hold more, or less: to be added up.

A cell is a tile of zoom `grid`, `class` the value that the layer is drawn by. `features` counts,
`lacking` counts those without what each should have; `ids`, `eastings` and `southings` are sums of
ids and of places in the world, in 2³¹ths of its side from its north-western corner. What is the
only one in its cell is therefore told by the sums themselves. Rows are only ever added
(`is_new`), until several are folded into one: no row is wanted by two writers.
"""

GROUNDS = Table(
    "grounds",
    METADATA,
    Column("layer", sa.Text, primary_key=True),
    Column("depth", sa.SmallInteger, primary_key=True, autoincrement=False),
    Column("place", sa.BigInteger, primary_key=True, autoincrement=False),
    *map(_amount, ("features", "lacking", "ids")),
    Column("geom", Geometry("GEOMETRY", srid=3857, spatial_index=False), nullable=False),
)
"""The ground of all fields of a division as one (Web Mercator, generalised). `depth` is how many
digits of its code count: 12 for a community, 9 for a street, 6 for a district."""

STALE_GROUNDS = Table(
    "stale_grounds",
    METADATA,
    Column("layer", sa.Text, nullable=False),
    Column("place", sa.BigInteger, nullable=False),
)
"""The divisions of which fields have changed since their ground was united: while there is one,
nothing of it is told by `grounds`. Rows are only added, and taken away by whoever unites."""
