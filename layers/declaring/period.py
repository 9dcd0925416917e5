"""What time a report is about: a month, a quarter, a year, or from one day to another."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from gis.errors import Lang, Problem
from layers.refusals.reports import BAD_PERIOD

_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_QUARTER = re.compile(r"([0-9]{4})-Q([1-4])")
_YEAR = re.compile(r"[0-9]{4}")
_DAYS = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})/([0-9]{4}-[0-9]{2}-[0-9]{2})")
_FIRST_YEAR, _LAST_YEAR = 1901, 2999
_QUARTERS_ZH = "一二三四"


@dataclass(frozen=True, slots=True)
class Period:
    """From the day `first` to the day `last`, both within."""

    first: date
    last: date

    @property
    def name(self) -> str:
        """How it is written in an address, the shortest way: 2017-07, 2017-Q3, 2017 or A/B.

        >>> parse("2017-01-01/2017-12-31").name, parse("2017-01-01/2017-07-20").name
        ('2017', '2017-01-01/2017-07-20')
        """
        year = self.first.year
        match self._months:
            case (1, 12):
                return f"{year:04}"
            case (first, last) if first == last:
                return f"{year:04}-{first:02}"
            case (first, last) if first % 3 == 1 and last == first + 2:
                return f"{year:04}-Q{last // 3}"
        return f"{self.first.isoformat()}/{self.last.isoformat()}"

    def title(self, lang: Lang) -> str:
        """How people call it."""
        year, name = self.first.year, self.name
        if lang == "en":
            return name.replace("/", " – ")
        if _YEAR.fullmatch(name):
            return f"{year}年"
        if _QUARTER.fullmatch(name):
            return f"{year}年第{_QUARTERS_ZH[self.last.month // 3 - 1]}季度"
        if _MONTH.fullmatch(name):
            return f"{year}年{self.first.month}月"
        return f"{chinese_day(self.first)}至{chinese_day(self.last)}"

    @property
    def year_to_date(self) -> "Period":
        """From the first day of the year to the last day of the period."""
        return Period(date(self.last.year, 1, 1), self.last)

    @property
    def a_year_before(self) -> "Period":
        """The same days of the year before; a period of whole months stays one."""
        last = _a_year_before(self.last)
        if _ends_month(self.last) and self.first.day == 1:
            last = last.replace(day=monthrange(last.year, last.month)[1])
        return Period(_a_year_before(self.first), last)

    @property
    def months(self) -> "tuple[Period, ...]":
        """Month by month, the first and the last as far as they are within."""
        found, first = [], self.first
        while first <= self.last:
            end = first.replace(day=monthrange(first.year, first.month)[1])
            found.append(Period(first, min(end, self.last)))
            first = date.fromordinal(end.toordinal() + 1)
        return tuple(found)

    @property
    def _months(self) -> tuple[int, int] | None:
        """The first and last month, where it is whole months of one year."""
        whole = self.first.day == 1 and _ends_month(self.last)
        is_one_year = self.first.year == self.last.year
        return (self.first.month, self.last.month) if whole and is_one_year else None


def parse(text: str) -> Period:
    """The period that somebody wrote; Problem(BAD_PERIOD).

    >>> parse("2017-Q3")
    Period(first=datetime.date(2017, 7, 1), last=datetime.date(2017, 9, 30))
    """
    try:
        found = _parsed(text)
    except ValueError:
        found = None
    if found is None or found.first > found.last or not _is_sensible(found):
        raise Problem(BAD_PERIOD, value=text[:40])
    return found


def chinese_day(day: date) -> str:
    """A day as official papers write it: 2017年7月20日."""
    return f"{day.year}年{day.month}月{day.day}日"


def _parsed(text: str) -> Period | None:
    if _YEAR.fullmatch(text):
        return _of_months(int(text), 1, 12)
    if found := _QUARTER.fullmatch(text):
        last = 3 * int(found[2])
        return _of_months(int(found[1]), last - 2, last)
    if found := _MONTH.fullmatch(text):
        return _of_months(int(found[1]), int(found[2]), int(found[2]))
    if found := _DAYS.fullmatch(text):
        return Period(date.fromisoformat(found[1]), date.fromisoformat(found[2]))
    return None


def _of_months(year: int, first: int, last: int) -> Period:
    begin = date(year, first, 1)
    return Period(begin, date(year, last, monthrange(year, last)[1]))


def _is_sensible(period: Period) -> bool:
    return period.first.year >= _FIRST_YEAR and period.last.year <= _LAST_YEAR


def _ends_month(day: date) -> bool:
    return day.day == monthrange(day.year, day.month)[1]


def _a_year_before(day: date) -> date:
    year = day.year - 1
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))
