"""The address book: who answers within one's own ground, and how to reach them."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Query, Request, Response, UploadFile
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from api import bodies, ids, links, pages
from api.bodies import JSONBody
from api.context import Context, lang_of
from api.deps import ActorOf, Ctx, ReaderLang, needs
from api.media import HTML, JSON, answers
from api.negotiation import wants_html
from api.parameters import AskedPage, PageParams, Params
from api.statuses import status_of
from api.words.people import words
from gis import files
from gis.errors import Problem
from layers.declaring.people import Actor
from layers.declaring.rights import Right
from layers.duties import directory
from layers.duties.directory import Brought, Listed
from layers.reading import reading_log
from layers.reading.reading_log import Reading
from layers.refusals.duties import UNKNOWN_PERSON
from layers.schema.accounts import PERSONS, TEXT_LIMIT

router = APIRouter(
    prefix="/people",
    tags=["Duties"],
    default_response_class=Response,
    dependencies=[needs(Right.APPOINT)],
)

_PAGE = 100


class AskedPeople(AskedPage):
    """What the address book takes."""

    after: int = Field(
        0, ge=0, le=10**ids.MAX_DIGITS, description="本页之前的编号 · The id before this page."
    )


class Details(BaseModel):
    """How to reach somebody; what is empty is taken away, what is not named stays."""

    model_config = ConfigDict(extra="forbid")

    unit: str | None = Field(None, max_length=TEXT_LIMIT)
    post: str | None = Field(None, max_length=TEXT_LIMIT)
    phone: str | None = Field(None, max_length=TEXT_LIMIT)


class DetailsForm(Details):
    """The page's form: a field that is empty does not arrive, so it says that it is all there."""

    whole: Literal["1"]


@router.get("", summary="通讯录 · The address book", responses=answers(JSON, HTML))
def list_people(
    request: Request,
    context: Ctx,
    actor: ActorOf,
    asked: Annotated[AskedPeople, Query()],
) -> Response:
    if wants_html(request):
        return _page(request, context, actor, asked.after)
    found, more = _found(context, actor, asked.after, "json")
    following = [_next(request, found)] if more else []
    members = {
        "people": [asdict(each) for each in found],
        "links": [*links.self_links(request, JSON), *following],
    }
    return JSONResponse(members)


@router.post("/import", summary="导入名单 · Bring a list of people", responses=answers(JSON))
def bring(
    request: Request, context: Ctx, actor: ActorOf, lang: ReaderLang, file: UploadFile, _: Params
) -> Response:
    try:
        table = files.table(file.file, name=file.filename or "", limits=context.settings.limits)
        with context.database.begin() as connection:
            brought = directory.bring(connection, actor, table)
    except Problem as problem:
        if not wants_html(request):
            raise
        return _page(request, context, actor, 0, problem=problem)
    if wants_html(request):
        return _page(request, context, actor, 0, brought=brought)
    findings = [
        {"row": each.row, "column": each.column, "message": each.sentence(lang)}
        for each in brought.findings
    ]
    counts = {"changed": brought.changed, "unchanged": brought.unchanged}
    return JSONResponse({**counts, "refused": findings})


@router.get("/{person_id}", summary="一个人 · One person", responses=answers(JSON, HTML))
def show(request: Request, context: Ctx, actor: ActorOf, person_id: str, _: PageParams) -> Response:
    with context.database.read() as connection:
        found = directory.get(connection, actor, _number(person_id))
    form = "html" if wants_html(request) else "json"
    _noted(context, [found], form)
    return _form(request, found) if form == "html" else JSONResponse(asdict(found))


@router.patch(
    "/{person_id}",
    summary="修改联系方式 · Change how to reach somebody",
    responses=answers(JSON),
    openapi_extra=bodies.documented((JSON,)),
)
def change(context: Ctx, actor: ActorOf, person_id: str, body: JSONBody, _: Params) -> Response:
    told = bodies.model(body, Details).model_dump(exclude_unset=True)
    with context.database.begin() as connection:
        found = directory.amend(connection, actor, _number(person_id), told)
    _noted(context, [found], "json")
    return JSONResponse(asdict(found))


@router.post("/{person_id}", include_in_schema=False)
def save(
    request: Request,
    context: Ctx,
    actor: ActorOf,
    person_id: str,
    form: Annotated[DetailsForm, Form()],
    _: PageParams,
) -> Response:
    number, told = _number(person_id), form.model_dump(include=set(directory.DETAILS))
    try:
        with context.database.begin() as connection:
            directory.amend(connection, actor, number, told)
    except Problem as problem:
        if problem.rule is UNKNOWN_PERSON:
            raise
        with context.database.read() as connection:
            found = directory.get(connection, actor, number)
        _noted(context, [found], "html")
        return _form(request, found, told=told, problem=problem)
    return RedirectResponse("/people", HTTPStatus.SEE_OTHER)


def _page(
    request: Request,
    context: Context,
    actor: Actor,
    after: int,
    *,
    brought: Brought | None = None,
    problem: Problem | None = None,
) -> Response:
    found, more = _found(context, actor, after, "html")
    w = words(lang_of(request))
    return pages.own(
        request,
        "people.html",
        status=HTTPStatus.OK if problem is None else status_of(problem.rule),
        section="people",
        w=w,
        people=found,
        more=f"/people?after={found[-1].id}" if more else None,
        endings=files.TABLES,
        brought=brought,
        said=brought and w["brought"].format(**_counts(brought)),
        problem=problem,
    )


def _form(
    request: Request,
    found: Listed,
    *,
    told: dict[str, str | None] | None = None,
    problem: Problem | None = None,
) -> Response:
    return pages.own(
        request,
        "person.html",
        status=HTTPStatus.OK if problem is None else status_of(problem.rule),
        section="people",
        w=words(lang_of(request)),
        person=found,
        values={name: getattr(found, name) for name in directory.DETAILS} | (told or {}),
        problem=problem,
    )


def _found(context: Context, actor: Actor, after: int, form: str) -> tuple[list[Listed], bool]:
    with context.database.read() as connection:
        found = directory.listed(connection, actor, limit=_PAGE + 1, after=after)
    _noted(context, found[:_PAGE], form)
    return found[:_PAGE], len(found) > _PAGE


def _noted(context: Context, people: list[Listed], form: str) -> None:
    """Nobody is told names and numbers before that is written down."""
    if people:
        reading = Reading("people", PERSONS.name, len(people), form)
        reading_log.note(context.database, [reading])


def _next(request: Request, found: list[Listed]) -> dict[str, str]:
    return {"href": links.here(request, after=found[-1].id), "rel": "next", "type": JSON}


def _counts(brought: Brought) -> dict[str, Any]:
    counts = {"changed": brought.changed, "unchanged": brought.unchanged}
    return {**counts, "refused": len(brought.findings)}


def _number(text: str) -> int:
    return ids.read(text, Problem(UNKNOWN_PERSON, id=text))
