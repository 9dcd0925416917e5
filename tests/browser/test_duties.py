"""Duties, accounts and their maps in a real Chromium: handed over by form, on phone and desktop."""

import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from gis import files
from gis.postgis import Database
from layers.admission.sessions import Kind
from layers.arriving import importing
from layers.declaring.people import Role
from layers.registry import discover
from tests import people
from tests.browser.axe import looks, sideways, violations
from tests.browser.conftest import DEMO, DESKTOP, PHONE, Site, Visitor, served

PAGES = [
    "/duties",
    "/duties?role=grid_leader&lang=en",
    "/duties/1",
    "/duties/new?layer=grid_fields&feature=1&role=grid_guide",
    "/duties/coverage?fields=2",
    "/duties/coverage?lang=en",
    "/accounts",
    "/accounts/1",
    "/maps/liaison",
    "/maps/workload?by=households",
]


@pytest.mark.browser
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_sound_in_every_look(demo: Site, visit: Visitor, path: str) -> None:
    for page in looks(visit, demo, path):
        folded = page.locator("details.fold-panel:not([open]) > summary")
        while folded.count():
            folded.first.click()
        assert violations(page) == []
        assert sideways(page) <= 0
    assert demo.outside == []
    assert visit.errors == []


# --- what changes something -----------------------------------------------------------------------
@pytest.fixture
def site(database: Database) -> Iterator[Site]:
    """Some of the demo, in a database of the test's own."""
    registry = discover()
    for name in ("divisions", "grid_fields"):
        source = files.read(DEMO / f"{name}.geojson")
        importing.load(database, registry, registry.layer(name), source)
    with served(database, registry) as found:
        leader = people.account(database, Role.LEADER, "630102007001")
        found.cookie = people.secret(database, leader.id, Kind.COOKIE)
        yield found


def first_leader(site: Site) -> tuple[int, str, int]:
    """A duty, who has it, and of which field."""
    statement = (
        "SELECT d.id, p.name, d.feature FROM duties d JOIN persons p ON p.id = d.person_id"
        " WHERE d.role = 'grid_leader' AND d.place = 630102007001 ORDER BY d.id LIMIT 1"
    )
    with site.database.read() as connection:
        duty, name, feature = connection.execute(sa.text(statement)).one()
    return duty, name, feature


def leader_of(site: Site, feature: int) -> str:
    with site.database.read() as connection:
        text = f"SELECT leader FROM grid_fields WHERE id = {feature}"
        return str(connection.scalar(sa.text(text)))


@pytest.mark.browser
@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_a_leader_hands_a_field_over_by_the_form(
    site: Site, visit: Visitor, size: dict[str, int]
) -> None:
    duty, former, feature = first_leader(site)
    with site.database.begin() as connection:  # begun today it could not end today
        connection.execute(sa.text("UPDATE duties SET valid_from = valid_from - 30"))
    page = visit(site, "/duties?role=grid_leader", size=size)
    page.locator(f"a[href='/duties/{duty}']").click()
    page.locator("#hand-over > summary").click()
    form = page.locator("#hand-over form")
    form.locator("[name=person]").fill(former)
    form.locator("[name=document]").fill("林办〔2026〕7号")
    form.locator("button").click()
    # Refused: the form is still open, and what was typed is there.
    assert "不能交接给本人" in page.locator("#hand-over-person-note").inner_text()
    assert page.locator("#hand-over [name=document]").input_value() == "林办〔2026〕7号"
    assert violations(page) == []
    page.locator("#hand-over [name=person]").fill("韩志强")
    page.locator("#hand-over button").click()
    assert "韩志强" in page.locator("h1").inner_text()
    assert former in page.locator("section[aria-labelledby=terms]").inner_text()
    assert leader_of(site, feature) == "韩志强"
    assert site.outside == []
    assert [error for error in visit.errors if "409" not in error] == []


@pytest.mark.browser
def test_everything_works_without_a_script(site: Site, visit: Visitor) -> None:
    duty, _, feature = first_leader(site)
    with site.database.begin() as connection:
        connection.execute(sa.text("UPDATE duties SET valid_from = valid_from - 30"))
    context = visit(site, "/duties").context.browser
    assert context
    plain = context.new_context(java_script_enabled=False)
    plain.add_cookies([{"name": "gridfield", "value": site.cookie, "url": site.address}])
    page = plain.new_page()
    page.goto(f"{site.address}/duties/{duty}")
    page.locator("#hand-over > summary").click()
    page.locator("#hand-over [name=person]").fill("马晓燕")
    page.locator("#hand-over button").click()
    assert leader_of(site, feature) == "马晓燕"
    plain.close()


# --- maps -----------------------------------------------------------------------------------------
def metres(text: str) -> int:
    found = re.search(r"([\d,]+) 米$", text)
    assert found, text
    return int(found[1].replace(",", ""))


@pytest.mark.browser
def test_the_legend_of_the_liaison_map_is_the_database(demo: Site, visit: Visitor) -> None:
    page = visit(demo, "/maps/liaison")
    lines = page.locator("[data-tally-value]").all_inner_texts()
    shown = {line.split("\n")[0]: metres(line.replace("\n", " ")) for line in lines}
    statement = (
        "SELECT liaison_leader, round(sum(st_length(geom::geography))::numeric)::int"
        " FROM road_segments GROUP BY 1"
    )
    with demo.database.read() as connection:
        told = {row[0]: row[1] for row in connection.execute(sa.text(statement))}
    missing = page.locator("[data-layer=road_segments] [data-count-alert]").inner_text()
    assert metres(missing) == told.pop(None)
    assert shown == told
    # Each leader's line has a colour of its own, none that of the warning.
    colours = [
        page.locator("[data-tally-value] svg path:last-child").nth(n).get_attribute("stroke")
        for n in range(len(shown))
    ]
    assert len(set(colours)) == len(colours)
    assert "#D1495B" not in colours


@pytest.mark.browser
@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_the_workload_map_is_drawn_by_what_one_chooses(
    demo: Site, visit: Visitor, size: dict[str, int]
) -> None:
    page = visit(demo, "/maps/workload", size=size)
    if not page.locator(".legend[open]").count():
        page.locator(".legend > summary").click()
    assert page.locator(".legend-views [aria-current]").inner_text() == "网格数"
    page.locator(".legend-views a", has_text="户数").click()
    page.wait_for_load_state("networkidle")
    assert page.url.partition("#")[0].endswith("/maps/workload?by=households")
    counts = page.locator("[data-layer=grid_fields] [data-count-class]").all_text_contents()
    with demo.database.read() as connection:
        fields = connection.scalar(sa.text("SELECT count(*) FROM grid_fields"))
    assert sum(int(count) for count in counts) == fields
    assert demo.outside == []
    assert visit.errors == []
