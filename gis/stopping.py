"""Ending work from another thread: whoever waited for it has gone."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Interrupted(Exception):
    """Work was ended because nobody wants it any more."""


class Switch:
    """Ends work that runs in other threads, at once or where it next looks."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._thrown = False
        self._ends: list[Callable[[], None]] = []

    def throw(self) -> None:
        """End it: what is waited for now is ended, what would come next does not begin."""
        # In turn: what has come to its end meanwhile, and is another's by now, shall not be ended.
        with self._turn:
            self._thrown = True
            for end in self._ends:
                end()

    @property
    def thrown(self) -> bool:
        return self._thrown

    def check(self) -> None:
        """Go on, or raise Interrupted."""
        if self._thrown:
            raise Interrupted

    @contextmanager
    def ending(self, end: Callable[[], None]) -> Iterator[None]:
        """While the block runs, `end` is what ends it; it may be called by any thread."""
        with self._turn:
            self.check()
            self._ends.append(end)
        try:
            yield
        finally:
            with self._turn:
                self._ends.remove(end)
