"""The leader's dashboard: its figures are those of the records, and nobody else's."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from gis.postgis import Database
from layers.declaring.people import Role
from layers.declaring.period import Period
from layers.registry import Registry
from layers.reporting import dashboard
from tests.api.conftest import BASE
from tests.people import bearer

HTML = {"accept": "text/html"}
STREET, COMMUNITY, OTHER = "630102007000", "630102007001", "630102007004"

Board = dict[str, Any]
Open = Callable[..., TestClient]


@pytest.fixture(scope="module")
def board(reader: TestClient) -> Board:
    answer = reader.get("/dashboard")
    assert answer.status_code == 200, answer.text
    found: Board = answer.json()
    return found


@pytest.fixture(scope="module")
def app(settings: Settings, district: Database, registry: Registry) -> FastAPI:
    return create_app(settings, database=district, registry=registry)


@pytest.fixture
def someone(app: FastAPI, district: Database) -> Iterator[Open]:
    opened = []

    def enter(role: Role, division: str = COMMUNITY) -> TestClient:
        client = TestClient(app, BASE, headers=bearer(district, role, division))
        opened.append(client)
        return client

    yield enter
    for client in opened:
        client.close()


def ask(district: Database, statement: str) -> Any:
    with district.read() as connection:
        return connection.scalar(sa.text(statement))


# --- what it counts -------------------------------------------------------------------------------
def test_months_end_with_the_same_day_as_far_as_there_is_one() -> None:
    assert dashboard.months(date(2026, 3, 31)) == (
        Period(date(2026, 3, 1), date(2026, 3, 31)),
        Period(date(2026, 2, 1), date(2026, 2, 28)),
    )
    assert dashboard.months(date(2026, 1, 9))[1] == Period(date(2025, 12, 1), date(2025, 12, 9))


@pytest.mark.parametrize("month", ["this_month", "last_month"])
def test_a_month_says_what_its_report_says(reader: TestClient, board: Board, month: str) -> None:
    flow = board[month]
    report = reader.get(f"/reports/{flow['first']}/{flow['last']}", params={"f": "json"}).json()
    (cases,) = (each for each in report["sections"] if each["name"] == "cases")
    told = {each["name"]: each["value"] for each in cases["figures"]}
    for name in ("received", "due", "closed", "in_time", "struck_off"):
        assert flow[name] == told[name], name
    assert flow["received"] > 0


def test_open_cases_are_told_by_state_and_by_urgency(district: Database, board: Board) -> None:
    found = board["open"]
    everything = "SELECT count(*) FROM cases WHERE layer = 'sites' AND is_open"
    assert found["count"] == ask(district, everything) > 0
    assert sum(found["states"].values()) == found["count"]
    assert sum(level["count"] for level in found["levels"]) == found["count"]
    assert found["late"] == ask(district, f"{everything} AND due_at < now()") > 0
    assert found["hanging"] == ask(district, f"{everything} AND hung_until IS NOT NULL") == 1


def test_what_is_late_the_longest_comes_first(board: Board) -> None:
    due = [each["due"] for each in board["late"]]
    assert due == sorted(due)
    assert board["late"][0]["level"] == "interview"


def test_every_day_of_the_last_thirty_is_there(district: Database, board: Board) -> None:
    last = date.fromisoformat(board["on"])
    days = [date.fromisoformat(each["day"]) for each in board["days"]]
    assert days == [last - timedelta(days=n) for n in reversed(range(30))]
    came = sum(each["received"] for each in board["days"])
    since = "opened_on > current_date - 30 AND layer = 'sites'"
    assert came == ask(district, f"SELECT count(*) FROM cases WHERE {since}") > 0


def test_leaders_have_the_cases_of_their_fields(district: Database, board: Board) -> None:
    leaders = board["leaders"]
    assert [each["open"] for each in leaders] == sorted((x["open"] for x in leaders), reverse=True)
    assert sum(each["open"] for each in leaders) == board["open"]["count"]
    assert sum(each["late"] for each in leaders) == board["open"]["late"]
    named = {each["person"]["name"]: each["open"] for each in leaders}
    theirs = "SELECT count(*) FROM cases WHERE is_open AND layer = 'sites' AND leader = '祁生财'"
    assert named["祁生财"] == ask(district, theirs)


def test_structures_left_are_those_found_less_those_removed(board: Board) -> None:
    stock = board["structures"]
    for name in ("count", "area_m2"):
        added = stock["opening"][name] + stock["added"][name] - stock["removed"][name]
        assert added == pytest.approx(stock["remaining"][name])
    assert stock["remaining"]["count"] == 6


def test_meetings_and_inspections_are_counted_by_month(board: Board) -> None:
    names = {(each["name"], each["month"]) for each in board["cadence"]}
    assert {name for name, _ in names} == {"promotion", "joint", "market_inspections"}
    assert len({month for _, month in names}) == 2


# --- who is told ----------------------------------------------------------------------------------
def test_a_community_sees_its_own_alone(someone: Open, board: Board) -> None:
    own = someone(Role.LEADER).get("/dashboard").json()
    assert own["division"] == COMMUNITY
    assert 0 < own["open"]["count"] < board["open"]["count"]
    elsewhere = someone(Role.LEADER).get("/dashboard", params={"division": OTHER})
    if elsewhere.status_code == 200:
        assert elsewhere.json()["open"]["count"] == 0
        assert elsewhere.json()["leaders"] == []
    assert someone(Role.ADMIN, STREET).get(f"/dashboard?division={OTHER}").json()["open"]["count"]


def test_who_may_not_know_names_is_told_none(someone: Open) -> None:
    for role in (Role.VIEWER, Role.INSPECTOR):
        client = someone(role)
        for answer in (client.get("/dashboard"), client.get("/dashboard", headers=HTML)):
            assert answer.status_code == 200
            assert "祁生财" not in answer.text
            assert "祁**" in answer.text
    assert "祁生财" in someone(Role.LEADER).get("/dashboard", headers=HTML).text


def test_that_names_were_told_is_written_down(someone: Open, district: Database) -> None:
    count = "SELECT count(*) FROM personal_reads WHERE way = 'dashboard'"
    before = ask(district, count)
    someone(Role.VIEWER).get("/dashboard")
    assert ask(district, count) == before
    someone(Role.LEADER).get("/dashboard")
    assert ask(district, count) == before + 1


@pytest.mark.parametrize("division", ["1", "63010200700x", "999999999999"])
def test_a_division_that_is_none_is_refused(reader: TestClient, division: str) -> None:
    answer = reader.get("/dashboard", params={"division": division})
    assert answer.status_code in (400, 404)


# --- the page -------------------------------------------------------------------------------------
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_has_a_table_beside_each_chart(reader: TestClient, lang: str) -> None:
    page = reader.get("/dashboard", params={"lang": lang}, headers=HTML)
    assert "unsafe" not in page.headers["content-security-policy"]
    figures = re.findall(r'<figure class="chart".*?</figure>', page.text, re.DOTALL)
    assert len(figures) == 6
    assert all("data-series" in figure and "data-value" in figure for figure in figures)


def test_its_figures_lead_to_their_cases(reader: TestClient, board: Board) -> None:
    page = reader.get("/dashboard", headers=HTML).text
    for href in set(re.findall(r'href="(/(?:ledger|collections|reports|duties)[^"]*)"', page)):
        address = href.replace("&amp;", "&")
        assert reader.get(address, headers=HTML).status_code == 200, address
    (hung,) = re.findall(r'href="(/collections/sites/items\?filter=case_hung[^"]*)"', page)
    found = reader.get(hung.replace("&amp;", "&")).json()
    assert found["numberMatched"] == board["open"]["hanging"]


def test_those_who_lead_find_it_in_the_menu(someone: Open) -> None:
    link = 'href="/dashboard"'
    assert link in someone(Role.LEADER).get("/", headers=HTML).text
    assert link not in someone(Role.VIEWER).get("/", headers=HTML).text


def test_before_anything_is_recorded_it_says_so(client: TestClient) -> None:
    page = client.get("/dashboard", headers=HTML)
    assert page.status_code == 200
    assert "没有超期的案件" in page.text
    assert client.get("/dashboard").json()["open"]["count"] == 0
