"""A drawn set on a map: what the script is told, and that nothing in it acts."""

import json
import re

import pytest
import shapely

from gis.errors import Finding
from gis.refusals.coverage import COVERAGE_GAP, COVERAGE_OVERLAP
from layers.declaring.words import Geometry, Paint, Shape
from layers.refusals.values import VALUE_MISSING
from maps import faults, overlay
from maps.drawing import Drawn, DrawnClass
from maps.inert import text as inert_text
from maps.legend import drawn_sections
from tests.maps.hostile import CORPUS, Parsed, shown
from tests.maps.test_inert import compiled_again
from tests.maps.test_page import script_of

RED = Paint("#D13B4A", Shape.TRIANGLE)
HARMLESS = "x"


def collection(text: str) -> dict[str, object]:
    properties = {"class": text, "title": text, "text": text, "row": 1}
    point = {"type": "Point", "coordinates": [101.8, 36.62]}
    feature = {"type": "Feature", "id": text, "geometry": point, "properties": properties}
    return {"type": "FeatureCollection", "features": [feature]}


def set_of(text: str, **more: object) -> Drawn:
    classes = [DrawnClass(text, text, RED, "hatch"), DrawnClass(f"2{text}", text, RED, "dotted")]
    given: dict[str, object] = {"data": collection(text), "ringed": True, **more}
    return Drawn("rows", text, classes, **given)


def page_of(text: str, *, standalone: bool = False) -> str:
    drawn = [set_of(text), Drawn("others", text, [DrawnClass("a", text, RED)], url="/features")]
    return overlay.render(None, "zh", drawn, title=text, standalone=standalone).html


def told(html: str, name: str = "drawing_rows") -> dict[str, object]:
    start = html.split(f"var {name} = gridfield.drawing(", 1)[1].split(",", 1)[1].lstrip()
    return dict(json.JSONDecoder().raw_decode(start)[0])


def test_the_script_is_told_the_set_in_the_form_of_a_declared_layer() -> None:
    config = told(page_of("甲"))
    assert (config["name"], config["label"], config["map"]) == ("rows", "甲", "甲")
    assert (config["role"], config["geometry"], config["title"]) == ("subject", "polygon", "title")
    assert config["style"] == {
        "by": "class",
        "classes": [
            {
                "value": value,
                "label": "甲",
                "colour": "#D13B4A",
                "shape": "triangle",
                "width": 3.0,
                "pattern": pattern,
            }
            for value, pattern in (("甲", "hatch"), ("2甲", "dotted"))
        ],
        "tooltip": ["text"],
    }
    assert config["data"] == collection("甲")
    assert told(page_of("甲"), "drawing_others")["url"] == "/features"


def test_each_set_has_its_switch_above_the_ground_that_comes_later() -> None:
    hidden = set_of("甲", show=False)
    script = script_of(overlay.render(None, "zh", [hidden], title="甲").html)
    assert ": drawing_rows," in script
    assert "drawing_rows.addTo" not in script


def test_a_name_that_is_no_identifier_cannot_reach_the_script() -> None:
    with pytest.raises(ValueError, match="cannot name"):
        Drawn("a-b;alert(1)", "x", [])


def test_the_legend_tells_classes_apart_by_more_than_colour() -> None:
    (section,) = drawn_sections([set_of("甲")], "zh")
    first, second, ring = section.entries
    assert "M4 15.5" in first.swatch
    assert "stroke-dasharray" in second.swatch
    assert first.count_class == "甲"
    assert ring.label == "太小看不清的，外加记号"


def test_points_are_shown_by_their_symbol() -> None:
    (section,) = drawn_sections([set_of("甲", geometry=Geometry.POINT)], "zh")
    assert section.entries[0].swatch == section.entries[1].swatch
    assert "M13 2.5" in section.entries[0].swatch  # the triangle


@pytest.mark.parametrize("standalone", [False, True])
@pytest.mark.parametrize("text", CORPUS, ids=[repr(text[:24]) for text in CORPUS])
def test_hostile_text_changes_no_tag_and_is_told_as_it_is(text: str, standalone: bool) -> None:
    html = page_of(text, standalone=standalone)
    assert Parsed(html).tags == Parsed(page_of(HARMLESS, standalone=standalone)).tags
    config = told(html)
    assert config["data"] == collection(text)
    assert config["label"] == text
    assert any(shown(text) in title for title in Parsed(html).text_of("title"))
    html.encode()


@pytest.mark.parametrize("text", CORPUS, ids=[repr(text[:24]) for text in CORPUS])
def test_hostile_text_opens_no_template(text: str) -> None:
    html = page_of(text)
    assert not re.search(r"\{\{|\{%|\{#", html)
    assert compiled_again(html) == html


def test_the_layer_control_is_given_the_label_as_html_that_shows_it() -> None:
    label = "<img src=x onerror=alert(1)>{{7*7}}"
    script = script_of(page_of(label))
    (named,) = re.findall(r'"([^"]*)" : drawing_others', script)
    assert json.loads(f'"{named}"') == str(inert_text(label))


# --- findings -------------------------------------------------------------------------------------
def test_findings_become_a_class_for_each_rule_and_differ_in_pattern() -> None:
    square = shapely.box(101.8, 36.6, 101.801, 36.601)
    values = {
        "area": "12.50",
        "lon": "1",
        "lat": "2",
        "polygons": "a",
        "mend": "m",
        "mend_zh": "补",
    }
    findings = [
        Finding(VALUE_MISSING, 3, "网格编码"),
        Finding(COVERAGE_OVERLAP, None, None, values, square),
        Finding(COVERAGE_GAP, 7, None, values, square),
    ]
    drawn = faults.drawn(findings, "zh")
    assert [(c.value, c.label, c.pattern) for c in drawn.classes] == [
        ("coverage-gap", "空隙", "hatch"),
        ("coverage-overlap", "重叠", "counterhatch"),
    ]
    assert drawn.ringed
    assert drawn.data is not None
    overlap, gap = drawn.data["features"]
    # The ids are the places in the list, so that a table beside the map can link to them.
    assert (overlap["id"], gap["id"]) == ("2", "3")
    assert overlap["properties"]["title"] == "重叠 12.50 m²"
    assert gap["properties"]["title"] == "第 7 行"
    assert gap["properties"]["row"] == 7
    assert gap["properties"]["text"].endswith("\n补")


def test_a_rule_that_has_no_name_of_its_own_is_called_by_its_sentence() -> None:
    assert faults.label(VALUE_MISSING, "en") == VALUE_MISSING.sentence("en", {})
