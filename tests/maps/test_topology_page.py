"""The topology report: what is wrong, in which order, and what may be ticked."""

import re

import pytest
import shapely

from gis.errors import Finding, Rule
from gis.fault import Action, Severity
from gis.refusals.coverage import COVERAGE_GAP, COVERAGE_SLIVER_GAP
from layers.ground.topology import Feature, Found, Inspection, Suggested
from layers.refusals.ground import PART_UNOWNED
from layers.registry import Registry
from maps.pages import topology as topology_page
from tests.maps.hostile import CORPUS, Parsed
from tests.maps.test_drawing import HARMLESS, told
from tests.maps.test_portal import text_of

_NAMES = ("polygons", "area", "width", "lon", "lat", "mend", "mend_zh", "column", "column_zh")


def found(
    name: str,
    rule: Rule,
    severity: Severity,
    area_m2: float | None,
    *,
    text: str = "甲",
    mends: bool = False,
) -> Found:
    ground = shapely.box(101.8, 36.6, 101.801, 36.601)
    finding = Finding(rule, values=dict.fromkeys(_NAMES, text), geometry=ground)
    feature = Feature(7, text)
    suggested = Suggested(Action.FILL, feature) if mends else None
    return Found(name, "gap", severity, finding, area_m2, None, (feature,), suggested)


def inspection(registry: Registry, text: str = "甲", division: str | None = None) -> Inspection:
    faults = (
        found("gap-1", COVERAGE_GAP, Severity.ERROR, 12_000.4, text=text, mends=True),
        found("gap-2", COVERAGE_GAP, Severity.ERROR, 3.456, text=text),
        found("sliver-3", COVERAGE_SLIVER_GAP, Severity.WARNING, 0.7, text=text, mends=True),
        found("unowned-4", PART_UNOWNED, Severity.WARNING, None, text=text),
    )
    return Inspection(registry.layer("grid_fields"), division, 44, faults)


def page(registry: Registry, inspected: Inspection, lang: str = "zh") -> str:
    layer = registry.layer("grid_fields")
    return topology_page.topology(layer, lang, inspected, map_src="/map?x=1")


def test_the_summary_has_each_rule_with_its_number_and_area(registry: Registry) -> None:
    read = text_of(page(registry, inspection(registry, division="630102")))
    assert "发现 4 处问题，其中 2 处是错误" in read
    assert "区划 630102，检查了 44 块" in read
    for said in ("空隙 2 12,004 平方米", "狭缝 1 0.70 平方米", "无人负责 1"):
        assert said in read


def test_faults_stand_in_their_order_each_with_the_way_to_its_place(registry: Registry) -> None:
    html = page(registry, inspection(registry))
    links = re.findall(r'href="/map\?x=1#id=([^"]+)" target="faults-map"', html)
    assert links == ["gap-1", "gap-2", "sliver-3", "unowned-4"]
    assert '<iframe class="map-frame" name="faults-map" src="/map?x=1"' in html
    assert '<a href="/collections/grid_fields/items/7">' in html


def test_only_what_can_be_mended_can_be_ticked(registry: Registry) -> None:
    html = page(registry, inspection(registry))
    ticks = [v for tag, name, v in Parsed(html).values if (tag, name) == ("input", "value")]
    assert ticks == ["gap-1", "sliver-3"]
    assert html.count('name="fix"') == 2
    assert html.count("<button") == 1
    assert "照此修补：并入 甲" in text_of(html)


def test_without_suggestions_there_is_nothing_to_apply(registry: Registry) -> None:
    fault = found("gap-2", COVERAGE_GAP, Severity.ERROR, 3.4)
    html = page(registry, Inspection(registry.layer("grid_fields"), None, 44, (fault,)))
    assert "<button" not in html


def test_a_coverage_without_fault_is_said_to_be_so(registry: Registry) -> None:
    layer = registry.layer("grid_fields")
    zh = text_of(page(registry, Inspection(layer, None, 331, ())))
    assert "没有空隙，没有重叠" in zh
    assert "检查了 331 块" in zh
    assert "No gap, no overlap" in text_of(page(registry, Inspection(layer, None, 331, ()), "en"))
    assert "还没有任何记录" in text_of(page(registry, Inspection(layer, None, 0, ())))


def test_more_faults_than_a_page_holds_are_counted(registry: Registry) -> None:
    many = tuple(found(f"gap-{n}", COVERAGE_GAP, Severity.ERROR, 1.0) for n in range(520))
    html = page(registry, Inspection(registry.layer("grid_fields"), None, 9, many))
    assert "另有 20 处没有列出" in text_of(html)


def test_the_map_draws_every_fault_under_its_id(registry: Registry) -> None:
    layer = registry.layer("grid_fields")
    html = topology_page.topology_map(registry, layer, "zh", inspection(registry)).html
    drawn = told(html, "drawing_faults")
    ids = [feature["id"] for feature in drawn["data"]["features"]]
    assert ids == ["gap-1", "gap-2", "sliver-3", "unowned-4"]
    assert drawn["ringed"]


@pytest.mark.parametrize("text", CORPUS, ids=[repr(text[:24]) for text in CORPUS])
def test_hostile_labels_change_no_tag(registry: Registry, text: str) -> None:
    html = page(registry, inspection(registry, text, division=text))
    harmless = page(registry, inspection(registry, HARMLESS, division=HARMLESS))
    assert Parsed(html).tags == Parsed(harmless).tags
    assert not re.search(r"\{\{|\{%|\{#", html)
    parsed = Parsed(html)
    assert not {"style", "script"} & {tag for tag, _ in parsed.tags}
