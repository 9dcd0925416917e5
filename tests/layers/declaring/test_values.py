"""A value is what its field declares, however a file or a program writes it, or it is refused."""

import math
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from gis.errors import Finding, Rule
from layers.declaring.values import Refused, check, parse, parse_column
from layers.declaring.words import Choice, Code, Field, Label, Pattern, Type
from layers.reading import features
from layers.refusals.codes import CODE_CHARACTER, CODE_LENGTH
from layers.refusals.values import (
    PROPERTY_UNKNOWN,
    VALUE_CHOICE,
    VALUE_CONTROL,
    VALUE_LENGTH,
    VALUE_MISSING,
    VALUE_PATTERN,
    VALUE_RANGE,
    VALUE_TYPE,
)
from layers.registry import Registry
from tests.factories import geometry, record

_ANY = Label("任意", "Any")


def field(kind: Type = Type.TEXT, **more: object) -> Field:
    return Field(name="x", label=_ANY, type=kind, **more)  # type: ignore[arg-type]


TEXT, INTEGER, DECIMAL, DATE, BOOLEAN = (field(kind) for kind in Type)
CHOICE = field(
    choices=(
        Choice("none", Label("无物业", "None")),
        Choice("self", Label("居民自管", "By residents")),
    )
)
PATTERN = field(pattern=Pattern(r"\d{4}", Label("4 位编号", "a number of 4 digits")))
CODE = field(code=Code.DIVISION)


def refused(declared: Field, raw: object) -> Rule:
    with pytest.raises(Refused) as caught:
        parse(declared, raw)
    finding = Finding(caught.value.rule, values=caught.value.values)
    for lang in ("zh", "en"):
        sentence = finding.sentence(lang)
        assert sentence
        assert len(sentence) < 400
    return caught.value.rule


@pytest.mark.parametrize(
    ("declared", "raw", "value"),
    [
        (TEXT, " 林家崖 \u3000\n", "林家崖"),
        (TEXT, "a  b\tc\r\nd", "a  b\tc\r\nd"),
        (TEXT, "e\u0301", "e\u0301"),
        (TEXT, 630102007001.0, "630102007001"),
        (TEXT, 12, "12"),
        (TEXT, 0.5, "0.5"),
        (TEXT, date(2017, 7, 21), "2017-07-21"),
        (INTEGER, 12, 12),
        (INTEGER, "12", 12),
        (INTEGER, " 12.0 ", 12),
        (INTEGER, "+12.", 12),
        (INTEGER, 12.0, 12),
        (INTEGER, "１２", 12),
        (INTEGER, "－５", -5),
        (INTEGER, np.int64(7), 7),
        (INTEGER, 2**63 - 1, 2**63 - 1),
        (INTEGER, str(-(2**63)), -(2**63)),
        (DECIMAL, 1, 1.0),
        (DECIMAL, "1480.50", 1480.5),
        (DECIMAL, ".5", 0.5),
        (DECIMAL, "1e-3", 0.001),
        (DECIMAL, "１．５", 1.5),
        (DECIMAL, 5e-324, 5e-324),
        (DATE, "2017-07-21", date(2017, 7, 21)),
        (DATE, "2017/7/1", date(2017, 7, 1)),
        (DATE, "2017.7.1", date(2017, 7, 1)),
        (DATE, "２０１７年７月１日", date(2017, 7, 1)),
        (DATE, "2017 年 7 月 1 日", date(2017, 7, 1)),
        (DATE, "20170721", date(2017, 7, 21)),
        (DATE, "2017-07-21T00:00:00", date(2017, 7, 21)),
        (DATE, "2017-07-21 00:00:00.000Z", date(2017, 7, 21)),
        (DATE, "2017/7/21 0:00", date(2017, 7, 21)),
        (DATE, date(2017, 7, 21), date(2017, 7, 21)),
        (DATE, datetime(2017, 7, 21, tzinfo=UTC), date(2017, 7, 21)),
        (DATE, pd.Timestamp("2017-07-21"), date(2017, 7, 21)),
        (DATE, "0001-01-01", date(1, 1, 1)),
        (BOOLEAN, True, True),
        (BOOLEAN, 0, False),
        (BOOLEAN, 1.0, True),
        (BOOLEAN, "是", True),
        (BOOLEAN, "否", False),
        (BOOLEAN, "TRUE", True),
        (BOOLEAN, "０", False),
        (CHOICE, "self", "self"),
        (CHOICE, "居民自管", "self"),
        (CHOICE, "by RESIDENTS", "self"),
        (CHOICE, " ＮＯＮＥ ", "none"),
        (PATTERN, "２０１７", "2017"),
        (PATTERN, 2017.0, "2017"),
        (CODE, "630102007001", "630102007001"),
        (CODE, "６３０１０２００７００１", "630102007001"),
        (CODE, 630102007001.0, "630102007001"),
    ],
    ids=lambda value: repr(value)[:30] if not isinstance(value, Field) else value.type.value,
)
def test_what_people_write_is_understood(declared: Field, raw: object, value: object) -> None:
    found = parse(declared, raw)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "nothing", [None, "", "  ", "\u3000\n", math.nan, pd.NaT, np.float64("nan")]
)
@pytest.mark.parametrize("kind", list(Type))
def test_nothing_is_nothing_in_every_type(kind: Type, nothing: object) -> None:
    assert parse(field(kind), nothing) is None
    assert refused(field(kind, required=True), nothing) is VALUE_MISSING


@pytest.mark.parametrize(
    ("declared", "raw", "rule"),
    [
        (TEXT, "a\0b", VALUE_CONTROL),
        (TEXT, "a\x0bb", VALUE_CONTROL),
        (TEXT, "\ud800", VALUE_CONTROL),
        (TEXT, "a\uffff", VALUE_CONTROL),
        (TEXT, "x" * 10_001, VALUE_LENGTH),
        (TEXT, True, VALUE_TYPE),
        (TEXT, ["a"], VALUE_TYPE),
        (TEXT, {"a": 1}, VALUE_TYPE),
        (TEXT, math.inf, VALUE_TYPE),
        (TEXT, 1e300, VALUE_TYPE),
        (TEXT, 10**5000, VALUE_RANGE),
        (CHOICE, "nobody", VALUE_CHOICE),
        (CHOICE, "x" * 100_000, VALUE_CHOICE),
        (PATTERN, "201", VALUE_PATTERN),
        (PATTERN, "2017\n1", VALUE_PATTERN),
        (PATTERN, "٢٠١٧", VALUE_PATTERN),
        (CODE, "63010200700", CODE_LENGTH),
        (CODE, "630102007001\n1", CODE_CHARACTER),
        (CODE, "٦٣٠١٠٢٠٠٧٠٠١", CODE_CHARACTER),
        (CODE, 1e13, CODE_LENGTH),
        (INTEGER, "12.5", VALUE_TYPE),
        (INTEGER, 12.5, VALUE_TYPE),
        (INTEGER, "1_000", VALUE_TYPE),
        (INTEGER, "1,480", VALUE_TYPE),
        (INTEGER, "١٢", VALUE_TYPE),
        (INTEGER, "0x1F", VALUE_TYPE),
        (INTEGER, "9" * 5000, VALUE_TYPE),
        (INTEGER, True, VALUE_TYPE),
        (INTEGER, 1e300, VALUE_TYPE),
        (INTEGER, 2**63, VALUE_RANGE),
        (INTEGER, "-9223372036854775809", VALUE_RANGE),
        (INTEGER, 10**5000, VALUE_RANGE),
        (field(Type.INTEGER, minimum=0), -1, VALUE_RANGE),
        (field(Type.INTEGER, maximum=200), 201, VALUE_RANGE),
        (DECIMAL, "nan", VALUE_TYPE),
        (DECIMAL, "inf", VALUE_TYPE),
        (DECIMAL, math.inf, VALUE_TYPE),
        (DECIMAL, "1e999", VALUE_TYPE),
        (DECIMAL, 10**5000, VALUE_RANGE),
        (DECIMAL, "12㎡", VALUE_TYPE),
        (DECIMAL, True, VALUE_TYPE),
        (field(Type.DECIMAL, minimum=0), -0.001, VALUE_RANGE),
        (DATE, "2017-02-30", VALUE_TYPE),
        (DATE, "2017-13-01", VALUE_TYPE),
        (DATE, "0000-01-01", VALUE_TYPE),
        (DATE, "2017-7/1", VALUE_TYPE),
        (DATE, "去年七月", VALUE_TYPE),
        (DATE, "2017-07-21T10:22:00", VALUE_TYPE),
        (DATE, datetime(2017, 7, 21, 10, tzinfo=UTC), VALUE_TYPE),
        (DATE, 42937, VALUE_TYPE),
        (BOOLEAN, "maybe", VALUE_TYPE),
        (BOOLEAN, 2, VALUE_TYPE),
        (BOOLEAN, [], VALUE_TYPE),
    ],
    ids=lambda value: str(value % 10**6) if isinstance(value, int) else repr(value)[:9],
)
def test_what_a_field_does_not_take_is_refused_by_name(
    declared: Field, raw: object, rule: Rule
) -> None:
    assert refused(declared, raw) is rule


anything = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.dates()
    | st.datetimes()
    | st.lists(st.integers(), max_size=2)
    | st.dictionaries(st.text(max_size=2), st.none(), max_size=2)
)


@given(anything, st.sampled_from([TEXT, INTEGER, DECIMAL, DATE, BOOLEAN, CHOICE, PATTERN, CODE]))
def test_any_value_is_parsed_or_refused_and_what_is_parsed_stays(
    raw: object, declared: Field
) -> None:
    try:
        value = parse(declared, raw)
    except Refused:
        return
    assert parse(declared, value) == value


def test_a_column_is_checked_cell_by_cell_though_cells_repeat() -> None:
    raws = [1, True, 1.0, "1", "x", "x", None, [1], [1], {"a": 1}]
    values, findings = parse_column(INTEGER, raws, "户数")
    assert values == [1, None, 1, 1, None, None, None, None, None, None]
    assert [finding.row for finding in findings] == [2, 5, 6, 8, 9, 10]
    assert {finding.column for finding in findings} == {"户数"}
    assert findings[1].place("zh") == "第 5 行 · 户数"


def test_a_record_is_checked_as_a_whole(registry: Registry) -> None:
    layer = registry.layer("courtyards")
    found = check(layer, {"name": "甲", "management": "?", "built": 1700, "nmae": "乙"})
    assert {(finding.column, finding.rule) for finding in found.findings} == {
        ("management", VALUE_CHOICE),
        ("built", VALUE_RANGE),
        ("nmae", PROPERTY_UNKNOWN),
    }
    assert found.values["name"] == "甲"
    assert found.values["owner_unit"] is None


def test_what_is_accepted_the_database_accepts_too(conn: Connection, registry: Registry) -> None:
    for layer in registry.layers.values():
        raws = {k: v if v is None else str(v) for k, v in record(layer).items()}
        found = check(layer, raws)
        assert found.findings == ()
        features.insert(conn, layer, found.values, geometry(layer))


def test_every_choice_of_every_layer_is_found_by_value_and_labels(registry: Registry) -> None:
    for layer in registry.layers.values():
        for declared in layer.fields:
            for choice in declared.choices:
                for text in (choice.value, choice.label.zh, choice.label.en.upper()):
                    assert parse(declared, text) == choice.value


_CELLS = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.sampled_from(["", " 甲 ", "\x00", "a\x1fb", "x" * 201, "\ud800", "两\n行", 7, 1.5, True]),
)


@given(st.lists(_CELLS, max_size=6), st.booleans())
def test_a_column_looked_at_together_is_as_each_cell_by_itself(
    raws: list[object], required: bool
) -> None:
    of = field(required=required, max_length=200)
    values, findings = parse_column(of, raws, "列")
    for row, (raw, value) in enumerate(zip(raws, values, strict=True), start=1):
        wrong = [(f.rule, f.column, f.values) for f in findings if f.row == row]
        assert (value, wrong) == by_itself(of, raw)


def by_itself(of: Field, raw: object) -> tuple[object, list[object]]:
    """A cell's value and what is wrong with it, in the column 列."""
    try:
        return parse(of, raw), []
    except Refused as refused:
        return None, [(refused.rule, "列", refused.values)]
