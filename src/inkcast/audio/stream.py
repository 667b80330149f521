"""Samples as a moving window: only what lies ahead is kept in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from inkcast.audio.decode import SAMPLE_RATE, Samples

SAMPLES_PER_MS = SAMPLE_RATE // 1000


class SampleStream:
    """Random access to a stream of samples, from the last ``forget`` on.

    Args:
        blocks: mono float32 at 16 kHz, in order, as ``stream_samples`` yields them.
        start_ms: where in the recording they begin.
    """

    def __init__(self, blocks: Iterable[Samples], start_ms: int = 0) -> None:
        self._blocks: Iterator[Samples] = iter(blocks)
        self._kept = np.zeros(0, np.float32)
        self._start = start_ms * SAMPLES_PER_MS
        self._ended = False

    @property
    def start_ms(self) -> int:
        """The earliest time that can be read."""
        return -(-self._start // SAMPLES_PER_MS)

    def read(self, start_ms: int, end_ms: int) -> Samples:
        """Samples of [start_ms, end_ms); fewer where the recording ends before.

        Raises:
            ValueError: ``start_ms`` lies before what was forgotten.
        """
        start, end = start_ms * SAMPLES_PER_MS, end_ms * SAMPLES_PER_MS
        if start < self._start:
            raise ValueError(
                f"audio before {self._start // SAMPLES_PER_MS} ms was forgotten, asked for {start_ms}"
            )
        self._fill(end)
        return self._kept[start - self._start : end - self._start]

    def end_ms(self, wanted_ms: int) -> int:
        """``wanted_ms``, or the end of the recording if that comes first."""
        self._fill(wanted_ms * SAMPLES_PER_MS)
        return min(wanted_ms, (self._start + len(self._kept)) // SAMPLES_PER_MS)

    def forget(self, before_ms: int) -> None:
        """Drop everything before ``before_ms``, read or not."""
        before = before_ms * SAMPLES_PER_MS
        while self._start + len(self._kept) < before and not self._ended:
            self._start += len(self._kept)
            self._kept = self._next()
        drop = min(before - self._start, len(self._kept))
        if drop > 0:
            self._kept = self._kept[drop:].copy()
            self._start += drop

    def _fill(self, end: int) -> None:
        pending = [self._kept]
        have = self._start + len(self._kept)
        while have < end and not self._ended:
            pending.append(self._next())
            have += len(pending[-1])
        if len(pending) > 1:
            self._kept = np.concatenate(pending)

    def _next(self) -> Samples:
        block = next(self._blocks, None)
        if block is None:
            self._ended = True
            return np.zeros(0, np.float32)
        return block
