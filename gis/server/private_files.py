"""Files and locks that no other account of the machine may read or forge."""

import fcntl
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

_POLL_S = 0.02


def write(path: Path, text: str, *, group: int | None = None) -> None:
    """Write a whole file or nothing: mode 0600, or 0640 for `group`.

    Not synced: what a power cut takes, its readers make anew.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            give_like_folder(descriptor, path.parent)
            if group is not None:
                os.fchown(descriptor, -1, group)
                os.fchmod(descriptor, 0o640)
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read(path: Path) -> str | None:
    with suppress(FileNotFoundError):
        return path.read_text(encoding="utf-8")
    return None


def make_folder(path: Path) -> None:
    """Make a folder and those above it; each belongs to whom the one above it belongs."""
    if path.is_dir():
        return
    make_folder(path.parent)
    with suppress(FileExistsError):
        path.mkdir()
        owner = path.parent.stat()
        if os.geteuid() == 0 and owner.st_uid != 0:
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def claim_folder(path: Path, mode: int, uid: int, gid: int) -> None:
    """Make a folder, or take the one that is there, with exactly this mode, owner and group.

    -1 leaves owner or group alone. A link in its place is refused with `OSError`.
    """
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        os.fchown(descriptor, uid, gid)
        os.fchmod(descriptor, mode)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make renames within `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def lock(path: Path, *, shared: bool = False, wait_s: float = 0.0) -> int | None:
    """Lock `path` with flock; the open descriptor, or None when others keep it for `wait_s`.

    The kernel frees such a lock when the last process that inherited the descriptor is gone,
    however it went: there is nothing stale to clean up. Close the descriptor to unlock.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        give_like_folder(descriptor, path.parent)
        if _flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX, wait_s):
            return descriptor
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def give_like_folder(descriptor: int, folder: Path) -> None:
    """What root makes in a user's folder belongs to that user, who may go on without root."""
    owner = folder.stat()
    if os.geteuid() == 0 and os.fstat(descriptor).st_uid != owner.st_uid:
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def _flock(descriptor: int, kind: int, wait_s: float) -> bool:
    deadline = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_S)
        else:
            return True
