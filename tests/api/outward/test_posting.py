"""One request: to the address that was checked, bounded in time and size, and never led on."""

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_network
from pathlib import Path

import pytest

from api.outward.networks import Networks
from api.outward.posting import Outcome, Poster
from tests.certificates import contexts
from tests.receivers import receiving, status

LOOPBACK = Networks((ip_network("127.0.0.0/8"),))


def poster(**changes: object) -> Poster:
    return Poster(**{"networks": LOOPBACK, "timeout_s": 5.0, **changes})  # type: ignore[arg-type]


def test_a_receiver_gets_what_was_sent() -> None:
    with receiving() as receiver:
        outcome = poster().post(f"{receiver.url}?a=1", b'{"x": 1}', {"webhook-id": "7"})
        assert outcome == Outcome(204)
        assert outcome.delivered
        [got] = receiver.got
    assert got.path == "/in?a=1"
    assert got.body == b'{"x": 1}'
    assert got.headers["webhook-id"] == "7"
    assert got.headers["host"] == receiver.url.split("/")[2]


def test_loopback_is_closed_unless_named() -> None:
    with receiving() as receiver:
        outcome = poster(networks=Networks()).post(receiver.url, b"", {})
        assert outcome.status is None
        assert not outcome.delivered
        assert receiver.got == []


@pytest.mark.parametrize("code", [400, 404, 410, 429, 500, 503])
def test_a_refusal_is_no_delivery(code: int) -> None:
    with receiving(status(code)) as receiver:
        outcome = poster().post(receiver.url, b"", {})
    assert outcome == Outcome(code)
    assert not outcome.delivered


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_nobody_is_led_on(code: int) -> None:
    with receiving() as hidden:

        def elsewhere(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(code)
            handler.send_header("location", hidden.url)
            handler.send_header("content-length", "0")
            handler.end_headers()

        with receiving(elsewhere) as receiver:
            assert poster().post(receiver.url, b"x", {}) == Outcome(code)
            assert len(receiver.got) == 1
        assert hidden.got == []


def test_a_receiver_that_hangs_is_left() -> None:
    let_go = threading.Event()

    def hang(_: BaseHTTPRequestHandler) -> None:
        let_go.wait(60)

    with receiving(hang) as receiver:
        outcome = poster(timeout_s=0.5).post(receiver.url, b"", {})
        let_go.set()
    assert outcome.status is None
    assert outcome.error is not None


def test_a_receiver_that_drips_is_left() -> None:
    """Each byte comes in time; all of them never would."""
    over = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not over.wait(0.05):
            handler.wfile.write(b"x-more: 1\r\n")

    begun = time.monotonic()
    with receiving(drip) as receiver:
        outcome = poster(timeout_s=1.0).post(receiver.url, b"", {})
        over.set()
    assert outcome == Outcome(None, "it took too long")
    assert time.monotonic() - begun < 30


def test_of_a_body_that_drips_the_status_counts() -> None:
    over = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
        while not over.wait(0.05):
            handler.wfile.write(b"x")

    with receiving(drip) as receiver:
        outcome = poster(timeout_s=1.0).post(receiver.url, b"", {})
        over.set()
    assert outcome == Outcome(200)


def test_ten_megabytes_are_not_read() -> None:
    sent = [0]
    done = threading.Event()

    def huge(handler: BaseHTTPRequestHandler) -> None:
        try:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 10000000\r\n\r\n")
            for _ in range(1000):
                handler.wfile.write(b"x" * 10_000)
                sent[0] += 10_000
        finally:
            done.set()

    with receiving(huge) as receiver:
        assert poster().post(receiver.url, b"", {}).delivered
        assert done.wait(30)
    # What the sockets' buffers hold goes before anybody notices.
    assert sent[0] < 10_000_000


@pytest.mark.parametrize(
    "noise",
    [
        b"\x00\xff\xfe not http at all\r\n\r\n",
        b"HTTP/1.1 999999 Odd\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 100_000 + b"\r\n\r\n",
        b"",
    ],
)
def test_noise_is_no_delivery(noise: bytes) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(noise)
        handler.close_connection = True

    with receiving(answer) as receiver:
        outcome = poster().post(receiver.url, b"", {})
    assert outcome.status is None
    assert outcome.error


def test_nobody_there() -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        port = unheard.getsockname()[1]
        outcome = poster().post(f"http://127.0.0.1:{port}/", b"", {})
    assert outcome.status is None


def test_the_name_is_asked_once_and_what_was_checked_is_reached() -> None:
    """A name that means one address when it is checked and another one when it is used."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.2" if len(asked) == 1 else "127.0.0.3"]

    with receiving(host="127.0.0.2") as first:
        port = int(first.url.split(":")[2].split("/")[0])
        with receiving(host="127.0.0.3", port=port) as second:
            url = f"http://rebinding.example:{port}/in"
            assert poster(resolve=rebinding).post(url, b"", {}).delivered
            assert asked == ["rebinding.example"]
            assert [got.headers["host"] for got in first.got] == [f"rebinding.example:{port}"]
            assert second.got == []


def test_rebinding_to_a_closed_address_reaches_nobody() -> None:
    named = Networks((ip_network("127.0.0.2/32"),))
    with receiving(host="127.0.0.3") as hidden:
        port = hidden.url.split(":")[2].split("/")[0]
        url = f"http://rebinding.example:{port}/in"
        outcome = poster(networks=named, resolve=lambda *_: ["127.0.0.3"]).post(url, b"", {})
        assert outcome.status is None
        assert hidden.got == []


def test_the_certificate_is_for_the_name_and_not_for_the_address(tmp_path: Path) -> None:
    server, client = contexts(tmp_path, "hook.example")
    with receiving(tls=server) as receiver:
        port = receiver.url.split(":")[2].split("/")[0]
        sending = poster(resolve=lambda *_: ["127.0.0.1"], tls=client)
        assert sending.post(f"https://hook.example:{port}/in", b"", {}).delivered
        assert [got.headers["host"] for got in receiver.got] == [f"hook.example:{port}"]
        other = sending.post(f"https://other.example:{port}/in", b"", {})
        assert other.status is None
        untrusted = poster(resolve=lambda *_: ["127.0.0.1"])
        assert untrusted.post(f"https://hook.example:{port}/in", b"", {}).status is None
        assert len(receiver.got) == 1


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy, receiving() as receiver:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
            monkeypatch.setenv(name.upper(), proxy.url)
        assert poster().post(receiver.url, b"", {}).delivered
        assert proxy.got == []
