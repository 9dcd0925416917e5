"""Of which day and of which ground a map is, and how its addresses say so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from maps.narrowing import WHOLE, Narrowing, Pairs


@dataclass(frozen=True, slots=True)
class Sight:
    """`on` is the past day whose end is shown, None for now; `division` the code of the ground,
    None for all of it, `named` what it is called. `today` is the last day that can be asked for:
    without it the page asks for none. `at` is the day whose waiting cases are shown at first,
    `narrowing` what features have to be like."""

    on: date | None = None
    division: str | None = None
    named: str | None = None
    today: date | None = None
    at: date | None = None
    narrowing: Narrowing = WHOLE

    @property
    def of_pages(self) -> Mapping[str, str]:
        """What the addresses of maps take over from one another."""
        return _told(on=self._day, division=self.division)

    @property
    def of_data(self) -> Mapping[str, str]:
        """The same in the addresses of tiles, features and figures, where a field of a layer may be
        called division."""
        return _told(on=self._day, place=self.division)

    @property
    def without(self) -> Mapping[str, str]:
        """What remains of `of_pages` one step back: another day's ground now, else all ground."""
        return _told(division=self.division if self.on else None)

    @property
    def _day(self) -> str | None:
        return None if self.on is None else self.on.isoformat()


def query(asked: Mapping[str, str] | Pairs, sign: str = "?") -> str:
    """What is asked, as the end of an address; nothing where nothing is."""
    return f"{sign}{urlencode(asked)}" if asked else ""


def _told(**values: str | None) -> Mapping[str, str]:
    return {name: value for name, value in values.items() if value is not None}


HERE_AND_NOW = Sight()
