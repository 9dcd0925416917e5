"""Files written byte by byte, for the faults that no library makes."""

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook

Ring = Sequence[tuple[float, float]]

# One field of 0.01° by 0.01°, a pond in it, and the same place in 3° Gauss-Krüger, zone 34.
OUTER: Ring = [(101.80, 36.60), (101.80, 36.61), (101.81, 36.61), (101.81, 36.60), (101.80, 36.60)]
POND: Ring = [
    (101.803, 36.603),
    (101.804, 36.603),
    (101.804, 36.604),
    (101.803, 36.604),
    (101.803, 36.603),
]
PLACE = (101.83, 36.62)
PLACE_4522 = (34484793.041, 4054354.279)
# What another program, PRCoords, makes of PLACE.
PLACE_GCJ02 = (101.83181585399761, 36.6198379110188)
PLACE_BD09 = (101.8384215686113, 36.62559487227761)
PLACE_4543 = (484793.041, 4054354.279)
POINT, POLYGON, POINT_Z = 1, 5, 11


# --- shapefiles ---------------------------------------------------------------------------------
def dbf(
    fields: Sequence[tuple[bytes, int]], rows: Sequence[Sequence[bytes]], language: int = 0
) -> bytes:
    """A dBASE III table of text fields (name, width), the values as bytes, cut to fit."""
    width = 1 + sum(width for _, width in fields)
    heading = struct.pack("<B3BIHH", 3, 126, 1, 1, len(rows), 32 + 32 * len(fields) + 1, width)
    heading += bytes(17) + bytes([language]) + bytes(2)
    for name, size in fields:
        heading += name[:10].ljust(11, b"\0") + b"C" + bytes(4) + bytes([size, 0]) + bytes(14)
    cells = [
        b" "
        + b"".join(value[:size].ljust(size) for value, (_, size) in zip(row, fields, strict=True))
        for row in rows
    ]
    return heading + b"\r" + b"".join(cells) + b"\x1a"


def point(x: float, y: float) -> bytes:
    """A point record."""
    return struct.pack("<i2d", POINT, x, y)


def point_with_height(x: float, y: float) -> bytes:
    """A point record with a height and, as measure, "none"."""
    return struct.pack("<i4d", POINT_Z, x, y, 2261.5, -1e39)


def polygon(*rings: Ring) -> bytes:
    """A polygon record of rings exactly as they are given."""
    points = [place for ring in rings for place in ring]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    starts = [sum(len(ring) for ring in rings[:n]) for n in range(len(rings))]
    record = struct.pack(
        "<i4d2i", POLYGON, min(xs), min(ys), max(xs), max(ys), len(rings), len(points)
    )
    record += struct.pack(f"<{len(rings)}i", *starts)
    return record + b"".join(struct.pack("<2d", x, y) for x, y in points)


NOTHING = struct.pack("<i", 0)  # a null shape


def shp(kind: int, records: Sequence[bytes]) -> bytes:
    """A .shp of the records; the .shx is left out, as it often is."""
    body = b"".join(
        struct.pack(">2i", n, len(record) // 2) + record for n, record in enumerate(records, 1)
    )
    heading = struct.pack(">7i", 9994, 0, 0, 0, 0, 0, (100 + len(body)) // 2)
    return heading + struct.pack("<2i8d", 1000, kind, -180, -90, 180, 90, 0, 0, 0, 0) + body


def shapefile(
    path: Path,
    *,
    records: Sequence[bytes] = (point(*PLACE),),
    kind: int = POINT,
    fields: Sequence[tuple[bytes, int]] = ((b"name", 40),),
    rows: Sequence[Sequence[bytes]] = ((b"a",),),
    language: int = 0,
    cpg: str | bytes | None = None,
    prj: str | bytes | None = None,
) -> Path:
    """Write NAME.shp with its DBF, and a .cpg and .prj when they are given."""
    path.write_bytes(shp(kind, records))
    path.with_suffix(".dbf").write_bytes(dbf(fields, rows, language))
    for suffix, text in ((".cpg", cpg), (".prj", prj)):
        if text is not None:
            content = text if isinstance(text, bytes) else text.encode()
            path.with_suffix(suffix).write_bytes(content)
    return path


def zip_without_flags(path: Path, members: Mapping[bytes, bytes]) -> Path:
    """A zip whose names are raw bytes without the flag for UTF-8, as Windows in China writes it."""
    stand_ins = {chr(ord("A") + n) * len(name): name for n, name in enumerate(members)}
    with zipfile.ZipFile(path, "w") as packed:
        for stand_in, name in stand_ins.items():
            packed.writestr(stand_in, members[name])
    content = path.read_bytes()
    for stand_in, name in stand_ins.items():
        content = content.replace(stand_in.encode(), name)
    path.write_bytes(content)
    return path


def parts(path: Path, stem: str, encoding: str) -> dict[bytes, bytes]:
    """The parts of a shapefile under another stem in an encoding."""
    found = [p for p in sorted(path.parent.iterdir()) if p.stem == path.stem]
    return {f"{stem}{p.suffix}".encode(encoding): p.read_bytes() for p in found}


def zipped(path: Path, members: Mapping[str, bytes]) -> Path:
    """A zip with these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return path


def packed(members: Mapping[str, bytes | str]) -> bytes:
    """The bytes of a zip with these members."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as opened:
        for name, text in members.items():
            opened.writestr(name, text)
    return content.getvalue()


def workbook(path: Path, *rows: Sequence[object], merged: Sequence[str] = ()) -> Path:
    """A workbook of one sheet."""
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    for cells in merged:
        book.active.merge_cells(cells)
    book.save(path)
    return path
