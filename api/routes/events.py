"""What is logged on the spot, told while it comes in."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import Field

from api.context import context_of
from api.deps import Ctx, SessionOf
from api.event_stream import EventStream, Reader
from api.media import EVENTS, answers
from api.parameters import AskedPlainly
from api.refusals import SIGN_IN_NEEDED
from gis.errors import Problem
from layers.freshness import marks

router = APIRouter(tags=["Field"], default_response_class=Response)


class AskedEvents(AskedPlainly):
    """From where on, and for how long."""

    since: str | None = Field(
        None,
        description="从哪个位置接着听；重连时浏览器用 Last-Event-ID · The mark to go on from; a "
        "browser that comes back says it as Last-Event-ID.",
    )
    seconds: float | None = Field(
        None,
        ge=0,
        le=86_400,
        allow_inf_nan=False,
        description="几秒后结束；要 text/event-stream 的默认不结束，否则只给已有的 · After how "
        "many seconds to end; by default at once, or never where text/event-stream is asked for.",
    )


@router.get(
    "/events",
    summary="实时上报：服务器推送 · What is logged, as it comes in: server-sent events",
    description=(
        "事件 `logged`：本人权限内新上报的记录，提交后 2 秒内送达；`id` 是读到的位置，原样带回即可"
        "不重不漏地接上。 · Events `logged`: records within one's rights, told within 2 s of their "
        "commit; `id` is a mark that is brought back as it is, to go on without loss or doubling."
    ),
    responses=answers(EVENTS),
)
async def events(
    request: Request,
    context: Ctx,
    session: SessionOf,
    asked: Annotated[AskedEvents, Query()],
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    brought = last_event_id or asked.since
    mark = marks.read(brought, "since") if brought else None
    reader = Reader(context_of(request), context, session)
    first = await reader.look(mark)
    if first is None:
        raise Problem(SIGN_IN_NEEDED)
    return EventStream(reader, first, _seconds(request, asked))


def _seconds(request: Request, asked: AskedEvents) -> float | None:
    """For how long to go on, None for no end: whoever does not ask for a stream gets an answer."""
    listens = EVENTS in request.headers.get("accept", "")
    return asked.seconds if listens or asked.seconds is not None else 0
