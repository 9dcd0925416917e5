"""Registers: what has a division and no place on the map."""

import io
from dataclasses import replace
from datetime import date

import openpyxl
import pytest
import sqlalchemy as sa

from gis import files
from gis.belief import Hints
from gis.errors import Problem
from gis.postgis import Database
from layers.arriving.importing import ImportRefused, load
from layers.changing import editing, undoing
from layers.changing.editing import Changes, Put
from layers.declaring.people import Actor, Role
from layers.declaring.words import Aggregate, Code, Field, Geometry, Label, Layer, Measure, Style
from layers.held.policies import acting
from layers.leaving import exporting
from layers.leaving.exporting import FORMATS
from layers.reading import features
from layers.reading import past as history
from layers.reading.features import Query
from layers.reading.ordering import Sort
from layers.refusals.registers import FORMAT_NEEDS_PLACES
from layers.refusals.structures import PARENT_UNKNOWN
from layers.registry import Registry
from layers.schema.tables import table
from layers.serving.summaries import summary
from layers.shelves import shelved
from tests.factories import record

WEST, EAST = "630102007001", "630102007004"
WORD = Label("词", "Word")
OWN = Field(name="division", label=WORD, required=True, code=Code.DIVISION)
UNPLACED = Hints(placed=False)


def bare(**given: object) -> Layer:
    told = {"name": "list", "label": WORD, "geometry": Geometry.NONE, "fields": (OWN,)}
    return Layer(**{**told, "belongs": "division", **given})


@pytest.mark.parametrize(
    "wrong",
    [
        {"belongs": None},
        {"fields": (replace(OWN, required=False),)},
        {"fields": (replace(OWN, code=None),)},
        {"belongs": "nothing"},
        {"style": Style(label="division")},
        {"measures": (Measure(name="m", label=WORD, aggregate=Aggregate.LENGTH_KM),)},
        {"geometry": Geometry.POINT},
    ],
)
def test_a_register_is_declared_whole(wrong: dict[str, object]) -> None:
    bare()
    with pytest.raises(ValueError, match=r"register|belongs|fields"):
        bare(**wrong)


def test_a_record_lies_where_its_code_says_and_moves_with_it(
    database: Database, registry: Registry
) -> None:
    for layer in registry.registers:
        rows = table(layer)
        assert "geom" not in rows.c
        with database.begin() as connection:
            made = features.insert(connection, layer, record(layer, division=WEST), None)
            place = sa.select(rows.c.place).where(rows.c.id == made)
            assert connection.scalar(place) == int(WEST)
        with database.begin() as connection:
            changed = sa.update(rows).where(rows.c.id == made).values(division=EAST)
            connection.execute(changed)
            assert connection.scalar(place) == int(EAST)
        with database.read() as connection:
            (_, second) = history.of_feature(connection, layer, made)
        assert second.fields == ("division",)
        assert second.after is not None
        assert second.after.geometry is None


def test_nobody_writes_into_the_register_of_another_division(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("funds")
    own = acting(database, Actor(7, None, "某人", Role.ADMIN, WEST, "test"))
    here, there = (
        Put(None, record(layer, n, division=x), None) for n, x in enumerate((WEST, EAST))
    )
    with own.begin() as connection:
        (made,) = editing.apply(connection, registry, layer, Changes([here]), tolerance_m2=0.5)
    moved = Put(made, record(layer, 0, division=EAST), None)
    for put in (there, moved):
        with pytest.raises(Problem) as caught, own.begin() as connection:
            editing.apply(connection, registry, layer, Changes([put]), tolerance_m2=0.5)
        assert caught.value.rule.slug == "not-permitted"
    csv = "经费编号,用途,金额,支出日期,所属区划代码\n甲,印刷,5,2017-03-01," + EAST
    source = files.read(io.BytesIO(csv.encode()), name="a.csv", hints=UNPLACED)
    with pytest.raises(ImportRefused) as refused:
        load(own, registry, layer, source)
    assert [f.rule.slug for f in refused.value.examination.findings] == ["foreign-ground"]


def test_the_books_of_a_street_office_are_read_as_they_are(
    database: Database, registry: Registry
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["林家崖街道2017年志愿服务队名册"])
    sheet.merge_cells("A1:E1")
    sheet.append(["序号", "名称", "类别", "人数", "负责人", "成立时间", "街道代码"])
    sheet.append([1, "红马甲", "党员志愿", 12, "张三", date(2017, 1, 5), 630102007000])
    sheet.append([2, "夕阳红", "为老服务", 8, "李四", "2017年2月3日", "630102007000"])
    content = io.BytesIO()
    book.save(content)
    content.seek(0)
    layer = registry.layer("volunteer_teams")
    source = files.read(content, name="名册.xlsx", hints=UNPLACED)
    assert source.belief.placed is False
    report = load(database, registry, layer, source)
    assert (report.new, report.ignored) == (2, ("序号",))
    with database.read() as connection:
        found = summary(connection, layer)
    assert (found.count, found.bounds, found.measures["people"]) == (2, None, 20)


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_table_without_places_has_any_delimiter(
    database: Database, registry: Registry, delimiter: str
) -> None:
    rows = [["名称", "活动类型", "日期", "区划代码"], ["春季大扫除", "创城日", "2017-04-01", WEST]]
    text = "\n".join(delimiter.join(row) for row in rows)
    source = files.read(io.BytesIO(text.encode()), name="a.csv", hints=UNPLACED)
    assert load(database, registry, registry.layer("campaign_days"), source).new == 1


def test_formats_without_places_are_for_maps_alone(database: Database, registry: Registry) -> None:
    for layer in registry.registers:
        for name in FORMATS.keys() - exporting.formats(layer).keys():
            with pytest.raises(Problem) as caught:
                exporting.stream(database, layer, name)
            assert caught.value.rule is FORMAT_NEEDS_PLACES


def test_a_change_of_a_record_is_taken_back(database: Database, registry: Registry) -> None:
    layer = registry.layer("meetings")
    with database.begin() as connection:
        made = features.insert(connection, layer, record(layer, 1), None)
    with database.begin() as connection:
        features.replace(connection, layer, made, record(layer, 2), None)
        features.delete(connection, layer, made)
    with database.begin() as connection:
        last = history.of_feature(connection, layer, made)[-1]
        undoing.undo(connection, registry, layer, last.number, tolerance_m2=0.5)
    with database.read() as connection:
        found = connection.execute(sa.select(table(layer))).mappings().one()
    assert {name: found[name] for name in record(layer, 1)} == record(layer, 1)


def test_sums_are_of_the_records_of_one_kind(database: Database, registry: Registry) -> None:
    layer = registry.layer("publicity")
    with database.begin() as connection:
        for n, (kind, quantity) in enumerate((("board", 3), ("board", 4), ("print", 2.5))):
            row = record(layer, n, kind=kind, quantity=quantity, cost_yuan=100, division=WEST)
            features.insert(connection, layer, row, None)
    with database.read() as connection:
        found = summary(connection, layer).measures
    assert (found["board"], found["print"], found["show"], found["cost"]) == (7, 2.5, 0, 300)


def test_a_table_is_sorted_page_by_page_and_searched(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("meetings")
    days = [date(2017, 3, 1 + n % 4) for n in range(9)]
    venues = ["", "大会议室", "小会议室", None, "%", "b", "Xq", "大", "c"]
    with database.begin() as connection:
        for n, (day, venue) in enumerate(zip(days, venues, strict=True)):
            row = record(layer, n, held_on=day, venue=venue or None)
            features.insert(connection, layer, row, None)
    for field in ("held_on", "venue", "kind", "attendance"):
        for descending in (False, True):
            sort = Sort(field, descending=descending)
            pages, after = [], None
            with database.read() as connection:
                whole = features.page(connection, layer, Query(limit=50, sort=sort)).features
                while True:
                    query = Query(limit=2, sort=sort, after=after)
                    page = features.page(connection, layer, query)
                    pages += page.features
                    after = page.next_after
                    if after is None:
                        break
            assert tuple(pages) == whole
            assert len(set(pages)) == len(days)
    with database.read() as connection:
        for text, count in (("大会议", 1), ("%", 1), ("xq", 1), ("推进", 3), ("主持人", 0)):
            assert features.page(connection, layer, Query(text=text)).matched == count, text


def test_nothing_belongs_to_a_meeting_that_never_was(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("decisions")
    put = Put(None, record(layer, meeting="没有这次会"), None)
    with pytest.raises(Problem) as caught, database.begin() as connection:
        editing.apply(connection, registry, layer, Changes([put]), tolerance_m2=0.5)
    assert [finding.rule for finding in caught.value.findings] == [PARENT_UNKNOWN]


def test_every_register_is_on_one_shelf(registry: Registry) -> None:
    found = [layer.name for _, layers in shelved(registry) for layer in layers]
    assert sorted(found) == sorted(layer.name for layer in registry.registers)
    assert all(
        layer.name not in theme.subjects
        for theme in registry.themes.values()
        for layer in registry.registers
    )
