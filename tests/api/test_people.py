"""The address book over HTTP: read, amended, brought as a file; never beyond the own division."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from gis.postgis import Database
from layers.declaring.people import Role
from layers.duties.persons import Person
from layers.reading.reading_log import latest
from layers.registry import Registry
from layers.schema.accounts import ACCOUNTS
from tests.api.conftest import BASE
from tests.layers import fields
from tests.layers.duty_cases import given, person
from tests.people import account, bearer, secret

PAGE = {"accept": "text/html", "origin": BASE}
LIST = "姓名,电话\n张三,13800000001\n李四,13800000002\n王五,13800000003\n"


@pytest.fixture
def people(database: Database, registry: Registry) -> dict[str, int]:
    """张三 answers in one community, 李四 in the other."""
    found = {}
    with database.begin() as conn:
        for n, (name, division) in enumerate(
            (("张三", fields.BLUE_SKY), ("李四", fields.WEST_STATION)), start=1
        ):
            at = 8 * (n - 1)
            fields.division(conn, registry, fields.plot(at, 0, 4, 4), code=division)
            field = fields.field(conn, registry, n, fields.plot(at, 0), of=division, leader=None)
            found[name] = person(conn, name)
            given(conn, registry, "grid_fields", field, who=found[name])
    return found


@pytest.fixture
def app(settings: Settings, database: Database, registry: Registry) -> Iterator[FastAPI]:
    app = create_app(settings, database=database, registry=registry)
    with TestClient(app, BASE):
        yield app


@pytest.fixture
def leader(app: FastAPI, database: Database, people: dict[str, int]) -> TestClient:
    made = account(database, Role.LEADER, fields.BLUE_SKY, person=Person(name="祁生财"))
    headers = {"authorization": f"Bearer {secret(database, made.id)}"}
    return TestClient(app, BASE, headers=headers, follow_redirects=False)


def test_a_leader_sees_and_amends_the_own_people_alone(
    leader: TestClient, people: dict[str, int]
) -> None:
    listed = leader.get("/people").json()["people"]
    assert [(each["name"], each["duties"]) for each in listed if each["duties"]] == [("张三", 1)]
    one = f"/people/{people['张三']}"
    changed = leader.patch(one, json={"phone": "0971-8123456", "post": "网格长"})
    assert (changed.status_code, changed.json()["phone"]) == (200, "0971-8123456")
    assert leader.patch(one, json={"post": ""}).json()["post"] is None
    assert leader.get(one).json()["phone"] == "0971-8123456"
    for other in (f"/people/{people['李四']}", "/people/999999", "/people/x"):
        assert leader.get(other).status_code == 404
        assert leader.patch(other, json={"phone": "13800000001"}).status_code == 404


def test_every_look_is_written_down(
    leader: TestClient, database: Database, people: dict[str, int]
) -> None:
    seen = len(leader.get("/people").json()["people"])
    leader.get(f"/people/{people['张三']}", headers=PAGE)
    leader.get(f"/people/{people['李四']}")  # whom the reader does not see
    with database.read() as connection:
        lines = [(line.way, line.rows, line.format) for line in latest(connection, limit=9)]
    assert lines == [("people", 1, "html"), ("people", seen, "json")]


@pytest.mark.parametrize(
    ("body", "status"),
    [({"phone": "call me"}, 422), ({"phone": 5}, 422), ({"name": "x"}, 422), ([], 422)],
)
def test_details_that_cannot_be_are_refused(
    leader: TestClient, people: dict[str, int], body: object, status: int
) -> None:
    answer = leader.patch(f"/people/{people['张三']}", json=body)
    assert (answer.status_code // 100, "type" in answer.json()) == (status // 100, True)
    assert leader.get(f"/people/{people['张三']}").json()["phone"] is None


def test_a_list_is_brought_as_far_as_the_own_division_reaches(
    leader: TestClient, app: FastAPI, database: Database, people: dict[str, int]
) -> None:
    answer = leader.post(
        "/people/import", files={"file": ("通讯录.csv", LIST.encode("gb18030"), "text/csv")}
    ).json()
    assert answer["changed"] == 1
    assert [each["row"] for each in answer["refused"]] == [2, 3]
    admin = TestClient(app, BASE, headers=bearer(database, Role.ADMIN))
    phones = {each["id"]: each["phone"] for each in admin.get("/people").json()["people"]}
    assert (phones[people["张三"]], phones[people["李四"]]) == ("13800000001", None)


def test_the_pages_say_what_was_wrong_and_keep_what_was_typed(
    leader: TestClient, people: dict[str, int]
) -> None:
    one = f"/people/{people['张三']}"
    refused = leader.post(
        one, headers=PAGE, data={"whole": "1", "phone": "不详", "post": "<b>长</b>"}
    )
    assert refused.status_code == 422
    assert "不详" in refused.text
    assert "&lt;b&gt;长&lt;/b&gt;" in refused.text
    leader.patch(one, json={"post": "网格长"})
    form = {"whole": "1", "phone": "13800000009", "post": "", "unit": ""}
    saved = leader.post(one, headers=PAGE, data=form)
    assert leader.get(one).json()["post"] is None
    assert (saved.status_code, saved.headers["location"]) == (303, "/people")
    assert 'href="tel:13800000009"' in leader.get("/people", headers=PAGE).text
    file = {"file": ("x.csv", LIST.encode(), "text/csv")}
    page = leader.post("/people/import", headers=PAGE, files=file)
    assert "王五" in page.text
    assert "更新 1 人" in page.text
    nothing = {"file": ("x.pdf", b"%PDF", "application/pdf")}
    assert leader.post("/people/import", headers=PAGE, files=nothing).status_code == 400


def test_whom_a_number_lets_in_only_the_admin_of_the_account_changes(
    app: FastAPI, leader: TestClient, database: Database, people: dict[str, int]
) -> None:
    one, told = f"/people/{people['张三']}", {"phone": "13800000666"}
    account(database, Role.LEADER, fields.BLUE_SKY, person=Person(name="张三"))
    own, above = (
        TestClient(app, BASE, headers=bearer(database, Role.ADMIN, division))
        for division in (fields.BLUE_SKY, fields.STREET)
    )
    assert leader.get(one).json()["amendable"] is False
    assert leader.patch(one, json=told).status_code == 403
    assert own.patch(one, json=told).status_code == 200
    with database.begin() as conn:
        conn.execute(
            sa.update(ACCOUNTS)
            .where(ACCOUNTS.c.person_id == people["张三"])
            .values(division=fields.STREET)
        )
    assert own.patch(one, json={"phone": "13800000667"}).status_code == 403
    file = {"file": ("x.csv", "姓名,电话\n张三,13800000668\n".encode(), "text/csv")}
    (refused,) = own.post("/people/import", files=file).json()["refused"]
    assert (refused["row"], refused["column"]) == (1, "姓名")
    assert above.get(one).json()["phone"] == "13800000666"
    assert above.patch(one, json={"phone": "13800000669"}).status_code == 200


@pytest.mark.parametrize("role", [Role.VIEWER, Role.INSPECTOR, Role.OFFICER])
def test_others_have_no_address_book(
    app: FastAPI, database: Database, people: dict[str, int], role: Role
) -> None:
    client = TestClient(app, BASE, headers=bearer(database, role, fields.BLUE_SKY))
    assert client.get("/people").status_code == 403
    assert client.patch(f"/people/{people['张三']}", json={}).status_code == 403
