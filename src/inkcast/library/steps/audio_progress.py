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
_ROUNDING_MS = 1e-3


@dataclass(slots=True)
class _Episode:
    """``guess``: its length in any unit that its feed's episodes share; ``ms``: as it was heard."""

    feed: _Feed
    guess: float
    ms: int = 0
    heard_ms: int = 0
    has_ended: bool = False

    def sums(self) -> _Sums:
        """What it adds to those of its feed."""
        if not self.ms:
            return _Sums(guessed=self.guess, guessed_done=self.guess if self.has_ended else 0)
        done = self.ms if self.has_ended else _HEARING_SHARE * min(self.ms, self.heard_ms)
        return _Sums(self.guess, self.ms, done)


@dataclass(frozen=True, slots=True)
class _Sums:
    """Of episodes whose length is known (their guesses, lengths, what is done), and of the others."""

    known: float = 0
    known_ms: float = 0
    known_done_ms: float = 0
    guessed: float = 0
    guessed_done: float = 0

    def plus(self, other: _Sums, sign: int = 1) -> _Sums:
        """With those of other episodes; without them, if ``sign`` is -1."""
        return _Sums(
            self.known + sign * other.known,
            self.known_ms + sign * other.known_ms,
            self.known_done_ms + sign * other.known_done_ms,
            self.guessed + sign * other.guessed,
            self.guessed_done + sign * other.guessed_done,
        )


@dataclass(slots=True)
class _Feed:
    """``sums`` are kept as episodes change: feeds have thousands."""

    show: OnProgress
    bar: ExitStack
    n_open: int
    sums: _Sums = field(default_factory=_Sums)

    def tell(self) -> None:
        sums = self.sums
        scale = sums.known_ms / sums.known if sums.known_ms else 1
        done = sums.known_done_ms + scale * sums.guessed_done
        total = sums.known_ms + scale * sums.guessed
        # What sums of fractions are off by is no millisecond less.
        self.show(int(done + _ROUNDING_MS), int(total + _ROUNDING_MS) or None)


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
                feed.sums = feed.sums.plus(episode.sums())

    def heard(self, folder: Path, done_ms: int, total_ms: int | None) -> None:
        """Take down how much of an episode was transcribed."""
        with self._lock:
            if episode := self._episodes.get(folder):
                before = episode.sums()
                episode.ms = max(total_ms or 0, done_ms, episode.ms)
                episode.heard_ms = done_ms
                episode.feed.sums = episode.feed.sums.plus(before, -1).plus(episode.sums())
                episode.feed.tell()

    def end(self, folder: Path, *, counts: bool) -> None:
        """Take down that an episode is through; ``counts`` if anything was done for it."""
        with self._lock:
            episode = self._episodes.pop(folder, None)
            if episode is None:
                return
            feed, before = episode.feed, episode.sums()
            episode.has_ended = True
            feed.sums = feed.sums.plus(before, -1)
            if counts:
                feed.sums = feed.sums.plus(episode.sums())
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
