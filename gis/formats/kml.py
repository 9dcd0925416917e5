"""KML and KMZ as Ovital (奥维) and Google Earth write them: placemarks as the rows of a table.

GDAL's KML driver knows a layer for each folder and few of the columns, so this is read here:
folders as a path, ExtendedData as columns, descriptions as the text they are, HTML included.
KML (OGC 12-147r2) is in longitude and latitude of WGS 84; heights are left aside.
"""

import codecs
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gis.errors import Finding
from gis.formats import archive, plain_xml
from gis.formats.encoding import UTF8, Encoding, Text, judge, understood
from gis.formats.plain_xml import Element
from gis.formats.rawtable import RawTable, check_columns, unreadable
from gis.limits import Limits
from gis.refusals.coverage import REPAIR_CLOSED
from gis.refusals.values import GEOMETRY_UNREADABLE

_FOLDERS = frozenset({"kml", "Document", "Folder"})
_PARTS = frozenset(
    {"Point", "LineString", "LinearRing", "Polygon", "MultiGeometry", "Track", "MultiTrack"}
)
_TEXTS = frozenset({"name", "description", "address", "phoneNumber"})
_FOLDER = "folder"
_MULTI: Mapping[str, Callable[..., Any]] = {
    "Point": shapely.multipoints,
    "LineString": shapely.multilinestrings,
    "Polygon": shapely.multipolygons,
}
_DECLARED = re.compile(rb"""\s*<\?xml[^>]{1,80}encoding=["']([\w.:-]{1,40})["'][^>]{0,40}>""")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_NOTES = 20


def read(content: bytes, *, name: str, limits: Limits) -> RawTable:
    """The placemarks of a KML document in their order, texts as they stand.

    Problem(FILE_UNREADABLE) when it is none, FILE_TOO_LARGE beyond `limits`; a geometry that
    cannot be read is a finding of its row, a ring that had to be closed a note.
    """
    text, encoding = _letters(content.lstrip(b" \t\r\n"))
    top = plain_xml.tree(BytesIO(text), name, limits)
    if top.tag not in _FOLDERS:
        raise unreadable(name, "不是 KML", "it is no KML")
    marks = list(_placemarks(top))
    limits.check_rows(len(marks))
    properties = [_properties(mark, folder) for mark, folder in marks]
    columns = list(dict.fromkeys(column for each in properties for column in each))
    check_columns(name, columns, len(marks), limits)
    findings: list[Finding] = []
    notes: list[Finding] = []
    geometries = np.full(len(marks), None, dtype=object)
    for position, (mark, _) in enumerate(marks):
        closed: list[Element] = []
        try:
            geometries[position] = _whole(_shapes(mark, closed))
        except (ValueError, shapely.GEOSException) as error:
            reason = {"reason_zh": str(error)[:80], "reason": str(error)[:80]}
            findings.append(Finding(GEOMETRY_UNREADABLE, position + 1, values=reason))
        if closed:
            notes.append(Finding(REPAIR_CLOSED, position + 1))
    return RawTable(
        columns={column: [each.get(column) for each in properties] for column in columns},
        geometries=geometries,
        crs="EPSG:4326",
        findings=tuple(findings),
        notes=tuple(notes[:_NOTES]),
        encoding=encoding,
    )


def _letters(content: bytes) -> tuple[bytes, Encoding | None]:
    """The document in UTF-8, without its declaration where that said or should have said GBK.

    The XML parser knows no encoding of several bytes but Unicode's.
    """
    declared = _DECLARED.match(content)
    stated = understood(declared[1].decode("ascii")) if declared else None
    lines = (Text(line) for line in BytesIO(content) if not line.isascii())
    believed = judge(lines, stated)
    if content.startswith(_UTF16) or believed is None or believed.name == UTF8:
        return content, None
    try:
        text = content.decode(believed.name).encode()
    except UnicodeError:
        return content, None  # for the parser to refuse, with the line
    return _DECLARED.sub(b"", text, count=1), believed


def unzip(path: Path, *, name: str, limits: Limits) -> bytes:
    """The document of a KMZ: doc.kml, else its first .kml. Problems: as `gis.formats.archive`."""
    with archive.opened(path, name, limits) as opened:
        called = {archive.called(member): member for member in opened.infolist()}
        found = [n for n in called if n.lower().endswith(".kml") and "__MACOSX/" not in n]
        if not found:
            raise unreadable(name, "压缩包里没有 .kml", "the zip holds no .kml")
        best = min(found, key=lambda n: (n.rpartition("/")[2].lower() != "doc.kml", n.count("/")))
        with opened.open(called[best]) as stream:
            content = stream.read(limits.bytes + 1)
    limits.check_bytes(len(content))
    return content


# --- rows ---------------------------------------------------------------------------------------
def _placemarks(top: Element) -> Iterator[tuple[Element, str]]:
    """Each placemark with the path of its folders."""
    waiting = [(top, "")]
    while waiting:
        element, folder = waiting.pop()
        if element.tag == "Placemark":
            yield element, folder
        elif element.tag in _FOLDERS:
            called = element.said("name") if element.tag == "Folder" else ""
            path = f"{folder}/{called}" if folder and called else folder or called
            waiting += [(inner, path) for inner in reversed(element.inner)]


def _properties(mark: Element, folder: str) -> Mapping[str, str]:
    texts = {e.tag: e.text for e in mark.inner if e.tag in _TEXTS}
    texts |= {_FOLDER: folder} if folder else {}
    extended = mark.first("ExtendedData")
    for key, text in _extended(extended) if extended else ():
        texts.setdefault(key, text)  # a column of ours keeps its meaning
    return {key: text for key, text in texts.items() if text}


def _extended(element: Element) -> Iterator[tuple[str, str]]:
    for inner in element.inner:
        if inner.tag == "Data":
            yield inner.attributes.get("name", "") or "data", inner.said("value")
        elif inner.tag == "SchemaData":
            for datum in inner.inner:
                yield datum.attributes.get("name", "") or "data", datum.text


# --- geometries ---------------------------------------------------------------------------------
def _shapes(element: Element, closed: list[Element]) -> list[BaseGeometry]:
    shapes: list[BaseGeometry] = []
    for inner in element.inner:
        if inner.tag in {"MultiGeometry", "MultiTrack"}:
            shapes += _shapes(inner, closed)
        elif inner.tag in _PARTS:
            shapes.append(_shape(inner, closed))
    return shapes


def _shape(element: Element, closed: list[Element]) -> BaseGeometry:
    match element.tag:
        case "Point":
            return shapely.Point(*_places(element.said("coordinates"), "Point")[:1])
        case "LineString":
            return shapely.LineString(_places(element.said("coordinates"), "LineString"))
        case "LinearRing":
            return shapely.Polygon(_ring(element, closed))
        case "Track":
            texts = [
                inner.text.replace(" ", ",") for inner in element.inner if inner.tag == "coord"
            ]
            return shapely.LineString(_places(" ".join(texts), "Track"))
        case _:
            outer = [_ring(r, closed) for r in _rings(element, "outerBoundaryIs")]
            holes = [_ring(r, closed) for r in _rings(element, "innerBoundaryIs")]
            return shapely.Polygon(outer[0] if outer else None, holes)


def _rings(polygon: Element, side: str) -> list[Element]:
    sides = [inner for inner in polygon.inner if inner.tag == side]
    # Google Earth puts several rings into one innerBoundaryIs.
    return [ring for inner in sides for ring in inner.inner if ring.tag == "LinearRing"]


def _ring(element: Element, closed: list[Element]) -> Sequence[tuple[float, float]]:
    places = _places(element.said("coordinates"), "LinearRing")
    if len(places) > 2 and places[0] != places[-1]:
        closed.append(element)
        return [*places, places[0]]
    return places


def _places(text: str, what: str) -> list[tuple[float, float]]:
    """Tuples of longitude, latitude and perhaps height; some programs put spaces after commas."""
    tuples = text.replace(", ", ",").replace(" ,", ",").split()
    places = []
    for each in tuples:
        numbers = [float(number) for number in each.strip(",").split(",")]
        if len(numbers) < 2 or not all(map(math.isfinite, numbers)):
            raise ValueError(f"{what}: {each[:40]!r} is no longitude and latitude")
        places.append((numbers[0], numbers[1]))
    if not places:
        raise ValueError(f"{what} without coordinates")
    return places


def _whole(shapes: Sequence[BaseGeometry]) -> BaseGeometry | None:
    """One geometry of all parts, of their common type where they have one."""
    if len(shapes) < 2:
        return shapes[0] if shapes else None
    kinds = {shape.geom_type for shape in shapes}
    gather = _MULTI[kinds.pop()] if len(kinds) == 1 else shapely.geometrycollections
    whole: BaseGeometry = gather(shapes)
    return whole
