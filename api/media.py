"""Media types, and how the OpenAPI document tells which of them an operation answers with."""

from typing import Any

HTML = "text/html"
JSON = "application/json"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EVENTS = "text/event-stream"
FORM = "application/x-www-form-urlencoded"
GEOJSON = "application/geo+json"
MERGE_PATCH = "application/merge-patch+json"
MVT = "application/vnd.mapbox-vector-tile"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
PLAIN = "text/plain"
PROBLEM = "application/problem+json"
SCHEMA = "application/schema+json"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_Responses = dict[int | str, dict[str, Any]]

# What every operation may answer with instead (RFC 9457).
REFUSALS: _Responses = {
    "default": {
        "description": "A refusal · 拒绝",
        "content": {
            PROBLEM: {
                "schema": {
                    "type": "object",
                    "required": ["type", "title", "status", "detail"],
                    "properties": {
                        "type": {"type": "string"},
                        "title": {"type": "string"},
                        "status": {"type": "integer"},
                        "detail": {"type": "string"},
                        "findings": {"type": "array", "items": {"type": "object"}},
                        "suppressed": {"type": "integer"},
                    },
                }
            }
        },
    }
}


def answers(*media_types: str, status: int = 200) -> _Responses:
    """The answer of an operation that succeeds."""
    content = {media_type: {"schema": _schema(media_type)} for media_type in media_types}
    return {status: {"description": "OK", "content": content}}


def _schema(media_type: str) -> dict[str, str]:
    if media_type.endswith("json"):
        return {"type": "object"}
    return (
        {"type": "string"}
        if media_type.startswith("text/")
        else {"type": "string", "format": "binary"}
    )
