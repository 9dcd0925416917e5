"""Signatures as the published scheme has them, so that any receiver's library checks them."""

import base64
import time
from pathlib import Path
from typing import Any

from api.outward import signing
from layers.notices.declared import LABELS, Kind

# The example of the scheme's own libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105  published
SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_published_example() -> None:
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    told = signing.headers(
        [key], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert told == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": SIGNED,
    }
    assert signing.shown(key) == SECRET


def test_everything_that_is_signed_counts() -> None:
    key = signing.new_secret()
    first = signing.headers([key], "a", 1, b"x")["webhook-signature"]
    others = [
        signing.headers([key], "b", 1, b"x"),
        signing.headers([key], "a", 2, b"x"),
        signing.headers([key], "a", 1, b"y"),
        signing.headers([signing.new_secret()], "a", 1, b"x"),
    ]
    assert first not in [each["webhook-signature"] for each in others]


def test_while_a_secret_is_renewed_both_sign() -> None:
    old, new = signing.new_secret(), signing.new_secret()
    both = signing.headers([new, old], "a", 1, b"x")["webhook-signature"].split(" ")
    each = [signing.headers([key], "a", 1, b"x")["webhook-signature"] for key in (new, old)]
    assert both == each


DOCUMENT = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text("utf-8")


def test_the_documented_check_accepts_what_is_ours_and_nothing_else() -> None:
    code = DOCUMENT.split("```python\n")[1].split("```")[0]
    known: dict[str, Any] = {}
    exec(code, known)  # noqa: S102  it is our own document
    check, key, now = known["is_ours"], signing.new_secret(), int(time.time())
    told = signing.headers([signing.new_secret(), key], "a", now, b"x")
    assert check(signing.shown(key), told, b"x")
    assert not check(signing.shown(key), told, b"y")
    assert not check(signing.shown(signing.new_secret()), told, b"x")
    assert not check(signing.shown(key), signing.headers([key], "a", now - 999, b"x"), b"x")


def test_every_event_is_documented() -> None:
    for kind in Kind:
        label = LABELS[kind]
        assert f"| `{kind.value}` | {label.zh} | {label.en} |" in DOCUMENT
