"""What HTTP alone costs `bench.inspectors`: the same requests, answered without any work.

Run by it: python -m bench.inspectors_nothing PORT. No framework, no database, nothing looked at:
no server of one Python process on this machine can take more records than this one.
"""

import sys
from typing import Any

import uvicorn

_BODY = b'{"id": 1}' + b" " * 600  # about as long as a receipt
_START = {
    "type": "http.response.start",
    "status": 201,
    "headers": [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(_BODY))],
}


async def nothing(scope: Any, receive: Any, send: Any) -> None:
    """Take a record and forget it."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send(_START)
    await send({"type": "http.response.body", "body": _BODY})


if __name__ == "__main__":
    uvicorn.run(
        nothing,
        port=int(sys.argv[1]),
        lifespan="off",
        log_level="warning",
        access_log=False,
    )
