"""Duties for people to look at: the list, one duty, and where they are missing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field
from sqlalchemy.engine import Connection

from api import days, ids, pages
from api.context import Context
from api.deps import ActorOf, Ctx, ReaderLang
from api.members.duties import etag, readings, visible
from api.page_routes import PageRoute
from api.parameters import AskedPage, PageParams
from gis.errors import Lang, Problem
from layers.declaring.duties import role_named
from layers.declaring.limits import USUAL, Limits
from layers.declaring.people import Actor
from layers.duties import coverage as duty_coverage
from layers.duties import history as duty_history
from layers.duties import records as duty_records
from layers.duties.coverage import Coverage
from layers.duties.persons import Holder
from layers.ground import division_names
from layers.ground.division_names import DivisionName
from layers.reading import reading_log
from layers.reading.masking import knows
from layers.reading.past import today
from layers.refusals.duties import UNKNOWN_DUTY
from maps.pages import duties as duty_pages
from maps.pages.duties import Form as Filled
from maps.pages.duties import Known, Listing
from maps.words.wording import words

router = APIRouter(
    tags=["Responsibility"],
    default_response_class=Response,
    route_class=PageRoute,
    include_in_schema=False,
)

_PAGE = 50
_NAME_LIMIT = 200


class AskedList(AskedPage):
    """What the list is narrowed by: as a form sends it, so that empty is nothing."""

    layer: str = ""
    feature: str = ""
    person: str = ""
    role: str = ""
    name: str = Field("", max_length=_NAME_LIMIT)
    division: str = ""
    on: str | None = None
    after: str = ""


class AskedCoverage(AskedPage):
    """What the coverage is asked for, as a form sends it."""

    division: str = ""
    on: str = ""
    fields: int = Field(USUAL.fields, ge=0, le=10**6)
    households: int = Field(USUAL.households, ge=0, le=10**9)
    metres: float = Field(USUAL.metres, ge=0, le=1e9, allow_inf_nan=False)
    cases: int = Field(USUAL.cases, ge=0, le=10**6)
    least_units: int = Field(USUAL.least_units, ge=0, le=10**6)
    most_units: int = Field(USUAL.most_units, ge=0, le=10**6)


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, as every page here needs it."""

    request: Request
    context: Ctx
    actor: ActorOf
    lang: ReaderLang


AskingOf = Annotated[Asking, Depends()]


@router.get("/duties")
def list_page(asking: AskingOf, asked: Annotated[AskedList, Query()]) -> Response:
    context = asking.context
    with context.database.read() as connection:
        listing = _listing(connection, asking, asked)
    _note(context, [duty.person for duty in listing.duties])
    visit = pages.visit_of(asking.request)
    page = duty_pages.duties(context.registry, asking.lang, listing, visit=visit)
    return pages.html(asking.request, page)


@router.get("/duties/coverage")
def coverage_page(asking: AskingOf, asked: Annotated[AskedCoverage, Query()]) -> Response:
    context, actor, lang = asking.context, asking.actor, asking.lang
    with context.database.read() as connection:
        found = duty_coverage.coverage(
            connection,
            division=asked.division or actor.division,
            limits=Limits(**{name: getattr(asked, name) for name in Limits.__slots__}),
            on=days.day(asked.on) if asked.on else None,
            actor=actor,
        )
        divisions = choices(connection, actor, lang)
    _note(context, [load.person for load in found.loads])
    form, visit = _asked_form(found), pages.visit_of(asking.request)
    page = duty_pages.coverage(context.registry, lang, found, form, divisions, visit=visit)
    return pages.html(asking.request, page)


@router.get("/duties/{duty_id}")
def duty_page(asking: AskingOf, duty_id: str, _: PageParams) -> Response:
    return shown(asking, number(duty_id))


def shown(
    asking: Asking, duty_id: int, refused: Filled | None = None, status: int = HTTPStatus.OK
) -> Response:
    """The page of a duty, with a form that was refused as it was typed."""
    registry = asking.context.registry
    with asking.context.database.read() as connection:
        duty = duty_records.get(connection, registry, duty_id)
        query = duty_records.Query(layer=duty.layer, feature=duty.feature, role=duty.role.name)
        terms = duty_records.listing(connection, registry, query)
        changes = duty_history.of_duty(connection, registry, duty_id)
        now = today(connection)
    seen, *others = visible([duty, *terms], asking.actor)
    others.sort(key=lambda each: (each.valid_from, each.id), reverse=True)
    _note(asking.context, [each.person for each in (seen, *others)])
    known = Known(
        duty=seen, etag=etag(duty), terms=others, changes=changes, today=now, refused=refused
    )
    page = duty_pages.duty(registry, asking.lang, known, visit=pages.visit_of(asking.request))
    return pages.html(asking.request, page, status=status)


def _note(context: Context, people: Iterable[Holder]) -> None:
    reading_log.note(context.database, readings("duties", people, "html"))


def number(text: str) -> int:
    """The id in an address; Problem(UNKNOWN_DUTY) for what is no number of ours."""
    return ids.read(text, Problem(UNKNOWN_DUTY, id=text))


def _listing(connection: Connection, asking: Asking, asked: AskedList) -> Listing:
    context, actor = asking.context, asking.actor
    now = today(connection)
    on = _day(asked, now)
    query = _query(context, actor, asked, on)
    found = duty_records.listing(connection, context.registry, query)
    named = {name: getattr(asked, name) for name in ("layer", "feature", "person", "role", "name")}
    values = named | {"division": query.division, "on": on.isoformat() if on else ""}
    more = found[_PAGE:]
    listed = visible(found[:_PAGE], actor)
    address = f"/duties?{urlencode(values)}"
    return Listing(
        duties=listed,
        form=Filled("filter", values),
        divisions=choices(connection, actor, asking.lang),
        today=now,
        knows=knows(actor),
        feature=_title(connection, context, query),
        first=address if asked.after else None,
        following=f"{address}&after={listed[-1].id}" if more else None,
    )


def _day(asked: AskedList, now: date) -> date | None:
    """Of one feature or person every term is asked for, else those of today, unless told."""
    if asked.on is None:
        return None if asked.feature or asked.person else now
    return days.day(asked.on) if asked.on else None


def _query(context: Context, actor: Actor, asked: AskedList, on: date | None) -> duty_records.Query:
    return duty_records.Query(
        layer=context.registry.layer(asked.layer).name if asked.layer else None,
        feature=ids.number(asked.feature) if asked.feature else None,
        person=ids.number(asked.person) if asked.person else None,
        # Who may not know names may not find out by looking for them.
        name=asked.name.strip() or None if knows(actor) else None,
        role=role_named(asked.role).name if asked.role else None,
        on=on,
        division=asked.division or actor.division,
        after=ids.number(asked.after) or 0,
        limit=_PAGE + 1,
    )


def _title(connection: Connection, context: Context, query: duty_records.Query) -> str | None:
    if query.layer is None or query.feature is None:
        return None
    target = (query.layer, query.feature)
    return duty_records.titles(connection, context.registry, {target}).get(target, f"#{target[1]}")


def choices(connection: Connection, actor: Actor, lang: Lang) -> list[DivisionName]:
    """The divisions that a reader may choose from."""
    everywhere = words("duties", lang)["everywhere"]
    return division_names.choices(connection, actor.division, everywhere)


def _asked_form(found: Coverage) -> Filled:
    limits = {name: f"{getattr(found.limits, name):g}" for name in Limits.__slots__}
    return Filled("asked", {"division": found.division, "on": found.on.isoformat(), **limits})
