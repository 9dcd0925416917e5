"""Shapefiles as they come in China: each comes in right, or is refused with the reason."""

from collections.abc import Callable
from pathlib import Path

import pytest
import shapely
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyproj import CRS

from gis import measure
from gis.belief import Basis
from gis.errors import Problem
from gis.formats import encoding
from gis.formats.encoding import Text, judge, understood
from gis.geometry import check
from gis.refusals.coordinates import CRS_MISFIT, CRS_NEEDS_PARAMETERS, CRS_UNKNOWN
from gis.refusals.coverage import GEOMETRY_REPAIRED, REPAIR_CLOSED
from gis.refusals.files import (
    AXES_SWAPPED,
    COLUMN_CUT,
    COLUMN_RENAMED,
    CRS_ASSUMED,
    CRS_GUESSED,
    CRS_OVERRIDDEN,
    CRS_UNUSABLE,
    ENCODING_BELIEVED,
    FILE_CRS,
    FILE_LAYERS,
    FILE_UNREADABLE,
    VALUE_CUT,
)
from tests import raw_files, shapefile_traps
from tests.gis.reading import at_place, read, refusal, rules
from tests.raw_files import OUTER, PLACE, POND, dbf

REAL = Path(__file__).parents[2].parent / "shared" / "data" / "shp_traps"
needs_real = pytest.mark.skipif(not REAL.exists(), reason=f"{REAL.name} is not beside the project")


# --- encodings ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "make", [shapefile_traps.gbk_with_lying_cpg, shapefile_traps.utf8_with_lying_cpg]
)
def test_a_lying_cpg_is_overruled_and_told(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    source = read(make(tmp_path))
    assert source.frame["name"].tolist() == ["站西社区第一网格"]
    assert ENCODING_BELIEVED.slug in rules(source)
    assert source.encoding is not None
    assert source.encoding.certain


def test_gbk_without_a_cpg_is_believed_and_a_person_overrules(tmp_path: Path) -> None:
    shp = shapefile_traps.gbk_without_cpg(tmp_path)
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
    shp = raw_files.shapefile(tmp_path / "a.shp", rows=[row], cpg=cpg)
    assert read(shp).frame["name"].tolist() == ["路"]


def test_a_language_driver_decides_where_bytes_leave_it_open(tmp_path: Path) -> None:
    row = ["路".encode("gbk")]
    shp = raw_files.shapefile(tmp_path / "a.shp", rows=[row])
    doubtful = read(shp).encoding
    assert doubtful is not None
    assert not doubtful.certain
    shp.with_suffix(".dbf").write_bytes(dbf([(b"name", 9)], [row], language=0x4D))
    sure = read(shp).encoding
    assert sure is not None
    assert sure.certain


def test_bytes_of_no_encoding_are_refused(tmp_path: Path) -> None:
    shp = raw_files.shapefile(tmp_path / "a.shp", rows=[[b"\xff\xff\x80"]])
    assert "--encoding" in refusal(shp).sentence()


def test_a_cpg_may_have_a_mark_and_blanks(tmp_path: Path) -> None:
    source = read(shapefile_traps.cpg_with_mark(tmp_path))
    assert source.frame["name"].tolist() == ["路"]
    assert ENCODING_BELIEVED.slug not in rules(source)
    shp = tmp_path / "cpg_with_mark.shp"
    for word in ("GBK".encode("utf-16"), b'"gbk"\0', b"gb-18030"):
        shp.with_suffix(".cpg").write_bytes(word)
        assert ENCODING_BELIEVED.slug not in rules(read(shp))


def test_chinese_in_one_field_tells_the_encoding_of_all(tmp_path: Path) -> None:
    source = read(shapefile_traps.chinese_in_one_field(tmp_path))
    assert source.frame["note"].tolist() == [None, "门前三包"]
    assert source.belief.encoding == "gb18030"


def test_a_deleted_row_is_none_and_shifts_no_number(tmp_path: Path) -> None:
    source = read(shapefile_traps.deleted_row(tmp_path))
    assert source.frame["name"].tolist() == ["林家崖"]
    assert [n.row for n in source.notes if n.rule is VALUE_CUT] == [1]


def test_a_dbf_of_another_shp_is_refused(tmp_path: Path) -> None:
    problem = refusal(shapefile_traps.table_of_another_file(tmp_path))
    assert problem.rule is FILE_UNREADABLE
    assert "3 个图形" in problem.sentence()
    assert "1 行" in problem.sentence()
    rows = [[b"a"], [b"b"]]
    more = raw_files.shapefile(tmp_path / "more.shp", rows=rows)
    assert "do not belong together" in refusal(more).sentence("en")


def test_a_value_and_names_cut_inside_a_letter_keep_their_readable_part(tmp_path: Path) -> None:
    source = read(shapefile_traps.values_cut_inside_a_letter(tmp_path))
    assert source.frame["name"].tolist() == ["林家崖"]
    assert [n.row for n in source.notes if n.rule is VALUE_CUT] == [1]
    source = read(shapefile_traps.names_cut_inside_a_letter(tmp_path))
    assert source.columns == ("网格编", "网格名", "网格_1")
    assert source.frame["网格名"].tolist() == ["站西"]
    assert COLUMN_CUT.slug in rules(source)


def test_a_text_that_fills_the_widest_field_is_told(tmp_path: Path) -> None:
    assert VALUE_CUT.slug in rules(read(shapefile_traps.long_text(tmp_path)))


def test_columns_of_one_name_are_told_apart(tmp_path: Path) -> None:
    source = read(shapefile_traps.names_twice(tmp_path))
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
    source = read(shapefile_traps.zip_with_names_in_gbk(tmp_path))
    assert source.frame["网格名称"].tolist() == ["站西社区第一网格"]
    members = raw_files.parts(shapefile_traps.gbk_without_cpg(tmp_path), "a", "gbk")
    members |= raw_files.parts(shapefile_traps.long_text(tmp_path), "乗社区", "gbk")
    several = raw_files.zip_without_flags(tmp_path / "several.zip", members)
    assert "乗社区" in refusal(several).sentence()  # its second byte is a backslash
    assert read(several, layer="乗社区").columns == ("note",)


def test_a_way_out_written_in_gbk_is_refused(tmp_path: Path) -> None:
    members = {"网格/../../边界.shp".encode("gbk"): b"x"}
    path = raw_files.zip_without_flags(tmp_path / "a.zip", members)
    assert refusal(path).rule is FILE_UNREADABLE


def test_a_zip_of_capitals_is_opened(tmp_path: Path) -> None:
    source = read(shapefile_traps.zip_in_capitals(tmp_path))
    assert source.frame["网格长"].tolist() == ["马占林"]
    assert (source.belief.part, source.belief.parts) == ("WANGGE", ("WANGGE",))


def test_two_shapefiles_of_one_name_are_asked_about(tmp_path: Path) -> None:
    path = shapefile_traps.two_shapefiles_in_a_zip(tmp_path)
    problem = refusal(path)
    assert problem.rule is FILE_LAYERS
    assert "旧/网格" in problem.sentence()
    source = read(path, layer="新/网格")
    assert (source.belief.part, source.belief.parts) == ("新/网格", ("旧/网格", "新/网格"))


def test_shapes_without_their_dbf_are_refused(tmp_path: Path) -> None:
    assert ".dbf" in refusal(shapefile_traps.without_dbf(tmp_path)).sentence()


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
    shp = raw_files.shapefile(
        tmp_path / "a.shp",
        records=[raw_files.point(*PLACE)] * len(rows),
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
        shapefile_traps.ring_reversed,
        shapefile_traps.hole_same_turning,
        shapefile_traps.both_counter_clockwise,
        shapefile_traps.ring_unclosed,
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
    source = read(shapefile_traps.bow_tie(tmp_path))
    assert check(source.frame.geometry[0], ("Polygon",)) is not None
    assert GEOMETRY_REPAIRED.slug not in rules(source)


def test_a_row_without_a_shape_stays_a_row(tmp_path: Path) -> None:
    frame = read(shapefile_traps.null_shapes(tmp_path)).frame
    assert frame.geometry.isna().tolist() == [True, False]
    assert frame["name"].tolist() == ["a", "b"]


@pytest.mark.parametrize(
    "make", [shapefile_traps.gauss_kruger_without_prj, shapefile_traps.gauss_kruger_swapped]
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
    assert (AXES_SWAPPED.slug in rules(source)) == (make is shapefile_traps.gauss_kruger_swapped)


# --- the .prj -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "make", [shapefile_traps.cgcs2000_in_gauss_kruger, shapefile_traps.prj_in_gbk]
)
def test_a_prj_of_gauss_kruger_is_certain(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    source = read(make(tmp_path))
    assert at_place(source)
    belief = source.belief
    assert (belief.crs, belief.crs_basis, belief.datum_basis) == (
        "EPSG:4543",
        Basis.STATED,
        Basis.STATED,
    )
    assert not belief.datum_in_doubt
    assert belief.operation is not None
    assert belief.operation["accuracy_m"] == 1.0


@pytest.mark.parametrize("kind", ["WKT1_ESRI", "WKT1_GDAL", "WKT2_2019"])
@pytest.mark.parametrize("code", [4543, 4490, 2379, 4610, 32647])
def test_a_prj_is_known_in_every_kind_of_wkt(tmp_path: Path, code: int, kind: str) -> None:
    shp = shapefile_traps.prj_empty(tmp_path)
    shp.with_suffix(".prj").write_text(CRS(code).to_wkt(kind))
    assert read(shp, crs="EPSG:4326").crs_found == f"EPSG:{code}"
    if code in {2379, 4610}:  # Xian 1980
        assert refusal(shp).rule is CRS_NEEDS_PARAMETERS


def test_a_prj_of_xian_1980_needs_parameters(tmp_path: Path) -> None:
    assert refusal(shapefile_traps.prj_of_xian_1980(tmp_path)).rule is CRS_NEEDS_PARAMETERS


def test_a_prj_of_another_zone_is_refused_with_what_fits(tmp_path: Path) -> None:
    shp = shapefile_traps.prj_of_another_zone(tmp_path)
    problem = refusal(shp)
    assert problem.rule is CRS_MISFIT
    assert [f.values["crs"] for f in problem.findings] == ["EPSG:4522"]
    source = read(shp, crs="EPSG:4522")
    assert at_place(source)
    assert CRS_OVERRIDDEN.slug in rules(source)


def test_an_empty_prj_says_nothing(tmp_path: Path) -> None:
    source = read(shapefile_traps.prj_empty(tmp_path))
    assert CRS_ASSUMED.slug in rules(source)
    assert source.crs_found is None


def test_a_prj_that_names_no_crs_is_not_passed_over(tmp_path: Path) -> None:
    shp = shapefile_traps.prj_of_no_crs(tmp_path)
    assert refusal(shp).rule is CRS_UNKNOWN
    assert at_place(read(shp, crs="EPSG:4326"))


def test_a_prj_of_a_projection_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    shp = shapefile_traps.cgcs2000_in_gauss_kruger(tmp_path)
    prj = shapefile_traps.PRJ_4543.replace("Gauss_Kruger", "Gauss_Krueger_von_Xining")
    shp.with_suffix(".prj").write_text(prj)
    assert refusal(shp).rule in {CRS_UNUSABLE, CRS_UNKNOWN}


def test_heights_and_measures_are_left_aside(tmp_path: Path) -> None:
    source = read(shapefile_traps.points_with_heights(tmp_path))
    assert at_place(source)
    assert not source.frame.has_z.any()
