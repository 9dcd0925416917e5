"""How a page leaves the house: its policy, its language, its validator."""

from collections.abc import Mapping

from jinja2 import ChoiceLoader, PackageLoader
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, Response

from api.caching import tagged
from api.context import context_of, lang_of, session_of
from api.language import COOKIE
from api.negotiation import VARY
from gis.errors import Problem
from layers.declaring.people import Actor
from layers.notices import inbox
from maps import templating
from maps.pages.beside import POLICY
from maps.templating import Visit
from maps.words.wording import HTML_LANG

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
    if status == 200 and response.headers.get("cache-control") != "no-store":
        response = tagged(request, response)
    else:
        response.headers["cache-control"] = "no-store"
    if request.query_params.get(COOKIE) == lang:  # a switch by hand is remembered
        response.set_cookie(COOKIE, lang, max_age=_YEAR_S, httponly=True, samesite="lax")
    return response


def own(  # noqa: PLR0913  how it leaves, all of it named by the caller
    request: HTTPConnection,
    template: str,
    *,
    status: int = 200,
    policy: str = POLICY,
    headers: Mapping[str, str] | None = None,
    section: str = "docs",
    **values: object,
) -> Response:
    """A page of `api/templates`, in the frame that all pages share."""
    lang = lang_of(request)
    text = _ENVIRONMENT.get_template(template).render(
        **templating.around(lang, visit_of(request)), section=section, **values
    )
    return html(request, text, status=status, policy=policy, headers=headers)


def visit_of(request: HTTPConnection, *, told: bool = True) -> Visit:
    """Who opens the page, what stood in its address but the language, and what waits for them.

    What waits is asked of the database, so that is for routes, which have threads of their own.
    """
    given = request.query_params
    several = {name: given.getlist(name) for name in given if name != COOKIE}
    query = {name: found if len(found) > 1 else found[0] for name, found in several.items()}
    session = session_of(request)
    patrols = context_of(request).settings.patrol_days is not None
    offered = frozenset({"patrols"} if patrols else ())
    actor = None if session is None else session.actor
    return Visit(query, actor, offered, _unread(request, actor) if told else 0)


def _unread(request: HTTPConnection, actor: Actor | None) -> int:
    if actor is None:
        return 0
    try:
        with context_of(request).database.glance() as connection:
            return inbox.unread(connection, actor)
    except Problem:  # the page itself needs no more than it had before
        return 0
