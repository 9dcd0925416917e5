"""The demo as it is loaded: the source's figures as sums over records, lives, what is of now."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from starlette.testclient import TestClient

from api.demo import days as demo_days
from api.demo import lives as demo_lives
from api.demo import loading as demo
from api.demo import pictures as demo_pictures
from gis import files
from gis.clock import BEIJING
from gis.postgis import Database
from layers.photos import store as photo_store
from layers.registry import Registry

CAMPAIGN = (date(2017, 1, 1), date(2017, 7, 20))
YEAR = (date(2017, 1, 1), date(2017, 12, 31))
# What the Xining Evening News of 21 July 2017 reports, and how each is summed over records.
FIGURES = {
    "structures": (
        7,
        """SELECT count(*) FROM illegal_structures s WHERE EXISTS (
          SELECT FROM demolitions d WHERE d.structure = s.number AND d.whole
            AND d.done_on BETWEEN :first AND :last)""",
    ),
    "m² demolished": (1480, "SELECT sum(area_m2) FROM demolitions WHERE {done_on}"),
    "courtyards": (5, "SELECT count(DISTINCT courtyard) FROM courtyard_works WHERE {done_on}"),
    "t of rubbish": (130, "SELECT sum(rubbish_cleared_t) FROM courtyard_works WHERE {done_on}"),
    "piles": (60, "SELECT sum(piles_cleared) FROM courtyard_works WHERE {done_on}"),
    **{
        kind: (
            amount,
            f"SELECT sum(quantity) FROM publicity WHERE kind = '{kind}' AND {{done_on}}",
        )
        for kind, amount in {
            "board": 37,
            "led": 1600,
            "poster": 60,
            "message": 200,
            "questionnaire": 2000,
            "print": 700,
            "panel": 160,
            "banner": 30,
            "booklet": 15_000,
            "letter": 4000,
            "show": 6,
        }.items()
    },
    "yuan of publicity": (98_000, "SELECT sum(cost_yuan) FROM publicity WHERE {done_on}"),
    "teams": (11, "SELECT count(*) FROM volunteer_teams WHERE founded_on <= :last"),
    "volunteers": (110, "SELECT sum(headcount) FROM volunteer_teams WHERE founded_on <= :last"),
    "activities": (200, "SELECT count(*) FROM volunteer_activities WHERE {held_on}"),
    "hours": (700, "SELECT sum(hours) FROM volunteer_activities WHERE {held_on}"),
    "yuan of barrier": (
        120_000,
        "SELECT sum(cost_yuan) FROM market_works WHERE work = 'barrier' AND {done_on}",
    ),
    "m² paved": (700, "SELECT sum(area_m2) FROM market_works WHERE work = 'paving' AND {done_on}"),
    "yuan of paving": (
        60_000,
        "SELECT sum(cost_yuan) FROM market_works WHERE work = 'paving' AND {done_on}",
    ),
    "matters settled": (
        2,
        """SELECT count(*) FROM decisions d JOIN meetings m ON m.number = d.meeting
        JOIN sites c ON c.number = d."case" AND c.status = 'cleared'
        WHERE m.kind = 'matter' AND d.settled_on BETWEEN :first AND :last""",
    ),
    "leaders": (
        4,
        """SELECT count(DISTINCT person_id) FROM duties WHERE role = 'liaison_leader'
        AND valid_from <= :last AND (valid_to IS NULL OR valid_to > :last)""",
    ),
}


@pytest.fixture
def told(district: Database) -> Iterator[Connection]:
    with district.read() as connection:
        yield connection


@pytest.mark.parametrize("period", [CAMPAIGN, YEAR], ids=["campaign", "year"])
@pytest.mark.parametrize("figure", FIGURES)
def test_the_sources_figure_is_a_sum_over_records(
    told: Connection, figure: str, period: tuple[date, date]
) -> None:
    amount, statement = FIGURES[figure]
    days = {day: f"{day} BETWEEN :first AND :last" for day in ("done_on", "held_on")}
    asked = sa.text(statement.format(**days))
    assert told.scalar(asked, {"first": period[0], "last": period[1]}) == amount


def test_each_leader_is_linked_to_one_unit_or_two(told: Connection) -> None:
    statement = """SELECT count(*) FROM duties WHERE role = 'liaison_leader'
      AND layer = 'work_units' AND valid_from <= '2017-01-01' GROUP BY person_id"""
    assert sorted(told.scalars(sa.text(statement))) == [1, 2, 2, 2]


@pytest.mark.parametrize("period", [CAMPAIGN, YEAR], ids=["campaign", "year"])
def test_more_than_twenty_meetings_and_two_inspections_a_month(
    told: Connection, period: tuple[date, date]
) -> None:
    for statement, least in (
        ("SELECT held_on FROM meetings WHERE kind = 'promotion'", 2),
        ("SELECT held_on FROM meetings WHERE kind = 'joint'", 1),
        ("SELECT inspected_on FROM market_inspections", 2),
    ):
        days = [day for day in told.scalars(sa.text(statement)) if period[0] <= day <= period[1]]
        for month in range(1, period[1].month + 1):
            assert sum(day.month == month for day in days) >= least, (statement, month)
    held = sa.text("SELECT count(*) FROM meetings WHERE held_on BETWEEN :first AND :last")
    assert told.scalar(held, {"first": period[0], "last": period[1]}) > 20


@pytest.mark.parametrize("named", ["2017-01-01/2017-07-20", "2017"])
def test_the_report_prints_them(reader: TestClient, named: str) -> None:
    found = reader.get(f"/reports/{named}", params={"f": "json", "lang": "en"}).json()
    printed = {
        figure["name"]: figure["value"]
        for section in found["sections"]
        for figure in section["figures"]
    }
    for name, value in {
        "rubbish": 130,
        "piles": 60,
        "barrier_cost": 120_000,
        "paving_area": 700,
        "paving_cost": 60_000,
        "matters_settled": 2,
        "teams": 11,
        "people": 110,
        "activities": 200,
        "hours": 700,
        "cost": 98_000,
        "leaders": 4,
        **{kind: FIGURES[kind][0] for kind in ("board", "led", "panel", "banner", "show")},
        **{kind: FIGURES[kind][0] for kind in ("booklet", "letter", "questionnaire", "print")},
    }.items():
        assert printed[name] == value, name
    assert printed["meetings"] > 20
    assert {7, 1480} <= {printed[name] for name in printed}


# --- lives ----------------------------------------------------------------------------------------
def test_cases_know_what_their_steps_tell(told: Connection) -> None:
    statement = """SELECT count(*) FILTER (WHERE reworks > 0),
      count(*) FILTER (WHERE extensions > 0), count(*) FILTER (WHERE cycle > 1),
      count(*) FILTER (WHERE is_open),
      count(*) FILTER (WHERE due_at IS NULL AND hung_until IS NULL)
      FROM cases WHERE layer = 'sites' AND opened_on < '2018-01-01'"""
    reworked, extended, again, is_open, endless = told.execute(sa.text(statement)).one()
    assert reworked >= 5
    assert extended >= 5
    assert again >= 5
    assert is_open == endless == 0


def test_no_step_was_taken_after_the_demo_was_loaded(told: Connection) -> None:
    assert told.scalar(sa.text("SELECT count(*) FROM steps WHERE at > now()")) == 0
    # A name that two people have tells nobody.
    assert told.scalar(sa.text("SELECT avg((person IS NOT NULL)::int) FROM steps")) > 0.8


def test_people_had_their_duties_all_the_year(told: Connection) -> None:
    days = told.scalars(sa.text("SELECT DISTINCT valid_from FROM duties")).all()
    assert days == [date(2017, 1, 1)]


# --- now ------------------------------------------------------------------------------------------
def test_days_are_told_from_the_day_of_loading() -> None:
    loaded = date(2026, 3, 1)
    assert demo_days.day("D", loaded) == loaded
    assert demo_days.day("D-1", loaded) == date(2026, 2, 28)
    assert demo_days.day("D+31", loaded) == date(2026, 4, 1)
    for text in ("2017-03-06", "D3", "d-1", "Demo", "D-"):
        assert demo_days.day(text, loaded) is None


def test_moments_are_told_likewise_and_never_lie_ahead_of_the_loading() -> None:
    loaded = datetime(2026, 3, 1, 10, 30, tzinfo=BEIJING)
    assert demo_days.moment("2017-03-06 09:20", loaded) == datetime(
        2017, 3, 6, 9, 20, tzinfo=BEIJING
    )
    assert demo_days.moment("D-2 16:25", loaded) == datetime(2026, 2, 27, 16, 25, tzinfo=BEIJING)
    assert demo_days.moment("D 09:20", loaded) == loaded.replace(hour=9, minute=20)
    assert demo_days.moment("D 16:25", loaded) == loaded


def test_only_fields_that_hold_days_are_counted_from_the_loading(
    registry: Registry, tmp_path: Path
) -> None:
    path = tmp_path / "meetings.csv"
    path.write_text("number,kind,held_on,topic,division\nD-1,joint,D-1,D,630102007000\n")
    source = files.read(path, hints=files.Hints(placed=False))
    found = demo_days.dated(source, registry.layer("meetings"), date(2026, 3, 1))
    assert found.frame.iloc[0]["held_on"] == "2026-02-28"
    assert (found.frame.iloc[0]["number"], found.frame.iloc[0]["topic"]) == ("D-1", "D")


def test_there_is_something_open_late_and_due_on_the_day_of_loading(told: Connection) -> None:
    statement = """SELECT count(*) FILTER (WHERE due_at < now()), count(*) FILTER (WHERE
      due_at > now()), count(*) FILTER (WHERE hung_until IS NOT NULL), count(DISTINCT state)
      FROM cases WHERE layer = 'sites' AND is_open"""
    late, in_time, hung, states = told.execute(sa.text(statement)).one()
    assert late >= 5
    assert in_time >= 5
    assert (hung, states) == (1, 7)
    oldest = "SELECT current_date - min(opened_on) FROM cases WHERE is_open AND layer = 'sites'"
    assert told.scalar(sa.text(oldest)) < 60
    left = told.scalar(sa.text("SELECT count(*) FROM cases WHERE layer <> 'sites' AND is_open"))
    assert left == 6


# --- pictures -------------------------------------------------------------------------------------
def test_pictures_are_the_same_each_time_and_say_what_they_are() -> None:
    before, after = (demo_pictures.picture(3, moment) for moment in ("before", "after"))
    demo_pictures.picture.cache_clear()
    assert demo_pictures.picture(3, "before") == before != after
    assert before.startswith(b"\xff\xd8")


def test_photographs_are_kept_once_and_linked_before_and_after(
    database: Database, registry: Registry, tmp_path: Path
) -> None:
    demo.load(database, registry, photo_store.opened(str(tmp_path / "photos")))
    statement = """SELECT count(*), count(DISTINCT sha256), bool_and(held),
      count(*) FILTER (WHERE role = 'before'), count(*) FILTER (WHERE role = 'after')
      FROM photo_links"""
    with database.read() as connection:
        links, pictures, held, before, after = connection.execute(sa.text(statement)).one()
    assert held
    assert links == before + after > 40
    assert pictures == len(list((tmp_path / "photos").rglob("*/*")))
    said = demo.load(database, registry)
    assert "已有数据" in said[0]


def test_a_row_of_the_steps_says_whose_they_are() -> None:
    rows = list(demo_lives.lines(demo.FOLDER / "steps.csv"))
    assert {row["layer"] for row in rows} == {"sites", "illegal_structures"}
