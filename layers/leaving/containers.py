"""Files that are made whole in a folder of their own before they go out."""

import csv
import io
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis import copying
from gis.errors import Finding
from gis.formats import ogr, shapefile
from gis.formats.arrow import Batch, Column
from gis.formats.ogr import Content, OgrFile
from gis.stopping import Switch
from layers.declaring.words import Field, Layer, Type
from layers.leaving import sheet_rows, workbook
from layers.leaving.workbook import Sheet
from layers.reading.features import Excerpt

# So much is held at a time, however much there is.
_BATCH_BYTES = 1 << 20
_SHEET_ROWS = 1000


class _Kind(NamedTuple):
    """How a type is read from PostgreSQL's texts, and what stands where there is nothing."""

    dtype: str
    nothing: object
    read: Callable[[str], object]


_KINDS: Mapping[Type, _Kind] = {
    Type.TEXT: _Kind("O", None, str),
    Type.INTEGER: _Kind("int64", 0, int),
    Type.DECIMAL: _Kind("float64", np.nan, float),
    Type.DATE: _Kind("datetime64[D]", None, str),
    Type.BOOLEAN: _Kind("bool", nothing=False, read="t".__eq__),
}


@dataclass(frozen=True, slots=True)
class Leaving:
    """What leaves, of one moment of the database: ended by its switch."""

    connection: Connection
    layer: Layer
    excerpt: Excerpt
    switch: Switch


Maker = Callable[[Path, Leaving], tuple[Finding, ...]]
"""Makes the file; what its format abridged comes back."""


def geopackage(target: Path, leaving: Leaving) -> tuple[Finding, ...]:
    # No field is called id or geom, so these names never meet one. 1.3 is what programs of the
    # last years read without a warning.
    options = {"FID": "id", "GEOMETRY_NAME": "geom", "VERSION": "1.3"}
    with _content(leaving) as content:
        ogr.write(OgrFile(target, ogr.GEOPACKAGE, target.name), content, options)
    return ()


def flatgeobuf(target: Path, leaving: Leaving) -> tuple[Finding, ...]:
    with _content(leaving) as content:
        ogr.write(OgrFile(target, ogr.FLATGEOBUF, target.name), content, {})
    return ()


def kml(target: Path, leaving: Leaving) -> tuple[Finding, ...]:
    with _content(leaving) as content:
        ogr.write(OgrFile(target, ogr.KML, target.name), content, {})
    return ()


def shapefiles(target: Path, leaving: Leaving) -> tuple[Finding, ...]:
    with _content(leaving) as content:
        return shapefile.write_zip(target, content)


def xlsx(target: Path, leaving: Leaving) -> tuple[Finding, ...]:
    left, statement = _selected(leaving, lambda shape: [sa.func.st_asbinary(shape)])
    # On the statement: an option on the connection would stick to it after this.
    streamed = statement.execution_options(yield_per=_SHEET_ROWS)
    found = leaving.connection.execute(streamed)
    rows = (row[1:] for part in _parts(found, leaving.switch) for row in part)
    title = workbook.sheet_title(leaving.layer.label.zh)
    cells = sheet_rows.rows(left, rows)
    target.write_bytes(workbook.write([Sheet(title, sheet_rows.heading(left), cells)]))
    return ()


def _parts(
    found: sa.Result[tuple[Any, ...]], switch: Switch
) -> Iterator[Sequence[sa.Row[tuple[Any, ...]]]]:
    for rows in found.partitions():
        switch.check()
        yield rows


# --- batches --------------------------------------------------------------------------------------
@contextmanager
def _content(leaving: Leaving) -> Iterator[Content]:
    """The layer in batches; simple and multi geometries all as multi, since a container knows one
    type."""
    layer = leaving.layer
    geometry_type: str | None = None
    drawn: Callable[[Any], Any] = sa.func.st_asbinary
    if layer.has_shape:
        simple, most = layer.geometry.accepted[0], layer.geometry.accepted[-1]
        geometry_type = simple
        if simple != most and _any_beside(leaving, simple):
            geometry_type, drawn = most, _as_multi
    left, statement = _selected(leaving, lambda shape: [sa.func.encode(drawn(shape), "hex")])
    columns = [_column(field, ()) for field in left.fields]
    with closing(_batches(leaving, left, statement)) as batches:
        yield Content(layer.name, columns, batches, geometry_type)


def _any_beside(leaving: Leaving, simple: str) -> bool:
    """Whether any geometry is of another type."""
    _, rows, wanted = leaving.excerpt.of(leaving.layer)
    other = sa.func.geometrytype(rows.c.geom) != simple.upper()
    found = sa.select(sa.exists(sa.select(rows.c.id).where(*wanted, other)))
    return bool(leaving.connection.scalar(found))


def _as_multi(shape: Any) -> Any:
    return sa.func.st_asbinary(sa.func.st_multi(shape))


def _batches(leaving: Leaving, left: Layer, statement: sa.Select[Any]) -> Generator[Batch]:
    # As texts rows come quicker than as the driver's values, and PostgreSQL goes on meanwhile. No
    # stored text is empty, so that what is empty is missing; with the id no line is blank.
    pieces = copying.copied(
        leaving.connection, statement, copying.CSV, b"\n", leaving.switch, most=_BATCH_BYTES
    )
    with closing(pieces):
        for piece in pieces:
            rows = csv.reader(io.StringIO(piece.decode(), newline=""))
            _, *cells = zip(*rows, strict=True)
            # The shapes come after the fields.
            fields = zip(left.fields, cells, strict=False)
            columns = [_column(field, values) for field, values in fields]
            yield Batch(columns, [*map(bytes.fromhex, cells[-1])] if left.has_shape else None)


def _selected(
    leaving: Leaving, drawn: Callable[[Any], Sequence[Any]]
) -> tuple[Layer, sa.Select[Any]]:
    """The layer as it leaves, and its fields in declared order, with its shape if it has one."""
    left, rows, wanted = leaving.excerpt.of(leaving.layer)
    fields = (rows.c[field.name] for field in left.fields)
    shape = drawn(rows.c.geom) if left.has_shape else ()
    return left, sa.select(rows.c.id, *fields, *shape).where(*wanted).order_by(rows.c.id)


def _column(field: Field, texts: Sequence[str]) -> Column:
    """A column of what PostgreSQL has written."""
    kind = _KINDS[field.type]
    values = [kind.read(text) if text else kind.nothing for text in texts]
    missing = np.array([not text for text in texts], dtype=bool)
    return Column(field.name, np.array(values, dtype=kind.dtype), missing)
