"""The ledger for people: the list of cases, its workbook, and steps taken by forms.

All of it works without a script.
"""

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote, urlencode, urlsplit

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import Field
from sqlalchemy.engine import Connection
from starlette.datastructures import UploadFile

from api import days, item_pages, ledger_files, links, pages
from api.caching import etag_of
from api.context import Context
from api.deps import ActorOf, Ctx, FeatureId, LayerOf, ReaderLang, needs
from api.media import XLSX
from api.parameters import AskedPage
from api.refusals import CHANGED_MEANWHILE
from api.routes.duty_pages import choices
from api.statuses import status_of
from gis.clock import day_of
from gis.errors import Lang, Problem
from layers.cases import applying as cases
from layers.cases import listing as case_listing
from layers.cases.applying import Attempted
from layers.cases.listing import TABS, Reader, Row
from layers.cases.listing import Query as Wanted
from layers.declaring.escalation import Level
from layers.declaring.people import Actor
from layers.declaring.rights import Right, allowed
from layers.declaring.words import Layer
from layers.photos import bringing as photos
from layers.photos.bringing import Wanted as Photograph
from layers.reading import features
from layers.reading.masking import knows
from layers.refusals.cases import CASE_MOVED, CASE_REFUSED
from layers.schema.photos import PHOTO_ROLES
from maps.pages import ledger as ledger_page
from maps.pages.case_parts import done
from maps.pages.cases import Refused
from maps.pages.ledger import Ledger
from maps.words.wording import words

router = APIRouter(tags=["Ledger"], default_response_class=Response, include_in_schema=False)

_PAGE = 50
_TEXT = 200
_MOST_FILES = 12
_MOST_FIELDS = 60
_PHOTO = "photo-"
_OWN = frozenset({"if_match", "next", "reason"})
_NO_STORE = {"cache-control": "no-store"}
_STALE = frozenset({CASE_MOVED, CHANGED_MEANWHILE})


class AskedLedger(AskedPage):
    """What the list is narrowed by: as a form sends it, so that empty is nothing."""

    tab: str = Field("", max_length=_TEXT)
    state: str = Field("", max_length=_TEXT, description="图层:状态，或 * · layer:state, or *.")
    kind: str = Field("", max_length=_TEXT)
    unit: str = Field("", max_length=_TEXT)
    leader: str = Field("", max_length=_TEXT)
    level: str = Field("", max_length=_TEXT)
    since: str = ""
    until: str = ""
    division: str = ""
    after: str = Field("", max_length=_TEXT)
    done: str = Field("", max_length=_TEXT)


AskedOf = Annotated[AskedLedger, Query()]


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form sends: its texts by name, and the photographs by their role."""

    texts: Mapping[str, str]
    files: tuple[tuple[str, UploadFile], ...]

    @property
    def values(self) -> Mapping[str, str]:
        """The fields that were filled in; an empty text is nothing."""
        return {n: text for n, text in self.texts.items() if n not in _OWN and text.strip()}


async def _sent(request: Request) -> AsyncIterator[Sent]:
    async with request.form(max_files=_MOST_FILES, max_fields=_MOST_FIELDS) as form:
        items = form.multi_items()
        texts = {name: value for name, value in items if isinstance(value, str)}
        files = tuple(
            (name.removeprefix(_PHOTO), value)
            for name, value in items
            if isinstance(value, UploadFile)
            and name.removeprefix(_PHOTO) in PHOTO_ROLES
            and value.size
        )
        yield Sent(texts, files)


# Closed with the route, not after its answer: the files of a form are no longer there then.
SentOf = Annotated[Sent, Depends(_sent, scope="function")]


# --- looking --------------------------------------------------------------------------------------
@router.get("/ledger")
def ledger(
    request: Request, context: Ctx, actor: ActorOf, lang: ReaderLang, asked: AskedOf
) -> Response:
    now = datetime.now(UTC)
    with context.database.read() as connection:
        reader = case_listing.reader(connection, context.registry, actor)
        counts = case_listing.counts(connection, reader, _division(asked, actor))
        wanted = _wanted(context, actor, asked, tab=_tab(asked, actor, counts))
        found = case_listing.listing(connection, reader, wanted)
        told = Ledger(
            asked=ledger_page.asked_for({**asked.model_dump(), "tab": wanted.tab}),
            found=found,
            etags=_etags(found.rows),
            counts=counts,
            units=case_listing.units(connection),
            divisions=choices(connection, actor, lang),
            today=day_of(now),
            knows=knows(actor),
            done=_done(connection, reader, asked.done, lang),
        )
    for layer in case_listing.flowing(context.registry):
        context.note("ledger", layer, sum(row.layer == layer.name for row in found.rows), "html")
    visit = pages.visit_of(request)
    page = ledger_page.page(context.registry, actor, lang, told, visit=visit)
    return pages.html(request, page, headers=_NO_STORE)


@router.get("/ledger/workbook")
def workbook(
    request: Request, context: Ctx, actor: ActorOf, lang: ReaderLang, asked: AskedOf
) -> Response:
    wanted = _wanted(context, actor, asked, tab=asked.tab if asked.tab in TABS else "all")
    name = wanted.layer or context.registry.theme("ledger").subjects[0]
    layer = context.registry.layer(name)
    made = ledger_files.made(
        context, actor, layer, wanted, lambda n: links.address(request, _item(layer, n))
    )
    context.note("export", layer, made.rows, "xlsx")
    named = quote(f"{made.title}.xlsx", safe="")
    disposition = f"attachment; filename=\"{layer.name}.xlsx\"; filename*=UTF-8''{named}"
    headers = {"content-disposition": disposition, "content-language": lang, **_NO_STORE}
    return Response(made.content, headers=headers, media_type=XLSX)


def _tab(asked: AskedLedger, actor: Actor, counts: Mapping[str, int]) -> str:
    """One's own first; whoever has none, or only looks, sees what others have."""
    if asked.tab in TABS:
        return asked.tab
    has_own = allowed(actor, Right.LOG) and (counts["mine"] or not counts["all"])
    return "mine" if has_own else "all"


def _wanted(context: Context, actor: Actor, asked: AskedLedger, *, tab: str) -> Wanted:
    layer, _, state = asked.state.rpartition(":")
    return Wanted(
        tab=tab,
        layer=context.registry.layer(layer).name if layer else None,
        state=state or None,
        kind=asked.kind or None,
        unit=asked.unit or None,
        # Who may not know names may not find out by looking for them.
        leader=asked.leader.strip() or None if knows(actor) else None,
        level=asked.level if asked.level in set(Level) else None,
        since=days.day(asked.since) if asked.since else None,
        until=days.day(asked.until) if asked.until else None,
        division=_division(asked, actor),
        after=asked.after or None,
        limit=_PAGE,
    )


def _division(asked: AskedLedger, actor: Actor) -> str:
    """The division that is asked for: one's own unless another is."""
    code = asked.division
    is_code = code.isascii() and code.isdigit() and len(code) == len(actor.division)
    return code if is_code else actor.division


def _etags(rows: Sequence[Row]) -> Mapping[tuple[str, int], str]:
    return {(row.layer, row.id): etag_of(row.text.encode()) for row in rows if row.text}


def _done(connection: Connection, reader: Reader, told: str, lang: Lang) -> str | None:
    """What the last form did, as it is now: the address says of which record, and no more."""
    name, _, number = told.partition(":")
    layer = reader.registry.layers.get(name)
    if layer is None or layer.workflow is None or not number.isdecimal() or len(number) > 18:
        return None
    try:
        case = cases.case(connection, layer, int(number))
    except Problem:
        return None
    return done(layer, case.title, case.state, lang)


# --- taking a step --------------------------------------------------------------------------------
@router.post("/ledger/{layer}/{feature_id}/{transition}", dependencies=[needs(Right.LOG)])
def step(
    request: Request,
    context: Ctx,
    actor: ActorOf,
    layer: LayerOf,
    feature_id: FeatureId,
    *,
    transition: str,
    lang: ReaderLang,
    sent: SentOf,
) -> Response:
    try:
        brought = [_brought(context, role, file) for role, file in sent.files]
        attempted = Attempted(
            transition=transition,
            values=sent.values,
            reason=sent.texts.get("reason", ""),
            photos=brought,
        )
        with context.database.begin() as connection:
            _as_seen(connection, layer, feature_id, sent.texts.get("if_match", ""))
            applied = cases.apply(connection, context.registry, actor, layer, feature_id, attempted)
    except Problem as problem:
        refused = _refused(problem, transition, sent, lang)
        if refused is None:
            raise
        status = status_of(problem.rule)
        return item_pages.shown(
            request, context, layer, feature_id, lang, refused=refused, status=status
        )
    taken = applied.created or feature_id
    return _see(layer, taken, transition, sent.texts.get("next", ""))


def _as_seen(connection: Connection, layer: Layer, feature_id: int, etag: str) -> None:
    """The case is kept from others, and is still the one that the form was about."""
    cases.hold(connection, layer, feature_id)
    text = features.item(connection, layer, feature_id)
    if etag and etag != etag_of(text.encode()):
        raise Problem(CHANGED_MEANWHILE, layer=layer.name, id=feature_id)


def _brought(context: Context, role: str, file: UploadFile) -> Photograph:
    """A photograph of the form, stored under its hash before the step is taken."""
    digest = hashlib.sha256(file.file.read()).hexdigest()
    pixels = context.settings.photo_pixels
    photos.receive(context.database, context.photos, digest, file.file, pixels=pixels)
    return Photograph(sha256=digest, role=role)


def _refused(problem: Problem, transition: str, sent: Sent, lang: Lang) -> Refused | None:
    """The form with what is wrong with it; None for what is not the form's to tell."""
    typed = {name: text for name, text in sent.texts.items() if name != "if_match"}
    if problem.rule in _STALE:
        return Refused("", {}, {"": words("ledger", lang)["stale"]})
    if problem.rule is CASE_REFUSED:
        errors = {f.column or "": f.sentence(lang) for f in reversed(problem.findings)}
        known = {**errors, "": errors.get("photos", problem.sentence(lang))}
        return Refused(transition, typed, known)
    if problem.rule.slug.startswith("photo-"):
        return Refused(transition, typed, {"": problem.sentence(lang)})
    return None


def _see(layer: Layer, feature_id: int, taken: str, then: str) -> Response:
    """Back to the list that the form was in, or to the case; either says what was done."""
    parts = urlsplit(then)
    if parts.path == "/ledger" and not (parts.scheme or parts.netloc):
        told = urlencode({"done": f"{layer.name}:{feature_id}"})
        path = f"/ledger?{parts.query}&{told}"
    else:
        path = f"{_item(layer, feature_id)}?{urlencode({'f': 'html', 'done': taken})}"
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)


def _item(layer: Layer, feature_id: int) -> str:
    return f"/collections/{layer.name}/items/{feature_id}"
