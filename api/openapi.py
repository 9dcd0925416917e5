"""The OpenAPI document: FastAPI writes 3.1, OGC API – Features asks for 3.0 (conf/oas30)."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api import __version__
from api.parameters import MAX_LIMIT

_BBOX = {
    "style": "form",
    "explode": False,
    "schema": {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}},
}
_LIMIT = {
    "style": "form",
    "explode": False,
    "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": 10},
}
_FIELDS = {
    "name": "fields",
    "in": "query",
    "description": "图层的任一字段及其值 · Any field of the layer with its value.",
    "style": "form",
    "explode": True,
    "schema": {"type": "object", "additionalProperties": {"type": "string"}},
}
# A program sends the token of /auth/token, a browser the cookie that signing in gave it.
_SECURITY = {
    "token": {
        "type": "oauth2",
        "flows": {"password": {"tokenUrl": "/auth/token", "scopes": {}}},
    },
    "cookie": {"type": "apiKey", "in": "cookie", "name": "gridfield"},
}


def document(app: FastAPI) -> dict[str, Any]:
    """The document of an application, complete in itself and valid OpenAPI 3.0."""
    made = get_openapi(
        title="Gridfield 网格责任田",
        version=__version__,
        openapi_version="3.0.3",
        summary=None,
        description="OGC API – Features and Tiles over the district's thematic layers.",
        routes=app.routes,
    )
    found: dict[str, Any] = _as_3_0(made)
    for parameter in found["paths"]["/collections/{layer}/items"]["get"]["parameters"]:
        parameter.update({"bbox": _BBOX, "limit": _LIMIT}.get(parameter["name"], {}))
    found["paths"]["/collections/{layer}/items"]["get"]["parameters"].append(_FIELDS)
    found["components"] = {**found.get("components", {}), "securitySchemes": _SECURITY}
    found["security"] = [{name: []} for name in _SECURITY]
    return found


def _as_3_0(node: Any) -> Any:
    """The same schemas in the words of 3.0: no null type, no `const`, no list of examples."""
    if isinstance(node, list):
        return [_as_3_0(part) for part in node]
    if not isinstance(node, dict):
        return node
    found = {key: _as_3_0(value) for key, value in node.items()}
    if "const" in found:
        found["enum"] = [found.pop("const")]
    if "contentMediaType" in found:
        found.pop("contentMediaType")
        found["format"] = "binary"
    return _without_null(found)


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    # An absent query parameter is absent, it is never null.
    options = schema.get("anyOf")
    if not isinstance(options, list) or {"type": "null"} not in options:
        return schema
    left = [option for option in options if option != {"type": "null"}]
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**rest, **left[0]} if len(left) == 1 else {**rest, "anyOf": left}
