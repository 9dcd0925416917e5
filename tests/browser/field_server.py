"""A whole service that can be shot: the application as a process, on a private cluster."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests

from gis import files
from gis.cluster import Cluster
from gis.postgis import Database
from gis.server import cluster_place, postmaster
from layers.admission.accounts import Account
from layers.admission.sessions import Kind
from layers.arriving import importing
from layers.declaring.people import Role
from layers.migrate import upgrade
from layers.registry import discover
from tests import people
from tests.browser.conftest import DEMO

GROUND = ("divisions", "grid_fields")
PATIENCE_S = 180  # on a busy machine
COMMUNITY = "630102007001"
INTRANET = "grid.test"
"""A name of the service that is no loopback's: by plain http it is not a secure context."""


@dataclass
class Service:
    """`serve` under `home`, on a port that stays the same from one life to the next."""

    home: Path
    port: int
    cluster: Cluster
    database: Database
    process: "subprocess.Popen[bytes] | None" = None
    shots: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        names = json.dumps([INTRANET])
        environment = {**os.environ, "GRIDFIELD_HOME": str(self.home), "GRIDFIELD_HOSTS": names}
        run = "from api.cli import main; main()"
        command = [sys.executable, "-c", run, "serve", "--port", str(self.port)]
        log = (self.home / "serve.log").open("ab")
        with log:
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                requests.get(f"{self.address}/healthz", timeout=5).raise_for_status()
            except requests.RequestException:
                assert self.process
                assert self.process.poll() is None, self.log()
                assert time.monotonic() < deadline, self.log()
                time.sleep(0.05)
            else:
                return

    def log(self) -> str:
        return (self.home / "serve.log").read_text(errors="replace")[-4000:]

    def shoot(self) -> None:
        """kill -9 of the application."""
        assert self.process
        self.process.kill()
        self.process.wait()
        self.shots.append("application")

    def shoot_database(self) -> None:
        """kill -9 of PostgreSQL, every process of it, and a new start."""
        data = cluster_place.find(self.cluster.home).data
        server = postmaster.running(data)
        assert server
        os.kill(server.pid, signal.SIGKILL)
        postmaster.kill_workers(data)
        self.cluster.start()
        self.shots.append("PostgreSQL")

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=60)

    def inspector(self) -> Account:
        return people.account(self.database, Role.INSPECTOR, COMMUNITY)

    def cookie(self, account: Account) -> str:
        return people.secret(self.database, account.id, Kind.COOKIE)


@contextmanager
def service(home: Path, port: int) -> Iterator[Service]:
    """Durable: what is committed has to outlive every shot."""
    home.chmod(0o755)
    with Cluster(home).running() as cluster:
        database = Database(cluster.url())
        upgrade(database)
        for name in GROUND:
            layer = discover().layer(name)
            importing.load(database, discover(), layer, files.read(DEMO / f"{name}.geojson"))
        served = Service(home, port, cluster, database)
        try:
            served.start()
            yield served
        finally:
            served.stop()
            database.close()
            cluster.stop(force=True)
