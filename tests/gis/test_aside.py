"""Folders for files in the making: gone with their maker, and swept after one that was killed."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from gis import aside

_KILLED = """
import os, signal, sys
from gis import aside
with aside.folder() as folder:
    (folder / "half").write_text("half")
    print(folder, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def made_long_ago(path: Path) -> None:
    os.utime(path, (1, 1))


def test_a_folder_goes_with_its_block() -> None:
    with aside.folder() as folder:
        (folder / "a").write_text("a")
        assert folder.stat().st_mode & 0o077 == 0
    assert not folder.exists()


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _KILLED],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        timeout=120,
        check=False,
    )
    left = Path(done.stdout.decode().strip())
    assert (left / "half").exists()
    assert aside.sweep() == 0  # it might just be in the making
    made_long_ago(left)
    assert aside.sweep() == 1
    assert not left.exists()


def test_what_somebody_works_in_stays() -> None:
    with aside.folder() as folder:
        made_long_ago(folder)
        assert aside.sweep() == 0
        assert folder.exists()


def test_what_only_looks_like_one_stays(tmp_path: Path) -> None:
    (tmp_path / "gridfield-aside-file").write_text("")
    (tmp_path / "gridfield-aside-link").symlink_to(tmp_path)
    (tmp_path / "other").mkdir()
    for path in tmp_path.iterdir():
        os.utime(path, (1, 1), follow_symlinks=False)
    assert aside.sweep() == 0
    assert len(list(tmp_path.iterdir())) == 3
