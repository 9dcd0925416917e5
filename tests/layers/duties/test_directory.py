"""The address book: whom a list means, and who may read or change it."""

from io import BytesIO

import openpyxl
import pytest
from sqlalchemy.engine import Connection

from gis import files
from gis.errors import Problem
from gis.refusals.files import FILE_FORMAT
from layers.declaring.people import SYSTEM, Actor, Role
from layers.duties import directory
from layers.duties.directory import Brought
from layers.refusals.codes import CODE_LENGTH
from layers.refusals.duties import (
    PERSON_AMBIGUOUS,
    PERSON_DETAIL,
    PERSON_UNMENTIONED,
    UNKNOWN_PERSON,
)
from layers.refusals.imports import COLUMN_MISSING
from layers.registry import Registry
from tests.layers import fields
from tests.layers.duty_cases import given, person

HEADING = "姓名,单位,职务,联系电话,区划代码\n"


def reader(division: str) -> Actor:
    return Actor(1, 1, "管理员", Role.ADMIN, division, "cookie")


@pytest.fixture
def two(conn: Connection, registry: Registry) -> tuple[int, int]:
    """One 张三 with a duty in each of two communities."""
    people = []
    for n, (division, at) in enumerate(((fields.BLUE_SKY, 0), (fields.WEST_STATION, 8)), start=1):
        fields.division(conn, registry, fields.plot(at, 0, 4, 4), code=division)
        field = fields.field(conn, registry, n, fields.plot(at, 0), of=division, leader=None)
        people.append(person(conn))
        given(conn, registry, "grid_fields", field, who=people[-1])
    return people[0], people[1]


def bring(conn: Connection, text: str, actor: Actor = SYSTEM) -> Brought:
    table = files.table(BytesIO(text.encode()), name="通讯录.csv")
    return directory.bring(conn, actor, table)


def test_a_list_says_how_to_reach_people(conn: Connection, two: tuple[int, int]) -> None:
    text = HEADING + f"张 三,蓝天社区,网格长,138 0000 0001,{fields.BLUE_SKY}\n"
    assert bring(conn, text).changed == 1
    found = directory.get(conn, SYSTEM, two[0])
    assert (found.unit, found.post, found.phone) == ("蓝天社区", "网格长", "138 0000 0001")
    assert directory.get(conn, SYSTEM, two[1]).phone is None
    again = bring(conn, text)
    assert (again.changed, again.unchanged, again.findings) == (0, 1, [])


def test_an_empty_cell_takes_nothing_away(conn: Connection, two: tuple[int, int]) -> None:
    directory.amend(conn, SYSTEM, two[0], {"phone": "13800000001"})
    assert bring(conn, HEADING + f"张三,蓝天社区,,,{fields.BLUE_SKY}\n").changed == 1
    assert directory.get(conn, SYSTEM, two[0]).phone == "13800000001"
    assert directory.amend(conn, SYSTEM, two[0], {"phone": " "}).phone is None


def test_a_workbook_is_a_list_too(conn: Connection, two: tuple[int, int]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["蓝天社区通讯录", None], ["姓名", "手机号码"], ["张三", 13800000001]):
        sheet.append(row)
    content = BytesIO()
    book.save(content)
    content.seek(0)
    table = files.table(content, name="通讯录.xlsx")
    assert directory.bring(conn, reader(fields.BLUE_SKY), table).changed == 1
    assert directory.get(conn, SYSTEM, two[0]).phone == "13800000001"


@pytest.mark.parametrize(
    ("row", "rule", "column"),
    [
        ("李四,,,,", PERSON_UNMENTIONED, "姓名"),
        (",蓝天社区,,,", PERSON_UNMENTIONED, "姓名"),
        ("张三,,,13800000001,", PERSON_AMBIGUOUS, "姓名"),
        (f"张三,,,请打办公室,{fields.BLUE_SKY}", PERSON_DETAIL, "联系电话"),
        (f"张三,,,1,{fields.BLUE_SKY}", PERSON_DETAIL, "联系电话"),
        ("张三,,,13800000001,6301", CODE_LENGTH, "区划代码"),
    ],
)
def test_a_row_that_cannot_be_right_names_its_place(
    conn: Connection, two: tuple[int, int], row: str, rule: object, column: str
) -> None:
    brought = bring(conn, HEADING + "x,,,,\n" + row + "\n")
    finding = brought.findings[-1]
    assert (finding.row, finding.rule, finding.column) == (2, rule, column)
    assert brought.changed == 0
    assert all(directory.get(conn, SYSTEM, each).phone is None for each in two)


def test_nobody_reaches_beyond_the_own_division(conn: Connection, two: tuple[int, int]) -> None:
    actor = reader(fields.BLUE_SKY)
    assert [each.id for each in directory.listed(conn, actor, limit=10)] == [two[0]]
    assert {each.id for each in directory.listed(conn, SYSTEM, limit=10)} >= set(two)
    for change in (
        lambda: directory.get(conn, actor, two[1]),
        lambda: directory.amend(conn, actor, two[1], {"phone": "13800000001"}),
    ):
        with pytest.raises(Problem) as refused:
            change()
        assert refused.value.rule is UNKNOWN_PERSON
    text = HEADING + f"张三,,,13800000002,{fields.WEST_STATION}\n"
    assert bring(conn, text, actor).findings[0].rule is PERSON_UNMENTIONED
    assert bring(conn, HEADING + "张三,,,13800000003,\n", actor).changed == 1
    assert directory.get(conn, SYSTEM, two[1]).phone is None


def test_what_is_no_list_is_refused(conn: Connection) -> None:
    with pytest.raises(Problem) as refused:
        bring(conn, "电话,单位\n13800000001,x\n")
    assert refused.value.rule is COLUMN_MISSING
    with pytest.raises(Problem) as refused:
        files.table(BytesIO(b""), name="a.pdf")
    assert refused.value.rule is FILE_FORMAT
