"""The pages for editing and looking back: controls from declarations, and nothing but text."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import shapely

from gis.errors import Finding, Lang, Problem
from gis.refusals.coverage import COVERAGE_GAP
from layers.changing.reshaping import Neighbour
from layers.declaring.people import EVERYWHERE, Actor, Role
from layers.declaring.words import Layer
from layers.reading.chronicle import Entry, Flow, Passage
from layers.reading.past import Change, State
from layers.refusals.asking import FEATURE_REFUSED
from layers.refusals.ground import COVERAGE_OPENED
from layers.refusals.values import VALUE_TYPE
from layers.registry import Registry
from maps import page
from maps.pages import edit_form
from maps.pages import editing as edit_page
from maps.pages import history as history_page
from maps.pages.editing import Clash, Conflict, Filled, Sheet
from maps.templating import Visit
from tests.maps.hostile import CORPUS, Parsed
from tests.maps.test_drawing import HARMLESS
from tests.maps.test_portal import text_of

SQUARE = (
    '{"type":"Polygon","coordinates":[[[101.8,36.6],[101.81,36.6],[101.81,36.61],[101.8,36.6]]]}'
)
WIDER = (
    '{"type":"Polygon","coordinates":[[[101.8,36.6],[101.82,36.6],[101.81,36.61],[101.8,36.6]]]}'
)
LEADER = Visit({}, Actor(1, 1, "甲", Role.LEADER, EVERYWHERE, "cookie"))
HOSTILE = pytest.mark.parametrize("text", CORPUS, ids=[repr(text[:24]) for text in CORPUS])


def sheet(layer: Layer, text: str, **given: Any) -> Sheet:
    ground = shapely.box(101.8, 36.6, 101.801, 36.601)
    names = ("polygons", "area", "lon", "lat", "mend", "mend_zh", "value", "wanted", "wanted_zh")
    values = dict.fromkeys(names, text)
    findings = [
        Finding(VALUE_TYPE, column="households", values=values),
        Finding(COVERAGE_GAP, values=values, geometry=ground),
    ]
    filled = Filled(
        values={field.name: text for field in layer.fields},
        geometry=SQUARE,
        neighbours=json.dumps(
            [{"id": 2, "geometry": json.loads(WIDER), "was": json.loads(SQUARE)}]
        ),
        etag=text,
        version=3,
    )
    problem = Problem(COVERAGE_OPENED, findings=findings, layer=layer.name, count=2)
    made = Sheet(
        layer, 1, text, filled, problem=problem, neighbours=[Neighbour(2, text)], splits=True
    )
    return replace(made, **given)


def edited(registry: Registry, shown: Sheet, lang: Lang = "zh") -> str:
    return edit_page.render(registry, lang, shown, visit=LEADER).html


def entries(text: str) -> list[Entry]:
    was, became = (
        State({"name": text, "households": n, "kind": text}, json.loads(shape))
        for n, shape in enumerate((SQUARE, WIDER), start=1)
    )
    at = datetime(2026, 11, 23, 8, tzinfo=UTC)
    came = Change(4, 1, "insert", at, None, "cli", None, None, was, ())
    moved = Change(9, 2, "update", at, 7, text, text, was, became, ("households", "geometry"))
    flow = Flow(Passage.GAINED, 3, text, 1234.5)
    return [
        Entry(moved, text, None, False, (flow,), True),
        Entry(came, None, 5, False, (), False),
    ]


# --- the form -------------------------------------------------------------------------------------
def test_a_field_is_the_control_that_its_declaration_asks_for(registry: Registry) -> None:
    fields = registry.layer("grid_fields")
    typed = {"households": "many", "kind": "basic", "name": "a\nb"}
    wrong = [
        Finding(VALUE_TYPE, column="households", values={"value": "many", "wanted_zh": "整数"})
    ]
    found = {
        control.field.name: control
        for control in edit_form.controls(fields, "zh", typed, wrong, is_new=True)
    }
    assert list(found) == [field.name for field in fields.fields]
    assert (found["kind"].kind, found["kind"].value) == ("select", "basic")
    assert found["kind"].options[0] == ("general", "综合网格")
    assert (found["households"].mode, found["households"].value) == ("numeric", "many")
    assert found["households"].heading == "户数（户）"
    assert found["households"].errors == ["应为整数，不是“many”"] or found["households"].errors
    assert found["name"].kind == "area"
    assert "自动编号" in found["code"].hint
    assert "换人" in found["leader"].hint
    again = edit_form.controls(fields, "zh", typed, wrong, is_new=False)
    assert "自动编号" not in next(c.hint for c in again if c.field.name == "code")


def test_a_date_that_is_none_stays_to_be_seen(registry: Registry) -> None:
    layer = registry.layer("illegal_structures")
    dates = [field.name for field in layer.fields if field.type.value == "date"]
    assert dates
    for text, kind in (("2017-07-21", "date"), ("", "date"), ("2017年", "text")):
        found = edit_form.controls(layer, "zh", dict.fromkeys(dates, text), (), is_new=True)
        assert {c.kind for c in found if c.field.name in dates} == {kind}


def test_values_go_to_text_and_back(registry: Registry) -> None:
    layer = registry.layer("courtyards")
    given = {"name": "甲", "households": 7, "unheard": 1}
    texts = edit_form.texts(layer, given)
    assert (texts["name"], texts["households"]) == ("甲", "7")
    assert set(texts) == {field.name for field in layer.fields}


# --- the page -------------------------------------------------------------------------------------
def test_only_the_page_for_editing_loads_the_library(registry: Registry) -> None:
    html = edited(registry, sheet(registry.layer("grid_fields"), HARMLESS))
    assert re.findall(r'src="/assets/\w+/(geoman|edit)\.js"', html) == ["geoman", "edit"]
    for theme in registry.themes.values():
        assert "geoman" not in page.render(theme, registry, "zh").html


def test_what_was_refused_is_drawn_with_its_sentence(registry: Registry) -> None:
    html = edited(registry, sheet(registry.layer("grid_fields"), HARMLESS))
    assert "会出现 2 处新的空隙或重叠" in text_of(html)
    assert "var drawing_faults = gridfield.drawing(" in html
    assert 'href="#id=1"' in html


def test_a_clash_shows_both_sides(registry: Registry) -> None:
    conflict = Conflict([Clash("户数", "9", "8", both=True)], shape=True)
    layer = registry.layer("grid_fields")
    read = text_of(edited(registry, sheet(layer, HARMLESS, conflict=conflict)))
    assert "户数两边都改了98" in "".join(read.split())
    assert "图形也被别人改过" in read


@pytest.mark.parametrize(
    "shape", ["", "{", '{"type":"Point"}', '{"type":"Point","coordinates":[1,2]}', "NaN", "[1]"]
)
def test_the_map_is_given_no_shape_that_it_cannot_draw(registry: Registry, shape: str) -> None:
    layer = registry.layer("grid_fields")
    filled = Filled(geometry=shape, neighbours=f'[{{"id":1,"geometry":{shape or "1"},"was":2}}]')
    html = edited(registry, sheet(layer, HARMLESS, filled=filled))
    told = html.split("gridfieldEdit.start(", 1)[1]
    config = json.JSONDecoder().raw_decode(told[told.index("{") :])[0]
    assert config["geometry"] is None
    assert config["moved"] == []


@HOSTILE
@pytest.mark.parametrize("clashing", [False, True])
def test_hostile_values_change_no_tag_of_the_form(
    registry: Registry, text: str, *, clashing: bool
) -> None:
    layer = registry.layer("grid_fields")

    def html(said: str) -> str:
        clash = Conflict([Clash(said, said, said, both=True)])
        # Long texts stand in fields of another kind.
        filled = replace(sheet(layer, said).filled, values={"name": said[:50].replace("\n", "")})
        conflict = clash if clashing else None
        return edited(registry, sheet(layer, said, filled=filled, conflict=conflict))

    assert Parsed(html(text)).tags == Parsed(html(HARMLESS)).tags
    assert not re.search(r"\{\{|\{%|\{#", html(text))


# --- the history ----------------------------------------------------------------------------------
def test_a_change_is_told_in_words(registry: Registry) -> None:
    layer = registry.layer("grid_fields")
    html = history_page.render(layer, "zh", 1, entries("甲"), visit=LEADER)
    read = text_of(html)
    assert "共 2 次变更" in read
    assert "户数（户）12" in "".join(read.split())
    assert "从 甲 划入 1,234 平方米" in read
    assert "第 5 批导入" in read
    assert html.count("/undo") == 1
    assert "/items/1/history/9/map" in html
    assert "/undo" not in history_page.render(layer, "zh", 1, entries("甲"))


def test_the_map_of_a_change_has_both_outlines_and_what_came(registry: Registry) -> None:
    layer = registry.layer("grid_fields")
    html = history_page.change_map(registry, layer, "zh", entries("甲")[0].change).html
    start = html.split("var drawing_shapes = gridfield.drawing(", 1)[1].split(",", 1)[1].lstrip()
    drawn = json.JSONDecoder().raw_decode(start)[0]
    kinds = [feature["properties"]["class"] for feature in drawn["data"]["features"]]
    assert kinds == ["was", "became", "gained_ground"]
    assert [entry["value"] for entry in drawn["style"]["classes"]] == kinds


@HOSTILE
def test_hostile_values_change_no_tag_of_the_history(registry: Registry, text: str) -> None:
    layer = registry.layer("grid_fields")

    def pages(said: str) -> list[str]:
        told = entries(said)
        return [
            history_page.render(layer, "zh", 1, told, visit=LEADER),
            history_page.gone(layer, "zh", 1, told[0].change, visit=LEADER),
            history_page.change_map(registry, layer, "zh", told[0].change).html,
        ]

    for html, harmless in zip(pages(text), pages(HARMLESS), strict=True):
        assert Parsed(html).tags == Parsed(harmless).tags
        assert not re.search(r"\{\{|\{%|\{#", html)


def test_a_refusal_of_fields_has_no_name_for_programs(registry: Registry) -> None:
    values = dict.fromkeys(("value", "wanted", "wanted_zh"), "x")
    wrong = Problem(
        FEATURE_REFUSED,
        findings=[Finding(VALUE_TYPE, column="households", values=values)],
        layer="x",
        count=1,
    )
    layer = registry.layer("grid_fields")
    html = edited(registry, sheet(layer, HARMLESS, problem=wrong), "en")
    assert "1 entries break a rule" in text_of(html)
