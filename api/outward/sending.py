"""One delivery or one mail: taken from the queue, made under its reader's rights, sent, noted.

Between the two transactions anything may break: what was taken is put off by then, so that it is
sent again later, and never lost.
"""

import json
import time
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from api import __version__
from api.outward import signing
from api.outward.mailing import Letter, PostOffice
from api.outward.networks import Networks
from api.outward.posting import Outcome, Poster
from api.settings import Settings
from gis.errors import Lang
from gis.postgis import Database
from layers.held import policies
from layers.notices import deliveries, mails
from layers.notices.deliveries import Parcel, Patience
from layers.notices.mails import Content, Envelope
from layers.registry import Registry
from maps.pages import notice_mail

_HIDDEN = "what it is about does not lie on its ground any more"
_SMTP_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What is needed to send anything: `database` is the owner's, `office` None without mails.

    What was read or has arrived is `kept` for so long.
    """

    database: Database
    registry: Registry
    poster: Poster
    patience: Patience
    office: PostOffice | None
    every: timedelta
    kept: timedelta
    site: str | None
    lang: Lang

    @property
    def mails(self) -> bool:
        """Whether mails are sent at all."""
        return self.office is not None


def house(settings: Settings, database: Database, registry: Registry) -> House:
    """The house as it is configured; Problem(SETTING_WRONG)."""
    return House(
        database=database,
        registry=registry,
        poster=poster(settings),
        patience=Patience(timedelta(seconds=settings.webhook_retry_s), settings.webhook_tries),
        office=_office(settings),
        every=timedelta(minutes=settings.mail_every_minutes),
        kept=timedelta(days=settings.notice_days),
        site=settings.site_url,
        lang=settings.lang,
    )


def poster(settings: Settings) -> Poster:
    """Who sends to webhooks, and where to."""
    return Poster(Networks(settings.webhook_networks), settings.webhook_timeout_s)


def _office(settings: Settings) -> PostOffice | None:
    if settings.smtp_host is None:
        return None
    password = settings.smtp_password
    return PostOffice(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        user=settings.smtp_user,
        password=None if password is None else password.get_secret_value(),
        sender=settings.mail_from or "",
        sender_name=notice_mail.sender(settings.lang),
        timeout_s=_SMTP_TIMEOUT_S,
    )


def deliver(house: House, parcel: Parcel) -> None:
    """Try one delivery, and note what became of it."""
    reading = policies.acting(house.database, parcel.reader)
    with reading.read() as connection:
        payload = deliveries.payload(connection, house.registry, parcel, house.site)
    if payload is None:
        with house.database.begin() as connection:
            deliveries.failed(connection, parcel, status=None, error=_HIDDEN, last=True)
        return
    outcome = _posted(house, parcel, json.dumps(payload, ensure_ascii=False).encode())
    with house.database.begin() as connection:
        if outcome.delivered:
            deliveries.done(connection, parcel.number, outcome.status)
            return
        gone = outcome.status == HTTPStatus.GONE
        last = gone or parcel.tries >= house.patience.most
        error = outcome.error or f"HTTP {outcome.status}"
        deliveries.failed(connection, parcel, status=outcome.status, error=error, last=last)
        if gone:
            deliveries.stop(connection, parcel.webhook)


def _posted(house: House, parcel: Parcel, body: bytes) -> Outcome:
    signed = signing.headers(parcel.keys, str(parcel.id), int(time.time()), body)
    headers = {
        **signed,
        "content-type": "application/json",
        "user-agent": f"Gridfield/{__version__}",
    }
    return house.poster.post(parcel.url, body, headers)


def mail(house: House, office: PostOffice, envelope: Envelope) -> None:
    """Try one mail, and note what became of it; nothing is sent that says nothing."""
    with policies.acting(house.database, envelope.reader).read() as connection:
        content = mails.content(connection, house.registry, envelope)
    error = None
    if content.count:
        error = office.send(letter(house, envelope, content))
    with house.database.begin() as connection:
        if error is None:
            mails.done(connection, envelope.number)
        else:
            mails.failed(connection, envelope, error)


def letter(house: House, envelope: Envelope, content: Content) -> Letter:
    """A mail as it is sent: under one number, however often."""
    made = notice_mail.mail(
        house.registry, envelope.lang, envelope.reader.name, content, site=house.site
    )
    return Letter(
        number=f"gridfield-{envelope.number}-{int(envelope.made_at.timestamp())}",
        to=envelope.address,
        name=envelope.reader.name,
        subject=made.subject,
        text=made.text,
        html=made.html,
        lang=envelope.lang,
    )
