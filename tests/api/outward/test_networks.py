"""Where a request may go: every range that is not the whole world's is closed, however written."""

from ipaddress import ip_address, ip_network

import pytest

from api.outward.networks import Networks, Target, checked, parse
from api.refusals import WEBHOOK_TARGET, WEBHOOK_URL
from gis.errors import Problem

CLOSED = [
    "0.0.0.0",  # noqa: S104  not bound, refused
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.254",
    "127.0.0.1",
    "127.8.8.8",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.1.2.3",
    "::ffff:169.254.169.254",
    "64:ff9b::10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::10.0.0.1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2001:0:0:0:0:0:80ff:fffe",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "3fff::1",
    "5f00::1",
    "ff02::1",
    "ff0e::1",
]
OPEN = ["1.1.1.1", "8.8.8.8", "223.5.5.5", "2606:4700::1111", "2400:3200::1", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("text", CLOSED)
def test_what_is_not_public_is_closed(text: str) -> None:
    assert not Networks().admit(ip_address(text))
    target = Target("https", "inside.example", 443, "/")
    with pytest.raises(Problem) as refused:
        checked(target, Networks(), lambda *_: [text])
    assert refused.value.rule is WEBHOOK_TARGET


@pytest.mark.parametrize("text", OPEN)
def test_what_is_public_is_open(text: str) -> None:
    assert Networks().admit(ip_address(text))
    target = Target("https", "outside.example", 443, "/")
    assert checked(target, Networks(), lambda *_: [text]) == ip_address(text)


def test_one_closed_address_closes_the_name() -> None:
    target = Target("https", "both.example", 443, "/")
    for answer in (["8.8.8.8", "10.0.0.1"], ["10.0.0.1", "8.8.8.8"], []):
        with pytest.raises(Problem):
            checked(target, Networks(), lambda *_, answer=answer: answer)


def test_named_networks_are_open_and_no_others() -> None:
    networks = Networks((ip_network("10.20.0.0/16"), ip_network("fd00:1::/32")))
    assert networks.admit(ip_address("10.20.3.4"))
    assert networks.admit(ip_address("::ffff:10.20.3.4"))
    assert networks.admit(ip_address("fd00:1::5"))
    assert not networks.admit(ip_address("10.21.3.4"))
    assert not networks.admit(ip_address("fd00:2::5"))
    # What has a closed address inside stays closed, whatever is named around it.
    assert not Networks((ip_network("2002::/16"),)).admit(ip_address("2002:7f00:1::"))


def test_http_is_for_named_networks() -> None:
    target = Target("http", "plain.example", 80, "/")
    named = Networks((ip_network("10.20.0.0/16"),))
    assert checked(target, named, lambda *_: ["10.20.0.1"]) == ip_address("10.20.0.1")
    with pytest.raises(Problem):
        checked(target, named, lambda *_: ["8.8.8.8"])


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost", "LOCALHOST.", "[::1]", "0"],
)
def test_loopback_is_closed_by_whatever_name(host: str) -> None:
    with pytest.raises(Problem) as refused:
        checked(parse(f"https://{host}/"), Networks())
    assert refused.value.rule is WEBHOOK_TARGET


def test_a_name_that_cannot_be_resolved_is_refused() -> None:
    for host in ("nowhere.invalid", f"{'a' * 70}.example", "xn--.example"):
        with pytest.raises(Problem) as refused:
            checked(parse(f"https://{host}/"), Networks())
        assert refused.value.rule is WEBHOOK_TARGET


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org:25/_HELO",
        "https://",
        "https:///path",
        "https://user:word@example.org/",
        "https://example.org@127.0.0.1/",
        "https://example.org/#part",
        "https://example.org:99999/",
        "https://example.org:x/",
        "https://example.org:0/",
        "https://example.org:25/",
        "https://example.org:22/",
        "https://exa mple.org/",
        "https://example.org/a\r\nHost: other",
        "https://example.org/\x00",
        "https://例子.example/",
        "https://[fe80::1%25eth0]/",
        "https://[::1/",
        f"https://example.org/{'a' * 1000}",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Problem) as refused:
        parse(url)
    assert refused.value.rule is WEBHOOK_URL


def test_an_address_is_read() -> None:
    assert parse("https://Example.org/in?a=1") == Target("https", "example.org", 443, "/in?a=1")
    assert parse("http://example.org:8080").host_header == "example.org:8080"
    assert parse("https://[2606:4700::1111]:8443/x").host_header == "[2606:4700::1111]:8443"
    assert parse("https://example.org:443/").host_header == "example.org"
