"""Files from outside as features in longitude and latitude, whatever their format says it is."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from gis import crs as crs_policy
from gis import geojson
from gis.belief import Basis, Belief, Hints
from gis.datum import Datum
from gis.errors import Finding, Problem
from gis.formats import csvfile, kml, ledger, ogr, shapefile
from gis.formats.encoding import Encoding
from gis.formats.ogr import OgrFile
from gis.formats.rawtable import RawTable, unreadable
from gis.limits import Limits
from gis.position import Located, Reading, locate
from gis.refusals.files import FILE_EMPTY, FILE_FORMAT
from gis.repair import repair_all

__all__ = ["TABLES", "Hints", "Limits", "Source", "formats", "read", "table"]

LON_LAT = "EPSG:4326"
TABLES = (".xlsx", ".csv", ".txt")
_REPAIRS_SHOWN = 100
_NOTHING_SAID, _USUAL = Hints(), Limits()


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A file as it was understood, which `belief` tells.

    `frame` holds `columns` as they came (texts, numbers, None) and 2-D geometries in longitude
    and latitude, degrees, WGS 84 (EPSG:4326, x before y); row n of the file is index n - 1.
    `crs_found` is what the file stated, `encoding` what its texts were believed to be in (None
    where the format leaves no choice), `findings` are rows whose geometry could not be read.
    Broken polygons are repaired where it is certain, which `notes` tell, and stay where not.
    """

    name: str
    frame: gpd.GeoDataFrame
    columns: tuple[str, ...]
    belief: Belief
    crs_found: str | None = None
    findings: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()
    encoding: Encoding | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file in a private folder under a name of ours, `name` being what people call it."""

    path: Path
    name: str
    hints: Hints
    limits: Limits

    def content(self) -> bytes:
        return self.path.read_bytes()


def read(
    given: Path | BinaryIO,
    *,
    name: str | None = None,
    hints: Hints = _NOTHING_SAID,
    limits: Limits = _USUAL,
    within: BaseGeometry | None = None,
) -> Source:
    """Read GeoJSON, GeoPackage, FlatGeobuf, a shapefile (alone or zipped), CSV, XLSX, KML or KMZ.

    `given` is a path or an open upload, `name` what it is called (its ending names the format),
    `within` the ground that the features should lie in (longitude and latitude, WGS 84).
    Without a CRS the coordinates must look like longitude and latitude; FILE_CRS tells what else
    they look like. Coordinates that can only be north before east are swapped. Of a file that by
    `hints` is not placed, or may be and says no place, all geometries are None. Problems:
    FILE_FORMAT, FILE_UNREADABLE, FILE_TOO_LARGE, FILE_EMPTY, FILE_LAYERS, BAD_PARAMETER and those
    of `gis.position.locate`.
    """
    called = name or (given.name if isinstance(given, Path) else "")
    called, raw = _raw(given, called, hints, limits)
    if len(raw.geometries) == 0:
        raise Problem(FILE_EMPTY, name=called)
    if hints.unplaced and not raw.findings and shapely.is_missing(raw.geometries).all():
        hints = replace(hints, placed=False)
    if not hints.placed:
        return unplaced(called, raw)
    return understood(called, raw, locate(called, raw, hints, within), placed=True)


def table(
    given: Path | BinaryIO,
    *,
    name: str | None = None,
    hints: Hints = _NOTHING_SAID,
    limits: Limits = _USUAL,
) -> RawTable:
    """Read an XLSX or CSV table that says no places; its geometries are all None.

    Problems: as `read`, for files of these formats.
    """
    called = name or (given.name if isinstance(given, Path) else "")
    ending = next((each for each in TABLES if called.lower().endswith(each)), None)
    if ending is None:
        raise Problem(FILE_FORMAT, name=called[-40:], allowed=" ".join(TABLES))
    called, raw = _raw(given, called, replace(hints, placed=False), limits)
    if not any(raw.columns.values()):
        raise Problem(FILE_EMPTY, name=called)
    return raw


def formats() -> tuple[str, ...]:
    """The endings that `read` understands."""
    return tuple(_READERS)


# --- from anywhere into a private folder -------------------------------------------------------
def _raw(given: Path | BinaryIO, called: str, hints: Hints, limits: Limits) -> tuple[str, RawTable]:
    """What the file is called, and what its reader finds in it."""
    ending, reader = reader_of(called)
    called = plain_name(called)
    with tempfile.TemporaryDirectory(prefix="gridfield-") as folder:
        target = Path(folder) / f"data{ending}"
        arrival = Arrival(target, called, hints, limits)
        bring(given, arrival)
        return called, reader(arrival)


def plain_name(called: str) -> str:
    """The file's own name: Windows and some browsers send a whole path."""
    return called.replace("\\", "/").rpartition("/")[2]


def reader_of(name: str) -> tuple[str, Callable[[Arrival], RawTable]]:
    """The ending of a file of that name, and what reads such files; Problem(FILE_FORMAT)."""
    for ending, reader in _READERS.items():
        if name.lower().endswith(ending):
            return ending, reader
    raise Problem(FILE_FORMAT, name=name[-40:], allowed=" ".join(_READERS))


def bring(given: Path | BinaryIO, arrival: Arrival) -> None:
    """Copy a file or an open upload to where it is to be read."""
    try:
        if not isinstance(given, Path):
            _copy(given, arrival)
        elif arrival.path.suffix == ".shp":
            shapefile.gather(given, arrival.path.parent, name=arrival.name, limits=arrival.limits)
        else:
            with given.open("rb") as stream:
                _copy(stream, arrival)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise unreadable(arrival.name, reason, reason) from None


def _copy(stream: BinaryIO, arrival: Arrival) -> None:
    size = 0
    with arrival.path.open("xb") as file:
        while piece := stream.read(1 << 20):
            size += len(piece)
            arrival.limits.check_bytes(size)
            file.write(piece)


# --- the formats ------------------------------------------------------------------------------
def _geojson(file: Arrival) -> RawTable:
    return _json(file, lines=False)


def _geojson_lines(file: Arrival) -> RawTable:
    return _json(file, lines=True)


def _json(file: Arrival, *, lines: bool) -> RawTable:
    encoding, limits = file.hints.encoding, file.limits
    return geojson.read(
        file.content(), name=file.name, lines=lines, encoding=encoding, limits=limits
    )


def _csv(file: Arrival) -> RawTable:
    return csvfile.read(file.content(), name=file.name, hints=file.hints, limits=file.limits)


def _kml(file: Arrival) -> RawTable:
    return kml.read(file.content(), name=file.name, limits=file.limits)


def _kmz(file: Arrival) -> RawTable:
    content = kml.unzip(file.path, name=file.name, limits=file.limits)
    return kml.read(content, name=file.name, limits=file.limits)


def _xlsx(file: Arrival) -> RawTable:
    return ledger.read(file.path, name=file.name, hints=file.hints, limits=file.limits)


def _zip(file: Arrival) -> RawTable:
    unpacked = shapefile.unpack(
        file.path, file.path.parent, name=file.name, layer=file.hints.layer, limits=file.limits
    )
    raw = _shp(replace(file, path=unpacked.shp))
    return replace(raw, part=unpacked.part, parts=unpacked.parts)


def _shp(file: Arrival) -> RawTable:
    encoding = file.hints.encoding
    return shapefile.read(file.path, name=file.name, encoding=encoding, limits=file.limits)


def _geopackage(file: Arrival) -> RawTable:
    return _ogr(file, ogr.GEOPACKAGE)


def _flatgeobuf(file: Arrival) -> RawTable:
    return _ogr(file, ogr.FLATGEOBUF)


def _ogr(file: Arrival, driver: str) -> RawTable:
    opened = OgrFile(file.path, driver, file.name)
    layers = ogr.layers(opened, placed=file.hints.placed)
    layer = ogr.choose(layers, file.hints.layer, file.name)
    raw = ogr.read(opened, layer=layer, encoding=None, limits=file.limits)
    return replace(raw, part=layer, parts=tuple(layers))


_READERS: Mapping[str, Callable[[Arrival], RawTable]] = {
    ".geojson": _geojson,
    ".json": _geojson,
    ".geojsonl": _geojson_lines,
    ".gpkg": _geopackage,
    ".shp": _shp,
    ".zip": _zip,
    ".fgb": _flatgeobuf,
    ".csv": _csv,
    ".txt": _csv,
    ".xlsx": _xlsx,
    ".kml": _kml,
    ".kmz": _kmz,
}


# --- the features -------------------------------------------------------------------------------
def understood(name: str, raw: RawTable, located: Located, *, placed: bool) -> Source:
    """The rows of a table where they lie, repaired as far as that is certain."""
    geometries, repaired = repair_all(located.geometries)
    belief = _belief(raw, located)
    return Source(
        name=name,
        frame=_frame(raw.columns, gpd.array.from_shapely(geometries, crs=LON_LAT)),
        columns=tuple(raw.columns),
        belief=belief if placed else replace(belief, placed=False),
        crs_found=crs_policy.said(raw.crs),
        findings=raw.findings,
        notes=(*raw.notes, *located.notes, *repaired[:_REPAIRS_SHOWN]),
        encoding=raw.encoding,
    )


def unplaced(name: str, raw: RawTable) -> Source:
    """The rows of a table that lie nowhere."""
    return understood(name, replace(raw, crs=None, findings=()), _nowhere(raw), placed=False)


def _nowhere(raw: RawTable) -> Located:
    """There is no place whose datum could be doubted."""
    nothing = np.full(len(raw.geometries), None, dtype=object)
    reading = Reading(None, Basis.STATED)
    return Located(
        *(nothing, LON_LAT, Basis.STATED, Datum.WGS84, Basis.STATED, None, ()),
        reading=reading,
        north_first=False,
    )


def _belief(raw: RawTable, located: Located) -> Belief:
    return Belief(
        crs=located.crs,
        crs_basis=located.crs_basis,
        datum=located.datum,
        datum_basis=located.datum_basis,
        encoding=raw.encoding.name if raw.encoding else None,
        operation=located.operation,
        part=raw.part,
        parts=raw.parts,
        heading=raw.heading,
    )


def _frame(
    columns: Mapping[str, Sequence[object]], geometries: gpd.array.GeometryArray
) -> gpd.GeoDataFrame:
    # Objects, so that 12 stays 12 beside None and a text stays the text it was.
    data = {name: pd.Series(_objects(values), dtype=object) for name, values in columns.items()}
    # A file may have a column of any name, "geometry" too.
    geometry = "geometry"
    while geometry in columns:
        geometry += "_"
    frame = pd.DataFrame(data, index=range(len(geometries)))
    frame[geometry] = geometries
    return gpd.GeoDataFrame(frame, geometry=geometry)


def _objects(values: Sequence[object]) -> npt.NDArray[np.object_]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array
