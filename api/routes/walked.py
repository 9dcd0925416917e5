"""How much of the roads was walked, by day or week: a page, a workbook, and for programs."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from api import pages
from api.days import Day
from api.media import HTML, JSON, XLSX, answers
from api.members.patrols import walked_members
from api.negotiation import VARY, wants_html
from api.routes.patrols import SWITCHED_ON, AskingOf
from gis.errors import Lang
from layers.declaring.walked_steps import Span
from layers.ground import division_names
from layers.patrols import report as patrol_report
from layers.patrols import workbook as patrol_workbook
from layers.patrols.report import MOST_PERIODS
from maps.pages import patrols as patrol_pages
from maps.words.wording import words

router = APIRouter(tags=["Patrols"], default_response_class=Response)


def _given(found: Any) -> Any:
    """A form sends its empty fields as well."""
    return None if found == "" else found


class AskedWalked(BaseModel):
    """What is asked for: some days or weeks up to one, of a division and all below it."""

    model_config = ConfigDict(extra="forbid")

    f: Literal["json", "html", "xlsx"] | None = Field(
        None, description="答复的形式 · The form of the answer."
    )
    lang: Lang | None = Field(None, description="标题的语言 · The language of titles.")
    division: Annotated[str | None, BeforeValidator(_given)] = Field(
        None,
        pattern=r"^[0-9]{12}$",
        description="此区划及其下级，默认自己的 · This and all below; one's own unless told.",
    )
    span: Span = Field("day", description="按天或按周 · By day or by week.")
    on: Annotated[Day | None, BeforeValidator(_given)] = Field(
        None, description="到哪一天为止，默认今天 · Up to which day; today unless told."
    )
    count: int = Field(7, ge=1, le=MOST_PERIODS, description="多少天或周 · How many days or weeks.")


@router.get(
    "/patrols/coverage",
    summary="路段走到了多少 · How much of the roads was walked",
    responses=answers(JSON, HTML, XLSX),
    dependencies=[SWITCHED_ON],
)
def coverage(asking: AskingOf, asked: Annotated[AskedWalked, Query()]) -> Response:
    own, lang = asking.actor.division, asking.lang
    with asking.context.database.read() as connection:
        found = patrol_report.walked(
            connection,
            division=asked.division or own,
            own=own,
            span=asked.span,
            on=asked.on,
            count=asked.count,
        )
        everywhere = words("duties", lang)["everywhere"]
        divisions = division_names.choices(connection, own, everywhere)
    if asked.f == "xlsx":
        name = f"patrols-{found.division}-{found.span}-{found.periods[-1].first}.xlsx"
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(patrol_workbook.write(found, lang), headers=headers, media_type=XLSX)
    if wants_html(asking.request):
        visit = pages.visit_of(asking.request)
        page = patrol_pages.walked(lang, found, divisions, visit=visit)
        return pages.html(asking.request, page)
    return JSONResponse(walked_members(found), headers={"vary": VARY})
