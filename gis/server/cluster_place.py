"""The folder of a private cluster: what lies where, who owns it, where its socket is.

Made by root, the folder itself stays root's and only `data`, `log` and `socket` belong to the
account that runs PostgreSQL: that account can then plant nothing that root would follow.
"""

import hashlib
import json
import logging
import os
import re
import secrets
import shutil
import socket
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gis.errors import Problem
from gis.refusals.database import CLUSTER_FOREIGN, CLUSTER_UNREACHABLE
from gis.server import ordinary_account, private_files
from gis.server.ordinary_account import Account

log = logging.getLogger(__name__)

SHELTER = Path("/var/lib/gridfield")
# Below the ephemeral range of Linux (32768 and up), so that outgoing connections do not take it.
_PORTS = range(20_000, 32_000)
# sun_path holds 108 bytes with its closing zero.
_SOCKET_PATH_LIMIT = 107
# libpq splits hosts at commas, SQLAlchemy at colons, PostgreSQL reads quotes: none may occur.
_PLAIN_PATH = re.compile(r"/[\w/. -]*")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens: a Unix socket in a private folder, and a loopback port."""

    socket_dir: Path
    port: int


@dataclass(frozen=True, slots=True)
class Place:
    root: Path
    account: Account

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def conf(self) -> Path:
        return self.root / "conf"

    @property
    def log(self) -> Path:
        return self.root / "log"

    @property
    def startup_log(self) -> Path:
        return self.root / "startup.log"

    @property
    def server_lock(self) -> Path:
        return self.root / "server.lock"

    @property
    def users_lock(self) -> Path:
        return self.root / "users.lock"

    @property
    def pin(self) -> Path:
        return self.root / "pinned"

    def major(self) -> int | None:
        """The major version of PostgreSQL that made the data; None before it is made."""
        text = private_files.read(self.data / "PG_VERSION")
        number = re.match(r"\d+", text or "")
        return int(number[0]) if number else None

    def prepare(self) -> None:
        """Make the folders that are missing, each for its owner alone.

        Errors: `CLUSTER_UNREACHABLE` when the account cannot pass to the data.
        """
        self._open_root()
        for path in (self.log, self._own_socket_dir):
            private_files.claim_folder(path, 0o700, self.account.uid, self.account.gid)
        keeper = self.root.stat().st_uid
        private_files.claim_folder(self.conf, 0o750, keeper, self.account.gid)
        if not self.account.reaches(self.log):
            raise Problem(CLUSTER_UNREACHABLE, place=self.root, account=self.account.name)

    def password(self) -> str:
        """The password for TCP, made when there is none."""
        path = self.root / "password"
        text = private_files.read(path)
        if not text:
            text = secrets.token_urlsafe(24)
            private_files.write(path, text)
        return text.strip()

    def address(self) -> Address | None:
        """Where the server listens, or listened last."""
        with suppress(ValueError, KeyError, TypeError):
            noted = json.loads(private_files.read(self.root / "address.json") or "")
            return Address(Path(noted["socket_dir"]), int(noted["port"]))
        return None

    def note_address(self, address: Address) -> None:
        if address != self.address():
            noted = {"socket_dir": str(address.socket_dir), "port": address.port}
            private_files.write(self.root / "address.json", json.dumps(noted))

    def choose_address(self) -> Address:
        """The last address as far as it is still to be had, with dead sockets cleared away."""
        last = self.address()
        port = last.port if last and port_is_free(last.port) else _free_port()
        folder = self._socket_dir(last)
        for stale in folder.glob(".s.PGSQL.*"):
            stale.unlink(missing_ok=True)
        return Address(folder, port)

    def leave_address(self) -> None:
        """Remove a socket folder that lies outside of this place."""
        last = self.address()
        if last and last.socket_dir != self._own_socket_dir and self._is_private(last.socket_dir):
            with suppress(OSError):
                last.socket_dir.rmdir()

    def _open_root(self) -> None:
        private_files.make_folder(self.root.parent)
        if self.root.parent.stat().st_uid == self.account.uid:
            private_files.claim_folder(self.root, 0o700, self.account.uid, self.account.gid)
        else:
            # Root keeps the folder; the group lets the account through and nobody else.
            private_files.claim_folder(self.root, 0o710, -1, self.account.gid)

    @property
    def _own_socket_dir(self) -> Path:
        return self.root / "socket"

    def _socket_dir(self, last: Address | None) -> Path:
        if _holds_socket(self._own_socket_dir):
            return self._own_socket_dir
        if last and self._is_private(last.socket_dir):
            return last.socket_dir
        # Not XDG_RUNTIME_DIR: it vanishes at log-out under a server that goes on.
        # TMPDIR itself may be too long; mkdtemp makes the folder ours alone in either.
        bases = [tempfile.gettempdir(), "/tmp"]  # noqa: S108
        base = next(path for path in bases if _holds_socket(Path(path, "gridfield-" + "x" * 8)))
        folder = Path(tempfile.mkdtemp(prefix="gridfield-", dir=base))
        os.chown(folder, self.account.uid, self.account.gid)
        return folder

    def _is_private(self, folder: Path) -> bool:
        with suppress(OSError):
            found = folder.lstat()
            # A directory of mode 0700, exactly: a link or another's folder is not trusted.
            return found.st_mode == 0o040700 and found.st_uid == self.account.uid
        return False


def find(home: Path) -> Place:
    """The place of `home`, made or not.

    Errors: `CLUSTER_FOREIGN` when it belongs to another user.
    """
    link = home / "cluster"
    root = Path(os.path.realpath(link))
    try:
        place = Place(root, ordinary_account.choose(root / "data"))
        mine = os.geteuid() == 0 or _is_owned_or_absent(place.data, place.account)
        # A link that another account planted must not lead root into the system's folders.
        mine = mine and (not link.is_symlink() or link.lstat().st_uid == os.geteuid())
    except PermissionError:
        mine = False
    if not mine:
        owner = ordinary_account.owner_name(ordinary_account.nearest(root))
        raise Problem(CLUSTER_FOREIGN, place=root, owner=owner)
    return place


def make(home: Path, shelter: Path = SHELTER) -> Place:
    """The place of `home`, with its folders.

    Where the account of PostgreSQL cannot reach `home` (a clone under /root), the place is a new
    folder under `shelter` and `home/cluster` a link to it.
    """
    place = find(home)
    link = home / "cluster"
    if not place.root.is_dir() and not link.is_symlink() and not place.account.reaches(home):
        place = Place(_sheltered(home, shelter), place.account)
        link.symlink_to(place.root)
        log.warning("%s cannot enter %s: data in %s", place.account.name, home, place.root)
    place.prepare()
    return place


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        # As PostgreSQL does: a closing connection of the last server is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def clear_unfinished(place: Place) -> None:
    for leftover in place.root.glob("data.new-*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _is_owned_or_absent(path: Path, account: Account) -> bool:
    return not path.exists() or path.stat().st_uid == account.uid


def _sheltered(home: Path, shelter: Path) -> Path:
    # The random part keeps the data of an earlier, deleted home from coming back to life.
    if not shelter.is_dir():
        private_files.make_folder(shelter)
        shelter.chmod(0o755)
    digest = hashlib.sha256(os.fsencode(os.path.realpath(home))).hexdigest()
    return shelter / f"{digest[:8]}-{secrets.token_hex(4)}"


def _holds_socket(folder: Path) -> bool:
    longest = os.fsencode(folder / ".s.PGSQL.65535")
    plain = _PLAIN_PATH.fullmatch(str(folder)) is not None
    return plain and len(longest) <= _SOCKET_PATH_LIMIT


def _free_port() -> int:
    order = secrets.SystemRandom().sample(_PORTS, len(_PORTS))
    return next(port for port in order if port_is_free(port))
