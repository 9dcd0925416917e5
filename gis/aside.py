"""Private folders for files in the making: gone with whoever made them, or swept after them."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "gridfield-aside-"
# Between its making and its lock a folder looks left behind.
_YOUNG_S = 60.0


@contextmanager
def folder() -> Iterator[Path]:
    """An empty folder that nobody else reads, removed when the block ends."""
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as name, _locked(Path(name)):
        yield Path(name)


def sweep() -> int:
    """Remove the folders of processes that were killed; how many there were."""
    found = [path for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*") if _left(path)]
    for path in found:
        shutil.rmtree(path, ignore_errors=True)
    return len(found)


def _left(path: Path) -> bool:
    """Whether it is ours, and no process that lives has it."""
    # It may go meanwhile, or be somebody else's and no folder at all.
    with suppress(OSError):
        about = path.lstat()
        if about.st_uid == os.getuid() and time.time() - about.st_mtime > _YOUNG_S:
            with _locked(path):
                return True
    return False


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """The kernel lets go of the lock however the process ends; OSError where another has it."""
    held = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(held)
