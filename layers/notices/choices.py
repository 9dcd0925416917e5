"""What an account wants to be told, and how."""

import re
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from gis.errors import Lang, Problem
from layers.notices.declared import Kind
from layers.refusals.notices import NOTICE_CHOICE
from layers.schema.accounts import ACCOUNTS, PERSONS
from layers.schema.notices import NOTICE_CHOICES, PACES

# Of RFC 5321 what mail servers take everywhere: no quotes, no comments, no other alphabets.
_ADDRESS = re.compile(r"[A-Za-z0-9._%+=-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", re.ASCII)
ADDRESS: ColumnElement[str] = sa.func.coalesce(NOTICE_CHOICES.c.address, PERSONS.c.email, "")
"""Where mails to an account go, in SQL: the empty text where no address is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """How often mails come, in which language and where to; the kinds that are not listed or not
    mailed."""

    pace: str = PACES[0]
    lang: Lang = "zh"
    address: str | None = None
    unlisted: tuple[str, ...] = ()
    unmailed: tuple[str, ...] = ()


def of(connection: Connection, account: int, lang: Lang) -> Choices:
    """The choices of an account; `lang` is that of whoever has made none."""
    columns = (NOTICE_CHOICES.c[name] for name in Choices.__slots__)
    row = connection.execute(
        sa.select(*columns).where(NOTICE_CHOICES.c.account == account)
    ).one_or_none()
    if row is None:
        return Choices(lang=lang)
    lists = {name: tuple(getattr(row, name)) for name in ("unlisted", "unmailed")}
    return Choices(pace=row.pace, lang=row.lang, address=row.address, **lists)


def address_of(connection: Connection, account: int) -> str | None:
    """Where mails to an account go, if an address is known. For the owner."""
    found = (
        sa.select(ADDRESS)
        .select_from(ACCOUNTS)
        .join(PERSONS, PERSONS.c.id == ACCOUNTS.c.person_id)
        .outerjoin(NOTICE_CHOICES, NOTICE_CHOICES.c.account == ACCOUNTS.c.id)
        .where(ACCOUNTS.c.id == account)
    )
    return connection.scalar(found) or None


def choose(connection: Connection, account: int, choices: Choices) -> None:
    """Keep them; Problem(NOTICE_CHOICE) for what cannot be chosen."""
    known = {*Kind, *PACES, "zh", "en"}
    for name in (choices.pace, choices.lang, *choices.unlisted, *choices.unmailed):
        if name not in known:
            raise Problem(NOTICE_CHOICE, name=name)
    if choices.address is not None and not _ADDRESS.fullmatch(choices.address):
        raise Problem(NOTICE_CHOICE, name=choices.address)
    values: dict[str, Any] = {name: getattr(choices, name) for name in ("pace", "lang", "address")}
    for name in ("unlisted", "unmailed"):
        values[name] = sorted(set(getattr(choices, name)))
    added = insert(NOTICE_CHOICES).values(account=account, **values)
    connection.execute(added.on_conflict_do_update(index_elements=["account"], set_=values))
