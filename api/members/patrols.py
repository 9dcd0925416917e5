"""Patrols and what was walked, as programs read them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from gis.clock import local
from layers.declaring.people import Actor
from layers.patrols.records import Patrol, Stretch
from layers.patrols.report import Share, Walked
from layers.reading.reading_log import Reading

_NAME = "patrols"


def is_own(patrol: Patrol, actor: Actor) -> bool:
    """Whether a patrol is that of whoever asks."""
    return patrol.account == actor.account_id


def readings(patrols: Iterable[Patrol], actor: Actor, form: str) -> list[Reading]:
    """What is to be noted of telling somebody these patrols: those of other people."""
    others = sum(not is_own(patrol, actor) for patrol in patrols)
    return [Reading(_NAME, _NAME, others, form)] if others else []


def members(patrol: Patrol, actor: Actor) -> dict[str, Any]:
    """One patrol."""
    plain = ("announced", "batches", "points", "left_out", "gaps")
    return {
        "uuid": str(patrol.uuid),
        "own": is_own(patrol, actor),
        "person": patrol.person and {"id": patrol.person.id, "name": patrol.person.name},
        "division": f"{patrol.place:012}",
        "started_at": _at(patrol.started_at),
        "stopped_at": patrol.stopped_at and _at(patrol.stopped_at),
        "kept_until": _at(patrol.kept_until),
        **{name: getattr(patrol, name) for name in plain},
        "walked_m": round(patrol.walked_m, 1),
        "ridden_m": round(patrol.ridden_m, 1),
    }


def collection(
    patrol: Patrol, stretches: Sequence[Stretch], missing: Sequence[int], actor: Actor
) -> dict[str, Any]:
    """The way of a patrol as a GeoJSON FeatureCollection; of a gap nobody knows the way."""
    return {
        "type": "FeatureCollection",
        "patrol": members(patrol, actor) | {"missing": list(missing)},
        "features": [
            {
                "type": "Feature",
                "geometry": stretch.geometry,
                "properties": {
                    "kind": stretch.kind,
                    "since": _at(stretch.since),
                    "until": _at(stretch.until),
                    "seconds": round((stretch.until - stretch.since).total_seconds()),
                    "metres": round(stretch.metres, 1),
                },
            }
            for stretch in stretches
        ],
    }


def walked_members(found: Walked) -> dict[str, Any]:
    """What was walked of the roads."""
    return {
        "division": found.division,
        "span": found.span,
        "periods": [
            {"first": each.first.isoformat(), "last": each.last.isoformat()}
            for each in found.periods
        ],
        "whole": _shares(found.whole),
        "divisions": [
            {"code": row.code, "name": row.name, "shares": _shares(row.shares)}
            for row in found.rows
        ],
        "roads": [
            {
                "id": road.id,
                "title": road.title,
                "division": f"{road.place:012}" if road.place else None,
                "shares": _shares(road.shares),
            }
            for road in found.roads
        ],
    }


def _shares(shares: Iterable[Share]) -> list[dict[str, float]]:
    return [
        {
            "walked_m": round(share.walked_m, 2),
            "total_m": round(share.total_m, 2),
            "share": round(share.of_all, 4),
        }
        for share in shares
    ]


def _at(moment: datetime) -> str:
    return local(moment).isoformat(timespec="seconds")
