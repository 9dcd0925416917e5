"""Duties over HTTP: given, handed over, ended, listed, and where they are missing."""

import io
import json
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from gis.postgis import Database
from layers.duties.columns import settle_today
from layers.reading.past import today
from layers.registry import Registry
from tests.layers import fields

JSON = {"content-type": "application/json"}


@pytest.fixture
def field(database: Database, registry: Registry) -> int:
    with database.begin() as connection:
        return fields.field(connection, registry, 1, fields.plot(0, 0), leader=None)


@pytest.fixture
def now(database: Database) -> date:
    with database.read() as connection:
        return today(connection)


def given(client: TestClient, field: int, now: date, **changed: object) -> Any:
    body = {
        "role": "grid_leader",
        "layer": "grid_fields",
        "feature": field,
        "person": {"name": "祁生财", "phone": "13897001234"},
        "from": str(now - timedelta(days=9)),
    }
    return client.post("/duties", json=body | changed)


def leader(client: TestClient, field: int) -> str | None:
    found: str | None = client.get(f"/collections/grid_fields/items/{field}").json()["properties"][
        "leader"
    ]
    return found


def test_a_duty_is_given_listed_and_shown(client: TestClient, field: int, now: date) -> None:
    response = given(client, field, now, document="林办〔2026〕7号")
    assert response.status_code == 201
    duty = response.json()
    assert client.get(response.headers["location"]).json() == duty
    assert duty["person"]["phone"] == "13897001234"
    assert (duty["state"], duty["title"], duty["label"]) == ("current", "网格001001", "网格长")
    assert (duty["to"], duty["document"]) == (None, "林办〔2026〕7号")
    assert duty["division"] == fields.BLUE_SKY
    for query in ("", f"feature={field}&layer=grid_fields", f"on={now}", "division=630102007000"):
        assert client.get(f"/duties?{query}").json()["duties"] == [duty]
    for query in ("role=grid_guide", "division=630103000000", f"after={duty['id']}"):
        assert client.get(f"/duties?{query}").json()["duties"] == []
    assert leader(client, field) == "祁生财"


def test_a_list_goes_on_where_its_page_ends(client: TestClient, field: int, now: date) -> None:
    for n in range(3):
        given(client, field, now, role="grid_guide", person={"name": f"甲{n}"})
    first = client.get("/duties?limit=2").json()
    (following,) = (link["href"] for link in first["links"] if link["rel"] == "next")
    second = client.get(following).json()
    names = [d["person"]["name"] for d in [*first["duties"], *second["duties"]]]
    assert names == ["甲0", "甲1", "甲2"]
    assert not [link for link in second["links"] if link["rel"] == "next"]


def test_a_hand_over_answers_with_both_terms(client: TestClient, field: int, now: date) -> None:
    duty = given(client, field, now).json()
    body = {"duty": duty["id"], "person": {"name": "韩志强"}, "on": str(now)}
    done = client.post("/duties/hand-over", json=body)
    assert done.status_code == 200
    assert done.json()["ended"]["to"] == done.json()["begun"]["from"] == str(now)
    assert leader(client, field) == "韩志强"
    again = client.post("/duties/hand-over", json=body | {"person": {"name": "马晓燕"}})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/duty-handed-on")
    assert "韩志强" in again.json()["detail"]
    # The one who was refused is not left behind as a person.
    listed = client.get("/duties").json()["duties"]
    assert [each["person"]["name"] for each in listed] == ["祁生财", "韩志强"]


def test_a_plan_is_replaced_and_withdrawn(client: TestClient, field: int, now: date) -> None:
    duty = given(client, field, now).json()
    later, latest = (str(now + timedelta(days=n)) for n in (10, 20))
    body = {"duty": duty["id"], "person": {"name": "韩志强"}, "on": later}
    begun = client.post("/duties/hand-over", json=body).json()["begun"]
    assert begun["state"] == "planned"
    changed = client.post(f"/duties/{begun['id']}/replace", json={"on": latest}).json()
    assert (changed["from"], changed["person"]["name"]) == (latest, "韩志强")
    person = {"person": duty["person"]["id"]}
    refused = client.post(f"/duties/{duty['id']}/replace", json=person)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/duty-begun")
    gone = client.post(f"/duties/{changed['id']}/end", json={"on": later})
    assert gone.json() == {"withdrawn": True}
    assert client.get(f"/duties/{duty['id']}").json() == duty


def test_a_leader_ends_only_with_a_word_for_it(client: TestClient, field: int, now: date) -> None:
    duty = given(client, field, now).json()
    path, on = f"/duties/{duty['id']}/end", {"on": str(now)}
    refused = client.post(path, json=on)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/duty-vacant")
    unreasoned = client.post(path, json=on | {"vacant": True})
    assert (unreasoned.status_code, unreasoned.json()["type"]) == (422, "/problems/duty-reason")
    ended = client.post(path, json=on | {"vacant": True, "reason": "撤并"}).json()
    assert (ended["state"], ended["ended_reason"]) == ("past", "撤并")
    assert leader(client, field) is None


def test_a_name_of_two_people_is_refused_with_their_ids(
    client: TestClient, field: int, now: date, database: Database
) -> None:
    people = "INSERT INTO persons (name) VALUES ('王伟'), ('王伟') RETURNING id"
    with database.begin() as connection:
        ids = list(connection.scalars(sa.text(people)))
    for number in ids:
        assert given(client, field, now, role="grid_member", person=number).status_code == 201
    refused = given(client, field, now, person={"name": "王伟"})
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/person-ambiguous")
    assert all(str(number) in refused.json()["detail"] for number in ids)
    known = given(client, field, now, role="grid_guide", person=ids[1])
    assert known.json()["person"]["id"] == ids[1]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"role": "king"}, (404, "unknown-duty-role")),
        ({"layer": "nowhere"}, (404, "unknown-layer")),
        ({"layer": "buildings"}, (422, "duty-target")),
        ({"feature": 10**15}, (404, "unknown-feature")),
        ({"person": 10**15}, (404, "unknown-person")),
        ({"from": "2026-02-30"}, (400, "body-unreadable")),
        ({"from": 0}, (400, "body-unreadable")),
        ({"from": "9999-12-31"}, (400, "body-unreadable")),
        ({"to": "2001-01-01"}, (422, "duty-term")),
        ({"person": {"name": ""}}, (400, "body-unreadable")),
        ({"person": {"name": "祁\x00财"}}, (400, "body-unreadable")),
        ({"person": {"name": "祁\ud800"}}, (400, "body-unreadable")),
        ({"person": {"name": " "}}, (422, "person-name")),
        ({"person": {"name": "祁生财", "boss": True}}, (400, "body-unreadable")),
        ({"person": True}, (400, "body-unreadable")),
        ({"feature": 2**63}, (400, "body-unreadable")),
        ({"feature": 1.5}, (400, "body-unreadable")),
        ({"nonsense": 1}, (400, "body-unreadable")),
        ({"document": "\x00"}, (400, "body-unreadable")),
    ],
)
def test_what_is_no_duty_is_refused(
    client: TestClient, field: int, now: date, changed: dict[str, Any], expected: tuple[int, str]
) -> None:
    body = {
        "role": "grid_leader",
        "layer": "grid_fields",
        "feature": field,
        "person": {"name": "祁生财"},
        "from": str(now),
    }
    content = json.dumps(body | changed)
    response = client.post("/duties", content=content, headers=JSON)
    assert (response.status_code, response.json()["type"]) == (
        expected[0],
        f"/problems/{expected[1]}",
    )
    assert client.get("/duties").json()["duties"] == []


@pytest.mark.parametrize(
    "query",
    [
        "layer=nowhere",
        "role=king",
        "on=tomorrow",
        "on=1",
        "on=0001-01-01",
        "division=6301",
        "division=x",
        "feature=0",
        "limit=0",
        "nonsense=1",
        "after=99999999999999999999",
    ],
)
def test_a_wrong_question_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/duties?{query}").status_code in (400, 404)


@pytest.mark.parametrize("number", ["0", "x", "-1", "1" * 30, "١"])
def test_a_duty_that_is_none(client: TestClient, number: str) -> None:
    for response in (
        client.get(f"/duties/{number}"),
        client.post(f"/duties/{number}/end", json={"on": "2026-01-01"}),
        client.post(f"/duties/{number}/replace", json={}),
    ):
        assert (response.status_code, response.json()["type"]) == (404, "/problems/unknown-duty")


def test_coverage_is_json_and_a_workbook(reader: TestClient) -> None:
    found = reader.get("/duties/coverage").json()
    figures = {figure["name"]: figure for figure in found["figures"]}
    assert len(figures["roads"]["ids"]) == 6
    assert figures["fields"]["total"] == 44
    assert figures["courtyards"]["value"] == 5
    assert found["divisions"][0]["code"] == "630102007000"
    community = reader.get("/duties/coverage?division=630102007001&lang=en&fields=0").json()
    assert community["limits"]["fields"] == 0
    assert 0 < community["figures"][0]["total"] < 44
    response = reader.get("/duties/coverage?f=xlsx")
    assert "attachment" in response.headers["content-disposition"]
    assert openpyxl.load_workbook(io.BytesIO(response.content)).sheetnames[0] == "概况"
    for query in ("division=999999999999", "division=x", "f=pdf", "metres=nan", "on=x"):
        assert reader.get(f"/duties/coverage?{query}").status_code in (400, 404)


def test_the_server_shows_what_began_meanwhile(
    client: TestClient, field: int, now: date, database: Database
) -> None:
    context = client.app.state.context  # type: ignore[attr-defined]  a Starlette has it
    assert settle_today(context.database, context.registry) == 0
    duty = given(client, field, now).json()
    body = {"duty": duty["id"], "person": {"name": "韩志强"}, "on": str(now + timedelta(days=1))}
    client.post("/duties/hand-over", json=body)
    assert leader(client, field) == "祁生财"
    with database.begin() as connection:  # as if both had been a day earlier
        for statement in (
            "UPDATE duties SET valid_to = valid_to - 1 WHERE valid_to IS NOT NULL",
            f"UPDATE duties SET valid_from = '{now}' WHERE valid_to IS NULL",
            f"UPDATE duties_settled SET day = date '{now}' - 1",
        ):
            connection.execute(sa.text(statement))
    assert settle_today(context.database, context.registry) == 1
    assert settle_today(context.database, context.registry) == 0
    assert leader(client, field) == "韩志强"
    changes = client.get(f"/collections/grid_fields/items/{field}/history").json()["changes"]
    assert (changes[-1]["source"], changes[-1]["account"]) == ("settle", None)


# --- what somebody else has changed ---------------------------------------------------------------
WAYS = {
    "hand-over": ("/duties/hand-over", {"person": {"name": "韩志强"}}),
    "end": ("/duties/{id}/end", {"reason": "调离", "vacant": True}),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_duty_that_changed_since_it_was_read_is_left_alone(
    client: TestClient, field: int, now: date, way: str
) -> None:
    given(client, field, now)
    (duty,) = client.get("/duties").json()["duties"]
    path, body = WAYS[way]
    asked = {"on": str(now), **body, **({"duty": duty["id"]} if way == "hand-over" else {})}
    etag = client.get(f"/duties/{duty['id']}").headers["etag"]
    ends = {"on": str(now + timedelta(days=40)), "reason": "退休", "vacant": True}
    client.post(f"/duties/{duty['id']}/end", json=ends).raise_for_status()
    history = client.get(f"/duties/{duty['id']}/history").json()["changes"]
    address = path.format(id=duty["id"])
    late = client.post(address, json=asked, headers={"if-match": etag})
    assert late.status_code == 412
    assert late.json()["type"].endswith("duty-changed")
    assert "祁生财" in late.json()["detail"]
    assert client.get(f"/duties/{duty['id']}/history").json()["changes"] == history
    now_is = client.get(f"/duties/{duty['id']}").headers["etag"]
    assert now_is != etag
    assert client.post(address, json=asked, headers={"if-match": now_is}).status_code == 200


def test_a_plan_that_changed_since_it_was_read_is_left_alone(
    client: TestClient, field: int, now: date
) -> None:
    given(client, field, now)
    (duty,) = client.get("/duties").json()["duties"]
    body = {"duty": duty["id"], "person": {"name": "韩志强"}, "on": str(now + timedelta(days=9))}
    done = client.post("/duties/hand-over", json=body)
    begun, etag = done.json()["begun"], done.headers["etag"]
    address, other = f"/duties/{begun['id']}/replace", {"if-match": '"of-somebody-else"'}
    later = {"on": str(now + timedelta(days=20))}
    assert client.post(address, json=later, headers=other).status_code == 412
    changed = client.post(address, json=later, headers={"if-match": etag})
    assert (changed.status_code, changed.json()["from"]) == (200, later["on"])
    assert changed.headers["etag"] != etag


def test_the_validator_of_a_duty_is_the_same_in_every_language(
    client: TestClient, field: int, now: date
) -> None:
    made = given(client, field, now)
    location, tags = made.headers["location"], {made.headers["etag"]}
    for lang in ("zh", "en"):
        tags.add(client.get(location, headers={"accept-language": lang}).headers["etag"])
    assert len(tags) == 1
