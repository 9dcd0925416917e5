"""Hostile text in every label, title, unit and choice of every declared layer, on every page."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date

import folium
import pytest
from branca.element import MacroElement
from folium.template import Template

from gis.errors import Finding, Lang
from layers.declaring.duties import ROLES
from layers.declaring.words import Layer
from layers.duties.persons import Holder
from layers.duties.places import Place
from layers.here.answering import Answering
from layers.here.responsibility import Answer
from layers.refusals.duties import DOUBT_BORDER
from layers.refusals.values import VALUE_CHOICE
from layers.registry import Registry
from layers.serving.summaries import Summary
from maps import page
from maps.document import Document
from maps.element import Plain
from maps.pages import beside as pages
from maps.pages import here, portal
from maps.pages.here import Asked, Told
from maps.templating import Visit
from tests.maps.hostile import CORPUS, Parsed, hostile, shown
from tests.maps.test_inert import compiled_again
from tests.maps.test_page import config_of

NAMES = [repr(text[:24]) for text in CORPUS]
HARMLESS = "x"


def summary_of(layer: Layer, text: str) -> Summary:
    by = layer.style.by
    choices = layer.field(by).choices if by else ()
    return Summary(
        count=7,
        bounds=(101.79, 36.61, 101.83, 36.63),
        classes={choice.value: 1 for choice in choices},
        alerts=2,
        measures={measure.name: 1480.0 for measure in layer.measures},
        sources=(text,),
    )


def feature_of(layer: Layer, text: str) -> str:
    properties = {field.name: text for field in layer.fields}
    geometry = {"type": "Point", "coordinates": [101.8, 36.62]}
    return json.dumps({"type": "Feature", "id": 1, "geometry": geometry, "properties": properties})


def every_page(declared: Registry, text: str, lang: Lang) -> Iterator[tuple[str, str]]:
    """Every page there is, with `text` wherever text comes in; the names tell them apart."""
    registry = hostile(declared, text)
    summaries = {name: summary_of(layer, text) for name, layer in registry.layers.items()}
    query = {"division": text}
    for name, theme in registry.themes.items():
        made = page.render(theme, registry, lang, approval=text, synthetic=True, visit=Visit(query))
        yield f"map {name}", made.html
    yield "portal", portal.portal(registry, lang, summaries, approval=text, visit=Visit(query))
    yield "collections", pages.collections(registry, lang, {})
    for name, layer in registry.layers.items():
        yield from _layer_pages(name, layer, summaries, text, lang)
    yield from _problem_pages(text, lang)
    yield from _here_pages(registry, text, lang)


def _here_pages(registry: Registry, text: str, lang: Lang) -> Iterator[tuple[str, str]]:
    person = Holder(id=1, name=text, unit=text, post=text, phone=text)
    term = Answering(
        role=ROLES["grid_leader"],
        layer="grid_fields",
        feature=7,
        title=text,
        person=person,
        since=date(2026, 1, 1),
        until=None,
        document=text,
    )
    found = Answer(
        status="border",
        fields=({"id": 7, "name": text, "code": text},),
        nearest=None,
        road={"id": 8, "name": text, "from_place": text, "to_place": text, "distance_m": 3.0},
        on=date(2026, 2, 1),
        division={"code": "630102007001", "name": text},
        courtyard={"id": 9, "name": text, "distance_m": 0.0},
        unit=None,
        duties=(term,),
        doubts=(Finding(DOUBT_BORDER, values={"names": text}),),
    )
    place = Place(layer="grid_fields", feature=7, title=text, detail=text, lon=101.8, lat=36.6)
    for name, asked, told in (
        ("here", Asked(lon=101.8, lat=36.6), Told(answer=found, other_day=True)),
        ("found", Asked(text=text), Told(places=[place, place])),
        ("not found", Asked(text=text), Told()),
    ):
        yield name, here.page(registry, lang, asked, told, visit=Visit({"q": text})).html
        yield f"{name}, the answer", here.answer(registry, lang, asked, told)


def _layer_pages(
    name: str, layer: Layer, summaries: Mapping[str, Summary], text: str, lang: Lang
) -> Iterator[tuple[str, str]]:
    feature = feature_of(layer, text)
    yield f"collection {name}", pages.collection(layer, lang, summaries[name])
    yield f"queryables {name}", pages.queryables(layer, lang)
    listing = pages.Listing([feature], 1, first=f"?f={HARMLESS}", next=f"?{text}")
    yield f"items {name}", pages.items(layer, lang, listing)
    yield f"item {name}", pages.item(layer, lang, feature)


def _problem_pages(text: str, lang: Lang) -> Iterator[tuple[str, str]]:
    findings = [Finding(VALUE_CHOICE, 3, text, {"value": text, "allowed": text})]
    refusal = pages.Refusal(422, text, findings, suppressed=4)
    yield "problem", pages.problem(lang, refusal).html


@pytest.fixture(scope="module")
def harmless(registry: Registry) -> Mapping[str, Parsed]:
    return {name: Parsed(html) for name, html in every_page(registry, HARMLESS, "zh")}


@pytest.mark.parametrize("text", CORPUS, ids=NAMES)
def test_hostile_text_changes_no_tag_and_no_attribute_of_any_page(
    registry: Registry, harmless: Mapping[str, Parsed], text: str
) -> None:
    for name, html in every_page(registry, text, "zh"):
        assert Parsed(html).tags == harmless[name].tags, name


@pytest.mark.parametrize("text", CORPUS, ids=NAMES)
def test_no_page_opens_a_template_or_holds_what_cannot_be_sent(
    registry: Registry, text: str
) -> None:
    for name, html in every_page(registry, text, "en"):
        assert not re.search(r"\{\{|\{%|\{#", html), name
        html.encode()


@pytest.mark.parametrize("text", CORPUS, ids=NAMES)
def test_a_map_page_is_the_same_after_a_second_compilation(registry: Registry, text: str) -> None:
    world = hostile(registry, text)
    for theme in world.themes.values():
        html = page.render(theme, world, "zh").html
        assert compiled_again(html) == html


@pytest.mark.parametrize("text", CORPUS, ids=NAMES)
def test_hostile_text_is_read_as_it_was_written(registry: Registry, text: str) -> None:
    world = hostile(registry, text)
    for theme in world.themes.values():
        html = page.render(theme, world, "zh").html
        parsed = Parsed(html)
        assert parsed.text_of("h1") == [] or shown(text) in "".join(parsed.text_of("bdi"))
        assert any(shown(text) in title for title in parsed.text_of("title"))
        told = config_of(html)
        assert {layer["label"] for layer in told["layers"]} == {text}


def test_the_layer_control_is_given_names_as_html_that_shows_them(registry: Registry) -> None:
    world = hostile(registry, "<img src=x onerror=alert(1)>{{7*7}}")
    script = page.render(world.theme("structures"), world, "zh").html
    (named,) = re.findall(r'"([^"]*)" : vector_layer_illegal_structures', script)
    # Leaflet writes a name as innerHTML.
    assert (
        json.loads(f'"{named}"') == "&lt;img src=x onerror=alert(1)&gt;&#123;&#123;7*7&#125;&#125;"
    )


# --- elements of Folium's own, with text that has not passed through `inert` ----------------------
def around(registry: Registry) -> tuple[Document, page.ThematicMap]:
    frame = page.frame("zh", {"title": "x"})
    document, thematic = Document(frame), page.ThematicMap(None)
    document.add_child(thematic)
    return document, thematic


def test_a_plain_folium_map_runs_what_it_is_given_to_show() -> None:
    # The danger that the others of this file guard against; branca may mend it one day.
    plain = folium.Map(tiles=None)
    folium.FeatureGroup(name="{{7*7}}").add_to(plain)
    folium.LayerControl().add_to(plain)
    assert '"49"' in plain.get_root().render()


def test_text_in_folium_s_own_elements_is_not_compiled_again(registry: Registry) -> None:
    document, thematic = around(registry)
    group = folium.FeatureGroup(name="{{7*7}}").add_to(thematic)
    line = folium.PolyLine([(36.62, 101.8), (36.63, 101.8)]).add_to(group)
    folium.Tooltip("{{6*6}} {% for x in y %}{# gone").add_to(line)
    folium.LayerControl().add_to(thematic)
    html = document.rendered().html
    assert '"{{7*7}}"' in html
    assert "{{6*6}} {% for x in y %}{# gone" in html


class Late(Plain):
    """An element that adds a child while it renders, as Folium's layers do."""

    def render(self, **kwargs: object) -> str:
        child = MacroElement()
        child._template = Template("{% macro script(this, kwargs) %}{{ '{{7*7}}' }}{% endmacro %}")
        self.add_child(child)
        return super().render(**kwargs)


def test_a_child_that_comes_while_rendering_is_not_compiled_again(registry: Registry) -> None:
    document, thematic = around(registry)
    thematic.add_child(Late())
    assert "{{7*7}}" in document.rendered().html
