"""Something to tell, for tests of the worker: a webhook, people, and cases that are assigned."""

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import sqlalchemy as sa

from api.outward.mailing import PostOffice
from api.outward.networks import Networks
from api.outward.posting import Poster
from api.outward.sending import House
from gis.postgis import Database
from layers.declaring.people import EVERYWHERE, Actor, Role
from layers.notices import choices, webhooks
from layers.notices.choices import Choices
from layers.notices.declared import SENT
from layers.notices.deliveries import Patience
from layers.notices.webhooks import Draft
from layers.registry import Registry
from layers.schema.accounts import ACCOUNTS
from layers.schema.notices import DELIVERIES, NOTICE_EVENTS, NOTICE_QUEUE, NOTICES
from tests.layers.casework import opened, somebody, take

LOOPBACK = Networks((ip_network("127.0.0.0/8"),))
SECRET = b"k" * 32
HANDLER = "马海英"


def house(database: Database, registry: Registry, **changes: Any) -> House:
    """A house that sends to loopback and does not wait for long."""
    usual: dict[str, Any] = {
        "database": database,
        "registry": registry,
        "poster": Poster(LOOPBACK, 5.0),
        "patience": Patience(timedelta(milliseconds=50), 4),
        "office": None,
        "every": timedelta(hours=1),
        "kept": timedelta(days=365),
        "site": "https://grid.example",
        "lang": "zh",
    }
    return House(**{**usual, **changes})


def office(port: int) -> PostOffice:
    """A mail server on loopback."""
    return PostOffice(
        host="127.0.0.1",
        port=port,
        security="none",
        user=None,
        password=None,
        sender="gridfield@example.org",
        sender_name="网格责任田",
        timeout_s=10.0,
    )


@dataclass(frozen=True)
class Cast:
    """Who assigns, and who is told."""

    head: Actor
    hand: Actor


def cast(database: Database, *, address: str | None = "hand@example.org", lang: str = "zh") -> Cast:
    """Two people, of whom one has a mail address."""
    with database.begin() as connection:
        found = Cast(
            somebody(connection, Role.ADMIN, name="祁生财"),
            somebody(connection, Role.INSPECTOR, name=HANDLER),
        )
        wanted = Choices(address=address, lang="en" if lang == "en" else "zh")
        choices.choose(connection, found.hand.account_id or 0, wanted)
    return found


def hook(database: Database, admin: Actor, url: str, division: str = EVERYWHERE) -> int:
    """A webhook for everything."""
    draft = Draft(name="接收方", url=url, kinds=list(SENT))
    with database.begin() as connection:
        return webhooks.add(connection, admin, draft, division, SECRET)


def assign(
    database: Database, registry: Registry, people: Cast, count: int = 1, **given: Any
) -> list[int]:
    """So many new cases, each assigned in a transaction of its own."""
    sites, made = registry.layer("sites"), []
    for _ in range(count):
        with database.begin() as connection:
            feature = opened(connection, sites, "registered", **given)
            take(connection, registry, people.head, sites, feature, "assign", handler=HANDLER)
        made.append(feature)
    return made


def counts(database: Database) -> dict[str, int]:
    """How much there is of everything."""
    with database.read() as connection:
        return {
            rows.name: connection.scalar(sa.select(sa.func.count()).select_from(rows)) or 0
            for rows in (NOTICE_QUEUE, NOTICE_EVENTS, NOTICES, DELIVERIES)
        }


def states(database: Database) -> list[str]:
    """The states of all deliveries."""
    with database.read() as connection:
        found = sa.select(DELIVERIES.c.state).order_by(DELIVERIES.c.number)
        return list(connection.scalars(found))


def disable(database: Database, actor: Actor) -> None:
    """Let an account in no more."""
    with database.begin() as connection:
        whose = sa.update(ACCOUNTS).where(ACCOUNTS.c.id == actor.account_id)
        connection.execute(whose.values(disabled_at=sa.func.now()))
