"""Answers of every format as text that can be searched, and without what may differ by itself."""

import html
import io
import re
import sqlite3
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from urllib.parse import unquote

import httpx2

# All that may differ between two askings of one thing, each with its reason.
_MOMENTS = (
    re.compile(rb'"timeStamp": ?"[^"]*"'),  # when the collection was answered, as OGC wants it
    re.compile(rb'"last_seen": ?"[^"]*"'),  # in one's own sessions: asking is being seen
    # How far a listener has come, in numbers of transactions: each database counts its own.
    re.compile(rb'(?m)^id: [0-9:,~]+$|data-mark="[0-9:,~]+"'),
)
# Pages that tell when somebody was last seen.
_SEEN = re.compile(r"/auth/sessions|/accounts(/.*)?")
_TIME = re.compile(rb"<time [^>]*>[^<]*</time>")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_BYTES = 2


def kind(response: httpx2.Response) -> str:
    """The media type without its parameters."""
    return str(response.headers.get("content-type", "")).partition(";")[0]


def text(response: httpx2.Response) -> str:
    """Everything that a reader could find in an answer, its headers included."""
    headers = "\n".join(unquote(value) for value in response.headers.values())
    return f"{headers}\n{_body(response)}"


def stable(response: httpx2.Response) -> tuple[int, tuple[tuple[str, str], ...], object]:
    """Status, headers and body of an answer as they have to be again."""
    headers = sorted(response.headers.items())
    if kind(response) in _STAMPED:  # and so do its bytes and their number
        return (
            response.status_code,
            tuple((k, v) for k, v in headers if k not in {"content-length", "etag"}),
            _body(response),
        )
    body = response.content
    on_page = (_TIME,) if _SEEN.fullmatch(response.request.url.path) else ()
    for moment in (*_MOMENTS, *on_page):
        body = moment.sub(b"", body)
    return response.status_code, tuple(headers), body


def _body(response: httpx2.Response) -> str:
    if not response.content:
        return ""
    decoded = _DECODED.get(kind(response), _plain)(response.content)
    escaped = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), decoded)
    return html.unescape(unquote(escaped))


def _plain(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _geopackage(content: bytes) -> str:
    """Every row of a GeoPackage but the one that tells when it was written."""
    with closing(sqlite3.connect(":memory:")) as file:
        file.deserialize(content)
        tables = file.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        names = [name for (name,) in tables if name != "gpkg_contents" and "rtree" not in name]
        rows = [row for name in names for row in file.execute(f'SELECT * FROM "{name}"')]
    return "\n".join([*names, *map(repr, rows)])


def _zipped(content: bytes) -> str:
    """Every file of an archive; those of shapefiles and workbooks are not packed further."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = sorted(archive.namelist())
        parts = [archive.read(name) for name in names if not name.startswith("docProps/")]
    return "\n".join([*names, *map(_plain, parts)])


def _tile(content: bytes) -> str:
    """Texts and numbers of a vector tile (MVT 2.1, §4): of layers, features, keys and values."""
    found: list[str] = []
    for _, layer in _members(content):
        assert isinstance(layer, bytes)
        for field, value in _members(layer):
            if field in (2, 4) and isinstance(value, bytes):  # a feature, a value
                found += [_shown(each) for number, each in _members(value) if number != 4]
            else:
                found.append(_shown(value))
    return "\n".join(found)


def _shown(value: bytes | int) -> str:
    return _plain(value) if isinstance(value, bytes) else str(value)


def _members(message: bytes) -> Iterator[tuple[int, bytes | int]]:
    """The fields of a Protocol Buffers message by number."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        field, wire = tag >> 3, tag & 7
        if wire == 0:
            value, at = _varint(message, at)
            yield field, value
            continue
        length = {1: 8, 5: 4}.get(wire)
        if length is None:
            assert wire == _BYTES
            length, at = _varint(message, at)
        yield field, message[at : at + length]
        at += length


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_GPKG = "application/geopackage+sqlite3"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# A workbook and a paper note when they were written, a GeoPackage when its layers were.
_STAMPED = frozenset({_XLSX, _DOCX, _GPKG})
_DECODED: Mapping[str, Callable[[bytes], str]] = {
    "application/vnd.mapbox-vector-tile": _tile,
    _GPKG: _geopackage,
    "application/zip": _zipped,
    _XLSX: _zipped,
    _DOCX: _zipped,
}
