"""Tiles that are kept: never another's, never older than what one has written oneself."""

import http.client
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from api.context import context_of_app
from api.settings import Settings
from api.shelf import Shelf
from gis.postgis import Database
from layers.admission.sessions import Kind, Session
from layers.declaring.people import EVERYWHERE, Actor, Role
from layers.declaring.words import Layer
from layers.reading import features
from layers.registry import Registry
from layers.schema.accounts import PERSONAL_READS
from layers.schema.tables import table
from layers.serving import tiles
from layers.serving.summaries import summary
from layers.serving.tiles import Question
from tests.api.event_client import Served, served
from tests.api.own_writes import UNITS, asking, edited
from tests.api.test_tiles import place
from tests.factories import LAT, LON, geometry, record
from tests.layers.held.test_rights import EAST, SPOTS, STREET, WEST, put_divisions
from tests.people import bearer

CLIENTS, EDITS = 64, 1
TILE = f"{UNITS}/tiles/WebMercatorQuad/{place(14, LON, LAT)}"


@pytest.fixture
def making(monkeypatch: pytest.MonkeyPatch) -> list[Question]:
    """The tiles that were made, each as it was asked for."""
    made: list[Question] = []
    make = tiles.made

    def noting(database: Database, question: Question, declared: Mapping[str, Any]) -> Any:
        made.append(question)
        return make(database, question, declared)

    monkeypatch.setattr(tiles, "made", noting)
    return made


def put(database: Database, registry: Registry, n: int, lon: float = LON, **given: object) -> int:
    units = registry.layer("work_units")
    with database.begin() as connection:
        shape = type(geometry(units))(lon, LAT + 0.005)
        return features.insert(connection, units, record(units, n, **given), shape)


def test_a_tile_is_made_once_until_something_changes(
    client: TestClient, database: Database, registry: Registry, making: list[Question]
) -> None:
    put(database, registry, 0, name="第一家")
    first = client.get(TILE)
    again = client.get(TILE)
    assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])
    unchanged = client.get(TILE, headers={"if-none-match": first.headers["etag"]})
    assert unchanged.status_code == 304
    assert len(making) == 1
    put(database, registry, 1, name="第二家")
    second = client.get(TILE, headers={"if-none-match": first.headers["etag"]})
    assert second.status_code == 200
    assert "第二家".encode() in second.content
    assert len(making) == 2


def test_a_change_of_another_layer_costs_no_tile(
    client: TestClient, database: Database, registry: Registry, making: list[Question]
) -> None:
    put(database, registry, 0)
    client.get(TILE)
    shops = registry.layer("shops")
    with database.begin() as connection:
        features.insert(connection, shops, record(shops), geometry(shops))
    client.get(TILE)
    assert len(making) == 1


def test_nothing_is_kept_as_well(
    client: TestClient, database: Database, registry: Registry, making: list[Question]
) -> None:
    assert [client.get(TILE).status_code for _ in range(2)] == [204, 204]
    assert len(making) == 1
    put(database, registry, 0)
    assert client.get(TILE).status_code == 200


def test_what_is_refused_is_refused_again(client: TestClient) -> None:
    """The first by the route, the second by who goes before it."""
    for _ in range(2):
        answer = client.get(f"{TILE}?on=2999-01-01")
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/day-to-come")
        assert client.get(f"{TILE}?place=630102007001&x=1").status_code == 400
        assert client.get(f"{TILE}?lang=en").status_code == 204
    nobody = client.get(TILE, headers={"authorization": "Bearer x"})
    assert nobody.status_code == 401


def test_tiles_travel_packed_to_whoever_unpacks_them(
    client: TestClient, database: Database, registry: Registry
) -> None:
    for n in range(40):
        put(database, registry, n)
    tiles_of = [client.get(TILE, headers={"accept-encoding": way}) for way in ("br", "gzip", "br")]
    assert [each.headers.get("content-encoding") for each in tiles_of] == [None, "gzip", None]
    assert len({each.content for each in tiles_of}) == 1
    assert int(tiles_of[1].headers["content-length"]) < len(tiles_of[0].content)
    # By whichever way it went through the house: the first by its route, the others beside it.
    (varied,) = {each.headers["vary"] for each in tiles_of}
    assert sorted(varied.split(", ")) == ["Accept-Encoding", "Authorization", "Cookie"]


def test_kept_tiles_are_counted_under_their_route(client: TestClient) -> None:
    for _ in range(3):
        client.get(TILE)
    route = "/collections/{layer}/tiles/WebMercatorQuad/{z}/{row}/{col}"
    line = f'gridfield_requests_total{{method="GET",route="{route}",status="204"}} 3'
    assert line in client.get("/metrics").text


def test_urgency_is_computed_anew_each_time(client: TestClient, making: list[Question]) -> None:
    address = f"/tiles/WebMercatorQuad/{place(14)}?theme=ledger&by=level&collections=sites"
    for _ in range(2):
        client.get(address)
    assert len(making) == 2


def test_each_scope_has_tiles_of_its_own(
    client: TestClient, database: Database, registry: Registry
) -> None:
    """Whoever asks first, nobody is given what another may see."""
    put_divisions(database, registry)
    names = {}
    for n, code in enumerate((WEST, EAST)):
        names[code] = f"甲{code}单位"
        put(database, registry, n, SPOTS[code], name=names[code])
    mid = f"{UNITS}/tiles/WebMercatorQuad/{place(12, SPOTS[WEST], LAT + 0.005)}"
    seen = {WEST: {WEST}, EAST: {EAST}, STREET: {WEST, EAST}, EVERYWHERE: {WEST, EAST}}
    readers = {code: bearer(database, Role.VIEWER, code) for code in seen}
    for _ in range(2):
        for code, wanted in seen.items():
            body = client.get(mid, headers=readers[code]).content
            assert {own for own, name in names.items() if name.encode() in body} == wanted


def test_a_name_is_kept_for_those_alone_who_may_know_it(
    client: TestClient, database: Database, registry: Registry
) -> None:
    put(database, registry, 0, liaison_leader="欧阳海")
    knowing, other = bearer(database, Role.LEADER), bearer(database, Role.VIEWER)
    for headers, wanted in ((knowing, "欧阳海"), (other, "欧**")) * 2:
        found = client.get(TILE, headers=headers).content
        assert wanted.encode() in found
        assert ("欧阳海".encode() in found) is (headers is knowing)


def test_who_is_told_names_by_a_kept_tile_is_noted(
    client: TestClient, database: Database, registry: Registry
) -> None:
    put(database, registry, 0, liaison_leader="欧阳海")
    noted = sa.select(sa.func.count()).select_from(PERSONAL_READS)
    readers = [bearer(database, Role.LEADER) for _ in range(3)]
    for n, headers in enumerate(readers, start=1):
        for _ in range(2):
            assert client.get(TILE, headers=headers).status_code == 200
        with database.read() as connection:
            assert connection.scalar(noted) == n


def test_figures_are_computed_once_until_something_changes(
    client: TestClient,
    database: Database,
    registry: Registry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    computed = []
    compute = summary

    def noting(connection: Any, layer: Layer, **how: Any) -> Any:
        computed.append(layer.name)
        return compute(connection, layer, **how)

    monkeypatch.setattr("api.context.summary", noting)
    put_divisions(database, registry)
    everywhere = context_of_app(client.app)  # type: ignore[arg-type]  # ours
    west, east = (everywhere.acting(_session(code)) for code in (WEST, EAST))
    units = registry.layer("work_units")
    put(database, registry, 0, SPOTS[WEST])
    for _ in range(2):
        assert west.summaries([units])["work_units"].count == 1
        assert east.summaries([units])["work_units"].count == 0
    assert computed == ["work_units"] * 2
    put(database, registry, 1, SPOTS[EAST])
    assert west.summaries([units])["work_units"].count == 1
    assert east.summaries([units])["work_units"].count == 1


def _session(division: str) -> Session:
    actor = Actor(1, 1, "somebody", Role.VIEWER, division, "test")
    return Session(1, Kind.BEARER, actor, "somebody", must_change=False)


# --- the shelf ------------------------------------------------------------------------------------
def test_the_shelf_is_bounded_and_forgets_what_was_asked_for_longest_ago() -> None:
    shelf = Shelf[int, str](most=3)
    for key in range(3):
        shelf.put(key, (1,), f"{key}", 1)
    assert shelf.get(0, (1,)) == "0"
    shelf.put(3, (1,), "3", 1)
    assert [shelf.get(key, (1,)) for key in range(4)] == ["0", None, "2", "3"]
    shelf.put(4, (1,), "too large", 4)
    assert [shelf.get(key, (1,)) for key in range(5)] == ["0", None, "2", "3", None]
    shelf.put(5, (1,), "as large as all", 3)
    assert [shelf.get(key, (1,)) for key in (0, 2, 3, 5)] == [None, None, None, "as large as all"]


def test_an_older_version_is_never_given_and_gives_way() -> None:
    shelf = Shelf[str, int](most=3)
    for n in range(20):
        shelf.put("a", (date(2026, 1, 1), n), n, 3)
        assert shelf.get("a", (date(2026, 1, 1), n - 1)) is None
        assert shelf.get("a", (date(2026, 1, 2), n)) is None
        assert shelf.get("a", (date(2026, 1, 1), n)) == n
    shelf.put("a", None, 20, 1)
    assert shelf.get("a", None) is None
    assert shelf.get("a", (date(2026, 1, 1), 19)) == 19


# --- one's own write, under load ------------------------------------------------------------------
@pytest.fixture
def server(settings: Settings, database: Database, registry: Registry) -> Any:
    with served(settings, database, registry) as running:
        yield running


def test_nobody_under_load_misses_an_own_write(
    server: Served, database: Database, registry: Registry
) -> None:
    """Many clients, of two scopes, that all ask for one tile: each finds what it has just stored,
    changed and deleted, in the tile and in the count."""
    put_divisions(database, registry)
    writers = [bearer(database, Role.LEADER, code) for code in (STREET, WEST)]

    def work(n: int) -> list[str]:
        link = http.client.HTTPConnection(server.host, server.port, timeout=120)
        with closing(link):
            ask = asking(link, writers[n % 2])
            return [fault for turn in range(EDITS) for fault in edited(ask, registry, n, turn)]

    with ThreadPoolExecutor(CLIENTS) as threads:
        faults = [fault for found in threads.map(work, range(CLIENTS)) for fault in found]
    assert not faults
    with database.read() as connection:
        assert not connection.scalar(sa.select(sa.func.count()).select_from(_units(registry)))


def _units(registry: Registry) -> sa.Table:
    return table(registry.layer("work_units"))
