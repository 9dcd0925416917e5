"""Everything about one structure on one page: its documents, what was pulled down, what the law
says about force, whether its areas agree and when it is looked at again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Finding, Problem
from layers.calendar.workdays import Calendar
from layers.declaring.papers import Paper
from layers.reading import masking
from layers.refusals.asking import UNKNOWN_FEATURE
from layers.schema.tables import table
from layers.structures import area, document_rules, lawful
from layers.structures.demolition_policies import Track, policies
from layers.structures.lawful import Lawful
from layers.structures.look_back import Due
from layers.thematic import demolitions, illegal_structures


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """A structure's record as the reader may see it, and all that belongs to it.

    `papers` are its documents with the ids of their records and `records` the demolitions, both in
    the order of their days. `warnings` are for whoever relies on the areas.
    """

    values: dict[str, Any]
    track: Track
    papers: Sequence[tuple[int, Paper]]
    records: Sequence[dict[str, Any]]
    lawful: Lawful
    warnings: Sequence[Finding]
    look_backs: Sequence[Due]


def of(
    connection: Connection, feature: int, calendar: Calendar, *, policy: str | None = None
) -> Dossier:
    """The dossier of a structure. Problem(UNKNOWN_FEATURE), Problem(UNKNOWN_POLICY)."""
    layer = illegal_structures.LAYER
    rows = masking.shown(layer, table(layer))
    row = connection.execute(sa.select(rows).where(rows.c.id == feature)).mappings().first()
    if row is None:
        raise Problem(UNKNOWN_FEATURE, layer=layer.name, id=feature)
    values = {field.name: row[field.name] for field in layer.fields}
    number = str(values["number"])
    papers = list(document_rules.papers_of(connection, [number]).get(number, ()))
    papers.sort(key=lambda each: (each[1].dated_on, each[0]))
    warning = area.warning(values["area_measured_m2"], values["area_computed_m2"])
    return Dossier(
        values=values,
        track=policies().track(values["land"], temporary=values["temporary"]),
        papers=papers,
        records=_demolitions(connection, number),
        lawful=lawful.earliest([paper for _, paper in papers], calendar, name=policy),
        warnings=[warning] if warning else [],
        look_backs=_look_backs(feature, values),
    )


def _demolitions(connection: Connection, number: str) -> list[dict[str, Any]]:
    rows = masking.shown(demolitions.LAYER, table(demolitions.LAYER))
    wanted = sa.select(rows).where(rows.c.structure == number)
    return [dict(row) for row in connection.execute(wanted.order_by(rows.c.done_on)).mappings()]


def _look_backs(feature: int, values: dict[str, Any]) -> list[Due]:
    """Those that are still to come, or due, of a structure that was struck off."""
    closed: date | None = values["closed_on"]
    if closed is None or values["status"] != "closed":
        return []
    return [
        Due(feature, values["number"], each.after_days, closed + timedelta(days=each.after_days))
        for each in policies().look_backs
        if values[each.field] is None
    ]
