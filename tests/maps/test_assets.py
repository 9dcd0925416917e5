"""Our own copies of everything, and nothing of anybody else's."""

from collections.abc import Iterator
from pathlib import Path

import folium
import pytest
from branca.element import JavascriptLink, MacroElement
from folium import plugins
from folium.elements import JSCSSMixin

from gis.errors import Problem
from layers.registry import Registry
from maps import assets, page
from maps.document import Document


class Sly(MacroElement):
    """An element that links to elsewhere past the lists, as a few of Folium's do."""

    def render(self, **_: object) -> None:
        link = JavascriptLink("https://cdn.example/sly.js")
        self.get_root().header.add_child(link, name="sly")


@pytest.fixture
def document(registry: Registry) -> Document:
    return Document(page.frame("zh", {"title": "x"}))


@pytest.fixture
def thematic(document: Document) -> page.ThematicMap:
    made = page.ThematicMap(None)
    document.add_child(made)
    return made


@pytest.fixture
def shared() -> Iterator[dict[type, tuple[list[object], list[object]]]]:
    """The lists that every map of the process shares, put back as they were."""
    kinds = (folium.Map, plugins.Fullscreen, plugins.LocateControl, JSCSSMixin)
    before = {kind: (list(kind.default_js), list(kind.default_css)) for kind in kinds}
    yield before
    for kind, (js, css) in before.items():
        kind.default_js[:] = js
        kind.default_css[:] = css


def test_an_address_carries_the_hash_of_what_is_served() -> None:
    address = assets.url("map.js")
    found = assets.find(address.removeprefix(assets.PREFIX))
    assert found is not None
    assert found.media_type == "text/javascript; charset=utf-8"
    assert found.body == (assets._BUILT / "map.js").read_bytes()


@pytest.mark.parametrize("path", ["", "map.js", "00000000/map.js", "../assets.py", "{v}/../x"])
def test_an_unknown_path_finds_nothing(path: str) -> None:
    version = assets.url("map.js").split("/")[2]
    assert assets.find(path.format(v=version)) is None
    assert assets.find(f"{version}/../../assets.py") is None


def test_every_file_that_the_pages_need_has_been_built() -> None:
    needed = {"leaflet.js", "map.js", "map.css", "page.css", "here.css", "portal.css"}
    needed |= {"favicon.svg", "tile-worker.js"}
    needed |= {n for s in assets.SOURCES.values() for n in (*s.scripts, *s.styles)}
    assert all(assets.url(name) for name in needed)
    assert assets.favicon().media_type == "image/svg+xml"


def test_a_missing_build_says_how_to_make_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assets, "_BUILT", tmp_path)
    assets._files.cache_clear()
    try:
        with pytest.raises(Problem, match="make setup"):
            assets.url("map.js")
    finally:
        assets._files.cache_clear()


def test_a_file_that_is_not_there_says_its_name() -> None:
    with pytest.raises(Problem, match=r"nothing\.js"):
        assets.url("nothing.js")


@pytest.mark.parametrize("kind", [plugins.MiniMap, plugins.MarkerCluster, plugins.Draw])
def test_a_folium_element_that_we_have_no_copy_of_is_refused(
    thematic: page.ThematicMap, kind: type
) -> None:
    with pytest.raises(Problem, match=kind.__name__):
        kind().add_to(thematic)


def test_an_unknown_element_inside_a_group_is_refused_too(
    document: Document, thematic: page.ThematicMap
) -> None:
    group = folium.FeatureGroup().add_to(thematic)
    plugins.MarkerCluster().add_to(group)
    with pytest.raises(Problem, match="MarkerCluster"):
        document.rendered()


def test_a_subclass_that_brings_files_of_its_own_is_refused(thematic: page.ThematicMap) -> None:
    more = [*plugins.Fullscreen.default_js, ("more", "https://cdn.example/more.js")]
    bigger = type("Bigger", (plugins.Fullscreen,), {"default_js": more})
    with pytest.raises(Problem, match="Bigger"):
        bigger().add_to(thematic)


def test_an_element_that_was_given_an_outside_file_is_refused(
    document: Document, thematic: page.ThematicMap
) -> None:
    full = plugins.Fullscreen()
    thematic.add_child(full)
    full.add_js_link("more", "https://cdn.example/more.js")
    with pytest.raises(Problem, match="Fullscreen"):
        document.rendered()


@pytest.mark.parametrize("kind", [folium.Popup, folium.Marker, Sly])
def test_an_element_that_renders_in_a_way_of_its_own_is_refused(
    thematic: page.ThematicMap, kind: type
) -> None:
    with pytest.raises(Problem, match=kind.__name__):
        kind().add_to(thematic)


def test_our_pages_leave_the_shared_lists_of_folium_alone(
    registry: Registry, shared: dict[type, tuple[list[object], list[object]]]
) -> None:
    page.render(registry.theme("overview"), registry, "zh")
    for kind, (js, css) in shared.items():
        assert kind.default_js == js
        assert kind.default_css == css


def test_links_added_to_other_maps_do_not_reach_ours(
    registry: Registry, shared: dict[type, tuple[list[object], list[object]]]
) -> None:
    before = page.render(registry.theme("fields"), registry, "zh")
    folium.Map(tiles=None).add_js_link("evil", "https://cdn.example/evil.js")
    plugins.Fullscreen().add_css_link("evil", "https://cdn.example/evil.css")
    JSCSSMixin.default_js.append(("evil", "https://cdn.example/everywhere.js"))
    assert page.render(registry.theme("fields"), registry, "zh") == before


def test_links_added_to_ours_do_not_reach_other_maps(
    thematic: page.ThematicMap, shared: dict[type, tuple[list[object], list[object]]]
) -> None:
    thematic.add_js_link("ours", assets.url("import.js"))
    assert "import.js" not in folium.Map(tiles=None).get_root().render()
