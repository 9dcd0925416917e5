"""Responsibility fields and their divisions, stored for tests of the gate and of the check."""

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from layers.reading import features
from layers.registry import Registry

STREET = "630102007000"
BLUE_SKY = "630102007001"
WEST_STATION = "630102007004"
CELL_DEG = 0.001


def same_ground(found: BaseGeometry | None, expected: BaseGeometry) -> bool:
    """But for a millionth of a cell."""
    assert found is not None
    return bool(found.symmetric_difference(expected).area < CELL_DEG**2 * 1e-6)


def plot(column: float, row: float, width: float = 1, height: float = 1) -> shapely.Polygon:
    """A box in a plan of cells of about 90 by 111 m, counted from its south-western corner."""
    columns, rows = (column, column + width), (row, row + height)
    west, east = (round(101.80 + at * CELL_DEG, 9) for at in columns)
    south, north = (round(36.60 + at * CELL_DEG, 9) for at in rows)
    return shapely.box(west, south, east, north)


def division(
    connection: Connection,
    registry: Registry,
    ground: BaseGeometry,
    code: str = BLUE_SKY,
    **given: object,
) -> int:
    """A stored division."""
    level = "street" if code.endswith("000") else "community"
    values = {"code": code, "name": f"区划{code[-3:]}", "level": level, **given}
    return features.insert(connection, registry.layer("divisions"), values, ground)


def values(n: int, of: str | None = BLUE_SKY, **given: object) -> dict[str, object]:
    """The values of the n-th field (from 1) of a division."""
    code = f"{of or STREET}{n:03}"
    made = {"code": code, "name": f"网格{code[-6:]}", "kind": "general", "division": of}
    return {**made, "leader": f"网格长{n}", **given}


def field(
    connection: Connection,
    registry: Registry,
    n: int,
    ground: BaseGeometry,
    of: str | None = BLUE_SKY,
    **given: object,
) -> int:
    """The n-th field (from 1) of a division, stored as if no gate were there."""
    layer = registry.layer("grid_fields")
    return features.insert(connection, layer, values(n, of, **given), ground)
