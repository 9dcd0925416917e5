"""Duties: who has which, giving, handing over and ending them, and where they are missing."""

from collections.abc import Iterable
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.engine import Connection

from api import bodies, ids, links
from api.bodies import JSONBody
from api.caching import allowed
from api.context import Context
from api.days import Day
from api.deps import ActorOf, Ctx, ReaderLang, needs
from api.links import address
from api.media import JSON, XLSX, answers
from api.members.duties import (
    change_members,
    coverage_members,
    duty_members,
    etag,
    readings,
    visible,
)
from api.parameters import Asked, Params
from api.routes.duty_pages import Asking, AskingOf
from gis.errors import Lang, Problem
from layers.declaring.duties import role_named
from layers.declaring.limits import USUAL, Limits
from layers.declaring.people import EVERYWHERE
from layers.declaring.rights import Right
from layers.duties import coverage as duty_coverage
from layers.duties import giving as duties
from layers.duties import history as duty_history
from layers.duties import persons
from layers.duties import records as duty_records
from layers.duties import workbook as duty_workbook
from layers.duties.giving import Assignment, Target
from layers.duties.persons import Holder, Person
from layers.duties.records import Duty
from layers.reading import reading_log
from layers.reading.past import today
from layers.refusals.duties import UNKNOWN_DUTY
from layers.schema.accounts import TEXT_LIMIT
from layers.schema.duties import TEXT_LIMIT as REMARK_LIMIT

router = APIRouter(tags=["Responsibility"], default_response_class=Response)

_APPOINTING = [needs(Right.APPOINT)]
_MAX_ID = 2**63 - 1
_Id = Annotated[int, Field(ge=1, le=_MAX_ID, strict=True)]
_Code = Annotated[str, Field(pattern=r"^[0-9]{12}$")]
_Text = Annotated[str, Field(min_length=1, max_length=TEXT_LIMIT, pattern=r"^[^\x00-\x1f]*$")]
_Remark = Annotated[str, Field(min_length=1, max_length=REMARK_LIMIT, pattern=r"^[^\x00-\x1f]*$")]


class AskedDuties(Asked):
    """What the list takes."""

    layer: str | None = Field(None, description="图层 · Of this layer alone.")
    feature: int | None = Field(None, ge=1, le=_MAX_ID, description="要素 · Of this feature.")
    person: int | None = Field(None, ge=1, le=_MAX_ID, description="人员 · Of this person.")
    role: str | None = Field(None, description="职责 · In this role.")
    on: Day | None = Field(None, description="这一天在任 · Held on this day.")
    division: _Code = Field(EVERYWHERE, description="此区划及其下级 · In this and all below.")
    limit: int = Field(100, ge=1, le=10_000, description="每页条数 · Duties on a page.")
    after: int = Field(0, ge=0, le=_MAX_ID, description="本页之前的编号 · The id before this page.")


class AskedCoverage(BaseModel):
    """What the coverage takes: a division, a day, and what one person can look after."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    f: Literal["json", "xlsx"] = Field("json", description="答复的形式 · The form of the answer.")
    lang: Lang | None = Field(None, description="标题的语言 · The language of titles.")
    division: _Code | None = Field(
        None,
        description="此区划及其下级，默认自己的 · This and all below; one's own unless told.",
    )
    on: Day | None = Field(None, description="哪一天，默认今天 · On which day.")
    fields: int = Field(USUAL.fields, ge=0, le=10**6, description="网格上限 · Most fields.")
    households: int = Field(
        USUAL.households, ge=0, le=10**9, description="户数上限 · Most households."
    )
    metres: float = Field(USUAL.metres, ge=0, le=1e9, description="路段上限 · Most road metres.")
    cases: int = Field(USUAL.cases, ge=0, le=10**6, description="未结案件上限 · Most open cases.")
    least_units: int = Field(
        USUAL.least_units, ge=0, le=10**6, description="联点单位下限 · Fewest units."
    )
    most_units: int = Field(
        USUAL.most_units, ge=0, le=10**6, description="联点单位上限 · Most units."
    )


class Named(BaseModel):
    """A person by name: whoever is known by it there, else somebody new."""

    model_config = ConfigDict(extra="forbid")

    name: _Text
    unit: _Text | None = None
    post: _Text | None = None
    phone: _Text | None = None


class _Change(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Given(_Change):
    """A new duty; `vacant` is the reason why nobody follows at its end."""

    role: str
    layer: str
    feature: _Id
    person: _Id | Named
    since: Day = Field(alias="from")
    until: Day | None = Field(None, alias="to")
    document: _Remark | None = None
    vacant: _Remark | None = None


class HandedOver(_Change):
    """A duty, who follows, and from which day on."""

    duty: _Id
    person: _Id | Named
    on: Day
    document: _Remark | None = None


class Replaced(_Change):
    """Who begins what is planned, or on which day, or both."""

    person: _Id | Named | None = None
    on: Day | None = None
    document: _Remark | None = None


class Ended(_Change):
    """The day on which a duty ends, and why."""

    on: Day
    reason: _Remark | None = None
    vacant: bool = False


@router.get("/duties", summary="任职 · Who has which duty", responses=answers(JSON))
def list_duties(
    request: Request,
    context: Ctx,
    actor: ActorOf,
    lang: ReaderLang,
    asked: Annotated[AskedDuties, Query()],
) -> Response:
    names = ("layer", "feature", "person", "on", "division", "after")
    role = asked.role and role_named(asked.role).name
    if asked.layer is not None:
        context.registry.layer(asked.layer)
    query = duty_records.Query(
        **{name: getattr(asked, name) for name in names}, role=role, limit=asked.limit + 1
    )
    with context.database.read() as connection:
        found = duty_records.listing(connection, context.registry, query)
        now = today(connection)
    shown = visible(found[: asked.limit], actor)
    _note(context, [duty.person for duty in shown])
    more = len(found) > asked.limit
    following = (
        [{"href": links.here(request, after=shown[-1].id), "rel": "next", "type": JSON}]
        if more
        else []
    )
    members = {
        "duties": [duty_members(duty, lang, now) for duty in shown],
        "links": [*links.self_links(request, JSON), *following],
    }
    return JSONResponse(members)


@router.get(
    "/duties/coverage",
    summary="任职缺口和负担 · Where duties are missing, and who has too much",
    responses=answers(JSON, XLSX),
)
def coverage(
    context: Ctx, actor: ActorOf, lang: ReaderLang, asked: Annotated[AskedCoverage, Query()]
) -> Response:
    limits = Limits(**{name: getattr(asked, name) for name in Limits.__slots__})
    with context.database.read() as connection:
        found = duty_coverage.coverage(
            connection,
            division=asked.division or actor.division,
            limits=limits,
            on=asked.on,
            actor=actor,
        )
    _note(context, [load.person for load in found.loads], asked.f)
    if asked.f == "json":
        return JSONResponse(coverage_members(found, lang))
    name = f"duties-{found.division}-{found.on}.xlsx"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(duty_workbook.write(found, lang), headers=headers, media_type=XLSX)


@router.post(
    "/duties",
    status_code=HTTPStatus.CREATED,
    summary="指定任职 · Give a duty",
    responses=answers(JSON, status=201),
    openapi_extra=bodies.documented((JSON,)),
    dependencies=_APPOINTING,
)
def give(asking: AskingOf, body: JSONBody, _: Params) -> Response:
    given, context = bodies.model(body, Given), asking.context
    target = Target(role=given.role, layer=given.layer, feature=given.feature)
    with context.database.begin() as connection:
        new = Assignment(
            role=given.role,
            layer=given.layer,
            feature=given.feature,
            person=_person(context, connection, target, given.person),
            valid_from=given.since,
            valid_to=given.until,
            document=given.document,
        )
        duty = duties.assign(connection, context.registry, new, vacant=given.vacant)
        now = today(connection)
    location = address(asking.request, f"/duties/{duty.id}")
    return _answer(asking, now, duty, HTTPStatus.CREATED, location=location)


@router.post(
    "/duties/hand-over",
    summary="交接 · Hand a duty over",
    responses=answers(JSON),
    openapi_extra=bodies.documented((JSON,)),
    dependencies=_APPOINTING,
)
def hand_over(asking: AskingOf, body: JSONBody, _: Params) -> Response:
    asked, context = bodies.model(body, HandedOver), asking.context
    with context.database.begin() as connection:
        duty = _held(asking, connection, asked.duty)
        person = _person(context, connection, _target(duty), asked.person)
        begun = duties.hand_over(
            connection,
            context.registry,
            duty.id,
            person=person,
            on=asked.on,
            document=asked.document,
        )
        ended = duty_records.get(connection, context.registry, duty.id)
        now = today(connection)
    both = {"ended": ended, "begun": begun}
    return JSONResponse(
        {name: _told(asking, now, each) for name, each in both.items()},
        headers={"etag": etag(begun)},
    )


@router.get("/duties/{duty_id}", summary="一项任职 · One duty", responses=answers(JSON))
def show(asking: AskingOf, duty_id: str, _: Params) -> Response:
    context = asking.context
    with context.database.read() as connection:
        duty = duty_records.get(connection, context.registry, _number(duty_id))
        now = today(connection)
    return _answer(asking, now, duty)


@router.get(
    "/duties/{duty_id}/history",
    summary="任职的变更记录 · The changes of a duty",
    responses=answers(JSON),
)
def history(
    request: Request, context: Ctx, actor: ActorOf, lang: ReaderLang, duty_id: str, _: Params
) -> Response:
    with context.database.read() as connection:
        changes = duty_history.of_duty(connection, context.registry, _number(duty_id))
        now = today(connection)
    states = [each for change in changes for each in (change.before, change.after) if each]
    _note(context, [duty.person for duty in visible(states, actor)])
    own = links.link(request, f"/duties/{duty_id}", "item", JSON)
    members = {
        "links": [*links.self_links(request, JSON), own],
        "changes": [change_members(change, actor, lang, now) for change in changes],
    }
    return JSONResponse(members)


@router.post(
    "/duties/{duty_id}/replace",
    summary="改动尚未开始的任职 · Change who begins what is planned, or when",
    responses=answers(JSON),
    openapi_extra=bodies.documented((JSON,)),
    dependencies=_APPOINTING,
)
def replace(asking: AskingOf, duty_id: str, body: JSONBody, _: Params) -> Response:
    asked, context = bodies.model(body, Replaced), asking.context
    with context.database.begin() as connection:
        duty = _held(asking, connection, _number(duty_id))
        named = asked.person
        person = None if named is None else _person(context, connection, _target(duty), named)
        changed = duties.replace_planned(
            connection,
            context.registry,
            duty.id,
            person=person,
            on=asked.on,
            document=asked.document,
        )
        now = today(connection)
    return _answer(asking, now, changed)


@router.post(
    "/duties/{duty_id}/end",
    summary="结束任职 · End a duty",
    responses=answers(JSON),
    openapi_extra=bodies.documented((JSON,)),
    dependencies=_APPOINTING,
)
def end(asking: AskingOf, duty_id: str, body: JSONBody, _: Params) -> Response:
    asked, context = bodies.model(body, Ended), asking.context
    with context.database.begin() as connection:
        duty = _held(asking, connection, _number(duty_id))
        ended = duties.end(
            connection,
            context.registry,
            duty.id,
            on=asked.on,
            reason=asked.reason,
            vacant=asked.vacant,
        )
        now = today(connection)
    if ended is None:
        return JSONResponse({"withdrawn": True})
    return _answer(asking, now, ended)


def _held(asking: Asking, connection: Connection, duty_id: int) -> Duty:
    """A duty to be changed, if it is the one that the reader saw."""

    def was(duty: Duty) -> bool:
        return allowed(asking.request, etag(duty))

    return duties.held(connection, asking.context.registry, duty_id, was)


def _answer(
    asking: Asking, now: date, duty: Duty, status: int = HTTPStatus.OK, **headers: str
) -> Response:
    return JSONResponse(_told(asking, now, duty), status, headers | {"etag": etag(duty)})


def _told(asking: Asking, now: date, duty: Duty) -> dict[str, Any]:
    (shown,) = visible([duty], asking.actor)
    _note(asking.context, [shown.person])
    return duty_members(shown, asking.lang, now)


def _note(context: Context, people: Iterable[Holder], form: str = "json") -> None:
    reading_log.note(context.database, readings("duties", people, form))


def _target(duty: Duty) -> Target:
    return Target(role=duty.role.name, layer=duty.layer, feature=duty.feature)


def _person(context: Context, connection: Connection, target: Target, named: int | Named) -> int:
    if isinstance(named, int):
        return persons.get(connection, named).id
    person = Person(**named.model_dump())
    return duties.someone(connection, context.registry, target, person)


def _number(text: str) -> int:
    return ids.read(text, Problem(UNKNOWN_DUTY, id=text))
