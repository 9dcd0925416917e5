"""Files as they come in, made for tests of the import."""

import io
import json
from collections.abc import Mapping, Sequence

import numpy as np
import shapely
import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry

from gis import files
from gis.files import Hints, Source
from gis.geojson import to_rfc7946
from gis.postgis import Database
from layers.declaring.words import Layer
from layers.schema.tables import table
from tests.factories import geometry, record

Row = Mapping[str, object]


def source(
    rows: Sequence[Row],
    shapes: Sequence[object],
    name: str = "台账.geojson",
    *,
    placed: bool = True,
) -> Source:
    """A GeoJSON file of these rows; shapes are shapely geometries or GeoJSON as it stands."""
    listed = [
        {
            "type": "Feature",
            "properties": dict(row),
            "geometry": to_rfc7946(shape) if isinstance(shape, shapely.Geometry) else shape,
        }
        for row, shape in zip(rows, shapes, strict=True)
    ]
    content = json.dumps({"type": "FeatureCollection", "features": listed}, default=str)
    return files.read(io.BytesIO(content.encode()), name=name, hints=Hints(placed=placed))


def ordinary(layer: Layer, count: int, **more: object) -> Source:
    numbers = range(count)
    return source(
        [record(layer, n, **more) for n in numbers],
        [geometry(layer, n) for n in numbers],
        placed=layer.has_shape,
    )


def table_file(
    rows: Sequence[Row], shapes: Sequence[BaseGeometry], name: str = "台账.csv", **hints: object
) -> Source:
    """A CSV file of these rows with the geometries as WKT, to the last bit."""
    columns = [*dict.fromkeys(column for row in rows for column in row), "wkt"]
    wkts = shapely.to_wkt(np.array(shapes, dtype=object), rounding_precision=-1)
    lines = [",".join(f'"{row.get(c, "")}"' for c in columns[:-1]) for row in rows]
    text = "\n".join(
        [",".join(columns), *(f'{line},"{wkt}"' for line, wkt in zip(lines, wkts, strict=True))]
    )
    return files.read(io.BytesIO(text.encode()), name=name, hints=Hints(**hints))


def bytes_of(database: Database, layer: Layer) -> list[tuple[object, ...]]:
    """The whole table as it is stored, to the byte."""
    rows = table(layer)
    plain = [column for column in rows.c if column.name != "geom"]
    drawn = [sa.cast(rows.c.geom, sa.Text)] if layer.has_shape else []
    statement = sa.select(*plain, *drawn).order_by(rows.c.id)
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(statement)]


def count(database: Database, layer: Layer) -> int:
    """How many features are stored."""
    return len(bytes_of(database, layer))
