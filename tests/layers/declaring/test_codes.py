"""Division and grid codes: which part is wrong and why, and numbers in reading order."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import Finding, Problem, Rule
from gis.geometry import Geometries
from gis.reading_order import reading_order
from layers.declaring import codes
from layers.declaring.dividing import Level
from layers.declaring.values import Refused, check, parse
from layers.declaring.words import Code, Field, Label, Layer
from layers.refusals.codes import (
    CODE_CHARACTER,
    CODE_DIVISION,
    CODE_LENGTH,
    CODE_LEVEL,
    CODE_NUMBER,
    CODE_PARENT,
    CODE_PART,
    CODES_EXHAUSTED,
)
from layers.registry import Registry
from tests.factories import record

DIVISION, GRID = Code.DIVISION, Code.GRID
LANTIAN, ZHANXI = "630102007001", "630102007004"

# An independent statement of what a right code is.
_PROVINCE = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])"
_COUNTY = rf"(?:{_PROVINCE}(?!00)\d\d(?!00)\d\d|(?:441900|442000|460400|620200))"
_STREET = rf"{_COUNTY}(?!000)\d\d\d"
_COMMUNITY = rf"{_STREET}(?!000)[0-5]\d\d"
RIGHT_DIVISION = re.compile(
    rf"{_COMMUNITY}|{_STREET}000|{_COUNTY}0{{6}}|{_PROVINCE}\d\d0{{8}}", re.ASCII
)
RIGHT_GRID = re.compile(rf"{_COMMUNITY}(?!000)\d\d\d", re.ASCII)


def fault(kind: Code, text: str) -> Finding:
    found = codes.check(kind, text)
    assert found is not None
    return found


# --- one code -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "code",
    [
        "630000000000",
        "630100000000",
        "630102000000",
        "630102007000",
        "630102007001",
        "630102007199",
        "630102007203",
        "630102007498",
        "630102007599",
        "110101001001",
        "469001100201",
        "659001500401",
        "820000000000",
        "441900003001",  # 东莞 has no counties
        "442000001000",
    ],
)
def test_right_division_codes_pass(code: str) -> None:
    assert codes.check(DIVISION, code) is None


@pytest.mark.parametrize("code", ["630102007001001", "630102007203999", "441900003001014"])
def test_right_grid_codes_pass(code: str) -> None:
    assert codes.check(GRID, code) is None


@pytest.mark.parametrize(
    ("kind", "code", "part", "found"),
    [
        (DIVISION, "990102007001", "1–2", "99"),
        (DIVISION, "000000000000", "1–2", "00"),
        (DIVISION, "160102007001", "1–2", "16"),
        (DIVISION, "630002007001", "3–4", "00"),
        (DIVISION, "630002000000", "3–4", "00"),
        (DIVISION, "630100007000", "5–6", "00"),
        (DIVISION, "630102000001", "7–9", "000"),
        (DIVISION, "630102007600", "10–12", "600"),
        (DIVISION, "630102007999", "10–12", "999"),
        (GRID, "170102007001001", "1–2", "17"),
        (GRID, "630100007001001", "5–6", "00"),
        (GRID, "630102000001001", "7–9", "000"),
        (GRID, "630102007000001", "10–12", "000"),
        (GRID, "630102007000000", "10–12", "000"),
        (GRID, "630102007700001", "10–12", "700"),
        (GRID, "630102007001000", "13–15", "000"),
        (GRID, "630102000000000", "7–9", "000"),
    ],
)
def test_the_wrong_part_is_named(kind: Code, code: str, part: str, found: str) -> None:
    wrong = fault(kind, code)
    assert wrong.rule is CODE_PART
    assert wrong.value == code
    assert f"第 {part} 位" in wrong.sentence("zh")
    assert f"characters {part} of" in wrong.sentence("en")
    for lang in ("zh", "en"):
        assert f" {found}" in wrong.sentence(lang)
        assert part in wrong.suggestion(lang)


@pytest.mark.parametrize(
    ("kind", "code", "said_zh", "said", "suggestion"),
    [
        (DIVISION, "63010200700", "少 1 位", "1 too few", "表格软件会去掉"),
        (DIVISION, "63010200700100", "多 2 位", "2 too many", "与原始资料核对"),
        (DIVISION, "630102", "少 6 位", "6 too few", "可能是 630102000000"),
        (DIVISION, "630102007", "少 3 位", "3 too few", "可能是 630102007000"),
        (DIVISION, "630102007001014", "多 3 位", "3 too many", "可能是 630102007001"),
        (DIVISION, "000630102007001", "多 3 位", "3 too many", "可能是 630102007001"),
        (GRID, "6301020070011", "少 2 位", "2 too few", "可能是 630102007001001"),
        (GRID, "630102007001", "少 3 位", "3 too few", "缺 3 位网格顺序号"),
        (GRID, "6301020070010011", "多 1 位", "1 too many", "与原始资料核对"),
        (GRID, "1", "少 14 位", "14 too few", "“文本”格式"),
    ],
)
def test_a_wrong_length_is_counted_and_the_likely_code_is_named(
    kind: Code, code: str, said_zh: str, said: str, suggestion: str
) -> None:
    wrong = fault(kind, code)
    assert wrong.rule is CODE_LENGTH
    assert said_zh in wrong.sentence("zh")
    assert said in wrong.sentence("en")
    assert suggestion in wrong.suggestion("zh")
    assert wrong.suggestion("en")


@pytest.mark.parametrize(
    ("code", "position", "found"),
    [
        ("63010200700O", 12, "O"),
        ("-630102007001", 1, "-"),
        ("6301 02007001", 5, "U+0020"),
        ("630102007001\n", 13, "U+000A"),
        ("630102-007-001", 7, "-"),
        ("630,102,007,001", 4, ","),
        ("٦30102007001", 1, "٦"),
        ("63010200700²", 12, "²"),
        ("蓝天社区", 1, "蓝"),
    ],
)
def test_what_is_no_digit_is_shown_with_its_place(code: str, position: int, found: str) -> None:
    wrong = fault(DIVISION, code)
    assert wrong.rule is CODE_CHARACTER
    assert f"第 {position} 位是“{found}”" in wrong.sentence("zh")
    assert f"character {position} of" in wrong.sentence("en")


@pytest.mark.parametrize(
    "code", ["6.30102E+14", "6.30102007001E+11", "6e11", "630102007001.0", "630102007001.", "1E5"]
)
def test_a_number_made_by_a_spreadsheet_is_told_as_such(code: str) -> None:
    wrong = fault(GRID, code)
    assert wrong.rule is CODE_NUMBER
    assert "“文本”格式" in wrong.suggestion("zh")
    assert "as text" in wrong.suggestion("en")


digits = st.sampled_from(["00", "01", "02", "19", "44", "63", "82", "99"])
places = st.sampled_from(["000", "001", "007", "199", "200", "599", "600", "999"])


@given(st.tuples(digits, digits, digits, places, places).map("".join))
def test_a_division_code_is_right_when_its_parts_are(code: str) -> None:
    assert (codes.check(DIVISION, code) is None) == bool(RIGHT_DIVISION.fullmatch(code))


@given(st.tuples(digits, digits, digits, places, places, places).map("".join))
def test_a_grid_code_is_right_when_its_parts_are(code: str) -> None:
    assert (codes.check(GRID, code) is None) == bool(RIGHT_GRID.fullmatch(code))


@given(st.sampled_from(list(Code)), st.text() | st.text("0123456789.eE+-", max_size=18))
def test_any_text_is_a_code_or_gets_a_sentence_and_a_suggestion(kind: Code, text: str) -> None:
    found = codes.check(kind, text)
    if found is None:
        assert re.fullmatch("[0-9]{12}" if kind is DIVISION else "[0-9]{15}", text)
        return
    for lang in ("zh", "en"):
        assert found.sentence(lang)
        assert found.suggestion(lang)


@pytest.mark.parametrize(
    "raw", ["６３０１０２００７００１", " 630102007001 ", 630102007001, 630102007001.0]
)
def test_a_field_takes_its_code_in_any_writing(raw: object) -> None:
    declared = Field(name="x", label=Label("代码", "Code"), code=DIVISION)
    assert parse(declared, raw) == LANTIAN


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (6.30102e14, CODE_LENGTH),
        ("６３０", CODE_LENGTH),
        (630102007600, CODE_PART),
        (0.5, CODE_CHARACTER),
    ],
)
def test_a_field_refuses_what_is_no_code(raw: object, rule: Rule) -> None:
    declared = Field(name="x", label=Label("代码", "Code"), code=DIVISION)
    with pytest.raises(Refused) as caught:
        parse(declared, raw)
    assert caught.value.rule is rule


# --- codes that speak of each other -----------------------------------------------------------
@pytest.mark.parametrize(
    ("code", "level", "parents"),
    [
        ("630102000000", Level.DISTRICT, ("630100000000", "630000000000")),
        ("441900000000", Level.DISTRICT, ("440000000000",)),
        ("630102007000", Level.STREET, ("630102000000",)),
        ("441900003000", Level.STREET, ("441900000000",)),
        ("630102007001", Level.COMMUNITY, ("630102007000",)),
        ("630102007199", Level.COMMUNITY, ("630102007000",)),
        ("630102007200", Level.VILLAGE, ("630102007000",)),
        ("630102007399", Level.VILLAGE, ("630102007000",)),
        ("630102007400", Level.COMMUNITY, ("630102007000",)),
        ("630102007500", Level.VILLAGE, ("630102007000",)),
        ("630100000000", None, ("630000000000",)),
        ("630000000000", None, ()),
    ],
)
def test_a_division_code_tells_its_level_and_its_parent(
    code: str, level: Level | None, parents: tuple[str, ...]
) -> None:
    assert codes.level(code) is level
    assert codes.parents(code) == parents


def rules(layer: Layer, columns: codes.Columns) -> list[tuple[int, str | None, Rule]]:
    return [(row, found.column, found.rule) for row, found in codes.agree(layer, columns)]


@pytest.fixture(params=["divisions", "renamed"])
def divisions(request: pytest.FixtureRequest, registry: Registry) -> Layer:
    layer = registry.layer("divisions")
    return layer if request.param == "divisions" else replace(layer, name=request.param)


@pytest.fixture(params=["grid_fields", "renamed"])
def fields(request: pytest.FixtureRequest, registry: Registry) -> Layer:
    layer = registry.layer("grid_fields")
    return layer if request.param == "grid_fields" else replace(layer, name=request.param)


def test_level_and_parent_agree_with_the_code(divisions: Layer) -> None:
    columns = {
        "code": ["630102000000", "630102007000", LANTIAN, "630102007202", None, LANTIAN],
        "level": ["district", "street", "community", "village", "street", None],
        "parent": ["630000000000", "630102000000", "630102007000", None, LANTIAN, None],
    }
    assert rules(divisions, columns) == []


def test_a_level_that_the_code_denies_is_told(divisions: Layer) -> None:
    columns = {
        "code": [LANTIAN, "630102007202", "630102007000", "630102000000", "630100000000"],
        "level": ["street", "community", "village", "street", "district"],
    }
    assert rules(divisions, columns) == [(row, "level", CODE_LEVEL) for row in range(5)]
    ((_, found),) = codes.agree(divisions, {"code": [LANTIAN], "level": ["street"]})
    assert found.value == "street"
    assert found.sentence("zh") == f"级别“街道”与代码 {LANTIAN} 不符：这是社区的代码"
    assert found.sentence("en").endswith("which is the code of a community")
    assert "001–199" in found.suggestion("zh")


def test_a_parent_that_is_not_right_above_is_told_with_the_right_one(divisions: Layer) -> None:
    columns = {
        "code": [LANTIAN, LANTIAN, "630102007000", "630102000000"],
        "parent": ["630102000000", "630102008000", "630102007000", "620100000000"],
    }
    assert rules(divisions, columns) == [(row, "parent", CODE_PARENT) for row in range(4)]
    *_, (_, of_district) = codes.agree(divisions, columns)
    assert of_district.value == "620100000000"
    assert of_district.suggestion("zh") == "应为 630100000000 / 630000000000"


@pytest.mark.parametrize(
    ("division", "part", "wanted"),
    [
        ("110102007001", "1–2", "11"),
        ("630202007001", "3–4", "02"),
        ("630103007001", "5–6", "03"),
        ("630102008001", "7–9", "008"),
        ("630102007004", "10–12", "004"),
        ("630102007000", "10–12", "000"),
    ],
)
def test_a_grid_code_begins_with_its_division(
    fields: Layer, division: str, part: str, wanted: str
) -> None:
    columns = {"code": [f"{LANTIAN}001", f"{LANTIAN}002"], "division": [LANTIAN, division]}
    ((row, found),) = codes.agree(fields, columns)
    assert (row, found.column, found.rule) == (1, "code", CODE_DIVISION)
    assert f"第 {part} 位" in found.sentence("zh")
    assert f"characters {part}" in found.sentence("en")
    assert wanted in found.sentence("en")
    assert LANTIAN in found.suggestion("zh")


def test_what_is_missing_contradicts_nothing(fields: Layer, registry: Registry) -> None:
    code = f"{LANTIAN}001"
    assert rules(fields, {"code": [code, None], "division": [None, ZHANXI]}) == []
    assert rules(fields, {"code": [code]}) == []
    assert rules(fields, {"division": [LANTIAN]}) == []
    assert rules(registry.layer("courtyards"), {"name": ["甲"]}) == []


def test_an_empty_division_follows_from_the_grid_code(fields: Layer, registry: Registry) -> None:
    given = {"code": [f"{LANTIAN}001", f"{ZHANXI}002", None], "division": [None, ZHANXI, None]}
    assert codes.derived(fields, given)["division"] == [LANTIAN, ZHANXI, None]
    assert codes.derived(fields, {"code": given["code"]})["division"] == [LANTIAN, ZHANXI, None]
    assert given["division"][0] is None
    others = {"name": ["甲"]}
    assert codes.derived(fields, others) == others
    assert codes.derived(registry.layer("courtyards"), others) == others


def test_a_single_record_is_checked_and_filled_likewise(fields: Layer, divisions: Layer) -> None:
    filled = check(fields, record(fields, 0, division=None))
    assert filled.findings == ()
    assert filled.values["division"] == LANTIAN
    moved = check(fields, {**record(fields), "division": ZHANXI})
    assert [(f.column, f.rule) for f in moved.findings] == [("code", CODE_DIVISION)]
    raised = check(divisions, {**record(divisions, 2), "level": "street"})
    assert [(f.column, f.rule) for f in raised.findings] == [("level", CODE_LEVEL)]


def test_a_refused_code_is_told_once_and_derives_nothing(fields: Layer) -> None:
    found = check(fields, {**record(fields), "code": "12", "division": None})
    assert [(f.column, f.rule) for f in found.findings] == [("code", CODE_LENGTH)]
    assert found.values["division"] is None


# --- numbers in reading order -------------------------------------------------------------------
def cells(rows: int, columns: int) -> Geometries:
    """Touching boxes, row by row from the north-west."""
    return np.array(
        [
            shapely.box(
                101.8 + 0.001 * c, 36.6 - 0.001 * r, 101.801 + 0.001 * c, 36.601 - 0.001 * r
            )
            for r in range(rows)
            for c in range(columns)
        ]
    )


def grid(*numbers: int, division: str = LANTIAN) -> list[str]:
    return [f"{division}{number:03d}" for number in numbers]


def test_new_fields_get_the_first_free_numbers_in_reading_order() -> None:
    places = cells(2, 3)[[4, 0, 5, 2, 1, 3]]
    taken = [*grid(1, 4), *grid(2, division=ZHANXI), ""]
    assert codes.propose([], LANTIAN, places) == grid(5, 1, 6, 3, 2, 4)
    assert codes.propose(taken, LANTIAN, places) == grid(7, 2, 8, 5, 3, 6)
    assert codes.propose(taken, LANTIAN, places[:0]) == []


@given(st.permutations(range(12)), st.sets(st.integers(1, 20)))
def test_proposals_are_free_right_and_follow_the_ground(mixed: list[int], taken: set[int]) -> None:
    places = cells(3, 4)[mixed]
    proposed = codes.propose(grid(*taken), LANTIAN, places)
    assert len(set(proposed)) == 12
    assert not set(proposed) & set(grid(*taken))
    assert all(codes.check(GRID, code) is None and code[:12] == LANTIAN for code in proposed)
    in_order = [proposed[index] for index in reading_order(places)]
    assert in_order == sorted(in_order)
    assert in_order == codes.propose(grid(*taken), LANTIAN, cells(3, 4))


def test_numbers_end_at_999() -> None:
    places = cells(25, 40)
    assert codes.propose([], LANTIAN, places[:999])[-1] == f"{LANTIAN}999"
    with pytest.raises(Problem) as caught:
        codes.propose([], LANTIAN, places)
    assert caught.value.rule is CODES_EXHAUSTED
    assert "只剩 999 个" in caught.value.sentence("zh")
    with pytest.raises(Problem, match="only 1 are left"):
        codes.propose(grid(*range(1, 999)), LANTIAN, places[:2])


@pytest.mark.parametrize("division", ["630102007000", "630102007600", "630102007", ""])
def test_numbers_are_given_within_a_community_or_village_only(division: str) -> None:
    with pytest.raises(Problem) as caught:
        codes.propose([], division, cells(1, 1))
    assert caught.value.rule in {CODE_PART, CODE_LENGTH}


@pytest.mark.parametrize(
    ("numbers", "wrong"),
    [
        ((1, 2, 3, 4, 5), {}),
        ((2, 5, 9, 11, 40), {}),
        ((1, 2, 11, 3, 4), {2: 3}),  # one added in the middle: the others stand
        ((1, 2, 4, 3, 5), {2: 3, 3: 4}),
        ((5, 2, 3, 4, 1), {0: 1, 4: 5}),
        ((3, 2, 1), {0: 1, 2: 3}),
        ((2, 4, 6, 9, 8), {3: 8, 4: 9}),
    ],
)
def test_numbers_out_of_reading_order_are_told(
    numbers: Sequence[int], wrong: dict[int, int]
) -> None:
    found = codes.misnumbered(grid(*numbers), cells(1, len(numbers)))
    assert found == [(index, *grid(number)) for index, number in sorted(wrong.items())]


@given(st.permutations(range(1, 8)), st.permutations(range(7)))
def test_what_is_told_keeps_the_others_from_standing_in_order(
    numbers: list[int], mixed: list[int]
) -> None:
    row, own = cells(1, 7), grid(*numbers)
    found = dict(codes.misnumbered([own[n] for n in mixed], row[mixed]))
    told = {mixed[index]: code for index, code in found.items()}
    anew = sorted(own)
    left = [code for n, code in enumerate(own) if n not in told and code != anew[n]]
    assert left == sorted(left)
    assert bool(told) == (own != anew)
    assert all(own[n] != code == anew[n] for n, code in told.items())


def test_divisions_are_numbered_each_for_itself() -> None:
    own = [*grid(1, 2), *grid(1, 2, division=ZHANXI), *grid(3), None, "x", *grid(9, 8)]
    assert codes.misnumbered(own, cells(1, 9)) == [(7, *grid(8)), (8, *grid(9))]
    assert codes.misnumbered([], cells(1, 0)) == []
