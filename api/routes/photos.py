"""Photographs: brought under their own hash, given out bare, listed with what they show."""

import re
import tempfile
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from typing import Annotated, Any, BinaryIO, Literal, cast

import anyio.to_thread
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field
from starlette.requests import ClientDisconnect

from api import bodies, links
from api.caching import tagged
from api.deps import Ctx, FeatureId, LayerOf, needs
from api.errors import BodyRefused
from api.media import JSON, answers
from api.parameters import AskedPlainly
from api.refusals import PHOTO_NAME, UNKNOWN_PHOTO
from gis.errors import Problem
from layers.declaring.rights import Right
from layers.photos import bringing as photos
from layers.photos import pictures
from layers.photos.bringing import Kept, Photo, Receipt
from layers.reading import features
from layers.refusals.photos import PHOTO_STORE

router = APIRouter(tags=["Photos"], default_response_class=Response)

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PICTURES = tuple(pictures.MEDIA_TYPES.values())
_ENDINGS = {"image/jpeg": "jpg", "image/webp": "webp"}
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_DOCUMENTED = {"requestBody": {"required": True, "content": dict.fromkeys(_PICTURES, _BINARY)}}
# What most phones send stays in memory.
_IN_MEMORY = 1_000_000
# The bytes under a hash never change. A new number when they are made in another way.
_RECIPE = 1
_SEALED = {
    "cache-control": "private, max-age=31536000, immutable",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "x-content-type-options": "nosniff",
}


class AskedPhoto(AskedPlainly):
    """How large the picture is wanted."""

    size: Literal["160", "480", "1280"] | None = Field(
        None,
        description="最长边的像素数，默认原大小 · Pixels of the longest side; whole unless told.",
    )


async def _brought(sha256: str) -> str:
    if not _SHA256.fullmatch(sha256):
        raise Problem(PHOTO_NAME, name=sha256)
    return sha256


async def _asked_for(sha256: str) -> str:
    if not _SHA256.fullmatch(sha256):
        raise Problem(UNKNOWN_PHOTO, sha256=sha256)
    return sha256


async def _spooled(request: Request) -> AsyncIterator[BinaryIO]:
    """The body as a file without a name: nothing of it stays when the process is killed."""
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        try:
            async for piece in request.stream():
                if file.tell() + len(piece) <= _IN_MEMORY:
                    file.write(piece)
                else:
                    await anyio.to_thread.run_sync(file.write, piece)
        except OSError as error:
            raise BodyRefused(Problem(PHOTO_STORE, reason=error.strerror or "")) from error
        except ClientDisconnect as error:
            raise BodyRefused(bodies.unreadable("it was cut off", "传到一半断开")) from error
        yield cast("BinaryIO", file)


PlainParams = Annotated[AskedPlainly, Query()]
NewHash = Annotated[str, Depends(_brought)]
Hash = Annotated[str, Depends(_asked_for)]
# Closed with the route, not after its answer.
PhotoBody = Annotated[BinaryIO, Depends(_spooled, scope="function")]


@router.put(
    "/photos/{sha256}",
    summary="上传照片 · Bring a photograph",
    description=(
        "地址里是内容的 SHA-256；同一张再传一次答 200，什么也不变。"
        "只收 JPEG、PNG、WebP，以内容为准。 · The address has the SHA-256 of the content; the same "
        "once more answers 200 and changes nothing. JPEG, PNG and WebP are taken, whatever they "
        "are called."
    ),
    status_code=HTTPStatus.CREATED,
    responses=answers(JSON, status=HTTPStatus.CREATED) | answers(JSON),
    openapi_extra=_DOCUMENTED,
    dependencies=[needs(Right.LOG)],
)
def bring(context: Ctx, sha256: NewHash, _: PlainParams, body: PhotoBody) -> Response:
    found = photos.receive(
        context.database, context.photos, sha256, body, pixels=context.settings.photo_pixels
    )
    status = HTTPStatus.CREATED if found.new else HTTPStatus.OK
    return JSONResponse(_receipt(found), status)


@router.get(
    "/photos/{sha256}",
    summary="一张照片 · A photograph",
    responses=answers(*_ENDINGS),
)
def photo(
    request: Request, context: Ctx, sha256: Hash, asked: Annotated[AskedPhoto, Query()]
) -> Response:
    with context.database.read() as connection:
        kept = photos.find(connection, sha256)
    if kept is None:
        raise Problem(UNKNOWN_PHOTO, sha256=sha256)
    size = int(asked.size) if asked.size else None
    known = tagged(request, Response(headers=_SEALED), _etag(kept, size))
    if known.status_code == HTTPStatus.NOT_MODIFIED:
        return known
    content, media_type = photos.picture(context.photos, kept, size)
    context.note_photo(kept.layer, media_type)
    response = Response(content, headers=_SEALED, media_type=media_type)
    name = f"{sha256[:12]}.{_ENDINGS[media_type]}"
    response.headers["content-disposition"] = f'inline; filename="{name}"'
    return tagged(request, response, _etag(kept, size))


@router.get(
    "/collections/{layer}/items/{feature_id}/photos",
    summary="一个要素的照片 · The photographs of a feature",
    responses=answers(JSON),
)
def photos_of(
    request: Request, context: Ctx, layer: LayerOf, feature_id: FeatureId, _: PlainParams
) -> Response:
    with context.database.read() as connection:
        features.item(connection, layer, feature_id)
        found = photos.of_feature(connection, layer, feature_id)
    own = links.self_links(request, JSON)
    body = {"photos": [_members(request, each) for each in found], "links": own}
    return tagged(request, JSONResponse(body))


def _etag(kept: Kept, size: int | None) -> str:
    return f'"{kept.sha256[:24]}.{size or "whole"}.{_RECIPE}"'


def _receipt(found: Receipt) -> Mapping[str, Any]:
    taken = found.seen.taken
    placed = taken.lon is not None
    return {
        "sha256": found.sha256,
        "bytes": found.bytes,
        "media_type": found.seen.media_type,
        "width": found.seen.width,
        "height": found.seen.height,
        "received_at": found.received_at.isoformat(),
        "taken_at": taken.at.isoformat() if taken.at else None,
        "position": {"lon": taken.lon, "lat": taken.lat, "datum": taken.datum} if placed else None,
    }


def _members(request: Request, found: Photo) -> Mapping[str, Any]:
    return {
        "sha256": found.sha256,
        "role": found.role,
        "held": found.held,
        "taken_at": found.taken_at.isoformat() if found.taken_at else None,
        "media_type": found.media_type,
        "width": found.width,
        "height": found.height,
        "href": links.address(request, f"/photos/{found.sha256}"),
    }
