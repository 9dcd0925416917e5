"""Registers over HTTP: tables, forms, what a decision becomes, what is due each month."""

import html
import json
import re
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from gis.postgis import Database
from layers.declaring.words import Layer
from layers.reading import features
from layers.registry import Registry
from layers.schema.tables import table
from tests import records
from tests.api.edit_form import HTML, form, page, send
from tests.factories import record
from tests.people import bearer

ITEMS = "/collections/decisions/items"
HOSTILE = "</script>{{7*7}}<img src=x onerror=alert(1)>=1+1'"


@pytest.fixture
def decision(database: Database, registry: Registry) -> int:
    """A decision of a community with ground, one field and its leader."""
    records.lay_ground(database, registry)
    layer = registry.layer("decisions")
    row = record(layer, text="硬化下庄巷路面", division=records.COMMUNITY, case=None, unit="城管科")
    with database.begin() as connection:
        return features.insert(connection, layer, row, None)


def turn(client: TestClient, decision: int, **body: Any) -> httpx2.Response:
    return client.post(f"{ITEMS}/{decision}/turn", json=body)


def sites(database: Database, registry: Registry) -> list[dict[str, Any]]:
    rows = table(registry.layer("sites"))
    with database.read() as connection:
        found = connection.execute(sa.select(rows)).mappings().all()
    return [dict(row) for row in found]


# --- what a decision becomes ----------------------------------------------------------------------
def test_a_decision_becomes_a_case_and_knows_its_number(
    client: TestClient, database: Database, registry: Registry, decision: int
) -> None:
    lon, lat = records.INSIDE
    made = turn(client, decision, values={"matter": "06013"}, lon=lon, lat=lat)
    assert made.status_code == 201, made.text
    (site,) = sites(database, registry)
    assert made.json() == {"layer": "sites", "id": site["id"], "number": site["number"]}
    assert made.headers["location"].endswith(f"/collections/sites/items/{site['id']}")
    told = {name: site[name] for name in ("origin", "note", "unit", "matter", "status")}
    assert told == {
        "origin": "meeting",
        "note": "硬化下庄巷路面",
        "unit": "城管科",
        "matter": "06013",
        "status": "registered",
    }
    assert (site["field"], site["leader"]) == (records.FIELD, records.LEADER)
    stored = client.get(f"{ITEMS}/{decision}").json()["properties"]
    assert stored["case"] == site["number"]
    again = turn(client, decision, values={"matter": "06013"})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/became-already")
    assert len(sites(database, registry)) == 1
    text = page(client, f"{ITEMS}/{decision}?f=html")
    assert site["number"] in text
    assert f"{ITEMS}/{decision}/become" not in text


def test_without_a_place_it_lies_in_the_middle_of_the_division(
    client: TestClient, database: Database, registry: Registry, decision: int
) -> None:
    assert turn(client, decision, values={"matter": "06013"}).status_code == 201
    (site,) = sites(database, registry)
    assert site["place"] == int(records.COMMUNITY)


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({}, "value-missing"),
        ({"matter": "nothing"}, "value-choice"),
        ({"matter": "06013", "status": "cleared"}, "property-unknown"),
    ],
)
def test_what_is_wrong_makes_nothing(  # noqa: PLR0917  a fixture for each of the parts
    client: TestClient,
    database: Database,
    registry: Registry,
    decision: int,
    values: dict[str, str],
    rule: str,
) -> None:
    refused = turn(client, decision, values=values)
    assert refused.status_code == 422, refused.text
    assert rule in refused.text
    assert sites(database, registry) == []
    assert client.get(f"{ITEMS}/{decision}").json()["properties"]["case"] is None


def test_the_button_leads_to_a_form_that_does_it(
    client: TestClient, database: Database, registry: Registry, decision: int
) -> None:
    address = f"{ITEMS}/{decision}/become"
    assert f'href="{address}"' in page(client, f"{ITEMS}/{decision}?f=html")
    sent = form(page(client, address))
    refused = send(client, address, {**sent, "lon": "abc"})
    assert refused.status_code == 422
    assert 'value="abc"' in refused.text
    done = send(client, address, {**sent, "field.matter": "06013", "field.address": HOSTILE})
    assert done.status_code == 303
    (site,) = sites(database, registry)
    assert done.headers["location"] == f"/collections/sites/items/{site['id']}?f=html"
    assert site["address"] == HOSTILE


def test_only_what_is_declared_becomes_anything(client: TestClient, database: Database) -> None:
    for way in ("turn", "become"):
        answer = client.post(f"/collections/funds/items/1/{way}", json={})
        assert answer.status_code in (404, 415)
    assert client.get("/collections/funds/items/1/become").status_code == 404


def test_nobody_makes_a_case_on_foreign_ground(
    client: TestClient, database: Database, registry: Registry, decision: int
) -> None:
    own = bearer(database, division=records.COMMUNITY)
    lon, lat = records.ABROAD
    body = {"values": {"matter": "06013"}, "lon": lon, "lat": lat}
    refused = client.post(f"{ITEMS}/{decision}/turn", json=body, headers=own)
    assert refused.status_code == 403, refused.text
    assert sites(database, registry) == []


# --- tables and forms -----------------------------------------------------------------------------
@pytest.fixture
def filled(database: Database, registry: Registry) -> tuple[Layer, ...]:
    """Three records in each register, with hostile text wherever there may be any."""
    for layer in registry.registers:
        free = [f.name for f in layer.fields if not (f.choices or f.pattern or f.code)]
        with database.begin() as connection:
            for n in range(3):
                row = dict(record(layer, n))
                told = {name: f"{HOSTILE}{n}" for name in free if isinstance(row[name], str)}
                features.insert(connection, layer, {**row, **told}, None)
    return registry.registers


def test_tables_and_forms_show_hostile_text_as_text(
    client: TestClient, filled: tuple[Layer, ...]
) -> None:
    for layer in filled:
        items = f"/collections/{layer.name}/items"
        listed = client.get(f"{items}?sortby=-{layer.fields[0].name}").json()["features"]
        first = listed[0]
        assert first["geometry"] is None
        for address in (
            f"{items}?f=html&q=alert&sortby=-{layer.fields[0].name}",
            f"{items}/{first['id']}?f=html",
            f"{items}/{first['id']}/edit",
            f"{items}/{first['id']}/history",
        ):
            text = page(client, address)
            assert "<img src=x" not in text, address
            assert "{{7*7}}" in text or "{{7" in text or "49<img" not in text, address


def test_a_table_narrows_down_by_what_its_address_says(
    client: TestClient, filled: tuple[Layer, ...]
) -> None:
    items = "/collections/volunteer_teams/items"
    assert client.get(f"{items}?kind=*").json()["numberMatched"] == 3
    assert client.get(f"{items}?kind=party").json()["numberMatched"] == 1
    assert client.get(f"{items}?q=党员").json()["numberMatched"] == 1
    assert client.get(f"{items}?bbox=0,0,1,1").json()["numberMatched"] == 3
    refused = client.get(f"{items}?sortby=nothing")
    assert (refused.status_code, refused.json()["type"]) == (400, "/problems/bad-parameter")
    text = page(client, f"{items}?f=html&kind=party&sortby=-headcount&limit=1")
    assert 'aria-sort="descending"' in text
    assert '<option value="party" selected>' in text


def test_a_geometry_that_a_register_is_sent_is_refused(client: TestClient) -> None:
    body = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [101.8, 36.6]},
        "properties": {
            "number": "1",
            "purpose": "x",
            "amount_yuan": 1,
            "paid_on": "2017-03-01",
            "division": "630102007000",
        },
    }
    headers = {"content-type": "application/geo+json"}
    refused = client.post("/collections/funds/items", content=json.dumps(body), headers=headers)
    assert refused.status_code == 422
    assert "geometry-unwanted" in refused.text


# --- what is due each month -----------------------------------------------------------------------
def test_what_is_due_each_month_is_told_to_programs_and_people(client: TestClient) -> None:
    found = client.get("/cadence?period=2017").json()
    assert found["period"] == "2017"
    assert found["missed"] == sum(beat["isMissed"] for beat in found["beats"])
    assert page(client, "/cadence?period=2017")
    assert client.get("/cadence?period=nothing").status_code == 400


def test_a_list_without_places_comes_in_by_the_dialogue(client: TestClient) -> None:
    rows = (
        "队伍名称,队伍类型,人数,街道代码",
        "红马甲,党员志愿,12,630102007000",
        "坏行,没有,1,630102007000",
    )
    csv = "\n".join(rows)
    files = {"file": ("名册.csv", csv.encode())}
    begun = client.post(
        "/import", data={"layer": "volunteer_teams"}, files=files, follow_redirects=False
    )
    address = begun.headers["location"].partition("?")[0]
    text = page(client, address)
    assert "红马甲" in text
    assert "坐标系" not in text
    assert 'name="datum"' not in text
    assert "preview-map" not in text
    for more in ("map", "report"):
        assert client.get(f"{address}/{more}", headers={"accept": "text/html"}).status_code == 200
    done = client.post(address, data={"accept_valid": "true"}, follow_redirects=False)
    assert done.status_code == 303, done.text
    assert client.get("/collections/volunteer_teams/items").json()["numberMatched"] == 1
    assert "红马甲" in page(client, "/collections/volunteer_teams/items?f=html")
    assert page(client, done.headers["location"])


def test_a_record_added_beside_those_of_another_already_belongs_to_it(
    client: TestClient, database: Database, registry: Registry
) -> None:
    records.lay_ground(database, registry)
    items, number = "/collections/structure_documents/items", f"违建-1{HOSTILE}"
    listed = client.get(items, params={"f": "html", "structure": number}, headers=HTML).text
    (address,) = re.findall(rf'href="({items}/new[^"]*)"', listed)
    assert form(page(client, html.unescape(address)))["field.structure"] == number
    assert f'href="{items}/new"' in page(client, f"{items}?f=html")
    assert form(page(client, f"{items}/new"))["field.structure"] == ""
