"""A declaration that makes no sense is refused when it is written, not when it is used."""

from dataclasses import replace

import pytest

from layers.declaring.dividing import Hierarchy
from layers.declaring.words import (
    Aggregate,
    Choice,
    Field,
    Geometry,
    Label,
    Layer,
    Measure,
    Paint,
    Pattern,
    Style,
    Type,
)
from layers.registry import Registry, build, discover
from tests.factories import BENCHES

NAME = Field(name="name", label=Label("名称", "Name"))
WORD = Label("词", "word")


@pytest.mark.parametrize("name", ["Name", "1st", "a b", "x" * 41, "", 'a"b', "id", "geom", "tint"])
def test_a_field_name_must_be_a_plain_identifier(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a field"):
        Field(name=name, label=WORD)


def test_choices_and_patterns_belong_to_text() -> None:
    with pytest.raises(ValueError, match="for text"):
        Field(name="n", label=WORD, type=Type.INTEGER, choices=(Choice("1", WORD),))
    with pytest.raises(ValueError, match="for text"):
        Field(name="n", label=WORD, type=Type.DATE, pattern=Pattern("x", WORD))


@pytest.mark.parametrize(
    "change",
    [
        {"key": ("code",)},
        {"title": "code"},
        {"style": Style(label="code")},
        {"style": Style(tooltip=("name", "code"))},
        {"measures": (Measure(name="m", label=WORD, aggregate=Aggregate.SUM, field="code"),)},
        {"hierarchy": Hierarchy(code="code", level="name", parent="name")},
    ],
)
def test_a_reference_to_no_field_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="'code' is not one of its fields"):
        replace(BENCHES, **change)


def test_a_hierarchy_has_levels_that_the_codes_know() -> None:
    tree = Hierarchy(code="name", level="name", parent="name")
    with pytest.raises(ValueError, match="name has choices that are no levels"):
        replace(BENCHES, hierarchy=tree)
    level = replace(NAME, choices=(Choice("street", WORD), Choice("planet", WORD)))
    with pytest.raises(ValueError, match="name has choices that are no levels"):
        replace(BENCHES, fields=(level,), hierarchy=tree)
    street = replace(NAME, choices=(Choice("street", WORD),))
    assert replace(BENCHES, fields=(street,), hierarchy=tree).hierarchy == tree


def test_a_field_cannot_be_declared_twice() -> None:
    with pytest.raises(ValueError, match="declared twice"):
        Layer(name="a", label=WORD, geometry=Geometry.POINT, fields=(NAME, NAME))


def test_drawing_by_a_field_needs_choices_and_enough_paints() -> None:
    with pytest.raises(ValueError, match="no choices"):
        replace(BENCHES, style=Style(by="name"))
    many = Field(name="kind", label=WORD, choices=tuple(Choice(str(n), WORD) for n in range(6)))
    with pytest.raises(ValueError, match="fewer paints"):
        replace(BENCHES, fields=(NAME, many), style=Style(by="kind"))


def test_a_colour_is_six_hex_digits() -> None:
    with pytest.raises(ValueError, match="no #rrggbb"):
        Paint("red;}")


def test_the_registry_cannot_be_changed(registry: Registry) -> None:
    with pytest.raises(TypeError):
        registry.layers["x"] = BENCHES  # type: ignore[index]  # that it is refused is the test


def test_ground_is_drawn_first_and_points_last(registry: Registry) -> None:
    drawn = [layer.geometry for layer in registry.drawn(registry.theme("structures"))]
    assert drawn[-1] is Geometry.POINT
    assert registry.drawn(registry.theme("overview"))[0].role == "basemap"


def test_a_layer_that_no_theme_names_gets_its_own_and_a_place_in_the_overview() -> None:
    layers = [*discover().layers.values(), BENCHES]
    registry = build(layers)
    assert registry.theme("benches").subjects == ("benches",)
    assert "benches" in registry.theme("overview").subjects
    assert {"overview", "fields", "liaison", "structures", "courtyards"} < registry.themes.keys()


def test_two_layers_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="share a name"):
        build([BENCHES, BENCHES])


def test_every_field_has_both_languages_and_no_name_for_two_fields(registry: Registry) -> None:
    for layer in registry.layers.values():
        accepted = [name for field in layer.fields for name in {*field.names}]
        assert len(accepted) == len(set(accepted)), layer.name
        for field in layer.fields:
            assert field.label.zh, (layer.name, field.name)
            assert field.label.en, (layer.name, field.name)
