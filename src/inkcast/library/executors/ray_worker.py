"""What runs on the machines of a cluster: a process that takes episodes through ``make``, one at a time."""

from __future__ import annotations

import logging
import os
import platform
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import httpx

from inkcast import __version__
from inkcast.errors import LibraryError, redact
from inkcast.library.executors.executor import Job
from inkcast.library.steps.episode_steps import Tools, Work
from inkcast.library.steps.models_on_demand import Transcribe
from inkcast.library.steps.pipeline import Event, make
from inkcast.settings import Settings


@dataclass(frozen=True, slots=True)
class Line:
    """Something to be logged where the user looks."""

    level: int
    text: str


class RayWorker:
    """Loads each model once. Another thread may call ``stop`` while ``make`` runs.

    Args:
        settings: the user's.
        folder: where the user is; relative paths, such as the library's, count from there.
        transcriber: makes what hears.
    """

    def __init__(self, settings: Settings, folder: str, transcriber: Callable[[], Transcribe]) -> None:
        with suppress(OSError):
            os.chdir(folder)
        self._log = _Lines()
        logging.getLogger("inkcast").addHandler(self._log)
        self._tools = Tools(httpx.Client(transport=_NoNetwork()), settings, transcriber())

    def version(self) -> str:
        """Inkcast's, once the worker can work."""
        return __version__

    def stop(self) -> None:
        """End ``make`` at the next moment at which nothing is lost, and for good."""
        self._tools.stop.set()

    def make(self, job: Job) -> Iterator[Event | Line]:
        """Take an episode through ``make``.

        Raises:
            InkcastError: no other job could be done either, here.
        """
        if not job.folder.is_dir():
            raise LibraryError(
                f"The machine {platform.node()} has no folder {job.folder.absolute()}.",
                "Put the library on a disk that all machines share, under the same path on each.",
            )
        work = Work(job.episode, job.folder, self._tools, feed=job.feed, due=job.due, twin=job.twin)
        for event in make(work, job.known):
            yield event
            # Not "yield from": Ray sends values into the generator, which a list would not take.
            for line in self._log.take():  # noqa: UP028
                yield line


class _Lines(logging.Handler):
    """Keeps what is worth a warning until somebody takes it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._lines: list[Line] = []

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(Line(record.levelno, redact(self.format(record))))

    def take(self) -> list[Line]:
        lines, self._lines = self._lines, []
        return lines


class _NoNetwork(httpx.BaseTransport):
    """Has nothing: what is on the network was fetched before, where requests to a host are counted."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(404)
