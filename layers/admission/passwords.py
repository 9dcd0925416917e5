"""Passwords: the few rules that help, argon2id, and equal work whether anybody has that login."""

import base64
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from gis.errors import Problem
from layers.refusals.people import PASSWORD_REFUSED

MINIMUM = 10
MAXIMUM = 1024
HASHER = PasswordHasher()

# What people really choose at this length, in the lists of leaked passwords.
_COMMONEST = """
0000000000 0123456789 0987654321 1111111111 1122334455 11223344556677 1212121212 123123123123
1234512345 12345678900 1234567890 12345678910 123456789a 1234567890a 123456789q 1234qwerasdf
123qweasdzxc 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 5201314520 5845201314 6666666666 8888888888
9876543210 9999999999 a123456789 a1234567890 aa12345678 aa123456789 abc123456789 abcd123456
abcd1234567 abcdefghij abcdefghijk admin12345 admin123456 administrator asd123456789 asdf123456
asdfghjkl1 asdfghjkl; changeme123 gridfield123 iloveyou123 iloveyou1314 letmein123 login12345
p@ssw0rd123 password01 password12 password123 password1234 password12345 passw0rd123
q123456789 q1w2e3r4t5 q1w2e3r4t5y6 qaz123456789 qazwsxedcrfv qq123456789 qwe123456789
qwer123456 qwerty1234 qwerty12345 qwerty123456 qwertyuiop qwertyuiop123 welcome123
woaini1314 woaini1314520 woaini5201314 woshishen123 www123456789 z123456789
zxc123456789 zxcvbnm123 zxcvbnm123456 zz123456789
"""
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_COMMON = frozenset(_COMMONEST.split())


def check(password: str, login: str, *, former: str | None = None) -> None:
    """Problem(PASSWORD_REFUSED) for a password that others would guess or know already."""
    text = _normal(password)
    if former is not None and text == _normal(former):
        raise _refused("it is the one you have", "与现在的密码相同")
    if len(text) < MINIMUM:
        raise _refused(f"it has fewer than {MINIMUM} characters", f"不足 {MINIMUM} 个字符")
    if len(text) > MAXIMUM:
        raise _refused(f"it has more than {MAXIMUM} characters", f"超过 {MAXIMUM} 个字符")
    if text.casefold() == login:
        raise _refused("it is the login", "与账号相同")
    if text.casefold() in _COMMON or len(set(text)) == 1:
        raise _refused("it is one of the commonest", "太常见，容易被猜到")


def invented() -> str:
    """A password to be told once and changed at the first sign-in: about 59 bits, and no letter
    that is read for another."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
    return "-".join(groups)


def hashed(password: str) -> str:
    """What is stored instead of a password."""
    return HASHER.hash(_normal(password))


def matches(held: str | None, password: str) -> bool:
    """Whether it is the password behind this hash; without one the work is the same, in vain."""
    try:
        HASHER.verify(held or _nobodys(), _normal(password))
    except VerifyMismatchError:
        return False
    return held is not None


def outdated(held: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return HASHER.check_needs_rehash(held)


def _normal(password: str) -> str:
    # The same keys give another code point on another keyboard (full width, composed accents).
    return unicodedata.normalize("NFKC", password)


def _nobodys() -> str:
    """A hash of today's parameters that no known password has; nothing is hashed for it."""
    salt, digest = (_base64(secrets.token_bytes(n)) for n in (HASHER.salt_len, HASHER.hash_len))
    cost = f"m={HASHER.memory_cost},t={HASHER.time_cost},p={HASHER.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode().rstrip("=")


def _refused(reason: str, reason_zh: str) -> Problem:
    return Problem(PASSWORD_REFUSED, reason=reason, reason_zh=reason_zh)
