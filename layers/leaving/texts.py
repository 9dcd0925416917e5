"""Texts that PostgreSQL writes by COPY and that go out as they come."""

from collections.abc import Generator
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from gis import copying
from gis.formats import csvfile, headings
from gis.stopping import Switch
from layers.declaring.words import Field, Geometry, Layer, Type
from layers.reading import features
from layers.reading.features import Excerpt

_COMMA, _LINE, _CSV_LINE = b",", b"\n", b"\r\n"
# As many digits as a double may need, so that what is read back is what was stored.
_DIGITS = 17


def geojson(
    connection: Connection, layer: Layer, excerpt: Excerpt, switch: Switch
) -> Generator[bytes]:
    """A FeatureCollection of RFC 7946. Its last bracket comes when all is there."""
    before = b'{"type":"FeatureCollection","features":['
    for piece in _features(connection, layer, excerpt, _COMMA, switch):
        yield before + piece
        before = _COMMA
    yield b"]}\n" if before == _COMMA else before + b"]}\n"


def geojson_lines(
    connection: Connection, layer: Layer, excerpt: Excerpt, switch: Switch
) -> Generator[bytes]:
    """A Feature of RFC 7946 on each line."""
    for piece in _features(connection, layer, excerpt, _LINE, switch):
        yield piece + _LINE


def csv(connection: Connection, layer: Layer, excerpt: Excerpt, switch: Switch) -> Generator[bytes]:
    """A table as `gis.formats.csvfile` reads it: coordinates in columns of their own, texts that no
    spreadsheet will run."""
    leaving, rows, wanted = excerpt.of(layer)
    located = _located(leaving, rows)
    cells = [cell(field, rows.c[field.name]) for field in leaving.fields]
    names = [*(field.name for field in leaving.fields), *located]
    statement = sa.select(*cells, *located.values()).where(*wanted).order_by(rows.c.id)
    before = csvfile.heading(names)
    for piece in copying.copied(connection, statement, copying.CSV, _CSV_LINE, switch):
        yield before + piece + _CSV_LINE
        before = b""
    if before:
        yield before


def _features(
    connection: Connection, layer: Layer, excerpt: Excerpt, between: bytes, switch: Switch
) -> Generator[bytes]:
    statement = features.leaving(layer, excerpt)
    return copying.copied(connection, statement, copying.PLAIN, between, switch)


# --- cells of a CSV file --------------------------------------------------------------------------
def cell(field: Field, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A value as `gis.formats.csvfile` would write it."""
    match field.type:
        case Type.TEXT if not field.choices:
            return _escaped(column)
        case Type.BOOLEAN:
            return sa.case((column, "True"), (sa.not_(column), "False"))
        case Type.DECIMAL:
            return _decimal(column)
        case _:
            return column


def _escaped(text: ColumnElement[Any]) -> ColumnElement[Any]:
    # Few texts begin so; to look at one character costs less than a regular expression.
    suspect = sa.func.ascii(text).in_([ord(c) for c in csvfile.SUSPECT])
    runs = sa.and_(suspect, text.op("~")(f"^{csvfile.RUNS}"))
    return sa.func.nullif(sa.case((runs, sa.literal("'") + text), else_=text), "")


def _decimal(number: ColumnElement[Any]) -> ColumnElement[Any]:
    """The shortest digits that are this double; a whole one is told from an integer."""
    text = sa.cast(number, sa.Text)
    told = [(sa.func.strpos(text, mark) > 0, text) for mark in (".", "e")]
    return sa.case(*told, else_=text + sa.literal(".0"))


def _located(layer: Layer, rows: sa.FromClause) -> dict[str, ColumnElement[Any]]:
    """The columns that say where."""
    if not layer.has_shape:
        return {}
    if layer.geometry is Geometry.POINT:
        lon, lat = sa.func.st_x(rows.c.geom), sa.func.st_y(rows.c.geom)
        return {headings.LON: _decimal(lon), headings.LAT: _decimal(lat)}
    # With the spaces that GEOS and most others put.
    text = sa.func.st_astext(rows.c.geom, _DIGITS)
    spaced = sa.func.regexp_replace(text, r"\(", " (")
    return {headings.WKT: sa.func.replace(spaced, ",", ", ")}
