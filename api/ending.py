"""Ctrl-C and SIGTERM, remembered: Python drops an exception that a signal raises inside a callback
of the garbage collector or of the import machinery, and the process would go on as if unasked."""

import signal
import threading
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
_asked = threading.Event()


def watch() -> None:
    """Remember Ctrl-C from now on; called before the slow imports of a command begin."""
    signal.signal(signal.SIGINT, _remember)


def asked() -> bool:
    """Whether the end has been asked for."""
    return _asked.is_set()


def forget() -> None:
    """Begin anew, after an end that was carried out."""
    _asked.clear()


def once(number: int, frame: FrameType | None) -> None:
    """A handler that interrupts once: what then unwinds is not interrupted again."""
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    _remember(number, frame)


def _remember(_number: int, _frame: FrameType | None) -> None:
    _asked.set()
    raise KeyboardInterrupt
