"""JSON that comes in a request: read as bytes on the event loop, understood in a thread."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from api.media import FORM, GEOJSON, JSON, MERGE_PATCH
from api.refusals import BODY_TYPE
from gis.errors import Problem
from layers.refusals.asking import BODY_UNREADABLE

_MOST_FIELDS = 200
_Model = TypeVar("_Model", bound=BaseModel)

FEATURE_TYPES = (GEOJSON, JSON)
PATCH_TYPES = (MERGE_PATCH, *FEATURE_TYPES)


def documented(media_types: Sequence[str]) -> dict[str, Any]:
    """For the OpenAPI document, which knows only of bodies that FastAPI itself parses."""
    content = {media_type: {"schema": {"type": "object"}} for media_type in media_types}
    return {"requestBody": {"required": True, "content": content}}


async def _feature(request: Request) -> bytes:
    return await read(request, FEATURE_TYPES)


async def _patch(request: Request) -> bytes:
    return await read(request, PATCH_TYPES)


async def _json(request: Request) -> bytes:
    return await read(request, (JSON,))


async def _form(request: Request) -> bytes:
    return await read(request, (FORM,))


async def read(request: Request, wanted: Sequence[str]) -> bytes:
    """The bytes of a body; Problem(BODY_TYPE) when its type is none of these."""
    body, _ = await either(request, wanted)
    return body


async def either(request: Request, wanted: Sequence[str]) -> tuple[bytes, str]:
    """The body, and which of the wanted media types it is; Problem(BODY_TYPE)."""
    found = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if found not in wanted:
        raise Problem(BODY_TYPE, found=found, wanted=" / ".join(wanted))
    return await request.body(), found


GeoJSONBody = Annotated[bytes, Depends(_feature)]
MergePatchBody = Annotated[bytes, Depends(_patch)]
JSONBody = Annotated[bytes, Depends(_json)]
FormBody = Annotated[bytes, Depends(_form)]


def geojson(body: bytes, wanted: str) -> Mapping[str, Any]:
    """The GeoJSON object of that type; Problem(BODY_UNREADABLE) when it is something else."""
    found = json_object(body)
    if found.get("type") != wanted:
        raise unreadable(f"it is no GeoJSON {wanted}", f"不是 GeoJSON {wanted}")
    if "crs" in found:  # RFC 7946 §4: everything is WGS 84; silence would misplace it
        raise unreadable("RFC 7946 has no crs member", "RFC 7946 没有 crs，只收 WGS 84")
    return found


def model(body: bytes, wanted: type[_Model]) -> _Model:
    """What the JSON object says; Problem(BODY_UNREADABLE) names the first member that is wrong."""
    return checked(json_object(body), wanted)


def checked(found: Mapping[str, Any], wanted: type[_Model]) -> _Model:
    """The same of what has been read already."""
    try:
        return wanted.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "body"
        raise unreadable(f"{place}: {first['msg']}", f"{place} 不对") from None


def form(body: bytes) -> dict[str, str]:
    """The fields of a form by name, of several with one name the last, whatever their names are."""
    try:
        text = body.decode()
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError as error:
        raise unreadable("it is no form", "不是表单") from error


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object; Problem(BODY_UNREADABLE) when it is none."""
    try:
        found = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise unreadable("it is not JSON", "不是 JSON") from error
    if not isinstance(found, dict):
        raise unreadable("it is no JSON object", "不是 JSON 对象")
    return found


def merged(target: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """The target with the members of the patch; null removes one (RFC 7396)."""
    found = dict(target)
    for name, value in patch.items():
        if value is None:
            found.pop(name, None)
        elif isinstance(value, dict):
            old = found.get(name)
            found[name] = merged(old if isinstance(old, dict) else {}, value)
        else:
            found[name] = value
    return found


def unreadable(reason: str, reason_zh: str) -> Problem:
    """A body that is not what it should be."""
    return Problem(BODY_UNREADABLE, reason=reason, reason_zh=reason_zh)


def _refuse(constant: str) -> object:
    raise ValueError(constant)
