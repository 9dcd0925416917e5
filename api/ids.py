"""Ids as they stand in addresses and forms."""

from gis.errors import Problem

MAX_DIGITS = 18


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
