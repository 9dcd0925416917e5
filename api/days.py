"""Days as people and programs write them."""

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from gis.errors import Problem
from gis.refusals.values import BAD_PARAMETER

# What no register of ours can be about; and a month later than any day is still a day.
_FIRST, _LAST = date(1900, 1, 1), date(2999, 12, 31)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _iso(found: object) -> object:
    # pydantic would take a number for seconds since 1970.
    if isinstance(found, date) or (isinstance(found, str) and _ISO.fullmatch(found)):
        return found
    raise ValueError("a day is written YYYY-MM-DD")


def _sensible(found: date) -> date:
    if not _FIRST <= found <= _LAST:
        raise ValueError(f"a day lies between {_FIRST} and {_LAST}")
    return found


Day = Annotated[date, BeforeValidator(_iso), AfterValidator(_sensible)]


def day(text: str) -> date:
    """The day that somebody wrote; Problem(BAD_PARAMETER)."""
    try:
        return _sensible(date.fromisoformat(text) if _ISO.fullmatch(text) else date.min)
    except ValueError:
        raise Problem(
            BAD_PARAMETER,
            name="date",
            reason=f"{text[:40]} is no day, written YYYY-MM-DD",
            reason_zh=f"{text[:40]} 不是日期，应写作 YYYY-MM-DD",
        ) from None
