"""A feature's history as a page, also after it is gone, and taking changes back."""

import json
import re
from collections.abc import Iterator

import pytest
import shapely
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from gis.postgis import Database
from layers.declaring.people import Role
from layers.duties.persons import Person
from layers.registry import Registry
from tests import people
from tests.api.conftest import BASE
from tests.api.edit_form import FIELDS, HTML, YARDS, form, geojson, moved, page, send
from tests.api.test_edit_pages import faults
from tests.api.test_editing import GEOJSON, feature
from tests.layers.fields import BLUE_SKY, division, field, plot


@pytest.fixture
def row(database: Database, registry: Registry) -> list[int]:
    """A division of three cells in a row, and the field of each."""
    with database.begin() as connection:
        division(connection, registry, plot(0, 0, 3))
        return [field(connection, registry, n + 1, plot(n, 0)) for n in range(3)]


@pytest.fixture
def yard(client: TestClient, registry: Registry) -> int:
    layer = registry.layer("courtyards")
    made = client.post(YARDS, json=feature(layer, name="甲院", households=5), headers=GEOJSON)
    return int(made.json()["id"])


@pytest.fixture
def app(settings: Settings, database: Database, registry: Registry) -> Iterator[TestClient]:
    """Somebody who has not said who they are."""
    app = create_app(settings, database=database, registry=registry)
    with TestClient(app, BASE, follow_redirects=False) as client:
        yield client


def test_the_history_names_who_from_where_and_what(
    app: TestClient, database: Database, row: list[int]
) -> None:
    address = f"{FIELDS}/{row[0]}"
    leader = people.account(database, Role.LEADER, BLUE_SKY, person=Person(name="欧阳海"))
    secret = people.secret(database, leader.id)
    app.headers["authorization"] = f"Bearer {secret}"
    sent = form(page(app, f"{address}/edit")) | {"field.households": "12"}
    assert send(app, f"{address}/edit", sent).status_code == 303
    told = page(app, f"{address}/history")
    assert "欧阳海" in told
    assert "程序接口" in told
    assert re.search(r"户数（户）</bdi></th><td[^>]*><bdi>—</bdi></td><td><bdi>12</bdi>", told)
    app.headers.update(people.bearer(database, Role.VIEWER, BLUE_SKY))
    seen = page(app, f"{address}/history")
    assert "欧阳海" not in seen
    assert "欧**" in seen


def test_the_lineage_is_told_on_both_sides(client: TestClient, row: list[int]) -> None:
    address = f"{FIELDS}/{row[0]}"
    sent = form(page(client, f"{address}/edit"))
    line = geojson(shapely.LineString([(101.8003, 36.5999), (101.8003, 36.6011)]))
    done = send(client, f"{address}/split", sent | {"line": line})
    made = done.headers["location"].removesuffix("/edit?made=1")
    assert f'分出 <a href="{made}/history">' in page(client, f"{address}/history")
    assert f'由 <a href="{address}/history">' in page(client, f"{made}/history")
    merging = form(page(client, f"{address}/edit")) | {"other": made.rpartition("/")[2]}
    assert send(client, f"{address}/merge", merging).status_code == 303
    assert f'合并了 <a href="{made}/history">' in page(client, f"{address}/history")
    gone = page(client, f"{made}/history")
    assert f'并入 <a href="{address}/history">' in gone
    assert "删除" in gone


def test_a_deleted_feature_says_so_and_leads_to_its_history(client: TestClient, yard: int) -> None:
    address = f"{YARDS}/{yard}"
    client.delete(address)
    gone = client.get(address, headers=HTML)
    assert gone.status_code == 410
    assert "甲院" in gone.text
    assert f'href="{address}/history"' in gone.text
    assert client.get(address).status_code == 404
    assert client.get(f"{YARDS}/999", headers=HTML).status_code == 404
    assert client.get(f"{address}/edit", headers=HTML).status_code == 404
    assert "/undo" in page(client, f"{address}/history")


def test_the_shapes_of_a_change_are_on_a_map(client: TestClient, row: list[int]) -> None:
    address = f"{FIELDS}/{row[0]}"
    sent = form(page(client, f"{address}/edit")) | {"geometry": geojson(plot(0, 0, 1.5))}
    sent["neighbours"] = json.dumps([moved(client, row[1], plot(1.5, 0, 0.5))])
    assert send(client, f"{address}/edit", sent).status_code == 303
    (last,) = client.get(f"{address}/history").json()["changes"][-1:]
    text = page(client, f"{address}/history/{last['number']}/map?embedded=1")
    for kind in ("was", "became", "gained_ground"):
        assert re.search(rf'"class": ?"{kind}"', text), kind
    assert re.search(r"4,96\d 平方米", text)
    for wrong in (f"{address}/history/1000000/map", f"{address}/history/x/map"):
        assert client.get(wrong, headers=HTML).status_code == 404


def test_a_change_is_undone_by_page_and_by_program(
    client: TestClient, database: Database, registry: Registry, row: list[int]
) -> None:
    address = f"{FIELDS}/{row[0]}"
    before = client.get(address).json()
    sent = form(page(client, f"{address}/edit")) | {"geometry": geojson(plot(0, 0, 1.5))}
    sent["neighbours"] = json.dumps([moved(client, row[1], plot(1.5, 0, 0.5))])
    assert send(client, f"{address}/edit", sent).status_code == 303
    number = client.get(f"{address}/history").json()["changes"][-1]["number"]
    undo = f"{address}/history/{number}/undo"
    other = client.post(f"{FIELDS}/{row[2]}/history/{number}/undo")
    assert (other.status_code, other.json()["type"]) == (404, "/problems/unknown-change")
    done = client.post(undo)
    assert (done.status_code, done.json()) == (200, {"undone": number, "features": 2})
    assert client.get(address).json() == before
    assert faults(database, registry) == 0
    again = client.post(undo)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/changed-since")
    newest = client.get(f"{address}/history").json()["changes"][-1]["number"]
    page_of = client.post(f"{address}/history/{newest}/undo", headers=HTML, follow_redirects=False)
    assert (page_of.status_code, page_of.headers["location"]) == (303, f"{address}/history")
    assert client.get(address).json() != before


def test_what_cannot_be_undone_says_why(client: TestClient, row: list[int], yard: int) -> None:
    address = f"{FIELDS}/{row[2]}"
    first = client.get(f"{address}/history").json()["changes"][0]["number"]
    refused = client.post(f"{address}/history/{first}/undo", headers=HTML)
    assert refused.status_code == 422
    client.patch(f"{YARDS}/{yard}", json={"properties": {"households": 6}}, headers=GEOJSON)
    came = client.get(f"{YARDS}/{yard}/history").json()["changes"][0]["number"]
    late = client.post(f"{YARDS}/{yard}/history/{came}/undo", headers=HTML)
    assert late.status_code == 409
