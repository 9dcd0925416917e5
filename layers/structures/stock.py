"""What stands of illegal structures: 存量 + 新增 − 拆除 = 剩余, for every period and division.

Read from the records and their own days only, so that an old ledger that was brought in today has
a past, and a period long over comes out the same whatever happened to states since. A structure
counts from the day on which it was found until the last of it was pulled down, or until its case
ended without that (补办手续, 终结); its area is what was measured, or what was pulled down where
nothing stands any more or that is more.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from layers.declaring.people import EVERYWHERE, subtree
from layers.declaring.period import Period

# What is on record as pulled down without a record of its own, as in old ledgers, counts as one.
_PARTS = """
WITH records AS (
  SELECT structure, done_on, area_m2::numeric AS area, coalesce(whole, false) AS whole
  FROM demolitions WHERE structure IS NOT NULL
  UNION ALL
  SELECT number, removed_on, coalesce(demolished_area_m2, 0)::numeric, true
  FROM illegal_structures s
  WHERE removed_on IS NOT NULL AND NOT EXISTS (
    SELECT FROM demolitions d WHERE md5(d.structure) = md5(s.number) AND d.structure = s.number
  )
),
taken AS (
  SELECT structure, bool_or(whole) AS whole, min(done_on) AS first, max(done_on) AS last,
    sum(area) AS total,
    coalesce(sum(area) FILTER (WHERE done_on < :since), 0) AS before,
    coalesce(sum(area) FILTER (WHERE done_on BETWEEN :since AND :until), 0) AS during,
    coalesce(sum(area) FILTER (WHERE done_on <= :until), 0) AS until
  FROM records GROUP BY structure
),
known AS (
  SELECT s.id, s.number, s.place, least(coalesce(s.found_on, '-infinity'), t.first) AS found,
    CASE WHEN t.whole THEN t.last END AS finished,
    CASE WHEN t.whole IS NOT TRUE THEN s.ended_on END AS ended_on,
    coalesce(t.total, 0) AS total, coalesce(t.before, 0) AS before,
    coalesce(t.during, 0) AS during, coalesce(t.until, 0) AS until,
    CASE WHEN t.whole THEN t.total
      ELSE greatest(coalesce(s.area_measured_m2, 0)::numeric, coalesce(t.total, 0)) END AS area
  FROM illegal_structures s LEFT JOIN taken t ON t.structure = s.number
  WHERE s.place BETWEEN :low AND :high
),
lives AS (SELECT *, greatest(ended_on, found) AS ended FROM known WHERE ended_on IS NOT NULL
  UNION ALL SELECT *, NULL FROM known WHERE ended_on IS NULL),
parts AS (
  SELECT id, number, place,
    found < :since AND coalesce(finished, ended, 'infinity') >= :since AS opening,
    CASE WHEN found < :since
      THEN area - before - CASE WHEN ended < :since THEN area - total ELSE 0 END ELSE 0
    END AS opening_area,
    found BETWEEN :since AND :until AS added,
    CASE WHEN found BETWEEN :since AND :until THEN area ELSE 0 END AS added_area,
    finished BETWEEN :since AND :until AS demolished,
    during AS demolished_area,
    ended BETWEEN :since AND :until AS corrected,
    CASE WHEN ended BETWEEN :since AND :until THEN area - total ELSE 0 END AS corrected_area,
    found <= :until AND coalesce(finished, ended, 'infinity') > :until AS remaining,
    CASE WHEN found <= :until
      THEN area - until - CASE WHEN ended <= :until THEN area - total ELSE 0 END ELSE 0
    END AS remaining_area
  FROM lives
)
"""
_SUMS = sa.text(
    _PARTS
    + """
SELECT place,
  count(*) FILTER (WHERE opening), sum(opening_area),
  count(*) FILTER (WHERE added), sum(added_area),
  count(*) FILTER (WHERE demolished), sum(demolished_area),
  count(*) FILTER (WHERE corrected), sum(corrected_area),
  count(*) FILTER (WHERE remaining), sum(remaining_area)
FROM parts GROUP BY place
"""
)
_LISTED = sa.text(
    _PARTS
    + """
SELECT id, number, coalesce(counted, false), area
FROM parts CROSS JOIN LATERAL (VALUES
  ('opening', opening, opening_area),
  ('added', added, added_area),
  ('demolished', demolished, demolished_area),
  ('corrected', corrected, corrected_area),
  ('remaining', remaining, remaining_area)
) AS part (name, counted, area)
WHERE name = :part AND (counted OR area <> 0) AND id > :after
ORDER BY id LIMIT :most
"""
)


@dataclass(frozen=True, slots=True)
class Amount:
    """So many structures, or parts of them, and their area in square metres."""

    count: int
    area_m2: Decimal

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.count + other.count, self.area_m2 + other.area_m2)

    def __sub__(self, other: "Amount") -> "Amount":
        return Amount(self.count - other.count, self.area_m2 - other.area_m2)


@dataclass(frozen=True, slots=True)
class Stock:
    """What stood before a period, came to it, went in it and stands after it.

    Of `demolished` the count is of structures of which nothing stands any more, the area of all
    that was pulled down; `corrected` are those whose case ended otherwise, by what stood of them.
    """

    opening: Amount
    added: Amount
    demolished: Amount
    corrected: Amount
    remaining: Amount

    def __add__(self, other: "Stock") -> "Stock":
        mine, theirs = ([getattr(each, name) for name in PARTS] for each in (self, other))
        return Stock(*(a + b for a, b in zip(mine, theirs, strict=True)))

    @property
    def removed(self) -> Amount:
        """What is no longer in the register's stock: opening + added - removed = remaining."""
        return self.demolished + self.corrected


@dataclass(frozen=True, slots=True)
class Share:
    """What one structure is of a part of a stock: whether it counts, and its area in m².

    One that was pulled down in part has an area among what was demolished, and does not count.
    """

    id: int
    number: str
    counted: bool
    area_m2: Decimal


PARTS = tuple(field.name for field in fields(Stock))
"""The parts of a stock, in their order."""
_NONE = Stock(*(Amount(0, Decimal(0)) for _ in PARTS))


def of(connection: Connection, since: date, until: date, within: str = EVERYWHERE) -> Stock:
    """The stock of a period, its last day included, in a division and all below it.

    As far as whoever acts may see it.
    """
    return sum(by_place(connection, since, until, within).values(), start=_NONE)


def by_division(
    connection: Connection, since: date, until: date, divisions: Collection[str]
) -> dict[str, Stock]:
    """The same for each of several divisions, each with all below it."""
    places = by_place(connection, since, until)
    found = {}
    for division in divisions:
        low, high = subtree(division)
        mine = (each for place, each in places.items() if low <= place <= high)
        found[division] = sum(mine, start=_NONE)
    return found


def by_place(
    connection: Connection, since: date, until: date, within: str = EVERYWHERE
) -> dict[int, Stock]:
    """The same for each place, a division's code as a number, where there is anything."""
    bounds = _bounds(since, until, within)
    return {row[0]: _stock(row[1:]) for row in connection.execute(_SUMS, bounds)}


def shares(  # noqa: PLR0913  which part of which stock, and which page of it
    connection: Connection,
    part: str,
    since: date,
    until: date,
    within: str = EVERYWHERE,
    *,
    after: int = 0,
    most: int,
) -> list[Share]:
    """The structures that one of the `PARTS` sums up, by id, so many at most and past one id."""
    asked = _bounds(since, until, within) | {"part": part, "after": after, "most": most}
    return [Share(*row) for row in connection.execute(_LISTED, asked)]


def address(part: str, period: Period, within: str = EVERYWHERE) -> str:
    """Where the API has the shares of one of the `PARTS`."""
    place = {} if within == EVERYWHERE else {"place": within}
    return f"/structures/stock/{part}?{urlencode({'period': period.name, **place})}"


def _bounds(since: date, until: date, within: str) -> dict[str, object]:
    low, high = subtree(within)
    return {"since": since, "until": until, "low": low, "high": high}


def _stock(figures: Sequence[Any]) -> Stock:
    amounts = zip(figures[::2], figures[1::2], strict=True)
    return Stock(*(Amount(count, Decimal(area or 0)) for count, area in amounts))
