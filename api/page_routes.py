"""Routes for people at addresses that programs read too."""

from fastapi.routing import APIRoute
from starlette.requests import HTTPConnection
from starlette.routing import Match
from starlette.types import Scope

from api.negotiation import wants_html


class PageRoute(APIRoute):
    """Matches only who wants a page; whoever wants data goes on to the route behind it."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child = super().matches(scope)
        if match is Match.NONE or wants_html(HTTPConnection(scope)):
            return match, child
        return Match.NONE, {}
