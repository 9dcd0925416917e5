"""The tables of what is told: what happened, who is told of it, and where else it is sent."""

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Identity, Index, MetaData, Table
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB

from layers.schema.accounts import ACCOUNTS, TEXT_LIMIT

METADATA = MetaData()

NAME_LIMIT = 100
URL_LIMIT = 1000
ERROR_LIMIT = 300
SECRET_BYTES = 32
PACES = ("soon", "daily", "off")
STATES = ("waiting", "done", "dead")


def _number() -> Column[int]:
    return Column("number", sa.BigInteger, Identity(always=True), primary_key=True)


def _moment(name: str, *, required: bool = False, now: bool = False) -> Column[object]:
    default = sa.func.now() if now else None
    return Column(
        name, sa.DateTime(timezone=True), nullable=not (required or now), server_default=default
    )


def _account(*, key: bool = False) -> Column[int]:
    owner = ForeignKey(ACCOUNTS.c.id, ondelete="CASCADE")
    return Column(
        "account", sa.BigInteger, owner, primary_key=key, nullable=False, autoincrement=False
    )


def _one_of(table: str, name: str, words: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{name} IN ({listed})", name=f"{table}_{name}")


def _short(table: str, name: str, limit: int) -> CheckConstraint:
    return CheckConstraint(f"char_length({name}) <= {limit}", name=f"{table}_{name}")


def _sending(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    """How far something is that goes out by itself: tried again at `next_at` while it waits."""
    return (
        Column("state", sa.Text, nullable=False, server_default="waiting"),
        Column("tries", sa.Integer, nullable=False, server_default="0"),
        _moment("made_at", now=True),
        _moment("next_at", now=True),
        _moment("done_at"),
        Column("error", sa.Text),
        _one_of(table, "state", STATES),
        _short(table, "error", ERROR_LIMIT),
    )


NOTICE_QUEUE = Table(
    "notice_queue",
    METADATA,
    _number(),
    Column("source", sa.Text, nullable=False),
    Column("layer", sa.Text, nullable=False),
    Column("feature", sa.BigInteger, nullable=False),
    Column("ordinal", sa.BigInteger, nullable=False),
    _one_of("notice_queue", "source", ("step", "duty")),
)
"""What of the history is still to be told: a step of a case, or a version of a duty. Triggers put
it here in the transaction that writes the history (`layers.notices.guards`)."""

NOTICE_EVENTS = Table(
    "notice_events",
    METADATA,
    _number(),
    Column("id", sa.Uuid, nullable=False, server_default=sa.func.gen_random_uuid(), unique=True),
    Column("kind", sa.Text, nullable=False),
    Column("layer", sa.Text, nullable=False),
    Column("feature", sa.BigInteger, nullable=False),
    Column("place", sa.BigInteger, nullable=False),
    _moment("at", required=True),
    # What it is about, so that nothing is told twice.
    Column("key", sa.Text, nullable=False, unique=True),
    Column("told", JSONB, nullable=False, server_default=sa.text("'{}'")),
)
"""What happened that is told to somebody; `told` says nothing of people."""

MAILS = Table(
    "mails",
    METADATA,
    _number(),
    _account(),
    *_sending("mails"),
    Index("mails_waiting", "next_at", postgresql_where=sa.text("state = 'waiting'")),
    Index("mails_account", "account", "number"),
)
"""One mail to one account, with the notices that name it."""

NOTICES = Table(
    "notices",
    METADATA,
    _account(key=True),
    Column(
        "event",
        sa.BigInteger,
        ForeignKey(NOTICE_EVENTS.c.number, ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    # Either may be unwanted: a notice that is only mailed is in no list.
    Column("listed", sa.Boolean, nullable=False),
    Column("mailed", sa.Boolean, nullable=False),
    _moment("read_at"),
    Column("mail", sa.BigInteger, ForeignKey(MAILS.c.number)),
    Index("notices_event", "event"),
    Index("notices_mail", "mail"),
    Index(
        "notices_unread",
        "account",
        "event",
        postgresql_where=sa.text("listed AND read_at IS NULL"),
    ),
    Index("notices_unmailed", "account", postgresql_where=sa.text("mailed AND mail IS NULL")),
)
"""That an account is told of an event: once, by the key."""

NOTICE_CHOICES = Table(
    "notice_choices",
    METADATA,
    _account(key=True),
    Column("pace", sa.Text, nullable=False, server_default=PACES[0]),
    Column("lang", sa.Text, nullable=False, server_default="zh"),
    # Where mails go instead of to the person's address, which may open the account.
    Column("address", sa.Text),
    Column("unlisted", ARRAY(sa.Text), nullable=False, server_default="{}"),
    Column("unmailed", ARRAY(sa.Text), nullable=False, server_default="{}"),
    _one_of("notice_choices", "pace", PACES),
    _one_of("notice_choices", "lang", ("zh", "en")),
    _short("notice_choices", "address", TEXT_LIMIT),
)
"""What an account wants otherwise than everybody: how often mails come and in which language, and
the kinds of notices that are not listed or not mailed."""

WEBHOOKS = Table(
    "webhooks",
    METADATA,
    Column("id", sa.BigInteger, Identity(always=True), primary_key=True),
    # The first and the last place of the division whose events it is sent.
    Column("place", sa.BigInteger, nullable=False),
    Column("place_to", sa.BigInteger, nullable=False),
    Column("name", sa.Text, nullable=False),
    Column("url", sa.Text, nullable=False),
    Column("kinds", ARRAY(sa.Text), nullable=False),
    Column("secret", BYTEA, nullable=False),
    # Signs beside the new one until its receiver has that.
    Column("former_secret", BYTEA),
    _moment("former_until"),
    _moment("made_at", now=True),
    _moment("paused_at"),
    CheckConstraint("place <= place_to", name="webhooks_places"),
    CheckConstraint(f"octet_length(secret) = {SECRET_BYTES}", name="webhooks_secret"),
    _short("webhooks", "name", NAME_LIMIT),
    _short("webhooks", "url", URL_LIMIT),
    Index("webhooks_place", "place"),
)
"""Where events of a division are sent. The application's role may write secrets and not read
them."""

DELIVERIES = Table(
    "deliveries",
    METADATA,
    _number(),
    Column(
        "webhook",
        sa.BigInteger,
        ForeignKey(WEBHOOKS.c.id, ondelete="CASCADE"),
        nullable=False,
    ),
    Column(
        "event",
        sa.BigInteger,
        ForeignKey(NOTICE_EVENTS.c.number, ondelete="CASCADE"),
        nullable=False,
    ),
    Column("status", sa.Integer),
    *_sending("deliveries"),
    Index("deliveries_once", "webhook", "event", unique=True),
    Index("deliveries_event", "event"),
    Index(
        "deliveries_waiting", "webhook", "next_at", postgresql_where=sa.text("state = 'waiting'")
    ),
)
"""One event on its way to one webhook; `status` is what its receiver answered last. What nobody
takes is `dead` and waits for an admin."""
