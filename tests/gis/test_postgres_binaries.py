"""Which PostgreSQL is taken when there are several, and what is advised when there is none."""

from pathlib import Path

import pytest

from gis.errors import Problem
from gis.refusals.database import POSTGRES_MISSING
from gis.server import postgres_binaries


@pytest.fixture(autouse=True)
def _nothing_on_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


def install(root: Path, major: int, *programs: str, postgis: bool) -> None:
    """A folder as Debian lays it out, with programs that only tell their version."""
    folder, share = root / str(major) / "bin", root / f"share-{major}"
    folder.mkdir(parents=True)
    (share / "extension").mkdir(parents=True)
    if postgis:
        (share / "extension" / "postgis.control").touch()
    answer = folder / "pg_config"
    answer.write_text(f"#!/bin/sh\necho PostgreSQL {major}.4\necho {share}\n")
    answer.chmod(0o755)
    for name in programs:
        (folder / name).touch()


def advice(root: Path, major: int | None = None) -> str:
    with pytest.raises(Problem) as caught:
        postgres_binaries.server(major, root)
    assert caught.value.rule is POSTGRES_MISSING
    return caught.value.sentence("en")


def test_the_newest_server_with_postgis_is_taken(tmp_path: Path) -> None:
    for major, postgis in ((9, True), (15, True), (17, False)):
        install(tmp_path, major, "postgres", "initdb", postgis=postgis)
    assert postgres_binaries.server(root=tmp_path).major == 15


def test_the_version_of_existing_data_is_preferred_to_the_newest(tmp_path: Path) -> None:
    for major in (15, 17):
        install(tmp_path, major, "postgres", "initdb", postgis=True)
    assert postgres_binaries.server(15, tmp_path).major == 15


def test_without_a_server_the_advice_is_the_distributions_package(tmp_path: Path) -> None:
    assert advice(tmp_path).endswith("apt-get install --no-install-recommends postgresql-postgis")


def test_a_server_without_postgis_is_told_which_package_fits_it(tmp_path: Path) -> None:
    install(tmp_path, 16, "postgres", "initdb", postgis=False)
    assert "PostGIS is missing" in advice(tmp_path)
    assert "postgresql-16-postgis-3" in advice(tmp_path)


def test_a_client_without_a_server_is_no_server(tmp_path: Path) -> None:
    install(tmp_path, 16, "pg_dump", "pg_restore", postgis=True)
    assert "postgresql-postgis" in advice(tmp_path)
    assert postgres_binaries.client(15, tmp_path).major == 16


def test_a_client_older_than_the_server_is_not_used(tmp_path: Path) -> None:
    install(tmp_path, 15, "pg_dump", "pg_restore", postgis=False)
    with pytest.raises(Problem) as caught:
        postgres_binaries.client(17, tmp_path)
    assert "postgresql-client-17" in caught.value.sentence("en")


def test_a_folder_whose_programs_do_not_run_is_passed_over(tmp_path: Path) -> None:
    install(tmp_path, 15, "postgres", "initdb", postgis=True)
    (tmp_path / "15" / "bin" / "pg_config").write_text("#!/bin/sh\nexit 1\n")
    assert postgres_binaries.installed(tmp_path) == []
