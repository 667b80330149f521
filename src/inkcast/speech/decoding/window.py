"""A stretch of a recording, encoded: what both ways of transcribing work on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inkcast.audio.decode import SAMPLE_RATE
from inkcast.audio.logmel import FRAME_MS, log_mel
from inkcast.audio.stream import SampleStream
from inkcast.audio.vad import LEVEL_MS, best_cut, levels, speech_mask
from inkcast.speech.engines.engine import TOKEN_FRAME_MS, WINDOW_FRAMES, Engine, Features, Verification

# Free decoding runs on and repeats itself when a window ends with the last word; with this much
# silence behind it, it stops. More (Whisper pads to 30 s) changes nothing but the time: docs/guided.md.
PADDING_MS = 4000
# Not measured: chosen by hand.
_SHORTEST_WORD_MS = 40
_PAUSE_FRAMES = 20


@dataclass(frozen=True, slots=True)
class Window:
    """Audio of [start_ms, end_ms) and what the encoder made of it.

    ``mask`` says for each 10 ms whether there is speech; ``n_frames`` counts the log-mel columns that
    hold audio, ``features`` may cover padding beyond them.
    """

    start_ms: int
    end_ms: int
    mask: NDArray[np.bool_]
    features: Features
    n_frames: int

    def speech_ms(self, start_ms: int, end_ms: int) -> int:
        """Milliseconds of speech in a stretch of the window (times in the recording)."""
        first = max(0, (start_ms - self.start_ms) // LEVEL_MS)
        last = max(first, (end_ms - self.start_ms) // LEVEL_MS)
        return int(np.count_nonzero(self.mask[first:last])) * LEVEL_MS

    def trim(self, start_ms: int, end_ms: int) -> tuple[int, int]:
        """Take the silence off both ends of a word, as far as something of it remains."""
        first = max(0, (start_ms - self.start_ms) // LEVEL_MS)
        last = max(first + 1, (end_ms - self.start_ms) // LEVEL_MS)
        spoken = np.flatnonzero(self.mask[first:last])
        if len(spoken) * LEVEL_MS < _SHORTEST_WORD_MS:
            # Attention gives the pause before a sentence to its first word.
            if not self.mask[max(0, first - 1) : last].any():
                start_ms = max(start_ms, end_ms - _SHORTEST_WORD_MS)
            start_ms = min(start_ms, self.end_ms - _SHORTEST_WORD_MS)
            return start_ms, max(end_ms, start_ms + _SHORTEST_WORD_MS)
        trimmed_start = self.start_ms + (first + int(spoken[0])) * LEVEL_MS
        trimmed_end = self.start_ms + (first + int(spoken[-1]) + 1) * LEVEL_MS
        return max(start_ms, trimmed_start), min(end_ms, trimmed_end)

    def next_pause(self, time_ms: int, within_ms: int) -> int | None:
        """Where a pause begins at ``time_ms`` or a little later, with what is left of a word before it."""
        first = max(0, (time_ms - self.start_ms) // LEVEL_MS)
        for frame in range(first, min(first + within_ms // LEVEL_MS, len(self.mask) - _PAUSE_FRAMES) + 1):
            if not self.mask[frame : frame + _PAUSE_FRAMES].any():
                return max(time_ms, self.start_ms + frame * LEVEL_MS)
        return None

    def token_times(self, verification: Verification, bias_ms: int) -> list[int]:
        """Start of each token and end of the last, in ms of the recording, the model's bias taken off."""
        times = self.start_ms + verification.starts * TOKEN_FRAME_MS - bias_ms
        return [int(time) for time in np.clip(times, self.start_ms, self.end_ms)]


@dataclass(frozen=True, slots=True)
class WindowLimits:
    """How long a window may be; it is cut at the quietest place between the two."""

    min_ms: int
    max_ms: int
    padding_ms: int = 0


def window_end(stream: SampleStream, start_ms: int, limits: WindowLimits) -> int:
    """Where to end a window that starts at ``start_ms``: a pause, or the end of the recording.

    What is left after it is at least half of the shortest window, or nothing.
    """
    least = limits.min_ms // 2
    end = stream.end_ms(start_ms + limits.max_ms + least)
    if end - start_ms <= limits.max_ms:
        return end
    level = levels(stream.read(start_ms, end))
    return start_ms + best_cut(level, limits.min_ms, end - start_ms - least)


def open_window(
    engine: Engine, stream: SampleStream, start_ms: int, end_ms: int, padding_ms: int = 0
) -> Window:
    """Encode a stretch of the recording."""
    return open_windows(engine, [(stream, start_ms, end_ms)], padding_ms)[0]


def open_windows(
    engine: Engine, spans: Sequence[tuple[SampleStream, int, int]], padding_ms: int = 0
) -> list[Window]:
    """Encode stretches of recordings as one batch, each padded to the longest."""
    stretches = [stream.read(start, end) for stream, start, end in spans]
    longest = max(len(samples) for samples in stretches)
    n_frames = min(WINDOW_FRAMES, -(-longest // 320) * 2 + padding_ms // FRAME_MS)
    n_samples = n_frames * FRAME_MS * SAMPLE_RATE // 1000
    mels = [
        log_mel(np.pad(samples[:n_samples], (0, max(0, n_samples - len(samples)))), engine.n_mels)
        for samples in stretches
    ]
    features = engine.encode(mels)
    return [
        Window(start, end, speech_mask(levels(samples)), encoded, min(n_frames, max(2, len(samples) // 160)))
        for (_, start, end), samples, encoded in zip(spans, stretches, features, strict=True)
    ]
