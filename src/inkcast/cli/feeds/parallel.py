"""Several long tasks at once, in threads that never keep the program from ending."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")

_LOOK_S = 0.2
_GRACE_S = 2.0


def in_parallel(tasks: Sequence[Callable[[], T]], jobs: int, stop: threading.Event) -> Iterator[T]:
    """Run ``tasks``, at most ``jobs`` at once, and yield what they return, in their order.

    When one fails, no other is begun, and its error is raised once those under way have ended. When the
    caller leaves early (an interrupt), ``stop`` is set, and after two seconds nobody waits any more.

    Args:
        tasks: each should look at ``stop`` now and then, and end if it is set.
        jobs: at least 1.
        stop: set when the tasks should end.
    """
    run = _Run(tasks, stop)
    threads = [threading.Thread(target=run.work, daemon=True) for _ in range(min(jobs, len(tasks)))]
    for thread in threads:
        thread.start()
    try:
        for result in run.results:
            yield _wait(result, run, threads)
    finally:
        stop.set()
        for thread in threads:
            thread.join(_GRACE_S)


class _Run(Generic[T]):
    """What the threads share."""

    def __init__(self, tasks: Sequence[Callable[[], T]], stop: threading.Event) -> None:
        self.results: list[queue.SimpleQueue[T]] = [queue.SimpleQueue() for _ in tasks]
        self.failures: list[BaseException] = []
        self._stop = stop
        self._open: queue.SimpleQueue[tuple[Callable[[], T], queue.SimpleQueue[T]]] = queue.SimpleQueue()
        for pair in zip(tasks, self.results, strict=True):
            self._open.put(pair)

    def work(self) -> None:
        while not self._stop.is_set():
            try:
                task, result = self._open.get_nowait()
            except queue.Empty:
                return
            try:
                result.put(task())
            except BaseException as error:  # raised again where the results are read
                self.failures.append(error)
                self._stop.set()


def _wait(result: queue.SimpleQueue[T], run: _Run[T], threads: Sequence[threading.Thread]) -> T:
    while True:
        ended = not any(thread.is_alive() for thread in threads)
        try:
            # Not for ever: on Windows an interrupt would not be noticed.
            return result.get(timeout=0 if ended else _LOOK_S)
        except queue.Empty:
            if ended:
                raise run.failures[0] from None
