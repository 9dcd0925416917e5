"""How a page leaves the house: its policy, its language, its validator."""

from collections.abc import Mapping
from urllib.parse import urlencode

from jinja2 import ChoiceLoader, PackageLoader
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, Response

from api.caching import tagged
from api.context import lang_of
from api.language import COOKIE
from api.negotiation import VARY
from maps import templating
from maps.pages import POLICY
from maps.wording import HTML_LANG, OTHER, words

_YEAR_S = 365 * 24 * 3600

_ENVIRONMENT = templating.ENVIRONMENT.overlay(
    loader=ChoiceLoader([PackageLoader("api"), PackageLoader("maps")])
)


def html(
    request: HTTPConnection,
    text: str,
    *,
    status: int = 200,
    policy: str = POLICY,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A page of ours; a good one carries an ETag and answers 304 to whoever has it already."""
    lang = lang_of(request)
    response: Response = HTMLResponse(text, status, dict(headers or {}))
    response.headers["content-security-policy"] = policy
    response.headers["content-language"] = HTML_LANG[lang]
    response.headers["vary"] = VARY
    if status == 200:
        response = tagged(request, response)
    else:
        response.headers["cache-control"] = "no-store"
    if request.query_params.get(COOKIE) == lang:  # a switch by hand is remembered
        response.set_cookie(COOKIE, lang, max_age=_YEAR_S, httponly=True, samesite="lax")
    return response


def own(request: HTTPConnection, template: str, **values: object) -> Response:
    """A page of `api/templates`, in the frame that all pages share."""
    lang = lang_of(request)
    text = _ENVIRONMENT.get_template(template).render(
        lang=lang,
        html_lang=HTML_LANG[lang],
        other_lang=HTML_LANG[OTHER[lang]],
        switch="?" + urlencode({**kept_query(request), COOKIE: OTHER[lang]}),
        frame=words("frame", lang),
        section="docs",
        **values,
    )
    return html(request, text)


def kept_query(request: HTTPConnection) -> dict[str, str]:
    """What stood in the address, so that the page's language switch keeps it."""
    return {name: value for name, value in request.query_params.items() if name != COOKIE}
