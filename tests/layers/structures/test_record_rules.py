"""Documents and demolitions as they come in: wrong ones are refused with their place and rule."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest
import shapely
import sqlalchemy as sa

from gis import files
from gis.errors import Finding, Problem, Rule
from gis.files import Hints
from gis.postgis import Database
from layers.arriving.examination import Options
from layers.arriving.importing import examine, load
from layers.changing import editing
from layers.changing.editing import Changes, Put
from layers.declaring.people import Actor, Role
from layers.declaring.words import Layer
from layers.held import policies
from layers.leaving import exporting
from layers.reading import features
from layers.refusals.asking import FEATURE_REFUSED
from layers.refusals.imports import IMPORT_REFUSED
from layers.refusals.structures import (
    DATES_ORDER,
    DEMOLISHED_TOO_MUCH,
    DEMOLISHED_TOO_SOON,
    DOCUMENT_EARLY,
    FORCED_EARLY,
    FORCED_NIGHT,
    FORCED_REST_DAY,
    FORCED_UNREADY,
    PARENT_ELSEWHERE,
    PARENT_UNKNOWN,
)
from layers.refusals.values import VALUE_CHOICE
from layers.registry import Registry
from layers.schema.tables import table
from tests.layers.incoming import source
from tests.records import ABROAD, COMMUNITY, INSIDE, NEIGHBOUR, lay_ground

Row = dict[str, object]


@pytest.fixture
def ground(database: Database, registry: Registry) -> Database:
    """Two communities with a structure each, of 100 m², found on the first of March."""
    lay_ground(database, registry)
    layer = registry.layer("illegal_structures")
    with database.begin() as connection:
        for n, spot in enumerate((INSIDE, ABROAD), start=1):
            values = {
                "number": f"违建-{n}",
                "status": "decided",
                "area_measured_m2": 100.0,
                "found_on": date(2017, 3, 1),
            }
            features.insert(connection, layer, values, shapely.Point(spot))
    return database


def document(kind: str, dated: str, **given: object) -> Row:
    """A row of a file of documents, by the Chinese headings of the register."""
    return {
        "文书编号": f"{kind} {dated}",
        "违建编号": "违建-1",
        "文书种类": kind,
        "文书日期": dated,
        "送达日期": dated,
        "所属区划代码": COMMUNITY,
        **given,
    }


def demolition(area: float, done: str, **given: object) -> Row:
    """A row of a file of demolitions."""
    return {
        "拆除编号": f"{area} {done}",
        "违建编号": "违建-1",
        "拆除方式": "自拆",
        "拆除面积": area,
        "拆除日期": done,
        "所属区划代码": COMMUNITY,
        **given,
    }


LAWFUL = (
    document("限期改正（拆除）决定书", "2017-03-03", 限定期限="2017-03-18"),
    document("催告书", "2017-03-20", 限定期限="2017-03-31"),
    document("限期拆除公告", "2017-04-05", 限定期限="2017-04-20"),
)
"""Force is lawful from Tuesday, 5 September 2017 on."""


def bring(
    database: Database,
    registry: Registry,
    name: str,
    rows: Sequence[Mapping[str, object]],
) -> list[tuple[int | None, str | None, Rule]]:
    """Load a file and return what was refused, in its own words; the preview says the same."""
    given = source(rows, [None] * len(rows), placed=False)
    layer = registry.layer(name)
    dry = examine(database, registry, layer, given)
    found = [(each.row, each.column, each.rule) for each in dry.findings]
    if not found:
        load(database, registry, layer, given)
        return []
    with pytest.raises(Problem) as caught:
        load(database, registry, layer, given)
    assert caught.value.rule is IMPORT_REFUSED
    assert [(each.row, each.column, each.rule) for each in caught.value.findings] == found
    return found


def stored(database: Database, registry: Registry, name: str) -> list[tuple[object, ...]]:
    rows = table(registry.layer(name))
    names = [column for column in rows.c if column.name != "id"]
    with database.begin() as connection:
        found = connection.execute(sa.select(*names).order_by(rows.c.number))
        return [tuple(row) for row in found]


# --- documents ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([document("催告书", "2017-03-20", 送达日期="2017-03-19")], ("送达日期", DATES_ORDER)),
        ([document("催告书", "2017-03-20", 限定期限="2017-03-19")], ("限定期限", DATES_ORDER)),
        ([document("催告书", "2017-03-20", 违建编号="违建-7")], ("违建编号", PARENT_UNKNOWN)),
        ([document("催告书", "2017-03-20", 违建编号="违建-2")], ("所属区划代码", PARENT_ELSEWHERE)),
        ([document("催告信", "2017-03-20")], ("文书种类", VALUE_CHOICE)),
        ([document("催告书", "2017-03-02"), LAWFUL[0]], ("文书日期", DOCUMENT_EARLY)),
        ([document("限期拆除公告", "2017-03-02"), LAWFUL[0]], ("文书日期", DOCUMENT_EARLY)),
        (
            [
                document("行政复议决定书", "2017-05-01", 结果="维持或驳回"),
                LAWFUL[0],
                document("行政复议受理通知", "2017-05-02"),
            ],
            ("文书日期", DOCUMENT_EARLY),
        ),
    ],
)
def test_a_wrong_document_is_refused_by_row_column_and_rule(
    ground: Database, registry: Registry, rows: list[Row], expected: tuple[str, Rule]
) -> None:
    name = "structure_documents"
    assert bring(ground, registry, name, rows) == [(1, *expected)]
    assert stored(ground, registry, name) == []


def test_the_right_rows_of_a_file_may_be_loaded_alone(ground: Database, registry: Registry) -> None:
    rows = [
        *LAWFUL,
        document("催告书", "2017-03-01"),
        document("其他", "2017-01-01", 违建编号="无"),
    ]
    assert len(bring(ground, registry, "structure_documents", rows)) == 2
    given = source(rows, [None] * len(rows), placed=False)
    layer = registry.layer("structure_documents")
    report = load(ground, registry, layer, given, Options(accept_valid=True))
    assert (report.new, report.refused) == (3, 2)


def test_a_document_that_comes_later_is_held_against_those_that_are_there(
    ground: Database, registry: Registry
) -> None:
    name = "structure_documents"
    assert bring(ground, registry, name, LAWFUL[1:]) == []  # nothing is known of a decision
    late = document("限期改正（拆除）决定书", "2017-03-25")
    found = bring(ground, registry, name, [late])
    assert set(found) == {(1, "送达日期", DOCUMENT_EARLY)}
    assert bring(ground, registry, name, LAWFUL[:1]) == []


def test_a_document_of_one_structure_says_nothing_of_another(
    ground: Database, registry: Registry
) -> None:
    other = document("催告书", "2017-03-01", 违建编号="违建-2", 所属区划代码=NEIGHBOUR)
    assert bring(ground, registry, "structure_documents", [LAWFUL[0], other]) == []


# --- demolitions ----------------------------------------------------------------------------------
FORCED = {"拆除方式": "强拆"}


@pytest.mark.parametrize(
    ("given", "column", "rule"),
    [
        (demolition(105.5, "2017-05-02"), "拆除面积", DEMOLISHED_TOO_MUCH),
        (demolition(10, "2017-02-28"), "拆除日期", DEMOLISHED_TOO_SOON),
        (demolition(10, "2017-05-02", 验收日期="2017-05-01"), "验收日期", DATES_ORDER),
        (demolition(10, "2017-09-04", **FORCED), "拆除日期", FORCED_EARLY),
        (demolition(10, "2017-09-09", **FORCED), "拆除日期", FORCED_REST_DAY),  # a Saturday
        (demolition(10, "2017-10-02", **FORCED), "拆除日期", FORCED_REST_DAY),
        (demolition(10, "2017-09-05", 结束时间="23:30", **FORCED), "拆除日期", FORCED_NIGHT),
    ],
)
def test_a_wrong_demolition_is_refused_by_row_column_and_rule(
    ground: Database, registry: Registry, given: Row, column: str, rule: Rule
) -> None:
    assert bring(ground, registry, "structure_documents", LAWFUL) == []
    fine = demolition(1, "2017-05-01", 违建编号="违建-2", 所属区划代码=NEIGHBOUR)
    assert bring(ground, registry, "demolitions", [fine, given]) == [(2, column, rule)]
    assert stored(ground, registry, "demolitions") == []


def test_force_without_any_document_needs_a_reason(ground: Database, registry: Registry) -> None:
    forced = demolition(10, "2017-09-05", **FORCED)
    said = bring(ground, registry, "demolitions", [forced])
    assert said == [(1, "拆除日期", FORCED_UNREADY)]
    told = forced | {"例外说明": "旧台账补录，文书另存"}
    assert bring(ground, registry, "demolitions", [told]) == []


def test_what_is_exceptional_is_stored_with_its_reason(
    ground: Database, registry: Registry
) -> None:
    assert bring(ground, registry, "structure_documents", LAWFUL) == []
    rows = [
        demolition(105.5, "2017-09-09", 例外说明="含围墙；台风前抢险", **FORCED),
        demolition(4.9, "2017-09-11", 例外说明="基础", 是否全部拆除="是"),
    ]
    assert bring(ground, registry, "demolitions", rows) == []
    lawful = demolition(1, "2017-09-05", 违建编号=None, **FORCED)
    assert bring(ground, registry, "demolitions", [lawful]) == []


def test_pieces_may_add_up_to_a_little_more_than_was_measured(
    ground: Database, registry: Registry
) -> None:
    name = "demolitions"
    pieces = [demolition(60, "2017-05-01"), demolition(45, "2017-05-02")]
    assert bring(ground, registry, name, pieces) == []
    more = demolition(0.1, "2017-05-03")
    assert bring(ground, registry, name, [more]) == [(1, "拆除面积", DEMOLISHED_TOO_MUCH)]


def test_an_edit_is_held_to_the_same_rules(ground: Database, registry: Registry) -> None:
    layer = registry.layer("demolitions")
    values = {
        "number": "1",
        "structure": "违建-1",
        "way": "self",
        "area_m2": 200.0,
        "done_on": date(2017, 5, 1),
        "division": COMMUNITY,
    }
    with pytest.raises(Problem) as caught, ground.begin() as connection:
        editing.apply(
            connection, registry, layer, Changes([Put(None, values, None)]), tolerance_m2=1.0
        )
    assert caught.value.rule is FEATURE_REFUSED
    assert [each.rule for each in caught.value.findings] == [DEMOLISHED_TOO_MUCH]
    finding: Finding = caught.value.findings[0]
    assert finding.sentence() == "违建-1 累计拆除 200.0 ㎡，超过实测面积 100 ㎡"


def test_an_import_reaches_no_further_than_its_division(
    ground: Database, registry: Registry
) -> None:
    mine = policies.acting(
        ground,
        Actor(
            account_id=None,
            person_id=None,
            name="x",
            role=Role.ADMIN,
            division=COMMUNITY,
            source="test",
        ),
    )
    foreign = demolition(1, "2017-05-01", 违建编号="违建-2")  # told as if it were not there
    absent = demolition(2, "2017-05-01", 违建编号="违建-9")
    found = bring(mine, registry, "demolitions", [foreign, absent])
    assert found == [(n, "违建编号", PARENT_UNKNOWN) for n in (1, 2)]


# --- out and in again -----------------------------------------------------------------------------
@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".geojson", ".geojsonl", ".gpkg"])
def test_both_registers_come_back_as_they_left(
    ground: Database, registry: Registry, tmp_path: Path, ending: str
) -> None:
    taken = [
        demolition(40, "2017-05-01", 开始时间="09:00", 结束时间="11:30", 是否全部拆除="否"),
        demolition(60, "2017-09-05", 是否全部拆除="是", 验收人="宋伟", **FORCED),
        demolition(7, "2017-05-09", 违建编号=None),
    ]
    brought: dict[str, Sequence[Row]] = {"structure_documents": LAWFUL, "demolitions": taken}
    for name, rows in brought.items():
        assert bring(ground, registry, name, rows) == []
        _round_trip(ground, registry, registry.layer(name), tmp_path / f"{name}{ending}")
    with ground.begin() as connection:
        wanted = sa.text("SELECT demolished_area_m2 FROM illegal_structures ORDER BY number")
        assert connection.scalars(wanted).all() == [100.0, None]


def _round_trip(database: Database, registry: Registry, layer: Layer, path: Path) -> None:
    before = stored(database, registry, layer.name)
    exporting.write(database, layer, path)
    with database.begin() as connection:
        connection.execute(sa.delete(table(layer)))
    report = load(database, registry, layer, files.read(path, hints=Hints(placed=False)))
    assert (report.new, report.ignored) == (len(before), ())
    assert stored(database, registry, layer.name) == before
