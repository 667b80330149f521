"""The mel filterbank that speaker models were trained on: Kaldi's, not Whisper's.

Source: Kaldi's ``compute-fbank-feats`` (kaldi-asr.org/doc/feat.html): windows of 25 ms every 10 ms that lie
whole inside the sound, each without its mean, pre-emphasis 0.97, Povey's window, power, natural logarithm.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from inkcast.audio.decode import SAMPLE_RATE, Samples

N_BANDS = 80
HOP_SAMPLES = SAMPLE_RATE // 100

_WINDOW = 400
_N_FFT = 512
_PRE_EMPHASIS = 0.97
_LOWEST_HZ = 20.0
_FLOOR = np.finfo(np.float32).eps


def filterbank(samples: Samples) -> NDArray[np.float32]:
    """Log energies, shape (n_frames, 80), one row every 10 ms; (n_samples - 240) // 160 rows, none if short.

    Args:
        samples: mono float32, shape (n_samples,), 16 kHz.
    """
    if len(samples) < _WINDOW:
        return np.zeros((0, N_BANDS), np.float32)
    frames = sliding_window_view(samples, _WINDOW)[::HOP_SAMPLES]
    frames = frames - frames.mean(axis=1, keepdims=True)
    before = np.concatenate((frames[:, :1], frames[:, :-1]), axis=1)
    spectrum = np.fft.rfft((frames - _PRE_EMPHASIS * before) * _povey(), _N_FFT)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    return np.asarray(np.log(np.maximum(power @ _bands(), _FLOOR)), np.float32)


@cache
def _povey() -> NDArray[np.float32]:
    return (np.hanning(_WINDOW) ** 0.85).astype(np.float32)


@cache
def _bands() -> NDArray[np.float32]:
    """Triangles on the mel scale, shape (257, 80)."""
    mel = 1127 * np.log1p(np.arange(_N_FFT // 2 + 1) * SAMPLE_RATE / _N_FFT / 700)
    lowest, highest = 1127 * np.log1p(np.array([_LOWEST_HZ, SAMPLE_RATE / 2]) / 700)
    edges = np.linspace(lowest, highest, N_BANDS + 2)
    rising = (mel[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - mel[:, None]) / (edges[2:] - edges[1:-1])
    return np.asarray(np.maximum(np.minimum(rising, falling), 0), np.float32)
