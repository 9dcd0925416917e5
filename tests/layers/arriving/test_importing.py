"""An import stores every row or none, and a refusal names row, column, value and rule."""

import itertools
import threading
import time
from collections.abc import Sequence

import pytest
import shapely
import sqlalchemy as sa

from gis.errors import Finding, Problem
from gis.files import Source
from gis.postgis import Database
from gis.refusals.values import (
    BAD_PARAMETER,
    GEOMETRY_INVALID,
    GEOMETRY_MISSING,
    GEOMETRY_OUTSIDE,
    GEOMETRY_TYPE,
    GEOMETRY_UNREADABLE,
)
from layers.arriving.columns import match
from layers.arriving.importing import FINDINGS_LISTED, Options, Report, load
from layers.declaring.words import Field, Geometry, Label, Layer
from layers.reading import features
from layers.refusals.codes import CODE_LENGTH
from layers.refusals.imports import COLUMN_MISSING, COLUMN_UNKNOWN, IMPORT_REFUSED
from layers.refusals.values import (
    VALUE_CHOICE,
    VALUE_CONTROL,
    VALUE_DUPLICATE,
    VALUE_EXISTS,
    VALUE_LENGTH,
    VALUE_MISSING,
    VALUE_RANGE,
    VALUE_TYPE,
)
from layers.registry import Registry
from layers.schema.tables import table
from tests.factories import BENCHES, LAT, LON, geometry, grid_code, record
from tests.layers.incoming import Row, ordinary, source

PLAIN = Options()


def count(database: Database, layer: Layer) -> int:
    with database.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table(layer))) or 0


def column(database: Database, layer: Layer, name: str) -> list[object]:
    rows = table(layer)
    with database.read() as connection:
        return list(connection.scalars(sa.select(rows.c[name]).order_by(rows.c.id)))


def refusal(
    database: Database, registry: Registry, layer: Layer, given: Source, options: Options = PLAIN
) -> Problem:
    before = count(database, layer)
    with pytest.raises(Problem) as caught:
        load(database, registry, layer, given, options)
    assert count(database, layer) == before
    return caught.value


def places(findings: Sequence[Finding]) -> set[tuple[int | None, str | None, str]]:
    return {(finding.row, finding.column, finding.rule.slug) for finding in findings}


# --- what is loaded -------------------------------------------------------------------------------
def test_every_layer_loads_its_records(database: Database, registry: Registry) -> None:
    for layer in registry.layers.values():
        report = load(database, registry, layer, ordinary(layer, 5))
        assert (report.rows, report.new, report.updated, report.skipped) == (5, 5, 0, 0)
        assert report.used == {field.name: field.name for field in layer.fields}
        assert count(database, layer) == 5


def test_a_declared_layer_needs_nothing_else(database: Database, registry: Registry) -> None:
    with database.begin() as connection:
        table(BENCHES).create(connection)
    assert load(database, registry, BENCHES, ordinary(BENCHES, 3)).new == 3
    assert load(database, registry, BENCHES, ordinary(BENCHES, 3)).new == 3
    assert count(database, BENCHES) == 6


def test_a_layer_may_have_the_name_of_our_own_table(database: Database, registry: Registry) -> None:
    layer = Layer(
        name="arrivals",
        label=Label("到达", "Arrivals"),
        geometry=Geometry.POINT,
        key=("row",),
        fields=(Field(name="row", label=Label("行", "Row")),),
    )
    with database.begin() as connection:
        table(layer).create(connection)
    assert load(database, registry, layer, ordinary(layer, 3)).new == 3


def test_a_dry_run_says_what_would_happen_and_does_not(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("courtyards")
    load(database, registry, layer, ordinary(layer, 2))
    report = load(
        database, registry, layer, ordinary(layer, 5), Options(on_conflict="skip", dry_run=True)
    )
    assert (report.new, report.skipped, report.dry_run) == (3, 2, True)
    assert count(database, layer) == 2


def test_known_keys_are_refused_skipped_or_updated(database: Database, registry: Registry) -> None:
    for layer in (layer for layer in registry.layers.values() if layer.key):
        load(database, registry, layer, ordinary(layer, 2, source="旧"))
        again = ordinary(layer, 4, source="新")
        problem = refusal(database, registry, layer, again)
        assert problem.rule is IMPORT_REFUSED
        key = " + ".join(layer.key)
        assert places(problem.findings) == {(n, key, VALUE_EXISTS.slug) for n in (1, 2)}
        skipped = load(database, registry, layer, again, Options(on_conflict="skip"))
        assert (skipped.new, skipped.skipped) == (2, 2)
        assert column(database, layer, "source") == ["旧", "旧", "新", "新"]
        updated = load(database, registry, layer, again, Options(on_conflict="update"))
        assert (updated.new, updated.updated, updated.unchanged) == (0, 2, 2)
        assert column(database, layer, "source") == ["新"] * 4


def test_an_update_leaves_the_fields_that_the_file_has_not(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("courtyards")
    load(database, registry, layer, ordinary(layer, 1))
    rows = [{"name": "楼院名称 0", "management": "物业公司", "built": None}]
    given = source(rows, [shapely.Point(LON, LAT)])
    load(database, registry, layer, given, Options(on_conflict="update"))
    assert column(database, layer, "management") == ["company"]
    assert column(database, layer, "built") == [None]
    assert column(database, layer, "owner_unit") == ["产权单位 0"]


def test_a_key_with_gaps_is_a_key(database: Database, registry: Registry) -> None:
    layer = registry.layer("road_segments")
    rows = [{"name": "共和路", "road_class": "main", "to": to} for to in (None, "八一路")]
    given = source(rows, [geometry(layer, n) for n in range(2)])
    assert load(database, registry, layer, given).new == 2
    assert len(refusal(database, registry, layer, given).findings) == 2


def test_very_long_keys_are_keys(database: Database, registry: Registry) -> None:
    layer = registry.layer("work_units")
    rows = [{"name": "长" * 9999 + end, "kind": "学校"} for end in "甲乙"]
    given = source(rows, [geometry(layer, n) for n in range(2)])
    assert load(database, registry, layer, given).new == 2
    assert len(refusal(database, registry, layer, given).findings) == 2


def test_fields_are_tinted_when_they_come_in(database: Database, registry: Registry) -> None:
    layer = registry.layer("grid_fields")
    rows = [record(layer, n, leader=f"网格长{n}") for n in range(6)]
    load(database, registry, layer, source(rows, [geometry(layer, n) for n in range(6)]))
    tints = column(database, layer, "tint")
    assert None not in tints
    assert all(one != other for one, other in itertools.pairwise(tints))


def test_progress_is_told_from_beginning_to_end(database: Database, registry: Registry) -> None:
    heard: list[tuple[int, int]] = []
    layer = registry.layer("work_units")
    load(
        database,
        registry,
        layer,
        ordinary(layer, 2500),
        progress=lambda done, all_: heard.append((done, all_)),
    )
    assert heard == sorted(heard)
    assert heard[-1] == (5000, 5000)
    assert len(heard) >= 5


# --- columns --------------------------------------------------------------------------------------
def test_columns_are_known_by_name_label_and_alias(registry: Registry) -> None:
    layer = registry.layer("grid_fields")
    columns = ["网格编号", " NAME ", "类型", "网格 长", "Answers-for people", "备注", "fid"]
    found = match(layer, columns, {})
    assert found.used == {
        "code": "网格编号",
        "name": " NAME ",
        "kind": "类型",
        "leader": "网格 长",
        "people_lead": "Answers-for people",
    }
    assert found.ignored == ("备注", "fid")


def test_the_exact_name_goes_before_any_other(registry: Registry) -> None:
    found = match(registry.layer("water"), ["名称", "Name", "name"], {})
    assert found.used == {"name": "name"}
    assert found.ignored == ("名称", "Name")


def test_names_that_a_shapefile_cut_are_known_where_they_are_clear(registry: Registry) -> None:
    layer = registry.layer("illegal_structures")
    found = match(layer, ["number", "status", "DEMOLISHED", "area_measu", "area_compu"], {})
    assert found.used["demolished_area_m2"] == "DEMOLISHED"
    assert found.used["area_measured_m2"] == "area_measu"
    cut = "所属社区代码".encode()[:10].decode(errors="ignore")
    cut_gbk = "所属社区代码".encode("gbk")[:10].decode("gbk", "ignore")
    for heading in (cut, cut_gbk):
        found = match(registry.layer("grid_fields"), ["code", "name", "kind", heading], {})
        assert found.used["division"] == heading


def test_a_person_may_say_which_column_is_which(database: Database, registry: Registry) -> None:
    layer = registry.layer("work_units")
    rows = [{"name": "wrong", "单位": "林家崖小学", "kind": "学校"}]
    given = source(rows, [geometry(layer)])
    report = load(database, registry, layer, given, Options(mapping={"name": "单位"}))
    assert report.used == {"name": "单位", "kind": "kind"}
    assert report.ignored == ("name",)
    assert column(database, layer, "name") == ["林家崖小学"]
    for mapping, rule in (
        ({"name": "没有"}, COLUMN_UNKNOWN),
        ({"nobody": "name"}, BAD_PARAMETER),
    ):
        problem = refusal(database, registry, layer, given, Options(mapping=mapping))
        assert problem.rule is rule


def test_a_missing_required_column_names_what_would_do(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("grid_fields")
    problem = refusal(database, registry, layer, source([{"name": "甲"}], [geometry(layer)]))
    assert problem.rule is COLUMN_MISSING
    for name in ("code", "kind", "网格编号", "Grid code"):
        assert name in problem.sentence()


# --- what is refused ------------------------------------------------------------------------------
def test_every_refused_value_is_named_and_nothing_stays(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("grid_fields")
    wrong: list[tuple[Row, str, object]] = [
        ({"code": "12"}, "code", CODE_LENGTH),
        ({"name": None}, "name", VALUE_MISSING),
        ({"name": "a\0"}, "name", VALUE_CONTROL),
        ({"name": "x" * 10_001}, "name", VALUE_LENGTH),
        ({"kind": "未知"}, "kind", VALUE_CHOICE),
        ({"households": "很多"}, "households", VALUE_TYPE),
        ({"population": -1}, "population", VALUE_RANGE),
        ({"code": grid_code(8)}, "code", VALUE_DUPLICATE),
    ]
    rows = [record(layer, n, **more) for n, (more, _, _) in enumerate(wrong)]
    rows.append(record(layer, 8))
    rows.append({**record(layer, 8), "name": "again"})
    problem = refusal(
        database, registry, layer, source(rows, [geometry(layer, n) for n in range(10)])
    )
    expected = {(n, name, rule.slug) for n, (_, name, rule) in enumerate(wrong, start=1)}
    expected |= {(9, "code", VALUE_DUPLICATE.slug), (10, "code", VALUE_DUPLICATE.slug)}
    assert places(problem.findings) == expected
    assert problem.values["refused"] == 10
    assert "台账.geojson" in problem.sentence()
    for row, other in ((8, 9), (9, 8), (10, 8)):
        duplicate = next(f for f in problem.findings if f.row == row)
        assert f"第 {other} 行" in duplicate.sentence()
    suggested = {f.rule: f.suggestion() for f in problem.findings}
    assert "综合网格" in suggested[VALUE_CHOICE]
    assert "0 到 " in suggested[VALUE_RANGE]
    assert all(f.suggestion("en") for f in problem.findings)
    assert all(len(f.sentence()) < 400 for f in problem.findings)


def test_every_refused_geometry_is_named(database: Database, registry: Registry) -> None:
    layer = registry.layer("grid_fields")
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    shapes: list[tuple[object, object]] = [
        (None, GEOMETRY_MISSING),
        ({"type": "Polygon", "coordinates": []}, GEOMETRY_MISSING),
        (shapely.Point(1, 2), GEOMETRY_TYPE),
        (shapely.box(100, 80, 101, 95), GEOMETRY_OUTSIDE),
        (bow_tie, GEOMETRY_INVALID),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [2, 2]]]}, GEOMETRY_UNREADABLE),
    ]
    rows = [record(layer, n) for n in range(len(shapes))]
    problem = refusal(database, registry, layer, source(rows, [shape for shape, _ in shapes]))
    assert places(problem.findings) == {
        (n, None, rule.slug) for n, (_, rule) in enumerate(shapes, start=1)
    }
    assert "0.5" in next(f for f in problem.findings if f.rule is GEOMETRY_INVALID).sentence()


def test_the_list_of_findings_is_cut_and_the_rest_counted(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("work_units")
    given = ordinary(layer, 1500, kind="未知")
    problem = refusal(database, registry, layer, given)
    assert len(problem.findings) == FINDINGS_LISTED
    assert problem.suppressed == 500
    assert problem.values["refused"] == 1500


def test_hostile_texts_are_stored_as_they_are(database: Database, registry: Registry) -> None:
    layer = registry.layer("work_units")
    texts = [
        "\\N",
        "\\.",
        "a\tb\\tc\nd\\n",
        "'; DROP TABLE work_units; --",
        "%s",
        "{{7*7}}",
        "NULL",
    ]
    rows = [{"name": text, "kind": "other"} for text in texts]
    load(database, registry, layer, source(rows, [geometry(layer, n) for n in range(len(texts))]))
    assert column(database, layer, "name") == texts


# --- two at once ----------------------------------------------------------------------------------
def test_two_imports_of_the_same_keys_follow_each_other(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("work_units")
    given = ordinary(layer, 300)
    outcomes: list[Report | Problem] = []

    def run() -> None:
        try:
            outcomes.append(load(database, registry, layer, given))
        except Problem as problem:
            outcomes.append(problem)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [type(outcome) for outcome in outcomes].count(Report) == 1
    refused = [outcome for outcome in outcomes if isinstance(outcome, Problem)]
    assert {problem.rule for problem in refused} == {IMPORT_REFUSED}
    assert count(database, layer) == 300


def test_readers_see_nothing_of_an_import_until_it_is_done(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer("work_units")
    seen: list[int] = []

    def look(done: int, total: int) -> None:
        seen.append(count(database, layer))

    load(database, registry, layer, ordinary(layer, 2500), progress=look)
    assert set(seen) == {0}
    assert count(database, layer) == 2500


def test_an_import_waits_for_a_writer(database: Database, registry: Registry) -> None:
    layer = registry.layer("work_units")
    started, reports = threading.Event(), []

    def run() -> None:
        started.set()
        try:
            load(database, registry, layer, ordinary(layer, 1))
        except Problem as problem:
            reports.append(problem)

    with database.begin() as connection:
        features.insert(connection, layer, record(layer), geometry(layer))
        thread = threading.Thread(target=run)
        thread.start()
        started.wait(10)
        time.sleep(0.2)  # long enough to reach the lock; the outcome is the same if it is not
    thread.join(60)
    assert [problem.rule for problem in reports] == [IMPORT_REFUSED]
    assert count(database, layer) == 1
