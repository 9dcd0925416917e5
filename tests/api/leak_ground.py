"""Ground for the search for leaks: one database grows, and is copied before each foreign part.

What is loaded first has the same numbers in every copy, so that an answer can be asked for twice,
with the foreign part and without it, and has to be the same to the byte.
"""

import itertools
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from starlette.testclient import TestClient

from api.app import connections, create_app
from api.settings import Settings
from gis.cluster import Cluster
from gis.postgis import Database
from layers.changing import editing
from layers.changing.editing import Changes, Put
from layers.declaring.duties import ROLES
from layers.declaring.people import EVERYWHERE, Role
from layers.declaring.words import Layer
from layers.duties import giving as duties
from layers.duties import persons
from layers.duties.columns import settle_today
from layers.duties.giving import Assignment
from layers.duties.persons import Person
from layers.photos import bringing as photos
from layers.photos.bringing import Wanted
from layers.reading.past import today
from layers.registry import Registry
from layers.schema.accounts import ACCOUNTS
from layers.schema.notices import DELIVERIES, NOTICE_EVENTS, NOTICES, WEBHOOKS
from layers.schema.same import SAME_AS
from layers.schema.tables import table, versions_table
from layers.thematic import road_segments
from tests import people
from tests.api.leak_places import (
    ABROAD,
    FAR_MARK,
    FIRST_NUMBERS,
    MARKS,
    NEAR_MARK,
    NOTHING_THERE,
    OWN,
    OWN_NAME,
    PARTS,
    SIBLING,
    STREET,
    Place,
    community,
    part_of,
    picture,
    record_name,
    shapes,
    values_at,
)
from tests.photographs import name_of
from tests.records import body, record
from tests.walks import fixes, hours_ago

BASE = "http://127.0.0.1"
_TOLERANCE_M2 = 0.5
_AGE = timedelta(days=40)
_UNITS = "work_units"
_PICTURED = "illegal_structures"
_EVENT = NOTICE_EVENTS.c.number
_ROADS = road_segments.LAYER


_ADMINS = {"own": "own-admin", "near": "near-admin", "far": "far-admin"}


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who asks, with the header that lets them in."""

    name: str
    role: Role
    division: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """One copy of the database with an application before it."""

    database: Database
    client: TestClient


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The states by the last part that is in them, the people who ask, and for each part the
    tokens of its uploads and, by table, the numbers in it. `changes` are, by layer, one
    of the first feature of each part."""

    states: Mapping[str, State]
    askers: Mapping[str, Asker]
    drafts: Mapping[str, str]
    numbers: Mapping[str, Mapping[str, Sequence[int]]]
    changes: Mapping[str, Sequence[int]]

    @property
    def whole(self) -> State:
        return self.states["far"]

    def without_foreign(self, asker: Asker) -> State:
        """The state with all that this person may see, and nothing else."""
        return self.states[{NOTHING_THERE: "empty", OWN: "own", STREET: "near"}[asker.division]]

    def foreign(self, asker: Asker) -> tuple[str, ...]:
        """The parts that this person may not see."""
        return {NOTHING_THERE: ("own", "near", "far"), STREET: ("far",)}.get(
            asker.division, ("near", "far")
        )


# --- growing --------------------------------------------------------------------------------------
@dataclass(slots=True, eq=False)
class _Growing:
    """The database that grows, who may ask, and how many records it has had."""

    cluster: Cluster
    registry: Registry
    settings: Settings
    database: Database
    stack: ExitStack
    askers: dict[str, Asker] = field(default_factory=dict)
    drafts: dict[str, str] = field(default_factory=dict)
    serial: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def copied(self, name: str) -> State:
        """The state as it is now, for good; the growing one goes on."""
        source = sa.make_url(self.database.url).database
        self.database.close()
        _administer(self.cluster, f"CREATE DATABASE {source}_{name} TEMPLATE {source}")
        home = self.settings.home.with_name(f"{self.settings.home.name}-{name}")
        shutil.copytree(self.settings.home, home)
        settings = self.settings.model_copy(update={"home": home})
        url = self.cluster.url(f"{source}_{name}")
        database = Database(url, pool_size=connections(settings))
        self.stack.callback(database.close)
        app = create_app(settings, database=database, registry=self.registry)
        client = self.stack.enter_context(TestClient(app, BASE, follow_redirects=False))
        client.headers["accept-encoding"] = "identity"
        return State(database, client)

    def let_in(self, name: str, role: Role, division: str, mark: str = "") -> None:
        """A new account, and whoever asks with it."""
        person = Person(name=f"{mark}{name}", unit=f"{mark}单位", phone="13800000001")
        made = people.account(self.database, role, division, login=f"{mark}{name}", person=person)
        headers = {"authorization": f"Bearer {people.secret(self.database, made.id)}"}
        self.askers[name] = Asker(name, role, division, headers)

    @contextmanager
    def serving(self) -> Iterator[TestClient]:
        """An application before the growing database, for what comes in by the edge alone."""
        app = create_app(self.settings, database=self.database, registry=self.registry)
        with TestClient(app, BASE, follow_redirects=False) as client:
            yield client


def grown(
    cluster: Cluster, template: str, settings: Settings, registry: Registry, stack: ExitStack
) -> Ground:
    """States with nothing, the own community, its street with the neighbours, and all."""
    name = f"ground{uuid.uuid4().hex[:8]}"
    _administer(cluster, f"CREATE DATABASE {name} TEMPLATE {template}")
    settings.home.mkdir(parents=True, exist_ok=True)
    database = Database(cluster.url(name))
    stack.callback(database.close)
    settle_today(database, registry)  # or a server that runs for a minute would
    growing = _Growing(cluster, registry, settings, database, stack)
    states = {}
    for role in Role:
        growing.let_in(f"own-{role}", role, OWN)
    growing.let_in("newcomer", Role.ADMIN, NOTHING_THERE)
    states["empty"] = growing.copied("empty")
    _settle(growing, "own")
    states["own"] = growing.copied("own")
    _jump(database, FIRST_NUMBERS["near"])
    for role in (Role.VIEWER, Role.LEADER, Role.ADMIN):
        growing.let_in(f"street-{role}", role, STREET, NEAR_MARK)
    growing.let_in("near-admin", Role.ADMIN, SIBLING, NEAR_MARK)
    _settle(growing, "near")
    _say_beyond(database)
    states["near"] = growing.copied("near")
    _jump(database, FIRST_NUMBERS["far"])
    growing.let_in("far-admin", Role.ADMIN, ABROAD, FAR_MARK)
    growing.let_in("everywhere", Role.ADMIN, EVERYWHERE, FAR_MARK)
    _settle(growing, "far")
    states["far"] = growing.copied("far")
    whole = states["far"]
    numbers = _numbers(whole, registry)
    return Ground(
        states, growing.askers, growing.drafts, numbers, _changes(whole, registry, numbers)
    )


def _administer(cluster: Cluster, statement: str) -> None:
    engine = sa.create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


def _jump(database: Database, first: int) -> None:
    """Let every number from here on begin at `first`."""
    sequences = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'"
    with database.begin() as connection:
        for name in connection.scalars(sa.text(sequences)).all():
            connection.execute(sa.select(sa.func.setval(f'"{name}"', first)))


def _numbers(state: State, registry: Registry) -> Mapping[str, Mapping[str, Sequence[int]]]:
    """Of each part and table the numbers that are in use."""
    columns = dict.fromkeys((*registry.layers, "duties", "persons", "sessions", "accounts"), "id")
    columns |= {"import_batches": "number", "changes": "number"}
    columns |= {"webhooks": "id", "deliveries": "number"}
    found: dict[str, dict[str, list[int]]] = {part: {} for part in PARTS}
    with state.database.read() as connection:
        for name, column in columns.items():
            ids = connection.scalars(sa.text(f'SELECT {column} FROM "{name}" ORDER BY 1')).all()
            for part in PARTS:
                found[part][name] = [number for number in ids if part_of(number) == part]
    return found


def _changes(
    state: State, registry: Registry, numbers: Mapping[str, Mapping[str, Sequence[int]]]
) -> Mapping[str, Sequence[int]]:
    """By layer, of the first feature of each part the last change."""
    found: dict[str, list[int]] = {}
    with state.database.read() as connection:
        for layer in registry.layers.values():
            rows = versions_table(layer)
            for part in PARTS:
                mine = rows.c.id == numbers[part][layer.name][0]
                last = connection.scalar(sa.select(sa.func.max(rows.c["_change"])).where(mine))
                found.setdefault(layer.name, []).append(int(last or 0))
    return found


# --- one part of the ground -----------------------------------------------------------------------
def _settle(growing: _Growing, part: str) -> None:
    """Divisions and records with a past, duties past, present and planned, a load, an upload."""
    made: dict[str, list[int]] = {}
    for place in PARTS[part]:
        for layer in sorted(
            growing.registry.layers.values(), key=lambda layer: not layer.hierarchy
        ):
            made.setdefault(layer.name, []).extend(_fill(growing, layer, place))
    _age(growing, FIRST_NUMBERS.get(part, 0))
    with growing.database.begin() as connection:
        for name, ids in made.items():
            _change(connection, growing.registry.layer(name), ids)
        _belong(connection, growing.registry, made)
        _give(growing, connection, made, MARKS.get(part, ""))
        _link(growing, connection, part, made[_PICTURED])
        for place in (each for each in PARTS[part] if each.code):
            _tell(connection, place, made["sites"][0])
    admin = growing.askers[_ADMINS[part]]
    with growing.serving() as client:
        growing.drafts[part] = _bring(client, admin, community(part))
        path, content = f"/photos/{name_of(picture(part))}", picture(part)
        assert client.put(path, content=content, headers=admin.headers).status_code == 201
        _log(client, admin, part)
        _assign(client, admin, part)
        _say(client, admin, part, made["sites"])
        _walk(client, admin, part)


def _fill(growing: _Growing, layer: Layer, place: Place) -> list[int]:
    """Three features of the layer, of divisions the one, of fields those that cover the place."""
    grounds = list(shapes(layer, place))
    puts = [Put(None, values_at(layer, place, next(growing.serial)), shape) for shape in grounds]
    with growing.database.begin() as connection:
        ids = editing.apply(
            connection, growing.registry, layer, Changes(puts), tolerance_m2=_TOLERANCE_M2
        )
    return list(ids)


def _age(growing: _Growing, first: int) -> None:
    """Let what was recorded from this number on have happened some weeks ago."""
    with growing.database.begin() as connection:
        # No trigger lets anybody change the past.
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        told = {"first": first, "age": _AGE}
        connection.execute(
            sa.text("UPDATE changes SET at = at - :age WHERE number >= :first"), told
        )
        for layer in growing.registry.layers.values():
            rows = versions_table(layer)
            concerned = sa.update(rows).where(rows.c["_change"] >= first)
            aged = {name: rows.c[name] - sa.literal(_AGE) for name in ("_from", "_to")}
            connection.execute(concerned.values(aged))


def _change(connection: Connection, layer: Layer, ids: Sequence[int]) -> None:
    """Change one feature of the layer and remove another, where none has to be there."""
    if not ids:
        return
    rows = table(layer)
    words = [f.name for f in layer.fields if f.name in ("source", "name")]
    changed = sa.update(rows).where(rows.c.id == ids[0])
    connection.execute(changed.values({words[-1]: rows.c[words[-1]] + "（改）"}))
    if layer.partition is None and layer.hierarchy is None:
        connection.execute(sa.delete(rows).where(rows.c.id == ids[-1]))


def _belong(connection: Connection, registry: Registry, made: Mapping[str, Sequence[int]]) -> None:
    """The first record of each layer whose records belong to others belongs to the first there."""
    for layer in registry.layers.values():
        if layer.parent and made[layer.name]:
            rows, others = table(layer), table(registry.layer(layer.parent.layer))
            first = others.c.id == made[layer.parent.layer][0]
            key = sa.select(others.c[layer.parent.key]).where(first).scalar_subquery()
            mine = sa.update(rows).where(rows.c.id == made[layer.name][0])
            connection.execute(mine.values({layer.parent.field: key}))


def _give(
    growing: _Growing, connection: Connection, made: Mapping[str, Sequence[int]], mark: str
) -> None:
    """A duty that is past and one that is planned, for a target of each role."""
    now = today(connection)
    terms = ((now - timedelta(days=90), now - timedelta(days=60)), (now + timedelta(days=20), None))
    for role in ROLES.values():
        if role.exclusive and role.never_vacant:
            continue  # the columns have made these
        for (since, until), which in zip(terms, ("前任", "接任"), strict=True):
            person = persons.add(
                connection,
                Person(name=f"{mark}{which}{role.name}", unit=f"{mark}街道", phone="13800000002"),
            )
            layer = role.layers[0]
            new = Assignment(
                role=role.name,
                layer=layer,
                feature=made[layer][0],
                person=person,
                valid_from=since,
                valid_to=until,
                document=f"{mark}文〔2017〕1 号",
            )
            duties.assign(connection, growing.registry, new, vacant=f"{mark}调离")


def _link(growing: _Growing, connection: Connection, part: str, made: Sequence[int]) -> None:
    """A photograph for the first feature, and for the first in the community of who brings it."""
    layer, wanted = growing.registry.layer(_PICTURED), Wanted(name_of(picture(part)))
    each = len(made) // len(PARTS[part])
    for feature in (made[0], made[each * PARTS[part].index(community(part))]):
        photos.attach(connection, layer, feature, [wanted])


def _tell(connection: Connection, place: Place, feature: int) -> None:
    """A webhook of the place, and something that is sent there and told to everybody, as if it had
    lain on their ground before."""
    hook = {"place": place.code, "place_to": place.code, "name": f"{place.mark}推送"}
    secret = {"url": f"https://{place.code}.example/", "kinds": [], "secret": b"k" * 32}
    event = {"kind": "case.assigned", "layer": "sites", "feature": feature, "place": place.code}
    event |= {"at": datetime.now(UTC), "key": str(place.code), "told": {"state": place.mark}}
    number = connection.scalar(sa.insert(NOTICE_EVENTS).values(event).returning(_EVENT))
    made = connection.scalar(sa.insert(WEBHOOKS).values(**hook, **secret).returning(WEBHOOKS.c.id))
    connection.execute(sa.insert(DELIVERIES).values(webhook=made, event=number))
    everybody = sa.select(ACCOUNTS.c.id, sa.literal(number), sa.true(), sa.false())
    columns = ["account", "event", "listed", "mailed"]
    connection.execute(sa.insert(NOTICES).from_select(columns, everybody))


def _log(client: TestClient, admin: Asker, part: str) -> None:
    """A record as a phone sends it."""
    place = community(part)
    lon, lat = place.spot
    spot = {"type": "Point", "coordinates": [lon + 0.0001, lat + 0.0001]}
    sent = record(geometry=spot, properties={"note": f"{place.mark}情况"})
    path = f"/collections/sites/items/{record_name(part)}"
    headers = {**admin.headers, "content-type": "application/geo+json"}
    assert client.put(path, content=body(sent), headers=headers).status_code == 201


def _assign(client: TestClient, admin: Asker, part: str) -> None:
    """A step of the case that a phone sent."""
    mark = community(part).mark
    path = f"/collections/sites/items/{record_name(part)}/transitions"
    told = {
        "transition": "assign",
        "values": {"unit": f"{mark}单位", "handler": f"{mark or OWN_NAME}经办"},
        "reason": f"{mark}理由",
    }
    assert client.post(path, json=told, headers=admin.headers).status_code == 200


def _say(client: TestClient, admin: Asker, part: str, made: Sequence[int]) -> None:
    """That it is the same as the first in the community."""
    main = made[len(made) // len(PARTS[part]) * PARTS[part].index(community(part))]
    path = f"/collections/sites/items/{record_name(part)}/same"
    said = client.post(path, json={"main": main}, headers=admin.headers)
    assert said.status_code == 201, said.text


def _say_beyond(database: Database) -> None:
    """That a record is the same as one of another community, as somebody above both may say."""
    with database.begin() as connection:
        ids = connection.scalars(sa.text("SELECT id FROM sites ORDER BY id")).all()
        own, near = ([n for n in ids if part_of(n) == part][1] for part in ("own", "near"))
        values = {"layer": "sites", "feature": own, "main": near, "holds": True}
        connection.execute(sa.insert(SAME_AS).inline().values(values))


def _walk(client: TestClient, admin: Asker, part: str) -> None:
    """A patrol of two days ago along the first road of the community, and its end."""
    line, at = next(shapes(_ROADS, community(part))), hours_ago(48)
    path, began = f"/patrols/{record_name(part)}", {"started_at": at.isoformat()}
    way = [
        {
            "at": datetime.fromtimestamp(fix.at, UTC).isoformat(),
            "lon": fix.lon,
            "lat": fix.lat,
            "accuracy_m": fix.accuracy_m,
        }
        for fix in fixes([(x, y) for x, y, *_ in line.coords], at)
    ]
    ended = {**began, "stopped_at": (at + timedelta(hours=1)).isoformat(), "batches": 1}
    for address, told in ((path, began), (f"{path}/points/1", {"points": way}), (path, ended)):
        assert client.put(address, json=told, headers=admin.headers).status_code in (200, 201)


def _bring(client: TestClient, admin: Asker, place: Place) -> str:
    """Load a file and leave another one waiting; the token of the latter."""
    lon, lat = place.spot
    spots = [f"{lon + 0.006 + 0.0001 * n:.4f},{lat + 0.001:.4f}" for n in range(2)]
    lines = [f"{place.mark}新单位{n},school,{spot}" for n, spot in enumerate(spots)]
    content = "\n".join(["name,kind,lon,lat", *lines])
    name = f"{place.mark}单位.csv"
    loaded = client.post(
        f"/collections/{_UNITS}/import", files={"file": (name, content)}, headers=admin.headers
    )
    assert loaded.status_code == 200, loaded.text
    waiting = client.post(
        "/import",
        files={"file": (name, content.replace("新", "待"))},
        data={"layer": _UNITS},
        headers=admin.headers,
    )
    assert waiting.status_code == 303, waiting.text
    return str(waiting.headers["location"]).rpartition("/")[2]
