"""Ledgers with addresses only: each row lies in its field or division, and says that it does."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl
import pytest
import shapely
import sqlalchemy as sa

from gis import files
from gis.errors import Problem
from gis.files import Hints, Source
from gis.postgis import Database
from gis.refusals.files import FILE_UNREADABLE
from layers.arriving import importing, rest, unplaced
from layers.arriving.importing import ImportRefused, Options, load
from layers.changing import becoming, editing
from layers.changing.editing import Changes, Put
from layers.declaring.logged import BY_DIVISION, BY_FIELD
from layers.declaring.people import Actor, Role
from layers.declaring.words import Layer
from layers.held.policies import acting
from layers.reading import features
from layers.refusals.imports import PLACE_BY_GROUND, PLACE_UNKNOWN, PLACE_UNTOLD
from layers.registry import Registry
from layers.schema.tables import table
from tests.factories import LAT, LON, record
from tests.layers import fields

FIRST, SECOND = f"{fields.BLUE_SKY}001", f"{fields.BLUE_SKY}002"
HEADING = ("序号", "编号", "来源", "点位", "描述", "类别", "状态", "发现日期", "时限")
UPDATE = Options(on_conflict="update")


@pytest.fixture
def sites(registry: Registry) -> Layer:
    return registry.layer("sites")


@pytest.fixture
def ground(database: Database, registry: Registry) -> Database:
    """Two communities: two fields in the first, none in the second."""
    with database.begin() as connection:
        fields.division(connection, registry, fields.plot(0, 0, 4, 4))
        fields.division(connection, registry, fields.plot(10, 0, 4, 4), fields.WEST_STATION)
        for n, west in ((1, 0), (2, 2)):
            fields.field(connection, registry, n, fields.plot(west, 0, 2, 4), leader=None)
    return database


def ledger(path: Path, rows: Sequence[Mapping[str, object]], name: str = "台账.xlsx") -> Source:
    """A workbook as an office keeps it: a title, headings, rows, and no coordinates."""
    more = [*dict.fromkeys(key for row in rows for key in row if key not in HEADING)]
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["林家崖街道创城问题整改台账"])
    sheet.append([*HEADING, *more])
    for n, row in enumerate(rows, 1):
        usual = {
            "序号": n, "编号": f"台-{n}", "来源": "督查", "点位": "互助中路", "描述": "门前堆物",
            "类别": "乱堆杂物", "状态": "整改中", "发现日期": "2017.3.6", "时限": "2017年3月16日",
        }  # fmt: skip
        sheet.append([{**usual, **row}.get(key) for key in (*HEADING, *more)])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(HEADING))
    book.save(path / name)
    return files.read(path / name, hints=Hints(unplaced=True))


def stored(
    database: Database, layer: Layer
) -> dict[str, tuple[str | None, str | None, shapely.Point]]:
    rows = table(layer)
    told = sa.select(rows.c.number, rows.c.placed_by, rows.c.field, sa.func.st_astext(rows.c.geom))
    with database.read() as connection:
        return {
            number: (by, field, shapely.from_wkt(wkt))
            for number, by, field, wkt in connection.execute(told)
        }


def test_rows_come_in_by_the_field_or_the_division_that_they_name(
    ground: Database, registry: Registry, sites: Layer, tmp_path: Path
) -> None:
    names = ("网格", "所属社区")
    rows: list[Mapping[str, object]] = [
        dict(zip(names, each, strict=True))
        for each in (
            (FIRST, None),
            ("第2网格", "没有这个社区"),
            (None, fields.BLUE_SKY),
            (None, fields.WEST_STATION),
        )
    ]
    with ground.begin() as connection:
        connection.execute(
            sa.text("UPDATE grid_fields SET name = '第2网格' WHERE code = :c"), {"c": SECOND}
        )
    report = load(ground, registry, sites, ledger(tmp_path, rows))
    assert (report.new, report.refused) == (4, 0)
    (note,) = (each for each in report.notes if each.rule is PLACE_BY_GROUND)
    assert dict(note.values) == {"fields": 2, "divisions": 2}
    found = stored(ground, sites)
    assert [found[f"台-{n}"][:2] for n in range(1, 5)] == [
        (BY_FIELD, FIRST), (BY_FIELD, SECOND), (BY_DIVISION, None), (BY_DIVISION, None),
    ]  # fmt: skip
    plots = (fields.plot(0, 0, 2, 4), fields.plot(2, 0, 2, 4), fields.plot(0, 0, 4, 4))
    for n, plot in enumerate((*plots, fields.plot(10, 0, 4, 4)), 1):
        assert plot.contains(found[f"台-{n}"][2]), n


def test_what_names_nowhere_is_the_rest_with_its_reason(
    ground: Database, registry: Registry, sites: Layer, tmp_path: Path
) -> None:
    rows: list[Mapping[str, object]] = [{"网格": FIRST}, {"网格": None}, {"网格": "天上网格"}]
    source = ledger(tmp_path, rows)
    with pytest.raises(ImportRefused) as refused:
        load(ground, registry, sites, source)
    examination = refused.value.examination
    assert [(each.row, each.rule) for each in examination.findings] == [
        (2, PLACE_UNTOLD), (3, PLACE_UNKNOWN),
    ]  # fmt: skip
    assert stored(ground, sites) == {}
    told = rest.write(examination, ".csv", "zh").decode("utf-8-sig")
    assert "台-2" in told and "没有坐标，也没有说明所属网格或社区" in told  # noqa: PT018  one file
    assert "“天上网格”查不到" in told
    assert "台-1" not in told
    report = load(ground, registry, sites, source, Options(accept_valid=True))
    assert (report.new, report.refused) == (1, 2)


def test_a_place_that_is_known_is_kept_and_one_that_comes_is_taken(
    ground: Database, registry: Registry, sites: Layer, tmp_path: Path
) -> None:
    load(ground, registry, sites, ledger(tmp_path, [{"网格": FIRST}]))
    first = stored(ground, sites)["台-1"]
    # The same again changes nothing; another field moves it.
    again = load(ground, registry, sites, ledger(tmp_path, [{"网格": FIRST}]), UPDATE)
    assert (again.updated, again.unchanged) == (0, 1)
    load(ground, registry, sites, ledger(tmp_path, [{"所属网格": SECOND}]), UPDATE)
    moved = stored(ground, sites)["台-1"]
    assert moved[:2] == (BY_FIELD, SECOND)
    assert not moved[2].equals(first[2])
    # Somebody goes there and measures it: from now on it is not a field's point any more.
    measured = {"经度": LON + 0.0001, "纬度": LAT + 0.0001}
    load(ground, registry, sites, ledger(tmp_path, [measured]), UPDATE)
    by, _, point = stored(ground, sites)["台-1"]
    assert by is None
    assert point.distance(shapely.Point(measured["经度"], measured["纬度"])) < 1e-9
    # And a ledger without coordinates does not take that away again.
    load(ground, registry, sites, ledger(tmp_path, [{"网格": FIRST, "描述": "已清理"}]), UPDATE)
    assert stored(ground, sites)["台-1"][0] is None
    assert stored(ground, sites)["台-1"][2].equals(point)


def test_what_was_placed_keeps_its_mark_when_it_comes_back_with_its_coordinates(
    ground: Database, registry: Registry, sites: Layer, tmp_path: Path
) -> None:
    load(ground, registry, sites, ledger(tmp_path, [{"网格": FIRST}]))
    _, _, point = stored(ground, sites)["台-1"]
    back = [{"经度": point.x, "纬度": point.y, "描述": "已清理"}]
    assert load(ground, registry, sites, ledger(tmp_path, back), UPDATE).updated == 1
    assert stored(ground, sites)["台-1"][0] == BY_FIELD


def test_some_rows_of_a_file_may_lack_their_coordinates(
    ground: Database, registry: Registry, sites: Layer, tmp_path: Path
) -> None:
    rows: list[Mapping[str, object]] = [
        {"网格": SECOND, "经度": LON, "纬度": LAT},
        {"网格": SECOND, "经度": None, "纬度": None},
    ]
    report = load(ground, registry, sites, ledger(tmp_path, rows))
    assert (report.new, report.refused) == (2, 0)
    found = stored(ground, sites)
    assert [found[f"台-{n}"][0] for n in (1, 2)] == [None, BY_FIELD]
    assert found["台-1"][2].distance(shapely.Point(LON, LAT)) < 1e-9


def test_whoever_imports_places_rows_on_the_own_ground_alone(
    ground: Database, registry: Registry, sites: Layer, tmp_path: Path
) -> None:
    leader = Actor(7, None, "李芳", Role.LEADER, fields.WEST_STATION, "web")
    rows = [{"网格": FIRST}, {"所属社区": fields.WEST_STATION}]
    with pytest.raises(ImportRefused) as refused:
        load(acting(ground, leader), registry, sites, ledger(tmp_path, rows))
    assert {each.row for each in refused.value.examination.findings} == {1}


def test_a_point_that_is_moved_by_hand_is_no_fields_point(
    ground: Database, registry: Registry, sites: Layer, tmp_path: Path
) -> None:
    load(ground, registry, sites, ledger(tmp_path, [{"网格": FIRST}]))
    rows = table(sites)
    names = [field.name for field in sites.fields]
    with ground.read() as connection:
        row = connection.execute(sa.select(*(rows.c[n] for n in names), rows.c.id)).mappings().one()
    values = {name: row[name] for name in names}
    _, _, point = stored(ground, sites)["台-1"]
    for where, mark in ((point, BY_FIELD), (shapely.Point(LON, LAT), None)):
        with ground.begin() as connection:
            put = Put(row["id"], {**values, "remark": str(mark)}, where)
            editing.apply(connection, registry, sites, Changes([put]), tolerance_m2=0.5)
        assert stored(ground, sites)["台-1"][0] == mark


def test_a_decision_without_a_place_becomes_a_case_that_says_so(
    ground: Database, registry: Registry, sites: Layer
) -> None:
    decisions = registry.layer("decisions")
    rule, _ = becoming.rule_of(decisions, registry)
    with ground.begin() as connection:
        given = record(decisions, 1, **{str(decisions.belongs): fields.BLUE_SKY})
        decision = features.insert(connection, decisions, {**given, rule.number: None}, None)
        asked = {name: record(sites, 1)[name] for name in rule.asks}
        becoming.become(connection, registry, decisions, decision, asked, None, tolerance_m2=0.5)
    (found,) = stored(ground, sites).values()
    assert found[0] == BY_DIVISION


def test_other_layers_need_their_places(registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "楼院.csv"
    path.write_text("name,address\n甲院,互助中路\n", encoding="utf-8")
    assert not unplaced.may_lack_place(registry.layer("courtyards"))
    with pytest.raises(Problem) as refused:
        files.read(path)
    assert refused.value.rule is FILE_UNREADABLE


def test_an_examination_says_it_before_anything_is_stored(
    ground: Database, registry: Registry, sites: Layer, tmp_path: Path
) -> None:
    source = ledger(tmp_path, [{"网格": FIRST}])
    examination = importing.examine(ground, registry, sites, source)
    assert [each.rule for each in examination.notes if each.rule is PLACE_BY_GROUND]
    assert (examination.counts.new, examination.evidence) == (1, None)
    assert stored(ground, sites) == {}
