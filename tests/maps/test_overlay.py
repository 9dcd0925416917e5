"""Maps of what is not stored: over our ground, in an iframe, or as one file."""

import base64
import hashlib
import re

import pytest
import shapely

from gis.datum import Datum
from gis.errors import Finding
from gis.refusals.coverage import COVERAGE_OVERLAP
from layers.arriving.datum_evidence import Candidate
from layers.arriving.examination import State
from layers.refusals.ground import COVERAGE_OPENED
from layers.registry import Registry, build
from maps import overlay, page, preview
from maps.document import RenderedPage
from maps.pages import beside as pages
from tests.factories import BENCHES
from tests.maps.hostile import CORPUS, Parsed
from tests.maps.test_drawing import HARMLESS, set_of, told
from tests.maps.test_page import config_of, script_of

CANDIDATES = (
    Candidate(Datum.WGS84, 0.98, 0.0, 0),
    Candidate(Datum.GCJ02, 0.414, 512.3, 0),
    Candidate(Datum.BD09, None, 1330.2, 0),
)


def rendered(registry: Registry | None, **more: object) -> RenderedPage:
    return overlay.render(registry, "zh", [set_of("甲")], title="网格.shp", **more)


def test_the_ground_and_the_layers_under_what_is_drawn_stay_quiet(registry: Registry) -> None:
    config = config_of(rendered(registry).html)
    roles = {layer["name"]: layer["role"] for layer in config["layers"]}
    assert roles["divisions"] == roles["grid_fields"] == "context"
    assert set(roles.values()) == {"basemap", "context"}
    assert config["label"] == "网格.shp"
    assert "gridfield.list(" not in script_of(rendered(registry).html)


def test_layers_that_do_not_exist_are_not_drawn_under_it() -> None:
    config = config_of(rendered(build([BENCHES]), under=("benches", "grid_fields")).html)
    assert [layer["name"] for layer in config["layers"]] == ["benches"]


def test_what_is_drawn_gives_the_first_view_before_any_tile_is_fetched(registry: Registry) -> None:
    script = script_of(rendered(registry).html)
    assert script.index("gridfield.drawing(") < script.index("gridfield.createSource(")
    assert told(script)["bounds"] is None
    assert told(rendered(registry, bounds=(1.0, 2.0, 3.0, 4.0)).html)["bounds"] == [1, 2, 3, 4]


def test_a_page_is_small_and_the_same_each_time(registry: Registry) -> None:
    made = rendered(registry)
    assert made == rendered(registry)
    assert len(made.html.encode()) <= 30_000


def test_the_policy_names_the_one_inline_script(registry: Registry) -> None:
    for made in (rendered(registry), rendered(registry, embedded=True)):
        digest = hashlib.sha256(script_of(made.html).encode()).digest()
        assert made.script_hashes == (f"'sha256-{base64.b64encode(digest).decode()}'",)
        assert not re.search(r"""\w+://|["'(=]\s*//""", made.html)
    assert "frame-src 'self'" in page.policy()


def test_an_embedded_map_has_nothing_around_it_but_a_name(registry: Registry) -> None:
    parsed = Parsed(rendered(registry, embedded=True).html)
    assert not {"header", "footer", "nav"} & {tag for tag, _ in parsed.tags}
    assert [text for text in parsed.text_of("title") if "网格.shp" in text]
    assert "fullscreen" not in rendered(registry, embedded=True).html


# --- one file -------------------------------------------------------------------------------------
def test_a_file_holds_everything_and_names_no_other(registry: Registry) -> None:
    made = rendered(registry, standalone=True)
    parsed = Parsed(made.html)
    assert "link" not in {tag for tag, _ in parsed.tags}
    assert not [v for tag, name, v in parsed.values if name in {"src", "href", "action"}]
    styles = "".join(parsed.text_of("style"))
    assert not re.search(r"""url\((?!["']?(data:|#))""", styles)
    assert "createSource(" not in script_of_file(made.html)


def script_of_file(html: str) -> str:
    return html.rpartition("<script>")[2]


def test_a_file_keeps_itself_to_its_own_scripts_and_styles() -> None:
    made = rendered(None, standalone=True)
    (policy,) = [
        v
        for tag, name, v in Parsed(made.html).values
        if (tag, name) == ("meta", "content") and "default-src" in v
    ]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for kind in ("script", "style"):
        for text in re.findall(rf"<{kind}>(.*?)</{kind}>", made.html, re.DOTALL):
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy


@pytest.mark.parametrize("text", ["</script><script>alert(1)</script>", "<!--<script>", "</style>"])
def test_no_data_end_a_script_of_a_file(text: str) -> None:
    html = overlay.render(None, "zh", [set_of(text)], title=text, standalone=True).html
    harmless = overlay.render(None, "zh", [set_of(HARMLESS)], title=HARMLESS, standalone=True).html
    assert html.count("<script>") == harmless.count("<script>")
    assert html.lower().count("</script") == harmless.lower().count("</script")
    assert html.lower().count("</style") == harmless.lower().count("</style")


# --- drafts ---------------------------------------------------------------------------------------
def test_rows_are_drawn_by_what_would_become_of_them(registry: Registry) -> None:
    drawn = preview.rows(registry.layer("grid_fields"), "zh", "/features")
    assert [entry.value for entry in drawn.classes] == [state.value for state in State]
    looks = {(entry.paint.colour, entry.pattern) for entry in drawn.classes}
    assert len(looks) == len(drawn.classes)
    assert len({entry.pattern for entry in drawn.classes}) == len(drawn.classes)
    assert drawn.url == "/features"


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", ["坐标原样，98% 在辖区内", "移 512 米，41% 在辖区内", "移 1,330 米"]),
        (
            "en",
            [
                "As the file has them, 98% within the divisions",
                "512 m away, 41% within the divisions",
                "1,330 m away",
            ],
        ),
    ],
)
def test_candidates_differ_in_colour_and_line_and_say_how_far_apart_they_lie(
    registry: Registry, lang: str, said: list[str]
) -> None:
    layer = registry.layer("grid_fields")
    sets = preview.candidates(layer, lang, lambda datum: f"?datum={datum.value}", CANDIDATES)
    assert [drawn.name for drawn in sets] == ["wgs84", "gcj02", "bd09"]
    assert [drawn.url for drawn in sets] == ["?datum=wgs84", "?datum=gcj02", "?datum=bd09"]
    entries = [drawn.classes[0] for drawn in sets]
    assert [entry.label for entry in entries] == said
    assert len({entry.paint.colour for entry in entries}) == 3
    assert [entry.pattern for entry in entries] == ["outline", "dashed", "dotted"]


# --- refusals -------------------------------------------------------------------------------------
def refusal(text: str, *, placed: bool = True) -> pages.Refusal:
    square = shapely.box(101.8, 36.6, 101.801, 36.601) if placed else None
    names = ("polygons", "area", "lon", "lat", "mend", "mend_zh")
    finding = Finding(COVERAGE_OVERLAP, 2, text, dict.fromkeys(names, text), square)
    sentence = COVERAGE_OPENED.sentence("zh", {"layer": text, "count": 1})
    return pages.Refusal(422, sentence, [finding])


def test_a_refusal_with_places_shows_them_on_a_map_of_its_own(registry: Registry) -> None:
    made = pages.problem("zh", refusal("甲"), registry)
    assert told(made.html, "drawing_faults")["data"]["features"][0]["id"] == "1"
    assert '<a class="row-open" href="#id=1">' in made.html
    digest = hashlib.sha256(script_of(made.html).encode()).digest()
    assert made.script_hashes == (f"'sha256-{base64.b64encode(digest).decode()}'",)


def test_a_refusal_without_places_has_no_script(registry: Registry) -> None:
    made = pages.problem("zh", refusal("甲", placed=False), registry)
    assert made.script_hashes == ()
    assert "script" not in {tag for tag, _ in Parsed(made.html).tags}


@pytest.mark.parametrize("text", CORPUS, ids=[repr(text[:24]) for text in CORPUS])
def test_hostile_text_in_a_refusal_changes_no_tag(registry: Registry, text: str) -> None:
    html = pages.problem("zh", refusal(text), registry).html
    assert Parsed(html).tags == Parsed(pages.problem("zh", refusal(HARMLESS), registry).html).tags
    assert not re.search(r"\{\{|\{%|\{#", html)
