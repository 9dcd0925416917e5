"""Duties over HTTP under accounts: who may, what is seen, what is noted; and twenty at once."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from gis.postgis import Database
from layers.declaring.people import EVERYWHERE, Role
from layers.reading.past import today
from layers.reading.verification import verify
from layers.registry import Registry
from layers.schema.accounts import PERSONAL_READS
from tests.browser.conftest import served
from tests.layers import duty_cases as cases
from tests.layers import fields
from tests.people import bearer

CLIENTS, DAYS = 20, 40
FIELDS = "grid_fields"


@dataclass(frozen=True)
class Given:
    """A field of 蓝天 and one of 站西, and the duty of the leader of each."""

    field: int
    other_field: int
    duty: int
    other_duty: int
    person: int
    other_person: int
    now: date

    def on(self, days: int) -> str:
        return str(self.now + timedelta(days=days))


@pytest.fixture
def given(database: Database, registry: Registry) -> Given:
    with database.begin() as connection:
        fields.division(connection, registry, fields.plot(0, 0, 5, 5))
        fields.division(connection, registry, fields.plot(5, 0, 5, 5), fields.WEST_STATION)
        made, terms = [], []
        for n, of, name in ((1, fields.BLUE_SKY, "祁生财"), (2, fields.WEST_STATION, "马晓燕")):
            feature = fields.field(
                connection, registry, n, fields.plot(5 * n - 5, 0), of, leader=None
            )
            who = cases.person(connection, name, phone=f"1389700000{n}")
            terms.append(cases.given(connection, registry, FIELDS, feature, who=who))
            made.append(feature)
        now = today(connection)
    people = [duty.person.id for duty in terms]
    return Given(*made, *(duty.id for duty in terms), *people, now)


def changes(given: Given, duty: int, field: int, person: object) -> Mapping[str, dict[str, Any]]:
    """Every change of a duty and of what has one."""
    on = given.on(9)
    new = {"role": "grid_guide", "layer": FIELDS, "feature": field, "person": person, "from": on}
    return {
        "/duties": new,
        "/duties/hand-over": {"duty": duty, "person": person, "on": on},
        f"/duties/{duty}/replace": {"on": on},
        f"/duties/{duty}/end": {"on": on, "vacant": True, "reason": "撤并"},
    }


# --- who may --------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", [Role.VIEWER, Role.INSPECTOR, Role.OFFICER])
@pytest.mark.parametrize("division", [fields.BLUE_SKY, EVERYWHERE])
def test_others_than_leaders_and_admins_change_no_duty(
    client: TestClient, database: Database, given: Given, role: Role, division: str
) -> None:
    headers = bearer(database, role, division)
    for path, body in changes(given, given.duty, given.field, {"name": "赵敏"}).items():
        refused = client.post(path, json=body, headers=headers)
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/forbidden"), path
    with database.read() as connection:
        assert cases.count(connection) == 2


@pytest.mark.parametrize(
    ("role", "division"), [(Role.LEADER, fields.BLUE_SKY), (Role.ADMIN, fields.STREET)]
)
def test_leaders_and_admins_change_the_duties_of_their_ground(
    client: TestClient, database: Database, given: Given, role: Role, division: str
) -> None:
    headers = bearer(database, role, division)
    made = client.post(
        "/duties",
        json=changes(given, given.duty, given.field, {"name": "赵敏"})["/duties"],
        headers=headers,
    )
    assert made.status_code == 201
    handed = client.post(
        "/duties/hand-over",
        json={"duty": given.duty, "person": made.json()["person"]["id"], "on": given.on(5)},
        headers=headers,
    )
    assert handed.status_code == 200
    begun = handed.json()["begun"]["id"]
    replaced = client.post(
        f"/duties/{begun}/replace", json={"on": given.on(7)}, headers=headers
    ).json()
    gone = client.post(f"/duties/{replaced['id']}/end", json={"on": given.on(7)}, headers=headers)
    assert gone.json() == {"withdrawn": True}


def test_foreign_duties_fields_and_people_are_not_there(
    client: TestClient, database: Database, given: Given
) -> None:
    headers = bearer(database, Role.LEADER, fields.BLUE_SKY)
    for path, body in changes(given, given.other_duty, given.other_field, given.person).items():
        refused = client.post(path, json=body, headers=headers)
        assert refused.status_code == 404, path
    by_id = changes(given, given.duty, given.field, given.other_person)
    for path in ("/duties", "/duties/hand-over"):
        refused = client.post(path, json=by_id[path], headers=headers)
        assert (refused.status_code, refused.json()["type"]) == (404, "/problems/unknown-person")
    for path in (f"/duties/{given.other_duty}", f"/duties/{given.other_duty}/history"):
        assert client.get(path, headers=headers).status_code == 404
    listed = client.get("/duties", headers=headers).json()["duties"]
    assert [duty["id"] for duty in listed] == [given.duty]
    coverage = client.get("/duties/coverage", headers=headers).text
    assert "马晓燕" not in coverage
    foreign = client.get("/responsible?lon=101.8055&lat=36.6005", headers=headers).json()
    assert (foreign["status"], foreign["duties"]) == ("outside", [])


# --- history --------------------------------------------------------------------------------------
def test_a_duty_tells_its_history_also_after_it_is_gone(
    client: TestClient, database: Database, given: Given
) -> None:
    body = {"duty": given.duty, "person": {"name": "赵敏"}, "on": given.on(5)}
    begun = client.post("/duties/hand-over", json=body).json()["begun"]["id"]
    client.post(f"/duties/{begun}/end", json={"on": given.on(5)})
    told = client.get(f"/duties/{given.duty}/history").json()
    came, ended, reopened = told["changes"]
    assert [each["operation"] for each in (came, ended, reopened)] == ["insert", *["update"] * 2]
    assert (came["before"], came["source"], came["account"]) == (None, "owner", None)
    assert ended["fields"] == reopened["fields"] == ["to"]
    assert ended["before"] == came["after"]
    assert ended["after"]["to"] == given.on(5)
    assert (ended["source"], ended["account"] is None) == ("bearer", False)
    assert reopened["after"] == client.get(f"/duties/{given.duty}").json()
    gone = client.get(f"/duties/{begun}/history").json()["changes"]
    assert [each["operation"] for each in gone] == ["insert", "delete"]
    assert gone[-1]["before"]["person"]["name"] == "赵敏"
    assert gone[-1]["after"] is None
    for number in ("0", "x", "999"):
        assert client.get(f"/duties/{number}/history").status_code == 404


# --- names and numbers ----------------------------------------------------------------------------
def reads(database: Database) -> list[tuple[str, str, int | None]]:
    with database.read() as connection:
        statement = sa.select(
            PERSONAL_READS.c.way, PERSONAL_READS.c.layer, PERSONAL_READS.c.rows
        ).order_by(PERSONAL_READS.c.number)
        return [tuple(row) for row in connection.execute(statement)]


ASKED = (
    "/duties",
    "/duties/{duty}",
    "/duties/{duty}/history",
    "/duties/coverage",
    "/responsible?lon=101.8005&lat=36.6005",
)


@pytest.mark.parametrize("role", list(Role))
def test_names_and_numbers_are_masked_by_role_or_noted(
    client: TestClient, database: Database, given: Given, role: Role
) -> None:
    headers = bearer(database, role, fields.BLUE_SKY)
    knowing = role in {Role.LEADER, Role.OFFICER, Role.ADMIN}
    for n, path in enumerate(ASKED, start=1):
        text = client.get(path.format(duty=given.duty), headers=headers).text
        assert ("祁生财" in text) == ("13897000001" in text) == knowing, path
        assert ("祁**" in text) == ("138****0001" in text) == (not knowing), path
        noted = reads(database)
        assert len(noted) == (n if knowing else 0), path
        assert all((layer, rows) == ("persons", 1) for _, layer, rows in noted)


# --- twenty at once -------------------------------------------------------------------------------
_WRONG_DAYS = sa.text("""
SELECT day FROM generate_series(CAST(:first AS date), CAST(:last AS date), '1 day') day
LEFT JOIN duties d ON d.layer = 'grid_fields' AND d.feature = :field AND d.role = 'grid_leader'
  AND daterange(d.valid_from, d.valid_to) @> CAST(day AS date)
GROUP BY day HAVING count(d.id) <> 1
""")


def wrong_days(database: Database, given: Given) -> list[object]:
    """Days on which the field has no leader, or several."""
    told = {"first": given.on(-100), "last": given.on(DAYS), "field": given.field}
    with database.read() as connection:
        return list(connection.scalars(_WRONG_DAYS, told))


@contextmanager
def watching(database: Database, given: Given) -> Iterator[list[list[object]]]:
    """What was wrong each time one looked, while the block runs."""
    over, seen = threading.Event(), list[list[object]]()

    def watch() -> None:
        while not over.is_set():
            seen.append(wrong_days(database, given))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def post(address: str, headers: Mapping[str, str], body: Mapping[str, object]) -> tuple[int, Any]:
    content = {"content-type": "application/json", **headers}
    request = urllib.request.Request(  # noqa: S310  our own server
        address, json.dumps(body).encode(), content, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


@pytest.mark.parametrize("offsets", [[0], [0, 10, 20, 30]])
def test_of_twenty_accounts_that_hand_over_at_once_one_does(
    database: Database, registry: Registry, given: Given, offsets: list[int]
) -> None:
    """Over HTTP, each with a leader's account of its own: never two leaders, never none."""
    doors = [bearer(database, Role.LEADER, fields.BLUE_SKY) for _ in range(CLIENTS)]
    ready = threading.Barrier(CLIENTS)
    with served(database, registry) as site, watching(database, given) as seen:

        def client(n: int) -> tuple[int, Any]:
            on = given.on(offsets[n % len(offsets)])
            body = {"duty": given.duty, "person": {"name": f"接任{n}"}, "on": on}
            ready.wait()
            return post(f"{site.address}/duties/hand-over", doors[n], body)

        with ThreadPoolExecutor(CLIENTS) as pool:
            outcomes = list(pool.map(client, range(CLIENTS)))
    (done,) = (answer for status, answer in outcomes if status == 200)
    refused = [(status, answer["type"]) for status, answer in outcomes if status != 200]
    assert refused == [(409, "/problems/duty-handed-on")] * (CLIENTS - 1)
    follower = done["begun"]["person"]["name"]
    assert all(follower in answer["detail"] for status, answer in outcomes if status != 200)
    assert len(seen) > 1
    assert [wrong for wrong in seen if wrong] == []
    assert wrong_days(database, given) == []
    with database.read() as connection:
        assert cases.count(connection) == 3
        assert verify(connection, registry).whole


def test_twenty_hand_overs_on_end_make_one_line_of_leaders(
    database: Database, registry: Registry, given: Given
) -> None:
    """Each hands over whatever duty is the last when they look, for a day of their own."""
    doors = [bearer(database, Role.LEADER, fields.BLUE_SKY) for _ in range(CLIENTS)]
    ready = threading.Barrier(CLIENTS)
    with served(database, registry) as site, watching(database, given) as seen:

        def last() -> int:
            newest = "SELECT max(id) FROM duties WHERE feature = :field AND layer = 'grid_fields'"
            with database.read() as connection:
                found = connection.scalar(sa.text(newest), {"field": given.field})
                return int(found or 0)

        def client(n: int) -> int:
            ready.wait()
            body = {"duty": last(), "person": {"name": f"接任{n}"}, "on": given.on(n)}
            return post(f"{site.address}/duties/hand-over", doors[n], body)[0]

        with ThreadPoolExecutor(CLIENTS) as pool:
            outcomes = list(pool.map(client, range(CLIENTS)))
    assert set(outcomes) <= {200, 409, 422}
    assert 200 in outcomes
    assert [wrong for wrong in seen if wrong] == []
    assert wrong_days(database, given) == []
    with database.read() as connection:
        assert cases.count(connection) == 2 + outcomes.count(200)
        assert verify(connection, registry).whole
