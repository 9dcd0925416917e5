"""The loads: listed, looked back on, undone."""

from collections.abc import Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import Field

from api import ids, links, pages
from api.context import Context
from api.deps import Ctx, ReaderLang, Uploads, needs
from api.media import HTML, JSON, answers
from api.negotiation import wants_html
from api.parameters import Asked, AskedPage, Params
from api.statuses import status_of
from api.uploads import drafts
from api.uploads.drafts import Draft, Drafts
from gis.errors import Lang, Problem
from layers.arriving import batches
from layers.arriving.batches import Batch
from layers.declaring.rights import Right
from layers.refusals.imports import UNKNOWN_BATCH
from maps.pages import importing as import_pages
from maps.pages.importing import Left, Loaded

router = APIRouter(
    tags=["Import and export"],
    default_response_class=Response,
    dependencies=[needs(Right.IMPORT)],
)

_PAGE = 50


class AskedBatches(Asked):
    """What the list of loads takes."""

    layer: str | None = Field(None, description="只列这个图层的 · Of one layer alone.")
    before: int | None = Field(
        None, ge=1, le=10**9, description="本页之前的批号 · The load before this page."
    )


class AskedBatch(AskedPage):
    """What the page of a load takes."""

    draft: str | None = Field(
        None, max_length=60, description="有退回行的上传 · The upload that has the rows left out."
    )


@router.get(
    "/import/batches",
    summary="导入记录 · The loads, the newest first",
    responses=answers(JSON, HTML),
)
def list_batches(
    request: Request, context: Ctx, lang: ReaderLang, asked: Annotated[AskedBatches, Query()]
) -> Response:
    layer = context.registry.layer(asked.layer).name if asked.layer else None
    with context.database.read() as connection:
        found = batches.listing(connection, layer=layer, limit=_PAGE + 1, before=asked.before)
    shown, more = found[:_PAGE], len(found) > _PAGE
    older = links.here(request, before=shown[-1].number) if more else None
    if wants_html(request):
        path = older and older.removeprefix(str(request.base_url).rstrip("/"))
        visit = pages.visit_of(request)
        page = import_pages.batches(context.registry, lang, shown, older=path, visit=visit)
        return pages.html(request, page)
    following = [{"href": older, "rel": "next", "type": JSON}] if older else []
    members = {
        "batches": [_members(batch) for batch in shown],
        "links": [*links.self_links(request, JSON), *following],
    }
    return JSONResponse(members)


@router.get(
    "/import/batches/{number}",
    summary="一次导入 · One load",
    responses=answers(JSON, HTML),
)
def show_batch(
    *,
    request: Request,
    context: Ctx,
    uploads: Uploads,
    lang: ReaderLang,
    number: str,
    asked: Annotated[AskedBatch, Query()],
) -> Response:
    with context.database.read() as connection:
        batch = batches.get(connection, _number(number))
    if not wants_html(request):
        return JSONResponse(_members(batch))
    draft = _draft(uploads, asked.draft, batch)
    left = Left(draft.token, drafts.rests(draft)) if draft else None
    return _batch_page(request, context, lang, Loaded(batch, left))


@router.post(
    "/import/batches/{number}/undo",
    summary="撤销一次导入 · Undo a load",
    responses=answers(JSON),
)
def undo_batch(
    request: Request, context: Ctx, lang: ReaderLang, number: str, _: Params
) -> Response:
    wanted = _number(number)
    tolerance_m2 = context.settings.coverage_tolerance_m2
    try:
        batch = batches.undo(context.database, context.registry, wanted, tolerance_m2=tolerance_m2)
    except Problem as problem:
        if problem.rule is UNKNOWN_BATCH or not wants_html(request):
            raise
        with context.database.read() as connection:
            loaded = Loaded(batches.get(connection, wanted), trouble=problem)
        return _batch_page(request, context, lang, loaded, status=status_of(problem.rule))
    if wants_html(request):
        return RedirectResponse(f"/import/batches/{batch.number}", HTTPStatus.SEE_OTHER)
    return JSONResponse(_members(batch))


def _batch_page(
    request: Request, context: Context, lang: Lang, loaded: Loaded, *, status: int = HTTPStatus.OK
) -> Response:
    visit = pages.visit_of(request)
    page = import_pages.batch(context.registry, lang, loaded, visit=visit)
    return pages.html(request, page, status=status)


def _draft(uploads: Drafts, token: str | None, batch: Batch) -> Draft | None:
    """The upload that became this load, while what is left of it is kept."""
    try:
        draft = uploads.find(token or "")
    except Problem:
        return None
    return draft if draft.batch == batch.number else None


def _number(text: str) -> int:
    return ids.read(text, Problem(UNKNOWN_BATCH, number=text))


def _members(batch: Batch) -> Mapping[str, Any]:
    times = {"loaded_at": batch.loaded_at.isoformat()}
    undone = batch.undone_at
    return asdict(batch) | times | {"undone_at": undone.isoformat() if undone else None}
