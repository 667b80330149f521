"""What a recording sounds like, every 5 ms: mel cepstra, their slopes and the slopes' slopes.

Source: Davis and Mermelstein, Comparison of parametric representations for monosyllabic word recognition
in continuously spoken sentences (1980); slopes: Furui (1986).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from inkcast.alignment.self_trained.compiled import compiled
from inkcast.audio.decode import SAMPLE_RATE, Samples

Features = NDArray[np.float32]

FRAME_MS = 5
CEPSTRA = 13
DIMENSIONS = 3 * CEPSTRA

_HOP = SAMPLE_RATE * FRAME_MS // 1000  # samples
_WINDOW = 4 * _HOP
_FFT = 512
_BANDS = 26
_LOWEST_HZ, _HIGHEST_HZ = 80.0, 7_600.0
_PRE_EMPHASIS = np.float32(0.97)
_LEAST_POWER = np.float32(1e-6)
# Frames whose spectra are held at a time: they stay in the processor's cache, in a third of the time.
_BLOCK = 64
# A slope is fitted to frames at these distances before and after.
_NEAR, _FAR = 2, 4
# Where loudness stands out, of the way from a recording's quiet (5 %) to its loud (95 %).
_SOUND_SHARE, _LOUD_SHARE = 0.3, 0.55
_LEAST_DEVIATION = 1e-3


def features(samples: Samples) -> Features:
    """Cepstra with slopes, shape (n_samples // 80, 39), from mono float32 at 16 kHz.

    Row t is seen through 20 ms around the middle of its own 5 ms. Column 0 rises with loudness.
    """
    frames = len(samples) // _HOP
    if frames == 0:
        return np.zeros((0, DIMENSIONS), np.float32)
    margin = (_WINDOW - _HOP) // 2
    padded = np.pad(samples, (margin + 1, margin + _WINDOW))
    emphasised = padded[1:] - _PRE_EMPHASIS * padded[:-1]
    windows = np.lib.stride_tricks.sliding_window_view(emphasised, _WINDOW)[::_HOP]
    blocks = []
    for start in range(0, frames, _BLOCK):
        rows = windows[start : min(start + _BLOCK, frames)] * _hamming()
        # Without a factor of its own kind NumPy takes float32 for float64, and five times as long.
        spectrum = _FFT * np.fft.rfft(rows, _FFT, norm="forward")
        power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32, copy=False)
        blocks.append(_cepstra(power, *_mel_bands(), _LEAST_POWER))
    return _with_slopes(np.concatenate(blocks), _NEAR, _FAR)


@dataclass(frozen=True, slots=True)
class Scale:
    """Mean and deviation of a recording's features, and what counts as sound and as loud in column 0."""

    mean: NDArray[np.float32]
    inverse_deviation: NDArray[np.float32]
    sound_from: float
    loud_from: float

    @classmethod
    def of(cls, found: Features) -> Scale:
        """Measure a recording, or a sample of it: at least one frame."""
        quiet, loud = (float(level) for level in np.percentile(found[:, 0], (5, 95)))
        return cls(
            found.mean(0),
            1 / np.maximum(found.std(0), _LEAST_DEVIATION),
            quiet + _SOUND_SHARE * (loud - quiet),
            quiet + _LOUD_SHARE * (loud - quiet),
        )

    def apply(self, found: Features) -> Features:
        """Features with mean 0 and variance 1."""
        return (found - self.mean) * self.inverse_deviation


@cache
def _hamming() -> NDArray[np.float32]:
    return np.hamming(_WINDOW).astype(np.float32)


@cache
def _mel_bands() -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
    """First bin of each mel band, its bins' weights (padded with zeros), and the cosine transform."""
    lowest, highest = _mel(np.array([_LOWEST_HZ, _HIGHEST_HZ]))
    edges = np.linspace(lowest, highest, _BANDS + 2)
    bins = _mel(np.arange(_FFT // 2 + 1) * SAMPLE_RATE / _FFT)
    rising = (bins[None] - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins[None]) / (edges[2:] - edges[1:-1])[:, None]
    weights = np.maximum(0, np.minimum(rising, falling))
    first = np.array([np.flatnonzero(row)[0] for row in weights])
    table = np.zeros((_BANDS, int(np.count_nonzero(weights, axis=1).max())), np.float32)
    for band, row in enumerate(weights):
        used = np.flatnonzero(row)
        table[band, : len(used)] = row[used]
    order, centre = np.arange(CEPSTRA)[:, None], np.arange(_BANDS)[None] + 0.5
    cosines = np.cos(np.pi * order * centre / _BANDS) * np.sqrt(2 / _BANDS)
    return first, table, cosines.astype(np.float32)


def _mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1127.0 * np.log1p(hz / 700.0))


@compiled(fastmath=True)
def _cepstra(
    power: NDArray[np.float32],
    first: NDArray[np.int64],
    table: NDArray[np.float32],
    cosines: NDArray[np.float32],
    floor: np.float32,
) -> Features:  # pragma: no cover
    frames, bins = power.shape
    bands, width = table.shape
    count = cosines.shape[0]
    out = np.zeros((frames, count), np.float32)
    energy = np.zeros(bands, np.float32)
    for t in range(frames):
        for b in range(bands):
            total = floor
            for i in range(min(width, bins - first[b])):
                total += table[b, i] * power[t, first[b] + i]
            energy[b] = np.log(total)
        for k in range(count):
            total = np.float32(0)
            for b in range(bands):
                total += cosines[k, b] * energy[b]
            out[t, k] = total
    return out


@compiled(fastmath=True)
def _with_slopes(base: Features, near: int, far: int) -> Features:  # pragma: no cover
    frames, n = base.shape
    out = np.zeros((frames, 3 * n), np.float32)
    for t in range(frames):
        for k in range(n):
            out[t, k] = base[t, k]
    share = np.float32(0.1)
    for level in range(2):
        a, b = level * n, (level + 1) * n
        for t in range(frames):
            p1, p2 = min(frames - 1, t + near), min(frames - 1, t + far)
            m1, m2 = max(0, t - near), max(0, t - far)
            for k in range(n):
                out[t, b + k] = share * (
                    out[p1, a + k] - out[m1, a + k] + 2 * (out[p2, a + k] - out[m2, a + k])
                )
    return out
