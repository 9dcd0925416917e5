"""Files as they come: five formats, strange headings, no CRS, and some that mean harm."""

import io
import json
import sqlite3
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyogrio.raw import write as ogr_write
from pyproj import CRS, Transformer

from gis import crs, files
from gis.errors import Problem
from gis.files import Hints, Limits, Source
from gis.formats import archive, csvfile, ogr
from gis.refusals.coordinates import CRS_NEEDS_PARAMETERS, CRS_UNKNOWN
from gis.refusals.files import (
    AXES_SWAPPED,
    CRS_ASSUMED,
    CRS_OVERRIDDEN,
    ENCODING_BELIEVED,
    FILE_CRS,
    FILE_EMPTY,
    FILE_FORMAT,
    FILE_LAYERS,
    FILE_TOO_LARGE,
    FILE_UNREADABLE,
)
from gis.refusals.values import BAD_PARAMETER, GEOMETRY_UNREADABLE

# The same place in the north-west of China, from an independent computation.
PLACE = shapely.Point(101.83, 36.62)
PLACE_4522 = shapely.Point(34484793.041, 4054354.279)
ZIP_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def shapefile(
    folder: Path,
    stem: str = "roads",
    *,
    code: str | None = "EPSG:4326",
    geometry: shapely.Geometry = PLACE,
    columns: Mapping[str, Sequence[object]] | None = None,
    encoding: str = "UTF-8",
) -> Path:
    """A shapefile as other programs write it, one row."""
    given = columns or {"name": ["林家崖"]}
    path = folder / f"{stem}.shp"
    ogr_write(
        str(path),
        shapely.to_wkb(np.array([geometry])),
        [np.array(values, dtype=object) for values in given.values()],
        list(given),
        field_mask=[None] * len(given),
        geometry_type=geometry.geom_type,
        crs=code or "EPSG:4326",
        driver="ESRI Shapefile",
        encoding=encoding,
    )
    if code is None:
        path.with_suffix(".prj").unlink()
    return path


def geopackage(path: Path, *layers: str, crs: str = "EPSG:4326", text: str = "甲") -> Path:
    for n, layer in enumerate(layers):
        ogr_write(
            str(path),
            shapely.to_wkb(np.array([PLACE])),
            [np.array([text], dtype=object)],
            ["name"],
            field_mask=[None],
            layer=layer,
            geometry_type="Point",
            crs=crs,
            driver="GPKG",
            append=n > 0,
        )
    return path


def zipped(path: Path, members: Mapping[str, Path | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in members.items():
            opened.writestr(name, content if isinstance(content, bytes) else content.read_bytes())
    return path


def parts_of(shp: Path) -> dict[str, Path]:
    return {s: shp.with_suffix(s) for s in ZIP_PARTS if shp.with_suffix(s).exists()}


def refusal(given: Path | bytes, name: str | None = None, **how: object) -> Problem:
    with pytest.raises(Problem) as caught:
        read(given, name, **how)
    return caught.value


def read(given: Path | bytes, name: str | None = None, **how: object) -> Source:
    hints = Hints(**{k: v for k, v in how.items() if k in {"crs", "encoding", "layer"}})
    limits = Limits(**{k: v for k, v in how.items() if k in {"bytes", "rows"}})
    opened = io.BytesIO(given) if isinstance(given, bytes) else given
    return files.read(opened, name=name, hints=hints, limits=limits)


def at_place(source: Source) -> bool:
    return all(shapely.dwithin(g, PLACE, 1e-7) for g in source.frame.geometry)


# --- formats ------------------------------------------------------------------------------------
def test_each_format_gives_the_same_place_and_text(tmp_path: Path) -> None:
    shp = shapefile(tmp_path)
    fgb = tmp_path / "a.fgb"
    data = [np.array(["林家崖"], dtype=object)]
    wkb = shapely.to_wkb(np.array([PLACE]))
    how = {"geometry_type": "Point", "crs": "EPSG:4326", "field_mask": [None]}
    ogr_write(str(fgb), wkb, data, ["name"], driver="FlatGeobuf", **how)
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [101.83, 36.62, 2300]},
        "properties": {"name": "林家崖"},
    }
    text = json.dumps(feature).encode()
    given: list[tuple[Path | bytes, str | None]] = [
        (shp, None),
        (zipped(tmp_path / "a.zip", {f"资料/r{s}": p for s, p in parts_of(shp).items()}), None),
        (zipped(tmp_path / "b.shp.zip", {f"r{s}": p for s, p in parts_of(shp).items()}), None),
        (geopackage(tmp_path / "a.gpkg", "roads", text="林家崖"), None),
        (fgb, None),
        (text, "A.GeoJSON"),
        (text, r"C:\地图\a.json"),
        (text, "../../etc/a.geojsonl"),
        ("name,lon,lat\n林家崖,101.83,36.62\n".encode(), "a.csv"),
        ("﻿wkt,name\r\nPOINT Z (101.83 36.62 5),林家崖\r\n".encode(), "a.csv"),
    ]
    for content, name in given:
        source = read(content, name)
        assert source.columns == ("name",)
        assert source.frame["name"].tolist() == ["林家崖"]
        assert source.frame.crs == CRS("EPSG:4326")
        assert not source.frame.has_z.any()
        assert at_place(source)
        assert "/" not in source.name
        assert "\\" not in source.name


def test_a_format_is_known_by_its_ending_alone() -> None:
    problem = refusal(b"x", "responsibility.docx")
    assert problem.rule is FILE_FORMAT
    assert ".shp" in problem.sentence("zh")
    assert refusal(b"x", "").rule is FILE_FORMAT


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    assert refusal(b'{"type":"FeatureCollection","features":[]}', "a.geojson").rule is FILE_EMPTY
    assert refusal(b"name,lon,lat\n", "a.csv").rule is FILE_EMPTY


def test_a_missing_file_is_one_clear_problem(tmp_path: Path) -> None:
    for name in ("a.gpkg", "a.shp", "a.csv"):
        problem = refusal(tmp_path / "nowhere" / name)
        assert problem.rule is FILE_UNREADABLE
        assert str(tmp_path) not in problem.sentence()


def test_a_column_may_have_the_name_of_the_geometry() -> None:
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [101.83, 36.62]},
        "properties": {"geometry": "a", "geometry_": "b"},
    }
    source = read(json.dumps(feature).encode(), "a.geojson")
    assert source.frame["geometry"].tolist() == ["a"]
    assert source.frame["geometry_"].tolist() == ["b"]
    assert at_place(source)


def test_several_layers_ask_which(tmp_path: Path) -> None:
    path = geopackage(tmp_path / "a.gpkg", "roads", "water")
    problem = refusal(path)
    assert problem.rule is FILE_LAYERS
    assert "roads, water" in problem.sentence()
    assert refusal(path, layer="lakes").rule is FILE_LAYERS
    assert len(read(path, layer="water").frame) == 1
    parts = parts_of(shapefile(tmp_path))
    two = zipped(tmp_path / "a.zip", {f"{n}{s}": p for n in "xy" for s, p in parts.items()})
    assert refusal(two).rule is FILE_LAYERS
    assert len(read(two, layer="y").frame) == 1


# --- CRS ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("code", ["EPSG:4522", "EPSG:4543", "EPSG:32647", "EPSG:3857", "EPSG:4490"])
def test_a_stated_crs_leads_to_longitude_and_latitude(tmp_path: Path, code: str) -> None:
    back = pyproj_point(code)
    source = read(shapefile(tmp_path, code=code, geometry=back))
    assert source.crs_found == code
    assert source.notes == ()
    assert at_place(source)


def pyproj_point(code: str) -> shapely.Point:
    move = Transformer.from_crs("EPSG:4326", code, always_xy=True)
    return shapely.Point(move.transform(PLACE.x, PLACE.y))


def test_an_independent_gauss_kruger_value_is_met(tmp_path: Path) -> None:
    assert at_place(read(shapefile(tmp_path, code="EPSG:4522", geometry=PLACE_4522)))
    assert at_place(read(shapefile(tmp_path, "b", code=None, geometry=PLACE_4522), crs="4522"))


def test_without_crs_degrees_are_taken_and_metres_are_not(tmp_path: Path) -> None:
    source = read(shapefile(tmp_path, code=None))
    assert at_place(source)
    assert [note.rule for note in source.notes] == [CRS_ASSUMED]
    assert refusal(shapefile(tmp_path, "b", code=None, geometry=PLACE_4522)).rule is FILE_CRS
    swapped = read(b'{"type":"Point","coordinates":[36.62,101.83]}', "a.geojson")
    assert at_place(swapped)
    assert [note.rule for note in swapped.notes] == [AXES_SWAPPED]


def test_a_person_overrules_the_file_and_is_told(tmp_path: Path) -> None:
    source = read(shapefile(tmp_path, geometry=PLACE_4522), crs="EPSG:4522")
    assert at_place(source)
    assert [note.rule for note in source.notes] == [CRS_OVERRIDDEN]
    assert "EPSG:4326" in source.notes[0].sentence()


@pytest.mark.parametrize("code", ["EPSG:4610", "EPSG:4214", "EPSG:2381", "EPSG:4555"])
def test_a_datum_with_a_secret_shift_is_refused_and_not_taken_as_it_is(
    tmp_path: Path, code: str
) -> None:
    problem = refusal(shapefile(tmp_path, code=code))
    assert problem.rule is CRS_NEEDS_PARAMETERS
    assert refusal(shapefile(tmp_path, "b", code=None), crs=code).rule is CRS_NEEDS_PARAMETERS


@pytest.mark.parametrize(
    "code", ["", "wgs84", "4326; DROP", "+proj=longlat +nadgrids=/etc/passwd", "EPSG:999999", "/x"]
)
def test_a_crs_from_a_person_is_an_epsg_code(code: str) -> None:
    text = b"name,lon,lat\na,101.83,36.62\n"
    if code:
        assert refusal(text, "a.csv", crs=code).rule is BAD_PARAMETER
    else:
        assert at_place(read(text, "a.csv", crs=code))


def test_a_prj_cannot_make_proj_open_a_file(tmp_path: Path) -> None:
    shp = shapefile(tmp_path)
    wkt = CRS("+proj=longlat +ellps=WGS84 +nadgrids=/etc/passwd").to_wkt("WKT1_GDAL")
    assert "/etc/passwd" in wkt
    shp.with_suffix(".prj").write_text(wkt)
    assert refusal(shp).rule in {CRS_UNKNOWN, FILE_UNREADABLE}
    with pytest.raises(Problem) as caught:
        crs.described(wkt)
    assert caught.value.rule is CRS_UNKNOWN
    assert crs.described(CRS("EPSG:3857").to_wkt("WKT1_GDAL")) is not None


# --- CSV ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "heading", ["lon,lat", "经度,纬度", "Longitude,LATITUDE", "lng,lat", "X,Y", " lon , lat "]
)
def test_csv_places_have_many_names(heading: str) -> None:
    source = read(f"{heading},名称\n101.83,36.62,甲\n".encode(), "a.csv")
    assert source.columns == ("名称",)
    assert at_place(source)


def test_csv_cells_are_texts_and_empty_ones_nothing() -> None:
    text = 'a,b,c,lon,lat\n007,,"x\r\n""y""",101.83,36.62\n\n\'=1,\'\'-,-5,101.83,36.62\n1\n'
    source = read(text.encode(), "a.csv")
    assert source.frame["a"].tolist() == ["007", "=1", "1"]
    assert source.frame["b"].tolist() == [None, "'-", None]
    assert source.frame["c"].tolist() == ['x\r\n"y"', "-5", None]


@given(st.text())
def test_what_csv_escapes_it_gives_back(text: str) -> None:
    escaped = csvfile.escape(text)
    assert csvfile.unescape(escaped) == text
    assert not escaped.startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.lists(st.lists(st.text(alphabet=st.characters(codec="utf-8")), min_size=2, max_size=2)))
def test_what_csv_writes_it_reads(rows: list[list[str]]) -> None:
    located = [(*row, "101.83", "36.62") for row in rows]
    content = b"".join(csvfile.write(["a", "b", "lon", "lat"], [located]))
    table = csvfile.read(content, name="a.csv", hints=Hints(), limits=Limits())
    for n, name in enumerate(("a", "b")):
        assert table.columns[name] == [row[n] or None for row in rows]


def test_csv_in_gbk_is_read_and_what_is_no_text_refused() -> None:
    content = "名称,经度,纬度\n林家崖,101.83,36.62\n".encode("gbk")
    source = read(content, "a.csv")
    assert source.frame["名称"].tolist() == ["林家崖"]
    assert [note.rule for note in source.notes] == [ENCODING_BELIEVED, CRS_ASSUMED]
    problem = refusal(content + b"\xff\xff,1,1\n", "a.csv")
    assert problem.rule is FILE_UNREADABLE
    assert "--encoding" in problem.sentence()
    assert read(content, "a.csv", encoding="GB2312").frame["名称"].tolist() == ["林家崖"]
    for unknown in ("klingon", "hex", "utf-8\0"):
        assert refusal(content, "a.csv", encoding=unknown).rule is BAD_PARAMETER


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,height\na,5\n", "neither columns lon and lat nor wkt"),
        ("a,lon,lat\n1,101,36\n1,101,36,7\n", "row 2 has 4 values, the heading 3"),
        ('a,lon,lat\n"1,101,36\n', "is not CSV"),
        ("", "neither"),
    ],
)
def test_a_broken_csv_is_refused_and_says_where(text: str, said: str) -> None:
    problem = refusal(text.encode(), "a.csv")
    assert problem.rule is FILE_UNREADABLE
    assert said in problem.sentence("en")


def test_a_coordinate_that_is_no_number_is_a_finding_of_its_row() -> None:
    text = b"lon,lat\n101.83,36.62\nabc,36.62\n101.83,nan\n,\n101.83,36.62\n101.83,36.62\n"
    source = read(text, "a.csv")
    found = [(f.rule, f.row, f.column) for f in source.findings]
    assert found == [(GEOMETRY_UNREADABLE, 2, "lon"), (GEOMETRY_UNREADABLE, 3, "lat")]
    assert source.frame.geometry.isna().tolist() == [False, True, True, False, False]
    wkt = b"wkt\nPOINT (101.83 36.62)\nPOINT (101.83\nSRID=4326;POINT (1 2)\n"
    assert [f.row for f in read(wkt, "a.csv").findings] == [2, 3]
    assert len(read(b"wkt\nPOINT (1 1)\nPOINT (1 nan)\n", "a.csv").frame) == 2


# --- shapefiles ---------------------------------------------------------------------------------
def test_a_shapefile_in_gbk_is_never_mojibake(tmp_path: Path) -> None:
    shp = shapefile(tmp_path, encoding="GBK")
    for cpg in ("GBK", "936", "gb2312", "CP936", "ANSI 936 or so", "UTF-8"):
        shp.with_suffix(".cpg").write_text(cpg)
        assert read(shp).frame["name"].tolist() == ["林家崖"]
    shp.with_suffix(".cpg").unlink()
    assert read(shp).frame["name"].tolist() == ["林家崖"]
    assert read(shp, encoding="gbk").frame["name"].tolist() == ["林家崖"]
    assert "--encoding" in refusal(shp, encoding="utf-8").sentence()


def test_a_shapefile_without_cpg_in_utf8_is_read(tmp_path: Path) -> None:
    shp = shapefile(tmp_path)
    shp.with_suffix(".cpg").unlink()
    assert read(shp).frame["name"].tolist() == ["林家崖"]


def test_a_shapefile_needs_its_dbf_and_not_its_shx(tmp_path: Path) -> None:
    shp = shapefile(tmp_path)
    shp.with_suffix(".shx").unlink()
    assert len(read(shp).frame) == 1
    shp.with_suffix(".dbf").rename(tmp_path / "roads.DBF")
    assert len(read(shp).frame) == 1
    (tmp_path / "roads.DBF").unlink()
    assert ".dbf" in refusal(shp).sentence()
    assert ".dbf" in refusal(zipped(tmp_path / "a.zip", {"a.shp": shp})).sentence()


def test_tables_beside_a_shapefile_that_are_not_ours_change_nothing(tmp_path: Path) -> None:
    parts = {f"r{s}": p for s, p in parts_of(shapefile(tmp_path)).items()}
    for other in (b"name,other\nname,code\n", b"column,field\nname\n", b"\xff\xfe\0\0", b'"'):
        path = zipped(tmp_path / "a.zip", {**parts, "fields.csv": other, "values.csv": other})
        assert read(path).columns == ("name",)
    values = b"row,field,value\n1,name,x\n0,name,x\n99999999999,name,x\n-1,name,x\n1,no,x\n"
    path = zipped(tmp_path / "b.zip", {**parts, "values.csv": values})
    assert read(path).frame["name"].tolist() == ["林家崖"]


# --- what means harm ------------------------------------------------------------------------------
def test_gdal_has_four_drivers_and_no_other() -> None:
    assert pyogrio.list_drivers().keys() == {ogr.SHAPEFILE, ogr.GEOPACKAGE, ogr.FLATGEOBUF, ogr.KML}


@pytest.mark.parametrize("ending", files.formats())
def test_a_document_that_points_elsewhere_is_not_followed(tmp_path: Path, ending: str) -> None:
    secret = geopackage(tmp_path / "secret.gpkg", "secret", text="top secret")
    layer = f'<OGRVRTLayer name="secret"><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer>'
    for content in (
        f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>",
        json.dumps({"type": "gdal_streamed_alg", "command_line": f"gdal vector read {secret}"}),
        str(secret),
        f"GPKG:{secret}",
        f"/vsizip/{secret}",
        "http://127.0.0.1:9/x.geojson",
        "<WFS_Capabilities/>",
        "SQLite format 3\0 but not really",
    ):
        problem = refusal(content.encode(), f"a{ending}")
        assert problem.rule is FILE_UNREADABLE
        for lang in ("zh", "en"):
            assert "top secret" not in problem.sentence(lang)
            assert "/tmp" not in problem.sentence(lang)


def test_a_geopackage_cannot_name_another_file(tmp_path: Path) -> None:
    secret = geopackage(tmp_path / "secret.gpkg", "secret", text="top secret")
    path = geopackage(tmp_path / "a.gpkg", "mine")
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA writable_schema = 1")
        evil = f"CREATE VIRTUAL TABLE evil USING VirtualOGR('{secret}')"
        database.execute(
            "INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql)"
            " VALUES ('table', 'evil', 'evil', 0, ?)",
            (evil,),
        )
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id)"
            " VALUES ('evil', 'features', 'evil', 4326)"
        )
        database.execute(
            "INSERT INTO gpkg_geometry_columns VALUES ('evil', 'geom', 'POINT', 4326, 0, 0)"
        )
    database.close()
    for layer in ("evil", None):
        with pytest.raises(Problem) as caught:
            read(path, layer=layer)
        assert "top secret" not in str(caught.value)
        assert str(tmp_path) not in caught.value.sentence()


@pytest.mark.parametrize("cut", [20, 100, 300, 700])
def test_a_torn_file_is_refused_and_names_no_path(tmp_path: Path, cut: int) -> None:
    shp = shapefile(tmp_path)
    packed = zipped(tmp_path / "a.zip", {f"r{s}": p for s, p in parts_of(shp).items()})
    for path in (geopackage(tmp_path / "a.gpkg", "roads"), packed):
        problem = refusal(path.read_bytes()[:cut], path.name)
        assert problem.rule is FILE_UNREADABLE
        assert "gridfield-" not in problem.sentence()


@given(st.binary(max_size=400), st.sampled_from(files.formats()))
def test_any_bytes_under_any_ending_are_a_source_or_a_problem(content: bytes, ending: str) -> None:
    signature = {".gpkg": b"SQLite format 3\0", ".fgb": b"fgb\x03fgb\x00", ".shp": b"\0\0\x27\x0a"}
    for start in (b"", signature.get(ending, b"")):
        with pytest.raises(Problem):
            read(start + content + b"\xff", f"a{ending}")


@pytest.mark.parametrize(
    "name", ["../r.shp", "/r.shp", "a/../../r.shp", "..\\r.shp", "C:\\r.shp", "a/./../../b.shp"]
)
def test_a_zip_with_a_way_out_is_refused(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "a.zip", {name: b"x"})
    assert refusal(path).rule is FILE_UNREADABLE
    assert {entry.name for entry in tmp_path.iterdir()} == {"a.zip"}


def test_a_zip_with_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("r.dbf")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as opened:
        opened.writestr(link, "/etc/passwd")
    assert "symbolic" in refusal(tmp_path / "a.zip").sentence("en")


def test_a_zip_bomb_is_refused_before_it_fills_the_disk(tmp_path: Path) -> None:
    shp = shapefile(tmp_path)
    parts = {f"r{s}": p for s, p in parts_of(shp).items()}
    bomb = zipped(tmp_path / "a.zip", {**parts, "r.dbf": bytes(100 << 20)})
    assert "200 times the packed size" in refusal(bomb).sentence("en")
    large = zipped(tmp_path / "b.zip", {**parts, "r.dbf": bytes(9 << 20)})
    assert refusal(large, bytes=8 << 20).rule is FILE_TOO_LARGE
    many = zipped(tmp_path / "c.zip", {f"{n}.txt": b"" for n in range(5001)})
    assert "members" in refusal(many).sentence("en")


def test_a_zip_that_lies_about_sizes_is_cut_off(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"r.shp": bytes(4 << 20), "r.dbf": b"x"})
    content = bytearray(path.read_bytes())
    where = content.find(struct.pack("<I", 4 << 20), content.find(b"PK\x01\x02"))
    content[where : where + 4] = struct.pack("<I", 10)
    (tmp_path / "b.zip").write_bytes(content)
    assert refusal(tmp_path / "b.zip").rule in {FILE_UNREADABLE, FILE_TOO_LARGE}


def test_an_encrypted_or_empty_zip_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"r.shp": b"x", "r.dbf": b"x"})
    content = bytearray(path.read_bytes())
    for start in (content.find(b"PK\x03\x04") + 6, content.find(b"PK\x01\x02") + 8):
        content[start] |= 1
    assert refusal(bytes(content), "a.zip").rule is FILE_UNREADABLE
    assert "no .shp" in refusal(zipped(tmp_path / "b.zip", {"a.txt": b""})).sentence("en")


def test_what_a_mac_adds_to_a_zip_is_passed_over(tmp_path: Path) -> None:
    parts = {f"r{s}": p for s, p in parts_of(shapefile(tmp_path)).items()}
    path = zipped(tmp_path / "a.zip", {**parts, "__MACOSX/._r.shp": b"x", "__MACOSX/._r.dbf": b""})
    assert len(read(path).frame) == 1


def test_size_and_rows_are_bounded(tmp_path: Path) -> None:
    rows = b"lon,lat\n" + b"101.83,36.62\n" * 10
    assert refusal(rows, "a.csv", bytes=50).rule is FILE_TOO_LARGE
    assert refusal(rows, "a.csv", rows=9).rule is FILE_TOO_LARGE
    assert len(read(rows, "a.csv", rows=10).frame) == 10
    path = geopackage(tmp_path / "a.gpkg", "roads")
    assert refusal(path, bytes=1000).rule is FILE_TOO_LARGE
    assert refusal(shapefile(tmp_path), bytes=200).rule is FILE_TOO_LARGE


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private = tmp_path / "private"
    private.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(private))
    shp = shapefile(tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    read(shp)
    refusal(b"x", "a.gpkg")
    assert list(private.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_an_archive_is_taken_apart_by_stem(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"x/路.SHP": b"1", "x/路.Dbf": b"2", "readme": b""})
    with archive.opened(path, "a.zip", Limits()) as opened:
        stems = archive.by_stem(opened)
    assert stems["x/路"].keys() == {".shp", ".dbf"}
