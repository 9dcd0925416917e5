"""How a receiver knows that a request is ours, as https://www.standardwebhooks.com has it.

What is signed is the event's id, the moment and the body, so that neither can be exchanged and an
old request can be told from a new one.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence

SECRET_BYTES = 32
_PREFIX = "whsec_"


def new_secret() -> bytes:
    """A key that nobody can guess."""
    return secrets.token_bytes(SECRET_BYTES)


def shown(secret: bytes) -> str:
    """The key as its receiver is told it."""
    return _PREFIX + base64.b64encode(secret).decode()


def headers(keys: Sequence[bytes], event: str, moment: int, body: bytes) -> Mapping[str, str]:
    """The headers that vouch for a body, by each key in force; `moment` in Unix seconds."""
    signed = f"{event}.{moment}.".encode() + body
    made = (hmac.new(key, signed, hashlib.sha256).digest() for key in keys)
    return {
        "webhook-id": event,
        "webhook-timestamp": str(moment),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(each).decode()}" for each in made),
    }
