"""Whole layers out: exports that stream."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api import excerpts
from api.context import Context
from api.deps import Ctx, LayerOf, ReaderLang
from api.media import answers
from api.parameters import Past, Within
from api.streaming import Streamed
from gis.errors import Lang, Problem
from gis.refusals.database import DATABASE_BUSY
from gis.stopping import Switch
from layers.declaring.words import Layer
from layers.leaving import exporting
from layers.leaving.exporting import FORMATS, Outflow
from layers.reading.past import past_day

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
    on: Past = None
    place: Within = None
    filter: str | None = Field(None, description="CQL2 文本条件 · A condition in CQL2 text.")
    profile: Literal["internal", "public"] = Field(
        "internal",
        description="public 不含个人信息和地址，点位取整到百米 · public leaves out personal values "
        "and addresses, and rounds points to a hundred metres.",
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
    form = exporting.form(asked.f, layer)
    with context.database.read() as connection:
        day = past_day(connection, asked.on)
    excerpt = excerpts.excerpt(
        layer,
        bbox=asked.bbox,
        condition=asked.filter,
        within=asked.place,
        on=day,
        public=asked.profile == "public",
    )
    if context.is_told(layer) and not excerpt.public:
        context.note("export", layer, exporting.count(context.database, layer, excerpt), asked.f)
    switch = Switch()
    flow = exporting.outflow(context.database, layer, asked.f, excerpt, switch)
    headers = {"content-disposition": _attachment(layer, lang, form.ending)}
    return Streamed(_slotted(context, flow), switch, media_type=form.media_type, headers=headers)


@contextmanager
def _slotted(context: Context, flow: AbstractContextManager[Outflow]) -> Iterator[Outflow]:
    """The file on its way, while one of the few places for exports is held: each has a
    connection."""
    if not context.exports.acquire(blocking=False):
        raise Problem(DATABASE_BUSY)
    try:
        with flow as flowing:
            yield flowing
    finally:
        context.exports.release()


def _attachment(layer: Layer, lang: Lang, ending: str) -> str:
    named = quote(f"{layer.label.of(lang)}{ending}", safe="")
    # RFC 6266: the second is for readers that know it, the first for all others.
    return f"attachment; filename=\"{layer.name}{ending}\"; filename*=UTF-8''{named}"
