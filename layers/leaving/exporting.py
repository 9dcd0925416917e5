"""Features become files: texts stream straight out of PostgreSQL, the rest is made aside first."""

import os
import secrets
import shutil
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis import aside
from gis.copying import stoppable
from gis.errors import Finding, Problem
from gis.postgis import Database
from gis.refusals.files import FILE_FORMAT
from gis.stopping import Switch
from layers.declaring.words import Layer
from layers.leaving import containers, texts
from layers.leaving.containers import Leaving, Maker
from layers.reading.features import WHOLE, Excerpt
from layers.refusals.imports import FILE_UNWRITABLE
from layers.refusals.registers import FORMAT_NEEDS_PLACES

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
            with _made(database, layer, format_name, excerpt, Switch()) as (made, notes):
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


@dataclass(frozen=True, slots=True)
class Outflow:
    """A file on its way out: its bytes piece by piece, and their number where it is known."""

    pieces: Iterator[bytes]
    length: int | None


def stream(
    database: Database, layer: Layer, format_name: str, excerpt: Excerpt = WHOLE
) -> Iterator[bytes]:
    """A layer in one of its formats, piece by piece, of one moment of the database."""
    form(format_name, layer)
    return _streamed(database, layer, format_name, excerpt)


def _streamed(
    database: Database, layer: Layer, format_name: str, excerpt: Excerpt
) -> Iterator[bytes]:
    with outflow(database, layer, format_name, excerpt) as flow:
        yield from flow.pieces


@contextmanager
def outflow(
    database: Database,
    layer: Layer,
    format_name: str,
    excerpt: Excerpt = WHOLE,
    switch: Switch | None = None,
) -> Iterator[Outflow]:
    """A layer in one of its formats, of one moment of the database.

    What ends without an error is whole. Thrown by another thread, the switch ends the database's
    work too, and the pieces with Interrupted. Whoever leaves the block early need not throw it.
    """
    form(format_name, layer)
    switch = switch or Switch()
    if format_name in _TEXTS:
        with (
            database.read() as connection,
            closing(_TEXTS[format_name](connection, layer, excerpt, switch)) as pieces,
        ):
            yield Outflow(pieces, None)
        return
    made = _made(database, layer, format_name, excerpt, switch)
    with made as (path, _), path.open("rb") as source:
        yield Outflow(iter(lambda: source.read(_CHUNK_BYTES), b""), path.stat().st_size)


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


_TEXTS: Mapping[str, Callable[[Connection, Layer, Excerpt, Switch], Generator[bytes]]] = {
    "geojson": texts.geojson,
    "geojsonl": texts.geojson_lines,
    "csv": texts.csv,
}
_MAKERS: Mapping[str, Maker] = {
    "gpkg": containers.geopackage,
    "shp": containers.shapefiles,
    "fgb": containers.flatgeobuf,
    "xlsx": containers.xlsx,
    "kml": containers.kml,
}


@contextmanager
def _made(
    database: Database, layer: Layer, format_name: str, excerpt: Excerpt, switch: Switch
) -> Iterator[tuple[Path, tuple[Finding, ...]]]:
    """The finished file in a private folder; no transaction is open while it is handed on."""
    with aside.folder() as folder:
        target = folder / f"{layer.name}{FORMATS[format_name].ending}"
        with database.read() as connection, stoppable(connection, switch):
            leaving = Leaving(connection, layer, excerpt, switch)
            notes = _MAKERS[format_name](target, leaving)
        yield target, notes
