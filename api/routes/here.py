"""The page 「谁负责」: tap the map, say where one is, or name a place; who answers is told."""

import re
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BeforeValidator, Field
from sqlalchemy.engine import Connection

from api import pages
from api.answers import in_wgs84
from api.context import Context
from api.days import Day
from api.deps import ActorOf, Ctx, ReaderLang
from api.extent import union
from api.media import HTML, answers
from api.members.duties import readings
from api.parameters import AskedPage
from gis.datum import Datum
from layers.declaring.people import Actor
from layers.duties import places
from layers.duties.places import TEXT_LIMIT
from layers.here import responsibility
from layers.reading import reading_log
from layers.reading.past import today
from layers.thematic import grid_fields
from maps.page import policy
from maps.pages import here
from maps.pages.here import Asked, Told
from maps.pages.portal import synthetic

router = APIRouter(tags=["Responsibility"], default_response_class=Response)

_LISTED = 12
_NUMBER = r"[-+]?\d{1,3}(?:\.\d{1,15})?°?"
_LONLAT = re.compile(rf"\s*({_NUMBER})\s*[\s,;\uff0c\uff1b\u3001]\s*({_NUMBER})\s*")
_MAX_LAT = 90.0


def _given(found: Any) -> Any:
    """A form sends its empty fields as well."""
    return None if found == "" else found


class AskedHere(AskedPage):
    """What the page takes: a place, or a text that names some; and a day."""

    lon: Annotated[float | None, BeforeValidator(_given)] = Field(
        None, ge=-180, le=180, allow_inf_nan=False, description="经度 · Longitude in degrees."
    )
    lat: Annotated[float | None, BeforeValidator(_given)] = Field(
        None, ge=-90, le=90, allow_inf_nan=False, description="纬度 · Latitude in degrees."
    )
    on: Annotated[Day | None, BeforeValidator(_given)] = Field(
        None, description="哪一天，默认今天 · On which day; today unless told."
    )
    datum: Literal["wgs84", "gcj02", "bd09"] = Field(
        "wgs84", description="坐标的基准 · What the coordinates refer to."
    )
    q: str = Field(
        "",
        max_length=TEXT_LIMIT,
        description="名称、编号或经纬度 · A name, a code, or coordinates.",
    )


HereParams = Annotated[AskedHere, Query()]


@router.get("/here", summary="谁负责：页面 · Who answers: the page", responses=answers(HTML))
def here_page(
    request: Request, context: Ctx, actor: ActorOf, lang: ReaderLang, asked: HereParams
) -> Response:
    question, told = _answered(context, actor, asked)
    registry = context.registry
    found = context.summaries(
        registry.layers[name] for name in (grid_fields.LAYER.name,) if name in registry.layers
    )
    page = here.page(
        registry,
        lang,
        question,
        told,
        bounds=union(summary.bounds for summary in found.values()),
        approval=context.settings.map_approval,
        synthetic=synthetic(found.values()),
        visit=pages.visit_of(request),
    )
    return pages.html(request, page.html, policy=policy(page.script_hashes))


@router.get(
    "/here/answer",
    summary="谁负责：页面里的答复 · Who answers: the piece of the page that says it",
    responses=answers(HTML),
)
def here_answer(context: Ctx, actor: ActorOf, lang: ReaderLang, asked: HereParams) -> Response:
    question, told = _answered(context, actor, asked)
    text = here.answer(context.registry, lang, question, told)
    return HTMLResponse(text, headers={"cache-control": "no-store", "content-language": lang})


def _answered(context: Context, actor: Actor, asked: AskedHere) -> tuple[Asked, Told]:
    """The question as it was meant, and the answer; what only one place is called means it."""
    question = _question(asked)
    with context.database.read() as connection:
        if question.lon is None and question.text:
            found = places.find(connection, context.registry, question.text, limit=_LISTED + 1)
            if len(found) != 1:
                return question, Told(places=found[:_LISTED], has_more=len(found) > _LISTED)
            question = Asked(lon=found[0].lon, lat=found[0].lat, on=question.on)
        told = _told(connection, actor, question)
    if told.answer is not None:
        people = (term.person for term in told.answer.duties)
        reading_log.note(context.database, readings("here", people, "html"))
    return question, told


def _question(asked: AskedHere) -> Asked:
    place = _place(asked)
    if place is None:
        return Asked(on=asked.on, text=asked.q.strip())
    ((lon, lat),) = in_wgs84([place], Datum(asked.datum))
    return Asked(lon=lon, lat=lat, on=asked.on)


def _place(asked: AskedHere) -> tuple[float, float] | None:
    if asked.lon is not None and asked.lat is not None:
        return asked.lon, asked.lat
    found = _LONLAT.fullmatch(asked.q)
    if found is None:
        return None
    lon, lat = (float(number.rstrip("°")) for number in found.groups())
    if abs(lat) > _MAX_LAT:  # no latitude: they were written the other way round
        lon, lat = lat, lon
    return (lon, lat) if abs(lon) <= 2 * _MAX_LAT and abs(lat) <= _MAX_LAT else None


def _told(connection: Connection, actor: Actor, question: Asked) -> Told:
    if question.lon is None or question.lat is None:
        return Told()
    found = responsibility.at(connection, question.lon, question.lat, on=question.on, actor=actor)
    return Told(answer=found, other_day=found.on != today(connection))
