"""Ids as they stand in addresses and forms."""

from uuid import RFC_4122, UUID

from gis.errors import Problem

MAX_DIGITS = 18
_VERSIONS = frozenset({4, 7})  # by chance alone, and by time and chance


def read(text: str, otherwise: Problem) -> int:
    """The id that a text is; else the problem, for what is no number of ours names nothing."""
    found = number(text)
    if found is None:
        raise otherwise
    return found


def number(text: str) -> int | None:
    """The id that a text is, if it is one.

    >>> number("12"), number("+12"), number("١٢")
    (12, None, None)
    """
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS else None


def uuid(text: str) -> UUID | None:
    """The UUID of version 4 or 7 that a text is, in its one canonical form.

    >>> uuid("0191d3c4-6b1e-7c2a-8f00-1234567890ab")
    UUID('0191d3c4-6b1e-7c2a-8f00-1234567890ab')
    >>> uuid("0191D3C4-6B1E-7C2A-8F00-1234567890AB"), uuid("1")
    (None, None)
    """
    try:
        found = UUID(text)
    except ValueError:
        return None
    own = found.variant == RFC_4122 and found.version in _VERSIONS
    return found if own and str(found) == text else None
