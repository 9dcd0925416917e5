"""The report of a period: as a page, a workbook, a paper or JSON."""

from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BeforeValidator, Field

from api import pages
from api.deps import ActorOf, Ctx, ReaderLang
from api.media import DOCX, HTML, JSON, XLSX, answers
from api.members.duties import readings
from api.members.reports import members, people
from api.negotiation import VARY, preferred
from api.parameters import AskedPage, AskedPlainly, Within
from api.routes.duty_pages import choices
from gis.errors import Lang
from layers.declaring import period
from layers.reading import reading_log
from layers.reading.past import today
from layers.reporting import making, paper, sheets
from layers.reporting.report import Report
from maps.pages import reports as report_page

router = APIRouter(tags=["Reports"], default_response_class=Response)

_FORMS: Mapping[str, str] = {"json": JSON, "html": HTML, "xlsx": XLSX, "docx": DOCX}


def _given(found: object) -> object:
    """A form sends its empty fields as well."""
    return None if found == "" else found


Division = Annotated[Within, BeforeValidator(_given)]
Number = Annotated[int | None, BeforeValidator(_given)]
Text = Annotated[str | None, BeforeValidator(_given)]


class AskedReport(AskedPlainly):
    """What a report takes."""

    f: Literal["json", "html", "xlsx", "docx"] | None = Field(
        None, description="答复的形式 · The form of the answer."
    )
    division: Division = Field(
        None, description="此区划及其下级，默认自己的 · This and all below; one's own unless told."
    )


class AskedChoice(AskedPage):
    """What the page to choose from sends: a year and a part of it, or two days."""

    division: Division = None
    year: Number = Field(None, ge=1, le=9999)
    part: Text = Field(None, max_length=2)
    first: Text = Field(None, max_length=10)
    last: Text = Field(None, max_length=10)


@router.get("/reports", include_in_schema=False)
def choose(
    request: Request,
    context: Ctx,
    actor: ActorOf,
    lang: ReaderLang,
    asked: Annotated[AskedChoice, Query()],
) -> Response:
    wanted = _wanted(asked)
    division = asked.division or actor.division
    if wanted is not None:
        address = f"/reports/{period.parse(wanted).name}?{urlencode({'division': division})}"
        return RedirectResponse(address, 303)
    with context.database.read() as connection:
        found = choices(connection, actor, lang)
        now = today(connection)
    choice = report_page.Choice(found, division, now)
    return pages.html(request, report_page.choose(lang, choice, visit=pages.visit_of(request)))


def _wanted(asked: AskedChoice) -> str | None:
    """The period that was chosen, if one was."""
    if asked.year is not None:
        return f"{asked.year:04}-{asked.part}" if asked.part else f"{asked.year:04}"
    return f"{asked.first}/{asked.last}" if asked.first or asked.last else None


@router.get(
    "/reports/{named:path}",
    summary="一段时间的工作报告 · The report of a period",
    responses=answers(JSON, HTML, XLSX, DOCX),
)
def report(
    request: Request,
    context: Ctx,
    actor: ActorOf,
    lang: ReaderLang,
    named: str,
    *,
    asked: Annotated[AskedReport, Query()],
) -> Response:
    wanted, form = period.parse(named), asked.f or _preferred(request)
    division = asked.division or actor.division
    with context.database.read() as connection:
        found = making.report(
            connection,
            context.registry,
            wanted,
            division=division,
            actor=actor,
            patrols=context.settings.patrol_days is not None,
        )
        divisions = choices(connection, actor, lang) if form == "html" else []
    reading_log.note(context.database, readings("reports", people(found), form))
    if form == "html":
        choice = report_page.Choice(divisions, found.division, found.made_on)
        page = report_page.report(lang, found, choice, visit=pages.visit_of(request))
        return pages.html(request, page)
    return _written(request, found, form, lang)


def _preferred(request: Request) -> str:
    """The form that an Accept header likes best, JSON where it likes none."""
    liked = preferred(request.headers.get("accept", ""), tuple(_FORMS.values()))
    return next(form for form, media_type in _FORMS.items() if media_type == liked)


def _written(request: Request, found: Report, form: str, lang: Lang) -> Response:
    headers = {"vary": VARY}
    if form == "json":
        return JSONResponse(members(found, lang), headers=headers)
    base = str(request.base_url).removesuffix("/")
    content = sheets.write(found, lang, base) if form == "xlsx" else paper.write(found, lang)
    # RFC 8187; the title is not ASCII.
    name = quote(f"{found.title(lang)}.{form}", safe="")
    headers["content-disposition"] = f"attachment; filename*=UTF-8''{name}"
    return Response(content, headers=headers, media_type=_FORMS[form])
