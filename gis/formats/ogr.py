"""GDAL behind a fence: four formats, local files that we have written, no other way out.

GDAL asks every driver whether it knows a file's content, whatever its ending, and some drivers
(VRT, GDALG, WFS …) read content as orders to open other files or addresses. So every driver
that the house does not use is removed from the process, a file's first bytes are checked
before GDAL sees it, and its path is one that we chose.
"""

import threading
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyogrio
import shapely
from pyogrio import write_arrow
from pyogrio.core import _register_drivers
from pyogrio.errors import DataLayerError, DataSourceError
from pyogrio.raw import read as ogr_read

from gis.errors import Finding, Problem
from gis.formats.arrow import Batch, Batches, Column
from gis.formats.rawtable import RawTable, check_columns, unreadable
from gis.geometry import Geometries, parsed
from gis.limits import Limits
from gis.refusals.files import FILE_LAYERS, FILE_WARNING
from gis.refusals.values import GEOMETRY_UNREADABLE

SHAPEFILE, GEOPACKAGE, FLATGEOBUF, KML = "ESRI Shapefile", "GPKG", "FlatGeobuf", "KML"
_DRIVERS = frozenset({SHAPEFILE, GEOPACKAGE, FLATGEOBUF, KML})
_SIGNATURES: Mapping[str, bytes] = {
    SHAPEFILE: b"\x00\x00\x27\x0a",
    GEOPACKAGE: b"SQLite format 3\x00",
    FLATGEOBUF: b"fgb",
}
_WARNINGS_SHOWN = 10
# No field is called so.
_SHAPE = "geom"

# warnings.catch_warnings changes the whole process, so one thread reads or writes at a time.
WARNINGS_TURN = threading.Lock()


def _fence() -> None:
    """Remove every driver but ours; GDAL does so when it registers its drivers again."""
    unwanted = pyogrio.list_drivers().keys() - _DRIVERS
    pyogrio.set_gdal_config_options(
        {
            "GDAL_SKIP": ",".join(sorted(unwanted)),
            "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO",
            "SHAPE_RESTORE_SHX": "YES",  # a lost .shx holds nothing that the .shp does not
        }
    )
    _register_drivers()
    if pyogrio.list_drivers().keys() - _DRIVERS:
        raise RuntimeError("GDAL kept drivers that it was told to drop")


_fence()


@dataclass(frozen=True, slots=True)
class OgrFile:
    """A file in a private folder, with its driver and the `name` by which messages call it."""

    path: Path
    driver: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """One layer to write, in WGS 84, batch by batch; `columns` is any batch's. `geometry_type` is
    an OGC name, or "Unknown" for several; a table of attributes has neither shapes nor their type.
    """

    layer: str
    columns: Sequence[Column]
    batches: Iterable[Batch]
    geometry_type: str | None


def layers(file: OgrFile, *, placed: bool = True) -> Sequence[str]:
    """The names of the layers, where `placed` of those with geometry.

    Problem(FILE_UNREADABLE) when it is another format.
    """
    _check_signature(file)
    with _reading(file):
        found = pyogrio.list_layers(file.path)
    return [str(layer) for layer, kind in found if kind is not None or not placed]


def choose(found: Sequence[str], wanted: str | None, name: str) -> str:
    """The layer that was asked for, or the only one; else Problem(FILE_LAYERS) names them all."""
    if not found:
        raise unreadable(name, "没有带几何的图层", "it holds no layer with geometry")
    if wanted is None and len(found) == 1:
        return found[0]
    if wanted not in found:
        raise Problem(FILE_LAYERS, name=name, layers=", ".join(found), parts=tuple(found))
    return str(wanted)


def read(file: OgrFile, *, layer: str, encoding: str | None, limits: Limits) -> RawTable:
    """One layer as a table. Dates stay ISO texts; a lone part of a multi geometry stands alone,
    since these formats hold one type for all rows.

    Problem(FILE_UNREADABLE) with GDAL's reason, FILE_TOO_LARGE beyond `limits`.
    """
    _check_signature(file)
    _check_extent(file, layer, limits)
    with _reading(file) as notes:
        meta, _, wkb, data = ogr_read(
            file.path,
            layer=layer,
            encoding=encoding,
            max_features=limits.rows + 1,
            force_2d=True,
            datetime_as_string=True,
        )
    table = _table(file, meta, wkb, data, notes, limits)
    limits.check_rows(len(table.geometries))
    return table


def pieces(
    file: OgrFile, *, layer: str, encoding: str | None, limits: Limits, rows: int
) -> Iterator[RawTable]:
    """One layer as tables of at most so many `rows` each, in the order of the file; none of the
    whole is held. Problems: as `read`, but that no number of rows is too many."""
    _check_signature(file)
    with _reading(file):
        info = pyogrio.read_info(file.path, layer=layer)
    limits.check_columns(len(info["fields"]))
    key = info["fid_column"] if file.driver == GEOPACKAGE else ""
    done, last = 0, -1
    while True:
        begins = _following(key, done, last)
        with _reading(file) as notes:
            meta, ids, wkb, data = ogr_read(
                file.path,
                layer=layer,
                encoding=encoding,
                max_features=rows,
                force_2d=True,
                datetime_as_string=True,
                return_fids=True,
                **begins,
            )
        if len(ids) == 0:
            return
        if (np.diff(ids, prepend=last if done else ids[0] - 1) <= 0).any():  # as a view may have
            raise unreadable(file.name, "行号不是递增的", "the ids of its rows do not ascend")
        done, last = done + len(ids), int(ids[-1])
        yield _table(file, meta, wkb, data, notes, limits)
        if len(ids) < rows:
            return


def count(file: OgrFile, layer: str) -> int | None:
    """How many rows a layer has, None where the format does not tell without reading them."""
    with _reading(file):
        told = int(pyogrio.read_info(file.path, layer=layer)["features"])
    return told if told >= 0 else None


def _following(key: str, done: int, last: int) -> Mapping[str, object]:
    """How GDAL is told to go on after so many rows, the id of the last being `last`."""
    # To pass over rows takes SQLite as long as to read them; by its id it finds the next at once.
    if key and done:
        return {"where": f'"{key}" > {last}'}
    # A DBF keeps the rows that are deleted: there the number of rows is no place in the file.
    return {"skip_features": done} if last == done - 1 else {"where": f"FID > {last}"}


def _table(  # noqa: PLR0913, PLR0917  what GDAL gives, and what it is called
    file: OgrFile,
    meta: Mapping[str, Any],
    wkb: npt.NDArray[np.object_] | None,
    data: Sequence[npt.NDArray[Any]],
    notes: Sequence[Finding],
    limits: Limits,
) -> RawTable:
    if wkb is None:  # a table of attributes
        wkb = np.full(max(map(len, data), default=0), None, dtype=object)
    columns = [str(column) for column in meta["fields"]]
    check_columns(file.name, columns, len(wkb), limits)
    geometries, closed = parsed(shapely.from_wkb, wkb)
    return RawTable(
        columns={c: values.tolist() for c, values in zip(columns, data, strict=True)},
        geometries=_demoted(geometries),
        crs=meta["crs"],
        findings=tuple(_unread(wkb, geometries)),
        notes=(*notes, *closed[:_WARNINGS_SHOWN]),
    )


def write(file: OgrFile, content: Content, options: Mapping[str, str]) -> None:
    """Write one layer to a new file, with GDAL's creation options for dataset and layer.

    Of what is written one batch is held at a time. Raises what making a batch raises.
    """
    placed = content.geometry_type is not None
    stream = Batches(content.batches, content.columns, _SHAPE if placed else None)
    try:
        write_arrow(
            stream,
            str(file.path),
            layer=content.layer,
            driver=file.driver,
            geometry_name=_SHAPE if placed else None,
            geometry_type=content.geometry_type,
            crs="EPSG:4326" if placed else None,
            **options,
        )
    except Exception:
        if stream.fault is not None:
            raise stream.fault from None
        raise


def _check_extent(file: OgrFile, layer: str, limits: Limits) -> None:
    """Refuse what is too large before all of it is in memory, where the format counts its rows."""
    with _reading(file):
        info = pyogrio.read_info(file.path, layer=layer)
    limits.check_rows(info["features"])
    limits.check_columns(len(info["fields"]))
    limits.check_cells(info["features"] * len(info["fields"]))


def _check_signature(file: OgrFile) -> None:
    signature = _SIGNATURES[file.driver]
    with file.path.open("rb") as opened:
        if opened.read(len(signature)) != signature:
            raise unreadable(
                file.name, f"内容不是 {file.driver}", f"its content is not {file.driver}"
            )


@contextmanager
def _reading(file: OgrFile) -> Iterator[list[Finding]]:
    """GDAL's errors as Problems and its warnings as notes, neither with a path of this machine."""
    notes: list[Finding] = []
    with WARNINGS_TURN, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", RuntimeWarning)
        warnings.simplefilter("ignore", UserWarning)  # of measures (M), which nobody asks for
        try:
            yield notes
        except UnicodeDecodeError as error:
            raise unreadable(
                file.name,
                f"文字不是 {error.encoding}；可用 --encoding 指明编码",
                f"its texts are not {error.encoding}; give --encoding",
            ) from None
        except (DataSourceError, DataLayerError, ValueError) as error:
            reason = _reason(error, file)
            raise unreadable(file.name, reason, reason) from None
    reasons = dict.fromkeys(_reason(warning.message, file) for warning in caught)
    notes += [Finding(FILE_WARNING, values={"reason": r}) for r in [*reasons][:_WARNINGS_SHOWN]]


def _reason(error: object, file: OgrFile) -> str:
    text = str(error).partition(";")[0]
    text = text.replace(str(file.path), file.name).replace(str(file.path.parent), "")
    return " ".join(text.split())


def _demoted(geometries: Geometries) -> Geometries:
    """Multi geometries of one part as that part: a container's type, not the author's word."""
    single = (shapely.get_num_geometries(geometries) == 1) & np.isin(
        shapely.get_type_id(geometries),
        (4, 5, 6),  # MultiPoint, MultiLineString, MultiPolygon
    )
    result = geometries.copy()
    result[single] = shapely.get_geometry(geometries[single], 0)
    return result


def _unread(wkb: npt.NDArray[np.object_], geometries: Geometries) -> Iterator[Finding]:
    for position in np.flatnonzero(shapely.is_missing(geometries)):
        if wkb[position] is None:
            continue
        try:
            shapely.from_wkb(wkb[position])
        except shapely.GEOSException as error:
            reason = str(error).rpartition("Exception: ")[2]
            values = {"reason_zh": reason, "reason": reason}
            yield Finding(GEOMETRY_UNREADABLE, int(position) + 1, values=values)
