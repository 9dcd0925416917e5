"""Features as they come in a request's body, checked into the changes that they ask for."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import shapely
from fastapi import Response
from shapely.geometry.base import BaseGeometry

from api import bodies
from api.caching import etag_of
from api.media import GEOJSON
from api.parameters import CRS84
from api.refusals import GEOMETRY_UNWANTED
from gis import geojson, geometry
from gis.errors import Finding, Problem
from layers.changing.editing import Changes, Put
from layers.declaring import values
from layers.declaring.words import Layer
from layers.refusals.asking import FEATURE_REFUSED

_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Asked:
    """Several changes, and the ETags by id that features had when they were read."""

    changes: Changes
    etags: Mapping[int, str] = field(default_factory=dict)

    @property
    def touched(self) -> list[int]:
        """The features that must be there already."""
        return [*(put.id for put in self.changes.puts if put.id is not None), *self.changes.deletes]


def put(layer: Layer, feature: Mapping[str, Any], feature_id: int | None = None) -> Put:
    """One GeoJSON Feature; Problem(FEATURE_REFUSED) with every rule that it breaks."""
    found, findings = _checked(layer, feature)
    if found is None:
        raise _refused(layer, findings)
    return replace(found, id=feature_id)


def several(layer: Layer, collection: Mapping[str, Any]) -> Asked:
    """A FeatureCollection of changes; refusals name the place of a feature in it, from 1."""
    puts: list[Put] = []
    findings: list[Finding] = []
    etags: dict[int, str] = {}
    for row, feature in enumerate(_list(collection, "features"), start=1):
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            raise _at(row, "it is no GeoJSON Feature", "不是 GeoJSON Feature")
        feature_id = _id(feature["id"], row) if feature.get("id") is not None else None
        found, wrong = _checked(layer, feature)
        findings += [replace(finding, row=row) for finding in wrong]
        if found is not None:
            puts.append(replace(found, id=feature_id, row=row))
        if "ifMatch" in feature:
            etags |= _etag(feature, feature_id, row)
    if findings:
        raise _refused(layer, findings)
    deletes, last_seen = _deletes(_list(collection, "delete"))
    etags |= last_seen
    asked = Asked(Changes(puts, deletes), etags)
    _refuse_twice(asked.touched)
    return asked


def answer(texts: Sequence[str], deleted: Sequence[int]) -> Response:
    """The features as stored, in the order in which they were sent, with their new ETags."""
    rest = json.dumps({"deleted": list(deleted), "etags": [etag_of(t.encode()) for t in texts]})
    body = f'{{"type":"FeatureCollection","features":[{",".join(texts)}],{rest[1:]}'
    return Response(body, headers={"content-crs": f"<{CRS84}>"}, media_type=GEOJSON)


# --- one feature ----------------------------------------------------------------------------------
def _checked(layer: Layer, feature: Mapping[str, Any]) -> tuple[Put | None, list[Finding]]:
    properties = feature.get("properties")
    if not isinstance(properties, dict | None):
        raise bodies.unreadable("properties is no object", "properties 不是对象")
    record = values.check(layer, properties or {})
    shape, wrong = _shape(layer, feature.get("geometry"))
    findings = [*record.findings, *wrong]
    if findings:
        return None, findings
    return Put(None, record.values, shape), []


def _shape(layer: Layer, found: object) -> tuple[BaseGeometry | None, list[Finding]]:
    if not layer.has_shape:
        wanted = found is None
        return None, [] if wanted else [Finding(GEOMETRY_UNWANTED, column="geometry")]
    try:
        shape = None if found is None else shapely.force_2d(geojson.parse_geometry(found))
    except Problem as problem:
        return None, [Finding(problem.rule, column="geometry", values=problem.values)]
    wrong = geometry.check(shape, layer.geometry.accepted)
    return shape, [] if wrong is None else [replace(wrong, column="geometry")]


def _refused(layer: Layer, findings: Sequence[Finding]) -> Problem:
    return Problem(FEATURE_REFUSED, findings=findings, layer=layer.name, count=len(findings))


# --- a collection of them -------------------------------------------------------------------------
def _list(collection: Mapping[str, Any], name: str) -> list[Any]:
    found = collection.get(name, [])
    if not isinstance(found, list):
        raise bodies.unreadable(f"{name} is no array", f"{name} 不是数组")
    return found


def _id(found: object, row: int | None) -> int:
    # True is an int to Python, and no number to JSON.
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found <= _LARGEST_ID:
        raise _at(row, "an id is a whole number", "id 应为整数")
    return found


def _deletes(listed: Sequence[object]) -> tuple[list[int], dict[int, str]]:
    """Ids, or objects with an `id` and perhaps an `ifMatch`."""
    ids: list[int] = []
    etags: dict[int, str] = {}
    for found in listed:
        named = found if isinstance(found, dict) else {"id": found}
        ids.append(_id(named.get("id"), None))
        if "ifMatch" in named:
            etags |= _etag(named, ids[-1], None)
    return ids, etags


def _etag(feature: Mapping[str, Any], feature_id: int | None, row: int | None) -> dict[int, str]:
    etag = feature["ifMatch"]
    if feature_id is None or not isinstance(etag, str):
        raise _at(
            row, "ifMatch is an ETag of a feature with an id", "ifMatch 应为有 id 的要素的 ETag"
        )
    return {feature_id: etag}


def _refuse_twice(ids: Sequence[int]) -> None:
    twice = next((n for n, times in Counter(ids).items() if times > 1), None)
    if twice is not None:
        raise bodies.unreadable(f"the id {twice} is there twice", f"编号 {twice} 出现两次")


def _at(row: int | None, reason: str, reason_zh: str) -> Problem:
    place, place_zh = (
        ("delete: ", "delete：") if row is None else (f"feature {row}: ", f"第 {row} 个要素：")
    )
    return bodies.unreadable(place + reason, place_zh + reason_zh)
