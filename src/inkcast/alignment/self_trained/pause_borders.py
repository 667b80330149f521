"""Words' starts after pauses and ends before them, by loudness; short silences as part of a stop."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inkcast.alignment.self_trained.cepstra import FRAME_MS
from inkcast.audio.decode import SAMPLE_RATE, Samples
from inkcast.audio.spans import Span

Levels = NDArray[np.float32]
"""Loudness in dB below full scale, every 5 ms."""

STOPS = frozenset(("P", "T", "K", "B", "D", "G", "CH", "JH"))

_HOP = SAMPLE_RATE * FRAME_MS // 1000  # samples
_WIDTH = 2 * _HOP
_LEAST_POWER = 1e-10
# Of the way, in dB, from a pause's quiet to a word's loud.
_START_SHARE, _END_SHARE = 0.35, 0.5
_LEAST_RANGE_DB = 15.0
_QUIET_PERCENTILE, _LOUD_PERCENTILE = 30, 90
_LEAST_PAUSE_MS = 50
_LONGEST_CLOSURE_MS = 120
_LONGEST_HOLE_MS = 40
# Frames: quiet ones that end a sound, and how far an edge moves.
_HOLE = 4
_FARTHEST = 30
_EDGE_MS = 500
_SHORTEST_MS = 20
# From a level's first sample to the middle of what it measures that a start or an end is put at.
_START_LEAD_MS, _END_LEAD_MS, _LAST_LOUD_LEAD_MS = 2, 3, 8


def levels_of(samples: Samples) -> Levels:
    """Loudness of 10 ms from every 5 ms on."""
    power = np.concatenate(([0.0], np.cumsum(np.square(samples, dtype=np.float64))))
    at = np.arange(max(0, (len(samples) - _WIDTH) // _HOP + 1)) * _HOP
    mean = (power[at + _WIDTH] - power[at]) / _WIDTH
    return np.asarray(10 * np.log10(np.maximum(mean, _LEAST_POWER)), np.float32)


def without_closures(spans: Sequence[Span], edges: Sequence[tuple[str, str]]) -> list[Span]:
    """Give short silences between words to the stop that they are the closure of.

    Args:
        spans: of words, in order.
        edges: each word's first and last phone.
    """
    closed = list(spans)
    for at in range(1, len(closed)):
        before, after = closed[at - 1], closed[at]
        gap = after[0] - before[1]
        if not 0 < gap < _LONGEST_CLOSURE_MS:
            continue
        if edges[at][0] in STOPS:
            closed[at] = before[1], after[1]
        elif edges[at - 1][1] in STOPS or gap <= _LONGEST_HOLE_MS:
            closed[at - 1] = before[0], after[0]
    return closed


def beside_pauses(spans: Sequence[Span], level: Levels) -> list[Span]:
    """Starts after pauses at the sound's onset, ends before them at its offset; in ms of ``level``."""
    result = list(spans)
    total = len(level) * FRAME_MS
    for at, (start, end) in enumerate(spans):
        before = spans[at - 1][1] if at else max(0, start - _EDGE_MS)
        after = spans[at + 1][0] if at + 1 < len(spans) else min(total, end + _EDGE_MS)
        new_start = _onset(level, before, start, end) if start - before >= _LEAST_PAUSE_MS else start
        new_end = _offset(level, start, end, after) if after - end >= _LEAST_PAUSE_MS else end
        if new_end - new_start >= _SHORTEST_MS:
            result[at] = new_start, new_end
    return result


def _threshold(level: Levels, quiet: slice, loud: slice, share: float) -> float | None:
    """A loudness between a pause's and a word's; None where they are too alike to tell."""
    if len(level[quiet]) == 0 or len(level[loud]) == 0:
        return None
    low = float(np.percentile(level[quiet], _QUIET_PERCENTILE))
    high = float(np.percentile(level[loud], _LOUD_PERCENTILE))
    return low + share * (high - low) if high - low >= _LEAST_RANGE_DB else None


def _onset(level: Levels, pause: int, start: int, end: int) -> int:
    first, at, last = (ms // FRAME_MS for ms in (pause, start, end))
    limit = _threshold(level, slice(first, at), slice(at, last), _START_SHARE)
    if limit is None:
        return start
    if level[at] > limit:
        earliest = max(first, at - _FARTHEST)
        while at > earliest and level[at - 1] > limit:
            at -= 1
        return min(start, at * FRAME_MS + _START_LEAD_MS)
    loud = np.flatnonzero(level[at:last] > limit)
    return (at + int(loud[0])) * FRAME_MS + _START_LEAD_MS if len(loud) else start


def _offset(level: Levels, start: int, end: int, pause: int) -> int:
    first, at, last = (min(ms // FRAME_MS, len(level)) for ms in (start, end, pause))
    limit = _threshold(level, slice(at, last), slice(first, at), _END_SHARE)
    if limit is None:
        return end
    if level[at - 1] > limit:
        return _last_loud(level, at, last, limit) * FRAME_MS + _END_LEAD_MS
    earliest = max(first, at - _FARTHEST)
    loud = np.flatnonzero(level[earliest:at] > limit)
    return (earliest + int(loud[-1])) * FRAME_MS + _LAST_LOUD_LEAD_MS if len(loud) else end


def _last_loud(level: Levels, at: int, last: int, limit: float) -> int:
    """Where the sound that goes on at ``at`` ends; short holes belong to it."""
    quiet = 0
    for frame in range(at, min(last, at + _FARTHEST)):
        quiet = 0 if level[frame] > limit else quiet + 1
        if quiet == 0:
            at = frame + 1
        elif quiet >= _HOLE:
            break
    return at
