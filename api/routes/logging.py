"""Logging on the spot: a record comes under a name that the phone gave it, once and for all."""

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.convertors import Convertor, register_url_convertor

from api import bodies, ids, packing
from api.auth import acting_context, actor_of
from api.caching import tagged
from api.context import Context, context_of
from api.deps import ActorOf, Ctx, needs, require
from api.lean import Lean
from api.links import address
from api.media import JSON, answers
from api.parameters import Asked, Params
from api.refusals import RECORD_NAME
from gis.errors import Problem
from gis.postgis import Database
from layers.calendar.workdays import Calendars
from layers.declaring.rights import Right
from layers.submissions import field_pack, intake
from layers.submissions import receiving as submissions
from layers.submissions.intake import Arrival
from layers.submissions.receiving import Receipt, Sent
from layers.thematic import grid_fields

router = APIRouter(tags=["In the field"], default_response_class=Response)


class _RecordName(Convertor[str]):
    """What is no number of a feature and may be the name of a record: it has a hyphen."""

    regex = "[0-9A-Za-z]+-[0-9A-Za-z-]*"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("record", _RecordName())
_NO_PARAMETERS = Asked()


async def log(request: Request, layer: str, uuid: str, _: Params = _NO_PARAMETERS) -> Response:
    """Take a record in: with all that come at the same moment, else alone."""
    actor = actor_of(request)
    require(actor, Right.LOG)
    body = await bodies.read(request, bodies.FEATURE_TYPES)
    context = context_of(request)
    wanted = context.registry.layer(layer)
    name = ids.uuid(uuid)
    if name is None:
        raise Problem(RECORD_NAME, name=uuid)
    arrival = Arrival(actor, Sent(wanted, name, body), context.reach(wanted))
    own = acting_context(request)
    stored = await context.intake.ask(arrival)
    receipt, new = (stored, True) if stored else await run_in_threadpool(_alone, own, arrival)
    if receipt.leader and own.is_told(grid_fields.LAYER):
        await run_in_threadpool(own.note, "log", grid_fields.LAYER, 1, "json")
    return _answer(request, receipt, new=new)


# Many phones ask for this one at once.
router.add_api_route(
    "/collections/{layer}/items/{uuid:record}",
    log,
    methods=["PUT"],
    route_class_override=Lean,
    name="log",
    summary="现场登记一条记录，可重复发送 · Log a record; the same again changes nothing",
    description=(
        "名称是手机自己起的 UUID（第 4 或第 7 版，小写）。同样的内容再发答 200，另一份内容答 409；"
        "新收的答 201，此时已写入磁盘。 · The name is a UUID that the phone made (version 4 or 7, "
        "in lower case). The same bytes again answer 200, others 409; what is new answers 201, and "
        "is on the disk by then."
    ),
    responses={**answers(JSON, status=201), **answers(JSON)},
    openapi_extra=bodies.documented(bodies.FEATURE_TYPES),
)


def taken_in(
    database: Database, calendars: Calendars, arrivals: Sequence[Arrival]
) -> list[Receipt | None]:
    """The receipts of those that could be stored together."""
    return intake.take_in(database, arrivals, calendars.now(database))


def _alone(context: Context, arrival: Arrival) -> tuple[Receipt, bool]:
    return submissions.receive(
        context.database,
        arrival.actor,
        arrival.sent,
        within=arrival.within,
        calendar=context.workdays.now(context.database),
    )


def _answer(request: Request, receipt: Receipt, *, new: bool) -> Response:
    headers = {"cache-control": "no-store"}
    if new:
        path = f"/collections/{receipt.layer}/items/{receipt.feature}"
        headers["location"] = address(request, path)
    return JSONResponse(receipt.members(), 201 if new else 200, headers)


@router.get(
    "/field/pack",
    summary="离线所需的资料 · What is needed without a network",
    responses=answers(JSON),
    dependencies=[needs(Right.LOG)],
)
def pack(request: Request, context: Ctx, actor: ActorOf, _: Params) -> Response:
    logged = [layer for layer in context.registry.layers.values() if layer.logged]
    with context.database.read() as connection:
        taken = field_pack.pack(connection, actor, logged)
    context.note("pack", grid_fields.LAYER, len(taken.fields), "json")
    found = packing.members(actor, taken, context.settings, context.registry, context.reaches)
    return tagged(request, JSONResponse(found))
