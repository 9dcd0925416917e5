"""A streaming replica of a private cluster, on the same machine: started, paused, killed."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from sqlalchemy import URL, make_url

from gis.cluster import Cluster
from gis.server import cluster_place, postgres_binaries
from gis.server.cluster_place import Place
from gis.server.postmaster import OWNER
from tests.private_clusters import ask

_READY_S = 60.0


@dataclass
class Standby:
    """The replica in `folder` of the cluster at `place`; its socket lies in the folder, too."""

    cluster: Cluster
    place: Place
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def url(self, database: str) -> str:
        """How SQLAlchemy reaches it, as the owner of the cluster."""
        query = {"host": str(self.folder), "port": str(self.port)}
        url = URL.create("postgresql+psycopg2", username=OWNER, database=database, query=query)
        return url.render_as_string(hide_password=False)

    def start(self) -> None:
        """Start it and come back when it answers."""
        conf, account = self.place.conf, self.place.account
        settings = {
            "config_file": conf / "postgresql.conf",
            "hba_file": conf / "pg_hba.conf",
            "ident_file": conf / "pg_ident.conf",
            "logging_collector": "off",
            "unix_socket_directories": self.folder,
            "port": self.port,
        }
        told = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        server = _program(self.place, "postgres")
        with (self.folder.parent / "standby.log").open("ab") as log:
            self.process = subprocess.Popen(
                [server, "-D", str(self.folder / "data"), *told],
                cwd="/",
                env={"LC_ALL": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=None if account.is_self else account.uid,
                group=None if account.is_self else account.gid,
                extra_groups=None if account.is_self else [],
            )
        _until(self._answers, self.process)

    def kill(self) -> None:
        """End it at once, as a power cut would for whoever is connected."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(_READY_S)
            self.process = None

    def pause(self) -> None:
        """Replay nothing more until `resume`; what comes meanwhile is kept."""
        ask(self.url("postgres"), "SELECT pg_wal_replay_pause()")
        state = "SELECT pg_get_wal_replay_pause_state() = 'paused'"
        _until(lambda: bool(ask(self.url("postgres"), state)), self.process)

    def resume(self) -> None:
        ask(self.url("postgres"), "SELECT pg_wal_replay_resume()")

    def catch_up(self) -> None:
        """Come back when it has replayed all that the primary has written."""
        lsn = ask(self.cluster.url("postgres"), "SELECT pg_current_wal_flush_lsn()::text")
        replayed = f"SELECT pg_last_wal_replay_lsn() >= '{lsn}'::pg_lsn"
        _until(lambda: bool(ask(self.url("postgres"), replayed)), self.process)

    def _answers(self) -> bool:
        try:
            return ask(self.url("postgres"), "SELECT pg_is_in_recovery()") is True
        except psycopg2.OperationalError:
            return False


@contextmanager
def standing_by(cluster: Cluster, folder: Path) -> Iterator[Standby]:
    """A replica of a running cluster; its files lie in `folder`, which every account may pass."""
    place = cluster_place.find(cluster.home)
    _let_in(cluster, place)
    own = folder / "standby"
    own.mkdir(mode=0o700)
    os.chown(own, place.account.uid, place.account.gid)
    query = make_url(cluster.url("postgres")).query
    where = ["-h", str(query["host"]), "-p", str(query["port"]), "-U", OWNER]
    copy = [_program(place, "pg_basebackup"), *where, "-D", str(own / "data")]
    made = place.account.run([*copy, "--write-recovery-conf", "--checkpoint=fast"])
    assert made.returncode == 0, made.stdout
    standby = Standby(cluster, place, own, free_port())
    standby.start()
    try:
        yield standby
    finally:
        standby.kill()


def _let_in(cluster: Cluster, place: Place) -> None:
    """Let a replica read the log of the cluster, which by itself lets nobody."""
    rules = place.conf / "pg_hba.conf"
    with rules.open("a", encoding="utf-8") as file:
        file.write(f"local replication {OWNER} peer map={OWNER}\n")
    ask(cluster.url("postgres"), "SELECT pg_reload_conf()")


def free_port() -> int:
    """A loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _program(place: Place, name: str) -> str:
    return postgres_binaries.server(place.major()).program(name)


def _until(ready: Callable[[], bool], process: subprocess.Popen[bytes] | None) -> None:
    deadline = time.monotonic() + _READY_S
    while not ready():
        assert process is None or process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
