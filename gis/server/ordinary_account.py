"""The ordinary account that PostgreSQL runs as: it refuses to run as root."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gis.errors import Problem
from gis.refusals.database import CLUSTER_ACCOUNT

# PG* variables of the caller must not reach the server's programs, and their messages stay English.
_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    uid: int
    gid: int

    @property
    def is_self(self) -> bool:
        return self.uid == os.geteuid()

    def run(
        self,
        command: Sequence[str],
        *,
        keep: int | None = None,
        output: int = subprocess.PIPE,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this account; it also inherits the open descriptor `keep`."""
        return subprocess.run(  # noqa: S603 (our own argument lists, no shell)
            command,
            user=None if self.is_self else self.uid,
            group=None if self.is_self else self.gid,
            extra_groups=None if self.is_self else [],
            pass_fds=() if keep is None else (keep,),
            # The caller's folder may be closed to this account.
            cwd="/",
            env=_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            umask=0o077,
            text=True,
            errors="replace",
            check=False,
        )

    def reaches(self, folder: Path) -> bool:
        """Whether this account may pass through `folder` and all above it, ACLs included."""
        return self.run(["test", "-x", str(folder)]).returncode == 0


def choose(folder: Path) -> Account:
    """Who runs PostgreSQL in `folder`, which need not exist yet.

    An ordinary user runs it himself. Root lends it to the owner of the folder, so that the owner
    can go on without root; where that is root too, to `postgres`, else to `nobody`.
    Errors: `CLUSTER_ACCOUNT` when root finds no such account.
    """
    if os.geteuid() != 0:
        return _by_uid(os.geteuid()) or Account(str(os.geteuid()), os.geteuid(), os.getegid())
    owner = _by_uid(nearest(folder).stat().st_uid)
    if owner and owner.uid != 0:
        return owner
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return named(name)
    raise Problem(CLUSTER_ACCOUNT)


def named(name: str) -> Account:
    """The account of this name; KeyError when the machine has none."""
    return _account(pwd.getpwnam(name))


def nearest(folder: Path) -> Path:
    """The folder itself or the closest one above it that exists."""
    return next(path for path in (folder, *folder.parents) if _is_seen(path))


def owner_name(path: Path) -> str:
    uid = path.stat().st_uid
    found = _by_uid(uid)
    return found.name if found else str(uid)


def _is_seen(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:
        return False


def _by_uid(uid: int) -> Account | None:
    try:
        return _account(pwd.getpwuid(uid))
    except KeyError:
        return None


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
