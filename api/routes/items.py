"""OGC API – Features: the features of a layer, a page at a time, and each by its id."""

import json
from datetime import UTC, date, datetime

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from api import cql2, item_pages, links
from api.caching import etag_of, tagged
from api.context import Context
from api.deps import Ctx, FeatureId, LayerOf, ReaderLang
from api.links import Link, link
from api.media import GEOJSON, HTML, JSON, answers
from api.negotiation import wants_html
from api.pages import html, visit_of
from api.parameters import (
    CRS84,
    MAX_LIMIT,
    AskedItems,
    ItemParams,
    OneItemParams,
    box,
    check_datetime,
)
from api.routes import history_pages
from gis.errors import Lang, Problem
from gis.refusals.values import BAD_PARAMETER
from layers.declaring import values
from layers.declaring.words import Layer
from layers.held.photos import pictured
from layers.reading import features, ordering
from layers.reading.features import Page, Query
from layers.reading.past import past_day
from layers.refusals.asking import UNKNOWN_FEATURE
from layers.schema.tables import table
from maps.pages import beside as pages
from maps.pages.tables import ANY

router = APIRouter(tags=["Features"], default_response_class=Response)

_ON_A_PAGE = 50


@router.get(
    "/collections/{layer}/items",
    summary="图层的要素，分页 · Features of a layer, a page at a time",
    responses=answers(GEOJSON, HTML),
)
def items(
    request: Request, context: Ctx, layer: LayerOf, lang: ReaderLang, asked: ItemParams
) -> Response:
    is_page = wants_html(request)
    query = _query(layer, asked, shown=_ON_A_PAGE if is_page else None)

    def read(connection: Connection) -> tuple[date | None, Page]:
        day = past_day(connection, asked.on)
        return day, features.page(connection, layer, query, on=day)

    day, page = context.read(features.read_for(query, layer, asked.on), read)
    context.note("items", layer, len(page.features), "html" if is_page else "geojson")
    if is_page:
        listing = pages.Listing(
            page.features,
            page.matched,
            first=_first(request, asked),
            next=_next(request, page),
            on=day,
            sort=query.sort,
        )
        return html(request, pages.items(layer, lang, listing, visit=visit_of(request)))
    return _collection(request, layer, page)


@router.get(
    "/collections/{layer}/items/{feature_id}",
    summary="一个要素 · One feature",
    responses=answers(GEOJSON, HTML),
)
def item(
    request: Request,
    context: Ctx,
    layer: LayerOf,
    feature_id: FeatureId,
    *,
    lang: ReaderLang,
    asked: OneItemParams,
) -> Response:
    with context.database.read() as connection:
        day = past_day(connection, asked.on)
    if wants_html(request):
        return _item_page(request, context, layer, feature_id, lang=lang, on=day, done=asked.done)
    with context.database.read() as connection:
        text = features.item(connection, layer, feature_id, on=day)
    context.note("item", layer, 1, "geojson")
    response = feature_response(request, layer, feature_id, text, on=day)
    return tagged(request, response, etag_of(text.encode()))


def _item_page(
    request: Request,
    context: Context,
    layer: Layer,
    feature_id: int,
    *,
    lang: Lang,
    on: date | None,
    done: str | None,
) -> Response:
    """The page of a feature, or what is known of one that is gone."""
    try:
        return item_pages.shown(request, context, layer, feature_id, lang, on=on, done=done)
    except Problem as problem:
        if problem.rule is UNKNOWN_FEATURE and on is None:
            return history_pages.gone(request, context, layer, feature_id, lang)
        raise


def feature_response(
    request: Request,
    layer: Layer,
    feature_id: int,
    text: str,
    status: int = 200,
    *,
    on: date | None = None,
) -> Response:
    """One feature, as it is or was on a day, with the links of a resource of its own."""
    path = f"/collections/{layer.name}"
    then, and_then = (f"{sign}on={on.isoformat()}" if on else "" for sign in "?&")
    own = [
        link(request, f"{path}/items/{feature_id}{then}", "self", GEOJSON),
        link(request, f"{path}/items/{feature_id}?f=html{and_then}", "alternate", HTML),
        link(request, path, "collection", JSON),
    ]
    if pictured(layer) and on is None:
        own.append(link(request, f"{path}/items/{feature_id}/photos", "photos", JSON))
    body = f'{text.removesuffix("}")},"links":{json.dumps(own)}}}'
    headers = {"content-crs": f"<{CRS84}>"}
    return Response(body, status, headers, GEOJSON)


def _query(layer: Layer, asked: AskedItems, shown: int | None) -> Query:
    """What was asked for; `shown` records, if any, are on a page whose length nobody named."""
    limit = shown if shown and "limit" not in asked.model_fields_set else asked.limit
    if asked.datetime is not None:
        check_datetime(asked.datetime)
    return Query(
        bbox=None if asked.bbox is None else box(asked.bbox),
        limit=min(limit, MAX_LIMIT),  # §7.15.3: a larger one is no error
        after=asked.after,
        where=_where(layer, asked),
        within=asked.place,
        text=asked.q,
        sort=ordering.parse(layer, asked.sortby) if asked.sortby else None,
    )


def _where(layer: Layer, asked: AskedItems) -> ColumnElement[bool] | None:
    asks = ((name, text) for name, text in asked.fields.items() if text != ANY)
    conditions = [_equals(layer, name, text) for name, text in asks]
    if asked.filter is not None:
        conditions.append(cql2.where(layer, asked.filter))
    return sa.and_(*conditions) if conditions else None


def _equals(layer: Layer, name: str, text: str) -> ColumnElement[bool]:
    """What `name=text` in the address asks of a feature; no text asks for no value."""
    try:
        value = values.parse(layer.field(name), text)
    except KeyError:
        reason, reason_zh = "there is no such parameter", "没有这个参数"
    except values.Refused as refused:
        reason, reason_zh = (refused.rule.sentence(lang, refused.values) for lang in ("en", "zh"))
    else:
        return table(layer).c[name].is_not_distinct_from(value)
    raise Problem(BAD_PARAMETER, name=name, reason=reason, reason_zh=reason_zh)


def _collection(request: Request, layer: Layer, page: Page) -> Response:
    found = {
        "links": _links(request, layer, page),
        "numberMatched": page.matched,
        "numberReturned": len(page.features),
        "timeStamp": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }
    rest = json.dumps(found, ensure_ascii=False)
    # The database has written the features; parsing them here would only cost time.
    body = f'{{"type":"FeatureCollection","features":[{",".join(page.features)}],{rest[1:]}'
    headers = {"content-crs": f"<{CRS84}>"}
    return Response(body, headers=headers, media_type=GEOJSON)


def _links(request: Request, layer: Layer, page: Page) -> list[Link]:
    found = [
        *links.self_links(request, GEOJSON),
        link(request, f"/collections/{layer.name}", "collection", JSON),
    ]
    following = _next(request, page)
    if following:
        found.append({"href": following, "rel": "next", "type": GEOJSON})
    return found


def _next(request: Request, page: Page) -> str | None:
    return None if page.next_after is None else links.here(request, after=page.next_after)


def _first(request: Request, asked: AskedItems) -> str | None:
    return None if asked.after is None else str(request.url.remove_query_params("after"))
