"""What came in on a day as pages, and what is likely the same as an answer."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from gis.clock import today
from gis.postgis import Database
from layers.declaring.people import Role
from layers.registry import Registry
from tests import people, records
from tests.api.conftest import BASE
from tests.logged import site

LON, LAT = records.INSIDE
AT = "2026-11-23T09:00:00+08:00"
HTML = {"accept": "text/html"}


@pytest.fixture
def ground(client: TestClient, database: Database, registry: Registry) -> TestClient:
    records.lay_ground(database, registry)
    return client


def _put(client: TestClient, note: str = "", **changed: object) -> int:
    """An inspector's record; the feature's id."""
    sent = records.record(properties={"note": note}, **changed)
    path = f"/collections/sites/items/{records.name()}"
    headers = {"content-type": "application/geo+json"}
    answer = client.put(path, content=records.body(sent), headers=headers)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def _as(client: TestClient, database: Database, role: Role, division: str) -> dict[str, str]:
    return {**people.bearer(database, role, division), **HTML}


# --- lists ----------------------------------------------------------------------------------------
def test_a_day_is_listed_with_field_leader_and_deadline(ground: TestClient) -> None:
    feature = _put(ground, "垃圾桶满溢")
    page = ground.get("/logged", headers=HTML)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    for said in ("垃圾桶满溢", f"/collections/sites/items/{feature}", records.LEADER, "期限"):
        assert said in page.text
    assert "今天 1 条" in page.text
    english = ground.get("/logged?lang=en", headers=HTML).text
    assert "1 today" in english
    assert "Due" in english


def test_the_piece_brings_the_mark_from_which_events_go_on(ground: TestClient) -> None:
    _put(ground, "先")
    piece = ground.get("/logged/latest").text
    (mark,) = re.findall(r'data-mark="([0-9:,~]+)"', piece)
    assert "先" in piece
    assert "event:" not in ground.get(f"/events?since={mark}").text
    later = _put(ground, "后")
    told = ground.get(f"/events?since={mark}").text
    assert told.count("event: logged") == 1
    assert f'"id": {later}' in told
    assert "data-mark" not in ground.get("/logged", headers=HTML).text


def test_the_piece_is_as_long_as_asked(ground: TestClient) -> None:
    for n in range(3):
        _put(ground, f"第{n}条")
    piece = ground.get("/logged/latest?limit=2").text
    assert piece.count("<li ") == 2
    assert 'data-count="3"' in piece
    for wrong in ("limit=0", "limit=201", "limit=x", "before=1"):
        assert ground.get(f"/logged/latest?{wrong}").status_code == 400


def test_other_days_are_reached(ground: TestClient) -> None:
    now = today()
    page = ground.get("/logged", headers=HTML).text
    before = (now - timedelta(days=1)).isoformat()
    assert f"/logged?on={before}" in page
    past = ground.get(f"/logged?on={before}", headers=HTML).text
    assert "这一天没有上报" in past
    assert f"/logged?on={now.isoformat()}" in past
    assert "live.js" not in past
    for wrong in ("on=2026-13-01", "on=today", "before=0", "before=x"):
        assert ground.get(f"/logged?{wrong}", headers=HTML).status_code == 400


def test_each_sees_the_own_ground_and_names_only_if_they_may(
    ground: TestClient, database: Database
) -> None:
    _put(ground, "蓝天的")
    _put(ground, "站西的", geometry={"type": "Point", "coordinates": list(records.ABROAD)})
    for role in Role:
        own = ground.get("/logged", headers=_as(ground, database, role, records.COMMUNITY)).text
        assert "蓝天的" in own
        assert "站西的" not in own
        knows = role in {Role.LEADER, Role.OFFICER, Role.ADMIN}
        assert (records.LEADER in own) == knows
        portal = ground.get("/", headers=_as(ground, database, role, records.COMMUNITY)).text
        assert ("蓝天的" in portal) == knows
        assert "站西的" not in portal


def test_what_is_told_of_people_is_noted(ground: TestClient, database: Database) -> None:
    _put(ground)
    ground.get("/logged", headers=_as(ground, database, Role.LEADER, records.COMMUNITY))
    noted = sa.text("SELECT layer, rows FROM personal_reads WHERE way = 'logged'")
    with database.read() as connection:
        assert connection.execute(noted).all() == [("grid_fields", 1)]


def test_hostile_texts_stay_texts(ground: TestClient) -> None:
    _put(ground, "<script>alert(1)</script>\"'{{7*7}}")
    for path in ("/logged", "/", "/logged/latest"):
        page = ground.get(path, headers=HTML).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page
        assert "{{7*7}}" in html.unescape(page)


# --- what is likely the same ----------------------------------------------------------------------
def _near(client: TestClient, **asked: object) -> list[dict[str, object]]:
    given = {"layer": "sites", "kind": "06010", "lon": LON, "lat": LAT, "at": AT, **asked}
    answer = client.get("/field/near", params={k: v for k, v in given.items() if v is not None})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, object]] = answer.json()["near"]
    return found


def test_what_is_near_is_told_before_anything_is_sent(ground: TestClient) -> None:
    feature = _put(ground)
    (found,) = _near(ground, lon=LON + 0.0001)
    assert (found["layer"], found["id"]) == ("sites", feature)
    assert found["distance_m"] == pytest.approx(8.9, abs=0.1)
    recorded = datetime.fromisoformat(str(found["recorded_at"]))
    assert recorded == datetime(2026, 11, 23, 0, 59, 59, 600_000, tzinfo=UTC)
    assert _near(ground, kind="06013") == []
    assert _near(ground, lon=LON + 0.001) == []
    assert _near(ground, at="2026-01-01T00:00:00Z") == []


def test_positions_of_phones_in_china_are_understood(ground: TestClient) -> None:
    """GCJ-02 lies more than 150 m away from where it means."""
    _put(ground)
    assert _near(ground, datum="gcj02") == []
    sent = {"type": "Point", "coordinates": [LON, LAT]}
    shifted = _put(ground, geometry=sent, captured={"datum": "gcj02"})
    assert [each["id"] for each in _near(ground, datum="gcj02")] == [shifted]


def test_nothing_foreign_is_near(ground: TestClient, database: Database) -> None:
    _put(ground)
    foreign = people.bearer(database, Role.INSPECTOR, records.NEIGHBOUR)
    params = {"layer": "sites", "kind": "06010", "lon": LON, "lat": LAT, "at": AT}
    assert ground.get("/field/near", params=params, headers=foreign).json() == {"near": []}


@pytest.mark.parametrize(
    "asked",
    [
        {"layer": "nothing"},
        {"layer": "water"},
        {"kind": None},
        {"kind": "x"},
        {"kind": "\x00"},
        {"lon": None},
        {"lon": "nan"},
        {"lon": "inf"},
        {"lon": 181},
        {"lat": 91},
        {"lat": "north"},
        {"at": "2026-11-23"},
        {"at": "2026-11-23T09:00:00"},
        {"at": "1600-01-01T00:00:00Z"},
        {"at": "9999-12-31T23:59:59Z"},
        {"at": "soon"},
        {"datum": "epsg"},
        {"beside": "1"},
    ],
)
def test_a_wrong_question_is_refused(client: TestClient, asked: dict[str, object]) -> None:
    given = {"layer": "sites", "kind": "06010", "lon": LON, "lat": LAT, "at": AT, **asked}
    params = {k: v for k, v in given.items() if v is not None}
    answer = client.get("/field/near", params=params)
    assert answer.status_code in (400, 404), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_how_far_is_configured_by_layer(
    settings: Settings, database: Database, registry: Registry
) -> None:
    far = settings.model_copy(update={"near_m": {"sites": 500.0}, "near_days": {"sites": 1.0}})
    with database.begin() as connection:
        site(connection, registry, LON, LAT)
    with TestClient(create_app(far, database=database, registry=registry), BASE) as client:
        client.headers.update(people.bearer(database))
        kind = registry.layer("sites").field("matter").choices[0].value
        now = today().isoformat() + "T12:00:00+08:00"
        assert len(_near(client, kind=kind, lon=LON + 0.004, at=now)) == 1
        assert _near(client, kind=kind, lon=LON + 0.004, at="2026-11-01T00:00:00Z") == []
