"""Attacks on the way in: secrets that are none, rights that change, one connection for many."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import Connection
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from gis.postgis import Database
from layers.admission import accounts, sessions
from layers.admission.sessions import LIFETIMES, Kind
from layers.declaring.people import Role
from layers.held.policies import ROLE
from layers.registry import Registry
from layers.schema.accounts import ACCOUNTS, SESSIONS
from tests.api import leak_matrix, leak_reading
from tests.api.leak_ground import Ground
from tests.api.leak_matrix import ADDRESSES, Scene
from tests.api.leak_places import ABROAD, OWN, traces
from tests.api.routing import operations
from tests.people import account, secret

BASE = "http://127.0.0.1"
_PAGE = {"accept": "text/html"}
_SAFE = {"GET", "HEAD", "OPTIONS"}


@pytest.fixture
def visitor(settings: Settings, database: Database, registry: Registry) -> Iterator[TestClient]:
    app = create_app(settings, database=database, registry=registry)
    with TestClient(app, BASE, follow_redirects=False) as client:
        yield client


def _app(client: TestClient) -> FastAPI:
    assert isinstance(client.app, FastAPI)
    return client.app


# --- secrets --------------------------------------------------------------------------------------
_FORGED: Mapping[str, Callable[[str], str]] = {
    "cut": lambda s: s[:-1],
    "longer": lambda s: s + "A",
    "other case": str.swapcase,
    "its digest": lambda s: hashlib.sha256(s.encode()).hexdigest(),
    "quoted": lambda s: f'"{s}"',
    "percent": lambda s: s + "%00",
    "wildcard": lambda s: s[:5] + "%",
    "nothing": lambda _: "",
    "long": lambda s: s * 500,
    "injected": lambda s: f"{s}' OR '1'='1",
    "a number": lambda _: "1",
}


@pytest.mark.parametrize("how", _FORGED)
def test_a_secret_that_is_not_quite_one_opens_nothing(
    visitor: TestClient, database: Database, how: str
) -> None:
    real = secret(database, account(database).id)
    forged = _FORGED[how](real)
    told = {
        refused.text
        for refused in (
            visitor.get("/collections", headers={"authorization": f"Bearer {forged}"}),
            visitor.get("/collections", headers={"cookie": f"gridfield={forged}"}),
            visitor.get("/collections"),
        )
        if refused.status_code == 401
    }
    assert len(told) == 1  # all refused, in the same words
    assert visitor.get("/collections", params={"access_token": real}).status_code == 401
    assert visitor.get("/collections", headers={"x-api-key": real}).status_code == 401


def test_the_header_is_meant_and_the_cookie_comes_by_itself(
    visitor: TestClient, database: Database
) -> None:
    admin, viewer = account(database), account(database, Role.VIEWER, OWN)
    cookie = {"cookie": f"gridfield={secret(database, admin.id, Kind.COOKIE)}"}
    told = visitor.get("/auth/sessions", headers=cookie | _bearer(database, viewer.id)).json()
    assert (told["role"], told["division"]) == ("viewer", OWN)
    # Whoever says that they are somebody and are not is nobody, whatever their browser has.
    refused = visitor.get("/auth/sessions", headers=cookie | {"authorization": "Bearer x"})
    assert refused.status_code == 401


def _bearer(database: Database, account_id: int) -> dict[str, str]:
    return {"authorization": f"Bearer {secret(database, account_id)}"}


# --- what changes while somebody is in ------------------------------------------------------------
def test_another_role_and_another_division_hold_from_the_next_request_on(
    visitor: TestClient, database: Database
) -> None:
    held = account(database, Role.ADMIN, OWN)
    headers = _bearer(database, held.id)
    assert visitor.get("/import", headers=headers | _PAGE).status_code == 200
    _set(database, held.id, role=Role.VIEWER.value, division=ABROAD)
    assert visitor.get("/import", headers=headers | _PAGE).status_code == 403
    assert visitor.get("/auth/sessions", headers=headers).json()["division"] == ABROAD


def _disable(connection: Connection, account_id: int) -> None:
    accounts.disable(connection, account_id)


def _revoke(connection: Connection, account_id: int) -> None:
    sessions.revoke_all(connection, account_id)


def _expire(connection: Connection, account_id: int) -> None:
    connection.execute(_of(account_id).values(expires_at=sa.func.now()))


def _leave(connection: Connection, account_id: int) -> None:
    longest = max(lifetime.idle for lifetime in LIFETIMES.values())
    connection.execute(_of(account_id).values(last_seen_at=sa.func.now() - longest))


@pytest.mark.parametrize("end", [_disable, _revoke, _expire, _leave])
@pytest.mark.parametrize("kind", Kind)
def test_an_end_is_one_for_every_route_at_once(
    visitor: TestClient,
    database: Database,
    end: Callable[[Connection, int], None],
    kind: Kind,
) -> None:
    held = account(database, Role.ADMIN)
    opened = secret(database, held.id, kind)
    headers = {"cookie": f"gridfield={opened}", "origin": BASE}
    if kind is Kind.BEARER:
        headers = {"authorization": f"Bearer {opened}"}
    assert visitor.get("/collections", headers=headers).status_code == 200
    with database.begin() as connection:
        end(connection, held.id)
    closed = list(_closed(visitor))
    assert len(closed) > 40
    for method, path in closed:
        assert visitor.request(method, path, headers=headers).status_code == 401, (method, path)


def _of(account_id: int) -> sa.Update:
    return sa.update(SESSIONS).where(SESSIONS.c.account_id == account_id)


def _set(database: Database, account_id: int, **values: object) -> None:
    with database.begin() as connection:
        connection.execute(sa.update(ACCOUNTS).where(ACCOUNTS.c.id == account_id).values(**values))


def _closed(client: TestClient) -> Iterator[tuple[str, str]]:
    """An address of every operation that is not open to all."""
    filled = {"layer": "water", "theme": "fields", "z": "0", "row": "0", "col": "0", "way": "link"}
    for method, path in operations(_app(client).routes):
        address = re.sub(r"{(\w+)(?::\w+)?}", lambda found: filled.get(found[1], "1"), path)
        if client.request(method, address).status_code == 401:
            yield method, address


# --- another site's page --------------------------------------------------------------------------
def test_no_change_is_made_from_another_sites_page(visitor: TestClient, database: Database) -> None:
    """Each route that changes something, not only those that were thought of."""
    cookie = {"cookie": f"gridfield={secret(database, account(database).id, Kind.COOKIE)}"}
    strange: tuple[dict[str, str], ...] = (
        {},
        {"origin": "null"},
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1.evil.example"},
        {"origin": "https://127.0.0.1"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": BASE},
    )
    changing = [(m, p) for m, p in operations(_app(visitor).routes) if m not in _SAFE]
    assert len(changing) > 15
    for method, path in changing:
        address = re.sub(r"{[^}]+}", "1", path)
        for headers in strange:
            refused = visitor.request(method, address, headers=cookie | headers)
            assert refused.status_code == 403, (method, path, headers)
            assert refused.json()["type"] == "/problems/cross-site"
            assert "set-cookie" not in refused.headers


# --- texts that mean more to a database -----------------------------------------------------------
_HOSTILE = (
    "'; SET ROLE NONE; --",
    "1); RESET ROLE; SELECT set_config('gridfield.lo', '0', false); --",
    "' UNION SELECT name FROM persons --",
    "%' OR '1'='1",
    "\\",
    "1 OR 1=1",
    "\x00",
    "${jndi:x}{{7*7}}",
    "-1",
    "99999999999999999999",
    "１",
    "../../accounts/1",
)


def test_no_text_of_an_address_says_more_than_it_should(ground: Ground, registry: Registry) -> None:
    """Every part and every parameter of every route that reads, and the headers that we look at."""
    asker, trace = ground.askers["own-viewer"], traces(("near", "far"))
    client, scene = ground.whole.client, Scene(ground, registry)
    for path, names in _parameters(_app(client)).items():
        plain = re.sub(r"{(\w+)}", lambda found: _usual(scene, found[1]), path)
        asked: list[tuple[str, dict[str, str]]] = [
            (re.sub(r"{(\w+)}", _quoted(text), path), {}) for text in _HOSTILE if "{" in path
        ]
        asked += [(plain, {name: text}) for name in names for text in _HOSTILE[:6]]
        for address, params in asked:
            found = client.get(address, params=params, headers=dict(asker.headers))
            assert found.status_code < 500, (address, params, found.text)
            assert not trace.search(leak_reading.text(found)), (address, params)
    before = client.get("/auth/sessions", headers=dict(asker.headers)).json()
    assert before["role"] == "viewer"


def _parameters(app: FastAPI) -> Mapping[str, Sequence[str]]:
    """The parameters of every address that somebody who has come in may read."""
    return {
        path: [parameter["name"] for parameter in parameters]
        for (method, path), parameters in leak_matrix.described(app).items()
        if method == "GET" and (method, path) not in leak_matrix.OPEN
    }


def _usual(scene: Scene, name: str) -> str:
    if name in ("z", "row", "col"):
        return "0"
    if name in ("feature_id", "change"):
        return "1"
    return ADDRESSES[name](scene)[0]


def _quoted(text: str) -> Callable[[re.Match[str]], str]:
    return lambda _: quote(text, safe="")


# --- one pool for everybody -----------------------------------------------------------------------
_REQUESTS = 200


def test_a_connection_keeps_nothing_of_who_had_it_before(
    ground: Ground, registry: Registry, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Askers by turns over very few connections, with refusals and errors among them."""
    settings = Settings(home=tmp_path_factory.mktemp("pool"), workers=2)
    database = Database(ground.whole.database.url, pool_size=2)
    askers = [ground.askers[n] for n in ("own-viewer", "street-admin", "everywhere", "newcomer")]
    app = create_app(settings, database=database, registry=registry)
    paths = (
        "/collections/work_units/items?limit=1000",
        "/collections/work_units",
        "/tiles/WebMercatorQuad/13/3199/6413",
        "/collections/work_units/items/7300001",
        "/responsible?lon=101.835&lat=36.625",
    )
    with TestClient(app, BASE) as client:

        def ask(n: int) -> tuple[int, str, int, object]:
            asker, path = askers[n % len(askers)], paths[n // len(askers) % len(paths)]
            headers = dict(asker.headers)
            if n % 7 == 0:  # refused in the middle of a transaction
                client.patch("/collections/work_units/items/7300001", headers=headers)
                client.delete(
                    "/collections/work_units/items/7300001", headers=headers | {"if-match": '"x"'}
                )
            found = client.get(path, headers=headers)
            return n % len(askers), path, found.status_code, leak_reading.stable(found)[2]

        with ThreadPoolExecutor(8) as threads:
            told = list(threads.map(ask, range(_REQUESTS)))
    answers: dict[tuple[int, str], set[tuple[int, object]]] = {}
    for who, path, status, body in told:
        answers.setdefault((who, path), set()).add((status, body))
    torn = {asked: found for asked, found in answers.items() if len(found) > 1}
    assert not torn
    assert len(
        {body for (_, path), found in answers.items() if "items?" in path for _, body in found}
    ) == len(askers)
    _assert_clean(database)
    database.close()


def _assert_clean(database: Database) -> None:
    """Every connection of the pool is nobody's again."""
    kept = sa.text(
        "SELECT current_user, current_setting('role'), current_setting('gridfield.lo', true),"
        " current_setting('gridfield.role', true), current_setting('gridfield.account', true)"
    )
    opened = [database.engine.connect() for _ in range(2)]
    try:
        for connection in opened:
            user, role, *settings = connection.execute(kept).one()
            assert (user != ROLE, role) == (True, "none")
            assert not any(settings)
    finally:
        for connection in opened:
            connection.close()
