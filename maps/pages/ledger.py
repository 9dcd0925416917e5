"""The ledger: cases as a list, for a phone and for a desk."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from gis.errors import Lang
from layers.cases.listing import ANY, TABS, Found, Row, flowing
from layers.declaring.escalation import LABELS, Level
from layers.declaring.people import Actor
from layers.declaring.words import Field, Layer
from layers.declaring.workflow import Transition
from layers.ground.division_names import DivisionName
from layers.registry import Registry
from maps import templating
from maps.pages.case_parts import Due, about, due, state_label
from maps.templating import NOBODY, Visit
from maps.words.wording import words

_ASKED = ("tab", "state", "kind", "unit", "leader", "level", "since", "until", "division")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One case of the list; `offered` are the steps that one tap takes, if the reader may."""

    key: str
    address: str
    title: str
    kind: str
    detail: str
    where: str
    state: str
    is_open: bool
    due: Due
    days: str
    leader: str | None
    handler: str | None
    unit: str | None
    cycle: int
    offered: Sequence[Transition]
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What the page shows: what was asked, what was found, the counts on the tabs, and what can
    be chosen from. `done` says what the last form did."""

    asked: Mapping[str, str]
    found: Found
    etags: Mapping[tuple[str, int], str]
    counts: Mapping[str, int]
    units: Sequence[str]
    divisions: Sequence[DivisionName]
    today: date
    knows: bool
    done: str | None = None


def page(
    registry: Registry, actor: Actor, lang: Lang, ledger: Ledger, *, visit: Visit = NOBODY
) -> str:
    """The page."""
    asked = {name: value for name, value in ledger.asked.items() if value}
    return templating.render(
        "ledger.html",
        lang,
        visit,
        said=words("ledger", lang),
        asked=ledger.asked,
        tab=ledger.asked["tab"],
        tabs=[(tab, _address({**asked, "tab": tab}), ledger.counts[tab]) for tab in TABS],
        lines=[_line(registry, actor, lang, ledger, row) for row in ledger.found.rows],
        matched=ledger.found.matched,
        here=_address(asked),
        first=_address(asked) if visit.query.get("after") else None,
        following=_following(asked, ledger.found),
        workbook=f"/ledger/workbook?{urlencode(asked)}",
        narrowed=sorted(set(asked) - {"tab"}),
        states=_states(registry, lang),
        kinds=_kinds(registry, lang),
        levels=[(each.value, LABELS[each].of(lang)) for each in Level],
        any_state=ANY,
        ledger=ledger,
    )


def _address(asked: Mapping[str, str]) -> str:
    return f"/ledger?{urlencode(asked)}"


def _following(asked: Mapping[str, str], found: Found) -> str | None:
    return None if found.after is None else _address({**asked, "after": found.after})


def asked_for(given: Mapping[str, object]) -> dict[str, str]:
    """What a page was asked for, as its forms and links carry it on."""
    return {name: str(given.get(name) or "") for name in _ASKED}


def _states(registry: Registry, lang: Lang) -> list[tuple[str, list[tuple[str, str]]]]:
    """The states of each layer that can be chosen, under its name."""
    return [
        (
            layer.label.of(lang),
            [(f"{layer.name}:{c.value}", c.label.of(lang)) for c in _status(layer).choices],
        )
        for layer in flowing(registry)
    ]


def _status(layer: Layer) -> Field:
    if layer.workflow is None:
        raise ValueError(layer.name)
    return layer.field(layer.workflow.status)


def _kinds(registry: Registry, lang: Lang) -> list[tuple[str, str]]:
    named: dict[str, str] = {}
    for layer in flowing(registry):
        kind = layer.workflow and layer.workflow.kind
        for choice in layer.field(kind).choices if kind else ():
            named.setdefault(choice.value, choice.label.of(lang))
    return list(named.items())


# --- one case -------------------------------------------------------------------------------------
def _line(registry: Registry, actor: Actor, lang: Lang, ledger: Ledger, row: Row) -> Line:
    layer = registry.layer(row.layer)
    properties = json.loads(row.text)["properties"] if row.text else {}
    kind, *texts = about(layer, properties, lang)
    return Line(
        key=f"{row.layer}-{row.id}",
        address=f"/collections/{row.layer}/items/{row.id}",
        title=row.title,
        kind=kind,
        detail=texts[0] if texts else "",
        where=texts[1] if len(texts) > 1 else "",
        state=state_label(layer, row.state, lang),
        is_open=row.is_open,
        due=due(
            row.level,
            row.due_at,
            row.hung_until,
            lang,
            today=ledger.today,
            is_open=row.is_open,
        ),
        days=_days(row, lang),
        leader=row.leader,
        handler=row.handler,
        unit=row.unit,
        cycle=row.cycle,
        offered=list(_offered(layer, actor, row)) if row.mine else [],
        etag=ledger.etags.get((row.layer, row.id), ""),
    )


def _offered(layer: Layer, actor: Actor, row: Row) -> Iterator[Transition]:
    flow = layer.workflow
    if flow is None or row.state not in flow.unsigned:
        return
    for each in flow.possible(row.state, actor.role):
        if each.name in flow.at_once:
            yield each


def _days(row: Row, lang: Lang) -> str:
    said = words("ledger", lang)
    if row.closed_on is not None:
        return said["closed_on"].format(day=row.closed_on.isoformat())
    return said["found_on"].format(day=row.opened_on.isoformat()) if row.opened_on else ""
