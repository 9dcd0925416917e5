"""A record that becomes one of another layer, such as a decision that becomes a case."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Finding, Problem
from layers.changing import editing
from layers.changing.editing import Changes, Put
from layers.declaring import values
from layers.declaring.logged import BY_DIVISION
from layers.declaring.relations import Becomes
from layers.declaring.words import Layer
from layers.here import whereabouts
from layers.reading import features
from layers.refusals.asking import FEATURE_REFUSED
from layers.refusals.registers import BECAME_ALREADY, BECOMES_NOTHING, BECOMES_NOWHERE
from layers.refusals.values import PROPERTY_UNKNOWN, VALUE_MISSING
from layers.registry import Registry
from layers.schema.tables import table
from layers.thematic import divisions

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Made:
    """What a record has become: the layer, the id and the number of the new one."""

    layer: Layer
    id: int
    number: str


def rule_of(layer: Layer, registry: Registry) -> tuple[Becomes, Layer]:
    """What records of a layer may become; Problem(BECOMES_NOTHING)."""
    if layer.becomes is None or layer.becomes.layer not in registry.layers:
        raise Problem(BECOMES_NOTHING, layer=layer.label.en, layer_zh=layer.label.zh)
    return layer.becomes, registry.layer(layer.becomes.layer)


def become(  # noqa: PLR0913, PLR0917  what, where to and how
    connection: Connection,
    registry: Registry,
    layer: Layer,
    feature_id: int,
    given: Mapping[str, object],
    point: Point | None,
    *,
    tolerance_m2: float,
) -> Made:
    """Make the new record at a point (WGS 84, degrees), else in the middle of the division, and
    write its number into the old one; in the caller's transaction.

    Problems: BECOMES_NOTHING, UNKNOWN_FEATURE, BECAME_ALREADY, BECOMES_NOWHERE, FEATURE_REFUSED.
    """
    rule, target = rule_of(layer, registry)
    record = json.loads(features.hold(connection, layer, feature_id))["properties"]
    if record[rule.number]:
        raise Problem(BECAME_ALREADY, number=record[rule.number])
    lon, lat = point or _middle(connection, layer, record)
    wanted = _record(rule, target, record, given)
    wanted.update(_answering(connection, target, (lon, lat)))
    if point is None and target.logged and target.logged.placed_by:
        wanted[target.logged.placed_by] = BY_DIVISION
    put = Put(None, wanted, shapely.Point(lon, lat))
    (made,) = editing.apply(connection, registry, target, Changes([put]), tolerance_m2=tolerance_m2)
    number = _number(connection, target, made)
    editing.amend(connection, layer, feature_id, {rule.number: number})
    return Made(target, made, number)


def _record(
    rule: Becomes, target: Layer, record: Mapping[str, Any], given: Mapping[str, object]
) -> dict[str, object]:
    """The values of the new record, checked; its number is the database's to give."""
    unasked = [
        Finding(PROPERTY_UNKNOWN, column=name, values={"name": name})
        for name in given
        if name not in rule.asks
    ]
    told: dict[str, object] = {**dict(rule.given), **given}
    told |= {theirs: record[own] for own, theirs in rule.copies if record[own] is not None}
    if target.workflow:
        told[target.workflow.status] = target.workflow.initial
    checked = values.check(target, told)
    numbered = target.logged.number if target.logged else None
    findings = [*unasked, *(f for f in checked.findings if not _is_given(f, numbered))]
    if findings:
        raise Problem(FEATURE_REFUSED, findings=findings, layer=target.name, count=len(findings))
    return dict(checked.values)


def _is_given(finding: Finding, numbered: str | None) -> bool:
    return finding.rule is VALUE_MISSING and finding.column == numbered


def _answering(connection: Connection, target: Layer, point: Point) -> dict[str, object]:
    """In whose field the new record lies, where its layer has columns for that."""
    if target.logged is None or target.logged.field is None:
        return {}
    found = whereabouts.field_at(connection, point)
    named = {target.logged.field: found.code, target.logged.leader: found.leader}
    return {name: value for name, value in named.items() if name}


def _middle(connection: Connection, layer: Layer, record: Mapping[str, Any]) -> Point:
    """A point within the division that the record names; Problem(BECOMES_NOWHERE)."""
    rows = table(divisions.LAYER)
    inside = sa.func.st_pointonsurface(rows.c.geom)
    code = record[layer.belongs or ""] if layer.belongs else None
    statement = sa.select(sa.func.st_x(inside), sa.func.st_y(inside)).where(rows.c.code == code)
    found = connection.execute(statement).first()
    if found is None:
        raise Problem(BECOMES_NOWHERE, division=code or "—")
    return float(found[0]), float(found[1])


def _number(connection: Connection, target: Layer, feature_id: int) -> str:
    rows = table(target)
    name = target.logged.number if target.logged else target.key[0]
    return str(connection.scalar(sa.select(rows.c[name]).where(rows.c.id == feature_id)))
