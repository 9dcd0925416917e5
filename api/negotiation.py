"""Which representation the reader wants: `f` in the address, else the Accept header."""

from collections.abc import Sequence

from starlette.requests import HTTPConnection

from api.media import HTML, JSON

# The same address reads differently by these.
VARY = "Accept, Accept-Language, Cookie"

# More than any browser sends; a longer header is somebody's experiment.
_PARTS = 20


def wants_html(request: HTTPConnection) -> bool:
    """Whether a person is to read the answer: `f=html`, or a browser that navigates."""
    named = request.query_params.get("f")
    if named is not None:
        return named == "html"
    return preferred(request.headers.get("accept", ""), (JSON, HTML)) == HTML


def preferred(header: str, offered: Sequence[str]) -> str:
    """The offered media type that an Accept header likes best, the first when it likes none."""
    for wish, _ in weighted(header):
        for media_type in offered:
            if wish in {media_type, "*/*", f"{media_type.partition('/')[0]}/*"}:
                return media_type
    return offered[0]


def weighted(header: str) -> list[tuple[str, float]]:
    """The values of an Accept header with their weights (RFC 9110 §12.4.2), best first."""
    values = []
    for part in header.lower().split(",")[:_PARTS]:
        value, *parameters = (piece.strip() for piece in part.split(";"))
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        values.append((value, _number(quality)))
    return sorted((v for v in values if v[0] and v[1] > 0), key=lambda v: -v[1])


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
