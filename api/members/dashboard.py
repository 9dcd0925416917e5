"""The dashboard, as programs read it."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from gis.errors import Lang
from layers.cases.listing import Row
from layers.declaring.escalation import LABELS
from layers.declaring.period import Period
from layers.duties.coverage import PEOPLE
from layers.reporting.cadence import Beat
from layers.reporting.dashboard import Dashboard, Flow
from layers.structures.stock import Stock


def members(found: Dashboard, late: Sequence[Row], lang: Lang) -> dict[str, Any]:
    """All of it; `late` are the cases that are late the longest."""
    (month, now), (before, then) = found.months
    standing = found.standing
    return {
        "division": found.division,
        "on": found.on.isoformat(),
        "today": {**asdict(found.today)},
        "open": {
            "count": standing.open,
            "due_today": standing.due,
            "late": standing.late,
            "hanging": standing.hanging,
            "levels": [
                {"name": level.value, "label": LABELS[level].of(lang), "count": count}
                for level, count in standing.levels.items()
            ],
            "states": dict(standing.states),
        },
        "late": [_late(row) for row in late],
        "this_month": _flow(month, now),
        "last_month": _flow(before, then),
        "days": [{**asdict(each), "day": each.day.isoformat()} for each in found.days],
        "coverage": [
            {
                "name": figure.name,
                "label": figure.label.of(lang),
                "unit": figure.unit.of(lang),
                "missing": round(figure.value, 2),
                "total": round(figure.total, 2),
            }
            for figure in found.coverage.figures
            if figure.layer != PEOPLE
        ],
        "leaders": [
            {
                "person": asdict(each.load.person),
                "fields": each.load.fields,
                "households": each.load.households,
                "open": each.open,
                "late": each.late,
            }
            for each in found.leading
        ],
        "cadence": [_beat(beat, lang) for beat in found.beats],
        "structures": _stock(found.stock),
    }


def _flow(period: Period, flow: Flow) -> dict[str, Any]:
    days = {"first": period.first.isoformat(), "last": period.last.isoformat()}
    return {**days, **asdict(flow)}


def _late(row: Row) -> dict[str, Any]:
    return {
        "layer": row.layer,
        "id": row.id,
        "title": row.title,
        "state": row.state,
        "kind": row.kind,
        "unit": row.unit,
        "level": row.level,
        "due": row.due_at and row.due_at.isoformat(),
    }


def _beat(beat: Beat, lang: Lang) -> dict[str, Any]:
    return {
        "name": beat.cadence.name,
        "label": beat.cadence.label.of(lang),
        "division": beat.division,
        "month": f"{beat.month.first:%Y-%m}",
        "count": beat.count,
        "least": beat.cadence.least,
        "missed": beat.is_missed,
    }


def _stock(stock: Stock) -> dict[str, Any]:
    return {
        name: {"count": amount.count, "area_m2": float(amount.area_m2)}
        for name in ("opening", "added", "removed", "remaining")
        if (amount := getattr(stock, name)) is not None
    }
