"""What a report tells that is no sum over a column: who is linked to what, and what was missed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import urlencode

from layers.declaring.labels import Label
from layers.declaring.people import EVERYWHERE, Actor
from layers.declaring.period import Period
from layers.duties import coverage as duty_coverage
from layers.duties.coverage import Coverage, Load
from layers.duties.workload import LIAISON
from layers.registry import Registry
from layers.reporting import cadence
from layers.reporting.cadence import Beat
from layers.reporting.compiling import rounded
from layers.reporting.declared import Section
from layers.reporting.report import Column, Row, Told, ToldSection, ToldTable, Value
from layers.reporting.scope import Scope
from layers.structures import stock
from layers.thematic import road_segments, work_units

_PEOPLE = Label("人", "people")
_LEADER = Label("联点领导", "Liaison leader")
_UNITS = Label("联点单位", "Units")
_ROAD = Label("责任路段", "Road")
_METRES = Label("米", "m")
_TIMES = Label("次", "times")
_MONTHS = Label("个月", "months")
_EACH = Label("处、㎡", "items, m²")
_BY_COUNT = Label("处数", "Structures")
_BY_AREA = Label("面积（㎡）", "Area (m²)")
_PARTS = (
    ("opening", Label("期初存量", "At the beginning")),
    ("added", Label("新增", "Added")),
    ("demolished", Label("拆除", "Demolished")),
    ("corrected", Label("补办、终结", "Put in order or ended")),
    ("remaining", Label("期末剩余", "Remaining")),
)
_WARNINGS = 12
_OUTSIDE = frozenset({"few_units", "many_units"})
_MISSING = ("units", "roads", "courtyards")


# --- liaison --------------------------------------------------------------------------------------
def liaison(scope: Scope, period: Period, actor: Actor) -> ToldSection:
    """Who is linked to which units and roads, as the duties stand at the end of the period."""
    day = min(period.last, scope.today)
    found = duty_coverage.coverage(
        scope.connection, division=scope.division, on=day, actor=actor, by_division=False
    )
    leaders = [load for load in found.loads if load.is_liaison]
    return ToldSection(
        name="liaison",
        label=Label("科级领导联点", "Liaison leaders"),
        figures=tuple(_liaison_figures(found, leaders)),
        tables=(_leaders(found, leaders),) if leaders else (),
        people=tuple(load.person for load in leaders),
        notes=(
            Label(
                f"按 {day.isoformat()} 在任情况统计；每位领导应联点 "
                f"{found.limits.least_units}–{found.limits.most_units} 家单位。",
                f"As the duties stood on {day.isoformat()}; a leader is linked to "
                f"{found.limits.least_units}–{found.limits.most_units} units.",
            ),
        ),
    )


def _liaison_figures(found: Coverage, leaders: list[Load]) -> Iterator[Told]:
    held = {"role": LIAISON.name, "on": found.on.isoformat(), "division": found.division}
    covered = {"division": found.division, "on": found.on.isoformat()}
    outside = f"/duties/coverage?{urlencode(covered)}"
    in_range = [load for load in leaders if not _OUTSIDE & set(load.excess)]
    yield _now("leaders", _LEADER, _PEOPLE, len(leaders), f"/duties?{urlencode(held)}")
    yield _now(
        "in_range",
        Label("联点单位数合规的领导", "Leaders with as many units as they should"),
        _PEOPLE,
        len(in_range),
        outside,
    )
    units = {**held, "layer": work_units.LAYER.name}
    yield _now(
        "linked",
        _UNITS,
        work_units.LAYER.unit,
        sum(load.units for load in leaders),
        f"/duties?{urlencode(units)}",
    )
    for figure in found.figures:
        if figure.name in _MISSING:
            yield _now(f"without_{figure.name}", figure.label, figure.unit, figure.value, outside)


def _now(name: str, label: Label, unit: Label, amount: float, records: str) -> Told:
    return Told(name=name, label=label, unit=unit, value=Value(rounded(amount), records))


def _leaders(found: Coverage, leaders: list[Load]) -> ToldTable:
    held = {"role": LIAISON.name, "on": found.on.isoformat(), "division": found.division}

    def row(load: Load) -> Row:
        own = held | {"person": str(load.person.id)}
        units = f"/duties?{urlencode(own | {'layer': work_units.LAYER.name})}"
        roads = f"/duties?{urlencode(own | {'layer': road_segments.LAYER.name})}"
        name = load.person.name
        return Row(
            Label(name, name),
            (Value(load.units, units), Value(rounded(round(load.metres)), roads)),
        )

    return ToldTable(
        name="leaders",
        label=Label("各联点领导", "By leader"),
        head=_LEADER,
        columns=(
            Column("units", _UNITS, work_units.LAYER.unit, charted=False),
            Column("road", _ROAD, _METRES, charted=False),
        ),
        rows=tuple(map(row, leaders)),
    )


# --- cadence --------------------------------------------------------------------------------------
def beats(scope: Scope, registry: Registry, period: Period) -> list[Beat]:
    """What has to happen so many times a month, month by month."""
    return cadence.beats(
        scope.connection, registry, period, today=scope.today, within=scope.division
    )


def with_cadence(
    scope: Scope, section: ToldSection, declared: Section, period: Period, known: Sequence[Beat]
) -> ToldSection:
    """The section with how often what it is about should have been, and was."""
    layers = {figure.of.name for figure in declared.figures}
    own = [beat for beat in known if beat.cadence.layer in layers]
    if not own:
        return section
    missed = cadence.missed(own)
    shown = [beat.finding() for beat in missed[:_WARNINGS]]
    notes = [Label(each.sentence("zh"), each.sentence("en")) for each in shown]
    return replace(
        section,
        tables=(*section.tables, _kept(scope, own, period)),
        notes=(*section.notes, *notes),
    )


def _kept(scope: Scope, own: Sequence[Beat], period: Period) -> ToldTable:
    by_name = {beat.cadence.name: beat.cadence for beat in own}

    def row(name: str) -> Row:
        same = [beat for beat in own if beat.cadence.name == name]
        kept = sum(not beat.is_short for beat in same)
        missed = sum(beat.is_missed for beat in same)
        amounts = (by_name[name].least, len(same), kept, missed)
        return Row(by_name[name].label, tuple(Value(amount, link) for amount in amounts))

    place = {} if scope.division == EVERYWHERE else {"place": scope.division}
    link = f"/cadence?{urlencode({'period': period.name, **place})}"
    return ToldTable(
        name="cadence",
        label=Label("例行频次", "Cadence"),
        head=Label("应做事项", "What is due"),
        columns=(
            Column("least", Label("每月至少", "At least a month"), _TIMES),
            Column("months", Label("应达标", "Due"), _MONTHS),
            Column("kept", Label("已达标", "Kept"), _MONTHS),
            Column("missed", Label("未达标", "Missed"), _MONTHS),
        ),
        rows=tuple(map(row, by_name)),
    )


# --- stock ----------------------------------------------------------------------------------------
def with_stock(
    scope: Scope, section: ToldSection, declared: Section, period: Period
) -> ToldSection:
    """The section with 存量 + 新增 − 拆除 = 剩余, where it tells of what stands."""
    if not declared.stock:
        return section
    found = stock.of(scope.connection, period.first, period.last, within=scope.division)
    parts = [getattr(found, name) for name, _ in _PARTS]
    links = [stock.address(name, period, scope.division) for name, _ in _PARTS]
    counts = tuple(Value(p.count, link) for p, link in zip(parts, links, strict=True))
    areas = tuple(Value(rounded(p.area_m2), link) for p, link in zip(parts, links, strict=True))
    table = ToldTable(
        name="stock",
        label=Label("存量变化", "What stands"),
        head=Label("口径", "Counted in"),
        columns=tuple(Column(name, label, _EACH) for name, label in _PARTS),
        rows=(Row(_BY_COUNT, counts), Row(_BY_AREA, areas)),
    )
    return replace(section, tables=(table, *section.tables))
