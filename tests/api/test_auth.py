"""Coming in and going out over HTTP: pages, cookies, tokens, links, and what nobody may learn."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.app import create_app
from api.auth import ACCOUNT_HEADER, own_path
from api.settings import Settings
from gis import clock
from gis.postgis import Database
from layers.admission import accounts, passwords, sessions, sign_in_links, throttling
from layers.admission.accounts import Account
from layers.admission.sessions import Kind
from layers.declaring.people import Role
from layers.registry import Registry
from layers.schema.accounts import SESSIONS, SIGN_IN_ATTEMPTS
from tests.api.conftest import BASE
from tests.people import PASSWORD, account, bearer, secret

PAGE = {"accept": "text/html"}
OWN = PAGE | {"origin": BASE}
FORM = {"login": "zhang", "password": PASSWORD}
Open = Callable[..., TestClient]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "HASHER", quick)


@pytest.fixture
def zhang(database: Database) -> Account:
    return account(database, Role.LEADER, "630102007001", login="zhang", password=PASSWORD)


@pytest.fixture
def app(settings: Settings, database: Database, registry: Registry) -> FastAPI:
    return create_app(settings, database=database, registry=registry)


@pytest.fixture
def visitor(app: FastAPI, zhang: Account) -> Iterator[Open]:
    """Browsers and programs that nobody has signed in yet."""

    def visit(base: str = BASE) -> TestClient:
        return TestClient(app, base, follow_redirects=False)

    with TestClient(app, BASE):  # for the application's own start and end
        yield visit


@pytest.fixture
def browser(visitor: Open) -> TestClient:
    return visitor()


@pytest.fixture
def inside(visitor: Open) -> TestClient:
    """A browser after signing in."""
    client = visitor()
    assert client.post("/auth/sign-in", data=FORM, headers=OWN).status_code == 303
    return client


def test_a_page_leads_to_the_door_and_back(browser: TestClient) -> None:
    asked = "/collections/water/items?limit=3&bbox=1,2,3,4&f=html"
    away = browser.get(asked, headers=PAGE)
    assert away.status_code == 303
    assert away.headers["location"] == "/auth/sign-in?next=" + quote(asked, safe="")
    assert away.headers["cache-control"] == "no-store"
    door = browser.get(away.headers["location"], headers=PAGE)
    (target,) = re.findall(r'action="([^"]+)"', door.text)
    entered = browser.post(target.replace("&amp;", "&"), data=FORM, headers=OWN)
    assert (entered.status_code, entered.headers["location"]) == (303, asked)
    assert browser.get(asked, headers=PAGE).status_code == 200
    # Who is in need not sign in again.
    again = browser.get(away.headers["location"], headers=PAGE)
    assert (again.status_code, again.headers["location"]) == (303, asked)


def test_the_portal_leads_to_the_door_and_the_landing_page_does_not(browser: TestClient) -> None:
    assert browser.get("/", headers=PAGE).headers["location"] == "/auth/sign-in"
    landing = browser.get("/")
    assert landing.status_code == 200
    assert {link["rel"] for link in landing.json()["links"]} >= {"conformance", "data"}


def test_a_program_is_told_how_to_come_in(browser: TestClient) -> None:
    for headers in ({}, {"authorization": "Bearer x"}, {"authorization": "Basic eDp5"}):
        refused = browser.get("/collections", headers=headers)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"] == 'Bearer realm="gridfield"'
        assert refused.json()["type"] == "/problems/sign-in-needed"
    assert browser.get("/problems/sign-in-needed").status_code == 200
    # A form that is sent after the session has ended is no page to come back to.
    assert browser.post("/import", headers=OWN).status_code == 401


def test_a_token_lets_a_program_in(browser: TestClient) -> None:
    form = {"grant_type": "password", "username": "zhang", "password": PASSWORD}
    given = browser.post("/auth/token", data=form)
    assert given.headers["cache-control"] == "no-store"
    assert "set-cookie" not in given.headers
    token = given.json()
    assert token["token_type"] == Kind.BEARER
    assert token["expires_in"] == 30 * 24 * 3600
    asking = {"authorization": f"bearer {token['access_token']}"}
    assert browser.get("/collections", headers=asking).status_code == 200
    assert browser.post("/auth/sign-out", headers=asking).status_code == 204
    assert browser.get("/collections", headers=asking).status_code == 401


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"username": "zhang"}, "invalid_request"),
        ({"username": "zhang", "password": "x" * 2000}, "invalid_request"),
        ({"username": "zhang", "password": "a wrong one"}, "invalid_grant"),
        (
            {"grant_type": "client_credentials", "username": "zhang", "password": PASSWORD},
            "unsupported_grant_type",
        ),
    ],
)
def test_what_is_no_grant_is_refused_without_repeating_it(
    browser: TestClient, form: dict[str, str], error: str
) -> None:
    refused = browser.post("/auth/token", data=form)
    assert refused.status_code == 400
    assert refused.headers["content-type"] == "application/json"
    assert refused.headers["cache-control"] == "no-store"
    told = refused.json()
    assert told.keys() == {"error", "error_description"}
    assert told["error"] == error
    assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+", told["error_description"])
    assert PASSWORD not in refused.text
    assert "xxx" not in refused.text


def test_a_wrong_sign_in_says_nothing_of_whether_there_is_such_a_login(
    browser: TestClient,
) -> None:
    pages, problems = set(), set()
    for login, password in (("zhang", "wrong password"), ("nobody", PASSWORD), ("\0", "\0")):
        page = browser.post("/auth/sign-in", data=_form(login, password), headers=OWN)
        assert page.status_code == 401
        assert page.headers["www-authenticate"].startswith("Bearer")
        assert "set-cookie" not in page.headers
        assert password not in page.text
        pages.add(re.sub(r'name="login" value="[^"]*"', "", page.text))
        token = browser.post("/auth/token", data={"username": login, "password": password})
        assert token.status_code == 400
        problems.add(token.text)
    assert len(pages) == len(problems) == 1
    assert "账号或密码不对" in pages.pop()


def _form(login: str, password: str) -> dict[str, str]:
    return {"login": login, "password": password}


def test_a_lock_is_told_with_its_end(browser: TestClient, database: Database) -> None:
    for _ in range(throttling.LOGIN_TRIES):
        browser.post("/auth/sign-in", data=_form("zhang", "wrong password"), headers=OWN)
    page = browser.post("/auth/sign-in", data=FORM, headers=OWN)
    assert page.status_code == 429
    assert "请 15 分钟后再试" in page.text
    token = browser.post("/auth/token", data={"username": "zhang", "password": PASSWORD})
    assert (token.status_code, token.headers["retry-after"]) == (429, "900")
    assert token.json()["error"] == "invalid_grant"
    with database.begin() as connection:
        earlier = SIGN_IN_ATTEMPTS.c.last_at - throttling.WINDOW
        connection.execute(sa.update(SIGN_IN_ATTEMPTS).values(last_at=earlier))
    assert browser.post("/auth/sign-in", data=FORM, headers=OWN).status_code == 303


@pytest.mark.parametrize("base", ["http://127.0.0.1", "https://127.0.0.1"])
def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(visitor: Open, base: str) -> None:
    client = visitor(base)
    entered = client.post("/auth/sign-in", data=FORM, headers=PAGE | {"origin": base})
    cookie = entered.headers["set-cookie"]
    parts = set(cookie.lower().split("; ")[1:])
    assert {"httponly", "samesite=lax", "path=/", "max-age=604800"} <= parts
    assert not any(part.startswith("domain") for part in parts)
    secure = base.startswith("https")
    assert ("secure" in parts) == secure
    assert cookie.startswith("__Host-gridfield=" if secure else "gridfield=")
    assert client.get("/collections").status_code == 200
    # A name that plain http could have set opens nothing under https.
    other = visitor(base)
    value = cookie.partition("=")[2].partition(";")[0]
    other.cookies.set("gridfield" if secure else "__Host-gridfield", value)
    assert other.get("/collections").status_code == 401


def test_signing_in_gives_a_new_secret_whatever_the_browser_had(
    visitor: Open, database: Database, zhang: Account
) -> None:
    client = visitor()
    client.cookies.set("gridfield", "a-secret-that-somebody-planted")
    client.post("/auth/sign-in", data=FORM, headers=OWN)
    assert visitor(BASE).get("/collections").status_code == 401
    planted = visitor()
    planted.cookies.set("gridfield", "a-secret-that-somebody-planted")
    assert planted.get("/collections").status_code == 401

    mine = visitor()
    before = secret(database, zhang.id, Kind.COOKIE)
    mine.cookies.set("gridfield", before, domain="127.0.0.1", path="/")
    assert mine.get("/collections").status_code == 200
    mine.post("/auth/sign-in", data=FORM, headers=OWN)
    assert mine.cookies["gridfield"] != before
    old = visitor()
    old.cookies.set("gridfield", before)
    assert old.get("/collections").status_code == 401


def test_signing_out_ends_the_session_and_not_only_the_cookie(
    inside: TestClient, visitor: Open
) -> None:
    kept = inside.cookies["gridfield"]
    out = inside.post("/auth/sign-out", headers=OWN)
    assert (out.status_code, out.headers["location"]) == (303, "/auth/sign-in")
    assert "gridfield" not in inside.cookies
    copy = visitor()
    copy.cookies.set("gridfield", kept)
    assert copy.get("/collections").status_code == 401
    assert copy.post("/auth/sign-out", headers=OWN).status_code == 303


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"origin": BASE}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
    ],
)
def test_a_cookie_changes_something_only_from_our_own_page(
    inside: TestClient, database: Database, headers: dict[str, str], status: int
) -> None:
    body = '{"type":"FeatureCollection","features":[]}'
    kind = {"content-type": "application/geo+json"}
    answer = inside.post("/responsible", content=body, headers=kind | headers)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["type"] == "/problems/cross-site"
    # A header that nobody's page can add is meant as it is.
    token = kind | bearer(database)
    assert inside.post("/responsible", content=body, headers=token).status_code == 200
    assert inside.get("/collections").status_code == 200


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "http://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\x00/evil.example",
        " //evil.example",
        "",
        "/" + "x" * 5000,
        "/collections\r\nset-cookie: a=b",
    ],
)
def test_the_way_back_never_leads_to_another_house(browser: TestClient, wanted: str) -> None:
    assert own_path(wanted) == "/"
    entered = browser.post("/auth/sign-in", params={"next": wanted}, data=FORM, headers=OWN)
    assert (entered.status_code, entered.headers["location"]) == (303, "/")


def test_a_way_back_of_ours_is_kept() -> None:
    for own in ("/", "/maps/fields?lang=en#14/36.6/101.8", "/collections/water/items?f=html"):
        assert own_path(own) == own


def test_the_pages_of_the_door_run_nothing_and_are_kept_nowhere(
    inside: TestClient, visitor: Open, database: Database, zhang: Account
) -> None:
    with database.begin() as connection:
        link = sign_in_links.make(connection, zhang.id)
    pages = [
        (visitor(), "/auth/sign-in"),
        (visitor(), f"/auth/links/{link}"),
        (inside, "/auth/password"),
        (inside, "/auth/sessions"),
    ]
    for client, path in pages:
        for lang, wanted in (("zh", 'lang="zh-CN"'), ("en", 'lang="en"')):
            page = client.get(path, params={"lang": lang}, headers=PAGE)
            assert page.status_code == 200, path
            assert wanted in page.text
            assert page.headers["cache-control"] == "no-store"
            assert "etag" not in page.headers
            assert page.headers["x-frame-options"] == "DENY"
            assert page.headers["x-content-type-options"] == "nosniff"
            assert page.headers["referrer-policy"] == "same-origin"
            policy = page.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'; style-src 'self'")
            assert "script-src" not in policy
            assert "unsafe" not in policy
            assert "form-action 'self'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "<script" not in page.text
            assert " style=" not in page.text
            assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', page.text)
            assert not re.findall(r"\son\w+=", page.text)


def test_what_was_typed_is_inert(browser: TestClient) -> None:
    evil = '"><script>alert(1)</script>'
    page = browser.post("/auth/sign-in", params={"next": evil}, data=_form(evil, "x"), headers=OWN)
    assert "<script" not in page.text
    page = browser.get("/auth/sign-in", params={"next": '/"><script>'}, headers=PAGE)
    assert "<script" not in page.text


def test_a_link_is_not_used_up_by_a_preview(
    visitor: Open, database: Database, zhang: Account
) -> None:
    with database.begin() as connection:
        path = f"/auth/links/{sign_in_links.make(connection, zhang.id)}"
    messenger, somebody = visitor(), visitor()
    for _ in range(3):
        preview = messenger.get(path, headers=PAGE)
        assert preview.status_code == 200
        assert "set-cookie" not in preview.headers
        assert messenger.head(path).status_code == 200
    entered = somebody.post(path, params={"next": "/maps/fields"}, headers=OWN)
    assert (entered.status_code, entered.headers["location"]) == (303, "/maps/fields")
    assert somebody.get("/collections").status_code == 200
    for late in (messenger.post(path, headers=OWN), messenger.get(path, headers=PAGE)):
        assert late.status_code == 410
        assert "set-cookie" not in late.headers
    assert visitor().get("/auth/links/nothing").json()["type"] == "/problems/link-spent"
    # Another site's page cannot use it for its reader.
    with database.begin() as connection:
        path = f"/auth/links/{sign_in_links.make(connection, zhang.id)}"
    assert somebody.post(path, headers={"origin": "http://evil.example"}).status_code == 403


def test_who_must_change_the_password_comes_no_further(
    visitor: Open, database: Database, zhang: Account
) -> None:
    with database.begin() as connection:
        accounts.set_password(connection, zhang, PASSWORD, must_change=True)
    client = visitor()
    client.post("/auth/sign-in", data=FORM, headers=OWN)
    away = client.get("/collections", headers=PAGE)
    assert away.headers["location"] == "/auth/password?next=%2Fcollections"
    refused = client.get("/collections")
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/password-due")
    page = client.get(away.headers["location"], headers=PAGE)
    assert "请先换成自己的" in page.text
    new = "my own long words"
    form = {"current": PASSWORD, "new": new, "again": new}
    done = client.post(away.headers["location"], data=form, headers=OWN)
    assert (done.status_code, done.headers["location"]) == (303, "/collections")
    assert client.get("/collections").status_code == 200


def test_the_password_is_changed_on_a_page(inside: TestClient, visitor: Open) -> None:
    elsewhere = visitor()
    elsewhere.post("/auth/sign-in", data=FORM, headers=OWN)
    new = "my own long words"

    def change(current: str, chosen: str, again: str) -> tuple[int, str]:
        form = {"current": current, "new": chosen, "again": again}
        page = inside.post("/auth/password", data=form, headers=OWN)
        assert chosen not in page.text
        return page.status_code, page.text

    assert change(PASSWORD, new, new + "x")[0] == 422
    assert change("wrong password", new, new)[0] == 401
    status, text = change(PASSWORD, "1234567890", "1234567890")
    assert (status, "太常见" in text) == (422, True)
    assert elsewhere.get("/collections").status_code == 200
    assert change(PASSWORD, new, new)[0] == 303
    assert inside.get("/collections").status_code == 200
    assert elsewhere.get("/collections").status_code == 401
    assert inside.post("/auth/password", data={}, headers=OWN).status_code == 400
    assert visitor().get("/auth/password", headers=PAGE).status_code == 303


def test_who_came_by_a_link_chooses_a_first_password(visitor: Open, database: Database) -> None:
    first = account(database, login="first")
    with database.begin() as connection:
        path = f"/auth/links/{sign_in_links.make(connection, first.id)}"
    client = visitor()
    client.post(path, headers=OWN)
    assert 'name="current"' not in client.get("/auth/password", headers=PAGE).text
    form = {"new": "my own long words", "again": "my own long words"}
    assert client.post("/auth/password", data=form, headers=OWN).status_code == 303
    assert 'name="current"' in client.get("/auth/password", headers=PAGE).text


def test_my_sessions_are_mine_to_see_and_to_end(
    inside: TestClient, visitor: Open, database: Database, zhang: Account
) -> None:
    there = visitor()
    there.post("/auth/sign-in", data=FORM, headers=OWN | {"user-agent": "<b>Phone</b>"})
    foreign = secret(database, account(database).id)
    with database.begin() as connection:
        theirs = sessions.find(connection, foreign)
        assert theirs is not None

    mine = inside.get("/auth/sessions").json()
    assert (mine["login"], mine["role"], mine["division"]) == ("zhang", "leader", "630102007001")
    assert [each["current"] for each in mine["sessions"]].count(True) == 1
    other = next(each for each in mine["sessions"] if not each["current"])
    assert other["agent"] == "<b>Phone</b>"
    page = inside.get("/auth/sessions", headers=PAGE).text
    assert "&lt;b&gt;Phone" in page
    assert "张三" in page
    times = re.findall(r'<time datetime="([^"]+)">([^<]+)</time>', page)
    assert len(times) == 2 * len(mine["sessions"])
    for moment, told in times:  # of China, whatever the server's own clock is set to
        assert f"{clock.local(datetime.fromisoformat(moment)):%Y-%m-%d %H:%M}" == told

    for wrong in (str(theirs.id), "0", "x", "9" * 30, "1 OR 1=1"):
        refused = inside.post(f"/auth/sessions/{wrong}/revoke", headers={"origin": BASE})
        assert (refused.status_code, refused.json()["type"]) == (404, "/problems/unknown-session")
    assert inside.post(f"/auth/sessions/{other['id']}/revoke", headers=OWN).status_code == 303
    assert there.get("/collections").status_code == 401

    there.post("/auth/sign-in", data=FORM, headers=OWN)
    assert inside.post("/auth/sessions/revoke", headers={"origin": BASE}).status_code == 204
    assert there.get("/collections").status_code == 401
    assert inside.get("/collections").status_code == 200
    with database.begin() as connection:
        assert sessions.find(connection, foreign) is not None


def test_an_end_is_an_end_at_once(inside: TestClient, database: Database, zhang: Account) -> None:
    assert inside.get("/collections").status_code == 200
    with database.begin() as connection:
        connection.execute(
            sa.update(SESSIONS).values(last_seen_at=SESSIONS.c.last_seen_at - timedelta(hours=12))
        )
    assert inside.get("/collections").status_code == 401
    inside.post("/auth/sign-in", data=FORM, headers=OWN)
    assert inside.get("/collections").status_code == 200
    with database.begin() as connection:
        accounts.disable(connection, zhang.id)
    assert inside.get("/collections").status_code == 401


def test_a_body_is_not_read_for_somebody_unknown(browser: TestClient) -> None:
    taken = 0

    def pieces() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(20):
            taken += 1
            yield b"x" * 100_000

    headers = {"content-type": "multipart/form-data; boundary=b"}
    answer = browser.post("/collections/water/import", content=pieces(), headers=headers)
    # Not "too large", and not what is wrong with the form: nobody has looked at it.
    assert answer.json()["type"] == "/problems/sign-in-needed"


def test_there_is_no_provider_unless_one_is_configured(browser: TestClient) -> None:
    assert "/auth/oidc" not in browser.get("/auth/sign-in", headers=PAGE).text
    for path in ("/auth/oidc", "/auth/oidc/callback?code=1&state=2"):
        assert browser.get(path).status_code == 404


def test_the_description_says_how_to_come_in(browser: TestClient) -> None:
    document = browser.get("/openapi.json").json()
    schemes = document["components"]["securitySchemes"]
    assert schemes["token"]["flows"]["password"]["tokenUrl"] == "/auth/token"
    assert document["security"] == [{"token": []}, {"cookie": []}]
    assert "/auth/token" in document["paths"]


# --- before the first account ---------------------------------------------------------------------
@pytest.fixture
def nobody(app: FastAPI) -> Iterator[Callable[[str, str], TestClient]]:
    """Where nobody has an account yet: a client at an address, asking for a host name."""
    with TestClient(app, BASE):
        yield lambda address, base: TestClient(app, base, client=(address, 50000))


def test_until_somebody_has_an_account_the_machine_itself_needs_none(
    nobody: Callable[[str, str], TestClient], database: Database
) -> None:
    here = nobody("127.0.0.1", BASE)
    assert here.get("/collections").status_code == 200
    assert here.get("/collections", headers={"authorization": "Bearer stale"}).status_code == 200
    made = account(database, Role.VIEWER)
    assert here.get("/collections").status_code == 401
    with database.begin() as connection:
        accounts.disable(connection, made.id)
    assert here.get("/collections").status_code == 401


@pytest.mark.parametrize(
    ("address", "base", "headers"),
    [
        ("192.168.0.7", BASE, {}),
        ("127.0.0.1", "http://grid.example", {}),
        ("127.0.0.1", BASE, {"x-forwarded-for": "192.168.0.7"}),
        ("127.0.0.1", BASE, {"forwarded": "for=192.168.0.7"}),
        ("127.0.0.1", BASE, {"via": "1.1 proxy"}),
    ],
)
def test_nobody_else_comes_in_without_an_account(
    nobody: Callable[[str, str], TestClient], address: str, base: str, headers: dict[str, str]
) -> None:
    assert nobody(address, base).get("/collections", headers=headers).status_code in {401, 421}


def test_a_strange_page_changes_nothing_on_a_machine_without_accounts(
    nobody: Callable[[str, str], TestClient],
) -> None:
    strange = {"origin": "http://evil.example"}
    answer = nobody("::1", BASE).post("/collections/work_units/items", headers=strange, json={})
    assert answer.status_code == 403


def test_what_was_made_for_another_account_is_refused(
    visitor: Open, database: Database, zhang: Account
) -> None:
    """A record that waits on a phone is never taken for that of the next one who signs in."""
    other = account(database, Role.LEADER, "630102007001")
    client = visitor()
    own = {"authorization": f"Bearer {secret(database, zhang.id)}"}
    for meant, status in ((zhang.id, 200), (other.id, 403), ("", 403), ("0x1", 403)):
        answer = client.get("/collections", headers=own | {ACCOUNT_HEADER: str(meant)})
        assert answer.status_code == status
    assert answer.json()["type"] == "/problems/other-account"
    assert client.get("/collections", headers={ACCOUNT_HEADER: str(zhang.id)}).status_code == 401
