"""Real clusters: who starts and stops them, and what a second start finds."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from gis.cluster import Cluster
from gis.errors import Problem
from gis.refusals.database import CLUSTER_ABSENT, CLUSTER_BROKEN, CLUSTER_OTHER_VERSION
from gis.server import postmaster
from tests.private_clusters import ask, connect, copied, passable_folder, used_home


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
def fresh(home: Path) -> Iterator[Cluster]:
    """A cluster before its first start."""
    cluster = Cluster(home, durable=False)
    yield cluster
    cluster.stop(force=True)


@pytest.fixture
def cluster(fresh: Cluster, pattern: Path) -> Cluster:
    """A cluster that was started before and is stopped."""
    return copied(pattern, fresh.home)


def test_it_runs_only_while_somebody_uses_it(fresh: Cluster) -> None:
    with fresh.running():
        assert fresh.status().pid is not None
        assert str(ask(fresh.url(), "SELECT postgis_version()")).startswith("3.")
    assert fresh.status().pid is None
    assert fresh.status().major is not None


def test_the_first_to_leave_does_not_stop_it_for_the_second(cluster: Cluster) -> None:
    with cluster.running():
        with Cluster(cluster.home, durable=False).running():
            pass
        assert ask(cluster.url(), "SELECT 1") == 1


def test_what_start_began_goes_on_until_stop(cluster: Cluster) -> None:
    cluster.start()
    with cluster.running():
        pass
    assert cluster.status().pinned
    assert ask(cluster.url(), "SELECT 1") == 1
    assert cluster.stop()
    assert cluster.status().pid is None
    assert not cluster.status().pinned


def test_stop_leaves_it_to_its_users_unless_forced(cluster: Cluster) -> None:
    cluster.start()
    with cluster.running():
        assert not cluster.stop()
        assert ask(cluster.url(), "SELECT 1") == 1
        assert cluster.stop(force=True)
        assert cluster.status().pid is None


def test_stop_before_the_first_start_makes_nothing(fresh: Cluster) -> None:
    assert fresh.stop()
    assert not fresh.home.exists()


def test_there_is_no_url_before_the_first_start(fresh: Cluster) -> None:
    with pytest.raises(Problem) as caught:
        fresh.url()
    assert caught.value.rule is CLUSTER_ABSENT


def test_the_data_survives_a_stop(cluster: Cluster) -> None:
    with cluster.running(), closing(connect(cluster.url())) as link:
        link.cursor().execute("CREATE TABLE kept AS SELECT 7 AS n")
    with cluster.running():
        assert ask(cluster.url(), "SELECT n FROM kept") == 7


def test_two_processes_that_start_at_once_share_one_server(home: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from gis.cluster import Cluster\n"
        "with Cluster(Path(sys.argv[1]), durable=False).running() as cluster:\n"
        "    print(cluster.status().pid, flush=True); sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, str(home)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as one, subprocess.Popen(command, **pipes) as two:
        pids = [process.stdout.readline() for process in (one, two)]
        for process in (one, two):
            process.communicate(timeout=60)
    assert pids[0] == pids[1] != ""
    assert (one.returncode, two.returncode) == (0, 0)
    assert Cluster(home).status().pid is None


def test_a_durable_cluster_writes_through_and_checks_its_pages(home: Path) -> None:
    with Cluster(home).running() as cluster:
        url = cluster.url()
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert ask(url, f"SHOW {setting}") == "on"


def test_text_is_utf8_in_codepoint_order_and_names_can_sort_by_pinyin(shared: Cluster) -> None:
    url = shared.url()
    assert ask(url, "SHOW server_encoding") == "UTF8"
    assert ask(url, "SHOW lc_collate") == "C.UTF-8"
    question = """SELECT string_agg(n, '' ORDER BY n COLLATE "zh-x-icu") FROM
                  unnest(array['张', '李', '阿']) n"""
    assert ask(url, question) == "阿李张"


@pytest.mark.parametrize("name", ["x" * 120, 'a,b:c\'d \\ $HOME `id` "e"', "责任田 网格"])
def test_any_folder_name_will_do(home: Path, pattern: Path, name: str) -> None:
    home.mkdir()
    cluster = copied(pattern, home / name)
    with cluster.running():
        for url in (cluster.url(), cluster.url(tcp=True)):
            assert ask(url, "SELECT 1") == 1
        address = cluster.status().address
        assert address
        assert address.socket_dir.is_dir()
    left = list(address.socket_dir.iterdir()) if address.socket_dir.exists() else []
    assert left == []
    assert address.socket_dir.is_relative_to(home) or not address.socket_dir.exists()


def test_a_port_taken_meanwhile_is_left_to_its_owner(cluster: Cluster) -> None:
    before = cluster.status().address
    assert before
    with socket.socket() as taken:
        # Connections of an earlier test may still be closing on this port.
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", before.port))
        taken.listen()
        with cluster.running():
            after = cluster.status().address
            assert after
            assert after.port != before.port
            assert ask(cluster.url(tcp=True), "SELECT 1") == 1


def test_a_lost_password_is_replaced(cluster: Cluster) -> None:
    (cluster.status().place / "password").unlink()
    with cluster.running():
        assert ask(cluster.url(tcp=True), "SELECT 1") == 1


def test_a_lost_address_is_found_again(cluster: Cluster) -> None:
    cluster.start()
    (cluster.status().place / "address.json").write_text("{not json")
    with cluster.running():
        assert ask(cluster.url(), "SELECT 1") == 1


def test_another_major_version_is_refused_with_the_way_out(cluster: Cluster) -> None:
    version = cluster.status().place / "data" / "PG_VERSION"
    version.write_text("9\n")
    with pytest.raises(Problem) as caught, cluster.running():
        pass
    assert caught.value.rule is CLUSTER_OTHER_VERSION
    for word in ("postgresql-9-postgis-3", "backup", "restore"):
        assert word in caught.value.sentence("en")


def test_a_broken_start_quotes_the_log(cluster: Cluster) -> None:
    (cluster.status().place / "data" / "global" / "pg_control").unlink()
    with pytest.raises(Problem) as caught, cluster.running():
        pass
    assert caught.value.rule is CLUSTER_BROKEN
    assert "could not find the database system" in caught.value.sentence("en")


def test_a_folder_of_something_else_is_not_touched(fresh: Cluster) -> None:
    data = fresh.home / "cluster" / "data"
    data.mkdir(parents=True)
    (data / "novel.txt").write_text("chapter one")
    with pytest.raises(Problem) as caught, fresh.running():
        pass
    assert "neither empty nor a database" in caught.value.sentence("en")
    assert (data / "novel.txt").read_text() == "chapter one"


def test_the_log_holds_no_values_of_refused_rows(cluster: Cluster) -> None:
    with cluster.running(), closing(connect(cluster.url())) as link, link.cursor() as cursor:
        cursor.execute("CREATE TABLE people (phone text PRIMARY KEY)")
        for _ in range(2):
            try:
                cursor.execute("INSERT INTO people VALUES ('13800138000')")
            except psycopg2.errors.UniqueViolation:
                break
        cursor.execute("SELECT pg_current_logfile()")
        log = Path((cursor.fetchone() or ("",))[0])
    text = log.read_text()
    assert "duplicate key" in text
    assert "13800138000" not in text


def test_postmasters_are_told_from_processes_that_only_stand_in_the_folder(
    cluster: Cluster,
) -> None:
    with cluster.running():
        data = cluster.status().place / "data"
        with subprocess.Popen(["sleep", "60"], cwd=data) as bystander:
            workers = postmaster.workers(data)
            bystander.kill()
        assert cluster.status().pid in workers
        assert bystander.pid not in workers
