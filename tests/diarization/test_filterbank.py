"""Kaldi's filterbank, by what is known of sounds that can be calculated."""

from __future__ import annotations

import numpy as np
import pytest

from inkcast.diarization.filterbank import N_BANDS, filterbank
from tests.support.sounds import sine


@pytest.mark.parametrize("hz", [200, 440, 1_000, 3_000, 7_000])
def test_a_tone_is_loudest_in_the_band_around_it(hz: int) -> None:
    mel = lambda f: 1127 * np.log(1 + f / 700)  # noqa: E731
    middles = np.linspace(mel(20), mel(8_000), N_BANDS + 2)[1:-1]
    loudest = filterbank(sine(hz, 1.0)).mean(axis=0).argmax()
    assert abs(int(loudest) - int(np.abs(middles - mel(hz)).argmin())) <= 1


def test_twice_as_loud_is_four_times_the_power_in_every_band() -> None:
    noise = np.random.default_rng(1).standard_normal(16_000).astype(np.float32)
    assert np.allclose(filterbank(2 * noise) - filterbank(noise), np.log(4), atol=1e-3)


def test_an_offset_is_not_heard() -> None:
    noise = np.random.default_rng(2).standard_normal(16_000).astype(np.float32)
    assert np.allclose(filterbank(noise + 0.5), filterbank(noise), atol=0.05)


@pytest.mark.parametrize(
    ("n_samples", "n_frames"), [(0, 0), (399, 0), (400, 1), (559, 1), (560, 2), (160_000, 998)]
)
def test_windows_lie_whole_inside_the_sound(n_samples: int, n_frames: int) -> None:
    assert filterbank(np.zeros(n_samples, np.float32)).shape == (n_frames, N_BANDS)
