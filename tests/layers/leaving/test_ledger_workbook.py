"""The 台账 as it is printed: what it looks like, and that it comes back as it was."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import shapely
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis import files
from gis.postgis import Database
from layers.arriving.columns import match
from layers.arriving.importing import load
from layers.declaring import values
from layers.declaring.people import Role
from layers.declaring.words import Choice, Code, Field, Geometry, Label, Layer, Type
from layers.declaring.workflow import Transition, Workflow
from layers.leaving import ledger_workbook
from layers.leaving.ledger_workbook import Entry, Heading
from layers.registry import Registry, discover
from layers.schema.tables import table
from tests.factories import geometry, record

STATES = (Choice("open", Label("整改中", "Open")), Choice("done", Label("已销号", "Done")))
CASES = Layer(
    name="cases_of_a_test",
    label=Label("案件", "Cases"),
    geometry=Geometry.POINT,
    key=("number",),
    title="number",
    fields=(
        Field(name="number", label=Label("编号", "Number"), required=True),
        Field(name="note", label=Label("情况说明", "Note")),
        Field(name="unit", label=Label("责任单位", "Unit")),
        Field(name="status", label=Label("状态", "Status"), required=True, choices=STATES),
        Field(name="found_on", label=Label("发现日期", "Found on"), type=Type.DATE),
        Field(name="due", label=Label("整改期限", "Due"), type=Type.DATE),
        Field(name="households", label=Label("户数", "Households"), type=Type.INTEGER),
        Field(name="area_m2", label=Label("面积", "Area"), type=Type.DECIMAL),
        Field(name="settled", label=Label("是否办结", "Settled"), type=Type.BOOLEAN),
        Field(name="field", label=Label("所属网格", "Field"), code=Code.GRID),
        Field(name="previous", label=Label("原编号", "Previous")),
    ),
    workflow=Workflow(
        status="status",
        initial="open",
        closed=("done",),
        opened="found_on",
        due="due",
        unit="unit",
        previous="previous",
        transitions=(
            Transition(
                name="close",
                label=Label("销号", "Close"),
                sources=("open",),
                target="done",
                roles=(Role.LEADER,),
            ),
        ),
    ),
)
HEADING = Heading("整改销号台账", "林家崖街道", date(2017, 7, 21))


def entries(layer: Layer, *given: Mapping[str, object]) -> list[Entry]:
    found = []
    for n, each in enumerate(given):
        told = record(layer, n, **each)
        values = [told[field.name] for field in layer.fields]
        found.append(Entry(n + 1, values, shapely.to_wkb(geometry(layer, n)), before=n, after=1))
    return found


def opened(layer: Layer, told: Sequence[Entry]) -> openpyxl.worksheet.worksheet.Worksheet:
    return openpyxl.load_workbook(io.BytesIO(ledger_workbook.write(layer, HEADING, told))).active


def read_back(layer: Layer, content: bytes) -> tuple[files.Source, list[list[object]]]:
    """The file as an import understands it, its values in the order of the fields."""
    source = files.read(io.BytesIO(content), name="台账.xlsx")
    matched = match(layer, source.columns, {})
    columns = [
        values.parse_column(field, source.frame[matched.used[field.name]].tolist(), field.name)
        for field in layer.fields
    ]
    assert [finding for _, findings in columns for finding in findings] == []
    return source, [list(row) for row in zip(*(found for found, _ in columns), strict=True)]


def test_the_page_has_titles_headings_and_a_line_for_signatures() -> None:
    units = ("城管中队", "社区", "城管中队")
    sheet = opened(CASES, entries(CASES, *({"unit": unit} for unit in units)))
    assert sheet["A1"].value == "整改销号台账"
    assert "林家崖街道" in sheet["A2"].value
    assert "共 3 件" in sheet["A2"].value
    merged = {str(area) for area in sheet.merged_cells.ranges}
    assert {"A1:L1", "A2:L2", "A3:A4", "K3:L3", "M3:P3", "D5:D6"} <= merged
    assert [cell.value for cell in sheet[4]][10:12] == ["整改前", "整改后"]
    # Beside the page stands what the import needs and nobody signs.
    assert sheet.print_area == "'整改销号台账'!$A$1:$L$8"
    assert sheet.print_title_rows == "$3:$4"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.fitToWidth == 1
    assert sheet["A8"].value == "填表人："
    assert sheet["F5"].value.date() == date(2017, 3, 1)
    assert sheet["A5"].border.left.style == "thin"


def test_records_lead_to_their_pages() -> None:
    heading = replace(HEADING, address=lambda n: f"https://example.test/items/{n}")
    content = ledger_workbook.write(CASES, heading, entries(CASES, {}))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet["B5"].hyperlink.target == "https://example.test/items/1"


@pytest.mark.parametrize("name", [n for n, x in discover().layers.items() if x.has_shape])
def test_every_layer_can_be_printed_and_comes_back(name: str) -> None:
    layer = discover().layer(name)
    told = entries(layer, {}, {}, {})
    source, rows = read_back(layer, ledger_workbook.write(layer, HEADING, told))
    assert rows == [list(entry.values) for entry in told]
    places = zip(told, source.frame.geometry, strict=True)
    assert all(shapely.equals(shapely.from_wkb(entry.geometry), place) for entry, place in places)


LETTERS = st.characters(codec="gb18030", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp"))
TEXTS = st.text(LETTERS, min_size=1, max_size=8).filter(
    lambda text: values.parse(CASES.field("note"), text) == text and not text.startswith("#")
)
ROWS = st.fixed_dictionaries(
    {
        "note": st.none() | TEXTS,
        "unit": st.none() | st.sampled_from(("城管中队", "社区", "合计", "=1+1")),
        "status": st.sampled_from(("open", "done")),
        "found_on": st.none() | st.dates(date(1000, 1, 1), date(9999, 12, 31)),
        "households": st.none() | st.integers(-(2**53), 2**53),
        "area_m2": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "settled": st.none() | st.booleans(),
        "previous": st.none() | TEXTS,
    }
)


@given(st.lists(ROWS, min_size=1, max_size=6))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None
)
def test_what_was_printed_is_imported_again_without_loss(
    tmp_path: Path, given: list[dict[str, object]]
) -> None:
    told = entries(CASES, *given)
    source, rows = read_back(CASES, ledger_workbook.write(CASES, HEADING, told))
    wanted = {str(entry.values[0]): list(entry.values) for entry in told}
    assert {str(row[0]): row for row in rows} == wanted
    assert len(source.frame) == len(told)


def test_a_ledger_of_nothing_is_a_page_with_headings() -> None:
    sheet = opened(CASES, [])
    assert "共 0 件" in sheet["A2"].value
    assert sheet["A3"].value == "序号"


# --- as it comes from an office -------------------------------------------------------------------
_UPPER = ("序号", "编号", "来源", "点位", "描述", "类别", "责任", None, None, "状态", "发现日期")
_LOWER = (None, None, None, None, None, None, "责任单位", "责任人", "联点领导", None, None)
_MORE = (("时限", None), ("整改措施", None), ("位置", "经度"), (None, "纬度"), ("备注", None))


def from_an_office(path: Path) -> Path:
    """Titles merged over it, two rows of headings, one cell for the records of a unit, days in
    every everyday form, a sum and a line for signatures."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"], sheet["A2"] = "林家崖街道创城问题整改台账", "填报单位：林家崖街道办事处"
    sheet.append([*_UPPER, *(upper for upper, _ in _MORE)])
    sheet.append([*_LOWER, *(lower for _, lower in _MORE)])
    days: list[tuple[object, object]] = [
        ("2017.3.6", "2017年3月16日"),
        (date(2017, 3, 7), "2017/3/17"),
        (42802, "20170318"),
    ]
    for n, (found, due) in enumerate(days, start=1):
        unit = "城管中队" if n == 1 else None
        own = (n, f"台-{n}", "督查", "互助中路", "门前堆物", "乱堆杂物", unit, "王小明", "才让")
        sheet.append([*own, "整改中", found, due, "清理", 101.82, 36.62, None])
    sheet.append(["合计", "3 件"])
    sheet.append(["填表人：李芳"])
    for area in ("A1:P1", "A2:P2", "G3:I3", "N3:O3", "G5:G7", *(f"{c}3:{c}4" for c in "ABCDEFJK")):
        sheet.merge_cells(area)
    book.save(path)
    return path


def test_a_ledger_of_an_office_is_imported_as_it_is_used(
    database: Database, registry: Registry, tmp_path: Path
) -> None:
    layer = registry.layer("sites")
    source = files.read(from_an_office(tmp_path / "台账.xlsx"))
    report = load(database, registry, layer, source)
    assert (report.new, report.refused) == (3, 0)
    assert report.ignored == ("序号",)
    rows = table(layer)
    wanted = ("unit", "origin", "address", "note", "handler", "found_on", "due", "measure")
    with database.read() as connection:
        found = connection.execute(
            sa.select(*(rows.c[name] for name in wanted)).order_by(rows.c.number)
        ).all()
    assert [tuple(row) for row in found] == [
        ("城管中队", "supervision", "互助中路", "门前堆物", "王小明", day, due, "清理")
        for day, due in (
            (date(2017, 3, 6), date(2017, 3, 16)),
            (date(2017, 3, 7), date(2017, 3, 17)),
            (date(2017, 3, 8), date(2017, 3, 18)),
        )
    ]


def test_the_same_as_csv_in_gbk(database: Database, registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "台账.csv"
    path.write_bytes(
        (
            "林家崖街道创城问题整改台账,,,,,,\r\n"
            "序号,编号,类别,描述,状态,发现时间,经度,纬度\r\n"
            "1,台-1,暴露垃圾,门前堆物,已交办,2017年3月6日,101.82,36.62\r\n"
        ).encode("gbk")
    )
    layer = registry.layer("sites")
    report = load(database, registry, layer, files.read(path))
    assert (report.new, report.refused) == (1, 0)
    with database.read() as connection:
        row = connection.execute(sa.select(table(layer))).mappings().one()
    assert (row["note"], row["status"], row["found_on"]) == (
        "门前堆物",
        "assigned",
        date(2017, 3, 6),
    )
