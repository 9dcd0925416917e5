"""Logging on the spot: a record comes under a name that the phone gave it, once and for all."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.convertors import Convertor, register_url_convertor

from api import bodies, ids, packing
from api.auth import acting_context, actor_of
from api.caching import tagged
from api.deps import ActorOf, Ctx, needs, require
from api.links import address
from api.media import JSON, answers
from api.parameters import Params
from gis.errors import RECORD_NAME, Problem
from layers import field_pack, submissions
from layers.rights import Right
from layers.submissions import Sent
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


@router.put(
    "/collections/{layer}/items/{uuid:record}",
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
async def log(request: Request, layer: str, uuid: str, _: Params) -> Response:
    # Reads by hand what other routes ask for by type: many phones ask for this one at once.
    require(actor_of(request), Right.LOG)
    body = await bodies.read(request, bodies.FEATURE_TYPES)
    return await run_in_threadpool(_logged, request, layer, uuid, body)


def _logged(request: Request, layer_name: str, uuid: str, body: bytes) -> Response:
    context, actor = acting_context(request), actor_of(request)
    layer = context.registry.layer(layer_name)
    name = ids.uuid(uuid)
    if name is None:
        raise Problem(RECORD_NAME, name=uuid)
    receipt, new = submissions.receive(
        context.database,
        actor,
        Sent(layer, name, body),
        within=context.reach(layer),
        calendar=context.workdays.now(context.database),
    )
    if receipt.leader:
        context.note("log", grid_fields.LAYER, 1, "json")
    headers = {"cache-control": "no-store"}
    if new:
        path = f"/collections/{layer.name}/items/{receipt.feature}"
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
