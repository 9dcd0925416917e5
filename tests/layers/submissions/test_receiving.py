"""What the database holds about records from phones, whoever writes them."""

from collections.abc import Mapping
from uuid import UUID

import pytest
import sqlalchemy as sa

from gis.errors import Problem
from gis.postgis import Database
from layers.alike import near
from layers.declaring.people import EVERYWHERE, Actor, Role
from layers.held import policies
from layers.here import responsibility
from layers.refusals.people import FORBIDDEN
from layers.refusals.submissions import RECORD_ELSEWHERE, RECORD_OTHER
from layers.registry import Registry
from layers.submissions import receiving as submissions
from layers.submissions.receiving import Receipt, Sent
from layers.submissions.records import parse
from tests import records
from tests.factories import LON
from tests.records import ABROAD, COMMUNITY, INSIDE, NEIGHBOUR, body, record


def actor(role: Role = Role.INSPECTOR, division: str = COMMUNITY) -> Actor:
    return Actor(7, None, "网格员", role, division, "test")


ADMIN = actor(Role.ADMIN, EVERYWHERE)


@pytest.fixture
def ground(database: Database, registry: Registry) -> Database:
    records.lay_ground(database, registry)
    return database


def send(
    database: Database,
    registry: Registry,
    who: Actor | None = None,
    found: Mapping[str, object] | None = None,
    name: UUID | None = None,
) -> Receipt:
    who = who or actor()
    layer = registry.layer("sites")
    sent = Sent(layer, name or records.name(), body(found or record()))
    own = policies.acting(database, who)
    return submissions.receive(own, who, sent, within=near.reach(layer))[0]


def ask(database: Database, statement: str, who: Actor | None = None, **values: object) -> object:
    own = database if who is None else policies.acting(database, who)
    with own.begin() as connection:
        return connection.execute(sa.text(statement), values).scalar()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE submissions SET body = 'x'",
        "UPDATE submissions SET captured_at = now()",
        "UPDATE submissions SET account = 8",
        "DELETE FROM submissions",
        "TRUNCATE submissions",
    ],
)
def test_what_came_is_never_changed_not_even_by_the_owner(
    ground: Database, registry: Registry, statement: str
) -> None:
    send(ground, registry)
    with pytest.raises(sa.exc.DBAPIError), ground.engine.begin() as connection:
        connection.execute(sa.text(statement))
    assert ask(ground, "SELECT count(*) FROM submissions") == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE submissions SET place = 0",
        "DELETE FROM submissions",
        "SELECT body FROM submissions",  # what it says of people is not masked
        "INSERT INTO holidays VALUES ('2030-01-01', false, 'x')",
        "UPDATE sites SET status = 'cleared'",
        "DELETE FROM sites",
    ],
)
def test_an_inspector_adds_and_nothing_else(
    ground: Database, registry: Registry, statement: str
) -> None:
    send(ground, registry)
    with pytest.raises(Problem):
        _changed(ground, statement)
    assert ask(ground, "SELECT count(*) FROM sites WHERE status = 'registered'") == 1


def _changed(database: Database, statement: str) -> None:
    own = policies.acting(database, actor())
    with own.begin() as connection:
        found = connection.execute(sa.text(statement))
        if found.rowcount == 0:  # a policy passed it over in silence
            raise Problem(FORBIDDEN, role="inspector", role_zh="网格员")


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        (actor(), 1),
        (actor(Role.VIEWER), 1),
        (actor(Role.LEADER, NEIGHBOUR), 0),
        (actor(Role.ADMIN, f"{COMMUNITY[:9]}000"), 1),
        (ADMIN, 1),
    ],
)
def test_a_record_is_seen_where_its_feature_lies(
    ground: Database, registry: Registry, who: Actor, seen: int
) -> None:
    send(ground, registry)
    assert ask(ground, "SELECT count(*) FROM submissions", who) == seen


def test_a_record_goes_with_its_feature(ground: Database, registry: Registry) -> None:
    receipt = send(ground, registry)
    moved = "UPDATE sites SET geom = ST_SetSRID(ST_Point(:lon, :lat), 4326) WHERE id = :id"
    lon, lat = ABROAD
    ask(ground, f"{moved} RETURNING id", lon=lon, lat=lat, id=receipt.feature)
    count = "SELECT count(*) FROM submissions"
    assert ask(ground, count, actor()) == 0
    assert ask(ground, count, actor(division=NEIGHBOUR)) == 1
    # As features that exchange their keys: gone, and back under the id somewhere else.
    back = (
        "CREATE TEMPORARY TABLE kept AS SELECT * FROM sites; DELETE FROM sites;"
        " INSERT INTO sites SELECT * FROM kept; UPDATE sites SET geom ="
        f" ST_SetSRID(ST_Point({INSIDE[0]}, {INSIDE[1]}), 4326); DROP TABLE kept"
    )
    with ground.begin() as connection:
        connection.execute(sa.text(back))
    assert ask(ground, count, actor()) == 1


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.LEADER, Role.ADMIN])
def test_the_neighbours_ground_is_refused_and_nothing_is_left(
    ground: Database, registry: Registry, role: Role
) -> None:
    abroad = record(geometry={"type": "Point", "coordinates": list(ABROAD)})
    with pytest.raises(Problem) as caught:
        send(ground, registry, actor(role), abroad)
    assert caught.value.rule is RECORD_ELSEWHERE
    for table in ("sites", "sites_versions", "submissions", "photo_links"):
        assert ask(ground, f"SELECT count(*) FROM {table}") == 0


def test_a_viewer_is_refused_also_by_the_database(ground: Database, registry: Registry) -> None:
    viewer = actor(Role.VIEWER)
    with pytest.raises(Problem) as caught:
        send(ground, registry, viewer)
    assert caught.value.rule is FORBIDDEN
    found = parse(registry.layer("sites"), records.name(), body(record()))
    with pytest.raises(Problem), policies.acting(ground, viewer).hurried() as connection:
        submissions.store(connection, viewer, found, within=near.reach(found.layer))
    assert ask(ground, "SELECT count(*) FROM sites") == 0


def test_the_history_says_who_logged_and_under_which_name(
    ground: Database, registry: Registry
) -> None:
    name = records.name()
    send(ground, registry, name=name)
    label = "SELECT label FROM changes WHERE layer = 'sites' AND account = 7"
    assert ask(ground, label) == f"record {name}"


def test_what_a_transaction_leaves_undone_leaves_the_connection_as_it_was(
    ground: Database, registry: Registry
) -> None:
    settings = (
        "SELECT concat(current_setting('role'), ' ', current_setting('gridfield.role', true),"
        " ' ', current_setting('synchronous_commit'))"
    )
    before, name = ask(ground, settings), records.name()
    assert str(before).startswith("none  ")
    send(ground, registry, name=name)
    for _ in range(10):
        with pytest.raises(Problem) as caught:
            send(ground, registry, name=name, found=record(properties={"note": "别的"}))
        assert caught.value.rule is RECORD_OTHER
        assert ask(ground, settings) == before


def test_the_field_is_the_one_that_answers_for_the_point(
    ground: Database, registry: Registry
) -> None:
    edge = LON + 0.01
    points = [
        INSIDE,
        (edge - 1e-4, INSIDE[1]),
        (edge - 1e-6, INSIDE[1]),
        (edge + 1e-6, INSIDE[1]),
        (edge + 1e-4, INSIDE[1]),
        (LON + 1e-6, INSIDE[1]),
    ]
    for lon, lat in points:
        spot = {"type": "Point", "coordinates": [lon, lat]}
        receipt = send(ground, registry, found=record(geometry=spot))
        with policies.acting(ground, actor()).begin() as connection:
            answer = responsibility.at(connection, lon, lat)
        codes = [each["code"] for each in answer.fields]
        assert codes == ([] if receipt.field is None else [receipt.field[0]])
