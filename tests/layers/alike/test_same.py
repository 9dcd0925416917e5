"""Records that are the same: one main record, no chains, nothing foreign, nothing deleted."""

import itertools
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest
import shapely
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from api import cql2
from gis.clock import today
from gis.errors import Problem
from gis.postgis import Database
from gis.refusals.database import DATABASE_REFUSED, NOT_PERMITTED
from layers.alike import near, same
from layers.alike.near import Near
from layers.cases import listing as case_listing
from layers.changing import editing
from layers.changing.editing import Changes, Put
from layers.declaring.duties import ROLES
from layers.declaring.people import EVERYWHERE, Actor, Role
from layers.declaring.period import Period
from layers.declaring.words import Layer
from layers.duties.workload import Workload
from layers.held.policies import acting
from layers.reading import features
from layers.reading import past as history
from layers.refusals.alike import (
    SAME_BEYOND,
    SAME_CHAIN,
    SAME_GONE,
    SAME_MAIN,
    SAME_SELF,
    SAME_TAKEN,
)
from layers.refusals.asking import UNKNOWN_FEATURE
from layers.refusals.submissions import LAYER_NOT_LOGGED
from layers.registry import Registry
from layers.reporting import dashboard, making
from layers.schema.same import SAME_AS
from layers.schema.tables import table
from layers.submissions import news
from tests import people
from tests.factories import LAT
from tests.layers import duty_cases
from tests.layers.held.test_rights import ABROAD, EAST, SPOTS, STREET, WEST, put_divisions
from tests.logged import site

LEADER = Role.LEADER


@pytest.fixture
def sites(registry: Registry) -> Layer:
    return registry.layer("sites")


@pytest.fixture
def ground(database: Database, registry: Registry) -> Database:
    put_divisions(database, registry)
    return database


def actor(division: str = EVERYWHERE, role: Role = LEADER) -> Actor:
    return Actor(7, None, "somebody", role, division, "test")


def put(database: Database, registry: Registry, lon: float, count: int = 1) -> list[int]:
    with database.begin() as connection:
        return [site(connection, registry, lon + n * 1e-5, LAT + 0.005) for n in range(count)]


def said(database: Database, layer: Layer, feature: int, main: int, who: Actor) -> bool:
    with acting(database, who).begin() as connection:
        return same.mark(connection, layer, feature, main)


def unsaid(database: Database, layer: Layer, feature: int, main: int, who: Actor) -> None:
    with acting(database, who).begin() as connection:
        same.unmark(connection, layer, feature, main)


def seen(database: Database, layer: Layer, who: Actor | None = None) -> dict[int, int]:
    """What is the same as what, as somebody sees it."""
    with (acting(database, who) if who else database).read() as connection:
        ids = list(connection.scalars(sa.select(table(layer).c.id)))
        found = same.standings(connection, layer, ids)
    mains = {n: each.main.main for n, each in found.items() if each.main}
    # The other side tells the same.
    assert {s.feature: n for n, each in found.items() for s in each.others} == mains
    return mains


def counted(database: Database, layer: Layer, who: Actor) -> set[int]:
    """Which records somebody counts."""
    rows = table(layer)
    with acting(database, who).read() as connection:
        wanted = sa.select(rows.c.id).where(~same.is_told_elsewhere(layer, rows))
        return set(connection.scalars(wanted))


def refused(do: Callable[[], object]) -> Problem:
    with pytest.raises(Problem) as caught:
        do()
    return caught.value


# --- one main record ------------------------------------------------------------------------------
def test_it_is_said_once_and_taken_back_by_a_further_row(
    ground: Database, registry: Registry, sites: Layer
) -> None:
    first, second = put(ground, registry, SPOTS[WEST], 2)
    who = actor(WEST)
    assert said(ground, sites, second, first, who)
    assert not said(ground, sites, second, first, who)
    assert seen(ground, sites) == {second: first}
    assert counted(ground, sites, who) == {first}
    unsaid(ground, sites, second, first, who)
    assert seen(ground, sites) == {}
    assert counted(ground, sites, who) == {first, second}
    assert refused(lambda: unsaid(ground, sites, second, first, who)).rule is SAME_GONE
    assert said(ground, sites, first, second, who)
    with ground.read() as connection:
        rows = connection.execute(sa.select(SAME_AS).order_by(SAME_AS.c.number)).all()
    assert [(row.feature, row.main, row.holds) for row in rows] == [
        (second, first, True),
        (second, first, False),
        (first, second, True),
    ]
    assert {(row.account, row.place, row.main_place) for row in rows} == {(7, int(WEST), int(WEST))}


def test_neither_chains_nor_circles(ground: Database, registry: Registry, sites: Layer) -> None:
    a, b, c = put(ground, registry, SPOTS[WEST], 3)
    who = actor(WEST)
    assert refused(lambda: said(ground, sites, a, a, who)).rule is SAME_SELF
    said(ground, sites, b, a, who)
    for rule, feature, main in (
        (SAME_MAIN, a, b),  # a circle
        (SAME_MAIN, a, c),
        (SAME_CHAIN, c, b),
        (SAME_TAKEN, b, c),
    ):
        problem = refused(partial(said, ground, sites, feature, main, who))
        assert problem.rule is rule
        assert problem.sentence("en")
        assert problem.sentence("zh")
    said(ground, sites, c, a, who)
    assert seen(ground, sites) == {b: a, c: a}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4), st.integers(0, 4)), max_size=25))
def test_whatever_is_said_each_record_is_main_or_the_same_as_a_main(
    conn: Connection, registry: Registry, sites: Layer, steps: list[tuple[bool, int, int]]
) -> None:
    """Against a model of a dictionary."""
    with conn.begin_nested() as savepoint:
        ids = [site(conn, registry, SPOTS[WEST], LAT) for _ in range(5)]
        model: dict[int, int] = {}
        for marks, one, other in steps:
            feature, main = ids[one], ids[other]
            free = feature not in model and main not in model and feature not in model.values()
            known = model.get(feature) == main
            wanted = feature != main and (free or known) if marks else known
            try:
                with conn.begin_nested():
                    if marks:
                        same.mark(conn, sites, feature, main)
                    else:
                        same.unmark(conn, sites, feature, main)
            except Problem:
                assert not wanted
                continue
            assert wanted
            model = (
                {**model, feature: main}
                if marks
                else {f: m for f, m in model.items() if f != feature}
            )
        found = same.standings(conn, sites, ids)
        assert {n: each.main.main for n, each in found.items() if each.main} == model
        savepoint.rollback()


def test_of_many_at_once_one_is_believed(
    ground: Database, registry: Registry, sites: Layer
) -> None:
    """Every record is said to be the same as every other, by all at the same moment."""
    ids = put(ground, registry, SPOTS[WEST], 4)
    pairs = list(itertools.permutations(ids, 2))
    begin = threading.Barrier(len(pairs))
    wrong: list[BaseException] = []

    def say(feature: int, main: int) -> None:
        begin.wait(timeout=30)
        try:
            with suppress(Problem):
                said(ground, sites, feature, main, actor(WEST))
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=say, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong
    found = seen(ground, sites)
    assert found
    assert not set(found) & set(found.values())


def test_the_database_itself_holds_all_this(
    ground: Database, registry: Registry, sites: Layer
) -> None:
    a, b, c = put(ground, registry, SPOTS[WEST], 3)
    (abroad,) = put(ground, registry, SPOTS[ABROAD])
    insert = sa.insert(SAME_AS).inline()

    def row(feature: int, main: int, *, holds: bool = True) -> None:
        with acting(ground, actor(WEST)).begin() as connection:
            connection.execute(
                insert.values(layer="sites", feature=feature, main=main, holds=holds)
            )

    row(b, a)
    for feature, main in ((a, b), (a, c), (c, b), (b, c), (b, a), (c, c)):
        assert refused(partial(row, feature, main)).rule is DATABASE_REFUSED
    assert refused(lambda: row(b, c, holds=False)).rule is DATABASE_REFUSED
    assert refused(lambda: row(c, a, holds=False)).rule is DATABASE_REFUSED
    for feature, main in ((c, abroad), (abroad, c), (c, 10**9)):
        assert refused(partial(row, feature, main)).rule is NOT_PERMITTED
    for statement in (
        "DELETE FROM same_as",
        "TRUNCATE same_as",
        "UPDATE same_as SET main = 0",
        "UPDATE same_as SET holds = false",
        "UPDATE same_as SET account = 1",
    ):
        with pytest.raises(Problem), ground.begin() as connection:
            connection.execute(sa.text(statement))
    assert seen(ground, sites) == {b: a}


def test_only_what_is_logged_and_there(ground: Database, registry: Registry, sites: Layer) -> None:
    (one,) = put(ground, registry, SPOTS[WEST])
    divisions = registry.layer("divisions")
    assert refused(lambda: said(ground, divisions, 1, 2, actor())).rule is LAYER_NOT_LOGGED
    problem = refused(lambda: said(ground, sites, one, 10**9, actor(WEST)))
    assert problem.rule is UNKNOWN_FEATURE


# --- rights ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", [Role.VIEWER, Role.INSPECTOR])
def test_who_may_not_edit_says_nothing(
    ground: Database, registry: Registry, sites: Layer, role: Role
) -> None:
    a, b = put(ground, registry, SPOTS[WEST], 2)
    assert refused(lambda: said(ground, sites, b, a, actor(WEST, role))).rule is NOT_PERMITTED
    said(ground, sites, b, a, actor(WEST))
    assert refused(lambda: unsaid(ground, sites, b, a, actor(WEST, role))).rule is NOT_PERMITTED
    assert seen(ground, sites, actor(WEST, role)) == {b: a}


def test_nothing_foreign_shows_nor_is_touched(
    ground: Database, registry: Registry, sites: Layer
) -> None:
    west, west_too = put(ground, registry, SPOTS[WEST], 2)
    (east,) = put(ground, registry, SPOTS[EAST])
    for feature, main in ((west, east), (east, west)):
        problem = refused(partial(said, ground, sites, feature, main, actor(WEST)))
        assert problem.rule is UNKNOWN_FEATURE
        assert problem.values["id"] == east
    said(ground, sites, west, east, actor(STREET))
    assert seen(ground, sites, actor(STREET)) == {west: east}
    for community in (WEST, EAST):
        assert seen(ground, sites, actor(community)) == {}
        with acting(ground, actor(community)).read() as connection:
            assert connection.scalar(sa.select(sa.func.count()).select_from(SAME_AS)) == 0
    # Where its main record is not seen it is counted itself, or nobody there would have it.
    assert counted(ground, sites, actor(WEST)) == {west, west_too}
    assert counted(ground, sites, actor(STREET)) == {west_too, east}
    problem = refused(lambda: said(ground, sites, west, west_too, actor(WEST)))
    assert problem.rule is SAME_BEYOND
    assert str(east) not in problem.sentence("en") + problem.sentence("zh")
    assert refused(lambda: unsaid(ground, sites, west, east, actor(WEST))).rule is UNKNOWN_FEATURE


def test_who_said_so_is_named_as_far_as_one_may_know(
    ground: Database, registry: Registry, sites: Layer
) -> None:
    a, b = put(ground, registry, SPOTS[WEST], 2)
    account = people.account(ground, LEADER, STREET)
    who = Actor(account.id, None, account.login, LEADER, STREET, "test")
    said(ground, sites, b, a, who)
    names = {}
    for reader in (who, actor(STREET), actor(WEST), actor(WEST, Role.VIEWER)):
        with acting(ground, reader).read() as connection:
            main = same.standing(connection, sites, b, reader).main
            others = same.standing(connection, sites, a, reader).others
        assert main
        assert [main] == list(others)
        names[reader.division, reader.role] = main.author
    assert names == {
        (STREET, LEADER): "张三",
        (WEST, LEADER): "张**",
        (WEST, Role.VIEWER): "张**",
    }


# --- what becomes of the records ------------------------------------------------------------------
def _change(database: Database, registry: Registry, changes: Changes) -> None:
    with database.begin() as connection:
        editing.apply(connection, registry, registry.layer("sites"), changes, tolerance_m2=1.0)


def _moved(database: Database, registry: Registry, feature: int, lon: float) -> None:
    with database.begin() as connection:
        rows = table(registry.layer("sites"))
        spot = sa.func.st_setsrid(sa.func.st_point(lon, LAT + 0.005), 4326)
        connection.execute(sa.update(rows).values(geom=spot).where(rows.c.id == feature))


def test_it_lies_where_its_records_lie(ground: Database, registry: Registry, sites: Layer) -> None:
    a, b = put(ground, registry, SPOTS[WEST], 2)
    said(ground, sites, b, a, actor(WEST))
    _moved(ground, registry, b, SPOTS[EAST])
    assert seen(ground, sites, actor(WEST)) == seen(ground, sites, actor(EAST)) == {}
    assert seen(ground, sites, actor(STREET)) == {b: a}
    _moved(ground, registry, a, SPOTS[EAST])
    assert seen(ground, sites, actor(EAST)) == {b: a}


def test_a_record_whose_main_is_gone_is_counted_again_and_free(
    ground: Database, registry: Registry, sites: Layer
) -> None:
    a, b, c = put(ground, registry, SPOTS[WEST], 3)
    who = actor(WEST)
    said(ground, sites, b, a, who)
    with ground.begin() as connection:
        geometry = shapely.Point(SPOTS[WEST], LAT + 0.005)
        values = dict(
            connection.execute(
                sa.select(*(table(sites).c[f.name] for f in sites.fields)).where(
                    table(sites).c.id == a
                )
            )
            .mappings()
            .one()
        )
    _change(ground, registry, Changes(deletes=[a]))
    assert seen(ground, sites) == {}
    assert counted(ground, sites, who) == {b, c}
    with ground.begin() as connection:  # and comes back
        features.insert(connection, sites, values, geometry, feature_id=a)
    assert seen(ground, sites) == {b: a}
    _change(ground, registry, Changes(deletes=[a]))
    said(ground, sites, b, c, who)
    with ground.begin() as connection:
        features.insert(connection, sites, values, geometry, feature_id=a)
    assert seen(ground, sites) == {b: c}
    assert counted(ground, sites, who) == {a, c}
    said(ground, sites, a, c, who)


def test_records_that_exchange_their_numbers_are_still_the_same(
    ground: Database, registry: Registry, sites: Layer
) -> None:
    a, b = put(ground, registry, SPOTS[WEST], 2)
    said(ground, sites, b, a, actor(WEST))
    rows = table(sites)
    with ground.begin() as connection:
        found = {
            row["id"]: dict(row)
            for row in connection.execute(
                sa.select(rows.c.id, *(rows.c[f.name] for f in sites.fields))
            ).mappings()
        }
    numbers = found[a]["number"], found[b]["number"]
    east = shapely.Point(SPOTS[EAST], LAT + 0.005)
    puts = [
        Put(n, {**{k: v for k, v in found[n].items() if k != "id"}, "number": number}, east)
        for n, number in zip((a, b), reversed(numbers), strict=True)
    ]
    _change(ground, registry, Changes(puts))
    assert seen(ground, sites, actor(EAST)) == {b: a}
    assert seen(ground, sites, actor(WEST)) == {}


def test_several_of_one_matter_are_one_open_case(
    ground: Database, registry: Registry, sites: Layer
) -> None:
    code = f"{WEST}001"
    with ground.begin() as connection:
        layer = registry.layer("grid_fields")
        values = {"code": code, "name": "第1网格", "kind": "general", "division": WEST}
        west = SPOTS[WEST]
        box = shapely.box(west - 0.001, LAT + 0.004, west + 0.001, LAT + 0.006)
        field = features.insert(connection, layer, values, box)
        who = duty_cases.person(connection, "祁生财")
        duty_cases.given(connection, registry, "grid_fields", field, who=who)
        ids = [site(connection, registry, west, LAT + 0.005, field=code) for _ in range(3)]
    said(ground, sites, ids[2], ids[0], actor(WEST))
    with ground.read() as connection:
        load = Workload(sa.func.current_date())
        leads = load.duties.c.role == ROLES["grid_leader"].name
        statement = sa.select(load.amounts["cases"]).select_from(load.source).where(leads)
        assert connection.scalar(statement) == 2


def open_cases(database: Database, registry: Registry, who: Actor) -> dict[str, int]:
    """How many open cases somebody has in all that tells of them."""
    layer = registry.layer("sites")
    with acting(database, who).read() as connection:
        today = history.today(connection)
        reader = case_listing.reader(connection, registry, who)
        board = dashboard.dashboard(connection, registry, who, who.division, reader.scale)
        span, division = Period(today, today), who.division
        report = making.report(connection, registry, span, division=division, actor=who)
        opened = report.section("cases").figure("open")
        asked = parse_qs(urlsplit(opened.value.records or "").query)["filter"][0]
        rows = sa.select(sa.func.count()).select_from(table(layer)).where(cql2.where(layer, asked))
        found = case_listing.listing(connection, reader, case_listing.Query(layer="sites"))
        counts = case_listing.counts(connection, reader)
        assert found.matched == len(found.rows) == counts["all"]
        ids = case_listing.ids(connection, reader, case_listing.Query(), "sites", 100)
        assert [row.id for row in found.rows] == list(ids)
        told = {
            "list": found.matched,
            "dashboard": board.standing.open,
            "today": board.today.received,
            "report": int(opened.value.amount or 0),
            "received": int(report.section("cases").figure("received").value.amount or 0),
            "link": connection.scalar(rows) or 0,
            "rows": len(counted(database, layer, who)),
        }
        for by in report.section("cases").tables:
            assert by.total is not None
            assert by.total.values[0].amount == told["received"]
            whole = [row.values[0].amount for row in by.rows if not row.depth]
            assert sum(amount or 0 for amount in whole) == told["received"]
    return told


def test_lists_dashboard_and_report_count_a_matter_once(
    ground: Database, registry: Registry, sites: Layer
) -> None:
    """Also of several communities: who sees both has one case, each of them has its own."""
    west = put(ground, registry, SPOTS[WEST], 3)
    (east,) = put(ground, registry, SPOTS[EAST])
    street, western, eastern = actor(STREET), actor(WEST), actor(EAST)
    assert set(open_cases(ground, registry, street).values()) == {4}
    said(ground, sites, west[2], west[0], western)
    said(ground, sites, east, west[0], street)
    assert set(open_cases(ground, registry, street).values()) == {2}
    assert set(open_cases(ground, registry, western).values()) == {2}
    assert set(open_cases(ground, registry, eastern).values()) == {1}
    unsaid(ground, sites, west[2], west[0], western)
    assert set(open_cases(ground, registry, street).values()) == {3}
    with ground.begin() as connection:
        rows = table(sites)
        connection.execute(sa.delete(rows).where(rows.c.id == west[0]))
    assert set(open_cases(ground, registry, street).values()) == {3}


# --- suggestions ----------------------------------------------------------------------------------
def _near(ids: Sequence[int]) -> list[Near]:
    return [Near("sites", n, f"第{n}", 1.0, datetime.now(UTC)) for n in ids]


def test_the_main_record_stays_it_else_the_older_one(
    ground: Database, registry: Registry, sites: Layer
) -> None:
    a, b, c, d, e = put(ground, registry, SPOTS[WEST], 5)
    said(ground, sites, a, c, actor(WEST))
    with ground.read() as connection:
        known = same.standings(connection, sites, [a, b, c, d, e])

    def pairs(feature: int, *others: int) -> list[tuple[int, int] | None]:
        found = same.suggestions(feature, "它", _near(others), known)
        return [(each.pair.feature, each.pair.main) if each.pair else None for each in found]

    assert pairs(b, d) == [(d, b)]
    assert pairs(d, b) == [(d, b)]
    assert pairs(b, c) == [(b, c)]  # the main record of another
    assert pairs(c, b) == [(b, c)]
    assert pairs(b, a) == []  # which is told with c
    assert pairs(a, c) == []
    assert pairs(c, a) == []
    assert pairs(a, b) == []  # told with c itself
    said(ground, sites, e, d, actor(WEST))
    with ground.read() as connection:
        known = same.standings(connection, sites, [a, b, c, d, e])
    assert pairs(c, d) == [None]


def test_the_list_of_what_came_in_tells_it(
    ground: Database, registry: Registry, sites: Layer
) -> None:
    a, b = put(ground, registry, SPOTS[WEST], 2)
    reaches = {"sites": near.Reach(50, 2)}

    def told(who: Actor) -> dict[int, tuple[int | None, list[int]]]:
        with acting(ground, who).read() as connection:
            day = news.of_day(connection, registry, today(), reaches, limit=9)
        return {
            each.id: (
                each.standing.main.main if each.standing.main else None,
                [found.near.id for found in each.near],
            )
            for each in day.news
        }

    assert told(actor(WEST)) == {a: (None, [b]), b: (None, [a])}
    said(ground, sites, b, a, actor(WEST))
    assert told(actor(WEST)) == {a: (None, []), b: (a, [])}
    assert told(actor(EAST)) == {}
