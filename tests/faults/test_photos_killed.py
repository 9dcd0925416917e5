"""Photographs while PostgreSQL is killed, the server is killed, and the disk is full."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from gis.cluster import Cluster
from gis.errors import Problem
from gis.postgis import Database
from gis.refusals.database import DATABASE_UNREACHABLE
from layers.declaring.people import SYSTEM
from layers.held.policies import acting
from layers.migrate import upgrade
from layers.photos import bringing as photos
from layers.photos import store as photo_store
from layers.photos.store import PhotoStore
from layers.schema.photos import PHOTO_UPLOADS, PHOTOS
from tests.photographs import name_of, photograph
from tests.private_clusters import copied, passable_folder, used_home

pytestmark = pytest.mark.fault

PICTURE = photograph()
NAME = name_of(PICTURE)
LIMIT = 1_000_000
# Brings photographs until it is killed, or until the files that it may write are full.
CHILD = """
import io, resource, signal, sys
from gis.errors import Problem
from gis.postgis import Database
from layers.photos import bringing as photos, store as photo_store
from layers.declaring.people import SYSTEM
from layers.held.policies import acting
from tests.photographs import name_of, photograph

url, folder, room = sys.argv[1:]
if int(room):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(room), int(room)))
database, store = acting(Database(url), SYSTEM), photo_store.opened(folder)
print("ready", flush=True)
for n in range(256):
    content = photograph(n)
    try:
        told = photos.receive(
            database, store, name_of(content), io.BytesIO(content), pixels=1_000_000
        )
        print(told.sha256, flush=True)
    except Problem as problem:
        print(problem.rule.slug, flush=True)
"""


@pytest.fixture(scope="module")
def pattern() -> Iterator[Path]:
    with used_home() as home:
        yield home


def kept(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def bring(database: Database, store: PhotoStore) -> photos.Receipt:
    return photos.receive(database, store, NAME, io.BytesIO(PICTURE), pixels=LIMIT)


def test_postgresql_killed_between_the_file_and_its_row(
    pattern: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, keep = photo_store.opened(str(tmp_path / "photos")), PhotoStore.keep
    with passable_folder() as folder:
        copied(pattern, folder / "var")
        cluster = Cluster(folder / "var")  # what it has committed has to be there afterwards
        with cluster.running():
            upgrade(Database(cluster.url()))

            def killing(self: PhotoStore, sha256: str, content: bytes) -> None:
                keep(self, sha256, content)
                os.kill(cluster.status().pid or 0, signal.SIGKILL)

            monkeypatch.setattr(PhotoStore, "keep", killing)
            database = Database(cluster.url())
            with pytest.raises(Problem) as refused:
                bring(acting(database, SYSTEM), store)
            assert refused.value.rule is DATABASE_UNREACHABLE
            database.close()
        monkeypatch.undo()
        assert kept(tmp_path) == {NAME}
        with cluster.running():
            owner = Database(cluster.url())
            with owner.read() as connection:
                rows = connection.execute(sa.select(PHOTOS.c.sha256, PHOTOS.c.kept_at)).all()
                assert rows == [(NAME, None)]  # the note of an upload that did not end
            assert bring(acting(owner, SYSTEM), store).new
            assert not bring(acting(owner, SYSTEM), store).new
            assert photos.sweep(owner, store) == 0
            assert kept(tmp_path) == {NAME}
            owner.close()
        cluster.stop(force=True)


@pytest.mark.parametrize("seen", [1, 7, 40])
def test_a_killed_server_has_every_photograph_that_it_gave_a_receipt_for(
    database: Database, tmp_path: Path, seen: int
) -> None:
    told = run(database, tmp_path, kill_after=seen)
    store = photo_store.opened(str(tmp_path))
    with database.begin() as connection:
        uploads = set(connection.scalars(sa.select(PHOTO_UPLOADS.c.sha256)))
        assert set(told) <= uploads
        assert len(uploads) <= len(told) + 1
        connection.execute(sa.text("UPDATE photos SET tried_at = now() - interval '2 hours'"))
    photos.sweep(database, store)
    assert {name for name in kept(tmp_path) if "#" not in name} == uploads
    for name in uploads:
        store.get(name)


def test_a_full_disk_is_told_and_nothing_is_half_written(
    database: Database, tmp_path: Path
) -> None:
    """Every photograph here is larger than what a file may have."""
    told = run(database, tmp_path, room=len(PICTURE) // 2)
    assert set(told) == {"photo-store"}
    assert kept(tmp_path) == set()
    with database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(PHOTOS)) == 0
    assert bring(acting(database, SYSTEM), photo_store.opened(str(tmp_path))).new


def run(database: Database, folder: Path, *, kill_after: int = 0, room: int = 0) -> list[str]:
    """What the child said, until it was killed after so many lines or had brought all."""
    url = database.engine.url.render_as_string(hide_password=False)
    told: list[str] = []
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, url, str(folder), str(room)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        for line in child.stdout:
            told.append(line.strip())
            if len(told) == kill_after:
                child.kill()
    return told
