"""Features become files: texts stream straight out of PostgreSQL, the rest is made aside first."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO

import numpy as np
import shapely
import sqlalchemy as sa
from sqlalchemy import ColumnElement, Row
from sqlalchemy.engine import Connection

from gis import geojson
from gis.errors import FILE_FORMAT, FILE_UNWRITABLE, Finding, Problem
from gis.formats import csvfile, headings, ogr, shapefile
from gis.formats.ogr import Column, Content, OgrFile
from gis.geometry import Geometries
from gis.postgis import Database
from layers.declare import Geometry, Layer, Type
from layers.features import BBox, export_rows, intersects
from layers.tables import table

_CHUNK_ROWS = 1000
_CHUNK_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Format:
    """A way out: the ending of its files and the media type over HTTP."""

    ending: str
    media_type: str


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "geojson": Format(".geojson", "application/geo+json"),
        "geojsonl": Format(".geojsonl", "application/x-ndjson"),
        "gpkg": Format(".gpkg", "application/geopackage+sqlite3"),
        "shp": Format(".shp.zip", "application/zip"),
        "fgb": Format(".fgb", "application/flatgeobuf"),
        "csv": Format(".csv", "text/csv; charset=utf-8"),
        "kml": Format(".kml", "application/vnd.google-earth.kml+xml"),
    }
)


def format_named(name: str) -> str:
    """The name of the format that a file's name ends with; Problem(FILE_FORMAT)."""
    for format_name, form in FORMATS.items():
        if name.lower().endswith(form.ending):
            return format_name
    allowed = " ".join(form.ending for form in FORMATS.values())
    raise Problem(FILE_FORMAT, name=name[-40:], allowed=allowed)


def write(
    database: Database, layer: Layer, path: Path, *, bbox: BBox | None = None
) -> tuple[Finding, ...]:
    """Write a layer to a file, its format by its ending; what the format abridged comes back.

    The file appears whole or not at all: an older one stays until then. Problems: FILE_FORMAT,
    FILE_UNWRITABLE.
    """
    format_name = format_named(path.name)
    try:
        with _replaced(path) as file:
            if format_name in _TEXTS:
                file.writelines(stream(database, layer, format_name, bbox=bbox))
                return ()
            with _made(database, layer, format_name, bbox) as (made, notes):
                with made.open("rb") as source:
                    shutil.copyfileobj(source, file)
                return notes
    except OSError as error:
        raise Problem(
            FILE_UNWRITABLE, name=path.name, reason=error.strerror or type(error).__name__
        ) from None


def stream(
    database: Database, layer: Layer, format_name: str, *, bbox: BBox | None = None
) -> Iterator[bytes]:
    """A layer in one of FORMATS, piece by piece, of one moment of the database."""
    if format_name not in FORMATS:
        raise Problem(FILE_FORMAT, name=format_name, allowed=" ".join(FORMATS))
    return _pieces(database, layer, format_name, bbox)


def _pieces(
    database: Database, layer: Layer, format_name: str, bbox: BBox | None
) -> Iterator[bytes]:
    if format_name in _TEXTS:
        with database.read() as connection:
            yield from _TEXTS[format_name](connection, layer, bbox)
        return
    with _made(database, layer, format_name, bbox) as (made, _), made.open("rb") as source:
        while piece := source.read(_CHUNK_BYTES):
            yield piece


@contextmanager
def _replaced(path: Path) -> Iterator[BinaryIO]:
    """A file beside `path` that takes its name when all is written and on disk."""
    beside = path.with_name(f".gridfield-{secrets.token_hex(8)}")
    try:
        with beside.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


# --- texts ----------------------------------------------------------------------------------------
def _geojson(connection: Connection, layer: Layer, bbox: BBox | None) -> Iterator[bytes]:
    return geojson.collection(export_rows(connection, layer, bbox=bbox))


def _geojson_lines(connection: Connection, layer: Layer, bbox: BBox | None) -> Iterator[bytes]:
    return geojson.sequence(export_rows(connection, layer, bbox=bbox))


def _csv(connection: Connection, layer: Layer, bbox: BBox | None) -> Iterator[bytes]:
    names = [field.name for field in layer.fields]
    located = (headings.LON, headings.LAT) if layer.geometry is Geometry.POINT else (headings.WKT,)
    place = _lonlat if layer.geometry is Geometry.POINT else _wkt
    chunks = (
        [(*row[:-1], *at) for row, at in zip(rows, place(_geometries(rows)), strict=True)]
        for rows in _rows(connection, layer, bbox).partitions()
    )
    return csvfile.write([*names, *located], chunks)


def _lonlat(points: Geometries) -> Sequence[Sequence[object]]:
    coordinates: list[Sequence[object]] = shapely.get_coordinates(points).tolist()
    return coordinates


def _wkt(geometries: Geometries) -> Sequence[Sequence[object]]:
    # 17 digits are a double to its last bit, so that what is read back is what was stored.
    return [(text,) for text in shapely.to_wkt(geometries, rounding_precision=17)]


_TEXTS: Mapping[str, Callable[[Connection, Layer, BBox | None], Iterator[bytes]]] = {
    "geojson": _geojson,
    "geojsonl": _geojson_lines,
    "csv": _csv,
}


# --- files that are made whole ------------------------------------------------------------------
@contextmanager
def _made(
    database: Database, layer: Layer, format_name: str, bbox: BBox | None
) -> Iterator[tuple[Path, tuple[Finding, ...]]]:
    """The finished file in a private folder; no transaction is open while it is handed on."""
    with database.read() as connection:
        content = _content(connection, layer, bbox)
    with tempfile.TemporaryDirectory(prefix="gridfield-") as folder:
        target = Path(folder) / f"{layer.name}{FORMATS[format_name].ending}"
        yield target, _MAKERS[format_name](target, content)


def _geopackage(target: Path, content: Content) -> tuple[Finding, ...]:
    # No field is called id or geom, so these names never meet one. 1.3 is what programs of the
    # last years read without a warning.
    options = {"FID": "id", "GEOMETRY_NAME": "geom", "VERSION": "1.3"}
    ogr.write(OgrFile(target, ogr.GEOPACKAGE, target.name), content, options)
    return ()


def _flatgeobuf(target: Path, content: Content) -> tuple[Finding, ...]:
    ogr.write(OgrFile(target, ogr.FLATGEOBUF, target.name), content, {})
    return ()


def _kml(target: Path, content: Content) -> tuple[Finding, ...]:
    ogr.write(OgrFile(target, ogr.KML, target.name), content, {})
    return ()


_MAKERS: Mapping[str, Callable[[Path, Content], tuple[Finding, ...]]] = {
    "gpkg": _geopackage,
    "shp": shapefile.write_zip,
    "fgb": _flatgeobuf,
    "kml": _kml,
}


# --- rows -----------------------------------------------------------------------------------------
def _rows(connection: Connection, layer: Layer, bbox: BBox | None) -> sa.Result[tuple[Any, ...]]:
    """The fields in declared order and the geometry as WKB, in the order of the ids."""
    rows = table(layer)
    wanted: list[ColumnElement[bool]] = [] if bbox is None else [intersects(rows, bbox)]
    fields = (rows.c[field.name] for field in layer.fields)
    statement = sa.select(*fields, sa.func.st_asbinary(rows.c.geom)).where(*wanted)
    return connection.execute(
        statement.order_by(rows.c.id).execution_options(yield_per=_CHUNK_ROWS)
    )


def _geometries(rows: Sequence[Row[Any]]) -> Geometries:
    geometries: Geometries = shapely.from_wkb([bytes(row[-1]) for row in rows])
    return geometries


def _content(connection: Connection, layer: Layer, bbox: BBox | None) -> Content:
    rows = _rows(connection, layer, bbox).all()
    columns = [
        _column(field.name, field.type, [row[n] for row in rows])
        for n, field in enumerate(layer.fields)
    ]
    geometries, geometry_type = _uniform(_geometries(rows), layer)
    return Content(layer.name, columns, geometries, geometry_type)


def _uniform(geometries: Geometries, layer: Layer) -> tuple[Geometries, str]:
    """Simple and multi geometries in one layer all as multi: its container knows one type."""
    simple, most = layer.geometry.accepted[0], layer.geometry.accepted[-1]
    of_one_part = shapely.get_type_id(geometries) == shapely.GeometryType[simple.upper()]
    if of_one_part.all():
        return geometries, simple
    geometries[of_one_part] = _MULTI[most](
        geometries[of_one_part], indices=np.arange(of_one_part.sum())
    )
    return geometries, most


_MULTI: Mapping[str, Callable[..., Any]] = {
    "MultiLineString": shapely.multilinestrings,
    "MultiPolygon": shapely.multipolygons,
}


def _column(name: str, kind: Type, values: Sequence[object]) -> Column:
    dtype, nothing = _DTYPES[kind]
    missing = np.array([value is None for value in values], dtype=bool)
    filled = [nothing if value is None else value for value in values]
    return Column(name, np.array(filled, dtype=dtype), missing)


_DTYPES: Mapping[Type, tuple[str, object]] = {
    Type.TEXT: ("O", None),
    Type.INTEGER: ("int64", 0),
    Type.DECIMAL: ("float64", np.nan),
    Type.DATE: ("datetime64[D]", None),
    Type.BOOLEAN: ("bool", False),
}
