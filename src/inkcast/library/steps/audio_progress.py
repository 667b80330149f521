"""How far a run has come with the audio that it has to do: what a bar may claim before the end.

An episode counts by its audio, not as one: it is mostly done once it is heard, and all of it once its page is
written. What was found complete counts for nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from inkcast.on_progress import OnProgress

# The rest is for alignment and pages, which take a fifth of the time with the smallest model and next to none
# with a large one. A bar is never further than this rest from the share of the audio that was heard.
_HEARING_SHARE = 0.9


@dataclass(slots=True)
class _Episode:
    """``guess``: its length in any unit that its feed's episodes share; ``ms``: as it was heard."""

    feed: _Feed
    guess: float
    ms: int = 0
    heard_ms: int = 0
    has_ended: bool = False


@dataclass(slots=True)
class _Feed:
    show: OnProgress
    bar: ExitStack
    n_open: int
    episodes: list[_Episode] = field(default_factory=list)

    def tell(self) -> None:
        known = [episode for episode in self.episodes if episode.ms]
        scale = sum(episode.ms for episode in known) / sum(episode.guess for episode in known) if known else 1
        done = total = 0.0
        for episode in self.episodes:
            length = episode.ms or episode.guess * scale
            total += length
            heard = length if episode.has_ended else min(length, episode.heard_ms)
            done += heard * (1 if episode.has_ended else _HEARING_SHARE)
        self.show(int(done), int(total) or None)


class AudioProgress:
    """Adds up the audio of a run's episodes, each known by its folder. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._episodes: dict[Path, _Episode] = {}

    def begin(self, lengths: Mapping[Path, float | None], task: AbstractContextManager[OnProgress]) -> None:
        """Expect the episodes of a feed.

        Args:
            lengths: of those that have something to be done, as far as they are known; in any unit, as what
                is heard of the first tells how long the others are.
            task: open while any of them is under way; gives what is told the milliseconds done and in all.
        """
        known = [length for length in lengths.values() if length]
        average = sum(known) / len(known) if known else 1.0
        if not lengths:
            return
        with self._lock, ExitStack() as stack:
            feed = _Feed(stack.enter_context(task), stack.pop_all(), len(lengths))
            for folder, length in lengths.items():
                episode = self._episodes[folder] = _Episode(feed, length or average)
                feed.episodes.append(episode)

    def heard(self, folder: Path, done_ms: int, total_ms: int | None) -> None:
        """Take down how much of an episode was transcribed."""
        with self._lock:
            if episode := self._episodes.get(folder):
                episode.ms = max(total_ms or 0, done_ms, episode.ms)
                episode.heard_ms = done_ms
                episode.feed.tell()

    def end(self, folder: Path, *, counts: bool) -> None:
        """Take down that an episode is through; ``counts`` if anything was done for it."""
        with self._lock:
            episode = self._episodes.pop(folder, None)
            if episode is None:
                return
            feed = episode.feed
            episode.has_ended = True
            if not counts:
                feed.episodes.remove(episode)
            feed.tell()
            feed.n_open -= 1
            if not feed.n_open:
                feed.bar.close()

    def close(self) -> None:
        """End the tasks of what is still under way."""
        with self._lock:
            for episode in self._episodes.values():
                episode.feed.bar.close()
            self._episodes.clear()
