"""OpenID Connect: another house vouches for people; what it says counts only as far as verified.

Authorization code flow with PKCE. What must be the same when the reader comes back travels with
them, signed and for ten minutes, in a cookie that no script and no other site can use.
"""

import hashlib
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey

from api.refusals import IDENTITY_REFUSED, PROVIDER_UNREACHABLE, SETTING_WRONG
from api.settings import Settings
from gis.errors import Problem
from layers.admission.signing_in import Match

STATE_S = 600
_TIMEOUT_S = 10.0
# Providers change their keys a few times a year.
_REMEMBERED_S = 3600.0
_CLOCKS_APART_S = 60
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384"]
_SUBJECT_LIMIT = 255
_BASIC = "client_secret_basic"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Start:
    """Where to send the reader, and what their browser has to bring back."""

    address: str
    state: str


@dataclass(frozen=True, slots=True)
class Finish:
    """What the provider vouches for, and where the reader wanted to go."""

    claims: Mapping[str, Any]
    next: str


@dataclass(frozen=True, slots=True)
class _House:
    """What the provider publishes of itself."""

    authorize: str
    token: str
    token_auth: str
    keys: KeySet
    read_at: float


class Provider:
    """One configured provider; threads may share it."""

    def __init__(self, issuer: str, client_id: str, secret: str, name: str, match: Match | None):
        self.issuer = issuer
        self.name = name
        self.match = match
        self._client_id = client_id
        self._secret = secret
        digest = hashlib.sha256(b"gridfield sign-in state\0" + secret.encode()).digest()
        self._state_key = OctKey.import_key(digest)
        self._house: _House | None = None
        self._lock = threading.Lock()

    @classmethod
    def of(cls, settings: Settings) -> "Provider | None":
        """The provider of the settings, if there is one; Problem(SETTING_WRONG) for half of one."""
        issuer = settings.oidc_issuer
        if issuer is None:
            return None
        if not settings.oidc_client_id or settings.oidc_client_secret is None:
            reason = "the provider needs GRIDFIELD_OIDC_CLIENT_ID and GRIDFIELD_OIDC_CLIENT_SECRET"
            raise Problem(SETTING_WRONG, name="GRIDFIELD_OIDC_ISSUER", reason=reason)
        if not _safe(issuer):
            reason = "the issuer must be an https address"
            raise Problem(SETTING_WRONG, name="GRIDFIELD_OIDC_ISSUER", reason=reason)
        return cls(
            issuer,
            settings.oidc_client_id,
            settings.oidc_client_secret.get_secret_value(),
            settings.oidc_name or urlsplit(issuer).hostname or issuer,
            settings.oidc_match,
        )

    def start(self, redirect_uri: str, wanted: str) -> Start:
        """Begin a sign-in; Problem(PROVIDER_UNREACHABLE)."""
        house = self._published()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        with self._client(house, redirect_uri) as client:
            address, _ = client.create_authorization_url(
                house.authorize, state=state, code_verifier=verifier, nonce=nonce
            )
        kept: dict[str, object] = {"state": state, "nonce": nonce, "verifier": verifier}
        kept |= {"next": wanted, "exp": int(time.time()) + STATE_S}
        return Start(address, jwt.encode({"alg": "HS256"}, kept, self._state_key))

    def finish(self, redirect_uri: str, state: str | None, answer: Mapping[str, str]) -> Finish:
        """The verified claims of whoever comes back.

        Problems: IDENTITY_REFUSED for anything that does not fit, PROVIDER_UNREACHABLE.
        """
        kept = self._kept(state)
        if not secrets.compare_digest(
            str(kept["state"]).encode(), answer.get("state", "").encode(errors="replace")
        ):
            raise _refused("it belongs to another sign-in", "不属于这次登录")
        # RFC 9207: an answer of another provider must not be taken to this one.
        if answer.get("iss", self.issuer) != self.issuer:
            raise _refused("it comes from another provider", "来自另一个身份服务")
        if "code" not in answer:
            raise _refused("the provider gave no code", "身份服务没有同意")
        token = self._token(redirect_uri, answer["code"], str(kept["verifier"]))
        return Finish(self._claims(token, str(kept["nonce"])), str(kept["next"]))

    def _kept(self, state: str | None) -> Mapping[str, Any]:
        try:
            kept = jwt.decode(state or "", self._state_key, algorithms=["HS256"]).claims
            jwt.JWTClaimsRegistry(exp={"essential": True}).validate(kept)
        except (JoseError, ValueError) as error:
            raise _refused(
                "the sign-in took too long; begin again", "登录超时，请重新开始"
            ) from error
        return kept

    def _token(self, redirect_uri: str, code: str, verifier: str) -> Mapping[str, Any]:
        house = self._published()
        try:
            with self._client(house, redirect_uri) as client:
                token: Mapping[str, Any] = client.fetch_token(
                    house.token, code=code, code_verifier=verifier, allow_redirects=False
                )
        except OAuthError as error:
            raise _refused("the provider did not take the code", "身份服务不认这次登录") from error
        except (requests.RequestException, ValueError) as error:
            raise self._unreachable() from error
        return token

    def _claims(self, token: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        try:
            read = self._read(str(token.get("id_token", "")))
            claims = CodeIDToken(
                read.claims,
                read.header,
                options={
                    "iss": {"essential": True, "value": self.issuer},
                    "aud": {"essential": True, "value": self._client_id},
                },
                params={
                    "nonce": nonce,
                    "client_id": self._client_id,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(leeway=_CLOCKS_APART_S)
        except (JoseError, ValueError, TypeError) as error:
            raise _refused("its identity token does not hold", "身份令牌不对") from error
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= _SUBJECT_LIMIT:
            raise _refused("its identity token names nobody", "身份令牌没有写明是谁")
        return dict(claims)

    def _read(self, id_token: str) -> jwt.Token:
        try:
            return jwt.decode(id_token, self._published().keys, algorithms=_ALGORITHMS)
        except (JoseError, ValueError):
            # Perhaps signed by a key that is newer than what we remember.
            keys = self._published(anew=True).keys
            return jwt.decode(id_token, keys, algorithms=_ALGORITHMS)

    def _client(self, house: _House, redirect_uri: str) -> Any:
        return OAuth2Session(
            self._client_id,
            self._secret,
            scope=" ".join(("openid", *([self.match] if self.match else []))),
            redirect_uri=redirect_uri,
            token_endpoint_auth_method=house.token_auth,
            code_challenge_method="S256",
            default_timeout=_TIMEOUT_S,
        )

    def _published(self, *, anew: bool = False) -> _House:
        with self._lock:
            house = self._house
            old = house is None or time.monotonic() - house.read_at > _REMEMBERED_S
            if house is None or old or anew:
                house = self._house = self._discovered()
            return house

    def _discovered(self) -> _House:
        try:
            found = _json(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            # OpenID Connect Discovery §4.3: another's issuer is another's document.
            if found["issuer"] != self.issuer:
                raise self._unreachable()
            keys = KeySet.import_key_set(_json(found["jwks_uri"]))
            authorize, token = (
                _checked(found[f"{x}_endpoint"]) for x in ("authorization", "token")
            )
        except (requests.RequestException, JoseError, ValueError, KeyError, TypeError) as error:
            raise self._unreachable() from error
        methods = found.get("token_endpoint_auth_methods_supported", [_BASIC])
        auth = _BASIC if _BASIC in methods else "client_secret_post"
        return _House(authorize, token, auth, keys, time.monotonic())

    def _unreachable(self) -> Problem:
        return Problem(PROVIDER_UNREACHABLE, issuer=self.name)


def _json(address: object) -> Any:
    response = requests.get(_checked(address), timeout=_TIMEOUT_S, allow_redirects=False)
    response.raise_for_status()
    return response.json()


def _checked(address: object) -> str:
    if not isinstance(address, str) or not _safe(address):
        raise ValueError("the address is not https")
    return address


def _safe(address: str) -> bool:
    """Whether nobody on the way can read or change what is sent there."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


def _refused(reason: str, reason_zh: str) -> Problem:
    return Problem(IDENTITY_REFUSED, reason=reason, reason_zh=reason_zh)
