"""Jobs on this machine: the network is waited for in threads, the model works in the caller's own."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from inkcast.download.renewal import Renewal
from inkcast.library.executor import Job, OnRecord
from inkcast.library.pipeline import Event, fetch, make
from inkcast.library.record import StepRecord, StoppedError
from inkcast.library.steps import Tools, Work

DOWNLOADS = 2
_WAITING = 4
"""Episodes that wait for the model, so that it finds some when a few downloads are slow."""
_LOOK_S = 0.2
_GRACE_S = 2.0
"""For all threads together: one that waits for a server that says nothing is left to it."""

Part = Callable[[Work, Mapping[str, StepRecord]], Iterator[Event]]


class LocalExecutor:
    """One model, and ``downloads`` threads that fetch what it will need next.

    Args:
        tools: what the steps need; its ``stop`` ends the run.
        downloads: episodes that are fetched at once.
    """

    def __init__(self, tools: Tools, downloads: int = DOWNLOADS) -> None:
        self._tools = tools
        self._downloads = downloads

    def run(self, jobs: Iterable[Job], on_record: OnRecord) -> Iterator[Job]:
        """See ``Executor``."""
        run = _Run(self._tools, iter(jobs), on_record)
        threads = [threading.Thread(target=run.fetch_all, daemon=True) for _ in range(self._downloads)]
        for thread in threads:
            thread.start()
        try:
            for job in run.fetched(len(threads)):
                run.do(make, job)
                yield job
        except BaseException:
            self._tools.stop.set()
            raise
        finally:
            end = time.monotonic() + _GRACE_S
            for thread in threads:
                thread.join(max(0.0, end - time.monotonic()))


class _End:
    """The last thing that a thread says."""


class _Run:
    """What the threads of a run share."""

    def __init__(self, tools: Tools, jobs: Iterator[Job], on_record: OnRecord) -> None:
        self._tools = tools
        self._jobs = jobs
        self._on_record = on_record
        self._drawing = threading.Lock()
        self._lock = threading.Lock()
        self._renewals: dict[str, Renewal] = {}
        self._ready: queue.Queue[Job | BaseException | _End] = queue.Queue(_WAITING)

    def fetch_all(self) -> None:
        """Fetch one job after the other."""
        try:
            while (job := self._next()) is not None:
                self._put(self.do(fetch, job))
        except BaseException as error:  # raised again where the jobs are waited for
            self._put(error)
        finally:
            self._put(_End())

    def fetched(self, threads: int) -> Iterator[Job]:
        """The jobs whose turn it is."""
        while threads:
            if self._tools.stop.is_set():
                raise StoppedError("The run was asked to stop.")
            try:
                # Not for ever: on Windows an interrupt would not be noticed.
                item = self._ready.get(timeout=_LOOK_S)
            except queue.Empty:
                continue
            if isinstance(item, BaseException):
                raise item
            if isinstance(item, _End):
                threads -= 1
            else:
                yield item

    def do(self, part: Part, job: Job) -> Job:
        """Take a job through ``fetch`` or ``make``; gives it with what is known then."""
        known = dict(job.known)
        for event in part(self._work(job), known):
            if isinstance(event, StepRecord):
                self._on_record(job, event)
                known[event.step] = event
        return replace(job, known=known)

    def _next(self) -> Job | None:
        with self._drawing:
            return None if self._tools.stop.is_set() else next(self._jobs, None)

    def _put(self, item: Job | BaseException | _End) -> None:
        while True:
            try:
                return self._ready.put(item, timeout=_LOOK_S)
            except queue.Full:
                if self._tools.stop.is_set():
                    return

    def _work(self, job: Job) -> Work:
        with self._lock:
            renewal = self._renewals.setdefault(job.source, Renewal(self._tools.client, job.source))
        return Work(job.episode, job.folder, self._tools, renewal, job.feed, job.due, job.twin)
