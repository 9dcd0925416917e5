"""Pages on which people change features: a form beside a map, splitting, merging, deleting.

What they send is refused with the reasons beside what was typed, so that nothing is lost.
"""

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated

import shapely
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.engine import Connection

from api import edit_forms, pages
from api.auth import actor_of
from api.bodies import FormBody
from api.context import Context
from api.deps import Ctx, FeatureId, LayerOf, ReaderLang, needs
from api.edit_forms import Typed
from api.negotiation import wants_html
from api.parameters import PageParams
from api.refusals import CHANGED_MEANWHILE
from api.statuses import status_of
from gis.errors import Lang, Problem
from layers.changing import editing, reshaping
from layers.changing.editing import Changes
from layers.declaring.people import EVERYWHERE
from layers.declaring.rights import Right
from layers.declaring.words import Layer
from layers.ground import division_names
from maps.page import policy
from maps.pages import editing as edit_page
from maps.pages.editing import Filled, Sheet
from maps.style import Bounds
from maps.words.wording import words

router = APIRouter(
    tags=["Editing"],
    default_response_class=Response,
    dependencies=[needs(Right.EDIT)],
    include_in_schema=False,
)

# Refusals of what was typed or drawn; whatever else fails has a page of its own.
_TOLD_HERE = frozenset(
    {HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED, HTTPStatus.UNPROCESSABLE_ENTITY}
)
_MARGIN_DEG = 0.0006
_MARGIN_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Desk:
    """One request for a page of a layer."""

    request: Request
    context: Context
    layer: Layer
    lang: Lang

    @property
    def items(self) -> str:
        return f"/collections/{self.layer.name}/items"


async def _desk(request: Request, context: Ctx, layer: LayerOf, lang: ReaderLang) -> Desk:
    return Desk(request, context, layer, lang)


DeskOf = Annotated[Desk, Depends(_desk)]


# --- a new one ------------------------------------------------------------------------------------
@router.get("/collections/{layer}/items/new")
def new_page(desk: DeskOf, _: PageParams) -> Response:
    return _page(desk, Sheet(desk.layer, None, _title(desk, None), _begun(desk)))


@router.post("/collections/{layer}/items/new")
def add(desk: DeskOf, body: FormBody, _: PageParams) -> Response:
    typed = edit_forms.read(desk.layer, body)
    try:
        with desk.context.database.begin() as connection:
            put = edit_forms.new(connection, desk.layer, typed.filled)
            (feature_id,) = _applied(desk, connection, Changes([put]))
    except Problem as problem:
        sheet = Sheet(desk.layer, None, _title(desk, None), typed.filled, problem=problem)
        return _page(desk, sheet, _status(desk, problem))
    return _see(f"{desk.items}/{feature_id}?f=html")


# --- one that is there ----------------------------------------------------------------------------
@router.get("/collections/{layer}/items/{feature_id}/edit")
def edit_form(desk: DeskOf, feature_id: FeatureId, _: PageParams) -> Response:
    sheet = _sheet(desk, feature_id)
    made = desk.request.query_params.get("made") == "1"
    desk.context.note("edit", desk.layer, 1, "html")
    return _page(desk, replace(sheet, made=made))


@router.post("/collections/{layer}/items/{feature_id}/edit")
def save(desk: DeskOf, feature_id: FeatureId, body: FormBody, _: PageParams) -> Response:
    typed = edit_forms.read(desk.layer, body)
    try:
        with desk.context.database.begin() as connection:
            puts = edit_forms.puts(connection, desk.layer, typed.filled, feature_id)
            _applied(desk, connection, Changes(puts))
    except Problem as problem:
        return _refused(desk, feature_id, typed.filled, problem)
    return _see(f"{desk.items}/{feature_id}?f=html")


@router.post("/collections/{layer}/items/{feature_id}/delete")
def delete(desk: DeskOf, feature_id: FeatureId, body: FormBody, _: PageParams) -> Response:
    typed = edit_forms.read(desk.layer, body)
    try:
        with desk.context.database.begin() as connection:
            edit_forms.hold(connection, desk.layer, feature_id, typed.filled.etag)
            _applied(desk, connection, Changes(deletes=[feature_id]))
    except Problem as problem:
        return _stays(desk, feature_id, problem)
    return _see(f"{desk.items}/{feature_id}/history")


@router.post("/collections/{layer}/items/{feature_id}/split")
def split(desk: DeskOf, feature_id: FeatureId, body: FormBody, _: PageParams) -> Response:
    typed = edit_forms.read(desk.layer, body)
    try:
        done = _split(desk, feature_id, typed)
    except Problem as problem:
        return _stays(desk, feature_id, problem)
    return _see(f"{desk.items}/{done.made}/edit?made=1")


def _split(desk: Desk, feature_id: int, typed: Typed) -> reshaping.Split:
    context, line = desk.context, edit_forms.line(typed.line)
    with context.database.begin() as connection:
        edit_forms.hold(connection, desk.layer, feature_id, typed.filled.etag)
        return reshaping.split(
            connection,
            context.registry,
            desk.layer,
            feature_id,
            line,
            tolerance_m2=context.settings.coverage_tolerance_m2,
        )


@router.post("/collections/{layer}/items/{feature_id}/merge")
def merge(desk: DeskOf, feature_id: FeatureId, body: FormBody, _: PageParams) -> Response:
    typed, context = edit_forms.read(desk.layer, body), desk.context
    try:
        with context.database.begin() as connection:
            edit_forms.hold(connection, desk.layer, feature_id, typed.filled.etag)
            reshaping.merge(
                connection,
                context.registry,
                desk.layer,
                feature_id,
                edit_forms.other(desk.layer, typed.other),
                tolerance_m2=context.settings.coverage_tolerance_m2,
            )
    except Problem as problem:
        return _stays(desk, feature_id, problem)
    return _see(f"{desk.items}/{feature_id}?f=html")


# --- what is answered -----------------------------------------------------------------------------
def _refused(desk: Desk, feature_id: int, filled: Filled, problem: Problem) -> Response:
    """The form again with what was typed, and why it was not saved."""
    status = _status(desk, problem)
    sheet = _sheet(desk, feature_id)
    if problem.rule is not CHANGED_MEANWHILE:
        return _page(desk, replace(sheet, filled=filled, problem=problem), status)
    with desk.context.database.read() as connection:
        rebuilt, conflict = edit_forms.rebased(
            connection, desk.layer, desk.lang, feature_id, filled
        )
    return _page(desk, replace(sheet, filled=rebuilt, conflict=conflict), status)


def _stays(desk: Desk, feature_id: int, problem: Problem) -> Response:
    """The form as it is stored, and why nothing was split, merged or deleted."""
    status = _status(desk, problem)
    return _page(desk, replace(_sheet(desk, feature_id), problem=problem), status)


def _status(desk: Desk, problem: Problem) -> HTTPStatus:
    """Programs are told by the problem itself, as anywhere."""
    status = status_of(problem.rule)
    if status not in _TOLD_HERE or not wants_html(desk.request):
        raise problem
    return status


def _sheet(desk: Desk, feature_id: int) -> Sheet:
    layer, registry = desk.layer, desk.context.registry
    with desk.context.database.read() as connection:
        filled = edit_forms.loaded(connection, layer, feature_id)
        beside = (
            reshaping.neighbours(connection, registry, layer, feature_id) if layer.partition else ()
        )
    name = filled.values.get(layer.title or "") or f"{layer.label.of(desk.lang)} {feature_id}"
    return Sheet(
        layer,
        feature_id,
        _title(desk, name),
        filled,
        stored=filled.geometry,
        neighbours=beside,
        splits=reshaping.can_split(layer),
    )


def _begun(desk: Desk) -> Filled:
    """A form in which hardly anything stands: a register's record is of the reader's own division,
    and belongs to the record that the address names."""
    own, above = actor_of(desk.request).division, desk.layer.parent
    values = {}
    if desk.layer.belongs and own != EVERYWHERE:
        values[desk.layer.belongs] = own
    if above and (named := desk.request.query_params.get(above.field)):
        values[above.field] = named
    return Filled(values=values)


def _divisions(desk: Desk) -> list[tuple[str, str]]:
    """What a register's record may belong to, as far as the reader's rights go."""
    if not desk.layer.belongs:
        return []
    with desk.context.database.read() as connection:
        found = division_names.below(connection, actor_of(desk.request).division)
    return [(each.code, "\u3000" * each.depth + f"{each.name} {each.code}") for each in found]


def _title(desk: Desk, name: str | None) -> str:
    said = words("edit", desk.lang)
    if name is None:
        return said["new_title"].format(layer=desk.layer.label.of(desk.lang))
    return said["edit_title"].format(title=name)


def _page(desk: Desk, sheet: Sheet, status: int = HTTPStatus.OK) -> Response:
    page = edit_page.render(
        desk.context.registry,
        desk.lang,
        replace(sheet, divisions=_divisions(desk)),
        bounds=_first_view(desk, sheet),
        visit=pages.visit_of(desk.request),
    )
    # What it holds may have changed with the next look, and is not to be saved from a cache.
    unshared = {"cache-control": "no-store"}
    allowed = policy(page.script_hashes)
    return pages.html(desk.request, page.html, status=status, policy=allowed, headers=unshared)


def _first_view(desk: Desk, sheet: Sheet) -> Bounds | None:
    """Around the feature, or all there is of the layer; nowhere for a register."""
    if not desk.layer.has_shape:
        return None
    text = sheet.filled.geometry
    shape = shapely.from_geojson(text, on_invalid="ignore") if text else None
    if shape is None or shape.is_empty:
        return desk.context.summaries([desk.layer])[desk.layer.name].bounds
    west, south, east, north = shape.bounds
    margin = max(_MARGIN_DEG, _MARGIN_SHARE * max(east - west, north - south))
    return west - margin, south - margin, east + margin, north + margin


def _applied(desk: Desk, connection: Connection, changes: Changes) -> tuple[int, ...]:
    tolerance_m2 = desk.context.settings.coverage_tolerance_m2
    registry = desk.context.registry
    return editing.apply(connection, registry, desk.layer, changes, tolerance_m2=tolerance_m2)


def _see(path: str) -> Response:
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)
