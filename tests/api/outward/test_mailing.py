"""Mails: over a real server, safe on the way, and no name can add a header."""

import ssl
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult

from api.outward.mailing import Letter, PostOffice
from api.refusals import SETTING_WRONG
from gis.errors import Problem
from tests.certificates import contexts
from tests.receivers import Mailbox, free_port, mailbox

LETTER = Letter(
    number="gridfield-7-1",
    to="zhang@example.org",
    name="张三",
    subject="交办给您：巡查点位 巡查-2017-000001",
    text="正文\n",
    html="<p>正文</p>",
    lang="zh",
)


def office(box: Mailbox, **changes: Any) -> PostOffice:
    usual: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": box.port,
        "security": "none",
        "user": None,
        "password": None,
        "sender": "gridfield@example.org",
        "sender_name": "网格责任田",
        "timeout_s": 10.0,
    }
    return PostOffice(**{**usual, **changes})


def test_a_mail_arrives_as_it_was_written() -> None:
    with mailbox() as box:
        assert office(box).send(LETTER) is None
        [mail] = box.wait(1)
    assert box.envelopes == [("gridfield@example.org", ["zhang@example.org"])]
    assert mail["subject"] == LETTER.subject
    assert mail["from"] == "网格责任田 <gridfield@example.org>"
    assert mail["to"] == "张三 <zhang@example.org>"
    assert mail["message-id"] == "<gridfield-7-1@example.org>"
    assert mail["auto-submitted"] == "auto-generated"
    plain, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert plain.get_content().splitlines() == ["正文"]
    assert html is not None
    assert html.get_content().strip() == "<p>正文</p>"


HOSTILE = "张三\r\nBcc: all@example.org\r\n\r\n<script>x</script>\x00\u202e\u2028"


def test_no_name_adds_a_header_or_a_reader() -> None:
    hostile = {"name": HOSTILE, "subject": HOSTILE}
    with mailbox() as box:
        letter = Letter(**{**{n: getattr(LETTER, n) for n in Letter.__slots__}, **hostile})
        assert office(box, sender_name=HOSTILE).send(letter) is None
        [mail] = box.wait(1)
    assert box.envelopes == [("gridfield@example.org", ["zhang@example.org"])]
    assert mail["bcc"] is None
    assert [name.lower() for name in mail if name.lower() == "to"] == ["to"]
    assert "\n" not in mail["subject"]
    assert "\u202e" not in mail["subject"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b@example.org",
        "a@example.org\r\nRCPT TO:<b@example.org>",
        "a@example.org, b@example.org",
        "张三@example.org",
        "a b@example.org",
        "<a@example.org>",
    ],
)
def test_what_is_no_address_gets_nothing(address: str) -> None:
    with mailbox() as box:
        letter = Letter(**{**{n: getattr(LETTER, n) for n in Letter.__slots__}, "to": address})
        assert office(box).send(letter) is not None
        assert box.raw == []


def test_what_the_server_refuses_is_said() -> None:
    with mailbox() as box:
        box.refuse = "552 mailbox is full"
        said = office(box).send(LETTER)
    assert said is not None
    assert "full" in said
    assert "\n" not in said


def test_a_server_that_is_away_is_said() -> None:
    away = Mailbox(port=free_port())
    assert office(away).send(LETTER) is not None


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_way_is_safe_and_the_password_with_it(security: str, tmp_path: Path) -> None:
    server, client = contexts(tmp_path, "127.0.0.1")
    said: list[tuple[bytes, bytes]] = []

    def known(_: Any, __: Any, ___: Any, ____: Any, data: Any) -> AuthResult:
        said.append((data.login, data.password))
        return AuthResult(success=True)

    options: dict[str, Any] = {"authenticator": known}
    if security == "starttls":
        options |= {"tls_context": server, "require_starttls": True, "auth_required": True}
    else:
        options |= {"ssl_context": server, "auth_require_tls": False}
    with mailbox(**options) as box:
        way = {"security": security, "user": "grid", "password": "word", "tls": client}
        assert office(box, **way).send(LETTER) is None
        assert said == [(b"grid", b"word")]
        untrusted = office(box, **{**way, "tls": ssl.create_default_context()})
        assert untrusted.send(LETTER) is not None
        assert len(said) == 1
        assert len(box.raw) == 1


def test_a_server_that_offers_no_safe_way_gets_nothing() -> None:
    with mailbox() as box:
        assert office(box, security="starttls").send(LETTER) is not None
        assert box.raw == []


def test_settings_that_would_tell_the_password_are_refused() -> None:
    for wrong in ({"user": "grid", "password": "word"}, {"sender": ""}, {"sender": "nobody"}):
        with pytest.raises(Problem) as refused:
            office(Mailbox(port=1), **wrong)
        assert refused.value.rule is SETTING_WRONG
