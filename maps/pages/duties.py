"""The pages about duties: the list, one duty and what can be done with it, what is missing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from types import MappingProxyType
from typing import Literal
from urllib.parse import urlencode

from gis.errors import Lang
from layers.declaring.duties import ROLES, DutyRole
from layers.declaring.rights import Right
from layers.declaring.words import Layer
from layers.duties.coverage import PEOPLE, Coverage, Figure, Load, Row
from layers.duties.history import DutyChange
from layers.duties.persons import Holder
from layers.duties.records import Duty
from layers.duties.workbook import EXCESS
from layers.ground.division_names import DivisionName
from layers.registry import Registry
from maps import templating
from maps.figures import number
from maps.templating import NOBODY, Visit
from maps.words.wording import words

_NONE: Mapping[str, str] = MappingProxyType({})
_ITEMS_SHOWN, _PEOPLE_SHOWN = 200, 100
# On which map a layer's gaps stand out.
_MAPS = {
    "grid_fields": "fields",
    "road_segments": "liaison",
    "work_units": "liaison",
    "courtyards": "courtyards",
}

ActionName = Literal["hand-over", "change", "close"]


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed, and what is wrong with it by field; under "" what concerns no field alone.

    `namesakes` are the people whom a typed name may mean.
    """

    name: str
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    namesakes: Sequence[Holder] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be done with a duty, and what it asks for."""

    form: Form
    title: str
    text: str
    asks: Sequence[str]
    day: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page of duties. `first` and `following` are addresses; `knows` says that the reader may
    look for names; `feature` is the title of the one that the list is about."""

    duties: Sequence[Duty]
    form: Form
    divisions: Sequence[DivisionName]
    today: date
    knows: bool
    feature: str | None = None
    first: str | None = None
    following: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A duty with its validator, all terms of its role and target, its own changes, and the form
    that was refused, if one was."""

    duty: Duty
    etag: str
    terms: Sequence[Duty]
    changes: Sequence[DutyChange]
    today: date
    refused: Form | None = None


# --- the list -------------------------------------------------------------------------------------
def duties(registry: Registry, lang: Lang, listing: Listing, *, visit: Visit = NOBODY) -> str:
    """The list of duties with its filter."""
    asked = listing.form.values
    layer, feature = asked.get("layer", ""), asked.get("feature", "")
    return _page(
        "duties.html",
        lang,
        visit,
        **{name: getattr(listing, name) for name in listing.__slots__},
        heading=_heading(listing, lang),
        narrowed=bool(feature or asked.get("person")),
        feature_address=f"/collections/{layer}/items/{feature}?f=html" if feature else None,
        gifts=list(_gifts(layer, feature, lang)) if Right.APPOINT in visit.rights else [],
        roles=tuple(ROLES.values()),
        labels=_labels(registry, lang),
    )


def _heading(listing: Listing, lang: Lang) -> str:
    said = words("duties", lang)
    if listing.feature is not None:
        return said["of_feature"].format(title=listing.feature)
    if listing.form.values.get("person") and listing.duties:
        return said["of_person"].format(name=listing.duties[0].person.name)
    return said["title"]


def of_feature(
    layer: Layer, feature: int, lang: Lang, *, visit: Visit = NOBODY
) -> list[tuple[str, str]]:
    """Where a feature's page leads to: its duties, and the form that gives the first of them."""
    if not roles_of(layer.name):
        return []
    query = urlencode({"layer": layer.name, "feature": feature, "on": ""})
    own = (words("duties", lang)["title"], f"/duties?{query}")
    gifts = _gifts(layer.name, str(feature), lang) if Right.APPOINT in visit.rights else ()
    return [own, *islice(gifts, 1)]


def _gifts(layer: str, feature: str, lang: Lang) -> Iterator[tuple[str, str]]:
    """A feature's roles that can be given, each with the address of its form."""
    for role in roles_of(layer) if feature else ():
        query = urlencode({"layer": layer, "feature": feature, "role": role.name})
        yield appoint_label(role, lang), f"/duties/new?{query}"


def roles_of(layer: str) -> tuple[DutyRole, ...]:
    """The roles in which somebody may answer for features of a layer."""
    return tuple(role for role in ROLES.values() if layer in role.layers)


def appoint_label(role: DutyRole, lang: Lang) -> str:
    """What the link to a role's form says."""
    return words("duties", lang)["give_role"].format(role=role.label.of(lang))


# --- one duty -------------------------------------------------------------------------------------
def duty(registry: Registry, lang: Lang, known: Known, *, visit: Visit = NOBODY) -> str:
    """One duty, who had it before and after, and the forms to change it."""
    shown = known.duty
    actions = list(_actions(known, lang)) if Right.APPOINT in visit.rights else []
    placed = any(action.form is known.refused for action in actions)
    return _page(
        "duty.html",
        lang,
        visit,
        duty=shown,
        etag=known.etag,
        standing=shown.on(known.today),
        layer=_labels(registry, lang).get(shown.layer, shown.layer),
        facts=list(_facts(shown, lang)),
        terms=known.terms,
        changes=known.changes,
        today=known.today,
        actions=actions,
        # What is no longer possible at all has no form any more that could say so.
        refused=None if placed else known.refused,
    )


def _facts(duty: Duty, lang: Lang) -> Iterator[tuple[str, str | None]]:
    said, person = words("duties", lang), duty.person
    yield said["unit"], person.unit
    yield said["post"], person.post
    yield said["phone"], person.phone
    yield said["division"], f"{duty.place:012}" if duty.place else None
    yield said["document"], duty.document
    yield said["reason_told"], duty.ended_reason


def _actions(known: Known, lang: Lang) -> Iterator[Action]:
    said, duty = words("duties", lang), known.duty
    vacant = ("reason", "vacant") if duty.role.never_vacant else ("reason",)
    match duty.on(known.today):
        case "current":
            # Whoever began today can hand over tomorrow: a term has a day at least.
            day = max(known.today, duty.valid_from + timedelta(days=1)).isoformat()
            asks = ("person", "on", "document")
            form = _form(known, "hand-over", {"on": day})
            yield Action(form, said["hand_over"], said["hand_over_text"], asks, said["from_day"])
            form, asks = _form(known, "close", {"on": day}), ("on", *vacant)
            yield Action(form, said["end"], said["end_text"], asks, said["end_day"])
        case "planned":
            typed = {"person": duty.person.name, "on": duty.valid_from.isoformat()}
            form = _form(known, "change", typed | {"document": duty.document or ""})
            asks = ("person", "on", "document")
            yield Action(form, said["replace"], said["replace_text"], asks, said["from_day"])
            yield Action(
                _form(known, "close", _NONE), said["withdraw"], said["withdraw_text"], vacant
            )
        case _:
            return


def _form(known: Known, name: ActionName, values: Mapping[str, str]) -> Form:
    refused = known.refused
    return refused if refused is not None and refused.name == name else Form(name, values)


def new(  # noqa: PLR0913  what is given, to whom it is told, and what was typed
    layer: Layer, feature: int, title: str, lang: Lang, form: Form, *, visit: Visit = NOBODY
) -> str:
    """The form that gives a duty for a feature."""
    given = {"layer": layer, "feature": feature, "title": title, "form": form}
    return _page("duty_new.html", lang, visit, **given, roles=roles_of(layer.name))


# --- coverage -------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class ShownFigure:
    """A figure as the page has it; `links` lead to what it sums, `map` to where that stands out."""

    name: str
    label: str
    value: float
    shown: str
    total: str
    items: Sequence[object]
    links: Sequence[tuple[str, str, str]]
    unlisted: int
    map: str | None


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A division with its figures, each with the total that it is of."""

    name: str
    address: str
    depth: int
    cells: Sequence[tuple[str, str]]


def coverage(  # noqa: PLR0913  what was counted, for whom, and what was asked
    registry: Registry,
    lang: Lang,
    found: Coverage,
    form: Form,
    divisions: Sequence[DivisionName],
    *,
    visit: Visit = NOBODY,
) -> str:
    """Where duties are missing and who has too much, with links to every record."""
    figures = [_figure(figure, lang) for figure in found.figures]
    people = sorted(filter(_loaded, found.loads), key=_by_load)
    return _page(
        "duties_coverage.html",
        lang,
        visit,
        cover=words("coverage", lang),
        form=form,
        asked=bool(visit.query),
        divisions=divisions,
        figures=figures,
        by_division=[figure for figure in figures if figure.map is not None],
        rows=_rows(found, divisions, form),
        people=people[:_PEOPLE_SHOWN],
        unlisted=max(0, len(people) - _PEOPLE_SHOWN),
        excessive=sum(bool(load.excess) for load in found.loads),
        excess=EXCESS,
        xlsx=f"/duties/coverage?{urlencode({**form.values, 'f': 'xlsx'})}",
        themes=registry.themes,
    )


def _loaded(load: Load) -> bool:
    return bool(load.excess or load.fields or load.metres or load.units)


def _by_load(load: Load) -> tuple[bool, float, float]:
    """Who has too much first, then whoever has most."""
    return not load.excess, -load.households, -load.metres


def _figure(figure: Figure, lang: Lang) -> ShownFigure:
    unit = figure.unit.of(lang)
    return ShownFigure(
        figure.name,
        figure.label.of(lang),
        figure.value,
        _amount(figure.value, unit, lang),
        _amount(figure.total, unit, lang),
        figure.items,
        tuple(_links(figure, lang)),
        max(0, len(figure.items) - _ITEMS_SHOWN),
        _map(figure.layer),
    )


def _links(figure: Figure, lang: Lang) -> Iterator[tuple[str, str, str]]:
    for item in figure.items[:_ITEMS_SHOWN]:
        if figure.layer == PEOPLE:
            yield item.title, f"/duties?person={item.id}", ""
        else:
            address = f"/collections/{figure.layer}/items/{item.id}?f=html"
            measured = item.amount != 1.0
            amount = _amount(item.amount, figure.unit.of(lang), lang) if measured else ""
            yield item.title, address, amount


def _map(layer: str) -> str | None:
    return f"/maps/{_MAPS[layer]}" if layer in _MAPS else None


def _amount(value: float, unit: str, lang: Lang) -> str:
    return words("coverage", lang)["amount"].format(value=number(round(value)), unit=unit)


def _rows(found: Coverage, divisions: Sequence[DivisionName], form: Form) -> list[ShownRow]:
    depths = {each.code: each.depth for each in divisions}
    return [_row(row, depths.get(row.code, 0), form) for row in found.rows]


def _row(row: Row, depth: int, form: Form) -> ShownRow:
    address = f"/duties/coverage?{urlencode({**form.values, 'division': row.code})}"
    cells = [tuple(number(round(part)) for part in pair) for pair in row.figures.values()]
    return ShownRow(row.name, address, depth, [(value, total) for value, total in cells])


def _labels(registry: Registry, lang: Lang) -> dict[str, str]:
    return {name: layer.label.of(lang) for name, layer in registry.layers.items()}


def _page(template: str, lang: Lang, visit: Visit, **given: object) -> str:
    return templating.render(template, lang, visit, said=words("duties", lang), **given)
