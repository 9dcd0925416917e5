"""What is due each month, such as two meetings: how often it was held, and what was missed."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from api import links, pages
from api.deps import Ctx, ReaderLang
from api.media import HTML, JSON, answers
from api.negotiation import wants_html
from api.parameters import AskedPage, Within
from gis.errors import Lang
from layers.declaring import period
from layers.declaring.people import EVERYWHERE
from layers.declaring.period import Period
from layers.reading.past import today
from layers.reporting import cadence
from layers.reporting.cadence import Beat
from maps.pages import cadence as cadence_page

router = APIRouter(tags=["Reports"], default_response_class=Response)


class AskedCadence(AskedPage):
    """Of which time and which ground."""

    period: str | None = Field(
        None,
        max_length=40,
        description="2017-07、2017-Q3、2017 或 起/止日期，默认今年以来 · A month, a quarter, a "
        "year or first/last day; this year so far unless told.",
    )
    place: Within = None


@router.get(
    "/cadence",
    summary="每月应开的会、应做的检查 · What is due each month, and how often it was held",
    responses=answers(JSON, HTML),
)
def due_each_month(
    request: Request, context: Ctx, lang: ReaderLang, asked: Annotated[AskedCadence, Query()]
) -> Response:
    with context.database.read() as connection:
        now = today(connection)
        wanted = period.parse(asked.period) if asked.period else Period(now, now).year_to_date
        beats = cadence.beats(
            connection, context.registry, wanted, today=now, within=asked.place or EVERYWHERE
        )
    if wants_html(request):
        page = cadence_page.render(wanted, beats, lang, visit=pages.visit_of(request))
        return pages.html(request, page)
    members = [_members(request, beat, lang) for beat in beats]
    found = {"period": wanted.name, "beats": members, "missed": len(cadence.missed(beats))}
    return JSONResponse({**found, "links": links.self_links(request, JSON)})


def _members(request: Request, beat: Beat, lang: Lang) -> dict[str, Any]:
    told = {
        "cadence": beat.cadence.name,
        "label": beat.cadence.label.of(lang),
        "standard": beat.cadence.standard,
        "division": beat.division,
        "divisionName": beat.division_name,
        "month": beat.month.name,
        "count": beat.count,
        "least": beat.cadence.least,
        "isOver": beat.is_over,
        "isMissed": beat.is_missed,
        "records": links.address(request, cadence_page.records_address(beat)),
    }
    return told if not beat.is_missed else {**told, "warning": beat.finding().sentence(lang)}
