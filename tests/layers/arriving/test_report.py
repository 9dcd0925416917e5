"""The report of an import: the same findings as lines, as JSON and as a workbook."""

import io
import json
from typing import Any

import openpyxl
import pytest
import shapely

from gis.errors import Finding
from gis.postgis import Database
from layers.arriving import report as import_report
from layers.arriving.importing import Examination, Options, examine, load
from layers.refusals.values import VALUE_TYPE
from layers.registry import Registry
from tests.factories import geometry, record
from tests.layers.incoming import ordinary, source

HOSTILE = "=HYPERLINK(0)\x00\x1b[31m"


def examined(database: Database, registry: Registry) -> Examination:
    layer = registry.layer("courtyards")
    load(database, registry, layer, ordinary(layer, 2))
    rows = [record(layer, 0), record(layer, 5, households=HOSTILE), record(layer, 6, built=1)]
    given = source(rows, [geometry(layer, n) for n in (0, 5, 6)])
    return examine(database, registry, layer, given, Options(on_conflict="update"))


def test_a_line_has_place_rule_value_and_suggestion(database: Database, registry: Registry) -> None:
    found = examined(database, registry)
    first, second = import_report.lines(found.findings, "zh")
    assert (first.row, first.column, first.rule) == (2, "households", "value-type")
    assert first.value == HOSTILE
    assert first.suggestion == "改为整数"
    place = geometry(found.layer, 5)
    assert (first.lon, first.lat) == (round(place.x, 7), round(place.y, 7))
    assert (second.row, second.value) == (3, "1")
    (english,) = import_report.lines(found.findings[:1], "en")
    assert english.suggestion == "write a whole number"


def test_a_finding_without_a_place_has_none() -> None:
    values = {"value": "x", "wanted": "y", "wanted_zh": "z"}
    bare = Finding(VALUE_TYPE, 1, "a", values)
    empty = Finding(VALUE_TYPE, 1, "a", values, shapely.Polygon())
    for line in import_report.lines([bare, empty], "zh"):
        assert (line.lon, line.lat) == (None, None)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_members_are_json(database: Database, registry: Registry, lang: Any) -> None:
    found = examined(database, registry)
    told = json.loads(json.dumps(import_report.members(found, lang), allow_nan=False))
    assert told["counts"] == {
        "rows": 3,
        "new": 0,
        "changed": 0,
        "unchanged": 1,
        "known": 0,
        "refused": 2,
        "gone": 1,
    }
    assert told["loads"] is False
    assert [line["row"] for line in told["findings"]] == [2, 3]
    assert [gone["key"] for gone in told["gone"]] == ["楼院名称 1"]
    assert told["belief"]["datum"] == "wgs84"
    assert told["evidence"]["known"] == 1
    layer = found.layer
    report = load(
        database, registry, layer, found.source, Options(on_conflict="update", accept_valid=True)
    )
    told = json.loads(json.dumps(import_report.members(report, lang), allow_nan=False))
    assert told["counts"]["refused"] == 2
    assert told["batch"] is None


def test_the_workbook_has_a_summary_the_findings_and_what_is_gone(
    database: Database, registry: Registry
) -> None:
    found = examined(database, registry)
    book = openpyxl.load_workbook(io.BytesIO(import_report.xlsx(found, "zh")))
    assert book.sheetnames == ["概况", "问题", "文件中没有的"]
    summary = dict(book["概况"].iter_rows(min_row=2, max_col=2, values_only=True))
    assert summary["文件"] == "台账.geojson"
    assert (summary["被拒"], summary["不变"]) == (2, 1)
    heading, first, _ = book["问题"].iter_rows(values_only=True)
    assert heading[:5] == ("行", "列", "值", "问题", "建议")
    assert first[2] == "=HYPERLINK(0)��[31m"
    assert book["问题"]["C2"].data_type == "s"
    assert [row[1] for row in book["文件中没有的"].iter_rows(min_row=2, values_only=True)] == [
        "楼院名称 1"
    ]
    english = openpyxl.load_workbook(io.BytesIO(import_report.xlsx(found, "en")))
    assert english.sheetnames == ["Summary", "Findings", "Not in the file"]
    report = load(
        database,
        registry,
        found.layer,
        found.source,
        Options(on_conflict="update", accept_valid=True),
    )
    assert len(openpyxl.load_workbook(io.BytesIO(import_report.xlsx(report, "zh"))).sheetnames) == 2
