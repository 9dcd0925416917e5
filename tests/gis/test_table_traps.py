"""Tables and documents as they come in China: Excel, CSV, GeoJSON, KML."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import shapely
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from gis.formats import places
from gis.formats.headings import plain
from gis.refusals.coverage import REPAIR_CLOSED
from gis.refusals.files import (
    AXES_SWAPPED,
    COLUMN_RENAMED,
    CSV_HEADING,
    ENCODING_BELIEVED,
    FILE_CRS,
    FILE_LAYERS,
    FILE_UNREADABLE,
    LEDGER_LEFT_OUT,
    LEDGER_NO_RESULT,
)
from gis.refusals.values import BAD_PARAMETER, GEOMETRY_UNREADABLE
from tests import table_traps
from tests.gis.reading import at_place, read, refusal, rules
from tests.raw_files import OUTER, PLACE, packed

LETTERS = st.characters(codec="gb18030", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp"))


# --- ledgers ------------------------------------------------------------------------------------
def test_a_ledger_in_excel_comes_in_right(tmp_path: Path) -> None:
    path = table_traps.ledger_in_excel(tmp_path)
    assert refusal(path).rule is FILE_CRS
    source = read(path, crs="EPSG:4522")
    frame = source.frame
    assert source.columns == ("序号", "所属社区", "点位", "登记日期", "面积")
    assert frame["所属社区"].tolist() == ["蓝天社区"] * 3
    assert frame["登记日期"].tolist() == ["2017-07-01"] * 3
    assert frame["面积"].tolist() == ["12.5", 33, None]
    assert all(shapely.dwithin(g, shapely.Point(PLACE), 1e-7) for g in frame.geometry)
    assert rules(source) >= {AXES_SWAPPED.slug, LEDGER_NO_RESULT.slug, LEDGER_LEFT_OUT.slug}
    cells = [n.values["cells"] for n in source.notes if n.rule is LEDGER_NO_RESULT]
    assert cells == ["G7"]


@pytest.mark.parametrize(
    "make",
    [table_traps.csv_in_degrees_minutes_seconds, table_traps.ledger_in_degrees_minutes_seconds],
)
def test_degrees_minutes_and_seconds_are_read(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    source = read(make(tmp_path))
    assert shapely.dwithin(source.frame.geometry[0], shapely.Point(PLACE), 1e-9)


def test_csv_from_excel_in_gbk_is_read(tmp_path: Path) -> None:
    assert read(table_traps.csv_in_gbk(tmp_path)).frame["名称"].tolist() == ["林家崖"]


def test_a_heading_below_merged_titles_is_found(tmp_path: Path) -> None:
    source = read(table_traps.ledger_below_a_title(tmp_path))
    belief = source.belief
    assert (belief.heading, belief.part, belief.parts) == (3, "Sheet", ("Sheet", "填表说明"))
    assert source.columns == ("编号", "名称", "登记日期")
    assert source.frame["编号"].tolist() == ["1", "2"]
    assert source.frame["登记日期"].tolist() == ["2017-07-21"] * 2
    assert at_place(source)


def test_a_person_may_say_where_the_heading_is(tmp_path: Path) -> None:
    rows: list[list[object]] = [["经度", "纬度"], [1, 1], ["经度", "纬度"], [101.83, 36.62]]
    path = workbook(tmp_path / "a.xlsx", *rows)
    text = "\n".join(",".join(map(str, row)) for row in rows).encode()
    for source in (read(path, heading=3), read(text, "a.csv", heading=3)):
        assert source.belief.heading == 3
        assert at_place(source)
    for heading in (0, -1, 99):
        assert refusal(path, heading=heading).rule is BAD_PARAMETER
        assert refusal(text, "a.csv", heading=heading).rule is BAD_PARAMETER


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("2017.7.21", "2017-07-21"),
        ("2017年7月21日", "2017-07-21"),
        ("2017/7/21", "2017-07-21"),
        ("20170721", "2017-07-21"),
        (42937, "2017-07-21"),
        ("2017年7月", "2017年7月"),
        ("2017-13-45", "2017-13-45"),
    ],
)
def test_a_date_in_any_everyday_form_is_one(tmp_path: Path, written: object, found: str) -> None:
    path = workbook(tmp_path / "a.xlsx", ["日期", "经度", "纬度"], [written, 101.83, 36.62])
    assert read(path).frame["日期"].tolist() == [found]


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        ("\uff11\uff10\uff11．\uff18\uff13", "\uff13\uff16.\uff16\uff12"),
        ("101°49′48″", "36°37′12″"),
        ("E101°49'48\"", "N36°37'12\""),
        ("东经101度49分48秒", "北纬36度37分12秒"),
        ("101.83°", "36.62°N"),
        ("东经101.83", "北纬36.62度"),
        ("101°49.8′", "36°37.2′"),
    ],
)
def test_a_coordinate_in_any_everyday_form_is_one(tmp_path: Path, lon: str, lat: str) -> None:
    assert at_place(read(workbook(tmp_path / "a.xlsx", ["经度", "纬度"], [lon, lat])), 1e-9)
    assert at_place(read(f"经度,纬度\n{lon},{lat}\n".replace('"', "″").encode(), "a.csv"), 1e-9)


@pytest.mark.parametrize("text", ["101°60′00″", "abc", "", "1_0", "nan", "inf", "101°°", "1,2"])
def test_what_is_no_coordinate_is_none(text: str) -> None:
    assert places.coordinate(text) is None


def workbook(path: Path, *rows: list[object], sheets: int = 1) -> Path:
    book = Workbook()
    book.remove(book.active)
    for n in range(sheets):
        sheet = book.create_sheet(f"表{n + 1}")
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_several_sheets_are_asked_about(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["经度", "纬度"], [101.8, 36.6], sheets=2)
    assert refusal(path).rule is FILE_LAYERS
    source = read(path, layer="表2")
    assert (source.belief.part, source.belief.parts) == ("表2", ("表1", "表2"))


def test_a_workbook_with_entities_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["经度", "纬度"], [101.8, 36.6])
    content = io.BytesIO()
    with zipfile.ZipFile(path) as given, zipfile.ZipFile(content, "w") as changed:
        for member in given.namelist():
            doctype = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' if "sheet1" in member else b""
            changed.writestr(member, doctype + given.read(member))
    assert "DOCTYPE" in refusal(content.getvalue(), "a.xlsx").sentence()


CELLS = st.one_of(st.none(), st.integers(-(2**40), 2**40), st.text(LETTERS, min_size=1, max_size=8))


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=4))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None
)
def test_a_table_written_to_excel_is_read_as_it_was(
    tmp_path: Path, rows: list[tuple[object, object]]
) -> None:
    given = [[n, a, b, 101.8, 36.6] for n, (a, b) in enumerate(rows)]
    assume(not any(str(cell).startswith(("=", "#")) for row in rows for cell in row))
    path = workbook(tmp_path / "a.xlsx", ["号", "甲", "乙", "经度", "纬度"], *given)
    frame = read(path).frame
    for n, column in enumerate(("甲", "乙")):
        written = [row[n] for row in rows]
        found = frame[column].tolist()
        assert [plain(str(v)) for v in found] == [plain(str(v)) for v in written]


# --- KML ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("make", [table_traps.kml, table_traps.kml_in_gbk, table_traps.kmz])
def test_kml_keeps_folders_columns_and_texts(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    source = read(make(tmp_path))
    frame = source.frame
    assert frame["folder"].tolist() == ["蓝天社区/网格", "蓝天社区"]
    assert frame["description"].tolist() == ["<b>门前</b>三包", None]
    assert frame["责任人"].tolist() == ["马占林", None]
    assert frame.geometry[0].equals(shapely.Point(PLACE))
    assert not frame.geometry[0].has_z
    assert frame.geometry[1].equals(shapely.Polygon(OUTER))
    assert [n.row for n in source.notes if n.rule is REPAIR_CLOSED] == [2]


def test_a_document_in_a_folder_of_a_kmz_is_found(tmp_path: Path) -> None:
    assert len(read(table_traps.kmz_in_a_folder(tmp_path)).frame) == 2


def test_kml_of_an_app_is_read(tmp_path: Path) -> None:
    frame = read(table_traps.kml_of_an_app(tmp_path)).frame
    assert frame["责任人"].tolist() == ["马占林", None]
    assert [g.geom_type for g in frame.geometry] == ["MultiPoint", "LineString"]


def test_kml_that_is_broken_says_where() -> None:
    mark = "<Placemark><Point><coordinates>{}</coordinates></Point></Placemark>"
    for bad in ("abc", "101.8", "", "101,,36", "inf,36", "nan,nan"):
        source = read(f"<kml>{mark.format(bad)}{mark.format('101.8,36.6')}</kml>".encode(), "a.kml")
        assert [(f.rule, f.row) for f in source.findings] == [(GEOMETRY_UNREADABLE, 1)]
    deep = "<Folder>" * 200 + "</Folder>" * 200
    for text in ("<kml>", "<gpx/>", '<!DOCTYPE kml [<!ENTITY a "b">]><kml/>', deep):
        assert refusal(text.encode(), "a.kml").rule is FILE_UNREADABLE
    assert "no .kml" in refusal(packed({"a.txt": b""}), "a.kmz").sentence("en")


# --- CSV and GeoJSON ------------------------------------------------------------------------------
def test_a_mark_of_utf8_before_gbk_is_no_proof(tmp_path: Path) -> None:
    source = read(table_traps.csv_in_gbk_with_the_mark_of_utf8(tmp_path))
    assert source.columns == ("名称",)
    assert source.frame["名称"].tolist() == ["林家崖"]
    assert ENCODING_BELIEVED.slug in rules(source)


def test_titles_above_a_csv_are_passed_over_and_told(tmp_path: Path) -> None:
    source = read(table_traps.csv_with_titles(tmp_path))
    assert source.columns == ("编号", "名称")
    assert source.belief.heading == 3
    assert CSV_HEADING.slug in rules(source)


def test_columns_of_one_name_in_a_csv_are_told_apart() -> None:
    source = read(b"a,a,lon,lat,\n1,2,101.83,36.62,\n", "a.csv")
    assert source.columns == ("a", "a_2")
    assert COLUMN_RENAMED.slug in rules(source)


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_other_delimiters_are_known_by_the_heading(delimiter: str) -> None:
    text = "编号,经度,纬度\n1,101.83,36.62\n".replace(",", delimiter)
    assert at_place(read(text.encode("utf-16"), "a.csv"))


def test_latitudes_under_longitude_are_swapped_and_told(tmp_path: Path) -> None:
    source = read(table_traps.csv_swapped(tmp_path))
    assert at_place(source)
    assert AXES_SWAPPED.slug in rules(source)
    # Far in the west the longitude would pass for a latitude.
    assert (
        read(b"lon,lat\n43.8,87.6\n", "a.csv").frame.geometry[0].equals(shapely.Point(87.6, 43.8))
    )


def test_a_survey_with_north_first_is_swapped_and_told(tmp_path: Path) -> None:
    path = table_traps.survey_points(tmp_path)
    problem = refusal(path)
    assert problem.rule is FILE_CRS
    assert [(f.values["crs"], f.values["swapped"]) for f in problem.findings] == [
        ("EPSG:4522", True)
    ]
    source = read(path, crs="EPSG:4522")
    assert at_place(source)
    assert source.frame["点号"].tolist() == ["J1"]
    assert AXES_SWAPPED.slug in rules(source)


def test_geojson_in_gbk_is_read_and_told(tmp_path: Path) -> None:
    source = read(table_traps.geojson_in_gbk(tmp_path))
    assert source.frame["名称"].tolist() == ["林家崖"]
    assert ENCODING_BELIEVED.slug in rules(source)


def test_traditional_letters_are_read_when_a_person_says_so() -> None:
    text = "名稱,經度,緯度\n蘭天,101.83,36.62\n".encode("big5")
    source = read(text, "a.csv", encoding="big5")
    assert source.frame["名稱"].tolist() == ["蘭天"]


def test_geojson_of_mixed_types_keeps_every_row(tmp_path: Path) -> None:
    frame = read(table_traps.geojson_mixed(tmp_path)).frame
    kinds = [None if g is None else g.geom_type for g in frame.geometry]
    assert kinds == ["Point", "Polygon", None, "Polygon"]
    assert frame.geometry[3].is_empty
    assert frame["p1"].tolist() == [None, 1, None, None]


def test_mixed_and_empty_geometries_keep_their_rows() -> None:
    text = b'wkt\nPOINT (101.8 36.6)\nPOLYGON EMPTY\n"LINESTRING (101.8 36.6, 101.9 36.6)"\n'
    kinds = [g.geom_type for g in read(text, "a.csv").frame.geometry]
    assert kinds == ["Point", "Polygon", "LineString"]
