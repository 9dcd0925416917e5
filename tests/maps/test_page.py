"""A map page: small, the same every time, our own address alone, and a policy that fits it."""

import base64
import hashlib
import itertools
import json
import os
import re
import subprocess
import sys

import folium
import pytest
from folium import plugins

from gis.errors import Lang
from layers.registry import Registry, build
from maps import page, style
from maps.document import Document
from maps.templating import Visit
from maps.vector_layer import VectorLayer, VectorSource
from tests.factories import BENCHES
from tests.maps.hostile import Parsed

BOUNDS = (101.79, 36.61, 101.83, 36.63)
LANGS: tuple[Lang, ...] = ("zh", "en")


@pytest.fixture(params=LANGS)
def lang(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def rendered(registry: Registry, lang: str = "zh") -> dict[str, page.RenderedPage]:
    return {
        name: page.render(theme, registry, lang, bounds=BOUNDS)
        for name, theme in registry.themes.items()
    }


def script_of(html: str) -> str:
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    return str(script)


def config_of(html: str) -> dict[str, object]:
    start = script_of(html).split("gridfield.createSource(", 1)[1].split(",", 1)[1].lstrip()
    return dict(json.JSONDecoder().raw_decode(start)[0])


def empty_map(registry: Registry) -> tuple[Document, page.ThematicMap]:
    around = page.frame("zh", {"title": "x"})
    document, thematic = Document(around), page.ThematicMap(None)
    document.add_child(thematic)
    return document, thematic


def test_a_page_weighs_at_most_thirty_kilobytes(registry: Registry, lang: str) -> None:
    for name, made in rendered(registry, lang).items():
        assert len(made.html.encode()) <= 30_000, name


def test_a_page_is_the_same_to_the_byte(registry: Registry, lang: str) -> None:
    before = rendered(registry, lang)
    folium.Map(tiles=None).get_root().render()
    assert rendered(registry, lang) == before


def test_a_page_is_the_same_in_another_process() -> None:
    code = (
        "from layers.registry import discover; from maps import page; r = discover();"
        "print(page.render(r.theme('overview'), r, 'zh').script_hashes)"
    )
    told = {  # two others, since hashing of texts differs from process to process
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1


def test_a_page_names_no_outside_address(registry: Registry, lang: str) -> None:
    for made in rendered(registry, lang).values():
        assert not re.search(r"""\w+://|["'(=]\s*//""", made.html)


def test_the_policy_names_the_one_inline_script_and_nothing_else_is_inline(
    registry: Registry, lang: str
) -> None:
    for made in rendered(registry, lang).values():
        digest = hashlib.sha256(script_of(made.html).encode()).digest()
        assert made.script_hashes == (f"'sha256-{base64.b64encode(digest).decode()}'",)
        assert made.script_hashes[0] in page.policy(made.script_hashes)
        parsed = Parsed(made.html)
        assert "style" not in {tag for tag, _ in parsed.tags}
        names = {name for _, attributes in parsed.tags for name in attributes}
        assert not {name for name in names if name == "style" or name.startswith("on")}


def test_the_policy_without_scripts_admits_none_inline() -> None:
    assert "script-src 'self';" in page.policy()
    assert "unsafe" not in page.policy(("'sha256-x'",))


def test_a_page_says_its_language_and_may_be_zoomed(registry: Registry) -> None:
    made = page.render(
        registry.theme("fields"), registry, "en", visit=Visit({"division": "63&x=1"})
    )
    assert '<html lang="en">' in made.html
    assert "user-scalable" not in made.html
    assert "maximum-scale" not in made.html
    assert ("a", "href", "?division=63%26x%3D1&lang=zh") in Parsed(made.html).values


def test_the_foot_shows_the_approval_or_says_internal(registry: Registry) -> None:
    theme = registry.theme("fields")
    internal = page.render(theme, registry, "zh")
    public = page.render(theme, registry, "zh", approval="青S(2026)001号", synthetic=True)
    assert "内部资料" in internal.html
    assert "演示数据" not in internal.html
    assert "内部资料" not in public.html
    assert "青S(2026)001号" in public.html
    assert "演示数据" in public.html


def test_the_page_is_made_of_folium_elements_in_loading_order(registry: Registry) -> None:
    html = page.render(registry.theme("fields"), registry, "zh").html
    scripts = [v for tag, name, v in Parsed(html).values if (tag, name) == ("script", "src")]
    names = [address.rpartition("/")[2] for address in scripts]
    assert names == ["leaflet.js", "fullscreen.js", "locate.js", "map.js"]
    script = script_of(html)
    for call in ("L.map(", "L.control.scale(", "L.control.fullscreen(", "L.control.locate("):
        assert script.count(call) == 1
    order = [script.index(part) for part in ("L.map(", "createSource(", "L.control.layers(")]
    assert order == sorted(order)


def test_zoom_limits_reach_the_map(registry: Registry) -> None:
    script = script_of(page.render(registry.theme("fields"), registry, "zh").html)
    assert '"minZoom": 3' in script
    assert '"maxZoom": 19' in script


def test_every_drawn_layer_is_in_the_config_and_behind_a_switch(
    registry: Registry, lang: str
) -> None:
    for name, made in rendered(registry, lang).items():
        drawn = registry.drawn(registry.theme(name))
        config = config_of(made.html)
        assert [told["name"] for told in config["layers"]] == [layer.name for layer in drawn]
        assert config["bounds"] == list(BOUNDS)
        switched = re.findall(r"vector_source_1, (\[.*?\])", script_of(made.html))
        assert [n for names in switched for n in json.loads(names)] == [x.name for x in drawn]


def test_the_config_follows_from_the_declarations_alone(registry: Registry) -> None:
    theme = registry.theme("structures")
    told = {x["name"]: x for x in style.config(theme, registry, "en", None)["layers"]}
    assert {name: x["role"] for name, x in told.items()} == {
        "buildings": "basemap",
        "water": "basemap",
        "streets": "basemap",
        "grid_fields": "context",
        "illegal_structures": "subject",
    }
    drawn = told["illegal_structures"]["style"]
    assert [c["value"] for c in drawn["classes"]][:2] == ["registered", "filed"]
    assert drawn["classes"][0] == {
        "value": "registered",
        "label": "Registered",
        "colour": "#B2182B",
        "shape": "triangle",
    }
    assert drawn["sizeBy"] == "area_measured_m2"
    assert told["grid_fields"]["style"]["alertLabel"] == "No grid leader"


def test_what_fields_are_called_stands_beside_the_page(registry: Registry) -> None:
    told = style.fields(registry.theme("structures"), registry, "en")
    assert list(told) == ["grid_fields", "illegal_structures"]  # nobody asks the ground
    leader = next(f for f in told["grid_fields"] if f["name"] == "leader")
    assert leader == {"name": "leader", "label": "Grid leader", "type": "text", "personal": True}


def test_the_address_of_the_words_changes_with_them(registry: Registry) -> None:
    def address(theme: str, lang: Lang) -> str:
        return str(style.config(registry.theme(theme), registry, lang, None)["fields"])

    first = address("fields", "zh")
    assert first == address("fields", "zh")
    told = style.fields(registry.theme("fields"), registry, "zh")
    assert first == f"/maps/fields/fields?lang=zh&v={style.version(told)}"
    versions = {
        address(*each).rpartition("v=")[2] for each in itertools.product(registry.themes, LANGS)
    }
    assert len(versions) > len(registry.themes)
    by = style.config(registry.theme("workload", "households"), registry, "zh", None)["fields"]
    assert "by=households&" in str(by)


def test_what_is_over_is_told_so_that_it_is_drawn_beneath(registry: Registry) -> None:
    (sites,) = (
        x
        for x in style.config(registry.theme("ledger"), registry, "zh", None)["layers"]
        if x["role"] == "subject"
    )
    over = {c["value"] for c in sites["style"]["classes"] if c.get("over")}
    workflow = registry.layer("sites").workflow
    assert workflow
    assert over == {*workflow.closed}


def test_a_layer_that_names_no_paint_is_not_drawn_as_an_alarm(registry: Registry) -> None:
    ((_, _, paint),) = style.classes(registry.layer("divisions"))
    assert paint.colour not in {"#B2182B", "#D1495B"}


def test_a_layer_of_one_declaration_gets_its_page() -> None:
    registry = build([BENCHES])
    made = page.render(registry.theme("benches"), registry, "zh")
    assert "长椅" in Parsed(made.html).text_of("bdi")
    assert '["benches"]' in made.html


def test_an_empty_system_has_a_view_without_bounds(registry: Registry) -> None:
    made = page.render(registry.theme("overview"), registry, "zh", bounds=None)
    assert config_of(made.html)["bounds"] is None


# --- elements that a caller adds ------------------------------------------------------------------
def test_a_vector_layer_has_its_name_from_the_beginning(registry: Registry) -> None:
    source = VectorSource(style.config(registry.theme("fields"), registry, "zh", None))
    layer = VectorLayer(source, ["streets"], name="道路", bounds=BOUNDS)
    name = layer.get_name()
    thematic = page.ThematicMap(None)
    layer.add_to(thematic)
    assert layer.get_name() == name == "vector_layer_streets"
    assert thematic.get_bounds() == [[36.61, 101.79], [36.63, 101.83]]


def test_a_hidden_layer_is_in_the_control_but_not_on_the_map(registry: Registry) -> None:
    document, thematic = empty_map(registry)
    source = VectorSource({})
    source.add_to(thematic)
    VectorLayer(source, ["streets"], name="道路", show=False).add_to(thematic)
    folium.LayerControl().add_to(thematic)
    script = script_of(document.rendered().html)
    assert "vector_layer_streets.addTo" not in script
    assert ": vector_layer_streets," in script


def test_folium_s_own_layers_work_beside_ours(registry: Registry) -> None:
    document, thematic = empty_map(registry)
    group = folium.FeatureGroup(name="组").add_to(thematic)
    folium.PolyLine([(36.62, 101.8), (36.63, 101.8)]).add_to(group)
    script = script_of(document.rendered().html)
    assert "L.polyline(" in script
    assert "L.featureGroup(" in script


def test_buttons_keep_their_folium_class_for_everybody_else(registry: Registry) -> None:
    page.render(registry.theme("fields"), registry, "zh")
    assert type(plugins.Fullscreen()) is plugins.Fullscreen
