"""What is due each month."""

from datetime import date

import pytest
import shapely

from gis.postgis import Database
from layers.declaring.people import Actor, Role
from layers.declaring.period import Period, parse
from layers.held.policies import acting
from layers.reading import features
from layers.registry import Registry
from layers.reporting import cadence
from layers.reporting.cadence import Beat, cadences
from tests.factories import LAT, LON, record

STREET, COMMUNITY, OTHER = "630102007000", "630102007001", "630102008000"


@pytest.fixture
def street(database: Database, registry: Registry) -> Database:
    """Two streets; in the first two promotion meetings in March and one in April."""
    divisions, meetings = registry.layer("divisions"), registry.layer("meetings")
    with database.begin() as connection:
        for n, code in enumerate((STREET, OTHER)):
            ground = shapely.box(LON + n, LAT, LON + n + 0.5, LAT + 0.5)
            row = record(divisions, code=code, level="street", parent=None, name=f"街道{n}")
            features.insert(connection, divisions, row, ground)
        for n, (day, code) in enumerate(
            (
                (date(2017, 3, 1), STREET),
                (date(2017, 3, 31), COMMUNITY),
                (date(2017, 4, 30), STREET),
            )
        ):
            row = record(meetings, n, kind="promotion", held_on=day, division=code)
            features.insert(connection, meetings, row, None)
    return database


def beats(database: Database, registry: Registry, period: str, today: date) -> list[Beat]:
    with database.read() as connection:
        return cadence.beats(connection, registry, parse(period), today=today)


def counts(found: list[Beat], name: str, code: str) -> list[tuple[str, int, bool]]:
    mine = (b for b in found if b.cadence.name == name and b.division == code)
    return [(beat.month.name, beat.count, beat.is_missed) for beat in mine]


def test_each_month_is_held_against_what_is_due(street: Database, registry: Registry) -> None:
    found = beats(street, registry, "2017-03-15/2017-04-10", date(2017, 6, 1))
    assert counts(found, "promotion", STREET) == [("2017-03", 2, False), ("2017-04", 1, True)]
    assert counts(found, "promotion", OTHER) == [("2017-03", 0, True), ("2017-04", 0, True)]
    assert counts(found, "joint", STREET) == [("2017-03", 0, True), ("2017-04", 0, True)]
    warned = next(beat for beat in cadence.missed(found) if beat.count == 1).finding()
    assert warned.sentence("zh") == "街道0 2017-04 创城专题推进会 1 次，制度要求每月不少于 2 次"


def test_a_month_that_is_not_over_is_not_missed(street: Database, registry: Registry) -> None:
    found = beats(street, registry, "2017", date(2017, 4, 30))
    april = counts(found, "promotion", STREET)[-1]
    assert april == ("2017-04", 1, False)
    assert len(counts(found, "promotion", STREET)) == 4
    assert beats(street, registry, "2017", date(2017, 5, 1))[3].is_missed


def test_nothing_is_due_before_its_rule(street: Database, registry: Registry) -> None:
    assert beats(street, registry, "2016", date(2017, 6, 1)) == []


def test_markets_are_inspected_where_there_are_any(street: Database, registry: Registry) -> None:
    period, today = "2017-03", date(2017, 6, 1)
    assert counts(beats(street, registry, period, today), "market_inspections", STREET) == []
    markets = registry.layer("markets")
    with street.begin() as connection:
        features.insert(connection, markets, record(markets), shapely.Point(LON + 0.1, LAT + 0.1))
    found = beats(street, registry, period, today)
    assert counts(found, "market_inspections", STREET) == [("2017-03", 0, True)]
    assert counts(found, "market_inspections", OTHER) == []


def test_a_reader_is_warned_of_the_own_ground_alone(street: Database, registry: Registry) -> None:
    own = acting(street, Actor(7, None, "某人", Role.VIEWER, OTHER, "test"))
    found = beats(own, registry, "2017-03", date(2017, 6, 1))
    assert {beat.division for beat in found} == {OTHER}


def test_the_file_is_about_what_there_is(registry: Registry) -> None:
    for each in cadences():
        layer = registry.layer(each.layer)
        layer.field(each.day)
        assert each.least > 0
        if each.among:
            name, value = each.among
            assert value in [choice.value for choice in layer.field(name).choices]
    assert Period(date(2017, 1, 1), date(2017, 1, 31)).name == "2017-01"
