"""Jobs on this machine: the model works in the caller's thread, all that does not need it in others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from inkcast.library.executors.executor import Job, OnRecord
from inkcast.library.executors.finish import Finisher
from inkcast.library.executors.prefetch import DOWNLOADS, Prefetch
from inkcast.library.steps.episode_steps import Tools
from inkcast.library.steps.pipeline import make
from inkcast.library.store.record import StoppedError

_LOOK_S = 0.2


class LocalExecutor:
    """One model, ``downloads`` threads that fetch what it will need next, and some that finish its work.

    Args:
        tools: what the steps need; its ``stop`` ends the run.
        downloads: episodes that are fetched at once.
    """

    def __init__(self, tools: Tools, downloads: int = DOWNLOADS) -> None:
        self._tools = tools
        self._downloads = downloads

    def run(self, jobs: Iterable[Job], on_record: OnRecord) -> Iterator[Job]:
        """See ``Executor``."""
        prefetch = Prefetch(self._tools, jobs, on_record, self._downloads)
        with prefetch, Finisher(self._tools, on_record) as finisher:
            while not prefetch.is_through:
                if job := prefetch.next():
                    finisher.take(job, make(prefetch.work(job), job.known))
                yield from finisher.ended()
            while finisher.is_busy:
                yield from finisher.ended(_LOOK_S)
                if self._tools.stop.is_set():
                    raise StoppedError("The run was asked to stop.")
