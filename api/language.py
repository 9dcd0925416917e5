"""The language of the reader: what the address says, then the cookie, the browser, the settings."""

from typing import cast, get_args

from starlette.requests import HTTPConnection

from api.negotiation import weighted
from gis.errors import Lang

COOKIE = "lang"
_LANGS = get_args(Lang)


def language(request: HTTPConnection, default: Lang) -> Lang:
    """The first language of ours that the reader names; never an error."""
    named = (request.query_params.get("lang"), request.cookies.get(COOKIE))
    for wish in (*named, *_accepted(request.headers.get("accept-language", ""))):
        if wish in _LANGS:
            return cast("Lang", wish)
    return default


def _accepted(header: str) -> list[str]:
    """Primary subtags of Accept-Language, the most wanted first."""
    return [tag.partition("-")[0] for tag, _ in weighted(header)]
