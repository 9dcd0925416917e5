"""Every class that a map draws stands in its legend."""

import re

import pytest

from gis.errors import Lang
from layers.declaring.words import Choice, Field, Geometry, Label, Layer, Style
from layers.registry import Registry, build
from maps import page, swatch
from maps.legend import Section, sections
from maps.style import classes
from tests.factories import BENCHES


def by_layer(registry: Registry, theme: str, lang: Lang = "zh") -> dict[str, Section]:
    return {s.layer: s for s in sections(registry.theme(theme), registry, lang)}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_choice_of_every_subject_has_an_entry(registry: Registry, lang: Lang) -> None:
    for theme in registry.themes.values():
        told = by_layer(registry, theme.name, lang)
        drawn = {layer.name: layer for layer in registry.drawn(theme)}
        for name in theme.subjects:
            layer = drawn[name]
            labels = [entry.label for entry in told[name].entries]
            counted = [entry.count_class for entry in told[name].entries]
            if layer.style.ranked:
                # A line for each value, which the script writes from the figures.
                assert [entry.repeats for entry in told[name].entries] == [True, False]
                continue
            if layer.style.distinct:
                assert layer.style.by
                assert "相邻不同" in labels[0] or "neighbours differ" in labels[0]
                continue
            for choice, label, _ in classes(layer):
                assert label.of(lang) in labels
                assert (choice.value if choice else None) in counted


def test_what_is_missing_has_an_entry_with_its_count(registry: Registry) -> None:
    entries = by_layer(registry, "liaison")["road_segments"].entries
    (missing,) = [entry for entry in entries if entry.counts_alerts]
    assert missing.label == "无联点领导"
    assert "stroke-dasharray" in missing.swatch


def test_sections_go_from_the_top_of_the_map_down_and_end_with_outlines(registry: Registry) -> None:
    assert list(by_layer(registry, "liaison")) == ["work_units", "road_segments", "grid_fields"]
    (outline,) = by_layer(registry, "liaison")["grid_fields"].entries
    assert outline.label == "网格责任田（界线）"


def test_symbols_that_grow_are_explained(registry: Registry) -> None:
    labels = [e.label for e in by_layer(registry, "structures", "en")["illegal_structures"].entries]
    assert labels[-1] == "The larger the symbol, the larger the measured area"


def test_the_legend_has_places_for_the_counts_of_its_layer_and_classes(registry: Registry) -> None:
    html = page.render(registry.theme("structures"), registry, "zh").html
    (section,) = re.findall(r'<section data-layer="illegal_structures">.*?</section>', html)
    assert "data-count></span></h2>" in section
    assert 'data-count-class="demolished"' in section
    liaison = page.render(registry.theme("liaison"), registry, "zh").html
    (section,) = re.findall(r'<section data-layer="road_segments">.*?</section>', liaison)
    assert "data-count-alert></span>" in section


def test_the_legend_is_closed_until_the_script_opens_it(registry: Registry) -> None:
    html = page.render(registry.theme("fields"), registry, "zh").html
    assert '<details class="legend" id="legend_1"><summary>' in html
    assert 'gridfield.legend(map_1, "legend_1")' in html


@pytest.mark.parametrize("geometry", [each for each in Geometry if each.accepted])
def test_a_later_layer_has_its_entries_whatever_its_geometry(geometry: Geometry) -> None:
    kinds = tuple(Choice(f"k{n}", Label(f"种类{n}", f"Kind {n}")) for n in range(3))
    field = Field(name="kind", label=Label("种类", "Kind"), choices=kinds)
    layer = Layer(
        name="later",
        label=Label("新图层", "Later"),
        geometry=geometry,
        fields=(field,),
        style=Style(by="kind", alert_without="kind"),
    )
    (section,) = sections(build([layer]).theme("later"), build([layer]), "zh")
    assert [entry.label for entry in section.entries] == ["种类0", "种类1", "种类2", "无种类"]
    drawn = [str(entry.swatch) for entry in section.entries]
    assert len(set(drawn)) == 4


def test_a_layer_without_classes_has_one_entry_of_its_own_name() -> None:
    (section,) = sections(build([BENCHES]).theme("benches"), build([BENCHES]), "en")
    assert [entry.label for entry in section.entries] == ["Benches"]


def test_swatches_carry_no_inline_style(registry: Registry) -> None:
    for layer in registry.layers.values():
        for _, _, paint in classes(layer):
            drawn = swatch.of(layer, paint)
            assert not re.search(r"\bstyle=|<style|\bon\w+=", drawn)
            assert 'aria-hidden="true"' in drawn


def test_a_map_of_several_views_leads_to_each_of_them(registry: Registry) -> None:
    theme = registry.theme("workload", "households")
    (section, *_) = sections(theme, registry, "en")
    assert section.views == (
        ("/maps/workload?by=fields", "Fields", False),
        ("/maps/workload?by=households", "Households", True),
        ("/maps/workload?by=metres", "Road length", False),
        ("/maps/workload?by=cases", "Open cases", False),
    )
    labels = [entry.label for entry in section.entries]
    assert labels[:4] == [
        "up to 750 households",
        "up to 1200 households",
        "up to 1500 households",
        "more than 1500 households",
    ]
    html = page.render(theme, registry, "en").html
    assert html.count('aria-current="true"') == 1
    assert "theme=workload&by=households" in html.replace("\\u0026", "&")
    alone = sections(registry.theme("liaison"), registry, "zh")
    assert not any(section.views for section in alone)
