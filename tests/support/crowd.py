"""How many are at it at once, counted so that a slow machine changes nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Crowd:
    """``most`` is how many were inside at the same time. The first ``expected`` wait for one another."""

    def __init__(self, expected: int) -> None:
        self.most = 0
        self.inside = 0
        self._expected = expected
        self._changed = threading.Condition()

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Be inside for a moment, in which one too many would be seen."""
        with self._changed:
            self.inside += 1
            self.most = max(self.most, self.inside)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self.most >= self._expected, timeout=30)
        time.sleep(0.01)
        try:
            yield
        finally:
            with self._changed:
                self.inside -= 1
