"""The seam between the library, which knows what is to be done, and whoever does it: here, or elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from inkcast.feeds.episode import Episode
from inkcast.library.store.record import StepRecord
from inkcast.settings import FeedSettings


@dataclass(frozen=True, slots=True)
class Job:
    """An episode to take through its steps; it pickles, and holds paths where the bytes are.

    Attributes:
        number: different for each job of a run.
        episode: as the feed has it. Its addresses may hold secrets.
        folder: where its files are, on a disk that every worker sees.
        known: the steps that it has gone through, by name.
        source: the feed's address, to ask for the episode's address again.
        feed: what the user wants for the feed.
        due: what failed and is to be tried again by then is tried now.
        twin: a file with the same audio, which another episode has.
    """

    number: int
    episode: Episode
    folder: Path
    known: Mapping[str, StepRecord]
    source: str
    feed: FeedSettings
    due: datetime
    twin: Path | None = None


OnRecord = Callable[[Job, StepRecord], None]
"""Told as soon as a step has ended, from any thread of the process that called ``run``: it alone writes
the catalogue."""


class Executor(Protocol):
    """Does jobs.

    ``fetch`` of ``pipeline.py`` runs ahead of ``make``, and a model is loaded once for each worker. No more
    jobs are drawn from ``jobs`` than are worked on or wait for a model.
    """

    def run(self, jobs: Iterable[Job], on_record: OnRecord) -> Iterator[Job]:
        """Do the jobs, and yield each as it ends, in whatever order.

        Raises:
            StoppedError: somebody asked for it; what was under way is kept as far as it got.
            InkcastError: no other job could be done either: no model, no space left.
        """
        ...
