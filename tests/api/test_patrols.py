"""Patrols over HTTP: what a phone brings, what is refused, and who is told what."""

import hashlib
import io
import json
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import openpyxl
import pytest
import shapely
import sqlalchemy as sa
from starlette.testclient import TestClient

from api import settling
from api.app import create_app
from api.context import context_of
from api.settings import Settings
from gis.clock import BEIJING, day_of
from gis.postgis import Database
from layers.declaring.people import EVERYWHERE, Role
from layers.reading import features
from layers.registry import Registry
from tests import people
from tests.api.conftest import BASE
from tests.factories import LAT, LON, record
from tests.walks import STEP_S, fixes, hours_ago

STREET, WEST, EAST = "630102007000", "630102007001", "630102007002"
NORTH = LAT + 0.005
LINE = [(LON, NORTH), (LON + 0.0099, NORTH)]
TABLES = ("patrols", "patrol_points", "patrol_stretches", "patrol_coverage")
Headers = Mapping[str, str]


@pytest.fixture
def ground(database: Database, registry: Registry) -> Database:
    with database.begin() as connection:
        layer = registry.layer("divisions")
        boxes = {STREET: ("street", 0.0, 0.02), WEST: ("community", 0.0, 0.01)}
        boxes[EAST] = ("community", 0.01, 0.02)
        for n, (code, (level, west, east)) in enumerate(boxes.items()):
            box = shapely.box(LON + west, LAT, LON + east, LAT + 0.01)
            values = record(layer, n, code=code, level=level, parent=None)
            features.insert(connection, layer, values, box)
        roads = registry.layer("road_segments")
        for n, west in enumerate((0.0, 0.0101)):
            line = shapely.LineString([(LON + west, NORTH), (LON + west + 0.0099, NORTH)])
            features.insert(connection, roads, record(roads, n + 1), line)
    return database


@pytest.fixture
def phone(settings: Settings, ground: Database, registry: Registry) -> Iterator[TestClient]:
    """Whoever asks with the headers that are given."""
    app = create_app(settings, database=ground, registry=registry)
    with TestClient(app, BASE, follow_redirects=False) as client:
        yield client


@pytest.fixture
def walker(ground: Database) -> Headers:
    return people.bearer(ground, Role.INSPECTOR, WEST)


def moment(at: float | datetime) -> str:
    at = at if isinstance(at, datetime) else datetime.fromtimestamp(at, UTC)
    return at.isoformat()


def start(at: datetime, **more: object) -> dict[str, object]:
    return {"started_at": moment(at), **more}


def points(at: datetime, line: list[tuple[float, float]] = LINE) -> list[dict[str, object]]:
    return [
        {"at": moment(fix.at), "lon": fix.lon, "lat": fix.lat, "accuracy_m": fix.accuracy_m}
        for fix in fixes(line, at)
    ]


def put(client: TestClient, headers: Headers, path: str, body: object) -> httpx2.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"content-type": "application/json", **headers}
    return client.put(path, content=content, headers=sent)


def walk(client: TestClient, headers: Headers, at: datetime, size: int = 40) -> str:
    """A whole patrol along LINE, ended."""
    path, every = f"/patrols/{uuid.uuid4()}", points(at)
    assert put(client, headers, path, start(at)).status_code == 201
    parts = [every[n : n + size] for n in range(0, len(every), size)]
    for n, part in enumerate(parts, start=1):
        answer = put(client, headers, f"{path}/points/{n}", {"points": part})
        assert answer.status_code == 201, answer.text
    stop = moment(at + timedelta(seconds=STEP_S * len(every)))
    ended = put(client, headers, path, start(at, stopped_at=stop, batches=len(parts)))
    assert ended.status_code == 200, ended.text
    return path


def contents(database: Database) -> Mapping[str, list[Any]]:
    with database.read() as connection:
        return {
            name: list(connection.execute(sa.text(f"SELECT * FROM {name} ORDER BY 1, 2")))
            for name in TABLES
        }


# --- a patrol -------------------------------------------------------------------------------------
def test_a_patrol_from_beginning_to_end(phone: TestClient, walker: Headers) -> None:
    at = hours_ago(2)
    path = walk(phone, walker, at)
    (told,) = phone.get("/patrols", headers=walker).json()["patrols"]
    assert told["uuid"] == path.removeprefix("/patrols/")
    assert (told["own"], told["gaps"], told["announced"], told["batches"]) == (True, 0, 4, 4)
    assert told["walked_m"] == pytest.approx(885, abs=5)
    way = phone.get(path, headers=walker)
    assert way.headers["content-type"] == "application/geo+json"
    found = way.json()
    assert found["patrol"]["missing"] == []
    assert {each["properties"]["kind"] for each in found["features"]} == {"walked"}
    assert found["features"][0]["geometry"]["type"] == "LineString"
    metres = sum(each["properties"]["metres"] for each in found["features"])
    assert metres == pytest.approx(told["walked_m"], abs=0.5)


def test_a_receipt_repeats_the_digest_of_what_was_sent(phone: TestClient, walker: Headers) -> None:
    at, path = hours_ago(1), f"/patrols/{uuid.uuid4()}"
    body = json.dumps(start(at, device="测试手机", app="1.0")).encode()
    new, again = (put(phone, walker, path, body) for _ in range(2))
    assert (new.status_code, again.status_code) == (201, 200)
    assert new.json() == again.json()
    assert new.json()["sha256"] == hashlib.sha256(body).hexdigest()
    part = json.dumps({"points": points(at)[:20]}).encode()
    new, again = (put(phone, walker, f"{path}/points/1", part) for _ in range(2))
    assert (new.status_code, again.status_code) == (201, 200)
    assert (
        new.json()
        == again.json()
        == {
            "uuid": path.rpartition("/")[2],
            "seq": 1,
            "sha256": hashlib.sha256(part).hexdigest(),
            "points": 20,
            "left_out": {"inaccurate": 0, "clock": 0, "close": 0},
        }
    )


def test_what_is_missing_is_told(phone: TestClient, walker: Headers) -> None:
    at, path = hours_ago(1), f"/patrols/{uuid.uuid4()}"
    put(phone, walker, path, start(at))
    put(phone, walker, f"{path}/points/3", {"points": points(at)[40:60]})
    assert phone.get(path, headers=walker).json()["patrol"]["missing"] == [1, 2]
    stop = moment(at + timedelta(minutes=30))
    ended = put(phone, walker, path, start(at, stopped_at=stop, batches=5))
    assert ended.json()["missing"] == [1, 2, 4, 5]


def test_a_gap_and_a_ride_are_told_as_such(phone: TestClient, walker: Headers) -> None:
    at, path = hours_ago(1), f"/patrols/{uuid.uuid4()}"
    put(phone, walker, path, start(at))
    every = points(at)
    put(phone, walker, f"{path}/points/1", {"points": every[:20]})
    put(phone, walker, f"{path}/points/2", {"points": every[21:40], "resumed": True})
    later = at + timedelta(seconds=STEP_S * 41)
    fast = fixes(LINE[::-1], later, speed_ms=15)
    ridden = [
        {"at": moment(fix.at), "lon": fix.lon, "lat": fix.lat, "accuracy_m": 5} for fix in fast[7:]
    ]
    put(phone, walker, f"{path}/points/3", {"points": ridden})
    kinds = [x["properties"]["kind"] for x in phone.get(path, headers=walker).json()["features"]]
    assert kinds[:3] == ["walked", "gap", "walked"]
    assert kinds[-1] == "ridden"


def test_a_phone_s_clock_and_datum_are_put_right(
    phone: TestClient, walker: Headers, ground: Database
) -> None:
    at, path = hours_ago(1), f"/patrols/{uuid.uuid4()}"
    ahead = at + timedelta(days=400)
    put(phone, walker, path, start(ahead, clock_offset_s=400 * 86400))
    some = [
        each | {"at": moment(fix.at)}
        for each, fix in zip(points(at)[:20], fixes(LINE, ahead)[:20], strict=True)
    ]
    body = {"points": some, "clock_offset_s": 400 * 86400, "datum": "gcj02"}
    assert put(phone, walker, f"{path}/points/1", body).json()["points"] == 20
    way = phone.get(path, headers=walker).json()
    lon, lat = way["features"][0]["geometry"]["coordinates"][0]
    assert 0.0005 < ((lon - LINE[0][0]) ** 2 + (lat - LINE[0][1]) ** 2) ** 0.5 < 0.003
    began = datetime.fromisoformat(way["patrol"]["started_at"])
    assert abs((began - at).total_seconds()) < 2


# --- what is refused ------------------------------------------------------------------------------
AT = hours_ago(1)
POINT = {"at": moment(AT), "lon": LON, "lat": NORTH, "accuracy_m": 5}
FINE = {"points": [POINT]}
BAD_STARTS: Mapping[str, object] = {
    "nothing": b"",
    "no JSON": b"{",
    "no object": [],
    "a number that is none": b'{"started_at": NaN}',
    "no beginning": {},
    "a beginning that is a number": {"started_at": 1_795_000_000},
    "a beginning without an offset": {"started_at": "2026-11-23T09:00:00"},
    "a day alone": {"started_at": "2026-11-23"},
    "a month that is none": {"started_at": "2026-13-23T09:00:00Z"},
    "a year before phones": {"started_at": "1900-01-01T00:00:00Z"},
    "a year far off": {"started_at": "9999-12-31T23:59:59Z"},
    "still to come": {"started_at": moment(datetime.now(UTC) + timedelta(hours=2))},
    "long gone": {"started_at": "2017-07-21T09:00:00+08:00"},
    "a clock that is no number": start(AT, clock_offset_s="0"),
    "a clock of a thousand years": start(AT, clock_offset_s=1e11),
    "an infinite clock": b'{"started_at": "2026-11-23T09:00:00Z", "clock_offset_s": 1e999}',
    "a clock that hides its age": start(AT, clock_offset_s=40 * 86400),
    "an end that is none": start(AT, stopped_at="later"),
    "batches of what goes on": start(AT, batches=3),
    "a negative number": start(AT, stopped_at=moment(AT), batches=-1),
    "a broken number": start(AT, stopped_at=moment(AT), batches=1.5),
    "too many": start(AT, stopped_at=moment(AT), batches=10**9),
    "a device without a name": start(AT, device=""),
    "a long device": start(AT, device="x" * 201),
    "a device with a bell": start(AT, device="a\x07"),
    "a null byte": start(AT, app="a\x00"),
    "somebody else": start(AT, account=1),
    "a place": start(AT, place=0),
    "too large": start(AT, device="x" * 300_000),
    "deep": b'{"started_at": ' + b"[" * 100_000,
}
BAD_BATCHES: Mapping[str, object] = {
    "nothing": b"",
    "no JSON": b"[1,",
    "no points": {},
    "points that are none": {"points": 3},
    "an empty list": {"points": []},
    "too many": {"points": [POINT] * 501},
    "a point without a time": {"points": [{k: v for k, v in POINT.items() if k != "at"}]},
    "a point without a place": {"points": [{k: v for k, v in POINT.items() if k != "lon"}]},
    "a point without accuracy": {"points": [{k: v for k, v in POINT.items() if k != "accuracy_m"}]},
    "a longitude beyond": {"points": [POINT | {"lon": 181}]},
    "a latitude beyond": {"points": [POINT | {"lat": -90.5}]},
    "a longitude that is text": {"points": [POINT | {"lon": "101.8"}]},
    "a longitude that is true": {"points": [POINT | {"lon": True}]},
    "a latitude that is null": {"points": [POINT | {"lat": None}]},
    "an infinite latitude": json.dumps(FINE).replace(str(NORTH), "1e999").encode(),
    "a negative accuracy": {"points": [POINT | {"accuracy_m": -1}]},
    "an accuracy of a world": {"points": [POINT | {"accuracy_m": 1e9}]},
    "a time that is a number": {"points": [POINT | {"at": 1_795_000_000_000}]},
    "a time without an offset": {"points": [POINT | {"at": "2026-11-23T09:00:00"}]},
    "more than there is": {"points": [POINT | {"speed": 3}]},
    "no such datum": {**FINE, "datum": "beijing54"},
    "a resumption that is text": {**FINE, "resumed": "yes"},
    "somebody else": {**FINE, "account": 3},
    "one bad among many": {"points": [POINT] * 20 + [POINT | {"lon": 1000}]},
    "too large": b'{"points": [' + b" " * 270_000 + b"]}",
}
BAD_NAMES = (
    "1",
    "nothing",
    "00000000-0000-0000-0000-000000000000",
    "6ba7b810-9dad-11d1-80b4-00c04fd430c8",  # version 1
    "0191D3C4-6B1E-7C2A-8F00-1234567890AB",
    "{0191d3c4-6b1e-7c2a-8f00-1234567890ab}",
    "0191d3c46b1e7c2a8f001234567890ab",
    "%00",
    "..%2f..",
)
BAD_NUMBERS = ("0", "-1", "01", "1.0", "x", "5001", "9" * 30, "١", "%20")


def refused(answer: httpx2.Response) -> None:
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


@pytest.mark.parametrize("body", BAD_STARTS.values(), ids=list(BAD_STARTS))
def test_a_bad_beginning_is_refused_and_stores_nothing(
    phone: TestClient, walker: Headers, ground: Database, body: object
) -> None:
    refused(put(phone, walker, f"/patrols/{uuid.uuid4()}", body))
    assert not any(contents(ground).values())


@pytest.fixture
def open_patrol(phone: TestClient, walker: Headers) -> str:
    path = f"/patrols/{uuid.uuid4()}"
    assert put(phone, walker, path, start(AT)).status_code == 201
    return path


def test_a_bad_batch_is_refused_and_stores_nothing(
    phone: TestClient, walker: Headers, ground: Database, open_patrol: str
) -> None:
    before = contents(ground)
    for name, body in BAD_BATCHES.items():
        answer = put(phone, walker, f"{open_patrol}/points/1", body)
        assert 400 <= answer.status_code < 500, (name, answer.text)
        refused(answer)
        assert contents(ground) == before, name
    for number in BAD_NUMBERS:
        refused(put(phone, walker, f"{open_patrol}/points/{number}", FINE))
    for name in BAD_NAMES:
        refused(put(phone, walker, f"/patrols/{name}/points/1", FINE))
        refused(put(phone, walker, f"/patrols/{name}", start(AT)))
        refused(phone.get(f"/patrols/{name}", headers=walker))
        refused(phone.delete(f"/patrols/{name}", headers=walker))
    form = {**walker, "content-type": "application/x-www-form-urlencoded"}
    refused(phone.put(open_patrol, content=b"a=b", headers=form))
    assert contents(ground) == before
    assert put(phone, walker, f"{open_patrol}/points/1", FINE).status_code == 201


def test_other_bytes_under_one_name_are_a_conflict(
    phone: TestClient, walker: Headers, ground: Database, open_patrol: str
) -> None:
    put(phone, walker, f"{open_patrol}/points/1", FINE)
    before = contents(ground)
    for path, body in (
        (open_patrol, start(AT, device="other")),
        (f"{open_patrol}/points/1", {**FINE, "resumed": True}),
    ):
        answer = put(phone, walker, path, body)
        assert answer.status_code == 409
        assert answer.json()["type"] == "/problems/patrol-differs"
    other = people.bearer(ground, Role.INSPECTOR, WEST)
    assert put(phone, other, open_patrol, start(AT)).status_code == 409
    assert put(phone, other, f"{open_patrol}/points/2", FINE).status_code == 404
    assert contents(ground) == before


@pytest.mark.parametrize(
    "query", ["on=x", "on=2026-02-30", "division=1", "limit=0", "limit=1001", "after=1", "a=b"]
)
def test_a_list_that_cannot_be_meant_is_refused(
    phone: TestClient, walker: Headers, query: str
) -> None:
    refused(phone.get(f"/patrols?{query}", headers=walker))


@pytest.mark.parametrize(
    "query", ["span=year", "count=0", "count=61", "on=2026-02-30", "division=x", "a=b", "f=pdf"]
)
def test_a_coverage_that_cannot_be_meant_is_refused(
    phone: TestClient, walker: Headers, query: str
) -> None:
    refused(phone.get(f"/patrols/coverage?{query}", headers=walker))
    refused(phone.get("/patrols/coverage?division=999999999999", headers=walker))


# --- off ------------------------------------------------------------------------------------------
def test_without_a_time_to_keep_them_there_are_no_patrols(
    settings: Settings, ground: Database, registry: Registry
) -> None:
    off = settings.model_copy(update={"patrol_days": None})
    with TestClient(create_app(off, database=ground, registry=registry), BASE) as client:
        walker = people.bearer(ground, Role.INSPECTOR, WEST)
        name = f"/patrols/{uuid.uuid4()}"
        answers = [
            put(client, walker, name, start(AT)),
            put(client, walker, f"{name}/points/1", FINE),
            *(client.get(path, headers=walker) for path in ("/patrols", name, "/patrols/coverage")),
            client.delete(name, headers=walker),
            client.post(f"{name}/delete", headers=walker),
        ]
        for answer in answers:
            assert answer.status_code == 404
            assert answer.json()["type"] == "/problems/patrols-off"
        page = client.get("/patrols", headers={**walker, "accept": "text/html"})
        assert "GRIDFIELD_PATROL_DAYS" in page.text or "没有开启" in page.text
        portal = client.get("/", headers={**walker, "accept": "text/html"})
        assert "/patrols" not in portal.text
        assert client.get("/maps/patrols", headers=walker).status_code == 404
    assert not any(contents(ground).values())


# --- who ------------------------------------------------------------------------------------------
ASKERS: Mapping[str, tuple[Role, str, bool]] = {
    "leader": (Role.LEADER, WEST, True),
    "street leader": (Role.LEADER, STREET, True),
    "admin": (Role.ADMIN, WEST, True),
    "admin of all": (Role.ADMIN, EVERYWHERE, True),
    "viewer": (Role.VIEWER, WEST, False),
    "street viewer": (Role.VIEWER, STREET, False),
    "colleague": (Role.INSPECTOR, WEST, False),
    "officer": (Role.OFFICER, STREET, False),
    "neighbour": (Role.INSPECTOR, EAST, False),
    "their leader": (Role.LEADER, EAST, False),
    "their admin": (Role.ADMIN, EAST, False),
}


def test_who_sees_a_way(phone: TestClient, walker: Headers, ground: Database) -> None:
    path = walk(phone, walker, hours_ago(2))
    name = path.rpartition("/")[2]
    for asker, (role, division, sees) in ASKERS.items():
        headers = people.bearer(ground, role, division)
        listed = phone.get("/patrols", headers=headers).json()["patrols"]
        assert [each["uuid"] for each in listed] == ([name] if sees else []), asker
        assert phone.get(path, headers=headers).status_code == (200 if sees else 404), asker
        page = {**headers, "accept": "text/html"}
        assert (name in phone.get("/patrols", headers=page).text) is sees, asker
        assert phone.delete(path, headers=headers).status_code == 404, asker
    assert phone.get(path, headers=walker).status_code == 200


def test_looking_at_other_people_s_ways_is_noted(
    phone: TestClient, walker: Headers, ground: Database
) -> None:
    path = walk(phone, walker, hours_ago(2))

    def noted() -> list[tuple[object, ...]]:
        log = "SELECT account, way, layer, rows, format FROM personal_reads ORDER BY number"
        with ground.read() as connection:
            return [tuple(row) for row in connection.execute(sa.text(log))]

    for headers in (walker, {**walker, "accept": "text/html"}):
        phone.get("/patrols", headers=headers)
        phone.get(path, headers=headers)
    assert noted() == []
    leader = people.account(ground, Role.LEADER, WEST)
    headers = {"authorization": f"Bearer {people.secret(ground, leader.id)}"}
    phone.get("/patrols", headers=headers)
    phone.get(path, headers={**headers, "accept": "text/html"})
    expected = (leader.id, "patrols", "patrols", 1)
    assert noted() == [(*expected, "json"), (*expected, "html")]
    phone.get("/patrols/coverage", headers=headers)
    phone.get("/maps/patrols/summary", headers=headers)
    assert len(noted()) == 2


def test_one_s_own_way_is_deleted(phone: TestClient, walker: Headers, ground: Database) -> None:
    kept, gone = (walk(phone, walker, hours_ago(hours)) for hours in (2, 30))
    assert phone.delete(gone, headers=walker).status_code == 204
    assert phone.get(gone, headers=walker).status_code == 404
    assert phone.delete(gone, headers=walker).status_code == 404
    done = phone.post(f"{kept}/delete", headers=walker)
    assert (done.status_code, done.headers["location"]) == (303, "/patrols")
    assert not any(contents(ground).values())


def test_a_list_has_pages_and_days(phone: TestClient, walker: Headers) -> None:
    paths = [walk(phone, walker, hours_ago(hours), size=200) for hours in (1.5, 2, 60)]
    names = [path.rpartition("/")[2] for path in paths]
    found, address = [], "/patrols?limit=2"
    while address:
        page = phone.get(address, headers=walker).json()
        found += [each["uuid"] for each in page["patrols"]]
        address = next((x["href"] for x in page["links"] if x["rel"] == "next"), "")
    assert found == names
    day = day_of(hours_ago(60))
    page = phone.get(f"/patrols?on={day}&division={WEST}", headers=walker).json()
    assert [each["uuid"] for each in page["patrols"]] == [names[2]]
    assert phone.get(f"/patrols?division={EAST}", headers=walker).json()["patrols"] == []


# --- what was walked ------------------------------------------------------------------------------
def test_the_coverage_is_that_of_sql_wherever_it_is_shown(
    phone: TestClient, walker: Headers, ground: Database
) -> None:
    now = datetime.now(BEIJING)
    at = now.replace(hour=0, minute=0, second=1) if now.hour < 2 else now - timedelta(hours=1)
    half = [LINE[0], ((LINE[0][0] + LINE[1][0]) / 2, NORTH)]
    path = f"/patrols/{uuid.uuid4()}"
    put(phone, walker, path, start(at))
    put(phone, walker, f"{path}/points/1", {"points": points(at, half)})
    leader = people.bearer(ground, Role.LEADER, STREET)
    with ground.read() as connection:
        walked, total = connection.execute(
            sa.text("""
                SELECT ST_Length(ST_Intersection(r.geom, ST_Buffer(s.geom::geography, 15, 16)
                  ::geometry)::geography),
                  (SELECT sum(ST_Length(geom::geography)) FROM road_segments)
                FROM road_segments r, patrol_stretches s ORDER BY r.id LIMIT 1
            """)
        ).one()
    for span in ("day", "week"):
        address = f"/patrols/coverage?span={span}&count=3"
        found = phone.get(address, headers=leader).json()
        assert found["whole"][-1]["walked_m"] == pytest.approx(walked, abs=0.02)
        assert found["whole"][-1]["total_m"] == pytest.approx(total, abs=0.02)
        assert [each["walked_m"] for each in found["whole"][:2]] == [0, 0]
        shares = {row["code"]: row["shares"][-1]["walked_m"] for row in found["divisions"]}
        assert shares == pytest.approx({STREET: walked, WEST: walked, EAST: 0}, abs=0.02)
        assert [road["shares"][-1]["share"] for road in found["roads"]] == [
            0,
            pytest.approx(2 * walked / total, abs=0.001),
        ]
        book = openpyxl.load_workbook(
            io.BytesIO(phone.get(f"{address}&f=xlsx", headers=leader).content)
        )
        rows = list(book.worksheets[0].values)
        assert rows[-1][-2] == pytest.approx(walked, abs=0.06)
        assert len(list(book.worksheets[1].values)) == 3
        legend = phone.get(f"/maps/patrols/summary?by={span}", headers=leader).json()
        steps = {"none": 1, "some": 0, "most": 1, "whole": 0}
        assert legend["layers"]["road_segments"]["classes"] == steps


def test_a_reader_s_coverage_is_that_of_their_own_roads(
    phone: TestClient, walker: Headers, ground: Database
) -> None:
    walk(phone, walker, hours_ago(2))
    neighbour = people.bearer(ground, Role.VIEWER, EAST)
    found = phone.get("/patrols/coverage?count=2", headers=neighbour).json()
    assert len(found["roads"]) == 1
    assert all(share["walked_m"] == 0 for share in found["whole"])
    viewer = people.bearer(ground, Role.VIEWER, WEST)
    found = phone.get("/patrols/coverage?count=2", headers=viewer).json()
    assert sum(share["walked_m"] for share in found["whole"]) > 800


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pages_are_there(phone: TestClient, walker: Headers, lang: str) -> None:
    path = walk(phone, walker, hours_ago(2))
    page = {**walker, "accept": "text/html"}
    for address in ("/patrols", path, "/patrols/coverage", "/patrols/coverage?span=week&count=4"):
        mark = "&" if "?" in address else "?"
        answer = phone.get(f"{address}{mark}lang={lang}", headers=page)
        assert answer.status_code == 200, answer.text
        assert "text/html" in answer.headers["content-type"]
        # The switch of the language comes back to it.
        assert f"lang={'en' if lang == 'zh' else 'zh'}" in answer.text
    for address in ("/maps/patrols", "/maps/patrols?by=day"):
        assert phone.get(address, headers=page).status_code == 200


# --- races and time -------------------------------------------------------------------------------
def test_one_batch_from_ten_hands_is_one(
    phone: TestClient, walker: Headers, ground: Database, open_patrol: str
) -> None:
    statuses: list[int] = []

    def send(body: object) -> None:
        statuses.append(put(phone, walker, f"{open_patrol}/points/1", body).status_code)

    _at_once([lambda: send(FINE)] * 6 + [lambda: send({**FINE, "resumed": True})] * 4)
    # Whichever came first is there, and the other one was refused.
    assert statuses.count(201) == 1
    assert set(statuses) == {200, 201, 409}
    assert len(contents(ground)["patrol_points"]) == 1


def _at_once(acts: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_server_itself_deletes_what_is_no_longer_kept(
    phone: TestClient, walker: Headers, ground: Database
) -> None:
    walk(phone, walker, hours_ago(2))
    old = walk(phone, walker, hours_ago(24 * 29))
    sums = contents(ground)["patrol_coverage"]
    with ground.begin() as connection:
        connection.execute(
            sa.text(
                "UPDATE patrols SET kept_until = now() WHERE started_at < now() - interval '9 days'"
            )
        )
    request = type("Request", (), {"app": phone.app})()
    for task, _ in settling._TASKS:
        task(context_of(request))
    assert phone.get(old, headers=walker).status_code == 404
    after = contents(ground)
    assert len(after["patrols"]) == 1
    assert [row.metres for row in after["patrol_coverage"]] == [row.metres for row in sums]
