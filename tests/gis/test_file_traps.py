"""Files as they come in China: each comes in right, or is refused with the reason."""

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import shapely
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from gis import files, measure
from gis.errors import (
    AXES_SWAPPED,
    COLUMN_CUT,
    COLUMN_RENAMED,
    CRS_GUESSED,
    ENCODING_BELIEVED,
    FILE_CRS,
    FILE_LAYERS,
    FILE_TOO_LARGE,
    FILE_UNREADABLE,
    GEOMETRY_REPAIRED,
    GEOMETRY_UNREADABLE,
    LEDGER_LEFT_OUT,
    LEDGER_NO_RESULT,
    REPAIR_CLOSED,
    VALUE_CUT,
    Problem,
)
from gis.files import Hints, Limits, Source
from gis.formats import encoding, places
from gis.formats.encoding import Text, judge, understood
from gis.geometry import check
from tests import make_traps
from tests.make_traps import OUTER, PLACE, POND, dbf

REAL = Path(__file__).parents[2].parent / "shared" / "data" / "shp_traps"
needs_real = pytest.mark.skipif(not REAL.exists(), reason=f"{REAL.name} is not beside the project")


def read(given: Path | bytes, name: str | None = None, **hints: str) -> Source:
    opened = io.BytesIO(given) if isinstance(given, bytes) else given
    return files.read(opened, name=name, hints=Hints(**hints))


def refusal(given: Path | bytes, name: str | None = None, **hints: str) -> Problem:
    with pytest.raises(Problem) as caught:
        read(given, name, **hints)
    return caught.value


def rules(source: Source) -> set[str]:
    return {note.rule.slug for note in source.notes}


# --- encodings ----------------------------------------------------------------------------------
@pytest.mark.parametrize("make", [make_traps.gbk_with_lying_cpg, make_traps.utf8_with_lying_cpg])
def test_a_lying_cpg_is_overruled_and_told(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    source = read(make(tmp_path))
    assert source.frame["name"].tolist() == ["站西社区第一网格"]
    assert ENCODING_BELIEVED.slug in rules(source)
    assert source.encoding is not None
    assert source.encoding.certain


def test_gbk_without_a_cpg_is_believed_and_a_person_overrules(tmp_path: Path) -> None:
    shp = make_traps.gbk_without_cpg(tmp_path)
    source = read(shp)
    assert source.columns == ("网格名称", "网格长")
    assert source.frame["网格长"].tolist() == ["马占林"]
    assert ENCODING_BELIEVED.slug in rules(source)
    told = read(shp, encoding="big5hkscs")
    assert told.encoding is not None
    assert told.encoding.name == "big5hkscs"
    assert told.frame.iloc[0, 1] != "马占林"
    assert "--encoding" in refusal(shp, encoding="utf-8").sentence()


@pytest.mark.parametrize("cpg", ["936", "GBK", "CP936", "GB2312", "ANSI 936", "54936", "OEM", ""])
def test_every_way_to_say_gbk_is_understood(tmp_path: Path, cpg: str) -> None:
    row = ["路".encode("gbk")]  # which is UTF-8 as well, a middle dot
    shp = make_traps.shapefile(tmp_path / "a.shp", rows=[row], cpg=cpg)
    assert read(shp).frame["name"].tolist() == ["路"]


def test_a_language_driver_decides_where_bytes_leave_it_open(tmp_path: Path) -> None:
    row = ["路".encode("gbk")]
    shp = make_traps.shapefile(tmp_path / "a.shp", rows=[row])
    doubtful = read(shp).encoding
    assert doubtful is not None
    assert not doubtful.certain
    shp.with_suffix(".dbf").write_bytes(dbf([(b"name", 9)], [row], language=0x4D))
    sure = read(shp).encoding
    assert sure is not None
    assert sure.certain


def test_bytes_of_no_encoding_are_refused(tmp_path: Path) -> None:
    shp = make_traps.shapefile(tmp_path / "a.shp", rows=[[b"\xff\xff\x80"]])
    assert "--encoding" in refusal(shp).sentence()


def test_a_value_and_names_cut_inside_a_letter_keep_their_readable_part(tmp_path: Path) -> None:
    source = read(make_traps.values_cut_inside_a_letter(tmp_path))
    assert source.frame["name"].tolist() == ["林家崖"]
    assert [n.row for n in source.notes if n.rule is VALUE_CUT] == [1]
    source = read(make_traps.names_cut_inside_a_letter(tmp_path))
    assert source.columns == ("网格编", "网格名", "网格_1")
    assert source.frame["网格名"].tolist() == ["站西"]
    assert COLUMN_CUT.slug in rules(source)


def test_a_text_that_fills_the_widest_field_is_told(tmp_path: Path) -> None:
    assert VALUE_CUT.slug in rules(read(make_traps.long_text(tmp_path)))


def test_columns_of_one_name_are_told_apart(tmp_path: Path) -> None:
    source = read(make_traps.names_twice(tmp_path))
    assert source.columns == ("name", "name_2", "field")
    assert source.frame.iloc[0, :3].tolist() == ["a", "b", "c"]
    assert COLUMN_RENAMED.slug in rules(source)


@needs_real
def test_real_shapefiles_come_in_right() -> None:
    assert read(REAL / "chinese_poly.shp").frame["NAME"].tolist() == ["黑龙江省"]
    source = read(REAL / "t_gbk_00_None.shp")
    assert source.columns == ("网格编码", "网格名称", "网格长姓名")
    assert source.frame["网格长姓名"].tolist() == ["马占林", "韩生龙"]
    cut = read(REAL / "utf8_cut_fieldnames.shp")
    assert cut.columns == ("网格编", "网格名", "网格长", "网格_1")


def test_a_zip_whose_names_are_gbk_is_opened(tmp_path: Path) -> None:
    source = read(make_traps.zip_with_names_in_gbk(tmp_path))
    assert source.frame["网格名称"].tolist() == ["站西社区第一网格"]
    members = make_traps.parts(make_traps.gbk_without_cpg(tmp_path), "a", "gbk")
    members |= make_traps.parts(make_traps.long_text(tmp_path), "乗社区", "gbk")
    several = make_traps.zip_without_flags(tmp_path / "several.zip", members)
    assert "乗社区" in refusal(several).sentence()  # its second byte is a backslash
    assert read(several, layer="乗社区").columns == ("note",)


def test_a_way_out_written_in_gbk_is_refused(tmp_path: Path) -> None:
    members = {"网格/../../边界.shp".encode("gbk"): b"x"}
    path = make_traps.zip_without_flags(tmp_path / "a.zip", members)
    assert refusal(path).rule is FILE_UNREADABLE


# Each example writes the same file again, and a busy machine is no fault.
IN_A_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
LETTERS = st.characters(codec="gb18030", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp"))


@given(st.lists(st.text(LETTERS, max_size=8), min_size=1, max_size=4), st.data())
def test_a_text_is_read_as_it_was_written_or_doubted(texts: list[str], data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(["utf-8", "gb18030"]))
    believed = judge([Text(text.encode(code)) for text in texts])
    assert believed is not None
    read_back = [text.encode(code).decode(believed.name, "replace") for text in texts]
    everyday = all(len(c.encode("gb2312", "ignore")) for text in texts for c in text)
    if everyday and believed.certain:
        assert read_back == texts


@given(
    st.lists(st.text(LETTERS, min_size=1, max_size=12), min_size=1, max_size=3),
    st.sampled_from([("utf-8", "UTF-8"), ("gb18030", "GBK"), ("gb18030", "54936")]),
    st.integers(4, 20),
)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None
)
def test_a_dbf_in_a_stated_encoding_gives_each_text_back_or_its_beginning(
    tmp_path: Path, texts: list[str], code: tuple[str, str], width: int
) -> None:
    rows = [[text.encode(code[0])] for text in texts]
    # A stated GBK whose bytes are UTF-8 as well is overruled, which other tests are about.
    assume(code[0] == "utf-8" or judge([Text(row[0]) for row in rows], code[0]).name == "gb18030")
    shp = make_traps.shapefile(
        tmp_path / "a.shp",
        records=[make_traps.point(*PLACE)] * len(rows),
        fields=[(b"name", width)],
        rows=rows,
        cpg=code[1],
    )
    try:
        source = read(shp)
    except Problem:
        return
    if source.encoding is None or source.encoding.name != code[0]:
        assert ENCODING_BELIEVED.slug in rules(source)
        return
    for text, value in zip(texts, source.frame["name"], strict=True):
        whole = text.encode(code[0]) == text.encode(code[0])[:width]
        assert (value or "") == text if whole else text.startswith(value or "")


@pytest.mark.parametrize("said", ["OEM", "System", "", "klingon", "hex", "utf-16", "utf-7", "ANSI"])
def test_a_word_that_says_no_encoding_is_no_encoding(said: str) -> None:
    assert understood(said) is None


def test_a_person_may_name_any_encoding_of_texts() -> None:
    assert encoding.named("utf-16") == "utf-16"
    text = "名称,经度,纬度\n林家崖,101.83,36.62\n"
    assert read(text.encode("utf-16"), "a.csv").frame["名称"].tolist() == ["林家崖"]


# --- geometries ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "make",
    [
        make_traps.ring_reversed,
        make_traps.hole_same_turning,
        make_traps.both_counter_clockwise,
        make_traps.ring_unclosed,
    ],
)
def test_rings_that_turn_or_end_wrongly_have_the_right_area(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    source = read(make(tmp_path))
    right = measure.areas_m2([shapely.Polygon(OUTER, [POND])])[0]
    found = source.frame.geometry[0]
    assert check(found, ("Polygon",)) is None
    assert measure.areas_m2([found])[0] == pytest.approx(right, rel=1e-9)
    assert rules(source) & {GEOMETRY_REPAIRED.slug, REPAIR_CLOSED.slug}


def test_what_may_mean_two_things_stays_for_the_import_to_refuse(tmp_path: Path) -> None:
    source = read(make_traps.bow_tie(tmp_path))
    assert check(source.frame.geometry[0], ("Polygon",)) is not None
    assert GEOMETRY_REPAIRED.slug not in rules(source)


def test_a_row_without_a_shape_stays_a_row(tmp_path: Path) -> None:
    frame = read(make_traps.null_shapes(tmp_path)).frame
    assert frame.geometry.isna().tolist() == [True, False]
    assert frame["name"].tolist() == ["a", "b"]


def test_mixed_and_empty_geometries_keep_their_rows() -> None:
    text = b'wkt\nPOINT (101.8 36.6)\nPOLYGON EMPTY\n"LINESTRING (101.8 36.6, 101.9 36.6)"\n'
    kinds = [g.geom_type for g in read(text, "a.csv").frame.geometry]
    assert kinds == ["Point", "Polygon", "LineString"]


@pytest.mark.parametrize(
    "make", [make_traps.gauss_kruger_without_prj, make_traps.gauss_kruger_swapped]
)
def test_metres_without_a_crs_are_asked_about_and_told_apart(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    shp = make(tmp_path)
    problem = refusal(shp)
    assert problem.rule is FILE_CRS
    assert [f.values["crs"] for f in problem.findings if f.rule is CRS_GUESSED] == ["EPSG:4522"]
    source = read(shp, crs="EPSG:4522")
    assert shapely.dwithin(source.frame.geometry[0], shapely.Point(PLACE), 1e-7)
    assert (AXES_SWAPPED.slug in rules(source)) == (make is make_traps.gauss_kruger_swapped)


# --- ledgers ------------------------------------------------------------------------------------
def test_a_ledger_in_excel_comes_in_right(tmp_path: Path) -> None:
    path = make_traps.ledger_in_excel(tmp_path)
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
    [make_traps.csv_in_degrees_minutes_seconds, make_traps.ledger_in_degrees_minutes_seconds],
)
def test_degrees_minutes_and_seconds_are_read(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    source = read(make(tmp_path))
    assert shapely.dwithin(source.frame.geometry[0], shapely.Point(PLACE), 1e-9)


def test_csv_from_excel_in_gbk_is_read(tmp_path: Path) -> None:
    assert read(make_traps.csv_in_gbk(tmp_path)).frame["名称"].tolist() == ["林家崖"]


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
    assert len(read(path, layer="表2").frame) == 1


def test_a_workbook_is_bounded(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["经度", "纬度"], *[[101.8, 36.6]] * 100)
    with pytest.raises(Problem) as caught:
        files.read(path, limits=Limits(rows=99))
    assert caught.value.rule is FILE_TOO_LARGE


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
        assert [places.plain(str(v)) for v in found] == [places.plain(str(v)) for v in written]


# --- KML ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("make", [make_traps.kml, make_traps.kml_in_gbk, make_traps.kmz])
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


def test_kml_that_is_broken_says_where() -> None:
    mark = "<Placemark><Point><coordinates>{}</coordinates></Point></Placemark>"
    for bad in ("abc", "101.8", "", "101,,36"):
        source = read(f"<kml>{mark.format(bad)}{mark.format('101.8,36.6')}</kml>".encode(), "a.kml")
        assert [(f.rule, f.row) for f in source.findings] == [(GEOMETRY_UNREADABLE, 1)]
    deep = "<Folder>" * 200 + "</Folder>" * 200
    for text in ("<kml>", "<gpx/>", '<!DOCTYPE kml [<!ENTITY a "b">]><kml/>', deep):
        assert refusal(text.encode(), "a.kml").rule is FILE_UNREADABLE
    assert "no .kml" in refusal(_zip({"a.txt": b""}), "a.kmz").sentence("en")


def _zip(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        for name, text in members.items():
            packed.writestr(name, text)
    return content.getvalue()


# --- no input ends in a traceback -----------------------------------------------------------------
@pytest.mark.parametrize("make", make_traps.TRAPS)
def test_a_trap_with_broken_bytes_is_a_source_or_a_problem(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    path = make(tmp_path)
    broken = {path, path.with_suffix(".dbf")} if path.suffix == ".shp" else {path}
    for part in broken:
        content = part.read_bytes()
        for at in range(0, len(content), max(1, len(content) // 12)):
            part.write_bytes(content[:at] + b"\xff\xff\xff\xff" + content[at + 4 :])
            with suppress(Problem):
                read(path)
        part.write_bytes(content)
