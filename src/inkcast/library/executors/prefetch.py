"""Episodes fetched ahead of the model, which then need not wait for the network."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from inkcast.download.address_refresh import AddressRefresh
from inkcast.library.executors.executor import Job, OnRecord
from inkcast.library.steps.episode_steps import Tools, Work
from inkcast.library.steps.pipeline import Event, fetch
from inkcast.library.store.record import StepRecord, StoppedError

DOWNLOADS = 2
_WAITING = 4
"""Episodes that wait for the model, so that it finds some when a few downloads are slow."""
_LOOK_S = 0.2
_GRACE_S = 2.0
"""For all threads together: one that waits for a server that says nothing is left to it."""

Part = Callable[[Work, Mapping[str, StepRecord]], Iterator[Event]]
"""Some steps of an episode, such as ``fetch`` and ``make``."""


class Prefetch:
    """Draws jobs and fetches what they need in threads; use it as a context manager.

    Args:
        tools: what the steps need; its ``stop`` ends the threads.
        jobs: drawn as there is room for them.
        on_record: told of each step's end.
        downloads: episodes that are fetched at once.
        models: episodes that are worked on at once; as many may wait.
        part: what is done ahead.
    """

    def __init__(
        self,
        tools: Tools,
        jobs: Iterable[Job],
        on_record: OnRecord,
        downloads: int = DOWNLOADS,
        *,
        models: int = 1,
        part: Part = fetch,
    ) -> None:
        self._tools = tools
        self._jobs = iter(jobs)
        self._on_record = on_record
        self._part = part
        self._drawing = threading.Lock()
        self._lock = threading.Lock()
        self._refreshes: dict[str, AddressRefresh] = {}
        self._ready: queue.Queue[Job | BaseException | _End] = queue.Queue(max(_WAITING, models))
        self._threads = [threading.Thread(target=self._fetch_all, daemon=True) for _ in range(downloads)]
        self._fetching = downloads

    def __enter__(self) -> Prefetch:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind:
            self._tools.stop.set()
        end = time.monotonic() + _GRACE_S
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    @property
    def is_through(self) -> bool:
        """Whether no more jobs will come."""
        return self._fetching == 0

    def next(self, wait_s: float = _LOOK_S) -> Job | None:
        """The next job that is fetched; None if there is none yet, or ``is_through``.

        Args:
            wait_s: not for ever: on Windows an interrupt would not be noticed.
        Raises:
            StoppedError: somebody asked for it.
            InkcastError: no other job could be fetched either.
        """
        if self._tools.stop.is_set():
            raise StoppedError("The run was asked to stop.")
        if self.is_through:
            return None
        try:
            item = self._ready.get(timeout=wait_s) if wait_s else self._ready.get_nowait()
        except queue.Empty:
            return None
        if isinstance(item, BaseException):
            raise item
        if isinstance(item, _End):
            self._fetching -= 1
            return None
        return item

    def do(self, part: Part, job: Job) -> Job:
        """Take a job through some of its steps, in this thread; gives it with what is known then."""
        known = dict(job.known)
        for event in part(self.work(job), job.known):
            if isinstance(event, StepRecord):
                self._on_record(job, event)
                known[event.step] = event
        return replace(job, known=known)

    def work(self, job: Job) -> Work:
        """The job as the steps see it."""
        with self._lock:
            refresh = self._refreshes.setdefault(job.source, AddressRefresh(self._tools.client, job.source))
        return Work(job.episode, job.folder, self._tools, refresh, job.feed, job.due, job.twin)

    def _fetch_all(self) -> None:
        """Fetch one job after the other."""
        try:
            while (job := self._draw()) is not None:
                self._put(self.do(self._part, job))
        except BaseException as error:  # raised again where the jobs are waited for
            self._put(error)
        finally:
            self._put(_End())

    def _draw(self) -> Job | None:
        with self._drawing:
            return None if self._tools.stop.is_set() else next(self._jobs, None)

    def _put(self, item: Job | BaseException | _End) -> None:
        while True:
            try:
                return self._ready.put(item, timeout=_LOOK_S)
            except queue.Full:
                if self._tools.stop.is_set():
                    return


class _End:
    """The last thing that a thread says."""
