"""The procedure against a structure with all its rules: each refuses what the law forbids."""

from datetime import date, timedelta

import pytest
from sqlalchemy.engine import Connection

from gis.clock import today
from gis.errors import Problem, Rule
from layers.refusals.cases import CASE_DOCUMENT, CASE_UNSERVED
from layers.refusals.structures import (
    DEADLINE_RUNS,
    DEMOLITION_DAY,
    DEMOLITION_MISSING,
    DOCUMENT_MISSING,
    FORCED_EARLY,
    FORCED_NIGHT,
    FORCED_REST_DAY,
    FORCED_UNREADY,
    HEARING_RUNS,
    LOOK_BACK_EARLY,
    STRUCTURE_NOT_CORRECTABLE,
    STRUCTURE_NOT_ILLEGAL,
    STRUCTURE_OFFICERS,
)
from layers.registry import Registry
from layers.structures import dossier, look_back
from tests.layers.casework import stored
from tests.layers.structures.procedure import (
    BY_FORCE,
    TO_THE_DECISION,
    WORKDAY,
    WORKDAYS,
    Procedure,
)


@pytest.fixture
def case(conn: Connection, registry: Registry) -> Procedure:
    return Procedure(conn, registry)


def refusals(case: Procedure, name: str, reason: str = "", **given: object) -> list[Rule]:
    """What speaks against a step; nothing of it is stored."""
    before = stored(case.connection, case.layer, case.feature)
    with pytest.raises(Problem) as caught, case.connection.begin_nested():
        case.take(name, reason, **given)
    assert stored(case.connection, case.layer, case.feature) == before
    return [finding.rule for finding in caught.value.findings]


def test_a_whole_case_by_force_ends_struck_off_and_is_looked_at_again(case: Procedure) -> None:
    case.go(*BY_FORCE, "accept", "close")
    record = case.record
    assert record["status"] == "closed"
    assert (record["demolished_area_m2"], record["removed_on"]) == (100.0, date(2017, 8, 1))
    assert record["accepted_by"]
    steps = [step["transition"] for step in stored(case.connection, case.layer, case.feature).steps]
    assert steps == [*BY_FORCE, "accept", "close"]
    assert refusals(case, "look_back_30") == [LOOK_BACK_EARLY]
    due = look_back.due(case.connection, today() + timedelta(days=95))
    assert [(each.id, each.after_days) for each in due] == [(case.feature, 30), (case.feature, 90)]
    assert len(look_back.due(case.connection, today() + timedelta(days=31))) == 1
    assert look_back.due(case.connection, today()) == []


def test_a_case_by_the_party_itself_is_shorter(case: Procedure) -> None:
    case.go(*TO_THE_DECISION, "demolish", "accept", "close")
    assert case.record["status"] == "closed"


@pytest.mark.parametrize("officers", ["马文", "马文、马文", "马文 "])
def test_one_officer_does_not_file(case: Procedure, officers: str) -> None:
    case.paper("filing")
    assert refusals(case, "file", officers=officers) == [STRUCTURE_OFFICERS]


def test_what_is_being_built_is_stopped_first(case: Procedure) -> None:
    case.paper("filing")
    case.take("file", being_built="true")
    for kind in ("site_record", "sketch", "planning_opinion"):
        case.paper(kind)
    assert refusals(case, "investigate") == [DOCUMENT_MISSING]
    case.paper("stop_work", served_on=None)
    assert refusals(case, "investigate") == [DOCUMENT_MISSING]
    case.paper("stop_work")
    assert case.take("investigate").state == "investigated"


@pytest.mark.parametrize("found", ["historical", "not_illegal"])
def test_nobody_is_notified_of_what_need_not_go(case: Procedure, found: str) -> None:
    case.go("file", "investigate")
    case.take("determine", determination=found)
    case.paper("prior_notice")
    assert refusals(case, "notify") == [STRUCTURE_NOT_ILLEGAL]
    case.paper("permit")
    assert refusals(case, "correct") == [STRUCTURE_NOT_CORRECTABLE]
    case.paper("termination")
    assert case.take("terminate", "不属违法建设").state == "terminated"
    assert case.record["ended_on"] == case.record["closed_on"] is not None


def test_what_can_be_corrected_is_made_lawful_with_a_permit(case: Procedure) -> None:
    case.go("file", "investigate")
    case.take("determine", determination="correctable")
    assert refusals(case, "correct") == [CASE_DOCUMENT]
    case.paper("permit")
    assert case.take("correct").state == "corrected"


def test_a_document_counts_once_it_was_served(case: Procedure) -> None:
    case.go("file", "investigate", "determine")
    assert refusals(case, "notify") == [CASE_DOCUMENT]
    case.paper("prior_notice", served_on=None)
    assert refusals(case, "notify") == [CASE_UNSERVED]
    case.paper("prior_notice")
    assert case.take("notify").state == "notified"


def test_nothing_is_decided_while_a_hearing_may_be_asked_for(case: Procedure) -> None:
    case.go("file", "investigate", "determine")
    case.paper("prior_notice", dated_on=today(), served_on=today())
    case.take("notify")
    case.paper("legal_review")
    case.paper("decision")
    assert refusals(case, "decide") == [HEARING_RUNS]
    case.paper("statement", dated_on=today())
    assert case.take("decide").state == "decided"


def test_nobody_is_reminded_before_the_deadline(case: Procedure) -> None:
    case.go(*TO_THE_DECISION[:-1])
    for kind in ("legal_review", "decision", "reminder"):
        case.paper(kind)
    case.take("decide", remove_by=(today() + timedelta(days=2)).isoformat())
    assert refusals(case, "remind") == [DEADLINE_RUNS]


# --- force ----------------------------------------------------------------------------------------
@pytest.fixture
def waiting(case: Procedure) -> Procedure:
    """A case in which everything is on record that enforcement needs."""
    case.go(*BY_FORCE[:-2])
    for kind in ("government_order", "enforcement_plan", "enforcement_decision"):
        case.paper(kind)
    return case


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"enforce_from": "05:59"}, FORCED_NIGHT),
        ({"enforce_until": "22:01"}, FORCED_NIGHT),
        ({"enforce_on": "2026-11-28"}, FORCED_REST_DAY),  # a Saturday
        ({"enforce_on": "2026-10-01"}, FORCED_REST_DAY),
        ({"enforce_on": "2017-12-01"}, FORCED_EARLY),
    ],
)
def test_force_has_its_days_and_hours(
    waiting: Procedure, given: dict[str, str], rule: Rule
) -> None:
    assert refusals(waiting, "enforce", "", **given) == [rule]
    if rule is not FORCED_EARLY:  # no reason makes night day
        assert refusals(waiting, "enforce", "情况紧急", **given) == [rule]


def test_the_first_lawful_day_is_told_and_lawful(waiting: Procedure) -> None:
    found = dossier.of(waiting.connection, waiting.feature, WORKDAYS).lawful
    assert found.earliest == date(2017, 12, 4)  # six months end with Friday the first
    assert waiting.take("enforce", enforce_on=found.earliest.isoformat()).state == "enforcing"


def test_going_ahead_too_early_takes_a_reason_which_is_kept(waiting: Procedure) -> None:
    waiting.take("enforce", "危房，随时可能倒塌", enforce_on="2017-12-01")
    step = stored(waiting.connection, waiting.layer, waiting.feature).steps[-1]
    assert (step["transition"], step["reason"]) == ("enforce", "危房，随时可能倒塌")
    assert step["given"]["enforce_on"] == "2017-12-01"


def test_a_suit_that_is_pending_holds_force_up(waiting: Procedure) -> None:
    waiting.paper("suit", dated_on=date(2017, 9, 1))
    assert refusals(waiting, "enforce") == [FORCED_UNREADY]
    waiting.paper("judgment", dated_on=date(2018, 3, 1), outcome="upheld")
    assert waiting.take("enforce").state == "enforcing"


def test_an_annulled_decision_is_decided_anew(waiting: Procedure) -> None:
    waiting.paper("suit", dated_on=date(2017, 9, 1))
    waiting.paper("judgment", dated_on=date(2018, 3, 1), outcome="annulled")
    assert refusals(waiting, "enforce") == [FORCED_UNREADY]
    assert waiting.take("decide_anew", "判决撤销").state == "investigated"
    assert waiting.record["determination"] is None


# --- the end --------------------------------------------------------------------------------------
def test_nothing_is_demolished_without_a_record_that_says_so(case: Procedure) -> None:
    case.go(*TO_THE_DECISION)
    assert refusals(case, "demolish") == [DEMOLITION_MISSING]
    case.pull_down(40, "2017-07-01", whole=False)
    assert refusals(case, "demolish", removed_on="2017-07-01") == [DEMOLITION_MISSING]
    case.pull_down(60)
    assert refusals(case, "demolish", removed_on="2017-07-01") == [DEMOLITION_DAY]
    assert case.take("demolish").state == "demolished"
    assert case.record["demolished_area_m2"] == 100.0


def test_what_was_not_well_done_goes_back_where_it_came_from(case: Procedure) -> None:
    case.go(*BY_FORCE)
    assert case.take("reject", "地基未清").state == "enforcing"
    assert case.record["removed_on"] is None
    assert stored(case.connection, case.layer, case.feature).case["reworks"] == 1


def test_a_case_set_aside_goes_on_where_it_was(case: Procedure) -> None:
    case.go(*TO_THE_DECISION)
    case.paper("suspension")
    later = (today() + timedelta(days=30)).isoformat()
    assert case.take("suspend", "当事人住院", review_on=later).state == "suspended"
    assert case.take("resume", "已出院").state == "decided"
    case.paper("agreement")
    assert case.take("agree", remove_by=later).state == "agreement"
    assert case.take("breach", "到期未拆").state == "decided"


def test_what_is_built_again_is_a_new_case_that_names_the_old(case: Procedure) -> None:
    case.go(*TO_THE_DECISION, "demolish", "accept", "close")
    created = case.take("rebuild", "原址复建").created
    assert created is not None
    again = stored(case.connection, case.layer, created)
    assert again.record["previous"] == case.record["number"]
    assert (again.record["status"], again.record["address"]) == ("registered", "崖根巷")
    assert again.record["demolished_area_m2"] is None
    assert again.case["cycle"] == 2


def test_the_dossier_has_everything_about_a_structure(waiting: Procedure) -> None:
    waiting.pull_down(12.5, whole=False)
    found = dossier.of(waiting.connection, waiting.feature, WORKDAYS)
    assert found.values["demolished_area_m2"] == 12.5
    assert [record["area_m2"] for record in found.records] == [12.5]
    days = [paper.dated_on for _, paper in found.papers]
    assert days == sorted(days)
    assert len(days) == 12
    assert found.track.name == "urban"
    assert found.look_backs == []
    assert WORKDAYS.works(WORKDAY)
