"""Files from outside in pieces, so that a file may be larger than the memory.

What can be read row by row is: GeoPackage, FlatGeobuf, shapefiles, CSV, GeoJSON with a feature on
each line. The other formats say at their end what their beginning means, and are one piece, within
the limits of `gis.limits`.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from shapely.geometry.base import BaseGeometry

from gis import files, geojson
from gis.belief import Belief, Hints
from gis.errors import Finding, Problem
from gis.files import Arrival, Source
from gis.formats import csvfile, ogr, shapefile
from gis.formats.ogr import OgrFile
from gis.formats.rawtable import RawTable
from gis.limits import Limits
from gis.position import Located, locate
from gis.refusals.files import FILE_EMPTY

__all__ = ["PIECE_ROWS", "Stream", "is_large", "opened"]

PIECE_ROWS = 50_000
LARGE_BYTES = 8 << 20
_NOTES_SHOWN = 100
_ENDLESS = sys.maxsize
_NOTHING_SAID, _USUAL = Hints(), Limits()


def is_large(name: str, size: int) -> bool:
    """Whether a file of that name and size (bytes) is better read in pieces, and can be."""
    return size > LARGE_BYTES and _reader(name) is not None


@dataclass(slots=True, eq=False)
class Stream:
    """A file in pieces. What the first one says of the file holds for those that follow.

    `name` is what people call it, `rows` how many there are where the format tells before they are
    read. `belief` and `notes` are whole once the pieces have come to their end.
    """

    name: str
    rows: int | None
    _raw: Iterator[RawTable]
    _hints: Hints
    _within: BaseGeometry | None
    notes: list[Finding] = field(default_factory=list)
    _belief: Belief | None = None

    @property
    def belief(self) -> Belief:
        """How the file was understood; LookupError before its first piece was."""
        if self._belief is None:
            raise LookupError(self.name)
        return self._belief

    def pieces(self) -> Iterator[Source]:
        """Each a file by itself, as `gis.files.read` gives it: its rows are counted from 1.

        To be taken once. Problems: as of `gis.files.read`.
        """
        located: Located | None = None
        before = 0
        for raw in self._raw:
            if self._hints.placed:
                located = locate(self.name, raw, self._hints, self._within, after=located)
                source = files.understood(self.name, raw, located, placed=True)
            else:
                source = files.unplaced(self.name, raw)
            self._learn(source, before)
            yield source
            before += len(source.frame)
        if before == 0:
            raise Problem(FILE_EMPTY, name=self.name)

    def _learn(self, source: Source, before: int) -> None:
        for note in source.notes:
            row = None if note.row is None else note.row + before
            if (row is not None or before == 0) and len(self.notes) < _NOTES_SHOWN:
                self.notes.append(replace(note, row=row))
        if self._belief is None:
            self._belief = source.belief
        elif source.belief.datum_in_doubt and not self._belief.datum_in_doubt:
            # What came first lay where the datums are one.
            self._belief = replace(self._belief, datum_basis=source.belief.datum_basis)


@contextmanager
def opened(  # noqa: PLR0913  as `gis.files.read`
    given: Path | BinaryIO,
    *,
    name: str | None = None,
    hints: Hints = _NOTHING_SAID,
    limits: Limits = _USUAL,
    within: BaseGeometry | None = None,
    piece_rows: int = PIECE_ROWS,
) -> Iterator[Stream]:
    """A file in pieces of at most so many rows, its own copy on disk gone when the block ends.

    The arguments are those of `gis.files.read`. What is read row by row has no most bytes or rows.
    """
    called = name or (given.name if isinstance(given, Path) else "")
    ending, whole = files.reader_of(called)
    reader = _reader(called)
    if reader is not None:
        limits = replace(limits, bytes=_ENDLESS, rows=_ENDLESS)
    with tempfile.TemporaryDirectory(prefix="gridfield-") as folder:
        target = Path(folder) / f"data{ending}"
        arrival = Arrival(target, files.plain_name(called), hints, limits)
        files.bring(given, arrival)
        if reader is None:
            rows, raw = None, _alone(whole(arrival))
        else:
            rows, raw = reader(arrival, piece_rows)
        yield Stream(arrival.name, rows, raw, hints, within)


def _alone(raw: RawTable) -> Iterator[RawTable]:
    if len(raw.geometries):
        yield raw


# --- the formats ----------------------------------------------------------------------------------
_Read = tuple[int | None, Iterator[RawTable]]


def _reader(name: str) -> Callable[[Arrival, int], _Read] | None:
    return next((r for ending, r in _READERS.items() if name.lower().endswith(ending)), None)


def _geojson_lines(file: Arrival, rows: int) -> _Read:
    encoding, limits = file.hints.encoding, file.limits
    return None, geojson.line_pieces(
        file.path, name=file.name, encoding=encoding, limits=limits, rows=rows
    )


def _csv(file: Arrival, rows: int) -> _Read:
    return None, csvfile.pieces(
        file.path, name=file.name, hints=file.hints, limits=file.limits, rows=rows
    )


def _geopackage(file: Arrival, rows: int) -> _Read:
    return _ogr(file, ogr.GEOPACKAGE, rows)


def _flatgeobuf(file: Arrival, rows: int) -> _Read:
    return _ogr(file, ogr.FLATGEOBUF, rows)


def _ogr(file: Arrival, driver: str, rows: int) -> _Read:
    opened = OgrFile(file.path, driver, file.name)
    layers = ogr.layers(opened, placed=file.hints.placed)
    layer = ogr.choose(layers, file.hints.layer, file.name)
    raw = ogr.pieces(opened, layer=layer, encoding=None, limits=file.limits, rows=rows)
    named = (replace(each, part=layer, parts=tuple(layers)) for each in raw)
    return ogr.count(opened, layer), named


def _zip(file: Arrival, rows: int) -> _Read:
    unpacked = shapefile.unpack(
        file.path, file.path.parent, name=file.name, layer=file.hints.layer, limits=file.limits
    )
    told, raw = _shp(replace(file, path=unpacked.shp), rows)
    return told, (replace(each, part=unpacked.part, parts=unpacked.parts) for each in raw)


def _shp(file: Arrival, rows: int) -> _Read:
    encoding = file.hints.encoding
    raw = shapefile.pieces(
        file.path, name=file.name, encoding=encoding, limits=file.limits, rows=rows
    )
    return None, raw


_READERS: Mapping[str, Callable[[Arrival, int], _Read]] = {
    ".geojsonl": _geojson_lines,
    ".gpkg": _geopackage,
    ".shp": _shp,
    ".zip": _zip,
    ".fgb": _flatgeobuf,
    ".csv": _csv,
    ".txt": _csv,
}
