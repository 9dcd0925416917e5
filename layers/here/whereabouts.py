"""In which division and in which field a point lies, and what divisions are called."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from layers.schema.tables import SRID, table
from layers.thematic import divisions, grid_fields


@dataclass(frozen=True, slots=True)
class FieldAt:
    """The field in which something lies, and who leads it; None where there is none."""

    code: str | None = None
    leader: str | None = None


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


def field_at(connection: Connection, point: tuple[float, float]) -> FieldAt:
    """The field at a point (WGS 84, degrees), one cut out for a school or the like before others,
    as far as whoever acts may see it."""
    rows = table(grid_fields.LAYER)
    spot = sa.func.st_setsrid(sa.func.st_point(*point), SRID)
    is_special = rows.c.kind == "special"
    statement = (
        sa.select(rows.c.code, rows.c.leader)
        .where(rows.c.geom.op("&&")(spot), sa.func.st_intersects(rows.c.geom, spot))
        .order_by(is_special.desc(), rows.c.code)
        .limit(1)
    )
    found = connection.execute(statement).first()
    return FieldAt() if found is None else FieldAt(*found)
