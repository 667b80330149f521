"""Where in a recording each word is sought, around where it was heard."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inkcast.alignment.forced_aligner import ExpectedWord
from inkcast.alignment.self_trained.cepstra import FRAME_MS

Windows = NDArray[np.int64]
"""For each word (earliest, surely from, surely until, latest) in ms, shape (n_words, 4)."""

WINDOW_MS = 500
"""Sound, without the silence in it, by which a word may have been heard too early or too late."""
REACH_MS = 2_500
"""The same with silence."""

# Until here a word's place costs nothing.
_SURE_MS = 80


def search_windows(
    words: Sequence[ExpectedWord], start_ms: int, is_sound: NDArray[np.bool_], window_ms: int = WINDOW_MS
) -> Windows:
    """Each word's window, counted in sound: a word heard in the silence before it may be seconds off.

    Args:
        words: in order, at least one.
        start_ms: where ``is_sound`` begins in the recording.
        is_sound: which frames stand out from the silence.
        window_ms: sound by which words may be off.
    """
    sound_ms = np.concatenate(([0], np.cumsum(is_sound))) * FRAME_MS
    limit, reach = len(is_sound), REACH_MS // FRAME_MS

    def moved(at_ms: NDArray[np.int64], by_ms: int) -> NDArray[np.int64]:
        at = np.clip((at_ms - start_ms) // FRAME_MS, 0, limit)
        if by_ms < 0:
            found = np.searchsorted(sound_ms, sound_ms[at] + by_ms, "left")
            frame = np.clip(found, at - reach, at + by_ms // FRAME_MS)
        else:
            found = np.searchsorted(sound_ms, sound_ms[at] + by_ms, "right")
            frame = np.clip(found, at + by_ms // FRAME_MS, at + reach)
        return np.asarray(start_ms + np.clip(frame, 0, limit) * FRAME_MS, np.int64)

    starts = np.array([word.start_ms for word in words])
    ends = np.array([word.end_ms for word in words])
    edges = (
        moved(starts, -window_ms),
        moved(starts, -_SURE_MS),
        moved(ends, _SURE_MS),
        moved(ends, window_ms),
    )
    return np.stack(edges, 1)
