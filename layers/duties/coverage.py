"""Where duties are missing and who has too much, with everything that each figure sums."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.engine import Connection

from gis.errors import Problem
from layers.declaring.duties import DutyRole
from layers.declaring.limits import USUAL, Limits
from layers.declaring.people import EVERYWHERE, Actor
from layers.declaring.words import Label, Layer
from layers.duties import persons
from layers.duties.columns import in_force
from layers.duties.persons import Holder
from layers.duties.records import range_of
from layers.duties.workload import LED, LIAISON, Workload, metres
from layers.ground import division_names
from layers.ground.partition import label
from layers.reading.masking import may_know
from layers.reading.past import today
from layers.refusals.ground import UNKNOWN_DIVISION
from layers.schema.accounts import PERSONS
from layers.schema.duties import DUTIES
from layers.schema.tables import table
from layers.thematic import courtyards, grid_fields, road_segments, work_units

PEOPLE = "persons"
"""What a figure counts where it counts people and not the features of a layer."""


@dataclass(frozen=True, slots=True)
class Item:
    """A feature that lacks somebody; `amount` is what it adds to the figure."""

    id: int
    title: str
    place: int
    amount: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: `value` of `total`, and the `items` that it sums, features of `layer`."""

    name: str
    label: Label
    unit: Label
    layer: str
    value: float
    total: float
    items: tuple[Item, ...]

    @property
    def share(self) -> float:
        """Of the total; 0 where there is nothing."""
        return self.value / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Load:
    """What one person answers for; `excess` names what is outside the limits."""

    person: Holder
    fields: int
    households: int
    metres: float
    cases: int
    units: int
    is_liaison: bool
    excess: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one division and all below it: value and total by name."""

    code: str
    name: str
    figures: Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Coverage:
    """A division and all below it on a day: the figures, the people, and where they were asked for
    the `rows`, division by division."""

    division: str
    on: date
    limits: Limits
    figures: tuple[Figure, ...]
    rows: tuple[Row, ...]
    loads: tuple[Load, ...]


def coverage(  # noqa: PLR0913  what is counted, where and for whom, each named
    connection: Connection,
    *,
    division: str = EVERYWHERE,
    limits: Limits = USUAL,
    on: date | None = None,
    actor: Actor | None = None,
    by_division: bool = True,
) -> Coverage:
    """How well a division and all below it are covered; Problem(UNKNOWN_DIVISION)."""
    day = on or today(connection)
    known = actor is not None and actor.division == division
    names = _names(connection, division, known=known, wanted=by_division)
    counted = [(gap, _items(connection, gap, division, day)) for gap in _GAPS]
    loads = tuple(_loads(connection, division, day, limits))
    if not may_know(actor, int(division)):
        loads = tuple(_hidden(load) for load in loads)
    figures = [_figure(gap, items) for gap, items in counted]
    return Coverage(
        division,
        day,
        limits,
        (*figures, *_figures_of_people(loads, limits)),
        tuple(_rows(names, counted)) if names else (),
        loads,
    )


def _names(
    connection: Connection, division: str, *, known: bool, wanted: bool
) -> Mapping[str, str]:
    """The stored divisions of a subtree by code; one that is not `known` has to be stored."""
    range_of(division)
    if known and not wanted:
        return {}
    names = {each.code: each.name for each in division_names.below(connection, division)}
    if not (names or known) and division != EVERYWHERE:
        raise Problem(UNKNOWN_DIVISION, code=division)
    return names if wanted else {}


# --- what nobody answers for ----------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Gap:
    """Features of a layer without anybody in a role, counted or, with `metres`, measured."""

    name: str
    label: Label
    layer: Layer
    role: DutyRole
    metres: bool = False

    @property
    def unit(self) -> Label:
        return Label("米", "m") if self.metres else self.layer.unit


_GAPS = (
    _Gap("fields", Label("无网格长的网格", "Fields without a leader"), grid_fields.LAYER, LED),
    _Gap(
        "roads",
        Label("无联点领导的路段", "Road without a liaison leader"),
        road_segments.LAYER,
        LIAISON,
        metres=True,
    ),
    _Gap(
        "units",
        Label("无联点领导的单位", "Units without a liaison leader"),
        work_units.LAYER,
        LIAISON,
    ),
    _Gap(
        "courtyards",
        Label("无联点领导的楼院", "Courtyards without a liaison leader"),
        courtyards.LAYER,
        LIAISON,
    ),
)


@dataclass(frozen=True, slots=True)
class _Counted:
    item: Item
    is_covered: bool


def _items(connection: Connection, gap: _Gap, division: str, day: date) -> list[_Counted]:
    """Every feature of the layer in the division, and whether somebody has the role."""
    rows = table(gap.layer)
    held = sa.select(DUTIES.c.feature).where(
        DUTIES.c.layer == gap.layer.name, DUTIES.c.role == gap.role.name, in_force(day)
    )
    amount: ColumnElement[Any] = metres(rows) if gap.metres else sa.literal(1.0, sa.Double)
    found = sa.select(
        rows.c.id,
        label(gap.layer, rows).label("title"),
        rows.c.place,
        amount.label("amount"),
        rows.c.id.in_(held).label("is_covered"),
    ).subquery("found")
    low, high = range_of(division)
    statement = sa.select(found).where(found.c.place.between(low, high)).order_by(found.c.id)
    return [_Counted(Item(*row[:4]), row[4]) for row in connection.execute(statement)]


def _figure(gap: _Gap, counted: Sequence[_Counted]) -> Figure:
    missing = tuple(each.item for each in counted if not each.is_covered)
    return Figure(
        gap.name,
        gap.label,
        gap.unit,
        gap.layer.name,
        sum(item.amount for item in missing),
        sum(each.item.amount for each in counted),
        missing,
    )


def _rows(
    names: Mapping[str, str], counted: Sequence[tuple[_Gap, Sequence[_Counted]]]
) -> Iterator[Row]:
    sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for gap, features in counted:
        for each in features:
            for code in division_names.upwards(each.item.place):
                total = sums[code, gap.name]
                total[0] += 0.0 if each.is_covered else each.item.amount
                total[1] += each.item.amount
    for code, name in names.items():
        figures = {gap.name: (sums[code, gap.name][0], sums[code, gap.name][1]) for gap in _GAPS}
        yield Row(code, name, figures)


# --- who has too much -----------------------------------------------------------------------------
def _loads(connection: Connection, division: str, day: date, limits: Limits) -> Iterator[Load]:
    """Everybody with a duty in the division, with all that they answer for, there or elsewhere."""
    low, high = range_of(division)
    there = sa.select(DUTIES.c.person_id).where(in_force(day), DUTIES.c.place.between(low, high))
    load = Workload(day)
    statement = (
        sa.select(*persons.COLUMNS, *load.amounts.values(), sa.func.bool_or(load.is_liaison))
        .select_from(load.source.join(PERSONS, PERSONS.c.id == load.duties.c.person_id))
        .where(load.in_force, PERSONS.c.id.in_(there))
        .group_by(*persons.COLUMNS)
        .order_by(PERSONS.c.name, PERSONS.c.id)
    )
    for *person, led, households, length, cases, units, liaison in connection.execute(statement):
        amounts = (led, int(households), float(length), int(cases), units, liaison)
        yield Load(persons.holder(person), *amounts, tuple(_excess(amounts, limits)))


def _excess(amounts: tuple[int, int, float, int, int, bool], limits: Limits) -> Iterator[str]:
    fields, households, metres, cases, units, is_liaison = amounts
    for name, is_over in (
        ("fields", fields > limits.fields),
        ("households", households > limits.households),
        ("metres", metres > limits.metres),
        ("cases", cases > limits.cases),
        ("few_units", is_liaison and units < limits.least_units),
        ("many_units", is_liaison and units > limits.most_units),
    ):
        if is_over:
            yield name


def _hidden(load: Load) -> Load:
    return replace(load, person=load.person.hidden())


def _figures_of_people(loads: Sequence[Load], limits: Limits) -> Iterator[Figure]:
    people = Label("人", "people")
    labels = {
        "few_units": Label(
            f"联点单位少于 {limits.least_units} 家的领导",
            f"Liaison leaders with fewer than {limits.least_units} units",
        ),
        "many_units": Label(
            f"联点单位多于 {limits.most_units} 家的领导",
            f"Liaison leaders with more than {limits.most_units} units",
        ),
        "fields": Label(
            f"负责多于 {limits.fields} 块网格的人",
            f"People who lead more than {limits.fields} fields",
        ),
        "households": Label(
            f"负责多于 {limits.households} 户的人",
            f"People with more than {limits.households} households",
        ),
        "metres": Label(
            f"负责路段超过 {limits.metres:g} 米的人",
            f"People with more than {limits.metres:g} m of road",
        ),
        "cases": Label(
            f"网格内未结案件多于 {limits.cases} 件的人",
            f"People with more than {limits.cases} open cases",
        ),
    }
    liaison = sum(load.is_liaison for load in loads)
    for name, told in labels.items():
        of = liaison if name.endswith("units") else len(loads)
        items = tuple(
            Item(load.person.id, load.person.name, 0, 1.0) for load in loads if name in load.excess
        )
        shown = name if name.endswith("units") else f"many_{name}"
        yield Figure(shown, told, people, PEOPLE, float(len(items)), float(of), items)
