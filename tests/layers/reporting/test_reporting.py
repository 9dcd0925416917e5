"""What the statistics of cases count, and that every declared figure can be asked for."""

from collections.abc import Mapping
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api import cql2
from gis.errors import Problem
from layers.calendar import workdays
from layers.cases import columns as case_columns
from layers.declaring.labels import Label
from layers.declaring.people import EVERYWHERE, SYSTEM
from layers.declaring.period import parse
from layers.reading import features
from layers.reading.past import asked_of
from layers.refusals.ground import UNKNOWN_DIVISION
from layers.registry import Registry
from layers.reporting import making
from layers.reporting.conditions import Due, Is, quoted
from layers.reporting.declared import Figure, Rate, Section
from layers.reporting.scope import Scope
from layers.reporting.sections import DECLARED
from layers.schema.cases import CASES
from layers.thematic import sites
from tests.factories import geometry, record

JULY = parse("2017-07")


def case(conn: Connection, n: int, **given: object) -> int:
    """A case of the ledger with these days; the others that a record may have are empty."""
    empty = {field.name: None for field in sites.LAYER.fields if not field.required}
    values = {**record(sites.LAYER, n), **empty, "number": f"案件{n}", "status": "rectifying"}
    return features.insert(conn, sites.LAYER, values | given, geometry(sites.LAYER, n))


def counted(conn: Connection, **values: object) -> None:
    """What steps would have counted of the last case: only a restored backup may say so."""
    last = sa.select(sa.func.max(CASES.c.feature)).scalar_subquery()
    conn.execute(sa.text("SET LOCAL session_replication_role = replica"))
    conn.execute(sa.update(CASES).where(CASES.c.feature == last).values(**values))
    conn.execute(sa.text("SET LOCAL session_replication_role = origin"))


def figures(conn: Connection, registry: Registry, period: str = "2017-07") -> Mapping[str, object]:
    found = making.report(conn, registry, parse(period), actor=SYSTEM).section("cases")
    return {each.name: each.value.amount for each in found.figures}


@pytest.fixture
def ledger(conn: Connection) -> Connection:
    """Cases of July 2017, and of before and after, one for each thing that is counted."""
    day = {
        name: date(2017, 7, number) for name, number in (("early", 3), ("mid", 14), ("late", 28))
    }
    cleared = {"status": "cleared"}
    case(conn, 1, found_on=day["early"], due=day["mid"], cleared_on=day["mid"], **cleared)
    case(conn, 2, found_on=day["early"], due=day["mid"], cleared_on=day["late"], **cleared)
    case(conn, 3, found_on=day["early"], due=day["mid"])  # late by ten working days
    case(conn, 4, found_on=day["mid"], due=day["late"])  # late by one
    case(conn, 5, found_on=date(2017, 6, 1), due=day["mid"], cleared_on=date(2017, 8, 9), **cleared)
    counted(conn, reworks=2)
    case(
        conn, 6, found_on=date(2017, 6, 1), due=date(2017, 6, 9), cleared_on=day["early"], **cleared
    )
    case(conn, 7, found_on=day["late"], due=date(2017, 8, 4))
    counted(conn, extensions=1)
    case(conn, 8, found_on=day["late"], status="hung", review_on=date(2017, 9, 1))
    case(
        conn,
        9,
        found_on=date(2016, 7, 5),
        due=date(2016, 7, 8),
        cleared_on=date(2016, 7, 8),
        **cleared,
    )
    return conn


def test_what_is_due_in_the_period_is_what_counts(ledger: Connection, registry: Registry) -> None:
    found = figures(ledger, registry)
    assert found["received"] == 6
    assert found["due"] == 5  # 1 to 5
    assert found["closed"] == 2  # 1 and 2: 5 only in August
    assert found["in_time"] == 1
    assert found["closed_rate"] == 40.0
    assert found["in_time_rate"] == 20.0
    assert found["struck_off"] == 3  # 1, 2 and 6
    assert found["reworked"] == 1
    assert found["extended"] == 0  # 7 is due in August
    assert found["supervised"] == 2  # 3 and 5, at the end of July
    assert found["hanging"] == 1
    assert found["open"] == 5  # 3, 4, 5, 7 and 8


def test_a_month_later(ledger: Connection, registry: Registry) -> None:
    found = figures(ledger, registry, "2017-08")
    assert (found["received"], found["due"], found["extended"], found["struck_off"]) == (0, 1, 1, 1)
    assert found["supervised"] == 3  # 3, 4 and 7
    assert found["closed_rate"] == 0.0


def test_without_anything_due_there_is_no_rate(ledger: Connection, registry: Registry) -> None:
    assert figures(ledger, registry, "2015")["closed_rate"] is None


def test_the_year_so_far_and_the_year_before(ledger: Connection, registry: Registry) -> None:
    found = making.report(ledger, registry, JULY, actor=SYSTEM).section("cases")
    received, open_ = found.figure("received"), found.figure("open")
    assert (received.to_date.amount, received.year_before.amount) == (8, 1)
    assert (open_.to_date.amount, open_.year_before.amount) == (5, 0)
    assert found.figure("in_time_rate").year_before.amount == 100.0


def test_what_a_figure_asks_is_the_same_in_both_languages(
    ledger: Connection, registry: Registry
) -> None:
    scope = Scope(ledger, EVERYWHERE, workdays.calendar(ledger), date(2017, 8, 15))
    for section in DECLARED:
        for figure in section.figures:
            rows = scope.rows(figure.of, cases=figure.cases)
            own = scope.rows(figure.of, cases=False)
            for condition in scope.conditions(figure, JULY):
                if condition.__class__.__name__ == "Among":
                    continue
                here = sa.select(rows.c.id).where(condition.sql(rows))
                where = cql2.where(figure.of, condition.cql2)
                there = sa.select(own.c.id).where(asked_of(where, figure.of, own))
                found = [set(ledger.scalars(each)) for each in (here, there)]
                assert found[0] == found[1], condition


def test_days_of_a_case_are_those_of_its_place(conn: Connection) -> None:
    """A limit that ends at midnight in Beijing is of the day that ends, wherever the server is."""
    case(conn, 1, found_on=date(2017, 7, 1), due=date(2017, 7, 31))
    rows = case_columns.rows(conn, sites.LAYER, EVERYWHERE)
    for zone in ("UTC", "Asia/Shanghai", "America/New_York"):
        conn.execute(sa.text(f"SET LOCAL TIME ZONE '{zone}'"))
        assert conn.scalars(sa.select(rows.c.case_due_on)).one() == date(2017, 7, 31)
        due = Due("case_due_on", date(2017, 7, 31), date(2017, 7, 31))
        assert conn.scalars(sa.select(rows.c.id).where(due.sql(rows))).all()


def test_an_unknown_division(conn: Connection, registry: Registry) -> None:
    with pytest.raises(Problem) as refused:
        making.report(conn, registry, JULY, division="110101001001", actor=SYSTEM)
    assert refused.value.rule is UNKNOWN_DIVISION


def test_a_quote_stays_within_its_text() -> None:
    assert quoted("O'Brien' OR 1=1") == "'O''Brien'' OR 1=1'"
    assert Is("unit", ("a'b",)).cql2 == "unit = 'a''b'"


def test_declarations_that_make_no_sense() -> None:
    name = Label("件", "cases")
    figure = Figure(name="a", label=name, unit=name, of=sites.LAYER)
    with pytest.raises(ValueError, match="share a name"):
        Section(name="s", label=name, figures=(figure, figure))
    with pytest.raises(ValueError, match="no figure b"):
        rate = Rate(name="r", label=name, part="a", whole="b")
        Section(name="s", label=name, figures=(figure,), rates=(rate,))


def test_every_field_that_a_figure_names_is_there() -> None:
    for section in DECLARED:
        for figure in section.figures:
            known = case_columns.fields(figure.of) if figure.cases else {}
            names = {field.name for field in figure.of.fields} | set(known)
            assert {figure.field, figure.day, figure.by, figure.open_by} - {None} <= names
        for table in section.tables:
            layers = {section.figure(f).of for f in table.figures if section.rate(f) is None}
            assert len(layers) == 1, table.name
