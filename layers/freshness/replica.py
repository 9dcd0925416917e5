"""A streaming replica: answers what it can be shown to know as it is now, and is passed by else.

No replica is waited for and none is trusted: it tells how far its own snapshot had come together
with the answer, and the answer counts only where that is exactly as far as the primary had when the
request came. So nobody is told anything older than from the primary, whoever wrote it and wherever.
"""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis.errors import Problem
from gis.postgis import Database
from gis.refusals.database import DATABASE_BUSY, DATABASE_UNREACHABLE
from layers.freshness import counting
from layers.freshness.counting import State

_Answer = TypeVar("_Answer")
_LOGGER = logging.getLogger(__name__)
# After one that is behind, the next try may already succeed; one that is away costs a wait.
_FIRST_S, _LONGEST_S, _AWAY_S = 0.005, 1.0, 5.0


@dataclass(slots=True)
class Standing:
    """Whether the replica is worth asking, and how often it was: for all who share it."""

    answered: int = 0
    passed: int = 0
    _until: float = 0.0
    _pause: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def worth_asking(self) -> bool:
        """Whether to ask it now; of those who come after a pause only the first tries."""
        with self._lock:
            now = time.monotonic()
            if now < self._until:
                self.passed += 1
                return False
            self._until = now + self._pause
            return True

    def served(self) -> None:
        """It has answered as the primary would have."""
        with self._lock:
            self.answered += 1
            self._until = self._pause = 0.0

    def behind(self) -> None:
        """It was somewhere else than the primary: the oftener in a row, the longer it rests."""
        self._rest(min(max(2 * self._pause, _FIRST_S), _LONGEST_S))

    def away(self) -> None:
        """It did not answer."""
        self._rest(_AWAY_S)

    def _rest(self, pause_s: float) -> None:
        with self._lock:
            self.passed += 1
            self._pause = pause_s
            self._until = time.monotonic() + pause_s


@dataclass(frozen=True, slots=True)
class Replica:
    """The `database` is the replica's, as whoever acts may see it."""

    database: Database
    standing: Standing = field(default_factory=Standing)

    def over(self, database: Database) -> "Replica":
        """The same replica, as somebody may see it."""
        return replace(self, database=database)

    def told(
        self,
        sources: Iterable[str] | None,
        now: State,
        ask: Callable[[Database], tuple[_Answer, State]],
    ) -> tuple[_Answer, State] | None:
        """What `ask` finds in these counted tables, with the state of the snapshot that it read;
        None where that is not what the primary's has, `now`, or where it cannot tell."""
        wanted = None if sources is None else now.of(sources)
        # Of a table that was never counted nobody can say whether two are the same.
        if sources is None or wanted is None or None in wanted:
            return None
        if not self.standing.worth_asking():
            return None
        try:
            found, state = ask(self.database)
        except (Problem, sa.exc.SQLAlchemyError) as error:
            # Whatever it was: the primary answers, and refuses what is to be refused.
            self._note(error)
            return None
        if state.of(sources) != wanted:
            self.standing.behind()
            return None
        self.standing.served()
        return found, state

    def read(
        self, sources: Iterable[str] | None, now: State, work: Callable[[Connection], _Answer]
    ) -> tuple[_Answer] | None:
        """The same of what is read on one snapshot; a tuple, since it may well be None."""

        def ask(database: Database) -> tuple[_Answer, State]:
            with database.read() as connection:
                state = counting.state(connection)
                return work(connection), state

        found = self.told(sources, now, ask)
        return None if found is None else found[:1]

    def _note(self, error: Exception) -> None:
        rule = error.rule if isinstance(error, Problem) else None
        if rule is None or rule is DATABASE_UNREACHABLE:
            _LOGGER.warning("the replica is passed by: %s", _first_line(error))
            self.standing.away()
        elif rule is DATABASE_BUSY:  # or cut off, to let the log go on
            self.standing.behind()


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
