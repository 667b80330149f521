"""Ctrl-C and SIGTERM: the first asks a long run to end where nothing is lost, the second ends it at once."""

from __future__ import annotations

import signal
import threading
from types import FrameType

from inkcast.cli.output import tell


class Interrupt:
    """Catches both signals while it is open; use it as a context manager in the main thread.

    Attributes:
        stop: set by the first signal.
        status: what to exit with then, 130 or 143; 0 if there was none.
    """

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.status = 0
        self._before: dict[int, object] = {}

    def __enter__(self) -> Interrupt:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.status = 128 + number
        self.stop.set()
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_DFL)
        tell("\nStopping after this window; press Ctrl-C again to stop at once.")
