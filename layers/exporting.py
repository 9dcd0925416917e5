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
from sqlalchemy import Row
from sqlalchemy.engine import Connection

from gis import geojson
from gis.errors import FILE_FORMAT, FILE_UNWRITABLE, FORMAT_NEEDS_PLACES, Finding, Problem
from gis.formats import csvfile, headings, ogr, shapefile
from gis.formats.ogr import Column, Content, OgrFile
from gis.geometry import Geometries
from gis.postgis import Database
from layers import sheet_rows, workbook
from layers.declare import Geometry, Layer, Type
from layers.features import WHOLE, Excerpt, export_rows
from layers.workbook import Sheet

_CHUNK_ROWS = 1000
_CHUNK_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Format:
    """A way out: the ending of its files and the media type over HTTP.

    Files of one that `needs_places` hold shapes and nothing else.
    """

    ending: str
    media_type: str
    needs_places: bool = False


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "geojson": Format(".geojson", "application/geo+json"),
        "geojsonl": Format(".geojsonl", "application/x-ndjson"),
        "gpkg": Format(".gpkg", "application/geopackage+sqlite3"),
        "shp": Format(".shp.zip", "application/zip", needs_places=True),
        "fgb": Format(".fgb", "application/flatgeobuf", needs_places=True),
        "csv": Format(".csv", "text/csv; charset=utf-8"),
        "xlsx": Format(
            ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        ),
        "kml": Format(".kml", "application/vnd.google-earth.kml+xml", needs_places=True),
    }
)


def format_named(name: str) -> str:
    """The name of the format that a file's name ends with; Problem(FILE_FORMAT)."""
    for format_name, form in FORMATS.items():
        if name.lower().endswith(form.ending):
            return format_name
    allowed = " ".join(form.ending for form in FORMATS.values())
    raise Problem(FILE_FORMAT, name=name[-40:], allowed=allowed)


def formats(layer: Layer) -> Mapping[str, Format]:
    """The formats that can hold the layer, by name."""
    return {n: each for n, each in FORMATS.items() if layer.has_shape or not each.needs_places}


def form(name: str, layer: Layer) -> Format:
    """The format of that name; Problem(FILE_FORMAT), or Problem(FORMAT_NEEDS_PLACES) where a
    register has nothing that it could hold."""
    if name not in FORMATS:
        raise Problem(FILE_FORMAT, name=name, allowed=" ".join(FORMATS))
    able = formats(layer)
    if name not in able:
        raise Problem(
            FORMAT_NEEDS_PLACES,
            name=name,
            layer_zh=layer.label.zh,
            layer=layer.label.en,
            allowed=" ".join(able),
        )
    return FORMATS[name]


def write(
    database: Database, layer: Layer, path: Path, excerpt: Excerpt = WHOLE
) -> tuple[Finding, ...]:
    """Write a layer to a file, its format by its ending; what the format abridged comes back.

    The file appears whole or not at all: an older one stays until then. Problems: FILE_FORMAT,
    FILE_UNWRITABLE.
    """
    format_name = format_named(path.name)
    form(format_name, layer)
    try:
        with _replaced(path) as file:
            if format_name in _TEXTS:
                file.writelines(stream(database, layer, format_name, excerpt))
                return ()
            with _made(database, layer, format_name, excerpt) as (made, notes):
                with made.open("rb") as source:
                    shutil.copyfileobj(source, file)
                return notes
    except OSError as error:
        raise Problem(
            FILE_UNWRITABLE, name=path.name, reason=error.strerror or type(error).__name__
        ) from None


def count(database: Database, layer: Layer, excerpt: Excerpt = WHOLE) -> int:
    """How many features an export would have."""
    _, rows, wanted = excerpt.of(layer)
    counted = sa.select(sa.func.count()).select_from(rows).where(*wanted)
    with database.read() as connection:
        return int(connection.scalar(counted) or 0)


def stream(
    database: Database, layer: Layer, format_name: str, excerpt: Excerpt = WHOLE
) -> Iterator[bytes]:
    """A layer in one of its formats, piece by piece, of one moment of the database."""
    form(format_name, layer)
    return _pieces(database, layer, format_name, excerpt)


def _pieces(
    database: Database, layer: Layer, format_name: str, excerpt: Excerpt
) -> Iterator[bytes]:
    if format_name in _TEXTS:
        with database.read() as connection:
            yield from _TEXTS[format_name](connection, layer, excerpt)
        return
    with _made(database, layer, format_name, excerpt) as (made, _), made.open("rb") as source:
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
def _geojson(connection: Connection, layer: Layer, excerpt: Excerpt) -> Iterator[bytes]:
    return geojson.collection(export_rows(connection, layer, excerpt))


def _geojson_lines(connection: Connection, layer: Layer, excerpt: Excerpt) -> Iterator[bytes]:
    return geojson.sequence(export_rows(connection, layer, excerpt))


def _csv(connection: Connection, layer: Layer, excerpt: Excerpt) -> Iterator[bytes]:
    leaving, found = _rows(connection, layer, excerpt)
    names = [field.name for field in leaving.fields]
    if not layer.has_shape:
        return csvfile.write(names, found.partitions())
    located = (headings.LON, headings.LAT) if layer.geometry is Geometry.POINT else (headings.WKT,)
    place = _lonlat if layer.geometry is Geometry.POINT else _wkt
    chunks = (
        [(*row[:-1], *at) for row, at in zip(rows, place(_geometries(rows)), strict=True)]
        for rows in found.partitions()
    )
    return csvfile.write([*names, *located], chunks)


def _lonlat(points: Geometries) -> Sequence[Sequence[object]]:
    coordinates: list[Sequence[object]] = shapely.get_coordinates(points).tolist()
    return coordinates


def _wkt(geometries: Geometries) -> Sequence[Sequence[object]]:
    # 17 digits are a double to its last bit, so that what is read back is what was stored.
    return [(text,) for text in shapely.to_wkt(geometries, rounding_precision=17)]


def _xlsx(connection: Connection, layer: Layer, excerpt: Excerpt) -> Iterator[bytes]:
    leaving, found = _rows(connection, layer, excerpt)
    rows = sheet_rows.rows(leaving, found)
    title = workbook.sheet_title(layer.label.zh)
    yield workbook.write([Sheet(title, sheet_rows.heading(leaving), rows)])


_TEXTS: Mapping[str, Callable[[Connection, Layer, Excerpt], Iterator[bytes]]] = {
    "geojson": _geojson,
    "geojsonl": _geojson_lines,
    "csv": _csv,
    "xlsx": _xlsx,
}


# --- files that are made whole ------------------------------------------------------------------
@contextmanager
def _made(
    database: Database, layer: Layer, format_name: str, excerpt: Excerpt
) -> Iterator[tuple[Path, tuple[Finding, ...]]]:
    """The finished file in a private folder; no transaction is open while it is handed on."""
    with database.read() as connection:
        content = _content(connection, layer, excerpt)
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
def _rows(
    connection: Connection, layer: Layer, excerpt: Excerpt
) -> tuple[Layer, sa.Result[tuple[Any, ...]]]:
    """The layer as it leaves, and its fields in declared order, with the geometry as WKB if it has
    one, in the order of the ids."""
    leaving, rows, wanted = excerpt.of(layer)
    fields = (rows.c[field.name] for field in leaving.fields)
    shape = [sa.func.st_asbinary(rows.c.geom)] if layer.has_shape else []
    statement = sa.select(*fields, *shape).where(*wanted)
    streamed = statement.order_by(rows.c.id).execution_options(yield_per=_CHUNK_ROWS)
    return leaving, connection.execute(streamed)


def _geometries(rows: Sequence[Row[Any]]) -> Geometries:
    geometries: Geometries = shapely.from_wkb([bytes(row[-1]) for row in rows])
    return geometries


def _content(connection: Connection, layer: Layer, excerpt: Excerpt) -> Content:
    leaving, found = _rows(connection, layer, excerpt)
    rows = found.all()
    columns = [
        _column(field.name, field.type, [row[n] for row in rows])
        for n, field in enumerate(leaving.fields)
    ]
    if not layer.has_shape:
        return Content(layer.name, columns, None, None)
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
