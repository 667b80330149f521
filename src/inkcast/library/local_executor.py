"""Jobs on this machine: the model works in the caller's thread, all that does not need it in others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from inkcast.library.ahead import DOWNLOADS, Ahead
from inkcast.library.behind import Behind
from inkcast.library.executor import Job, OnRecord
from inkcast.library.pipeline import make
from inkcast.library.record import StoppedError
from inkcast.library.steps import Tools

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
        ahead = Ahead(self._tools, jobs, on_record, self._downloads)
        with ahead, Behind(self._tools, on_record) as behind:
            while not ahead.is_through:
                if job := ahead.next():
                    behind.take(job, make(ahead.work(job), job.known))
                yield from behind.ended()
            while behind.is_busy:
                yield from behind.ended(_LOOK_S)
                if self._tools.stop.is_set():
                    raise StoppedError("The run was asked to stop.")
