"""Backups: what goes in comes out, what is damaged is refused, what fails changes nothing."""

import shutil
import stat
import subprocess
import threading
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import make_url

from gis import backup
from gis.cluster import Cluster
from gis.errors import Problem
from gis.refusals.database import BACKUP_BROKEN, BACKUP_FAILED, DATABASE_UNREACHABLE
from gis.server import backup_file
from tests.private_clusters import connect, passable_folder

FILL = """
CREATE EXTENSION postgis;
CREATE SCHEMA district;
CREATE TABLE district.places (id int PRIMARY KEY, name text, geom geometry(Point, 4326));
INSERT INTO district.places
SELECT i, 'place ' || md5(i::text), ST_SetSRID(ST_MakePoint(101.7 + i / 1e5, 36.6), 4326)
FROM generate_series(1, 1000) i;
CREATE TABLE notes (text text);
INSERT INTO notes VALUES ('责任田 "quoted"');
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    """A cluster of this file alone: its roles and databases come and go."""
    with passable_folder() as home, Cluster(home, durable=False).running() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def original(server: Cluster) -> str:
    run(server.url("postgres"), "CREATE DATABASE original")
    run(server.url("original"), FILL)
    return "original"


@pytest.fixture
def url(server: Cluster, original: str) -> Iterator[str]:
    """A database with two tables and 1,001 rows."""
    name = f"b{uuid.uuid4().hex}"
    run(server.url("postgres"), f"CREATE DATABASE {name} TEMPLATE {original}")
    yield server.url(name)
    run(server.url("postgres"), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def made(server: Cluster, original: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("backup") / "original.dump"
    backup.write(server.url(original), file)
    return file


@pytest.fixture
def saved(made: Path, tmp_path: Path) -> Path:
    """A backup of what every `url` holds at first."""
    return Path(shutil.copy2(made, tmp_path / "saved.dump"))


def run(url: str, statement: str) -> list[tuple[object, ...]]:
    with closing(connect(url)) as link, link.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def databases(url: str) -> set[object]:
    return {name for (name,) in run(url, "SELECT datname FROM pg_database")}


def digest(url: str) -> list[tuple[object, ...]]:
    return run(url, "SELECT md5(string_agg(p::text, '|' ORDER BY id)) FROM district.places p")


def test_a_backup_brings_back_what_was_lost_and_takes_away_what_came_later(
    url: str, saved: Path
) -> None:
    before, names = digest(url), databases(url)
    run(url, "DELETE FROM district.places WHERE id > 10; CREATE TABLE later (n int)")
    contents = backup.restore(url, saved)
    assert digest(url) == before
    assert run(url, "SELECT text FROM notes") == [('责任田 "quoted"',)]
    assert run(url, "SELECT to_regclass('later')") == [(None,)]
    assert (contents.tables, contents.rows) == (2, 1001)
    assert databases(url) == names


def test_verify_counts_and_leaves_the_server_as_it_was(url: str, saved: Path) -> None:
    names = databases(url)
    contents = backup.verify(url, saved)
    assert (contents.database, contents.tables, contents.rows) == ("original", 2, 1001)
    assert databases(url) == names


def test_a_backup_goes_into_a_server_that_has_no_such_database(
    server: Cluster, url: str, saved: Path
) -> None:
    fresh = server.url(f"n{uuid.uuid4().hex}")
    backup.restore(fresh, saved)
    assert digest(fresh) == digest(url)


def test_a_backup_is_closed_to_others_and_read_by_pg_restore(saved: Path) -> None:
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    listing = subprocess.run(
        ["pg_restore", "--list", saved], capture_output=True, text=True, check=True
    ).stdout
    assert "TABLE DATA district places" in listing


def test_a_url_with_a_password_works_and_does_not_show_it(
    server: Cluster, url: str, tmp_path: Path
) -> None:
    tcp = server.url(str(make_url(url).database), tcp=True).replace("+psycopg2", "")
    file = tmp_path / "tcp.dump"
    backup.write(tcp, file)
    assert backup.verify(tcp, file).rows == 1001


@pytest.mark.parametrize("part", [0.0, 0.3, 0.999], ids=str)
def test_a_truncated_backup_is_refused_before_anything_is_touched(
    url: str, saved: Path, part: float
) -> None:
    whole = saved.read_bytes()
    saved.write_bytes(whole[: int(len(whole) * part)])
    refuse(url, saved)


@pytest.mark.parametrize("part", [0.0, 0.25, 0.5, 0.75, 0.99, 1.0], ids=str)
def test_one_flipped_bit_anywhere_is_refused_before_anything_is_touched(
    url: str, saved: Path, part: float
) -> None:
    whole = bytearray(saved.read_bytes())
    whole[int((len(whole) - 1) * part)] ^= 4
    saved.write_bytes(whole)
    refuse(url, saved)


def test_a_file_of_another_kind_and_a_missing_one_are_refused(url: str, tmp_path: Path) -> None:
    other = tmp_path / "novel.txt"
    other.write_text("chapter one\n" * 100)
    refuse(url, other)
    refuse(url, tmp_path / "missing.dump")


def test_a_whole_file_whose_dump_does_not_restore_is_refused(url: str, saved: Path) -> None:
    """The seal is right, the content is not: only restoring shows it."""
    manifest = backup_file.unseal(saved)
    saved.write_bytes(b"PGDMP no dump at all")
    backup_file.seal(saved, manifest)
    refuse(url, saved)


def refuse(url: str, file: Path) -> None:
    before, names = digest(url), databases(url)
    for action in (backup.verify, backup.restore):
        with pytest.raises(Problem) as caught:
            action(url, file)
        assert caught.value.rule is BACKUP_BROKEN
        assert file.name in caught.value.sentence("zh")
    assert digest(url) == before
    assert databases(url) == names


def test_a_backup_that_fails_leaves_the_last_one_in_place(server: Cluster, saved: Path) -> None:
    before = saved.read_bytes()
    run(server.url("postgres"), "CREATE DATABASE broken")
    # pg_dump asks every extension; one without its file on the disk stops it in the middle.
    run(server.url("broken"), 'CREATE TABLE t AS SELECT 1; ALTER TABLE t ADD UNIQUE ("?column?")')
    run(server.url("broken"), "UPDATE pg_class SET relam = 0, relnatts = 9 WHERE relname = 't'")
    with pytest.raises(Problem) as caught:
        backup.write(server.url("broken"), saved)
    assert caught.value.rule is BACKUP_FAILED
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_a_folder_that_is_not_there_and_a_server_that_does_not_answer_are_named(
    url: str, tmp_path: Path
) -> None:
    with pytest.raises(Problem) as caught:
        backup.write(url, tmp_path / "missing" / "file.dump")
    assert caught.value.rule is BACKUP_FAILED
    with pytest.raises(Problem) as caught:
        backup.write("postgresql://gridfield@127.0.0.1:1/none", tmp_path / "file.dump")
    assert caught.value.rule is DATABASE_UNREACHABLE


def test_a_restore_cuts_off_who_is_connected_and_a_pool_comes_back_to_the_new_data(
    url: str, saved: Path
) -> None:
    run(url, "TRUNCATE district.places")
    counts: list[int] = []
    done = threading.Event()

    def keep_asking() -> None:
        while not done.is_set():
            try:
                counts.append(int(str(run(url, "SELECT count(*) FROM district.places")[0][0])))
            except psycopg2.Error:
                continue

    with closing(connect(url)) as idle:
        pool = threading.Thread(target=keep_asking)
        pool.start()
        try:
            backup.restore(url, saved)
        finally:
            done.set()
            pool.join()
        with pytest.raises(psycopg2.Error), idle.cursor() as cursor:
            cursor.execute("SELECT 1")
    # Either the old database or the whole new one, never one that is still being filled.
    assert set(counts) <= {0, 1000}
    assert run(url, "SELECT count(*) FROM district.places") == [(1000,)]


def test_roles_settings_and_grants_come_back_on_a_server_that_never_saw_them(
    server: Cluster, url: str, tmp_path: Path
) -> None:
    name = make_url(url).database
    run(
        url,
        f"""CREATE ROLE "tile's reader" NOLOGIN; CREATE ROLE web LOGIN NOINHERIT PASSWORD 'x';
        GRANT "tile's reader" TO web; ALTER ROLE "tile's reader" SET work_mem = '3MB';
        ALTER ROLE web IN DATABASE {name} SET application_name = 'a, b';
        ALTER DATABASE {name} SET search_path = district, public;
        REVOKE ALL ON DATABASE {name} FROM PUBLIC; GRANT CONNECT ON DATABASE {name} TO web;
        GRANT SELECT ON notes TO web; ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
        CREATE POLICY nobody ON notes TO "tile's reader" USING (false);""",
    )
    file = tmp_path / "roles.dump"
    backup.write(url, file)
    run(url, """DROP OWNED BY web, "tile's reader"; DROP ROLE web; DROP ROLE "tile's reader";""")
    backup.restore(url, file)
    assert run(url, "SELECT rolcanlogin, rolinherit FROM pg_roles WHERE rolname = 'web'") == [
        (True, False)
    ]
    assert run(url, "SHOW search_path") == [("district, public",)]
    assert run(url, "SELECT has_table_privilege('web', 'public.notes', 'select')") == [(True,)]
    assert run(url, "SELECT has_database_privilege('web', current_database(), 'temp')") == [
        (False,)
    ]
    settings = run(url, "SELECT setconfig FROM pg_db_role_setting ORDER BY setconfig::text")
    assert (["work_mem=3MB"],) in settings
    assert (["application_name=a, b"],) in settings
    assert run(url, "SELECT pg_has_role('web', 'tile''s reader', 'member')") == [(True,)]
    run(url, """DROP OWNED BY web, "tile's reader"; DROP ROLE web; DROP ROLE "tile's reader";""")


def test_what_a_killed_verify_left_is_cleared_by_the_next(
    server: Cluster, url: str, saved: Path
) -> None:
    names = databases(url)
    run(server.url("postgres"), "CREATE DATABASE gridfield_scratch_0123456789ab")
    backup.verify(url, saved)
    assert databases(url) == names
