"""Channels that cancel each other when they are mixed: one of them is heard alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from av.audio.frame import format_dtypes
from numpy.typing import NDArray

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame

# Not measured: chosen by hand.
_WINDOW_S = 0.05
_CANCELS = 0.1
"""The mix has less than this share of the power of the difference."""
_EVERY = 16
"""Of so many samples one is looked at, which says as much about power."""


def keep_from_cancelling(frame: AudioFrame) -> None:
    """Where left and right are nearly each other's opposite, put the left into both.

    Args:
        frame: seconds of sound; its own samples are changed, none of them elsewhere.
    """
    if frame.layout.nb_channels < 2:
        return
    channels = _channels(frame)
    share = _share_of_left(channels, frame.sample_rate)
    if share is not None:
        left, right = channels[0].astype(np.float32), channels[1].astype(np.float32)
        channels[1][:] = (right + share * (left - right)).astype(channels[1].dtype)


def _channels(frame: AudioFrame) -> list[NDArray[Any]]:
    """Views of its channels, each of shape (n_samples,)."""
    dtype, n_channels = np.dtype(format_dtypes[frame.format.name]), frame.layout.nb_channels
    planes: list[NDArray[Any]] = [np.frombuffer(memoryview(plane), dtype) for plane in frame.planes]
    if frame.format.is_planar:
        return [plane[: frame.samples] for plane in planes]
    return [planes[0][channel : frame.samples * n_channels : n_channels] for channel in range(n_channels)]


def _share_of_left(channels: list[NDArray[Any]], rate: int) -> NDArray[np.float32] | None:
    """How much of the right is replaced by the left, 0 to 1, shape (n_samples,); None if nowhere any."""
    some = np.stack([channel[::_EVERY].astype(np.float32) for channel in channels])
    if channels[0].dtype == np.uint8:
        some -= 128
    width = min(round(_WINDOW_S * rate / _EVERY), some.shape[1])
    n_windows = some.shape[1] // width
    mix, difference = (_power(each, width, n_windows) for each in (some.sum(axis=0), some[0] - some[1]))
    cancels = mix < _CANCELS * difference
    if not cancels.any():
        return None
    centres = (np.arange(n_windows) + 0.5) * width * _EVERY
    share: NDArray[np.float32] = np.interp(np.arange(len(channels[0])), centres, cancels).astype(np.float32)
    return share


def _power(samples: NDArray[np.float32], width: int, n_windows: int) -> NDArray[np.float32]:
    windows = samples[: n_windows * width].reshape(n_windows, width)
    power: NDArray[np.float32] = np.einsum("ij,ij->i", windows, windows)
    return power
