"""In which division a point lies, and what divisions are called."""

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from layers.tables import table
from layers.thematic import divisions


def division_at(point: ColumnElement[object], rows: sa.FromClause) -> ColumnElement[int]:
    """The code, as a number, of the smallest of these divisions with this point (WGS 84); NULL
    outside all of them."""
    depth = sa.func.length(sa.func.rtrim(rows.c.code, "0"))
    return (
        sa.select(sa.cast(rows.c.code, sa.BigInteger))
        # && is the index's word: ST_Intersects would say it too, but not before a reader's rights.
        .where(rows.c.geom.op("&&")(point), sa.func.st_intersects(rows.c.geom, point))
        .order_by(depth.desc(), rows.c.code)
        .limit(1)
        .scalar_subquery()
    )


def division_named(connection: Connection, code: str) -> str | None:
    """The name of the division with this code; None where the reader sees none."""
    rows = table(divisions.LAYER)
    name: str | None = connection.scalar(sa.select(rows.c.name).where(rows.c.code == code))
    return name
