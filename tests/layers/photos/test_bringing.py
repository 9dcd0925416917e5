"""Photographs in the database: brought once, seen where their feature lies, forgotten by nobody."""

import io
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Problem
from gis.postgis import Database
from gis.refusals.database import NOT_PERMITTED
from layers.declaring.people import EVERYWHERE, Actor, Role
from layers.declaring.words import Layer
from layers.held.policies import acting
from layers.photos import bringing as photos
from layers.photos import store as photo_store
from layers.photos.bringing import Receipt, Wanted
from layers.photos.store import PhotoStore
from layers.reading import features
from layers.refusals.photos import PHOTO_LOST, PHOTO_OTHER, PHOTO_STORE, PHOTO_UNREADABLE
from layers.registry import Registry
from layers.schema.photos import PHOTO_LINKS, PHOTO_UPLOADS, PHOTOS
from tests.factories import LAT, record
from tests.layers.held.test_rights import ABROAD, EAST, SPOTS, STREET, WEST, put_divisions
from tests.photographs import name_of, photograph

LIMIT = 50_000_000
PICTURE = photograph()
NAME = name_of(PICTURE)
# Accounts by where they are.
WEST_INSPECTOR, WEST_COLLEAGUE, EAST_INSPECTOR, STREET_LEADER, WEST_VIEWER = range(11, 16)


@pytest.fixture
def store(tmp_path: Path) -> PhotoStore:
    return photo_store.opened(str(tmp_path / "photos"))


@pytest.fixture
def layer(registry: Registry) -> Layer:
    return registry.layer("illegal_structures")


@pytest.fixture
def ground(database: Database, registry: Registry) -> Database:
    put_divisions(database, registry)
    return database


def of(
    database: Database, account: int | None, division: str, role: Role = Role.INSPECTOR
) -> Database:
    return acting(database, Actor(account, None, "somebody", role, division, "test"))


def west(database: Database) -> Database:
    return of(database, WEST_INSPECTOR, WEST)


def east(database: Database) -> Database:
    return of(database, EAST_INSPECTOR, EAST)


def bring(database: Database, store: PhotoStore, content: bytes = PICTURE) -> Receipt:
    return photos.receive(database, store, name_of(content), io.BytesIO(content), pixels=LIMIT)


def structure(database: Database, layer: Layer, division: str, n: int = 0) -> int:
    """A feature within a division."""
    spot = shapely.Point(SPOTS[division] + n * 0.0002, LAT + 0.005)
    with database.begin() as connection:
        return features.insert(connection, layer, record(layer, n), spot)


def link(database: Database, layer: Layer, feature: int, *names: str) -> frozenset[str]:
    with database.begin() as connection:
        return photos.attach(
            connection, layer, feature, [Wanted(name) for name in names or (NAME,)]
        )


def sees(database: Database, sha256: str = NAME) -> bool:
    with database.read() as connection:
        return photos.find(connection, sha256) is not None


def count(database: Database, rows: sa.Table) -> int:
    with database.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(rows)) or 0


def kept(store: PhotoStore) -> list[str]:
    assert store.folder is not None
    return sorted(path.name for path in store.folder.rglob("*") if path.is_file())


# --- bringing -------------------------------------------------------------------------------------
def test_a_photograph_is_taken_in_once(ground: Database, store: PhotoStore) -> None:
    first, again = (bring(west(ground), store) for _ in range(2))
    assert (first.new, again.new) == (True, False)
    assert first.received_at == again.received_at
    assert (first.sha256, first.bytes) == (NAME, len(PICTURE))
    assert (first.seen.width, first.seen.height, first.seen.media_type) == (64, 48, "image/jpeg")
    assert first.seen.taken.lon == pytest.approx(101.82, abs=0.01)
    assert (count(ground, PHOTOS), count(ground, PHOTO_UPLOADS)) == (1, 1)
    assert kept(store) == [NAME]


def test_nobody_is_told_that_others_have_it(ground: Database, store: PhotoStore) -> None:
    theirs = bring(east(ground), store)
    mine = bring(west(ground), store)
    assert mine.new
    assert mine.received_at > theirs.received_at
    assert count(ground, PHOTOS) == 1
    with west(ground).read() as connection:
        assert connection.scalars(sa.select(PHOTO_UPLOADS.c.account)).all() == [WEST_INSPECTOR]


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [(NAME, photograph(1), PHOTO_OTHER), (name_of(b"x"), b"x", PHOTO_UNREADABLE)],
)
def test_what_is_refused_leaves_nothing(
    ground: Database, store: PhotoStore, name: str, content: bytes, rule: object
) -> None:
    with pytest.raises(Problem) as refused:
        photos.receive(west(ground), store, name, io.BytesIO(content), pixels=LIMIT)
    assert refused.value.rule is rule
    assert (count(ground, PHOTOS), count(ground, PHOTO_UPLOADS), kept(store)) == (0, 0, [])


def test_a_full_disk_leaves_nothing(ground: Database, store: PhotoStore) -> None:
    assert store.folder is not None
    blocked = store.folder / NAME[:2]
    blocked.write_text("no folder can be made here")
    with pytest.raises(Problem) as refused:
        bring(west(ground), store)
    assert refused.value.rule is PHOTO_STORE
    assert count(ground, PHOTO_UPLOADS) == 0
    assert not sees(west(ground))
    blocked.unlink()
    assert bring(west(ground), store).new
    assert sees(west(ground))


def test_twenty_at_once_are_one(ground: Database, store: PhotoStore) -> None:
    database = west(ground)
    found: list[Receipt | Problem] = []
    ready = threading.Barrier(20)

    def send() -> None:
        ready.wait()
        try:
            found.append(bring(database, store))
        except Problem as problem:  # the pool is smaller than that
            found.append(problem)

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = [each for each in found if isinstance(each, Receipt)]
    assert len(told) == 20, found
    assert sum(each.new for each in told) == 1
    assert len({each.received_at for each in told}) == 1
    assert (count(ground, PHOTOS), count(ground, PHOTO_UPLOADS)) == (1, 1)
    assert kept(store) == [NAME]


def test_a_viewer_brings_nothing(ground: Database, store: PhotoStore) -> None:
    with pytest.raises(Problem) as refused:
        bring(of(ground, WEST_VIEWER, WEST, Role.VIEWER), store)
    assert refused.value.rule is NOT_PERMITTED
    assert count(ground, PHOTO_UPLOADS) == 0


# --- features -------------------------------------------------------------------------------------
@pytest.mark.parametrize("order", ["record first", "photograph first"])
def test_a_record_and_its_photographs_come_in_any_order(
    ground: Database, store: PhotoStore, layer: Layer, order: str
) -> None:
    feature = structure(ground, layer, WEST)
    if order == "photograph first":
        bring(west(ground), store)
        assert link(west(ground), layer, feature) == {NAME}
    else:
        assert link(west(ground), layer, feature) == frozenset()
        bring(west(ground), store)
    with west(ground).read() as connection:
        assert photos.held(connection, layer, feature) == {NAME}


def test_they_stand_in_their_order_once_each(
    ground: Database, store: PhotoStore, layer: Layer
) -> None:
    feature, at = structure(ground, layer, WEST), datetime(2026, 11, 23, 1, tzinfo=UTC)
    names = [name_of(photograph(n)) for n in range(3)]
    wanted = [Wanted(names[2], "far", at), Wanted(names[0], "near"), Wanted(names[2], "other")]
    bring(west(ground), store, photograph(2))
    for _ in range(2):
        with west(ground).begin() as connection:
            photos.attach(connection, layer, feature, wanted)
    link(west(ground), layer, feature, names[1])
    with west(ground).read() as connection:
        found = photos.of_feature(connection, layer, feature)
    assert [(each.sha256, each.role, each.held) for each in found] == [
        (names[2], "far", True),
        (names[0], "near", False),
        (names[1], "other", False),
    ]
    assert [(each.taken_at, each.width, each.media_type) for each in found[:2]] == [
        (at, 64, "image/jpeg"),
        (None, None, None),
    ]


def test_a_photograph_is_seen_where_its_feature_lies(
    ground: Database, store: PhotoStore, layer: Layer
) -> None:
    feature = structure(ground, layer, WEST)
    bring(west(ground), store)
    colleague = of(ground, WEST_COLLEAGUE, WEST, Role.VIEWER)
    assert (sees(west(ground)), sees(colleague)) == (True, False)
    link(west(ground), layer, feature)
    readers = {
        WEST: of(ground, WEST_COLLEAGUE, WEST, Role.VIEWER),
        STREET: of(ground, STREET_LEADER, STREET, Role.LEADER),
        EVERYWHERE: of(ground, None, EVERYWHERE, Role.ADMIN),
        EAST: east(ground),
        ABROAD: of(ground, 99, ABROAD, Role.ADMIN),
    }
    assert {name for name, reader in readers.items() if sees(reader)} == {WEST, STREET, EVERYWHERE}


def test_a_link_goes_where_its_feature_goes(
    ground: Database, store: PhotoStore, layer: Layer
) -> None:
    feature = structure(ground, layer, WEST)
    bring(west(ground), store)
    link(west(ground), layer, feature)
    with ground.begin() as connection:
        spot = shapely.Point(SPOTS[EAST], LAT + 0.005)
        features.redraw(connection, layer, feature, spot)
    assert (sees(east(ground)), sees(west(ground))) == (True, True)  # who brought it keeps it
    assert not sees(of(ground, WEST_COLLEAGUE, WEST))


def test_a_link_stays_while_its_feature_is_gone_and_follows_it_back(
    ground: Database, store: PhotoStore, layer: Layer
) -> None:
    feature = structure(ground, layer, WEST)
    bring(west(ground), store)
    link(west(ground), layer, feature)
    with ground.begin() as connection:
        features.delete(connection, layer, feature)
    assert count(ground, PHOTO_LINKS) == 1
    with ground.begin() as connection:
        spot = shapely.Point(SPOTS[EAST], LAT + 0.005)
        features.insert(connection, layer, record(layer), spot, feature_id=feature)
    with east(ground).read() as connection:
        assert photos.held(connection, layer, feature) == {NAME}


def test_divisions_that_change_take_links_along(
    ground: Database, store: PhotoStore, layer: Layer, registry: Registry
) -> None:
    feature = structure(ground, layer, WEST)
    bring(west(ground), store)
    link(west(ground), layer, feature)
    with ground.begin() as connection:
        connection.execute(
            sa.text("UPDATE divisions SET geom = ST_Translate(geom, 1, 0) WHERE code = :code"),
            {"code": WEST},
        )
    with ground.read() as connection:
        assert connection.scalar(sa.select(PHOTO_LINKS.c.place)) == int(STREET)
    assert not sees(of(ground, WEST_COLLEAGUE, WEST))


# --- what a hash opens ----------------------------------------------------------------------------
def test_a_hash_alone_opens_nothing(ground: Database, store: PhotoStore, layer: Layer) -> None:
    """Whoever knows a foreign hash and links it does not see what others have brought."""
    bring(east(ground), store)
    mine = structure(ground, layer, WEST)
    assert link(west(ground), layer, mine) == frozenset()
    assert not sees(west(ground))
    with west(ground).read() as connection:
        (found,) = photos.of_feature(connection, layer, mine)
    assert (found.held, found.width, found.media_type) == (False, None, None)
    bring(east(ground), store)  # once more: still of no ground of mine
    assert not sees(west(ground))
    bring(west(ground), store)
    assert sees(west(ground))


def test_whoever_is_over_the_ground_may_bring_what_is_waited_for(
    ground: Database, store: PhotoStore, layer: Layer
) -> None:
    feature = structure(ground, layer, WEST)
    link(west(ground), layer, feature)
    leader = of(ground, STREET_LEADER, STREET, Role.LEADER)
    bring(leader, store)
    assert sees(west(ground))
    with west(ground).read() as connection:
        assert photos.held(connection, layer, feature) == {NAME}


def test_nobody_links_to_what_lies_elsewhere(ground: Database, layer: Layer) -> None:
    feature = structure(ground, layer, EAST)
    for number in (feature, 999_999):  # in the same words
        with pytest.raises(Problem) as refused:
            link(west(ground), layer, number)
        assert refused.value.rule is NOT_PERMITTED
    assert count(ground, PHOTO_LINKS) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE photo_links SET held = true",
        "UPDATE photo_links SET place = 630102007001",
        "DELETE FROM photo_links",
        (
            "INSERT INTO photo_links (layer, feature, sha256, role, ordinal, place)"
            " VALUES ('illegal_structures', 1, repeat('a', 64), 'far', 1, 630102007001)"
        ),
        "INSERT INTO photo_uploads (sha256, account) VALUES (repeat('a', 64), 11)",
        (
            "INSERT INTO photos (sha256, bytes, media_type, width, height)"
            " VALUES (repeat('a', 64), 1, 'image/jpeg', 1, 1)"
        ),
        "UPDATE photos SET lon = 1",
        "DELETE FROM photos",
        "SELECT kept_at FROM photos",
        "SELECT tried_at FROM photos",
        "TRUNCATE photo_links",
    ],
)
def test_the_role_may_not(
    ground: Database, store: PhotoStore, layer: Layer, statement: str
) -> None:
    link(west(ground), layer, structure(ground, layer, WEST))
    bring(west(ground), store)
    with pytest.raises(Problem) as refused, west(ground).begin() as connection:
        connection.execute(sa.text(statement))
    assert refused.value.rule is NOT_PERMITTED


def test_a_link_and_its_photograph_that_come_at_once_find_each_other(
    ground: Database, store: PhotoStore, layer: Layer
) -> None:
    """Neither sees the other's transaction; the lock on the hash puts one after the other."""
    for n in range(10):
        content = photograph(n)
        feature, ready = structure(ground, layer, WEST, n), threading.Barrier(2)

        def first(content: bytes = content, ready: threading.Barrier = ready) -> None:
            ready.wait()
            bring(west(ground), store, content)

        thread = threading.Thread(target=first)
        thread.start()
        ready.wait()
        link(west(ground), layer, feature, name_of(content))
        thread.join()
        with west(ground).read() as connection:
            assert photos.held(connection, layer, feature) == {name_of(content)}


# --- giving out -----------------------------------------------------------------------------------
def test_sizes_are_made_once(ground: Database, store: PhotoStore) -> None:
    bring(west(ground), store)
    with west(ground).read() as connection:
        found = photos.find(connection, NAME)
    assert found is not None
    small = photos.picture(store, found, 160)
    store.keep_copy(NAME, 160, b"\xff\xd8 made before")
    assert photos.picture(store, found, 160) == (b"\xff\xd8 made before", "image/jpeg")
    assert small[1] == "image/jpeg"
    assert photos.picture(store, found)[0] != PICTURE


def test_what_was_altered_is_not_given_out(ground: Database, store: PhotoStore) -> None:
    bring(west(ground), store)
    with west(ground).read() as connection:
        found = photos.find(connection, NAME)
    assert found is not None
    assert store.folder is not None
    (store.folder / NAME[:2] / NAME).write_bytes(photograph(1))
    with pytest.raises(Problem) as refused:
        photos.picture(store, found)
    assert refused.value.rule is PHOTO_LOST


# --- sweeping -------------------------------------------------------------------------------------
def announce(connection: Connection, name: str, age: str) -> None:
    """As an upload does that is killed before its end."""
    connection.execute(
        sa.text(
            "INSERT INTO photos (sha256, bytes, media_type, width, height, tried_at)"
            " VALUES (:name, 1, 'image/jpeg', 1, 1, now() - CAST(:age AS interval))"
        ),
        {"name": name, "age": age},
    )


def test_what_killed_uploads_left_is_swept(ground: Database, store: PhotoStore) -> None:
    """Only that, and only when no upload can be under way any more."""
    names = {n: name_of(photograph(n)) for n in (1, 2, 3)}
    bring(west(ground), store)
    with ground.begin() as connection:
        announce(connection, names[1], "2 hours")
        announce(connection, names[2], "59 minutes")
        announce(connection, names[3], "3 days")  # killed before its bytes were stored
    for n in (1, 2):
        store.keep(names[n], photograph(n))
    store.keep(name_of(b"unknown"), b"unknown")  # of another database, or of a later backup
    assert photos.sweep(ground, store) == 2
    assert photos.sweep(ground, store) == 0
    assert kept(store) == sorted([NAME, names[2], name_of(b"unknown")])
    assert count(ground, PHOTOS) == 2
    assert sees(west(ground))


def test_the_next_upload_mends_what_was_killed(ground: Database, store: PhotoStore) -> None:
    with ground.begin() as connection:
        announce(connection, NAME, "2 hours")
    store.keep(NAME, PICTURE[:9])
    assert bring(west(ground), store).new
    assert photos.sweep(ground, store) == 0
    assert store.get(NAME) == PICTURE
