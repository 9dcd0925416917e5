"""Duties and their coverage, as programs read them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from api.caching import etag_of
from gis.errors import Lang
from layers.declaring.people import Actor
from layers.duties.coverage import Coverage, Figure, Load
from layers.duties.history import DutyChange
from layers.duties.persons import Holder
from layers.duties.records import Duty
from layers.reading.masking import may_know
from layers.reading.reading_log import Reading
from layers.schema.accounts import PERSONS


def visible(duties: Sequence[Duty], actor: Actor | None) -> list[Duty]:
    """The duties as somebody may see them: the people masked where they may not know them."""
    return [
        duty if may_know(actor, duty.place) else replace(duty, person=duty.person.hidden())
        for duty in duties
    ]


def duty_members(duty: Duty, lang: Lang, today: date) -> dict[str, Any]:
    """One duty; `state` is how its term stands today."""
    return {
        "id": duty.id,
        "role": duty.role.name,
        "label": duty.role.label.of(lang),
        "layer": duty.layer,
        "feature": duty.feature,
        "title": duty.title,
        "division": f"{duty.place:012}" if duty.place else None,
        "person": asdict(duty.person),
        "from": duty.valid_from.isoformat(),
        "to": duty.valid_to and duty.valid_to.isoformat(),
        "state": duty.on(today),
        "document": duty.document,
        "ended_reason": duty.ended_reason,
    }


def etag(duty: Duty) -> str:
    """The validator of a duty: of what is stored of it, whoever reads it in whatever language."""
    stored = (
        duty.id,
        duty.person.id,
        duty.valid_from.isoformat(),
        duty.valid_to and duty.valid_to.isoformat(),
        duty.document,
        duty.ended_reason,
    )
    return etag_of(json.dumps(stored).encode())


# What a program calls the columns.
_CALLED = {"person_id": "person", "valid_from": "from", "valid_to": "to"}


def change_members(
    change: DutyChange, actor: Actor | None, lang: Lang, today: date
) -> dict[str, Any]:
    """One change of a duty; the people masked for who may not know them."""
    told = ("number", "version", "operation", "account", "source", "label")
    before, after = (
        None if duty is None else duty_members(visible([duty], actor)[0], lang, today)
        for duty in (change.before, change.after)
    )
    return {
        **{name: getattr(change, name) for name in told},
        "at": change.at.isoformat(),
        "fields": [_CALLED.get(name, name) for name in change.fields],
        "before": before,
        "after": after,
    }


def readings(way: str, people: Iterable[Holder], form: str) -> list[Reading]:
    """What is to be noted of telling somebody these people: those that are not masked."""
    told = {person.id for person in people if not person.masked}
    return [Reading(way, PERSONS.name, len(told), form)] if told else []


def coverage_members(coverage: Coverage, lang: Lang) -> dict[str, Any]:
    """The figures, each with what it sums."""
    return {
        "division": coverage.division,
        "on": coverage.on.isoformat(),
        "limits": asdict(coverage.limits),
        "figures": [_figure(figure, lang) for figure in coverage.figures],
        "divisions": [
            {
                "code": row.code,
                "name": row.name,
                "figures": {
                    name: {"value": round(value, 2), "total": round(total, 2)}
                    for name, (value, total) in row.figures.items()
                },
            }
            for row in coverage.rows
        ],
        "people": [_load(load) for load in coverage.loads],
    }


def _figure(figure: Figure, lang: Lang) -> dict[str, Any]:
    return {
        "name": figure.name,
        "label": figure.label.of(lang),
        "unit": figure.unit.of(lang),
        "layer": figure.layer,
        "value": round(figure.value, 2),
        "total": round(figure.total, 2),
        "share": round(figure.share, 4),
        "ids": [item.id for item in figure.items],
    }


def _load(load: Load) -> dict[str, Any]:
    return asdict(load) | {"metres": round(load.metres, 2)}
