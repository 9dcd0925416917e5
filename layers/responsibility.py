"""Who answers for a point on a day: the people of its fields, of the nearest road and at hand."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import (
    DOUBT_BORDER,
    DOUBT_CHANGE,
    DOUBT_GAP,
    DOUBT_NO_HOLDER,
    DOUBT_OUTSIDE,
    DOUBT_OVERLAP,
    Finding,
)
from layers.answering import NOTICE_DAYS, Answering, Known, Target, gather
from layers.declare import Layer
from layers.duties_declared import ROLES, DutyRole
from layers.history import rows_on, today
from layers.masking import NAMES_APART
from layers.people import Actor
from layers.situating import BORDER_M, Near, Spot, situate
from layers.thematic import courtyards, divisions, grid_fields, road_segments, work_units

Status = Literal["inside", "border", "overlap", "outside"]

_FIELDS, _ROADS = grid_fields.LAYER.name, road_segments.LAYER.name
_COURTYARDS, _UNITS = courtyards.LAYER.name, work_units.LAYER.name
_LAYERS: Mapping[str, Layer] = {
    layer.name: layer
    for layer in (grid_fields.LAYER, road_segments.LAYER, courtyards.LAYER, work_units.LAYER)
}
# Whoever must not be missing, by the layer of what they answer for.
NEEDED: Mapping[str, DutyRole] = {
    _FIELDS: ROLES["grid_leader"],
    _ROADS: ROLES["liaison_leader"],
    _COURTYARDS: ROLES["courtyard_head"],
    _UNITS: ROLES["liaison_leader"],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`fields` holds one field when inside, several on a border or overlap, none outside; each is
    its properties with `id`. `nearest`, `road`, `courtyard` and `unit` carry `distance_m`
    (geodesic metres). `duties` are those of all of them but `nearest`, `doubts` whatever is not
    plain. `division` is the smallest with the point: its code and name."""

    status: Status
    fields: tuple[dict[str, Any], ...]
    nearest: dict[str, Any] | None
    road: dict[str, Any] | None
    on: date
    division: dict[str, str] | None
    courtyard: dict[str, Any] | None
    unit: dict[str, Any] | None
    duties: tuple[Answering, ...]
    doubts: tuple[Finding, ...]


def at(
    connection: Connection,
    lon: float,
    lat: float,
    *,
    on: date | None = None,
    actor: Actor | None = None,
) -> Answer:
    """The answer for a WGS 84 point in degrees on a day (today), as far as `actor` may know."""
    return at_each(connection, [(lon, lat)], on=on, actor=actor)[0]


def at_each(
    connection: Connection,
    lonlats: Sequence[tuple[float, float]],
    *,
    on: date | None = None,
    actor: Actor | None = None,
) -> list[Answer]:
    """The answers for WGS 84 points in degrees, in their order; a few statements for all of them.

    Names and numbers are masked for those who may not know them (`layers.masking.may_know`).
    """
    now = today(connection)
    day, is_today = on or now, on in (None, now)
    ground_of = day if day < now else None  # days to come have the ground of today
    spots = situate(connection, lonlats, ground_of)
    wanted = _wanted(spots)
    known = gather(
        connection, wanted, _LAYERS, on=day, ground_of=ground_of, is_today=is_today, actor=actor
    )
    names = _divisions(connection, {spot.place for spot in spots}, ground_of)
    return [_answer(spot, known, names, day) for spot in spots]


def _wanted(spots: Sequence[Spot]) -> Mapping[str, Collection[int]]:
    wanted: dict[str, set[int]] = defaultdict(set)
    for spot in spots:
        wanted[_FIELDS].update(spot.fields)
        if spot.nearest:
            wanted[_FIELDS].add(spot.nearest.id)
        for layer, near in _beside(spot):
            wanted[layer].add(near.id)
    return wanted


def _beside(spot: Spot) -> Iterator[tuple[str, Near]]:
    found = ((_ROADS, spot.road), (_COURTYARDS, spot.courtyard), (_UNITS, spot.unit))
    return ((layer, near) for layer, near in found if near is not None)


def _divisions(
    connection: Connection, places: Collection[int], ground_of: date | None
) -> Mapping[int, dict[str, str]]:
    """Code and name of the divisions with these codes as numbers."""
    codes = [f"{place:012}" for place in places if place]
    if not codes:
        return {}
    rows = rows_on(divisions.LAYER, ground_of)
    named = sa.select(rows.c.code, rows.c.name).where(
        rows.c.code == sa.any_(sa.literal(codes, sa.ARRAY(sa.Text)))
    )
    found = connection.execute(named)
    return {int(code): {"code": code, "name": name} for code, name in found}


# --- one answer -----------------------------------------------------------------------------------
def _answer(spot: Spot, known: Known, names: Mapping[int, dict[str, str]], on: date) -> Answer:
    fields = [(_FIELDS, n) for n in spot.fields]
    fields.sort(key=lambda target: str(known.features[target]["code"]))
    status = _status(spot)
    targets = [*fields, *((layer, near.id) for layer, near in _beside(spot))]
    division = names.get(spot.place)
    return Answer(
        status=status,
        fields=tuple(known.features[target] for target in fields),
        nearest=_near(known, _FIELDS, spot.nearest),
        road=_near(known, _ROADS, spot.road),
        on=on,
        division=division,
        courtyard=_near(known, _COURTYARDS, spot.courtyard),
        unit=_near(known, _UNITS, spot.unit),
        duties=tuple(
            term for target in targets for term in known.terms.get(target, ()) if term.holds(on)
        ),
        doubts=(
            *_doubts_of_ground(status, [known.titles[target] for target in fields], division),
            *(doubt for target in targets for doubt in _doubts_of_people(target, known, on)),
        ),
    )


def _near(known: Known, layer: str, near: Near | None) -> dict[str, Any] | None:
    if near is None:
        return None
    return {**known.features[layer, near.id], "distance_m": near.distance_m}


def _status(spot: Spot) -> Status:
    if not spot.fields:
        return "outside"
    deep = sum(edge_m > BORDER_M for edge_m in spot.fields.values())
    if deep > 1:
        return "overlap"
    return "inside" if len(spot.fields) == deep == 1 else "border"


def _doubts_of_ground(
    status: Status, titles: Sequence[str], division: Mapping[str, str] | None
) -> Iterator[Finding]:
    names = {"names": NAMES_APART.join(titles)}
    if status == "border":
        yield Finding(DOUBT_BORDER, values=names)
    elif status == "overlap":
        yield Finding(DOUBT_OVERLAP, values=names)
    elif status == "outside" and division is not None:
        yield Finding(DOUBT_GAP, values={"division": division["name"]})
    elif status == "outside":
        yield Finding(DOUBT_OUTSIDE)


def _doubts_of_people(target: Target, known: Known, on: date) -> Iterator[Finding]:
    terms = known.terms.get(target, ())
    title, needed = known.titles[target], NEEDED[target[0]]
    if not any(term.role == needed and term.holds(on) for term in terms):
        yield Finding(DOUBT_NO_HOLDER, values=_told(needed, title))
    for role in dict.fromkeys(term.role for term in terms):
        own = [term for term in terms if term.role == role]
        for day in _changes(own, on):
            after = NAMES_APART.join(term.person.name for term in own if term.holds(day))
            people = {"person": after or "nobody", "person_zh": after or "无人"}
            yield Finding(DOUBT_CHANGE, values={**_told(role, title), **people, "on": day})


def _changes(terms: Sequence[Answering], on: date) -> list[date]:
    """The days of the next month on which somebody begins or ends."""
    days = {day for term in terms for day in (term.since, term.until) if day is not None}
    return sorted(day for day in days if on < day <= on + timedelta(days=NOTICE_DAYS))


def _told(role: DutyRole, title: str) -> dict[str, object]:
    return {"title": title, "role": role.label.en, "role_zh": role.label.zh}
