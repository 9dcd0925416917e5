"""The earliest lawful day of forced demolition: what it rests on, and what keeps it away."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.clock import BEIJING
from gis.errors import Problem
from layers.calendar.workdays import Calendar
from layers.declaring.papers import KIND_LABELS, Kind, Outcome, Paper, Served
from layers.refusals.structures import (
    DECISION_FELL,
    DOCUMENT_EARLY,
    DOCUMENT_MISSING,
    FORCED_EARLY,
    FORCED_NIGHT,
    FORCED_REST_DAY,
    FORCED_UNREADY,
    REMEDY_PENDING,
    TERM_ASSUMED,
    UNKNOWN_POLICY,
)
from layers.refusals.submissions import HOLIDAYS_UNKNOWN
from layers.structures.demolition_policies import policies
from layers.structures.lawful import earliest, early, months_after, objections

PUBLISHED = Calendar()
DAYS = st.dates(date(2016, 1, 4), date(2025, 6, 30))


def paper(kind: Kind, dated: str, served: str | None = "", **more: object) -> Paper:
    """A document that was served on the day it is dated, or on another, or (None) never."""
    day = date.fromisoformat(dated)
    on = day if served == "" else served and date.fromisoformat(served)
    told = {"served_on": on or None, "served_how": Served.DIRECT, **more}
    return Paper(kind=kind, number=f"{kind.value} 1", dated_on=day, **told)  # type: ignore[arg-type]  # what a test gives


DECISION = paper(Kind.DECISION, "2017-03-01", "2017-03-03", deadline=date(2017, 3, 18))
REMINDER = paper(Kind.REMINDER, "2017-03-20", "2017-03-21", deadline=date(2017, 3, 31))
ANNOUNCEMENT = paper(Kind.ANNOUNCEMENT, "2017-04-05", deadline=date(2017, 4, 20))
WHOLE = (DECISION, REMINDER, ANNOUNCEMENT)


def test_the_latest_of_all_periods_decides_and_is_shown() -> None:
    found = earliest(WHOLE, PUBLISHED)
    assert [(term.name, term.ends.isoformat()) for term in found.terms] == [
        ("decision", "2017-03-18"),
        ("reminder", "2017-03-31"),
        ("announcement", "2017-04-20"),
        ("reconsideration", "2017-05-02"),
        ("litigation", "2017-09-04"),  # the third was a Sunday
    ]
    assert found.decisive is not None
    assert found.decisive.name == "litigation"
    assert found.decisive.document == DECISION.number
    assert found.decisive.standard == "行政诉讼法 46"
    assert found.earliest == date(2017, 9, 5)
    assert found.missing == found.warnings == ()


def test_a_period_that_ends_before_a_holiday_is_followed_by_no_holiday() -> None:
    served = paper(Kind.DECISION, "2017-03-29", "2017-03-30", deadline=date(2017, 4, 1))
    later = [served, paper(Kind.REMINDER, "2017-04-05"), paper(Kind.ANNOUNCEMENT, "2017-04-20")]
    # Six months end with Saturday 30 September, a day of work; the National Day's week follows.
    assert earliest(later, PUBLISHED).earliest == date(2017, 10, 9)


@pytest.mark.parametrize("absent", [DECISION, REMINDER, ANNOUNCEMENT])
def test_nothing_is_lawful_before_every_document_was_served(absent: Paper) -> None:
    for papers in (
        [each for each in WHOLE if each is not absent],
        [replace(each, served_on=None) if each is absent else each for each in WHOLE],
    ):
        found = earliest(papers, PUBLISHED)
        assert found.earliest is None
        assert DOCUMENT_MISSING in [each.rule for each in found.missing]
        assert any(KIND_LABELS[absent.kind].zh in each.sentence() for each in found.missing)
        (said,) = early(date(2030, 1, 2), found)
        assert said.rule is FORCED_UNREADY


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (Kind.RECONSIDERATION, Kind.RECONSIDERATION_DECISION),
        (Kind.SUIT, Kind.JUDGMENT),
    ],
)
def test_what_was_applied_for_must_be_decided_and_upheld(asked: Kind, answered: Kind) -> None:
    applied = [*WHOLE, paper(asked, "2017-04-01")]
    pending = earliest(applied, PUBLISHED)
    assert pending.earliest is None
    assert [each.rule for each in pending.missing] == [REMEDY_PENDING]
    upheld = paper(answered, "2017-12-01", "2017-12-04", outcome=Outcome.UPHELD)
    # Fifteen days from 4 December: to the 19th, a Tuesday.
    assert earliest([*applied, upheld], PUBLISHED).earliest == date(2017, 12, 20)
    for outcome in (Outcome.ANNULLED, Outcome.CHANGED, None):
        fallen = earliest([*applied, replace(upheld, outcome=outcome)], PUBLISHED)
        assert fallen.earliest is None
        assert [each.rule for each in fallen.missing] == [DECISION_FELL]


def test_a_new_decision_begins_anew() -> None:
    fallen = [
        *WHOLE,
        paper(Kind.SUIT, "2017-04-01"),
        paper(Kind.JUDGMENT, "2017-08-01", outcome=Outcome.ANNULLED),
    ]
    again = paper(Kind.DECISION, "2018-01-10", deadline=date(2018, 1, 25))
    found = earliest([*fallen, again], PUBLISHED)
    assert [each.rule for each in found.missing] == [DOCUMENT_MISSING, DOCUMENT_MISSING]
    more = (paper(Kind.REMINDER, "2018-01-26"), paper(Kind.ANNOUNCEMENT, "2018-02-12"))
    assert earliest([*fallen, again, *more], PUBLISHED).earliest == date(2018, 7, 11)


def test_a_reminder_from_before_the_decision_arrived_does_not_count() -> None:
    soon = replace(REMINDER, dated_on=date(2017, 3, 2), served_on=date(2017, 3, 2))
    found = earliest([DECISION, soon, ANNOUNCEMENT], PUBLISHED)
    assert [each.rule for each in found.missing] == [DOCUMENT_EARLY]
    assert found.earliest is None


def test_what_is_published_is_served_weeks_later_by_the_law_of_that_day() -> None:
    published = {"served_how": Served.PUBLICATION}
    for served, days in (("2017-03-03", 60), ("2023-03-03", 30)):
        papers = [
            paper(Kind.DECISION, served, **published),
            paper(Kind.REMINDER, "2024-03-01"),
            paper(Kind.ANNOUNCEMENT, "2024-03-20"),
        ]
        begins = {term.name: term.begins for term in earliest(papers, PUBLISHED).terms}
        assert begins["litigation"] == date.fromisoformat(served) + timedelta(days=days)


def test_before_may_2015_the_time_to_go_to_court_was_three_months() -> None:
    for served, months in (("2015-03-02", 3), ("2015-05-04", 6)):
        found = earliest([paper(Kind.DECISION, served)], PUBLISHED)
        (term,) = (term for term in found.terms if term.name == "litigation")
        day = date.fromisoformat(served)
        assert term.ends == PUBLISHED.on_or_after(months_after(day, months))


def test_another_policy_waits_for_other_things_and_is_named() -> None:
    found = earliest(WHOLE, PUBLISHED, name="being_built")
    assert (found.policy.name, found.earliest) == ("being_built", date(2017, 4, 21))
    assert "litigation" not in {term.name for term in found.terms}
    with pytest.raises(Problem) as caught:
        earliest(WHOLE, PUBLISHED, name="at_once")
    assert caught.value.rule is UNKNOWN_POLICY


def test_a_deadline_that_nobody_set_is_counted_and_warned_of() -> None:
    found = earliest([DECISION, replace(REMINDER, deadline=None), ANNOUNCEMENT], PUBLISHED)
    assert [each.rule for each in found.warnings] == [TERM_ASSUMED]
    assert {term.name: term.ends for term in found.terms}["reminder"] == date(2017, 3, 31)


def test_holidays_that_nobody_has_told_are_warned_of() -> None:
    far = [replace(each, dated_on=date(2090, 3, 1), served_on=date(2090, 3, 1)) for each in WHOLE]
    assert HOLIDAYS_UNKNOWN in [each.rule for each in earliest(far, PUBLISHED).warnings]


def test_a_slip_of_the_pen_is_no_end_of_time() -> None:
    last = date.max
    papers = [replace(each, dated_on=last, served_on=last, deadline=last) for each in WHOLE]
    assert earliest(papers, PUBLISHED).earliest is not None


# --- for any documents ----------------------------------------------------------------------------
@st.composite
def cases(draw: st.DrawFn) -> list[Paper]:
    """Documents in the order of the procedure, each served, with a deadline or none."""
    day, papers = draw(DAYS), []
    for kind in (Kind.DECISION, Kind.REMINDER, Kind.ANNOUNCEMENT):
        served = day + timedelta(days=draw(st.integers(0, 7)))
        wait = draw(st.none() | st.integers(0, 40))
        papers.append(
            Paper(
                kind=kind,
                number=kind.value,
                dated_on=day,
                served_on=served,
                served_how=draw(st.sampled_from(Served)),
                deadline=None if wait is None else served + timedelta(days=wait),
            )
        )
        # Only a decision is waited for to arrive.
        gap = 60 if papers[-1].served_how is Served.PUBLICATION else 0
        day = served + timedelta(days=gap + draw(st.integers(0, 60)))
    return papers


@settings(deadline=None)
@given(cases(), st.sampled_from([None, "being_built"]))
def test_the_day_is_a_working_day_after_every_period_and_the_first_such(
    papers: list[Paper], name: str | None
) -> None:
    found = earliest(papers, PUBLISHED, name=name)
    assert found.missing == ()
    assert found.earliest is not None
    last = max(term.ends for term in found.terms)
    assert found.earliest > last
    assert PUBLISHED.works(found.earliest)
    between = (found.earliest - last).days
    assert not any(PUBLISHED.works(last + timedelta(days=n)) for n in range(1, between))


@settings(deadline=None)
@given(cases(), st.integers(0, 2), st.integers(1, 400))
def test_whoever_is_served_later_has_no_less_time(papers: list[Paper], n: int, days: int) -> None:
    sooner = earliest(papers, PUBLISHED).earliest
    assert sooner is not None
    served = papers[n].served_on
    assert served is not None
    later = replace(papers[n], served_on=served + timedelta(days=days))
    delayed = earliest([later if i == n else each for i, each in enumerate(papers)], PUBLISHED)
    # Under another law the whole period may be a shorter one.
    same_law = delayed.policy.since == earliest(papers, PUBLISHED).policy.since
    assert delayed.earliest is None or delayed.earliest >= sooner or not same_law


@settings(deadline=None)
@given(cases(), st.permutations(range(3)))
def test_in_which_order_documents_are_entered_does_not_matter(
    papers: list[Paper], order: list[int]
) -> None:
    assert earliest([papers[n] for n in order], PUBLISHED) == earliest(papers, PUBLISHED)


@settings(deadline=None)
@given(
    cases(),
    st.integers(0, 60 * 24 * 365 * 10),
    st.integers(0, 60 * 30),
)
def test_no_night_no_day_of_rest_and_no_day_too_early_passes(
    papers: list[Paper], start: int, minutes: int
) -> None:
    lawful = earliest(papers, PUBLISHED)
    begins = datetime(2016, 1, 1, tzinfo=BEIJING) + timedelta(minutes=start)
    ends = begins + timedelta(minutes=minutes)
    rules = {each.rule for each in objections(begins, ends, lawful, PUBLISHED)}
    touched = [begins + timedelta(minutes=n) for n in range(minutes + 1)]
    night = any(each.hour < 6 or each.hour * 60 + each.minute > 22 * 60 for each in touched)
    night |= (begins.hour, begins.minute) == (22, 0)
    assert (FORCED_NIGHT in rules) == night
    assert (FORCED_REST_DAY in rules) == any(not PUBLISHED.works(each.date()) for each in touched)
    assert lawful.earliest is not None
    assert (FORCED_EARLY in rules) == (begins.date() < lawful.earliest)


def test_the_law_is_the_same_at_every_longitude() -> None:
    lawful = earliest(WHOLE, PUBLISHED)
    noon = datetime.fromisoformat("2017-09-05T22:30:00+00:00")  # half past six on the sixth, here
    assert objections(noon, noon + timedelta(hours=3), lawful, PUBLISHED) == ()


def test_who_is_on_what_land_is_dealt_with_by_its_own_clause() -> None:
    known = policies()
    assert known.track(None, temporary=None).name == "urban"
    assert known.track("state", temporary=False).name == "urban"
    assert known.track("collective", temporary=False).standard == "城乡规划法 65"
    assert known.track("collective", temporary=True).standard == "城乡规划法 66"


def test_every_kind_of_document_has_a_name() -> None:
    assert set(KIND_LABELS) == set(Kind)
