"""Files from outside as features in longitude and latitude, whatever their format says it is."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from gis import crs as crs_policy
from gis import crs_guess, geojson
from gis.coordinates import move_geometries
from gis.errors import (
    AXES_SWAPPED,
    CRS_ASSUMED,
    CRS_GUESSED,
    CRS_OVERRIDDEN,
    FILE_CRS,
    FILE_EMPTY,
    FILE_FORMAT,
    FILE_TOO_LARGE,
    Finding,
    Problem,
)
from gis.formats import csvfile, kml, ledger, ogr, shapefile
from gis.formats.encoding import Encoding
from gis.formats.ogr import OgrFile
from gis.formats.rawtable import RawTable, unreadable
from gis.geometry import Geometries, force_2d, looks_like_lonlat
from gis.repair import repair_all
from gis.reproject import geometries_to_wgs84

LON_LAT = "EPSG:4326"
_REPAIRS_SHOWN = 100
_GUESSES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a reader takes in: bytes of the file (unpacked, for a zip) and its rows."""

    bytes: int = 1 << 30
    rows: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Hints:
    """What a person says about a file that the file does not say, or says wrongly.

    `crs` is an EPSG code, `encoding` a name that Python knows, `layer` one of several in the file
    (a sheet of a workbook).
    """

    crs: str | None = None
    encoding: str | None = None
    layer: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A file as it was understood.

    `frame` holds `columns` as they came (texts, numbers, None) and 2-D geometries in longitude
    and latitude, degrees, WGS 84 (EPSG:4326, x before y); row n of the file is index n - 1.
    `crs_found` is what the file stated, `encoding` what its texts were believed to be in (None
    where the format leaves no choice), `findings` are rows whose geometry could not be read.
    Broken polygons are repaired where it is certain, which `notes` tell, and stay where not.
    """

    name: str
    frame: gpd.GeoDataFrame
    columns: tuple[str, ...]
    crs_found: str | None = None
    findings: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()
    encoding: Encoding | None = None


@dataclass(frozen=True, slots=True)
class _Arrival:
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
    hints: Hints = Hints(),
    limits: Limits = Limits(),
) -> Source:
    """Read GeoJSON, GeoPackage, a shapefile (alone or zipped), FlatGeobuf, CSV, XLSX, KML or KMZ.

    `given` is a path or an open upload, `name` what it is called (its ending names the format).
    Without a CRS the coordinates must look like longitude and latitude; FILE_CRS tells what else
    they look like. Coordinates that can only be north before east are swapped. Problems:
    FILE_FORMAT, FILE_UNREADABLE, FILE_TOO_LARGE, FILE_EMPTY, FILE_LAYERS, FILE_CRS, CRS_UNKNOWN,
    CRS_NEEDS_PARAMETERS, BAD_PARAMETER.
    """
    called = name or (given.name if isinstance(given, Path) else "")
    ending, reader = _reader(called)
    # Windows and some browsers send a whole path as the name.
    called = called.replace("\\", "/").rpartition("/")[2]
    with tempfile.TemporaryDirectory(prefix="gridfield-") as folder:
        target = Path(folder) / f"data{ending}"
        arrival = _Arrival(target, called, hints, limits)
        _bring(given, arrival)
        raw = reader(arrival)
    if len(raw.geometries) == 0:
        raise Problem(FILE_EMPTY, name=called)
    return _source(called, raw, hints)


def formats() -> tuple[str, ...]:
    """The endings that `read` understands."""
    return tuple(_READERS)


# --- from anywhere into a private folder -------------------------------------------------------
def _reader(name: str) -> tuple[str, Callable[[_Arrival], RawTable]]:
    for ending, reader in _READERS.items():
        if name.lower().endswith(ending):
            return ending, reader
    raise Problem(FILE_FORMAT, name=name[-40:], allowed=" ".join(_READERS))


def _bring(given: Path | BinaryIO, arrival: _Arrival) -> None:
    try:
        if not isinstance(given, Path):
            _copy(given, arrival)
        elif arrival.path.suffix == ".shp":
            shapefile.gather(
                given, arrival.path.parent, name=arrival.name, max_bytes=arrival.limits.bytes
            )
        else:
            with given.open("rb") as stream:
                _copy(stream, arrival)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise unreadable(arrival.name, reason, reason) from None


def _copy(stream: BinaryIO, arrival: _Arrival) -> None:
    room = arrival.limits.bytes
    with arrival.path.open("xb") as file:
        while piece := stream.read(min(1 << 20, room + 1)):
            room -= len(piece)
            if room < 0:
                raise Problem(FILE_TOO_LARGE, limit=f"{arrival.limits.bytes >> 20} MB")
            file.write(piece)


# --- the formats ------------------------------------------------------------------------------
def _geojson(file: _Arrival) -> RawTable:
    return geojson.read(file.content(), name=file.name, lines=False, max_rows=file.limits.rows)


def _geojson_lines(file: _Arrival) -> RawTable:
    return geojson.read(file.content(), name=file.name, lines=True, max_rows=file.limits.rows)


def _csv(file: _Arrival) -> RawTable:
    return csvfile.read(
        file.content(),
        name=file.name,
        encoding=file.hints.encoding,
        max_rows=file.limits.rows,
    )


def _kml(file: _Arrival) -> RawTable:
    return kml.read(file.content(), name=file.name, max_rows=file.limits.rows)


def _kmz(file: _Arrival) -> RawTable:
    content = kml.unzip(file.path, name=file.name, max_bytes=file.limits.bytes)
    return kml.read(content, name=file.name, max_rows=file.limits.rows)


def _xlsx(file: _Arrival) -> RawTable:
    return ledger.read(
        file.path,
        name=file.name,
        sheet=file.hints.layer,
        max_rows=file.limits.rows,
        max_bytes=file.limits.bytes,
    )


def _zip(file: _Arrival) -> RawTable:
    unpacked = shapefile.unpack(
        file.path,
        file.path.parent,
        name=file.name,
        layer=file.hints.layer,
        max_bytes=file.limits.bytes,
    )
    return _shp(replace(file, path=unpacked))


def _shp(file: _Arrival) -> RawTable:
    return shapefile.read(
        file.path, name=file.name, encoding=file.hints.encoding, max_rows=file.limits.rows
    )


def _geopackage(file: _Arrival) -> RawTable:
    return _ogr(file, ogr.GEOPACKAGE)


def _flatgeobuf(file: _Arrival) -> RawTable:
    return _ogr(file, ogr.FLATGEOBUF)


def _ogr(file: _Arrival, driver: str) -> RawTable:
    opened = OgrFile(file.path, driver, file.name)
    layer = ogr.choose(ogr.layers(opened), file.hints.layer, file.name)
    return ogr.read(opened, layer=layer, encoding=None, max_rows=file.limits.rows)


_READERS: Mapping[str, Callable[[_Arrival], RawTable]] = {
    ".geojson": _geojson,
    ".json": _geojson,
    ".geojsonl": _geojson_lines,
    ".gpkg": _geopackage,
    ".shp": _shp,
    ".zip": _zip,
    ".fgb": _flatgeobuf,
    ".csv": _csv,
    ".xlsx": _xlsx,
    ".kml": _kml,
    ".kmz": _kmz,
}


# --- where it is --------------------------------------------------------------------------------
def _source(name: str, raw: RawTable, hints: Hints) -> Source:
    geometries = force_2d(raw.geometries)
    crs, notes = _crs(name, replace(raw, geometries=geometries), hints)
    if crs is not None:
        if _north_first(geometries, crs):
            geometries = move_geometries(geometries, lambda x, y: (y, x))
            notes = (*notes, Finding(AXES_SWAPPED))
        geometries, _ = geometries_to_wgs84(geometries, crs)
    geometries, repaired = repair_all(geometries)
    return Source(
        name=name,
        frame=_frame(raw.columns, gpd.array.from_shapely(geometries, crs=LON_LAT)),
        columns=tuple(raw.columns),
        crs_found=crs_policy.said(raw.crs),
        findings=raw.findings,
        notes=(*raw.notes, *notes, *repaired[:_REPAIRS_SHOWN]),
        encoding=raw.encoding,
    )


def _crs(name: str, raw: RawTable, hints: Hints) -> tuple[CRS | None, tuple[Finding, ...]]:
    """The CRS to transform from: the person's word, the file's word, or what the numbers say."""
    if hints.crs:
        given = crs_policy.named(hints.crs)
        words = {"found": crs_policy.said(raw.crs), "given": crs_policy.brief(given)}
        differ = raw.crs is not None and words["found"] != words["given"]
        return given, (Finding(CRS_OVERRIDDEN, values=words),) if differ else ()
    stated = crs_policy.described(raw.crs)
    if stated is not None and stated.is_projected:
        return stated, ()
    if not looks_like_lonlat(raw.geometries):
        raise Problem(FILE_CRS, findings=list(_guessed(raw.geometries)), name=name)
    return stated, () if stated else (Finding(CRS_ASSUMED),)


def _guesses(geometries: Geometries) -> Sequence[crs_guess.Guess]:
    west, south, east, north = shapely.bounds(geometries).T
    return crs_guess.guess((west + east) / 2, (south + north) / 2)


def _guessed(geometries: Geometries) -> Iterator[Finding]:
    for guess in _guesses(geometries)[:_GUESSES_SHOWN]:
        said = {"crs": guess.crs, "confidence": f"{guess.confidence:.0%}"}
        yield Finding(CRS_GUESSED, values={**said, "reason_zh": guess.zh, "reason": guess.en})


def _north_first(geometries: Geometries, crs: CRS) -> bool:
    """Whether the numbers can only be of this CRS with north (latitude) as their first."""
    readings = {
        guess.swapped
        for guess in _guesses(geometries)
        if crs_policy.equivalent(crs_policy.parse(guess.crs), crs)
    }
    return readings == {True}


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
