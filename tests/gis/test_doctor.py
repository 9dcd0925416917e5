"""The doctor names what is missing and how to mend it."""

import shutil
import socket
from collections import namedtuple
from pathlib import Path

import pytest

from gis.doctor import Check, examine

Usage = namedtuple("Usage", "total used free")  # noqa: PYI024  the shape that shutil returns


def by_name(checks: list[Check]) -> dict[str, Check]:
    return {check.en: check for check in checks}


def test_a_machine_that_runs_these_tests_lacks_nothing_required(tmp_path: Path) -> None:
    bad = [check for check in examine(tmp_path / "var") if check.required and not check.ok]
    assert bad == []


def test_every_check_says_how_to_mend_it_in_both_languages(tmp_path: Path) -> None:
    checks = examine(tmp_path, port=1)
    assert all(check.zh and check.en and check.mend and check.found for check in checks)
    assert len(by_name(checks)) == len(checks)


def test_a_given_server_needs_no_server_of_our_own(tmp_path: Path) -> None:
    own, given = by_name(examine(tmp_path)), by_name(examine(tmp_path, private=False))
    assert set(own) - set(given) == {"PostgreSQL server", "PostGIS extension"}


def test_a_taken_port_is_found(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not by_name(examine(tmp_path, port=port))["Port is free"].ok
    assert by_name(examine(tmp_path, port=port))["Port is free"].ok


def test_a_full_disk_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 10**12, 10**9))
    check = by_name(examine(tmp_path))["Free disk ≥ 2 GB"]
    assert (check.ok, check.found) == (False, "1.0 GB")
    assert check.mend.startswith("GRIDFIELD_HOME=")


def test_without_a_path_the_optional_things_are_missing_but_not_required(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    checks = by_name(examine(tmp_path))
    for name in ("A Chinese font", "Chromium"):
        assert not checks[name].ok
        assert not checks[name].required
