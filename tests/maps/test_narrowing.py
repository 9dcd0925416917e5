"""What a form sends becomes conditions in CQL2, whatever is written into it."""

import pytest

from api import cql2
from gis.errors import Problem
from layers.registry import Registry
from maps import narrowing, page
from maps.sight import Sight

FIELDS, STRUCTURES = "grid_fields", "illegal_structures"


def read(registry: Registry, *query: tuple[str, str]) -> narrowing.Narrowing:
    return narrowing.read([registry.layer(FIELDS), registry.layer(STRUCTURES)], query)


def test_controls_become_conditions_that_hold_together(registry: Registry) -> None:
    found = read(
        registry,
        ("lang", "en"),
        (f"{STRUCTURES}.status", "filed"),
        (f"{STRUCTURES}.status", "demolished"),
        (f"{STRUCTURES}.found_on.from", "2017-01-01"),
        (f"{STRUCTURES}.found_on.to", "2017-12-31"),
        (f"{STRUCTURES}.area_measured_m2.from", "20.5"),
        (f"{STRUCTURES}.being_built", "yes"),
        (f"{STRUCTURES}.address", ""),
        (f"{FIELDS}.name", "互助"),
    )
    assert dict(found.conditions) == {
        FIELDS: "CASEI(name) LIKE CASEI('%互助%')",
        STRUCTURES: "(area_measured_m2 >= 20.5) AND (being_built = TRUE)"
        " AND (found_on >= DATE('2017-01-01')) AND (found_on <= DATE('2017-12-31'))"
        " AND (status IN ('filed', 'demolished'))",
    }
    for name, text in found.conditions:
        cql2.where(registry.layer(name), text)


@pytest.mark.parametrize(
    ("text", "looked_for"),
    [
        ("a'b", "%a'b%"),
        ("a\\'b", "%a_'b%"),  # any character in place of a backslash
        ("100%", "%100\\%%"),
        ("_", "%\\_%"),
        ("%\\'", "%\\%_'%"),
        ("'; DROP TABLE x; --", "%'; DROP TABLE x; --%"),
    ],
)
def test_any_text_is_looked_for_as_it_is(registry: Registry, text: str, looked_for: str) -> None:
    found = read(registry, (f"{FIELDS}.name", text))
    where = cql2.where(registry.layer(FIELDS), dict(found.conditions)[FIELDS])
    assert list(where.compile().params.values()) == [looked_for]


@pytest.mark.parametrize(
    "asked",
    [
        (f"{STRUCTURES}.found_on.from", "last year"),
        (f"{STRUCTURES}.area_measured_m2.to", "1e9"),
        (f"{STRUCTURES}.status", "nothing"),
        (f"{STRUCTURES}.nothing", "1"),
        (f"{STRUCTURES}.address.from", "1"),
    ],
)
def test_what_no_form_of_ours_sends_is_refused(registry: Registry, asked: tuple[str, str]) -> None:
    with pytest.raises(Problem) as refused:
        read(registry, asked)
    assert refused.value.values["name"] == asked[0]


def test_a_page_takes_what_it_is_narrowed_down_to_along(registry: Registry) -> None:
    asked = ((f"{STRUCTURES}.status", "filed"), ("filter", f"{FIELDS}:households > 3"))
    narrowed = narrowing.read(registry.drawn(registry.theme("structures")), asked)
    html = page.render(
        registry.theme("structures"), registry, "zh", sight=Sight(narrowing=narrowed)
    ).html
    told = "filter=grid_fields%3Ahouseholds+%3E+3&filter=illegal_structures%3Astatus+IN"
    script = html[html.index("<script>") :]
    assert script.count(told.replace("&", "\\u0026")) == 3, script  # tiles, figures, in sight
    # The other themes get what is about their own subjects, the day form and the list get all.
    assert '/maps/fields?filter=grid_fields%3Ahouseholds+%3E+3"' in html
    assert '/maps/courtyards"' in html
    assert "/collections/illegal_structures/items?f=html&amp;filter=status+IN" in html
    assert "查处状态：" in html or "已立案" in html


def test_personal_fields_are_offered_to_whoever_knows_them(registry: Registry) -> None:
    layers = [registry.layer(FIELDS)]
    for knows in (True, False):
        (part,) = narrowing.parts(layers, [], "zh", knows=knows)
        assert any(control.personal for control in part.controls) is knows
