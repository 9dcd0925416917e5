"""The layers as features in metres: what goes into each file."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from linjiaya import (
    cases,
    duties,
    fabric,
    meetings,
    network,
    now,
    plan,
    publicity,
    records,
    structures,
    trade,
    volunteers,
    yards,
)
from linjiaya.fields import Field, fields
from linjiaya.records import COMMUNITY_NAMES, Record
from linjiaya.registers import Rows
from linjiaya.segments import segments

Features = list[tuple[BaseGeometry, dict[str, Any]]]

# Names as in the published code list, without the committee.
LEVELS = {
    plan.LANTIAN: "community",
    plan.ZHANXI: "community",
    plan.LINJIAYA: "village",
    plan.LUJIAZHUANG: "village",
}
DISTRICT_CODE = "630102000000"
DWELLING_M2 = 92.0
INSTITUTIONS = {"school": 36, "hospital": 24, "market": 58, "station": 40}


def divisions() -> Features:
    """The street and its communities, put together from the fields."""
    street = {
        "code": plan.STREET_CODE,
        "name": "林家崖街道",
        "level": "street",
        "parent": DISTRICT_CODE,
        "special_policy": None,
    }
    whole = shapely.coverage_union_all([f.shape for f in fields()])
    parts: Features = [(whole, street)]
    for code, name in COMMUNITY_NAMES.items():
        own = [f.shape for f in fields() if f.seed.division == code]
        properties = {
            "code": code,
            "name": name,
            "level": LEVELS[code],
            "parent": plan.STREET_CODE,
            "special_policy": "cut",
        }
        parts.append((shapely.coverage_union_all(own), properties))
    return parts


def grid_fields() -> Features:
    """The responsibility fields with their persons."""
    return [(f.shape, _field_properties(f)) for f in fields()]


def _field_properties(field: Field) -> dict[str, Any]:
    rng, duty = field.rng(), duties.duties()[field.code]
    households = _households(field)
    return {
        "code": field.code,
        "name": _field_name(field),
        "kind": _kind(field),
        "division": field.seed.division,
        "households": households,
        "population": round(households * float(rng.uniform(2.5, 3.1))),
        "leader": duty.leader,
        "deputy": duty.deputy,
        "people_lead": duty.people_lead,
        "area_lead": duty.area_lead,
        "task_lead": duty.task_lead,
    }


def _field_name(field: Field) -> str:
    title = field.seed.title or f"第{field.number}网格"
    return f"{COMMUNITY_NAMES[field.seed.division]}{title}"


def _kind(field: Field) -> str:
    if field.seed.title:
        return "special"
    return "basic" if field.seed.use == "village" else "general"


def _households(field: Field) -> int:
    """Grows with the dwellings that stand on the field, within what a grid should hold."""
    if field.seed.use in INSTITUTIONS:
        return INSTITUTIONS[field.seed.use]
    rng = field.rng()
    if field.seed.use == "village":
        farms = sum(b.dwelling for b in fabric.field_buildings(field))
        return round(farms * float(rng.uniform(1.9, 2.6)))
    floor_m2 = sum(b.shape.area * b.storeys for b in fabric.field_buildings(field) if b.dwelling)
    share = float(np.clip(floor_m2 / DWELLING_M2 / 2400, 0, 1))
    return round(255 + 235 * float(share**0.6) + float(rng.uniform(0, 28)))


def road_segments() -> Features:
    """The liaison segments."""
    return [
        (
            s.line,
            {
                "name": s.street.name,
                "from_place": s.from_place,
                "to_place": s.to_place,
                "road_class": s.street.road_class,
                "liaison_leader": s.liaison_leader,
            },
        )
        for s in segments()
    ]


def streets() -> Features:
    """The whole network, lanes included."""
    return [(s.line, {"name": s.name, "road_class": s.road_class}) for s in fabric.all_streets()]


def buildings() -> Features:
    """Every building, those around the street 林家崖 too."""
    return [(b.shape, {"storeys": b.storeys}) for _, b in fabric.all_buildings()]


def water() -> Features:
    """The river and the stream."""
    return [(w.surface, {"name": w.name}) for w in (network.river(), network.stream())]


def _points(found: Iterable[Record]) -> Features:
    return [(r.at, r.properties) for r in found]


def layers() -> dict[str, Features]:
    """Features by the name of the layer."""
    return {
        "divisions": divisions(),
        "grid_fields": grid_fields(),
        "road_segments": road_segments(),
        "work_units": _points(records.work_units()),
        "illegal_structures": _points(structures.illegal_structures()),
        "courtyards": _points(yards.courtyards()),
        "markets": _points(trade.markets()),
        "shops": _points(trade.shops()),
        "sites": _points(cases.sites()),
        "courtyard_works": _points(yards.courtyard_works()),
        "market_inspections": _points(trade.market_inspections()),
        "shop_inspections": _points(trade.shop_inspections()),
        "streets": streets(),
        "buildings": buildings(),
        "water": water(),
    }


def registers() -> dict[str, Rows]:
    """Records without a place by the name of their layer, and the steps and pictures of cases."""
    return {
        "meetings": meetings.meetings(),
        "decisions": meetings.decisions(cases.settled()),
        "volunteer_teams": volunteers.teams(),
        "volunteer_activities": volunteers.activities(),
        "publicity": publicity.publicity(),
        "campaign_days": publicity.campaign_days(),
        "funds": publicity.funds(),
        "market_works": publicity.market_works(),
        "structure_documents": structures.structure_documents(),
        "demolitions": structures.demolitions(),
        "steps": [*cases.steps(), *structures.steps()],
        "photos": cases.photos(),
    }


def layers_of_now() -> dict[str, Features]:
    """Features whose days are counted from the day of loading."""
    return {name: _points(found) for name, found in now.layers().items()}


def registers_of_now() -> dict[str, Rows]:
    """The same of what has no place."""
    return {**now.registers(), "steps": now.steps(), "photos": now.photos()}
