"""GeoJSON (RFC 7946): framing features that PostGIS has written, reading what others send."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from gis.errors import Finding, Problem
from gis.formats.rawtable import RawTable, check_columns, unreadable
from gis.formats.text import belief, decoded, no_letters, opened, reached
from gis.geometry import Geometries
from gis.limits import Limits
from gis.refusals.coverage import REPAIR_CLOSED
from gis.refusals.values import GEOMETRY_UNREADABLE

# One feature per chunk costs a thread's hop each when streamed; a thousand cost nothing.
CHUNK_FEATURES = 1000
# RFC 7946 asks for no more than this: about a centimetre.
DECIMALS = 7
_NOTES_SHOWN = 100

_TYPES = frozenset(
    {
        "Point",
        "MultiPoint",
        "LineString",
        "MultiLineString",
        "Polygon",
        "MultiPolygon",
        "GeometryCollection",
    }
)
_DEFAULT_CRS = "EPSG:4326"
_EPSG_NAME = re.compile(r"(?:urn:ogc:def:crs:)?EPSG:[\d.]*:?(\d{4,6})", re.IGNORECASE)


def _refuse_constant(constant: str) -> object:
    raise ValueError(constant)  # NaN and Infinity are Python's, not JSON's


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


# --- writing ----------------------------------------------------------------------------------
def collection(features: Iterable[str]) -> Iterator[bytes]:
    """A FeatureCollection of RFC 7946 Feature texts, in chunks of a thousand features, UTF-8."""
    yield b'{"type":"FeatureCollection","features":['
    separator = ""
    for chunk in _chunks(features):
        yield f"{separator}{','.join(chunk)}".encode()
        separator = ","
    yield b"]}\n"


def to_rfc7946(geometry: BaseGeometry) -> dict[str, object]:
    """A GeoJSON geometry object as RFC 7946 asks: outer rings counter-clockwise, seven decimals.

    `geometry` is in longitude and latitude, degrees (WGS 84). PostGIS does the same for stored
    features; this is for geometries made in Python.

    >>> to_rfc7946(shapely.Point(101.123456789, 36))
    {'type': 'Point', 'coordinates': (101.1234568, 36.0)}
    """
    oriented = shapely.orient_polygons(shapely.force_2d(geometry))
    # Adding zero turns a rounded -0.0 into 0.0.
    rounded = shapely.transform(oriented, lambda xy: np.round(xy, DECIMALS) + 0.0)
    return dict(mapping(rounded))


def _chunks(features: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(features)
    while chunk := list(islice(rest, CHUNK_FEATURES)):
        yield chunk


# --- reading ----------------------------------------------------------------------------------
def parse_geometry(value: object) -> BaseGeometry:
    """A GeoJSON geometry object (decoded JSON) as a shapely geometry, heights kept.

    Problem(GEOMETRY_UNREADABLE) with the reason when it is none. Emptiness, type, range and
    validity are `gis.geometry.check`'s business.

    >>> parse_geometry({"type": "Point", "coordinates": [101.82, 36.62]})
    <POINT (101.82 36.62)>
    """
    text = _geometry_text(value)
    if text is None:
        zh, en = "不是 GeoJSON 几何对象", "not a GeoJSON geometry object"
        raise Problem(GEOMETRY_UNREADABLE, reason_zh=zh, reason=en)
    try:
        return shapely.from_geojson(text)
    except shapely.GEOSException as error:
        reason = _reason(error)
        raise Problem(GEOMETRY_UNREADABLE, reason_zh=reason, reason=reason) from None


def read(
    content: bytes, *, name: str, lines: bool, encoding: str | None, limits: Limits
) -> RawTable:
    """A GeoJSON document, or with `lines` one Feature on each line, as a table in file order.

    The standard says UTF-8; what is not, is read as `gis.formats.text` believes, or in the
    `encoding` that a person insists on. Property values stay as JSON has them. `crs` is that of
    the pre-RFC `crs` member, else EPSG:4326. Problem(FILE_UNREADABLE) when it is no GeoJSON; a
    geometry that cannot be read is a finding of its row.
    """
    text, believed = decoded(content, name, encoding)
    document = {"features": _lines(text, name)} if lines else _json(text, name)
    features = _features(document, name)
    limits.check_rows(len(features))
    table = _table(features, _crs(document, name), name, limits)
    return replace(table, encoding=believed, notes=(*belief(believed), *table.notes))


def line_pieces(
    path: Path, *, name: str, encoding: str | None, limits: Limits, rows: int
) -> Iterator[RawTable]:
    """A file with one Feature on each line, in tables of at most so many `rows`, all of them with
    all columns; none of the whole is held. Problems: as `read`, but that no number of rows is too
    many."""
    text, believed = opened(path, encoding, newline="\n")
    with text:
        try:
            columns = list(_columns_of(_stripped(text), name, limits))
            text.seek(0)
            numbered = _stripped(text)
            before = 0
            while piece := list(islice(numbered, rows)):
                found = {"features": [_json(line, name, number) for number, line in piece]}
                features = _features(found, name, before)
                table = _table(features, _DEFAULT_CRS, name, limits)
                whole = {c: table.columns.get(c) or [None] * len(piece) for c in columns}
                notes = (*belief(believed), *table.notes)
                yield replace(table, columns=whole, encoding=believed, notes=notes)
                before += len(piece)
        except UnicodeError as error:
            raise no_letters(name, encoding or believed.name, reached(text, error)) from None


def _columns_of(lines: Iterable[tuple[int, str]], name: str, limits: Limits) -> Mapping[str, None]:
    """What the features of all lines have, in the order in which it comes: any may come late."""
    columns: dict[str, None] = {}
    for number, line in lines:
        feature = _json(line, name, number)
        if isinstance(feature, dict):
            columns |= dict.fromkeys(_properties(feature))
            limits.check_columns(len(columns))
    return columns


def _json(text: str, name: str, line: int = 1) -> object:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        line += error.lineno - 1
        raise unreadable(
            name, f"第 {line} 行不是 JSON", f"line {line} is not JSON: {error.msg}"
        ) from None
    except (ValueError, RecursionError):
        raise unreadable(
            name, "JSON 中有不能用的数或嵌套过深", "it holds a number or a nesting beyond JSON's"
        ) from None


def _lines(text: str, name: str) -> list[object]:
    return [_json(line, name, number) for number, line in _stripped(text.split("\n"))]


def _stripped(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """The lines that hold anything, numbered."""
    # Only line feeds: U+2028 and the like may stand inside a JSON string. RFC 8142 puts a record
    # separator before each text.
    stripped = ((number, line.strip("\ufeff\x1e \t\r\n")) for number, line in enumerate(lines, 1))
    return ((number, line) for number, line in stripped if line)


def _features(document: object, name: str, before: int = 0) -> list[Mapping[str, object]]:
    match document:
        case {"features": list(found)}:
            features = found
        case {"type": "Feature"}:
            features = [document]
        case {"type": str(kind)} if kind in _TYPES:
            features = [{"type": "Feature", "geometry": document, "properties": None}]
        case _:
            raise unreadable(name, "不是 GeoJSON 要素集合", "it is no GeoJSON FeatureCollection")
    for number, feature in enumerate(features, start=before + 1):
        if not _is_feature(feature):
            raise unreadable(
                name, f"第 {number} 个不是 Feature", f"entry {number} is not a Feature"
            )
    return features


def _is_feature(value: object) -> bool:
    if not isinstance(value, dict) or value.get("type") != "Feature":
        return False
    return isinstance(value.get("properties"), dict | None)


def _table(
    features: Sequence[Mapping[str, object]], crs: str, name: str, limits: Limits
) -> RawTable:
    properties = [_properties(feature) for feature in features]
    columns = list(dict.fromkeys(column for each in properties for column in each))
    check_columns(name, columns, len(features), limits)
    texts = np.array([_geometry_text(f.get("geometry")) for f in features], dtype=object)
    geometries = shapely.from_geojson(texts, on_invalid="ignore")
    closed = list(_closed(features, geometries))
    return RawTable(
        columns={column: [each.get(column) for each in properties] for column in columns},
        geometries=geometries,
        crs=crs,
        findings=tuple(_unread(features, geometries)),
        notes=tuple(closed[:_NOTES_SHOWN]),
    )


def _properties(feature: Mapping[str, object]) -> Mapping[str, object]:
    properties = feature.get("properties")
    return properties if isinstance(properties, dict) else {}


def _closed(features: Sequence[Mapping[str, object]], geometries: Geometries) -> Iterator[Finding]:
    """Read polygons again, in place, whose rings do not end where they began."""
    for position in map(int, np.flatnonzero(shapely.is_missing(geometries))):
        match features[position].get("geometry"):
            case {"type": "Polygon" as kind, "coordinates": list(rings)}:
                coordinates = [_ring(ring) for ring in rings]
            case {"type": "MultiPolygon" as kind, "coordinates": list(parts)}:
                coordinates = [[_ring(r) for r in p] if isinstance(p, list) else p for p in parts]
            case _:
                continue
        text = json.dumps({"type": kind, "coordinates": coordinates})
        closed = shapely.from_geojson(text, on_invalid="ignore")
        if closed is not None and closed.area > 0:  # a line there and back is no ground
            geometries[position] = closed
            yield Finding(REPAIR_CLOSED, position + 1)


def _ring(ring: object) -> object:
    is_open = isinstance(ring, list) and len(ring) > 2 and ring[0] != ring[-1]
    return [*ring, ring[0]] if is_open and isinstance(ring, list) else ring


def _unread(features: Sequence[Mapping[str, object]], geometries: Geometries) -> Iterator[Finding]:
    for position in map(int, np.flatnonzero(shapely.is_missing(geometries))):
        value = features[position].get("geometry")
        if value is None:
            continue  # RFC 7946 §3.2: an unlocated feature, which is missing and not unreadable
        try:
            parse_geometry(value)
        except Problem as problem:
            yield Finding(problem.rule, row=position + 1, values=problem.values)


def _geometry_text(value: object) -> str | None:
    # Only what the standard gives a geometry goes on to the parser, none of its foreign members.
    match value:
        case {"type": "GeometryCollection", "geometries": parts}:
            return json.dumps({"type": "GeometryCollection", "geometries": parts})
        case {"type": str(kind), "coordinates": coordinates} if kind in _TYPES:
            return json.dumps({"type": kind, "coordinates": coordinates})
        case _:
            return None


def _reason(error: Exception) -> str:
    return str(error).strip().rpartition("] ")[2].strip("'").rpartition("Exception: ")[2]


def _crs(document: object, name: str) -> str:
    match document:
        case {"crs": {"properties": {"name": str(stated)}}}:
            found = _EPSG_NAME.fullmatch(stated)
            if found:
                return f"EPSG:{found[1]}"
            if stated.upper().endswith("CRS84"):
                return _DEFAULT_CRS
            raise unreadable(name, "不认识其中的 crs", "its crs member is not understood")
        case _:
            return _DEFAULT_CRS
