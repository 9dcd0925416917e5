"""Reports as files: complete in themselves, and harmless whatever was in the data."""

import re
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from gis.belief import Basis, Belief
from gis.datum import Datum
from gis.errors import Finding
from gis.fault import Severity
from gis.files import Source
from gis.refusals.coverage import COVERAGE_GAP
from layers.arriving.columns import Matched
from layers.arriving.examination import Counts, Examination, GoneFeature, Options, Report, State
from layers.ground.topology import Inspection
from layers.refusals.values import VALUE_MISSING, VALUE_RANGE
from layers.registry import Registry
from maps import report_file
from maps.words.wording import words
from tests.maps.hostile import CORPUS, Parsed
from tests.maps.test_drawing import HARMLESS, told
from tests.maps.test_portal import text_of
from tests.maps.test_topology_page import found, inspection

BELIEF = Belief("EPSG:4326", Basis.STATED, Datum.GCJ02, Basis.TOLD, encoding="gb18030")
_NAMES = ("polygons", "area", "lon", "lat", "mend", "mend_zh", "value")


def findings(text: str, *, placed: bool = True) -> tuple[Finding, ...]:
    ground = shapely.box(101.8, 36.6, 101.801, 36.601) if placed else None
    return (
        Finding(VALUE_MISSING, 1, text),
        Finding(VALUE_RANGE, 2, "户数", {"value": -4, "low": 0, "high": 9}),
        Finding(COVERAGE_GAP, 2, None, dict.fromkeys(_NAMES, text), ground),
    )


def examination(registry: Registry, text: str, *, placed: bool = True) -> Examination:
    grounds = [
        shapely.box(101.8, 36.6, 101.81, 36.61),
        None,
        shapely.box(101.81, 36.6, 101.82, 36.61),
    ]
    frame = gpd.GeoDataFrame({"code": [text] * 3}, geometry=grounds, crs=4326)
    return Examination(
        layer=registry.layer("grid_fields"),
        source=Source(text, frame, ("code",), BELIEF),
        options=Options(),
        matched=Matched({"code": text}, (text,)),
        states=(State.REFUSED, State.REFUSED, State.NEW),
        findings=findings(text, placed=placed),
        suppressed=4,
        notes=(Finding(VALUE_MISSING, None, text),),
        gone=(GoneFeature(1, text, text),),
        evidence=None,
        doubts=(Finding(VALUE_MISSING, None, text),),
        counts=Counts(rows=3, new=1, changed=0, unchanged=0, known=0, refused=2, gone=12),
    )


def loaded(*, batch: int | None = 7) -> Report:
    return Report(
        layer="grid_fields", name="网格.gpkg", rows=40, new=38, updated=2, unchanged=0, skipped=0,
        refused=0, deleted=0, used={}, ignored=(), notes=(), findings=(), dry_run=batch is None,
        batch=batch, belief=BELIEF,
    )  # fmt: skip


def every_file(registry: Registry, text: str) -> dict[str, str]:
    """Every kind of report, with and without a map."""
    return {
        "import": report_file.import_report(examination(registry, text), "zh"),
        "unplaced": report_file.import_report(examination(registry, text, placed=False), "en"),
        "loaded": report_file.import_report(loaded(), "zh"),
        "topology": report_file.topology_report(inspection(registry, text, text), "zh"),
    }


@pytest.fixture(scope="module")
def harmless(registry: Registry) -> dict[str, Parsed]:
    return {name: Parsed(html) for name, html in every_file(registry, HARMLESS).items()}


def test_an_import_report_names_row_value_rule_and_suggestion(registry: Registry) -> None:
    html = report_file.import_report(examination(registry, "甲"), "zh")
    read = text_of(html)
    assert "读到 3 行" in read
    for said in ("1 新增", "2 被拒", f"12 {words('import', 'zh')['state_gone']}"):
        assert said in read
    assert re.search("2 ?户数 ?-4 ?-4 超出范围 0–9 ?改为 0 到 9 之间的数 ?—", read)
    assert "另有 4 处没有列出" in read
    assert "另有 11 处没有列出" in read  # of those that the file lacks
    assert "GB18030" in read
    assert "GCJ-02（高德、腾讯）" in read


def test_a_place_in_the_table_leads_to_the_map_in_the_same_file(registry: Registry) -> None:
    html = report_file.import_report(examination(registry, "甲"), "zh")
    assert re.findall(r'<a href="#id=(\d)"', html) == ["3"]
    (fault,) = told(html, "drawing_faults")["data"]["features"]
    assert fault["id"] == "3"
    rows = told(html, "drawing_rows")["data"]["features"]
    assert [row["properties"]["row"] for row in rows] == [1, 3]


def test_without_places_there_is_no_map_and_no_script(registry: Registry) -> None:
    html = report_file.import_report(examination(registry, "甲", placed=False), "zh")
    assert "<script" not in html
    assert "gf-figure" not in Parsed(html).text_of("div")


def test_a_load_without_fault_says_so() -> None:
    read = text_of(report_file.import_report(loaded(), "zh"))
    assert "第 7 批导入" in read
    assert "没有发现问题" in read
    assert "只作检查" in text_of(report_file.import_report(loaded(batch=None), "zh"))


def test_a_topology_report_lists_and_draws_its_faults(registry: Registry) -> None:
    html = report_file.topology_report(inspection(registry), "zh")
    assert "发现 4 处问题，其中 2 处是错误" in text_of(html)
    assert len(told(html, "drawing_faults")["data"]["features"]) == 4
    assert re.findall(r'href="#id=([^"]+)"', html) == ["gap-1", "gap-2", "sliver-3", "unowned-4"]
    assert "input" not in {tag for tag, _ in Parsed(html).tags}


def test_a_coverage_without_fault_is_said_to_be_so(registry: Registry) -> None:
    none = Inspection(registry.layer("grid_fields"), None, 331, ())
    html = report_file.topology_report(none, "en")
    assert "No gap, no overlap" in text_of(html)
    assert "<script" not in html


def test_a_report_is_complete_in_itself(registry: Registry) -> None:
    for name, html in every_file(registry, "甲").items():
        parsed = Parsed(html)
        assert "link" not in {tag for tag, _ in parsed.tags}, name
        addresses = [v for _, attribute, v in parsed.values if attribute in {"src", "href"}]
        assert [v for v in addresses if not v.startswith("#")] == []
        names = {attribute for _, attributes in parsed.tags for attribute in attributes}
        assert not {n for n in names if n == "style" or n.startswith("on")}


def test_a_report_is_the_same_each_time(registry: Registry) -> None:
    assert every_file(registry, "甲") == every_file(registry, "甲")


@pytest.mark.parametrize("text", CORPUS, ids=[repr(text[:24]) for text in CORPUS])
def test_hostile_text_changes_no_tag(
    registry: Registry, harmless: dict[str, Parsed], text: str
) -> None:
    for name, html in every_file(registry, text).items():
        assert Parsed(html).tags == harmless[name].tags, name
        assert "alert(1)</script>" not in html
        html.encode()


def test_a_report_can_be_written_and_read_as_utf_8(registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "报告.html"
    fault = found("gap-2", COVERAGE_GAP, Severity.ERROR, 3.4)
    inspected = Inspection(registry.layer("grid_fields"), None, 44, (fault,))
    path.write_text(report_file.topology_report(inspected, "zh"), encoding="utf-8")
    assert '<meta charset="utf-8">' in path.read_text(encoding="utf-8")[:200]
