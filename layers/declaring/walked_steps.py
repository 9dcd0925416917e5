"""The spans over which walks are counted, and the steps of the share of a road that was walked."""

from typing import Literal

Span = Literal["day", "week"]
SPANS: tuple[Span, ...] = ("day", "week")
NONE, SOME, MOST, WHOLE = "none", "some", "most", "whole"
MOST_FROM, WHOLE_FROM = 0.5, 0.9
"""Shares from which on a road counts as walked for the most part, and as a whole: of a short one
the ends are soon within fifteen metres of a crossing."""


def names(span: Span) -> tuple[str, str, str]:
    """The computed fields of a span: the metres, the share in per cent, and its step."""
    return f"walked_m_{span}", f"walked_share_{span}", f"walked_{span}"
