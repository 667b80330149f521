"""What can be heard in a recording, found once for those who ask again soon."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

import numpy as np

from inkcast.alignment.self_trained.cepstra import FRAME_MS, Features, features
from inkcast.alignment.self_trained.pause_borders import Levels, levels_of
from inkcast.audio.recording import Recording

_BLOCK_MS = 10_000
# Sound beside a block that its first and last rows are seen through.
_MARGIN_MS = 100
# 15 MB: what is learned from, and a little more.
_MOST_BLOCKS = 48


@dataclass(frozen=True, slots=True)
class Heard:
    """Features as measured and loudness, every 5 ms from ``start_ms`` on."""

    start_ms: int
    raw: Features
    level: Levels


class Listener:
    """Hears any stretch of a recording; threads may share it."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._blocks: dict[int, Heard] = {}
        self._lock = Lock()

    def hear(self, start_ms: int, end_ms: int) -> Heard:
        """What is heard between two times, or until the recording ends. Raises AudioError.

        Args:
            start_ms, end_ms: multiples of 5, the first not negative and below the second.
        """
        places = range(start_ms // _BLOCK_MS, -(-end_ms // _BLOCK_MS))
        blocks = [self._block(place) for place in places]
        first, last = ((at - places[0] * _BLOCK_MS) // FRAME_MS for at in (start_ms, end_ms))
        raw, level = (
            np.concatenate(parts) for parts in zip(*((b.raw, b.level) for b in blocks), strict=True)
        )
        return Heard(start_ms, raw[first:last], level[first:last])

    def _block(self, place: int) -> Heard:
        with self._lock:
            known = self._blocks.get(place)
        if known is None:
            known = self._measured(place)
            with self._lock:
                self._blocks[place] = known
                # The recording is gone through from its beginning: what comes first is done with first.
                if len(self._blocks) > _MOST_BLOCKS:
                    del self._blocks[min(self._blocks)]
        return known

    def _measured(self, place: int) -> Heard:
        begin = place * _BLOCK_MS
        start = max(0, begin - _MARGIN_MS)
        samples = self._recording.read(start, begin + _BLOCK_MS + _MARGIN_MS)
        rows = slice((begin - start) // FRAME_MS, (begin + _BLOCK_MS - start) // FRAME_MS)
        return Heard(begin, features(samples)[rows].copy(), levels_of(samples)[rows].copy())
