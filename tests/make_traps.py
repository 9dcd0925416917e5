"""Makes every trap of the files that come in China, byte by byte where no library errs so.

`python -m tests.make_traps FOLDER` writes them all, to be looked at or sent through the import.
"""

import datetime as dt
import struct
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
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
POINT, POLYGON = 1, 5


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
    cpg: str | None = None,
    prj: str | None = None,
) -> Path:
    """Write NAME.shp with its DBF, and a .cpg and .prj when they are given."""
    path.write_bytes(shp(kind, records))
    path.with_suffix(".dbf").write_bytes(dbf(fields, rows, language))
    for suffix, text in ((".cpg", cpg), (".prj", prj)):
        if text is not None:
            path.with_suffix(suffix).write_text(text)
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


# --- the traps, each by name ----------------------------------------------------------------------
def gbk_without_cpg(folder: Path) -> Path:
    """§8.1: GBK, language driver 0, no .cpg."""
    fields = [("网格名称".encode("gbk"), 20), ("网格长".encode("gbk"), 8)]
    row = ["站西社区第一网格".encode("gbk"), "马占林".encode("gbk")]
    return shapefile(folder / "gbk_without_cpg.shp", fields=fields, rows=[row])


def gbk_with_lying_cpg(folder: Path) -> Path:
    """§8.1: the .cpg says UTF-8 over GBK."""
    row = ["站西社区第一网格".encode("gbk")]
    return shapefile(folder / "gbk_with_lying_cpg.shp", rows=[row], cpg="UTF-8")


def utf8_with_lying_cpg(folder: Path) -> Path:
    """§8.1: the .cpg says GBK over UTF-8."""
    row = ["站西社区第一网格".encode()]
    return shapefile(folder / "utf8_with_lying_cpg.shp", rows=[row], cpg="GBK")


def values_cut_inside_a_letter(folder: Path) -> Path:
    """§8.1, §8.3: fields so narrow that the last letter lost its second byte."""
    row = ["林家崖街道".encode("gbk")]
    return shapefile(folder / "values_cut.shp", fields=[(b"name", 7)], rows=[row])


def names_cut_inside_a_letter(folder: Path) -> Path:
    """§8.2: UTF-8 names of four letters, cut at ten bytes and numbered."""
    names = ["网格编码".encode()[:10], "网格名称".encode()[:10], "网格编".encode()[:8] + b"_1"]
    return shapefile(
        folder / "names_cut.shp",
        fields=[(name, 30) for name in names],
        rows=[[b"1", "站西".encode(), b"x"]],
    )


def names_twice(folder: Path) -> Path:
    """Two columns of one name, and one without."""
    fields = [(b"name", 9), (b"name", 9), (b"", 9)]
    return shapefile(folder / "names_twice.shp", fields=fields, rows=[[b"a", b"b", b"c"]])


def long_text(folder: Path) -> Path:
    """§8.3: a text of more than 254 bytes."""
    return shapefile(folder / "long_text.shp", fields=[(b"note", 254)], rows=[[b"x" * 300]])


def _field(folder: Path, name: str, *rings: Ring) -> Path:
    return shapefile(folder / f"{name}.shp", kind=POLYGON, records=[polygon(*rings)])


def ring_reversed(folder: Path) -> Path:
    """§8.4: the outer ring counter-clockwise, its hole clockwise."""
    return _field(folder, "ring_reversed", OUTER[::-1], POND[::-1])


def hole_same_turning(folder: Path) -> Path:
    """§8.4: both rings clockwise."""
    return _field(folder, "hole_same_turning", OUTER, POND[::-1])


def both_counter_clockwise(folder: Path) -> Path:
    """§8.4: both rings counter-clockwise."""
    return _field(folder, "both_counter_clockwise", OUTER[::-1], POND)


def ring_unclosed(folder: Path) -> Path:
    """§8.4: neither ring ends where it began."""
    return _field(folder, "ring_unclosed", OUTER[:-1], POND[:-1])


def bow_tie(folder: Path) -> Path:
    """A ring that crosses itself: nobody knows what it means."""
    a, b, c, d, _ = OUTER
    return _field(folder, "bow_tie", [a, c, b, d, a])


def null_shapes(folder: Path) -> Path:
    """A row without a shape."""
    rows = [[b"a"], [b"b"]]
    return shapefile(folder / "null_shapes.shp", records=[NOTHING, point(*PLACE)], rows=rows)


def gauss_kruger_without_prj(folder: Path) -> Path:
    """§8.5: metres with a zone number and no .prj."""
    return shapefile(folder / "gk_without_prj.shp", records=[point(*PLACE_4522)])


def gauss_kruger_swapped(folder: Path) -> Path:
    """§7, §8.5: north first, as surveyors write it."""
    return shapefile(folder / "gk_swapped.shp", records=[point(*PLACE_4522[::-1])])


def zip_with_names_in_gbk(folder: Path) -> Path:
    """A zip from Windows: 网格/边界.shp in GBK without the flag."""
    members = parts(gbk_without_cpg(folder), "网格/边界", "gbk")
    return zip_without_flags(folder / "zip_names_in_gbk.zip", members)


def csv_in_gbk(folder: Path) -> Path:
    """What Excel saves as CSV in China."""
    path = folder / "in_gbk.csv"
    path.write_bytes("名称,经度,纬度\r\n林家崖,101.83,36.62\r\n".encode("gbk"))
    return path


def csv_in_degrees_minutes_seconds(folder: Path) -> Path:
    """度分秒 in full-width digits and signs."""
    path = folder / "dms.csv"
    path.write_text("名称,东经,北纬\n甲,101°49′48″,36°37′12″\n", "utf-8-sig")
    return path


def ledger_in_excel(folder: Path) -> Path:
    """Titles above, two rows of headings, merged cells, three ways of dates, a sum, north first."""
    book = Workbook()
    sheet = book.active
    sheet.append(["林家崖街道违法建设整改台账"])
    sheet.append(["填报单位\uff1a创城办", None, "填报日期\uff1a2017年7月21日"])
    sheet.append(["序号", "所属社区", "点位", "坐标", None, "登记日期", "面积"])
    sheet.append([None, None, None, "X坐标", "Y坐标"])
    east, north = PLACE_4522
    sheet.append([1, "蓝天社区", "甲", north, east, dt.date(2017, 7, 1), "\uff11\uff12.5"])
    sheet.append([2, None, "乙", str(north), str(east), 42917, 33.0])
    sheet.append([3, None, "丙", north, east, "2017年7月1日", "=1+1"])
    sheet.append(["合计", None, None, None, None, None, 45.5])
    sheet.append(["制表人\uff1a李"])
    for cells in ("A1:G1", "D3:E3", "A3:A4", "B3:B4", "C3:C4", "F3:F4", "G3:G4", "B5:B7"):
        sheet.merge_cells(cells)
    book.create_sheet("Sheet2")
    path = folder / "ledger.xlsx"
    book.save(path)
    return path


def ledger_in_degrees_minutes_seconds(folder: Path) -> Path:
    """度分秒 in an Excel sheet, in two columns."""
    book = Workbook()
    book.active.append(["点位", "经度(°)", "纬度(°)"])
    book.active.append(["甲", "101°49′48″", "北纬36度37分12秒"])
    path = folder / "ledger_dms.xlsx"
    book.save(path)
    return path


KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder><name>蓝天社区</name>
<Folder><name>网格</name>
<Placemark><name>甲</name><description><![CDATA[<b>门前</b>三包]]></description>
<ExtendedData><Data name="责任人"><value>马占林</value></Data></ExtendedData>
<Point><coordinates>101.83,36.62,2261.5</coordinates></Point></Placemark></Folder>
<Placemark><name>乙</name><Polygon><outerBoundaryIs><LinearRing><coordinates>
101.80,36.60,0 101.80,36.61,0 101.81,36.61,0 101.81,36.60,0
</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>
</Folder></Document></kml>"""


def kml(folder: Path) -> Path:
    """Folders, a column of its own, HTML in a description, heights, an unclosed ring."""
    path = folder / "ovital.kml"
    path.write_text(KML, "utf-8")
    return path


def kml_in_gbk(folder: Path) -> Path:
    """A KML that says UTF-8 and is GBK."""
    path = folder / "gbk.kml"
    path.write_text(KML, "gbk")
    return path


def kmz(folder: Path) -> Path:
    """The same packed with a picture."""
    path = folder / "earth.kmz"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("files/icon.png", b"")
        packed.writestr("doc.kml", KML)
    return path


TRAPS: Sequence[Callable[[Path], Path]] = (
    gbk_without_cpg,
    gbk_with_lying_cpg,
    utf8_with_lying_cpg,
    values_cut_inside_a_letter,
    names_cut_inside_a_letter,
    names_twice,
    long_text,
    ring_reversed,
    hole_same_turning,
    both_counter_clockwise,
    ring_unclosed,
    bow_tie,
    null_shapes,
    gauss_kruger_without_prj,
    gauss_kruger_swapped,
    zip_with_names_in_gbk,
    csv_in_gbk,
    csv_in_degrees_minutes_seconds,
    ledger_in_excel,
    ledger_in_degrees_minutes_seconds,
    kml,
    kml_in_gbk,
    kmz,
)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for make in TRAPS:
        sys.stdout.write(f"{make(target).name}: {make.__doc__}\n")
