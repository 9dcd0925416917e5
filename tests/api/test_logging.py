"""PUT /collections/{layer}/items/{uuid}: each record exactly once, whatever is sent."""

import json
import threading
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from api.app import connections, create_app
from api.settings import Settings
from gis.cluster import Cluster
from gis.postgis import Database
from layers.declaring.people import Role
from layers.registry import Registry
from tests import records
from tests.api.conftest import BASE
from tests.cloning import clone
from tests.people import bearer
from tests.records import (
    ABROAD,
    COMMUNITY,
    FIELD,
    INSIDE,
    LEADER,
    NEIGHBOUR,
    body,
    in_field,
    record,
)

GEOJSON = {"content-type": "application/geo+json"}
SITES = "/collections/sites/items"


@contextmanager
def grounded(
    cluster: Cluster, template: str, settings: Settings, registry: Registry
) -> Iterator[Database]:
    name = f"logging{uuid.uuid4().hex}"
    clone(cluster, name, template)
    database = Database(cluster.url(name), pool_size=connections(settings))
    records.lay_ground(database, registry)
    yield database
    database.close()


@pytest.fixture(scope="module")
def ground(
    cluster: Cluster, template: str, settings: Settings, registry: Registry
) -> Iterator[Database]:
    with grounded(cluster, template, settings, registry) as database:
        yield database


@pytest.fixture(scope="module")
def nobody(settings: Settings, ground: Database, registry: Registry) -> Iterator[TestClient]:
    with TestClient(create_app(settings, database=ground, registry=registry), BASE) as client:
        yield client


@pytest.fixture(scope="module")
def inspector(ground: Database) -> Mapping[str, str]:
    return bearer(ground, Role.INSPECTOR, COMMUNITY)


@pytest.fixture(scope="module")
def leader(ground: Database) -> Mapping[str, str]:
    return bearer(ground, Role.LEADER, COMMUNITY)


def put(
    client: TestClient,
    headers: Mapping[str, str],
    found: Any,
    name: Any = None,
    layer: str = "sites",
) -> Any:
    content = found if isinstance(found, bytes) else body(found)
    path = f"/collections/{layer}/items/{name or records.name()}"
    return client.put(path, content=content, headers={**GEOJSON, **headers})


def count(database: Database) -> dict[str, int]:
    tables = ("sites", "sites_versions", "submissions", "photo_links", "changes")
    with database.read() as connection:
        return {
            name: connection.scalar(sa.select(sa.func.count()).select_from(sa.table(name))) or 0
            for name in tables
        }


# --- what is right --------------------------------------------------------------------------------
def test_a_record_is_answered_with_its_receipt(
    nobody: TestClient, ground: Database, inspector: Mapping[str, str]
) -> None:
    name = records.name()
    answer = put(nobody, inspector, record(), name)
    assert answer.status_code == 201
    receipt = answer.json()
    assert receipt["uuid"] == str(name)
    assert receipt["layer"] == "sites"
    assert receipt["field"] == {"code": FIELD, "name": "第1网格"}
    assert receipt["leader"] == "祁**"  # whoever inspects is told no names
    assert receipt["due"]
    assert receipt["photos"] == {"wanted": [records.sha(1), records.sha(2)], "held": []}
    assert answer.headers["location"] == f"{BASE}{SITES}/{receipt['id']}"
    assert answer.headers["cache-control"] == "no-store"
    with ground.read() as connection:
        site = connection.execute(
            sa.text("SELECT * FROM sites WHERE id = :id"), {"id": receipt["id"]}
        ).one()
        came = connection.execute(
            sa.text("SELECT * FROM submissions WHERE uuid = :uuid"), {"uuid": str(name)}
        ).one()
    assert site.status == "registered"
    assert (site.field, site.leader) == (FIELD, LEADER)
    assert site.number == f"巡查-2026-{site.id:06}"
    assert site.due.isoformat() == receipt["due"][:10]
    assert bytes(came.body) == body(record())
    assert bytes(came.sha256).hex() == receipt["sha256"]
    assert (came.lon, came.lat, came.datum) == (*INSIDE, "wgs84")
    assert (came.accuracy_m, came.readings, came.device) == (8.5, 5, "test")
    assert came.place == int(COMMUNITY)


def test_a_leader_is_told_the_name_and_it_is_noted(
    nobody: TestClient, ground: Database, leader: Mapping[str, str]
) -> None:
    assert put(nobody, leader, record()).json()["leader"] == LEADER
    with ground.read() as connection:
        noted = sa.text("SELECT count(*) FROM personal_reads WHERE way = 'log'")
        assert connection.scalar(noted) == 1


@pytest.mark.parametrize("layer", list(records.VALUES))
def test_every_layer_that_is_logged_takes_its_record(
    nobody: TestClient, inspector: Mapping[str, str], leader: Mapping[str, str], layer: str
) -> None:
    answer = put(nobody, inspector, record(layer), layer=layer)
    assert answer.status_code == 201, answer.text
    item = nobody.get(f"/collections/{layer}/items/{answer.json()['id']}", headers=leader).json()
    for field, value in records.VALUES[layer].items():
        assert item["properties"][field] == value


def test_a_checklist_comes_to_its_result(nobody: TestClient, inspector: Mapping[str, str]) -> None:
    def result(**checks: str) -> str:
        sent = record("shop_inspections", properties=checks)
        receipt = put(nobody, inspector, sent, layer="shop_inspections").json()
        path = f"/collections/shop_inspections/items/{receipt['id']}"
        return str(nobody.get(path, headers=inspector).json()["properties"]["result"])

    assert result() == "fault"
    assert result(hygiene="ok") == "ok"
    unseen = dict.fromkeys(("hygiene", "greening", "public_order"), "not_looked")
    assert result(**unseen) == "not_looked"


def test_without_a_position_the_field_stands_for_it(
    nobody: TestClient, ground: Database, inspector: Mapping[str, str]
) -> None:
    receipt = put(nobody, inspector, in_field()).json()
    assert receipt["field"]["code"] == FIELD
    with ground.read() as connection:
        held = connection.scalar(
            sa.text(
                "SELECT ST_Intersects(s.geom, g.geom) FROM sites s JOIN grid_fields g"
                " ON g.code = s.field WHERE s.id = :id"
            ),
            {"id": receipt["id"]},
        )
    assert held is True


def test_a_point_of_the_own_division_may_lie_in_no_field(
    nobody: TestClient, inspector: Mapping[str, str]
) -> None:
    off = {"type": "Point", "coordinates": [INSIDE[0] + 0.01, INSIDE[1]]}
    receipt = put(nobody, inspector, record(geometry=off)).json()
    assert receipt["field"] is None
    assert receipt["leader"] is None
    assert receipt["due"]


@pytest.mark.parametrize(("datum", "metres"), [("gcj02", 100), ("bd09", 800)])
def test_the_datum_is_turned_into_ours_and_what_came_is_kept(
    nobody: TestClient,
    ground: Database,
    inspector: Mapping[str, str],
    datum: str,
    metres: float,
) -> None:
    east = {"type": "Point", "coordinates": [INSIDE[0] + 0.004, INSIDE[1] + 0.002]}
    name = records.name()
    answer = put(nobody, inspector, record(geometry=east, captured={"datum": datum}), name)
    assert answer.status_code == 201, answer.text
    with ground.read() as connection:
        moved = connection.execute(
            sa.text(
                "SELECT c.lon, c.datum, ST_Distance(s.geom::geography, ST_SetSRID("
                "ST_Point(c.lon, c.lat), 4326)::geography) AS metres"
                " FROM submissions c JOIN sites s ON s.id = c.feature WHERE c.uuid = :uuid"
            ),
            {"uuid": str(name)},
        ).one()
    assert (moved.lon, moved.datum) == (INSIDE[0] + 0.004, datum)
    assert moved.metres > metres


@pytest.mark.parametrize(
    ("said", "offset", "day"),
    [
        ("2026-11-20T23:30:00+08:00", None, "2026-11-20"),
        ("2026-11-20T23:30:00Z", None, "2026-11-21"),  # by the time of Beijing
        ("2026-11-21T00:30:00+08:00", 3600.0, "2026-11-20"),
        ("2027-11-20T12:00:00+08:00", 31_536_000.0, "2026-11-20"),
        ("1970-01-01T00:00:00Z", -1_795_132_800.0, "2026-11-20"),
    ],
)
def test_a_wrong_clock_refuses_no_record(
    nobody: TestClient,
    inspector: Mapping[str, str],
    said: str,
    offset: float | None,
    day: str,
) -> None:
    sent = record(captured={"at": said, "clock_offset_s": offset})
    receipt = put(nobody, inspector, sent).json()
    item = nobody.get(f"{SITES}/{receipt['id']}", headers=inspector).json()
    assert item["properties"]["found_on"] == day


def test_a_day_to_come_is_today(nobody: TestClient, inspector: Mapping[str, str]) -> None:
    sent = record(captured={"at": "2150-01-01T00:00:00Z", "clock_offset_s": None})
    receipt = put(nobody, inspector, sent).json()
    item = nobody.get(f"{SITES}/{receipt['id']}", headers=inspector).json()
    assert item["properties"]["found_on"] == receipt["received_at"][:10]


def test_what_is_likely_the_same_is_told_and_kept(
    nobody: TestClient, inspector: Mapping[str, str]
) -> None:
    sent = record(properties={"matter": "06051"})
    first = put(nobody, inspector, sent).json()
    name = records.name()
    second = put(nobody, inspector, sent, name)
    assert [near["id"] for near in second.json()["near"]] == [first["id"]]
    third = put(nobody, inspector, sent, name).json()
    assert third["near"] == second.json()["near"]


# --- what is found by its name --------------------------------------------------------------------
def test_a_record_is_found_by_its_name_as_by_its_number(
    nobody: TestClient, inspector: Mapping[str, str]
) -> None:
    name = records.name()
    number = put(nobody, inspector, record(), name).json()["id"]
    by_number = nobody.get(f"{SITES}/{number}", headers=inspector)
    by_name = nobody.get(f"{SITES}/{name}", headers=inspector)
    assert by_name.status_code == 200
    assert by_name.json() == by_number.json()
    assert by_name.headers["etag"] == by_number.headers["etag"]
    page = nobody.get(f"{SITES}/{name}", headers={**inspector, "accept": "text/html"})
    assert f"巡查-2026-{number:06}" in page.text
    history = nobody.get(f"{SITES}/{name}/history", headers=inspector)
    assert history.status_code == 200
    for other in (f"{SITES}/{records.name()}", f"/collections/water/items/{name}"):
        assert nobody.get(other, headers=inspector).status_code == 404


def test_another_district_finds_nothing_by_a_name(
    nobody: TestClient, ground: Database, inspector: Mapping[str, str]
) -> None:
    name = records.name()
    put(nobody, inspector, record(), name)
    abroad = bearer(ground, Role.LEADER, NEIGHBOUR)
    found = nobody.get(f"{SITES}/{name}", headers=abroad)
    never = nobody.get(f"{SITES}/{records.name()}", headers=abroad)
    assert found.status_code == never.status_code == 404
    assert found.json()["type"] == never.json()["type"]


# --- once and for all -----------------------------------------------------------------------------
def test_the_same_bytes_again_change_nothing(
    nobody: TestClient, ground: Database, inspector: Mapping[str, str]
) -> None:
    name = records.name()
    first = put(nobody, inspector, record(), name)
    before = count(ground)
    again = put(nobody, inspector, record(), name)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert count(ground) == before


@pytest.mark.parametrize(
    ("layer", "changed"),
    [
        ("sites", body(record()) + b"\n"),  # the bytes are what counts, not what they mean
        ("sites", body(record(properties={"note": "别的"}))),
        ("illegal_structures", body(record())),
        ("sites", b"{}"),
    ],
)
def test_other_bytes_under_a_name_are_refused(
    nobody: TestClient,
    ground: Database,
    inspector: Mapping[str, str],
    layer: str,
    changed: bytes,
) -> None:
    name = records.name()
    put(nobody, inspector, record(), name)
    before = count(ground)
    refused = put(nobody, inspector, changed, name, layer=layer)
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/record-other"
    assert count(ground) == before


@pytest.mark.parametrize("other", ["somebody else", "elsewhere", "gone"])
def test_what_was_received_stays_received(
    nobody: TestClient,
    ground: Database,
    inspector: Mapping[str, str],
    leader: Mapping[str, str],
    other: str,
) -> None:
    """Whoever sends it again, and whatever became of it since."""
    name = records.name()
    first = put(nobody, inspector, record(), name).json()
    path, asker = f"{SITES}/{first['id']}", inspector
    if other == "somebody else":
        asker = bearer(ground, Role.INSPECTOR, COMMUNITY)
    elif other == "elsewhere":
        everywhere = bearer(ground, Role.ADMIN)
        moved = {"geometry": {"type": "Point", "coordinates": list(ABROAD)}}
        patched = nobody.patch(path, json=moved, headers=everywhere)
        assert patched.status_code == 200
        assert nobody.get(path, headers=inspector).status_code == 404
    else:
        assert nobody.delete(path, headers=leader).status_code == 204
    again = put(nobody, asker, record(), name)
    assert again.status_code == 200
    for member in ("uuid", "id", "sha256", "received_at", "field", "due"):
        assert again.json()[member] == first[member]


def test_twenty_at_once_are_one(
    nobody: TestClient, ground: Database, inspector: Mapping[str, str]
) -> None:
    other_phone = bearer(ground, Role.INSPECTOR, COMMUNITY)
    for _ in range(5):
        name, sent = records.name(), record()
        together = threading.Barrier(20)

        def one(n: int, name: uuid.UUID = name, sent: Any = sent, at: Any = together) -> Any:
            at.wait()
            return put(nobody, inspector if n % 2 else other_phone, sent, name)

        before = count(ground)
        with ThreadPoolExecutor(20) as threads:
            answers = list(threads.map(one, range(20)))
        assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
        assert len({answer.json()["id"] for answer in answers}) == 1
        after = count(ground)
        assert after["sites"] == before["sites"] + 1
        assert after["submissions"] == before["submissions"] + 1
        assert after["photo_links"] == before["photo_links"] + 2


def test_of_twenty_contents_at_once_one_is_taken(
    nobody: TestClient, ground: Database, inspector: Mapping[str, str]
) -> None:
    name = records.name()
    together = threading.Barrier(20)

    def one(n: int) -> tuple[int, str]:
        together.wait()
        answer = put(nobody, inspector, record(properties={"note": f"第 {n} 份"}), name)
        return answer.status_code, f"第 {n} 份"

    before = count(ground)
    with ThreadPoolExecutor(20) as threads:
        found = list(threads.map(one, range(20)))
    assert sorted(status for status, _ in found) == [201] + [409] * 19
    (taken,) = (note for status, note in found if status == 201)
    item = nobody.get(f"{SITES}/{name}", headers=inspector).json()
    assert item["properties"]["note"] == taken
    assert count(ground)["sites"] == before["sites"] + 1


@pytest.mark.parametrize(("taken", "status"), [(1, 201), (2, 503)])
def test_a_number_that_a_file_brought_does_not_stop_a_record(
    nobody: TestClient, ground: Database, inspector: Mapping[str, str], taken: int, status: int
) -> None:
    """Stored with others it finds its number taken, alone it has the next."""
    name = records.name()
    last = put(nobody, inspector, record()).json()["id"]
    with ground.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO sites (number, matter, status, found_on, geom, id)"
                " SELECT '巡查-2026-' || lpad((id + n)::text, 6, '0'), matter, status, found_on,"
                " geom, 900000000 + id + n FROM sites, generate_series(1, :taken) n WHERE id = :id"
            ),
            {"taken": taken, "id": last},
        )
    assert put(nobody, inspector, record(), name).status_code == status
    if status != 201:
        assert put(nobody, inspector, record(), name).status_code == 201  # the phone tries again


# --- who may --------------------------------------------------------------------------------------
def test_a_viewer_logs_nothing(nobody: TestClient, ground: Database) -> None:
    before = count(ground)
    refused = put(nobody, bearer(ground, Role.VIEWER, COMMUNITY), record())
    assert refused.status_code == 403
    assert refused.json()["type"] == "/problems/forbidden"
    assert count(ground) == before


def test_nobody_unknown_logs_anything(nobody: TestClient) -> None:
    assert put(nobody, {}, record()).status_code == 401


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.LEADER, Role.OFFICER, Role.ADMIN])
def test_nobody_logs_on_the_neighbours_ground(
    nobody: TestClient, ground: Database, role: Role
) -> None:
    before = count(ground)
    abroad = {"type": "Point", "coordinates": list(ABROAD)}
    for sent in (
        record(geometry=abroad),
        record(geometry={"type": "Point", "coordinates": [0, 0]}),
    ):
        refused = put(nobody, bearer(ground, role, COMMUNITY), sent)
        assert refused.status_code == 403
        assert refused.json()["type"] == "/problems/record-elsewhere"
        assert str(float(sent["geometry"]["coordinates"][0])) in refused.json()["detail"]
    assert count(ground) == before


def test_an_inspector_still_edits_nothing(nobody: TestClient, inspector: Mapping[str, str]) -> None:
    number = put(nobody, inspector, record()).json()["id"]
    item = nobody.get(f"{SITES}/{number}", headers=inspector).json()
    for path in (f"{SITES}/{number}",):
        changed = nobody.put(path, content=body(item), headers={**GEOJSON, **inspector})
        assert changed.json()["type"] == "/problems/forbidden"
        assert nobody.delete(path, headers=inspector).status_code == 403
    added = nobody.post(SITES, content=body(item), headers={**GEOJSON, **inspector})
    assert added.status_code == 403


# --- what is wrong --------------------------------------------------------------------------------
def _point(*coordinates: Any) -> dict[str, Any]:
    return {"type": "Point", "coordinates": list(coordinates)}


def _photos(*found: Any) -> dict[str, Any]:
    return record(photos=list(found))


def _photo(**changed: Any) -> dict[str, Any]:
    return {"sha256": records.sha(), "role": "far", "taken_at": None, **changed}


def _measured(**changed: Any) -> dict[str, Any]:
    whole = {"lon": INSIDE[0], "lat": INSIDE[1], "accuracy_m": 5, "readings": 3, "at": None}
    return record(captured={"measured": {**whole, **changed}})


def _captured(**changed: Any) -> dict[str, Any]:
    return record(captured=changed)


def _without(member: str, name: str | None = None) -> dict[str, Any]:
    found = record()
    del (found if name is None else found[member])[name or member]
    return found


LONE = json.dumps(record(properties={"note": "\ud800"})).encode()
TWICE = body(record()).replace(b'"note":', b'"note": "a", "note":')
NAN = body(record()).replace(b"8.5", b"NaN")
INFINITE = body(record()).replace(b"8.5", b"1e999")
DEEP = b'{"type":' + b"[" * 100_000

WRONG: list[tuple[str, Any, int, str]] = [
    # what it is, what is sent, the status, where or which rule
    ("no bytes", b"", 400, "body-unreadable"),
    ("no JSON", b"{", 400, "body-unreadable"),
    ("a list", b"[]", 400, "body-unreadable"),
    ("a number", b"7", 400, "body-unreadable"),
    ("null", b"null", 400, "body-unreadable"),
    ("latin", body(record()).decode().encode("gb18030"), 400, "body-unreadable"),
    ("a byte order mark", b"\xef\xbb\xbf" + body(record()), 400, "body-unreadable"),
    ("UTF-16", body(record()).decode().encode("utf-16"), 400, "body-unreadable"),
    ("NaN", NAN, 400, "body-unreadable"),
    ("a member twice", TWICE, 400, "body-unreadable"),
    ("nested too deeply", DEEP, 400, "body-unreadable"),
    ("too large", record(properties={"note": "字" * 100_000}), 413, "body-too-large"),
    ("an empty object", {}, 422, "captured"),
    ("a geometry alone", _point(*INSIDE), 422, "type"),
    ("a collection", record(type="FeatureCollection"), 422, "type"),
    ("no type", _without("type"), 422, "type"),
    ("a member too many", record(id=7), 422, "id"),
    ("a crs", record(crs={"type": "name"}), 422, "crs"),
    # geometry
    ("a line", record(geometry={"type": "LineString", "coordinates": [[0, 0], [1, 1]]}), 422,
     "geometry"),
    ("no coordinates", record(geometry={"type": "Point"}), 422, "geometry"),
    ("one coordinate", record(geometry=_point(101.8)), 422, "geometry"),
    ("four coordinates", record(geometry=_point(*INSIDE, 0, 0)), 422, "geometry"),
    ("texts", record(geometry=_point("101.8", "36.6")), 422, "geometry"),
    ("truths", record(geometry=_point(True, False)), 422, "geometry"),
    ("swapped", record(geometry=_point(INSIDE[1], INSIDE[0])), 422, "geometry"),
    ("infinite", record(geometry=_point(10**400, 36.6)), 422, "geometry"),
    ("in metres", record(geometry=_point(484_793.0, 4_054_354.0)), 422, "geometry"),
    ("a text as geometry", record(geometry="POINT (1 1)"), 422, "geometry"),
    # properties
    ("no matter", _without("properties", "matter"), 422, "properties.matter"),
    ("an unknown matter", record(properties={"matter": "99999"}), 422, "properties.matter"),
    ("a matter of another type", record(properties={"matter": ["06010"]}), 422,
     "properties.matter"),
    ("an unknown field", record(properties={"colour": "red"}), 422, "properties.colour"),
    ("a status of one's own", record(properties={"status": "cleared"}), 422, "properties.status"),
    ("a number of one's own", record(properties={"number": "1"}), 422, "properties.number"),
    ("a leader of one's own", record(properties={"leader": "我"}), 422, "properties.leader"),
    ("a deadline of one's own", record(properties={"due": "2030-01-01"}), 422, "properties.due"),
    ("a note too long", record(properties={"note": "字" * 10_001}), 422, "properties.note"),
    ("a note that is a number", record(properties={"note": True}), 422, "properties.note"),
    ("a NUL", record(properties={"note": "a\0b"}), 422, "properties.note"),
    ("half a surrogate pair", LONE, 422, "properties.note"),
    ("properties that are a list", record(properties=[]), 422, "properties"),
    # captured
    ("nothing captured", _without("captured"), 422, "captured"),
    ("captured as text", record(captured="now"), 422, "captured"),
    ("a word too many", _captured(altitude=3), 422, "captured.altitude"),
    ("no time", _without("captured", "at"), 422, "captured.at"),
    ("a time without its offset", _captured(at="2026-11-23T09:00:00"), 422, "captured.at"),
    ("a day alone", _captured(at="2026-11-23"), 422, "captured.at"),
    ("a day that is none", _captured(at="2026-02-30T09:00:00Z"), 422, "captured.at"),
    ("a time as number", _captured(at=1_795_000_000), 422, "captured.at"),
    ("a year long gone", _captured(at="0001-01-01T00:00:00Z"), 422, "captured.at"),
    ("no datum", _without("captured", "datum"), 422, "captured.datum"),
    ("an unknown datum", _captured(datum="beijing54"), 422, "captured.datum"),
    ("no kind of position", _without("captured", "position"), 422, "captured.position"),
    ("an unknown kind", _captured(position="guessed"), 422, "captured.position"),
    ("a field in spite of a point", _captured(position="field", no_fix="x", field=FIELD), 422,
     "captured.position"),
    ("a field beside a point", _captured(field=FIELD), 422, "captured.field"),
    ("measured, and no measure", _captured(measured=None), 422, "captured.measured"),
    ("no point", record(geometry=None), 422, "captured.position"),
    ("no reason for no fix", in_field(no_fix=None), 422, "captured.no_fix"),
    ("an empty reason", in_field(no_fix="  "), 422, "captured.no_fix"),
    ("no field", in_field(field=None), 422, "captured.field"),
    ("a foreign field", in_field(field=f"{NEIGHBOUR}001"), 422, "captured.field"),
    ("a field that never was", in_field(field="x"), 422, "captured.field"),
    ("a measure as text", _captured(measured="here"), 422, "captured.measured"),
    ("a measure without a place", _measured(lon=None), 422, "captured.measured.lon"),
    ("a measure off the earth", _measured(lat=91), 422, "captured.measured.lat"),
    ("an accuracy below nothing", _measured(accuracy_m=-1), 422, "captured.measured.accuracy_m"),
    ("an infinite accuracy", INFINITE, 422, "captured.measured.accuracy_m"),
    ("half a reading", _measured(readings=1.5), 422, "captured.measured.readings"),
    ("a wrong time of it", _measured(at="noon"), 422, "captured.measured.at"),
    ("a clock out of this century", _captured(clock_offset_s=1e12), 422,
     "captured.clock_offset_s"),
    ("a clock as text", _captured(clock_offset_s="0"), 422, "captured.clock_offset_s"),
    ("a device too long", _captured(device="x" * 501), 422, "captured.device"),
    ("a device that is none", _captured(device=7), 422, "captured.device"),
    ("an app with a NUL", _captured(app="\0"), 422, "captured.app"),
    # photos
    ("no photo", record(photos=[]), 422, "photos"),
    ("photos as object", record(photos={}), 422, "photos"),
    ("a photo as text", _photos(records.sha()), 422, "photos[0]"),
    ("too many", record(photos=[_photo(sha256=records.sha(n)) for n in range(21)]), 422, "photos"),
    ("the same twice", _photos(_photo(), _photo(role="near")), 422, "photos"),
    ("a hash in capitals", _photos(_photo(sha256=records.sha().upper())), 422,
     "photos[0].sha256"),
    ("a hash too short", _photos(_photo(sha256="ab")), 422, "photos[0].sha256"),
    ("no hash", _photos(_photo(sha256=None)), 422, "photos[0].sha256"),
    ("no role", _photos(_photo(role=None)), 422, "photos[0].role"),
    ("an unknown role", _photos(_photo(), _photo(sha256=records.sha(3), role="selfie")), 422,
     "photos[1].role"),
    ("a photo's wrong time", _photos(_photo(taken_at="2026")), 422, "photos[0].taken_at"),
    ("a photo's word too many", _photos(_photo(path="/etc")), 422, "photos[0].path"),
]  # fmt: skip


@pytest.mark.parametrize("case", [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_what_is_wrong_is_refused_with_its_place_and_leaves_nothing(
    nobody: TestClient,
    ground: Database,
    inspector: Mapping[str, str],
    case: tuple[Any, int, str],
) -> None:
    sent, status, told = case
    before, name = count(ground), records.name()
    refused = put(nobody, inspector, sent, name)
    assert refused.status_code == status, refused.text
    assert refused.headers["content-type"] == "application/problem+json"
    problem = refused.json()
    if status == 422:
        places = [finding["column"] for finding in problem["findings"]]
        assert told in places
        assert all(finding["sentence"] for finding in problem["findings"])
    else:
        assert problem["type"] == f"/problems/{told}"
    assert count(ground) == before
    assert nobody.get(f"{SITES}/{name}", headers=inspector).status_code == 404


def test_all_that_is_wrong_is_told_at_once(
    nobody: TestClient, inspector: Mapping[str, str]
) -> None:
    sent = record(
        geometry=_point(200, 36),
        properties={"matter": "x", "status": "cleared"},
        captured={"at": "noon", "measured": {"lat": 36}},
        photos=[],
    )
    problem = put(nobody, inspector, sent).json()
    places = {finding["column"] for finding in problem["findings"]}
    assert places >= {
        "geometry",
        "properties.matter",
        "properties.status",
        "captured.at",
        "captured.measured.lon",
        "photos",
    }
    english = put(nobody, {**inspector, "accept-language": "en"}, sent).json()
    assert "offset" in next(
        f["sentence"] for f in english["findings"] if f["column"] == "captured.at"
    )


@pytest.mark.parametrize(
    "name",
    [
        "00000000-0000-0000-0000-000000000000",
        "c232ab00-9414-11ec-b3c8-9f6bdeced846",  # version 1 names the machine
        "0191D3C4-6B1E-7C2A-8F00-1234567890AB",
        "0191d3c4-6b1e-7c2a-0f00-1234567890ab",  # no variant of the RFC
        "0191d3c46b1e-7c2a8f001234567890ab",
        "a-b",
    ],
)
def test_a_name_is_one_of_version_4_or_7_and_nothing_else(
    nobody: TestClient, inspector: Mapping[str, str], name: str
) -> None:
    refused = put(nobody, inspector, record(), name)
    assert refused.status_code == 400
    assert refused.json()["type"] == "/problems/record-name"


def test_a_name_of_version_7_is_taken(nobody: TestClient, inspector: Mapping[str, str]) -> None:
    name = f"0191d3c4-6b1e-7c2a-8f00-{uuid.uuid4().hex[:12]}"
    assert put(nobody, inspector, record(), name).status_code == 201


def test_a_layer_that_is_not_logged_takes_no_record(
    nobody: TestClient, inspector: Mapping[str, str]
) -> None:
    refused = put(nobody, inspector, record(), layer="work_units")
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/layer-not-logged")
    assert put(nobody, inspector, record(), layer="nothing").status_code == 404


def test_a_record_is_json(nobody: TestClient, inspector: Mapping[str, str]) -> None:
    headers = {**inspector, "content-type": "text/plain"}
    refused = nobody.put(f"{SITES}/{records.name()}", content=body(record()), headers=headers)
    assert refused.status_code == 415


# --- what is taken along --------------------------------------------------------------------------
def test_the_pack_has_what_is_needed_without_a_network(
    nobody: TestClient, ground: Database, registry: Registry
) -> None:
    headers = bearer(ground, Role.INSPECTOR, COMMUNITY)
    number = put(nobody, headers, record()).json()["id"]
    answer = nobody.get("/field/pack", headers=headers)
    pack = answer.json()
    assert pack["me"]["division"] == COMMUNITY
    assert pack["me"]["division_name"] == "蓝天社区"
    assert pack["me"]["role"] == "inspector"
    assert pack["settings"]["accuracy_m"] == 20
    assert {form["layer"] for form in pack["forms"]} == {
        layer.name for layer in registry.layers.values() if layer.logged
    }
    (sites,) = (form for form in pack["forms"] if form["layer"] == "sites")
    assert [field["name"] for field in sites["fields"]] == ["matter", "note", "address", "origin"]
    assert sites["fields"][0]["matter"] is True
    assert sites["near"]["kind"] == "matter"
    assert "06010" in [matter["code"] for matter in pack["matters"]]
    (field,) = pack["fields"]["features"]
    assert field["properties"] == {"code": FIELD, "name": "第1网格", "leader": "祁**"}
    (own,) = (f for f in pack["open"]["features"] if f["properties"]["id"] == number)
    assert own["properties"]["layer"] == "sites"
    assert own["properties"]["kind"] == "06010"
    assert own["properties"]["title"] == f"巡查-2026-{number:06}"
    zooms = [found["z"] for found in pack["tiles"]["ranges"]]
    assert zooms == sorted(zooms)
    assert 14 in zooms
    first = pack["tiles"]["ranges"][0]
    url = pack["tiles"]["url"].format(z=first["z"], y=first["y"][0], x=first["x"][0])
    assert nobody.get(url, headers=headers).status_code in (200, 204)
    same = {**headers, "if-none-match": answer.headers["etag"]}
    assert nobody.get("/field/pack", headers=same).status_code == 304


def test_what_is_done_with_is_not_taken_along(
    nobody: TestClient, ground: Database, leader: Mapping[str, str]
) -> None:
    open_one = put(nobody, leader, record()).json()["id"]
    known = nobody.get(f"{SITES}/{open_one}", headers=leader).json()
    old = {**known["properties"], "number": "旧 1", "status": "cleared"}
    brought = {"type": "Feature", "geometry": known["geometry"], "properties": old}
    done = nobody.post(SITES, json=brought, headers={**leader, **GEOJSON})
    assert done.status_code == 201, done.text
    number = done.json()["id"]
    pack = nobody.get("/field/pack", headers=leader).json()
    waiting = [f["properties"]["id"] for f in pack["open"]["features"]]
    assert open_one in waiting
    assert number not in waiting


def test_the_pack_of_another_has_nothing_of_ours(
    nobody: TestClient, ground: Database, inspector: Mapping[str, str]
) -> None:
    number = put(nobody, inspector, record()).json()["id"]
    pack = nobody.get("/field/pack", headers=bearer(ground, Role.INSPECTOR, NEIGHBOUR)).json()
    assert [f["properties"]["code"] for f in pack["fields"]["features"]] == [f"{NEIGHBOUR}001"]
    assert number not in [f["properties"]["id"] for f in pack["open"]["features"]]
