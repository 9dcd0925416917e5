"""What the page for editing sends: read into the changes that it asks for, or held against what
somebody else has done meanwhile."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from api import bodies, edits, ids
from api.caching import etag_of
from api.refusals import CHANGED_MEANWHILE
from gis import geojson, geometry
from gis.errors import Lang, Problem
from gis.refusals.coverage import SPLIT_REFUSED
from layers.changing import reshaping
from layers.changing.editing import Put
from layers.declaring import codes
from layers.declaring.words import Layer, Type
from layers.ground import gate
from layers.reading import chronicle, features
from layers.reading import past as history
from layers.refusals.asking import FEATURE_REFUSED, UNKNOWN_FEATURE
from maps import values
from maps.pages import edit_form
from maps.pages.edit_form import GEOMETRY
from maps.pages.editing import Clash, Conflict, Filled

_PREFIX = "field."
_ROUNDED_DEG = 1.1e-7
_TRUTHS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it came; `line` and `other` are of the forms for splitting and merging."""

    filled: Filled
    line: str = ""
    other: str = ""


def read(layer: Layer, body: bytes) -> Typed:
    """The form in a request's body; Problem(BODY_UNREADABLE)."""
    form = bodies.form(body)
    named = {field.name: form.get(_PREFIX + field.name, "") for field in layer.fields}
    filled = Filled(
        # A browser ends the lines of a form by two characters, whatever they were.
        values={name: text.replace("\r\n", "\n") for name, text in named.items()},
        geometry=form.get(GEOMETRY, "").strip(),
        neighbours=form.get("neighbours", ""),
        etag=form.get("if_match", ""),
        version=ids.number(form.get("version", "")) or 0,
    )
    return Typed(filled, form.get("line", "").strip(), form.get("other", ""))


def loaded(connection: Connection, layer: Layer, feature_id: int) -> Filled:
    """A stored feature as the form shows it; Problem(UNKNOWN_FEATURE)."""
    text = features.item(connection, layer, feature_id)
    found = json.loads(text)
    return Filled(
        values=edit_form.texts(layer, found["properties"]),
        geometry=_told_shape(found["geometry"]),
        etag=etag_of(text.encode()),
        version=chronicle.version(connection, layer, feature_id),
    )


# --- what it asks for -----------------------------------------------------------------------------
def puts(connection: Connection, layer: Layer, filled: Filled, feature_id: int) -> list[Put]:
    """The feature as it is to be, and the neighbours that were moved along.

    Problem(CHANGED_MEANWHILE) when one of them is no longer what the reader saw, and the refusals
    of `edits.put`.
    """
    hold(connection, layer, feature_id, filled.etag)
    changed = [edits.put(layer, _feature(filled), feature_id)]
    if layer.partition:
        changed += [_followed(connection, layer, each) for each in _moved(filled.neighbours)]
    return [reshaping.redrawn(connection, layer, each) for each in changed]


def hold(connection: Connection, layer: Layer, feature_id: int, etag: str) -> None:
    """Keep others from the feature, if it is still what the reader saw (RFC 9110 §13.1.1)."""
    gate.lock(connection, layer)
    if etag_of(features.hold(connection, layer, feature_id).encode()) != etag:
        raise _changed(layer, feature_id)


def new(connection: Connection, layer: Layer, filled: Filled) -> Put:
    """A feature that there is not yet; without a code it is given the first free one."""
    gate.lock(connection, layer)
    code = codes.numbered(layer)
    if code and layer.partition and not filled.values[code].strip():
        shape, division = _shape(filled.geometry), filled.values[layer.partition.field].strip()
        if shape is not None and division:
            proposed = reshaping.proposed(connection, layer, division, shape)
            filled = replace(filled, values={**filled.values, code: proposed})
    return reshaping.redrawn(connection, layer, edits.put(layer, _feature(filled)))


def line(text: str) -> BaseGeometry:
    """The line to cut along; Problem(SPLIT_REFUSED) where none was drawn."""
    shape = _shape(text)
    if shape is None or shape.geom_type != "LineString" or not shapely.is_valid(shape):
        raise Problem(SPLIT_REFUSED, parts=1)
    return shape


def other(layer: Layer, text: str) -> int:
    """The neighbour that was chosen."""
    return ids.read(text, Problem(UNKNOWN_FEATURE, layer=layer.name, id=text))


def _feature(filled: Filled) -> Mapping[str, Any]:
    return {"properties": filled.values, GEOMETRY: _json(filled.geometry)}


def _json(text: str) -> object:
    """What is no JSON is no geometry either, and refused as such; nothing typed is none."""
    try:
        found: object = json.loads(text, parse_constant=_refuse) if text else None
    except (ValueError, RecursionError):
        return text
    return found


def _refuse(constant: str) -> object:
    raise ValueError(constant)


def _shape(text: str) -> BaseGeometry | None:
    try:
        found = _json(text)
        return None if found is None else shapely.force_2d(geojson.parse_geometry(found))
    except Problem:
        return None


def _moved(text: str) -> list[Mapping[str, Any]]:
    """The neighbours that follow: {"id", "geometry", "was"} each."""
    found = _json(text)
    if found is None:
        return []
    if not isinstance(found, list) or not all(_is_moved(each) for each in found):
        raise bodies.unreadable("neighbours is no list of features", "neighbours 不是要素的列表")
    return sorted(found, key=lambda each: each["id"])  # in one order, so that no two wait in a ring


def _is_moved(found: object) -> bool:
    return (
        isinstance(found, dict)
        and isinstance(found.get("id"), int)
        and not isinstance(found["id"], bool)
        and 0 <= found["id"] < 10**ids.MAX_DIGITS
        and {"geometry", "was"} <= found.keys()
    )


def _followed(connection: Connection, layer: Layer, neighbour: Mapping[str, Any]) -> Put:
    feature_id: int = neighbour["id"]
    try:
        held = json.loads(features.hold(connection, layer, feature_id))
    except Problem as problem:
        raise _changed(layer, feature_id) from problem
    if held[GEOMETRY] != neighbour["was"]:
        raise _changed(layer, feature_id)
    ground = _shape(json.dumps(neighbour[GEOMETRY]))
    wrong = geometry.check(ground, layer.geometry.accepted)
    if ground is None or wrong is not None:
        findings = [replace(wrong, column=GEOMETRY)] if wrong else []
        raise Problem(FEATURE_REFUSED, findings=findings, layer=layer.name, count=1)
    return reshaping.moved(connection, layer, feature_id, ground)


def _changed(layer: Layer, feature_id: int) -> Problem:
    return Problem(CHANGED_MEANWHILE, layer=layer.name, id=feature_id)


# --- what has happened meanwhile ------------------------------------------------------------------
def rebased(
    connection: Connection, layer: Layer, lang: Lang, feature_id: int, filled: Filled
) -> tuple[Filled, Conflict]:
    """The form on top of what is newest: what the reader changed, and else what others have.

    A shape that others have changed, too, is theirs: two borders cannot be put together.
    """
    newest = loaded(connection, layer, feature_id)
    if newest.etag == filled.etag:
        return replace(newest, values=filled.values), Conflict(elsewhere=True)
    base = _as_loaded(connection, layer, feature_id, filled.version)
    kept, clashes = dict(newest.values), []
    for field in layer.fields:
        was, mine, theirs = (x.get(field.name, "") for x in (base.values, filled.values, kept))
        if mine != was:
            kept[field.name] = mine
        if theirs not in (was, mine):
            yours, shown = (_told(field.name, layer, each, lang) for each in (mine, theirs))
            label = values.heading(field, lang)
            clashes.append(Clash(label, yours, shown, both=mine != was))
    theirs_is_new = not _is_same(newest.geometry, base.geometry)
    drew = bool(filled.neighbours) or not _is_same(filled.geometry, base.geometry)
    shape = newest.geometry if theirs_is_new else filled.geometry
    neighbours = "" if theirs_is_new else filled.neighbours
    rebuilt = replace(newest, values=kept, geometry=shape, neighbours=neighbours)
    return rebuilt, Conflict(clashes, shape=theirs_is_new and drew)


def _as_loaded(connection: Connection, layer: Layer, feature_id: int, version: int) -> Filled:
    """What the reader saw; nothing where it is no version that they could have seen."""
    changes = history.of_feature(connection, layer, feature_id)
    state = next((each.after for each in changes if each.version == version), None)
    if state is None:
        return Filled()
    texts = edit_form.texts(layer, state.properties)
    return Filled(values=texts, geometry=_told_shape(state.geometry))


def _told_shape(found: object) -> str:
    """A geometry as the form holds it; nothing for a register's record."""
    return "" if found is None else json.dumps(found)


def _is_same(one: str, other: str) -> bool:
    """Whether two texts are the same shape, wherever their rings begin."""
    shape, second = _shape(one), _shape(other)
    if shape is None or second is None:
        return shape is second and one == other
    return bool(shapely.equals_exact(shape, second, tolerance=_ROUNDED_DEG, normalize=True))


def _told(name: str, layer: Layer, text: str, lang: Lang) -> str:
    """A value of the form as a page shows it."""
    value: object = _TRUTHS.get(text, text) if layer.field(name).type is Type.BOOLEAN else text
    return values.shown(layer.field(name), value, lang)
