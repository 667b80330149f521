"""How loud a recording is to the ear: integrated loudness in LUFS.

Source: ITU-R BS.1770-4, annex 1; coefficients for other rates than 48 kHz follow from the analogue
prototypes, as in libebur128.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inkcast.audio.decode import Samples

SILENT_LUFS = -70.0
"""What is not louder counts as silence."""

_BLOCK_S = 0.4
_STEP_S = 0.1
_RELATIVE_GATE = -10.0
_OFFSET = -0.691
_LOOK_MS = 6


def loudness(samples: Samples, rate: int) -> float:
    """Integrated loudness of mono or of several channels.

    Args:
        samples: shape (n_channels, n_samples), range [-1, 1].
        rate: samples a second.
    Returns:
        LUFS; ``SILENT_LUFS`` for silence. What is shorter than a block of 0.4 s is measured as a whole.
    """
    power = np.square(_weighted(samples, rate)).sum(axis=0)
    blocks = _block_means(power, rate)
    loud = blocks[_lufs(blocks) > SILENT_LUFS]
    if not len(loud):
        return SILENT_LUFS
    gate = _lufs(loud.mean()) + _RELATIVE_GATE
    return float(_lufs(loud[_lufs(loud) > gate].mean()))


def limited(samples: Samples, rate: int, ceiling: float) -> Samples:
    """Turn down what is louder than ``ceiling``, smoothly, from a few milliseconds before to after it.

    Args:
        samples: shape (n_channels, n_samples), any range.
        rate: samples a second.
        ceiling: no sample of the result is above it.
    """
    step = max(1, rate // 1000)
    n_samples = samples.shape[1]
    peaks = np.abs(samples).max(axis=0, initial=0.0)
    peaks = np.pad(peaks, (0, -n_samples % step)).reshape(-1, step).max(axis=1)
    need = np.pad(ceiling / np.maximum(peaks, ceiling), 2 * _LOOK_MS, mode="edge")
    width = 2 * _LOOK_MS + 1
    lowest = np.lib.stride_tricks.sliding_window_view(need, width).min(axis=1)
    smooth = np.lib.stride_tricks.sliding_window_view(lowest, width).mean(axis=1)
    middles = (np.arange(len(smooth)) + 0.5) * step
    gain = np.interp(np.arange(n_samples), middles, smooth)
    result: Samples = np.clip(samples * gain, -ceiling, ceiling).astype(np.float32)
    return result


def _lufs(power: NDArray[np.float64]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = _OFFSET + 10 * np.log10(np.maximum(power, 1e-12))
    return result


def _block_means(power: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    width, step = round(_BLOCK_S * rate), round(_STEP_S * rate)
    if len(power) <= width:
        return power.mean(keepdims=True) if len(power) else np.zeros(1)
    sums = np.concatenate(([0.0], np.cumsum(power)))
    starts = np.arange(0, len(power) - width + 1, step)
    means: NDArray[np.float64] = (sums[starts + width] - sums[starts]) / width
    return means


def _weighted(samples: Samples, rate: int) -> NDArray[np.float64]:
    """K-weighting by frequency response: a loop over samples would be too slow in Python."""
    n_samples = samples.shape[-1]
    n_fft = 1 << (n_samples + rate // 4).bit_length()  # room for the filter's tail
    angle = np.exp(-2j * np.pi * np.fft.rfftfreq(n_fft))
    response = _response(_shelf(rate), angle) * _response(_high_pass(rate), angle)
    spectrum = np.fft.rfft(samples.astype(np.float64), n_fft)
    weighted: NDArray[np.float64] = np.fft.irfft(spectrum * response, n_fft)[..., :n_samples]
    return weighted


Biquad = tuple[tuple[float, float, float], tuple[float, float, float]]


def _response(biquad: Biquad, angle: NDArray[np.complex128]) -> NDArray[np.complex128]:
    (b0, b1, b2), (a0, a1, a2) = biquad
    response: NDArray[np.complex128] = (b0 + b1 * angle + b2 * angle**2) / (a0 + a1 * angle + a2 * angle**2)
    return response


def _shelf(rate: int) -> Biquad:
    """Stage 1: the head lifts high frequencies by 4 dB."""
    k, q, gain = np.tan(np.pi * 1681.974450955533 / rate), 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    root = gain**0.4996667741545416
    return (
        (gain + root * k / q + k * k, 2 * (k * k - gain), gain - root * k / q + k * k),
        (1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k),
    )


def _high_pass(rate: int) -> Biquad:
    """Stage 2: the ear is weak at low frequencies."""
    k, q = np.tan(np.pi * 38.13547087602444 / rate), 0.5003270373238773
    scale = 1 + k / q + k * k
    return (scale, -2 * scale, scale), (1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k)
