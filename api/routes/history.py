"""What a feature was before, and who changed it."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from api import links
from api.deps import Ctx, FeatureId, LayerOf
from api.links import link
from api.media import GEOJSON, JSON, answers
from api.parameters import Params
from layers.reading import past
from layers.reading.past import FeatureChange, State

router = APIRouter(tags=["History"], default_response_class=Response)


@router.get(
    "/collections/{layer}/items/{feature_id}/history",
    summary="要素的变更记录 · The changes of a feature",
    responses=answers(JSON),
)
def history(
    request: Request, context: Ctx, layer: LayerOf, feature_id: FeatureId, _: Params
) -> Response:
    with context.database.read() as connection:
        changes = past.of_feature(connection, layer, feature_id)
    context.note("history", layer, 1, "json")
    own = link(request, f"/collections/{layer.name}/items/{feature_id}", "item", GEOJSON)
    described = {
        "links": [*links.self_links(request, JSON), own],
        "changes": [_described(change) for change in changes],
    }
    return JSONResponse(jsonable_encoder(described))


def _described(change: FeatureChange) -> dict[str, Any]:
    return {
        "number": change.number,
        "version": change.version,
        "operation": change.operation,
        "at": change.at,
        "account": change.account,
        "source": change.source,
        "label": change.label,
        "fields": change.fields,
        "before": _feature(change.before),
        "after": _feature(change.after),
    }


def _feature(state: State | None) -> dict[str, Any] | None:
    if state is None:
        return None
    return {"type": "Feature", "geometry": state.geometry, "properties": state.properties}
