"""The page of one record with all that stands beside it, a case among it."""

import json
from datetime import UTC, date, datetime
from http import HTTPStatus

from fastapi import Request, Response
from sqlalchemy.engine import Connection

from api.auth import actor_of
from api.caching import etag_of
from api.context import Context
from api.pages import html, visit_of
from gis.clock import day_of
from gis.errors import Lang
from layers.alike import near, same
from layers.calendar import workdays
from layers.cases import applying as cases
from layers.cases import steps as case_steps
from layers.declaring import escalation
from layers.declaring.people import Actor
from layers.declaring.words import Layer
from layers.photos import bringing as photos
from layers.reading import features
from layers.reading.masking import knows
from maps.pages import beside as pages
from maps.pages.alike import NOTHING, Alike
from maps.pages.cases import Known, Refused


def shown(  # noqa: PLR0913  what of whom, for whom, and what a form of it did
    request: Request,
    context: Context,
    layer: Layer,
    feature_id: int,
    lang: Lang,
    *,
    on: date | None = None,
    refused: Refused | None = None,
    done: str | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    """The page; with `on` the record alone as at the end of that day. Problem(UNKNOWN_FEATURE)."""
    with context.database.read() as connection:
        text = features.item(connection, layer, feature_id, on=on)
        pictures = () if on else photos.of_feature(connection, layer, feature_id)
        alike = NOTHING if on else _alike(context, connection, layer, text)
        known = None
        if layer.workflow and on is None:
            asked = (context, connection, actor_of(request), layer, feature_id)
            known = _case(*asked, text=text, pictures=pictures, refused=refused, done=done)
    context.note("item", layer, 1, "html")
    page = pages.item(
        layer,
        lang,
        text,
        on=on,
        photos=pictures,
        alike=alike,
        case=known,
        registry=context.registry,
        visit=visit_of(request),
    )
    return html(request, page, status=status)


def _case(  # noqa: PLR0913  whose case of what, and what a form of it did
    context: Context,
    connection: Connection,
    actor: Actor,
    layer: Layer,
    feature_id: int,
    *,
    text: str,
    pictures: tuple[photos.Photo, ...],
    refused: Refused | None,
    done: str | None,
) -> Known:
    situation = cases.situation(connection, context.registry, actor, layer, feature_id)
    now, case = datetime.now(UTC), situation.case
    scale = escalation.scale(now, workdays.calendar(connection))
    level = escalation.level(scale, case.due_at, case.begun_at, is_open=case.is_open)
    return Known(
        situation=situation,
        steps=case_steps.of_case(connection, layer, feature_id),
        level=level.value,
        properties=json.loads(text)["properties"],
        photos=pictures,
        etag=etag_of(text.encode()),
        today=day_of(now),
        knows=knows(actor),
        refused=refused,
        done=done,
    )


def _alike(context: Context, connection: Connection, layer: Layer, text: str) -> Alike:
    """What is the same as a feature, or likely so, where such are logged on the spot."""
    if layer.logged is None or context.actor is None:
        return NOTHING
    feature = json.loads(text)
    feature_id, named = feature["id"], feature["properties"].get(layer.title)
    within = context.reach(layer)
    found = near.of_features(connection, layer, [feature_id], within).get(feature_id, ())
    known = same.standings(connection, layer, same.concerned([feature_id], {feature_id: found}))
    shown = [
        (each, photos.of_feature(connection, layer, each.near.id))
        for each in same.suggestions(feature_id, named or f"#{feature_id}", found, known)
    ]
    standing = same.standing(connection, layer, feature_id, context.actor)
    return Alike(shown, within, standing)
