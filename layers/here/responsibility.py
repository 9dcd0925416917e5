"""Who answers for a point on a day: the people of its fields, of the nearest road and at hand."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import chain
from typing import Any, Literal, NamedTuple

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Finding
from gis.ground import NOTHING
from gis.postgis import Database
from layers.declaring.duties import ROLES, DutyRole
from layers.declaring.people import Actor
from layers.declaring.words import Layer
from layers.here import presently
from layers.here.answering import NOTICE_DAYS, Answering, Known, Target, gather, known
from layers.here.spots import BORDER_M, Column, Fields, Part, Spots
from layers.here.surveying import survey
from layers.reading.masking import NAMES_APART
from layers.reading.past import rows_on, today
from layers.refusals.duties import (
    DOUBT_BORDER,
    DOUBT_CHANGE,
    DOUBT_GAP,
    DOUBT_NO_HOLDER,
    DOUBT_OUTSIDE,
    DOUBT_OVERLAP,
)
from layers.thematic import courtyards, divisions, grid_fields, road_segments, work_units

Status = Literal["inside", "border", "overlap", "outside"]

_FIELDS, _ROADS = grid_fields.LAYER.name, road_segments.LAYER.name
_COURTYARDS, _UNITS = courtyards.LAYER.name, work_units.LAYER.name
_LAYERS: Mapping[str, Layer] = {
    layer.name: layer
    for layer in (grid_fields.LAYER, road_segments.LAYER, courtyards.LAYER, work_units.LAYER)
}
_BESIDE = {_ROADS: "road", _COURTYARDS: "courtyard", _UNITS: "unit"}
# Whoever must not be missing, by the layer of what they answer for.
NEEDED: Mapping[str, DutyRole] = {
    _FIELDS: ROLES["grid_leader"],
    _ROADS: ROLES["liaison_leader"],
    _COURTYARDS: ROLES["courtyard_head"],
    _UNITS: ROLES["liaison_leader"],
}


class Answer(NamedTuple):
    """`fields` holds one field when inside, several on a border or overlap, none outside; each is
    its properties with `id`. `nearest`, `road`, `courtyard` and `unit` carry `distance_m`
    (geodesic metres). `duties` are those of all of them but `nearest`, `doubts` whatever is not
    plain. `division` is the smallest with the point: its code and name. Answers share what they
    have in common: none of it is to be changed."""

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
    if on is not None:
        return next(at_each(connection, [(lon, lat)], on=on, actor=actor))
    asked = presently.statement(lon, lat)
    return _at_present(connection.exec_driver_sql(asked).scalar_one(), actor)


def at_once(
    database: Database,
    lon: float,
    lat: float,
    *,
    on: date | None = None,
    actor: Actor | None = None,
) -> Answer:
    """The same of a database; for today in one message, a transaction by itself."""
    if on is None:
        (found,) = database.asked(presently.statement(lon, lat))
        return _at_present(found, actor)
    with database.read() as connection:
        return at(connection, lon, lat, on=on, actor=actor)


def _at_present(found: Mapping[str, Any], actor: Actor | None) -> Answer:
    now = presently.read(found)
    of_now = known(now.described, now.terms, _LAYERS, on=now.day, is_today=True, actor=actor)
    told = _Told(of_now, now.divisions, now.day)
    return next(chain.from_iterable(map(told.answers, now.spots.parts())))


def statements() -> Iterator[str]:
    """What the database keeps for `at`: SQL for `layers.guards`."""
    kinds = {layer: (kind,) for layer, kind in _BESIDE.items()}
    return presently.statements(_LAYERS, {_FIELDS: ("field", "nearest"), **kinds})


def at_each(
    connection: Connection,
    lonlats: Sequence[tuple[float, float]],
    *,
    on: date | None = None,
    actor: Actor | None = None,
) -> Iterator[Answer]:
    """The answers for WGS 84 points in degrees, in their order; a few statements for all of them,
    after which the connection is no longer needed.

    Names and numbers are masked for those who may not know them
    (`layers.reading.masking.may_know`).
    """
    now = today(connection)
    day, is_today = on or now, on in (None, now)
    ground_of = day if day < now else None  # days to come have the ground of today
    spots = survey(connection, np.array(lonlats, float).reshape(-1, 2), ground_of)
    gathered = gather(
        connection,
        _wanted(spots),
        _LAYERS,
        on=day,
        ground_of=ground_of,
        is_today=is_today,
        actor=actor,
    )
    names = _divisions(connection, np.unique(spots.places).tolist(), ground_of)
    told = _Told(gathered, names, day)
    return chain.from_iterable(map(told.answers, spots.parts()))


def _wanted(spots: Spots) -> Mapping[str, Collection[int]]:
    fields = {*spots.fields.ids.tolist(), *spots.features("nearest")}
    return {_FIELDS: fields, **{layer: spots.features(kind) for layer, kind in _BESIDE.items()}}


def _divisions(
    connection: Connection, places: Collection[int], ground_of: date | None
) -> Mapping[int, dict[str, str]]:
    """Code and name of the divisions with these codes as numbers."""
    asked: dict[str, object] = {"codes": [f"{place:012}" for place in places if place]}
    if not asked["codes"]:
        return {}
    if ground_of is not None:
        asked["on"] = ground_of
    found = connection.execute(_names(in_past=ground_of is not None), asked)
    return {int(code): {"code": code, "name": name} for code, name in found}


@cache  # to put it together takes longer than to run it
def _names(*, in_past: bool) -> sa.Select[Any]:
    rows = rows_on(divisions.LAYER, sa.bindparam("on", type_=sa.Date) if in_past else None)
    codes = sa.bindparam("codes", type_=sa.ARRAY(sa.Text))
    return sa.select(rows.c.code, rows.c.name).where(rows.c.code == sa.any_(codes))


# --- one answer -----------------------------------------------------------------------------------
class _Common(NamedTuple):
    """What all points have in common that lie in the same fields, beside the same features."""

    status: Status
    fields: tuple[dict[str, Any], ...]
    division: dict[str, str] | None
    duties: tuple[Answering, ...]
    doubts: tuple[Finding, ...]


_Ground = tuple[Fields, int, int, int, int]
"""Fields, division, and the ids of road, courtyard and unit (NOTHING: none)."""


class _Told:
    """What is known of a day, and what of it was put together for other points already."""

    def __init__(self, known: Known, names: Mapping[int, dict[str, str]], on: date) -> None:
        self._known = known
        self._names = names
        self._on = on
        self._people: dict[Target, tuple[tuple[Answering, ...], tuple[Finding, ...]]] = {}
        self._common: dict[_Ground, _Common] = {}

    def answers(self, part: Part) -> Iterator[Answer]:
        """The answers for some points, in their order."""
        beside = (part.beside[kind].ids for kind in _BESIDE.values())
        grounds = zip(part.fields, part.places, *beside, strict=True)
        nearest = self._near(_FIELDS, part.beside["nearest"])
        near = [self._near(layer, part.beside[kind]) for layer, kind in _BESIDE.items()]
        for ground, lost, road, courtyard, unit in zip(grounds, nearest, *near, strict=True):
            common = self._common.get(ground)
            if common is None:
                common = self._common[ground] = self._of_ground(ground)
            status, fields, division, duties, doubts = common
            yield Answer(
                status, fields, lost, road, self._on, division, courtyard, unit, duties, doubts
            )

    def _near(self, layer: str, column: Column) -> Iterator[dict[str, Any] | None]:
        features = self._known.features
        for feature, metres in zip(column.ids, column.metres, strict=True):
            if feature == NOTHING:
                yield None
            else:
                yield {**features[layer, feature], "distance_m": metres}

    def _of_ground(self, ground: _Ground) -> _Common:
        within, place, *beside = ground
        known = self._known
        fields = [(_FIELDS, n) for n, _ in within]
        if len(fields) > 1:
            fields.sort(key=lambda target: str(known.features[target]["code"]))
        near = zip(_BESIDE, beside, strict=True)
        targets = (*fields, *(target for target in near if target[1] != NOTHING))
        people = [self._of(target) for target in targets]
        status, division = _status(within), self._names.get(place)
        doubts = _doubts_of_ground(status, [known.titles[target] for target in fields], division)
        return _Common(
            status,
            tuple(known.features[target] for target in fields),
            division,
            tuple(term for terms, _ in people for term in terms),
            (*doubts, *(doubt for _, doubts in people for doubt in doubts)),
        )

    def _of(self, target: Target) -> tuple[tuple[Answering, ...], tuple[Finding, ...]]:
        """Who answers for a feature, and what is not plain about it."""
        found = self._people.get(target)
        if found is None:
            terms = self._known.terms.get(target, ())
            holding = tuple(term for term in terms if term.holds(self._on))
            found = (holding, tuple(_doubts_of_people(target, self._known, self._on)))
            self._people[target] = found
        return found


def _status(within: Fields) -> Status:
    if not within:
        return "outside"
    deep = sum(edge_m > BORDER_M for _, edge_m in within)
    if deep > 1:
        return "overlap"
    return "inside" if len(within) == deep == 1 else "border"


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
