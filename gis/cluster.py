"""The private PostgreSQL + PostGIS of one home folder: made, started, shared, stopped.

Any number of processes may use it at once. Each holds a shared lock while it does; the last to
leave stops the server. Every lock is one that the kernel frees when its holder dies, so that a
crash anywhere leaves nothing that the next start would have to believe.
"""

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection, encrypt_password
from sqlalchemy import URL

from gis.errors import Problem
from gis.refusals.database import (
    CLUSTER_ABSENT,
    CLUSTER_BROKEN,
    CLUSTER_BUSY,
    CLUSTER_OTHER_VERSION,
    POSTGRES_MISSING,
)
from gis.server import cluster_place, postgres_binaries, postmaster, private_files
from gis.server.cluster_place import Address, Place
from gis.server.postgres_binaries import Binaries
from gis.server.postmaster import OWNER

DATABASE = "gridfield"
# Crash recovery of a busy day's log takes minutes on a slow disk.
_START_S = 300.0
_STOP_S = 60.0
_ORPHANS_S = 5.0
_LAUNCHES = 5
_POLL_S = 0.01


@dataclass(frozen=True, slots=True)
class ClusterStatus:
    """`place` is where it lies; `major` is None before it is made, `pid` while it is stopped."""

    place: Path
    account: str
    major: int | None
    pid: int | None
    address: Address | None
    pinned: bool


@dataclass(frozen=True)
class Cluster:
    """The cluster under `home`; nothing is made or started before `running` or `start`.

    `durable=False` is for tests: a crash may then lose commits and a power cut everything.
    """

    home: Path
    durable: bool = True
    shelter: Path = cluster_place.SHELTER

    def status(self) -> ClusterStatus:
        place = cluster_place.find(self._home)
        server = postmaster.running(place.data)
        return ClusterStatus(
            place=place.root,
            account=place.account.name,
            major=place.major(),
            pid=server.pid if server else None,
            address=place.address(),
            pinned=place.pin.exists(),
        )

    def url(self, database: str = DATABASE, *, tcp: bool = False) -> str:
        """How SQLAlchemy reaches a database of the running cluster, as its owner.

        The socket needs no password and no other account can get at it; `tcp` gives the loopback
        port and the password, for programs that know no sockets.
        Errors: `CLUSTER_ABSENT` before the first start.
        """
        place = cluster_place.find(self._home)
        address = place.address()
        if address is None:
            raise Problem(CLUSTER_ABSENT, place=place.root)
        if tcp:
            url = _url(database, host="127.0.0.1", port=address.port, password=place.password())
        else:
            query = {"host": str(address.socket_dir), "port": str(address.port)}
            url = _url(database, query=query)
        return url.render_as_string(hide_password=False)

    @contextmanager
    def running(self) -> Iterator["Cluster"]:
        """Use the cluster: start or join it, and stop it when nobody else uses it any more.

        Errors: `POSTGRES_MISSING`, `CLUSTER_BROKEN`, `CLUSTER_OTHER_VERSION` and what else of
        `cluster-…` keeps it from running.
        """
        try:
            with self._alone() as turn:
                place = self._bring_up(turn)
                in_use = private_files.lock(place.users_lock, shared=True)
        except KeyboardInterrupt:
            self._leave(None)  # what was begun has no user
            raise
        if in_use is None:
            raise Problem(CLUSTER_BUSY, place=self._home)
        try:
            yield self
        finally:
            self._leave(in_use)

    def _leave(self, in_use: int | None) -> None:
        """Give up one's share, and stop the server when it was the last and nothing pins it."""
        with self._alone():
            place = cluster_place.find(self._home)
            if in_use is not None:
                # Closed, not unlocked: a forked child may still be using it.
                os.close(in_use)
            if place.major() is not None and not place.pin.exists() and _unused(place):
                _bring_down(place)

    def start(self) -> None:
        """Start it and leave it running until `stop`, whoever else comes and goes."""
        with self._alone() as turn:
            place = self._bring_up(turn)
            private_files.write(place.pin, "")

    def stop(self, *, force: bool = False) -> bool:
        """Let it stop: at once when nobody uses it or by `force`, else with the last user.

        Whether it is stopped now.
        """
        if not self._home.exists():
            return True
        with self._alone():
            place = cluster_place.find(self._home)
            place.pin.unlink(missing_ok=True)
            if place.major() is not None and (force or _unused(place)):
                _bring_down(place)
            return place.major() is None or postmaster.running(place.data) is None

    @property
    def _home(self) -> Path:
        return self.home.expanduser().absolute()

    @contextmanager
    def _alone(self) -> Iterator[int]:
        """One process at a time starts or stops; failures of the disk become a `Problem`."""
        # Asked first, so that a stranger is told whose it is instead of which lock he cannot open.
        cluster_place.find(self._home)
        turn = None
        try:
            private_files.make_folder(self._home)
            turn = private_files.lock(self._home / "cluster.lock", wait_s=_START_S)
            if turn is None:
                raise Problem(CLUSTER_BUSY, place=self._home)
            yield turn
        except OSError as error:
            raise Problem(CLUSTER_BROKEN, place=self._home, reason=error, log=self._home) from error
        finally:
            if turn is not None:
                os.close(turn)

    def _bring_up(self, turn: int) -> Place:
        place = cluster_place.make(self._home, self.shelter)
        binaries = _binaries(place)
        if place.major() is None:
            _init(binaries, place, turn, durable=self.durable)
        self._launch(binaries, place)
        server = postmaster.running(place.data)
        if server is None:
            raise _broken(place, "it ended right after its start")
        place.note_address(server.address)
        _furnish(place, server.address)
        return place

    def _launch(self, binaries: Binaries, place: Place) -> None:
        """Come back with a server that is ready, an own one or one that was there."""
        address = None
        logged: dict[Path, int] = {}
        for _ in range(_LAUNCHES):
            server_lock = _server_lock(place)
            if server_lock is None:
                return
            try:
                if address and cluster_place.port_is_free(address.port):
                    raise _broken(place, postmaster.last_words(place, logged))
                logged = postmaster.log_sizes(place)
                address = place.choose_address()
                place.note_address(address)
                postmaster.forget_stale(place.data)
                postmaster.launch(
                    binaries, place, address, server_lock=server_lock, durable=self.durable
                )
            finally:
                os.close(server_lock)
        raise _broken(place, postmaster.last_words(place, logged))


def _server_lock(place: Place) -> int | None:
    """The lock that every process of a server inherits, once none lives; None for a ready server.

    A starting or stopping server is waited for. Backends whose postmaster is dead end by
    themselves unless they are busy; those are killed, for they block every later start.
    """
    begun = time.monotonic()
    while time.monotonic() < begun + _START_S:
        free = private_files.lock(place.server_lock)
        server = postmaster.running(place.data)
        if free is not None:
            if server:
                os.close(free)
                raise _broken(place, f"process {server.pid} serves it, started by other means")
            return free
        if server and server.state in ("ready", "standby"):
            return None
        if server is None and time.monotonic() > begun + _ORPHANS_S:
            postmaster.kill_workers(place.data)
        time.sleep(_POLL_S)
    raise _broken(place, f"it is not ready after {_START_S:.0f} s")


def _bring_down(place: Place) -> None:
    # SIGINT: break off transactions, write everything; SIGQUIT: drop everything, recover later.
    for number, patience_s in ((signal.SIGINT, _STOP_S), (signal.SIGQUIT, _STOP_S / 6)):
        server = postmaster.running(place.data)
        if server:
            postmaster.send(server.pid, number)
        if _is_gone(place, wait_s=patience_s if server else _ORPHANS_S):
            break
    else:
        postmaster.kill_workers(place.data)
        _is_gone(place, wait_s=_STOP_S)
    place.leave_address()


def _is_gone(place: Place, *, wait_s: float) -> bool:
    deadline = time.monotonic() + wait_s
    # The process is asked too: a server started by hand holds no lock of ours.
    while postmaster.running(place.data) or not _could_lock(place.server_lock):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S)
    return True


def _unused(place: Place) -> bool:
    return _could_lock(place.users_lock)


def _could_lock(path: Path) -> bool:
    descriptor = private_files.lock(path)
    if descriptor is not None:
        os.close(descriptor)
    return descriptor is not None


def _binaries(place: Place) -> Binaries:
    major = place.major()
    try:
        return postgres_binaries.server(major)
    except Problem as problem:
        if problem.rule is not POSTGRES_MISSING or major is None:
            raise
        wanted = postgres_binaries.server().major
        if wanted == major:
            raise
        raise Problem(
            CLUSTER_OTHER_VERSION,
            place=place.root,
            found=major,
            wanted=wanted,
            mend=postgres_binaries.install_command(major),
        ) from None


def _init(binaries: Binaries, place: Place, turn: int, *, durable: bool) -> None:
    """Make the data beside its place and move it there whole.

    initdb keeps `turn` locked, so that it is not overtaken when this process is killed.
    """
    if place.data.exists() and any(place.data.iterdir()):
        raise _broken(place, "data is neither empty nor a database")
    cluster_place.clear_unfinished(place)
    fresh = Path(tempfile.mkdtemp(prefix="data.new-", dir=place.root))
    try:
        os.chown(fresh, place.account.uid, place.account.gid)
        command = postmaster.initdb_command(binaries, fresh, durable=durable)
        made = place.account.run(command, keep=turn)
        if made.returncode != 0:
            raise _broken(place, made.stdout.strip().rpartition("\n")[2])
        fresh.rename(place.data)
        private_files.sync_folder(place.root)
    finally:
        cluster_place.clear_unfinished(place)


def _furnish(place: Place, address: Address) -> None:
    """Give a server password, database and PostGIS; a start cut short may have left any out."""
    password = place.password()
    try:
        with closing(_connect(address, "postgres")) as link, link.cursor() as cursor:
            # Only the verifier travels: the password itself can reach no log.
            verifier = encrypt_password(password, OWNER, link, "scram-sha-256")
            cursor.execute(sql.SQL("ALTER ROLE CURRENT_USER PASSWORD %s"), (verifier,))
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        with closing(_connect(address, DATABASE)) as link, link.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    except psycopg2.Error as error:
        raise _broken(place, str(error).strip()) from error


def _connect(address: Address, database: str) -> connection:
    link = psycopg2.connect(
        host=str(address.socket_dir),
        port=address.port,
        user=OWNER,
        dbname=database,
        connect_timeout=10,
    )
    link.autocommit = True
    return link


def _url(database: str, **parts: Any) -> URL:
    return URL.create("postgresql+psycopg2", username=OWNER, database=database, **parts)


def _broken(place: Place, reason: str) -> Problem:
    return Problem(CLUSTER_BROKEN, place=place.root, reason=reason, log=place.log)
