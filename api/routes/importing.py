"""Files into layers: a dialogue for people, one call for programs."""

import json
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any, Literal, TypedDict
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Form, Query, Request, Response, UploadFile
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import Field

from api import pages
from api.context import Context
from api.deps import ActorOf, Ctx, HangingUp, LayerOf, ReaderLang, Uploads, needs
from api.media import GEOJSON, HTML, JSON, XLSX, answers
from api.parameters import PageParams, Params
from api.refusals import UNKNOWN_DRAFT
from api.statuses import status_of
from api.uploads import course as courses
from api.uploads import drafts
from api.uploads import shown as previews
from api.uploads.course import Following
from api.uploads.dialogue import Answers, QueryAnswers, Reader, form_answers, reader_of
from api.uploads.drafts import Draft, Drafts
from api.uploads.shown import View
from gis import files, streams
from gis.errors import Lang, Problem
from gis.refusals.files import FILE_FORMAT
from gis.stopping import Interrupted
from layers.arriving import batches, importing, rest, streaming
from layers.arriving import report as import_report
from layers.arriving.examination import Examination, ImportRefused
from layers.declaring.rights import Right
from layers.refusals.imports import REST_TOO_LONG
from maps import overlay, preview, report_file
from maps.page import policy
from maps.pages import importing as import_pages
from maps.pages.import_draft import Seen, Told, Upload
from maps.pages.importing import Form as StartForm

router = APIRouter(
    tags=["Import and export"],
    default_response_class=Response,
    dependencies=[needs(Right.IMPORT)],
)

_SHOWN = 5
_FIGURES = ("rows", "new", "updated", "unchanged", "skipped", "refused", "deleted")
_COURSE = ("phase", "share", "rows_per_second", "seconds_left")
_REPORTS = {"html": HTML, "xlsx": XLSX, "json": JSON}
_RESTS = {"xlsx": XLSX, "csv": "text/csv; charset=utf-8", "geojson": GEOJSON}

FormAnswers = Annotated[Answers, Depends(form_answers)]


class _Record(TypedDict):
    """What a batch remembers of whoever loaded which file."""

    loaded_by: str
    sha256: str


class AskedReport(Answers):
    """The report on an upload, as it would be loaded with these answers."""

    f: Literal["html", "xlsx", "json"] = Field("html", description="报告的格式 · The format.")


class AskedRest(Answers):
    """The rows of an upload that are left out, or would be."""

    f: Literal["xlsx", "csv", "geojson"] = Field("xlsx", description="文件的格式 · The format.")


class AskedFeatures(Answers):
    """The rows of an upload as features; with `candidate` where a datum would put them."""

    candidate: Literal["wgs84", "gcj02", "bd09"] | None = Field(
        None, description="假定的基准 · The datum to suppose."
    )


class AskedDraft(Answers):
    """What was said of an upload so far."""

    changed: bool = Field(default=False, description="刚改过选择 · Answers have just changed.")


# --- one call for programs ------------------------------------------------------------------------
@router.post(
    "/collections/{layer}/import",
    summary="导入文件，全有或全无 · Load a file into a layer, all or nothing",
    responses=answers(JSON),
)
def import_file(
    *,
    context: Ctx,
    actor: ActorOf,
    layer: LayerOf,
    lang: ReaderLang,
    file: UploadFile,
    said: FormAnswers,
    hung_up: HangingUp,
    _: Params,
    dry_run: Annotated[bool, Form()] = False,
) -> Response:
    reader = reader_of(context, layer)
    told = replace(said.told(), on_conflict=said.on_conflict or "fail")
    digest = drafts.fingerprint(file.file)
    file.file.seek(0)
    options = reader.options(told, accept_valid=said.accept_valid, dry_run=dry_run)
    name, size = file.filename or "", file.size or 0
    known = (context.database, context.registry, layer)
    record: _Record = {"loaded_by": actor.name, "sha256": digest}
    try:
        with courses.until(hung_up) as switch:
            if streams.is_large(name, size) and streaming.takes(layer, options):
                with reader.stream(file.file, name, told) as stream:
                    report = streaming.load(*known, stream, options, switch=switch, **record)
            else:
                source = reader.read(file.file, name, told)
                report = importing.load(*known, source, options, switch=switch, **record)
    except Interrupted:
        return Response(status_code=HTTPStatus.REQUEST_TIMEOUT)  # nobody is there to read it
    figures = {name: getattr(report, name) for name in _FIGURES}
    return JSONResponse(figures | import_report.members(report, lang))


# --- bringing a file ------------------------------------------------------------------------------
@router.get("/import", summary="导入页面 · The import form", responses=answers(HTML))
def import_form(request: Request, context: Ctx, lang: ReaderLang, _: PageParams) -> Response:
    form = StartForm(request.query_params.get("layer"), context.settings.upload_limit_mb)
    with context.database.read() as connection:
        found = batches.listing(connection, limit=_SHOWN)
    visit = pages.visit_of(request)
    page = import_pages.start(context.registry, lang, form, found, visit=visit)
    return pages.html(request, page)


@router.post(
    "/import",
    summary="上传文件，等待确认 · Bring a file that waits to be looked at",
    status_code=HTTPStatus.SEE_OTHER,
)
def import_from_form(
    context: Ctx, uploads: Uploads, layer: Annotated[str, Form()], file: UploadFile, _: PageParams
) -> Response:
    chosen = context.registry.layer(layer)
    name = file.filename or ""
    if not name.lower().endswith(files.formats()):
        raise Problem(FILE_FORMAT, name=name[-40:], allowed=" ".join(files.formats()))
    draft = uploads.stage(file.file, layer=chosen.name, name=name)
    return _see(f"/import/drafts/{draft.token}")


# --- looking at it --------------------------------------------------------------------------------
@router.get(
    "/import/drafts/{token}",
    summary="一份等待确认的上传 · A file that waits, and how it is understood",
    responses=answers(HTML),
)
def draft_page(
    *,
    request: Request,
    context: Ctx,
    uploads: Uploads,
    lang: ReaderLang,
    token: str,
    said: Annotated[AskedDraft, Query()],
) -> Response:
    draft = uploads.find(token)
    if draft.batch is not None:
        return _see_batch(draft)
    reader = _reader(context, draft)
    seen = replace(reader.look(draft, said.told()), changed=said.changed)
    return _draft_page(request, reader, draft, seen, lang)


@router.get(
    "/import/drafts/{token}/map",
    summary="上传的预览地图 · The map of a file that waits",
    responses=answers(HTML),
)
def draft_map(
    *,
    request: Request,
    context: Ctx,
    uploads: Uploads,
    lang: ReaderLang,
    token: str,
    said: QueryAnswers,
) -> Response:
    draft, told = _waiting(uploads, token), said.told()
    layer = context.registry.layer(draft.layer)
    address = f"/import/drafts/{token}/features?{told.query()}"
    view = _view(context, draft, told, lang)
    drawn = preview.candidates(
        layer, lang, lambda datum: f"{address}&candidate={datum.value}", view.candidates
    ) or (preview.rows(layer, lang, address),)
    page = overlay.render(
        context.registry, lang, drawn, title=draft.name, bounds=view.bounds, embedded=True
    )
    return pages.html(request, page.html, policy=policy(page.script_hashes))


@router.get(
    "/import/drafts/{token}/features",
    summary="上传里的位置 · The rows of a file that waits, as features",
    responses=answers(GEOJSON),
)
def draft_features(
    context: Ctx,
    uploads: Uploads,
    lang: ReaderLang,
    token: str,
    said: Annotated[AskedFeatures, Query()],
) -> Response:
    draft, told = _waiting(uploads, token), said.told()
    _view(context, draft, told, lang)
    body = previews.features(draft, told, lang, said.candidate)
    return Response(body, media_type=GEOJSON)


@router.get(
    "/import/drafts/{token}/report",
    summary="检查报告 · The report on a file that waits",
    responses=answers(*_REPORTS.values()),
)
def draft_report(
    context: Ctx,
    uploads: Uploads,
    lang: ReaderLang,
    token: str,
    asked: Annotated[AskedReport, Query()],
) -> Response:
    draft = _waiting(uploads, token)
    examination = _examined(_reader(context, draft).look(draft, asked.told()))
    body = _report(examination, asked.f, lang)
    return _download(body, draft, "report", f".{asked.f}", _REPORTS[asked.f])


@router.get(
    "/import/drafts/{token}/rest",
    summary="没有导入的行 · The rows that are left out, to be mended",
    responses=answers(*_RESTS.values()),
)
def draft_rest(
    context: Ctx,
    uploads: Uploads,
    lang: ReaderLang,
    token: str,
    asked: Annotated[AskedRest, Query()],
) -> Response:
    draft, ending = uploads.find(token), f".{asked.f}"
    if draft.batch is None:
        look = _reader(context, draft).look(draft, asked.told(), accept_valid=True)
        body: bytes | None = rest.write(_examined(look), ending, lang)
    else:
        body = drafts.rest(draft, ending)
    if body is None:
        raise Problem(UNKNOWN_DRAFT)
    return _download(body, draft, "rest", ending, _RESTS[asked.f])


# --- deciding -------------------------------------------------------------------------------------
@router.post(
    "/import/drafts/{token}",
    summary="导入这份上传 · Load a file that waits",
    status_code=HTTPStatus.SEE_OTHER,
)
def load_draft(
    *,
    request: Request,
    context: Ctx,
    actor: ActorOf,
    uploads: Uploads,
    lang: ReaderLang,
    token: str,
    said: FormAnswers,
    hung_up: HangingUp,
    seen: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    told = said.told()
    with uploads.held(token) as draft:
        if draft.batch is not None:  # the second of two clicks
            return _see_batch(draft)
        if seen is not None and seen != told.digest():
            return _see(f"/import/drafts/{token}?{told.query()}&changed=true")
        reader = _reader(context, draft)
        looked: Seen | None = None
        try:
            with courses.followed(draft, hung_up) as following:
                looked = reader.look(
                    draft, told, accept_valid=said.accept_valid, following=following
                )
                batch = _load(reader, draft, looked, lang, following, loaded_by=actor.name)
        except Interrupted:
            return _see(f"/import/drafts/{token}?{told.query()}")
        except Problem as problem:
            if looked is None:
                raise
            refused = _refused(looked, problem)
            status = status_of(problem.rule)
            return _draft_page(request, reader, draft, refused, lang, status=status)
        if batch is None:
            return _see(f"/import/drafts/{token}?{told.query()}")
        drafts.became(draft, batch)
        return _see_batch(replace(draft, batch=batch))


@router.get(
    "/import/drafts/{token}/progress",
    summary="导入进行到哪里 · How far the load of a file has come",
    responses=answers(JSON),
)
def draft_progress(uploads: Uploads, lang: ReaderLang, token: str, _: Params) -> Response:
    draft = uploads.find(token)
    found = courses.course(draft)
    answer: dict[str, object] = {"running": found is not None, "batch": draft.batch}
    if found is not None:
        figures = {name: getattr(found, name) for name in _COURSE}
        answer |= {**figures, "text": import_pages.course(lang, **figures)}
    return JSONResponse(answer, headers={"cache-control": "no-store"})


@router.post(
    "/import/drafts/{token}/cancel",
    summary="停止正在进行的导入，什么也不存 · End the load of a file; nothing is stored",
    status_code=HTTPStatus.SEE_OTHER,
)
def cancel_draft(_: Ctx, uploads: Uploads, token: str) -> Response:
    draft = uploads.find(token)
    courses.cancel(draft)
    return _see(f"/import/drafts/{token}")


@router.post(
    "/import/drafts/{token}/discard",
    summary="放弃这份上传 · Discard a file that waits",
    status_code=HTTPStatus.SEE_OTHER,
)
def discard_draft(_: Ctx, uploads: Uploads, token: str) -> Response:
    with uploads.held(token) as draft:
        drafts.discard(draft)
    return _see("/import")


# --- parts ----------------------------------------------------------------------------------------
def _reader(context: Context, draft: Draft) -> Reader:
    return reader_of(context, context.registry.layer(draft.layer))


def _waiting(uploads: Drafts, token: str) -> Draft:
    draft = uploads.find(token)
    if draft.batch is not None:
        raise Problem(UNKNOWN_DRAFT)
    return draft


def _view(context: Context, draft: Draft, told: Told, lang: Lang) -> View:
    """What the map shows; the file is examined again only where no page was shown."""
    found = previews.view(draft, told, lang)
    if found is not None:
        return found
    reader = _reader(context, draft)
    seen = reader.look(draft, told)
    return previews.keep(draft, told, _examined(seen), reader.around(seen).outside, lang)


def _examined(seen: Seen) -> Examination:
    """What there is to show; the question that stands before it is the refusal here."""
    if seen.examination is None:
        raise seen.trouble or Problem(UNKNOWN_DRAFT)
    return seen.examination


def _load(
    reader: Reader,
    draft: Draft,
    looked: Seen,
    lang: Lang,
    following: Following,
    *,
    loaded_by: str,
) -> int | None:
    """Load what was looked at; the number of the batch, None when there was nothing to change."""
    examination = _examined(looked)
    for doubt in examination.doubts:
        # A program is told in a note; a person has been asked, and is not passed over.
        values: dict[str, Any] = dict(doubt.values)
        raise Problem(doubt.rule, **values)
    if examination.counts.refused:
        _keep_rest(draft, examination, lang)
    context = reader.context
    report = importing.load(
        context.database,
        context.registry,
        reader.layer,
        examination.source,
        examination.options,
        progress=following.enter("copying"),
        switch=following.switch,
        loaded_by=loaded_by,
        sha256=draft.sha256,
    )
    return report.batch


def _keep_rest(draft: Draft, examination: Examination, lang: Lang) -> None:
    for ending in rest.ENDINGS:
        try:
            drafts.keep_rest(draft, ending, rest.write(examination, ending, lang))
        except Problem as problem:
            if problem.rule is not REST_TOO_LONG:  # of one form; the others hold any geometry
                raise


def _refused(looked: Seen, problem: Problem) -> Seen:
    """What was looked at with the reason why it was not loaded."""
    if status_of(problem.rule) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise problem
    found = problem.examination if isinstance(problem, ImportRefused) else looked.examination
    return replace(looked, examination=found, trouble=problem)


def _draft_page(
    request: Request,
    reader: Reader,
    draft: Draft,
    seen: Seen,
    lang: Lang,
    *,
    status: int = HTTPStatus.OK,
) -> Response:
    around = reader.around(seen)
    if seen.examination:
        previews.keep(draft, seen.told, seen.examination, around.outside, lang)
    upload = Upload(draft.token, draft.name, draft.size, reader.layer)
    actor = pages.visit_of(request).actor
    page = import_pages.draft(lang, upload, seen, around, actor=actor)
    # What the page shows of the database may have changed with the next look.
    return pages.html(request, page, status=status, headers={"cache-control": "no-store"})


def _report(examination: Examination, form: str, lang: Lang) -> bytes:
    if form == "xlsx":
        return import_report.xlsx(examination, lang)
    if form == "html":
        return report_file.import_report(examination, lang).encode("utf-8", "replace")
    members = import_report.members(examination, lang)
    return json.dumps(members, ensure_ascii=False).encode("utf-8", "replace")


def _download(body: bytes, draft: Draft, kind: str, ending: str, media_type: str) -> Response:
    stem = draft.name.rpartition(".")[0] or draft.name
    named = quote(f"{stem}-{kind}{ending}", safe="", errors="replace")
    disposition = f"attachment; filename=\"{kind}{ending}\"; filename*=UTF-8''{named}"
    headers = {"content-disposition": disposition, "cache-control": "no-store"}
    return Response(body, media_type=media_type, headers=headers)


def _see_batch(draft: Draft) -> Response:
    return _see(f"/import/batches/{draft.batch}?{urlencode({'draft': draft.token})}")


def _see(address: str) -> Response:
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)
