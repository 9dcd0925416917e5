"""What the database itself does and allows about notices: SQL for `layers.guards`.

What is written to the history is put into the queue in the same transaction. Accounts read their
own notices of what lies on their ground; admins see the webhooks of theirs, and never a secret.
"""

from collections.abc import Iterator

from layers.declaring.rights import Right
from layers.held.policies import ROLE, may, readable, within, writable
from layers.held.wiring import Schemas, function, literal, quoted, trigger
from layers.schema.cases import STEPS
from layers.schema.duties import DUTIES_VERSIONS
from layers.schema.notices import (
    DELIVERIES,
    MAILS,
    NOTICE_CHOICES,
    NOTICE_EVENTS,
    NOTICE_QUEUE,
    NOTICES,
    WEBHOOKS,
)

CHANNEL = "gridfield_notices"
_OWN = "account = nullif(current_setting('gridfield.account', true), '')::bigint"
_SECRETS = frozenset({"secret", "former_secret"})
# What the database itself says of a webhook.
_NOT_GIVEN = frozenset({"id", "made_at"})

_QUEUE = """
BEGIN
  INSERT INTO {queue} (source, layer, feature, ordinal) {found};
  IF FOUND THEN
    PERFORM pg_notify({channel}, '');
  END IF;
  RETURN NULL;
END
"""
# What an old ledger brings was told long ago, if at all.
_STEPS = """SELECT 'step', n.layer, n.feature, n.ordinal FROM new_rows n
  WHERE NOT n.brought ORDER BY n.layer, n.feature, n.ordinal"""
# Nobody else could be told; and a list of ten thousand duties leaves no ten thousand rows here.
_DUTIES = """SELECT 'duty', n.layer, n.id, n._number FROM new_rows n
  WHERE EXISTS (SELECT FROM accounts a WHERE a.person_id = n.person_id AND a.disabled_at IS NULL)
  ORDER BY n.id"""


def statements(schemas: Schemas) -> Iterator[str]:
    """Functions, triggers and policies for notices, mails and webhooks."""
    for rows, found in ((STEPS.name, _STEPS), (DUTIES_VERSIONS.name, _DUTIES)):
        called = f"gridfield_queue_{rows}"
        body = _QUEUE.format(queue=NOTICE_QUEUE.name, found=found, channel=literal(CHANNEL))
        yield function(called, body, schemas)
        came = "NEW TABLE AS new_rows"
        yield trigger("gridfield_queue", "AFTER INSERT", rows, called, referencing=came)
    yield from _of_accounts()
    yield from _of_webhooks()


def _of_accounts() -> Iterator[str]:
    yield from readable(NOTICE_EVENTS.name, within("place"))
    for rows in (NOTICES.name, MAILS.name, NOTICE_CHOICES.name):
        yield from readable(rows, _OWN)
    yield f"GRANT UPDATE (read_at) ON {NOTICES.name} TO {ROLE}"
    yield writable(NOTICES.name, "UPDATE", _OWN)
    choices = NOTICE_CHOICES.name
    given = ", ".join(quoted(c.name) for c in NOTICE_CHOICES.columns if c.name != "account")
    yield f"GRANT INSERT, UPDATE ({given}) ON {choices} TO {ROLE}"
    yield writable(choices, "INSERT", _OWN)
    yield writable(choices, "UPDATE", _OWN)


def _of_webhooks() -> Iterator[str]:
    name, mine = WEBHOOKS.name, f"{within('place')} AND {may(Right.ADMIN)}"
    yield from readable(name, mine, [c.name for c in WEBHOOKS.columns if c.name not in _SECRETS])
    given = [quoted(c.name) for c in WEBHOOKS.columns if c.name not in _NOT_GIVEN]
    changed = [each for each in given if each not in (quoted("place"), quoted("place_to"))]
    yield (
        f"GRANT INSERT ({', '.join(given)}), UPDATE ({', '.join(changed)}), DELETE"
        f" ON {name} TO {ROLE}"
    )
    for command in ("INSERT", "UPDATE", "DELETE"):
        yield writable(name, command, mine)
    known = "webhook IN (SELECT id FROM webhooks)"  # as far as its own policy shows them
    yield from readable(DELIVERIES.name, known)
    yield f"GRANT UPDATE (state, tries, next_at, done_at) ON {DELIVERIES.name} TO {ROLE}"
    yield writable(DELIVERIES.name, "UPDATE", known)
