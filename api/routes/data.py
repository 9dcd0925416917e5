"""Whole layers in and out: exports that stream, imports that load all or nothing."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Query, Request, Response, UploadFile
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api import pages
from api.context import Context
from api.deps import Ctx, LayerOf, ReaderLang
from api.errors import finding_members
from api.media import HTML, JSON, answers
from api.parameters import PageParams, Params, box
from api.statuses import status_of
from api.streaming import Streamed
from gis import files
from gis.errors import DATABASE_BUSY, Lang, Problem
from gis.files import Hints, Limits
from layers import columns, exporting, importing
from layers.declare import Layer
from layers.exporting import FORMATS
from layers.importing import Options, Report
from maps.pages import ImportForm, Outcome
from maps.pages import importing as import_page

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


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came in a form, and how to load it."""

    file: UploadFile
    name: str
    hints: Hints
    options: Options


async def _upload(
    *,
    file: UploadFile,
    on_conflict: Annotated[Literal["fail", "skip", "update"], Form()] = "fail",
    dry_run: Annotated[bool, Form()] = False,
    crs: Annotated[str | None, Form(max_length=40)] = None,
    encoding: Annotated[str | None, Form(max_length=40)] = None,
    mapping: Annotated[
        list[str], Form(alias="map", default_factory=list, description="字段=列名 · field=column")
    ],
) -> Upload:
    return Upload(
        file=file,
        name=file.filename or "",
        hints=Hints(crs=crs or None, encoding=encoding or None),
        options=Options(columns.pairs(mapping), on_conflict, dry_run),
    )


UploadOf = Annotated[Upload, Depends(_upload)]


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


@router.post(
    "/collections/{layer}/import",
    summary="导入文件，全有或全无 · Load a file into a layer, all or nothing",
    responses=answers(JSON),
)
def import_file(
    context: Ctx, layer: LayerOf, lang: ReaderLang, upload: UploadOf, _: Params
) -> Response:
    return JSONResponse(_members(_load(context, layer, upload), lang))


@router.get("/import", summary="导入页面 · The import form", responses=answers(HTML))
def import_form(request: Request, context: Ctx, lang: ReaderLang, _: PageParams) -> Response:
    form = ImportForm(
        layer=request.query_params.get("layer"), limit_mb=context.settings.upload_limit_mb
    )
    page = import_page(context.registry, lang, form, query=pages.kept_query(request))
    return pages.html(request, page)


@router.post("/import", summary="提交导入页面 · Load a file from the form", responses=answers(HTML))
def import_from_form(
    request: Request,
    context: Ctx,
    lang: ReaderLang,
    layer: Annotated[str, Form()],
    upload: UploadOf,
) -> Response:
    status = 200
    try:
        outcome = _accepted(_load(context, context.registry.layer(layer), upload))
    except Problem as problem:
        status = status_of(problem.rule)
        outcome = _refused(problem, layer, upload, lang)
    form = ImportForm(
        layer=layer,
        on_conflict=upload.options.on_conflict,
        # A file that has just been checked is what people then want to load.
        dry_run=status != 200 or not upload.options.dry_run,
        limit_mb=context.settings.upload_limit_mb,
    )
    return pages.html(request, import_page(context.registry, lang, form, outcome), status=status)


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


def _load(context: Context, layer: Layer, upload: Upload) -> Report:
    limits = Limits(bytes=context.settings.upload_limit_mb * 1_000_000)
    source = files.read(upload.file.file, name=upload.name, hints=upload.hints, limits=limits)
    return importing.load(context.database, layer, source, upload.options)


def _members(report: Report, lang: Lang) -> dict[str, Any]:
    return {
        "layer": report.layer,
        "file": report.name,
        "dry_run": report.dry_run,
        "rows": report.rows,
        "new": report.new,
        "updated": report.updated,
        "skipped": report.skipped,
        "used": dict(report.used),
        "ignored": report.ignored,
        "notes": [finding_members(note, lang) for note in report.notes],
    }


def _accepted(report: Report) -> Outcome:
    return Outcome(
        accepted=True,
        dry_run=report.dry_run,
        layer=report.layer,
        file=report.name,
        rows=report.rows,
        new=report.new,
        updated=report.updated,
        skipped=report.skipped,
        refused=0,
        findings=report.notes,
        used={column: name for name, column in report.used.items()},
        ignored=report.ignored,
    )


def _refused(problem: Problem, layer: str, upload: Upload, lang: Lang) -> Outcome:
    values = problem.values
    rows, refused = values.get("rows", 0), values.get("refused", 0)
    return Outcome(
        accepted=False,
        dry_run=upload.options.dry_run,
        layer=layer,
        file=upload.name,
        rows=rows if isinstance(rows, int) else 0,
        new=0,
        updated=0,
        skipped=0,
        refused=refused if isinstance(refused, int) else 0,
        sentence=problem.sentence(lang),
        findings=problem.findings,
        suppressed=problem.suppressed,
    )
