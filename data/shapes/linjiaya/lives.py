"""The life of a case, step by step: who did what when, until it was struck off."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

Day = date | int
"""A day of the year 2017, or so many days from the day on which the demo is loaded."""


def written(day: Day) -> str:
    """As it stands in a file: 2017-03-06, or D-3 for three days before the loading."""
    if isinstance(day, date):
        return day.isoformat()
    return f"D{day:+d}" if day else "D"


def _evening(day: Day) -> str:
    """When an office closes."""
    return f"{written(day)} 18:00"


@dataclass(frozen=True, slots=True)
class People:
    """Who has to do with a case; whoever verifies is not whoever handles."""

    leader: str
    handler: str
    verifier: str
    liaison: str


@dataclass(frozen=True, slots=True)
class Extended:
    """The limit was put off on a day."""

    on: Day
    until: Day
    reason: str


@dataclass(frozen=True, slots=True)
class Hung:
    """The case was hung on a day, to be looked at again on another, and taken up once more."""

    on: Day
    review: Day
    reason: str
    resumed: Day | None = None
    due: Day | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A case from the day on which it was found; what has not been done yet has no day.

    `returned` and `rejected` are the day and the reason: sent back by whoever was asked to
    handle it, and by whoever looked at the work; `reassigned` is the day of the second order.
    `due` is the limit that it was given first. `recurred` is when it was found again.
    """

    people: People
    found: Day
    due: Day
    assigned: Day | None = None
    returned: tuple[Day, str] | None = None
    reassigned: Day | None = None
    accepted: Day | None = None
    extended: Extended | None = None
    hung: Hung | None = None
    rejected: tuple[Day, str] | None = None
    done: Day | None = None
    verifying: Day | None = None
    cleared: Day | None = None
    recurred: Day | None = None

    @property
    def last_due(self) -> Day:
        """The limit that holds in the end."""
        if self.hung and self.hung.due is not None:
            return self.hung.due
        return self.extended.until if self.extended else self.due

    @property
    def state(self) -> str:
        """Where it stands."""
        steps = list(self.steps())
        return str(steps[-1]["target"]) if steps else "registered"

    def steps(self) -> Iterator[dict[str, Any]]:
        """All that was done, in order, each with the limit before and after it."""
        state, due = "registered", _evening(self.due)
        for happened in (self._ordered, self._handled, self._finished):
            for name, day, time, person, more in happened():
                target = TARGETS[name] or state
                limits = {"due_before": due, "due_after": more.get("due_after", due)}
                yield {
                    "transition": name,
                    "source": state,
                    "target": target,
                    "at": f"{written(day)} {time}",
                    "person": person,
                    "reason": more.get("reason"),
                    **limits,
                }
                state, due = target, limits["due_after"]

    def _ordered(self) -> Iterator["_Step"]:
        people = self.people
        if self.assigned is not None:
            yield "assign", self.assigned, "09:20", people.leader, {}
        if self.returned is not None:
            day, reason = self.returned
            yield "return", day, "09:50", people.handler, {"reason": reason}
        if self.reassigned is not None:
            yield "assign", self.reassigned, "10:10", people.leader, {}
        if self.accepted is not None:
            yield "accept", self.accepted, "10:40", people.handler, {}
            yield "start", self.accepted, "11:00", people.handler, {}

    def _handled(self) -> Iterator["_Step"]:
        people = self.people
        if self.extended is not None:
            put_off = self.extended
            asked = {"reason": put_off.reason}
            yield "request_extension", put_off.on, "11:20", people.handler, asked
            due = {"reason": "同意延期", "due_after": _evening(put_off.until)}
            yield "extend", put_off.on, "11:30", people.liaison, due
        if self.hung is not None:
            yield (
                "hang",
                self.hung.on,
                "11:40",
                people.liaison,
                {
                    "reason": self.hung.reason,
                    "due_after": None,
                },
            )
            if self.hung.resumed is not None and self.hung.due is not None:
                due_after = {"due_after": _evening(self.hung.due)}
                yield "resume", self.hung.resumed, "14:35", people.liaison, due_after
        if self.rejected is not None:
            day, reason = self.rejected
            yield "request_clearance", day, "15:00", people.handler, {}
            yield "verify", day, "15:40", people.verifier, {}
            yield "reject", day, "16:10", people.verifier, {"reason": reason}

    def _finished(self) -> Iterator["_Step"]:
        people = self.people
        if self.done is not None:
            yield "request_clearance", self.done, "16:25", people.handler, {}
        if self.verifying is not None:
            yield "verify", self.verifying, "16:50", people.verifier, {}
        if self.cleared is not None:
            yield "clear", self.cleared, "17:20", people.verifier, {}
        if self.recurred is not None:
            yield RECUR, self.recurred, "09:10", people.verifier, {"reason": AGAIN}


_Step = tuple[str, Day, str, str, dict[str, Any]]
RECUR = "recur"
AGAIN = "复查发现问题反弹"
TARGETS: dict[str, str | None] = {
    "assign": "assigned",
    "return": "returned",
    "accept": "accepted",
    "start": "rectifying",
    "request_extension": None,
    "extend": None,
    "hang": "hung",
    "resume": "rectifying",
    "request_clearance": "clearance_requested",
    "verify": "verifying",
    "reject": "rectifying",
    "clear": "cleared",
    RECUR: None,
}
