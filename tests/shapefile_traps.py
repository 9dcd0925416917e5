"""Shapefiles as they come in China, each with one fault, and zips of them."""

from pathlib import Path

from tests.raw_files import (
    NOTHING,
    OUTER,
    PLACE,
    PLACE_4522,
    PLACE_4543,
    PLACE_GCJ02,
    POINT_Z,
    POLYGON,
    POND,
    Ring,
    parts,
    point,
    point_with_height,
    polygon,
    shapefile,
    zip_without_flags,
    zipped,
)


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


# As ArcGIS writes them.
PRJ_WGS84 = (
    'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
_GRID = (
    'PROJCS["{name}",GEOGCS["{base}",DATUM["{datum}",SPHEROID["{ball}",{axis},{flat}]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],'
    'PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],'
    'PARAMETER["Central_Meridian",102.0],PARAMETER["Scale_Factor",1.0],'
    'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)
PRJ_4543 = _GRID.format(
    name="CGCS2000_3_Degree_GK_CM_102E",
    base="GCS_China_Geodetic_Coordinate_System_2000",
    datum="D_China_2000",
    ball="CGCS2000",
    axis="6378137.0",
    flat="298.257222101",
)
PRJ_XIAN_1980 = _GRID.format(
    name="Xian_1980_3_Degree_GK_CM_102E",
    base="GCS_Xian_1980",
    datum="D_Xian_1980",
    ball="Xian_1980",
    axis="6378140.0",
    flat="298.257",
)


def wgs84_label_over_gcj02(folder: Path) -> Path:
    """§8.6: the .prj says WGS 84, the points are GCJ-02."""
    return shapefile(folder / "gcj02.shp", records=[point(*PLACE_GCJ02)], prj=PRJ_WGS84)


def cgcs2000_in_gauss_kruger(folder: Path) -> Path:
    """A .prj of ArcGIS in everyday order."""
    return shapefile(folder / "gk_prj.shp", records=[point(*PLACE_4543)], prj=PRJ_4543)


def prj_in_gbk(folder: Path) -> Path:
    """The same with a Chinese name in GBK."""
    text = PRJ_4543.replace("CGCS2000_3_Degree_GK_CM_102E", "西宁三度带").encode("gbk")
    return shapefile(folder / "prj_in_gbk.shp", records=[point(*PLACE_4543)], prj=text)


def prj_of_xian_1980(folder: Path) -> Path:
    """A datum from which no public road leads to WGS 84."""
    return shapefile(folder / "xian_1980.shp", records=[point(*PLACE_4543)], prj=PRJ_XIAN_1980)


def prj_of_another_zone(folder: Path) -> Path:
    """The .prj knows no zone number, the eastings begin with one."""
    return shapefile(folder / "prj_wrong.shp", records=[point(*PLACE_4522)], prj=PRJ_4543)


def prj_empty(folder: Path) -> Path:
    """A .prj with nothing in it, over degrees."""
    return shapefile(folder / "prj_empty.shp", prj="\r\n")


def prj_of_no_crs(folder: Path) -> Path:
    """A .prj with a sentence in it, over degrees."""
    return shapefile(folder / "prj_no_crs.shp", prj="坐标系见说明")


def cpg_with_mark(folder: Path) -> Path:
    """An editor has put a byte order mark and blanks around the word."""
    row = ["路".encode("gbk")]  # which is UTF-8 as well, a middle dot
    return shapefile(folder / "cpg_with_mark.shp", rows=[row], cpg=b"\xef\xbb\xbf GBK \r\n")


def chinese_in_one_field(folder: Path) -> Path:
    """Of many values in GBK one is not ASCII."""
    fields = [(b"code", 10), (b"name", 10), (b"note", 20)]
    rows = [[b"1", b"a", b""], [b"2", b"b", "门前三包".encode("gbk")]]
    records = [point(*PLACE)] * 2
    return shapefile(folder / "one_field.shp", fields=fields, rows=rows, records=records)


def deleted_row(folder: Path) -> Path:
    """The first row is marked as deleted; the second is cut inside a letter."""
    rows = [[b"gone"], ["林家崖街道".encode("gbk")]]
    path = folder / "deleted_row.shp"
    shapefile(path, fields=[(b"name", 7)], rows=rows, records=[point(*PLACE)] * 2)
    content = bytearray(path.with_suffix(".dbf").read_bytes())
    content[int.from_bytes(content[8:10], "little")] = ord("*")
    path.with_suffix(".dbf").write_bytes(content)
    return path


def table_of_another_file(folder: Path) -> Path:
    """More shapes than rows: one of the two has been replaced."""
    return shapefile(folder / "other_table.shp", records=[point(*PLACE)] * 3)


def without_dbf(folder: Path) -> Path:
    """Shapes alone."""
    path = shapefile(folder / "without_dbf.shp")
    path.with_suffix(".dbf").unlink()
    return path


def points_with_heights(folder: Path) -> Path:
    """Type 11, with heights and empty measures."""
    records = [point_with_height(*PLACE)]
    return shapefile(folder / "heights.shp", kind=POINT_Z, records=records)


def zip_in_capitals(folder: Path) -> Path:
    """Endings in capitals, and two cases of one name."""
    found = {p.suffix: p.read_bytes() for p in _parts_of(gbk_without_cpg(folder))}
    members = {"资料/WANGGE.SHP": found[".shp"], "资料/wangge.DBF": found[".dbf"]}
    return zipped(folder / "CAPITALS.ZIP", members)


def two_shapefiles_in_a_zip(folder: Path) -> Path:
    """Two of one name in two folders."""
    found = _parts_of(gbk_without_cpg(folder))
    members = {f"{d}/网格{p.suffix}": p.read_bytes() for d in ("旧", "新") for p in found}
    return zipped(folder / "two.zip", members)


def _parts_of(path: Path) -> list[Path]:
    return [p for p in sorted(path.parent.iterdir()) if p.stem == path.stem]


def zip_with_names_in_gbk(folder: Path) -> Path:
    """A zip from Windows: 网格/边界.shp in GBK without the flag."""
    members = parts(gbk_without_cpg(folder), "网格/边界", "gbk")
    return zip_without_flags(folder / "zip_names_in_gbk.zip", members)
