"""Patrols in the database: stored once, in any order, seen by whom they concern, and forgotten."""

import threading
import uuid
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import shapely
import sqlalchemy as sa

from gis.errors import Problem
from gis.postgis import Database
from gis.refusals.database import NOT_PERMITTED
from layers.declaring.people import EVERYWHERE, Actor, Role
from layers.held.policies import acting
from layers.patrols import recording as patrols
from layers.patrols import walked
from layers.patrols.recording import MOST_BATCHES
from layers.reading import features
from layers.refusals.patrols import (
    PATROL_AHEAD,
    PATROL_DIFFERS,
    PATROL_FULL,
    PATROL_OLD,
    UNKNOWN_PATROL,
)
from layers.registry import Registry
from layers.walking import Rules
from tests.factories import LAT, LON, record
from tests.walks import DAYS, batch, began, begin, fixes, hours_ago, send, walk

STREET, WEST, EAST = "630102007000", "630102007001", "630102007002"
NORTH = LAT + 0.005
# Some 900 m from west to east, all of it in the western community.
LINE = [(LON + 0.0, NORTH), (LON + 0.0099, NORTH)]


def actor(role: Role, division: str, account: int = 7) -> Actor:
    return Actor(account, None, "somebody", role, division, "test")


WALKER = actor(Role.INSPECTOR, WEST)
NEIGHBOUR = actor(Role.INSPECTOR, EAST, 8)
LEADER = actor(Role.LEADER, WEST, 9)


@pytest.fixture
def ground(database: Database, registry: Registry) -> Database:
    """Two communities of one street, a road along LINE, one that crosses the border."""
    with database.begin() as connection:
        layer = registry.layer("divisions")
        boxes = {STREET: ("street", 0.0, 0.02), WEST: ("community", 0.0, 0.01)}
        boxes[EAST] = ("community", 0.01, 0.02)
        for n, (code, (level, west, east)) in enumerate(boxes.items()):
            box = shapely.box(LON + west, LAT, LON + east, LAT + 0.01)
            values = record(layer, n, code=code, level=level, parent=None)
            features.insert(connection, layer, values, box)
        roads = registry.layer("road_segments")
        features.insert(connection, roads, record(roads, 1), shapely.LineString(LINE))
        abroad = shapely.LineString([(LON + 0.0101, NORTH), (LON + 0.015, NORTH)])
        features.insert(connection, roads, record(roads, 2), abroad)
    return database


def rows(database: Database, table: str, order: str = "1") -> list[Any]:
    with database.read() as connection:
        return list(connection.execute(sa.text(f'SELECT * FROM "{table}" ORDER BY {order}')))


def covered(database: Database, span: str = "day") -> dict[int, float]:
    """By the place of the road, all metres of that span."""
    with database.read() as connection:
        found = connection.execute(
            sa.text("""
                SELECT place, sum(metres) AS metres FROM patrol_coverage
                WHERE span = :span GROUP BY place
            """),
            {"span": span},
        )
        return {row.place: row.metres for row in found}


def length(database: Database) -> float:
    with database.read() as connection:
        return float(
            connection.scalar(
                sa.text("SELECT ST_Length(geom::geography) FROM road_segments ORDER BY id LIMIT 1")
            )
        )


# --- what comes -----------------------------------------------------------------------------------
def test_a_road_that_was_walked_from_end_to_end_is_covered(ground: Database) -> None:
    patrol = walk(ground, WALKER, LINE, hours_ago(2))
    assert covered(ground)[int(WEST)] == pytest.approx(length(ground), rel=1e-6)
    assert covered(ground, "week") == pytest.approx(covered(ground))
    (stored,) = rows(ground, "patrols")
    assert stored.uuid == patrol
    assert stored.walked_m == pytest.approx(length(ground), rel=1e-6)
    assert (stored.gaps, stored.ridden_m, stored.left_out) == (0, 0.0, 0)
    assert stored.place == int(WEST)


def test_the_order_in_which_batches_come_makes_no_difference(ground: Database) -> None:
    at = hours_ago(2)
    walk(ground, WALKER, LINE, at)
    (first,), sums = rows(ground, "patrols"), covered(ground)
    with ground.begin() as connection:
        connection.execute(sa.text("DELETE FROM patrols"))
        connection.execute(sa.text("DELETE FROM patrol_coverage"))
    walk(ground, WALKER, LINE, at, order=[5, 0, 6, 2, 1, 4, 3])
    (second,) = rows(ground, "patrols")
    assert covered(ground) == pytest.approx(sums)
    assert second.walked_m == pytest.approx(first.walked_m)
    assert (second.gaps, second.batches, second.points) == (0, first.batches, first.points)


def test_where_a_batch_is_missing_nobody_is_said_to_have_walked(ground: Database) -> None:
    at = hours_ago(2)
    patrol = begin(ground, WALKER, at)
    some = fixes(LINE, at)
    send(ground, WALKER, patrol, batch(1, some[:20]))
    send(ground, WALKER, patrol, batch(3, some[20:40]))
    assert [row.kind for row in rows(ground, "patrol_stretches")] == ["walked", "walked"]
    send(ground, WALKER, patrol, batch(2, [some[19]], resumed=True))  # nothing new, but a gap
    kinds = [row.kind for row in rows(ground, "patrol_stretches", "number")]
    assert kinds == ["walked", "walked", "gap", "walked"]


def test_a_batch_without_any_good_position_is_a_bridge(ground: Database) -> None:
    at = hours_ago(2)
    patrol = begin(ground, WALKER, at)
    some = fixes(LINE, at)
    poor = fixes(LINE, at, accuracy_m=80)
    send(ground, WALKER, patrol, batch(1, some[:10]))
    send(ground, WALKER, patrol, batch(3, some[13:20]))
    taken = send(ground, WALKER, patrol, batch(2, poor[10:13]))
    assert (taken.points, taken.inaccurate) == (0, 3)
    assert {row.kind for row in rows(ground, "patrol_stretches")} == {"walked"}
    (stored,) = rows(ground, "patrols")
    assert stored.walked_m == pytest.approx(19 * 7, rel=1e-3)


def test_a_ride_covers_nothing(ground: Database) -> None:
    walk(ground, WALKER, LINE, hours_ago(2), speed_ms=12)
    assert covered(ground) == {}
    (stored,) = rows(ground, "patrols")
    assert stored.walked_m == 0
    assert stored.ridden_m == pytest.approx(length(ground), rel=1e-6)


def test_the_same_again_is_stored_once_and_other_bytes_are_refused(ground: Database) -> None:
    at = hours_ago(2)
    patrol = begin(ground, WALKER, at)
    some = fixes(LINE, at)[:20]
    acted = acting(ground, WALKER)
    with acted.begin() as connection:
        assert patrols.tell(connection, WALKER, patrol, began(at), days=DAYS) is False
    with acted.begin() as connection:
        assert patrols.add(connection, patrol, batch(1, some), Rules())[1] is True
    with acted.begin() as connection:
        assert patrols.add(connection, patrol, batch(1, some), Rules())[1] is False
    before = {name: rows(ground, name) for name in TABLES}
    for told in (began(at, device="other"), began(at + timedelta(seconds=1))):
        with pytest.raises(Problem) as refused, acted.begin() as connection:
            patrols.tell(connection, WALKER, patrol, told, days=DAYS)
        assert refused.value.rule == PATROL_DIFFERS
    with pytest.raises(Problem) as refused, acted.begin() as connection:
        patrols.add(connection, patrol, batch(1, some[:5]), Rules())
    assert refused.value.rule == PATROL_DIFFERS
    assert before == {name: rows(ground, name) for name in TABLES}


TABLES = ("patrols", "patrol_points", "patrol_stretches", "patrol_coverage")


def test_an_end_comes_once_and_a_late_beginning_does_not_open_it_again(ground: Database) -> None:
    at = hours_ago(2)
    patrol = begin(ground, WALKER, at)
    acted = acting(ground, WALKER)

    def tell(**more: Any) -> bool:
        with acted.begin() as connection:
            return patrols.tell(connection, WALKER, patrol, began(at, **more), days=DAYS)

    ended = {"stopped_at": at + timedelta(hours=1), "batches": 3}
    assert tell(**ended) is False
    assert tell(**ended) is False
    assert tell() is False
    (stored,) = rows(ground, "patrols")
    assert (stored.stopped_at, stored.announced) == (at + timedelta(hours=1), 3)
    with pytest.raises(Problem) as refused:
        tell(stopped_at=at + timedelta(hours=2))
    assert refused.value.rule == PATROL_DIFFERS


def test_an_end_by_a_wrong_clock_is_put_where_it_can_be(ground: Database) -> None:
    acted = acting(ground, WALKER)
    for stop, expected in ((-5, 0), (50, 2)):
        at, patrol = hours_ago(2), uuid.uuid4()
        told = began(at, stopped_at=at + timedelta(hours=stop))
        with acted.begin() as connection:
            assert patrols.tell(connection, WALKER, patrol, told, days=DAYS) is True
        with ground.read() as connection:
            found = connection.scalar(
                sa.text("SELECT stopped_at FROM patrols WHERE uuid = :uuid"), {"uuid": patrol}
            )
        assert abs((found - at).total_seconds() - expected * 3600) < 60


@pytest.mark.parametrize(
    ("hours", "rule"), [(-0.2, PATROL_AHEAD), (24 * DAYS + 1, PATROL_OLD), (10**6, PATROL_OLD)]
)
def test_what_is_to_come_or_long_gone_is_refused(
    ground: Database, hours: float, rule: object
) -> None:
    with pytest.raises(Problem) as refused:
        begin(ground, WALKER, hours_ago(hours))
    assert refused.value.rule == rule
    assert rows(ground, "patrols") == []


def test_a_patrol_has_an_end_of_batches(ground: Database) -> None:
    at = hours_ago(2)
    patrol = begin(ground, WALKER, at)
    with pytest.raises(Problem) as refused:
        send(ground, WALKER, patrol, batch(MOST_BATCHES + 1, fixes(LINE, at)[:2]))
    assert refused.value.rule == PATROL_FULL


def test_positions_on_both_sides_of_midnight_are_of_two_days(ground: Database) -> None:
    with ground.read() as connection:
        midnight = connection.scalar(sa.text("SELECT date_trunc('day', now())"))
    walk(ground, WALKER, LINE, midnight - timedelta(minutes=5))
    days = {row.first: row.metres for row in rows(ground, "patrol_coverage") if row.span == "day"}
    assert len(days) == 2
    assert sum(days.values()) > length(ground)  # 15 m on either side of where midnight was
    assert sum(days.values()) < length(ground) + 40


# --- who ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("who", "sees"),
    [
        (WALKER, True),
        (LEADER, True),
        (actor(Role.ADMIN, STREET, 10), True),
        (actor(Role.LEADER, STREET, 11), True),
        (actor(Role.ADMIN, EVERYWHERE, 12), True),
        (actor(Role.VIEWER, WEST, 13), False),
        (actor(Role.INSPECTOR, WEST, 14), False),
        (actor(Role.OFFICER, STREET, 15), False),
        (actor(Role.VIEWER, EVERYWHERE, 16), False),
        (NEIGHBOUR, False),
        (actor(Role.LEADER, EAST, 17), False),
        (actor(Role.ADMIN, EAST, 18), False),
        (actor(Role.VIEWER, EAST, 7), True),  # the same person, moved elsewhere and no inspector
    ],
)
def test_a_way_is_seen_by_its_own_and_by_those_who_oversee(
    ground: Database, who: Actor, sees: bool
) -> None:
    walk(ground, WALKER, LINE, hours_ago(2))
    for name in ("patrols", "patrol_points", "patrol_stretches"):
        assert bool(rows(acting(ground, who), name)) is sees, name


def test_sums_are_seen_with_the_road_and_tell_no_ground(ground: Database) -> None:
    walk(ground, WALKER, LINE, hours_ago(2))
    sums = sa.text("SELECT road, metres FROM patrol_coverage")
    for who in (WALKER, actor(Role.VIEWER, WEST, 20), LEADER):
        with acting(ground, who).read() as connection:
            assert connection.execute(sums).all()
    with acting(ground, NEIGHBOUR).read() as connection:
        assert not connection.execute(sums).all()
    with pytest.raises(Problem) as refused, acting(ground, LEADER).read() as connection:
        connection.execute(sa.text("SELECT covered FROM patrol_coverage"))
    assert refused.value.rule == NOT_PERMITTED


def test_nobody_writes_what_is_not_their_own(ground: Database) -> None:
    at = hours_ago(2)
    patrol = walk(ground, WALKER, LINE, at)
    before = {name: rows(ground, name) for name in TABLES}
    other = actor(Role.INSPECTOR, WEST, 21)
    for who in (LEADER, other, actor(Role.ADMIN, EVERYWHERE, 22)):
        acted, told = acting(ground, who), began(at, device="x")
        with pytest.raises(Problem) as refused, acted.begin() as connection:
            patrols.tell(connection, who, patrol, told, days=DAYS)
        assert refused.value.rule == PATROL_DIFFERS
        with pytest.raises(Problem) as refused, acted.begin() as connection:
            patrols.add(connection, patrol, batch(99, fixes(LINE, at)[:3]), Rules())
        assert refused.value.rule == UNKNOWN_PATROL
        with pytest.raises(Problem) as refused, acted.begin() as connection:
            patrols.delete(connection, patrol)
        assert refused.value.rule == UNKNOWN_PATROL
    viewer = actor(Role.VIEWER, WEST, 7)
    with pytest.raises(Problem) as refused:
        begin(ground, viewer, at)
    assert refused.value.rule == NOT_PERMITTED
    statements = (
        "INSERT INTO patrol_coverage (span, first, road, place) VALUES ('day', now(), 1, 1)",
        "UPDATE patrols SET account = 21",
        "UPDATE patrols SET place = 0",
        "DELETE FROM patrols",
        "DELETE FROM patrol_points",
        "UPDATE patrol_stretches SET kind = 'walked'",
    )
    for statement in statements:
        with pytest.raises(Problem), acting(ground, WALKER).begin() as connection:
            connection.execute(sa.text(statement))
    assert before == {name: rows(ground, name) for name in TABLES}


def test_a_foreign_road_is_not_covered(ground: Database) -> None:
    beyond = [(LON + 0.0095, NORTH), (LON + 0.0145, NORTH)]
    walk(ground, WALKER, beyond, hours_ago(2))
    assert set(covered(ground)) == {int(WEST)}
    walk(ground, actor(Role.INSPECTOR, STREET, 23), beyond, hours_ago(2))
    assert set(covered(ground)) == {int(WEST), int(EAST)}


# --- races ----------------------------------------------------------------------------------------
def test_what_comes_many_times_at_once_is_stored_once(ground: Database) -> None:
    at, patrol = hours_ago(2), uuid.uuid4()
    some = fixes(LINE, at)
    parts = [batch(n + 1, some[20 * n : 20 * n + 20]) for n in range(6)]

    def come() -> None:
        begin(ground, WALKER, at, patrol)
        for part in parts:
            send(ground, WALKER, patrol, part)

    _together([come] * 6)
    (stored,) = rows(ground, "patrols")
    assert (stored.batches, stored.points) == (6, 120)
    assert len(rows(ground, "patrol_points")) == 6
    alone = covered(ground)
    assert stored.walked_m == pytest.approx(119 * 7, rel=1e-3)
    assert alone[int(WEST)] == pytest.approx(119 * 7 + 15, rel=1e-3)


def test_people_on_one_road_at_once_count_what_they_walked_together(ground: Database) -> None:
    half = (LINE[0][0] + LINE[1][0]) / 2
    ways = [[LINE[0], (half, NORTH)], [(half, NORTH), LINE[1]], LINE, [LINE[1], LINE[0]]]
    # Today and yesterday: days of their own, one week perhaps.
    starts = [hours_ago(1), hours_ago(25)] * 2
    walkers = [actor(Role.INSPECTOR, WEST, 30 + n) for n in range(4)]

    def go(n: int) -> None:
        walk(ground, walkers[n], ways[n], starts[n], size=7)

    _together([lambda n=n: go(n) for n in range(4)])
    _agree(ground)


def test_taking_back_while_others_walk_leaves_what_they_walked(ground: Database) -> None:
    at = hours_ago(1)
    gone = [walk(ground, WALKER, LINE, at) for _ in range(3)]

    def forget(patrol: UUID) -> None:
        with acting(ground, WALKER).begin() as connection:
            patrols.delete(connection, patrol)

    other = actor(Role.INSPECTOR, WEST, 40)
    half = [LINE[0], ((LINE[0][0] + LINE[1][0]) / 2, NORTH)]
    _together(
        [lambda p=p: forget(p) for p in gone] + [lambda: walk(ground, other, half, at, size=5)] * 2
    )
    _agree(ground)
    assert covered(ground)[int(WEST)] == pytest.approx(length(ground) / 2 + 15, rel=1e-3)


def _agree(ground: Database) -> None:
    """The sums are those of all that was walked, computed anew from the ways."""
    anew = sa.text("""
        SELECT s.day, r.id, ST_Length(ST_Intersection(r.geom,
          ST_Union(ST_Buffer(s.geom::geography, 15, 16)::geometry))::geography)
        FROM patrol_stretches s, road_segments r
        WHERE s.kind = 'walked' AND r.place = :place GROUP BY s.day, r.id
    """)
    weeks = sa.text("""
        SELECT date_trunc('week', s.day)::date, r.id, ST_Length(ST_Intersection(r.geom,
          ST_Union(ST_Buffer(s.geom::geography, 15, 16)::geometry))::geography)
        FROM patrol_stretches s, road_segments r
        WHERE s.kind = 'walked' AND r.place = :place GROUP BY 1, r.id
    """)
    for span, statement in (("day", anew), ("week", weeks)):
        with ground.read() as connection:
            found = connection.execute(statement, {"place": int(WEST)}).all()
        expected = {(first, road): metres for first, road, metres in found if metres}
        stored = {
            (row.first, row.road): row.metres
            for row in rows(ground, "patrol_coverage")
            if row.span == span
        }
        assert stored == pytest.approx(expected, rel=1e-6), span


def _together(acts: list[Any]) -> None:
    failed: list[BaseException] = []

    def run(act: Any) -> None:
        try:
            act()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed, failed


# --- forgetting -----------------------------------------------------------------------------------
def test_taking_back_takes_what_nobody_else_walked(ground: Database) -> None:
    at = hours_ago(2)
    half = [LINE[0], ((LINE[0][0] + LINE[1][0]) / 2, NORTH)]
    walk(ground, actor(Role.INSPECTOR, WEST, 50), half, at)
    lone = covered(ground)
    patrol = walk(ground, WALKER, LINE, at)
    assert covered(ground)[int(WEST)] > lone[int(WEST)] + 300
    # Also by somebody who is no inspector any more.
    with acting(ground, actor(Role.VIEWER, WEST)).begin() as connection:
        patrols.delete(connection, patrol)
    assert covered(ground) == pytest.approx(lone)
    assert covered(ground, "week") == pytest.approx(lone)
    assert len(rows(ground, "patrols")) == 1
    assert {row.patrol for row in rows(ground, "patrol_points")} == {
        rows(ground, "patrols")[0].uuid
    }


def test_ways_are_deleted_by_their_age_and_their_sums_stay(ground: Database) -> None:
    walk(ground, WALKER, LINE, hours_ago(20 * 24))
    young = walk(ground, WALKER, LINE, hours_ago(2))
    sums, weeks = covered(ground), covered(ground, "week")
    assert walked.sweep(ground, 30) == 0
    assert walked.sweep(ground, 10) == 1
    assert [row.uuid for row in rows(ground, "patrols")] == [young]
    for name in ("patrol_points", "patrol_stretches"):
        assert {row.patrol for row in rows(ground, name)} == {young}
    assert covered(ground) == sums
    assert covered(ground, "week") == weeks
    assert walked.sweep(ground, 10) == 0


def test_of_old_sums_no_ground_is_kept(ground: Database) -> None:
    walk(ground, WALKER, LINE, hours_ago(20 * 24))
    walked.sweep(ground, 10)
    assert all(row.covered is None for row in rows(ground, "patrol_coverage"))
    assert all(row.settled for row in rows(ground, "patrol_coverage") if row.span == "day")


def test_what_was_promised_holds_when_patrols_are_switched_off(ground: Database) -> None:
    walk(ground, WALKER, LINE, hours_ago(2))
    assert walked.sweep(ground, None) == 0
    with ground.begin() as connection:
        connection.execute(sa.text("UPDATE patrols SET kept_until = now()"))
    assert walked.sweep(ground, None) == 1


def test_taking_back_does_not_undo_what_has_been_settled(ground: Database) -> None:
    at = hours_ago(11 * 24)
    walk(ground, actor(Role.INSPECTOR, WEST, 60), LINE, at)
    with ground.begin() as connection:
        connection.execute(sa.text("UPDATE patrols SET kept_until = now()"))
    patrol = walk(ground, WALKER, LINE, at)
    sums = covered(ground)
    walked.sweep(ground, 30)
    with acting(ground, WALKER).begin() as connection:
        patrols.delete(connection, patrol)
    assert covered(ground) == sums


def test_an_unknown_patrol_takes_nothing(ground: Database) -> None:
    with pytest.raises(Problem) as refused:
        send(ground, WALKER, uuid.uuid4(), batch(1, fixes(LINE, hours_ago(2))[:2]))
    assert refused.value.rule == UNKNOWN_PATROL


def test_a_way_that_stands_still_is_stored(ground: Database) -> None:
    at = hours_ago(2)
    patrol = begin(ground, WALKER, at)
    spot = fixes(LINE, at)[0]
    still = [type(spot)(spot.at + 10 * n, spot.lon, spot.lat, 5.0) for n in range(4)]
    send(ground, WALKER, patrol, batch(1, still))
    assert covered(ground)[int(WEST)] == pytest.approx(15, rel=0.01)
