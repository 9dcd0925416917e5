"""Cases: what may be done with one now, doing it, and what was done."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.engine import Connection

from api import bodies, links
from api.bodies import JSONBody
from api.caching import allowed, etag_of, tagged
from api.deps import ActorOf, Ctx, FeatureId, LayerOf, ReaderLang, needs
from api.links import link
from api.media import GEOJSON, JSON, answers
from api.members.cases import situation_members, step_members
from api.parameters import Params
from api.refusals import CHANGED_MEANWHILE
from gis.errors import Problem
from layers.cases import applying as cases
from layers.cases import steps as case_steps
from layers.cases.applying import Applied, Attempted
from layers.declaring import escalation
from layers.declaring.rights import Right
from layers.declaring.words import Layer
from layers.photos.bringing import Wanted
from layers.reading import features
from layers.reading.masking import may_know
from layers.schema.photos import PHOTO_ROLES

router = APIRouter(tags=["Cases"], default_response_class=Response)

_MOST_PHOTOS = 20
_Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class GivenPhoto(BaseModel):
    """A photograph that was brought or is on its way, and what it shows."""

    model_config = ConfigDict(extra="forbid")

    sha256: _Hash
    role: str = Field("other", pattern=f"^({'|'.join(PHOTO_ROLES)})$")


class GivenStep(BaseModel):
    """A step that somebody wants to take."""

    model_config = ConfigDict(extra="forbid")

    transition: str = Field(max_length=100)
    values: dict[str, Any] = Field(default_factory=dict, max_length=100)
    reason: str = Field("", max_length=cases.REASON_LIMIT)
    photos: list[GivenPhoto | _Hash] = Field(default_factory=list, max_length=_MOST_PHOTOS)

    def attempted(self) -> Attempted:
        """The same for the workflow; a photograph without a role is what the record has it as."""
        photos = (
            Wanted(each) if isinstance(each, str) else Wanted(each.sha256, each.role)
            for each in self.photos
        )
        return Attempted(
            transition=self.transition,
            values=self.values,
            reason=self.reason,
            photos=tuple(photos),
        )


@router.get(
    "/collections/{layer}/items/{feature_id}/transitions",
    summary="现在可以办理哪些步骤 · What may be done with a case now",
    responses=answers(JSON),
)
def transitions(
    request: Request,
    context: Ctx,
    actor: ActorOf,
    layer: LayerOf,
    feature_id: FeatureId,
    *,
    lang: ReaderLang,
    _: Params,
) -> Response:
    calendar = context.workdays.now(context.database)
    with context.database.read() as connection:
        text = features.item(connection, layer, feature_id)
        found = cases.situation(connection, context.registry, actor, layer, feature_id)
    context.note("transitions", layer, 1, "json")
    scale = escalation.scale(datetime.now(UTC), calendar)
    members = situation_members(layer, found, scale, actor, lang)
    body = {**members, "links": _links(request, layer, feature_id, "transitions")}
    # Not the answer's own: what If-Match is to name is the record.
    return JSONResponse(body, headers={"etag": etag_of(text.encode()), "cache-control": "no-store"})


@router.post(
    "/collections/{layer}/items/{feature_id}/transitions",
    summary="办理一步 · Take a step of a case",
    description=(
        "带上 If-Match（记录的 ETag）：别人先办了就答 412；状态已变答 409；缺证据答 422，"
        "什么也不变。 · With If-Match (the ETag of the record): 412 when somebody was first, 409 "
        "when the state has moved on, 422 when evidence is missing; nothing has changed then."
    ),
    responses=answers(JSON),
    openapi_extra=bodies.documented((JSON,)),
    dependencies=[needs(Right.LOG)],
)
def take(
    request: Request,
    context: Ctx,
    actor: ActorOf,
    layer: LayerOf,
    feature_id: FeatureId,
    *,
    lang: ReaderLang,
    body: JSONBody,
    _: Params,
) -> Response:
    attempted = bodies.model(body, GivenStep).attempted()
    calendar = context.workdays.now(context.database)
    with context.database.begin() as connection:
        _require_same(request, connection, layer, feature_id)
        applied = cases.apply(
            connection, context.registry, actor, layer, feature_id, attempted, calendar=calendar
        )
        text = features.item(connection, layer, feature_id)
        place = cases.case(connection, layer, feature_id).place
        steps = case_steps.of_case(connection, layer, feature_id)
    context.note("transitions", layer, 1, "json")
    taken = next(each for each in steps if each.ordinal == applied.ordinal)
    flow = cases.flow_of(layer)
    members = {
        "feature": json.loads(text),
        "step": step_members(layer, flow, taken, known=may_know(actor, place), lang=lang),
        "created": applied.created,
        "links": _created(request, layer, applied) + _links(request, layer, feature_id, "steps"),
    }
    return JSONResponse(members, headers={"etag": etag_of(text.encode())})


def _require_same(request: Request, connection: Connection, layer: Layer, feature_id: int) -> None:
    """Held from others, the record is the one that the reader saw."""
    cases.hold(connection, layer, feature_id)
    text = features.item(connection, layer, feature_id)
    if not allowed(request, etag_of(text.encode())):
        raise Problem(CHANGED_MEANWHILE, layer=layer.name, id=feature_id)


@router.get(
    "/collections/{layer}/items/{feature_id}/steps",
    summary="案件的办理经过 · The steps that a case took",
    responses=answers(JSON),
)
def steps(
    request: Request,
    context: Ctx,
    actor: ActorOf,
    layer: LayerOf,
    feature_id: FeatureId,
    *,
    lang: ReaderLang,
    _: Params,
) -> Response:
    with context.database.read() as connection:
        place = cases.case(connection, layer, feature_id).place
        found = case_steps.of_case(connection, layer, feature_id)
    context.note("steps", layer, len(found), "json")
    flow, known = cases.flow_of(layer), may_know(actor, place)
    told = [step_members(layer, flow, each, known=known, lang=lang) for each in found]
    body = {"steps": told, "links": _links(request, layer, feature_id, "steps")}
    return tagged(request, JSONResponse(body))


def _links(request: Request, layer: Layer, feature_id: int, own: str) -> list[links.Link]:
    path = f"/collections/{layer.name}/items/{feature_id}"
    return [
        link(request, f"{path}/{own}", "self", JSON),
        link(request, path, "item", GEOJSON),
    ]


def _created(request: Request, layer: Layer, applied: Applied) -> list[links.Link]:
    if applied.created is None:
        return []
    path = f"/collections/{layer.name}/items/{applied.created}"
    return [link(request, path, "successor-version", GEOJSON)]
