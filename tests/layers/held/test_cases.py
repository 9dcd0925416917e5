"""What the database holds about cases, whoever writes and by what means."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis import files
from gis.clock import today
from gis.errors import Problem, Rule
from gis.postgis import Database
from gis.refusals.database import DATABASE_REFUSED, NOT_PERMITTED
from layers import guards
from layers.arriving import importing
from layers.arriving.importing import ImportRefused, Options
from layers.calendar.deadlines import end_of
from layers.cases import applying as cases
from layers.cases import history as case_history
from layers.cases.applying import Attempted
from layers.changing import editing, undoing
from layers.changing.editing import Changes, Put
from layers.declaring.people import SYSTEM, Actor, Role
from layers.declaring.words import Layer
from layers.held import step_chain
from layers.held.policies import acting
from layers.leaving import exporting
from layers.reading import features
from layers.reading.verification import verify
from layers.refusals.asking import UNKNOWN_FEATURE
from layers.refusals.cases import CASE_BY_TRANSITION, CASE_HISTORY, UNDO_OF_STEP
from layers.refusals.history import (
    HISTORY_CHAIN,
    HISTORY_ORPHANS,
    HISTORY_ROWS,
    HISTORY_STEP,
    HISTORY_STEP_ALTERED,
)
from layers.registry import Registry
from layers.schema.cases import CASES, STEPS
from layers.schema.tables import table
from layers.schema.versions import CHANGES
from tests import factories, logged
from tests.layers import casework
from tests.layers.casework import opened, somebody, stored, take
from tests.layers.fields import BLUE_SKY, WEST_STATION, division


@pytest.fixture
def sites(registry: Registry) -> Layer:
    return registry.layer("sites")


def rule_of(database: Database, statement: str, actor: Actor | None = None, **given: Any) -> Rule:
    """By what rule a statement is refused that somebody writes by hand."""
    own = database if actor is None else acting(database, actor)
    with pytest.raises(Problem) as found, own.begin() as connection:
        connection.execute(sa.text(statement), given)
    return found.value.rule


def a_site(database: Database, layer: Layer, state: str = "registered", **given: object) -> int:
    with database.begin() as connection:
        return opened(connection, layer, state, **given)


def a_case(database: Database, layer: Layer, feature: int) -> casework.Case:
    with database.begin() as connection:
        return stored(connection, layer, feature)


# --- by hand --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "change",
    [
        "status = 'assigned'",
        "due = '2030-01-01'",
        "cleared_on = '2017-07-01'",
        "verifier = '张三'",
        "previous = '别的'",
        "status = 'cleared', cleared_on = '2017-07-01'",
    ],
)
def test_no_statement_changes_the_state_of_a_case(
    database: Database, sites: Layer, change: str
) -> None:
    feature = a_site(database, sites)
    before = a_case(database, sites, feature)
    update = f"UPDATE sites SET {change} WHERE id = :id"
    for actor in (None, SYSTEM):
        assert rule_of(database, update, actor, id=feature) is DATABASE_REFUSED
    assert a_case(database, sites, feature) == before


def test_no_statement_writes_cases_or_changes_steps(
    database: Database, registry: Registry, sites: Layer
) -> None:
    feature = a_site(database, sites)
    with database.begin() as connection:
        officer = somebody(connection, Role.OFFICER)
        take(connection, registry, officer, sites, feature, "assign")
    before = a_case(database, sites, feature)
    for statement in (
        "UPDATE cases SET state = 'cleared'",
        "DELETE FROM cases",
        "INSERT INTO cases SELECT * FROM cases",
        "UPDATE steps SET reason = 'x'",
        "UPDATE steps SET at = now()",
        "DELETE FROM steps",
        "TRUNCATE steps",
    ):
        assert rule_of(database, statement) is DATABASE_REFUSED, statement
        assert rule_of(database, statement, SYSTEM) is NOT_PERMITTED, statement
    assert a_case(database, sites, feature) == before


_STEP = """
INSERT INTO steps (layer, feature, transition, source, target, place, cycle, at, transaction)
VALUES ('sites', :id, :transition, :source, :target, 0, 1, now(), 1)
"""


@pytest.mark.parametrize(
    ("transition", "source", "target"),
    [
        ("assign", "registered", "cleared"),
        ("clear", "registered", "cleared"),
        ("clear", "verifying", "cleared"),
        ("nothing", "registered", "assigned"),
        ("recur", None, "assigned"),
        # Declared, but whoever writes by hand acts for nobody and changes nothing.
        ("assign", "registered", "assigned"),
    ],
)
def test_a_step_by_hand_is_refused(
    database: Database, sites: Layer, transition: str, source: str | None, target: str
) -> None:
    feature = a_site(database, sites)
    told: dict[str, Any] = {
        "id": feature,
        "transition": transition,
        "source": source,
        "target": target,
    }
    assert rule_of(database, _STEP, **told) in {DATABASE_REFUSED, NOT_PERMITTED}
    assert rule_of(database, _STEP, SYSTEM, **told) is NOT_PERMITTED
    settings = SYSTEM.settings()
    for role in (Role.VIEWER, Role.ADMIN):
        with pytest.raises(Problem), database.begin() as connection:
            for name, value in {**settings, "gridfield.role": role.value}.items():
                connection.execute(sa.select(sa.func.set_config(name, value, True)))
            connection.execute(sa.text(_STEP), told)  # a step without its change
    assert not a_case(database, sites, feature).steps


def test_a_step_lets_one_change_of_its_own_record_through(database: Database, sites: Layer) -> None:
    """With a step to 'assigned' nothing else can be written, and nothing of another record."""
    feature, other = a_site(database, sites), a_site(database, sites)
    told = {"transition": "assign", "source": "registered", "target": "assigned"}
    for statement in (
        f"UPDATE sites SET status = 'cleared' WHERE id = {feature}",
        f"UPDATE sites SET status = 'assigned' WHERE id = {other}",
        "UPDATE sites SET status = 'assigned'",
    ):
        with pytest.raises(Problem) as found, database.begin() as connection:
            for name, value in SYSTEM.settings().items():
                connection.execute(sa.select(sa.func.set_config(name, value, True)))
            connection.execute(sa.text(_STEP), {"id": feature, **told})
            connection.execute(sa.text(statement))
        assert found.value.rule is DATABASE_REFUSED, statement


# --- edits, imports, undo -------------------------------------------------------------------------
def put(layer: Layer, record: Mapping[str, Any], feature: int, **given: object) -> Put:
    values = {field.name: record[field.name] for field in layer.fields} | given
    return Put(feature, values, factories.geometry(layer))


def test_an_edit_leaves_the_state_as_it_is(
    database: Database, registry: Registry, sites: Layer
) -> None:
    feature = a_site(database, sites)
    before = a_case(database, sites, feature)

    def edit(**given: object) -> None:
        with acting(database, SYSTEM).begin() as connection:
            changes = Changes([put(sites, before.record, feature, **given)])
            editing.apply(connection, registry, sites, changes, tolerance_m2=0.5)

    for given in ({"status": "cleared"}, {"due": today()}, {"verifier": "张三"}):
        with pytest.raises(Problem) as found:
            edit(**given)
        assert found.value.rule is CASE_BY_TRANSITION
        assert [finding.column for finding in found.value.findings] == list(given)
    assert a_case(database, sites, feature) == before
    edit(unit="城管科", leader="王五", handler="李四")
    case = a_case(database, sites, feature).case
    assert (case["unit"], case["leader"], case["handler_name"]) == ("城管科", "王五", "李四")


def test_a_file_brings_cases_in_any_state_and_moves_none(
    database: Database, registry: Registry, sites: Layer, tmp_path: Any
) -> None:
    states = sorted(cases.flow_of(sites).states)
    for n, state in enumerate(states):
        a_site(database, sites, state, number=f"旧 {n}", due=today(), remark="原来")
    file = tmp_path / "ledger.csv"
    with database.read() as connection:
        exporting.write(database, sites, file)
    text = file.read_text("utf-8-sig")

    def load(changed: str) -> Any:
        file.write_text(changed, "utf-8")
        source = files.read(file)
        options = Options(on_conflict="update")
        return importing.load(acting(database, SYSTEM), registry, sites, source, options)

    assert load(text).unchanged == len(states)
    assert load(text.replace("原来", "改过")).updated == len(states)
    with pytest.raises(ImportRefused) as refused:
        load(text.replace("registered", "cleared"))
    (finding,) = refused.value.examination.findings
    assert (finding.rule, finding.column) == (CASE_BY_TRANSITION, "status")
    fresh = load(text.replace("旧 ", "新 "))
    assert fresh.new == len(states)
    with database.read() as connection:
        found = connection.execute(sa.select(CASES.c.title, CASES.c.state, CASES.c.is_open)).all()
    assert {(title[2:], state) for title, state, _ in found} == {
        (str(n), state) for n, state in enumerate(states)
    }
    assert all(is_open == (state != "cleared") for _, state, is_open in found)


def last_change(database: Database, layer: Layer) -> int:
    last = sa.select(sa.func.max(CHANGES.c.number)).where(CHANGES.c.layer == layer.name)
    with database.read() as connection:
        return int(connection.scalar(last) or 0)


def test_a_step_is_not_undone_and_a_deletion_is(
    database: Database, registry: Registry, sites: Layer
) -> None:
    feature = a_site(database, sites)
    with database.begin() as connection:
        officer = somebody(connection, Role.OFFICER)
        take(connection, registry, officer, sites, feature, "assign")
    before = a_case(database, sites, feature)

    def undo(number: int) -> int:
        with acting(database, SYSTEM).begin() as connection:
            return undoing.undo(connection, registry, sites, number, tolerance_m2=0.5)

    with pytest.raises(Problem) as found:
        undo(last_change(database, sites))
    assert found.value.rule is UNDO_OF_STEP
    with database.begin() as connection:
        features.delete(connection, sites, feature)
    with pytest.raises(Problem) as found, database.begin() as connection:
        cases.case(connection, sites, feature)
    assert found.value.rule is UNKNOWN_FEATURE
    assert undo(last_change(database, sites)) == 1
    assert a_case(database, sites, feature) == before, "with all that it went through"
    with database.read() as connection:
        assert verify(connection, registry).whole


def test_what_went_comes_back_as_it_was_and_not_otherwise(database: Database, sites: Layer) -> None:
    feature = a_site(database, sites, "verifying")
    record = dict(a_case(database, sites, feature).record)
    with pytest.raises(Problem) as found, database.begin() as connection:
        features.delete(connection, sites, feature)
        values = {field.name: record[field.name] for field in sites.fields}
        values["status"] = "cleared"
        shape = factories.geometry(sites)
        features.insert(connection, sites, values, shape, feature_id=feature)
    assert found.value.rule is DATABASE_REFUSED


def _ground(n: int) -> shapely.Polygon:
    """The ground around the n-th geometry of the factories."""
    west, south = factories.LON + 0.001 * n - 0.001, factories.LAT - 0.001
    return shapely.box(west, south, west + 0.002, south + 0.002)


# --- what cases say -------------------------------------------------------------------------------
def test_a_case_has_the_limit_that_its_record_or_its_phone_told(
    conn: Connection, registry: Registry, sites: Layer
) -> None:
    by_file = opened(conn, sites, "assigned", due=today())
    assert stored(conn, sites, by_file).case["due_at"] == end_of(today())
    hung = opened(conn, sites, "hung", due=today())
    assert stored(conn, sites, hung).case["due_at"] is None
    by_phone = logged.site(conn, registry, factories.LON, factories.LAT, due=today())
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=4)
    received = datetime.now(UTC) - timedelta(hours=1)
    conn.execute(
        sa.text(
            "INSERT INTO submissions (uuid, layer, feature, place, sha256, body, captured_at,"
            " datum, position, due, received_at) SELECT gen_random_uuid(), layer, feature, place,"
            " sha256, body, captured_at, datum, position, :due, :received FROM submissions"
        ),
        {"due": due, "received": received},
    )
    case = stored(conn, sites, by_phone).case
    assert (case["due_at"], case["begun_at"]) == (due, received)


def test_records_that_follow_each_other_are_counted(conn: Connection, sites: Layer) -> None:
    title = "案 0"
    opened(conn, sites, "cleared", number=title)
    for cycle in range(2, 5):
        following = opened(conn, sites, "registered", number=f"案 {cycle}", previous=title)
        assert stored(conn, sites, following).case["cycle"] == cycle
        title = f"案 {cycle}"
    unknown = opened(conn, sites, "registered", previous="没有这一件")
    assert stored(conn, sites, unknown).case["cycle"] == 2
    bitten = opened(conn, sites, "registered", number="环", previous="环")
    assert stored(conn, sites, bitten).case["cycle"] == 100


def test_cases_and_steps_lie_where_their_records_lie(
    conn: Connection, registry: Registry, sites: Layer
) -> None:
    feature = opened(conn, sites, "registered")
    take(conn, registry, somebody(conn, Role.OFFICER), sites, feature, "assign")
    assert {stored(conn, sites, feature).case["place"]} == {0}
    division(conn, registry, _ground(0))
    after = stored(conn, sites, feature)
    assert after.case["place"] == after.steps[0]["place"] == after.record["place"] == int(BLUE_SKY)


def test_cases_made_anew_are_those_that_were_kept(
    database: Database, registry: Registry, sites: Layer
) -> None:
    first = a_site(database, sites, due=today())
    with database.begin() as connection:
        take(connection, registry, somebody(connection, Role.OFFICER), sites, first, "assign")
        logged.site(connection, registry, factories.LON, factories.LAT)
    kept = sa.select(CASES).order_by(CASES.c.feature)
    with database.begin() as connection:
        before = connection.execute(kept).all()
        guards.remove(connection)
        connection.execute(sa.delete(CASES))
        guards.install(connection, registry)
        assert connection.execute(kept).all() == before
        assert len(before) == 2


# --- old ledgers ----------------------------------------------------------------------------------
def _life(number: str) -> list[dict[str, Any]]:
    path = ("registered", "assigned", "accepted", "rectifying", "clearance_requested")
    names = ("assign", "accept", "start", "request_clearance")
    begun = datetime(2017, 3, 1, 9, tzinfo=UTC)
    return [
        {
            "number": number,
            "transition": name,
            "source": source,
            "target": target,
            "at": begun + timedelta(days=n),
            "person": "某人" if n else None,
            "due_after": end_of(begun.date() + timedelta(days=9)),
        }
        for n, (name, source, target) in enumerate(zip(names, path, path[1:], strict=False))
    ]


def test_an_old_ledger_brings_its_steps(
    database: Database, registry: Registry, sites: Layer
) -> None:
    feature = a_site(database, sites, "clearance_requested", number="旧 1")
    with database.begin() as connection:
        person = somebody(connection, Role.OFFICER).person_id
        assert case_history.bring(connection, sites, _life("旧 1")) == 4
    found = a_case(database, sites, feature)
    assert [step["at"].day for step in found.steps] == [1, 2, 3, 4]
    assert found.case["due_at"] == found.steps[-1]["due_after"]
    assert (found.case["handler"], found.case["entered_at"]) == (person, found.steps[-1]["at"])
    with database.begin() as connection:  # and it goes on from there
        judge = somebody(connection, Role.LEADER)
        assert take(connection, registry, judge, sites, feature, "verify").ordinal == 5


def test_steps_that_do_not_follow_are_not_brought(database: Database, sites: Layer) -> None:
    a_site(database, sites, "clearance_requested", number="旧 1")
    life = _life("旧 1")
    for rows in (
        life[:-1],
        [*life[:1], *life[2:]],
        [*life, {**life[0], "target": "cleared"}],
        [{**life[0], "at": life[-1]["at"]}, *life[1:]],
        _life("没有"),
    ):
        with pytest.raises(Problem) as found, database.begin() as connection:
            case_history.bring(connection, sites, rows)
        assert found.value.rule is CASE_HISTORY


# --- whose they are -------------------------------------------------------------------------------
def test_nobody_sees_or_moves_a_case_of_other_ground(
    database: Database, registry: Registry, sites: Layer
) -> None:
    with database.begin() as connection:
        division(connection, registry, _ground(0))
        division(connection, registry, _ground(4), WEST_STATION)
        mine, theirs = opened(connection, sites, "assigned"), 0
        values = factories.record(sites, 4, status="assigned")
        theirs = features.insert(connection, sites, values, factories.geometry(sites, 4))
        people = [somebody(connection, Role.INSPECTOR, each) for each in (BLUE_SKY, WEST_STATION)]
    for actor, own, foreign in ((people[0], mine, theirs), (people[1], theirs, mine)):
        bounded = acting(database, actor)
        with bounded.begin() as connection:
            take_ = Attempted(transition="accept")
            for ask in (cases.situation, cases.apply):
                more = (take_,) if ask is cases.apply else ()
                with pytest.raises(Problem) as found:
                    ask(connection, registry, actor, sites, foreign, *more)
                assert found.value.rule is UNKNOWN_FEATURE
            cases.apply(connection, registry, actor, sites, own, take_)
            seen = connection.execute(sa.select(CASES.c.feature)).scalars().all()
            assert seen == [own]
        with bounded.read() as connection:
            assert connection.scalars(sa.select(STEPS.c.feature)).all() == [own]
    with database.read() as connection:
        assert verify(connection, registry).whole


def test_whoever_may_not_edit_may_take_a_step_that_is_theirs(
    database: Database, registry: Registry, sites: Layer
) -> None:
    with database.begin() as connection:
        feature = opened(connection, sites, "assigned")
        inspector = somebody(connection, Role.INSPECTOR)
    own = acting(database, inspector)
    with pytest.raises(Problem), own.begin() as connection:
        features.amend(connection, sites, feature, {"remark": "x"})
    with own.begin() as connection:
        attempted = Attempted(transition="accept")
        applied = cases.apply(connection, registry, inspector, sites, feature, attempted)
        assert applied.state == "accepted"
        rows = table(sites)
        status = connection.scalar(sa.select(rows.c.status).where(rows.c.id == feature))
        assert status == "accepted"
        with pytest.raises(Problem):  # and is again one who may not
            features.amend(connection, sites, feature, {"remark": "x"})


_FORGED = """
INSERT INTO steps (layer, feature, ordinal, place, transition, source, target, at, account, cycle,
  transaction)
SELECT layer, feature, 4, place, 'clear', target, 'cleared', at, account, cycle, transaction
FROM steps WHERE ordinal = 3
"""


# --- verification ---------------------------------------------------------------------------------
# A step that is altered where all that vouches for it is altered too, one thing after another.
_REASON = "UPDATE steps SET reason = '别的理由' WHERE ordinal = 2"
_DIGEST = f"UPDATE steps SET digest = {step_chain.digest('steps', 'change')} WHERE ordinal = 2"
_ROWS = f"""UPDATE changes SET rows_digest = (
  SELECT {step_chain.ROWS_DIGEST} FROM steps WHERE change = changes.number)
WHERE layer = 'steps'"""
_TO_ANOTHER = (
    "UPDATE steps SET feature = feature + 1 WHERE feature = (SELECT min(feature) FROM steps)"
)


@pytest.mark.parametrize(
    ("forged", "told"),
    [
        (["DELETE FROM steps WHERE ordinal = 2"], {HISTORY_STEP, HISTORY_ROWS}),
        (["DELETE FROM steps WHERE ordinal = 3"], {HISTORY_STEP, HISTORY_ROWS}),
        (["UPDATE steps SET ordinal = 7 WHERE ordinal = 3"], {HISTORY_STEP, HISTORY_STEP_ALTERED}),
        ([_FORGED], {HISTORY_STEP, HISTORY_STEP_ALTERED}),
        ([_TO_ANOTHER], {HISTORY_STEP, HISTORY_STEP_ALTERED}),
        *(
            ([f"UPDATE steps SET {told} WHERE ordinal = 2"], {HISTORY_STEP_ALTERED})
            for told in (
                "source = 'verifying'",
                "reason = '别的理由'",
                "person = person + 1",
                "account = NULL",
                "at = at - interval '1 day'",
                "due_after = due_after + interval '1 second'",
                "given = given || '{\"handler\": null}'",
                "brought = true",
                "digest = NULL",
            )
        ),
        ([_REASON, _DIGEST], {HISTORY_ROWS}),
        ([_REASON, _DIGEST, _ROWS], {HISTORY_CHAIN}),
        (["DELETE FROM changes WHERE layer = 'steps'"], {HISTORY_ORPHANS, HISTORY_CHAIN}),
    ],
)
def test_steps_that_were_forged_are_found(
    database: Database, registry: Registry, sites: Layer, forged: list[str], told: set[Rule]
) -> None:
    feature = a_site(database, sites)
    for name in ("assign", "accept", "start"):
        with database.begin() as connection:
            officer = somebody(connection, Role.OFFICER)
            take(connection, registry, officer, sites, feature, name)
    with database.read() as connection:
        assert verify(connection, registry).whole
    with database.begin() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        for statement in forged:
            assert connection.exec_driver_sql(statement).rowcount > 0
    with database.read() as connection:
        rules = {finding.rule for finding in verify(connection, registry).faults}
    assert told <= rules


def test_steps_that_a_file_brings_are_one_link_of_the_chain(
    database: Database, registry: Registry, sites: Layer
) -> None:
    a_site(database, sites, "clearance_requested", number="旧 1")
    a_site(database, sites, "clearance_requested", number="旧 2")
    with database.begin() as connection:
        case_history.bring(connection, sites, [*_life("旧 1"), *_life("旧 2")])
    of_steps = CHANGES.c.layer == STEPS.name
    with database.read() as connection:
        (change,) = connection.execute(sa.select(CHANGES).where(of_steps)).all()
        assert (change.operation, change.rows, change.link is not None) == ("insert", 8, True)
        assert set(connection.scalars(sa.select(STEPS.c.change))) == {change.number}
        assert verify(connection, registry).whole
    with database.begin() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        connection.exec_driver_sql("UPDATE steps SET at = at - interval '1 day' WHERE ordinal = 1")
    with database.read() as connection:
        faults = verify(connection, registry).faults
    places = {(x.values["feature"], x.values["number"]) for x in faults if x.column == "sites"}
    assert places == {(1, 1), (2, 1)}


def test_steps_that_are_older_than_their_chain_join_it(
    database: Database, registry: Registry, sites: Layer
) -> None:
    with database.begin() as connection:
        for each in ("number", "written", "chained"):
            connection.exec_driver_sql(f"DROP TRIGGER gridfield_step_{each} ON steps")
        for _ in range(2):
            feature = opened(connection, sites, "registered")
            take(connection, registry, somebody(connection, Role.OFFICER), sites, feature, "assign")
    with database.read() as connection:
        rules = [fault.rule for fault in verify(connection, registry).faults]
        assert rules == [HISTORY_STEP_ALTERED] * 2
    with database.begin() as connection:
        guards.remove(connection)
        guards.install(connection, registry)
    with database.read() as connection:
        assert verify(connection, registry).whole
        told = sa.select(CHANGES.c.rows).where(CHANGES.c.layer == STEPS.name)
        assert connection.scalars(told).all() == [2]


def test_where_a_step_lies_is_no_change_of_it(
    database: Database, registry: Registry, sites: Layer
) -> None:
    feature = a_site(database, sites)
    with database.begin() as connection:
        take(connection, registry, somebody(connection, Role.OFFICER), sites, feature, "assign")
    with database.begin() as connection:
        division(connection, registry, _ground(0))
    with database.read() as connection:
        places = sa.select(CHANGES.c.places).where(CHANGES.c.layer == STEPS.name)
        assert connection.scalars(places).all() == [[int(BLUE_SKY)]]
        assert verify(connection, registry).whole
