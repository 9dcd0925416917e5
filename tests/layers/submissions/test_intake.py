"""Records that are stored together: each by itself, under its own actor, and undone by itself."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest
import sqlalchemy as sa

from gis.errors import Problem
from gis.postgis import Database
from layers.alike import near
from layers.calendar.workdays import Calendar
from layers.changing import undoing
from layers.declaring.people import Actor, Role
from layers.held import policies
from layers.held.photos import LOCK_HASH
from layers.reading import verification
from layers.refusals.submissions import RECORD_ELSEWHERE
from layers.registry import Registry
from layers.submissions import intake
from layers.submissions import receiving as submissions
from layers.submissions.intake import Arrival
from layers.submissions.receiving import Receipt, Sent
from tests import records
from tests.records import ABROAD, COMMUNITY, NEIGHBOUR, body, record


def actor(account: int = 7, division: str = COMMUNITY, role: Role = Role.INSPECTOR) -> Actor:
    return Actor(account, None, "网格员", role, division, f"phone {account}")


@pytest.fixture
def ground(database: Database, registry: Registry) -> Database:
    records.lay_ground(database, registry)
    return database


def arrival(
    registry: Registry, who: Actor | None = None, layer: str = "sites", **changed: object
) -> Arrival:
    wanted = registry.layer(layer)
    sent = Sent(wanted, records.name(), body(record(layer, **changed)))
    return Arrival(who or actor(), sent, near.reach(wanted))


def abroad(registry: Registry, who: Actor | None = None) -> Arrival:
    return arrival(registry, who, geometry={"type": "Point", "coordinates": list(ABROAD)})


def take(ground: Database, arrivals: Sequence[Arrival]) -> list[Receipt | None]:
    return intake.take_in(ground, arrivals, Calendar())


def alone(ground: Database, each: Arrival) -> tuple[Receipt, bool]:
    own = policies.acting(ground, each.actor)
    return submissions.receive(own, each.actor, each.sent, within=each.within)


def asked(database: Database, statement: str, **values: object) -> object:
    with database.begin() as connection:
        return connection.execute(sa.text(statement), values).scalar()


def test_each_is_answered_as_if_it_had_come_alone(ground: Database, registry: Registry) -> None:
    layers = ("sites", "illegal_structures", "courtyard_works", "shop_inspections")
    told = take(ground, [arrival(registry, layer=name) for name in layers])
    for name, receipt in zip(layers, told, strict=True):
        single, new = alone(ground, arrival(registry, layer=name))
        assert receipt
        assert new
        # The second lies where the first does, and is told so.
        assert (receipt.near == []) == (single.near == []) or receipt.near == []
        same = ("uuid", "feature", "received_at", "near", "due", "sha256")
        assert replace(receipt, **{each: getattr(single, each) for each in same}) == single
        assert (receipt.due is None) == (single.due is None)
    assert asked(ground, "SELECT count(DISTINCT transaction) FROM submissions") == 5


def test_the_second_of_a_go_hears_that_the_first_is_likely_the_same(
    ground: Database, registry: Registry
) -> None:
    first, second = take(ground, [arrival(registry), arrival(registry)])
    assert first
    assert second
    assert first.near == []
    assert [each["id"] for each in second.near] == [first.feature]


def test_each_is_stored_and_recorded_as_its_own_actors(
    ground: Database, registry: Registry
) -> None:
    there = actor(9, NEIGHBOUR)
    told = take(ground, [arrival(registry), abroad(registry, there)])
    assert all(told)
    with ground.read() as connection:
        statement = "SELECT account, source, label, rows FROM changes WHERE layer = 'sites'"
        changes = connection.execute(sa.text(statement + " ORDER BY account")).all()
        came = connection.execute(
            sa.text("SELECT account, feature FROM submissions ORDER BY account")
        ).all()
        links = connection.execute(sa.text("SELECT DISTINCT account FROM photo_links")).all()
    names = [f"record {each.uuid}" for each in told if each]
    assert [tuple(row) for row in changes] == [
        (7, "phone 7", names[0], 1),
        (9, "phone 9", names[1], 1),
    ]
    assert [tuple(row) for row in came] == [
        (n, each.feature) for n, each in zip((7, 9), told, strict=True) if each
    ]
    assert {row.account for row in links} == {7, 9}


def test_what_is_refused_harms_no_other_and_leaves_nothing(
    ground: Database, registry: Registry
) -> None:
    """By its form, by the role, by the ground it lies on, by its name, by what it names."""
    known = arrival(registry)
    alone(ground, known)
    bad = replace(known, sent=replace(known.sent, uuid=records.name(), body=b"{}"))
    viewer = arrival(registry, actor(role=Role.VIEWER))
    nowhere = replace(
        known,
        sent=replace(known.sent, uuid=records.name(), body=body(records.in_field(field="0" * 15))),
    )
    good = [arrival(registry, actor(n)) for n in range(10, 13)]
    told = take(ground, [good[0], bad, abroad(registry), known, good[1], viewer, nowhere, good[2]])
    assert [receipt is not None for receipt in told] == [n in (0, 4, 7) for n in range(8)]
    for table, count in (("sites", 4), ("sites_versions", 4), ("submissions", 4)):
        assert asked(ground, f"SELECT count(*) FROM {table}") == count
    assert asked(ground, "SELECT count(*) FROM photo_links") == 8
    with pytest.raises(Problem) as caught:
        alone(ground, abroad(registry))
    assert caught.value.rule is RECORD_ELSEWHERE
    receipt, new = alone(ground, known)
    assert not new
    assert receipt.uuid == known.sent.uuid


def test_one_name_twice_in_a_go_is_stored_once(ground: Database, registry: Registry) -> None:
    twice = arrival(registry)
    first, second = take(ground, [twice, twice])
    assert first
    assert second is None
    again, new = alone(ground, twice)
    assert not new
    assert again.feature == first.feature
    assert asked(ground, "SELECT count(*) FROM sites") == 1


def test_undoing_takes_back_one_record_and_not_what_came_with_it(
    ground: Database, registry: Registry
) -> None:
    told = take(ground, [arrival(registry, actor(n)) for n in range(3)])
    wanted = [each.feature for each in told if each]
    number = asked(ground, "SELECT _change FROM sites_versions WHERE id = :id", id=wanted[1])
    with ground.begin() as connection:
        sites = registry.layer("sites")
        assert undoing.undo(connection, registry, sites, int(str(number)), tolerance_m2=1.0) == 1
    with ground.read() as connection:
        left = connection.scalars(sa.text("SELECT id FROM sites ORDER BY id")).all()
        assert verification.verify(connection, registry).faults == ()
    assert left == [wanted[0], wanted[2]]


def with_photo(registry: Registry, n: int) -> Arrival:
    photo = {"sha256": records.sha(n), "role": "far", "taken_at": None}
    return arrival(registry, photos=[photo])


@contextmanager
def held(database: Database, sha256: str) -> Iterator[None]:
    """While somebody brings this photograph."""
    with database.begin() as connection:
        connection.execute(sa.text(f"SELECT {LOCK_HASH.format(':sha256')}"), {"sha256": sha256})
        yield


def test_nobody_waits_long_for_what_keeps_another_waiting(
    ground: Database, registry: Registry
) -> None:
    arrivals = [with_photo(registry, n) for n in (1, 2, 3)]
    found: list[Receipt | None] = []
    with held(ground, records.sha(2)):
        thread = threading.Thread(target=lambda: found.extend(take(ground, arrivals)))
        thread.start()
        thread.join(30)
        assert not thread.is_alive()
    # Who had to wait, and who came behind, are to try alone.
    assert [receipt is not None for receipt in found] == [True, False, False]
    assert all(alone(ground, each)[1] for each in arrivals[1:])


def test_two_goes_that_want_each_others_photographs_both_end(
    ground: Database, registry: Registry
) -> None:
    orders = (range(1, 21), range(20, 0, -1))
    goes = [[with_photo(registry, n) for n in order] for order in orders]
    with ThreadPoolExecutor(2) as threads:
        told = list(threads.map(lambda each: take(ground, each), goes, timeout=60))
    for arrivals, receipts in zip(goes, told, strict=True):
        for each, receipt in zip(arrivals, receipts, strict=True):
            assert receipt or alone(ground, each)[1]
    assert asked(ground, "SELECT count(*) FROM sites") == 40


def test_where_nothing_is_known_of_the_commit_nobody_is_told_anything(
    ground: Database, registry: Registry
) -> None:
    refuse = (
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'check_violation'; END $$;"
        " CREATE CONSTRAINT TRIGGER refused AFTER INSERT ON sites DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    with ground.begin() as connection:
        connection.execute(sa.text(refuse))
    arrivals = [arrival(registry), arrival(registry)]
    assert take(ground, arrivals) == [None, None]
    assert asked(ground, "SELECT count(*) FROM sites") == 0
    with ground.begin() as connection:
        connection.execute(sa.text("DROP TRIGGER refused ON sites"))
    assert all(take(ground, arrivals))
