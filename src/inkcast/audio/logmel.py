"""The log-mel spectrogram that Whisper was trained on, without torch.

Source: Radford et al. 2022 (arXiv 2212.04356) §2.2: 80 (large-v3: 128) mel bands, 25 ms Hann windows,
10 ms steps, log10, floor 8 below the maximum, then (x + 4) / 4.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from inkcast.audio.decode import SAMPLE_RATE, Samples
from inkcast.errors import ModelError

N_FFT = 400
HOP_SAMPLES = 160
FRAME_MS = 1000 * HOP_SAMPLES // SAMPLE_RATE

# Frames whose spectra are held at a time: they stay in the processor's cache, in a third of the time.
_BLOCK = 128

LogMel = NDArray[np.float32]


def log_mel(samples: Samples, n_mels: int = 80) -> LogMel:
    """Log-mel spectrogram of a window of audio.

    Args:
        samples: mono float32, shape (n_samples,), 16 kHz.
        n_mels: 80, or 128 for large-v3 and turbo.

    Returns:
        float32, shape (n_mels, n_samples // 160); one column every 10 ms.
    """
    n_frames = len(samples) // HOP_SAMPLES
    if n_frames == 0:
        return np.zeros((n_mels, 0), np.float32)
    margin = N_FFT // 2
    padded = np.pad(samples, margin, mode="reflect") if len(samples) > margin else np.pad(samples, margin)
    frames = sliding_window_view(padded, N_FFT)[::HOP_SAMPLES][:n_frames]
    mel = np.empty((n_mels, n_frames), np.float32)
    for start in range(0, n_frames, _BLOCK):
        spectrum = np.fft.rfft(frames[start : start + _BLOCK] * _hann())
        power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32, copy=False)
        mel[:, start : start + _BLOCK] = _bands(power.T, n_mels)
    np.log10(np.maximum(mel, 1e-10, out=mel), out=mel)
    np.maximum(mel, mel.max() - 8.0, out=mel)
    return np.asarray((mel + 4.0) / 4.0, np.float32)


@cache
def _hann() -> NDArray[np.float32]:
    return np.hanning(N_FFT + 1)[:-1].astype(np.float32)


def _bands(power: NDArray[np.float32], n_mels: int) -> NDArray[np.float32]:
    """Sum the spectrum, shape (n_bins, n_frames), into mel bands, shape (n_mels, n_frames).

    A band covers a few bins only. As a matrix product this costs little more, but NumPy's BLAS then
    starts threads that keep spinning and take half of the machine from the model.
    """
    bins, weights, first = _band_bins(n_mels)
    bands: NDArray[np.float32] = np.add.reduceat(power[bins] * weights[:, None], first, axis=0)
    return bands


@cache
def _band_bins(n_mels: int) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.int64]]:
    """The bins of all bands one after the other, their weights, and where each band begins."""
    filters = _mel_filters(n_mels)
    band, bins = np.nonzero(filters)
    return bins, filters[band, bins], np.searchsorted(band, np.arange(n_mels))


def _mel_filters(n_mels: int) -> NDArray[np.float32]:
    """The filter bank that openai-whisper ships, read without importing the package (it loads torch)."""
    spec = find_spec("whisper")
    if spec is None or not spec.submodule_search_locations:
        raise ModelError("The package openai-whisper is missing.", "Run: pip install openai-whisper")
    with np.load(Path(spec.submodule_search_locations[0]) / "assets" / "mel_filters.npz") as filters:
        return np.ascontiguousarray(filters[f"mel_{n_mels}"], dtype=np.float32)
