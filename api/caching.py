"""Validators: an ETag is the hash of the bytes, so it can never promise what has changed."""

import hashlib

from starlette.requests import HTTPConnection
from starlette.responses import Response


def etag_of(body: bytes) -> str:
    """A strong validator of these bytes."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def tagged(request: HTTPConnection, response: Response, etag: str | None = None) -> Response:
    """The response with its ETag, or 304 without a body when the reader has this state already.

    `etag` is given where a state has more than one representation.
    """
    etag = etag or etag_of(bytes(response.body))
    response.headers["etag"] = etag
    response.headers.setdefault("cache-control", "private, no-cache")
    if not names(request.headers.get("if-none-match", ""), etag, weak=True):
        return response
    kept = {
        k: v for k, v in response.headers.items() if k not in {"content-length", "content-type"}
    }
    return Response(status_code=304, headers=kept)


def allowed(request: HTTPConnection, etag: str) -> bool:
    """Whether If-Match, where the reader sends it, names this state (RFC 9110 §13.1.1)."""
    header = request.headers.get("if-match")
    return header is None or names(header, etag, weak=False)


def names(header: str, etag: str, *, weak: bool) -> bool:
    """Whether a header with the tags that a reader has names this one."""
    tags = (tag.strip() for tag in header.split(","))
    return any(tag in ("*", etag) or (weak and tag == f"W/{etag}") for tag in tags)
