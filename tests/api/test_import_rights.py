"""Two communities import, undo and edit: each its own ground, and nothing of the other's."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from gis.postgis import Database
from layers.declaring.people import EVERYWHERE, Role
from layers.duties.persons import Person
from layers.registry import Registry
from tests.api.conftest import BASE, Run
from tests.api.import_form import PAGE, Dialogue, bring, opened
from tests.api.test_editing import GEOJSON
from tests.factories import LAT, LON, record
from tests.layers.arriving.test_rights import cell, field_row
from tests.layers.held.test_rights import EAST, SPOTS, STREET, WEST, put, put_divisions, shape
from tests.people import account, secret

HEADING = "名称,类型,lon_wgs84,lat_wgs84\n"
OWN = f"{HEADING}甲,学校,{SPOTS[WEST]},{LAT + 0.005}\n"
REACHING = f"{OWN}乙,学校,{SPOTS[EAST]},{LAT + 0.005}\n"
UNITS = "/collections/work_units"


@contextmanager
def signed_in(
    settings: Settings, database: Database, registry: Registry, *, division: str, name: str
) -> Iterator[TestClient]:
    mine = account(database, Role.ADMIN, division, person=Person(name=name))
    headers = {"authorization": f"Bearer {secret(database, mine.id)}"}
    app = create_app(settings, database=database, registry=registry)
    with TestClient(app, BASE, headers=headers) as client:
        yield client


@pytest.fixture
def district(database: Database, registry: Registry) -> Database:
    put_divisions(database, registry)
    return database


@pytest.fixture
def west(settings: Settings, district: Database, registry: Registry) -> Iterator[TestClient]:
    with signed_in(settings, district, registry, division=WEST, name="王西") as client:
        yield client


@pytest.fixture
def east(settings: Settings, district: Database, registry: Registry) -> Iterator[TestClient]:
    with signed_in(settings, district, registry, division=EAST, name="李东") as client:
        yield client


@pytest.fixture
def street(settings: Settings, district: Database, registry: Registry) -> Iterator[TestClient]:
    with signed_in(settings, district, registry, division=STREET, name="张街") as client:
        yield client


def sent(client: TestClient, text: str, **said: str) -> Any:
    return client.post(f"{UNITS}/import", files={"file": ("台账.csv", text)}, data=said)


def names(client: TestClient) -> list[str]:
    features = client.get(f"{UNITS}/items").json()["features"]
    return [feature["properties"]["name"] for feature in features]


def page_of(client: TestClient, address: str) -> Dialogue:
    return opened(client, client.get(address, headers=PAGE))


# --- a file that reaches into the neighbour -------------------------------------------------------
def test_a_program_is_told_which_row_is_not_its_own(west: TestClient, street: TestClient) -> None:
    refused = sent(west, REACHING)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/import-refused")
    (finding,) = refused.json()["findings"]
    assert (finding["row"], finding["rule"]) == (2, "foreign-ground")
    assert "不在您的辖区内" in finding.values()
    assert names(street) == []
    loaded = sent(west, REACHING, accept_valid="true").json()
    assert (loaded["new"], loaded["refused"]) == (1, 1)
    assert names(street) == ["甲"]
    assert sent(street, REACHING, on_conflict="update").json()["new"] == 1


def test_the_page_refuses_what_the_load_would_refuse(west: TestClient, east: TestClient) -> None:
    page = bring(west, "work_units", "台账.csv", REACHING)
    assert "不在您的辖区内" in page.read
    assert not page.enabled("全部导入")
    done = page.press("导入没有问题的 1 行")
    assert "1 被拒" in done.read
    assert "王西" in done.read
    assert (names(west), names(east)) == (["甲"], [])


def test_a_name_that_a_neighbour_has_tells_nothing_of_the_neighbour(
    west: TestClient, district: Database, registry: Registry
) -> None:
    put(district, registry.layer("work_units"), SPOTS[EAST], 0, name="甲", kind="school")
    for kind in ("学校", "其他"):
        for on_conflict in ("fail", "skip", "update"):
            refused = sent(west, OWN.replace("学校", kind), on_conflict=on_conflict)
            assert [f["rule"] for f in refused.json()["findings"]] == ["foreign-ground"]


def test_deleting_what_the_file_lacks_spares_the_neighbour(
    west: TestClient, east: TestClient
) -> None:
    sent(east, OWN.replace("甲", "丙").replace(str(SPOTS[WEST]), str(SPOTS[EAST])))
    sent(west, OWN + f"丁,学校,{SPOTS[WEST] + 0.001},{LAT + 0.005}\n")
    page = bring(west, "work_units", "台账.csv", OWN).open(gone="delete")
    assert "系统里有、文件里没有的（1）" in page.read
    assert "丙" not in page.read
    page.press("全部导入")
    assert (names(west), names(east)) == (["甲"], ["丙"])


# --- loads ----------------------------------------------------------------------------------------
def test_a_load_is_listed_shown_and_undone_by_its_own_and_those_above(
    west: TestClient, east: TestClient, street: TestClient
) -> None:
    number = sent(west, OWN).json()["batch"]
    address = f"/import/batches/{number}"
    for client, seen in ((west, True), (street, True), (east, False)):
        assert bool(client.get("/import/batches").json()["batches"]) is seen
        assert client.get(address).status_code == (200 if seen else 404)
        assert ("王西" in page_of(client, "/import").read) is seen
        assert ("王西" in page_of(client, "/import/batches").read) is seen
    told = west.get(address).json()
    assert told["loaded_by"] == "王西"
    assert isinstance(told["account"], int)
    for headers in ({}, PAGE):
        assert east.post(f"{address}/undo", headers=headers).status_code == 404
    assert east.post(f"{address}/undo").json()["type"] == "/problems/unknown-batch"
    assert names(street) == ["甲"]
    assert street.post(f"{address}/undo").json()["undone_at"]
    assert names(street) == []


def test_who_loaded_at_the_command_line_is_told_as_such(
    gridfield: Run, settings: Settings, database: Database, registry: Registry, tmp_path: Any
) -> None:
    (tmp_path / "台账.csv").write_text(OWN, encoding="utf-8")
    assert gridfield("import", "work_units", "台账.csv").returncode == 0
    assert "命令行" in gridfield("batch", "list").stdout
    assert "命令行" in gridfield("batch", "show", "1").stdout
    assert "command line" in gridfield("batch", "list", lang="en").stdout
    with signed_in(settings, database, registry, division=EVERYWHERE, name="赵总") as client:
        assert client.get("/import/batches/1").json()["account"] is None
        assert "命令行" in page_of(client, "/import/batches/1").read


# --- uploads --------------------------------------------------------------------------------------
def test_an_upload_is_found_by_nobody_else(
    west: TestClient, east: TestClient, street: TestClient
) -> None:
    page = bring(west, "work_units", "台账.csv", OWN)
    for client in (east, street):
        for path in ("", "/map", "/features", "/report", "/rest"):
            missing = client.get(f"/import/drafts/{'a' * 43}{path}", headers=PAGE)
            refused = client.get(f"{page.address}{path}", headers=PAGE)
            assert refused.status_code == missing.status_code == 404
        assert client.post(page.address, data={}).status_code == 404
        assert client.post(f"{page.address}/discard").status_code == 404
    assert names(west) == []
    assert "第 1 批" in page.open().press("全部导入").read


def test_the_rows_left_out_are_the_loaders_alone(west: TestClient, street: TestClient) -> None:
    page = bring(west, "work_units", "台账.csv", REACHING)
    done = page.press("导入没有问题的 1 行")
    token = page.address.rpartition("/")[2]
    assert f"/import/drafts/{token}/rest" in done.html
    assert west.get(f"{page.address}/rest?f=csv").status_code == 200
    assert street.get(f"{page.address}/rest?f=csv").status_code == 404
    above = page_of(street, f"/import/batches/1?draft={token}")
    assert token not in above.html.replace(f"draft={token}", "")


# --- editing --------------------------------------------------------------------------------------
def sent_feature(layer: Any, n: int, lon: float, **more: object) -> dict[str, Any]:
    spot = shape(layer, lon, n)
    values = {name: value for name, value in record(layer, n).items() if value is not None}
    properties = json.loads(json.dumps({**values, "liaison_leader": None}, default=str))
    geometry = {"type": "Point", "coordinates": [spot.x, spot.y]}
    return {"type": "Feature", "properties": properties, "geometry": geometry, **more}


def test_a_change_of_foreign_ground_is_refused_and_tells_of_no_feature(
    west: TestClient, district: Database, registry: Registry
) -> None:
    units = registry.layer("work_units")
    own = put(district, units, SPOTS[WEST], 0)
    other = put(district, units, SPOTS[EAST], 1)
    for lon in (SPOTS[EAST], LON + 0.2):
        put_there = west.post(f"{UNITS}/items", json=sent_feature(units, 5, lon), headers=GEOJSON)
        moved = west.put(f"{UNITS}/items/{own}", json=sent_feature(units, 0, lon), headers=GEOJSON)
        assert put_there.status_code == moved.status_code == 403
        assert put_there.json()["type"] == moved.json()["type"] == "/problems/not-permitted"
    for feature_id in (other, 999_999):  # the same, whether there is one or not
        answers = [
            west.put(
                f"{UNITS}/items/{feature_id}",
                json=sent_feature(units, 1, SPOTS[WEST]),
                headers=GEOJSON,
            ),
            west.delete(f"{UNITS}/items/{feature_id}"),
            changed(west, {"features": [], "delete": [feature_id]}),
            changed(west, {"features": [sent_feature(units, 1, SPOTS[WEST], id=feature_id)]}),
        ]
        assert [answer.status_code for answer in answers] == [404] * 4
        assert {answer.json()["type"] for answer in answers} == {"/problems/unknown-feature"}
    with district.read() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM work_units")) == 2


def changed(client: TestClient, members: dict[str, Any]) -> Any:
    body = {"type": "FeatureCollection", "features": [], **members}
    return client.post(f"{UNITS}/changes", json=body, headers=GEOJSON)


def test_a_neighbour_in_the_way_of_an_edit_is_not_named(
    west: TestClient, street: TestClient, district: Database, registry: Registry
) -> None:
    fields = registry.layer("grid_fields")
    with district.begin() as connection:
        connection.execute(
            sa.text("SELECT setval(pg_get_serial_sequence('grid_fields', 'id'), 77000)")
        )
    values = {**field_row(fields, EAST, 7), "name": "邻居的网格"}
    body = {
        "type": "Feature",
        "properties": json.loads(json.dumps(values)),
        "geometry": json.loads(json.dumps(cell(9).__geo_interface__)),
    }
    made = street.post("/collections/grid_fields/items", json=body, headers=GEOJSON)
    assert made.status_code == 201, made.text
    body["properties"] = {**field_row(fields, WEST, 0)}
    refused = west.post("/collections/grid_fields/items", json=body, headers=GEOJSON)
    assert refused.status_code == 422, refused.text
    assert "辖区外" in refused.text
    for hidden in ("邻居的网格", str(made.json()["id"]), values["code"]):
        assert str(hidden) not in refused.text
    assert (
        "邻居的网格"
        in street.post("/collections/grid_fields/items", json=body, headers=GEOJSON).text
    )
