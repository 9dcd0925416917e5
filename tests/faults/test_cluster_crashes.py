"""The private cluster after its processes were killed at the worst moments."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest

from gis.cluster import Cluster
from gis.errors import Problem
from gis.refusals.database import CLUSTER_BROKEN
from gis.server import cluster_place, postgres_binaries, postmaster
from tests.private_clusters import ask, copied, passable_folder, used_home

pytestmark = pytest.mark.fault

USE = """
import sys
from pathlib import Path
from gis.cluster import Cluster
with Cluster(Path(sys.argv[1]), durable=False).running():
    print("up", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    with passable_folder() as folder:
        yield folder / "var"


@pytest.fixture(scope="module")
def pattern() -> Iterator[Path]:
    with used_home() as home:
        yield home


@pytest.fixture
def cluster(home: Path, pattern: Path) -> Iterator[Cluster]:
    """A cluster that was started before and is stopped."""
    cluster = copied(pattern, home)
    yield cluster
    cluster.stop(force=True)


def data_of(cluster: Cluster) -> Path:
    return cluster_place.find(cluster.home).data


def eventually(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.002)


@contextmanager
def user_process(home: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that uses the cluster until it is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", USE, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def process_of(cluster: Cluster) -> Iterator[int]:
    """An unrelated live process of the account that runs PostgreSQL; the latter may signal it."""
    account = cluster_place.find(cluster.home).account
    other = {} if account.is_self else {"user": account.uid, "group": account.gid}
    with subprocess.Popen(["sleep", "600"], cwd="/", **other) as process:
        try:
            yield process.pid
        finally:
            process.kill()


MOMENTS = {
    "initdb has begun": "cluster/data.new-*/PG_VERSION",
    "initdb has ended": "cluster/data/PG_VERSION",
    "the server has begun": "cluster/data/postmaster.pid",
    "the socket is there": "cluster/socket/.s.PGSQL.*",
}


@pytest.mark.parametrize("traces", MOMENTS.values(), ids=MOMENTS)
def test_a_first_start_killed_on_the_way_leaves_the_next_a_whole_cluster(
    home: Path, traces: str
) -> None:
    with user_process(home) as starter:
        eventually(lambda: list(home.glob(traces)))
        starter.kill()
    with Cluster(home, durable=False).running() as cluster:
        assert str(ask(cluster.url(), "SELECT postgis_version()")).startswith("3.")
        assert ask(cluster.url(), "SHOW data_checksums") == "on"
    assert list(home.glob("cluster/data.new-*")) == []
    assert postmaster.workers(data_of(cluster)) == []


def test_the_next_user_joins_the_server_that_a_killed_one_left_and_ends_it(
    cluster: Cluster, home: Path
) -> None:
    with user_process(home) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "up\n"
        holder.kill()
    orphan = cluster.status().pid
    assert orphan is not None
    with cluster.running():
        assert cluster.status().pid == orphan
    assert cluster.status().pid is None


def test_a_killed_user_does_not_keep_a_server_from_stopping(cluster: Cluster, home: Path) -> None:
    with cluster.running():
        with user_process(home) as holder:
            assert holder.stdout
            assert holder.stdout.readline() == "up\n"
            holder.kill()
        assert cluster.status().pid is not None
    assert cluster.status().pid is None


def test_what_was_committed_survives_the_death_of_every_server_process(
    cluster: Cluster,
) -> None:
    durable = Cluster(cluster.home)
    with durable.running():
        ask(durable.url(), "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (7)")
        postmaster.kill_workers(data_of(durable))
    with durable.running():
        assert ask(durable.url(), "SELECT n FROM kept") == 7


def test_a_busy_backend_of_a_dead_postmaster_does_not_block_the_next_start(
    cluster: Cluster,
) -> None:
    durable = Cluster(cluster.home)
    with durable.running():
        ask(durable.url(), "CREATE TABLE kept AS SELECT 7 AS n")
        toil = threading.Thread(target=toil_until_cut_off, args=(durable,))
        toil.start()
        question = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO %'"
        eventually(lambda: ask(durable.url(), question) == 1)
        pid = durable.status().pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: durable.status().pid is None)
        assert postmaster.workers(data_of(durable)) != []
        with Cluster(cluster.home).running() as other:
            assert ask(other.url(), "SELECT n FROM kept") == 7
        toil.join(timeout=60)
        assert not toil.is_alive()


def toil_until_cut_off(cluster: Cluster) -> None:
    """A loop without a wait never notices that the postmaster died."""
    with pytest.raises(psycopg2.OperationalError):
        ask(cluster.url(), "DO $$ BEGIN LOOP END LOOP; END $$")


def test_a_pid_file_of_a_dead_process_is_no_obstacle(cluster: Cluster) -> None:
    with cluster.running():
        text = (data_of(cluster) / "postmaster.pid").read_text()
    with process_of(cluster) as pid:
        pass
    leave_pid_file(cluster, text, pid)
    with cluster.running():
        assert ask(cluster.url(), "SELECT 1") == 1


def test_a_pid_file_with_the_number_of_another_live_process_is_no_obstacle(
    cluster: Cluster,
) -> None:
    with cluster.running():
        text = (data_of(cluster) / "postmaster.pid").read_text()
    with process_of(cluster) as pid:
        leave_pid_file(cluster, text, pid)
        assert cluster.status().pid is None
        with cluster.running():
            assert ask(cluster.url(), "SELECT 1") == 1
        os.kill(pid, 0)


def leave_pid_file(cluster: Cluster, text: str, pid: int) -> None:
    place = cluster_place.find(cluster.home)
    file = place.data / "postmaster.pid"
    file.write_text(f"{pid}\n{text.partition(chr(10))[2]}")
    os.chown(file, place.account.uid, place.account.gid)


def test_a_socket_lock_with_the_number_of_another_live_process_is_no_obstacle(
    cluster: Cluster,
) -> None:
    with cluster.running():
        address = cluster.status().address
    assert address
    with process_of(cluster) as pid:
        place = cluster_place.find(cluster.home)
        for ending in ("", ".lock"):
            file = address.socket_dir / f".s.PGSQL.{address.port}{ending}"
            file.write_text(f"{pid}\n{place.data}\n0\n{address.port}\n{address.socket_dir}\n")
            os.chown(file, place.account.uid, place.account.gid)
        with cluster.running():
            assert ask(cluster.url(), "SELECT 1") == 1


def test_two_starts_at_once_after_a_crash_share_one_server(cluster: Cluster, home: Path) -> None:
    with cluster.running():
        postmaster.kill_workers(data_of(cluster))
    with user_process(home) as one, user_process(home) as two:
        for process in (one, two):
            assert process.stdout
            assert process.stdout.readline() == "up\n"
        assert len({cluster.status().pid, None}) == 2


def test_a_server_that_somebody_started_by_hand_is_named(cluster: Cluster) -> None:
    place = cluster_place.find(cluster.home)
    program = postgres_binaries.server().program("postgres")
    options = {"unix_socket_directories": place.root / "socket", "listen_addresses": ""}
    words = [word for key, value in options.items() for word in ("-c", f"{key}={value}")]
    place.account.run(
        ["setsid", "--fork", program, "-D", str(place.data), *words], output=subprocess.DEVNULL
    )
    eventually(lambda: postmaster.running(place.data))
    with pytest.raises(Problem) as caught, cluster.running():
        pass
    assert caught.value.rule is CLUSTER_BROKEN
    assert "started by other means" in caught.value.sentence("en")
    assert cluster.stop(force=True)
    eventually(lambda: not postmaster.workers(place.data))
