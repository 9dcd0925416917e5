"""What is told: once, to those who are meant, of what lies on their ground, from the history."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.clock import BEIJING
from gis.errors import Problem
from gis.postgis import Database
from gis.refusals.database import NOT_PERMITTED
from layers.cases import history as case_history
from layers.cases.step_checks import CHECKS
from layers.declaring.people import EVERYWHERE, Actor, Role
from layers.declaring.words import Layer
from layers.held import policies
from layers.notices import (
    choices,
    declared,
    deliveries,
    inbox,
    lateness,
    mails,
    sweeping,
    telling,
    webhooks,
)
from layers.notices.choices import Choices
from layers.notices.declared import Kind
from layers.notices.deliveries import Patience
from layers.notices.webhooks import Draft
from layers.reading import features
from layers.refusals.notices import NOTICE_CHOICE
from layers.registry import Registry
from layers.schema.accounts import ACCOUNTS, PERSONS
from layers.schema.cases import CASES
from layers.schema.duties import DUTIES
from layers.schema.notices import DELIVERIES, MAILS, NOTICE_EVENTS, NOTICE_QUEUE, NOTICES, WEBHOOKS
from layers.schema.tables import table
from tests.factories import geometry, record
from tests.layers.casework import opened, somebody, take

HERE, ELSEWHERE, STREET = "630102007001", "630102007002", "630102007000"
DAY = timedelta(days=1)
PATIENCE = Patience(timedelta(seconds=30), 12)


@pytest.fixture
def sites(registry: Registry) -> Layer:
    return registry.layer("sites")


def tell(conn: Connection, *, mails: bool = False) -> None:
    while telling.tell_waiting(conn, mails=mails):
        pass


def told(conn: Connection, actor: Actor) -> list[Kind]:
    """The kinds of notices of an account, the oldest first."""
    rows = conn.scalars(
        sa.select(NOTICE_EVENTS.c.kind)
        .join(NOTICES, NOTICES.c.event == NOTICE_EVENTS.c.number)
        .where(NOTICES.c.account == actor.account_id)
        .order_by(NOTICE_EVENTS.c.number)
    )
    return [Kind(kind) for kind in rows]


def events(conn: Connection) -> list[Kind]:
    found = sa.select(NOTICE_EVENTS.c.kind).order_by(NOTICE_EVENTS.c.number)
    return [Kind(kind) for kind in conn.scalars(found)]


# --- the declared table ---------------------------------------------------------------------------
def test_every_line_names_a_step_that_there_is(registry: Registry) -> None:
    for layer, name in declared.STEPS:
        flow = registry.layer(layer).workflow
        assert flow is not None
        assert flow.transition(name)


def test_every_kind_has_words_and_is_told_somewhere() -> None:
    tellings = [*declared.STEPS.values(), *declared.LEVELS.values()]
    used = {each.kind for each in (*tellings, declared.APPOINTED, declared.RELIEVED)}
    assert used == set(declared.TOLD)
    assert set(declared.LABELS) == set(Kind)


# --- steps ----------------------------------------------------------------------------------------
def test_who_is_named_is_told_and_who_did_it_is_not(
    conn: Connection, registry: Registry, sites: Layer
) -> None:
    head = somebody(conn, Role.LEADER)
    hand = somebody(conn, Role.INSPECTOR, name="马海英")
    other = somebody(conn, Role.INSPECTOR, name="别人")
    feature = opened(conn, sites, "registered")
    take(conn, registry, head, sites, feature, "assign", handler="马海英")
    tell(conn)
    assert told(conn, hand) == [Kind.ASSIGNED]
    assert told(conn, head) == told(conn, other) == []
    take(conn, registry, hand, sites, feature, "return")
    tell(conn)
    assert told(conn, head) == [Kind.RETURNED]
    assert told(conn, hand) == [Kind.ASSIGNED]


def test_time_that_is_asked_for_and_the_answer(
    conn: Connection, registry: Registry, sites: Layer
) -> None:
    head, hand = somebody(conn, Role.LEADER), somebody(conn, Role.INSPECTOR, name="马海英")
    feature = opened(conn, sites, "registered")
    take(conn, registry, head, sites, feature, "assign", handler="马海英")
    take(conn, registry, hand, sites, feature, "request_extension")
    take(conn, registry, head, sites, feature, "extend")
    tell(conn)
    assert told(conn, head) == [Kind.EXTENSION_ASKED]
    assert told(conn, hand) == [Kind.ASSIGNED, Kind.EXTENDED]


def test_from_the_finished_work_until_it_is_struck_off_and_comes_back(
    conn: Connection, registry: Registry, sites: Layer
) -> None:
    head, hand = somebody(conn, Role.LEADER), somebody(conn, Role.INSPECTOR, name="马海英")
    feature = opened(conn, sites, "registered")
    take(conn, registry, head, sites, feature, "assign", handler="马海英")
    for name in ("accept", "start", "request_clearance"):
        take(conn, registry, hand, sites, feature, name)
    take(conn, registry, head, sites, feature, "verify")
    take(conn, registry, head, sites, feature, "reject")
    take(conn, registry, hand, sites, feature, "request_clearance")
    take(conn, registry, head, sites, feature, "verify")
    take(conn, registry, head, sites, feature, "clear")
    take(conn, registry, hand, sites, feature, "recur")
    tell(conn)
    assert told(conn, hand) == [Kind.ASSIGNED, Kind.REJECTED, Kind.CLEARED]
    assert told(conn, head) == [Kind.TO_VERIFY, Kind.TO_VERIFY, Kind.RECURRED]


def test_a_structure_from_the_demolition_until_it_is_struck_off(
    conn: Connection, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    structures = registry.layer("illegal_structures")
    nothing = dict.fromkeys(CHECKS, lambda *_: ())
    monkeypatch.setattr("layers.cases.taking.CHECKS", nothing)
    office, head = somebody(conn, Role.OFFICER), somebody(conn, Role.LEADER)
    feature = opened(conn, structures, "decided")
    take(conn, registry, office, structures, feature, "demolish")
    take(conn, registry, head, structures, feature, "reject")
    take(conn, registry, office, structures, feature, "demolish")
    take(conn, registry, somebody(conn, Role.INSPECTOR), structures, feature, "accept")
    take(conn, registry, head, structures, feature, "close")
    tell(conn)
    assert told(conn, head) == [Kind.TO_VERIFY, Kind.TO_VERIFY]
    assert told(conn, office) == [Kind.REJECTED, Kind.CLEARED]


def test_where_who_is_named_has_no_account_who_oversees_is_told(
    conn: Connection, registry: Registry, sites: Layer
) -> None:
    head, office = somebody(conn, Role.LEADER), somebody(conn, Role.OFFICER)
    feature = opened(conn, sites, "registered")
    take(conn, registry, office, sites, feature, "assign", handler="没有账号的人")
    tell(conn)
    assert told(conn, head) == [Kind.ASSIGNED]


def test_nobody_is_told_of_what_lies_elsewhere(
    conn: Connection, registry: Registry, sites: Layer
) -> None:
    """A namesake of another community, and one whose account was disabled."""
    head = somebody(conn, Role.ADMIN)
    here = somebody(conn, Role.INSPECTOR, HERE, name="马海英")
    street = somebody(conn, Role.INSPECTOR, STREET, name="马海英")
    there = somebody(conn, Role.INSPECTOR, ELSEWHERE, name="马海英")
    gone = somebody(conn, Role.INSPECTOR, HERE, name="马海英")
    disabled = sa.update(ACCOUNTS).where(ACCOUNTS.c.id == gone.account_id)
    conn.execute(disabled.values(disabled_at=sa.func.now()))
    feature = opened(conn, sites, "registered")
    _move(conn, feature, HERE)
    take(conn, registry, head, sites, feature, "assign", handler="马海英")
    _move(conn, feature, HERE)
    tell(conn)
    assert told(conn, here) == told(conn, street) == [Kind.ASSIGNED]
    assert told(conn, there) == told(conn, gone) == []


def test_of_those_who_oversee_the_nearest_are_told(
    conn: Connection, registry: Registry, sites: Layer
) -> None:
    near, street = somebody(conn, Role.LEADER, HERE), somebody(conn, Role.ADMIN, STREET)
    hand = somebody(conn, Role.INSPECTOR, EVERYWHERE, name="马海英")
    office = somebody(conn, Role.OFFICER)
    feature = opened(conn, sites, "registered")
    take(conn, registry, office, sites, feature, "assign", handler="马海英")
    take(conn, registry, hand, sites, feature, "request_extension")
    _move(conn, feature, HERE)
    tell(conn)
    assert told(conn, near) == [Kind.EXTENSION_ASKED]
    assert told(conn, street) == []


def _move(conn: Connection, feature: int, place: str) -> None:
    """What a change of its ground would do, without drawing one."""
    conn.execute(sa.text("SET LOCAL session_replication_role = replica"))
    for rows in ("sites", "cases", "steps"):
        key = "id" if rows == "sites" else "feature"
        statement = f"UPDATE {rows} SET place = :place WHERE {key} = :feature"
        conn.execute(sa.text(statement), {"place": int(place), "feature": feature})
    conn.execute(sa.text("SET LOCAL session_replication_role = origin"))


def test_what_was_told_is_not_told_again(
    conn: Connection, registry: Registry, sites: Layer
) -> None:
    head, hand = somebody(conn, Role.LEADER), somebody(conn, Role.INSPECTOR, name="马海英")
    feature = opened(conn, sites, "registered")
    take(conn, registry, head, sites, feature, "assign", handler="马海英")
    waiting = conn.execute(sa.select(NOTICE_QUEUE)).mappings().all()
    assert [row["feature"] for row in waiting] == [feature]
    tell(conn)
    assert conn.execute(sa.select(NOTICE_QUEUE)).all() == []
    # As if the queue had been taken back by a restored copy.
    again = [{k: v for k, v in row.items() if k != "number"} for row in waiting]
    conn.execute(sa.insert(NOTICE_QUEUE), again)
    tell(conn)
    assert told(conn, hand) == [Kind.ASSIGNED]
    assert events(conn) == [Kind.ASSIGNED]


def test_what_an_old_ledger_brings_is_told_to_nobody(conn: Connection, sites: Layer) -> None:
    somebody(conn, Role.INSPECTOR, name="马海英")
    opened(conn, sites, "assigned", number="旧-1", handler="马海英")
    step = {"number": "旧-1", "transition": "assign", "source": "registered", "target": "assigned"}
    assert case_history.bring(conn, sites, [{**step, "at": datetime(2017, 3, 1, tzinfo=UTC)}]) == 1
    assert conn.execute(sa.select(NOTICE_QUEUE)).all() == []


def test_one_that_cannot_be_told_stops_no_other(
    conn: Connection, registry: Registry, sites: Layer, caplog: pytest.LogCaptureFixture
) -> None:
    head, hand = somebody(conn, Role.LEADER), somebody(conn, Role.INSPECTOR, name="马海英")
    broken = {"source": "step", "layer": "sites", "feature": -1, "ordinal": 2**40}
    conn.execute(sa.insert(NOTICE_QUEUE).values(broken))
    feature = opened(conn, sites, "registered")
    take(conn, registry, head, sites, feature, "assign", handler="马海英")
    tell(conn)
    assert told(conn, hand) == [Kind.ASSIGNED]


def test_the_story_says_nothing_of_people(
    conn: Connection, registry: Registry, sites: Layer
) -> None:
    head = somebody(conn, Role.LEADER, name="祁生财")
    somebody(conn, Role.INSPECTOR, name="马海英")
    feature = opened(conn, sites, "registered")
    take(conn, registry, head, sites, feature, "assign", handler="马海英", unit="环卫所")
    tell(conn)
    stored = str(conn.execute(sa.select(NOTICE_EVENTS)).mappings().one())
    assert "马海英" not in stored
    assert "祁生财" not in stored


# --- lateness -------------------------------------------------------------------------------------
def test_each_level_is_told_once(conn: Connection, registry: Registry, sites: Layer) -> None:
    head, hand = somebody(conn, Role.LEADER), somebody(conn, Role.INSPECTOR, name="马海英")
    begun = datetime(2026, 3, 2, 9, tzinfo=BEIJING)  # a Monday
    opened(conn, sites, "assigned", handler="马海英", due=date(2026, 3, 16))
    conn.execute(sa.text("SET LOCAL session_replication_role = replica"))
    conn.execute(sa.update(CASES).values(begun_at=begun))
    conn.execute(sa.text("SET LOCAL session_replication_role = origin"))
    story = [
        (begun + timedelta(days=1), []),
        (begun + timedelta(days=13), [Kind.DUE_SOON]),
        (begun + timedelta(days=15), [Kind.OVERDUE]),
        (begun + timedelta(days=19), [Kind.SUPERVISED]),
        (begun + timedelta(days=26), [Kind.CIRCULATED]),
        (begun + timedelta(days=50), [Kind.SUMMONED]),
    ]
    sofar: list[Kind] = []
    for now, fresh in story:
        for _ in range(2):
            while lateness.tell_late(conn, mails=False, now=now):
                pass
        sofar += fresh
        assert told(conn, hand) == sofar, now
    assert told(conn, head) == [Kind.SUPERVISED, Kind.CIRCULATED, Kind.SUMMONED]


def test_what_is_closed_or_has_no_limit_is_not_late(
    conn: Connection, registry: Registry, sites: Layer
) -> None:
    somebody(conn, Role.LEADER)
    opened(conn, sites, "cleared", due=date(2020, 1, 2), cleared_on=date(2020, 1, 3))
    opened(conn, sites, "assigned")
    conn.execute(sa.text("SET LOCAL session_replication_role = replica"))
    conn.execute(sa.update(CASES).where(CASES.c.is_open).values(due_at=None))
    conn.execute(sa.text("SET LOCAL session_replication_role = origin"))
    assert lateness.tell_late(conn, mails=False) == 0
    assert events(conn) == []


# --- duties ---------------------------------------------------------------------------------------
def test_who_has_a_duty_is_told_when_it_begins_and_when_its_end_is_known(
    conn: Connection, registry: Registry
) -> None:
    holder = somebody(conn, Role.LEADER, name="祁生财")
    nobody = conn.scalar(sa.insert(PERSONS).values(name="无账号").returning(PERSONS.c.id))
    fields = registry.layer("grid_fields")
    feature, of_fields = _field(conn, fields), table(fields)
    place = of_fields.c.place
    duty = {
        "person_id": holder.person_id,
        "role": "grid_member",
        "layer": "grid_fields",
        "feature": feature,
        "place": conn.scalar(sa.select(place).where(of_fields.c.id == feature)),
        "valid_from": date(2026, 1, 1),
    }
    number = conn.scalar(sa.insert(DUTIES).values(duty).returning(DUTIES.c.id))
    conn.execute(sa.insert(DUTIES).values({**duty, "person_id": nobody}))
    tell(conn)
    assert told(conn, holder) == [Kind.APPOINTED]
    assert events(conn) == [Kind.APPOINTED]
    change = sa.update(DUTIES).where(DUTIES.c.id == number)
    conn.execute(change.values(document="任命书"))
    tell(conn)
    assert told(conn, holder) == [Kind.APPOINTED]
    conn.execute(change.values(valid_to=date(2026, 6, 1)))
    tell(conn)
    assert told(conn, holder) == [Kind.APPOINTED, Kind.RELIEVED]


def _field(conn: Connection, fields: Layer) -> int:

    return features.insert(conn, fields, record(fields), geometry(fields))


# --- the inbox and the choices --------------------------------------------------------------------
def _happened(conn: Connection, actor: Actor, place: int = 0, count: int = 1) -> list[int]:
    """Events about a site, each with a notice for somebody."""
    numbers: list[int] = []
    for _ in range(count):
        event = {"kind": "case.assigned", "layer": "sites", "feature": 1, "place": place}
        stamp = {"at": datetime.now(UTC), "key": f"test:{len(numbers)}:{actor.account_id}"}
        made = sa.insert(NOTICE_EVENTS).values(**event, **stamp)
        number = conn.scalar(made.returning(NOTICE_EVENTS.c.number))
        notice = {"account": actor.account_id, "event": number, "listed": True, "mailed": True}
        conn.execute(sa.insert(NOTICES).values(notice))
        numbers.append(int(number or 0))
    return numbers


def test_one_reads_ones_own_and_marks_it(database: Database, registry: Registry) -> None:
    with database.begin() as conn:
        mine, other = somebody(conn, Role.INSPECTOR, HERE), somebody(conn, Role.ADMIN)
        first, second = _happened(conn, mine, int(HERE), count=2)
        _happened(conn, other, int(HERE))
    own = policies.acting(database, mine)
    with own.read() as conn:
        listed = inbox.listed(conn, registry, mine.account_id or 0, limit=10)
        assert [each.number for each in listed] == [second, first]
        assert inbox.listed(conn, registry, other.account_id or 0, limit=10) == []
        assert inbox.unread(conn, mine) == 2
    with own.begin() as conn:
        assert inbox.mark_read(conn, mine.account_id or 0, [first]) == 1
        assert inbox.mark_read(conn, mine.account_id or 0, [first]) == 0
        assert inbox.mark_read(conn, other.account_id or 0) == 0
    with own.read() as conn:
        assert inbox.unread(conn, mine) == 1
        fresh = inbox.listed(conn, registry, mine.account_id or 0, limit=10, unread_only=True)
        assert [each.number for each in fresh] == [second]


def test_what_went_elsewhere_is_seen_no_more(database: Database, registry: Registry) -> None:
    with database.begin() as conn:
        mine = somebody(conn, Role.INSPECTOR, HERE)
        _happened(conn, mine, int(ELSEWHERE))
    with policies.acting(database, mine).read() as conn:
        assert inbox.listed(conn, registry, mine.account_id or 0, limit=10) == []
        assert inbox.unread(conn, mine) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE notices SET event = event + 1",
        "INSERT INTO notices (account, event, listed, mailed) VALUES (1, 1, true, true)",
        "DELETE FROM notices",
        (
            "INSERT INTO notice_events (kind, layer, feature, place, at, key)"
            " VALUES ('x', 'sites', 1, 0, now(), 'x')"
        ),
        "SELECT * FROM notice_queue",
        "SELECT secret FROM webhooks",
        "SELECT former_secret FROM webhooks",
        "INSERT INTO deliveries (webhook, event) VALUES (1, 1)",
        "UPDATE deliveries SET webhook = 2",
        "UPDATE mails SET state = 'done'",
    ],
)
def test_the_role_may_do_nothing_else(database: Database, statement: str) -> None:
    with database.begin() as conn:
        admin = somebody(conn, Role.ADMIN)
    with pytest.raises(Problem) as refused, policies.acting(database, admin).begin() as conn:
        conn.execute(sa.text(statement))
    assert refused.value.rule is NOT_PERMITTED


def test_what_one_does_not_want_does_not_come(
    conn: Connection, registry: Registry, sites: Layer
) -> None:
    head = somebody(conn, Role.LEADER)
    hand = somebody(conn, Role.INSPECTOR, name="马海英")
    account = hand.account_id or 0
    choices.choose(conn, account, Choices(unlisted=("case.assigned",), unmailed=("case.hung",)))
    assert choices.of(conn, account, "zh").unlisted == ("case.assigned",)
    feature = opened(conn, sites, "registered")
    take(conn, registry, head, sites, feature, "assign", handler="马海英")
    take(conn, registry, head, sites, feature, "hang")
    tell(conn, mails=True)
    assert told(conn, hand) == [Kind.HUNG]
    for wrong in (Choices(pace="often"), Choices(unlisted=("x",)), Choices(address="a\r\nb@c.d")):
        with pytest.raises(Problem) as refused:
            choices.choose(conn, account, wrong)
        assert refused.value.rule is NOTICE_CHOICE


# --- mails ----------------------------------------------------------------------------------------
MORNING = datetime(2026, 3, 3, 8, tzinfo=BEIJING)
HOUR = timedelta(hours=1)


def _gathered(conn: Connection, now: datetime) -> list[int]:
    """How many notices each mail that is made now has."""
    before = conn.scalar(sa.text("SELECT coalesce(max(number), 0) FROM mails"))
    mails.gather(conn, now, HOUR)
    counted = sa.text(
        "SELECT count(*) FROM notices WHERE mail > :before GROUP BY mail ORDER BY mail"
    )
    return list(conn.scalars(counted, {"before": before}))


def _mailed(conn: Connection, actor: Actor, at: datetime, count: int = 1) -> None:
    for n in range(count):
        event = {"kind": "case.assigned", "layer": "sites", "feature": 1, "place": 0, "at": at}
        made = sa.insert(NOTICE_EVENTS).values(**event, key=f"{at}:{n}:{actor.account_id}")
        number = conn.scalar(made.returning(NOTICE_EVENTS.c.number))
        notice = {"account": actor.account_id, "event": number, "listed": True, "mailed": True}
        conn.execute(sa.insert(NOTICES).values(notice))


def test_a_hundred_notices_are_one_mail_and_then_another(conn: Connection) -> None:
    reader = somebody(conn, Role.LEADER)
    _mailed(conn, reader, MORNING)
    assert _gathered(conn, MORNING) == [1]
    _mailed(conn, reader, MORNING + timedelta(minutes=1), count=100)
    assert _gathered(conn, MORNING + timedelta(minutes=59)) == []
    assert _gathered(conn, MORNING + HOUR) == [100]
    assert _gathered(conn, MORNING + 5 * HOUR) == []


def test_who_wants_mails_daily_gets_them_in_the_morning(conn: Connection) -> None:
    reader = somebody(conn, Role.LEADER)
    choices.choose(conn, reader.account_id or 0, Choices(pace="daily"))
    _mailed(conn, reader, MORNING + HOUR)
    day = timedelta(days=1)
    assert _gathered(conn, MORNING + 2 * HOUR) == []
    assert _gathered(conn, MORNING + day - HOUR) == []
    _mailed(conn, reader, MORNING + 3 * HOUR)
    assert _gathered(conn, MORNING + day) == [2]
    _mailed(conn, reader, MORNING + day + HOUR)
    assert _gathered(conn, MORNING + day + 2 * HOUR) == []
    assert _gathered(conn, MORNING + 2 * day) == [1]


def test_what_was_read_meanwhile_is_not_mailed(database: Database, registry: Registry) -> None:
    with database.begin() as conn:
        reader = somebody(conn, Role.LEADER, name="祁生财")
        choices.choose(conn, reader.account_id or 0, Choices(address="qi@example.org", lang="en"))
        first, _ = _happened(conn, reader, 0, count=2)
        mails.gather(conn, datetime.now(UTC), HOUR)
        inbox.mark_read(conn, reader.account_id or 0, [first])
        envelope = mails.take(conn, "zh")
        assert mails.take(conn, "zh") is None
    assert envelope is not None
    assert (envelope.address, envelope.lang, envelope.tries) == ("qi@example.org", "en", 1)
    with policies.acting(database, envelope.reader).read() as conn:
        assert mails.content(conn, registry, envelope).count == 1


# --- what is over ---------------------------------------------------------------------------------
def _left(conn: Connection) -> set[int]:
    return set(conn.scalars(sa.select(NOTICES.c.event)))


def _read(conn: Connection, events: list[int], at: datetime) -> None:
    conn.execute(sa.update(NOTICES).where(NOTICES.c.event.in_(events)).values(read_at=at))


def test_what_was_read_long_ago_goes_and_nothing_else_does(conn: Connection) -> None:
    reader = somebody(conn, Role.LEADER)
    old, late, unread = _happened(conn, reader, 0, count=3)
    now = datetime.now(UTC)
    _read(conn, [old], now - timedelta(days=366))
    _read(conn, [late], now - timedelta(days=364))
    conn.execute(sa.update(NOTICE_EVENTS).values(at=now - timedelta(days=500)))
    assert sweeping.sweep(conn, now - timedelta(days=365)) == 1
    assert _left(conn) == {late, unread}
    assert len(events(conn)) == 3
    assert sweeping.sweep(conn, now - timedelta(days=365)) == 0


def test_a_notice_goes_once_its_mail_went_out_and_then_the_mail(conn: Connection) -> None:
    reader, now = somebody(conn, Role.LEADER), datetime.now(UTC)
    choices.choose(conn, reader.account_id or 0, Choices(address="qi@example.org"))
    listed, mailed = _happened(conn, reader, 0, count=2)
    conn.execute(sa.update(NOTICES).values(mailed=True))
    conn.execute(sa.update(NOTICES).where(NOTICES.c.event == mailed).values(listed=False))
    conn.execute(sa.update(NOTICE_EVENTS).values(at=now - timedelta(days=2)))
    assert sweeping.sweep(conn, now - DAY) == 0
    mails.gather(conn, now - timedelta(days=2), HOUR)
    _read(conn, [listed], now - timedelta(days=2))
    assert sweeping.sweep(conn, now - DAY) == 0
    conn.execute(sa.update(MAILS).values(state="done"))
    assert sweeping.sweep(conn, now - DAY) == 3
    assert _left(conn) == set(conn.scalars(sa.select(MAILS.c.number))) == set()


@pytest.mark.parametrize(("state", "left"), [("done", 0), ("dead", 1), ("waiting", 1)])
def test_deliveries_go_that_arrived(conn: Connection, state: str, left: int) -> None:
    admin, now = somebody(conn, Role.ADMIN), datetime.now(UTC)
    hook = _hook(conn, admin, EVERYWHERE)
    (event,) = _happened(conn, admin, 0)
    row = {"webhook": hook, "event": event, "state": state, "done_at": now - timedelta(days=2)}
    conn.execute(sa.insert(DELIVERIES).values(row))
    sweeping.sweep(conn, now - DAY)
    assert conn.scalar(sa.select(sa.func.count()).select_from(DELIVERIES)) == left


def test_it_goes_batch_by_batch(conn: Connection) -> None:
    reader, now = somebody(conn, Role.LEADER), datetime.now(UTC)
    _read(conn, _happened(conn, reader, 0, count=5), now - timedelta(days=2))
    assert [sweeping.sweep(conn, now - DAY, batch=2) for _ in range(4)] == [2, 2, 1, 0]


# --- webhooks -------------------------------------------------------------------------------------
DRAFT = Draft(name="数字城管", url="https://hook.example/in", kinds=["case.assigned"])


def _hook(conn: Connection, admin: Actor, division: str) -> int:
    return webhooks.add(conn, admin, DRAFT, division, b"k" * 32)


def test_an_admin_has_the_webhooks_of_the_own_ground(database: Database) -> None:
    with database.begin() as conn:
        street, here, there = (
            somebody(conn, Role.ADMIN, each) for each in (STREET, HERE, ELSEWHERE)
        )
        leader = somebody(conn, Role.LEADER, STREET)
    with policies.acting(database, street).begin() as conn:
        number = _hook(conn, street, HERE)
        with pytest.raises(Problem):
            _hook(conn, street, "630102000000")
    for actor, seen in ((street, 1), (here, 1), (there, 0), (leader, 0)):
        with policies.acting(database, actor).read() as conn:
            assert len(webhooks.listed(conn)) == seen
    with policies.acting(database, there).begin() as conn:
        for forbidden in (webhooks.pause, webhooks.remove, webhooks.probe, webhooks.get):
            with pytest.raises(Problem):
                forbidden(conn, number)
    with pytest.raises(Problem), policies.acting(database, here).begin() as conn:
        _hook(conn, here, STREET)
    with pytest.raises(Problem), policies.acting(database, leader).begin() as conn:
        _hook(conn, leader, HERE)


def test_a_webhook_is_sent_what_happens_in_its_division_and_nothing_else(
    conn: Connection, registry: Registry, sites: Layer
) -> None:
    admin = somebody(conn, Role.ADMIN)
    here, there, paused = (_hook(conn, admin, each) for each in (HERE, ELSEWHERE, HERE))
    webhooks.pause(conn, paused)
    feature = opened(conn, sites, "registered")
    take(conn, registry, admin, sites, feature, "assign", handler="马海英")
    _move(conn, feature, HERE)
    take(conn, registry, admin, sites, feature, "hang")
    _move(conn, feature, HERE)
    tell(conn)
    assert set(events(conn)) == {Kind.ASSIGNED, Kind.HUNG}
    found = conn.execute(
        sa.select(DELIVERIES.c.webhook, NOTICE_EVENTS.c.kind).join(
            NOTICE_EVENTS, NOTICE_EVENTS.c.number == DELIVERIES.c.event
        )
    ).all()
    assert [tuple(row) for row in found] == [(here, "case.assigned")]
    assert there != here


def test_what_is_told_to_a_webhook_is_read_under_its_own_rights(
    database: Database, registry: Registry, sites: Layer
) -> None:
    with database.begin() as conn:
        admin = somebody(conn, Role.ADMIN)
        number = _hook(conn, admin, HERE)
        feature = opened(conn, sites, "registered", number="巡查-2026-1", handler="马海英")
        take(conn, registry, admin, sites, feature, "assign", handler="马海英")
        _move(conn, feature, HERE)
        tell(conn)
        parcel = deliveries.take(conn, (), PATIENCE)
    assert parcel is not None
    assert parcel.webhook == number
    reading = policies.acting(database, parcel.reader)
    with reading.read() as conn:
        sent = deliveries.payload(conn, registry, parcel, "https://grid.example")
    assert sent is not None
    assert sent["type"] == "case.assigned"
    assert sent["data"]["title"] == "巡查-2026-1"
    assert sent["data"]["link"] == f"https://grid.example/collections/sites/items/{feature}"
    assert "马" not in str(sent)
    with database.begin() as conn:
        _move(conn, feature, ELSEWHERE)
    with reading.read() as conn:
        assert deliveries.payload(conn, registry, parcel, None) is None


def test_a_delivery_is_put_off_before_it_is_tried(conn: Connection) -> None:
    admin = somebody(conn, Role.ADMIN)
    number = _hook(conn, admin, EVERYWHERE)
    webhooks.probe(conn, number)
    webhooks.probe(conn, number)
    first = deliveries.take(conn, (), PATIENCE)
    assert first is not None
    assert first.tries == 1
    second = deliveries.take(conn, (), PATIENCE)
    assert second is not None
    assert second.number != first.number
    assert deliveries.take(conn, (), PATIENCE) is None
    assert deliveries.take(conn, (number,), PATIENCE) is None


def test_pauses_grow_to_an_end_and_are_not_all_alike() -> None:
    pauses = [PATIENCE.pause(tries) for tries in range(1, 60)]
    for tries, pause in enumerate(pauses, start=1):
        whole = min(timedelta(seconds=30) * 2 ** min(tries - 1, 20), timedelta(hours=6))
        assert whole * 0.75 <= pause <= whole * 1.25
    assert len({PATIENCE.pause(3) for _ in range(20)}) > 1


def test_what_was_given_up_is_sent_again_by_hand(conn: Connection) -> None:
    admin = somebody(conn, Role.ADMIN)
    number = _hook(conn, admin, EVERYWHERE)
    webhooks.probe(conn, number)
    parcel = deliveries.take(conn, (), PATIENCE)
    assert parcel is not None
    deliveries.failed(conn, parcel, status=500, error="x" * 1000, last=True)
    assert webhooks.get(conn, number).dead == 1
    [seen] = deliveries.listed(conn, number, limit=10)
    assert (seen.state, seen.status) == ("dead", 500)
    assert deliveries.send_again(conn, number) == 1
    again = deliveries.take(conn, (), PATIENCE)
    assert again is not None
    assert (again.number, again.tries, again.id) == (parcel.number, 1, parcel.id)
    with pytest.raises(Problem):
        deliveries.send_again(conn, number, 2**40)


def test_a_secret_is_renewed_beside_the_former_one(database: Database) -> None:
    with database.begin() as conn:
        admin = somebody(conn, Role.ADMIN, HERE)
    acting = policies.acting(database, admin)
    with acting.begin() as conn:
        number = _hook(conn, admin, HERE)
        webhooks.renew(conn, number, b"n" * 32)
        webhooks.probe(conn, number)
    with database.begin() as conn:
        parcel = deliveries.take(conn, (), PATIENCE)
        assert parcel is not None
        assert parcel.keys == (b"n" * 32, b"k" * 32)
        conn.execute(sa.update(WEBHOOKS).values(former_until=sa.func.now() - HOUR))
        webhooks.probe(conn, number)
        later = deliveries.take(conn, (), PATIENCE)
        assert later is not None
        assert later.keys == (b"n" * 32,)


@pytest.mark.parametrize(
    "draft",
    [
        Draft(name="", url="https://a.example/", kinds=["case.assigned"]),
        Draft(name="a\nb", url="https://a.example/", kinds=["case.assigned"]),
        Draft(name="a" * 101, url="https://a.example/", kinds=["case.assigned"]),
        Draft(name="a", url="https://a.example/", kinds=[]),
        Draft(name="a", url="https://a.example/", kinds=["webhook.probe"]),
        Draft(name="a", url="https://a.example/", kinds=["case.assigned", "all"]),
    ],
)
def test_what_is_no_webhook_is_refused(conn: Connection, draft: Draft) -> None:
    admin = somebody(conn, Role.ADMIN)
    for division in (EVERYWHERE, "x", ""):
        with pytest.raises(Problem):
            webhooks.add(conn, admin, draft, division, b"k" * 32)
