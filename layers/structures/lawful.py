"""From which day on a structure may be pulled down by force, by the documents that were served.

Nothing here asks the database. The day follows the latest end of all that has to be over under a
named policy (`layers.structures.demolition_policies`), and people work on it.
"""

from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gis.clock import local
from gis.errors import Finding
from layers.calendar.workdays import Calendar
from layers.declaring.labels import Label
from layers.declaring.papers import KIND_LABELS, STANDING, Kind, Paper, Served
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
)
from layers.structures.demolition_policies import Policies, Policy, policies

_MONTHS = 12
# No period is counted beyond: a slip of the pen may stand at the end of all dates.
_FAR = date(9000, 1, 1)
TERM_LABELS: Mapping[str, Label] = {
    "decision": Label("决定书限定的期限", "Deadline of the decision"),
    "reminder": Label("催告期限", "Deadline of the reminder"),
    "announcement": Label("公告期限", "Deadline of the announcement"),
    "reconsideration": Label("申请行政复议的期限", "Time to ask for reconsideration"),
    "litigation": Label("提起行政诉讼的期限", "Time to go to court"),
    "after_reconsideration": Label(
        "不服复议决定起诉的期限", "Time to go to court after reconsideration"
    ),
    "appeal": Label("上诉的期限", "Time to appeal"),
}
# What a term's clause is, where the policy names it by another.
_CLAUSES = {"after_reconsideration": "litigation", "appeal": "litigation"}


@dataclass(frozen=True, slots=True)
class Term:
    """A period that has to be over: it began with a document and `ends` with that day."""

    name: str
    document: str
    begins: date
    ends: date
    standard: str

    @property
    def label(self) -> Label:
        return TERM_LABELS[self.name]


@dataclass(frozen=True, slots=True)
class Lawful:
    """The earliest lawful day of forced demolition and what it rests on.

    None where something is `missing`. `warnings` are for whoever relies on it.
    """

    policy: Policy
    earliest: date | None
    terms: tuple[Term, ...]
    missing: tuple[Finding, ...]
    warnings: tuple[Finding, ...]

    @property
    def decisive(self) -> Term | None:
        """The period that ends last."""
        return max(self.terms, key=_end, default=None)


def earliest(
    papers: Sequence[Paper],
    calendar: Calendar,
    *,
    name: str | None = None,
    known: Policies | None = None,
) -> Lawful:
    """When force may be used at the earliest, under the policy `name` (else the default one) as it
    is in force on the day on which the decision was served. Problem(UNKNOWN_POLICY)."""
    known = known or policies()
    decision = _last(papers, Kind.DECISION)
    begun = (decision.served_on or decision.dated_on) if decision else None
    policy = known.policy(name, begun)
    case = _Case(papers, decision, policy, calendar)
    missing = tuple(_missing(case))
    terms = tuple(_terms(case))
    day = None
    if not missing and terms:
        day = calendar.after(max(term.ends for term in terms), 1)
    days = [term.ends for term in terms] + ([day] if day else [])
    warnings = (*_assumed(case), *calendar.unknown(days))
    return Lawful(policy, day, terms, missing, warnings)


def objections(
    begins: datetime,
    ends: datetime,
    lawful: Lawful,
    calendar: Calendar,
    known: Policies | None = None,
) -> tuple[Finding, ...]:
    """What the law has against using force between two moments; nothing where it is lawful."""
    known = known or policies()
    begins, ends = local(begins), local(ends)
    return (
        *early(begins.date(), lawful),
        *untimely(begins, max(begins, ends), calendar, known),
    )


def early(day: date, lawful: Lawful) -> Iterator[Finding]:
    """A day that comes too early; this alone may be overridden, with a written reason."""
    if lawful.earliest is None:
        yield Finding(FORCED_UNREADY, values={"value": day, "count": len(lawful.missing)})
    elif day < lawful.earliest:
        term = max(lawful.terms, key=_end)
        basis = {"basis": term.label.en, "basis_zh": term.label.zh, "until": term.ends}
        values = {"value": day, "earliest": lawful.earliest, **basis}
        yield Finding(FORCED_EARLY, values=values)


def _end(term: Term) -> date:
    return term.ends


def untimely(
    begins: datetime, ends: datetime, calendar: Calendar, known: Policies | None = None
) -> Iterator[Finding]:
    """Nights, weekends and holidays that a piece of work would touch."""
    known = known or policies()
    day = begins.date()
    while day <= ends.date():
        if not calendar.works(day):
            yield Finding(FORCED_REST_DAY, values={"value": day})
        day += timedelta(days=1)
    if _in_the_night(begins, ends, known):
        night = f"{known.night[0]:%H:%M}–{known.night[1]:%H:%M}"
        span = f"{begins:%H:%M}–{ends:%H:%M}"
        yield Finding(FORCED_NIGHT, values={"value": span, "night": night})


def _in_the_night(begins: datetime, ends: datetime, known: Policies) -> bool:
    falls, dawns = known.night
    by_day = dawns <= begins.time() and ends.time() <= falls and begins.time() < falls
    return begins.date() != ends.date() or not by_day


# --- what has to be there -------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Case:
    papers: Sequence[Paper]
    decision: Paper | None
    policy: Policy
    calendar: Calendar

    def later(self, kind: Kind) -> list[Paper]:
        """Documents of a kind that follow the decision, the oldest first."""
        since = self.decision.dated_on if self.decision else date.min
        found = [each for each in self.papers if each.kind is kind and each.dated_on >= since]
        return sorted(found, key=_age)

    def effective(self, paper: Paper) -> date | None:
        """The day from which periods count: what is published is served some weeks later."""
        if paper.served_on is None:
            return None
        day = min(paper.served_on, _FAR)
        if paper.served_how is Served.PUBLICATION and paper.kind is not Kind.ANNOUNCEMENT:
            return day + timedelta(days=self.policy.publication_days)
        return day

    def ends(self, begins: date, days: int) -> date:
        """The last day of a period, which is one on which people work."""
        return self.calendar.on_or_after(begins + timedelta(days=days))


def _age(paper: Paper) -> tuple[date, date, str]:
    return (paper.dated_on, paper.served_on or date.max, paper.number)


def _last(papers: Sequence[Paper], kind: Kind) -> Paper | None:
    return max((each for each in papers if each.kind is kind), key=_age, default=None)


def _missing(case: _Case) -> Iterator[Finding]:
    for kind in case.policy.needs:
        found = [case.decision] if kind is Kind.DECISION else case.later(kind)
        if not any(paper and paper.served_on for paper in found):
            yield Finding(DOCUMENT_MISSING, values=_named(kind))
    yield from _too_early(case)
    yield from _contested(case)


def _too_early(case: _Case) -> Iterator[Finding]:
    """Reminders and announcements from before the decision had reached the party."""
    reached = case.effective(case.decision) if case.decision else None
    if reached is None:
        return
    for kind in (Kind.REMINDER, Kind.ANNOUNCEMENT):
        found = [paper for paper in case.later(kind) if paper.served_on]
        if found and kind in case.policy.needs and found[-1].dated_on < reached:
            values = {**_named(kind), "value": found[-1].dated_on, "after": reached}
            yield Finding(DOCUMENT_EARLY, values=values | _named(Kind.DECISION, "other"))


def _contested(case: _Case) -> Iterator[Finding]:
    """What was applied for and not yet decided, and what was decided against the authority."""
    for asked, answered in _REMEDIES:
        answers = case.later(answered)
        waiting = len(case.later(asked)) - len(answers)
        if waiting > 0:
            last = case.later(asked)[-1]
            yield Finding(REMEDY_PENDING, values={**_named(asked), "value": last.number})
        for paper in answers:
            if paper.outcome not in STANDING:
                yield Finding(DECISION_FELL, values={**_named(answered), "value": paper.number})


_REMEDIES = (
    (Kind.RECONSIDERATION, Kind.RECONSIDERATION_DECISION),
    (Kind.SUIT, Kind.JUDGMENT),
)


def _named(kind: Kind, name: str = "document") -> dict[str, object]:
    label = KIND_LABELS[kind]
    return {name: label.en.lower(), f"{name}_zh": label.zh}


# --- what has to be over --------------------------------------------------------------------------
def _terms(case: _Case) -> Iterator[Term]:
    policy = case.policy
    for name, ends in _DEADLINES.items():
        if name in policy.waits:
            papers = [case.decision] if name == "decision" else case.later(Kind(name))
            yield from _told(case, name, [each for each in papers if each], ends(policy))
    served = case.effective(case.decision) if case.decision else None
    if case.decision and served:
        number = case.decision.number
        if "reconsideration" in policy.waits:
            last = case.ends(served, policy.reconsideration_days)
            yield _term(case, "reconsideration", number, served, last)
        if "litigation" in policy.waits:
            last = case.calendar.on_or_after(months_after(served, policy.litigation_months))
            yield _term(case, "litigation", number, served, last)
    yield from _after(case, Kind.RECONSIDERATION_DECISION, "after_reconsideration")
    yield from _after(case, Kind.JUDGMENT, "appeal")


_DEADLINES: Mapping[str, Callable[[Policy], int | None]] = {
    "decision": lambda _: None,
    "reminder": lambda policy: policy.reminder_days,
    "announcement": lambda policy: policy.announcement_days,
}


def _told(case: _Case, name: str, papers: Sequence[Paper], days: int | None) -> Iterator[Term]:
    """The deadlines that documents set; those that set none leave the usual time."""
    for paper in papers:
        served = case.effective(paper)
        if served is None:
            continue
        ends = served if days is None else case.ends(served, days)
        yield _term(
            case, name, paper.number, served, max(min(paper.deadline or ends, _FAR), served)
        )


def _after(case: _Case, kind: Kind, name: str) -> Iterator[Term]:
    policy = case.policy
    days = policy.appeal_days if name == "appeal" else policy.after_reconsideration_days
    for paper in case.later(kind):
        served = case.effective(paper) or min(paper.dated_on, _FAR)
        yield _term(case, name, paper.number, served, case.ends(served, days))


def _term(case: _Case, name: str, number: str, begins: date, ends: date) -> Term:
    standard = case.policy.standard.get(_CLAUSES.get(name, name), "")
    return Term(name, number, begins, ends, standard)


def _assumed(case: _Case) -> Iterator[Finding]:
    """Documents that set no deadline: the usual time was counted."""
    for name, usual in _DEADLINES.items():
        papers = [case.decision] if name == "decision" else case.later(Kind(name))
        for paper in papers:
            if paper and paper.served_on and paper.deadline is None and name in case.policy.waits:
                values = {**_named(paper.kind), "value": paper.number}
                yield Finding(TERM_ASSUMED, values=values | {"days": usual(case.policy) or 0})


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or that month's last (民法典 202).

    >>> months_after(date(2017, 8, 31), 6)
    datetime.date(2018, 2, 28)
    """
    years, month = divmod(day.month - 1 + months, _MONTHS)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
