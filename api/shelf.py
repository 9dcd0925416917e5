"""What was made before, given again while nothing has changed that it was made of."""

from collections import OrderedDict
from threading import Lock
from typing import Generic, TypeVar

from layers.freshness.counting import Version

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Shelf(Generic[_Key, _Value]):
    """What was asked for last, as much as fits into `most` by its sizes; threads may share one.

    One of an older version is never given, and goes when the new one comes. Who may see what
    belongs into the key.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._filled = 0
        self._lock = Lock()
        self._kept: OrderedDict[_Key, tuple[Version, _Value, int]] = OrderedDict()

    def get(self, key: _Key, version: Version | None) -> _Value | None:
        """What is kept, if it was made of this version; nothing is of none."""
        with self._lock:
            found = self._kept.get(key)
            if found is None or found[0] != version:
                return None
            self._kept.move_to_end(key)
            return found[1]

    def put(self, key: _Key, version: Version | None, value: _Value, size: int) -> None:
        """Keep it in place of an older one, but nothing that has no version or is too large."""
        if version is None or size > self._most:
            return
        with self._lock:
            before = self._kept.pop(key, None)
            self._filled += size - (before[2] if before else 0)
            self._kept[key] = (version, value, size)
            while self._filled > self._most:
                _, gone = self._kept.popitem(last=False)
                self._filled -= gone[2]
