"""Where the sound of a word begins after a pause, by loudness."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inkcast.audio.decode import SAMPLE_RATE, Samples
from inkcast.audio.vad import RANGE_DB

# docs/accuracy.md, onsets after pauses. Of the way from the quiet to the loud; below lie room noise and
# most breaths.
_THRESHOLD_SHARE = 0.2
_HOP_MS = 5
# A start just before the sound is heard as right, one after it is not.
_LEAST_LEAD_MS = 20
# Not measured: chosen by hand. Recordings with less between quiet and loud have no pauses to measure.
_LEAST_RANGE_DB = 20.0
_WIDTH_MS = 10
_STEADY_HOPS = 4
_MOST_EARLIER_MS = 150
_SHORTEST_SOUND_MS = 30


class Loudness:
    """How loud a stretch of audio is, 5 ms by 5 ms, and which of it stands out from its quiet.

    Args:
        samples: mono float32 at 16 kHz, pauses among them.
    """

    def __init__(self, samples: Samples) -> None:
        self._is_loud = _stands_out(_levels(samples))

    def onset(self, start_ms: int, earliest_ms: int, end_ms: int) -> int:
        """Move a word's start to where its sound begins.

        A start amid sound moves back to that sound's begin, one in silence on to the next sound.

        Args:
            start_ms: where the word begins, a pause before it.
            earliest_ms: where the pause begins.
            end_ms: where the word ends.

        Returns:
            The onset; ``start_ms`` where there is none within the word, or too near to matter.
        """
        loud = self._is_loud
        at = start_ms // _HOP_MS
        if at < len(loud) and loud[at]:
            first = max(earliest_ms, start_ms - _MOST_EARLIER_MS) // _HOP_MS
            return min(start_ms, self._begin(at, first) * _HOP_MS + _WIDTH_MS // 2)
        for frame in range(at, min(end_ms - _SHORTEST_SOUND_MS, len(loud) * _HOP_MS) // _HOP_MS):
            if loud[frame : frame + _STEADY_HOPS].all():
                onset = frame * _HOP_MS + _WIDTH_MS // 2
                return onset if onset - start_ms >= _LEAST_LEAD_MS else start_ms
        return start_ms

    def _begin(self, at: int, first: int) -> int:
        """The first frame of the sound at ``at``; holes as short as in a stop's burst belong to it."""
        begin = at
        for frame in range(at - 1, first, -1):
            if self._is_loud[frame]:
                begin = frame
            elif begin - frame >= _STEADY_HOPS:
                break
        return begin


def _levels(samples: Samples) -> NDArray[np.float64]:
    """Loudness in dB below full scale of windows of 10 ms, one every 5 ms."""
    hop, width = (SAMPLE_RATE * ms // 1000 for ms in (_HOP_MS, _WIDTH_MS))
    power = np.concatenate(([0.0], np.cumsum(np.square(samples, dtype=np.float64))))
    starts = np.arange(max(0, (len(samples) - width) // hop)) * hop
    levels: NDArray[np.float64] = 10 * np.log10(
        np.maximum((power[starts + width] - power[starts]) / width, 1e-10)
    )
    return levels


def _stands_out(levels: NDArray[np.float64]) -> NDArray[np.bool_]:
    if not len(levels):
        return np.zeros(0, np.bool_)
    quiet, loud = np.percentile(levels, (5, 95))
    if loud - quiet < _LEAST_RANGE_DB:
        return np.zeros(len(levels), np.bool_)
    quiet = max(quiet, loud - RANGE_DB)
    above: NDArray[np.bool_] = levels > quiet + _THRESHOLD_SHARE * (loud - quiet)
    return above
