"""Whole layers out: exports that stream."""

from collections.abc import Generator, Iterator
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.context import Context
from api.deps import Ctx, LayerOf, ReaderLang
from api.media import answers
from api.parameters import box
from api.streaming import Streamed
from gis.errors import DATABASE_BUSY, Lang, Problem
from layers import exporting
from layers.declare import Layer
from layers.exporting import FORMATS

router = APIRouter(tags=["Import and export"], default_response_class=Response)


class AskedExport(BaseModel):
    """What an export takes."""

    model_config = ConfigDict(extra="forbid")

    f: str = Field(
        "geojson", json_schema_extra={"enum": [*FORMATS]}, description="文件格式 · The format."
    )
    bbox: str | None = Field(
        None, description="西、南、东、北经纬度 · West, south, east, north in degrees (WGS 84)."
    )
    lang: Lang | None = Field(None, description="消息的语言 · The language of messages.")


@router.get(
    "/collections/{layer}/export",
    summary="整个图层导出为文件 · A whole layer as a file",
    responses=answers(*(form.media_type for form in FORMATS.values())),
)
def export(
    context: Ctx, layer: LayerOf, lang: ReaderLang, asked: Annotated[AskedExport, Query()]
) -> Response:
    bbox = None if asked.bbox is None else box(asked.bbox)
    pieces = exporting.stream(context.database, layer, asked.f, bbox=bbox)
    form = FORMATS[asked.f]
    headers = {"content-disposition": _attachment(layer, lang, form.ending)}
    return Streamed(_slotted(context, pieces), media_type=form.media_type, headers=headers)


def _slotted(context: Context, pieces: Iterator[bytes]) -> Generator[bytes]:
    """The pieces, while one of the few places for exports is held: each has a connection."""
    if not context.exports.acquire(blocking=False):
        raise Problem(DATABASE_BUSY)
    try:
        yield from pieces
    finally:
        context.exports.release()


def _attachment(layer: Layer, lang: Lang, ending: str) -> str:
    named = quote(f"{layer.label.of(lang)}{ending}", safe="")
    # RFC 6266: the second is for readers that know it, the first for all others.
    return f"attachment; filename=\"{layer.name}{ending}\"; filename*=UTF-8''{named}"
