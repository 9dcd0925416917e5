"""pgbouncer in transaction mode before a private cluster: all share one connection."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
from sqlalchemy import URL, make_url

from gis.clock import ZONE
from gis.cluster import Cluster
from gis.server import cluster_place
from tests.private_clusters import ask
from tests.standby import free_port

_READY_S = 30.0
_CONF = """\
[databases]
{name} = host={host} port={port} dbname={name} connect_query='SET timezone = ''{zone}'''
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 1
ignore_startup_parameters = extra_float_digits, options
"""


@contextmanager
def pooled(cluster: Cluster, name: str, folder: Path) -> Iterator[str]:
    """How SQLAlchemy reaches a database through it; every account may pass through the folder."""
    account = cluster_place.find(cluster.home).account
    whole = make_url(cluster.url(name))
    listen = free_port()
    conf = folder / "pgbouncer.ini"
    told = {"name": name, "host": whole.query["host"], "port": whole.query["port"]}
    users = f"{name} = user={whole.username} "
    text = _CONF.format(**told, zone=ZONE, listen=listen).replace(f"{name} = ", users, 1)
    conf.write_text(text, encoding="utf-8")
    os.chown(conf, account.uid, account.gid)
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program is not None, "run scripts/setup --with-tests"
    with (folder / "pgbouncer.log").open("wb") as log:
        process = subprocess.Popen(
            [program, str(conf)],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            user=None if account.is_self else account.uid,
            group=None if account.is_self else account.gid,
            extra_groups=None if account.is_self else [],
        )
    url = URL.create("postgresql+psycopg2", whole.username, None, "127.0.0.1", listen, name)
    try:
        _wait(url.render_as_string(), process)
        yield url.render_as_string()
    finally:
        process.terminate()
        process.wait(_READY_S)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _READY_S
    while True:
        assert process.poll() is None
        try:
            ask(url, "SELECT 1")
        except psycopg2.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        else:
            return
