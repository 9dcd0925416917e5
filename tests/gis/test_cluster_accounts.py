"""Who runs a private cluster, who may enter it, and what root does not let others plant."""

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest

from gis.cluster import Cluster
from gis.errors import Problem
from gis.refusals.database import CLUSTER_FOREIGN, CLUSTER_UNREACHABLE
from gis.server import cluster_place, ordinary_account
from tests.private_clusters import ask, connect, copied, passable_folder, used_home

# The forked children of a few tests touch no thread of the test runner.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another account")


@pytest.fixture
def home() -> Iterator[Path]:
    with passable_folder() as folder:
        yield folder / "var"


@pytest.fixture(scope="module")
def pattern() -> Iterator[Path]:
    with used_home() as home:
        yield home


@pytest.fixture(scope="module")
def shared() -> Iterator[Cluster]:
    """One running cluster for the tests that only look at it."""
    with passable_folder() as home, Cluster(home, durable=False).running() as cluster:
        yield cluster


@pytest.fixture
def cluster(home: Path, pattern: Path) -> Iterator[Cluster]:
    """A cluster that was started before and is stopped."""
    cluster = copied(pattern, home)
    yield cluster
    cluster.stop(force=True)


def test_the_port_asks_for_the_password(shared: Cluster) -> None:
    tcp = shared.url(tcp=True)
    assert ask(tcp, "SELECT 1") == 1
    for password in ("", "wrong", "gridfield"):
        with pytest.raises(psycopg2.OperationalError, match="password"):
            connect(tcp, password=password, passfile="/dev/null")


def test_the_port_is_on_the_loopback_alone(shared: Cluster) -> None:
    assert ask(shared.url(), "SHOW listen_addresses") == "127.0.0.1"


def test_the_secrets_are_closed_to_every_other_account(shared: Cluster) -> None:
    place = cluster_place.find(shared.home)
    address = place.address()
    assert address
    modes = {
        place.root / "password": 0o600,
        place.data: 0o700,
        place.log: 0o700,
        address.socket_dir: 0o700,
    }
    assert {path: stat.S_IMODE(path.stat().st_mode) for path in modes} == modes
    assert not place.root.stat().st_mode & stat.S_IRWXO


@as_root
def test_another_account_of_the_machine_gets_in_neither_way(shared: Cluster) -> None:
    password = cluster_place.find(shared.home).password()
    for url in (shared.url(), shared.url(tcp=True).replace(f":{password}", "")):
        libpq = url.replace("+psycopg2", "")
        tried = subprocess.run(
            ["psql", "--no-password", "--command", "SELECT 1", libpq],
            user="nobody",
            group="nogroup",
            extra_groups=[],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        assert tried.returncode != 0
        assert "Permission denied" in tried.stderr or "password" in tried.stderr


@as_root
def test_root_does_not_run_it_and_keeps_the_control_files(shared: Cluster) -> None:
    pid = shared.status().pid
    place = cluster_place.find(shared.home)
    assert Path(f"/proc/{pid}").stat().st_uid == place.account.uid != 0
    for name in ("password", "address.json", "server.lock", "conf/pg_hba.conf"):
        assert (place.root / name).stat().st_uid == 0


@as_root
def test_root_leaves_a_users_folder_to_the_user(home: Path) -> None:
    """What root made in it, the user goes on with alone."""
    home.mkdir()
    shutil.chown(home, "daemon", "daemon")
    with Cluster(home, durable=False).running() as cluster:
        assert Path(f"/proc/{cluster.status().pid}").owner() == "daemon"
    assert {path.owner() for path in home.rglob("*")} == {"daemon"}

    def go_on() -> str:
        with Cluster(home, durable=False).running() as cluster:
            return cluster.status().account

    assert as_account("daemon", go_on) == "daemon"


@as_root
def test_a_user_is_told_whose_cluster_it_is(cluster: Cluster) -> None:
    cluster.start()
    actions = (Cluster.status, Cluster.url, Cluster.start, Cluster.stop)
    for action in actions:

        def meddle(action: Callable[[Cluster], object] = action) -> str:
            try:
                action(cluster)
            except Problem as problem:
                return problem.rule.slug
            return "let in"

        assert as_account("daemon", meddle) == CLUSTER_FOREIGN.slug


def as_account(name: str, call: Callable[[], str]) -> str:
    """What a call answers in a forked child that became another account.

    Not a new interpreter: the other account may not be allowed to read this one. Nothing of the
    child returns into the test runner.
    """
    account = ordinary_account.named(name)
    answer, said = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(account.gid)
            os.setuid(account.uid)
            os.write(said, call().encode())
        except BaseException as error:
            os.write(said, repr(error).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(said)
    with os.fdopen(answer) as text:
        return text.read()


@as_root
def test_where_the_account_cannot_reach_the_home_the_data_lie_in_a_shelter(home: Path) -> None:
    home.parent.chmod(0o700)
    shelter = Path(tempfile.mkdtemp(prefix="gf-"))
    shelter.chmod(0o755)
    cluster = Cluster(home, durable=False, shelter=shelter)
    with cluster.running():
        assert ask(cluster.url(), "SELECT 1") == 1
    place = cluster.status().place
    assert place.parent == shelter
    assert (home / "cluster").readlink() == place
    with cluster.running():
        assert cluster.status().place == place
    shutil.rmtree(shelter)


@as_root
def test_root_does_not_follow_a_link_that_a_user_planted(home: Path) -> None:
    home.mkdir()
    target = home.parent / "system"
    target.mkdir(mode=0o755)
    (home / "cluster").symlink_to(target)
    for path in (home, home / "cluster"):
        os.lchown(path, 1, 1)
    with pytest.raises(Problem) as caught, Cluster(home, durable=False).running():
        pass
    assert caught.value.rule is CLUSTER_FOREIGN
    assert stat.S_IMODE(target.stat().st_mode) == 0o755
    assert list(target.iterdir()) == []


@as_root
def test_data_that_the_account_can_no_longer_reach_are_refused_by_name(cluster: Cluster) -> None:
    cluster.home.parent.chmod(0o700)
    with pytest.raises(Problem) as caught, cluster.running():
        pass
    assert caught.value.rule is CLUSTER_UNREACHABLE
    assert "chmod o+x" in caught.value.sentence("en")
