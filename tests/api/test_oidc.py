"""Signing in with a provider: a small real one on a loopback port, honest first and then not."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey
from starlette.testclient import TestClient

from api.app import create_app
from api.oidc import Provider
from api.refusals import SETTING_WRONG
from api.settings import Settings
from gis.errors import Problem
from gis.postgis import Database
from layers.admission import accounts
from layers.admission.accounts import Account
from layers.declaring.people import Role
from layers.duties.persons import Person
from layers.registry import Registry
from layers.schema.accounts import IDENTITIES
from tests.api.conftest import BASE
from tests.people import account

CLIENT, SECRET = "gridfield", "a secret: of=ours&theirs"
PAGE = {"accept": "text/html"}
Claims = dict[str, Any]


@dataclass
class House:
    """A provider that keeps to the standard unless a test makes it lie."""

    issuer: str = ""
    keys: list[RSAKey] = field(default_factory=lambda: [_key("first")])
    published: dict[str, Any] = field(default_factory=dict)
    lie: Callable[[Claims], Claims] = lambda claims: claims
    sign: Callable[[Claims], str] | None = None
    token_status: int = 200
    asked: list[str] = field(default_factory=list)
    grants: dict[str, Claims] = field(default_factory=dict)

    def document(self) -> Claims:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            **self.published,
        }

    def consent(self, address: str, claims: Claims | None = None) -> str:
        """What a person does at the provider: the address it sends them back to."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self.grants)}"
        self.grants[code] = {**asked, "claims": claims or {}}
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, Claims]:
        wanted = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        grant = self.grants.pop(form.get("code", ""), None)
        if grant is None or authorization != f"Basic {wanted}":
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if challenge != grant["code_challenge"] or form["redirect_uri"] != grant["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        honest = {"iss": self.issuer, "sub": "person-7", "aud": CLIENT, "nonce": grant["nonce"]}
        claims = self.lie({**honest, "iat": now, "exp": now + 300, **grant["claims"]})
        id_token = self.sign(claims) if self.sign else signed(claims, self.keys[0])
        return self.token_status, {
            "access_token": "x",
            "token_type": "Bearer",
            "id_token": id_token,
        }


def _key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


def signed(claims: Claims, key: RSAKey | ECKey | OctKey, alg: str = "RS256") -> str:
    return jwt.encode({"alg": alg, "kid": key.kid}, claims, key, algorithms=[alg])


@pytest.fixture
def house() -> Iterator[House]:
    house = House()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            house.asked.append(self.path)
            match self.path:
                case "/.well-known/openid-configuration":
                    self._send(200, house.document())
                case "/keys":
                    public = KeySet(list(house.keys)).as_dict(private=False)
                    self._send(200, dict(public))
                case _:
                    self._send(404, {})

        def do_POST(self) -> None:
            house.asked.append(self.path)
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._send(*house.token(form, self.headers.get("authorization", "")))

        def _send(self, status: int, found: Claims) -> None:
            body = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    house.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield house
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def configured(settings: Settings, house: House) -> Settings:
    values = {
        "oidc_issuer": house.issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
        "oidc_name": "政务身份",
    }
    return Settings.model_validate({**settings.model_dump(), **values})


@pytest.fixture
def zhang(database: Database, house: House) -> Account:
    zhang = account(
        database, Role.LEADER, login="zhang", person=Person(name="张三", phone="13800000001")
    )
    with database.begin() as connection:
        accounts.link_identity(connection, zhang.id, house.issuer, "person-7")
    return zhang


@pytest.fixture
def browser(
    configured: Settings, database: Database, registry: Registry, zhang: Account
) -> Iterator[TestClient]:
    app = create_app(configured, database=database, registry=registry)
    with TestClient(app, BASE, follow_redirects=False) as client:
        yield client


def go(browser: TestClient, wanted: str = "/maps/fields") -> str:
    """Press the button; where it leads."""
    away = browser.get("/auth/oidc", params={"next": wanted}, headers=PAGE)
    assert away.status_code == 303
    return away.headers["location"]


def refused(browser: TestClient, address: str, slug: str, status: int) -> None:
    back = browser.get(address)
    assert (back.status_code, back.json()["type"]) == (status, f"/problems/{slug}"), back.text
    assert "gridfield=" not in back.headers.get("set-cookie", "")
    assert browser.get("/collections").status_code == 401


def test_a_linked_identity_comes_in(browser: TestClient, house: House, database: Database) -> None:
    assert house.asked == [], "nobody is asked before somebody presses the button"
    door = browser.get("/auth/sign-in?next=/maps/fields", headers=PAGE)
    assert "用政务身份登录" in door.text
    assert 'href="/auth/oidc?next=%2Fmaps%2Ffields"' in door.text
    address = go(browser)
    assert address.startswith(f"{house.issuer}/authorize?")
    back = browser.get(house.consent(address), headers=PAGE)
    assert (back.status_code, back.headers["location"]) == (303, "/maps/fields")
    assert back.headers["cache-control"] == "no-store"
    mine = browser.get("/auth/sessions").json()
    assert (mine["login"], mine["name"]) == ("zhang", "张三")
    # What travelled with the browser is gone, and the code with it.
    assert set(browser.cookies) == {"gridfield"}


def test_the_state_is_signed_hidden_and_short(browser: TestClient) -> None:
    away = browser.get("/auth/oidc", headers=PAGE)
    cookie = away.headers["set-cookie"].lower()
    for part in ("httponly", "samesite=lax", "max-age=600", "path=/"):
        assert part in cookie
    assert SECRET not in away.headers["location"]
    assert "verifier" not in away.headers["location"]


def test_an_answer_counts_once_and_only_for_who_began(
    browser: TestClient, house: House, configured: Settings, database: Database, registry: Registry
) -> None:
    back = house.consent(go(browser))
    other = TestClient(browser.app, BASE, follow_redirects=False)
    refused(other, back, "identity-refused", 401)  # a link that somebody was sent
    other.get("/auth/oidc")
    refused(other, back, "identity-refused", 401)  # with another sign-in under way
    assert browser.get(back).status_code == 303
    again = browser.get(back)
    assert again.json()["type"] == "/problems/identity-refused"


@pytest.mark.parametrize(
    "change",
    [
        lambda _: "",
        lambda state: state[:-2] + ("AA" if state[-2:] != "AA" else "BB"),
        lambda state: jwt.encode(
            {"alg": "HS256"}, _claims(state), OctKey.import_key(b"another key of ours")
        ),
        lambda state: _unsigned(_claims(state)),
        lambda _: "\0.\0.\0",
    ],
)
def test_a_state_that_is_not_ours_is_refused(
    browser: TestClient, house: House, change: Callable[[str], str]
) -> None:
    back = house.consent(go(browser))
    forged = change(browser.cookies["gridfield-sign-in"])
    browser.cookies.clear()
    browser.cookies.set("gridfield-sign-in", forged)
    refused(browser, back, "identity-refused", 401)
    assert "/token" not in house.asked


def _claims(token: str) -> Claims:
    part = token.split(".")[1]
    found: Claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def _unsigned(claims: Claims) -> str:
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return (
        ".".join(
            base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
            for part in parts
        )
        + "."
    )


def test_a_state_that_is_too_old_is_refused(
    browser: TestClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.oidc.STATE_S", -1)
    refused(browser, house.consent(go(browser)), "identity-refused", 401)


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": ["another-client", CLIENT], "azp": "another-client"},
        {"iss": "http://127.0.0.1:1"},
        {"iss": None},
        {"exp": 1_500_000_000},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"nbf": 4_000_000_000},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 300},
        {"at_hash": "of-another-token"},
    ],
)
def test_a_token_that_does_not_hold_lets_nobody_in(
    browser: TestClient, house: House, lie: Claims
) -> None:
    house.lie = lambda claims: {
        name: value for name, value in {**claims, **lie}.items() if value is not None
    }
    refused(browser, house.consent(go(browser)), "identity-refused", 401)


def test_a_token_that_somebody_else_signed_lets_nobody_in(
    browser: TestClient, house: House
) -> None:
    public = house.keys[0].as_pem(private=False)
    forgeries: list[Callable[[Claims], str]] = [
        _unsigned,
        lambda claims: signed(claims, _key("first")),
        lambda claims: signed(claims, _key("unheard")),
        # The old confusion: the public key, which everybody has, taken as a shared secret.
        lambda claims: _hmac_signed(claims, public),
        lambda claims: signed(claims, house.keys[0])[:-6] + "AAAAAA",
        lambda _: "",
        lambda _: "a.b.c",
    ]
    for forged in forgeries:
        house.sign = forged
        refused(browser, house.consent(go(browser)), "identity-refused", 401)


def _hmac_signed(claims: Claims, secret: bytes) -> str:
    import hmac  # noqa: PLC0415  joserfc rightly refuses to sign so

    head = _unsigned(claims).removesuffix(".").split(".")
    header = {"alg": "HS256", "kid": "first", "typ": "JWT"}
    head[0] = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
    mac = hmac.new(secret, ".".join(head).encode(), "sha256").digest()
    return ".".join((*head, base64.urlsafe_b64encode(mac).decode().rstrip("=")))


def test_new_keys_are_fetched_when_they_are_needed(browser: TestClient, house: House) -> None:
    browser.get(house.consent(go(browser)))
    browser.cookies.clear()
    house.keys = [_key("second")]
    before = house.asked.count("/keys")
    assert browser.get(house.consent(go(browser))).status_code == 303
    assert house.asked.count("/keys") == before + 1
    browser.get(house.consent(go(browser)))
    assert house.asked.count("/keys") == before + 1, "and then remembered"


def test_an_identity_that_nobody_linked_does_not_come_in(browser: TestClient, house: House) -> None:
    back = house.consent(go(browser), {"sub": "somebody-else"})
    refused(browser, back, "identity-unlinked", 403)


def test_what_the_provider_refuses_is_refused(browser: TestClient, house: House) -> None:
    address = go(browser)
    state = dict(parse_qsl(urlsplit(address).query))["state"]
    for answer in (
        {"error": "access_denied", "state": state},
        {"code": "never-given", "state": state},
        {"code": "never-given"},
        {"code": "never-given", "state": state, "iss": "https://else.example"},
        {"code": "x", "state": "é\0"},
        {},
    ):
        refused(browser, f"/auth/oidc/callback?{urlencode(answer)}", "identity-refused", 401)


@pytest.mark.parametrize(
    "claims", [{"phone_number_verified": True}, {"phone_number_verified": False}]
)
def test_a_verified_number_links_an_identity_when_configured(
    configured: Settings,
    house: House,
    database: Database,
    *,
    registry: Registry,
    zhang: Account,
    claims: Claims,
) -> None:
    matching = configured.model_copy(update={"oidc_match": "phone"})
    app = create_app(matching, database=database, registry=registry)
    with TestClient(app, BASE, follow_redirects=False) as browser:
        given = {"sub": "new", "phone_number": "+86 138 0000 0001", **claims}
        back = house.consent(go(browser), given)
        if not claims["phone_number_verified"]:
            refused(browser, back, "identity-unlinked", 403)
            return
        assert browser.get(back).status_code == 303
    with database.read() as connection:
        assert connection.execute(IDENTITIES.select()).all()
        assert accounts.by_identity(connection, house.issuer, "new") == zhang.id


@pytest.mark.parametrize(
    "published",
    [
        {"issuer": "https://else.example"},
        {"jwks_uri": "http://192.0.2.1/keys"},
        {"token_endpoint": "http://192.0.2.1/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": 7},
        {"jwks_uri": None},
    ],
)
def test_a_provider_that_publishes_nonsense_cannot_be_used(
    browser: TestClient, house: House, published: Claims
) -> None:
    house.published = published
    answer = browser.get("/auth/oidc")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/provider-unreachable")


def test_a_provider_that_is_down_takes_only_itself_along(
    browser: TestClient, house: House, settings: Settings, database: Database, registry: Registry
) -> None:
    address = go(browser)
    house.token_status = 502
    answer = browser.get(house.consent(address))
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/provider-unreachable")
    values = {"oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": "x", "oidc_client_secret": "y"}
    absent = Settings.model_validate({**settings.model_dump(), **values})
    with TestClient(create_app(absent, database=database, registry=registry), BASE) as client:
        assert client.get("/auth/sign-in", headers=PAGE).status_code == 200
        assert client.get("/auth/oidc").status_code == 503


@pytest.mark.parametrize(
    "values",
    [
        {"oidc_issuer": "https://id.example"},
        {"oidc_issuer": "https://id.example", "oidc_client_id": "x"},
        {"oidc_issuer": "http://id.example", "oidc_client_id": "x", "oidc_client_secret": "y"},
        {"oidc_issuer": "file:///etc", "oidc_client_id": "x", "oidc_client_secret": "y"},
    ],
)
def test_half_a_provider_is_a_wrong_setting(values: dict[str, str]) -> None:
    with pytest.raises(Problem) as caught:
        Provider.of(Settings.model_validate(values))
    assert caught.value.rule is SETTING_WRONG
    assert caught.value.values["name"] == "GRIDFIELD_OIDC_ISSUER"


def test_the_secret_is_shown_nowhere(configured: Settings) -> None:
    assert SECRET not in repr(configured)
    assert SECRET not in str(configured.model_dump())
