"""A route that many ask for at once: its endpoint is called without anything in between."""

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.types import Receive, Scope, Send


class Lean(APIRoute):
    """Calls its endpoint with the request and the path's parameters where there is no query: all
    others have defaults, and it reads what it needs by hand. What is documented is as of any route.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; with a query, or by another method, as any route does."""
        if scope["query_string"] or scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)
            return
        response = await self.endpoint(Request(scope, receive, send), **scope["path_params"])
        await response(scope, receive, send)
