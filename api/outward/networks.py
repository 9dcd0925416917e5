"""Which addresses a request of ours may go to: public ones, and networks that were named.

Whoever may set an address that we call could otherwise reach through us what only we can reach:
the database, a metadata service, a neighbour's printer (OWASP: server-side request forgery).
"""

import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from api.refusals import WEBHOOK_TARGET, WEBHOOK_URL
from gis.errors import Problem

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Sequence[str]]

URL_LIMIT = 1000
_PORTS = {"http": 80, "https": 443}
_WELL_KNOWN = 1024
# What carries an IPv4 address inside: a gateway would unpack it.
_NAT64 = IPv6Network("64:ff9b::/96")
_NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")
_COMPATIBLE = IPv6Network("::/96")
# Of the registries of special addresses, what not every Python's `ipaddress` knows.
_SPECIAL: Sequence[Network] = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv6Network("2001::/23"),
    IPv6Network("3fff::/20"),
    IPv6Network("5f00::/16"),
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes, as its address says it; `host` is what a certificate must be for."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        """The value of the Host header (RFC 9110 §7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Networks:
    """Public addresses, and the `named` networks beside them."""

    named: tuple[Network, ...] = ()

    def admit(self, address: Address) -> bool:
        """Whether a request may go to this address."""
        return all(self._admits(each) for each in _meant(address))

    def _admits(self, address: Address) -> bool:
        return self.names(address) or is_public(address)

    def names(self, address: Address) -> bool:
        """Whether it lies in one of the named networks."""
        return _within(address, self.named)


def is_public(address: Address) -> bool:
    """Whether anybody in the world may have this unicast address."""
    own = (
        address.is_multicast,
        address.is_reserved,
        address.is_loopback,
        address.is_link_local,
        address.is_private,
        address.is_unspecified,
        isinstance(address, IPv6Address) and address.is_site_local,
        _within(address, _SPECIAL),
    )
    return address.is_global and not any(own)


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(each.version == address.version and address in each for each in networks)


def _meant(address: Address) -> Iterator[Address]:
    """The address itself, and those that it has inside."""
    if isinstance(address, IPv4Address):
        yield address
        return
    if address.ipv4_mapped is not None:  # the same as the one inside, written differently
        yield address.ipv4_mapped
        return
    yield address
    last = IPv4Address(int(address) & 0xFFFF_FFFF)
    if address in _NAT64 or address in _NAT64_LOCAL or address in _COMPATIBLE:
        yield last
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo


def parse(url: str) -> Target:
    """The target that an address names; Problem(WEBHOOK_URL) says what is wrong with it."""
    if len(url) > URL_LIMIT or not url.isprintable() or not url.isascii() or " " in url:
        reason = f"it wants at most {URL_LIMIT} characters of ASCII, and no spaces"
        raise _wrong(reason, f"最长 {URL_LIMIT} 个 ASCII 字符，没有空格")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _wrong("it cannot be read", "无法识别") from error
    _check(parts)
    port = _PORTS[parts.scheme] if port is None else port
    if port < 1 or (port < _WELL_KNOWN and port not in _PORTS.values()):
        raise _wrong("its port is that of another service", "端口是其他服务专用的")
    path = parts.path or "/"
    return Target(
        scheme=parts.scheme,
        host=str(parts.hostname),
        port=port,
        path=f"{path}?{parts.query}" if parts.query else path,
    )


def _check(parts: SplitResult) -> None:
    if parts.scheme not in _PORTS:
        raise _wrong("it begins with https://", "应以 https:// 开头")
    if not parts.hostname or "%" in parts.netloc:
        raise _wrong("it names no host", "没有主机名")
    if "@" in parts.netloc:
        raise _wrong("it has a user name in it", "不能含用户名")
    if parts.fragment:
        raise _wrong("it has a part behind #", "不能含 # 之后的部分")


def resolved(host: str, port: int) -> Sequence[str]:
    """The addresses that a name has now, each once; OSError when it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def checked(target: Target, networks: Networks, resolve: Resolve = resolved) -> Address:
    """The one address that the request is to connect to, asked for once.

    Problem(WEBHOOK_TARGET) when it, or any other that the name has, is not to be reached, when
    there is none, and for http to what lies in no named network.
    """
    try:
        found = [ip_address(each) for each in resolve(target.host, target.port)]
    except (OSError, UnicodeError, ValueError) as error:
        raise _closed(target, "it has no address", "查不到地址") from error
    if not found:
        raise _closed(target, "it has no address", "查不到地址")
    if not all(map(networks.admit, found)):
        raise _closed(target, "its address is not public", "地址不是公网地址")
    if target.scheme == "http" and not all(map(networks.names, found)):
        raise _closed(target, "it wants https", "须用 https")
    return found[0]


def _wrong(reason: str, reason_zh: str) -> Problem:
    return Problem(WEBHOOK_URL, reason=reason, reason_zh=reason_zh)


def _closed(target: Target, reason: str, reason_zh: str) -> Problem:
    return Problem(WEBHOOK_TARGET, host=target.host, reason=reason, reason_zh=reason_zh)
