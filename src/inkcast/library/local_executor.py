"""Jobs on this machine: the network is waited for in threads, the model works in the caller's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from inkcast.library.ahead import DOWNLOADS, Ahead
from inkcast.library.executor import Job, OnRecord
from inkcast.library.pipeline import make
from inkcast.library.steps import Tools


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
        with Ahead(self._tools, jobs, on_record, self._downloads) as ahead:
            while not ahead.is_through:
                if job := ahead.next():
                    yield ahead.do(make, job)
