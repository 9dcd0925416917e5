"""Event loops for tests."""

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import anyio

_Result = TypeVar("_Result")


def run(function: Callable[..., Awaitable[_Result]], *arguments: Any) -> _Result:
    """What the function comes to, in a thread of its own: a worker that has driven a browser keeps
    the browser's loop running in its main thread, and one thread runs one loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(anyio.run, function, *arguments).result()
