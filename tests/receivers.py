"""Receivers on loopback: a real HTTP server that behaves as told, and a real SMTP server."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True)
class Got:
    """One request that came."""

    path: str
    headers: dict[str, str]
    body: bytes


Answer = Callable[[BaseHTTPRequestHandler], None]


def status(code: int) -> Answer:
    """An answer without a body."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        handler.send_header("content-length", "0")
        handler.end_headers()

    return answer


@dataclass
class Receiver:
    """An HTTP server; `answer` may be changed at any time."""

    answer: Answer = field(default_factory=lambda: status(204))
    got: list[Got] = field(default_factory=list)
    url: str = ""
    came: threading.Condition = field(default_factory=threading.Condition)

    def wait(self, count: int, seconds: float = 30) -> list[Got]:
        """The requests, when there are so many."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.got) >= count, seconds), len(self.got)
            return list(self.got)


@contextmanager
def receiving(
    answer: Answer | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    tls: SSLContext | None = None,
) -> Iterator[Receiver]:
    """A receiver that answers 204 unless told."""
    receiver = Receiver(answer or status(204))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            with receiver.came:
                receiver.got.append(Got(self.path, headers, body))
                receiver.came.notify_all()
            try:
                receiver.answer(self)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            pass  # a sender that went away

    server = Server((host, port), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    receiver.url = f"{'https' if tls else 'http'}://{host}:{server.server_address[1]}/in"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@dataclass
class Mailbox:
    """What an SMTP server took: the envelopes, and what was in them."""

    port: int = 0
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    refuse: str | None = None
    came: threading.Condition = field(default_factory=threading.Condition)

    def mails(self) -> list[EmailMessage]:
        """As a mail program reads them."""
        parser = BytesParser(policy=default)
        found = [parser.parsebytes(each) for each in self.raw]
        assert all(isinstance(each, EmailMessage) for each in found)
        return found

    def wait(self, count: int, seconds: float = 30) -> list[EmailMessage]:
        """The mails, when there are so many."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.raw) >= count, seconds), len(self.raw)
        return self.mails()

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refuse is not None:
            return self.refuse
        content = envelope.content
        assert isinstance(content, bytes)
        with self.came:
            self.envelopes.append((envelope.mail_from or "", list(envelope.rcpt_tos)))
            self.raw.append(content)
            self.came.notify_all()
        return "250 OK"


@contextmanager
def mailbox(**options: Any) -> Iterator[Mailbox]:
    """An SMTP server; options are those of aiosmtpd's."""
    box = Mailbox(port=free_port())
    server = Controller(box, hostname="127.0.0.1", port=box.port, **options)
    server.start()
    try:
        yield box
    finally:
        server.stop()


def free_port() -> int:
    """A port of loopback that nobody uses at the moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
