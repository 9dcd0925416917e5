"""The real process: it starts, says where, and leaves nothing behind however it is ended."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPResponse
from pathlib import Path

import pytest

from api.refusals import NOT_LOOPBACK, PORT_TAKEN
from api.serving import address_of, bind
from gis.cluster import Cluster
from gis.errors import Problem
from gis.postgis import Database
from layers.declaring.rights import ROLE_LABELS
from tests.people import bearer

pytestmark = pytest.mark.fault

Serve = Callable[..., tuple[subprocess.Popen[str], str]]


@pytest.fixture
def home() -> Iterator[Path]:
    # Not pytest's own folder: the database's user could not enter it when root runs the tests.
    with tempfile.TemporaryDirectory(prefix="gridfield-test-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        yield home


@pytest.fixture
def serve(home: Path) -> Iterator[Serve]:
    """Start `gridfield serve`; whatever a test leaves running is killed."""
    started = []

    def start(*options: str, **environment: str) -> tuple[subprocess.Popen[str], str]:
        process = _gridfield(home, "serve", "--port", "0", *options, **environment)
        started.append(process)
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            found = re.search(r"http://\S+", line)
            if found:
                return process, found[0]
        raise AssertionError(said + (process.stderr.read() if process.stderr else ""))

    yield start
    for process in started:
        process.kill()
        process.communicate()
    Cluster(home).stop(force=True)


def _gridfield(home: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", "from api.cli import main; main()", *arguments],
        env=os.environ | {"GRIDFIELD_HOME": str(home)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _admin(home: Path) -> dict[str, str]:
    """The header of a program that acts for a new admin."""
    database = Database(Cluster(home).url())
    try:
        return bearer(database)
    finally:
        database.close()


def _get(address: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    request = urllib.request.Request(address, headers=headers or {})  # noqa: S310  our own server
    try:
        with urllib.request.urlopen(request, timeout=20) as response:  # noqa: S310
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def _ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, said = process.communicate(timeout=30)
    return process.returncode, said


def _stopped(home: Path) -> bool:
    return Cluster(home).status().pid is None


def test_it_serves_the_demo_and_ends_with_ctrl_c(serve: Serve, home: Path) -> None:
    process, address = serve("--demo")
    admin, items = _admin(home), f"{address}/collections/illegal_structures/items"
    assert _get(f"{address}/readyz") == (200, "ready\n")
    assert '"numberMatched": 13' in _get(items, admin)[1]
    process.send_signal(signal.SIGINT)
    assert _ended(process) == (0, "")
    assert _stopped(home)
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=5)

    # The second start finds its data and loads nothing again.
    process, address = serve("--demo", GRIDFIELD_LANG="en")
    items = f"{address}/collections/illegal_structures/items"
    assert '"numberMatched": 13' in _get(items, admin)[1]
    process.send_signal(signal.SIGTERM)
    assert _ended(process) == (0, "")
    assert _stopped(home)


def test_the_demo_prints_a_link_for_each_role_that_opens_once(serve: Serve) -> None:
    process, address = serve("--demo")
    assert process.stdout is not None
    process.stdout.readline()  # what the links are
    told = [process.stdout.readline() for _ in range(2 * len(ROLE_LABELS))]
    links, meanings = [line.strip() for line in told[::2]], told[1::2]
    for link, meaning, label in zip(links, meanings, _by_rank(), strict=True):
        assert link.startswith(f"{address}/auth/links/")
        assert meaning.strip().startswith(f"{label}：")
        assert _get(link)[0] == 200
    opened = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    opened.addheaders = [("accept", "text/html")]
    with opened.open(urllib.request.Request(links[0], b"", {}), timeout=20) as page:  # noqa: S310
        assert page.url == f"{address}/"
        assert "网格责任田" in page.read().decode()
    assert _get(links[0])[0] == 410


def _by_rank() -> list[str]:
    return [label.zh for label in reversed(ROLE_LABELS.values())]


def test_an_open_connection_does_not_keep_it(serve: Serve, home: Path) -> None:
    process, address = serve()
    host, port = "127.0.0.1", int(address.rpartition(":")[2])
    admin = f"Authorization: {_admin(home)['authorization']}\r\n".encode()
    with (
        socket.create_connection((host, port)) as idle,
        socket.create_connection((host, port)) as slow,
    ):
        slow.sendall(b"POST /responsible HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n")
        slow.sendall(b"Content-Type: application/json\r\n" + admin + b"\r\n{")
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert idle.recv(100).startswith(b"HTTP/1.1 200")
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)  # impatience
        code, said = _ended(process)
    assert code == 0
    assert "Traceback" not in said
    assert _stopped(home)


def test_ctrl_c_while_it_starts_leaves_nothing(home: Path) -> None:
    for delay_s in (0.3, 1.0, 1.8, 2.6):
        process = _gridfield(home, "serve", "--port", "0")
        time.sleep(delay_s)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        assert process.returncode in (0, 130, -signal.SIGINT), said
        assert _stopped(home)


def test_a_port_that_is_taken_is_one_sentence(serve: Serve, home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        second = _gridfield(home, "serve", "--port", port, GRIDFIELD_LANG="en")
        out, said = second.communicate(timeout=30)
    assert second.returncode == 1
    assert out == ""
    assert re.fullmatch(rf"Port {port} of 127.0.0.1 cannot be used: .+\n", said)
    assert _stopped(home)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com", "localhost.evil"])  # noqa: S104
def test_it_serves_this_machine_alone(host: str) -> None:
    with pytest.raises(Problem) as refused:
        bind(host, 0)
    assert refused.value.rule is NOT_LOOPBACK


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_a_free_port_is_found_before_anything_is_said(host: str) -> None:
    with bind(host, 0) as listener:
        port = listener.getsockname()[1]
        assert address_of(listener).endswith(f":{port}")
        with pytest.raises(Problem) as refused:
            bind(host, port)
        assert refused.value.rule is PORT_TAKEN


def test_head_and_a_raw_path_are_answered_by_the_server(serve: Serve, home: Path) -> None:
    _, address = serve("--demo")
    head = f"Host: localhost\r\nAuthorization: {_admin(home)['authorization']}\r\n".encode()
    port = int(address.rpartition(":")[2])
    for request, wanted in (
        (b"HEAD /collections/buildings/export HTTP/1.1", b"HTTP/1.1 200"),
        (b"GET /collections/%ff%fe/items?bbox=%ff HTTP/1.1", b"HTTP/1.1 404"),
        (b"GET //evil.example/ HTTP/1.1", b"HTTP/1.1 404"),
        (b"GET /../../etc/passwd HTTP/1.1", b"HTTP/1.1 404"),
        (b"OPTIONS * HTTP/1.1", b"HTTP/1.1 404"),
        (b"TRACE / HTTP/1.1", b"HTTP/1.1 405"),
        (b"BREW / HTTP/1.1", b"HTTP/1.1 400"),  # no method that HTTP knows
    ):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(request + b"\r\n" + head + b"Connection: close\r\n\r\n")
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        assert answer.startswith(wanted), request
        if request.startswith(b"HEAD"):
            assert answer.endswith(b"\r\n\r\n")


def test_a_head_without_end_is_refused(serve: Serve) -> None:
    _, address = serve("--demo")
    port = int(address.rpartition(":")[2])
    for start in (b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: ", b"GET /?"):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(start)
            with suppress(ConnectionError):  # it hangs up in the midst of it
                for _ in range(64):
                    connection.sendall(b"a" * 65536)
            with suppress(ConnectionError):
                assert connection.recv(100).startswith(b"HTTP/1.1 431")
    with socket.create_connection(("127.0.0.1", port)) as connection:
        # As much as is allowed, in pieces, and another request behind it.
        connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: " + b"a" * 30_000)
        connection.sendall(b"a" * 30_000 + b"\r\n\r\n")
        assert _answer(connection) == b"ok\n"
        connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert _answer(connection) == b"ok\n"


def _answer(connection: socket.socket) -> bytes:
    """The body of the next answer, which may come in pieces."""
    answer = HTTPResponse(connection)
    answer.begin()
    assert answer.status == 200
    return answer.read()


def test_a_reader_that_hangs_up_frees_the_database(serve: Serve, home: Path) -> None:
    _, address = serve("--demo")
    admin = _admin(home)
    head = f"Host: localhost\r\nAuthorization: {admin['authorization']}\r\n\r\n".encode()
    port = int(address.rpartition(":")[2])
    for _ in range(12):  # more than there are places for exports
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(b"GET /collections/buildings/export HTTP/1.1\r\n" + head)
            connection.recv(1000)
    deadline = time.monotonic() + 20
    while "gridfield_database_connections 0" not in _get(f"{address}/metrics", admin)[1]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert _get(f"{address}/collections/buildings/export?f=csv", admin)[0] == 200


@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="GDAL's programs are not installed")
def test_another_houses_client_understands_it(serve: Serve, home: Path) -> None:
    _, address = serve("--demo")
    header = f"Authorization: {_admin(home)['authorization']}"

    def ogrinfo(*arguments: str) -> str:
        command = ["ogrinfo", "-ro", *arguments, f"OAPIF:{address}"]
        return subprocess.run(
            command,
            env={**os.environ, "GDAL_HTTP_HEADERS": header},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout

    assert "grid_fields (title: 网格责任田) (Polygon)" in ogrinfo()
    # 2,125 buildings are more than GDAL asks for at once: it follows the next links.
    every = ogrinfo("-q", "-al", "-geom=NO", "-where", "source IS NOT NULL")
    assert every.count("OGRFeature(buildings)") > 2000
    # Those of the year, and those of now.
    files = Path("data/shapes").glob("**/illegal_structures.geojson")
    records = sum(len(json.loads(path.read_text("utf-8"))["features"]) for path in files)
    assert every.count("OGRFeature(illegal_structures)") == records > 0


def test_a_ctrl_c_that_python_loses_still_ends_it(home: Path) -> None:
    """An exception raised inside a collector's callback is dropped; the wish to end is not."""
    lost = (
        "import gc, os, signal, sys\n"
        "from api import ending, cli\n"
        "ending.watch()\n"
        "def collected(phase, info):\n"
        "    gc.callbacks.clear()\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "gc.callbacks.append(collected)\n"
        "gc.collect()\n"
        "sys.stderr.write('went on\\n')\n"
        "cli.main()\n"
    )
    environment = {**os.environ, "GRIDFIELD_HOME": str(home)}
    environment.pop("GRIDFIELD_DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-c", lost, "serve", "--port", "0"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "went on" in done.stderr
    assert done.returncode == 0, done.stderr
    assert _stopped(home)
