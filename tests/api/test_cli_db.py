"""`gridfield db …` and `gridfield doctor` as a user types them."""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import typer
from typer.testing import CliRunner, Result

from api.cli import main
from api.commands import db as cli_db
from gis.cluster import Cluster
from gis.postgis import Database
from layers.declaring.people import SYSTEM
from layers.held.policies import acting
from layers.photos import bringing as photos
from layers.photos import store as photo_store
from layers.photos.bringing import Wanted
from layers.reading import features
from layers.registry import Registry
from tests.factories import geometry, record
from tests.photographs import name_of, photograph
from tests.private_clusters import passable_folder

APP = typer.Typer()
APP.add_typer(cli_db.db_app, name="db")
APP.command()(cli_db.doctor)
COMMANDS = ("start", "stop", "status", "url", "backup", "restore", "verify")


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty home, and a working directory without settings of its own."""
    with passable_folder() as folder:
        monkeypatch.chdir(folder)
        monkeypatch.setenv("GRIDFIELD_HOME", str(folder / "var"))
        monkeypatch.setenv("GRIDFIELD_LANG", "en")
        monkeypatch.delenv("GRIDFIELD_DATABASE_URL", raising=False)
        yield folder / "var"
        Cluster(folder / "var").stop(force=True)


def gridfield(*words: str | Path) -> Result:
    return CliRunner().invoke(APP, [str(word) for word in words])


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    assert f"gridfield db {command}" in gridfield("db", command, "--help").output


def test_the_doctors_help_has_an_example() -> None:
    assert "gridfield doctor --port 8000" in gridfield("doctor", "--help").output


def test_the_private_cluster_is_started_saved_and_stopped(home: Path) -> None:
    file = home.parent / "saved.dump"
    assert gridfield("db", "status").exit_code == 3
    assert "127.0.0.1:" in gridfield("db", "start").output
    assert gridfield("db", "status").exit_code == 0
    assert gridfield("db", "url").output.startswith("postgresql://gridfield@/gridfield?host=")
    assert "@127.0.0.1:" in gridfield("db", "url", "--tcp").output
    assert "saved to" in gridfield("db", "backup", file).output
    assert "is whole" in gridfield("db", "verify", file).output
    assert "restored" in gridfield("db", "restore", file).output
    assert "the history is whole: 0 versions" in gridfield("db", "verify", "history").output
    assert gridfield("db", "stop").output == "stopped\n"
    assert gridfield("db", "status").exit_code == 3


def test_a_given_server_is_backed_up_and_not_managed(
    cluster: Cluster, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = cluster.url(tcp=True).replace("+psycopg2", "")
    monkeypatch.setenv("GRIDFIELD_DATABASE_URL", url)
    file = home.parent / "saved.dump"
    assert gridfield("db", "url").output == f"{url}\n"
    assert gridfield("db", "backup", file).exit_code == 0
    assert gridfield("db", "verify", file).exit_code == 0
    for command in ("start", "stop", "status"):
        result = gridfield("db", command)
        assert result.exit_code == 2
        assert "GRIDFIELD_DATABASE_URL" in result.stderr
    assert not home.exists()


def test_a_history_that_was_tampered_with_fails_and_tells_the_place(
    database: Database,
    registry: Registry,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    layer = registry.layer("courtyards")
    with database.begin() as connection:
        features.insert(connection, layer, record(layer), geometry(layer))
    url = database.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("GRIDFIELD_DATABASE_URL", url.replace("+psycopg2", ""))
    whole = gridfield("db", "verify", "history")
    assert whole.exit_code == 0
    assert "the history is whole: 1 versions, 1 changes, head " in whole.output
    with database.begin() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        connection.execute(sa.text("UPDATE courtyards_versions SET households = 1000"))
    with pytest.raises(SystemExit) as ended:
        monkeypatch.setattr(sys, "argv", ["gridfield", "db", "verify", "history"])
        main()
    assert ended.value.code == 1
    assert "courtyards: version 1 of feature" in capsys.readouterr().err


def test_the_doctor_tells_whether_the_index_serves_row_level_security(
    database: Database, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("GRIDFIELD_DATABASE_URL", url.replace("+psycopg2", ""))
    assert "✓ Spatial index serves row-level security" in gridfield("doctor").output
    with database.begin() as connection:
        connection.execute(sa.text("ALTER FUNCTION geometry_overlaps NOT LEAKPROOF"))
    found = gridfield("doctor").output
    assert "ALTER FUNCTION geometry_overlaps(geometry,geometry) LEAKPROOF;" in found
    monkeypatch.setenv("GRIDFIELD_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert "– Spatial index serves row-level security" in gridfield("doctor").output


def test_the_doctor_speaks_the_language_of_the_settings(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "✓ PostGIS extension: PostgreSQL" in gridfield("doctor").output
    monkeypatch.setenv("GRIDFIELD_LANG", "zh")
    assert "✓ PostGIS 扩展:" in gridfield("doctor", "--port", "1").output


def test_photographs_are_counted_beside_a_backup_and_read_one_by_one(
    database: Database,
    registry: Registry,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("GRIDFIELD_DATABASE_URL", url.replace("+psycopg2", ""))
    folder, file = home.parent / "pictures", home.parent / "saved.dump"
    monkeypatch.setenv("GRIDFIELD_PHOTOS", str(folder))
    assert "photos" not in gridfield("db", "backup", file).output
    store, layer = photo_store.opened(str(folder)), registry.layer("courtyards")
    pictures = [photograph(n) for n in range(3)]
    with database.begin() as connection:
        feature = features.insert(connection, layer, record(layer), geometry(layer))
    keeper = acting(database, SYSTEM)
    for picture in pictures:
        photos.receive(keeper, store, name_of(picture), io.BytesIO(picture), pixels=10_000)
        with keeper.begin() as connection:
            photos.attach(connection, layer, feature, [Wanted(name_of(picture))])
    saved = gridfield("db", "backup", file).output
    assert f"3 photos are not in this file: 0.0 MB in {folder}, back that up next" in saved
    assert (
        f"the photos are whole: 3, 0.0 MB, in {folder}"
        in gridfield("db", "verify", "photos").output
    )
    restored = gridfield("db", "restore", file, "--yes").output
    assert f"3 photos belong to it, in {folder}" in restored
    missing, altered = (folder / name_of(each)[:2] / name_of(each) for each in pictures[:2])
    missing.unlink()
    altered.write_bytes(pictures[2])
    with pytest.raises(SystemExit) as ended:
        monkeypatch.setattr(sys, "argv", ["gridfield", "db", "verify", "photos"])
        main()
    said = capsys.readouterr().err
    assert ended.value.code == 1
    assert "The files of 2 photos are gone or were altered" in said
    for lost in (missing, altered):
        assert f"courtyards {feature}: The file of photo {lost.name} is gone or was altered" in said
    assert name_of(pictures[2]) not in said
