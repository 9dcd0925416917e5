"""A map narrowed down by its address: tiles and figures follow, and nothing is told that way."""

from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from gis.postgis import Database
from layers.declaring.people import Role
from layers.reading import features
from layers.registry import Registry
from tests.api.conftest import BASE
from tests.api.test_tiles import place
from tests.factories import LAT, LON, geometry, record
from tests.people import bearer

STRUCTURES = "illegal_structures"
TILES = f"/tiles/WebMercatorQuad/{place(13, LON, LAT)}?collections={STRUCTURES}"


@pytest.fixture
def theme(registry: Registry) -> str:
    return next(name for name, each in registry.themes.items() if STRUCTURES in each.subjects)


@pytest.fixture
def stored(database: Database, registry: Registry) -> None:
    layer = registry.layer(STRUCTURES)
    with database.begin() as connection:
        for n, (status, area) in enumerate([("filed", 20), ("filed", 80), ("demolished", 50)]):
            values = record(layer, n, status=status, area_measured_m2=area, demolished_area_m2=None)
            features.insert(connection, layer, values, geometry(layer, n))


def filtered(*conditions: str, layer: str = STRUCTURES) -> str:
    return "".join(f"&filter={quote(f'{layer}:{condition}')}" for condition in conditions)


def count(client: TestClient, theme: str, *conditions: str, layer: str = STRUCTURES) -> int:
    answer = client.get(f"/maps/{theme}/summary?lang=en{filtered(*conditions, layer=layer)}")
    assert answer.status_code == 200, answer.text
    return int(answer.json()["layers"][layer]["count"])


def drawn(client: TestClient, *conditions: str) -> bytes:
    answer = client.get(f"{TILES}{filtered(*conditions)}")
    assert answer.status_code in {200, 204}, answer.text
    return answer.content


@pytest.mark.usefixtures("stored")
def test_figures_follow_the_filter(client: TestClient, theme: str) -> None:
    assert count(client, theme) == 3
    assert count(client, theme, "status = 'filed'") == 2
    assert count(client, theme, "status = 'filed'", "area_measured_m2 > 30") == 1
    asked = filtered("status = 'filed'")
    answer = client.get(f"/maps/{theme}/summary?f=json{asked}").json()
    figures = answer["layers"][STRUCTURES]
    assert {state: n for state, n in figures["classes"].items() if n} == {"filed": 2}
    assert figures["size_max"] == 80


@pytest.mark.usefixtures("stored")
def test_no_tile_is_given_for_another_filter(client: TestClient) -> None:
    """Asked twice each, in turn: the second time from the shelf, by the way before the route."""
    wanted = [(), ("status = 'filed'",), ("status = 'demolished'",), ("status = 'screened'",)]
    first = [drawn(client, *each) for each in wanted]
    assert len(set(first)) == len(wanted)
    assert [b"demolished" in each for each in first] == [True, False, True, False]
    assert [b"filed" in each for each in first] == [True, True, False, False]
    assert first[3] == b""
    assert [drawn(client, *each) for each in wanted] == first


@pytest.mark.usefixtures("stored")
def test_a_filtered_tile_is_never_stale(
    client: TestClient, database: Database, registry: Registry
) -> None:
    assert drawn(client, "area_measured_m2 > 100") == b""
    layer = registry.layer(STRUCTURES)
    with database.begin() as connection:
        values = record(layer, 7, area_measured_m2=700, demolished_area_m2=None)
        features.insert(connection, layer, values, geometry(layer, 1))
    assert drawn(client, "area_measured_m2 > 100") != b""


def test_a_filter_says_what_is_wrong_with_it(client: TestClient, theme: str) -> None:
    ways = (f"/maps/{theme}/summary?f=json", TILES)
    for way in (*ways, f"/maps/{theme}?", f"/maps/{theme}/filter?"):
        for wrong, said in {
            "status": "a colon",
            "nothing:a = 1": "no layer nothing",
            f"{STRUCTURES}:nothing = 1": "nothing is no field",
            f"{STRUCTURES}:status = ": "not understood",
            f"{STRUCTURES}:status = 'a'; DROP TABLE sites": "not understood",
        }.items():
            answer = client.get(f"{way}&lang=en&filter={quote(wrong)}")
            assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-parameter")
            assert said in answer.json()["detail"], answer.json()
    for way in ways:
        many = "".join(f"&filter={STRUCTURES}:area_measured_m2%20%3E%20{n}" for n in range(21))
        assert client.get(f"{way}{many}").status_code == 400


def test_names_cannot_be_found_by_trying(
    client: TestClient, database: Database, registry: Registry, settings: Settings
) -> None:
    layer = registry.layer("grid_fields")
    with database.begin() as connection:
        values = record(layer, 0, leader="马国良")
        features.insert(connection, layer, values, geometry(layer))
    whole, part = "leader = '马国良'", "leader LIKE '%国良%'"
    own = [count(client, "fields", each, layer="grid_fields") for each in (whole, part)]
    assert own == [1, 1]
    app = create_app(settings, database=database, registry=registry)
    with TestClient(app, BASE) as other:
        other.headers.update(bearer(database, Role.VIEWER))
        found = [count(other, "fields", each, layer="grid_fields") for each in (whole, part)]
        assert found == [0, 0]
        assert count(other, "fields", "leader = '马**'", layer="grid_fields") == 1
        address = f"/collections/grid_fields/tiles/WebMercatorQuad/{place(13, LON, LAT)}?"
        asked = [
            other.get(f"{address}{filtered(each, layer='grid_fields')}") for each in (whole, part)
        ]
        assert [each.status_code for each in asked] == [204, 204]


@pytest.mark.usefixtures("stored")
def test_what_is_in_sight_is_counted_exactly(client: TestClient, theme: str) -> None:
    def seen(box: str, *conditions: str) -> dict[str, object]:
        asked = f"/maps/{theme}/in-sight?bbox={box}{filtered(*conditions)}"
        answer = client.get(asked)
        assert answer.status_code == 200, answer.text
        found: dict[str, object] = answer.json()["layers"][STRUCTURES]
        return found

    # The three lie 0.001° apart, the first on the corner of the box.
    two = f"{LON},{LAT},{LON + 0.0015},{LAT}"
    assert seen(two) == {"count": 2, "classes": {"filed": 2}, "alerts": 0}
    assert seen(two, "area_measured_m2 > 30")["count"] == 1
    assert seen(f"{LON + 0.0005},{LAT - 1},{LON + 1},{LAT + 1}") == {
        "count": 2,
        "classes": {"filed": 1, "demolished": 1},
        "alerts": 0,
    }
    assert seen("0,0,1,1") == {"count": 0, "classes": {}, "alerts": 0}
    assert client.get(f"/maps/{theme}/in-sight?bbox=1,2").status_code == 400


@pytest.mark.usefixtures("stored")
def test_a_page_that_was_made_before_is_given_to_nobody_else(
    database: Database, registry: Registry, settings: Settings, theme: str
) -> None:
    app = create_app(settings, database=database, registry=registry)
    with TestClient(app, BASE) as client:
        for _ in range(2):
            for role, edits in ((Role.ADMIN, True), (Role.VIEWER, False)):
                client.headers.update(bearer(database, role))
                page = client.get(f"/maps/{theme}")
                assert ("data-edits" in page.text) is edits
                assert '<html lang="en"' in client.get(f"/maps/{theme}?lang=en").text
                client.cookies.clear()
