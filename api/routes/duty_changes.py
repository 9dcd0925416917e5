"""Giving, handing over and ending duties by forms that work without a script."""

import dataclasses
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Query, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.engine import Connection

from api import duty_forms, ids, pages
from api.context import Context
from api.deps import needs
from api.duty_forms import Refused, Typed, Understood
from api.members.duties import etag
from api.routes import duty_pages as looking
from api.routes.duty_pages import AskedList, Asking, AskingOf
from api.statuses import status_of
from gis.errors import Problem
from layers.declaring.rights import Right
from layers.duties import giving as duties
from layers.duties import records as duty_records
from layers.duties.giving import Assignment, Target
from layers.duties.persons import Holder
from layers.duties.records import Duty
from layers.reading.past import today
from layers.refusals.asking import UNKNOWN_FEATURE
from layers.refusals.duties import PERSON_AMBIGUOUS
from maps.pages import duties as duty_pages
from maps.pages.duties import ActionName
from maps.pages.duties import Form as Filled

router = APIRouter(
    tags=["Responsibility"],
    default_response_class=Response,
    dependencies=[needs(Right.APPOINT)],
    include_in_schema=False,
)


TypedOf = Annotated[Typed, Form()]
Change = Callable[[Connection, Duty, Understood], str]
"""Carries a form out and returns where to look at what it did."""


# --- a new duty -----------------------------------------------------------------------------------
@router.get("/duties/new")
def new_page(asking: AskingOf, asked: Annotated[AskedList, Query()]) -> Response:
    with asking.context.database.read() as connection:
        values = {"role": asked.role, "on": today(connection).isoformat()}
    typed = Typed(layer=asked.layer, feature=asked.feature)
    return _new_page(asking, typed, Filled("new", values))


@router.post("/duties/new")
def give(asking: AskingOf, typed: TypedOf) -> Response:
    target = _target(asking.context, typed)
    try:
        with asking.context.database.begin() as connection:
            duty = _given(connection, asking, target, typed)
    except (Refused, Problem) as refusal:
        form, status = _refused(asking, "new", target, typed, refusal)
        return _new_page(asking, typed, form, status)
    return _see(f"/duties/{duty.id}")


def _given(connection: Connection, asking: Asking, target: Target, typed: Typed) -> Duty:
    form = Understood(typed, asking.lang)
    begin = form.day("on", needed=True)
    form.text("person", needed=True)
    until, document, reason, phone = (
        form.day("until"),
        *(form.text(name) for name in ("document", "reason", "phone")),
    )
    form.check()
    registry = asking.context.registry
    new = Assignment(
        role=target.role,
        layer=target.layer,
        feature=target.feature,
        person=duty_forms.person(connection, registry, target, typed, phone),
        valid_from=begin or today(connection),
        valid_to=until,
        document=document,
    )
    return duties.assign(connection, registry, new, vacant=reason)


def _target(context: Context, typed: Typed) -> Target:
    """What the form is about; Problems UNKNOWN_LAYER, UNKNOWN_FEATURE."""
    layer, text = context.registry.layer(typed.layer), typed.feature
    feature = ids.read(text, Problem(UNKNOWN_FEATURE, layer=layer.name, id=text))
    return Target(role=typed.role, layer=layer.name, feature=feature)


def _new_page(asking: Asking, typed: Typed, form: Filled, status: int = HTTPStatus.OK) -> Response:
    registry, target = asking.context.registry, _target(asking.context, typed)
    place = (target.layer, target.feature)
    with asking.context.database.read() as connection:
        titles = duty_records.titles(connection, registry, {place})
    if place not in titles:
        raise Problem(UNKNOWN_FEATURE, layer=target.layer, id=target.feature)
    page = duty_pages.new(
        registry.layer(target.layer),
        target.feature,
        titles[place],
        asking.lang,
        form,
        visit=pages.visit_of(asking.request),
    )
    return pages.html(asking.request, page, status=status)


# --- a duty that is there -------------------------------------------------------------------------
@router.post("/duties/{duty_id}/hand-over")
def hand_over(asking: AskingOf, duty_id: str, typed: TypedOf) -> Response:
    registry = asking.context.registry

    def change(connection: Connection, duty: Duty, form: Understood) -> str:
        on = form.day("on", needed=True)
        form.text("person", needed=True)
        document = form.text("document")
        form.check()
        target = _target_of(duty)
        person = duty_forms.person(connection, registry, target, typed, phone=None)
        begun = duties.hand_over(
            connection,
            registry,
            duty.id,
            person=person,
            on=on or today(connection),
            document=document,
        )
        return f"/duties/{begun.id}"

    return _changed(asking, "hand-over", duty_id, typed, change)


@router.post("/duties/{duty_id}/change")
def change_planned(asking: AskingOf, duty_id: str, typed: TypedOf) -> Response:
    registry = asking.context.registry

    def change(connection: Connection, duty: Duty, form: Understood) -> str:
        on = form.day("on", needed=True)
        name = form.text("person", needed=True)
        document = form.text("document")
        form.check()
        person = None
        if name != duty.person.name or typed.person_id:
            target = _target_of(duty)
            person = duty_forms.person(connection, registry, target, typed, phone=None)
        changed = duties.replace_planned(
            connection, registry, duty.id, person=person, on=on, document=document
        )
        return f"/duties/{changed.id}"

    return _changed(asking, "change", duty_id, typed, change)


@router.post("/duties/{duty_id}/close")
def close(asking: AskingOf, duty_id: str, typed: TypedOf) -> Response:
    registry = asking.context.registry

    def change(connection: Connection, duty: Duty, form: Understood) -> str:
        on = form.day("on", needed=True)
        reason = form.text("reason")
        form.check()
        ended = duties.end(
            connection,
            registry,
            duty.id,
            on=on or today(connection),
            reason=reason,
            vacant=bool(typed.vacant),
        )
        gone = f"/duties?layer={duty.layer}&feature={duty.feature}"
        return gone if ended is None else f"/duties/{ended.id}"

    return _changed(asking, "close", duty_id, typed, change)


def _changed(
    asking: Asking, name: ActionName, duty_id: str, typed: Typed, change: Change
) -> Response:
    context, number = asking.context, looking.number(duty_id)
    with context.database.read() as connection:
        duty = duty_records.get(connection, context.registry, number)
    try:
        with context.database.begin() as connection:
            duties.held(connection, context.registry, number, partial(_as_seen, typed))
            then = change(connection, duty, Understood(typed, asking.lang))
    except (Refused, Problem) as refusal:
        form, status = _refused(asking, name, _target_of(duty), typed, refusal)
        return looking.shown(asking, number, form, status)
    return _see(then)


def _as_seen(typed: Typed, duty: Duty) -> bool:
    return typed.if_match in ("", etag(duty))


def _target_of(duty: Duty) -> Target:
    return Target(role=duty.role.name, layer=duty.layer, feature=duty.feature)


# --- what was refused -----------------------------------------------------------------------------
def _refused(
    asking: Asking, name: str, target: Target, typed: Typed, refusal: Refused | Problem
) -> tuple[Filled, HTTPStatus]:
    """The form as it was typed with what is wrong; a Problem that is not the form's goes on."""
    values = typed.model_dump()
    if isinstance(refusal, Refused):
        return Filled(name, values, refusal.errors), HTTPStatus.UNPROCESSABLE_ENTITY
    field = duty_forms.field_of(refusal, vacancy="until" if name == "new" else "vacant")
    if field is None:
        raise refusal
    errors = {field: refusal.sentence(asking.lang)}
    several = refusal.rule is PERSON_AMBIGUOUS
    namesakes = _namesakes(asking, target, typed) if several else ()
    return Filled(name, values, errors, namesakes), status_of(refusal.rule)


def _namesakes(asking: Asking, target: Target, typed: Typed) -> list[Holder]:
    context, name = asking.context, typed.person.strip()
    with context.database.read() as connection:
        found = duties.namesakes(connection, context.registry, target, name)
    # Some may be known in another division of the street: enough to recognise them.
    return [dataclasses.replace(each, phone=each.hidden().phone) for each in found]


def _see(path: str) -> Response:
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)
