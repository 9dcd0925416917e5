"""How far the load of an upload has come, told beside it; ended when nobody wants it any more.

What is told lies in the upload's folder, so that any process of the machine answers for it.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from typing import Literal

from api.uploads.drafts import Draft
from gis.server import private_files
from gis.stopping import Switch
from layers.arriving.importing import Progress

Phase = Literal["reading", "checking", "copying", "storing"]

_COURSE, _CANCEL = "course", "cancel"
_LOOKED_EVERY_S = 0.3
# A load that has told nothing for so long has died with its process.
_SILENT_S = 10.0


@dataclass(frozen=True, slots=True)
class Course:
    """How far a load is: `done` of `total` steps of a phase, which began `seconds` ago; 0 of 0
    while nobody knows. Each row is checked and copied: two steps."""

    phase: Phase
    done: int
    total: int
    seconds: float

    @property
    def share(self) -> float | None:
        """Of the phase, 0 to 1; None where nobody knows."""
        return self.done / self.total if self.total else None

    @property
    def rows_per_second(self) -> float | None:
        """Once it can be told."""
        return self.done / self.seconds / 2 if self.done and self.seconds > 0 else None

    @property
    def seconds_left(self) -> float | None:
        """Of the phase, as far as its rate tells."""
        rate = self.rows_per_second
        return (self.total - self.done) / 2 / rate if rate and self.total else None


@dataclass(slots=True)
class Following:
    """One load on its course, which other requests ask about."""

    draft: Draft
    switch: Switch = field(default_factory=Switch)
    _phase: Phase = "reading"
    _begun: float = field(default_factory=time.monotonic)
    _done: int = 0
    _total: int = 0

    def enter(self, phase: Phase) -> Progress:
        """Go on with another phase; what is to be told of its steps."""
        self.switch.check()
        self._phase, self._begun, self._done, self._total = phase, time.monotonic(), 0, 0
        return self._advance

    @property
    def phase(self) -> Phase:
        """Of a file that is copied PostGIS has the rest to do, and tells nothing of it."""
        copied = self._phase == "copying" and 0 < self._total <= self._done
        return "storing" if copied else self._phase

    def tell(self) -> None:
        """Write down how far it is."""
        seconds = round(time.monotonic() - self._begun, 3)
        phase, total = self.phase, self._total
        course = Course(phase, self._done, 0 if phase == "storing" else total, seconds)
        with suppress(FileNotFoundError):  # discarded meanwhile
            private_files.write(self.draft.folder / _COURSE, json.dumps(asdict(course)))

    def _advance(self, done: int, total: int | None) -> None:
        self._done, self._total = done, total or 0


@contextmanager
def until(unwanted: Callable[[], bool]) -> Iterator[Switch]:
    """A switch that is thrown once the work in the block is unwanted, which a thread looks for."""
    switch, over = Switch(), threading.Event()

    def watch() -> None:
        while not over.wait(_LOOKED_EVERY_S):
            # Again and again: between two statements there is nothing that it would end.
            if unwanted() or switch.thrown:
                switch.throw()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield switch
    finally:
        over.set()
        thread.join()


@contextmanager
def followed(draft: Draft, hung_up: Callable[[], bool]) -> Iterator[Following]:
    """While the block runs others see how far it is, and may end it, as whoever waits for it does
    by going: Interrupted."""
    told, asked = draft.folder / _COURSE, draft.folder / _CANCEL
    asked.unlink(missing_ok=True)
    following = Following(draft)
    following.tell()

    def unwanted() -> bool:
        following.tell()
        return asked.exists() or hung_up()

    try:
        with until(unwanted) as following.switch:
            yield following
    finally:
        for path in (told, asked):
            path.unlink(missing_ok=True)


def course(draft: Draft) -> Course | None:
    """How far the load of an upload is; None where none is under way."""
    path = draft.folder / _COURSE
    with suppress(FileNotFoundError):
        if time.time() - path.stat().st_mtime < _SILENT_S:
            text = private_files.read(path)
            return None if text is None else Course(**json.loads(text))
    return None


def cancel(draft: Draft) -> None:
    """End the load that is under way, if any is."""
    if course(draft) is not None:
        private_files.write(draft.folder / _CANCEL, "")
