"""Episodes aligned and published while the model transcribes the next one."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from inkcast.library.executors.executor import Job, OnRecord
from inkcast.library.steps.episode_steps import Tools
from inkcast.library.steps.pipeline import Event
from inkcast.library.store.record import StepRecord

_WITHOUT_MODEL = ("align", "publish")
_WAITING = 8
"""Episodes that wait to be finished: short ones are heard while a long one is aligned, but the model is not
to run far ahead of what can be looked at."""
_MOST = 4
_LOOK_S = 0.2
_LOOK_FOR_WORK_S = 0.05
_GRACE_S = 2.0
"""For all threads together: an alignment that is cut off is made again the next time."""


@dataclass(slots=True)
class _Open:
    """An episode on its way: what is known by now, and the steps that are still to come."""

    job: Job
    known: dict[str, StepRecord]
    steps: Iterator[Event]


class Finisher:
    """Does the steps that need no model in threads; use it as a context manager.

    Args:
        tools: its ``stop`` is set when the block ends with an error.
        on_record: told of each step's end.
        threads: episodes that are finished at once; None: one for each core but the model's.
    """

    def __init__(self, tools: Tools, on_record: OnRecord, threads: int | None = None) -> None:
        self._tools = tools
        self._on_record = on_record
        self._waiting: queue.Queue[_Open] = queue.Queue(_WAITING)
        self._ended: queue.SimpleQueue[Job | BaseException] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._n_open = 0
        n_threads = threads or min(_MOST, max(1, (os.cpu_count() or 2) - 1))
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(n_threads)]

    def __enter__(self) -> Finisher:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind:
            self._tools.stop.set()
        self._closing.set()
        end = time.monotonic() + _GRACE_S
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    @property
    def is_busy(self) -> bool:
        """Whether jobs are to come from ``ended``."""
        return self._n_open > 0

    def take(self, job: Job, steps: Iterator[Event]) -> None:
        """Take a job through its steps: in this thread those that want the model, the rest in others.

        Waits while others are still to be finished. Raises what the steps raise.
        """
        self._n_open += 1
        open_ = _Open(job, dict(job.known), steps)
        if self._advance(open_, _WITHOUT_MODEL):
            self._ended.put(_closed(open_))
        else:
            while not self._tools.stop.is_set():
                try:
                    return self._waiting.put(open_, timeout=_LOOK_S)
                except queue.Full:  # not for ever: on Windows an interrupt would not be noticed
                    continue

    def ended(self, wait_s: float = 0.0) -> Iterator[Job]:
        """The jobs that have ended by now, with what is known of them then.

        Args:
            wait_s: how long to wait for the first.
        Raises:
            InkcastError: no other job could be finished either.
        """
        while True:
            try:
                item = self._ended.get(timeout=wait_s) if wait_s else self._ended.get_nowait()
            except queue.Empty:
                return
            if isinstance(item, BaseException):
                raise item
            self._n_open -= 1
            wait_s = 0.0
            yield item

    def _advance(self, open_: _Open, before: tuple[str, ...] = ()) -> bool:
        """Go on to the end, or to one of the steps ``before``; tells whether it was the end."""
        for event in open_.steps:
            if isinstance(event, StepRecord):
                self._on_record(open_.job, event)
                open_.known[event.step] = event
            elif event in before:
                return False
        return True

    def _work(self) -> None:
        while not self._closing.is_set():
            try:
                open_ = self._waiting.get(timeout=_LOOK_FOR_WORK_S)
            except queue.Empty:
                continue
            try:
                self._advance(open_)
                self._ended.put(_closed(open_))
            except BaseException as error:  # raised again where the jobs are waited for
                self._ended.put(error)


def _closed(open_: _Open) -> Job:
    return replace(open_.job, known=open_.known)
