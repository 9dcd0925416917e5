"""`/check/{layer}`: what is wrong with a partition, for programs, for people, and mended."""

from typing import Any

import pytest
import shapely
from starlette.testclient import TestClient

from gis.postgis import Database
from layers.reading import features
from layers.registry import Registry
from tests.layers.fields import BLUE_SKY, STREET, division, field, plot, same_ground

CHECK = "/check/grid_fields"
HTML = {"accept": "text/html"}


@pytest.fixture
def row(database: Database, registry: Registry) -> list[int]:
    """Three fields in a row; the first leaves half of its cell, the last stands out."""
    with database.begin() as connection:
        division(connection, registry, plot(0, 0, 3), STREET)
        division(connection, registry, plot(0, 0, 3), parent=STREET)
        grounds = (plot(0, 0, 0.5), plot(1, 0), plot(2, 0, 1.2))
        return [field(connection, registry, n, at) for n, at in enumerate(grounds, start=1)]


def findings(client: TestClient, **asked: str) -> list[dict[str, Any]]:
    answer = client.get(CHECK, params=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["findings"]
    return found


def test_a_program_gets_everything_about_each_finding(client: TestClient, row: list[int]) -> None:
    answer = client.get(CHECK, params={"lang": "zh"})
    found = answer.json()
    assert (found["layer"], found["division"], found["features"]) == ("grid_fields", None, 3)
    assert (found["errors"], found["counts"]) == (2, {"uncovered": 1, "outside": 1})
    first, second = found["findings"]
    assert (first["kind"], first["severity"]) == ("uncovered", "error")
    assert first["area_m2"] == pytest.approx(4964, abs=2)
    ground = shapely.geometry.shape(first["geometry"])
    assert same_ground(ground, plot(0.5, 0, 0.5))
    assert ground.contains(shapely.Point(first["lon"], first["lat"]))
    assert first["features"][0] == {"id": row[0], "label": "网格001001"}
    assert first["suggestion"] == {
        "action": "fill",
        "feature": {"id": row[0], "label": "网格001001"},
        "sentence": "并入 网格001001",
    }
    assert second["suggestion"]["action"] == "cut"
    assert "网格001003" in second["sentence"]
    english = client.get(CHECK, params={"lang": "en"}).json()["findings"]
    assert english[0]["sentence"] != first["sentence"]


def test_a_division_stands_for_all_below_it(client: TestClient, row: list[int]) -> None:
    ids = [one["id"] for one in findings(client)]
    assert [one["id"] for one in findings(client, division=STREET)] == ids
    assert [one["id"] for one in findings(client, division=BLUE_SKY)] == ids


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("/check/buildings", "unknown-partition"),
        ("/check/nothing", "unknown-layer"),
        ("/check/grid_fields?division=999999999999", "unknown-division"),
        ("/check/grid_fields?division=%27%3B--", "unknown-division"),
        ("/check/grid_fields?division=%00", "unknown-division"),
        ("/check/grid_fields/map?division=1", "unknown-division"),
        ("/check/buildings/map", "unknown-partition"),
    ],
)
def test_what_is_not_there_is_not_found(
    client: TestClient, row: list[int], address: str, problem: str
) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.json()["type"]) == (404, f"/problems/{problem}")


def test_named_mends_are_made_and_no_others(client: TestClient, row: list[int]) -> None:
    first, second = (one["id"] for one in findings(client))
    done = client.post(CHECK, data={"fix": [first]}, follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, CHECK)
    assert [one["id"] for one in findings(client)] == [second]
    both = client.post(f"{CHECK}?division={STREET}", data={"fix": [second]}, follow_redirects=False)
    assert both.headers["location"] == f"{CHECK}?division={STREET}"
    assert findings(client) == []


def test_a_mend_that_is_not_there_changes_nothing(client: TestClient, row: list[int]) -> None:
    before = findings(client)
    refused = client.post(CHECK, data={"fix": [before[0]["id"], "gap-0000000000"]})
    assert (refused.status_code, refused.json()["type"]) == (404, "/problems/unknown-fault")
    assert findings(client) == before
    none = client.post(CHECK, follow_redirects=False)
    assert none.status_code == 303
    assert client.post("/check/buildings", data={"fix": ["a"]}).status_code == 404


def test_a_person_gets_a_page_with_a_map(client: TestClient, row: list[int]) -> None:
    page = client.get(CHECK, params={"division": STREET}, headers=HTML)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "网格001001" in page.text
    source = f"/check/grid_fields/map?division={STREET}&amp;embedded=1"
    assert source in page.text
    drawn = client.get(source.replace("&amp;", "&"), headers=HTML)
    assert drawn.status_code == 200
    assert "script-src" in drawn.headers["content-security-policy"]
    for one in findings(client):
        assert one["id"] in page.text
        assert one["id"] in drawn.text


def test_names_are_only_text_on_the_page(
    client: TestClient, database: Database, registry: Registry
) -> None:
    hostile = "</script><xss>{{7*7}}{% raw %}"
    with database.begin() as connection:
        for n in (1, 2):
            field(connection, registry, n, plot(n / 2, 0), name=f"{hostile}{n}")
    for address in (CHECK, f"{CHECK}/map"):
        page = client.get(address, headers=HTML)
        assert page.status_code == 200
        assert "<xss>" not in page.text
        assert "{{7*7}}" not in page.text


def test_the_demo_has_no_error(reader: TestClient) -> None:
    found = reader.get(CHECK).json()
    assert found["features"] > 40
    assert [one for one in found["findings"] if one["severity"] == "error"] == []


def test_a_page_that_has_not_changed_is_not_sent_again(client: TestClient, row: list[int]) -> None:
    etag = client.get(CHECK).headers["etag"]
    assert client.get(CHECK, headers={"if-none-match": etag}).status_code == 304


def test_the_settings_say_what_is_passed_over(
    client: TestClient, database: Database, registry: Registry, row: list[int]
) -> None:
    with database.begin() as connection:
        layer = registry.layer("grid_fields")
        features.redraw(connection, layer, row[0], plot(0, 0, 0.99996))  # 0.4 m²
        features.redraw(connection, layer, row[2], plot(2, 0))
    assert findings(client) == []
