"""The words of a workflow: what can be said, and what is refused as soon as it is said."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from gis.clock import BEIJING
from layers.calendar import deadlines
from layers.calendar.deadlines import resumed
from layers.calendar.workdays import Calendar
from layers.cases import clock as case_clock
from layers.cases.clock import Moment, Term
from layers.cases.step_checks import CHECKS
from layers.declaring.people import Role
from layers.declaring.words import Choice, Field, Geometry, Label, Layer, Type
from layers.declaring.workflow import Again, Clock, Document, Documents, Move, Transition, Workflow
from layers.registry import Registry
from layers.schema.photos import PHOTO_ROLES

CALENDAR = Calendar()
STEP = Transition(
    name="close",
    label=Label("办结", "Close"),
    sources=("open",),
    target="closed",
    roles=(Role.LEADER,),
)
FLOW = Workflow(
    status="status",
    initial="open",
    closed=("closed",),
    opened="found_on",
    due="due",
    previous="previous",
    transitions=(STEP,),
)


def states(*names: str) -> tuple[Choice, ...]:
    return tuple(Choice(name, Label(name, name)) for name in names)


def layer(flow: Workflow, *names: str, title: str | None = "number") -> Layer:
    return Layer(
        name="things",
        label=Label("物", "Things"),
        geometry=Geometry.POINT,
        title=title,
        workflow=flow,
        fields=(
            Field(name="number", label=Label("编号", "Number")),
            Field(name="status", label=Label("状态", "Status"), choices=states(*names)),
            Field(name="found_on", label=Label("日期", "Found on"), type=Type.DATE),
            Field(name="due", label=Label("期限", "Due"), type=Type.DATE),
            Field(name="previous", label=Label("前次", "Previous")),
        ),
    )


@pytest.mark.parametrize(
    "change",
    [
        {"sources": ()},
        {"roles": ()},
        {"back": True, "target": None},
        {"limit": "x", "clock": Clock.HANG},
        {"clock": Clock.EXTEND},
        {"documents": (Document("notice"),)},
        {"other_than": ("nothing",)},
        {"answers": "nothing"},
        {"again": Again(link="previous", copies=())},
        {"again": Again(link="number", copies=()), "sources": ("closed",), "target": "open"},
    ],
)
def test_what_makes_no_sense_cannot_be_declared(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        replace(FLOW, transitions=(replace(STEP, **change),))


def test_states_are_the_choices_of_the_field() -> None:
    assert layer(FLOW, "open", "closed").workflow is FLOW
    for names in (("open",), ("open", "closed", "more")):
        with pytest.raises(ValueError, match="states and choices"):
            layer(FLOW, *names)
    with pytest.raises(ValueError, match="title"):
        layer(FLOW, "open", "closed", title=None)
    with pytest.raises(ValueError, match="'unit'"):
        layer(replace(FLOW, unit="unit"), "open", "closed")
    with pytest.raises(ValueError, match="share a name"):
        replace(FLOW, transitions=(STEP, STEP))


@pytest.mark.parametrize(
    "more",
    [
        {"asks": ("found_on",)},
        {"photos": ("after",)},
        {"checks": ("two_officers",)},
        {"target": None},
    ],
)
def test_one_tap_is_for_what_needs_no_more(more: dict[str, Any]) -> None:
    tap = replace(FLOW, at_once=("close",))
    assert tap.unsigned == {"open"}
    assert FLOW.unsigned == frozenset()
    with pytest.raises(ValueError, match="one tap"):
        replace(tap, transitions=(replace(STEP, **more),))
    with pytest.raises(ValueError, match="no transition"):
        replace(FLOW, at_once=("nothing",))


def test_of_structures_no_step_is_one_tap(registry: Registry) -> None:
    """Each has its papers, photographs or somebody else's judgement; the ledger's has two."""
    flows = {name: x.workflow for name, x in registry.layers.items() if x.workflow}
    taps = {name: flow.at_once for name, flow in flows.items() if flow}
    assert taps == {"sites": ("accept", "return"), "illegal_structures": ()}


def test_a_way_back_leads_to_wherever_it_was_left() -> None:
    hang = replace(STEP, name="hang", sources=("open", "later"), target="hung")
    back = replace(STEP, name="resume", sources=("hung",), target="open", back=True)
    wait = replace(STEP, name="wait", target="later")
    flow = replace(FLOW, transitions=(STEP, wait, hang, back))
    assert {move for move in flow.moves if move.transition == "resume"} == {
        Move("resume", "hung", "open"),
        Move("resume", "hung", "later"),
    }
    assert flow.reachable == flow.states == {"open", "later", "hung", "closed"}


def test_what_a_workflow_names_is_there(registry: Registry) -> None:
    known = deadlines.rules().limits
    for each in registry.layers.values():
        if each.workflow is None:
            continue
        flow = each.workflow
        if isinstance(flow.documents, Documents):
            papers = registry.layer(flow.documents.layer)
            kinds = {choice.value for choice in papers.field(flow.documents.kind).choices}
            needed = {x.kind for step in flow.transitions for x in step.documents}
            assert needed <= kinds
            assert papers.field(flow.documents.of)
        for step in flow.transitions:
            assert set(step.checks) <= set(CHECKS), step.name
            assert set(step.photos) <= set(PHOTO_ROLES), step.name
            stages = {limit.stage for limit in known if limit.layer == each.name}
            assert step.limit is None or step.limit in stages, step.name
        if each.logged:
            assert dict(each.logged.given)[flow.status] == flow.initial
            assert set(flow.closed) <= set(each.logged.done)


# --- the clock ------------------------------------------------------------------------------------
NOW = datetime(2026, 11, 23, 10, tzinfo=BEIJING)  # a Monday
EARLIER, DUE = (datetime(2026, 11, day, 18, tzinfo=BEIJING) for day in (18, 20))
TERM = Term(EARLIER, DUE)


def turned(registry: Registry, clock: Clock | None, term: Term = TERM, **given: Any) -> Term:
    step = replace(STEP, clock=None)
    if clock is Clock.EXTEND:
        step = replace(step, asks=("due",))
    moment = Moment(now=NOW, calendar=CALENDAR, kind=None, **given)
    return case_clock.turned(registry.layer("sites"), replace(step, clock=clock), term, moment)


def test_a_clock_does_what_its_word_says(registry: Registry) -> None:
    begun = Term(NOW, datetime(2026, 11, 26, 18, tzinfo=BEIJING))  # three working days
    assert turned(registry, None) == TERM
    assert turned(registry, Clock.ENSURE) == TERM
    assert turned(registry, Clock.ENSURE, Term()) == begun
    assert turned(registry, Clock.START) == begun
    assert turned(registry, Clock.STOP) == Term()
    assert turned(registry, Clock.HANG) == Term(EARLIER)
    day = datetime(2026, 12, 1, tzinfo=BEIJING).date()
    assert turned(registry, Clock.EXTEND, given=day) == Term(EARLIER, deadlines.end_of(day))
    assert turned(registry, Clock.ENSURE, given=day) == Term(NOW, deadlines.end_of(day))


@pytest.mark.parametrize(
    ("hung", "due", "end"),
    [
        # Thursday to Tuesday: three working days were left, the weekend is none.
        ("2026-11-12T10:00", "2026-11-17T18:00", "2026-11-26T18:00"),
        # Late already, or due on that day: one day is left all the same.
        ("2026-11-12T10:00", "2026-11-10T18:00", "2026-11-24T18:00"),
        ("2026-11-12T10:00", "2026-11-12T14:30", "2026-11-24T14:30"),
    ],
)
def test_the_working_days_that_were_left_are_left_still(hung: str, due: str, end: str) -> None:
    moments = (datetime.fromisoformat(text).replace(tzinfo=BEIJING) for text in (hung, due))
    assert resumed(*moments, NOW, CALENDAR) == datetime.fromisoformat(end).replace(tzinfo=BEIJING)


def test_what_was_hung_without_a_limit_has_none_afterwards(registry: Registry) -> None:
    assert turned(registry, Clock.RESUME, Term(), hung_at=EARLIER) == Term()
    found = turned(registry, Clock.RESUME, Term(EARLIER), hung=TERM, hung_at=EARLIER)
    assert (found.begun_at, found.day) == (EARLIER, datetime(2026, 11, 25, tzinfo=BEIJING).date())
