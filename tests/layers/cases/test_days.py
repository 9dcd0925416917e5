"""Cases on a day of their own calendar, for the map of the ledger."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.clock import today
from layers.calendar.workdays import Calendar
from layers.cases import days as case_days
from layers.declaring import escalation
from layers.declaring.escalation import Level
from layers.declaring.people import Role
from layers.declaring.words import Layer
from layers.registry import Registry
from layers.schema.cases import STEPS
from layers.schema.tables import table
from layers.serving.computed import computed_rows, drawn_rows
from layers.serving.summaries import summary
from tests.layers import casework
from tests.layers.serving.test_views import drawn, in_tile

DAY = date(2017, 5, 1)
TODAY = today()


@pytest.fixture
def sites(registry: Registry) -> Layer:
    return registry.layer("sites")


def shown(conn: Connection, layer: Layer, at: date | None) -> dict[str, str]:
    rows = drawn_rows(layer, at=at)
    return {row.number: row.status for row in conn.execute(sa.select(rows))}


def test_only_what_waited_on_a_day_is_there(conn: Connection, sites: Layer) -> None:
    day = timedelta(days=1)
    casework.opened(conn, sites, "rectifying", number="开着", found_on=DAY)
    casework.opened(conn, sites, "rectifying", number="后来", found_on=DAY + day)
    casework.opened(conn, sites, "cleared", number="当天结", found_on=DAY - day, cleared_on=DAY)
    casework.opened(conn, sites, "cleared", number="次日结", found_on=DAY, cleared_on=DAY + day)
    casework.opened(conn, sites, "cleared", number="不知何时", found_on=DAY)
    assert set(shown(conn, sites, DAY)) == {"开着", "次日结"}
    assert len(shown(conn, sites, None)) == 5
    # What has no steps was brought in as it is: on that day it was not closed yet.
    assert shown(conn, sites, DAY)["次日结"] == "registered"


def test_the_state_of_then_is_that_of_the_steps(
    conn: Connection, registry: Registry, sites: Layer
) -> None:
    actor = casework.somebody(conn, Role.ADMIN)
    number = casework.opened(conn, sites, "assigned", number="案", found_on=TODAY)
    casework.take(conn, registry, actor, sites, number, "accept")
    casework.take(conn, registry, actor, sites, number, "start")
    casework.settle(conn)
    assert shown(conn, sites, TODAY) == {"案": "rectifying"}
    conn.execute(sa.text("ALTER TABLE steps DISABLE TRIGGER USER"))
    early = datetime.combine(DAY, datetime.min.time(), UTC)
    moved = sa.update(STEPS).where(STEPS.c.transition == "accept").values(at=early)
    conn.execute(moved)
    conn.execute(sa.update(table(sites)).values(found_on=DAY - timedelta(days=9)))
    assert shown(conn, sites, DAY) == {"案": "accepted"}
    assert shown(conn, sites, DAY - timedelta(days=5)) == {"案": "assigned"}


def test_the_days_are_those_of_the_cases(conn: Connection, sites: Layer) -> None:
    assert summary(conn, sites).days is None
    casework.opened(conn, sites, "cleared", found_on=DAY, cleared_on=date(2017, 6, 1))
    casework.opened(conn, sites, "rectifying", found_on=date(2017, 5, 20))
    assert summary(conn, sites).days == ("2017-05-01", "2017-06-01")
    found = summary(conn, sites, at=date(2017, 5, 21))
    assert found.count == 2
    assert found.classes["rectifying"] == 1


def test_the_map_measures_urgency_as_the_list_does(
    conn: Connection, registry: Registry, sites: Layer
) -> None:
    for n in (-60, -9, -2, 0, 1, 30):
        due = TODAY + timedelta(days=n)
        casework.opened(conn, sites, "rectifying", number=f"{n}", found_on=DAY, due=due)
    casework.opened(conn, sites, "cleared", number="结", due=DAY, cleared_on=TODAY)
    casework.opened(conn, sites, "rectifying", number="无")
    layer = drawn(registry, "ledger", "sites", "level")
    calendar = Calendar()
    rows = computed_rows(layer, calendar=calendar)
    scale = escalation.scale(datetime.now(UTC), calendar)
    cases = {row.title: row for row in conn.execute(sa.text("SELECT * FROM cases"))}
    for row in conn.execute(sa.select(rows)):
        case = cases[row.number]
        level = escalation.level(scale, case.due_at, case.begun_at, is_open=case.is_open)
        assert row.case_level == level.value
        assert (row.in_time is None) == level.is_late
    assert {row.case_level for row in conn.execute(sa.select(rows))} >= {"interview", "none"}


def test_what_is_closed_now_was_late_on_a_day_before(
    conn: Connection, registry: Registry, sites: Layer
) -> None:
    given = {"found_on": DAY, "due": date(2017, 5, 10), "cleared_on": date(2017, 8, 1)}
    casework.opened(conn, sites, "cleared", number="案", **given)
    layer = drawn(registry, "ledger", "sites", "level")
    then = computed_rows(layer, at=date(2017, 7, 1))
    assert conn.scalar(sa.select(then.c.case_level)) == Level.INTERVIEW
    assert summary(conn, layer, at=date(2017, 7, 1)).alerts == 1
    assert conn.scalar(sa.select(computed_rows(layer).c.case_level)) == Level.NONE


def test_heat_is_told_in_cells(
    conn: Connection, registry: Registry, sites: Layer, tmp_path: Path
) -> None:
    for n in range(7):
        casework.opened(conn, sites, "rectifying", number=f"案{n}", found_on=DAY)
    layer = drawn(registry, "ledger", "sites", "heat")
    (cell,) = in_tile(conn, layer, tmp_path)
    assert cell["weight"] == 7
    assert set(cell) <= {"weight", "mvt_id"}


def test_layers_without_cases_are_as_they_are(registry: Registry) -> None:
    plain = registry.layer("road_segments")
    rows = table(plain)
    assert case_days.waiting(plain, rows, DAY) is rows
