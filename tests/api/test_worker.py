"""The worker: what happens reaches the receivers, whatever they do, and every page once."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from http.server import BaseHTTPRequestHandler

import sqlalchemy as sa

from api.outward.networks import Networks
from api.outward.posting import Poster
from api.worker import Worker, working
from gis.postgis import Database
from layers.held import policies
from layers.notices import deliveries, inbox, webhooks
from layers.notices.telling import tell_waiting
from layers.registry import Registry
from layers.schema.notices import DELIVERIES, MAILS, NOTICES, WEBHOOKS
from tests import telling
from tests.receivers import mailbox, receiving, status


def until(wanted: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for what another thread brings about."""
    end = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


def test_what_happens_is_signed_sent_and_listed(database: Database, registry: Registry) -> None:
    people = telling.cast(database)
    with receiving() as receiver, working(telling.house(database, registry)):
        telling.hook(database, people.head, receiver.url)
        features = telling.assign(database, registry, people, 3)
        got = receiver.wait(3)
        until(lambda: telling.states(database) == ["done"] * 3)
    for each in got:
        signed = f"{each.headers['webhook-id']}.{each.headers['webhook-timestamp']}.".encode()
        digest = hmac.new(telling.SECRET, signed + each.body, hashlib.sha256).digest()
        expected = f"v1,{base64.b64encode(digest).decode()}"
        assert each.headers["webhook-signature"] == expected
        assert abs(int(each.headers["webhook-timestamp"]) - time.time()) < 60
        assert each.headers["content-type"] == "application/json"
    told = [json.loads(each.body) for each in got]
    assert {each["type"] for each in told} == {"case.assigned"}
    assert sorted(each["data"]["id"] for each in told) == features
    assert len({each.headers["webhook-id"] for each in got}) == 3
    assert all(telling.HANDLER not in each.body.decode() for each in got)
    with policies.acting(database, people.hand).read() as connection:
        listed = inbox.listed(connection, registry, people.hand.account_id or 0, limit=10)
    assert [each.feature for each in listed] == features[::-1]


def test_a_receiver_that_fails_gets_it_later_under_the_same_id(
    database: Database, registry: Registry
) -> None:
    people = telling.cast(database)
    with receiving(status(503)) as receiver, working(telling.house(database, registry)):
        telling.hook(database, people.head, receiver.url)
        telling.assign(database, registry, people)
        receiver.wait(2)
        receiver.answer = status(200)
        until(lambda: telling.states(database) == ["done"])
        assert len({each.headers["webhook-id"] for each in receiver.got}) == 1


def test_what_nobody_takes_is_given_up_and_sent_again_by_hand(
    database: Database, registry: Registry
) -> None:
    people = telling.cast(database)
    with receiving(status(500)) as receiver, working(telling.house(database, registry)):
        number = telling.hook(database, people.head, receiver.url)
        telling.assign(database, registry, people)
        until(lambda: telling.states(database) == ["dead"])
        assert len(receiver.got) == 4
        receiver.answer = status(204)
        with policies.acting(database, people.head).begin() as connection:
            assert webhooks.get(connection, number).dead == 1
            assert deliveries.send_again(connection, number) == 1
        until(lambda: telling.states(database) == ["done"])
    assert len({each.headers["webhook-id"] for each in receiver.got}) == 1


def test_a_receiver_that_is_gone_is_asked_no_more(database: Database, registry: Registry) -> None:
    people = telling.cast(database)
    with receiving(status(410)) as receiver, working(telling.house(database, registry)):
        telling.hook(database, people.head, receiver.url)
        telling.assign(database, registry, people)
        until(lambda: telling.states(database) == ["dead"])
        telling.assign(database, registry, people)
        until(lambda: telling.counts(database)["notice_queue"] == 0)
    assert len(receiver.got) == 1
    assert telling.counts(database)["deliveries"] == 1
    with database.read() as connection:
        assert connection.scalar(sa.select(WEBHOOKS.c.paused_at)) is not None


def test_one_that_hangs_delays_no_other(database: Database, registry: Registry) -> None:
    people, let_go = telling.cast(database), threading.Event()

    def hang(_: BaseHTTPRequestHandler) -> None:
        let_go.wait(60)

    slow = Poster(telling.LOOPBACK, 60.0)
    with receiving(hang) as hanging, receiving() as quick:
        telling.hook(database, people.head, hanging.url)
        telling.hook(database, people.head, quick.url)
        with working(telling.house(database, registry, poster=slow)):
            telling.assign(database, registry, people, 5)
            quick.wait(5)
            assert len(hanging.wait(1)) == 1
            let_go.set()


def test_a_closed_network_is_never_reached(database: Database, registry: Registry) -> None:
    people = telling.cast(database)
    closed = telling.house(database, registry, poster=Poster(Networks(), 5.0))
    with receiving() as receiver, working(closed):
        telling.hook(database, people.head, receiver.url)
        telling.assign(database, registry, people)
        until(lambda: telling.states(database) == ["dead"])
        assert receiver.got == []
    with database.read() as connection:
        assert "not public" in (connection.scalar(sa.select(DELIVERIES.c.error)) or "")


def test_of_two_workers_one_works_and_the_other_goes_on(
    database: Database, registry: Registry
) -> None:
    people, house = telling.cast(database), telling.house(database, registry)
    first, second = Worker(house), Worker(house)
    with receiving() as receiver:
        telling.hook(database, people.head, receiver.url)
        first.start()
        second.start()
        telling.assign(database, registry, people, 10)
        receiver.wait(10)
        first.stop()
        telling.assign(database, registry, people)
        receiver.wait(11)
        until(lambda: telling.states(database) == ["done"] * 11)
        second.stop()
    assert len({each.headers["webhook-id"] for each in receiver.got}) == 11
    assert len(receiver.got) == 11


def test_a_mail_arrives_in_the_readers_language_and_names_nobody_else(
    database: Database, registry: Registry
) -> None:
    people = telling.cast(database, lang="en")
    with mailbox() as box:
        house = telling.house(database, registry, office=telling.office(box.port))
        [feature] = telling.assign(database, registry, people, number="巡查-2026-000001")
        with working(house):
            [mail] = box.wait(1)
            until(lambda: _mail_states(database) == ["done"])
    assert box.envelopes == [("gridfield@example.org", ["hand@example.org"])]
    assert mail["subject"] == "Assigned to you: Sites 巡查-2026-000001"
    text = mail.get_body(("plain",))
    assert text is not None
    said = text.get_content()
    assert f"https://grid.example/collections/sites/items/{feature}?f=html" in said
    assert f"Hello {telling.HANDLER}," in said
    assert "祁生财" not in said


HOSTILE = "<script>x</script>\"'&{{7*7}}"


def test_a_hostile_number_is_text_in_a_mail(database: Database, registry: Registry) -> None:
    people = telling.cast(database)
    with mailbox() as box:
        house = telling.house(database, registry, office=telling.office(box.port))
        telling.assign(database, registry, people, number=f"{HOSTILE}\r\nBcc: a@b.c")
        with working(house):
            [mail] = box.wait(1)
    assert mail["bcc"] is None
    html = mail.get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()
    assert "49" not in mail["subject"]


def test_many_notices_are_one_mail(database: Database, registry: Registry) -> None:
    people = telling.cast(database)
    with mailbox() as box:
        telling.assign(database, registry, people, 60)
        house = telling.house(database, registry, office=telling.office(box.port))
        with working(house):
            [mail] = box.wait(1)
            until(lambda: _mail_states(database) == ["done"])
            telling.assign(database, registry, people)
            until(lambda: telling.counts(database)["notice_queue"] == 0)
    assert len(box.raw) == 1
    assert "60" in mail["subject"]
    text = mail.get_body(("plain",))
    assert text is not None
    assert "10" in text.get_content()


def test_a_mail_that_is_not_taken_is_tried_again(database: Database, registry: Registry) -> None:
    people = telling.cast(database)
    with mailbox() as box:
        box.refuse = "451 try again"
        telling.assign(database, registry, people)
        house = telling.house(database, registry, office=telling.office(box.port))
        with working(house):
            until(lambda: "451" in (_mail_error(database) or ""))
            box.refuse = None
            with database.begin() as connection:  # two minutes have passed
                connection.execute(sa.update(MAILS).values(next_at=sa.func.now()))
            [mail] = box.wait(1)
            until(lambda: _mail_states(database) == ["done"])
    assert mail["message-id"].startswith("<gridfield-")


def test_whoever_may_not_come_in_any_more_gets_no_mail(
    database: Database, registry: Registry
) -> None:
    people = telling.cast(database)
    with mailbox() as box:
        house = telling.house(database, registry, office=telling.office(box.port))
        telling.assign(database, registry, people)
        with database.begin() as connection:
            tell_waiting(connection, mails=True)
        telling.disable(database, people.hand)
        with working(house):
            until(lambda: _mail_states(database) == ["dead"])
        assert box.raw == []


def _mail_states(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.scalars(sa.select(MAILS.c.state).order_by(MAILS.c.number)))


def _mail_error(database: Database) -> str | None:
    with database.read() as connection:
        return connection.scalar(sa.select(MAILS.c.error))


# --- what is over ---------------------------------------------------------------------------------
def test_what_was_read_long_ago_is_swept(database: Database, registry: Registry) -> None:
    people = telling.cast(database)
    telling.assign(database, registry, people, 2)
    with database.begin() as connection:
        tell_waiting(connection, mails=False)
        account = people.hand.account_id or 0
        first, _ = [n.number for n in inbox.listed(connection, registry, account, limit=10)]
        assert inbox.mark_read(connection, account, [first]) == 1
        long_ago = sa.func.now() - sa.literal(timedelta(days=400), sa.Interval)
        read = NOTICES.c.read_at.is_not(None)
        connection.execute(sa.update(NOTICES).where(read).values(read_at=long_ago))

    def left() -> int:
        with database.read() as connection:
            return len(inbox.listed(connection, registry, account, limit=10))

    assert left() == 2
    with working(telling.house(database, registry)):
        until(lambda: left() == 1)
