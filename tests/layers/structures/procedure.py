"""A structure's case for tests: its documents on record and the steps taken, all rules in force."""

import uuid
from datetime import date
from typing import Any

from sqlalchemy.engine import Connection

from layers.calendar.workdays import Calendar
from layers.cases import applying as cases
from layers.cases.applying import Applied, Attempted
from layers.declaring.people import Actor, Role
from layers.reading import features
from layers.registry import Registry
from tests.factories import division_code
from tests.layers.casework import acting, bring_photos, opened, somebody, stored

WORKDAYS = Calendar()
WORKDAY = WORKDAYS.on_or_after(date(2026, 12, 1))
GIVEN: dict[str, dict[str, object]] = {
    "file": {"approval_number": "林立〔2017〕1号", "officers": "马文、李强"},
    "investigate": {"area_measured_m2": 100},
    "determine": {"determination": "uncorrectable", "land": "state"},
    "decide": {"remove_by": "2017-06-16"},
    "enforce": {
        "enforce_on": WORKDAY.isoformat(),
        "enforce_from": "09:00",
        "enforce_until": "17:00",
    },
    "demolish": {"removed_on": "2017-08-01"},
    "finish": {"removed_on": "2017-08-01"},
}
DATED = {
    "filing": "2017-03-06",
    "site_record": "2017-03-08",
    "sketch": "2017-03-08",
    "planning_opinion": "2017-03-20",
    "stop_work": "2017-03-08",
    "prior_notice": "2017-04-06",
    "legal_review": "2017-05-20",
    "decision": "2017-06-01",
    "reminder": "2017-06-20",
    "announcement": "2017-07-10",
    "government_order": "2018-01-10",
    "enforcement_plan": "2018-01-12",
    "enforcement_decision": "2018-01-15",
}
TO_THE_DECISION = ("file", "investigate", "determine", "notify", "decide")
BY_FORCE = (*TO_THE_DECISION, "remind", "announce", "await_remedies", "enforce", "finish")


class Procedure:
    """One case; whoever acts is somebody new each time, so that nobody judges the own work."""

    def __init__(self, connection: Connection, registry: Registry, **given: object) -> None:
        self.connection, self.registry = connection, registry
        self.layer = registry.layer("illegal_structures")
        told = {"found_on": date(2017, 3, 1), "address": "崖根巷", **given}
        self.feature = opened(connection, self.layer, "registered", **told)

    @property
    def record(self) -> Any:
        return stored(self.connection, self.layer, self.feature).record

    def paper(self, kind: str, **given: object) -> int:
        """Put a document on record, served on the day of its date."""
        day = given.get("dated_on", date.fromisoformat(DATED.get(kind, "2017-03-08")))
        values = {
            "number": f"{kind} {uuid.uuid4().hex[:8]}",
            "structure": self.record["number"],
            "kind": kind,
            "dated_on": day,
            "served_on": day,
            "served_how": "direct",
            "division": division_code(0),
            **given,
        }
        return features.insert(
            self.connection, self.registry.layer("structure_documents"), values, None
        )

    def pull_down(self, area_m2: float, done_on: str = "2017-08-01", **given: object) -> int:
        """Put on record that so much was pulled down, and that nothing stands any more."""
        values = {
            "number": uuid.uuid4().hex,
            "structure": self.record["number"],
            "way": "self",
            "area_m2": area_m2,
            "done_on": date.fromisoformat(done_on),
            "whole": True,
            "division": division_code(0),
            **given,
        }
        return features.insert(self.connection, self.registry.layer("demolitions"), values, None)

    def take(self, name: str, reason: str = "", **given: object) -> Applied:
        """Take a step with what it asks for, by somebody who may; `given` goes before."""
        transition = cases.flow_of(self.layer).transition(name)
        values = {**GIVEN.get(name, {}), **given}
        actor = self.somebody(transition.roles[0])
        with acting(self.connection, actor):
            bring_photos(self.connection, self.layer, self.feature, transition.photos)
            return cases.apply(
                self.connection,
                self.registry,
                actor,
                self.layer,
                self.feature,
                Attempted(transition=name, values=values, reason=reason),
                calendar=WORKDAYS,
            )

    def somebody(self, role: Role) -> Actor:
        return somebody(self.connection, role)

    def go(self, *names: str) -> None:
        """Take steps with the documents that each needs."""
        for name in names:
            for each in cases.flow_of(self.layer).transition(name).documents:
                self.paper(each.kind)
            if name in ("demolish", "finish"):
                self.pull_down(100)
            self.take(name)
