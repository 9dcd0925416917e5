"""Mails by SMTP: how they are written so that no name can add a header, and how they are sent."""

import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Literal

from api.refusals import SETTING_WRONG
from gis.errors import Problem

Security = Literal["starttls", "tls", "none"]
_PORTS: Mapping[Security, int] = {"starttls": 587, "tls": 465, "none": 25}
_SUBJECT_CHARS = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is sent to one person; `number` tells one letter from another, however often it goes."""

    number: str
    to: str
    name: str
    subject: str
    text: str
    html: str
    lang: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostOffice:
    """The server that takes mails, and as whom we bring them: `sender` is the envelope's."""

    host: str
    port: int | None
    security: Security
    user: str | None
    password: str | None
    sender: str
    sender_name: str
    timeout_s: float
    tls: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        if self.security == "none" and self.password is not None:
            reason = "a password is sent with starttls or tls only"
            raise Problem(SETTING_WRONG, name="GRIDFIELD_SMTP_SECURITY", reason=reason)
        if _address(self.sender) is None:
            reason = "it wants an address such as gridfield@example.org"
            raise Problem(SETTING_WRONG, name="GRIDFIELD_MAIL_FROM", reason=reason)

    def send(self, letter: Letter) -> str | None:
        """Hand a letter over; why it was not taken, if it was not. Nothing is raised."""
        to = _address(letter.to)
        if to is None:
            return "the address is none"
        try:
            self._hand_over(self.message(letter), to)
        except (OSError, smtplib.SMTPException, MessageError, ValueError) as error:
            return _said(error)
        return None

    def _hand_over(self, message: EmailMessage, to: str) -> None:
        server = self._connected()
        try:
            server.send_message(message, self.sender, [to])
        finally:
            # What was taken has been taken, however the server says goodbye.
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()

    def message(self, letter: Letter) -> EmailMessage:
        """The letter as it goes over the wire."""
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(_line(self.sender_name), addr_spec=self.sender)
        message["To"] = Address(_line(letter.name), addr_spec=letter.to)
        message["Subject"] = _line(letter.subject)[:_SUBJECT_CHARS]
        message["Message-ID"] = f"<{letter.number}@{self.sender.rpartition('@')[2]}>"
        message["Content-Language"] = letter.lang
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
        message.set_content(letter.text)
        message.add_alternative(letter.html, subtype="html")
        return message

    def _connected(self) -> smtplib.SMTP:
        port = self.port or _PORTS[self.security]
        tls = self.tls or ssl.create_default_context()
        if self.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, port, timeout=self.timeout_s, context=tls
            )
        else:
            server = smtplib.SMTP(self.host, port, timeout=self.timeout_s)
        try:
            if self.security == "starttls":
                server.starttls(context=tls)
            if self.user is not None:
                server.login(self.user, self.password or "")
        except BaseException:
            server.close()
            raise
        return server


def _address(text: str) -> str | None:
    """The mailbox that a text is, if it is one and nothing more."""
    if not text.isascii() or not text.isprintable() or text.count("@") != 1:
        return None
    try:
        return Address(addr_spec=text).addr_spec
    except (MessageError, ValueError, IndexError):
        return None


def _line(text: str) -> str:
    """One line without anything that is not seen."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _said(error: Exception) -> str:
    return _line(str(error) or type(error).__name__)[:200]
