"""Duties are given, handed over and ended, and the database itself holds what must hold."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from gis.errors import Problem, Rule
from gis.postgis import Database
from layers.changing import editing
from layers.changing.editing import Changes
from layers.declaring.duties import ROLES, TARGETS, shown
from layers.duties import giving as duties
from layers.duties.giving import Assignment
from layers.duties.records import Duty, Query, get, listing
from layers.refusals.asking import UNKNOWN_FEATURE
from layers.refusals.duties import (
    DUTY_BEGUN,
    DUTY_HANDED_ON,
    DUTY_NOT_BEGUN,
    DUTY_OVER,
    DUTY_REASON,
    DUTY_SAME_PERSON,
    DUTY_TAKEN,
    DUTY_TARGET,
    DUTY_TERM,
    DUTY_VACANT,
    UNKNOWN_DUTY,
    UNKNOWN_DUTY_ROLE,
    UNKNOWN_PERSON,
)
from layers.registry import Registry
from layers.schema.duties import DUTIES
from layers.schema.tables import table
from tests.layers import duty_cases as cases
from tests.layers import fields
from tests.layers.duty_cases import column, day, person, terms

FIELDS = "grid_fields"
CLIENTS = 20


@pytest.fixture
def field(conn: Connection, registry: Registry) -> int:
    return fields.field(conn, registry, 1, fields.plot(0, 0), leader=None)


@pytest.fixture
def leader(conn: Connection, registry: Registry, field: int) -> Duty:
    """祁生财 has led the field for a hundred days."""
    return cases.given(conn, registry, FIELDS, field, who=person(conn, "祁生财"))


def refused(rule: Rule, change: Callable[[], object]) -> str:
    """The sentence in which a change is refused by this rule."""
    with pytest.raises(Problem) as caught:
        change()
    assert caught.value.rule is rule
    return caught.value.sentence("zh")


# --- what is declared -----------------------------------------------------------------------------
def test_roles_name_layers_that_exist_and_columns_name_roles_of_their_layer(
    registry: Registry,
) -> None:
    assert set(TARGETS) <= registry.layers.keys()
    columns = [(layer, role) for layer in registry.layers.values() for _, role in shown(layer)]
    assert len(columns) == 7
    for layer, role in columns:
        assert layer.name in role.layers
        assert role.label.zh
    assert ROLES["grid_leader"].exclusive
    assert ROLES["grid_leader"].never_vacant


# --- giving ---------------------------------------------------------------------------------------
def test_a_duty_is_listed_by_target_person_and_day(
    conn: Connection, registry: Registry, field: int, leader: Duty
) -> None:
    assert leader.title == "网格001001"
    assert leader.person.name == "祁生财"
    assert leader.place == int(fields.BLUE_SKY)
    assert leader.on(day(conn)) == "current"
    for query in (
        Query(layer=FIELDS, feature=field),
        Query(person=leader.person.id),
        Query(role="grid_leader", on=day(conn)),
        Query(division=fields.STREET, layer=FIELDS),
    ):
        assert listing(conn, registry, query) == [leader]
    for query in (
        Query(on=day(conn, -101)),
        Query(role="grid_guide"),
        Query(division=fields.WEST_STATION),
        Query(after=leader.id),
        Query(feature=field + 1),
    ):
        assert leader not in listing(conn, registry, query)


def test_only_one_leads_a_field_and_the_refusal_names_who(
    conn: Connection, registry: Registry, field: int, leader: Duty
) -> None:
    sentence = refused(DUTY_TAKEN, lambda: cases.given(conn, registry, FIELDS, field, since=5))
    assert "祁生财" in sentence
    assert str(leader.valid_from) in sentence
    assert "网格001001" in sentence


def test_several_may_be_members_but_nobody_twice(
    conn: Connection, registry: Registry, field: int
) -> None:
    one, other = person(conn, "马俊"), person(conn, "李建军")
    for who in (one, other):
        cases.given(conn, registry, FIELDS, field, "grid_member", who=who)
    refused(
        DUTY_TAKEN,
        lambda: cases.given(conn, registry, FIELDS, field, "grid_member", who=one, since=30),
    )
    assert column(conn, registry.layer(FIELDS), field, "deputy") == "马俊、李建军"


def test_what_is_no_duty_is_refused(conn: Connection, registry: Registry, field: int) -> None:
    def give(**changed: object) -> Callable[[], object]:
        values = {
            "person": person(conn),
            "role": "grid_leader",
            "layer": FIELDS,
            "feature": field,
            "valid_from": day(conn),
        }
        return lambda: duties.assign(conn, registry, Assignment(**(values | changed)))

    refused(UNKNOWN_DUTY_ROLE, give(role="king"))
    refused(DUTY_TARGET, give(role="road_leader"))
    refused(UNKNOWN_FEATURE, give(feature=10**12))
    refused(UNKNOWN_PERSON, give(person=10**12))
    refused(DUTY_TERM, give(valid_to=day(conn)))
    refused(DUTY_VACANT, give(valid_to=day(conn, 9)))
    assert refused(UNKNOWN_DUTY, lambda: get(conn, registry, 10**12))


# --- handing over ---------------------------------------------------------------------------------
@pytest.mark.parametrize("offset", [-30, 0, 30])
def test_the_successor_begins_on_the_day_on_which_the_predecessor_ends(
    conn: Connection, registry: Registry, field: int, leader: Duty, offset: int
) -> None:
    on = day(conn, offset)
    successor = duties.hand_over(
        conn, registry, leader.id, person=person(conn, "韩志强"), on=on, document="林办〔2026〕7号"
    )
    before = get(conn, registry, leader.id)
    assert (before.valid_to, successor.valid_from, successor.valid_to) == (on, on, None)
    assert successor.document == "林办〔2026〕7号"
    today = "祁生财" if offset > 0 else "韩志强"
    assert column(conn, registry.layer(FIELDS), field) == today


def test_a_hand_over_that_leaves_a_gap_or_an_overlap_is_refused(
    conn: Connection, registry: Registry, field: int, leader: Duty
) -> None:
    other = person(conn, "韩志强")

    def to(duty: Duty, offset: int, who: int = other) -> Callable[[], object]:
        return lambda: duties.hand_over(conn, registry, duty.id, person=who, on=day(conn, offset))

    refused(DUTY_SAME_PERSON, to(leader, 0, leader.person.id))
    assert "祁生财" in refused(DUTY_NOT_BEGUN, to(leader, -100))
    refused(UNKNOWN_PERSON, to(leader, 0, 10**12))
    to(leader, 30)()
    third = person(conn, "马晓燕")
    for offset in (10, 30, 40):
        sentence = refused(DUTY_HANDED_ON, to(leader, offset, third))
        assert "韩志强" in sentence
        assert str(day(conn, 30)) in sentence
    duties.end(conn, registry, terms(conn, registry, FIELDS, field)[1].id, on=day(conn, 60),
               vacant=True, reason="网格撤并")  # fmt: skip
    second = terms(conn, registry, FIELDS, field)[1]
    assert str(day(conn, 60)) in refused(DUTY_OVER, to(second, 61, third))


def test_a_successor_has_what_is_left_of_a_term(
    conn: Connection, registry: Registry, field: int
) -> None:
    guide = cases.given(conn, registry, FIELDS, field, "grid_guide", since=-10, until=50)
    after = duties.hand_over(conn, registry, guide.id, person=person(conn), on=day(conn, 5))
    assert (after.valid_from, after.valid_to) == (day(conn, 5), day(conn, 50))
    last = duties.hand_over(conn, registry, after.id, person=person(conn), on=day(conn, 50))
    assert (last.valid_from, last.valid_to) == (day(conn, 50), None)


def test_what_is_planned_can_be_replaced(
    conn: Connection, registry: Registry, field: int, leader: Duty
) -> None:
    planned = duties.hand_over(
        conn, registry, leader.id, person=person(conn, "韩志强"), on=day(conn, 30)
    )
    third = person(conn, "马晓燕")
    changed = duties.replace_planned(conn, registry, planned.id, person=third, on=day(conn, 40))
    before = get(conn, registry, leader.id)
    assert (before.valid_to, changed.valid_from) == (day(conn, 40), day(conn, 40))
    assert changed.person.name == "马晓燕"
    earlier = duties.replace_planned(conn, registry, changed.id, on=day(conn))
    assert earlier.person.name == "马晓燕"
    assert column(conn, registry.layer(FIELDS), field) == "马晓燕"
    refused(DUTY_BEGUN, lambda: duties.replace_planned(conn, registry, leader.id, person=third))
    refused(
        DUTY_NOT_BEGUN,
        lambda: duties.replace_planned(conn, registry, earlier.id, on=leader.valid_from),
    )


# --- ending ---------------------------------------------------------------------------------------
def test_a_field_is_not_left_without_a_leader_unless_told(
    conn: Connection, registry: Registry, field: int, leader: Duty
) -> None:
    on = day(conn)
    refused(DUTY_VACANT, lambda: duties.end(conn, registry, leader.id, on=on))
    refused(DUTY_REASON, lambda: duties.end(conn, registry, leader.id, on=on, vacant=True))
    ended = duties.end(conn, registry, leader.id, on=on, vacant=True, reason="网格撤并")
    assert ended is not None
    assert (ended.valid_to, ended.ended_reason) == (on, "网格撤并")
    assert column(conn, registry.layer(FIELDS), field) is None
    refused(DUTY_OVER, lambda: duties.end(conn, registry, leader.id, on=on, vacant=True,
                                          reason="again"))  # fmt: skip


def test_other_duties_end_plainly(conn: Connection, registry: Registry, field: int) -> None:
    guide = cases.given(conn, registry, FIELDS, field, "grid_guide")
    ended = duties.end(conn, registry, guide.id, on=day(conn))
    assert ended is not None
    assert ended.on(day(conn)) == "past"
    refused(DUTY_NOT_BEGUN, lambda: duties.end(conn, registry, guide.id, on=guide.valid_from))


def test_withdrawing_what_is_planned_lets_the_one_before_go_on(
    conn: Connection, registry: Registry, field: int, leader: Duty
) -> None:
    planned = duties.hand_over(
        conn, registry, leader.id, person=person(conn, "韩志强"), on=day(conn, 30)
    )
    assert duties.end(conn, registry, planned.id, on=day(conn, 30)) is None
    assert terms(conn, registry, FIELDS, field) == [leader]


# --- what the database holds ----------------------------------------------------------------------
def raw(conn: Connection, **values: object) -> Callable[[], object]:
    place = int(fields.BLUE_SKY)
    whole = {"layer": FIELDS, "role": "grid_leader", "valid_from": day(conn), "place": place}
    whole |= values

    def write() -> None:
        with conn.begin_nested():
            conn.execute(sa.insert(DUTIES).values(**whole))

    return write


def test_the_database_itself_refuses_two_leaders_and_terms_that_are_none(
    conn: Connection, field: int, leader: Duty
) -> None:
    who = person(conn, "韩志强")
    tomorrow = day(conn, 1)
    for broken in (
        {"person_id": who, "feature": field},
        {"person_id": who, "feature": field, "valid_from": date(1990, 1, 1)},
        {"person_id": who, "feature": field, "role": "road_leader"},
        {"person_id": who, "feature": field + 10**9, "role": "grid_guide"},
        {"person_id": 10**12, "feature": field, "role": "grid_guide"},
        {"person_id": who, "feature": field, "role": "grid_guide", "valid_to": day(conn)},
    ):
        with pytest.raises(sa.exc.IntegrityError):
            raw(conn, **broken)()
    raw(conn, person_id=who, feature=field, role="grid_guide")()
    with pytest.raises(sa.exc.IntegrityError):
        raw(conn, person_id=who, feature=field, role="grid_guide", valid_from=tomorrow)()
    with pytest.raises(sa.exc.IntegrityError), conn.begin_nested():
        conn.execute(sa.update(DUTIES).values(feature=field + 10**9))


def test_duties_end_with_their_target_whoever_deletes_it(
    conn: Connection, registry: Registry, field: int, leader: Duty
) -> None:
    cases.given(conn, registry, FIELDS, field, "grid_guide", since=10)
    past = cases.given(conn, registry, FIELDS, field, "grid_guide", since=-50, until=-40)
    rows = table(registry.layer(FIELDS))
    conn.execute(sa.delete(rows).where(rows.c.id == field))
    conn.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
    ended, old = terms(conn, registry, FIELDS, field)
    assert ended.valid_to == day(conn)
    assert ended.ended_reason
    assert ended.title == f"#{field}"
    assert old == past or old.valid_to == past.valid_to


def test_features_that_exchange_their_keys_keep_their_duties(
    database: Database, registry: Registry
) -> None:
    layer = registry.layer(FIELDS)
    with database.begin() as connection:
        ids = [
            fields.field(connection, registry, n, fields.plot(n, 0), leader=None) for n in (1, 2)
        ]
        for feature in ids:
            cases.given(connection, registry, FIELDS, feature)
        before = listing(connection, registry, Query())
    shapes = [fields.plot(1, 0), fields.plot(2, 0)]
    puts = [
        editing.Put(feature, fields.values(3 - n, leader="张三"), shape)
        for n, (feature, shape) in enumerate(zip(ids, shapes, strict=True), start=1)
    ]
    with database.begin() as connection:
        editing.apply(connection, registry, layer, Changes(puts), tolerance_m2=0.5)
    with database.read() as connection:
        after = listing(connection, registry, Query())
    assert [(d.id, d.feature, d.valid_to) for d in after] == [
        (d.id, d.feature, d.valid_to) for d in before
    ]


# --- many at once ---------------------------------------------------------------------------------
@pytest.mark.parametrize("offsets", [[0], [0, 10, 20, 30]])
def test_of_twenty_who_hand_over_at_once_one_does(
    database: Database, registry: Registry, offsets: list[int]
) -> None:
    """Nobody ever sees two leaders or none, and each refusal names who was first."""
    with database.begin() as connection:
        field = fields.field(connection, registry, 1, fields.plot(0, 0), leader=None)
        duty = cases.given(connection, registry, FIELDS, field, who=person(connection, "祁生财"))
        people = [person(connection, f"接任{n}") for n in range(CLIENTS)]
        now = day(connection)
    ready, over = threading.Barrier(CLIENTS), threading.Event()
    seen: list[list[int]] = []

    def leaders() -> list[int]:
        with database.read() as connection:
            days = [now + timedelta(days=n) for n in range(40)]
            return [
                len(listing(connection, registry, Query(feature=field, on=each))) for each in days
            ]

    def watch() -> None:
        while not over.is_set():
            seen.append(leaders())

    def client(n: int) -> Problem | None:
        ready.wait()
        on = now + timedelta(days=offsets[n % len(offsets)])
        try:
            with database.begin() as connection:
                duties.hand_over(connection, registry, duty.id, person=people[n], on=on)
        except Problem as problem:
            return problem
        return None

    with ThreadPoolExecutor(CLIENTS + 1) as pool:
        watching = pool.submit(watch)
        outcomes = list(pool.map(client, range(CLIENTS)))
        over.set()
        watching.result()
    assert outcomes.count(None) == 1
    assert {problem.rule for problem in outcomes if problem} == {DUTY_HANDED_ON}
    assert all("接任" in problem.sentence("zh") for problem in outcomes if problem)
    assert all(found == [1] * 40 for found in [*seen, leaders()])


# --- any sequence of changes ----------------------------------------------------------------------
class Model:
    """A field's leaders as plain Python: days from 0 to 99, who leads on each."""

    def __init__(self) -> None:
        self.days = [0] * 100
        self.today = 50

    def terms(self) -> list[tuple[int, int, int]]:
        """Who, from which day, to which day (100: open)."""
        starts = [n for n in range(100) if n == 0 or self.days[n] != self.days[n - 1]]
        return [
            (self.days[begin], begin, until)
            for begin, until in zip(starts, [*starts[1:], 100], strict=True)
        ]

    def hand_over(self, who: int, on: int) -> bool:
        last, begin, _ = self.terms()[-1]
        if last == who or on <= begin:
            return False
        self.days[on:] = [who] * (100 - on)
        return True

    def replace(self, who: int, on: int) -> bool:
        *rest, (_, begin, _) = self.terms()
        if begin < self.today or not rest or on <= rest[-1][1] or rest[-1][0] == who:
            return False
        self.days[rest[-1][1] : on] = [rest[-1][0]] * (on - rest[-1][1])
        self.days[on:] = [who] * (100 - on)
        return True

    def withdraw(self) -> bool:
        *rest, (_, begin, _) = self.terms()
        if begin < self.today or not rest:
            return False
        self.days[begin:] = [rest[-1][0]] * (100 - begin)
        return True


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("hand_over"), st.integers(1, 4), st.integers(0, 99)),
        st.tuples(st.just("replace"), st.integers(1, 4), st.integers(0, 99)),
        st.tuples(st.just("withdraw"), st.none(), st.none()),
    ),
    max_size=8,
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_every_day_has_one_leader_whatever_is_handed_over(
    conn: Connection, registry: Registry, steps: list[tuple[str, int, int]]
) -> None:
    model, first = Model(), day(conn, -50)
    with conn.begin_nested() as attempt:
        field = fields.field(conn, registry, 1, fields.plot(0, 0), leader=None)
        people = [person(conn, f"甲{n}") for n in range(5)]
        cases.given(conn, registry, FIELDS, field, who=people[0], since=-50)
        for step, who, offset in steps:
            last = terms(conn, registry, FIELDS, field)
            duty = max(last, key=lambda each: each.valid_from)
            expected, done = _expected(model, step, who, offset), True
            if step == "replace" and not expected and _is_own(last, duty, people, who):
                continue  # to hand back to the one before is allowed, and no plan of the model's
            on = None if offset is None else first + timedelta(days=offset)
            try:
                with conn.begin_nested():
                    _change(conn, registry, step, duty, (people[who or 0], on))
            except Problem:
                done = False
            assert done == expected
        _agree(model, terms(conn, registry, FIELDS, field), first, people)
        current = model.days[model.today]
        assert column(conn, registry.layer(FIELDS), field) == f"甲{current}"
        attempt.rollback()


def _expected(model: Model, step: str, who: int, offset: int) -> bool:
    if step == "withdraw":
        return model.withdraw()
    return bool(getattr(model, step)(who, offset))


def _is_own(found: list[Duty], duty: Duty, people: list[int], who: int) -> bool:
    return any(other.valid_to == duty.valid_from and other.person.id == people[who]
               for other in found)  # fmt: skip


def _change(
    conn: Connection, registry: Registry, step: str, duty: Duty, to: tuple[int, date | None]
) -> None:
    who, on = to
    if step == "withdraw":
        duties.end(conn, registry, duty.id, on=duty.valid_from)
    elif step == "replace":
        duties.replace_planned(conn, registry, duty.id, person=who, on=on)
    elif on is not None:
        duties.hand_over(conn, registry, duty.id, person=who, on=on)


def _agree(model: Model, found: list[Duty], first: date, people: list[int]) -> None:
    for n, who in enumerate(model.days):
        on = first + timedelta(days=n)
        holders = [duty.person.id for duty in found if duty.on(on) == "current"]
        assert holders == [people[who]]
