"""One request to an address that somebody gave us: bounded in time and size, and never led on."""

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from api.outward.networks import Address, Networks, Resolve, Target, checked, parse, resolved
from gis.errors import Problem

_READ_BYTES = 16_384
_REASON_CHARS = 200
_METHOD = "POST"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request: the status that came back, or why none did."""

    status: int | None
    error: str | None = None

    @property
    def delivered(self) -> bool:
        """Whether the receiver has it; that it lies elsewhere now is no answer."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Poster:
    """Sends requests to the networks that are open to it, each within `timeout_s` in all.

    Proxies of the environment are not used: they would resolve names anew.
    """

    networks: Networks
    timeout_s: float
    resolve: Resolve = resolved
    tls: ssl.SSLContext | None = None

    def check(self, url: str) -> None:
        """Whether a request could go there now. Problems: WEBHOOK_URL, WEBHOOK_TARGET."""
        checked(parse(url), self.networks, self.resolve)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
        """Send it once. What goes wrong is the outcome; nothing is raised."""
        try:
            target = parse(url)
            address = checked(target, self.networks, self.resolve)
        except Problem as problem:
            return Outcome(None, problem.sentence("en"))
        connection = self._connection(target, address)
        try:
            with _cut_off(connection, self.timeout_s) as late:
                return Outcome(_sent(connection, target, body, headers, late))
        except (HTTPError, http.client.HTTPException, OSError, ValueError) as error:
            return Outcome(None, _said(error))
        finally:
            connection.close()

    def _connection(self, target: Target, address: Address) -> HTTPConnection:
        """To the address that was checked; the certificate must be for the name all the same."""
        if target.scheme == "http":
            return HTTPConnection(str(address), target.port, timeout=self.timeout_s)
        return HTTPSConnection(
            str(address),
            target.port,
            timeout=self.timeout_s,
            server_hostname=target.host,
            ssl_context=self.tls or ssl.create_default_context(),
        )


def _sent(
    connection: HTTPConnection,
    target: Target,
    body: bytes,
    headers: Mapping[str, str],
    late: threading.Event,
) -> int:
    given = {**headers, "host": target.host_header}
    connection.request(_METHOD, target.path, body=body, headers=given, preload_content=False)
    response = connection.getresponse()
    if late.is_set():  # what was cut off looks like the end of the headers
        raise TimeoutError
    with suppress(HTTPError, OSError):
        # Enough that a short answer ends in order; nobody looks at it, however it ends.
        response.read(_READ_BYTES, decode_content=False)
    return response.status


@contextmanager
def _cut_off(connection: HTTPConnection, after_s: float) -> Iterator[threading.Event]:
    """End the connection after so long, whatever it is at: a receiver that sends one byte every
    now and then would keep us for ever."""
    late = threading.Event()

    def cut() -> None:
        late.set()
        link = connection.sock
        if link is not None:
            try:
                # Not the method of a TLS socket, which another thread is using.
                socket.socket.shutdown(link, socket.SHUT_RDWR)
            except OSError:
                return  # it has ended by itself

    timer = threading.Timer(after_s, cut)
    timer.start()
    try:
        yield late
    except (HTTPError, http.client.HTTPException, OSError, ValueError) as error:
        if late.is_set():
            raise TimeoutError("it took too long") from error
        raise
    finally:
        timer.cancel()


def _said(error: Exception) -> str:
    """Why, in a line that may be shown."""
    line = "".join(filter(str.isprintable, str(error) or type(error).__name__))
    return line[:_REASON_CHARS]
