"""Every operation of an application, whatever an included router is wrapped in."""

from collections.abc import Iterator, Sequence

from fastapi.routing import APIRoute
from starlette.routing import BaseRoute


def operations(routes: Sequence[BaseRoute]) -> Iterator[tuple[str, str]]:
    """Method and pattern of each."""
    for route in routes:
        inner = getattr(route, "routes", None) or getattr(
            getattr(route, "original_router", None), "routes", None
        )
        if isinstance(route, APIRoute):
            yield from ((method, route.path) for method in route.methods or ())
        elif inner:
            yield from operations(inner)
        else:
            raise AssertionError(f"a route of an unknown kind: {route!r}")
