"""The pages about data and what went wrong."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from gis.errors import Finding
from layers.declaring.words import Field, Label, Layer, Type
from layers.leaving.exporting import FORMATS
from layers.photos.bringing import Photo
from layers.refusals.values import VALUE_MISSING, VALUE_RANGE
from layers.registry import Registry
from layers.serving.summaries import Summary
from maps import values
from maps.pages import beside as pages
from tests.maps.hostile import Parsed
from tests.maps.test_portal import text_of

SUMMARY = Summary(
    count=44,
    bounds=None,
    classes={},
    alerts=0,
    measures={"leaders": 16.0, "unowned": 1.0},
    sources=("普查",),
)
FINDINGS = (
    Finding(VALUE_MISSING, 3, "网格编码"),
    Finding(VALUE_RANGE, 12, "户数", {"value": -4, "low": 0, "high": 9}),
)

PHOTOS = (
    Photo("a" * 64, "before", datetime(2026, 11, 23, tzinfo=UTC), True, "image/jpeg", 3000, 4000),
    Photo("b" * 64, "other", None, False, None, None, None),
)


def feature(layer: Layer, **properties: object) -> str:
    whole = {field.name: None for field in layer.fields} | properties
    ring = [[101.8, 36.6], [101.9, 36.6], [101.9, 36.7], [101.8, 36.6]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return json.dumps({"type": "Feature", "id": 3, "geometry": geometry, "properties": whole})


def hrefs(html: str) -> list[str]:
    return [value for tag, name, value in Parsed(html).values if (tag, name) == ("a", "href")]


def every_page(registry: Registry) -> Iterator[str]:
    layer = registry.layer("grid_fields")
    for lang in ("zh", "en"):
        yield pages.collections(registry, lang, {})
        yield pages.collection(layer, lang, SUMMARY)
        yield pages.queryables(layer, lang)
        yield pages.items(layer, lang, pages.Listing([feature(layer)], 1))
        yield pages.item(layer, lang, feature(layer))
        yield pages.item(layer, lang, feature(layer), photos=PHOTOS)
        yield pages.problem(lang, pages.Refusal(404, "y", FINDINGS, 2)).html


def test_no_page_has_anything_inline_or_from_outside(registry: Registry) -> None:
    for html in every_page(registry):
        parsed = Parsed(html)
        assert not {"style", "script"} & {tag for tag, _ in parsed.tags}
        names = {name for _, attributes in parsed.tags for name in attributes}
        assert not {name for name in names if name == "style" or name.startswith("on")}
        assert not re.search(r"""\w+://|["'(=]\s*//""", html)


def test_every_page_has_one_title_and_one_first_heading(registry: Registry) -> None:
    for html in every_page(registry):
        tags = [tag for tag, _ in Parsed(html).tags]
        assert tags.count("h1") == tags.count("title") == tags.count("main") == 1


def test_the_list_of_layers_links_to_each_with_its_count(registry: Registry) -> None:
    html = pages.collections(registry, "zh", {"grid_fields": 1234})
    assert "1,234块" in text_of(html)
    for name in registry.layers:
        assert f"/collections/{name}" in hrefs(html)
        assert f"/collections/{name}/items" in hrefs(html)


def test_a_layer_shows_figures_fields_and_downloads(registry: Registry) -> None:
    layer = registry.layer("grid_fields")
    html = pages.collection(layer, "zh", SUMMARY)
    read = text_of(html)
    assert "44块 网格责任田" in read
    assert "普查" in read
    assert read.count("个人信息") == sum(field.personal for field in layer.fields)
    for name in FORMATS:
        assert f"/collections/grid_fields/export?f={name}" in hrefs(html)
    for field in layer.fields:
        assert field.name in Parsed(html).text_of("code")


def test_records_are_shown_with_the_labels_of_their_choices(registry: Registry) -> None:
    layer = registry.layer("grid_fields")
    listing = pages.Listing(
        [feature(layer, name="第3网格", kind="special", households=13647)],
        matched=44,
        first="/collections/grid_fields/items",
        next="/collections/grid_fields/items?after=3&limit=1",
    )
    html = pages.items(layer, "zh", listing)
    read = text_of(html)
    assert "共 44 条，本页 1 条" in read
    assert "专属网格" in read
    assert "13,647" in read
    assert "户数（户）" in read
    assert "/collections/grid_fields/items/3?f=html" in hrefs(html)
    assert "/collections/grid_fields/items?after=3&limit=1" in hrefs(html)


def test_the_last_page_has_no_next(registry: Registry) -> None:
    layer = registry.layer("grid_fields")
    html = pages.items(layer, "zh", pages.Listing([feature(layer)], 1))
    assert "下一页" not in text_of(html)
    assert "没有符合条件的记录" in text_of(pages.items(layer, "zh", pages.Listing([], 0)))


def test_a_record_leads_to_its_place_on_the_map(registry: Registry) -> None:
    layer = registry.layer("grid_fields")
    html = pages.item(layer, "en", feature(layer, name="Field 3"))
    assert Parsed(html).text_of("title")[0].startswith("Field 3")
    assert "/maps/overview#17/36.65000/101.85000" in hrefs(html)
    assert '"Polygon"' in text_of(html)


def test_a_record_without_a_name_is_called_by_layer_and_number(registry: Registry) -> None:
    layer = registry.layer("grid_fields")
    assert "网格责任田 3" in text_of(pages.item(layer, "zh", feature(layer)))


def test_a_problem_names_every_place(registry: Registry) -> None:
    html = pages.problem("zh", pages.Refusal(422, "2 行被拒", FINDINGS, 5)).html
    read = text_of(html)
    assert "第 3 行 · 网格编码" in read
    assert "-4 超出范围 0–9" in read
    assert "另有 5 处没有列出" in read


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (Type.TEXT, None, "—"),
        (Type.TEXT, "", "—"),
        (Type.BOOLEAN, True, "yes"),
        (Type.BOOLEAN, False, "no"),
        (Type.INTEGER, 1988, "1988"),
        (Type.INTEGER, 0, "0"),
        (Type.INTEGER, 100, "100"),
        (Type.DECIMAL, 12345.5, "12,345.5"),
        (Type.DECIMAL, 0.1234567, "0.123"),
        (Type.DATE, "2017-03-09", "2017-03-09"),
    ],
)
def test_a_value_is_written_for_a_person(kind: Type, value: object, said: str) -> None:
    assert (
        values.shown(Field(name="f", label=Label("字段", "Field"), type=kind), value, "en") == said
    )


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (None, None, ""),
        (0, None, "0 or more"),
        (None, 9, "9 or less"),
        (1800, 2200, "1800 to 2200"),
    ],
)
def test_limits_are_said_in_words(low: float | None, high: float | None, said: str) -> None:
    field = Field(
        name="f", label=Label("字段", "Field"), type=Type.INTEGER, minimum=low, maximum=high
    )
    assert values.limits(field, "en") == said


def test_photographs_are_shown_small_and_said_in_words(registry: Registry) -> None:
    layer, hostile = registry.layer("grid_fields"), '"><img src=x onerror=alert(1)>'
    html = pages.item(layer, "en", feature(layer, name=hostile), photos=PHOTOS)
    shown = {name: value for tag, name, value in Parsed(html).values if tag == "img"}
    assert shown["src"] == f"/photos/{'a' * 64}?size=160"
    assert shown["srcset"].split(", ")[1] == f"/photos/{'a' * 64}?size=480 360w"
    assert (shown["width"], shown["height"]) == ("360", "480")
    assert shown["alt"].endswith(": photo 1, Before")
    assert "Not here yet" in text_of(html)
