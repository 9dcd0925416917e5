"""The pages on which people edit: forms that lose nothing, and who may use them."""

import json
import re
from collections.abc import Iterator

import pytest
import shapely
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from gis.postgis import Database
from layers.declaring.people import EVERYWHERE, Role
from layers.ground import topology
from layers.registry import Registry
from tests import people
from tests.api.conftest import BASE
from tests.api.edit_form import FIELDS, HTML, YARDS, form, geojson, moved, page, send
from tests.api.test_editing import GEOJSON, feature
from tests.layers.fields import BLUE_SKY, WEST_STATION, division, field, plot, values


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


# --- the form -------------------------------------------------------------------------------------
def test_every_layer_has_a_form_of_its_fields(client: TestClient, registry: Registry) -> None:
    for layer in registry.layers.values():
        items = f"/collections/{layer.name}/items"
        made = client.post(items, json=feature(layer), headers=GEOJSON).json()
        for address in (f"{items}/new", f"{items}/{made['id']}/edit"):
            text = page(client, address)
            for each in layer.fields:
                assert f'name="field.{each.name}"' in text, (layer.name, each.name)
            assert text.count("aria-required") == sum(each.required for each in layer.fields)


def test_a_form_that_was_not_touched_changes_nothing(
    client: TestClient, registry: Registry
) -> None:
    for layer in registry.layers.values():
        items = f"/collections/{layer.name}/items"
        made = client.post(items, json=feature(layer), headers=GEOJSON).json()
        address = f"{items}/{made['id']}"
        before = client.get(address)
        saved = send(client, f"{address}/edit", form(page(client, f"{address}/edit")))
        assert (saved.status_code, saved.headers["location"]) == (303, f"{address}?f=html")
        assert client.get(address).headers["etag"] == before.headers["etag"], layer.name
        assert len(client.get(f"{address}/history").json()["changes"]) == 1, layer.name


def test_fields_are_saved(client: TestClient, yard: int) -> None:
    sent = form(page(client, f"{YARDS}/{yard}/edit")) | {
        "field.households": "７",
        "field.owner_unit": "",
        "field.name": "乙院",
    }
    assert send(client, f"{YARDS}/{yard}/edit", sent).status_code == 303
    found = client.get(f"{YARDS}/{yard}").json()["properties"]
    assert (found["households"], found["owner_unit"], found["name"]) == (7, None, "乙院")


def test_a_refused_form_keeps_what_was_typed_and_says_what_is_wrong_where(
    client: TestClient, yard: int
) -> None:
    hostile = "<script>alert(1)</script>{{7*7}}"
    sent = form(page(client, f"{YARDS}/{yard}/edit")) | {
        "field.households": "many",
        "field.name": "",
        "field.owner_unit": hostile,
    }
    refused = send(client, f"{YARDS}/{yard}/edit", sent)
    assert refused.status_code == 422
    kept = form(refused.text)
    assert kept["field.households"] == "many"
    assert kept["field.owner_unit"] == hostile
    assert hostile not in refused.text
    for name in ("households", "name"):
        control = re.search(rf'<input id="f-{name}"[^>]*>', refused.text)
        assert control
        assert 'aria-invalid="true"' in control[0]
        assert f"f-{name}-errors" in control[0]
        assert f'id="f-{name}-errors"' in refused.text
    assert 'id="f-owner_unit-errors"' not in refused.text
    assert client.get(f"{YARDS}/{yard}").json()["properties"]["name"] == "甲院"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"type":"Point"}', "NaN", '"x"', "[" * 5000])
def test_a_shape_that_is_none_is_refused_at_the_map(
    client: TestClient, yard: int, text: str
) -> None:
    sent = form(page(client, f"{YARDS}/{yard}/edit")) | {"geometry": text}
    refused = send(client, f"{YARDS}/{yard}/edit", sent)
    assert refused.status_code == 422
    assert 'id="shape-errors"' in refused.text


def test_a_new_one_is_added(client: TestClient) -> None:
    sent = {
        "field.name": "丙院",
        "field.management": "none",
        "geometry": '{"type":"Point","coordinates":[101.8,36.6]}',
    }
    made = send(client, f"{YARDS}/new", sent)
    assert made.status_code == 303, made.text
    address = made.headers["location"].removesuffix("?f=html")
    assert client.get(address).json()["properties"]["name"] == "丙院"
    assert send(client, f"{YARDS}/new", {**sent, "geometry": ""}).status_code == 422


def test_a_new_field_without_a_code_is_given_the_first_free_one(
    client: TestClient, database: Database, registry: Registry, row: list[int]
) -> None:
    with database.begin() as connection:
        division(connection, registry, plot(5, 0), WEST_STATION)
    sent = {
        "field.name": "新网格",
        "field.kind": "general",
        "field.division": BLUE_SKY,
        "geometry": geojson(plot(7, 0)),
    }
    made = send(client, f"{FIELDS}/new", sent)
    assert made.status_code == 303, made.text
    found = client.get(made.headers["location"].removesuffix("?f=html")).json()
    assert found["properties"]["code"] == f"{BLUE_SKY}004"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"%ff%fe=1&geometry=%ff", None),
        (b"\xff\xfe", None),
        (b"&".join(b"a%d=1" % n for n in range(300)), None),
        (b"{}", "application/json"),
        (b"", None),
        (b"neighbours=%5B1%5D&if_match=x", None),
    ],
)
def test_what_is_no_form_of_ours_is_refused(
    client: TestClient, yard: int, body: bytes, kind: str | None
) -> None:
    kind = kind or "application/x-www-form-urlencoded"
    for address in (f"{YARDS}/new", *(f"{YARDS}/{yard}/{way}" for way in ("edit", "delete"))):
        answer = client.post(address, content=body, headers={**HTML, "content-type": kind})
        assert answer.status_code in {400, 412, 415, 422}, answer.text


# --- who may --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("role", "home", "status"),
    [
        (Role.VIEWER, EVERYWHERE, 403),
        (Role.INSPECTOR, BLUE_SKY, 403),
        (Role.LEADER, BLUE_SKY, 200),
        (Role.ADMIN, EVERYWHERE, 200),
        (Role.LEADER, WEST_STATION, 404),
    ],
)
def test_only_who_may_edit_here_comes_to_the_form(
    app: TestClient, database: Database, row: list[int], *, role: Role, home: str, status: int
) -> None:
    app.headers.update(people.bearer(database, role, home))
    address = f"{FIELDS}/{row[0]}"
    assert app.get(f"{address}/edit", headers=HTML).status_code == status
    for way in ("edit", "split", "merge", "delete"):
        answer = send(app, f"{address}/{way}", {"if_match": ""})
        assert answer.status_code in ({412, 422} if status == 200 else {status}), way
    seen = app.get(address, headers=HTML)
    if seen.status_code == 200:
        assert (f'href="{address}/edit"' in seen.text) == (status == 200)
        assert f'href="{address}/history"' in seen.text
        told = app.get(f"{address}/history", headers=HTML).text
        assert ("/undo" in told) == (status == 200)
    allowed = app.get(f"{FIELDS}/new", headers=HTML).status_code
    assert allowed == (403 if status == 403 else 200)


def test_nobody_draws_a_field_into_another_division(
    app: TestClient, database: Database, registry: Registry, row: list[int]
) -> None:
    app.headers.update(people.bearer(database, Role.LEADER, BLUE_SKY))
    sent = {
        "field.name": "外面",
        "field.kind": "general",
        "field.division": WEST_STATION,
        "field.code": f"{WEST_STATION}001",
        "geometry": geojson(plot(9, 0)),
    }
    assert send(app, f"{FIELDS}/new", sent).status_code == 403


# --- somebody else was quicker --------------------------------------------------------------------
def test_a_form_that_is_out_of_date_shows_what_has_changed(client: TestClient, yard: int) -> None:
    address = f"{YARDS}/{yard}/edit"
    mine, theirs = form(page(client, address)), form(page(client, address))
    assert (
        send(
            client, address, theirs | {"field.households": "8", "field.owner_unit": "别人"}
        ).status_code
        == 303
    )
    late = send(client, address, mine | {"field.households": "9", "field.name": "我的院"})
    assert late.status_code == 412
    rows = re.findall(r"<tr><th scope=\"row\"><bdi>([^<]*)</bdi>(.*?)</tr>", late.text)
    told = {
        label: (re.findall(r"<td><bdi>([^<]*)<", rest), "tag-alarm" in rest) for label, rest in rows
    }
    assert told["户数（户）"] == (["9", "8"], True)
    assert told["产权单位"][1] is False
    kept = form(late.text)
    assert (kept["field.households"], kept["field.name"]) == ("9", "我的院")
    assert kept["field.owner_unit"] == "别人"
    assert kept["if_match"] != mine["if_match"]
    assert send(client, address, kept).status_code == 303
    found = client.get(f"{YARDS}/{yard}").json()["properties"]
    assert (found["households"], found["name"], found["owner_unit"]) == (9, "我的院", "别人")


def test_a_shape_that_both_have_changed_is_the_newest(client: TestClient, yard: int) -> None:
    address = f"{YARDS}/{yard}/edit"
    mine, theirs = form(page(client, address)), form(page(client, address))
    point = '{{"type": "Point", "coordinates": [101.8, {}]}}'
    assert send(client, address, theirs | {"geometry": point.format(36.61)}).status_code == 303
    late = send(client, address, mine | {"geometry": point.format(36.62)}, "en")
    assert late.status_code == 412
    assert "what you had drawn is not kept" in late.text
    assert json.loads(form(late.text)["geometry"])["coordinates"] == [101.8, 36.61]
    unmoved = send(client, address, mine | {"field.name": "丁院"}, "en")
    assert unmoved.status_code == 412
    assert "what you had drawn is not kept" not in unmoved.text


@pytest.mark.parametrize("way", ["split", "merge", "delete"])
def test_nothing_is_done_to_what_has_changed(client: TestClient, row: list[int], way: str) -> None:
    address = f"{FIELDS}/{row[0]}"
    sent = form(page(client, f"{address}/edit"))
    line = geojson(shapely.LineString([(101.8005, 36.59), (101.8005, 36.61)]))
    sent |= {"line": line, "other": str(row[1])}
    client.patch(address, json={"properties": {"households": 3}}, headers=GEOJSON)
    assert send(client, f"{address}/{way}", sent).status_code == 412
    assert client.get(FIELDS).json()["numberMatched"] == 3


# --- what covers ground ---------------------------------------------------------------------------
def faults(database: Database, registry: Registry) -> int:
    with database.read() as connection:
        return topology.inspect(connection, registry, registry.layer("grid_fields")).errors


def test_a_border_is_saved_for_both_of_its_fields(
    client: TestClient, database: Database, registry: Registry, row: list[int]
) -> None:
    address = f"{FIELDS}/{row[0]}/edit"
    sent = form(page(client, address)) | {"geometry": geojson(plot(0, 0, 1.5))}
    follows = json.dumps([moved(client, row[1], plot(1.5, 0, 0.5))])
    alone = send(client, address, sent, "en")
    assert alone.status_code == 422
    assert "gaps or overlaps" in alone.text
    assert '"coverage-overlap"' in alone.text  # drawn on the map
    assert json.loads(form(alone.text)["geometry"]) == json.loads(sent["geometry"])
    assert faults(database, registry) == 0
    both = send(client, address, sent | {"neighbours": follows})
    assert both.status_code == 303, both.text
    assert faults(database, registry) == 0
    assert client.get(f"{FIELDS}/{row[1]}").json()["properties"]["name"] == values(2)["name"]


def test_a_neighbour_that_has_changed_is_not_overwritten(
    client: TestClient, row: list[int]
) -> None:
    address = f"{FIELDS}/{row[0]}/edit"
    sent = form(page(client, address)) | {"geometry": geojson(plot(0, 0, 1.5))}
    follows = moved(client, row[1], plot(1.5, 0, 0.5))
    follows["was"] = json.loads(geojson(plot(1, 0, 0.9)))
    late = send(client, address, sent | {"neighbours": json.dumps([follows])}, "en")
    assert late.status_code == 412
    assert "A neighbour has been changed meanwhile" in late.text
    follows["id"] = 10**9
    assert send(client, address, sent | {"neighbours": json.dumps([follows])}).status_code == 412


def test_a_field_is_split_and_merged_by_forms(
    client: TestClient, database: Database, registry: Registry, row: list[int]
) -> None:
    address = f"{FIELDS}/{row[0]}"
    sent = form(page(client, f"{address}/edit"))
    for text in ("", "{}", geojson(shapely.LineString([(1, 1), (2, 2)]))):
        assert send(client, f"{address}/split", sent | {"line": text}).status_code == 422
    line = geojson(shapely.LineString([(101.8003, 36.5999), (101.8003, 36.6011)]))
    done = send(client, f"{address}/split", sent | {"line": line})
    assert done.status_code == 303, done.text
    made = done.headers["location"].removesuffix("/edit?made=1")
    assert client.get(made).json()["properties"]["code"] == f"{BLUE_SKY}004"
    assert faults(database, registry) == 0
    merging = form(page(client, f"{address}/edit"))
    assert f'value="{made.rpartition("/")[2]}"' in page(client, f"{address}/edit")
    far = send(client, f"{address}/merge", merging | {"other": str(row[2])})
    assert far.status_code == 422
    joined = send(client, f"{address}/merge", merging | {"other": made.rpartition("/")[2]})
    assert joined.status_code == 303, joined.text
    assert client.get(made).status_code == 404
    assert faults(database, registry) == 0


def test_deleting_passes_the_gate(client: TestClient, row: list[int], yard: int) -> None:
    address = f"{FIELDS}/{row[1]}"
    refused = send(client, f"{address}/delete", form(page(client, f"{address}/edit")))
    assert refused.status_code == 422
    assert '"coverage-uncovered"' in refused.text or '"coverage-gap"' in refused.text
    address = f"{YARDS}/{yard}"
    gone = send(client, f"{address}/delete", form(page(client, f"{address}/edit")))
    assert (gone.status_code, gone.headers["location"]) == (303, f"{address}/history")
