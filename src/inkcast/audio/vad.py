"""Where nobody speaks: levels, speech spans, and the best place to cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from inkcast.audio.decode import SAMPLE_RATE, Samples
from inkcast.audio.spans import Span, joined

LEVEL_MS = 10
SAMPLES_A_LEVEL = SAMPLE_RATE * LEVEL_MS // 1000
# Not measured: chosen by hand. What is louder than this below full scale may be speech.
_SILENT_DB = -60.0
# How far below the loud the quiet is looked for, at most.
RANGE_DB = 45.0
_THRESHOLD_SHARE = 0.3
_LEAST_BELOW_LOUD_DB = 6.0
_BRIDGE_MS = 200
_CUT_WIDTH_MS = 300
# docs/guided.md: speech is quiet between its syllables for a tenth of the time or more, music is not.
_QUIET_DB = 20.0
_STEADY_SHARE = 0.06
_SHORTEST_STEADY_MS = 1_000
_HALF_MINUTE_SAMPLES = 30 * SAMPLE_RATE

Levels = NDArray[np.float32]


def levels(samples: Samples) -> Levels:
    """Loudness of every 10 ms, in dB below full scale, shape (n_samples // 160,)."""
    n = len(samples) // SAMPLES_A_LEVEL
    power = np.square(samples[: n * SAMPLES_A_LEVEL].reshape(n, SAMPLES_A_LEVEL)).mean(axis=1)
    result: Levels = (10 * np.log10(np.maximum(power, 1e-10))).astype(np.float32)
    return result


def speech_mask(level: Levels, share: float = _THRESHOLD_SHARE) -> NDArray[np.bool_]:
    """Which 10 ms frames hold speech (or any sound that stands out).

    The threshold follows the recording: a ``share`` of the way from its quiet to its loud frames, so that
    both a studio voice and a hissing cassette have pauses.
    """
    if len(level) == 0:
        return np.zeros(0, np.bool_)
    loud = float(np.percentile(level, 95))
    if loud < _SILENT_DB:
        return np.zeros(len(level), np.bool_)
    quiet = max(float(np.percentile(level, 5)), loud - RANGE_DB)
    # Sound without pauses (music, a fan) has no quiet frames to measure from: all of it stands out.
    threshold = min(quiet + share * (loud - quiet), loud - _LEAST_BELOW_LOUD_DB)
    mask: NDArray[np.bool_] = _smooth(level, 3) > threshold
    return mask


def is_steady(level: Levels) -> bool:
    """Whether the sound goes on for a second or more without the quiet moments that speech has."""
    if len(level) * LEVEL_MS < _SHORTEST_STEADY_MS:
        return False
    loud = float(np.percentile(level, 95))
    return float((level < loud - _QUIET_DB).mean()) < _STEADY_SHARE


def _smooth(level: Levels, width: int) -> Levels:
    """Moving average. The ends are continued: a zero beyond them would be full loudness in dB."""
    padded = np.pad(level, (width // 2, (width - 1) // 2), mode="edge")
    return np.convolve(padded, np.ones(width, np.float32) / width, mode="valid").astype(np.float32)


def speech_spans(mask: NDArray[np.bool_], bridge_ms: int = _BRIDGE_MS) -> list[Span]:
    """Stretches of speech in ms from the mask's start; pauses shorter than ``bridge_ms`` are bridged."""
    spans = ((first * LEVEL_MS, end * LEVEL_MS) for first, end in true_stretches(mask))
    return joined(spans, bridge_ms - 1)


def true_stretches(mask: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Where a mask is true: first index, and the one behind the last."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        yield int(first), int(end)


def speech_of(blocks: Iterable[Samples]) -> list[Span]:
    """Stretches of speech of a whole recording, in ms; the threshold is found anew every half minute."""
    spans: list[Span] = []
    offset = 0
    for samples in _half_minutes(blocks):
        spans += [(offset + start, offset + end) for start, end in speech_spans(speech_mask(levels(samples)))]
        offset += len(samples) * 1000 // SAMPLE_RATE
    return spans


def _half_minutes(blocks: Iterable[Samples]) -> Iterator[Samples]:
    pending: list[Samples] = []
    for block in blocks:
        pending.append(block)
        if sum(map(len, pending)) >= _HALF_MINUTE_SAMPLES:
            yield np.concatenate(pending)
            pending = []
    if pending:
        yield np.concatenate(pending)


def best_cut(level: Levels, earliest_ms: int, latest_ms: int) -> int:
    """The middle of the quietest 0.3 s between two times, in ms from the start of ``level``."""
    first, last = earliest_ms // LEVEL_MS, min(latest_ms // LEVEL_MS, len(level))
    if last <= first:
        return min(latest_ms, len(level) * LEVEL_MS)
    smooth = _smooth(np.maximum(level, _SILENT_DB - 20), _CUT_WIDTH_MS // LEVEL_MS)
    # Of equal pauses the last: longer windows are fewer.
    reverse = smooth[first:last][::-1]
    return (last - 1 - int(np.argmin(reverse))) * LEVEL_MS
